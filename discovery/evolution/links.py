"""Links: y = L(eta), with eta linear in the genes.

A link turns many products, quotients and roots into sums that the linear gene weights solve: 1/y^2 of a Lorentz
factor, log y of a Gaussian, 1/y of a rational function. The search works on eta = L^-1(y) with the row weights
|dL/d eta| (the delta method), so that errors of different links compare in units of y.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ionspice.discovery.reduction import Reduction


@dataclass(frozen=True, slots=True)
class Link:
    """One outer function of the model."""

    #: name in settings and files
    name: str
    #: price in the complexity (1)
    cost: int
    #: whether L^-1 exists for a value of y
    admits: Callable[[np.ndarray], np.ndarray]
    #: eta = L^-1(y)
    inverse: Callable[[np.ndarray], np.ndarray]
    #: |dL/d eta| as a function of y
    slope: Callable[[np.ndarray], np.ndarray]
    #: factor of y and variables of the genes where they are not y and the columns
    reduction: Reduction | None = None

    def __reduce__(self) -> tuple[Callable[[str, Reduction | None], "Link"], tuple[str, Reduction | None]]:
        """Travel between processes by name: functions of other processes cannot be read."""
        return _link, (self.plain, self.reduction)

    @property
    def plain(self) -> str:
        """Its name without the reduction."""
        return self.name.removesuffix(_REDUCED)


_REDUCED = " of fewer variables"


def _link(name: str, reduction: Reduction | None) -> Link:
    return LINKS[name] if reduction is None else reduced(LINKS[name], reduction)


def reduced(link: Link, reduction: Reduction) -> Link:
    """Return a link whose y is what a factor leaves."""
    return replace(link, name=link.name + _REDUCED, cost=link.cost + reduction.cost, reduction=reduction)


def _slope_of_root(y: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 / np.maximum(y, 1e-2 * np.max(y)))


_ALL = (
    Link("identity", 0, np.isfinite, inverse=lambda y: y, slope=np.ones_like),
    Link("reciprocal", 2, lambda y: y != 0.0, inverse=lambda y: 1.0 / y, slope=lambda y: y**2),
    Link("square root", 3, lambda y: y >= 0.0, inverse=lambda y: y**2, slope=_slope_of_root),
    Link("reciprocal root", 4, lambda y: y > 0.0, inverse=lambda y: 1.0 / y**2, slope=lambda y: 0.5 * y**3),
    Link("exponential", 3, lambda y: y > 0.0, inverse=np.log, slope=lambda y: y),
    Link("logarithm", 3, lambda y: np.abs(y) < 30.0, inverse=np.exp, slope=lambda y: np.exp(-y)),
    Link("arcsine", 4, lambda y: np.abs(y) < 0.5 * np.pi - 1e-9, inverse=np.sin, slope=lambda y: 1.0 / np.cos(y)),
)

#: every link by its name
LINKS = {link.name: link for link in _ALL}


def admitted_links(
    names: tuple[str, ...], y: np.ndarray, at_anchor: float | None = None, *, skipped: float = 0.0
) -> list[Link]:
    """Return those of the named links whose inverse exists on the targets and varies.

    Args:
        names: of the links.
        y: targets, shape (n,).
        at_anchor: value that the law has at its anchor, or None; its inverse must exist.
        skipped: share of the targets that may have no inverse, one row at least where it is above zero.
    """
    most = max(1.0, skipped * y.size) if skipped > 0.0 else 0.0
    fixed = np.array([] if at_anchor is None else [at_anchor])
    chosen = []
    for link in (LINKS[name] for name in names):
        known = link.admits(y)
        if np.sum(~known) > most or not np.all(link.admits(fixed)) or not np.any(known):
            continue
        inverse = link.inverse(np.append(y[known], fixed))
        if np.ptp(inverse) > 1e-9 * np.max(np.abs(inverse)):
            chosen.append(link)
    return chosen
