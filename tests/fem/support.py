"""Grid lines and MPI runs for the field solver's tests."""

import os
import subprocess
import sys
from pathlib import Path

import meshio
import numpy as np

from ionspice.fem import Electrolyte, SolverSettings, Species
from ionspice.meshes import convert_mesh, groups

STERN = 0.4e-9  # m
COARSE = SolverSettings(tolerance=2e-3, steps_per_ramp=20)


def point_ions(*kinds):
    """Return an electrolyte of point species (name, valence, concentration [mol/m^3]), all with D = 1e-9 m^2/s."""
    species = (Species(name=name, valence=z, diffusivity=1e-9, concentration=c) for name, z, c in kinds)
    return Electrolyte(ion_diameter=0.0, species=tuple(species))


def graded(length, first, growth):
    """Return grid lines from 0 to length whose cells grow from about `first`."""
    cells = int(np.ceil(np.log(length * (growth - 1) / first + 1) / np.log(growth)))
    sizes = growth ** np.arange(cells)
    lines = np.concatenate([[0.0], np.cumsum(sizes) * length / sizes.sum()])
    lines[-1] = length
    return lines


def mpiexec(ranks, script, *arguments):
    """Run a Python script on a number of ranks and return its completed process."""
    beside = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside) if beside.exists() else "mpiexec"
    command = [launcher, "-n", str(ranks), sys.executable, "-c", script, *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def layered(path, layers, lines, *, height=1.0):
    """Write a mesh of layers along x, one cell high; return the path of its .msh.

    Args:
        path: the .vtu beside which it lies.
        layers: (region, grid lines x [nm]) in turn, each beginning where the one before ends.
        lines: name of the boundary by x [nm]; top and bottom are mirrors.
        height: extent along y [nm].
    """
    x = np.concatenate([layers[0][1][:1], *(part[1:] for _, part in layers)])
    points = np.array([[xi, yj, 0.0] for xi in x for yj in (0.0, height)])
    index = np.arange(len(points)).reshape(-1, 2)
    quads = np.stack([index[:-1, 0], index[1:, 0], index[1:, 1], index[:-1, 1]], axis=-1)
    regions = np.concatenate([np.full(len(part) - 1, groups.region_number(name)) for name, part in layers])
    sides = np.concatenate([np.stack([index[:-1, k], index[1:, k]], axis=-1) for k in (0, 1)])
    across = [index[int(np.argmin(np.abs(x - at)))] for at in lines]
    numbers = [groups.boundary_number(groups.MIRROR)] * len(sides) + list(map(groups.boundary_number, lines.values()))
    cells = [("quad", quads), ("line", np.concatenate([sides, across]))]
    meshio.write(path, meshio.Mesh(points, cells, cell_data={"group": [regions, np.array(numbers)]}))
    convert_mesh(path, path.with_suffix(".msh"))
    return path.with_suffix(".msh")


def imbalance(run):
    """Return how far the current through cuts, displacement included, is from the electrode's, over its peak."""
    total = run.cut_flux.sum("part") + run.cut_displacement_current
    worst = float(np.abs(total + run.electrode_current)[1:].max())
    return worst / float(np.abs(run.electrode_current).max())
