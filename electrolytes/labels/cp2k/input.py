"""Input files of CP2K for energy, forces and stress of one frame.

PRINT_LEVEL MEDIUM, because readers of other programs (dpdata) find nothing at a lower one; orbital transformation
with the preconditioner FULL_SINGLE_INVERSE, the cheapest for some hundred electrons. It is made anew after ten steps,
for the one of the atomic guess is poor: 26 steps instead of 56 for 52 atoms of a liquid.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings

#: names of the files of a job
INPUT, COORDINATES, OUTPUT = "cp2k.inp", "frame.xyz", "cp2k.out"

#: a line, or a section: its heading and its lines
type Lines = Iterable[str | tuple[str, "Lines"]]

_DISPERSIONS = {"D3(BJ)": "DFTD3(BJ)", "D3": "DFTD3"}


def cp2k_input(elements: Sequence[str], cell: ArrayLike, settings: Cp2kSettings) -> str:
    """Return the input for a periodic frame whose atoms stand in frame.xyz.

    Args:
        elements: those that occur, each once.
        cell: vectors as rows [angstrom], shape (3, 3).
        settings: level of theory.
    """
    return as_text(
        [
            (
                "GLOBAL",
                ["PROJECT label", "RUN_TYPE ENERGY_FORCE", "PRINT_LEVEL MEDIUM", "PREFERRED_DIAG_LIBRARY SCALAPACK"],
            ),
            (
                "FORCE_EVAL",
                [
                    "METHOD Quickstep",
                    "STRESS_TENSOR ANALYTICAL",
                    ("DFT", dft_section(settings)),
                    ("SUBSYS", subsystem_section(elements, cell, settings)),
                    ("PRINT", [("FORCES ON", []), ("STRESS_TENSOR ON", [])]),
                ],
            ),
        ]
    )


def dft_section(settings: Cp2kSettings) -> list[str | tuple[str, Lines]]:
    """Return the content of &DFT."""
    threshold = f"EPS_SCF {settings.eps_scf:.3E}"
    loop = ["SCF_GUESS ATOMIC", threshold, f"MAX_SCF {settings.scf_steps}"]
    outer = ("OUTER_SCF", [threshold, f"MAX_SCF {settings.scf_restarts}"])
    transformation = ("OT", ["MINIMIZER DIIS", "PRECONDITIONER FULL_SINGLE_INVERSE"])
    return [
        "BASIS_SET_FILE_NAME BASIS_MOLOPT",
        "POTENTIAL_FILE_NAME GTH_POTENTIALS",
        f"CHARGE {settings.charge}",
        ("QS", ["METHOD GPW", f"EPS_DEFAULT {settings.eps_default:.1E}"]),
        ("MGRID", [f"CUTOFF {settings.cutoff:g}", f"REL_CUTOFF {settings.relative_cutoff:g}"]),
        ("SCF", [*loop, transformation, outer, ("PRINT", [("RESTART OFF", [])])]),
        ("XC", [(f"XC_FUNCTIONAL {settings.functional}", []), *_dispersion(settings)]),
    ]


def _dispersion(settings: Cp2kSettings) -> Lines:
    if settings.dispersion not in _DISPERSIONS:
        return []
    pairs = [
        f"TYPE {_DISPERSIONS[settings.dispersion]}",
        "PARAMETER_FILE_NAME dftd3.dat",
        f"REFERENCE_FUNCTIONAL {settings.functional}",
    ]
    return [("VDW_POTENTIAL", ["POTENTIAL_TYPE PAIR_POTENTIAL", ("PAIR_POTENTIAL", pairs)])]


def subsystem_section(
    elements: Sequence[str], cell: ArrayLike, settings: Cp2kSettings, *, isolated: bool = False
) -> Lines:
    """Return the content of &SUBSYS; an isolated molecule is put into the middle of its cell."""
    vectors = [
        f"{name} " + " ".join(f"{x:.10f}" for x in row)
        for name, row in zip("ABC", np.asarray(cell, dtype=float), strict=True)
    ]
    kinds = [
        (f"KIND {element}", [f"BASIS_SET {settings.basis}", f"POTENTIAL GTH-{settings.functional}"])
        for element in elements
    ]
    centred: Lines = [("CENTER_COORDINATES", [])] if isolated else []
    coordinates = ("TOPOLOGY", [f"COORD_FILE_NAME {COORDINATES}", "COORD_FILE_FORMAT XYZ", *centred])
    return [("CELL", [*vectors, f"PERIODIC {'NONE' if isolated else 'XYZ'}"]), coordinates, *kinds]


def as_text(lines: Lines, indent: int = 0) -> str:
    """Return sections as CP2K reads them: `&NAME parameter`, content, `&END NAME`."""
    text = ""
    for line in lines:
        if isinstance(line, str):
            text += f"{' ' * indent}{line}\n"
            continue
        heading, content = line
        name = heading.split()[0]
        text += f"{' ' * indent}&{heading}\n{as_text(content, indent + 2)}{' ' * indent}&END {name}\n"
    return text
