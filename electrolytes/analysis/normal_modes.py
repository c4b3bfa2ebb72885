"""Normal modes as lines beside a vibrational spectrum."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import constants

from ionspice.core import InputError
from ionspice.core.reading import reading
from ionspice.electrolytes.analysis.arrays import Floats, Names
from ionspice.electrolytes.analysis.elements import masses_of

#: [THz] per wave number [1/cm]
THZ_PER_WAVE_NUMBER = constants.c * 1e2 * 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeLine:
    """A normal mode."""

    frequency: float  #: [THz]; an imaginary one is negative
    shares: dict[str, float]  #: of the kinetic energy, by element


def mode_lines(
    frequencies: Floats, displacements: Floats, elements: Sequence[str], *, lowest: float = 0.3
) -> list[ModeLine]:
    """Return the vibrations among normal modes, with what each element has in them.

    Args:
        frequencies: shape (modes,) [THz], imaginary ones negative.
        displacements: of the atoms, not weighted by mass, shape (modes, atoms, 3), of any length.
        elements: of the atoms.
        lowest: modes between 0 and here [THz] are translations and rotations of a free ion.

    Raises:
        InputError: the shapes do not fit, or a mode moves nothing.
    """
    if displacements.shape != (len(frequencies), len(elements), 3):
        raise InputError(
            f"displacements have the shape {displacements.shape} instead of {(len(frequencies), len(elements), 3)} "
            "for these frequencies and atoms; give one vector per mode and atom"
        )
    energies = np.einsum("n,mnk->mn", masses_of(elements), displacements**2)
    totals = energies.sum(axis=1)
    if not (np.isfinite(totals) & (totals > 0)).all():
        raise InputError("a mode moves no atom, or not by numbers; give displacements for every mode")
    names = np.array(elements)
    return [
        ModeLine(
            frequency=float(frequency),
            shares={element: float(row[names == element].sum() / row.sum()) for element in dict.fromkeys(elements)},
        )
        for frequency, row in zip(frequencies, energies, strict=True)
        if abs(frequency) >= lowest
    ]


def lines_of_ase(vibrations: Any, *, lowest: float = 0.3) -> list[ModeLine]:
    """Return the lines of ASE's VibrationsData (`Vibrations.get_vibrations()`); `lowest` as of `mode_lines`."""
    from ase.units import invcm

    energies, modes = vibrations.get_energies_and_modes()
    # ASE gives imaginary energies for unstable modes
    signed = np.real(energies) - np.abs(np.imag(energies))
    atoms = vibrations.get_atoms()[vibrations.get_indices()]
    return mode_lines(
        signed / invcm * THZ_PER_WAVE_NUMBER, np.asarray(modes), atoms.get_chemical_symbols(), lowest=lowest
    )


def read_molden(path: str | Path) -> tuple[Floats, Floats, Names]:
    """Return frequencies [THz], displacements and elements of CP2K's PROJECT-VIBRATIONS-1.mol.

    Raises:
        InputError: the file cannot be read.
    """
    with reading(path, remedy="give the file that CP2K's VIBRATIONAL_ANALYSIS writes (-VIBRATIONS-1.mol)"):
        sections = _sections(Path(path).read_text(encoding="utf-8"))
        elements = np.array([line.split()[0] for line in sections["FR-COORD"]])
        frequencies = np.array([float(line) for line in sections["FREQ"]]) * THZ_PER_WAVE_NUMBER
        rows = [line.split() for line in sections["FR-NORM-COORD"] if not line.lower().lstrip().startswith("vib")]
        return frequencies, np.array(rows, dtype=np.float64).reshape(len(frequencies), len(elements), 3), elements


def _sections(text: str) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.strip().startswith("["):
            name = line.strip()[1:].partition("]")[0].upper()
            sections[name] = []
        elif line.strip() and name:
            sections[name].append(line)
    return sections
