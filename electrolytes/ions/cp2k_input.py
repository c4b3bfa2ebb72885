"""Inputs of CP2K for a molecule alone: its geometry with charges, and its normal modes.

The cell is not periodic; Poisson's equation is solved with wavelets (L. Genovese et al., J. Chem. Phys. 125, 074105
(2006)), which want a cube with the density well inside. Wave functions are converged further than for a label: normal
modes are differences of forces.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ionspice.electrolytes.labels.cp2k.input import Lines, as_text, dft_section, subsystem_section
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings

if TYPE_CHECKING:
    from ase import Atoms

#: name of CP2K's own files
PROJECT = "ion"
#: from the outermost atoms to the faces of the cell [angstrom]
MARGIN = 4.0
#: displacement of an atom for a second derivative [bohr]
_DISPLACEMENT = 0.01


def for_molecule(settings: Cp2kSettings, charge: int) -> Cp2kSettings:
    """Return the settings of a molecule of a charge [e], of the level of theory of labels."""
    return replace(
        settings, charge=charge, eps_default=min(settings.eps_default, 1e-10), eps_scf=min(settings.eps_scf, 1e-6)
    )


def relaxation_input(molecule: "Atoms", settings: Cp2kSettings) -> str:
    """Return the input that relaxes a molecule, whose atoms stand in frame.xyz, and prints its charges."""
    limits = ["MAX_FORCE 1.0E-4", "RMS_FORCE 7.0E-5", "MAX_DR 1.0E-2", "RMS_DR 5.0E-3"]
    motion: Lines = [("GEO_OPT", ["OPTIMIZER BFGS", "MAX_ITER 200", *limits])]
    return _input("GEO_OPT", ("MOTION", motion), molecule, settings)


def vibrations_input(molecule: "Atoms", settings: Cp2kSettings) -> str:
    """Return the input for the normal modes of a molecule that is relaxed."""
    analysis: Lines = [f"DX {_DISPLACEMENT}", "NPROC_REP 1", "FULLY_PERIODIC FALSE", "INTENSITIES FALSE"]
    return _input("VIBRATIONAL_ANALYSIS", ("VIBRATIONAL_ANALYSIS", analysis), molecule, settings)


def edge_of(molecule: "Atoms") -> float:
    """Return the edge of the cube around a molecule [angstrom]."""
    return float(np.ptp(molecule.positions, axis=0).max()) + 2 * MARGIN


def _input(run_type: str, task: tuple[str, Lines], molecule: "Atoms", settings: Cp2kSettings) -> str:
    elements: Sequence[str] = sorted(set(molecule.get_chemical_symbols()))
    dft: Lines = [
        *dft_section(settings),
        ("POISSON", ["PERIODIC NONE", "PSOLVER WAVELET"]),
        ("PRINT", [("MULLIKEN ON", []), ("HIRSHFELD ON", ["SHAPE_FUNCTION DENSITY"])]),
    ]
    cell = np.eye(3) * edge_of(molecule)
    subsystem = subsystem_section(elements, cell, settings, isolated=True)
    general = [f"PROJECT {PROJECT}", f"RUN_TYPE {run_type}", "PRINT_LEVEL MEDIUM", "PREFERRED_DIAG_LIBRARY SCALAPACK"]
    force: Lines = ["METHOD Quickstep", ("DFT", dft), ("SUBSYS", subsystem)]
    return as_text([("GLOBAL", general), task, ("FORCE_EVAL", force)])
