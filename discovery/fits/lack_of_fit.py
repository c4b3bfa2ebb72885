"""What a fitted law misses: the smooth part of its residuals, and the slopes at the ends of the data with it.

A form that is not the true one leaves residuals with a shape, and its constants are biased, by far more than their
errors where they stand for slopes at the ends of the data. The residuals are therefore also fitted by polynomials
x P_k(2x - 1), which vanish at the origin, made orthogonal to what the constants of the law can do. Their number K is
the one with the largest

    sum over k <= K and over data sets of (t_k^2 - 2),

t_k being coefficients over their standard errors: Akaike's criterion, whose excess over zero tests for lack of fit
(Eubank and Hart, Ann. Stat. 20, 1412, 1992). Where it is below zero for every K, nothing is missed that the data
could show. One polynomial more is taken than is asked for, so that what is still missing is less than the noise.
Noise with a memory is told from a lack of fit by whitening, as in `ionspice.discovery.fits.memory`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Legendre

from ionspice.discovery.fits.memory import correlation, draw_errors, whitened
from ionspice.discovery.fits.misfit import Dataset, observed_form, predict, slopes
from ionspice.discovery.forms.canonical import Form

_MOST_DEGREES = 8
#: price of a degree in squares of standard errors
_PRICE = 2.0
#: share of a function's norm beside others below which it is one of theirs
_NEW = 1e-5
_ENDS = np.array([[0.0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What polynomials add to a fitted law of one variable that runs from 0 to 1."""

    #: change of the law at the rows, shape (n,)
    values: np.ndarray
    #: change of its slopes at 0 and 1, shape (2,)
    slopes: np.ndarray
    #: changes of both slopes under other noise, shape (2, resamples), about those of `slopes`
    drawn: np.ndarray
    #: factor by which 95 % intervals widen for the number of independent points
    widening: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Remainder:
    """What a fit of a law of one variable from 0 to 1 leaves, in the polynomials that it cannot reach."""

    #: weighted residual, shape (n,)
    residual: np.ndarray
    #: weights of the rows, shape (n,)
    weights: np.ndarray
    #: weighted standard deviation of the targets
    spread: float
    #: slopes of the law at 0 and 1, shape (2,)
    slopes: np.ndarray
    #: orthonormal functions that the constants reach, shape (constants, n + 2): weighted values, slopes at 0 and 1
    law: np.ndarray
    #: the same for polynomials beyond, shape (polynomials, n + 2)
    further: np.ndarray
    #: squares of the coefficients of the latter over their standard errors, shape (polynomials,)
    squares: np.ndarray


def remainder(form: Form, data: Dataset, values: np.ndarray, residual: np.ndarray) -> Remainder:
    """Return what a fit leaves.

    Args:
        form: the law, of one variable from 0 to 1.
        data: what it was fitted to.
        values: constants of the fit.
        residual: of the fit, shape (n,).
    """
    weights = data.row_weights(residual)
    law, further = _directions(form, data, values, weights)
    rest = weights * residual
    return Remainder(
        residual=rest,
        weights=weights,
        spread=float(np.sqrt(data.sum_about_mean / data.y.size)),
        slopes=predict(observed_form(form, 0), values, _ENDS),
        law=law,
        further=further,
        squares=_squares(rest, law[:, :-2], further[:, :-2]),
    )


def polynomials_asked_for(remainders: Sequence[Remainder]) -> int:
    """Return how many polynomials data sets of one law ask for together; 0 where they show no lack of fit."""
    most = min(one.squares.size for one in remainders)
    if most == 0:
        return 0
    worth = np.cumsum(sum(one.squares[:most] - _PRICE for one in remainders))
    return min(int(np.argmax(worth)) + 2, most) if worth.max() > 0.0 else 0


def missed(rest: Remainder, count: int, resamples: int, rng: np.random.Generator) -> Missed:
    """Return what polynomials, that many, add to a law.

    Args:
        rest: what its fit leaves.
        count: of the polynomials.
        resamples: number of draws of the noise.
        rng: random numbers.
    """
    added = rest.further[:count]
    design = np.vstack([rest.law, added])
    shape = added[:, :-2] @ rest.residual
    left = rest.residual - shape @ added[:, :-2]
    errors, widening = draw_errors(left, design[:, :-2], resamples, rng)
    return Missed(
        values=shape @ added[:, :-2] / rest.weights,
        slopes=shape @ added[:, -2:],
        drawn=(errors @ design[:, :-2].T @ design[:, -2:]).T,
        widening=widening,
    )


def _directions(form: Form, data: Dataset, values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return orthonormal functions that the law's constants reach, and further ones, each with its end slopes.

    Both have shape (functions, n + 2): weighted values at the rows, then slopes at 0 and 1.
    """
    ends = slopes(observed_form(form, 0), values, _ENDS)
    law = np.hstack([slopes(data.observed(form), values, data.points) * weights, ends])
    known = _orthonormal(law, law[:0])
    return known, _orthonormal(_polynomials(data, weights), known)


def _polynomials(data: Dataset, weights: np.ndarray) -> np.ndarray:
    """Return x P_k(2 x - 1) or its slope, what the targets show, with its end slopes, shape (degrees, n + 2)."""
    x = Legendre([0.5, 0.5], domain=[0.0, 1.0])
    rows = []
    for degree in range(_MOST_DEGREES):
        one = x * Legendre.basis(degree, domain=[0.0, 1.0])
        shown = one if data.derivative is None else one.deriv()
        rows.append(np.concatenate([shown(data.points[0]) * weights, one.deriv()(_ENDS[0])]))
    return np.array(rows)


def _orthonormal(rows: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return rows made orthonormal to known ones and to each other, but for the last two columns.

    Those that add nothing are left out.
    """
    found = list(known)
    for row in rows:
        size = np.linalg.norm(row[:-2])
        for _ in range(2):  # the second time for round-off
            for other in found:
                row = row - (other[:-2] @ row[:-2]) * other
        left = np.linalg.norm(row[:-2])
        if np.all(np.isfinite(row)) and left > _NEW * size:
            found.append(row / left)
    return np.array(found[len(known) :]).reshape(-1, rows.shape[1])


def _squares(rest: np.ndarray, law: np.ndarray, further: np.ndarray) -> np.ndarray:
    """Return the squares of the coefficients of further functions over their standard errors, shape (functions,)."""
    design = np.vstack([law, further])
    free = rest.size - len(design)
    if len(further) == 0 or free < len(design) or not np.all(np.isfinite(rest)):
        return np.empty(0)
    rho = correlation(rest, design)
    basis = np.linalg.qr(whitened(design, rho).T)[0].T
    white = whitened(rest, rho)
    shares = basis @ white
    variance = (white @ white - shares @ shares) / free
    return np.asarray(shares[len(law) :] ** 2 / variance) if variance > 0.0 else np.empty(0)
