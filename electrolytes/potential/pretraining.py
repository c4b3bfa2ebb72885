"""Cheap labels of many frames, on which potentials are trained before they see the teacher's few.

Trajectories of small boxes by GFN-xTB, like those of the first frames, with energies, forces and stresses of the
same method; kept one by one like all labels.
"""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import replacing
from ionspice.core.console import Advance
from ionspice.electrolytes.files import PRETRAINING_LABELS
from ionspice.electrolytes.labels.campaign import label_frames
from ionspice.electrolytes.labels.sampling import sample_trajectories
from ionspice.electrolytes.labels.snapshots import read_frames
from ionspice.electrolytes.potential.correction import corrected
from ionspice.electrolytes.potential.labels import read_labelled
from ionspice.electrolytes.potential.record import Potential
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.study.teacher import TeacherSection

if TYPE_CHECKING:
    from ase import Atoms


def write_pretraining_labels(
    study: LiquidStudy,
    elements: Collection[str],
    directory: Path,
    *,
    keep: bool,
    correction: Potential | None = None,
    advance: Advance = lambda done, whole: None,
) -> None:
    """Write pretraining.extxyz.

    Args:
        study: of the liquid; its [pretraining] says what is labelled.
        elements: that the liquid has.
        directory: folder of the liquid.
        keep: whether trajectories that are there are of this study.
        correction: what the cheap labels lack of the teacher's, and is added; default nothing.
        advance: moves the progress bar.

    Raises:
        InputError: frames that are given cannot be used.
        RunError: no frame could be sampled or labelled.
    """
    from ase.io import write

    section = study.pretraining
    if section.file and _has_labels(read_frames(Path(section.file))):
        labelled = read_labelled(Path(section.file), elements)
    else:
        frames = (
            read_frames(Path(section.file))
            if section.file
            else sample_trajectories(study, directory, cheap=True, keep=keep, advance=advance)
        )
        cheap = TeacherSection(program="tblite", method=section.method)
        labelled = label_frames(frames, cheap, study.jobs, directory, advance=advance).frames
    if correction is not None:
        labelled = corrected(labelled, correction)
    with replacing(directory / PRETRAINING_LABELS) as temporary:
        write(temporary, labelled, format="extxyz")


def _has_labels(frames: list["Atoms"]) -> bool:
    return all(frame.calc is not None and {"energy", "forces"} <= frame.calc.results.keys() for frame in frames)
