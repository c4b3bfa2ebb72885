import numpy as np
import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ionspice.electrolytes.labels.bends import STIFFNESS, Bend, bent, pull  # noqa: E402


@pytest.fixture
def bridge():
    # Across the boundary of its cell.
    positions = [[9.5, 0.3, 0.1], [1.4, 0.1, 9.8], [2.3, 2.1, 0.2]]
    return ase.Atoms("AlClAl", positions=positions, cell=[10] * 3, pbc=True)


def test_the_energy_is_that_of_a_spring(bridge):
    angle = np.radians(bridge.get_angle(0, 1, 2, mic=True))
    energy, _ = pull(bridge, [Bend(atoms=(0, 1, 2), angle=angle - 0.2)])
    assert energy == pytest.approx(STIFFNESS * 0.2**2 / 2)
    energy, forces = pull(bridge, [Bend(atoms=(0, 1, 2), angle=angle)])
    assert energy == pytest.approx(0, abs=1e-12)
    assert np.allclose(forces, 0, atol=1e-6)


def test_forces_are_the_slope_of_the_energy(bridge):
    bends = [Bend(atoms=(0, 1, 2), angle=np.radians(150))]
    _, forces = pull(bridge, bends)
    slopes = np.zeros((3, 3))
    for atom, axis in np.ndindex(3, 3):
        for sign in (1, -1):
            moved = bridge.copy()
            moved.positions[atom, axis] += sign * 1e-5
            slopes[atom, axis] -= sign * pull(moved, bends)[0] / 2e-5
    assert np.allclose(forces, slopes, atol=1e-7)
    assert np.allclose(forces.sum(axis=0), 0, atol=1e-12)


def test_a_straight_angle_has_finite_forces():
    straight = ase.Atoms("AlClAl", positions=[[0, 0, 0], [2, 0, 0], [4, 0, 0]])
    _, forces = pull(straight, [Bend(atoms=(0, 1, 2), angle=np.radians(110))])
    assert np.isfinite(forces).all()


def test_the_pull_is_added_to_another_method(bridge):
    from ase.calculators.lj import LennardJones

    bends = [Bend(atoms=(0, 1, 2), angle=np.radians(100))]
    plain, pulled = bridge.copy(), bridge.copy()
    plain.calc, pulled.calc = LennardJones(), bent(LennardJones(), bends)
    energy, forces = pull(bridge, bends)
    assert pulled.get_potential_energy() == pytest.approx(plain.get_potential_energy() + energy)
    assert np.allclose(pulled.get_forces(), plain.get_forces() + forces)
