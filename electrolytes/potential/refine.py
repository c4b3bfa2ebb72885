"""Refine a potential: explore by it, label the frames of which it is in doubt, train on, and measure what it helped.

Each round keeps what it has in a folder of its own, so that a run that was killed goes on without exploring or
labelling anew. Whole runs of new frames are held out, so that the gain is measured on frames that the potential chose
for itself and was not trained on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import RunError, replacing
from ionspice.core.console import Advance
from ionspice.electrolytes.files import LABELS, POTENTIAL_RECORD, REFINING
from ionspice.electrolytes.labels.campaign import label_frames
from ionspice.electrolytes.labels.snapshots import TRAJECTORY, read_frames
from ionspice.electrolytes.potential.calculator import DeepPotential
from ionspice.electrolytes.potential.exploring import explore_round
from ionspice.electrolytes.potential.judging import judge
from ionspice.electrolytes.potential.labels import Division, read_labelled
from ionspice.electrolytes.potential.learn import learn
from ionspice.electrolytes.potential.record import Potential, read_potential
from ionspice.electrolytes.potential.refining_record import (
    BlockErrors,
    RefiningRound,
    read_round,
    write_round,
)
from ionspice.electrolytes.potential.selection import choose
from ionspice.electrolytes.study.file import LiquidStudy

if TYPE_CHECKING:
    from ase import Atoms

_ROUND, _SELECTED, _EXPLORED = "round.json", "selected.extxyz", "explored.json"
#: key of `info` of frames that were held out
HELD_OUT = "held_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefiningState:
    """A potential, the labels that it was made and judged by, and the round that gave it."""

    potential: Potential
    division: Division  #: all labels so far
    round: RefiningRound


def refine(
    study: LiquidStudy,
    potential: Potential,
    division: Division,
    starts: Mapping[str, Sequence["Atoms"]],
    directory: Path,
    *,
    advance: Advance = lambda done, whole: None,
) -> Iterator[RefiningState]:
    """Yield the potential after each round; rounds that are finished in the folder are read.

    Args:
        study: of the liquid.
        potential: from which the first round begins.
        division: the first labels.
        starts: frames from which runs start, by the name of their composition.
        directory: folder of the liquid.
        advance: moves the progress bar.

    Raises:
        RunError: LAMMPS, the teacher or a training failed.
    """
    first = division.held_out
    for number in range(1, study.exploration.rounds + 1):
        folder = directory / REFINING / f"round-{number}"
        if not (folder / _ROUND).is_file():
            _Round(study=study, number=number, potential=potential, division=division, directory=directory).run(
                first, starts, advance
            )
        one = read_round(folder / _ROUND)
        if one.labelled:
            potential = read_potential(folder / POTENTIAL_RECORD)
            division = _read_division(folder / LABELS, potential.type_map)
        yield RefiningState(potential=potential, division=division, round=one)
        if not one.labelled:
            return  # the potential is in doubt of nothing more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What a round begins with."""

    study: LiquidStudy
    number: int
    potential: Potential
    division: Division
    directory: Path

    @property
    def name(self) -> str:
        return f"{REFINING}/round-{self.number}"

    @property
    def folder(self) -> Path:
        return self.directory / self.name

    def run(self, first: Sequence["Atoms"], starts: Mapping[str, Sequence["Atoms"]], advance: Advance) -> None:
        """Do the round, and leave its record, labels and potential in its folder."""
        explored = self._explore(starts, advance)
        if not explored.selected:
            _check_trust(explored)
            write_round(self.folder / _ROUND, explored)
            return
        selected = read_frames(self.folder / _SELECTED)
        labelled = label_frames(selected, self.study.teacher, self.study.jobs, self.directory, advance=advance)
        new = hold_out_runs(labelled.frames, self.study.potential.held_out, seed=self.study.exploration.seed)
        division = Division(
            training=[*self.division.training, *new.training], held_out=[*self.division.held_out, *new.held_out]
        )
        _write_division(self.folder / LABELS, division)
        with DeepPotential(self.potential.models) as opened:
            before, doubted = _blocks(opened, new.held_out, first), judge(opened, labelled.frames)
        potential = self._learn(division, len(new.training), advance)
        with DeepPotential(potential.models) as opened:
            after = _blocks(opened, new.held_out, first)
        deviation = float(np.mean(doubted.found.deviation))
        true_error = float(np.mean(doubted.largest_force_errors))
        done = replace(
            explored,
            labelled=len(labelled.frames),
            refused=len(labelled.refused),
            deviation=deviation,
            true_error=true_error,
            ratio=true_error / deviation,
            before=before,
            after=after,
        )
        write_round(self.folder / _ROUND, done)

    def _explore(self, starts: Mapping[str, Sequence["Atoms"]], advance: Advance) -> RefiningRound:
        """Return what was explored and selected, now or by a run that was killed later."""
        from ase.io import write

        if (self.folder / _EXPLORED).is_file():
            return read_round(self.folder / _EXPLORED)
        section = self.study.exploration
        found = explore_round(
            self.number,
            starts,
            self.potential,
            section,
            self.folder,
            threads=self.study.jobs.threads,
            advance=advance,
        )
        selected = choose(found.frames, section.frames)
        if selected:
            with replacing(self.folder / _SELECTED) as temporary:
                write(temporary, selected, format="extxyz")
        explored = RefiningRound(
            round=self.number,
            runs=found.runs,
            candidates=sum(map(len, found.frames)),
            selected=len(selected),
            labelled=0,
            refused=0,
        )
        write_round(self.folder / _EXPLORED, explored)
        return explored

    def _learn(self, division: Division, fresh: int, advance: Advance) -> Potential:
        return learn(
            self.name,
            division,
            type_map=self.potential.type_map,
            section=self.study.potential,
            jobs=self.study.jobs,
            directory=self.directory,
            steps=self.study.exploration.steps,
            fresh=fresh,
            start=self.potential,
            advance=advance,
        )


def hold_out_runs(frames: Sequence["Atoms"], share: float, *, seed: int) -> Division:
    """Return new frames for training and those of whole runs that are held out: at least one run of two."""
    names = sorted({str(frame.info[TRAJECTORY]) for frame in frames})
    number = max(1, round(share * len(names))) if share > 0 and len(names) > 1 else 0
    apart = set(np.random.default_rng([seed, len(names)]).permutation(names)[:number].tolist())
    return Division(
        training=[frame for frame in frames if frame.info[TRAJECTORY] not in apart],
        held_out=[frame for frame in frames if frame.info[TRAJECTORY] in apart],
    )


def _check_trust(explored: RefiningRound) -> None:
    """Check that a round without doubtful frames had none because the potential is good.

    Raises:
        RunError: runs were stopped before they gave a frame that could be labelled.
    """
    stopped = next((run for run in explored.runs if run.reason), None)
    if stopped is not None:
        raise RunError(
            f"round {explored.round} has no frame to label: {stopped.composition} at {stopped.temperature:g} K was "
            f"stopped after {stopped.length:g} ps: {stopped.reason}; train on more labels or for more steps first, "
            "or raise [exploration] doubtful"
        )


def _blocks(opened: DeepPotential, new: Sequence["Atoms"], old: Sequence["Atoms"]) -> BlockErrors:
    return BlockErrors(
        new=judge(opened, new).errors().force if new else None, old=judge(opened, old).errors().force if old else None
    )


def _write_division(path: Path, division: Division) -> None:
    from ase.io import write

    for frames, apart in ((division.training, False), (division.held_out, True)):
        for frame in frames:
            frame.info[HELD_OUT] = apart
    with replacing(path) as temporary:
        write(temporary, [*division.training, *division.held_out], format="extxyz")


def _read_division(path: Path, elements: Sequence[str]) -> Division:
    frames = read_labelled(path, elements)
    return Division(
        training=[frame for frame in frames if not frame.info[HELD_OUT]],
        held_out=[frame for frame in frames if frame.info[HELD_OUT]],
    )
