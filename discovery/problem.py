"""What the evolution sees of the data: links, reductions, samples; and the forms that come back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from ionspice.discovery.clock import Clock
from ionspice.discovery.evolution.encoding import encode_gene
from ionspice.discovery.evolution.evolve import Epoch, description_length
from ionspice.discovery.evolution.gene_weights import Samples
from ionspice.discovery.evolution.hall_of_fame import Candidate, constants_of
from ionspice.discovery.evolution.islands import Chromosomes
from ionspice.discovery.evolution.links import LINKS, Link, admitted_links, reduced
from ionspice.discovery.evolution.operators import CONSTANT
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.fewer_variables import find_reduction
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.forms.builders import factor_expression
from ionspice.discovery.forms.canonical import Form, constant_form, form_of, product_form
from ionspice.discovery.groups import Dimensions
from ionspice.discovery.link_order import simplest_first
from ionspice.discovery.ordering import ranked
from ionspice.discovery.reduction import Reduction
from ionspice.discovery.samples import make_samples, weights_of
from ionspice.discovery.settings import SearchSettings

#: share of the rows that the evolution may do without under a link that has no inverse there
_SKIPPED = 0.05
#: links of the whole problem that are tried beside a reduced one
_PLAIN_BESIDE = ("identity", "square root", "exponential")
_MOST_FORMS = 60
_MOST_PROMISING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the evolution sees of the data."""

    variables: tuple[sp.Symbol, ...]
    anchor: tuple[tuple[float, ...], float] | None
    #: whether the data show the law's level; a derivative does not
    free_level: bool
    links: Sequence[Link]
    #: of the columns, where their units are known
    dimensions: Dimensions | None = None
    #: whether a table of several columns may have no time for all links
    is_timed: bool = False
    #: fewer variables on which some of the links' genes depend, or None
    reduction: Reduction | None = None

    @classmethod
    def of(cls, datasets: Sequence[Dataset], names: Sequence[str], settings: SearchSettings) -> "Problem":
        """Return the problem of data sets whose variables have names."""
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
            dimensions=settings.dimensions,
            is_timed=settings.time_budget is not None and free_level and len(names) > 1,
            reduction=reduction,
        )

    def targets(self, datasets: Sequence[Dataset]) -> list[tuple[Link, Samples]]:
        """Return the links with the data as each of them sees it."""
        targets = [(link, self._samples(datasets, link)) for link in self.links]
        return simplest_first(targets) if self.is_timed else targets

    def _samples(self, datasets: Sequence[Dataset], link: Link) -> Samples:
        samples = make_samples(datasets, link, self.anchor, self.reduction)
        if self.dimensions is None:
            return samples
        made = () if self.reduction is None else self.reduction.made
        return samples._replace(dimensions=self.dimensions.table([one.powers for one in made]))

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
            return description_length([candidate], rows) + 0.5 * float(np.log(rows)) * constants_of(candidate)

        def form(candidate: Candidate) -> tuple[float, Form | None]:
            weights = weights_of(candidate, samples[candidate.link.name])
            return promise(candidate), form_of(
                candidate, weights, self.variables, self.anchor, free_level=self.free_level, known=self.reduction
            )

        forms: dict[str, tuple[float, Form]] = {}
        if self.reduction is not None and not self.reduction.variables:  # a product of powers, of any length
            power_law = product_form(factor_expression(self.reduction, self.variables), self.variables)
            forms[power_law.key] = (-np.inf, power_law)
        for number, found in clock.done_in_time("forms", _screen(epoch.hall.candidates(), promise), form, promise):
            if found is not None:
                forms.setdefault(found.key, (number, found))
        if self.anchor is not None or not self.free_level:
            return list(forms.values())
        mean = float(np.mean(np.concatenate([d.y for d in datasets])))
        return [*forms.values(), (np.inf, constant_form(self.variables, mean))]


def _reduction_of(datasets: Sequence[Dataset], settings: SearchSettings) -> Reduction | None:
    """Return how a table depends on fewer variables; None where that is not asked."""
    if len(datasets) > 1 or settings.anchor is not None or settings.loss != "squares":
        return None
    try:
        return find_reduction(datasets[0].points, datasets[0].y, datasets[0].weights, settings.dimensions)
    except np.linalg.LinAlgError:  # numbers too large or too small for polynomials
        return None


def _screen(candidates: Sequence[Candidate], promise: Callable[[Candidate], float]) -> list[Candidate]:
    """Return the candidates worth simplifying: near the front of error and complexity, and the most promising."""
    best = np.inf
    kept = []
    for candidate in candidates:
        if candidate.error < 1.2 * best:
            kept.append(candidate)
        best = min(best, max(candidate.error, 1e-22))
    chosen = {id(one) for one in (*kept[:_MOST_FORMS], *ranked(kept, promise)[:_MOST_PROMISING])}
    return [one for one in kept if id(one) in chosen]
