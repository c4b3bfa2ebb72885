"""First frames of a liquid, before there is a potential: short Langevin dynamics of small boxes by GFN-xTB.

Every trajectory starts from a box of its own, so that trajectories are independent, and frames can be held out by
trajectory. Hydrogen may be heavy: masses do not enter the canonical distribution of positions, only how fast it is
reached.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import InputError, RunError
from ionspice.core.reading import reading
from ionspice.electrolytes.boxes.build import BoxPlan, build_box, plans_of
from ionspice.electrolytes.boxes.packing import MOLECULE
from ionspice.electrolytes.labels.bends import Bend, bent
from ionspice.electrolytes.study.compositions import CompositionSection
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.study.sampling import FramesSection, PretrainingSection

if TYPE_CHECKING:
    from ase import Atoms

#: collisions with the bath [1/fs]: strong, for only the places matter
_FRICTION = 0.05
#: of tblite: forces are wrong by 1e-3 eV/angstrom, less than those of the bath by far, and cost 40 % of the usual;
#: overlaps of wide functions, such as calcium's, are then wrong by too much, and the usual accuracy takes its place
_ACCURACIES = (100.0, 1.0)
#: key of `info` by which frames are held out
TRAJECTORY = "trajectory"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrajectoryPlan:
    """One trajectory."""

    plan: BoxPlan
    temperature: float  #: [K]
    number: int  #: of its box and temperature

    @property
    def name(self) -> str:
        """Name of the trajectory, without suffix."""
        return f"{self.plan.name}_{self.temperature:g}K_{self.number}"


def trajectories_of(
    study: LiquidStudy, sizes: Mapping[str, int], section: FramesSection | None = None
) -> list[TrajectoryPlan]:
    """Return the trajectories that a section asks for.

    Args:
        study: the study.
        sizes: atoms of a molecule, by name.
        section: default the study's [frames].

    Raises:
        InputError: no composition is named and none is small enough, or a bend has an atom that its molecule has not.
    """
    section = section or study.frames
    if section.file:
        return []
    for bend in section.bends:
        if max(bend.atoms) > sizes[bend.molecule]:
            raise InputError(
                f"[[{_name(section)}.bends]] atoms = {list(bend.atoms)}, but {bend.molecule} has "
                f"{sizes[bend.molecule]} atoms; give smaller numbers"
            )
    chosen = [one for one in study.compositions if one.name in section.compositions]
    if not section.compositions:
        atoms = {one.name: _atoms(one, sizes, study.charges) for one in study.compositions}
        chosen = [one for one in study.compositions if atoms[one.name] <= section.largest and not one.held_out]
    if not chosen:
        raise InputError(
            f"[{_name(section)}] compositions names none, and no composition has {section.largest} atoms or less; "
            "add a small one, or give frames as a file"
        )
    return [
        TrajectoryPlan(plan=plan, temperature=temperature, number=number)
        for number in range(section.trajectories)
        for plan in plans_of(chosen)
        for temperature in section.temperatures
    ]


def _name(section: FramesSection) -> str:
    return "pretraining" if isinstance(section, PretrainingSection) else "frames"


def _atoms(composition: CompositionSection, sizes: Mapping[str, int], charges: Mapping[str, int]) -> int:
    return sum(count * sizes[name] for name, count in composition.molecules(sizes, charges).items())


def sample(
    plan: TrajectoryPlan, section: FramesSection, geometries: Mapping[str, "Atoms"], charges: Mapping[str, int]
) -> list["Atoms"]:
    """Return the frames of a trajectory.

    Args:
        plan: which trajectory.
        section: how it runs.
        geometries: of the molecules, by name.
        charges: of the molecules [e], by name.

    Raises:
        RunError: the box cannot be packed, is too large for the method, or the method has no forces.
    """
    seed = section.seed + plan.number
    box = build_box(plan.plan, geometries, charges, seed=seed)
    if len(box) > section.largest:
        raise RunError(
            f"{plan.plan.name} has {len(box)} atoms, more than {section.largest}, for which {section.method} takes "
            "minutes a step; name smaller [frames] compositions, or raise largest"
        )
    for accuracy in _ACCURACIES:
        generator = np.random.default_rng(np.random.SeedSequence([seed, int(plan.temperature), len(box)]))
        try:
            frames = _run(box.copy(), plan.temperature, section, generator, accuracy=accuracy)
            return [_keep(frame, plan, section) for frame in frames]
        except RuntimeError as error:  # tblite's
            reason = str(error)
    raise RunError(f"{plan.name}: {section.method} has no forces: {reason}; lower the density")


def _run(
    box: "Atoms", temperature: float, section: FramesSection, generator: np.random.Generator, *, accuracy: float
) -> Iterator["Atoms"]:
    from ase.md.velocitydistribution import thermalize_momenta
    from tblite.ase import TBLite

    masses = box.get_masses()
    masses[box.numbers == 1] = section.hydrogen_mass
    box.set_masses(masses)
    thermalize_momenta(box, temperature_K=temperature, rng=generator)
    box.calc = bent(TBLite(method=section.method, accuracy=accuracy, verbosity=0), _bends_of(box, section, generator))
    half = section.equilibration / 2
    # Contacts of a packed box are hard: small steps at first.
    for timestep, duration in ((section.timestep / 2, half), (section.timestep, half)):
        _move(box, timestep, duration, temperature, generator)
    for _ in range(section.frames):
        _move(box, section.timestep, section.interval, temperature, generator)
        yield box


def _bends_of(box: "Atoms", section: FramesSection, generator: np.random.Generator) -> list[Bend]:
    """Return an angle drawn at random for every molecule that is pulled on."""
    first = {number: index for index, number in reversed(list(enumerate(box.arrays[MOLECULE])))}
    return [
        Bend(
            atoms=(index + bend.atoms[0] - 1, index + bend.atoms[1] - 1, index + bend.atoms[2] - 1),
            angle=float(np.radians(generator.uniform(bend.least, bend.most))),
        )
        for bend in section.bends
        for index in first.values()
        if box.arrays["residue"][index] == bend.molecule
    ]


def _move(box: "Atoms", timestep: float, duration: float, temperature: float, generator: np.random.Generator) -> None:
    """Move a box for a while [fs] by Langevin's equation."""
    from ase.md.langevin import Langevin
    from ase.units import fs

    dynamics = Langevin(
        box, timestep * fs, temperature_K=temperature, friction=_FRICTION / fs, fixcm=False, rng=generator
    )
    dynamics.run(round(duration / timestep))


def _keep(box: "Atoms", plan: TrajectoryPlan, section: FramesSection) -> "Atoms":
    """Return a frame without velocities and calculator, with where it comes from."""
    from ase import Atoms

    frame = Atoms(box.symbols, positions=box.positions.copy(), cell=box.cell, pbc=True)
    frame.new_array(MOLECULE, box.arrays[MOLECULE].copy())
    frame.info.update(
        trajectory=plan.name,
        composition=plan.plan.composition.name,
        temperature=plan.temperature,
        sampled_by=section.method,
    )
    if section.shake:
        frame.rattle(section.shake, seed=zlib.crc32(frame.positions.tobytes()))
    return frame


def read_frames(path: Path) -> list["Atoms"]:
    """Return the frames of a file.

    Raises:
        InputError: it is missing or damaged, has no frames, or one without a cell.
    """
    from ase.io import read

    with reading(path, remedy="give extended XYZ with cells"):
        frames = list(read(path, index=":"))
        if not frames:
            raise ValueError("it has no frames")
        bare = next((number for number, frame in enumerate(frames) if frame.cell.rank != 3), None)
        if bare is not None:
            raise ValueError(f"frame {bare + 1} has no cell")
        return frames
