import numpy as np
import pytest
from scipy import constants
from scipy.linalg import eigh

from ionspice.circuits.ions.constants import face_constants
from ionspice.circuits.ions.evolution import simulate_rails
from ionspice.circuits.ions.rails import electrode_slopes, evaluate, outflow_matrix, storage_matrix
from ionspice.circuits.ions.results import rail_dataset
from ionspice.circuits.ions.stack import full_cell, half_cell, sectioned_rails
from ionspice.circuits.model.waveform import Waveform, step, triangular
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import DILUTE, SOLUTIONS, solution, stack


def circuit(ions=None, *, layers=4, window=0.2, nodes=10):
    return half_cell(stack(), ions or solution(), layers=layers, window=window, nodes=nodes)


@pytest.mark.parametrize("name", ["equal sizes", "three species"])
def test_derivatives_are_those_of_ions_and_currents(name):
    chain = circuit(SOLUTIONS[name])
    w = np.random.default_rng(3).normal(scale=0.5, size=(chain.nodes, chain.solution.species))
    state = evaluate(chain, w, 2.0)
    storage, outflow = storage_matrix(chain, state), outflow_matrix(chain, state)
    mouth = int(np.flatnonzero(chain.polarity)[0])
    for node in (1, mouth - 1, mouth, mouth + 1):
        for s in range(chain.solution.species):
            h = np.zeros_like(w)
            h[node, s] = 1e-5
            up, down = evaluate(chain, w + h, 2.0), evaluate(chain, w - h, 2.0)
            ions = (up.ions - down.ions) / 2e-5
            np.testing.assert_allclose(ions, storage[:, :, node, s], rtol=1e-5, atol=1e-6 * np.abs(ions).max())
            flow = np.diff((up.current - down.current) / 2e-5, axis=0)
            scale = 1e-6 * np.abs(flow).max()
            np.testing.assert_allclose(flow, outflow[1:-1, :, node, s], rtol=1e-5, atol=scale)


@pytest.mark.parametrize("ions", [solution(), DILUTE], ids=["1 mol/L", "2 mmol/L"])
def test_charge_and_ions_balance_the_currents(ions):
    chain = circuit(ions)
    run = simulate_rails(chain, triangular(0.2, 750e-9))
    h = np.diff(run.time)
    into = run.flow[:, :-1] - run.flow[:, 1:]
    # the first steps after a corner are plain differences
    first = (run.ions[1] - run.ions[0])[1:-1] / h[0]
    np.testing.assert_allclose(first, into[1], rtol=1e-8, atol=1e-8 * np.abs(run.flow[1]).max())
    # what the ions leave over of the charge is the field's at the bulk
    column, volt = chain.column, chain.solution.thermal_voltage
    field = [
        evaluate(chain, w, u / volt).inside.column.potential[1]
        for w, u in zip(run.potential, run.electrode, strict=True)
    ]
    displaced = np.array(field) * chain.solution.strength * column.unit * column.width * column.bond[0]
    ionic = run.ions.sum(axis=1) @ chain.solution.valence
    balance = constants.e * (displaced - ionic)
    np.testing.assert_allclose(run.charge, balance, rtol=1e-8, atol=1e-8 * np.abs(run.charge).max())


@pytest.mark.parametrize("ions", [solution(), DILUTE], ids=["1 mol/L", "2 mmol/L"])
def test_small_signal_is_the_linear_ladder(ions):
    chain = circuit(ions, nodes=8)
    rest = evaluate(chain, np.zeros((chain.nodes, 2)), 0.0)
    time, height = 300e-9, 1e-5
    jump = height / chain.solution.thermal_voltage
    size = 2 * (chain.nodes - 1)
    mass = storage_matrix(chain, rest)[1:, :, 1:].reshape(size, size)
    loss = outflow_matrix(chain, rest)[1:, :, 1:].reshape(size, size)
    lift, _, capacity = electrode_slopes(chain, rest)
    push = lift[1:].ravel() * jump
    # mass v = tau loss v; neutral nodes store no charge, so that some relaxation times vanish
    times, modes = eigh(mass, loss)
    slow = times > 1e-6 * times.max()
    share = -modes[:, slow].T @ push / times[slow]
    w = modes[:, slow] @ (share * np.exp(-time / times[slow]))
    exact = constants.e * (push @ w / jump + capacity * jump)
    found = simulate_rails(chain, step(height, time, rise=time * 1e-9), tolerance=1e-8)
    assert found.charge[-1] == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize(
    ("ions", "half_cycle"), [(SOLUTIONS["equal sizes"], 3e-6), (SOLUTIONS["unequal sizes"], 3e-6), (DILUTE, 3e-5)]
)
def test_cycle_far_beyond_the_window_takes_energy(ions, half_cycle):
    chain = circuit(ions, layers=3, window=0.11, nodes=8)
    run = simulate_rails(chain, triangular(1.1, half_cycle), tolerance=1e-3)
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


def test_sections_stand_for_the_slits_of_a_long_stack():
    full = half_cell(stack(), solution(), layers=41, window=0.11, nodes=3)
    coarse = sectioned_rails(full, 14)
    assert coarse.nodes < full.nodes - 20
    assert coarse.storage.sum(axis=0) == pytest.approx(full.storage.sum(axis=0))
    one = sectioned_rails(full, 40)
    for name in ("storage", "before", "behind", "across"):
        assert getattr(one, name) == pytest.approx(getattr(full, name))
    drive = triangular(0.11, 7.5e-6)
    samples = np.linspace(0, drive.duration, 200)[1:]
    found, expected = (
        np.interp(samples, run.time, run.current)
        for run in (simulate_rails(circuit, drive, tolerance=1e-4) for circuit in (coarse, full))
    )
    assert np.abs(found - expected).max() < 0.01 * np.abs(expected).max()


def test_an_open_face_has_no_slits_to_join():
    face = half_cell(
        face_constants(open_length=1e-8, strip_width=6e-9, debye_length=3e-10), solution(), layers=1, window=0.1
    )
    with pytest.raises(InputError, match="no slits to join"):
        sectioned_rails(face, 4)
