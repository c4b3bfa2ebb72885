r"""Backward differentiation with variable steps: formula, error estimate, step control.

With h = t_{n+1} - t_n and r = h / (t_n - t_{n-1}),

    h du/dt(t_{n+1}) ~ (1 + 2r)/(1 + r) u_{n+1} - (1 + r) u_n + r^2/(1 + r) u_{n-1}     (BDF2)
    h du/dt(t_{n+1}) ~ u_{n+1} - u_n                                                     (BDF1)

The local error is estimated from the distance between the solution and a polynomial extrapolation of the past
(Milne's device). Source: Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, chapter III.5.
"""

import math
from collections.abc import Sequence

#: the step may at most double (BDF2 stays zero-stable up to a ratio of 1 + sqrt 2) and at least shrinks by this
GROWTH_LIMITS = (0.2, 2.0)
_SAFETY = 0.85


def derivative_weights(times: Sequence[float]) -> tuple[float, ...]:
    """Return the weights of u at the given times, newest first, in du/dt at the newest [1/time].

    Args:
        times: two times (BDF1) or three (BDF2), newest first.
    """
    h = times[0] - times[1]
    if len(times) == 2:
        return (1 / h, -1 / h)
    r = h / (times[1] - times[2])
    return ((1 + 2 * r) / (1 + r) / h, -(1 + r) / h, r**2 / (1 + r) / h)


def extrapolation_weights(time: float, times: Sequence[float]) -> tuple[float, ...]:
    """Return the Lagrange weights that extrapolate values at `times` to `time`."""
    return tuple(math.prod((time - s) / (t - s) for s in times if s != t) for t in times)


def error_factor(time: float, times: Sequence[float]) -> float:
    """Return local error over (solution - extrapolation) for a step from `times[0]` to `time`.

    Args:
        time: end of the step.
        times: the past times that were extrapolated, newest first: two for BDF1, three for BDF2.
    """
    h = time - times[0]
    if len(times) == 2:
        own, predictor = h, time - times[1]
    else:
        r = h / (times[0] - times[1])
        own, predictor = h * (1 + r) / (1 + 2 * r), time - times[2]
    return own / (own + predictor)


def step_ratio(error: float, order: int) -> float:
    """Return by how much the next step may grow or has to shrink.

    Args:
        error: local error over the tolerance.
        order: of the formula, 1 or 2.
    """
    low, high = GROWTH_LIMITS
    ratio = _SAFETY * max(error, 1e-12) ** (-1 / (order + 1))
    # Coarse values make the sequence of steps the same on any number of ranks.
    ratio = round(min(high, max(low, ratio)), 1)
    return 1.0 if 1.0 <= ratio < 1.2 else ratio
