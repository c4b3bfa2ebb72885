"""The constants of a law for every element: the form fitted to its series, with errors.

Elements that the form was discovered on start from the constants of the search, all others from every one of those.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ionspice.core import RunError
from ionspice.discovery.fits.lack_of_fit import Remainder, polynomials_asked_for, remainder
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import FrontMember, assess, with_loss
from ionspice.discovery.fits.uncertainty import Estimate, bootstrap
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.laws.dataset import ElementSeries, ResistanceData
from ionspice.discovery.laws.missed_slopes import allowing_for_misfit
from ionspice.discovery.laws.normal_form import NormalForm
from ionspice.discovery.ordering import lowest
from ionspice.discovery.settings import LossName, SearchSettings

_log = logging.getLogger(__name__)

_FIT_POINTS = 400
#: 1 - R^2 over that of the search above which an element counts as badly fitted, and the least that matters
_WORSE = 100.0
_NOTICEABLE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementFit:
    """A law's constants for one element."""

    #: element number
    element: int
    #: Rc, gamma and the other constants of the normal form
    estimate: Estimate
    #: share of the variance of Y explained (1)
    r_squared: float


def normalised(series: ElementSeries, most: int) -> Dataset:
    """Return X and Y at up to `most` points, evenly spread over the charge."""
    wanted = np.linspace(series.charge[0], series.charge[-1], most)
    right = np.clip(np.searchsorted(series.charge, wanted), 1, series.charge.size - 1)
    nearer = wanted - series.charge[right - 1] < series.charge[right] - wanted
    rows = np.unique(np.where(nearer, right - 1, right))
    x = series.charge[rows] / series.largest_charge
    # Steps crowd where the fields change fast; a row counts by the charge it stands for, or the fitted constants
    # would change with the step control.
    spacing = np.gradient(x)
    weights = np.sqrt(spacing / spacing.mean())
    if series.resistance is not None:  # dY/dX = R Qmax / max V
        slope = series.resistance[rows] * series.largest_charge / series.largest_integral
        return Dataset(points=x[None, :], y=slope, weights=weights, derivative=0)
    return Dataset(points=x[None, :], y=series.voltage_integral[rows] / series.largest_integral, weights=weights)


def fit_elements(
    data: ResistanceData, best: FrontMember, normal: NormalForm, goal: SearchSettings
) -> list[ElementFit]:
    """Fit a discovered form to every element.

    Args:
        data: the elements.
        best: the form with its fits to the inner elements, in their order.
        normal: the form with its slope apart.
        goal: loss, accuracy of the data, and seed of the bootstrap.

    Raises:
        RunError: no start leads to constants that make a resistance of an inner element.
    """
    known = {series.element: fitted.values for series, fitted in zip(data.inner, best.fits, strict=True)}
    rng = np.random.default_rng(goal.seed)
    fitted = [_fit_element(series, best.form, known, normal, goal.loss, rng) for series in data.series]
    fits = _allowing_for_misfit(fitted, set(known), goal.accuracy, rng)
    for one in fits:
        _check(one, best, is_inner=one.element in known)
    return fits


def _allowing_for_misfit(
    fitted: Sequence[tuple[ElementFit, Remainder]], inner: set[int], accuracy: float, rng: np.random.Generator
) -> list[ElementFit]:
    """Return fits with wider intervals where the inner elements together, or another one alone, show a misfit."""
    together = polynomials_asked_for([rest for one, rest in fitted if one.element in inner])
    fits = []
    for one, rest in fitted:
        count = together if one.element in inner else polynomials_asked_for([rest])
        estimate = allowing_for_misfit(one.estimate, rest, count, accuracy * rest.spread, rng)
        fits.append(replace(one, estimate=estimate))
    return fits


def _fit_element(
    series: ElementSeries,
    form: Form,
    known: dict[int, np.ndarray],
    normal: NormalForm,
    loss: LossName,
    rng: np.random.Generator,
) -> tuple[ElementFit, Remainder]:
    """Return the fit of an element and what it leaves."""
    full = with_loss(normalised(series, _FIT_POINTS), form, loss)
    starts = [known[series.element]] if series.element in known else list(known.values())
    member = lowest((assess(form, [full], [start]) for start in starts), lambda member: member.error)
    to_ohm = series.largest_integral / series.largest_charge

    def derived(constants: np.ndarray) -> np.ndarray:
        values = normal.values_of(constants)
        return np.vstack([values[:1] * to_ohm, values[1:]])

    estimate = bootstrap(form, full, member.fits[0], derived, rng)
    one = ElementFit(element=series.element, estimate=estimate, r_squared=1.0 - member.error**2)
    return one, remainder(form, full, member.fits[0].values, member.fits[0].residual)


def _check(fitted: ElementFit, best: FrontMember, *, is_inner: bool) -> None:
    """Refuse constants of an inner element that are no resistance; name others, and those that fit badly."""
    resistance, gamma = fitted.estimate.value[:2]
    if not np.all(np.isfinite(fitted.estimate.value)) or resistance <= 0.0:
        message = (
            f"element {fitted.element}: Y = {best.form.expression} gives Rc = {resistance:.3g} and gamma = "
            f"{gamma:.3g} (R^2 = {fitted.r_squared:.5f}), which is no resistance"
        )
        if is_inner:
            raise RunError(f"{message}; search with another `seed`, `loss` or `functions`")
        _log.warning("%s; leave that element out", message)
    elif not gamma < 1.0:
        _log.warning(
            "element %d: gamma = %.3g, so R is not positive at the largest charge; the form does not fit this "
            "element (R^2 = %.5f), use it with a floor",
            fitted.element,
            gamma,
            fitted.r_squared,
        )
    elif is_inner and 1.0 - fitted.r_squared > max(_WORSE * best.error**2, _NOTICEABLE):
        _log.warning("element %d: the law explains R^2 = %.5f only", fitted.element, fitted.r_squared)
