import numpy as np
import pytest

from ionspice.circuits import current_band, perturbed, simulate, simulate_many, triangular
from ionspice.core import InputError


@pytest.fixture
def drive():
    return triangular(0.1, 5e-8)


def test_spawned_processes_give_the_same_runs(make_circuit, drive):
    circuits = [make_circuit(slits=3, gamma=g) for g in (0.1, 0.5, 0.8)]
    here, spawned = (list(simulate_many(circuits, drive, processes=n)) for n in (1, 2))
    assert all(a.equals(b) for a, b in zip(here, spawned, strict=True))


def test_no_error_leaves_the_circuit_as_it_is(make_circuit):
    circuit = make_circuit()
    (same,) = perturbed(circuit, np.random.default_rng(0), 1)
    assert same.resistance_zero == pytest.approx(circuit.resistance_zero)
    assert same.gamma == pytest.approx(circuit.gamma)


def test_errors_have_the_asked_deviations(make_circuit):
    circuits = perturbed(
        make_circuit(slits=20), np.random.default_rng(0), 200, resistance=0.1, gamma=0.02, capacitance=0.05
    )
    resistances = np.array([c.resistance_zero for c in circuits]) / 2.0
    assert resistances.mean() == pytest.approx(1.0, abs=0.01)
    assert resistances.std() == pytest.approx(0.1, rel=0.05)
    assert np.std([c.gamma for c in circuits]) == pytest.approx(0.02, rel=0.05)
    assert np.std([c.slit_capacitance for c in circuits]) / 1e-9 == pytest.approx(0.05, rel=0.05)


def test_a_band_widens_with_the_errors(make_circuit, drive):
    time = np.linspace(0, drive.duration, 50)
    widths = []
    for error in (0.02, 0.1):
        circuits = perturbed(make_circuit(slits=3), np.random.default_rng(1), 20, capacitance=error)
        band = current_band(list(simulate_many(circuits, drive)), time)
        assert (band["low"] <= band["median"]).all()
        widths.append(float((band["high"] - band["low"]).max()))
    assert widths[1] == pytest.approx(5 * widths[0], rel=0.3)


def test_a_thousand_short_runs_keep_memory_flat(make_circuit):
    import resource

    circuit, drive = make_circuit(slits=1), triangular(0.1, 5e-9)
    for _ in range(50):
        simulate(circuit, drive, steps=5)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(1000):
        simulate(circuit, drive, steps=5)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 10_000, f"{grown} kilobytes in 1000 runs"


def test_no_process_is_refused(make_circuit, drive):
    with pytest.raises(InputError, match="processes = 0"):
        list(simulate_many([make_circuit()], drive, processes=0))
