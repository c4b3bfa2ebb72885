import numpy as np
import pytest
from scipy import constants

from ionspice.circuits.ions.column import facing, open_column
from ionspice.circuits.ions.column_state import column_potential, column_state
from ionspice.circuits.ions.front_fit import settled
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import SOLUTIONS, solution

POINTS = solution(diameter=0.0, molar=0.1)


def column(ions, *, length=20e-9, nodes=24, window=8.0, stern_layer=0.0, face=1.0):
    return open_column(
        ions, length=length, width=6e-9, depth=0.8e-9, face=face, nodes=nodes, window=window, stern_layer=stern_layer
    )


def at_rest(row, ions, u):
    return column_state(row, ions, np.zeros((row.parts, ions.species)), u)


def some_state(row, ions, u=4.0, scale=1.0):
    w = np.random.default_rng(5).normal(scale=scale, size=(row.parts, ions.species))
    return column_state(row, ions, w, u)


@pytest.mark.parametrize("u", [0.5, 4.0, -8.0])
def test_equilibrium_is_the_charge_of_gouy_and_chapman(u):
    row = column(POINTS, nodes=64)
    exact = 4 * POINTS.bulk[0] * POINTS.debye_length * np.sinh(u / 2) * row.width
    assert at_rest(row, POINTS, u).charge == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("u", [4.0, 12.0])
def test_equilibrium_of_a_lattice_is_that_of_kilic(u):
    ions = solution(molar=0.1)
    row = column(ions, nodes=64, window=u)
    nu = ions.packing_fraction
    crowded = np.sqrt(2 / nu * np.log(1 + 2 * nu * np.sinh(u / 2) ** 2))
    exact = 2 * ions.bulk[0] * ions.debye_length * crowded * row.width
    assert at_rest(row, ions, u).charge == pytest.approx(exact, rel=0.01)


def test_stern_layer_takes_its_share_of_the_potential():
    row = column(POINTS, nodes=64, stern_layer=0.3e-9)
    state = at_rest(row, POINTS, 6.0)
    diffuse = state.potential[-2]
    exact = 4 * POINTS.bulk[0] * POINTS.debye_length * np.sinh(diffuse / 2) * row.width
    assert state.charge == pytest.approx(exact, rel=0.01)
    layer = POINTS.permittivity * POINTS.thermal_voltage / 0.3e-9 * (6.0 - diffuse) * row.width / constants.e
    assert state.charge == pytest.approx(layer, rel=1e-9)


@pytest.mark.parametrize("drop", [1.0, 4.0, 8.0])
def test_depleted_column_carries_the_limiting_flux(drop):
    """Counter-ions flow, the others rest: J = 2 D c0 (1 - e^(-drop/2))/L where no layer is in the way."""
    length, nodes = 200e-9, 200
    row = column(POINTS, length=length, nodes=nodes)
    start = at_rest(row, POINTS, 0.0)
    # the face has the potential of the neutral mouth, so that it stays uncharged
    ends, still = np.array([-drop, 0.0, -drop / 2]), np.zeros((row.parts, 2))
    for part in (0.25, 0.5, 0.75, 1.0):
        start = settled(row, POINTS, start, part * ends, 0.0, still)
        assert start is not None
    way = length - 0.8e-9
    exact = 2 * 2e-9 * POINTS.bulk[0] * (1 - np.exp(-drop / 2)) / way * row.width
    np.testing.assert_allclose(start.current[:, 0], start.current[0, 0], rtol=1e-6)
    assert start.current[0, 0] == pytest.approx(exact, rel=0.01)
    assert np.abs(start.current[:, 1]).max() < 1e-6 * exact


@pytest.mark.parametrize("name", SOLUTIONS)
@pytest.mark.parametrize("sealed", [False, True])
def test_derivatives_are_those_of_ions_flows_and_charge(name, sealed):
    ions = SOLUTIONS[name]
    row = column(ions, nodes=8, stern_layer=0.2e-9 if name == "2:1" else 0.0, face=0.8)
    row = facing(row, 0) if sealed else row
    state, h = some_state(row, ions), 1e-5
    up, down = (column_state(row, ions, state.w, state.u + step) for step in (h, -h))
    np.testing.assert_allclose((up.ions - down.ions) / 2 / h, state.lift, atol=1e-7 * np.abs(state.lift).max())
    assert (up.charge - down.charge) / 2 / h == pytest.approx(state.capacity, rel=1e-7)
    for part, s in ((0, 0), (1, 1), (row.parts - 2, 0), (row.parts - 1, ions.species - 1)):
        change = np.zeros_like(state.w)
        change[part, s] = h
        up, down = (column_state(row, ions, state.w + sign * change, state.u) for sign in (1, -1))
        for name_, slope in (("ions", state.response), ("current", state.slope)):
            found = (getattr(up, name_) - getattr(down, name_)) / 2 / h
            np.testing.assert_allclose(found, slope[..., part, s], atol=1e-7 * np.abs(slope).max())


@pytest.mark.parametrize("name", SOLUTIONS)
def test_ions_and_charge_derive_from_one_convex_potential(name):
    ions = SOLUTIONS[name]
    row = column(ions, nodes=8)
    state, h = some_state(row, ions, scale=3.0), 1e-5
    up, down = (column_state(row, ions, state.w, state.u + step) for step in (h, -h))
    slope = (column_potential(row, ions, up) - column_potential(row, ions, down)) / 2 / h
    assert slope == pytest.approx(state.charge, rel=1e-6)
    size = state.w.size
    whole = np.zeros((size + 1, size + 1))
    whole[:size, :size] = state.response.reshape(size, size)
    whole[:size, size] = whole[size, :size] = state.lift.ravel()
    whole[size, size] = state.capacity
    np.testing.assert_allclose(whole, whole.T, atol=1e-9 * np.abs(whole).max())
    scale = 1 / np.sqrt(np.diag(whole))
    assert np.linalg.eigvalsh(whole * scale * scale[:, None]).min() > -1e-12


@pytest.mark.parametrize("scale", [0.1, 3.0, 10.0])
def test_every_ion_flows_down_its_potential(scale):
    ions = SOLUTIONS["three species"]
    row = column(ions, nodes=12)
    state = some_state(row, ions, scale=scale)
    drop = state.w[:-1] - state.w[1:]
    assert (state.current * drop > 0).all()


def test_what_the_ions_leave_over_stands_in_the_bulk():
    thin = solution(diameter=0.0, molar=1e-3)
    row = column(thin, length=10e-9)
    state = at_rest(row, thin, 4.0)
    gain = thin.strength * row.unit * row.width * row.bond[0]
    ions = state.ions.sum(axis=0) @ thin.valence
    assert state.charge == pytest.approx(gain * state.potential[1] - ions, rel=1e-9)
    assert gain * state.potential[1] > 0.1 * state.charge


def test_two_faces_of_a_sealed_column_have_opposite_charges():
    ions = SOLUTIONS["equal sizes"]
    row = column(ions, nodes=12)
    pair = facing(row, 3)
    assert pair.chain == slice(3, 3 + 2 * row.parts - 1)
    alone, both = at_rest(row, ions, 4.0), at_rest(pair, ions, 4.0)
    assert both.charge == pytest.approx(alone.charge, rel=1e-6)
    np.testing.assert_allclose(both.ions, both.ions[::-1, ::-1], rtol=1e-9)


def test_mouth_beyond_the_bulk_is_refused():
    with pytest.raises(InputError, match="less than the bulk"):
        column(POINTS, length=0.5e-9)
    with pytest.raises(InputError, match="at most 1"):
        column(POINTS, face=1.2)
