import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.build import bulk
from ase.calculators.lj import LennardJones

from ionspice.core import RunError
from ionspice.electrolytes.boxes.relaxing import relax_box


def crystal(shift):
    """Return a crystal of argon with one atom out of its place."""
    box = bulk("Ar", cubic=True, a=5.2) * (2, 2, 2)
    box.new_array("molecule", np.arange(len(box)))
    box.positions[0] += shift
    return box


def test_a_hard_contact_goes_and_the_cell_stays():
    box = crystal([1.2, 1.2, 0])
    calculator = LennardJones(epsilon=0.01, sigma=3.4, rc=8)
    relaxed = relax_box(box, calculator, by="Lennard-Jones", fmax=0.01, steps=200)
    assert relaxed.info["largest_force"] <= 0.01
    assert relaxed.info["relaxed_by"] == "Lennard-Jones"
    assert relaxed.info["nearest"] > 3.4 > box.get_all_distances(mic=True)[np.triu_indices(len(box), 1)].min()
    assert np.array_equal(relaxed.cell, box.cell)


def test_molecules_that_fall_into_each_other_are_refused():
    with pytest.raises(RunError, match=r"come as near as 1\.\d+ angstrom"):
        relax_box(
            crystal([1, 0, 0]), LennardJones(epsilon=0.1, sigma=1.0, rc=6), by="weak potential", fmax=1e-3, steps=400
        )
