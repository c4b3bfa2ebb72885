import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.core.observables import VARIABLES, load_observables, write_observables
from ionspice.fem.record import Record


def test_the_file_carries_every_variable_with_units_and_a_long_name(small_run, tmp_path):
    write_observables(tmp_path / "observables.nc", small_run)
    stored = load_observables(tmp_path / "observables.nc")
    assert stored.identical(small_run)
    for name, (dims, units, _) in VARIABLES.items():
        assert stored[name].dims == ("time", *dims)
        assert stored[name].attrs["units"] == units
        assert stored[name].attrs["long_name"]
    assert list(stored.part.values) == ["diffusion", "migration", "steric"]
    assert list(stored.slit.values) == [1, 2]


def test_currents_are_derivatives_of_the_recorded_charges():
    """A quadratic charge is differentiated exactly by the second-order formula."""
    record = Record()
    for order, time in ((0, 0.0), (1, 1.0), (2, 1.5), (2, 2.75)):
        record.append(time, order, 0, {"electrode_charge": time**2, "passed_charge": np.array([2 * time])})
    columns = record.columns()
    assert columns["electrode_current"] == pytest.approx([0.0, 1.0, 3.0, 5.5])
    assert columns["trans_slit_current"][:, 0] == pytest.approx([0.0, 2.0, 2.0, 2.0])


def test_a_corrupt_file_is_one_clear_error(tmp_path):
    (tmp_path / "observables.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(InputError, match="cannot read"):
        load_observables(tmp_path / "observables.nc")


def test_a_file_without_a_variable_is_refused(small_run, tmp_path):
    write_observables(tmp_path / "observables.nc", small_run.drop_vars("gap_flux"))
    with pytest.raises(InputError, match="lacks gap_flux"):
        load_observables(tmp_path / "observables.nc")
