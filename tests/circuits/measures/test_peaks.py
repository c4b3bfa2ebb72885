"""Claim M: large gamma and Rc make the charging current peak, with the same capacitances everywhere."""

from dataclasses import replace

import pytest

from ionspice.circuits import (
    least_gamma_with_peak,
    peak_map,
    peak_prominence,
    peaks_only_with_gamma,
    simulate,
    triangular,
    with_gamma,
)
from ionspice.core import InputError

GAMMAS, SCALES = (0.0, 0.5, 0.9, 1.0), (0.1, 1.0)


@pytest.fixture
def full(make_circuit):
    """A stack whose slits are full at 0.07 V, driven three times slower than it relaxes."""
    circuit = make_circuit(slits=5, slit_charge=0.7e-10)
    return circuit, triangular(0.1, 3 * circuit.time_constant)


def test_peaks_need_a_large_gamma_and_a_large_resistance(full):
    peaks = peak_map(full[0], GAMMAS, SCALES, full[1])
    fall = peaks["prominence"]
    assert peaks_only_with_gamma(peaks)
    assert least_gamma_with_peak(peaks) > 0.5
    assert float(fall.sel(gamma=1.0, rc_scale=1.0)) > float(fall.sel(gamma=1.0, rc_scale=0.1))
    assert (peaks["peak_potential"].where(fall == 0, 0.1) <= 0.1 * (1 + 1e-9)).all()


def test_the_map_agrees_with_ngspice(full):
    circuit, drive = full
    here = float(peak_map(circuit, [1.0], [1.0], drive)["prominence"].item())
    run = simulate(with_gamma(circuit, 1.0), drive)
    assert here == pytest.approx(peak_prominence(run["electrode_current"], drive.time[1]), abs=0.01)


def test_capacitance_that_falls_with_voltage_makes_no_peak_on_the_map(full, make_curve):
    circuit, drive = full
    bent = replace(circuit, slit_curve=make_curve(circuit.slits, amplitude=[1.0], centre=[0.0], width=[0.08]))
    assert not peaks_only_with_gamma(peak_map(bent, [0.0], [1.0], drive))
    with_own = simulate(with_gamma(bent, 0.0), triangular(0.1, 10 * circuit.time_constant))
    assert peak_prominence(with_own["electrode_current"], 10 * circuit.time_constant) > 0.1


@pytest.mark.parametrize(("gammas", "scales"), [([], [1.0]), ([0.5, 0.5], [1.0]), ([1.2], [1.0]), ([0.5], [0.0])])
def test_axes_out_of_range_are_refused(full, gammas, scales):
    with pytest.raises(InputError):
        peak_map(full[0], gammas, scales, full[1])
