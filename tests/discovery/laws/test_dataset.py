"""Series of charge and voltage integral come out right, and nothing wrong comes in silently."""

import numpy as np
import pytest
import xarray as xr

from ionspice.core import InputError
from ionspice.core.observables import NODE_VARIABLES, load_observables
from ionspice.discovery import ElementSeries, ResistanceData, read_observables, read_table
from ionspice.discovery.laws.dataset import from_observables


def test_charging_half_ends_at_the_corner(ladder_run):
    path, passed = ladder_run
    data = read_observables(path)
    assert [series.element for series in data.series] == [1, 2, 3, 4, 5]
    for k, series in enumerate(data.series):
        assert series.charge.size == passed.shape[0]
        np.testing.assert_allclose(series.charge, -passed[:, k], rtol=1e-12)


def test_voltage_integral_is_the_resistance_integrated_over_charge(ladder_run, ladder):
    data = read_observables(ladder_run[0])
    for series in data.series:
        exact = ladder.resistance * (series.charge - ladder.slope * series.charge**2 / 2)
        np.testing.assert_allclose(series.voltage_integral, exact, atol=2e-4 * exact[-1])  # trapezoidal rule


def test_electric_potential_is_the_other_reading(ladder_run):
    natural, electric = (read_observables(ladder_run[0], potential=p) for p in ("electrochemical", "electric"))
    for one, two in zip(natural.series, electric.series, strict=True):
        np.testing.assert_allclose(two.voltage_integral, 2.0 * one.voltage_integral, rtol=1e-12)


def test_stored_charge_is_the_difference_of_passed_charges(ladder_run):
    passed, stored = (read_observables(ladder_run[0], charge=c) for c in ("passed", "stored"))
    difference = passed.series[1].charge - passed.series[2].charge
    np.testing.assert_allclose(stored.series[1].charge, difference, atol=1e-12 * difference[-1])


def test_inner_elements_leave_out_the_first(ladder_run):
    assert [series.element for series in read_observables(ladder_run[0]).inner] == [2, 3, 4, 5]


def test_negative_polarity_gives_the_same_series(ladder_run, tmp_path):
    with xr.open_dataset(ladder_run[0], engine="h5netcdf") as dataset:
        flipped = -dataset.load()
        flipped.attrs = dataset.attrs
        flipped = flipped.assign_coords(time=dataset.time.values, slit=dataset.slit.values)
    flipped.to_netcdf(tmp_path / "observables.nc", engine="h5netcdf")
    one, two = read_observables(ladder_run[0]), read_observables(tmp_path / "observables.nc")
    np.testing.assert_array_equal(one.series[2].voltage_integral, two.series[2].voltage_integral)


def test_the_empty_start_of_a_deep_slit_is_left_out(ladder_run, tmp_path):
    """A deep slit holds nothing but round-off of either sign until the charge reaches it."""
    with xr.open_dataset(ladder_run[0], engine="h5netcdf") as dataset:
        deep = dataset.load().copy(deep=True)
    largest = float(np.abs(deep.passed_charge[:, 4]).max())
    deep.passed_charge[:6, 4] = 1e-9 * largest * np.array([0.0, 1.0, -1.0, 0.5, 0.5, -0.2])
    deep.to_netcdf(tmp_path / "observables.nc", engine="h5netcdf")
    whole, cut = (read_observables(path).series[4] for path in (ladder_run[0], tmp_path / "observables.nc"))
    assert cut.charge.size == whole.charge.size - 5
    np.testing.assert_array_equal(cut.voltage_integral, whole.voltage_integral[5:])


def test_damaged_observables_are_refused(tmp_path, ladder_run):
    broken = tmp_path / "observables.nc"
    broken.write_bytes(ladder_run[0].read_bytes()[:3000])
    with pytest.raises(InputError, match="cannot read"):
        read_observables(broken)
    with pytest.raises(InputError, match="no such file"):
        read_observables(tmp_path / "missing.nc")
    with xr.open_dataset(ladder_run[0], engine="h5netcdf") as dataset:
        dataset.drop_vars("slit_potential").to_netcdf(tmp_path / "lacking.nc", engine="h5netcdf")
    with pytest.raises(InputError, match="lacks slit_potential"):
        read_observables(tmp_path / "lacking.nc", potential="electric")


def test_unknown_reading_is_refused(ladder_run):
    with pytest.raises(InputError, match="passed, stored"):
        read_observables(ladder_run[0], charge="half")


def _series(charge, integral):
    return ElementSeries(element=3, charge=np.asarray(charge, float), voltage_integral=np.asarray(integral, float))


@pytest.mark.parametrize(
    ("charge", "integral", "message"),
    [
        (np.linspace(0, 1, 5), np.linspace(0, 1, 5), "5 points, at least 8"),
        (np.linspace(0, 1, 9), np.full(9, np.nan), "not finite in row 1"),
        (np.linspace(0, 1, 9), np.zeros(9), "voltage_integral is constant"),
        (np.ones(9), np.linspace(0, 1, 9), "charge is constant"),
        (np.append(np.linspace(0, 1, 9), 0.5), np.linspace(0, 1, 10), "does not rise from row 9"),
        (np.linspace(-1, 1, 9), np.linspace(0, 1, 9), "begins at -1"),
        (np.linspace(0, 1, 9), np.linspace(0, 1, 8), "equal columns"),
    ],
)
def test_series_without_a_law_are_refused(charge, integral, message):
    with pytest.raises(InputError, match=message):
        _series(charge, integral)


def test_no_series_is_refused():
    with pytest.raises(InputError, match="no element"):
        ResistanceData(series=())


def _write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_table_with_series_column(tmp_path):
    lines = ["series,charge,voltage_integral"]
    lines += [f"{s},{-q / 10},{-s * q / 10}" for s in (2, 1) for q in range(10)]
    data = read_table(_write(tmp_path / "t.csv", lines))
    assert [series.element for series in data.series] == [1, 2]
    np.testing.assert_allclose(data.series[1].voltage_integral, 2 * data.series[1].charge)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["charge,voltage"] + ["1,2"] * 9, "must have columns"),
        (["charge,voltage_integral", "0,0", "high,1"], "line 3: charge='high'"),
        (["charge,voltage_integral", "0,0", "1"], "line 3: 1 cells"),
        (["charge,voltage_integral"], "1 lines"),
        (["charge,voltage_integral"] + [f"{q},{q}" for q in (0, 1, 2, 3, 4, 3, 2, 1, 0.5)], "end at its maximum"),
        (["charge,voltage_integral"] + [f"{q},{q}" for q in (0, 1, 2, "nan", 4, 5, 6, 7, 8)], "line 5"),
    ],
)
def test_bad_tables_are_refused(tmp_path, lines, message):
    with pytest.raises(InputError, match=message):
        read_table(_write(tmp_path / "t.csv", lines))
    with pytest.raises(InputError, match="cannot read"):
        read_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (("mC/m", "mV*s"), ("C/m", "ohm m", 1e-3, 1e-3)),
        (("nC", "V*s"), ("C", "ohm", 1e-9, 1.0)),
        (("uC/cm^2", "V ns"), ("C/m^2", "ohm m^2", 1e-2, 1e-9)),
    ],
)
def test_units_of_a_table_give_those_of_the_law(tmp_path, units, expected):
    path = tmp_path / "t.csv"
    header = f"charge [{units[0]}],voltage_integral [{units[1]}]"
    path.write_text("\n".join([header, *(f"{k},{2 * k}" for k in range(1, 10))]))
    data = read_table(path)
    assert (data.charge_unit, data.resistance_unit) == expected[:2]
    assert data.series[0].charge[-1] == pytest.approx(9 * expected[2])
    assert data.series[0].voltage_integral[-1] == pytest.approx(18 * expected[3])


def test_units_that_make_no_resistance_are_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["charge [C/m],voltage_integral", *(f"{k},{k}" for k in range(9))]))
    with pytest.raises(InputError, match="both charge and voltage_integral"):
        read_table(path)
    with pytest.raises(InputError, match="use units of"):
        read_table(path, {"voltage_integral": "m"})


def test_of_many_elements_some_are_enough_to_search():
    charge = np.linspace(0, 1e-9, 20)
    series = tuple(ElementSeries(element=k, charge=charge, voltage_integral=charge * 0.3) for k in range(1, 40))
    inner = [one.element for one in ResistanceData(series=series).inner]
    assert len(inner) == 8
    assert (inner[0], inner[-1]) == (2, 39)
    assert set(np.diff(inner)) <= {5, 6}


def test_slits_that_hardly_charge_or_give_charge_back_do_not_stop_the_others(ladder_run):
    path, _ = ladder_run
    names = ("time", "slit", "slit_charge", "passed_charge", "charging_end", *NODE_VARIABLES["electrochemical"])
    fields = load_observables(path, names)
    charge = fields["passed_charge"].transpose("time", "slit").copy()
    charge[:, 4] = 1e-25 * (-1.0) ** np.arange(charge.sizes["time"])  # round-off
    charge[:, 3] = charge[:, 3] * (1 - 0.6 * np.linspace(0, 1, charge.sizes["time"]))  # falls in the end
    data = from_observables(fields.assign(passed_charge=charge), path)
    assert [series.element for series in data.series] == [1, 2, 3, 4]
    assert all((np.diff(series.charge) > 0).all() for series in data.series)
