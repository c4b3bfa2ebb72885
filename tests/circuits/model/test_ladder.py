from dataclasses import replace

import numpy as np
import pytest
import sympy

from ionspice.circuits import (
    X,
    mean_resistance_line,
    relative_resistance,
    transmission_line,
    uniform_circuit,
    with_half_mouth,
    with_resistance_scale,
)
from ionspice.circuits.model.ladder import charge_shares, law_charges, passed_charges, slit_charges
from ionspice.core import InputError


def test_charge_scale_counts_the_slits_behind_a_gap(make_circuit):
    assert make_circuit(slits=3).charge_max == pytest.approx([3e-10, 2e-10, 1e-10])
    assert make_circuit(slits=3, charge="stored").charge_max == pytest.approx([1e-10] * 3)


@pytest.mark.parametrize("charge", ["passed", "stored", "local"])
def test_the_shares_of_the_slits_add_up_to_the_charge_that_the_law_reads(make_circuit, charge):
    shares = [charge_shares(charge, 4, position) for position in range(4)]
    matrix = np.array([[share.get(k, 0.0) for share in shares] for k in range(4)])
    assert law_charges(make_circuit(slits=4, charge=charge), np.eye(4)) == pytest.approx(matrix)


def test_the_local_charge_is_the_mean_of_the_slits_around_a_gap(make_circuit):
    charge = np.array([[4.0, 2.0, 1.0], [0.0, 2.0, 6.0]])
    assert law_charges(make_circuit(slits=3, charge="local"), charge) == pytest.approx(
        np.array([[4.0, 3.0, 1.5], [0.0, 1.0, 4.0]])
    )


def test_an_unknown_charge_is_refused(make_circuit):
    with pytest.raises(InputError, match=r"'sum'; choose one of passed, stored, local"):
        make_circuit(charge="sum")


def test_resistance_falls_with_the_magnitude_of_charge(make_circuit):
    circuit = make_circuit(slits=2, gamma=0.4)
    for sign in (1, -1):
        assert relative_resistance(circuit, sign * circuit.charge_max / 2) == pytest.approx([0.8, 0.8])


def test_resistance_stops_at_its_floor(make_circuit):
    circuit = make_circuit(slits=2, gamma=1.0, resistance_floor=0.01)
    assert relative_resistance(circuit, 5 * circuit.charge_max) == pytest.approx([0.01, 0.01])


def test_elements_may_have_different_shapes(make_circuit):
    circuit = replace(make_circuit(slits=3, gamma=0.5), shape=(X, X**2, sympy.Integer(0)))
    assert relative_resistance(circuit, circuit.charge_max / 2) == pytest.approx([0.75, 0.875, 1.0])


def test_mean_resistance_line_takes_the_whole_charge_with_the_same_voltage_integral(make_circuit):
    """For R = Rc (1 - gamma X) the mean over the charge is Rc (1 - gamma/2)."""
    circuit = make_circuit(gamma=0.6)
    line = mean_resistance_line(circuit)
    np.testing.assert_allclose(line.resistance_zero, 0.7 * circuit.resistance_zero, rtol=1e-12)
    assert not line.gamma.any()


def test_transmission_line_has_constant_resistances(make_circuit):
    line = transmission_line(make_circuit(gamma=0.7))
    assert (relative_resistance(line, line.charge_max) == 1).all()


def test_half_mouth_halves_the_first_resistor_only(make_circuit):
    circuit = make_circuit(slits=3)
    assert with_half_mouth(circuit).resistance_zero / circuit.resistance_zero == pytest.approx([0.5, 1, 1])


def test_resistance_scale_multiplies_all_elements(make_circuit):
    assert with_resistance_scale(make_circuit(slits=2), 3.0).resistance_zero == pytest.approx([6.0, 6.0])


def test_charge_is_capacitance_times_curve(make_circuit, make_curve):
    circuit = replace(make_circuit(slits=2), slit_curve=make_curve(2), slit_capacitance=np.array([1e-9, 3e-9]))
    u = np.array([0.3, 0.05])
    assert slit_charges(circuit, u) == pytest.approx(circuit.slit_capacitance * make_curve(2).volts(u))
    with pytest.raises(InputError, match="slit_curve has 3 elements; give 2"):
        replace(circuit, slit_curve=make_curve(3))


def test_passed_charge_sums_the_slits_behind():
    assert passed_charges(np.array([[1.0, 2.0, 4.0]])) == pytest.approx(np.array([[7.0, 6.0, 4.0]]))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("gamma", 1.2, r"gamma = 1\.2; it must lie in \[0, 1\]"),
        ("gamma", -0.1, "gamma"),
        ("gamma", np.nan, "gamma"),
        ("layers", 1, "at least 2 sheets"),
        ("layers", 0, "at least 2 sheets"),
        ("resistance", 0.0, "resistance_zero"),
        ("slit_capacitance", -1e-9, "slit_capacitance"),
        ("slit_charge", np.inf, "charge_max"),
        ("open_resistance", -1.0, "open_resistance"),
        ("charge", "total", "passed"),
        ("resistance_floor", 0.0, "resistance_floor"),
    ],
)
def test_values_out_of_range_are_refused(name, value, told):
    good = {"layers": 3, "resistance": 1.0, "gamma": 0.5, "slit_charge": 1e-10, "slit_capacitance": 1e-9}
    with pytest.raises(InputError, match=told):
        uniform_circuit(**(good | {name: value}))


def test_arrays_of_a_circuit_cannot_be_changed(make_circuit):
    with pytest.raises(ValueError, match="read-only"):
        make_circuit().gamma[0] = 0.1


def test_arrays_of_other_lengths_are_refused(make_circuit):
    with pytest.raises(InputError, match="2 slits"):
        replace(make_circuit(slits=2), gamma=np.zeros(3))
