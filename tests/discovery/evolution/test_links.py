"""Links that have no inverse at a row or two do without these rows."""

import numpy as np

from ionspice.discovery.evolution.links import LINKS, admitted_links
from ionspice.discovery.fits.misfit import unweighted
from ionspice.discovery.samples import make_samples

ALL = tuple(LINKS)


def _names(y, **options):
    return {link.name for link in admitted_links(ALL, y, **options)}


def test_one_row_at_the_origin_removes_no_link():
    y = np.linspace(0.0, 1.0, 40)
    assert _names(y, skipped=0.05) == set(LINKS)
    assert "reciprocal" not in _names(y)


def test_many_rows_without_inverse_do():
    assert not {"reciprocal root", "exponential"} & _names(np.linspace(-1.0, 1.0, 40), skipped=0.05)


def test_a_law_through_a_value_without_inverse_has_no_such_link():
    assert "reciprocal" not in _names(np.linspace(0.1, 1.0, 40), at_anchor=0.0, skipped=0.05)


def test_samples_leave_these_rows_out():
    x = np.linspace(0.0, 1.0, 11)
    sets = [unweighted(x[None, :], x), unweighted(x[None, 1:], x[1:])]
    samples = make_samples(sets, LINKS["reciprocal"], None)
    assert samples.groups.tolist() == [0, 10, 20]
    assert np.all(np.isfinite(samples.target))
    np.testing.assert_allclose(samples.points[0, :10], x[1:])
