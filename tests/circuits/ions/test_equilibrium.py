import numpy as np
import pytest

from ionspice.circuits.ions.cells import neutral_cells, slit_cells
from ionspice.circuits.ions.equilibrium import crossing, equilibrium, grand_potential
from tests.circuits.ions.ions_cases import SOLUTIONS, solution


def surface_charge(ions, width, u, *, stern_layer=0.0, nodes=96):
    """Return the electrode's charge per wall over e, 1/m^2."""
    cells = slit_cells(ions, width, stern_layer=stern_layer, nodes=nodes, window=abs(u))
    return -equilibrium(cells, ions, -u * ions.valence).ions @ ions.valence / 2


@pytest.mark.parametrize("u", [0.5, 4.0, -12.0, 40.0])
def test_wide_slit_holds_the_charge_of_a_plate(u):
    ions = solution()
    nu = ions.packing_fraction
    g = 1 + 2 * nu * np.sinh(u / 2) ** 2
    exact = np.sign(u) * 2 * ions.bulk[0] * ions.debye_length * np.sqrt(2 / nu * np.log(g))
    assert surface_charge(ions, 24 * ions.debye_length, u) == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("u", [0.5, 4.0, 8.0])
def test_point_ions_obey_grahame(u):
    ions = solution(diameter=0.0)
    exact = 4 * ions.bulk[0] * ions.debye_length * np.sinh(u / 2)
    assert surface_charge(ions, 24 * ions.debye_length, u) == pytest.approx(exact, rel=4e-3)


def test_charge_in_a_slit_obeys_the_first_integral():
    ions, u = solution(), 4.0
    cells = slit_cells(ions, 1.5e-9, nodes=128, window=u)
    state = equilibrium(cells, ions, -u * ions.valence)
    nu, middle = ions.packing_fraction, u + state.potential[-1]
    ratio = (1 + 2 * nu * np.sinh(u / 2) ** 2) / (1 + 2 * nu * np.sinh(middle / 2) ** 2)
    exact = 2 * ions.bulk[0] * ions.debye_length * np.sqrt(2 / nu * np.log(ratio))
    assert -state.ions @ ions.valence / 2 == pytest.approx(exact, rel=5e-4)


@pytest.mark.parametrize("stern_layer", [0.0, 0.2e-9])
def test_small_charge_is_that_of_debye_and_hueckel(stern_layer):
    ions, u, half = SOLUTIONS["three species"], 1e-4, 0.75e-9
    debye = ions.debye_length
    wall = np.tanh(half / debye)
    exact = ions.strength * debye * u * wall / (1 + wall * stern_layer / debye)
    assert surface_charge(ions, 2 * half, u, stern_layer=stern_layer) == pytest.approx(exact, rel=5e-4)


def test_correlations_lower_the_capacitance_of_a_plate():
    delta, u = 1.5, 1e-4
    plain = solution(molar=0.1)
    ions = solution(molar=0.1, correlation_length=delta * plain.debye_length)
    exact = ions.strength * ions.debye_length * u * np.sqrt(2 * delta + 1) / (delta + 1)
    assert surface_charge(ions, 40 * ions.debye_length, u) == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize("name", SOLUTIONS)
@pytest.mark.parametrize("stern_layer", [0.0, 0.3e-9])
def test_ions_are_the_derivative_of_one_convex_potential(name, stern_layer):
    ions = SOLUTIONS[name]
    cells = slit_cells(ions, 1.5e-9, stern_layer=stern_layer, nodes=16, window=6.0)
    a = np.random.default_rng(2).normal(scale=3.0, size=(8, ions.species))
    state = equilibrium(cells, ions, a)
    np.testing.assert_allclose(state.response, state.response.swapaxes(1, 2), rtol=1e-8)
    assert (np.linalg.eigvalsh(state.response) > 0).all()
    atol = 1e-9 * np.abs(state.response).max()
    for s in range(ions.species):
        h = 1e-5 * np.eye(ions.species)[s]
        up, down = (equilibrium(cells, ions, a + sign * h) for sign in (1, -1))
        np.testing.assert_allclose((up.ions - down.ions) / 2e-5, state.response[:, :, s], rtol=1e-5, atol=atol)
        rise = grand_potential(cells, ions, a + h, up.potential) - grand_potential(cells, ions, a - h, down.potential)
        np.testing.assert_allclose(rise / 2e-5, state.ions[:, s], rtol=1e-5)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_far_potentials_converge_and_respect_the_packing(name):
    ions = SOLUTIONS[name]
    cells = slit_cells(ions, 1.2e-9, nodes=24, window=40.0)
    u = np.array([[-20.0], [15.0], [30.0]] if ions.site_volume == 0 else [[-45.0], [20.0], [60.0]])
    state = equilibrium(cells, ions, -u * ions.valence)
    assert (state.ions >= 0).all()
    assert (state.ions @ ions.volume <= cells.length * (1 + 1e-12)).all()


def test_neutral_electrolyte_stays_neutral():
    ions = SOLUTIONS["2:1"]
    state = equilibrium(neutral_cells(ions, 1e-9), ions, np.array([[1.0, 0.5], [-1.0, 2.0]]))
    np.testing.assert_allclose(state.ions @ ions.valence, 0, atol=1e-7 * ions.bulk.sum() * 1e-9)


def test_resistance_of_a_way_is_that_of_the_bulk_without_potential():
    ions = solution()
    cells = slit_cells(ions, 20e-9, way=(1e-9, np.inf), nodes=40)
    way, _ = crossing(cells, ions, equilibrium(cells, ions, np.zeros(2)))
    np.testing.assert_allclose(way, 9e-9 / ions.bulk, rtol=1e-12)
