"""The report's section on reactions: conversions in the runs, barriers, and whether the two go together."""

from contextlib import suppress
from functools import partial

from ionspice.core import InputError
from ionspice.electrolytes.analysis.transition_state import effective_barrier, transition_rate
from ionspice.electrolytes.files import BARRIER
from ionspice.electrolytes.transport.record import RunTransport
from ionspice.electrolytes.transport.tables import SPECIES
from ionspice.pipeline.liquids.claims_file import ClaimsFile
from ionspice.pipeline.liquids.files import LiquidFiles
from ionspice.pipeline.liquids.sections_motion import shown_runs, with_interval
from ionspice.pipeline.report.figures.liquid import draw_species
from ionspice.pipeline.report.figures.liquid_motion import draw_barriers
from ionspice.pipeline.report.page import Picture, ReportSection, Table, collected_section, significant


def reactions_section(files: LiquidFiles, claims: ClaimsFile | None) -> ReportSection:
    """Return the section on conversions and barriers.

    Args:
        files: of the liquid.
        claims: whose barriers and rates are compared too.
    """
    reacting = [run for run in shown_runs(files) if run.conversions is not None]
    return collected_section(
        "reactions",
        "Conversions and barriers",
        [
            *(partial(_species, files, run) for run in reacting),
            partial(_barriers, files),
        ],
        [partial(_conversion_table, files), partial(_barrier_table, files), lambda: rate_table(files, claims)],
        paragraphs=(
            "Transition-state theory, k = (kT/h) exp(−E/kT), gives the rate of an event over a barrier E, and from a "
            "rate the barrier that it corresponds to. Where one does not explain the other, the events that were "
            "counted are not passages over that barrier: bonds that open and close again, or another path.",
        ),
    )


def _species(files: LiquidFiles, run: RunTransport) -> Picture:
    return Picture(
        name=f"species-{''.join(letter if letter.isalnum() else '-' for letter in run.name)}",
        figure=draw_species(files.of_run(run, SPECIES)),
        alt=f"Numbers of clusters and conversions in {run.composition}",
        caption=f"{run.composition} at {run.temperature:g} K: clusters in time, and conversions up to then: all, and "
        f"those that last longer than {files.study.analysis.persistence * 1e-3:g} ps.",
    )


def _barriers(files: LiquidFiles) -> Picture:
    paths = files.content(BARRIER)["paths"]
    if not paths:
        raise InputError("no path of a reaction was found")
    reactions = list(dict.fromkeys(path["reaction"] for path in paths))
    several = len(reactions) > 1
    curves = {
        f"{path['reaction']}, {path['by']}" if several else path["by"]: (path["coordinate"], path["energies"])
        for path in paths
    }
    return Picture(
        name="barriers",
        figure=draw_barriers(curves),
        alt=f"Energy along the paths of {', '.join(reactions)}",
        caption=f"Energy along the path of {', '.join(reactions)}, from its first image on.",
    )


def _barrier_table(files: LiquidFiles) -> Table:
    return Table(
        caption="Barriers.",
        head=("Reaction", "by", "barrier / eV", "reaction energy / eV", "force left / eV Å⁻¹", "converged"),
        rows=tuple(
            (
                path["reaction"],
                path["by"],
                significant(path["barrier"]),
                significant(path["reaction_energy"]),
                significant(path["residual_force"], 2) if path.get("residual_force") is not None else "–",
                "yes" if path["converged"] else "no",
            )
            for path in files.content(BARRIER)["paths"]
        ),
        numeric=frozenset({2, 3, 4}),
    )


def _conversion_table(files: LiquidFiles) -> Table:
    rows = [
        (
            run.name,
            str(run.conversions.lasting),
            with_interval(run.conversions.lasting_rate),
            str(run.conversions.transient),
            with_interval(run.conversions.transient_rate),
            "; ".join(f"{name} ({count})" for name, count in list(run.conversions.reactions.items())[:3]) or "–",
        )
        for run in files.transport.runs
        if run.conversions is not None
    ]
    if not rows:
        raise InputError("no run tells conversions; [analysis] bonds says by which bonds species are told apart")
    return Table(
        caption="Conversions between species: counted, and per ps and centre with 95 % intervals.",
        head=("Run", "lasting", "rate", "transient", "rate", "most frequent"),
        rows=tuple(rows),
        numeric=frozenset({1, 3}),
    )


def rate_table(files: LiquidFiles, claims: ClaimsFile | None) -> Table:
    """Return barriers with the rates that they stand for, and rates with the barriers that they stand for.

    Raises:
        InputError: there are neither barriers nor rates.
    """
    rows = [*_claimed_rows(claims), *_own_rows(files)]
    if not rows:
        raise InputError("neither a barrier nor a rate of conversions above 0 was found")
    return Table(
        caption="Barriers and rates side by side: what was found in plain numbers, what follows by transition-state "
        "theory in brackets.",
        head=("From", "T / K", "barrier / eV", "rate / ps⁻¹ per centre"),
        rows=tuple(rows),
        numeric=frozenset({1, 2, 3}),
    )


def _claimed_rows(claims: ClaimsFile | None) -> list[tuple[str, str, str, str]]:
    rows = []
    for claim in claims.claims if claims else ():
        for check in claim.checks:
            temperature, name = check.temperature or 300.0, f"the study, {claim.id}"
            if check.value is None:
                continue
            if check.quantity == "barrier":
                rows.append(_of_barrier(name, check.value, temperature))
            if check.quantity == "conversion_rate":
                rows.append(_of_rate(f"{name}, {', '.join(check.compositions)}", check.value, temperature))
    return rows


def _own_rows(files: LiquidFiles) -> list[tuple[str, str, str, str]]:
    rows = []
    temperature = files.study.transfer.temperature
    with suppress(InputError):  # the table of barriers says so
        rows += [
            _of_barrier(f"{path['reaction']} by {path['by']}", path["barrier"], temperature)
            for path in files.content(BARRIER)["paths"]
            if path["barrier"] > 0
        ]
    try:
        runs = files.transport.runs
    except InputError:
        runs = ()
    rows += [
        _of_rate(f"{kind} events in {run.name}", rate.value, run.temperature)
        for run in runs
        if run.conversions is not None
        for kind, rate in (("lasting", run.conversions.lasting_rate), ("transient", run.conversions.transient_rate))
        if rate.value > 0
    ]
    return rows


def _of_barrier(name: str, barrier: float, temperature: float) -> tuple[str, str, str, str]:
    rate = transition_rate(barrier, temperature)
    return name, f"{temperature:g}", significant(barrier), f"({significant(rate, 2)})"


def _of_rate(name: str, rate: float, temperature: float) -> tuple[str, str, str, str]:
    return name, f"{temperature:g}", f"({significant(effective_barrier(rate, temperature), 2)})", significant(rate)
