"""What a user asks of a law beside its fit: bounds, slope and curvature of one sign.

They are checked at the rows and at points between them, evenly spread over the range of one variable and drawn from
the box of several. No proof, but what a figure would show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy as sp

from ionspice.core import InputError
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import FrontMember
from ionspice.discovery.forms.numeric import numeric

type Kind = Literal["at least", "at most", "rising", "falling", "convex", "concave"]
KINDS = ("at least", "at most", "rising", "falling", "convex", "concave")

_POINTS = 1000
#: share of the range by which a law may miss a bound for round-off
_ROUND_OFF = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One property that a law must have over the range of the data."""

    #: at least or at most a value; rising, falling, convex or concave in a variable
    kind: Kind
    #: the bound, in the law's own unit
    value: float = 0.0
    #: index of the variable
    variable: int = 0

    def __post_init__(self) -> None:
        """Check kind and numbers."""
        if self.kind not in KINDS or self.variable < 0 or not np.isfinite(self.value):
            raise InputError(
                f"demand {self.kind!r}, value={self.value}, variable={self.variable}: choose from "
                f"{', '.join(KINDS)}, with a finite value and the index of a column"
            )

    @property
    def order(self) -> int:
        """Order of the derivative that it is about."""
        return {"at least": 0, "at most": 0, "rising": 1, "falling": 1}.get(self.kind, 2)

    @property
    def sign(self) -> float:
        """1 where that must not be below the bound, -1 where it must not be above."""
        return 1.0 if self.kind in ("at least", "rising", "convex") else -1.0


def meets(member: FrontMember, datasets: Sequence[Dataset], demands: Sequence[Demand]) -> bool:
    """Return whether a fitted law has all properties on every data set."""
    return all(
        _meets(member.form.with_values(fitted.values), member.form.variables, _points(data.points), demand)
        for data, fitted in zip(datasets, member.fits, strict=True)
        for demand in demands
    )


def _points(rows: np.ndarray) -> np.ndarray:
    """Return the rows and points between them, shape (variables, n)."""
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    if rows.shape[0] == 1:
        share = np.linspace(0.0, 1.0, _POINTS)[None, :]
    else:
        share = np.random.default_rng(0).random((rows.shape[0], _POINTS))
    return np.hstack([rows, low + share * (high - low)])


def _meets(law: sp.Expr, variables: Sequence[sp.Symbol], points: np.ndarray, demand: Demand) -> bool:
    about = sp.diff(law, variables[demand.variable], demand.order) if demand.order else law
    with np.errstate(all="ignore"):
        values = np.asarray(numeric(variables, about)(*points))
    if np.iscomplexobj(values) or not np.all(np.isfinite(values)):
        return False
    bound = demand.value if demand.order == 0 else 0.0
    tolerance = _ROUND_OFF * max(float(np.ptp(values)), abs(bound))
    return bool(np.all(demand.sign * (values - bound) >= -tolerance))
