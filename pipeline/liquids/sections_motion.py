"""The report's sections on what the runs tell: structure, vibrations, transport."""

from collections.abc import Iterator, Sequence
from functools import partial

from ionspice.core import InputError
from ionspice.electrolytes.analysis.estimate import IntervalEstimate
from ionspice.electrolytes.transport.record import RunTransport, shortfall
from ionspice.electrolytes.transport.tables import MSD, RADIAL, STRUCTURE, VDOS
from ionspice.pipeline.liquids.files import LiquidFiles
from ionspice.pipeline.report.figures.liquid import draw_displacements, draw_radial, draw_structure
from ionspice.pipeline.report.figures.liquid_motion import Point, draw_arrhenius, draw_spectrum
from ionspice.pipeline.report.page import Picture, ReportSection, Table, collected_section, significant

#: compositions that a curve is drawn of
_MOST = 3


def motion_sections(files: LiquidFiles) -> tuple[ReportSection, ...]:
    """Return the sections on structure, vibrations and transport."""
    runs = shown_runs(files)
    return (
        collected_section(
            "structure",
            "Structure",
            [
                *(partial(_radial, files, run) for run in runs),
                *(partial(_structure, files, run) for run in runs[:1]),
            ],
        ),
        collected_section(
            "vibrations",
            "Vibrations",
            [partial(_spectrum, files, run) for run in runs],
            paragraphs=_mode_notes(files),
        ),
        collected_section(
            "transport",
            "Diffusion and conductivity",
            [
                *(partial(_displacements, files, run) for run in runs),
                *(partial(_arrhenius, files, one) for one in compositions(files)[:_MOST]),
            ],
            [partial(_run_table, files), partial(_diffusion_table, files), partial(_activation_table, files)],
        ),
    )


def compositions(files: LiquidFiles) -> list[str]:
    """Return the compositions that were run, that of the electrolyte first; none where nothing was."""
    try:
        names = list(dict.fromkeys(run.composition for run in files.transport.runs))
        first = files.study.transfer.composition
    except InputError:
        return []
    return sorted(names, key=lambda name: name != first)


def shown_runs(files: LiquidFiles) -> list[RunTransport]:
    """Return the runs whose curves are drawn: of three compositions the one nearest to the electrolyte's temperature.

    Without any run the list is empty.
    """
    temperature = files.study.transfer.temperature
    return [
        min(files.transport.of(name), key=lambda run: (abs(run.temperature - temperature), -run.length))
        for name in compositions(files)[:_MOST]
    ]


def _place(run: RunTransport) -> str:
    return f"{run.composition} at {run.temperature:g} K ({run.atoms} atoms, {run.length:.4g} ps)"


def _radial(files: LiquidFiles, run: RunTransport) -> Picture:
    pairs = files.study.analysis.pairs
    return Picture(
        name=f"radial-{_slug(run)}",
        figure=draw_radial(files.of_run(run, RADIAL), pairs),
        alt=f"Radial distribution functions of {run.composition}",
        caption=f"Radial distributions in {_place(run)}.",
    )


def _structure(files: LiquidFiles, run: RunTransport) -> Picture:
    return Picture(
        name=f"structure-{_slug(run)}",
        figure=draw_structure(files.of_run(run, STRUCTURE)),
        alt=f"Structure factors of charge and number of {run.composition}",
        caption=f"Structure factors of the ions' charge and number in {_place(run)}; the electrolyte's correlation "
        "length and ion size come from their beginnings.",
    )


def _spectrum(files: LiquidFiles, run: RunTransport) -> Picture:
    modes = _modes(files)
    below = ", below the normal modes of the isolated molecules" if modes else ""
    return Picture(
        name=f"vibrations-{_slug(run)}",
        figure=draw_spectrum(files.of_run(run, VDOS), modes),
        alt=f"Vibrational density of states of {run.composition} and its parts",
        caption=f"Vibrational density of states in {_place(run)}: all atoms, their parts{below}.",
    )


def _modes(files: LiquidFiles) -> dict[str, list[float]]:
    try:
        sets, _ = files.modes
    except InputError:
        return {}
    return {f"{one.molecule}, {one.by}": [mode.frequency for mode in one.modes] for one in sets}


def _mode_notes(files: LiquidFiles) -> tuple[str, ...]:
    try:
        _, missing = files.modes
    except InputError as error:
        return (f"Normal modes of the isolated molecules are not drawn: {error}.",)
    return tuple(f"Normal modes by {by} are not drawn: {reason}." for by, reason in missing.items())


def _displacements(files: LiquidFiles, run: RunTransport) -> Picture:
    return Picture(
        name=f"displacements-{_slug(run)}",
        figure=draw_displacements(files.of_run(run, MSD)),
        alt=f"Mean squared displacements in {run.composition}",
        caption=f"Mean squared displacements in {_place(run)}; dashed the slope of diffusion.",
    )


def _arrhenius(files: LiquidFiles, composition: str) -> Picture:
    runs = files.transport.of(composition)
    if len({run.temperature for run in runs}) < 2:
        raise InputError(f"{composition} was run at one temperature; Arrhenius' line needs two")
    points: dict[str, list[Point]] = {}
    for run in runs:
        named = {species.name: species.diffusion for species in run.species} or run.elements
        for name, motion in named.items():
            value = motion.coefficient
            if value.value > 0:
                points.setdefault(name, []).append(
                    (run.temperature, value.value, value.low, value.high, motion.diffusive)
                )
    lines = {
        one.species: (one.prefactor, one.energy.value)
        for one in files.transport.activation
        if one.composition == composition
    }
    return Picture(
        name=f"arrhenius-{composition.replace('.', '-')}",
        figure=draw_arrhenius(points, lines, "D / cm² s⁻¹"),
        alt=f"Diffusion coefficients in {composition} over the inverse temperature",
        caption=f"Diffusion in {composition} with 95 % intervals; hollow where the run was too short to be "
        "diffusive. Lines: Arrhenius' law through the filled ones.",
    )


def _run_table(files: LiquidFiles) -> Table:
    return Table(
        caption="The runs, with 95 % intervals.",
        head=(
            "Run",
            "T / K",
            "ensemble",
            "atoms",
            "length / ps",
            "density / g cm⁻³",
            "conductivity / mS cm⁻¹",
            "Haven ratio",
        ),
        rows=tuple(_run_rows(files.transport.runs)),
        numeric=frozenset({1, 3, 4, 5}),
    )


def _run_rows(runs: Sequence[RunTransport]) -> Iterator[tuple[str, ...]]:
    for run in runs:
        carried = run.conductivity
        guess = "" if carried is None or carried.diffusive else f", a guess, {shortfall(carried)}"
        yield (
            run.name,
            f"{run.temperature:g}",
            run.ensemble,
            str(run.atoms),
            f"{run.length:.4g}",
            significant(run.density.value, 4),
            "–" if carried is None else with_interval(carried.helfand) + guess,
            "–" if carried is None else with_interval(carried.haven),
        )


def _diffusion_table(files: LiquidFiles) -> Table:
    rows = [
        (run.name, name, with_interval(motion.coefficient), shortfall(motion) or "yes")
        for run in files.transport.runs
        for name, motion in (run.elements | {one.name: one.diffusion for one in run.species}).items()
    ]
    return Table(
        caption="Diffusion coefficients D / cm² s⁻¹ with 95 % intervals; diffusive where ln MSD grows as ln t, "
        "else a guess.",
        head=("Run", "of", "D", "diffusive"),
        rows=tuple(rows),
    )


def _activation_table(files: LiquidFiles) -> Table:
    rows = [
        (
            one.composition,
            one.species,
            with_interval(one.energy),
            ", ".join(f"{value:g}" for value in one.temperatures),
        )
        for one in files.transport.activation
    ]
    if not rows:
        raise InputError("no species diffuses freely at two temperatures, so there is no activation energy")
    return Table(
        caption="Activation energies E / eV of D = D₀ exp(−E/kT) with 95 % intervals.",
        head=("Composition", "of", "E", "temperatures / K"),
        rows=tuple(rows),
    )


def with_interval(estimate: IntervalEstimate) -> str:
    """Return `value (low to high)`."""
    return f"{significant(estimate.value)} ({significant(estimate.low, 2)} to {significant(estimate.high, 2)})"


def _slug(run: RunTransport) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in run.name)
