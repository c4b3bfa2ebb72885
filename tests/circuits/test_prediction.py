import numpy as np
import pytest
import xarray as xr

from ionspice.circuits import predict_circuit, table_row, uniform_circuit
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
        rows.append(table_row(circuit).expand_dims(slit=[slit], concentration=[concentration]))
    return xr.combine_by_coords(rows)


def test_a_swept_point_comes_back_for_any_number_of_layers(table):
    circuit = predict_circuit(table, layers=20, slit=2e-9, concentration=1000.0)
    assert circuit.resistance_zero == pytest.approx(np.full(19, 0.2))
    assert circuit.gamma == pytest.approx(np.full(19, 0.3))
    assert circuit.charge_max == pytest.approx(2.6e-9 * np.arange(19, 0, -1))


def test_between_two_points_the_values_are_their_mean(table):
    circuit = predict_circuit(table, layers=6, slit=2.5e-9, concentration=500.0)
    assert circuit.gamma[0] == pytest.approx((0.3 + 0.2) / 2)


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
