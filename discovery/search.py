"""From numbers to a front of laws: evolve, simplify, fit, validate, choose."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import sympy as sp

from ionspice.core import RunError
from ionspice.discovery.clock import Clock
from ionspice.discovery.evolution.encoding import encode_gene
from ionspice.discovery.evolution.evolve import Epoch, EpochCallback, description_length, evolve
from ionspice.discovery.evolution.gene_weights import Samples, fill_columns, project
from ionspice.discovery.evolution.hall_of_fame import Candidate
from ionspice.discovery.evolution.islands import Chromosomes, Run
from ionspice.discovery.evolution.links import LINKS, Link, admitted_links, reduced
from ionspice.discovery.evolution.operators import CONSTANT
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.fits.fitting import fit
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import (
    FrontMember,
    assess,
    choose,
    cross_validate,
    fold_numbers,
    judged,
    pareto_front,
    simplicity,
)
from ionspice.discovery.forms.builders import factor_expression
from ionspice.discovery.forms.canonical import Form, constant_form, form_of
from ionspice.discovery.forms.constraints import is_admissible
from ionspice.discovery.forms.demands import meets
from ionspice.discovery.forms.soundness import is_sound
from ionspice.discovery.hall_file import keeping_hall, known_hall
from ionspice.discovery.ordering import ranked
from ionspice.discovery.pilot import find_outliers
from ionspice.discovery.pruning import shortened
from ionspice.discovery.reduction import Reduction, find_reduction
from ionspice.discovery.settings import ROUND_OFF, SearchSettings

_log = logging.getLogger(__name__)

#: share of the rows that the evolution may do without under a link that has no inverse there
_SKIPPED = 0.05
#: held-out error over the error of the fit below which the fit is not at its minimum
_SUSPICIOUS = 0.5
#: links of the whole problem that are tried beside a reduced one
_PLAIN_BESIDE = ("identity", "square root", "exponential")
#: rows that a search sees of a table; constants are fitted to all
_MOST_ROWS = 3000
_MOST_FORMS = 60
_MOST_FRONT = 14
_MOST_SHORTENED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The front of laws and the chosen one."""

    #: distinct laws, simplest first, each better than all simpler ones
    front: tuple[FrontMember, ...]
    #: index of the chosen law
    chosen: int
    #: chromosomes scored
    evaluations: int
    #: epochs run
    epochs: int
    #: the data as the laws were judged on them, with the scales of a robust loss
    datasets: tuple[Dataset, ...]

    @property
    def best(self) -> FrontMember:
        """The chosen law."""
        return self.front[self.chosen]


def make_samples(
    datasets: Sequence[Dataset],
    link: Link,
    anchor: tuple[tuple[float, ...], float] | None,
    reduction: Reduction | None = None,
) -> Samples:
    """Return all data sets as the samples of one link, without the rows whose target has no inverse, such as 1/0.

    Args:
        datasets: the data.
        link: outer function.
        anchor: point and value that the law passes through, or None.
        reduction: variables that stand beside the columns, or None.
    """
    factors = [np.ones(d.y.size) if link.reduction is None else link.reduction.factor_at(d.points) for d in datasets]
    known = [link.admits(d.y / factor) for d, factor in zip(datasets, factors, strict=True)]
    points = np.hstack([d.points[:, rows] for d, rows in zip(datasets, known, strict=True)])
    if reduction is not None:
        points = reduction.extended(points)
    derivative = datasets[0].derivative
    factor = np.concatenate([one[rows] for one, rows in zip(factors, known, strict=True)])
    y = np.concatenate([d.y[rows] for d, rows in zip(datasets, known, strict=True)]) / factor
    weights = np.concatenate([d.weights[rows] for d, rows in zip(datasets, known, strict=True)]) * np.abs(factor)
    scale = weights * link.slope(y)
    target = link.inverse(y)
    if anchor is not None:
        points = np.hstack([points, np.array(anchor[0], dtype=float)[:, None]])
        if derivative is None:
            target = target - link.inverse(np.array([anchor[1]]))[0]
    elif derivative is not None:
        points = np.hstack([points, points[:, :1]])
    total = sum(float(np.sum((d.weights * (d.y - _null(d))) ** 2)) for d in datasets)
    return Samples(
        points=np.ascontiguousarray(points),
        target=target * scale,
        scale=scale,
        groups=np.cumsum([0, *(int(np.sum(rows)) for rows in known)]),
        anchored=anchor is not None or derivative is not None,
        total=total,
        derivative=-1 if derivative is None else derivative,
    )


def _null(data: Dataset) -> float:
    """Return what a law without variables says about the targets."""
    return float(data.y.mean()) if data.derivative is None else 0.0


def weights_of(candidate: Candidate, samples: Samples) -> np.ndarray:
    """Return constant term and gene weights of a chromosome on the first data set, negligible ones as zero."""
    genes, length = candidate.codes.shape
    columns = np.empty((genes + 1, samples.target.shape[0]))
    basis = np.empty_like(columns)
    weights = np.empty(genes + 1)
    stack = np.empty((length // 2 + 2, samples.points.shape[1]))
    fill_columns(candidate.codes, candidate.values, samples, stack, columns)
    stop = int(samples.groups[1])
    project(columns, samples.target, 0, stop, basis, weights)
    share = np.abs(weights) * np.sqrt(np.sum(columns[:, :stop] ** 2, axis=1))
    weights[share < 1e-9 * np.sqrt(np.sum(samples.target[:stop] ** 2))] = 0.0
    return weights


def _screen(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates worth simplifying: near the front of error and complexity."""
    best = np.inf
    kept = []
    for candidate in candidates:
        if candidate.error < 1.2 * best:
            kept.append(candidate)
        best = min(best, max(candidate.error, 1e-22))
    return kept[:_MOST_FORMS]


def _shortened_front(
    members: list[FrontMember], datasets: Sequence[Dataset], settings: SearchSettings, clock: Clock
) -> list[FrontMember]:
    """Return the front of admissible laws after the most promising have been shortened."""
    promising = ranked(members, lambda member: member.description, tie=simplicity)[:_MOST_SHORTENED]
    known = {member.form.key for member in members}
    chains = clock.done_in_time(
        "shorter",
        promising,
        lambda member: shortened(member, datasets, round_constants=settings.round_constants, anchor=settings.anchor),
        lambda member: member.description,
    )
    for chain in chains:
        for shorter in chain:
            if shorter.form.key not in known:
                known.add(shorter.form.key)
                members.append(shorter)
    accepts = settings.accepts or (lambda form: True)
    front = pareto_front(
        members,
        lambda m: (
            accepts(m.form)
            and is_admissible(m, datasets, settings.increasing)
            and is_sound(m, datasets)
            and meets(m, datasets, settings.demands)
        ),
    )
    return front[:_MOST_FRONT]


def _reduction_of(datasets: Sequence[Dataset], settings: SearchSettings) -> Reduction | None:
    """Return how a table depends on fewer variables; None where that is not asked."""
    if len(datasets) > 1 or settings.anchor is not None or settings.loss != "squares":
        return None
    try:
        return find_reduction(datasets[0].points, datasets[0].y, datasets[0].weights)
    except np.linalg.LinAlgError:  # numbers too large or too small for polynomials
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """What the evolution sees of the data."""

    variables: tuple[sp.Symbol, ...]
    anchor: tuple[tuple[float, ...], float] | None
    #: whether the data show the law's level; a derivative does not
    free_level: bool
    links: Sequence[Link]
    #: fewer variables on which some of the links' genes depend, or None
    reduction: Reduction | None = None

    @classmethod
    def of(cls, datasets: Sequence[Dataset], names: Sequence[str], settings: SearchSettings) -> "_Problem":
        y = np.concatenate([d.y for d in datasets])
        at_anchor = None if settings.anchor is None else settings.anchor[1]
        # outliers are told from the residuals of all rows
        skipped = _SKIPPED if settings.loss == "squares" else 0.0
        free_level = all(d.derivative is None for d in datasets)
        # the derivative of a link's outer function would not be linear in the genes
        links = admitted_links(settings.links, y, at_anchor, skipped=skipped) if free_level else [LINKS["identity"]]
        reduction = _reduction_of(datasets, settings) if free_level else None
        if reduction is not None and reduction.variables:
            rest = y / reduction.factor_at(datasets[0].points)
            known = admitted_links(settings.links, rest, skipped=skipped)
            links = [link for link in links if link.name in _PLAIN_BESIDE] or links[:1]
            links = [*(reduced(link, reduction) for link in known), *links]
        return cls(
            variables=tuple(sp.Symbol(name, real=True) for name in names),
            anchor=settings.anchor,
            free_level=free_level,
            links=links,
            reduction=reduction,
        )

    def targets(self, datasets: Sequence[Dataset]) -> list[tuple[Link, Samples]]:
        return [(link, make_samples(datasets, link, self.anchor, self.reduction)) for link in self.links]

    def with_factor(self, earlier: Chromosomes | None, evolution: EvolutionSettings) -> Chromosomes | None:
        """Return chromosomes to start from with the factor of a reduction among them."""
        if self.reduction is None or not any(self.reduction.factor):
            return earlier
        codes = np.full((1, evolution.genes, 2 * evolution.head + 1), CONSTANT)
        values = np.ones(codes.shape)
        factor = factor_expression(self.reduction, self.variables)
        gene = encode_gene(factor, list(self.variables), evolution.codes, codes.shape[2])
        if gene is None:
            return earlier
        codes[0, 0], values[0, 0] = gene
        if earlier is None:
            return codes, values
        return np.concatenate([earlier[0], codes]), np.concatenate([earlier[1], values])

    def forms(
        self, epoch: Epoch, targets: list[tuple[Link, Samples]], datasets: Sequence[Dataset], clock: Clock
    ) -> list[tuple[float, Form]]:
        """Return the distinct forms of the hall of fame, each with a number, lower for the more promising."""
        samples = {link.name: part for link, part in targets}
        rows = sum(d.y.size for d in datasets)

        def promise(candidate: Candidate) -> float:
            return description_length([candidate], rows)

        def form(candidate: Candidate) -> tuple[float, Form | None]:
            weights = weights_of(candidate, samples[candidate.link.name])
            return promise(candidate), form_of(
                candidate, weights, self.variables, self.anchor, free_level=self.free_level, known=self.reduction
            )

        forms: dict[str, tuple[float, Form]] = {}
        for number, found in clock.done_in_time("forms", _screen(epoch.hall.candidates()), form, promise):
            if found is not None:
                forms.setdefault(found.key, (number, found))
        if self.anchor is not None or not self.free_level:
            return list(forms.values())
        mean = float(np.mean(np.concatenate([d.y for d in datasets])))
        return [*forms.values(), (np.inf, constant_form(self.variables, mean))]


def search(
    datasets: Sequence[Dataset],
    names: Sequence[str],
    settings: SearchSettings,
    callback: EpochCallback | None = None,
    run: Run = map,
    hall_of_fame: str | Path | None = None,
) -> SearchResult:
    """Search the laws of one or several data sets and return the front.

    Args:
        datasets: one form is sought for all, with constants of its own for each; all of the same `derivative`.
        names: of the variables.
        settings: what to search for and how.
        callback: called after every epoch; a true answer ends the evolution.
        run: maps a function over islands, in this process by default.
        hall_of_fame: file that keeps the best laws during the evolution and, where it exists, that the search goes on
            from; None for none.

    Raises:
        InputError: the hall of fame is not one.
        RunError: no law that meets the constraints was found.
    """
    clock = Clock.started(settings.time_budget, sum(d.y.size for d in datasets))
    whole, datasets = datasets, [thinned(data) for data in datasets]
    problem = _Problem.of(datasets, names, settings)
    rng = np.random.default_rng(settings.seed)
    evolution = settings.limited_evolution
    earlier = known_hall(hall_of_fame, names, evolution)
    weighted = datasets
    if settings.loss != "squares":
        datasets, weighted, earlier = find_outliers(
            datasets, settings.loss, problem.targets, evolution, rng, run, earlier
        )
    targets = problem.targets(weighted)
    earlier = problem.with_factor(earlier, evolution)
    with keeping_hall(hall_of_fame, names, callback, problem.reduction) as watch:
        epochs = evolve(targets, evolution, rng, run, earlier, clock.evolution_is_over)
        epoch = _last_epoch(epochs, watch, clock)
    front = _admissible_front(problem.forms(epoch, targets, datasets, clock), datasets, settings, clock)
    folds = [fold_numbers(d.y.size, settings.folds, rng) for d in datasets]
    front = pareto_front(
        clock.done_in_time(
            "choice", front, lambda member: cross_validate(member, datasets, folds), lambda member: member.description
        )
    )
    _log.info("%d laws on the front after %d epochs", len(front), epoch.number)
    chosen = choose(front, settings.accuracy)
    _warn_of_stuck_fit(front[chosen])
    if whole[0].y.size > datasets[0].y.size:
        front = _fitted_to_all(front, chosen, whole, datasets, clock)
    return SearchResult(
        front=tuple(front),
        chosen=chosen,
        evaluations=epoch.evaluations,
        epochs=epoch.number,
        datasets=tuple(datasets),
    )


def _warn_of_stuck_fit(member: FrontMember) -> None:
    """Warn where points left out are described far better than those of the fit, which no minimum does."""
    if member.held_out_error < _SUSPICIOUS * member.error and member.error > ROUND_OFF:
        _log.warning(
            "%s: error %.3g on the rows it was fitted to, %.3g on rows left out; the fit stands in a local minimum, "
            "try another seed",
            member.form.expression,
            member.error,
            member.held_out_error,
        )


def _admissible_front(
    forms: Sequence[tuple[float, Form]], datasets: Sequence[Dataset], settings: SearchSettings, clock: Clock
) -> list[FrontMember]:
    """Return the front of the forms, the more promising of which come with a lower number, once they are fitted.

    Raises:
        RunError: none is admissible.
    """
    members = clock.done_in_time("fits", forms, lambda one: assess(one[1], datasets), lambda one: one[0])
    front = _shortened_front([member for member in members if np.isfinite(member.error)], datasets, settings, clock)
    if not front:
        raise RunError(
            f"none of {len(forms)} candidate laws is finite, rising, free of poles, of right units and as demanded "
            "on the data; widen `functions`, raise `generations` or drop the constraint"
        )
    return front


def thinned(data: Dataset) -> Dataset:
    """Return rows that a search can do with, drawn at random from a long table."""
    if data.y.size <= _MOST_ROWS:
        return data
    rows = np.sort(np.random.default_rng(0).choice(data.y.size, _MOST_ROWS, replace=False))
    return replace(
        data, points=np.ascontiguousarray(data.points[:, rows]), y=data.y[rows], weights=data.weights[rows]
    )


def _fitted_to_all(
    front: Sequence[FrontMember], chosen: int, whole: Sequence[Dataset], datasets: Sequence[Dataset], clock: Clock
) -> list[FrontMember]:
    """Return a front with the constants fitted to all rows, those of the chosen law first."""
    complete = [replace(data, loss=part.loss) for data, part in zip(whole, datasets, strict=True)]

    def fitted(member: FrontMember) -> FrontMember:
        fits = [fit(member.form, data, one.values) for data, one in zip(complete, member.fits, strict=True)]
        found = judged(member.form, complete, fits)
        if not np.isfinite(found.error):
            return member
        return replace(found, held_out_error=member.held_out_error, held_out_squares=member.held_out_squares)

    known = {id(member): k for k, member in enumerate(front)}
    done = clock.done_in_time("end", front, lambda m: (m, fitted(m)), lambda m: known[id(m)] != chosen)
    again = {id(old): new for old, new in done}
    return [again.get(id(member), member) for member in front]


def _last_epoch(epochs: Iterable[Epoch], callback: EpochCallback | None, clock: Clock) -> Epoch:
    """Run the evolution to its end, or until the callback or the clock stops it."""
    for epoch in epochs:
        if (callback is not None and callback(epoch)) or clock.evolution_is_over():
            break
    return epoch
