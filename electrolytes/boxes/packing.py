"""Periodic boxes of molecules at random places and in random directions, packed by Packmol.

L. Martinez, R. Andrade, E. G. Birgin, J. M. Martinez, J. Comput. Chem. 30, 2157 (2009). Packmol from version 21 on
knows periodic boundaries, so that molecules on opposite faces do not clash either.
"""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import RunError
from ionspice.core.children import start_child
from ionspice.electrolytes.boxes.clashes import shortest_contact, whole_molecules
from ionspice.electrolytes.environment.tools import packmol_command

if TYPE_CHECKING:
    from ase import Atoms

#: distance that Packmol is asked for [angstrom]
TOLERANCE = 2.0
#: shortest distance between atoms of two molecules that a box may have [angstrom]
NEAREST = 1.95
#: name of the array of a box that numbers its molecules
MOLECULE = "molecule"
#: distances that a try asks for at least, as shares of the sums of van der Waals radii: wide first, for a liquid
#: starts better without hard contacts, but not every density allows it
_SPACINGS = (0.8, 0.7, 0.6, 0.0, 0.0)
#: loops of optimisation of a wide try; it is a luxury, and Packmol would go on for minutes
_WIDE_LOOPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """Equal molecules of a box."""

    name: str
    geometry: "Atoms"
    count: int


def edge_of(ingredients: Sequence[Ingredient], density: float) -> float:
    """Return the edge of the cube of a density.

    Args:
        ingredients: what is in it.
        density: [g/cm^3].

    Returns:
        The edge [angstrom].
    """
    from ase.units import _amu

    mass = sum(part.count * part.geometry.get_masses().sum() for part in ingredients) * _amu * 1e3
    return float((mass / density) ** (1 / 3) * 1e8)


def pack(ingredients: Sequence[Ingredient], *, edge: float, seed: int, patience: float = 600.0) -> "Atoms":
    """Return a cubic periodic box of molecules.

    Molecules come in the order of the ingredients, each in one piece; the array "molecule" numbers them from 0 and
    "residue" names them.

    Args:
        ingredients: what is in it.
        edge: of the cube [angstrom].
        seed: the same seed gives the same box.
        patience: time allowed for a try [s].

    Raises:
        RunError: Packmol is missing, or found no box without clashes in several tries.
    """
    present = [part for part in ingredients if part.count]
    whole = _molecules(present, edge)
    reason = ""
    for retry, spacing in enumerate(_SPACINGS):
        text = _packmol_input(present, edge, seed=_seed_of(seed, retry), spacing=spacing)
        positions, reason = _run_packmol(present, text, patience=patience)
        if positions is None or len(positions) != len(whole):
            continue
        whole.positions = positions
        whole = whole_molecules(whole, whole.arrays[MOLECULE])
        nearest = shortest_contact(whole, whole.arrays[MOLECULE])
        if nearest >= NEAREST:
            return whole
        reason = f"molecules come as near as {nearest:.2f} angstrom, less than {NEAREST}"
    raise RunError(
        f"no box of edge {edge:.2f} angstrom with {len(whole)} atoms in {len(_SPACINGS)} tries of Packmol: {reason}; "
        "lower the density, or take more molecules: small boxes are the hardest to fill"
    )


def _seed_of(seed: int, retry: int) -> int:
    # Packmol reads a positive 32-bit integer.
    return int(np.random.SeedSequence([seed, retry]).generate_state(1)[0] >> 1) or 1


def _molecules(ingredients: Sequence[Ingredient], edge: float) -> "Atoms":
    """Return the molecules of a box before they have places."""
    from ase import Atoms

    copies = [part for part in ingredients for _ in range(part.count)]
    symbols = [symbol for part in copies for symbol in part.geometry.get_chemical_symbols()]
    sizes = [len(part.geometry) for part in copies]
    box = Atoms(symbols, positions=np.zeros((len(symbols), 3)), cell=[edge] * 3, pbc=True)
    box.new_array(MOLECULE, np.repeat(np.arange(len(copies)), sizes))
    box.new_array("residue", np.repeat([part.name for part in copies], sizes))
    return box


def _run_packmol(
    ingredients: Sequence[Ingredient], text: str, *, patience: float
) -> "tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]] | None, str]":
    """Return the positions [angstrom] that Packmol finds, None if it finds none, and why."""
    from ase.io import read, write

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, part in enumerate(ingredients):
            write(folder / f"{number}.xyz", part.geometry, format="xyz")
        (folder / "box.inp").write_text(text)
        command = [*packmol_command(), "-i", "box.inp"]
        process = start_child(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            output = process.communicate(timeout=patience)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, f"Packmol did not end within {patience:.0f} s"
        if process.returncode or not (folder / "box.xyz").is_file():
            return None, f"Packmol ended with status {process.returncode}: {_last_error(output)}"
        found = read(folder / "box.xyz", format="xyz")
        return np.asarray(found.positions), ""


def _packmol_input(ingredients: Sequence[Ingredient], edge: float, *, seed: int, spacing: float) -> str:
    corner = f"0. 0. 0. {edge:.6f} {edge:.6f} {edge:.6f}"
    lines = [f"tolerance {TOLERANCE}", f"seed {seed}", "filetype xyz", "output box.xyz", f"pbc {corner}"]
    if spacing:
        lines.append(f"nloop {_WIDE_LOOPS}")
    for number, part in enumerate(ingredients):
        lines += [f"structure {number}.xyz", f"  number {part.count}"]
        for atom, radius in enumerate(_radii(part.geometry, spacing), start=1):
            lines += [f"  atoms {atom}", f"    radius {radius:.3f}", "  end atoms"]
        lines += ["end structure"]
    return "\n".join(lines) + "\n"


def _radii(molecule: "Atoms", spacing: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return half the distances [angstrom] that atoms keep from others."""
    from ase.data import vdw_radii

    known = np.nan_to_num(vdw_radii[molecule.numbers])
    return np.asarray(np.maximum(spacing * known, TOLERANCE / 2))


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if "ERROR" in line or "STOP" in line]
    return lines[-1] if lines else "no reason given"
