"""The job that trains the models of some folders; it ends with the process that wants them.

python -m ionspice.electrolytes.potential.training_job work.json
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ionspice.core.children import start_child
from ionspice.core.signals import StoppedError
from ionspice.electrolytes.environment.tools import potential_program
from ionspice.electrolytes.labels.watching import wait_for
from ionspice.electrolytes.potential import trainer
from ionspice.electrolytes.potential.calculator import tensorflow_environment


def work(order: Mapping[str, Any]) -> None:
    """Train the models of an order: its `folders`, `threads` and `watch` (process).

    That a training failed is told by the folder that has no model, and its log: a job that failed would be tried
    again, and fail in the same way.
    """
    command = [str(potential_program("python")), trainer.__file__, *order["folders"]]
    process = start_child(command, env=tensorflow_environment(order["threads"]), stdin=subprocess.DEVNULL)
    try:
        wait_for(process, order["watch"])
    except StoppedError:
        return


if __name__ == "__main__":
    work(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
