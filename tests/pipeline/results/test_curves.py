import numpy as np
import pytest
import xarray as xr

from ionspice.core.observables import load_observables
from ionspice.pipeline.results.curves import (
    charge_balances,
    direction_shares,
    element_curves,
    model_error,
    net_ions,
    same_direction_share,
)

RC, GAMMA, QMAX, CURRENT = 0.3, 0.4, 2e-9, 4e-3  # ohm m, 1, C/m, A/m


def constant_current(sign: float) -> xr.Dataset:
    """One slit charged and discharged at constant current through R = Rc (1 - gamma Q/Qmax), an exact case."""
    end = QMAX / CURRENT
    time = np.linspace(0, 2 * end, 401)
    charge = CURRENT * np.where(time <= end, time, 2 * end - time)
    current = np.where(time <= end, CURRENT, -CURRENT)
    difference = current * RC * (1 - GAMMA * charge / QMAX)
    zero = np.zeros((time.size, 1))
    return xr.Dataset(
        {
            "slit_charge": (("time", "slit"), sign * charge[:, None]),
            "passed_charge": (("time", "slit"), sign * charge[:, None]),
            "trans_slit_current": (("time", "slit"), sign * current[:, None]),
            "mouth_conduction_potential": ("time", zero[:, 0]),
            "slit_conduction_potential": (("time", "slit"), -sign * difference[:, None]),
        },
        coords={"time": time, "slit": [1]},
        attrs={"charging_end": end},
    )


def law(charge):
    return RC * (1 - GAMMA * charge / QMAX)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_field_ratio_is_the_resistance_for_either_polarity(sign):
    (curve,) = element_curves(constant_current(sign), "passed", "electrochemical", {1: law})
    np.testing.assert_allclose(curve.field_resistance(), law(curve.charge), rtol=1e-12)


def test_integral_follows_the_quadratic_that_the_law_integrates_to():
    (curve,) = element_curves(constant_current(-1.0), "passed", "electrochemical", {1: law})
    x, y = curve.normalised
    exact = (x - GAMMA * x**2 / 2) / (1 - GAMMA / 2)
    np.testing.assert_allclose(y, exact, atol=1e-12)
    np.testing.assert_allclose(curve.law_integral, exact, atol=1e-6)


def test_element_without_law_keeps_its_fields_and_refuses_a_resistance():
    (curve,) = element_curves(constant_current(1.0), "stored", "electrochemical", {})
    assert curve.charge.max() == pytest.approx(QMAX)
    with pytest.raises(ValueError, match="element 1 has no law"):
        curve.law_resistance(curve.charge)


def test_share_of_time_does_not_depend_on_the_steps():
    time = np.concatenate([np.linspace(0, 0.5, 2001), np.linspace(0.5, 1, 101)[1:]])
    share = same_direction_share(time, np.sin(2 * np.pi * time), np.cos(2 * np.pi * time), 1.0)
    assert share == pytest.approx(0.5, abs=0.01)


def test_share_of_vanishing_part_is_not_a_number():
    time = np.linspace(0, 1, 11)
    assert np.isnan(same_direction_share(time, np.full(11, 1e-3), np.ones(11), 1.0))


def test_model_error_of_a_scaled_current_is_its_share_of_the_rms():
    time = np.linspace(0, 1, 4001)
    current = xr.DataArray(np.sin(2 * np.pi * time), coords={"time": time})
    error = model_error(current, 1.02 * current)
    assert error.rms == pytest.approx(0.02 / np.sqrt(2), rel=1e-3)
    assert error.largest == pytest.approx(0.02, rel=1e-6)
    assert error.peak_ratio == pytest.approx(1.02)


def test_one_elementary_charge_per_nanometre_is_one_net_ion():
    fields = constant_current(1.0)
    fields["slit_charge"][:] = 1.602176634e-19 / 1e-9
    np.testing.assert_allclose(net_ions(fields), 1.0, rtol=1e-12)


def test_field_solution_conserves_charge_and_a_loss_would_show(solved_folder):
    fields = load_observables(solved_folder / "observables.nc")
    assert charge_balances(fields).gaps < 1e-8
    assert charge_balances(fields).parts < 1e-8
    fields["gap_flux"][:, -1] *= 1.001
    assert charge_balances(fields).gaps > 1e-4


def test_shares_of_a_solved_case_are_shares(solved_folder):
    fields = load_observables(solved_folder / "observables.nc")
    for slit in fields["slit"].values:
        along, steric = direction_shares(fields["time"].values, fields["slit_flux"].sel(slit=slit))
        assert 0 <= along <= 1
        assert 0 <= steric <= 1
