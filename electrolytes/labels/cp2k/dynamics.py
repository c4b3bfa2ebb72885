"""First-principles molecular dynamics by CP2K: its input, and its frames as labels.

A step of dynamics is cheaper than a label of its own, for its wave function starts from those of the steps before.
Temperatures are held by velocity rescaling (G. Bussi, D. Donadio, M. Parrinello, J. Chem. Phys. 126, 014101 (2007)).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError, RunError
from ionspice.core.reading import reading
from ionspice.electrolytes.analysis.readers.cp2k import read_cell_file
from ionspice.electrolytes.labels.cp2k.input import Lines, as_text, dft_section, subsystem_section
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings
from ionspice.electrolytes.labels.label import Answer

if TYPE_CHECKING:
    from ase import Atoms

PROJECT = "md"
RESTART = f"{PROJECT}-1.restart"
_REMEDY = "delete the folder of this trajectory and run again"
_HEADING = re.compile(r"i\s*=\s*(\d+).*E\s*=\s*([-+.\dEe]+)")
_ENSEMBLES = {"NVE": "NVE", "NVT": "NVT", "NPT": "NPT_I"}
#: times of the thermostat and the barostat [fs]
_THERMOSTAT, _BAROSTAT = 50.0, 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicsPlan:
    """One trajectory."""

    temperature: float  #: [K]
    ensemble: str  #: NVE, NVT or NPT
    timestep: float  #: [fs]
    every: int  #: steps between frames
    equilibration: int  #: frames that are left out
    frames: int  #: that are kept
    pressure: float  #: of NPT [bar]
    seed: int

    @property
    def steps(self) -> int:
        """Steps of the whole trajectory."""
        return self.every * (self.equilibration + self.frames)


def dynamics_input(frame: "Atoms", settings: Cp2kSettings, plan: DynamicsPlan, *, done: int = 0) -> str:
    """Return the input of a trajectory whose first frame stands in frame.xyz, or of its rest after so many steps."""
    elements = sorted(set(frame.get_chemical_symbols()))
    dft: Lines = dft_section(settings)
    force: Lines = [
        "METHOD Quickstep",
        "STRESS_TENSOR ANALYTICAL",
        ("DFT", dft),
        ("SUBSYS", subsystem_section(elements, frame.cell.array, settings)),
    ]
    general = [
        f"PROJECT {PROJECT}",
        "RUN_TYPE MD",
        "PRINT_LEVEL LOW",
        "PREFERRED_DIAG_LIBRARY SCALAPACK",
        f"SEED {plan.seed}",
    ]
    restart: Lines = [("EXT_RESTART", [f"RESTART_FILE_NAME {RESTART}"])] if done else []
    return as_text([("GLOBAL", general), ("MOTION", _motion(plan, done)), ("FORCE_EVAL", force), *restart])


def _motion(plan: DynamicsPlan, done: int) -> Lines:
    thermostat: Lines = [("THERMOSTAT", ["TYPE CSVR", ("CSVR", [f"TIMECON {_THERMOSTAT}"])])]
    barostat: Lines = [("BAROSTAT", [f"PRESSURE {plan.pressure:g}", f"TIMECON {_BAROSTAT}"])]
    md: Lines = [
        f"ENSEMBLE {_ENSEMBLES[plan.ensemble]}",
        f"STEPS {plan.steps - done}",
        f"TIMESTEP {plan.timestep:g}",
        f"TEMPERATURE {plan.temperature:g}",
        *(thermostat if plan.ensemble != "NVE" else []),
        *(barostat if plan.ensemble == "NPT" else []),
    ]
    each: Lines = [("EACH", [f"MD {plan.every}"])]
    printed: Lines = [
        *((name, each) for name in ("TRAJECTORY", "FORCES ON", "CELL ON")),
        ("RESTART", each),
        ("RESTART_HISTORY OFF", []),
    ]
    return [("MD", md), ("PRINT", printed)]


def steps_done(folder: Path) -> int:
    """Return after how many steps CP2K can go on in a folder; 0 where it has to begin."""
    path = folder / RESTART
    if not path.is_file():
        return 0
    found = re.search(r"^\s*STEP_START_VAL\s+(\d+)", path.read_text(encoding="utf-8", errors="replace"), re.M)
    return int(found[1]) if found else 0


def read_dynamics(folder: Path, start: "Atoms", plan: DynamicsPlan, *, program: str) -> list[tuple["Atoms", Answer]]:
    """Return the frames that are kept of a trajectory with energies and forces; of frames written twice the last.

    Args:
        folder: of the trajectory.
        start: its first frame.
        plan: what was run.
        program: name and version of CP2K.

    Raises:
        InputError: a file cannot be read.
        RunError: frames are missing.
    """
    from ase.units import Bohr, Hartree

    positions = dict(_frames(folder / f"{PROJECT}-pos-1.xyz", len(start)))
    forces = dict(_frames(folder / f"{PROJECT}-frc-1.xyz", len(start)))
    cells = _cells(folder, plan) if plan.ensemble == "NPT" else {}
    found = []
    for number in range(plan.equilibration + 1, plan.equilibration + plan.frames + 1):
        step = number * plan.every
        if step not in positions or step not in forces:
            raise RunError(f"{folder}: the trajectory lacks step {step}; {_REMEDY}")
        frame = start.copy()
        frame.positions = positions[step][1]
        if cells:
            frame.set_cell(cells[step])
        answer = Answer(
            energy=positions[step][0] * Hartree,
            forces=forces[step][1] * (Hartree / Bohr),
            stress=None,
            scf_steps=None,
            program=program,
        )
        found.append((frame, answer))
    return found


def _cells(folder: Path, plan: DynamicsPlan) -> dict[int, NDArray[np.float64]]:
    times, cells = read_cell_file(folder / f"{PROJECT}-1.cell")
    steps = np.rint(times * 1e3 / plan.timestep).astype(int)
    return dict(zip(steps.tolist(), cells, strict=True))


def _frames(path: Path, atoms: int) -> Iterator[tuple[int, tuple[float, NDArray[np.float64]]]]:
    """Yield step, energy and three numbers an atom of CP2K's XYZ files, less an unfinished frame at the end."""
    with reading(path, remedy=_REMEDY):
        lines = path.read_text(encoding="utf-8").splitlines()
    size = atoms + 2
    for first in range(0, len(lines) - size + 1, size):
        heading = _HEADING.search(lines[first + 1])
        if heading is None or lines[first].split() != [str(atoms)]:
            raise InputError(f"{path}: line {first + 2} is no heading of a frame of {atoms} atoms; {_REMEDY}")
        values = np.array([line.split()[1:4] for line in lines[first + 2 : first + size]], dtype=np.float64)
        yield int(heading[1]), (float(heading[2]), values)
