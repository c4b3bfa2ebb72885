import numpy as np
import pytest

from ionspice.core import bdf

TIMES = [2.0, 1.3, 1.0, 0.2]  # newest first, uneven


@pytest.mark.parametrize("order", [1, 2])
def test_derivative_is_exact_for_polynomials_of_the_order(order):
    times = TIMES[: order + 1]
    weights = bdf.derivative_weights(times)
    for power in range(order + 1):
        exact = power * times[0] ** (power - 1) if power else 0.0
        assert np.dot(weights, np.power(times, power)) == pytest.approx(exact, abs=1e-12)


def test_extrapolation_is_exact_for_quadratics():
    weights = bdf.extrapolation_weights(TIMES[0], TIMES[1:])
    assert np.dot(weights, np.power(TIMES[1:], 2)) == pytest.approx(TIMES[0] ** 2)


@pytest.mark.parametrize("order", [1, 2])
def test_error_estimate_is_exact_for_the_first_neglected_power(order):
    """For u = t^(order+1) and exact history the estimate is the true local error."""
    time, past = TIMES[0], TIMES[1 : order + 2]
    power = order + 1
    weights = bdf.derivative_weights([time, *past[:order]])
    history = np.dot(weights[1:], np.power(past[:order], power))
    solution = (power * time ** (power - 1) - history) / weights[0]
    guess = np.dot(bdf.extrapolation_weights(time, past), np.power(past, power))
    estimate = bdf.error_factor(time, past) * (solution - guess)
    assert abs(estimate) == pytest.approx(abs(time**power - solution), rel=1e-10)


def test_step_grows_for_small_errors_and_shrinks_for_large_ones():
    assert bdf.step_ratio(1e-9, 2) == bdf.GROWTH_LIMITS[1]
    assert bdf.step_ratio(1.0, 2) < 1.0
    assert bdf.step_ratio(1e6, 2) == bdf.GROWTH_LIMITS[0]
