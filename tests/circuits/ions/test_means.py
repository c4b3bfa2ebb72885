"""Means of a way's halves: limits, slopes, the same in circuit simulators."""

import math

import numpy as np
import pytest

from ionspice.circuits.ions.means import halves, mean, mean_text

ENDS = np.array([[1.0, 1.0], [3.0, 2.0], [1.0, 1e-5], [0.2, 40.0]])


def test_the_mean_is_the_logarithmic_one():
    ratio = np.array([1.01, 2.0, 10.0, 100.0])
    np.testing.assert_allclose(mean(ratio, np.ones(4))[0], (ratio - 1) / np.log(ratio), rtol=1e-2)


def test_equal_ends_give_what_they_have_and_others_lie_in_order():
    found = halves(*ENDS.T)
    np.testing.assert_allclose((found.near[0], found.far[0]), 1.0)
    inside = np.column_stack([ENDS[1:, 0], found.near[1:], found.far[1:], ENDS[1:, 1]])
    assert np.all(np.diff(inside, axis=1) * np.sign(ENDS[1:, 1] - ENDS[1:, 0])[:, None] > 0)


def test_slopes_are_those_of_differences():
    change = 1e-6
    found = halves(*ENDS.T)
    for end in (0, 1):
        moved = [halves(*(ENDS * np.exp(sign * change * np.eye(2)[end])).T) for sign in (1, -1)]
        for half in (0, 1):
            expected = (np.log(moved[0][half]) - np.log(moved[1][half])) / (2 * change)
            np.testing.assert_allclose(found[2 + half][end], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("ends", ENDS.tolist())
def test_simulators_take_the_same_mean(ends):
    text = mean_text(*map(str, ends))
    assert eval(text, {"sqrt": math.sqrt}) == pytest.approx(float(mean(*np.array(ends))[0]), rel=1e-6)


def test_ions_leave_for_nothing_about_as_fast_as_they_diffuse():
    """Diffusion, F = e^w, gives D (F_one - F_two) over the whole way; ends alone gave 200 times less at 8 kT."""
    drop = np.array([1.0, 4.0, 8.0, 12.0])
    found = halves(np.ones(4), np.exp(-drop))
    share = 2 * drop / (1 / found.near + 1 / found.far) / (1 - np.exp(-drop))
    assert share[0] == pytest.approx(1.0, abs=0.05)
    assert np.all((share > 0.2) & (share <= 1.0))
