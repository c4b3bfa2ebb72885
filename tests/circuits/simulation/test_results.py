import numpy as np
import pytest

from ionspice.circuits import read_circuit, simulate_cv, write_circuit, write_csv
from ionspice.core import InputError


@pytest.fixture
def run(make_circuit):
    return simulate_cv(make_circuit(slits=2), amplitude=0.1, half_cycle=2e-8, steps=20)


def test_runs_come_back_as_written(run, tmp_path):
    write_circuit(tmp_path / "circuit.nc", {20: run * 2, 3: run})
    back = read_circuit(tmp_path / "circuit.nc")
    assert list(back) == [3, 20]
    assert back[3].equals(run)
    assert back[3].attrs["strip_width"] == run.attrs["strip_width"]
    assert back[3]["electrode_current"].attrs["units"] == "A/m"


def test_every_variable_has_units(run):
    assert all({"units", "long_name"} <= set(run[name].attrs) for name in run.data_vars)


def test_csv_has_a_column_for_each_model(run, tmp_path):
    write_csv(tmp_path / "cv.csv", run)
    table = np.genfromtxt(tmp_path / "cv.csv", delimiter=",", names=True)
    assert table["electrode_current_TLM_Am"] == pytest.approx(run["electrode_current"].sel(model="TLM").to_numpy())
    assert table["time_s"][-1] == pytest.approx(4e-8)


def test_a_damaged_file_is_one_clear_error(tmp_path):
    (tmp_path / "circuit.nc").write_bytes(b"not a netCDF file")
    with pytest.raises(InputError, match=r"cannot read .*circuit\.nc"):
        read_circuit(tmp_path / "circuit.nc")


def test_nothing_to_write_is_refused(tmp_path):
    with pytest.raises(InputError, match="no circuit run"):
        write_circuit(tmp_path / "circuit.nc", {})
