import numpy as np
import pytest

from ionspice.circuits.ions.cells import slit_cells
from ionspice.circuits.ions.equilibrium import equilibrium
from ionspice.circuits.ions.plane import conduction, plane, plane_ions
from tests.circuits.ions.ions_cases import SOLUTIONS

NM = 1e-9


def slit():
    """Return a slit of 1.5 nm between walls at both ends of x, open at both ends of y."""
    box = (0.0, 1.5 * NM, 0.0, 2 * NM)
    sides = [(0.0, 1.5 * NM, 0.0, 0.0), (0.0, 1.5 * NM, 2 * NM, 2 * NM)]
    return plane([box], sides, spacing=0.015 * NM, growth=1.15)


def test_areas_and_walls_are_those_of_the_rectangles():
    step = [(0.0, 1 * NM, 0.0, 2 * NM), (1 * NM, 3 * NM, 0.0, 1 * NM)]
    domain = plane(step, [(0.0, 3 * NM, 0.0, 0.0)], spacing=0.1 * NM, growth=1.3)
    assert domain.area.sum() == pytest.approx(4 * NM**2)
    assert domain.wall.sum() == pytest.approx((2 + 1 + 1 + 2 + 1) * NM)


@pytest.mark.parametrize("name", ["equal sizes", "2:1", "unequal sizes"])
@pytest.mark.parametrize("stern_layer", [0.0, 0.3e-9])
def test_straight_slit_holds_the_ions_of_the_line(name, stern_layer):
    ions = SOLUTIONS[name]
    a = -4.0 * ions.valence + np.array([0.0, 0.5])
    c, _ = plane_ions(slit(), ions, a, stern_layer=stern_layer)
    line = equilibrium(slit_cells(ions, 1.5 * NM, stern_layer=stern_layer, nodes=64), ions, a)
    np.testing.assert_allclose(slit().area @ c, 2 * NM * line.ions, rtol=5e-3)


def test_straight_slit_conducts_like_its_cross_section():
    domain = slit()
    y = domain.position[:, 1]
    w, conductance = conduction(domain, np.full(y.size, 2.0), y == y.min(), y == y.max())
    assert conductance == pytest.approx(2.0 * 1.5 / 2)
    np.testing.assert_allclose(w, 1 - y / y.max(), atol=1e-9)


def test_vertices_can_keep_their_potential():
    ions, domain = SOLUTIONS["equal sizes"], slit()
    held = domain.position[:, 1] == 0
    guess = np.where(held, -0.3, 0.0)
    _, phi = plane_ions(domain, ions, np.zeros(2), guess=guess, held=held)
    np.testing.assert_array_equal(phi[held], -0.3)
