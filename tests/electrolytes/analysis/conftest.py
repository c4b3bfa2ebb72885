"""Liquids that are made up, so that the answer is known."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(20)


@pytest.fixture
def write_dump(tmp_path):
    """Return a writer of LAMMPS dumps: columns by name, each of shape (frames, atoms)."""

    def write(columns, *, edge, steps=None, name="run.lammpstrj", items="", ids=None, order=None):
        frames, atoms = next(iter(columns.values())).shape
        steps = np.arange(frames) * 100 if steps is None else steps
        edges = np.broadcast_to(edge, (frames,)) if np.ndim(edge) < 2 else None
        ids = np.arange(1, atoms + 1) if ids is None else ids
        order = np.arange(atoms) if order is None else order
        path = tmp_path / name
        with path.open("w") as file:
            for k in range(frames):
                file.write(f"{items}ITEM: TIMESTEP\n{steps[k]}\nITEM: NUMBER OF ATOMS\n{atoms}\n")
                if edges is not None:
                    file.write("ITEM: BOX BOUNDS pp pp pp\n" + f"0.0 {edges[k]:.17g}\n" * 3)
                else:
                    file.write(box_lines(edge))
                file.write(f"ITEM: ATOMS id {' '.join(columns)}\n")
                for row in order:
                    values = [str(values[k, row]) for values in columns.values()]
                    file.write(f"{ids[row]} {' '.join(values)}\n")
        return path

    return write


def box_lines(cell):
    """Return the bounds of a triclinic box as LAMMPS writes them."""
    xy, xz, yz = cell[1, 0], cell[2, 0], cell[2, 1]
    low = [min(0.0, xy, xz, xy + xz), min(0.0, yz), 0.0]
    high = [cell[0, 0] + max(0.0, xy, xz, xy + xz), cell[1, 1] + max(0.0, yz), cell[2, 2]]
    rows = zip(low, high, (xy, xz, yz), strict=True)
    return "ITEM: BOX BOUNDS xy xz yz pp pp pp\n" + "".join(f"{a:.17g} {b:.17g} {c:.17g}\n" for a, b, c in rows)


@pytest.fixture
def walk(rng):
    """Return a random walk, shape (frames, atoms, 3), from random places in a box."""

    def make(*, frames, atoms, step, edge):
        steps = step * rng.standard_normal((frames, atoms, 3))
        steps[0] = edge * rng.random((atoms, 3))
        return np.cumsum(steps, axis=0)

    return make
