import h5py
import numpy as np
import pytest
import xarray as xr

from ionspice.core import InputError
from ionspice.core.netcdf import read_netcdf, write_netcdf


@pytest.fixture
def path(tmp_path):
    numbers = np.linspace(0.0, 1.0, 200)
    dataset = xr.Dataset(
        {"charge": ("time", numbers), "one": 1.0}, {"time": numbers, "ion": ["K+"]}, {"case": "text"}
    )
    write_netcdf(tmp_path / "a.nc", {"layers_6": dataset, "layers_20": 2 * dataset})
    return tmp_path / "a.nc"


def test_groups_are_read_back(path):
    groups = read_netcdf(path, remedy="")
    assert float(groups["/layers_20"]["charge"][-1]) == 2.0
    assert groups["/layers_6"].attrs["case"] == "text"


def test_every_array_of_numbers_has_a_checksum(path):
    with h5py.File(path) as file:
        assert file["layers_6/charge"].fletcher32
        assert file["layers_20/time"].fletcher32


def test_no_flipped_bit_is_read(path):
    whole = path.read_bytes()
    generator = np.random.default_rng(14)
    expected = read_netcdf(path, remedy="")
    for place in generator.integers(0, 8 * len(whole), size=200).tolist():
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            groups = read_netcdf(path, remedy="write it again")
        except InputError:
            continue
        for name, group in expected.items():  # the seal's mark itself was hit
            xr.testing.assert_identical(groups[name], group)


@pytest.mark.parametrize("content", [b"", b"no netCDF", "half"])
def test_a_file_without_a_seal_that_hdf5_cannot_read_is_refused(path, content):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content == "half" else content)
    with pytest.raises(InputError, match=r"cannot read .*a\.nc.*; write it again"):
        read_netcdf(path, remedy="write it again")


def test_a_file_of_another_program_is_read(tmp_path):
    xr.Dataset({"x": ("t", [1.0, 2.0])}).to_netcdf(tmp_path / "b.nc", engine="h5netcdf")
    assert read_netcdf(tmp_path / "b.nc", remedy="")["/"]["x"].values.tolist() == [1.0, 2.0]
