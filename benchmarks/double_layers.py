"""Write docs/double-layers.md: double layers that other tools publish as examples, against a quadrature of their own.

python benchmarks/double_layers.py            about half a minute on one core
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `tests`

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from scipy import constants, optimize

from ionspice.fem import solve
from ionspice.meshes import write_mesh
from ionspice.pipeline import read_case
from tests.fem.test_excess import bmcsl, lattice, plate_charge

ROOT = Path(__file__).resolve().parents[1]
DOCS, CASES = ROOT / "docs", ROOT / "examples" / "double_layers"
STRIP = 1e-9  # m, width of a planar electrode


def run(name):
    """Return the case of an example, its potentials [V] and charges [C/m^2] while it charges."""
    case = read_case(CASES / name)
    path = Path(tempfile.mkdtemp()) / "mesh.msh"
    write_mesh(path, case.geometry.build(), case.grading)
    found = solve(path, electrolyte=case.electrolyte.build(), drive=case.drive.build(), settings=case.solver.build())
    return case.electrolyte.build(), found.electrode_potential.values, found.electrode_charge.values / STRIP


def wall(electrolyte, potential, excess):
    """Return number densities [1/nm^3] next to a plane at a potential [V], followed from the bulk on."""
    bulk = np.array([s.number_density for s in electrolyte.species]) * 1e-27
    z = np.array([s.valence for s in electrolyte.species])
    found = np.log(bulk)
    for u in np.linspace(0, potential / electrolyte.thermal_voltage, 201):
        wanted = np.log(bulk) + excess(bulk) - z * u
        found = optimize.root(lambda y, w=wanted: y + excess(np.exp(y)) - w, found, tol=1e-12).x
    return np.exp(found)


def mixed():
    """Return rows (charge, potential, exact potential, Cs+ per Li+ at the wall) of the mixed ions."""
    electrolyte, potential, charge = run("mixed_ions.toml")
    diameters = np.array([0.76, 0.66, 0.0])

    def excess(c):
        return bmcsl(c, diameters)

    rows = []
    for wanted in (-0.3, -0.4, -0.5, -0.6):
        here = float(np.interp(-wanted, -charge, potential))
        exact = optimize.brentq(
            lambda v, q=wanted: plate_charge(electrolyte, v, excess) - q, here - 0.02, here + 0.02, xtol=1e-6
        )
        c = wall(electrolyte, here, excess)
        rows.append((wanted, here, exact, *(c[:2] * 1e24 / constants.N_A)))
    return rows, potential, charge


def solvated():
    """Return rows (potential, charge, exact charge, capacitance) up to 1 V, all of the run, and the exact charge."""
    electrolyte, potential, charge = run("solvated_ions.toml")
    up = np.arange(len(potential)) <= int(np.argmax(potential))
    size = np.array([0.6908, 0.6908])

    def plate(v):
        return plate_charge(electrolyte, v, lambda c: lattice(c, size, 0.3106))

    rows = []
    for wanted in (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0):
        near = [float(np.interp(v, potential[up], charge[up])) for v in (wanted - 0.01, wanted, wanted + 0.01)]
        rows.append((wanted, near[1], plate(wanted), (near[1] - near[0]) / 0.01))
    return rows, potential, charge, plate


PAGE = """# Double layers that other tools show

Written by `benchmarks/double_layers.py`. Both cases are in examples/double_layers and run with `ionspice run`; what
is exact comes from a quadrature over the potential, with formulas of its own and roots by SciPy.

![double layers](images/double-layers.svg)

## Mixed ions as hard spheres

mixed_ions.toml, 9 mmol/L LiCl and 1 mmol/L CsCl (0.76 and 0.66 nm; Boublik, Mansoori, Carnahan, Starling, Leland), is
figure 1 of Biesheuvel and van Soestbergen (doi:10.1016/j.jcis.2007.08.006) and an example of echemfem. At the wall
the smaller Cs+ takes the place of Li+, of which the bulk has nine times more.

| charge / (C/m²) | potential / V | exact / V | difference | Li+ at the wall / (mol/L) | Cs+ |
|---|---|---|---|---|---|
{mixed}

## Solvated ions to 1 V

solvated_ions.toml, 10 mmol/L of ions that bind ten molecules of water each and take the room of eleven, is the
double-layer capacitance of LiquidElectrolytes.jl's examples. Its model (Dreyer, Guhlke, Landstorfer) counts the
entropy of mixing by particles, the lattice here by sites, so that curves are of the same shape and not the same.

| potential / V | charge / (C/m²) | exact / (C/m²) | difference | capacitance / (µF/cm²) |
|---|---|---|---|---|
{solvated}
"""


def main():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
    rows, potential, charge = mixed()
    left.plot(potential, -charge, label="computed")
    left.plot([row[2] for row in rows], [-row[0] for row in rows], "o", label="quadrature")
    left.set(xlabel="potential / V", ylabel="- charge / (C/m²)", title="Li+, Cs+, BMCSL")
    first = "\n".join(
        f"| {q:.1f} | {v:.4f} | {e:.4f} | {abs(v / e - 1):.1e} | {li:.2f} | {cs:.2f} |" for q, v, e, li, cs in rows
    )
    rows, potential, charge, plate = solvated()
    back = slice(int(np.argmax(potential)), int(np.argmin(potential)) + 1)  # from 1 V to -1 V
    grid = np.arange(-0.97, 0.975, 0.01)
    along = np.interp(grid, potential[back][::-1], charge[back][::-1])
    right.plot(grid, np.gradient(along, grid) * 100, label="computed")
    exact = [(plate(v + 0.005) - plate(v - 0.005)) * 1e4 for v, *_ in rows[:-1]]
    right.plot([row[0] for row in rows[:-1]], exact, "o", label="quadrature")
    right.set(xlabel="potential / V", ylabel="capacitance / (µF/cm²)", title="solvation number 10")
    second = "\n".join(f"| {v} | {q:.5f} | {e:.5f} | {abs(q / e - 1):.1e} | {c * 100:.1f} |" for v, q, e, c in rows)
    left.legend()
    right.legend()
    plt.rcParams["svg.hashsalt"] = "ionspice"
    figure.savefig(DOCS / "images" / "double-layers.svg", metadata={"Date": None})
    (DOCS / "double-layers.md").write_text(PAGE.format(mixed=first, solvated=second))


if __name__ == "__main__":
    main()
