"""Where fits start: inner constants over a grid, the linear ones solved for.

Around a first guess the inner constants are tried at several sizes and both signs; a single start stops at local
minima, above all when one form is fitted to several data sets in turn.
"""

from itertools import product

import numpy as np

from ionspice.discovery.fits.misfit import Misfit
from ionspice.discovery.fits.projection import linear_constants, solve_linear
from ionspice.discovery.ordering import ranked

_SIZES = (0.0625, 0.25, 0.5, 1.0, 2.0, 4.0, 16.0)
_PAIR_SIZES = (0.2, 1.0, 5.0)


def inner_grid(values: np.ndarray) -> list[np.ndarray]:
    """Return values of inner constants around given ones, each of shape (constants,), without the given ones.

    One constant at seven sizes and both signs, two at three sizes and signs each, more of them one at a time.
    """
    middle = np.where(values == 0.0, 1.0, values)
    count = values.size
    if count <= 2:
        sizes = _SIZES if count == 1 else _PAIR_SIZES
        factors = product([sign * size for size in sizes for sign in (1.0, -1.0)], repeat=count)
        return [middle * factor for factor in map(np.array, factors) if not np.all(factor == 1.0)]
    ones = np.ones(count)
    return [
        middle * np.where(np.arange(count) == index, factor, ones)
        for index in range(count)
        for factor in (*_PAIR_SIZES[::2], -1.0)
    ]


def candidate_starts(misfit: Misfit, theta: np.ndarray, most: int) -> list[np.ndarray]:
    """Return up to `most` starts from the grid around given constants, the best first."""
    linear = linear_constants(misfit.form)
    inner = [k for k in range(theta.size) if k not in linear]
    if not inner:
        return []
    found = []
    for values in inner_grid(theta[inner]):
        start = theta.copy()
        start[inner] = values
        start = solve_linear(misfit, start)
        found.append((misfit.value(start), start))
    finite = [pair for pair in found if np.isfinite(pair[0])]
    return [start for _, start in ranked(finite, lambda pair: pair[0])[:most]]
