"""What the files of a folder say of the quantity of a check: numbers with intervals, and where they hold."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ionspice.core import InputError
from ionspice.core.quantities import split_heading
from ionspice.electrolytes.analysis.diffusion import arrhenius
from ionspice.electrolytes.analysis.estimate import IntervalEstimate
from ionspice.electrolytes.analysis.vibrations import overlap
from ionspice.electrolytes.files import BARRIER, TRANSPORT, VALIDATION_RECORD
from ionspice.electrolytes.transport.record import Diffusion, RunTransport
from ionspice.electrolytes.transport.tables import VDOS
from ionspice.pipeline.liquids.claims_file import CheckSection
from ionspice.pipeline.liquids.files import LiquidFiles

#: difference up to which a run is at a temperature [K]
_NEAR = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One number of a quantity."""

    value: float
    low: float | None = None  #: ends of its 95 % interval, None where it has none
    high: float | None = None
    where: str  #: such as "x1.00 at 300 K, 10320 atoms, 1000 ps"
    evidence: str  #: file that it comes from
    atoms: int | None = None  #: of the run, None where it is of none
    length: float | None = None  #: of the run [ps]
    teacher: str = ""  #: whose numbers it is compared with


def measure(check: CheckSection, files: LiquidFiles) -> list[Reading]:
    """Return the numbers of a check's quantity.

    Raises:
        InputError: there are none, with the reason.
    """
    found = list(_MEASURES[check.quantity](check, files))
    if not found:
        places = f" for {', '.join(check.compositions)}" if check.compositions else ""
        raise InputError(f"no {check.quantity.replace('_', ' ')}{places} was measured")
    return found


def _validation(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    key = check.quantity.removesuffix("_error")
    for one in files.content(VALIDATION_RECORD)["compositions"]:
        if check.compositions and one["name"] not in check.compositions:
            continue
        trained = "" if one.get("trained", True) else ", never trained on"
        yield Reading(
            value=one[key],
            where=f"{one['name']}{trained}, {one['frames']} frames, {one['teacher']}",
            evidence=VALIDATION_RECORD,
            teacher=one["teacher"],
        )


def _radial_difference(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    for one in files.content(VALIDATION_RECORD)["radial"]:
        if (check.of and one["pair"] != check.of) or (
            check.compositions and one["composition"] not in check.compositions
        ):
            continue
        ours, teachers = radial_curves(files, one["file"], one["pair"])[1:]
        yield Reading(
            value=float(np.nanmax(np.abs(ours - teachers)) / np.nanmax(teachers)),
            where=f"{one['pair']}, {one['composition']}",
            evidence=one["file"],
            teacher=_teacher(files),
        )


def radial_curves(files: LiquidFiles, name: str, pair: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return r [angstrom] and g(r) of the potential's and the teacher's dynamics of a pair of elements.

    Raises:
        InputError: the table has no such columns.
    """
    table = files.table(name)
    names = [split_heading(str(column))[0] for column in table.columns]

    def column(*words: str) -> np.ndarray:
        fitting = [place for place, text in enumerate(names) if all(word in text.split() for word in words)]
        fitting = [place for place in fitting if "error" not in names[place].split()]
        if not fitting:
            raise InputError(f"{name} has no column of {' '.join(words)}")
        return table.iloc[:, fitting[0]].to_numpy(dtype=float)

    return column("r"), column("g", pair, "potential"), column("g", pair, "teacher")


def _states_share(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    assert check.band is not None  # or the check would not be valid
    low, high = check.band
    for run, table in _with_velocities(check, files):
        frequency = table["frequency [THz]"].to_numpy()
        heading = f"{check.of or 'all'} [1/THz]"
        if heading in table:
            states = table[heading].to_numpy().clip(0)
            inside = (frequency >= low) & (frequency <= high)
            share = float(states[inside].sum() / states.sum())
            yield _of_run(run, share, f"analysis/{run.name}/{VDOS}", f"share from {low:g} to {high:g} THz")


def _superposition(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    """Yield how much the spectrum of a run has in common with the sum of its species' in other compositions."""
    tables = {run.name: (run, table) for run, table in _with_velocities(replace_compositions(check), files)}
    for run, table in tables.values():
        if check.compositions and run.composition not in check.compositions:
            continue
        others = [pair for pair in tables.values() if pair[0].composition != run.composition]
        total = np.zeros(len(table))
        for species in run.species:
            spectrum = _per_molecule(species.formula, run, others)
            if spectrum is None:
                break
            points, values = spectrum
            total += species.count * np.interp(table["frequency [THz]"], points, values, right=0.0)
        else:
            share = overlap(table["all [1/THz]"].to_numpy(), total)
            yield _of_run(run, share, f"analysis/{run.name}/{VDOS}", "spectra of its species in other compositions")


def replace_compositions(check: CheckSection) -> CheckSection:
    """Return a check of all compositions."""
    return check.model_copy(update={"compositions": ()})


def _per_molecule(formula: str, run: RunTransport, others: list) -> "tuple[np.ndarray, np.ndarray] | None":  # type: ignore[type-arg]
    """Return frequencies and the spectrum of one molecule in another composition, at the nearest temperature."""
    having = [
        (abs(other.temperature - run.temperature), species.count, table)
        for other, table in others
        for species in other.species
        if species.formula == formula and f"{formula} [1/THz]" in table
    ]
    if not having:
        return None
    _, count, table = min(having, key=lambda entry: entry[0])
    return table["frequency [THz]"].to_numpy(), table[f"{formula} [1/THz]"].to_numpy() / count


def _with_velocities(check: CheckSection, files: LiquidFiles) -> Iterator:  # type: ignore[type-arg]
    reasons = []
    found = False
    for run in _runs(check, files):
        try:
            table = files.of_run(run, VDOS)
        except InputError as error:
            reasons.append(str(error))
            continue
        found = True
        yield run, table
    if not found and reasons:
        raise InputError(reasons[0])


def _diffusion(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    motions = {run.name: motion for run in files.transport.runs if (motion := motion_of(run, check.of)) is not None}
    if not motions:
        raise InputError(f"no run tells the diffusion of {check.of}")
    estimates = {name: motion.coefficient for name, motion in motions.items() if motion.diffusive}
    if not estimates:
        raise InputError(f"no run is long enough for {check.of} to diffuse{_least_needed(motions.values())}")
    yield from _at_temperature(check, files, estimates)


def _least_needed(motions: Iterable[Diffusion]) -> str:
    """Return how long the first run would have to be that is long enough."""
    known = [motion.needed for motion in motions if motion.needed]
    return f": it needs {min(known):g} ps" if known else ""


def motion_of(run: RunTransport, name: str) -> Diffusion | None:
    """Return the diffusion of a species (by name or formula) or an element in a run."""
    for species in run.species:
        if name in (species.name, species.formula):
            return species.diffusion
    return run.elements.get(name)


def _conductivity(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    known = {run.name: run.conductivity for run in files.transport.runs if run.conductivity is not None}
    estimates = {name: one.helfand for name, one in known.items() if one.diffusive and one.helfand.low > 0}
    if not estimates:
        raise InputError("no run is long enough for a conductivity that differs from 0")
    yield from _at_temperature(check, files, estimates)


def _at_temperature(
    check: CheckSection, files: LiquidFiles, estimates: dict[str, IntervalEstimate]
) -> Iterator[Reading]:
    """Yield estimates at the temperature of a check: of runs there, or by Arrhenius' line through the others."""
    runs = [run for run in _runs(replace_temperature(check), files) if run.name in estimates]
    for composition in dict.fromkeys(run.composition for run in runs):
        own = [run for run in runs if run.composition == composition]
        there = [run for run in own if check.temperature is None or abs(run.temperature - check.temperature) < _NEAR]
        if there:
            yield from (_of_estimate(run, estimates[run.name]) for run in there)
        elif len({run.temperature for run in own}) > 1:
            assert check.temperature is not None  # or all runs would be there
            line = arrhenius([run.temperature for run in own], [estimates[run.name] for run in own])
            at = line.at(check.temperature)
            temperatures = sorted({run.temperature for run in own})
            words = f"extrapolated to {check.temperature:g} K from {temperatures[0]:g} to {temperatures[-1]:g} K"
            longest = max(own, key=lambda run: run.length)
            yield replace(_of_run(longest, at.value, TRANSPORT, words), low=at.low, high=at.high)


def replace_temperature(check: CheckSection) -> CheckSection:
    """Return a check at any temperature."""
    return check.model_copy(update={"temperature": None})


def _activation(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    for one in files.transport.activation:
        if one.species == check.of and (not check.compositions or one.composition in check.compositions):
            longest = max(files.transport.of(one.composition), key=lambda run: run.length)
            words = f"{one.composition}, {one.temperatures[0]:g} to {one.temperatures[-1]:g} K"
            yield Reading(
                value=one.energy.value,
                low=one.energy.low,
                high=one.energy.high,
                where=f"{words}, {longest.atoms} atoms, {longest.length:.4g} ps",
                evidence=TRANSPORT,
                atoms=longest.atoms,
                length=longest.length,
                teacher=_teacher(files),
            )


def _conversion_rate(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    for run in _runs(check, files):
        if run.conversions is not None:
            yield _of_estimate(run, run.conversions.lasting_rate)


def _lasting_conversions(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    for run in _runs(check, files):
        if run.conversions is not None:
            yield _of_run(run, float(run.conversions.lasting), TRANSPORT)


def _barrier(check: CheckSection, files: LiquidFiles) -> Iterator[Reading]:
    for path in files.content(BARRIER)["paths"]:
        if check.of in path["by"]:
            converged = "" if path.get("converged", True) else ", not converged"
            yield Reading(
                value=path["barrier"],
                where=f"{path['reaction']} by {path['by']}, {len(path['coordinate'])} images{converged}",
                evidence=BARRIER,
                teacher=path["by"],
            )


def _runs(check: CheckSection, files: LiquidFiles) -> Iterable[RunTransport]:
    """Return the runs of a check's compositions at its temperature."""
    return [
        run
        for run in files.transport.runs
        if (not check.compositions or run.composition in check.compositions)
        and (check.temperature is None or abs(run.temperature - check.temperature) < _NEAR)
    ]


def _of_estimate(run: RunTransport, estimate: IntervalEstimate) -> Reading:
    return replace(_of_run(run, estimate.value, TRANSPORT), low=estimate.low, high=estimate.high)


def _of_run(run: RunTransport, value: float, evidence: str, words: str = "") -> Reading:
    place = f"{run.composition} at {run.temperature:g} K, {run.atoms} atoms, {run.length:.4g} ps"
    return Reading(
        value=value,
        where=f"{place}, {words}" if words else place,
        evidence=evidence,
        atoms=run.atoms,
        length=run.length,
    )


def _teacher(files: LiquidFiles) -> str:
    """Return whose labels the potential was trained on, empty where nobody says."""
    try:
        return str(files.content(VALIDATION_RECORD)["compositions"][0]["teacher"])
    except (InputError, LookupError):
        return ""


_MEASURES: dict[str, Callable[[CheckSection, LiquidFiles], Iterator[Reading]]] = {
    "activation": _activation,
    "barrier": _barrier,
    "conductivity": _conductivity,
    "conversion_rate": _conversion_rate,
    "diffusion": _diffusion,
    "energy_error": _validation,
    "force_error": _validation,
    "lasting_conversions": _lasting_conversions,
    "radial_difference": _radial_difference,
    "states_share": _states_share,
    "superposition": _superposition,
}
