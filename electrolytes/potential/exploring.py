"""The explorations of a round: short runs of mixtures and temperatures by a potential, and their doubtful frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core.console import Advance
from ionspice.electrolytes.boxes.build import is_packed
from ionspice.electrolytes.labels.snapshots import TRAJECTORY
from ionspice.electrolytes.lammps.explore import exploration_plan, explore
from ionspice.electrolytes.potential.record import Potential
from ionspice.electrolytes.potential.refining_record import ExploringRun
from ionspice.electrolytes.potential.selection import candidates
from ionspice.electrolytes.study.potential import ExplorationSection

if TYPE_CHECKING:
    from ase import Atoms


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """What the runs of a round saw."""

    runs: tuple[ExploringRun, ...]
    frames: tuple[list["Atoms"], ...]  #: doubtful frames of each run, with its name as their trajectory


def explore_round(
    number: int,
    starts: Mapping[str, Sequence["Atoms"]],
    potential: Potential,
    section: ExplorationSection,
    folder: Path,
    *,
    threads: int = 1,
    advance: Advance = lambda done, whole: None,
) -> Explored:
    """Return what runs of every mixture at every temperature saw.

    Args:
        number: of the round, from 1; another one has other starts and velocities.
        starts: frames from which runs may start, by the name of their composition.
        potential: that moves the atoms.
        section: how they run.
        folder: of the round.
        threads: of LAMMPS.
        advance: moves the progress bar.

    Raises:
        RunError: LAMMPS failed for another reason than the potential.
    """
    generator = np.random.default_rng([section.seed, number])
    plans = [(name, temperature) for name in starts for temperature in section.temperatures]
    runs, frames = [], []
    for done, (name, temperature) in enumerate(plans):
        advance(done, len(plans))
        start = starts[name][int(generator.integers(len(starts[name])))]
        seed = int(generator.integers(1, 2**31 - 1))
        plan = exploration_plan(section, temperature, seed=seed, minimise=is_packed(start))
        title = f"round-{number}/{name}_{temperature:g}K"
        found = explore(
            start,
            potential.models,
            potential.type_map,
            plan,
            folder / f"{name}_{temperature:g}K",
            composition=name,
            threads=threads,
        )
        doubtful = candidates(found.frames, section)
        for frame in doubtful:
            frame.info[TRAJECTORY] = title
        runs.append(ExploringRun(composition=name, temperature=temperature, length=found.length, reason=found.reason))
        frames.append(doubtful)
    return Explored(runs=tuple(runs), frames=tuple(frames))
