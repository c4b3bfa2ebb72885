"""One run of molecular dynamics in a folder, from its start or from where an earlier one was killed."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import RunError, replacing
from ionspice.core.children import start_child
from ionspice.electrolytes.boxes.packing import MOLECULE
from ionspice.electrolytes.labels.watching import wait_for
from ionspice.electrolytes.lammps.box import write_box_data
from ionspice.electrolytes.lammps.guard import GUARD, SCRATCH, STOPPED, guard_script, limits_of
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.program import Program
from ionspice.electrolytes.lammps.progress import last_step, prepare
from ionspice.electrolytes.lammps.script import DATA, SCRIPT, deep_pair, run_script

if TYPE_CHECKING:
    from ase import Atoms

_LOG, _SCREEN = "log.lammps", "screen.txt"
#: failures of LAMMPS that a bad potential causes
_COLLAPSES = ("Lost atoms", "Non-numeric", "Out of range atoms", "simulation unstable", "Box bounds are")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """What moves the atoms."""

    commands: tuple[str, ...]  #: pair_style and pair_coeff
    type_map: tuple[str, ...]  #: element of atom type 1, 2, ...
    models: int = 1  #: whose deviation is looked at


def deep_potential(models: Sequence[Path], type_map: Sequence[str], *, look_every: int) -> Interaction:
    """Return a deep potential, of whose models the first gives the forces."""
    commands = deep_pair(models, type_map, every=look_every)
    return Interaction(commands=tuple(commands), type_map=tuple(type_map), models=len(models))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended."""

    step: int  #: that was reached
    reason: str  #: why it was stopped; empty at its end


def run_dynamics(
    folder: Path, box: "Atoms", plan: RunPlan, interaction: Interaction, program: Program, *, watch: int = 0
) -> Outcome:
    """Run molecular dynamics to its end, or until it is stopped; what an earlier call left is gone on from.

    Args:
        folder: of this run alone; trajectories, progress.csv and restart files are there then.
        box: where it starts.
        plan: what is run.
        interaction: what moves the atoms.
        program: LAMMPS.
        watch: process with whose end it ends; 0 for none.

    Raises:
        InputError: an element is unknown to the potential.
        RunError: LAMMPS failed for another reason than the potential.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_box_data(folder / DATA, box, interaction.type_map)
    start = prepare(folder, plan)
    if start.step >= plan.end:
        return Outcome(step=start.step, reason="")
    _write(folder / GUARD, guard_script(limits_of(plan, len(box)), models=interaction.models))
    start = replace(start, molecules=_has_molecules(box))
    _write(folder / SCRIPT, run_script(plan, interaction.commands, interaction.type_map, start))
    status = _call(folder, program, watch)
    for name in SCRATCH:
        (folder / name).unlink(missing_ok=True)
    return Outcome(step=last_step(folder), reason="" if status == 0 else _reason(folder, status))


def _has_molecules(box: "Atoms") -> bool:
    """Tell whether a box numbers its molecules and one has several atoms."""
    return MOLECULE in box.arrays and len(np.unique(box.arrays[MOLECULE])) < len(box)


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _call(folder: Path, program: Program, watch: int) -> int:
    command = [*program.command, "-in", SCRIPT, "-log", _LOG, "-screen", "none"]
    with open(folder / _SCREEN, "wb") as screen:
        process = start_child(
            command, cwd=folder, env=program.environment, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen
        )
        return wait_for(process, watch)


def _reason(folder: Path, status: int) -> str:
    """Return why a potential stopped LAMMPS.

    Raises:
        RunError: something else did.
    """
    stopped = folder / STOPPED
    if stopped.is_file():
        return stopped.read_text(encoding="utf-8").strip()
    texts = [path.read_text(errors="replace") for path in (folder / _LOG, folder / _SCREEN) if path.is_file()]
    found = re.search(r"^ERROR.*", "\n".join(texts), re.M)
    line = found[0][:300] if found else f"status {status}; see {folder / _SCREEN}"
    if any(sign in line for sign in _COLLAPSES):
        return f"atoms were lost or are nowhere ({line})"
    raise RunError(f"LAMMPS ended without an end of its run: {line}; correct that and run the same command again")
