"""Write docs/verification.md and its plots: computed against exact answers, and convergence of the default case.

python benchmarks/field_verification.py            about eight minutes on one core
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `tests` and `benchmarks`

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import meshio
import numpy as np

from benchmarks.field_scales import pace_rows, window_rows
from benchmarks.measured_tests import measured_rows
from ionspice.fem import Electrolyte, SolverSettings, StepDrive, TriangularDrive, solve
from ionspice.meshes import MeshGrading, SlitStack, convert_mesh, write_mesh
from tests.fem.support import graded
from tests.verification import exact, test_linear_cell, test_manufactured, test_slit_charging

DOCS = Path(__file__).resolve().parents[1] / "docs"
IMAGES = DOCS / "images"
ELECTROLYTE = Electrolyte()
SIDES = {"electrode": 1, "reservoir": 2, "mirror": 3}


def rectangle(x, y, *, left, right, bottom, top):
    """Mesh the grid lines x and y [nm] of one open rectangle; return the path."""
    points = np.array([[xi, yj, 0.0] for xi in x for yj in y])
    index = np.arange(len(points)).reshape(len(x), len(y))
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1).reshape(-1, 4)
    sides = [(left, index[0]), (right, index[-1]), (bottom, index[:, 0]), (top, index[:, -1])]
    lines = [np.stack([side[:-1], side[1:]], axis=-1) for _, side in sides]
    numbers = [np.full(len(line), SIDES[name]) for (name, _), line in zip(sides, lines, strict=True)]
    group = [np.ones(len(quads), dtype=int), np.concatenate(numbers)]
    folder = Path(tempfile.mkdtemp())
    cells = [("quad", quads), ("line", np.concatenate(lines))]
    meshio.write(folder / "r.vtu", meshio.Mesh(points, cells, cell_data={"group": group}))
    convert_mesh(folder / "r.vtu", folder / "r.msh")
    return folder / "r.msh"


def plate_mesh(length, cell):
    x = -graded(length, cell, 1.05)[::-1]
    return rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")


def figure(name, xlabel, ylabel):
    fig, axes = plt.subplots(figsize=(5.2, 3.4), layout="constrained")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return axes, lambda: (axes.legend(), fig.savefig(IMAGES / f"verification-{name}.svg"), plt.close(fig))


def plate():
    """Return the largest relative error of the plate's charge."""
    axes, save = figure("plate", "electrode potential / V", "charge / (C/m²)")
    mesh, volts = plate_mesh(16.0, 0.01), np.array([0.03, 0.06, 0.11, 0.2, 0.3, 0.5])
    worst = 0.0
    for diameter in (0.4e-9, 0.6e-9, 0.8e-9):
        electrolyte = Electrolyte(ion_diameter=diameter)
        fine = np.linspace(1e-3, 0.5, 200)
        expected = [electrolyte.permittivity * exact.field_at_wall(electrolyte, v) for v in fine]
        (line,) = axes.plot(fine, expected, label=f"exact, a = {diameter * 1e9:.1f} nm")
        runs = [solve(mesh, electrolyte=electrolyte, drive=StepDrive(amplitude=v, duration=2e-6)) for v in volts]
        charge = np.array([float(run.electrode_charge[-1]) for run in runs]) / 1e-9
        axes.plot(volts, charge, "o", color=line.get_color())
        exactly = np.array([electrolyte.permittivity * exact.field_at_wall(electrolyte, v) for v in volts])
        worst = max(worst, np.abs(charge / exactly - 1).max())
    save()
    return worst


def linear_cell():
    """Return the errors of the slowest rate and of the periodic voltammogram (share of its peak)."""
    length = test_linear_cell.HALF_LENGTH
    mesh = plate_mesh(length, 0.01)
    rate = exact.slowest_rate(ELECTROLYTE, length * 1e-9, 0.0)
    drive = StepDrive(amplitude=test_linear_cell.SMALL, duration=6 / abs(rate))
    run = solve(mesh, drive=drive, settings=SolverSettings(steps_per_ramp=200))
    late = run.time.values > drive.duration / 2
    fitted = np.polyfit(run.time.values[late], np.log(run.electrode_current.values[late]), 1)[0]
    half = 3 / abs(rate)
    cycles = TriangularDrive(amplitude=test_linear_cell.SMALL, half_cycle=half, cycles=3)
    run = solve(mesh, drive=cycles, settings=SolverSettings(tolerance=1e-6, steps_per_ramp=60))
    phase = run.time.values / half
    shown = (phase > 4.02) & (np.abs(phase - 5) > 0.02) & (phase < 5.98)
    response = exact.linear_cell_admittance(ELECTROLYTE, length * 1e-9, 0.0)
    expected = exact.periodic_cv(response, test_linear_cell.SMALL, half, run.time.values[shown])
    current = run.electrode_current.values[shown] / 1e-9
    axes, save = figure("linear-cv", "electrode potential / µV", "current / (A/m²)")
    volts = run.electrode_potential.values[shown] * 1e6
    axes.plot(volts, expected, label="exact series")
    axes.plot(volts[::4], current[::4], "o", markersize=3, label="computed")
    save()
    return abs(fitted / rate - 1), np.abs(current - expected).max() / np.abs(expected).max()


def slit():
    """Return the error of the charge (share of the last) and of the diffusion share."""
    length, height = test_slit_charging.LENGTH, test_slit_charging.HALF_HEIGHT
    y = height - graded(height, 0.02, 1.1)[::-1]
    mesh = rectangle(
        graded(length, 0.05, 1.08), y, left="reservoir", right="mirror", bottom="mirror", top="electrode"
    )
    tau = exact.slit_relaxation_time(ELECTROLYTE, height * 1e-9, length * 1e-9)
    volts = test_slit_charging.POTENTIAL
    run = solve(mesh, drive=StepDrive(amplitude=volts, duration=3 * tau), settings=SolverSettings(tolerance=1e-5))
    expected = exact.slit_charge(ELECTROLYTE, volts, height * 1e-9, length * 1e-9, run.time.values)
    axes, save = figure("slit", "time / τ", "charge / (C/m)")
    axes.plot(run.time / tau, expected, label="exact series")
    axes.plot(run.time / tau, run.electrode_charge, "o", markersize=3, label="computed")
    save()
    later = run.time.values > 1e-3 * run.time.values[-1]
    overlap = height * 1e-9 / ELECTROLYTE.debye_length
    flux = run.open_flux.sel(time=slice(run.time.values[-1] / 10, None))
    share = (flux / flux.sum("part")).sel(part="diffusion").values
    error = np.abs(run.electrode_charge.values - expected)[later].max() / expected[-1]
    return error, np.abs(share / (np.tanh(overlap) / overlap) - 1).max()


def orders():
    """Return the observed orders of P1 and P2 in space and of BDF2 in time."""
    axes, save = figure("orders", "cells per side or time steps", "error")
    found = []
    for name, sizes, errors in (
        ("P1, L2 error", (8, 16, 32), lambda n: test_manufactured.space_error(rectangle, n, 1)),
        ("P2, L2 error", (8, 16, 32), lambda n: test_manufactured.space_error(rectangle, n, 2)),
        ("BDF2, largest error", (16, 32, 64), lambda n: test_manufactured.time_error(rectangle, n)),
    ):
        values = [errors(n) for n in sizes]
        order = np.log2(values[-2] / values[-1])
        axes.loglog(sizes, values, "o-", label=f"{name}: order {order:.2f}")
        found.append(order)
    save()
    return found


def law(refinement, settings):
    """Return unknowns, steps, mean gamma and Rc of the inner gaps [ohm m], peak current [A/m], charge [C/m]."""
    path = Path(tempfile.mkdtemp()) / "mesh.msh"
    write_mesh(path, SlitStack(), MeshGrading().refined(refinement))
    run = solve(path, settings=settings)
    charging = run.sel(time=slice(None, run.attrs["charging_end"] * (1 + 1e-9)))
    potential, time = charging.slit_potential.values, charging.time.values
    drop = potential[:, :-1] - potential[:, 1:]
    middle = (drop[1:] + drop[:-1]) / 2 * np.diff(time)[:, None]
    integral = np.abs(np.vstack([np.zeros(drop.shape[1]), np.cumsum(middle, axis=0)]))
    charge = np.abs(charging.passed_charge.values[:, 1:])
    found = []
    for q, y in zip(charge.T, integral.T, strict=True):
        weight = np.sqrt(np.abs(np.gradient(q)))[:, None]  # as in ionspice.discovery: a row counts by its charge
        columns = np.column_stack([q, -(q**2) / (2 * q.max())])
        linear, quadratic = np.linalg.lstsq(weight * columns, weight[:, 0] * y, rcond=None)[0]
        found.append((quadratic / linear, linear))
    gamma, resistance = np.mean(found, axis=0)
    peak, most = float(np.abs(run.electrode_current).max()), float(run.electrode_charge.max())
    return run.attrs["unknowns"], run.attrs["steps"], gamma, resistance, peak, most


def table():
    base = SolverSettings()
    cases = [
        ("default", 1.0, base),
        ("mesh 1.5 times finer", 1.5, base),
        ("mesh 2 times finer", 2.0, base),
        ("mesh 1.5 times coarser", 1 / 1.5, base),
        ("tolerance 10 times smaller", 1.0, SolverSettings(tolerance=base.tolerance / 10)),
        ("tolerance 10 times larger", 1.0, SolverSettings(tolerance=base.tolerance * 10)),
        ("mesh 2 times finer, tolerance 10 times smaller", 2.0, SolverSettings(tolerance=base.tolerance / 10)),
        ("4 times more steps a ramp", 1.0, SolverSettings(steps_per_ramp=4 * base.steps_per_ramp)),
    ]
    lines = [
        "| run | unknowns | steps | gamma | Rc / (ohm m) | peak current / (A/m) | largest charge / (C/m) |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, refinement, settings in cases:
        unknowns, steps, gamma, resistance, peak, charge = law(refinement, settings)
        lines.append(
            f"| {name} | {unknowns} | {steps} | {gamma:.4f} | {resistance:.5g} | {peak:.5g} | {charge:.5g} |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines)


PAGE = """# Verification of the field solver

Written by `benchmarks/field_verification.py`; `tests/verification` and `tests/fem` assert the same comparisons. Exact
answers and their symbols stand in tests/verification/exact.py and at the head of the tests. Errors are the largest
relative ones over all that is compared.

| exact answer | computed | asserted |
|---|---|---|
| charge of a plate, 0.03 to 0.5 V, a = 0.4, 0.6, 0.8 nm | {plate:.1e} | 1e-3 |
| slowest relaxation of a linear blocking cell | {rate:.1e} | 5e-3 |
| periodic voltammogram of the linear cell | {cv:.1e} of the peak | 5e-3 |
| charging of a long slit | {slit:.1e} of the last charge | 5e-3 |
| diffusion share of its current, tanh(kappa H)/(kappa H) | {share:.1e} | 5e-3 |
| manufactured solution, P1 in space | order {p1:.2f} | 2 |
| manufactured solution, P2 in space | order {p2:.2f} | 3 |
| manufactured motion, BDF2 on uneven steps | order {time:.2f} | 2 |
{measured}
| 1, 2, 3 and 4 ranks | the tests' 1e-8 of each observable | 1e-8 |

![plate](images/verification-plate.svg)
![linear voltammogram](images/verification-linear-cv.svg)
![slit](images/verification-slit.svg)
![orders](images/verification-orders.svg)

## Convergence of the default case

gamma and Rc are means over the inner gaps of Y = Rc Q - gamma Rc Q^2/(2 Qmax), fitted to the charging half with the
electric potential of the slits' centres; Y is integrated by trapezia over the accepted steps, and a row counts by
the charge that it stands for.

{table}

Against its limit on fine meshes, 1.3867e-08 C/m, the default mesh's charge is 0.15 % too large
([decision 16](decisions/0016-points-near-the-centre.md)).

## Drives of every pace

The default meshes and settings; seconds are of one processor, setup included. Charges at the largest potential are
against Kilic's closed form on the plane, and in layers against the equilibrium on a mesh 2.5 times finer, where the
drive is slow enough to pass through equilibria.

{pace}

## Wide windows and jumps

Steps and seconds of KCl 1 mol/L, tolerance 0.005, 20 steps a ramp. All finish. Beside a wall at 3 V an ion has
vanished (e^-117 of the bulk, 1e-75 in crowds); what its electrochemical potential is there, no result feels, but it
used to follow from round-off, jump by tens of kT and shorten the steps until the run ended. A trace of 1e-11 of the
bulk, which stores in proportion to that potential and conducts, lets it diffuse as that of dilute ions does
(`ionspice.fem.forms.mass`).

{windows}

## Notes on the exact answers

- Linear cell: with phi = 0 and no charge at the mid-plane, and salt that changes only at order V^2, half the cell
  with a reservoir at its middle is the same problem. Potential and charge density are A sinh(k x) + a x and
  -eps k^2 A sinh(k x); no flux at the wall gives a = A k cosh(kL) s/(D kappa^2), and the Stern condition the poles.
- Periodic voltammogram: the capacitor of the empty cell makes the current jump at the corners, where the harmonics do
  not converge; 2 % of a ramp around them is left out.
- Manufactured solution: the source is the strong form in concentrations, so that the change to entropy variables is
  verified too, for a 2:1 electrolyte with unequal diffusivities and a bulk packing of {nu:.2f}.
"""


def rows(of):
    with tempfile.TemporaryDirectory() as folder:
        return "\n".join(of(Path(folder)))


def main():
    IMAGES.mkdir(parents=True, exist_ok=True)
    plt.rcParams["svg.hashsalt"] = "ionspice"
    rate, cv = linear_cell()
    charge, share = slit()
    p1, p2, time = orders()
    packed = Electrolyte(species=test_manufactured.SPECIES, ion_diameter=0.7e-9).packing_fraction
    page = PAGE.format(
        plate=plate(),
        rate=rate,
        cv=cv,
        slit=charge,
        share=share,
        p1=p1,
        p2=p2,
        time=time,
        table=table(),
        nu=packed,
        measured="\n".join(measured_rows()),
        pace=rows(pace_rows),
        windows=rows(window_rows),
    )
    (DOCS / "verification.md").write_text(page)


if __name__ == "__main__":
    main()
