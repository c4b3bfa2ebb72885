"""Charge curves grow at every voltage whatever their constants, and a known one comes back from its own samples."""

import numpy as np
import pytest

from ionspice.circuits.model.charge import ChargeCurve, scaled_curve
from ionspice.circuits.model.charge_fit import fit_curve, pooled, samples_of
from ionspice.core import InputError


def random_curves(count=40, modes=3, odd=True, seed=0):
    generator = np.random.default_rng(seed)
    centre = generator.uniform(0 if odd else -1, 1, (count, modes))
    width = np.exp(generator.uniform(np.log(0.2), np.log(5), (count, modes)))
    high = np.exp(generator.uniform(-3, 2, count))
    low = -high if odd else np.zeros(count)
    return scaled_curve(generator.uniform(0, 1, (count, modes)), centre, width, low, high, odd=odd)[1]


@pytest.mark.parametrize("odd", [True, False])
def test_charge_grows_everywhere_for_any_constants(odd):
    curve = random_curves(odd=odd)
    u = np.linspace(-50, 50, 4001)[:, None] * np.ones(curve.elements)
    assert (curve.slope(u) > 0).all()
    assert (np.diff(curve.volts(u), axis=0) > 0).all()
    assert np.isfinite(curve.volts(u)).all()


@pytest.mark.parametrize("odd", [True, False])
def test_the_slope_is_the_derivative_and_one_at_zero(odd):
    curve = random_curves(odd=odd)
    u = np.linspace(-3, 3, 61)[:, None] * np.ones(curve.elements) + 1e-3
    step = 1e-6
    difference = (curve.volts(u + step) - curve.volts(u - step)) / (2 * step)
    np.testing.assert_allclose(difference, curve.slope(u), rtol=1e-6, atol=1e-8)
    assert curve.slope(np.zeros(curve.elements)) == pytest.approx(np.ones(curve.elements))
    assert (curve.volts(np.zeros(curve.elements)) == 0).all()


def test_charge_and_slope_go_on_smoothly_at_the_ends_of_the_window():
    curve = random_curves(odd=False)
    for end in (curve.low, curve.high):
        near = [curve.volts(end + side * 1e-9) for side in (-1, 1)]
        assert near[1] - near[0] == pytest.approx(2e-9 * curve.slope(end), rel=1e-5)
        assert curve.slope(end - 1e-9) == pytest.approx(curve.slope(end + 1e-9), rel=1e-6)
    far = curve.high + 7.0
    assert curve.volts(far) == pytest.approx(curve.volts(curve.high) + 7 * curve.slope(curve.high))


def test_an_odd_curve_is_odd_and_another_is_straight_where_nothing_was_learnt():
    odd, other = random_curves(), random_curves(odd=False)
    u = np.full(odd.elements, 0.7)
    assert odd.volts(-u) == pytest.approx(-odd.volts(u))
    assert other.volts(-u) == pytest.approx(-0.7 * other.slope(np.zeros(other.elements)))


@pytest.mark.parametrize("odd", [True, False])
def test_the_inverse_gives_the_voltage_back(odd):
    curve = random_curves(odd=odd)
    for u in (-20.0, -0.4, 0.0, 1e-6, 0.3, 20.0):
        voltage = np.full(curve.elements, u)
        assert curve.voltage(curve.volts(voltage)) == pytest.approx(voltage, rel=1e-9, abs=1e-12)


def test_a_constant_capacitance_is_straight():
    line = ChargeCurve.linear(3)
    u = np.array([-1.0, 0.0, 2.0])
    assert (line.volts(u) == u).all()
    assert (line.slope(u) == 1).all()
    assert (line.voltage(u) == u).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amplitude": [[-1.0]]}, "must grow"),
        ({"width": [[0.0]]}, "must grow"),
        ({"amplitude": [[0.0]]}, "no capacitance"),
        ({"low": [0.1]}, "window"),
        ({"centre": [[np.nan]]}, "no capacitance|not finite"),
        ({"high": [0.1, 0.2]}, "windows"),
    ],
)
def test_constants_that_are_no_curve_are_refused(change, told):
    good = {"amplitude": [[1.0]], "centre": [[0.1]], "width": [[0.1]], "low": [-0.2], "high": [0.2]}
    with pytest.raises(InputError, match=told):
        scaled_curve(**(good | change))


@pytest.mark.parametrize("modes", [1, 2])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_known_mixture_comes_back(modes, sign):
    amplitude, centre, width = np.array([2e-8, 1e-8])[:modes], [0.06, 0.15][:modes], [0.05, 0.09][:modes]
    u = sign * np.linspace(0, 0.25, 101)
    capacitance, curve = scaled_curve(amplitude, centre, width, [-0.25], [0.25])
    fit = fit_curve(samples_of(u, capacitance * curve.volts(u[:, None])[:, 0]), modes, odd=True)
    assert fit.amplitude == pytest.approx(amplitude, rel=1e-6)
    assert fit.centre == pytest.approx(centre, rel=1e-6)
    assert fit.width == pytest.approx(width, rel=1e-6)
    assert fit.capacitance == pytest.approx(capacitance[0], rel=1e-6)
    assert (fit.low, fit.high) == (-0.25, 0.25)
    assert fit.relative_rms < 1e-9


def test_both_signs_of_an_unequal_electrolyte_come_back():
    u = np.concatenate([np.linspace(0, 0.2, 60), np.linspace(0.2, -0.3, 150)])
    capacitance, curve = scaled_curve([1e-8, 2e-8], [-0.1, 0.08], [0.07, 0.12], [-0.3], [0.2], odd=False)
    fit = fit_curve(samples_of(u, capacitance * curve.volts(u[:, None])[:, 0]), 2, odd=False)
    assert fit.centre == pytest.approx([-0.1, 0.08], rel=1e-6)
    assert (fit.low, fit.high) == (-0.3, 0.2)


def test_standard_errors_cover_noise():
    generator = np.random.default_rng(3)
    u = np.linspace(0, 0.25, 200)
    capacitance, curve = scaled_curve([2e-8], [0.06], [0.05], [-0.25], [0.25])
    clean = capacitance * curve.volts(u[:, None])[:, 0]
    fits = [fit_curve(samples_of(u, clean + 1e-11 * generator.standard_normal(200)), 1, odd=True) for _ in range(20)]
    for name, true in (("centre", 0.06), ("width", 0.05)):
        miss = np.array([getattr(fit, name)[0] - true for fit in fits])
        error = np.array([fit.standard_error[1 if name == "centre" else 2] for fit in fits])
        assert 0.5 < np.sqrt(np.mean((miss / error) ** 2)) < 1.6
    spread = np.array([(fit.capacitance - capacitance[0]) / fit.capacitance_error for fit in fits])
    assert 0.5 < np.sqrt(np.mean(spread**2)) < 1.6


def test_a_slit_that_saw_little_takes_the_rest_from_the_others():
    capacitance, curve = scaled_curve([2e-8], [0.06], [0.05], [-0.25], [0.25])
    u = np.linspace(0, 0.25, 101)
    charge = capacitance * curve.volts(u[:, None])[:, 0]
    near = u <= 0.05
    parts = [samples_of(u, charge), samples_of(u[near], 1.1 * charge[near])]
    inner = fit_curve(pooled(parts), 1, odd=True)
    assert inner.capacitance == pytest.approx(1.05 * capacitance[0], rel=1e-3)
    deep = fit_curve(parts[1], 1, odd=True, start=inner)
    assert deep.high == 0.25
    assert deep.capacitance * deep.curve.volts([0.25])[0] == pytest.approx(1.1 * charge[-1], rel=1e-3)


def test_the_same_samples_give_the_same_curve():
    u = np.linspace(0, 0.3, 80)
    samples = samples_of(u, np.sqrt(1 + u / 0.02) - 1)
    first, second = (fit_curve(samples, 2, odd=True) for _ in range(2))
    assert (first.amplitude == second.amplitude).all()
    assert first.relative_rms < 5e-3


def test_charge_against_the_voltage_holds_nothing():
    u = np.linspace(0, 0.1, 50)
    for modes in (0, 1, 2):
        fit = fit_curve(samples_of(u, -1e-9 * u), modes, odd=True)
        assert fit.capacitance == 0
        assert np.isfinite(fit.capacitance_error)
        assert fit.curve.modes == 0


def test_elements_that_no_charge_reached_leave_the_others_as_they_are():
    u = np.linspace(0, 0.2, 100)
    charged = samples_of(u, 2e-8 * u - 1e-8 * u**3)
    untouched, hardly = samples_of(np.zeros(100), np.zeros(100)), samples_of(1e-14 * u, 1e-22 * u)
    alone, beside = (fit_curve(pooled(parts), 2, odd=True) for parts in ([charged], [charged, untouched, hardly]))
    assert beside.capacitance == pytest.approx(alone.capacitance)
    assert beside.relative_rms == pytest.approx(alone.relative_rms)
