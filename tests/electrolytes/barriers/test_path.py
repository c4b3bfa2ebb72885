import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from ionspice.core import RunError
from ionspice.electrolytes.barriers.path import between, minimum_energy_path, path_of_labels, relaxed

HEIGHT, WIDTH, BEND = 0.49, 1.2, 0.4


class DoubleWell(Calculator):
    """HEIGHT (x^2/WIDTH^2 - 1)^2 + (y - BEND x^2)^2 + z^2: a bent valley whose saddle lies in the origin."""

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        x, y, z = atoms.positions.T
        well, valley = x**2 / WIDTH**2 - 1, y - BEND * x**2
        self.results["energy"] = float((HEIGHT * well**2 + valley**2 + z**2).sum())
        gradient = np.stack([4 * HEIGHT * well * x / WIDTH**2 - 4 * valley * BEND * x, 2 * valley, 2 * z], axis=1)
        self.results["forces"] = -gradient


@pytest.fixture
def ends():
    start = relaxed(Atoms("H", positions=[[-1.0, 0.3, 0.2]]), DoubleWell(), force=0.001, steps=500)
    end = relaxed(Atoms("H", positions=[[1.0, 0.3, 0.0]]), DoubleWell(), force=0.001, steps=500)
    return start, end


@pytest.mark.parametrize("count", [5, 8])  # with and without an image halfway
def test_the_barrier_of_a_double_well_is_found(ends, count):
    path = minimum_energy_path(between(*ends, count), DoubleWell(), "wells", force=0.01, steps=500)
    assert path.converged
    assert path.barrier == pytest.approx(HEIGHT, rel=0.01)
    assert path.energies[-1] == pytest.approx(0, abs=1e-4)
    top = path.images[int(np.argmax(path.energies))]
    assert np.allclose(top.positions, 0, atol=0.05)
    assert path.coordinate[-1] > 2 * WIDTH  # the valley is bent
    assert np.all(np.diff(path.coordinate) > 0)


def test_another_program_is_asked_on_the_same_images(ends):
    path = minimum_energy_path(between(*ends, 7), DoubleWell(), "wells", force=0.01, steps=500)
    asked = path_of_labels(path.images, "the same")
    assert asked.barrier == pytest.approx(path.barrier)
    assert not asked.converged
    assert asked.residual_force < 0.05


def test_an_end_state_that_does_not_relax_is_an_error():
    with pytest.raises(RunError, match="not relaxed after 2 steps"):
        relaxed(Atoms("H", positions=[[-0.6, 0.0, 0.0]]), DoubleWell(), force=0.001, steps=2)
