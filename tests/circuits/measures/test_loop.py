"""The study's claims on loops as circuit results: asymmetry and peaks belong to the nonlinear circuit."""

import pytest

from ionspice.circuits import loop_asymmetry, peak_prominence, simulate_cv
from ionspice.core import InputError

HALF_CYCLE = 1e-7


def measure(function, circuit, half_cycle=HALF_CYCLE, cycles=4):
    run = simulate_cv(circuit, amplitude=0.1, half_cycle=half_cycle, cycles=cycles)
    return {m: function(run["electrode_current"].sel(model=m), half_cycle) for m in ("NCM", "TLM")}


def test_asymmetry_grows_with_layers_and_the_line_has_none(make_circuit):
    few, many = (measure(loop_asymmetry, make_circuit(slits=n, gamma=0.9), 3e-7) for n in (3, 10))
    assert many["NCM"] > 1.5 * few["NCM"]
    assert max(few["TLM"], many["TLM"]) < 1e-3


def test_asymmetry_grows_with_rate_while_the_stack_still_charges(make_circuit):
    slow, fast = (
        measure(loop_asymmetry, make_circuit(slits=5, gamma=0.7), half_cycle=h, cycles=6)["NCM"] for h in (1e-6, 1e-7)
    )
    assert fast > 1.5 * slow


def test_peaks_appear_where_the_resistance_would_vanish_before_the_slits_are_full(make_circuit):
    """The condition is gamma C V > Qmax about: b of the exact one-cell answer beyond 1."""
    found = {}
    for gamma in (0.5, 0.9):
        circuit = make_circuit(slits=10, gamma=gamma, slit_charge=0.7e-10)
        found[gamma] = measure(peak_prominence, circuit, 3 * circuit.time_constant, cycles=1)
    assert found[0.9]["NCM"] > 0.2
    assert found[0.5]["NCM"] < 1e-3
    assert abs(found[0.9]["TLM"]) < 1e-3


def test_a_run_shorter_than_a_cycle_is_refused(make_circuit):
    run = simulate_cv(make_circuit(slits=1), amplitude=0.1, half_cycle=1e-8, steps=20)
    with pytest.raises(InputError, match="before one cycle"):
        loop_asymmetry(run["electrode_current"].sel(model="NCM"), 1e-7)
