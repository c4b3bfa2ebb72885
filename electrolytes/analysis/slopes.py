"""The slope of a mean squared displacement with its interval, by kinisi's Bayesian regression.

The points of a mean squared displacement are not independent; kinisi knows their covariance.
Source: doi:10.1021/acs.jctc.4c01249.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.displacements import MeanSquares
from ionspice.electrolytes.analysis.estimate import IntervalEstimate

#: of the Markov chains: samples and those thrown away before
_SAMPLES, _BURN = 500, 200


def slope_of(squares: MeanSquares, start: float, rng: np.random.Generator, unit: str) -> IntervalEstimate:
    """Return the slope from a lag on.

    Args:
        squares: the displacements.
        start: first lag [ps].
        rng: for the Markov chains.
        unit: of the slope.

    Raises:
        InputError: fewer than three lags are left, or nothing moves.
    """
    import scipp
    from kinisi.diffusion import Diffusion

    if (squares.lags >= start).sum() < 3:
        raise InputError(
            f"start = {start:g} ps leaves fewer than 3 lags below {squares.lags[-1]:g} ps; give an earlier one"
        )
    if not squares.values[squares.lags >= start].max() > 1e-20:
        # a likelihood of zero width has no posterior: charges that cancel exactly do not move
        return IntervalEstimate(value=0.0, standard_error=0.0, low=0.0, high=0.0, unit=unit)
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
            # a float's last digit must not cut off the first lag
            scipp.scalar(start * (1 - 1e-9), unit="ps"),
            n_samples=_SAMPLES,
            n_burn=_BURN,
            progress=False,
            random_state=np.random.RandomState(int(rng.integers(2**31))),
        )
    slopes = regression.gradient.values
    low, high = np.percentile(slopes, [2.5, 97.5])
    return IntervalEstimate(
        value=float(slopes.mean()), standard_error=float(slopes.std()), low=float(low), high=float(high), unit=unit
    )


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    """Give NumPy's global generator back as it was: kinisi seeds it."""
    state = np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
