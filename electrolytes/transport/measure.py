"""Everything that is measured of one run; what the run cannot tell is named with the reason."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Flags, Floats
from ionspice.electrolytes.analysis.bonds import bond_history, lasting
from ionspice.electrolytes.analysis.conversions import count_conversions
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate
from ionspice.electrolytes.analysis.molecules import kinds_of_molecules
from ionspice.electrolytes.analysis.neighbours import greatest_distance
from ionspice.electrolytes.analysis.radial import radial_distribution
from ionspice.electrolytes.analysis.species import species_counts
from ionspice.electrolytes.analysis.trajectory import Trajectory
from ionspice.electrolytes.analysis.vibrations import HIGHEST_FREQUENCY, vibrational_spectrum
from ionspice.electrolytes.study.analysis import AnalysisSection
from ionspice.electrolytes.transport.compressibility import compressibility_of_volumes
from ionspice.electrolytes.transport.ions import ions_in_time, with_molecules
from ionspice.electrolytes.transport.motion import conductivity, element_diffusion, species_transport
from ionspice.electrolytes.transport.record import ConversionRecord, RunTransport, StructureTable
from ionspice.electrolytes.transport.runs import RunDescription
from ionspice.electrolytes.transport.structure import IonStructure, ion_structure
from ionspice.electrolytes.transport.subject import Curves, Molecules, Subject

#: highest frequency without hydrogen [THz]
_HEAVY = 50.0
_BLOCKS = 10
_G_PER_CM3 = 1.66053906892  # of 1 u/angstrom^3


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
    moving = trajectory if velocities is None else with_molecules(velocities, molecules.charges)
    subject = Subject(run=run, trajectory=trajectory, molecules=molecules, settings=settings)
    record, missing = _frame_of(subject), dict[str, str]()

    def attempt[T](what: str, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except InputError as error:
            missing[what] = str(error)
            return None

    for pair, groups in _pairs(subject).items():
        attempt(f"radial {pair}", partial(_radial, subject, pair, *groups))
    attempt("vdos", lambda: _spectra(subject, moving))
    elements = {
        element: motion
        for element in subject.elements
        if (motion := attempt(f"diffusion {element}", partial(element_diffusion, subject, element))) is not None
    }
    species = attempt("species", lambda: species_transport(subject)) or ()
    carried = attempt("conductivity", lambda: conductivity(subject, species))
    structure = attempt("structure", lambda: _structure(subject))
    breathing = attempt("compressibility", lambda: _compressibility(subject))
    conversions = attempt("conversions", lambda: _conversions(subject))
    record = replace(
        record,
        species=species,
        elements=elements,
        conductivity=carried,
        compressibility=breathing,
        charge_structure=StructureTable.of(structure.charge) if structure else None,
        number_structure=StructureTable.of(structure.number) if structure else None,
        conversions=conversions,
        missing=missing,
    )
    return record, subject.curves


def _frame_of(subject: Subject) -> RunTransport:
    """Return a record with what every run has: size, length, density."""
    run, trajectory = subject.run, subject.trajectory
    volume = _block_mean(np.abs(np.linalg.det(trajectory.cells)), "angstrom^3")
    return RunTransport(
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
    )


def _block_mean(samples: Floats, unit: str) -> IntervalEstimate:
    blocks = min(_BLOCKS, len(samples))
    means = [float(block.mean()) for block in np.array_split(samples, blocks)]
    error = float(np.std(means, ddof=1)) / math.sqrt(blocks) if blocks > 1 else math.nan
    return normal_estimate(float(samples.mean()), error, unit)


def _density(volume: IntervalEstimate, mass: float) -> IntervalEstimate:
    value = mass / volume.value * _G_PER_CM3
    return normal_estimate(value, value * volume.standard_error / volume.value, "g/cm^3")


def _every(subject: Subject) -> int:
    return max(1, math.ceil(len(subject.trajectory.times) / subject.settings.frames))


def _pairs(subject: Subject) -> dict[str, tuple[Flags, Flags]]:
    own, elements = subject.elements, subject.trajectory.elements
    names = subject.settings.pairs or tuple(
        f"{one}-{other}" for place, one in enumerate(own) for other in own[place:]
    )
    return {name: (elements == name.split("-")[0], elements == name.split("-")[1]) for name in names}


def _radial(subject: Subject, pair: str, centre: Flags, other: Flags) -> None:
    widest = min(greatest_distance(cell) for cell in subject.trajectory.cells)
    cutoff = min(subject.settings.radius, widest)
    subject.curves.radial[pair] = radial_distribution(
        subject.trajectory, centre, other, cutoff=cutoff, every=_every(subject)
    )


def _spectra(subject: Subject, moving: Trajectory) -> None:
    highest = HIGHEST_FREQUENCY if "H" in subject.elements else _HEAVY
    groups = {element: moving.of(element) for element in subject.elements}
    for name, group in ({"all": None} | groups | kinds_of_molecules(moving)).items():
        subject.curves.spectra[name] = vibrational_spectrum(moving, group, highest=highest)


def _compressibility(subject: Subject) -> IntervalEstimate | None:
    if subject.run.ensemble != "NPT":
        return None
    volumes = np.abs(np.linalg.det(subject.trajectory.cells))
    return compressibility_of_volumes(volumes, subject.run.temperature)


def _structure(subject: Subject) -> IonStructure:
    frames = list(ions_in_time(subject.trajectory, subject.molecules.charges, every=_every(subject)))
    subject.curves.structure = ion_structure(frames, subject.trajectory.cells)
    return subject.curves.structure


def _conversions(subject: Subject) -> ConversionRecord | None:
    bonds, trajectory, curves = subject.settings.bonds, subject.trajectory, subject.curves
    if bonds is None:
        return None
    centre, ligand = trajectory.of(bonds.centre), trajectory.of(bonds.ligand)
    history = bond_history(trajectory, centre, ligand, made=bonds.made, broken=bonds.broken)
    persistence = subject.settings.persistence * 1e-3
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
