"""What a search does when time runs short."""

import time
from dataclasses import replace
from math import inf

import numpy as np
import pytest

from ionspice.discovery.clock import Clock, TimeIsUpError, check_time, fits_until
from ionspice.discovery.fits.misfit import unweighted
from ionspice.discovery.samples import thinned


def test_without_a_budget_all_is_done_in_its_order():
    clock = Clock.started(None, 100)
    assert not clock.evolution_is_over()
    assert clock.until("end") == inf
    assert clock.done_in_time("fits", [3, 1, 2], lambda item: 10 * item, float) == [30, 10, 20]


def test_when_time_is_over_the_most_promising_is_done():
    clock = Clock.started(0.0, 100)
    time.sleep(0.01)
    assert clock.evolution_is_over()
    assert clock.done_in_time("fits", [3, 1, 2], lambda item: 10 * item, float) == [10]


def test_a_step_that_would_end_too_late_is_not_begun():
    clock = Clock.started(100.0, 100)
    assert not clock.evolution_is_over(1.0)
    assert clock.evolution_is_over(1000.0)


def test_stages_end_in_turn_within_the_budget():
    clock = Clock.started(8.0, 1000)
    ends = [clock.evolution, *(clock.until(stage) for stage in ("forms", "fits", "shorter", "choice", "end"))]
    assert ends == sorted(ends)
    assert clock.start < ends[-1] < clock.end


def test_stages_share_what_a_late_evolution_leaves():
    clock = Clock.started(8.0, 1000)
    late = replace(clock, evolution=time.monotonic() - 1.0).after_evolution()
    assert late.evolution <= time.monotonic() < late.until("forms") < late.until("fits") < clock.until("forms")
    assert clock.after_evolution() == clock


def test_a_fit_ends_with_its_time():
    check_time()
    with fits_until(time.monotonic() - 1.0), pytest.raises(TimeIsUpError):
        check_time()
    check_time()


def test_long_tables_are_searched_by_some_of_their_rows():
    x = np.arange(10_000.0)
    rows = thinned(unweighted(x[None, :], 2.0 * x))
    assert rows.y.size == 3000
    np.testing.assert_array_equal(rows.y, 2.0 * rows.points[0])
    short = unweighted(x[None, :50], x[:50])
    assert thinned(short) is short
