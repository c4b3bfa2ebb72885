"""Short runs by a potential that is not trusted yet: frames with the models' deviation, until it is too large."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.electrolytes.analysis.readers.lammps_dump import read_dump
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.program import Program, lammps_program
from ionspice.electrolytes.lammps.progress import Look, read_looks
from ionspice.electrolytes.lammps.run import deep_potential, run_dynamics
from ionspice.electrolytes.lammps.script import POSITIONS
from ionspice.electrolytes.study.potential import ExplorationSection

if TYPE_CHECKING:
    from ase import Atoms

#: steps between looks at most, so that a run is stopped within 100 steps
_LOOK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a run saw before it ended."""

    #: frames of a run, with `deviation` [eV/angstrom], `time` [ps], `temperature` [K] and `composition` in their info
    frames: list["Atoms"]
    length: float  #: of the run [ps]
    reason: str  #: why it was stopped; empty at its end


def exploration_plan(
    section: ExplorationSection, temperature: float, *, seed: int, minimise: bool = False
) -> RunPlan:
    """Return a run of a study's [exploration].

    Args:
        section: how it runs.
        temperature: of the thermostat [K].
        seed: of velocities.
        minimise: whether it starts from a packed box.
    """
    look = max(1, min(_LOOK, round(section.chunk / section.timestep)))
    return RunPlan(
        temperature=temperature,
        ensemble=section.ensemble,
        timestep=section.timestep * 1e-3,  # fs to ps
        minimise=minimise,
        steps=max(look, round(section.duration / section.timestep)),
        positions_every=look,
        look_every=look,
        deviation=section.doubtful,
        seed=seed,
    )


def explore(
    frame: "Atoms",
    models: Sequence[Path],
    type_map: Sequence[str],
    plan: RunPlan,
    folder: Path,
    *,
    composition: str = "",
    program: Program | None = None,
    threads: int = 1,
    watch: int = 0,
) -> Exploration:
    """Return the frames of a run by a potential until its end, or until the guard stops it.

    Args:
        frame: where it starts; periodic.
        models: of the potential, the first of which moves the atoms.
        type_map: elements of the potential's types, in their order.
        plan: what is run, as `exploration_plan` makes it.
        folder: of this run alone; what an earlier run left there is done anew.
        composition: noted in the frames.
        program: LAMMPS, default that of the potential's venv.
        threads: of LAMMPS.
        watch: process with whose end it ends; 0 for none.

    Raises:
        InputError: an element is unknown to the potential.
        RunError: LAMMPS failed for another reason than the potential.
    """
    interaction = deep_potential(models, type_map, look_every=plan.look_every)
    outcome = run_dynamics(folder, frame, plan, interaction, program or lammps_program(threads=threads), watch=watch)
    looks = {look.step: look for look in read_looks(folder)}
    info = {"composition": composition, "temperature": plan.temperature}
    return Exploration(
        frames=_frames(folder / POSITIONS, frame, looks, plan, info),
        length=outcome.step * plan.timestep,
        reason=outcome.reason,
    )


def _frames(
    dump: Path, first: "Atoms", looks: Mapping[int, Look], plan: RunPlan, info: Mapping[str, Any]
) -> list["Atoms"]:
    """Return the frames of a dump that the guard looked at."""
    from ase import Atoms

    if not dump.is_file():
        return []
    _, raw = read_dump(dump, timestep=plan.timestep, units=None, keep=list)
    frames = []
    for one in raw:
        look = looks.get(round(one.time / plan.timestep))
        if look is None:
            continue
        frame = Atoms(first.symbols, positions=one.positions, cell=one.cell, pbc=True)
        for name in ("molecule", "residue"):
            if first.has(name):
                frame.new_array(name, first.arrays[name].copy())
        frame.info.update(info, deviation=look.deviation, time=look.step * plan.timestep)
        frames.append(frame)
    return frames
