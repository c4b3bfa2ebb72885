"""Known laws to rank a discovered one against, as Y in X with Y(0) = 0.

Quadratic (the reference study): R = Rc (1 - gamma X). Logarithm: conductance linear in charge, R = Rc / (1 + beta X).
Inverse hyperbolic sine: Donnan equilibrium with given fixed charge, R = Rc / sqrt(1 + (X/x0)^2). Constant R: the
transmission line. Parameter-free: R = Rc / sqrt(1 + (X_c/2 c0)^2) with the measured excess X_c of counter-ions,
nothing fitted but Rc.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sympy as sp

from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import FrontMember, assess, cross_validate, fold_numbers, with_loss
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.forms.expressions import to_infix
from ionspice.discovery.laws.dataset import ElementSeries, ResistanceData
from ionspice.discovery.laws.element_fits import normalised
from ionspice.discovery.laws.law import Rival
from ionspice.discovery.laws.normal_form import X
from ionspice.discovery.laws.settings import DiscoverySettings
from ionspice.discovery.laws.stability import Recurrence
from ionspice.discovery.ordering import ranked
from ionspice.discovery.settings import ROUND_OFF

#: integral of dQ / sqrt(1 + (X_c/2 c0)^2), from 0 to 1
G = sp.Symbol("G", real=True)
_C1, _C2 = sp.symbols("c1 c2", real=True)


def _form(expression: sp.Expr, *start: float, variable: sp.Symbol = X) -> Form:
    return Form(expression=expression, variables=(variable,), parameters=(_C1, _C2)[: len(start)], start=start)


#: known laws of X alone
RIVALS = {
    "quadratic (study)": _form(_C1 * X + _C2 * X**2, 1.0, -0.1),
    "logarithm": _form(_C1 * sp.log(1 + _C2 * X), 1.0, 1.0),
    "inverse hyperbolic sine": _form(_C1 * sp.asinh(_C2 * X), 1.0, 1.0),
    "constant resistance": _form(_C1 * X, 1.0),
}
DISCOVERED = "discovered"
PARAMETER_FREE = "parameter-free"
#: the parameter-free law, of G
PARAMETER_FREE_FORM = _form(_C1 * G, 1.0, variable=G)


def excess_integral(series: ElementSeries) -> np.ndarray | None:
    """Return G(t), normalised to 1 at the end, or None where the excess of counter-ions is unknown."""
    if series.ion_excess is None:
        return None
    from scipy.integrate import cumulative_trapezoid  # slow to import

    conductance = np.sqrt(1.0 + series.ion_excess**2)
    integral: np.ndarray = cumulative_trapezoid(1.0 / conductance, series.charge, initial=0.0)
    return np.asarray(integral / integral[-1])


def rank_rivals(
    data: ResistanceData, settings: DiscoverySettings, discovered: FrontMember, seen: Recurrence
) -> tuple[Rival, ...]:
    """Fit the known laws to the inner elements and rank them with the discovered one by held-out error.

    Laws of equal error, as two writings of one form, stand by complexity, then by name.
    """
    goal = settings.search
    datasets = [with_loss(normalised(s, settings.search_points), discovered.form, goal.loss) for s in data.inner]
    rng = np.random.default_rng(goal.seed)
    folds = [fold_numbers(d.y.size, goal.folds, rng) for d in datasets]
    entrants = [(name, form, datasets) for name, form in {DISCOVERED: discovered.form, **RIVALS}.items()]
    known = _in_excess(data, datasets)
    if known:
        entrants.append((PARAMETER_FREE, PARAMETER_FREE_FORM, known))
    judged = [(name, cross_validate(assess(form, sets), sets, folds), sets) for name, form, sets in entrants]
    best_first = ranked(
        judged, lambda one: max(one[1].held_out_error, ROUND_OFF), tie=lambda one: (one[1].complexity, one[0])
    )
    return tuple(_rival(*one, seen) for one in best_first)


def _in_excess(data: ResistanceData, datasets: Sequence[Dataset]) -> list[Dataset]:
    """Return the data sets in G in place of X; none where the excess of counter-ions is unknown."""
    known = []
    for one, series in zip(datasets, data.inner, strict=True):
        excess = excess_integral(series)
        if excess is None:
            return []
        points = np.interp(one.points, series.charge / series.largest_charge, excess)
        known.append(replace(one, points=points, derivative=None))
    return known


def _rival(name: str, member: FrontMember, datasets: Sequence[Dataset], seen: Recurrence) -> Rival:
    return Rival(
        name=name,
        expression=to_infix(member.form.expression),
        aic=member.aic,
        bic=member.bic,
        **seen.scores(member, datasets),
    )
