import numpy as np
import pytest
from scipy import constants
from scipy.linalg import eigh

from ionspice.circuits.ions.evolution import simulate_rails
from ionspice.circuits.ions.rails import evaluate
from ionspice.circuits.ions.results import rail_dataset
from ionspice.circuits.ions.stack import full_cell, half_cell
from ionspice.circuits.model.waveform import Waveform, step, triangular
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import SOLUTIONS, solution, stack


def circuit(ions=None, *, layers=4, window=0.2, nodes=10):
    return half_cell(stack(), ions or solution(), layers=layers, window=window, nodes=nodes)


@pytest.mark.parametrize("name", ["equal sizes", "three species"])
def test_derivatives_are_those_of_ions_and_currents(name):
    chain = circuit(SOLUTIONS[name])
    w = np.random.default_rng(3).normal(scale=0.5, size=(chain.nodes, chain.solution.species))
    state = evaluate(chain, w, 2.0)
    for node in range(3):
        for s in range(chain.solution.species):
            h = np.zeros_like(w)
            h[node, s] = 1e-5
            up, down = evaluate(chain, w + h, 2.0), evaluate(chain, w - h, 2.0)
            ions = (up.ions - down.ions)[node] / 2e-5
            np.testing.assert_allclose(ions, state.response[node, :, s], rtol=1e-5, atol=1e-6 * np.abs(ions).max())
            flow = (up.current - down.current)[node] / 2e-5
            scale = 1e-6 * np.abs(flow).max()
            np.testing.assert_allclose(flow, state.current_before[node, :, s], rtol=1e-5, atol=scale)


def test_charge_and_ions_balance_the_currents():
    chain = circuit()
    run = simulate_rails(chain, triangular(0.2, 750e-9))
    h = np.diff(run.time)
    into = run.flow[:, :-1] - run.flow[:, 1:]
    # the first steps after a corner are plain differences
    first = (run.ions[1] - run.ions[0])[1:-1] / h[0]
    np.testing.assert_allclose(first, into[1], rtol=1e-8, atol=1e-8 * np.abs(run.flow[1]).max())
    reservoir = -constants.e * run.flow[:, 0] @ chain.solution.valence
    np.testing.assert_allclose(run.current[1:], reservoir[1:], rtol=1e-8, atol=1e-8 * np.abs(run.current).max())


def test_small_signal_is_the_linear_ladder():
    chain = circuit(nodes=8)
    rest = evaluate(chain, np.zeros((chain.nodes, 2)), 0.0)
    time, height = 300e-9, 1e-5
    storage, bonds = rest.response[1:], rest.current_before
    size = storage.shape[0] * 2
    mass, loss = np.zeros((size, size)), np.zeros((size, size))
    for i in range(storage.shape[0]):
        own, right = slice(2 * i, 2 * i + 2), slice(2 * i + 2, 2 * i + 4)
        mass[own, own] = storage[i]
        loss[own, own] += bonds[i]
        if i + 1 < storage.shape[0]:
            loss[own, own] += bonds[i + 1]
            loss[own, right] = loss[right, own] = -bonds[i + 1]
    # mass v = tau loss v; neutral nodes store no charge, so that some relaxation times vanish
    times, modes = eigh(mass, loss)
    jump = np.outer(chain.polarity[1:], chain.solution.valence).ravel() * height / chain.solution.thermal_voltage
    slow = times > 1e-6 * times.max()
    share = modes[:, slow].T @ mass @ jump / times[slow]
    w = modes[:, slow] @ (share * np.exp(-time / times[slow]))
    exact = -constants.e * np.tile(chain.solution.valence, storage.shape[0]) @ mass @ (w - jump)
    found = simulate_rails(chain, step(height, time, rise=time * 1e-9), tolerance=1e-8)
    assert found.charge[-1] == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize("name", ["equal sizes", "unequal sizes"])
def test_cycle_far_beyond_the_window_takes_energy(name):
    chain = circuit(SOLUTIONS[name], layers=3, window=0.11, nodes=8)
    run = simulate_rails(chain, triangular(1.1, 3e-6), tolerance=1e-3)
    assert np.trapezoid(run.electrode, run.charge) > 0
    assert run.charge[-1] < 0.2 * run.charge.max()


def test_full_cell_of_a_symmetric_salt_is_antisymmetric_and_sealed():
    chain = full_cell(circuit(layers=3))
    run = simulate_rails(chain, triangular(0.2, 500e-9))
    np.testing.assert_allclose(run.ions, run.ions[:, ::-1, ::-1], rtol=1e-6)
    np.testing.assert_allclose(run.ions.sum(axis=1), run.ions[:1].sum(axis=1).repeat(len(run.time), 0), rtol=1e-9)


def test_electrode_ends_at_the_charge_of_equilibrium():
    chain = circuit(layers=3)
    run = simulate_rails(chain, step(0.2, 20e-6))
    u = 0.2 / chain.solution.thermal_voltage
    rest = evaluate(chain, np.zeros((chain.nodes, 2)), u)
    held = -constants.e * (rest.ions[1:] @ chain.solution.valence).sum()
    assert run.charge[-1] == pytest.approx(held, rel=1e-4)


def test_drive_has_to_start_uncharged():
    with pytest.raises(InputError, match="starts at 0 V"):
        simulate_rails(circuit(), triangular(0.2, 1e-6, start=0.1))


def test_joints_of_a_curve_are_no_corners():
    time = np.linspace(0, 1e-6, 201)
    curve = Waveform(time=time, value=0.1 * np.sin(2 * np.pi * time / 1e-6))
    run = simulate_rails(circuit(layers=2), curve, tolerance=1e-3)
    assert run.time.size < 200
    assert run.electrode.max() == pytest.approx(0.1, rel=1e-2)


def test_dataset_has_the_names_and_signs_of_the_field_model():
    chain = circuit(layers=3, nodes=6)
    dataset = rail_dataset(chain, simulate_rails(chain, triangular(0.1, 500e-9)))
    assert dataset.sizes["slit"] == 2
    assert dataset["slit_charge"].isel(slit=0).min() < 0 < dataset["electrode_charge"].max()
    assert dataset["slit_electrochemical_potential"].attrs["units"] == "V"


def test_stack_needs_two_sheets():
    with pytest.raises(InputError, match="at least 2 sheets"):
        circuit(layers=1)
