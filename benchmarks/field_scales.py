"""Drives of every pace on a plane and six layers, and windows and jumps up to 3 V: steps, seconds, charge.

Both signs of a window are alike here, for the ions are.

    python benchmarks/field_scales.py              prints the tables of docs/verification.md; ten minutes on one core
    python benchmarks/field_scales.py pace|window  one of them

A charge is that at the largest potential against equilibrium: on the plane Kilic's closed form, in layers the
field model's own on a mesh 2.5 times finer. It is left out where a drive is too fast to pass through
equilibria. Seconds are of one processor, setup included.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from ionspice.core import IonspiceError
from ionspice.core.double_layer import surface_charge
from ionspice.core.drives import (
    Drive,
    GalvanostaticDrive,
    SineDrive,
    StepDrive,
    TableDrive,
    TriangularDrive,
    parse_protocol,
)
from ionspice.fem import Electrolyte, SolverSettings, solve
from ionspice.meshes import Block, MeshGrading, PlanarElectrode, SlitStack, groups, write_mesh
from ionspice.meshes.blocks import Point, same

PEAK = 0.11  # V
DENSITY = 1e-3  # A/m^2
COARSE = MeshGrading(wall_spacing=0.15e-9, growth=1.6)
COARSEST = MeshGrading(wall_spacing=0.3e-9, growth=1.6)
QUICK = SolverSettings(tolerance=5e-3, steps_per_ramp=20)


@dataclass(frozen=True, slots=True)
class Corner:
    """A square of electrolyte whose electrode, y = 0, meets the reservoir, x = -6 nm, in a corner."""

    strip_width: float = 6e-9  #: [m]
    reservoir: float = -6e-9  #: [m]

    def blocks(self) -> list[Block]:
        """Return the square, whose cells grow away from both."""
        x, y = (self.reservoir, 0.0), (0.0, self.strip_width)
        return [Block(region=groups.OPEN, x=x, y=y, x_wall=self.reservoir, y_wall=0.0)]

    def boundary(self, start: Point, end: Point) -> str:
        """Return the name of the boundary on which an outer line [m] lies."""
        if same(start[0], end[0], self.reservoir):
            return groups.RESERVOIR
        return groups.ELECTRODE if same(start[1], end[1], 0.0) else groups.MIRROR


type Shape = PlanarElectrode | SlitStack | Corner


@dataclass(frozen=True, slots=True)
class Pace:
    """A drive, and how slow a stack has to find it to pass through equilibria."""

    name: str
    drive: Callable[[float], Drive]  #: of the strip's width [m]
    plane_rests: bool = True  #: whether it passes through equilibria on a plane,
    stack_rests: bool = True  #: and in six layers


def sweep(rate: float) -> Callable[[float], Drive]:
    """Return what makes one cycle at a scan rate [V/s]."""
    return lambda width: TriangularDrive(amplitude=PEAK, half_cycle=PEAK / rate)


TABLE = TableDrive(times=(0.0, 1e-9, 1e-6, 2e-6), potentials=(0.0, PEAK, PEAK, 0.0))
PACES = (
    Pace("0.1 mV/s", sweep(1e-4)),
    Pace("10 mV/s", sweep(1e-2)),
    Pace("50 mV/s", sweep(5e-2)),
    Pace("1 V/s", sweep(1.0)),
    Pace("1e5 V/s", sweep(1e5), stack_rests=False),
    Pace("1e9 V/s", sweep(1e9), plane_rests=False, stack_rests=False),
    Pace("1 mA/m^2", lambda width: GalvanostaticDrive(current=DENSITY * width, upper=PEAK)),
    Pace("0.1 Hz", lambda width: SineDrive(amplitude=PEAK, frequency=0.1)),
    Pace("step of 1 s", lambda width: StepDrive(amplitude=PEAK, duration=1.0)),
    Pace("table 0, 0; 1 ns, 0.11 V; 1 us, 0.11 V; 2 us, 0", lambda width: TABLE, stack_rests=False),
)


@dataclass(frozen=True, slots=True)
class Window:
    """A drive far from the default one."""

    name: str
    drive: Drive


WINDOWS = tuple(
    Window(f"{kind} {volts:g} V", make(volts))
    for volts in (1.0, 3.0)
    for kind, make in (
        ("window, 750 ns:", lambda v: TriangularDrive(amplitude=v)),
        ("window, 1 ms:", lambda v: TriangularDrive(amplitude=v, half_cycle=1e-3)),
        ("jump to", lambda v: StepDrive(amplitude=v, duration=2e-6)),
    )
)


def meshed(shape: Shape, grading: MeshGrading, folder: Path) -> Path:
    """Write a mesh; return its path."""
    path = folder / f"{abs(hash((shape, grading)))}.msh"
    if not path.exists():
        write_mesh(path, shape, grading)
    return path


def equilibrium(shape: Shape, folder: Path) -> float:
    """Return the electrode's charge [C/m] at the peak."""
    if isinstance(shape, PlanarElectrode):
        return surface_charge(Electrolyte(), PEAK) * shape.strip_width
    mesh = meshed(shape, MeshGrading().refined(2.5), folder)
    return float(solve(mesh, drive=parse_protocol([f"Start at {PEAK} V", "Rest for 1 ps"])).electrode_charge[0])


def most_steps(run: Any) -> int:
    """Return the largest number of steps of a leg; legs begin with the formula of first order."""
    begins = [*np.flatnonzero(run.step_order.values == 1), run.sizes["time"]]
    return int(np.diff(begins).max())


def pace_rows(folder: Path) -> Iterator[str]:
    """Yield the table of drives, line by line."""
    shapes: tuple[Shape, ...] = (PlanarElectrode(), SlitStack())
    rests = [equilibrium(shape, folder) for shape in shapes]
    yield "| drive | plane: steps of a half cycle | seconds | charge | six layers: steps | seconds | charge |"
    yield "|---|---|---|---|---|---|---|"
    for pace in PACES:
        cells = [pace.name]
        for shape, rest, rested in zip(shapes, rests, (pace.plane_rests, pace.stack_rests), strict=True):
            begun = time.process_time()
            run = solve(meshed(shape, MeshGrading(), folder), drive=pace.drive(shape.strip_width))
            seconds = time.process_time() - begun
            at = int(run.electrode_potential.values.argmax())
            if pace.drive(1.0) is TABLE or "step" in pace.name:
                at = int(np.flatnonzero(run.electrode_potential.values > PEAK * (1 - 1e-9))[-1])
            error = float(run.electrode_charge[at]) / rest - 1
            cells += [f"{most_steps(run)}", f"{seconds:.1f}", f"{error:+.2%}".replace("%", " %") if rested else ""]
        yield "| " + " | ".join(cells) + " |"


def window_rows(folder: Path) -> Iterator[str]:
    """Yield the table of windows, line by line; a cell has steps and seconds, or how a run has ended."""
    shapes: list[tuple[str, Shape, MeshGrading]] = [
        ("plane", PlanarElectrode(), MeshGrading()),
        ("plane, cells of 0.3 nm", PlanarElectrode(), COARSEST),
        ("2 layers", SlitStack(layers=2), MeshGrading()),
        ("3 layers, cells of 0.15 nm", SlitStack(layers=3), COARSE),
        ("corner at the reservoir", Corner(), MeshGrading()),
    ]
    yield "| drive | " + " | ".join(name for name, _, _ in shapes) + " |"
    yield "|---|" + "---|" * len(shapes)
    for window in WINDOWS:
        cells = [window.name]
        for _, shape, grading in shapes:
            begun = time.process_time()
            try:
                run = solve(meshed(shape, grading, folder), drive=window.drive, settings=QUICK)
                cells.append(f"{run.sizes['time'] - 1} in {time.process_time() - begun:.1f} s")
            except IonspiceError as error:
                where = re.search(r"phi_m = ([^)]*)", str(error))
                cells.append(f"ends at {where[1] if where else error}")
        yield "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the tables that are asked for."""
    tables = {"pace": pace_rows, "window": window_rows}
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or tables:
            for row in tables[name](Path(folder)):
                print(row, flush=True)
            print()


if __name__ == "__main__":
    main()
