from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from ionspice.circuits import X, predict_circuit, record_of, table_row, uniform_circuit
from ionspice.circuits.model.capacitance import joined
from ionspice.core import InputError


@pytest.fixture
def table():
    rows = []
    for slit, concentration in ((s, c) for s in (1.5e-9, 2e-9, 3e-9) for c in (500.0, 1000.0)):
        circuit = uniform_circuit(
            layers=6,
            resistance=4e-10 / slit * 1000.0 / concentration,
            gamma=0.6e-9 / slit,
            slit_charge=2.6e-9,
            slit_capacitance=2.4e-8,
            open_resistance=0.1,
            open_capacitance=1e-8,
        )
        rows.append(table_row(record_of(circuit)).expand_dims(slit=[slit], concentration=[concentration]))
    return xr.combine_by_coords(rows)


def test_a_swept_point_comes_back_for_any_number_of_layers(table):
    circuit = predict_circuit(table, layers=20, slit=2e-9, concentration=1000.0)
    assert circuit.resistance_zero == pytest.approx(np.full(19, 0.2))
    assert circuit.gamma == pytest.approx(np.full(19, 0.3))
    assert circuit.charge_max == pytest.approx(2.6e-9 * np.arange(19, 0, -1))


def test_power_laws_are_interpolated_exactly(table):
    circuit = predict_circuit(table, layers=6, slit=2.5e-9, concentration=700.0)
    assert circuit.resistance_zero == pytest.approx(np.full(5, 4e-10 / 2.5e-9 * 1000 / 700))


def test_between_two_points_gamma_is_linear_over_the_logarithm(table):
    circuit = predict_circuit(table, layers=6, slit=np.sqrt(6) * 1e-9, concentration=500.0)
    assert circuit.gamma == pytest.approx(np.full(5, (0.3 + 0.2) / 2))


def test_the_first_gap_and_the_curves_of_the_capacitances_come_back(make_curve):
    plain = uniform_circuit(
        layers=4, resistance=0.3, gamma=0.4, slit_charge=2e-9, slit_capacitance=2e-8, charge="local"
    )
    circuit = replace(
        plain,
        resistance_zero=np.array([0.2, 0.3, 0.3]),
        gamma=np.array([0.1, 0.4, 0.4]),
        open_capacitance=1e-8,
        open_resistance=0.1,
        slit_curve=joined([make_curve(), make_curve(width=(0.05, 0.2)), make_curve(width=(0.05, 0.2))]),
        open_curve=make_curve(width=(0.06, 0.2)),
    )
    found = predict_circuit(table_row(record_of(circuit)), layers=4)
    assert found.charge == "local"
    for name in (
        "resistance_zero",
        "gamma",
        "charge_max",
        "slit_capacitance",
        "open_capacitance",
    ):
        assert getattr(found, name) == pytest.approx(getattr(circuit, name)), name
    for name in ("weight", "centre", "width", "low", "high"):
        assert getattr(found.slit_curve, name) == pytest.approx(getattr(circuit.slit_curve, name)), name
        assert getattr(found.open_curve, name) == pytest.approx(getattr(circuit.open_curve, name)), name


def test_between_two_runs_the_charge_grows_with_the_voltage(make_curve):
    rows = []
    for slit, width in ((1e-9, 0.03), (2e-9, 0.06)):
        plain = uniform_circuit(layers=4, resistance=0.3, gamma=0.4, slit_charge=2e-9, slit_capacitance=2e-8)
        circuit = replace(plain, open_capacitance=1e-8, slit_curve=make_curve(3, width=(width, 0.2)))
        circuit = replace(circuit, open_curve=make_curve(width=(width, 0.2)))
        rows.append(table_row(record_of(circuit)).expand_dims(slit=[slit]))
    curve = predict_circuit(xr.combine_by_coords(rows), layers=4, slit=1.4e-9).slit_curve
    charge = curve.volts(np.tile(np.linspace(-0.4, 0.4, 200)[:, None], 3))
    assert (np.diff(charge, axis=0) > 0).all()


def test_a_run_that_failed_leaves_a_gap_that_is_named(table):
    holed = table.where((table.slit != 3e-9) | (table.concentration != 500.0))
    assert predict_circuit(holed, layers=6, slit=1.7e-9, concentration=500.0).slits == 5
    with pytest.raises(InputError, match="failed or is missing"):
        predict_circuit(holed, layers=6, slit=2.5e-9, concentration=500.0)


def test_laws_of_another_form_are_refused():
    law = uniform_circuit(layers=3, resistance=1.0, gamma=0.5, slit_charge=1e-9, slit_capacitance=1e-8, shape=X**2)
    with pytest.raises(InputError, match="of the form"):
        table_row(record_of(law))


@pytest.mark.parametrize("slit", [1.4e-9, 3.1e-9, float("nan")])
def test_no_value_is_extrapolated(table, slit):
    with pytest.raises(InputError, match="outside the table"):
        predict_circuit(table, layers=6, slit=slit, concentration=1000.0)


def test_every_dimension_needs_a_value(table):
    with pytest.raises(InputError, match="depends on"):
        predict_circuit(table, layers=6, slit=2e-9)


def test_a_table_without_a_column_is_refused(table):
    with pytest.raises(InputError, match="lacks gamma"):
        predict_circuit(table.drop_vars("gamma"), layers=6, slit=2e-9, concentration=1000.0)
