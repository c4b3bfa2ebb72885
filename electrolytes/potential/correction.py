"""What a cheap method lacks of the teacher, learnt from few labels and added to many cheap ones.

    E = E_cheap + dE,    F = F_cheap + dF

The difference of two levels of theory is small and smooth, so that a potential of it needs far fewer labels than one
of the whole (R. Ramakrishnan et al., J. Chem. Theory Comput. 11, 2087 (2015)). Potentials are then pretrained on
cheap labels that are nearly the teacher's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core.console import Advance
from ionspice.electrolytes.files import CORRECTION
from ionspice.electrolytes.labels.campaign import label_frames
from ionspice.electrolytes.labels.store import hash_of
from ionspice.electrolytes.potential.calculator import DeepPotential
from ionspice.electrolytes.potential.labels import Division
from ionspice.electrolytes.potential.learn import learn
from ionspice.electrolytes.potential.record import Potential
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.study.teacher import TeacherSection

if TYPE_CHECKING:
    from ase import Atoms


def learn_correction(
    study: LiquidStudy,
    division: Division,
    type_map: Sequence[str],
    directory: Path,
    *,
    advance: Advance = lambda done, whole: None,
) -> Potential:
    """Return a potential of the difference between the teacher and the cheap method; it lies in correction/.

    Args:
        study: of the liquid; its [pretraining] says which method, and how long is trained.
        division: the teacher's labels; those held out judge the correction, and are never learnt.
        type_map: elements by type.
        directory: folder of the liquid.
        advance: moves the progress bar.

    Raises:
        RunError: no frame has a cheap label, or the training failed.
    """
    # Cores and several models are matters of the whole potential.
    section = study.potential.model_copy(update={"core_repulsion": False, "models": 1})
    return learn(
        CORRECTION,
        Division(
            training=_differences(division.training, study, directory),
            held_out=_differences(division.held_out, study, directory),
        ),
        type_map=type_map,
        section=section,
        jobs=study.jobs,
        directory=directory,
        steps=study.pretraining.correction_steps,
        advance=advance,
    )


def corrected(frames: Sequence["Atoms"], correction: Potential) -> list["Atoms"]:
    """Return cheap labels with what they lack of the teacher's."""
    with DeepPotential(correction.models) as potential:
        found = potential.evaluate(frames)
    return [
        with_labels(frame, frame.get_potential_energy() + energy, frame.get_forces() + forces)
        for frame, energy, forces in zip(frames, found.energies, found.forces, strict=True)
    ]


def with_labels(frame: "Atoms", energy: float, forces: object) -> "Atoms":
    """Return a copy of a frame with another energy [eV] and other forces [eV/angstrom], and without stress."""
    from ase.calculators.singlepoint import SinglePointCalculator

    copy = frame.copy()
    copy.calc = SinglePointCalculator(copy, energy=float(energy), forces=forces)
    return copy


def _differences(frames: Sequence["Atoms"], study: LiquidStudy, directory: Path) -> list["Atoms"]:
    """Return frames with what the teacher's labels have beyond those of the cheap method."""
    if not frames:
        return []
    cheap = TeacherSection(program="tblite", method=study.pretraining.method)
    settings = cheap.settings()
    known = {hash_of(one, settings): one for one in label_frames(frames, cheap, study.jobs, directory).frames}
    pairs = [(frame, known[name]) for frame in frames if (name := hash_of(frame, settings)) in known]
    return [
        with_labels(
            frame,
            frame.get_potential_energy() - low.get_potential_energy(),
            frame.get_forces() - low.get_forces(),
        )
        for frame, low in pairs
    ]
