"""Diffusion and conductivity of a run."""

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.conductivity import IonKind, haven_ratio, helfand, nernst_einstein
from ionspice.electrolytes.analysis.diffusion import (
    Diffusivity,
    diffusivity_of_atoms,
    diffusivity_of_molecules,
    in_infinite_box,
)
from ionspice.electrolytes.analysis.molecules import kinds_of_molecules
from ionspice.electrolytes.analysis.trajectory import centres_of_mass, diffusive_positions
from ionspice.electrolytes.transport.record import ConductivityRecord, Diffusion, SpeciesTransport
from ionspice.electrolytes.transport.subject import Subject


def element_diffusion(subject: Subject, element: str) -> Diffusion:
    """Return the diffusion of the atoms of an element."""
    motion = diffusivity_of_atoms(subject.trajectory, subject.trajectory.of(element))
    subject.curves.squares[element] = motion.squares
    return _corrected(subject, motion)


def species_transport(subject: Subject) -> tuple[SpeciesTransport, ...]:
    """Return the diffusion of the molecules of every formula.

    Raises:
        InputError: the charge of one is not known.
    """
    known, found = subject.molecules.charges.molecules, []
    for formula, group in kinds_of_molecules(subject.trajectory).items():
        if formula not in known:
            raise InputError(
                f"the first frame has molecules {formula}, whose charge is not given (given are "
                f"{', '.join(known) or 'none'}); give the charges of all molecules"
            )
        motion = diffusivity_of_molecules(subject.trajectory, group)
        subject.curves.squares[formula] = motion.squares
        found.append(
            SpeciesTransport(
                name=subject.molecules.names.get(formula, formula),
                formula=formula,
                charge=known[formula],
                count=len(np.unique(subject.trajectory.molecules[group])),
                diffusion=_corrected(subject, motion),
            )
        )
    return tuple(found)


def _corrected(subject: Subject, motion: Diffusivity) -> Diffusion:
    """Return a coefficient of an infinite box, where the viscosity is known."""
    coefficient = motion.coefficient
    if subject.settings.viscosity is not None:
        coefficient = in_infinite_box(
            coefficient,
            temperature=subject.run.temperature,
            viscosity=subject.settings.viscosity,
            volume=subject.trajectory.volume,
        )
    return Diffusion(
        coefficient=coefficient, log_slope=motion.slope, diffusive=motion.is_diffusive, needed=motion.needed
    )


def conductivity(subject: Subject, species: tuple[SpeciesTransport, ...]) -> ConductivityRecord:
    """Return the conductivity of ions of their own, and of all together.

    Raises:
        InputError: there are none, or the cell has a charge.
    """
    if not species:
        raise InputError("the diffusion of the species is not known; see there")
    kinds = [
        IonKind(name=one.name, charge=one.charge, count=one.count, coefficient=one.diffusion.coefficient)
        for one in species
        if one.charge
    ]
    if not kinds:
        raise InputError("there are no ions of known charge; give the charges of all molecules by formula")
    cell = {"volume": subject.trajectory.volume, "temperature": subject.run.temperature}
    independent = nernst_einstein(kinds, **cell)
    paths, charges = _charged_paths(subject)
    collective = helfand(paths, charges, subject.trajectory.interval, **cell)
    subject.curves.squares["charge"] = collective.squares
    return ConductivityRecord(
        nernst_einstein=independent,
        helfand=collective.value,
        haven=haven_ratio(independent, collective.value),
        diffusive=collective.is_diffusive,
        needed=collective.needed,
    )


def _charged_paths(subject: Subject) -> tuple[Floats, Floats]:
    """Return paths and charges whose dipole does not jump when ions react: atoms, or where not possible molecules."""
    trajectory, molecules = subject.trajectory, subject.molecules
    paths = diffusive_positions(trajectory)
    if molecules.charges.consistent:
        return paths, molecules.charges.of_atoms(trajectory.elements)
    centres, numbers = centres_of_mass(paths, trajectory.masses, trajectory.molecules)
    charges = np.zeros(len(numbers))
    for formula, group in kinds_of_molecules(trajectory).items():
        charges[np.isin(numbers, trajectory.molecules[group])] = molecules.charges.molecules[formula]
    return centres, charges
