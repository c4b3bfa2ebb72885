"""Choose among forms: the simplest whose held-out error is within one standard error of the best law's.

Every form is refitted without each of k folds and judged on the points left out. Two forms are compared point by
point, d_i = e_i^2 - e*_i^2, so that noise common to both cancels; a simpler form stands if the mean of d is within
one standard error of zero (Breiman et al. 1984, with paired differences).

Held-out error alone cannot say which law is best: a search that tried a hundred thousand forms has found some that
fit the noise of all folds. The best law is therefore the one with the shortest description,

    n/2 ln(RSS/n) + k/2 ln n + ln(4) complexity,

whose last term weighs how many laws of that length there are (Rissanen, Automatica 14, 465, 1978). Information
criteria are those of least squares with unknown variance, n ln(RSS/n) + 2 k and + k ln n, with k constants over all
data sets and one variance. A robust loss knows the variance s^2 of good rows, and sum(loss)/s^2 takes the place of
n ln(RSS/n), in which a few outliers would drown all else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from ionspice.discovery.fits.fitting import Fit, fit
from ionspice.discovery.fits.losses import absolute_loss, loss_for
from ionspice.discovery.fits.misfit import Dataset, Misfit, predict
from ionspice.discovery.fits.projection import linear_constants
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.ordering import lowest, ranked
from ionspice.discovery.settings import ROUND_OFF

#: squared error that stands for a prediction that is not finite
_NOT_FINITE = 1e6
#: fits until the scale of a robust loss has settled
_SCALINGS = 6
#: share of a fit's sum of squares below which another's shows that it stopped in a local minimum
_STUCK = 0.99
#: share of the mean squared error by which two laws' may differ for round-off alone
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMember:
    """One law of the front with how well it describes the data."""

    #: the law with free constants
    form: Form
    #: fits, one a data set
    fits: tuple[Fit, ...]
    #: price of the expression (1)
    complexity: int
    #: rms residual over the standard deviation of the targets (1)
    error: float
    #: the same for points left out of the fit (1); NaN before cross-validation
    held_out_error: float
    #: Akaike's information criterion
    aic: float
    #: Bayesian information criterion
    bic: float
    #: description length in nats
    description: float
    #: squared weighted error of every left-out point over the targets' variance, shape (n,)
    held_out_squares: np.ndarray

    @property
    def code_length(self) -> float:
        """Nats of its description that are not the residuals; a fraction counts as a constant."""
        count = len(self.form.parameters) * len(self.fits) + 1
        of_constants = 0.5 * (self.bic - self.aic) + count  # k/2 ln n
        halves = of_constants / count * _fractions(self.form.expression)
        return of_constants + halves + float(np.log(4.0)) * self.complexity


def _fractions(expression: sp.Expr) -> int:
    """Return how many numbers that are no exponents are not whole."""
    parts = expression.args[:1] if expression.is_Pow else expression.args
    return int(expression.is_Rational and not expression.is_Integer) + sum(map(_fractions, parts))


def spread(datasets: Sequence[Dataset]) -> float:
    """Return the weighted variance of the targets about the mean of their data set."""
    total = sum(d.sum_about_mean for d in datasets)
    return max(total / sum(d.y.size for d in datasets), float(np.finfo(float).tiny))


def assess(
    form: Form, datasets: Sequence[Dataset], starts: Sequence[np.ndarray] | None = None, *, grid: bool = True
) -> FrontMember:
    """Fit a form to every data set, from several starts, and return it without held-out error.

    Args:
        form: the law.
        datasets: the data.
        starts: constants to start from, one array a data set; those of the form if None.
        grid: whether to start from a grid of inner constants, too.
    """
    firsts = [None] * len(datasets) if starts is None else list(starts)
    fits = [fit(form, data, start, grid=grid) for data, start in zip(datasets, firsts, strict=True)]
    if len(datasets) > 1 and len(linear_constants(form)) < len(form.parameters):
        known = [fitted.values for fitted in fits]
        fits = [fit(form, data, known[k], others=known[:k] + known[k + 1 :]) for k, data in enumerate(datasets)]
    return judged(form, datasets, fits)


def judged(form: Form, datasets: Sequence[Dataset], fits: Sequence[Fit]) -> FrontMember:
    """Return a fitted law with its error and its information criteria, without held-out error."""
    squares = np.concatenate([d.squares(d.weights * f.residual) for d, f in zip(datasets, fits, strict=True)])
    rss = float(np.sum(squares)) if np.all(np.isfinite(squares)) else np.inf
    variances = np.concatenate([np.full(d.y.size, d.noise_variance) for d in datasets])
    n = squares.size
    variance = spread(datasets)
    constants = len(form.parameters) * len(datasets) + 1
    floor = max(rss / n, (ROUND_OFF * 1e-3) ** 2 * variance, float(np.finfo(float).tiny))
    robust = np.all(variances > 0.0) and np.isfinite(rss)
    deviance = float(np.sum(squares / variances) if robust else n * np.log(floor))
    return FrontMember(
        form=form,
        fits=tuple(fits),
        complexity=form.complexity,
        error=float(np.sqrt(rss / n / variance)),
        held_out_error=np.nan,
        aic=deviance + 2 * constants,
        bic=deviance + float(np.log(n)) * constants,
        description=0.5 * (deviance + float(np.log(n)) * constants) + float(np.log(4.0)) * form.complexity,
        held_out_squares=np.empty(0),
    )


def with_loss(data: Dataset, form: Form, name: str) -> Dataset:
    """Return a data set judged by a robust loss whose scale is that of the form's residual without outliers.

    Args:
        data: the data set.
        form: a law that describes it.
        name: squares, huber or soft_l1.
    """
    if name == "squares":
        return data
    # nothing is known of the scale yet, so the first fit is by least absolute residuals: outliers do not rule it
    data = replace(data, loss=absolute_loss(data.y, data.weights))
    fitted = fit(form, data, grid=True)
    for _ in range(_SCALINGS):
        fitted = fit(form, data, fitted.values)
        residual = data.weights * fitted.residual
        data = replace(data, loss=loss_for(name, residual, data.y - fitted.residual, data.weights))
    return data


def fold_numbers(n: int, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return the fold of every point, shape (n,): each run of `folds` points holds every fold once."""
    runs = -(-n // folds)
    return np.concatenate([rng.permutation(folds) for _ in range(runs)])[:n]


def cross_validate(member: FrontMember, datasets: Sequence[Dataset], folds: Sequence[np.ndarray]) -> FrontMember:
    """Refit a law without each fold in turn and return it with its held-out error.

    Constants that were fitted without a fold and yet describe all rows better than those fitted to all show that
    these stand in a local minimum; they are fitted again from there.
    """
    parts = [_parts(member.form, *one) for one in zip(datasets, member.fits, folds, strict=True)]
    fits = [released(member.form, *one) for one in zip(datasets, member.fits, parts, strict=True)]
    if any(new is not old for new, old in zip(fits, member.fits, strict=True)):
        member = judged(member.form, datasets, fits)
        parts = [_parts(member.form, *one) for one in zip(datasets, fits, folds, strict=True)]
    squares = [
        _left_out_squares(member.form, data, fold, part)
        for data, fold, part in zip(datasets, folds, parts, strict=True)
    ]
    merged = np.concatenate(squares) / spread(datasets)
    merged = np.where(np.isfinite(merged), merged, _NOT_FINITE)
    return replace(member, held_out_error=float(np.sqrt(np.mean(merged))), held_out_squares=merged)


def _parts(form: Form, data: Dataset, whole: Fit, fold: np.ndarray) -> dict[int, np.ndarray]:
    """Return the constants fitted without each fold, by the number of the fold."""
    return {int(number): fit(form, _rows(data, fold != number), whole.values).values for number in np.unique(fold)}


def _rows(data: Dataset, kept: np.ndarray) -> Dataset:
    return replace(data, points=data.points[:, kept], y=data.y[kept], weights=data.weights[kept])


def released(form: Form, data: Dataset, whole: Fit, parts: Mapping[int, np.ndarray]) -> Fit:
    """Return a fit to all rows, made again where the constants of a part describe them better."""
    misfit = Misfit(form=data.observed(form), data=data)
    best = lowest(parts.values(), misfit.value)
    smallest = ROUND_OFF**2 * data.sum_about_mean
    if misfit.value(best) + smallest >= _STUCK * misfit.value(whole.values):
        return whole
    return fit(form, data, best, others=[whole.values])


def _left_out_squares(form: Form, data: Dataset, fold: np.ndarray, parts: Mapping[int, np.ndarray]) -> np.ndarray:
    """Return the squared weighted error of every row, predicted without its fold, shape (n,)."""
    squares = np.empty(data.y.size)
    for number, values in parts.items():
        out = fold == number
        guess = predict(data.observed(form), values, data.points[:, out])
        squares[out] = data.squares(data.weights[out] * (data.y[out] - guess))
    return squares


def simplicity(member: FrontMember) -> tuple[int, str]:
    """Return what orders laws that describe the data equally well."""
    return member.complexity, member.form.key


def pareto_front(
    members: Sequence[FrontMember], admissible: Callable[[FrontMember], bool] = lambda member: True
) -> list[FrontMember]:
    """Return the admissible members that none as simple or simpler matches in error, simplest first.

    Simpler is what has the lower complexity, or what takes fewer nats to write down, its constants included: a law
    whose constants are whole numbers stands beside a form that is shorter but for its free constants.
    """
    by_error = ranked(members, lambda m: max(m.error, ROUND_OFF))  # of equals, the one that was found first
    known: dict[int, bool] = {}
    kept: dict[int, FrontMember] = {}
    for price in (lambda m: m.complexity, lambda m: m.code_length):
        best = np.inf
        for member in ranked(by_error, price):
            error = max(member.error, ROUND_OFF)
            if error >= best * (1.0 - 1e-9):
                continue
            if id(member) not in known:
                known[id(member)] = admissible(member)
            if known[id(member)]:
                kept[id(member)] = member
                best = error
    return sorted(kept.values(), key=lambda m: m.complexity)


def tied_with_best(front: Sequence[FrontMember], accuracy: float = ROUND_OFF) -> list[int]:
    """Return the indices of the members whose held-out error is within one standard error of the best law's.

    A law that is not finite at a point left out, such as one whose pole moves onto it, is neither best nor tied.

    Args:
        front: cross-validated laws.
        accuracy: of the data, relative to the standard deviation of the targets; smaller errors count as equal.
    """
    usable = _usable(front)
    best = lowest(usable, lambda member: member.description, tie=simplicity)
    return [
        index
        for index, member in enumerate(front)
        if member in usable and (member.held_out_error <= max(accuracy, ROUND_OFF) or _is_as_good(member, best))
    ]


def alternatives(front: Sequence[FrontMember], chosen: int) -> list[int]:
    """Return the indices of the other laws that may be the true one for all that the noise tells.

    None where the chosen law is as good as the best only for the accuracy of the data, which is no matter of noise.
    """
    usable = _usable(front)
    best = lowest(usable, lambda member: member.description, tie=simplicity)
    if not _is_as_good(front[chosen], best):
        return []
    return [k for k, one in enumerate(front) if k != chosen and one in usable and _is_as_good(one, best)]


def _usable(front: Sequence[FrontMember]) -> list[FrontMember]:
    return [member for member in front if np.all(member.held_out_squares < _NOT_FINITE)] or list(front)


def _is_as_good(member: FrontMember, best: FrontMember) -> bool:
    """Return whether a law's held-out error is within one standard error of the best law's."""
    if member is best:
        return True
    difference = member.held_out_squares - best.held_out_squares
    error = float(np.std(difference)) / np.sqrt(difference.size)
    round_off = _EQUAL * float(np.mean(best.held_out_squares))
    return bool(float(np.mean(difference)) <= error + round_off)


def choose(front: Sequence[FrontMember], accuracy: float = ROUND_OFF) -> int:
    """Return the index of the law within one standard error of the best that takes fewest nats to write down."""
    return lowest(tied_with_best(front, accuracy), lambda index: front[index].code_length)
