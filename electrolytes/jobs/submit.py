"""The program that hands the tasks of submission.json to dpdispatcher and waits for their end.

    python -m ionspice.electrolytes.jobs.submit submission.json

It runs in the folder of the jobs, where dpdispatcher writes its log.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

#: seconds between looks at jobs
_INTERVALS = {"Shell": 1}
_INTERVAL = 20


def submit(spec: dict[str, Any]) -> None:
    """Run the tasks of a specification to their end.

    Raises:
        RuntimeError: a job failed several times.
    """
    from dpdispatcher import Machine, Resources, Submission, Task

    logger = logging.getLogger("dpdispatcher")
    logger.handlers = logger.handlers[-1:]  # the one of standard output, which goes to the same file
    tasks = [
        Task(command=task["command"], task_work_path=task["folder"], outlog="out.log", errlog="err.log")
        for task in spec["tasks"]
    ]
    submission = Submission(
        work_base=".",
        machine=Machine.load_from_dict(spec["machine"]),
        resources=Resources.load_from_dict(spec["resources"]),
        task_list=tasks,
    )
    submission.run_submission(check_interval=_INTERVALS.get(spec["machine"]["batch_type"], _INTERVAL))


if __name__ == "__main__":
    submit(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
