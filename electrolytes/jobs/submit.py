"""The program that hands the tasks of submission.json to dpdispatcher and waits for their end.

    python -m ionspice.electrolytes.jobs.submit submission.json

It runs in the folder of the jobs, where dpdispatcher writes its log.
"""

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dpdispatcher import Submission

#: seconds between looks at jobs
_INTERVALS = {"Shell": 1}
_INTERVAL = 20


def submit(spec: dict[str, Any]) -> None:
    """Run the tasks of a specification to their end.

    Raises:
        RuntimeError: a job failed several times.
    """
    from dpdispatcher import Machine, Resources, Task

    logger = logging.getLogger("dpdispatcher")
    logger.handlers = logger.handlers[-1:]  # the one of standard output, which goes to the same file
    tasks = [
        Task(command=task["command"], task_work_path=task["folder"], outlog="out.log", errlog="err.log")
        for task in spec["tasks"]
    ]
    submission = _remembering()(
        work_base=".",
        machine=Machine.load_from_dict(spec["machine"]),
        resources=Resources.load_from_dict(spec["resources"]),
        task_list=tasks,
    )
    submission.run_submission(check_interval=_INTERVALS.get(spec["machine"]["batch_type"], _INTERVAL))


def _remembering() -> "type[Submission]":
    """Return dpdispatcher's submission, which knows again whatever it has submitted.

    Its own record is written once all jobs are submitted, and not when one is submitted again, so that one who was
    killed before would submit jobs twice; but the number of a job stands in a file of its own as soon as it has one.
    """
    from dpdispatcher import Submission

    class Remembering(Submission):  # type: ignore[misc]  # dpdispatcher has no types
        def try_recover_from_json(self) -> None:
            super().try_recover_from_json()
            for job in self.belonging_jobs:
                path = Path(f"{job.job_hash}_job_id")
                number = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
                if number:
                    job.register_job_id(number)

    return Remembering


if __name__ == "__main__":
    submit(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
