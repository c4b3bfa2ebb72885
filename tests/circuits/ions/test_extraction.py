from functools import lru_cache

import numpy as np
import pytest
import xarray as xr
from scipy import constants

from ionspice.circuits.ions.constants import RailConstants
from ionspice.circuits.ions.evolution import simulate_rails
from ionspice.circuits.ions.extraction import extract_rails
from ionspice.circuits.ions.series import ion_series, rates
from ionspice.circuits.ions.stack import half_cell
from ionspice.circuits.model.waveform import triangular
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import SOLUTIONS, stack


@lru_cache
def rails_of(name):
    """Return a run of the known stack and the node of its mouth."""
    chain = half_cell(stack(), SOLUTIONS[name], layers=4, window=0.3, nodes=32)
    run = simulate_rails(chain, triangular(0.3, 750e-9), tolerance=3e-3)
    return run, int(np.flatnonzero(chain.polarity)[0])


def field_of(name, *, species_recorded=True):
    """Return what a field run of the rails' own stack would record."""
    ions, (run, mouth) = SOLUTIONS[name], rails_of(name)
    volt = ions.thermal_voltage
    order = np.full(run.time.size, 2)
    order[[0, 1]] = 0, 1
    order[np.searchsorted(run.time, 750e-9) + 1] = 1
    slits = run.ions[:, mouth + 1 :]
    data = {
        "step_order": ("time", order),
        "electrode_potential": ("time", run.electrode),
        "slit_electrochemical_potential": (
            ("time", "slit", "species"),
            run.potential[:, mouth + 1 :] / ions.valence * volt,
        ),
        "mouth_electrochemical_potential": (("time", "species"), run.potential[:, mouth] / ions.valence * volt),
        "slit_charge": (("time", "slit"), constants.e * slits @ ions.valence),
        "slit_ions": (("time", "slit"), slits.sum(axis=-1)),
    }
    if species_recorded:
        data |= {
            "slit_species_ions": (("time", "slit", "species"), slits),
            "open_species_ions": (("time", "species"), run.ions[:, : mouth + 1].sum(axis=1)),
        }
    return xr.Dataset(data, coords={"time": run.time}, attrs={"strip_width": 6e-9, "full_cell": 0})


def test_constants_of_a_known_stack_come_back():
    name, known = "equal sizes", stack()
    ions = SOLUTIONS[name]
    fit = extract_rails(ion_series(field_of(name), ions), ions, slit_width=1.5e-9, open_length=10e-9)
    found = fit.constants
    assert found.hop_length == pytest.approx(known.hop_length, rel=2e-3)
    np.testing.assert_allclose(found.storage, known.storage, atol=2e-3 * 6e-9)
    np.testing.assert_allclose(found.last_storage, known.last_storage, atol=2e-3 * 6e-9)
    np.testing.assert_allclose(found.path, known.path, atol=0.02 * 6e-9)
    assert found.mouth_plate == pytest.approx(known.mouth_plate, rel=5e-3)
    assert found.mouth_rest == pytest.approx(known.mouth_rest, abs=2e-3 * 6e-9)
    assert fit.open_error < 1e-3
    assert max(fit.storage_error, fit.gap_error, fit.first_gap_error, *fit.held_out_errors.values()) < 2e-3


def test_two_species_need_no_record_of_each():
    name = "equal sizes"
    ions = SOLUTIONS[name]
    both, net = (ion_series(field_of(name, species_recorded=known), ions) for known in (True, False))
    np.testing.assert_allclose(net.slit_ions, both.slit_ions, rtol=1e-9)
    assert net.inflow is None


def test_three_species_need_it():
    name = "three species"
    ions = SOLUTIONS[name]
    with pytest.raises(InputError, match="slit_species_ions"):
        ion_series(field_of(name, species_recorded=False), ions)


def test_rates_are_exact_for_parabolas_of_the_second_order_formula():
    time = np.array([0.0, 1.0, 1.5, 3.0])
    np.testing.assert_allclose(rates(time, np.array([0, 1, 2, 2]), time**2)[2:], 2 * time[2:])


def test_constants_survive_plain_data():
    known = stack()
    again = RailConstants.from_dict(known.to_dict())
    assert again.to_dict() == known.to_dict()


def test_negative_length_is_refused():
    with pytest.raises(InputError, match="not be negative"):
        RailConstants.from_dict(stack().to_dict() | {"mouth_plate": -1e-9})
