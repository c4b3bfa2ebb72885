"""The program that labels a list of frames, one after the other; several run side by side as jobs.

    python -m ionspice.electrolytes.labels.work work.json

A label that is finished is not computed again; one that is refused does not stop the others.
"""

import json
import logging
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import IonspiceError
from ionspice.core.signals import StoppedError
from ionspice.electrolytes.environment.tools import cp2k_command
from ionspice.electrolytes.labels.ase_teachers import label_by_calculator, label_by_tblite
from ionspice.electrolytes.labels.cp2k.run import label_by_cp2k
from ionspice.electrolytes.labels.label import Answer
from ionspice.electrolytes.labels.store import is_finished, read_frame, refuse, write_label
from ionspice.electrolytes.labels.watching import is_alive
from ionspice.electrolytes.study.teacher import TeacherSection

if TYPE_CHECKING:
    from ase import Atoms

_LOGGER = logging.getLogger(__name__)


def work(order: Mapping[str, Any]) -> None:
    """Label the frames of an order: its `folders`, `teacher`, `threads`, `cp2k` (command) and `watch` (process)."""
    teacher = TeacherSection.model_validate(order["teacher"])
    for folder in map(Path, order["folders"]):
        if not is_alive(order["watch"]):
            return
        if is_finished(folder):
            continue
        try:
            begun = time.monotonic()
            frame = read_frame(folder)
            answer = _ask(teacher, folder, frame, order)
            write_label(
                folder, frame, answer, settings=teacher.settings(), wall_time=round(time.monotonic() - begun, 2)
            )
        except StoppedError:
            return
        except IonspiceError as error:
            _LOGGER.warning("%s: %s", folder.name, error)
            refuse(folder, str(error))


def _ask(teacher: TeacherSection, folder: Path, frame: "Atoms", order: Mapping[str, Any]) -> Answer:
    settings = teacher.build()
    if settings is not None:
        command = cp2k_command(order["cp2k"])
        return label_by_cp2k(folder, frame, settings, command=command, threads=order["threads"], watch=order["watch"])
    if teacher.program == "tblite":
        return label_by_tblite(frame, method=teacher.method)
    return label_by_calculator(frame, calculator=teacher.calculator, arguments=teacher.arguments)


if __name__ == "__main__":
    work(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
