"""Intervals that allow for the forms that the data cannot tell apart."""

import numpy as np
import pytest

from ionspice.discovery.fits.uncertainty import Estimate
from ionspice.discovery.laws.element_fits import ElementFit
from ionspice.discovery.laws.ties import widened


def _fit(value, width):
    value = np.array(value, dtype=float)
    return ElementFit(
        element=1,
        estimate=Estimate(
            value=value,
            standard_error=np.full(value.size, width / 2.0),
            interval=np.column_stack([value - width, value + width]),
        ),
        r_squared=0.99,
    )


def test_without_other_forms_nothing_changes():
    (same,) = widened([_fit([1.0, 0.5, 7.0], 0.1)], [])
    np.testing.assert_array_equal(same.estimate.interval, _fit([1.0, 0.5, 7.0], 0.1).estimate.interval)
    np.testing.assert_array_equal(same.estimate.standard_error, 0.05)


def test_intervals_reach_over_those_of_other_forms():
    (wide,) = widened([_fit([1.0, 0.5, 7.0], 0.1)], [[_fit([1.05, 0.9], 0.15)]])
    np.testing.assert_allclose(wide.estimate.interval, [[0.9, 1.2], [0.4, 1.05], [6.9, 7.1]])
    np.testing.assert_array_equal(wide.estimate.value, [1.0, 0.5, 7.0])
    assert wide.estimate.standard_error[1] == pytest.approx(np.hypot(0.05, 0.4 / np.sqrt(2.0)))
    assert wide.estimate.standard_error[2] == 0.05


def test_a_form_of_wild_constants_does_not_decide():
    (wide,) = widened([_fit([1.0, 0.5], 0.1)], [[_fit([1.0, 0.5], 100.0)], [_fit([np.nan, np.nan], np.inf)]])
    np.testing.assert_allclose(wide.estimate.interval, [[0.8, 1.2], [0.3, 0.7]])
