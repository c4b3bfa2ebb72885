"""Shares of kinds of cells in a storage or a resistance: least squares with coefficients that are not negative."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from ionspice.circuits.ions.constants import WIDTHS
from ionspice.circuits.ions.solution import FloatArray

#: kinds of `WIDTHS` (-1 the neutral one) that a resistance may be made of: the slit, the gap, open electrolyte
PATH_KINDS = (0, len(WIDTHS) - 1, -1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShareFit:
    """Coefficients of kinds of cells, m."""

    #: shape (kinds,)
    value: FloatArray
    #: standard errors that take the residuals as independent, shape (kinds,)
    spread: FloatArray
    #: relative rms error, 1
    error: float


def nonnegative_shares(basis: FloatArray, target: FloatArray, swing: float) -> ShareFit:
    """Return coefficients x >= 0 of basis @ x = target; the error is over the swing.

    Args:
        basis: shape (values, kinds).
        target: shape (values,).
        swing: what an error is compared to, in the unit of the target.
    """
    scale = np.abs(basis).max(axis=0)
    found, _ = nnls(basis / scale, target / swing)
    residual = basis / scale @ found - target / swing
    used, spread = found > 0, np.zeros(found.size)
    normal = (basis / scale)[:, used]
    spread[used] = np.sqrt(np.diag(np.linalg.pinv(normal.T @ normal)) * np.mean(residual**2))
    return ShareFit(
        value=found * swing / scale, spread=spread * swing / scale, error=float(np.sqrt(np.mean(residual**2)))
    )


def placed(value: FloatArray) -> FloatArray:
    """Return coefficients of `PATH_KINDS` at their places among all kinds."""
    result = np.zeros(len(WIDTHS) + 1)
    result[list(PATH_KINDS)] = value
    return result
