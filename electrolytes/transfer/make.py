"""From transport.json to the electrolyte of the field model.

Every value comes from the runs of one composition: at the temperature that is wanted where one was run there, else by
Arrhenius' line (diffusion) or from the run nearest in temperature (everything else). What no trajectory of a
potential without charges tells, the permittivity, is given; the ions' size and the correlation length may be.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from scipy import constants

from ionspice.core import InputError
from ionspice.core.reading import reading
from ionspice.electrolytes.analysis.diffusion import arrhenius
from ionspice.electrolytes.analysis.estimate import IntervalEstimate
from ionspice.electrolytes.study.transfer import TransferSection
from ionspice.electrolytes.transfer.electrolyte_file import SourcedElectrolyte, SourcedSpecies, SourcedValue
from ionspice.electrolytes.transfer.ion_size import ion_diameter, packing_fraction
from ionspice.electrolytes.transfer.response import CorrelationFit, fit_correlation_length
from ionspice.electrolytes.transport.compressibility import number_fluctuation, reduced_compressibility
from ionspice.electrolytes.transport.record import RunTransport, SpeciesTransport, TransportRecord, read_transport

#: temperatures that differ by less are one [K]
_SAME_TEMPERATURE = 0.5
#: digits of the concentration of one ion of the cell
_DIGITS = 5
#: share of the room that ions are guessed to fill
_GUESSED_PACKING = 0.6
#: wave numbers of S_NN at 0, where no correlation length was fitted [1/angstrom]
_SMALL = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """An electrolyte with what should be said of it."""

    electrolyte: SourcedElectrolyte
    fit: CorrelationFit | None  #: of the charge structure factor; None where the length was given
    haven: IntervalEstimate | None  #: ratio that diffusion was divided by [1]; None where none is known
    notes: tuple[str, ...]  #: lines for the file's heading


def read_electrolyte_of(path: Path, section: TransferSection) -> tuple[str, Transfer]:
    """Return the composition and the electrolyte that a transport.json and the study's [transfer] give.

    Raises:
        InputError: the file is missing or damaged, or see `make_electrolyte`.
    """
    record = read_transport(path)
    with reading(path, remedy="make it again with ionspice electrolyte analyse"):
        return record.of(section.composition)[0].composition, make_electrolyte(record, section)


def make_electrolyte(record: TransportRecord, section: TransferSection) -> Transfer:
    """Return the electrolyte that runs and the study's [transfer] give.

    Raises:
        InputError: the runs lack something that [transfer] does not give either.
    """
    runs = record.of(section.composition)
    dense = _nearest(runs, section.temperature, constant_pressure=True)
    ions = dense.ions
    if not ions:
        raise InputError(f"{dense.name} has no ions of known charge; give the charges of the molecules and analyse")
    haven, haven_source = _haven(runs, section.temperature)
    length, fit, notes = _or_guess(
        section, lambda: _correlation_length(runs, dense, section), lambda why: (_guessed_size(dense, why), None, [])
    )
    electrolyte = SourcedElectrolyte(
        temperature=SourcedValue(value=section.temperature, source="chosen"),
        relative_permittivity=SourcedValue(value=section.relative_permittivity, source=section.permittivity_source),
        ion_diameter=_or_guess(
            section, lambda: _ion_diameter(runs, dense, section, fit), lambda why: _guessed_size(dense, why)
        ),
        correlation_length=length,
        species=tuple(
            SourcedSpecies(
                name=ion.name,
                valence=ion.charge,
                diffusivity=_or_guess(
                    section,
                    partial(_diffusivity, runs, ion, section.temperature, haven, haven_source),
                    partial(_guessed_diffusivity, runs, ion, section.temperature),
                ),
                concentration=_concentration(dense, ion),
                activation_energy=_activation_energy(record, dense.composition, ion),
            )
            for ion in ions
        ),
    )
    return Transfer(electrolyte=electrolyte, fit=fit, haven=haven, notes=tuple(notes))


def _or_guess[T](section: TransferSection, act: Callable[[], T], guess: Callable[[str], T]) -> T:
    """Return what runs tell; where they do not and the study allows it a guess, which is given the reason."""
    try:
        return act()
    except InputError as error:
        if not section.guesses:
            raise
        return guess(str(error).split(";")[0])


def _guessed_size(run: RunTransport, reason: str) -> SourcedValue:
    """Return a size [m] of which ions fill a usual share of the room."""
    return SourcedValue(
        value=_usual_size(run), source=f"a guess, ions that fill {_GUESSED_PACKING:.0%} of the room: {reason}"
    )


def _usual_size(run: RunTransport) -> float:
    """Return the size [m] of which ions fill a usual share of the room."""
    return float((_GUESSED_PACKING / _number_density(run)) ** (1 / 3))


def _guessed_diffusivity(
    runs: Sequence[RunTransport], ion: SpeciesTransport, temperature: float, reason: str
) -> SourcedValue:
    """Return the slope of displacements [m^2/s] of the run nearest in temperature, diffusive or not.

    Raises:
        InputError: ions of this kind move in no run.
    """
    known = {
        run.name: motion.coefficient
        for run in runs
        if (motion := next((one.diffusion for one in run.species if one.formula == ion.formula), None)) is not None
        and motion.coefficient.value > 0
    }
    if not known:
        raise InputError(f"{ion.name} moves in no run, so there is not even a guess of its diffusion; run longer")
    run = _nearest([run for run in runs if run.name in known], temperature)
    return SourcedValue(
        value=known[run.name].value * 1e-4,
        standard_error=known[run.name].standard_error * 1e-4,
        source=f"a guess, {_from(run)}, too short to be diffusive: {reason}",
    )


def _nearest(runs: Sequence[RunTransport], temperature: float, *, constant_pressure: bool = False) -> RunTransport:
    """Return the run nearest in temperature; of several one at constant pressure if wanted, then the longest."""
    return min(
        runs,
        key=lambda run: (
            round(abs(run.temperature - temperature) / _SAME_TEMPERATURE),
            constant_pressure and run.ensemble != "NPT",
            -run.length,
        ),
    )


def _from(run: RunTransport) -> str:
    return f"{run.length:.4g} ps of {run.atoms} atoms at {run.temperature:g} K ({run.ensemble})"


def _concentration(run: RunTransport, ion: SpeciesTransport) -> SourcedValue:
    """Return how many ions a volume has; whole multiples of one number, so that the bulk is neutral to the digit."""
    one = Decimal(f"{1e30 / (run.volume.value * constants.N_A):.{_DIGITS}g}")
    value = float(ion.count * one)
    share = run.volume.standard_error / run.volume.value
    if run.ensemble == "NPT":
        return SourcedValue(value=value, standard_error=value * share, source=f"simulated: {_from(run)}")
    return SourcedValue(value=value, source=f"chosen: density of the box, {run.density.value:.4g} g/cm^3")


def _number_density(run: RunTransport) -> float:
    """Return the density of all ions [1/m^3]."""
    return sum(ion.count for ion in run.ions) / (run.volume.value * 1e-30)


def _haven(runs: Sequence[RunTransport], temperature: float) -> tuple[IntervalEstimate | None, str]:
    known = [
        run
        for run in runs
        if run.conductivity is not None and run.conductivity.diffusive and run.conductivity.helfand.low > 0
    ]
    if not known:
        return None, "no run tells the collective conductivity, so ions count as independent"
    run = _nearest(known, temperature)
    assert run.conductivity is not None  # or it would not be among them
    haven = run.conductivity.haven
    error = f" +- {haven.standard_error:.2g}"
    return haven, f"divided by the Haven ratio {haven.value:.3g}{error} at {run.temperature:g} K"


def _diffusivity(
    runs: Sequence[RunTransport],
    ion: SpeciesTransport,
    temperature: float,
    haven: IntervalEstimate | None,
    haven_source: str,
) -> SourcedValue:
    """Return D [m^2/s], divided by the Haven ratio: Nernst and Einstein then give Helfand's conductivity."""
    coefficient, source = _self_diffusion(runs, ion.formula, temperature)
    ratio, share = (1.0, 0.0) if haven is None else (haven.value, haven.standard_error / haven.value)
    value = coefficient.value * 1e-4 / ratio
    error = value * math.hypot(coefficient.standard_error / coefficient.value, share)
    return SourcedValue(value=value, standard_error=error, source=f"simulated: {source}; {haven_source}")


def _self_diffusion(runs: Sequence[RunTransport], formula: str, temperature: float) -> tuple[IntervalEstimate, str]:
    found = [(run, one.diffusion) for run in runs for one in run.species if one.formula == formula]
    moving = [(run, motion) for run, motion in found if motion.diffusive and motion.coefficient.low > 0]
    here = [entry for entry in moving if abs(entry[0].temperature - temperature) < _SAME_TEMPERATURE]
    if here:
        run, motion = max(here, key=lambda entry: entry[0].length)
        return motion.coefficient, _from(run)
    temperatures = [run.temperature for run, _ in moving]
    if len(set(temperatures)) >= 2:
        line = arrhenius(temperatures, [motion.coefficient for _, motion in moving])
        span = f"{min(temperatures):g} to {max(temperatures):g} K"
        energy = f"{line.energy.value:.3g} +- {line.energy.standard_error:.2g} eV"
        return line.at(temperature), f"Arrhenius' line through runs at {span}, {energy}"
    raise InputError(
        f"no run tells the diffusion of {formula} at {temperature:g} K: ions diffuse freely, and measurably, at "
        f"{', '.join(f'{t:g} K' for t in temperatures) or 'no temperature'}; run longer, at two higher temperatures, "
        "or change [transfer] temperature"
    )


def _activation_energy(record: TransportRecord, composition: str, ion: SpeciesTransport) -> SourcedValue | None:
    """Return E of diffusion [J/mol], where runs at several temperatures told one that is not negative."""
    known = [one for one in record.activation if (one.composition, one.species) == (composition, ion.name)]
    if not known or known[0].energy.value < 0:
        return None
    energy, temperatures = known[0].energy, ", ".join(f"{t:g}" for t in known[0].temperatures)
    molar = constants.e * constants.N_A
    return SourcedValue(
        value=energy.value * molar,
        standard_error=energy.standard_error * molar,
        source=f"simulated: Arrhenius' line through runs at {temperatures} K",
    )


def _correlation_length(
    runs: Sequence[RunTransport], dense: RunTransport, section: TransferSection
) -> tuple[SourcedValue, CorrelationFit | None, list[str]]:
    if section.correlation_length is not None:
        given = SourcedValue(value=section.correlation_length * 1e-10, source=section.correlation_source)
        return given, None, []
    known = [run for run in runs if run.charge_structure is not None]
    if not known:
        raise InputError("no run has a charge structure factor; give correlation_length in [transfer]")
    run = _nearest(known, section.temperature)
    assert run.charge_structure is not None  # or it would not be among them
    strength = sum(ion.charge**2 * ion.count for ion in run.ions) / (run.volume.value * 1e-30)
    screening = constants.e**2 * strength / (section.relative_permittivity * constants.epsilon_0)
    screening *= 1e-20 / (constants.k * run.temperature)
    fit = fit_correlation_length(run.charge_structure.structure(), float(screening))
    _require_known(fit, _usual_size(dense) * 1e10)
    source = (
        f"simulated: charge structure factor up to {fit.largest:.3g} 1/angstrom ({fit.shells} wave numbers, "
        f"{fit.terms} terms, chi^2 per degree of freedom {fit.misfit:.2g}), {_from(run)}"
    )
    value = SourcedValue(
        value=fit.length.value * 1e-10, standard_error=fit.length.standard_error * 1e-10, source=source
    )
    return value, fit, _notes(fit, section)


def _require_known(fit: CorrelationFit, ion: float) -> None:
    """Require a correlation length that is known to better than the size of an ion [angstrom].

    Raises:
        InputError: it is not.
    """
    length = fit.length
    if length.standard_error > ion:
        raise InputError(
            f"the charge structure factor gives a correlation length of {length.value / 10:.2g} +- "
            f"{length.standard_error / 10:.2g} nm, which tells less than the size of an ion, {ion / 10:.2g} nm; run "
            "longer or in a larger box, or give correlation_length in [transfer]"
        )


def _notes(fit: CorrelationFit, section: TransferSection) -> list[str]:
    free = fit.permittivity
    if free.low <= 1 <= free.high:
        return []
    low, value, high = (factor * section.relative_permittivity for factor in (free.low, free.value, free.high))
    return [
        f"Fitted together with the correlation length, the relative permittivity would be {value:.3g} ({low:.3g} to "
        f"{high:.3g}) instead of {section.relative_permittivity:g}."
    ]


def _ion_diameter(
    runs: Sequence[RunTransport], dense: RunTransport, section: TransferSection, fit: CorrelationFit | None
) -> SourcedValue:
    if section.ion_diameter is not None:
        return SourcedValue(value=section.ion_diameter * 1e-10, source=section.diameter_source)
    reduced, source = _reduced(runs, section.temperature, _SMALL if fit is None else fit.largest)
    # the density is that of the file's own concentrations
    size = ion_diameter(packing_fraction(reduced), _number_density(dense))
    return SourcedValue(value=size.value, standard_error=size.standard_error, source=f"simulated: {source}")


def _reduced(runs: Sequence[RunTransport], temperature: float, largest: float) -> tuple[IntervalEstimate, str]:
    """Return kappa_T n kT and where it comes from."""
    breathing = [run for run in runs if run.compressibility is not None]
    if breathing:
        run = _nearest(breathing, temperature)
        assert run.compressibility is not None  # or it would not be among them
        reduced = reduced_compressibility(run.compressibility, _number_density(run), run.temperature)
        return reduced, f"compressibility by the volume's fluctuations, {_from(run)}"
    known = [run for run in runs if run.number_structure is not None]
    if not known:
        raise InputError("no run tells the liquid's compressibility; run at constant pressure, or give ion_diameter")
    run = _nearest(known, temperature)
    assert run.number_structure is not None  # or it would not be among them
    reduced = number_fluctuation(run.number_structure.structure(), largest=largest)
    return reduced, f"compressibility by the number structure factor at 0, {_from(run)}"
