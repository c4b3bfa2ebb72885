"""The slope of a mean squared displacement with its interval, by kinisi's Bayesian regression.

The points of a mean squared displacement are not independent; kinisi knows their covariance C. Of a straight line
A (m, c) through them the posterior is the normal distribution

    N((A^T C^-1 A)^-1 A^T C^-1 y, (A^T C^-1 A)^-1),    cut off at m = 0,

as no slope is below 0, and so is its marginal in m. kinisi samples it by Markov chains, whose own noise is a
twentieth of the error; here it is taken as it is. Source: doi:10.1021/acs.jctc.4c01249.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from scipy import linalg, stats

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.displacements import MeanSquares, with_steady_variances
from ionspice.electrolytes.analysis.estimate import IntervalEstimate

#: kinisi's chains are as short as it lets them be; only its covariance is wanted
_CHAIN = {"n_walkers": 4, "n_samples": 1, "n_burn": 0, "n_thin": 1, "progress": False}


def slope_of(squares: MeanSquares, start: float, unit: str) -> IntervalEstimate:
    """Return the slope from a lag on.

    Args:
        squares: the displacements.
        start: first lag [ps].
        unit: of the slope.

    Raises:
        InputError: fewer than three lags are left, or nothing moves.
    """
    # a float's last digit must not cut off the first lag
    used = squares.lags >= start * (1 - 1e-9)
    if used.sum() < 3:
        raise InputError(
            f"start = {start:g} ps leaves fewer than 3 lags below {squares.lags[-1]:g} ps; give an earlier one"
        )
    if not squares.values[used].max() > 1e-20:
        # a likelihood of zero width has no posterior: charges that cancel exactly do not move
        return IntervalEstimate(value=0.0, standard_error=0.0, low=0.0, high=0.0, unit=unit)
    line = np.stack([squares.lags[used], np.ones(used.sum())], axis=1)
    weights = linalg.pinvh(_covariance(squares, squares.lags[used][0] * (1 - 1e-9)))
    spread = linalg.inv(line.T @ weights @ line)
    slope = float((spread @ line.T @ weights @ squares.values[used])[0])
    error = float(np.sqrt(spread[0, 0]))
    posterior = stats.truncnorm(-slope / error, np.inf, loc=slope, scale=error)
    low, high = posterior.ppf([0.025, 0.975])
    return IntervalEstimate(
        value=float(posterior.mean()),
        standard_error=float(posterior.std()),
        low=float(low),
        high=float(high),
        unit=unit,
    )


def _covariance(squares: MeanSquares, start: float) -> Floats:
    """Return kinisi's covariance of the mean squared displacements from a lag [ps] on, shape (lags, lags)."""
    import scipp
    from kinisi.diffusion import Diffusion

    squares = with_steady_variances(squares)
    data = scipp.DataArray(
        data=scipp.array(
            dims=["time interval"], values=squares.values, variances=squares.variances, unit="angstrom^2"
        ),
        coords={
            "time interval": scipp.array(dims=["time interval"], values=squares.lags, unit="ps"),
            "n_samples": scipp.array(dims=["time interval"], values=squares.samples),
        },
    )
    regression = Diffusion(scipp.DataGroup({"da": data, "dimensionality": scipp.scalar(3.0)}))
    with _own_random_numbers():
        regression.bayesian_regression(
            scipp.scalar(start, unit="ps"), random_state=np.random.RandomState(0), **_CHAIN
        )
    return np.asarray(regression.covariance_matrix.values)


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    """Give NumPy's global generator back as it was: kinisi seeds it."""
    state = np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
