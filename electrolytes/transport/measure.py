"""Everything that is measured of one run; what the run cannot tell is named with the reason."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Flags, Floats, Integers
from ionspice.electrolytes.analysis.bonds import bond_history, lasting
from ionspice.electrolytes.analysis.conductivity import IonKind, haven_ratio, helfand, nernst_einstein
from ionspice.electrolytes.analysis.conversions import ConversionCount, count_conversions
from ionspice.electrolytes.analysis.diffusion import (
    Diffusivity,
    diffusivity_of_atoms,
    diffusivity_of_molecules,
    in_infinite_box,
)
from ionspice.electrolytes.analysis.displacements import MeanSquares
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate
from ionspice.electrolytes.analysis.molecules import kinds_of_molecules
from ionspice.electrolytes.analysis.neighbours import greatest_distance
from ionspice.electrolytes.analysis.radial import RadialDistribution, radial_distribution
from ionspice.electrolytes.analysis.species import species_counts
from ionspice.electrolytes.analysis.trajectory import Trajectory, centres_of_mass, diffusive_positions
from ionspice.electrolytes.analysis.vibrations import HIGHEST_FREQUENCY, Spectrum, vibrational_spectrum
from ionspice.electrolytes.study.analysis import AnalysisSection
from ionspice.electrolytes.transport.compressibility import compressibility_of_volumes
from ionspice.electrolytes.transport.ions import FormalCharges, formal_charges, ions_in_time, with_molecules
from ionspice.electrolytes.transport.record import (
    ConductivityRecord,
    ConversionRecord,
    Diffusion,
    RunTransport,
    SpeciesTransport,
    StructureTable,
)
from ionspice.electrolytes.transport.runs import RunDescription
from ionspice.electrolytes.transport.structure import IonStructure, ion_structure

#: highest frequency without hydrogen, and of it [THz]
_HEAVY = 50.0
_BLOCKS = 10
_G_PER_CM3 = 1.66053906892  # of 1 u/angstrom^3


@dataclass(frozen=True, slots=True, kw_only=True)
class Molecules:
    """What is known of the liquid's molecules."""

    charges: FormalCharges
    names: Mapping[str, str] = field(default_factory=dict)  #: as reports write them, by formula


def molecules_of(charges: Mapping[str, int], names: Mapping[str, str] | None = None) -> Molecules:
    """Return molecules by formulas, their charges [e] and names.

    Raises:
        InputError: see `ions.formal_charges`.
    """
    return Molecules(charges=formal_charges(charges), names=names or {})


@dataclass(slots=True, kw_only=True)
class Curves:
    """What a run tells as functions; parts that it does not tell are empty."""

    radial: dict[str, RadialDistribution] = field(default_factory=dict)  #: by pair of elements
    spectra: dict[str, Spectrum] = field(default_factory=dict)  #: by element or formula, "all"
    squares: dict[str, MeanSquares] = field(default_factory=dict)  #: by element or formula, "charge"
    structure: IonStructure | None = None
    times: Floats = field(default_factory=lambda: np.empty(0))  #: of the counts [ps]
    counts: dict[str, Integers] = field(default_factory=dict)  #: clusters by formula
    conversions: ConversionCount | None = None


def measure(
    run: RunDescription,
    trajectory: Trajectory,
    velocities: Trajectory | None,
    molecules: Molecules,
    settings: AnalysisSection,
) -> tuple[RunTransport, Curves]:
    """Measure one run.

    Args:
        run: what it was.
        trajectory: its positions.
        velocities: its velocities, where they were written apart.
        molecules: charges and names.
        settings: of the study.
    """
    trajectory = with_molecules(trajectory, molecules.charges)
    velocities = None if velocities is None else with_molecules(velocities, molecules.charges)
    rng = np.random.default_rng(settings.seed)
    curves, missing = Curves(), dict[str, str]()
    volumes = np.abs(np.linalg.det(trajectory.cells))
    volume = _block_mean(volumes, "angstrom^3")

    def attempt[T](what: str, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except InputError as error:
            missing[what] = str(error)
            return None

    for pair, groups in _pairs(trajectory, settings).items():
        found = attempt(f"radial {pair}", partial(_radial, trajectory, *groups, settings))
        if found is not None:
            curves.radial[pair] = found
    attempt("vdos", lambda: _spectra(velocities or trajectory, curves))
    correct = _correction(run, volume.value, settings)
    elements = {
        element: correct(motion)
        for element in dict.fromkeys(trajectory.elements.tolist())
        if (motion := attempt(f"diffusion {element}", _atoms_of(trajectory, element, rng, curves))) is not None
    }
    species = attempt("species", lambda: _species(trajectory, molecules, rng, curves, correct)) or ()
    conductivity = attempt("conductivity", lambda: _conductivity(run, trajectory, species, molecules, rng, curves))
    curves.structure = attempt("structure", lambda: _structure(trajectory, molecules, settings))
    compressibility = (
        attempt("compressibility", lambda: compressibility_of_volumes(volumes, run.temperature))
        if run.ensemble == "NPT"
        else None
    )
    conversions = attempt("conversions", lambda: _conversions(trajectory, settings, curves))
    record = RunTransport(
        name=run.name,
        composition=run.composition,
        temperature=run.temperature,
        ensemble=run.ensemble,
        atoms=len(trajectory.elements),
        frames=len(trajectory.times),
        length=float(trajectory.times[-1] - trajectory.times[0]),
        interval=trajectory.interval if len(trajectory.times) > 1 else 0.0,
        seed=run.seed,
        volume=volume,
        density=_density(volume, float(trajectory.masses.sum())),
        species=species,
        elements=elements,
        conductivity=conductivity,
        compressibility=compressibility,
        charge_structure=StructureTable.of(curves.structure.charge) if curves.structure else None,
        number_structure=StructureTable.of(curves.structure.number) if curves.structure else None,
        conversions=conversions,
        missing=missing,
    )
    return record, curves


def _block_mean(samples: Floats, unit: str) -> IntervalEstimate:
    blocks = min(_BLOCKS, len(samples))
    means = [float(block.mean()) for block in np.array_split(samples, blocks)]
    error = float(np.std(means, ddof=1)) / math.sqrt(blocks) if blocks > 1 else math.nan
    return normal_estimate(float(samples.mean()), error, unit)


def _density(volume: IntervalEstimate, mass: float) -> IntervalEstimate:
    value = mass / volume.value * _G_PER_CM3
    return normal_estimate(value, value * volume.standard_error / volume.value, "g/cm^3")


def _every(trajectory: Trajectory, settings: AnalysisSection) -> int:
    return max(1, math.ceil(len(trajectory.times) / settings.frames))


def _pairs(trajectory: Trajectory, settings: AnalysisSection) -> dict[str, tuple[Flags, Flags]]:
    elements = list(dict.fromkeys(trajectory.elements.tolist()))
    names = settings.pairs or tuple(
        f"{one}-{other}" for place, one in enumerate(elements) for other in elements[place:]
    )
    return {
        name: (trajectory.elements == name.split("-")[0], trajectory.elements == name.split("-")[1]) for name in names
    }


def _radial(trajectory: Trajectory, centre: Flags, other: Flags, settings: AnalysisSection) -> RadialDistribution:
    widest = min(greatest_distance(cell) for cell in trajectory.cells)
    cutoff = min(settings.radius, widest)
    return radial_distribution(trajectory, centre, other, cutoff=cutoff, every=_every(trajectory, settings))


def _spectra(trajectory: Trajectory, curves: Curves) -> None:
    highest = HIGHEST_FREQUENCY if "H" in trajectory.elements else _HEAVY
    groups = {element: trajectory.of(element) for element in dict.fromkeys(trajectory.elements.tolist())}
    for name, group in ({"all": None} | groups | kinds_of_molecules(trajectory)).items():
        curves.spectra[name] = vibrational_spectrum(trajectory, group, highest=highest)


type Correction = Callable[[Diffusivity], Diffusion]


def _correction(run: RunDescription, volume: float, settings: AnalysisSection) -> Correction:
    """Return what makes a diffusion coefficient one of an infinite box, where the viscosity is known."""

    def record(motion: Diffusivity) -> Diffusion:
        coefficient = motion.coefficient
        if settings.viscosity is not None:
            coefficient = in_infinite_box(
                coefficient, temperature=run.temperature, viscosity=settings.viscosity, volume=volume
            )
        return Diffusion(coefficient=coefficient, log_slope=motion.slope, diffusive=motion.is_diffusive)

    return record


def _atoms_of(
    trajectory: Trajectory, element: str, rng: np.random.Generator, curves: Curves
) -> Callable[[], Diffusivity]:
    def act() -> Diffusivity:
        motion = diffusivity_of_atoms(trajectory, trajectory.of(element), rng)
        curves.squares[element] = motion.squares
        return motion

    return act


def _species(
    trajectory: Trajectory,
    molecules: Molecules,
    rng: np.random.Generator,
    curves: Curves,
    correct: Correction,
) -> tuple[SpeciesTransport, ...]:
    known, found = molecules.charges.molecules, []
    for formula, group in kinds_of_molecules(trajectory).items():
        if formula not in known:
            raise InputError(
                f"the first frame has molecules {formula}, whose charge is not given (given are "
                f"{', '.join(known) or 'none'}); give the charges of all molecules"
            )
        motion = diffusivity_of_molecules(trajectory, group, rng)
        curves.squares[formula] = motion.squares
        found.append(
            SpeciesTransport(
                name=molecules.names.get(formula, formula),
                formula=formula,
                charge=known[formula],
                count=len(np.unique(trajectory.molecules[group])),
                diffusion=correct(motion),
            )
        )
    return tuple(found)


def _conductivity(
    run: RunDescription,
    trajectory: Trajectory,
    species: tuple[SpeciesTransport, ...],
    molecules: Molecules,
    rng: np.random.Generator,
    curves: Curves,
) -> ConductivityRecord:
    if not species:
        raise InputError("the diffusion of the species is not known; see there")
    kinds = [
        IonKind(name=one.name, charge=one.charge, count=one.count, coefficient=one.diffusion.coefficient)
        for one in species
        if one.charge
    ]
    if not kinds:
        raise InputError("there are no ions of known charge; give the charges of all molecules by formula")
    cell = {"volume": trajectory.volume, "temperature": run.temperature}
    independent = nernst_einstein(kinds, **cell)
    paths, charges = _charged_paths(trajectory, molecules)
    collective = helfand(paths, charges, trajectory.interval, rng, **cell)
    curves.squares["charge"] = collective.squares
    return ConductivityRecord(
        nernst_einstein=independent,
        helfand=collective.value,
        haven=haven_ratio(independent, collective.value),
        diffusive=collective.is_diffusive,
    )


def _charged_paths(trajectory: Trajectory, molecules: Molecules) -> tuple[Floats, Floats]:
    """Return paths and charges whose dipole does not jump when ions react: atoms, or where not possible molecules."""
    paths = diffusive_positions(trajectory)
    if molecules.charges.consistent:
        return paths, molecules.charges.of_atoms(trajectory.elements)
    centres, numbers = centres_of_mass(paths, trajectory.masses, trajectory.molecules)
    charges = np.zeros(len(numbers))
    for formula, group in kinds_of_molecules(trajectory).items():
        charges[np.isin(numbers, trajectory.molecules[group])] = molecules.charges.molecules[formula]
    return centres, charges


def _structure(trajectory: Trajectory, molecules: Molecules, settings: AnalysisSection) -> IonStructure:
    frames = list(ions_in_time(trajectory, molecules.charges, every=_every(trajectory, settings)))
    return ion_structure(frames, trajectory.cells)


def _conversions(trajectory: Trajectory, settings: AnalysisSection, curves: Curves) -> ConversionRecord | None:
    bonds = settings.bonds
    if bonds is None:
        return None
    centre, ligand = trajectory.of(bonds.centre), trajectory.of(bonds.ligand)
    history = bond_history(trajectory, centre, ligand, made=bonds.made, broken=bonds.broken)
    persistence = settings.persistence * 1e-3
    counted = count_conversions(history, persistence=persistence)
    curves.times, curves.counts = trajectory.times, species_counts(lasting(history, persistence))
    curves.conversions = counted
    return ConversionRecord(
        lasting=len(counted.lasting),
        transient=counted.transient,
        lasting_rate=counted.lasting_rate,
        transient_rate=counted.transient_rate,
        reactions=counted.by_reaction(),
    )


def without_start(trajectory: Trajectory, skip: float) -> Trajectory:
    """Return a trajectory without its first part [ps].

    Raises:
        InputError: nothing is left.
    """
    used = trajectory.times >= trajectory.times[0] + skip * (1 - 1e-9)
    if used.sum() < 2:
        length = trajectory.times[-1] - trajectory.times[0]
        raise InputError(f"skip = {skip:g} ps leaves fewer than 2 frames of {length:g} ps; skip less")
    return replace(
        trajectory,
        times=trajectory.times[used],
        positions=trajectory.positions[used],
        cells=trajectory.cells[used],
        velocities=None if trajectory.velocities is None else trajectory.velocities[used],
    )
