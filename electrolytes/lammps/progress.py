"""What a run left behind: looks of the guard, dumps and restart files, and how they are cut to go on from a step."""

import csv
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from ionspice.core import replacing
from ionspice.electrolytes.lammps.guard import HEADING, PROGRESS, STOPPED
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.script import CHECKPOINT, POSITIONS, VELOCITIES, Start


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the guard saw at a step; energies are per atom."""

    step: int
    temperature: float  #: [K]
    potential: float  #: [eV]
    conserved: float  #: energy that integrator and thermostat together conserve [eV]
    volume: float  #: [angstrom^3]
    deviation: float  #: largest deviation of the models' forces on an atom [eV/angstrom]; 0 of one model


def read_looks(folder: Path) -> list[Look]:
    """Return the looks of a run; a row that is cut off is none."""
    path = folder / PROGRESS
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if len(row) == len(fields(Look))]
    return [_look(row) for row in rows if row[0].isdigit()]


def _look(row: list[str]) -> Look:
    temperature, potential, conserved, volume, deviation = map(float, row[1:])
    return Look(
        step=int(row[0]),
        temperature=temperature,
        potential=potential,
        conserved=conserved,
        volume=volume,
        deviation=deviation,
    )


def last_step(folder: Path) -> int:
    """Return the step of the last look."""
    looks = read_looks(folder)
    return looks[-1].step if looks else 0


def prepare(folder: Path, plan: RunPlan) -> Start:
    """Return where a run goes on, and cut its files to there, so that no frame is there twice or missing."""
    (folder / STOPPED).unlink(missing_ok=True)
    steps = _checkpoints(folder)
    step = max(steps, default=0)
    for older in steps:
        if older != step:
            (folder / CHECKPOINT.format(step=older)).unlink()
    looks = [look for look in read_looks(folder) if look.step <= step] if step else []
    _write_looks(folder, looks)
    if not step:
        for name in (POSITIONS, VELOCITIES):
            (folder / name).unlink(missing_ok=True)
        return Start()
    # A frame at the checkpoint is written again by a dump that goes on.
    if step < plan.end:
        cut_dump(folder / POSITIONS, step)
    if step < plan.velocities_end:
        cut_dump(folder / VELOCITIES, step)
    return Start(step=step, first=looks[0].potential, conserved=looks[-1].conserved)


def _checkpoints(folder: Path) -> list[int]:
    before, after = CHECKPOINT.split("{step}")
    names = [path.name.removeprefix(before).removesuffix(after) for path in folder.glob(CHECKPOINT.format(step="*"))]
    return sorted(int(name) for name in names if name.isdigit())


def _write_looks(folder: Path, looks: list[Look]) -> None:
    rows = [",".join(_text(getattr(look, field.name)) for field in fields(Look)) for look in looks]
    with replacing(folder / PROGRESS) as temporary:
        temporary.write_text("\n".join([HEADING, *rows, ""]), encoding="utf-8")


def _text(value: float) -> str:
    return f"{value:d}" if isinstance(value, int) else f"{value:.10g}"


def cut_dump(path: Path, step: int) -> None:
    """Take the frames from a step on off a dump."""
    if not path.is_file():
        return
    for place, own in _frames_of(path):
        if own >= step:
            os.truncate(path, place)
            return


def _frames_of(path: Path) -> Iterator[tuple[int, float]]:
    """Yield where a frame of a dump begins, and its step; that of a frame whose head is cut off is infinite."""
    place = begun = 0
    within_atoms, known, awaited = False, True, False
    with path.open("rb") as file:
        for line in file:
            if awaited:
                awaited, known = False, line.endswith(b"\n")
                yield begun, int(line) if known else math.inf
            elif line.startswith(b"ITEM:"):
                if within_atoms or place == 0:
                    begun, known = place, False
                within_atoms = line.startswith(b"ITEM: ATOMS")
                awaited = line.startswith(b"ITEM: TIMESTEP")
            place += len(line)
    if not known:
        yield begun, math.inf
