"""Where time is short, the link that makes the law simplest is tried right after the plain sum."""

import numpy as np
import pytest

from ionspice.discovery.evolution.links import LINKS
from ionspice.discovery.fits.misfit import unweighted
from ionspice.discovery.link_order import simplest_first
from ionspice.discovery.samples import make_samples

TRIED = ("reciprocal", "identity", "exponential", "square root")


@pytest.mark.parametrize(
    ("law", "second"),
    [
        (lambda a, b: np.sqrt(a**2 + b**2), "square root"),
        (lambda a, b: 1.0 / (1.0 + a * b), "reciprocal"),
        (lambda a, b: a**2.5 / b, "exponential"),
    ],
)
def test_links_are_ordered_by_what_low_polynomials_leave(law, second):
    points = np.random.default_rng(0).uniform(1.0, 4.0, size=(2, 100))
    data = unweighted(points, law(*points))
    targets = [(LINKS[name], make_samples([data], LINKS[name], None)) for name in TRIED]
    assert [link.name for link, _ in simplest_first(targets)][:2] == ["identity", second]
