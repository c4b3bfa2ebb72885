"""The law of an ion's conductance through a gap: G over the number of that ion beside it.

Two ions flow through a gap under electrochemical potentials of their own, so the law is sought ion by ion:
g = G_s W^2/(D_s n_s0) over n = n_s/n_s0, with n_s0 the number at rest. One form with one set of constants is sought
for all ions and all gaps together; every error is relative, because n goes over orders of magnitude.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import FrontMember, assess, spread
from ionspice.discovery.fits.uncertainty import bootstrap
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.forms.expressions import to_infix
from ionspice.discovery.laws.settings import LAW_SEARCH, MOST_CONSTANTS
from ionspice.discovery.laws.stability import held_out_set_error, merged
from ionspice.discovery.search import search
from ionspice.discovery.settings import SearchSettings

#: rows of one ion in one gap that are searched
_POINTS = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapConductances:
    """What the ions of one gap do."""

    gap: int  #: 1 before the first slit
    numbers: tuple[np.ndarray, ...]  #: n of each ion (1), above 0
    conductances: tuple[np.ndarray, ...]  #: g of each ion (1), above 0, as many as numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductanceEntry:
    """One form with the constants that fit all gaps and ions."""

    form: str  #: g in n and constants c1, c2, ...
    value: tuple[float, ...]  #: of the constants
    standard_error: tuple[float, ...]
    interval: tuple[tuple[float, float], ...]  #: 95 %
    error: float  #: rms relative deviation
    held_out_error: float | None  #: the same in gaps left out of the fit; None with a single gap

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the constants in `form`."""
        return tuple(f"c{k}" for k in range(1, len(self.value) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductanceLaw:
    """The law that was found, and those beside it."""

    gaps: tuple[int, ...]  #: gaps that it was found in
    numbers: tuple[float, float]  #: least and largest n
    chosen: int  #: index of the law in `front`
    front: tuple[ConductanceEntry, ...]  #: simplest first, each better than all before

    @property
    def law(self) -> ConductanceEntry:
        """The chosen law."""
        return self.front[self.chosen]


def discover_conductance(gaps: Sequence[GapConductances], *, seed: int = 0) -> ConductanceLaw:
    """Discover g(n), with g(0) = 0 and rising, of at most three constants.

    Args:
        gaps: the data; each gap is left out in turn to judge a form.
        seed: of the search.

    Raises:
        RunError: no admissible law was found.
    """
    parts = [_dataset(gap) for gap in gaps]
    whole = merged(parts)
    result = search([whole], ["n"], _settings(seed))
    rng = np.random.default_rng(seed)
    return ConductanceLaw(
        gaps=tuple(gap.gap for gap in gaps),
        numbers=(float(whole.points.min()), float(whole.points.max())),
        chosen=result.chosen,
        front=tuple(_entry(member, whole, parts, rng) for member in result.front),
    )


def _settings(seed: int) -> SearchSettings:
    """Return the settings of the resistance laws; fluxes between two meshes of one field agree within 2 %."""
    return LAW_SEARCH.changed(accuracy=0.02, seed=seed, accepts=_is_short)


def _is_short(form: Form) -> bool:
    return len(form.parameters) <= MOST_CONSTANTS


def _dataset(gap: GapConductances) -> Dataset:
    rows = [np.unique(np.linspace(0, n.size - 1, _POINTS).astype(int)) for n in gap.numbers]
    numbers, conductances = (
        np.concatenate([values[row] for values, row in zip(columns, rows, strict=True)])
        for columns in (gap.numbers, gap.conductances)
    )
    return Dataset(points=numbers[None], y=conductances, weights=1 / conductances)


def _entry(
    member: FrontMember, whole: Dataset, parts: Sequence[Dataset], rng: np.random.Generator
) -> ConductanceEntry:
    fitted = member.fits[0]
    estimate = bootstrap(member.form, whole, fitted, lambda constants: constants, rng)
    held_out = None
    if len(parts) > 1:
        held_out = held_out_set_error(assess(member.form, parts), parts) * sqrt(spread(parts))
    return ConductanceEntry(
        form=to_infix(member.form.expression),
        value=tuple(map(float, estimate.value)),
        standard_error=tuple(map(float, estimate.standard_error)),
        interval=tuple((float(low), float(high)) for low, high in estimate.interval),
        error=float(np.sqrt(np.mean((whole.weights * fitted.residual) ** 2))),
        held_out_error=held_out,
    )
