"""One resistance law for a whole campaign, and how it and its rivals hold under a condition that was left out.

Everything is dimensionless. With the conductivity kappa of the bulk and the charge Q_D = 2 c0 e d W of all the bulk's
ions in a slit, both per metre of depth,

    rho = kappa R = kappa dV/dQ,    x = |q|/Q_D of the slits around a gap ("local"), or of those behind it ("behind"),

and a law is rho = rho_0 r(x; constants). rho_0 is a matter of geometry: a path along a sheet through a slit of width
d, and a turn through a gap of width g, rho_0 = a L/d + b d/g + c. Under a condition left out, a rival's constants are
predicted from the other conditions as products of powers of dimensionless groups; the discovered law has one set of
constants for all conditions and depends on the groups itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.integrate import cumulative_trapezoid

from ionspice.core import InputError

type Array = NDArray[np.float64]
type Groups = Mapping[str, float]

#: dimensionless groups by name
GROUPS = {
    "h": "slit width over Debye length, d/lambda_D",
    "nu": "packing fraction of the bulk, 2 a^3 c0 N_A",
    "L/d": "sheet length over slit width",
    "d/g": "slit width over the gap's",
    "u": "window over the thermal voltage, e phi_m/(k T)",
    "theta": "half cycle over the diffusion time of the stack, D t/(N W)^2",
}
DISCOVERED = "discovered"
_POINTS = 8  # resistances of an element that the search sees
_SMALL = 1e-6  # charge below which f, which may hold a power of x, is not evaluated
_LOCAL = ("h", "nu")
_BEHIND = ("h", "nu", "L/d", "u", "theta")
_X, _H, _NU = sp.symbols("x h nu", positive=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One element while it is charged."""

    local: Array  #: mean charge of the slits around the gap over Q_D, shape (n,)
    behind: Array  #: mean charge of the slits behind the gap over Q_D, shape (n,)
    passed: Array  #: charge passed through the gap over Q_D, from 0, shape (n,)
    integral: Array  #: kappa V/Q_D of the voltage integral V, from 0, shape (n,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One case of a campaign."""

    name: str
    axis: str  #: which of the campaign's keys it changes
    groups: Groups  #: values of `GROUPS`
    courses: tuple[Course, ...]

    @property
    def measured(self) -> Array:
        """Voltage integrals, each over its end; all elements in turn."""
        return np.concatenate([course.integral / course.integral[-1] for course in self.courses])


@dataclass(frozen=True, slots=True)
class KnownLaw:
    """A law whose constants belong to a condition."""

    name: str
    state: Literal["local", "behind"]
    ratio: Callable[[Array, Array, Groups], Array]  #: r of the state, the constants and the groups
    start: tuple[float, ...] = ()  #: values of the constants, above 0, from which fits start

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups on which the constants depend."""
        return _LOCAL if self.state == "local" else _BEHIND

    def __call__(self, condition: Condition, constants: Array) -> Array:
        """Return the voltage integrals for rho_0 = 1, each over its measured end; all elements in turn."""
        parts = []
        for course in condition.courses:
            ratio = self.ratio(getattr(course, self.state), constants, condition.groups)
            parts.append(cumulative_trapezoid(ratio, course.passed, initial=0.0) / course.integral[-1])
        return np.concatenate(parts)


def _excess_with_size(x: Array, groups: Groups) -> Array:
    """Return the ions of a slit over the bulk's in local equilibrium, with the size of the ions and no double layer.

    With c = cosh u of Bikerman's distribution the net charge is sinh u/(1 + nu (c - 1)) and the ions n are
    c/(1 + nu (c - 1)); without u that is (1 - 2 nu) n^2 + 2 nu n = 1 + (1 - nu)^2 x^2.
    """
    nu = groups["nu"]
    right = 1 + (1 - nu) ** 2 * x**2
    root = np.sqrt(np.maximum(nu**2 + (1 - 2 * nu) * right, 0.0))
    return np.asarray(right / (nu + root))


def _straight(x: Array, c: Array, groups: Groups) -> Array:
    return np.asarray(1 - c[0] * x)


def _logarithm(x: Array, c: Array, groups: Groups) -> Array:
    return np.asarray(1 / (1 + c[0] * x))


def _donnan(x: Array, c: Array, groups: Groups) -> Array:
    return np.asarray(1 / np.hypot(1, c[0] * x))


_LOCAL_DONNAN = KnownLaw("Donnan, local charge", "local", _donnan, start=(1.0,))
RIVALS = (
    KnownLaw("constant (TLM)", "behind", lambda x, c, g: np.ones_like(x)),
    KnownLaw("study, 1 - b x", "behind", _straight, start=(0.3,)),
    KnownLaw("logarithm, 1/(1 + b x)", "behind", _logarithm, start=(0.5,)),
    KnownLaw("Donnan, 1/sqrt(1 + (b x)²)", "behind", _donnan, start=(1.0,)),
    KnownLaw("study, local charge", "local", _straight, start=(0.3,)),
    KnownLaw("logarithm, local charge", "local", _logarithm, start=(0.5,)),
    _LOCAL_DONNAN,
    KnownLaw("parameter-free, 1/sqrt(1 + x²)", "local", lambda x, c, g: 1 / np.hypot(1, x)),
    KnownLaw("parameter-free, ions of size a", "local", lambda x, c, g: 1 / _excess_with_size(x, g)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLaw:
    """rho = rho_0/sqrt(1 + x² f), with f of the local charge x and the groups h and nu."""

    factor: sp.Expr  #: f in x, h, nu and the constants c1, c2, ...
    constants: tuple[sp.Symbol, ...]
    values: Array  #: of the constants, shape (constants,)
    standard_errors: Array = field(default_factory=lambda: np.zeros(0))  #: shape (constants,)

    @property
    def expression(self) -> sp.Expr:
        """f with its values."""
        return self.factor.subs(dict(zip(self.constants, map(float, self.values), strict=True)))

    def rival(self, values: Array | None = None) -> KnownLaw:
        """Return the law with one set of constants for all conditions."""
        used = self.values if values is None else values
        compiled = sp.lambdify((_X, _H, _NU, *self.constants), self.factor, modules="numpy")

        def ratio(x: Array, _: Array, groups: Groups) -> Array:
            f = compiled(np.maximum(x, _SMALL), groups["h"], groups["nu"], *used)
            return np.asarray(1 / np.sqrt(np.maximum(1 + x**2 * f, 1e-3)))

        return KnownLaw(DISCOVERED, "local", ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionFit:
    """A rival fitted within one condition."""

    level: float  #: rho_0
    constants: Array
    error: float  #: rms of the voltage integral over its largest value, all elements
    r_squared: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One law under one condition."""

    rival: str
    condition: str
    axis: str
    own: ConditionFit
    error: float  #: as of `ConditionFit`, with nothing taken from the condition's own fields


def fit(condition: Condition, rival: KnownLaw) -> ConditionFit:
    """Fit rho_0 and a rival's constants to one condition; the constants stay above 0."""
    from scipy.optimize import least_squares

    measured = condition.measured

    def residual_of(logs: Array) -> Array:
        shape = rival(condition, np.exp(logs))
        return _level(shape, measured) * shape - measured

    logs = np.log(np.array(rival.start, dtype=float))
    if logs.size:
        logs = least_squares(residual_of, logs, bounds=(logs - 7, logs + 5)).x
    residual = residual_of(logs)
    return ConditionFit(
        level=_level(rival(condition, np.exp(logs)), measured),
        constants=np.exp(logs),
        error=float(np.sqrt(np.mean(residual**2))),
        r_squared=float(1 - np.sum(residual**2) / np.sum((measured - measured.mean()) ** 2)),
    )


def leave_one_condition_out(conditions: Sequence[Condition], law: CampaignLaw) -> list[LeftOut]:
    """Return every law's error under every condition, its constants predicted from the other conditions.

    Args:
        conditions: of one campaign, at least 8.
        law: the discovered one; its constants are fitted again without the condition, its form is not searched again.

    Raises:
        InputError: fewer than 8 conditions.
    """
    if len(conditions) < 8:
        raise InputError(f"{len(conditions)} conditions; at least 8 are needed to leave one out")
    rows = []
    for rival in RIVALS:
        fits = [fit(condition, rival) for condition in conditions]
        rows += [_left_out(conditions, k, rival, fits) for k in range(len(conditions))]
    for k in range(len(conditions)):
        rival = refit(law, [*conditions[:k], *conditions[k + 1 :]]).rival()
        rows.append(_left_out(conditions, k, rival, [fit(condition, rival) for condition in conditions]))
    return rows


def _left_out(conditions: Sequence[Condition], k: int, rival: KnownLaw, fits: Sequence[ConditionFit]) -> LeftOut:
    """Return how a rival does under condition k, from its fits to the others."""
    condition, seen, known = conditions[k], [*conditions[:k], *conditions[k + 1 :]], [*fits[:k], *fits[k + 1 :]]
    level = predict_level(condition, rival, seen, [f.level for f in known])
    predicted = [
        _power_law(condition, seen, [float(f.constants[m]) for f in known], rival.groups)
        for m in range(len(rival.start))
    ]
    residual = level * rival(condition, np.array(predicted)) - condition.measured
    error = float(np.sqrt(np.mean(residual**2)))
    return LeftOut(rival=rival.name, condition=condition.name, axis=condition.axis, own=fits[k], error=error)


def predict_level(condition: Condition, rival: KnownLaw, seen: Sequence[Condition], levels: Sequence[float]) -> float:
    """Return rho_0 from that of other conditions: geometry, times powers of the rival's groups."""
    weights = 1 / np.array(levels)
    matrix = np.array([_geometry(other) for other in seen])
    path, *_ = np.linalg.lstsq(matrix * weights[:, None], np.ones(len(levels)), rcond=None)
    rest = [level / float(_geometry(other) @ path) for other, level in zip(seen, levels, strict=True)]
    return float(_geometry(condition) @ path) * _power_law(condition, seen, rest, rival.groups)


def refit(law: CampaignLaw, conditions: Sequence[Condition]) -> CampaignLaw:
    """Fit the law's constants to all conditions at once, with a rho_0 for each."""
    from scipy.optimize import least_squares

    def residual(values: Array) -> Array:
        rival = law.rival(values)
        parts = []
        for one in conditions:
            shape, target = rival(one, np.zeros(0)), one.measured
            parts.append((_level(shape, target) * shape - target) / np.sqrt(target.size))
        return np.concatenate(parts)

    found = least_squares(residual, law.values, x_scale=np.maximum(np.abs(law.values), 1e-3))
    variance = 2 * found.cost / max(found.fun.size - found.x.size, 1)
    covariance = np.linalg.pinv(found.jac.T @ found.jac) * variance
    return replace(law, values=found.x, standard_errors=np.sqrt(np.diag(covariance)))


def discover_campaign_law(conditions: Sequence[Condition], *, seed: int = 0) -> CampaignLaw:
    """Search f in rho = rho_0/sqrt(1 + x² f) over all conditions, by gene expression programming.

    f = 1 is the parameter-free law of local equilibrium, so f says what that law lacks. The search sees a few
    resistances of every element; the constants are then fitted to the voltage integrals.

    Args:
        conditions: of one campaign.
        seed: of the search.
    """
    from ionspice.discovery.regressor import GeneExpressionRegressor

    start = CampaignLaw(factor=sp.Symbol("c1") + 0 * _X, constants=(sp.Symbol("c1"),), values=np.ones(1))
    rows, targets, weights = [], [], []
    for condition in conditions:
        level = fit(condition, _LOCAL_DONNAN).level
        for course in condition.courses:
            x, rho = _resistances(course)
            r = rho / level
            rows += [(value, condition.groups["h"], condition.groups["nu"]) for value in x]
            targets.append((1 / r**2 - 1) / x**2)
            weights.append((x**2 * r**3 / 2) ** 2)  # so that errors count as errors of r
    target, weight = np.concatenate(targets), np.concatenate(weights)
    search = GeneExpressionRegressor(
        functions=("exp", "sqrt"), links=("identity",), genes=3, largest=20, generations=150, seed=seed
    )
    search.fit(np.array(rows), target, sample_weight=weight / weight.mean())
    found = search.sympy_()
    factor, constants, values = _free(found.subs(dict(zip(search.symbols_, (_X, _H, _NU), strict=True))))
    if not constants:
        return start
    return refit(CampaignLaw(factor=factor, constants=constants, values=values), conditions)


def _free(expression: sp.Expr) -> tuple[sp.Expr, tuple[sp.Symbol, ...], Array]:
    """Return the expression with symbols in place of its real constants, the symbols, and their values."""
    numbers = sorted(expression.atoms(sp.Float), key=lambda number: sp.default_sort_key(number))
    constants = tuple(sp.Symbol(f"c{k}") for k in range(1, len(numbers) + 1))
    freed = expression.xreplace(dict(zip(numbers, constants, strict=True)))
    return freed, constants, np.array([float(number) for number in numbers])


def _resistances(course: Course) -> tuple[Array, Array]:
    """Return x and rho = dV/dQ at even steps of x, past the first quarter, where x is too small to tell."""
    x = course.local
    wanted = np.linspace(0.25, 0.98, _POINTS) * x[-1]
    edge = 0.02 * x[-1]
    low, high = (np.interp(wanted + side * edge, x, course.passed) for side in (-1, 1))
    v_low, v_high = (np.interp(wanted + side * edge, x, course.integral) for side in (-1, 1))
    rho = (v_high - v_low) / (high - low)
    return wanted, np.asarray(rho)


def _level(shape: Array, measured: Array) -> float:
    return float(shape @ measured / (shape @ shape))


def _geometry(condition: Condition) -> Array:
    return np.array([condition.groups["L/d"], condition.groups["d/g"], 1.0])


def _power_law(
    condition: Condition, seen: Sequence[Condition], values: Sequence[float], groups: Sequence[str]
) -> float:
    """Return a positive constant under a condition as a product of powers of groups, learnt from other conditions."""

    def row(one: Condition) -> list[float]:
        return [1.0, *(np.log(one.groups[name]) for name in groups)]

    exponents, *_ = np.linalg.lstsq(np.array([row(one) for one in seen]), np.log(np.array(values)), rcond=None)
    return float(np.exp(np.array(row(condition)) @ exponents))
