"""Geometries of isolated molecules and ions: from SMILES by distance geometry, relaxed by GFN-xTB.

S. Riniker, G. A. Landrum, J. Chem. Inf. Model. 55, 2562 (2015) (ETKDG); C. Bannwarth, S. Ehlert, S. Grimme,
J. Chem. Theory Comput. 15, 1652 (2019) (GFN2-xTB).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import InputError, RunError
from ionspice.core.reading import reading

if TYPE_CHECKING:
    from ase import Atoms

#: largest force on an atom of a relaxed geometry [eV/angstrom]
RELAXED = 0.01
_STEPS = 500


def from_smiles(smiles: str, *, seed: int = 1) -> "Atoms":
    """Return a geometry of the molecule that a SMILES names, hydrogens included.

    Args:
        smiles: the molecule, charges included.
        seed: of distance geometry; the same seed gives the same geometry.

    Raises:
        InputError: no SMILES, or no geometry fits it.
    """
    from ase import Atoms
    from rdkit import Chem
    from rdkit.Chem import rdDistGeom

    molecule = Chem.AddHs(_parse(smiles))
    for random in (False, True):  # random starting coordinates help where the eigenvalues of a bad guess do not
        settings: Any = rdDistGeom.ETKDGv3()
        settings.randomSeed = seed
        settings.useRandomCoords = random
        if rdDistGeom.EmbedMolecule(molecule, settings) == 0:
            symbols = [atom.GetSymbol() for atom in molecule.GetAtoms()]
            return Atoms(symbols, positions=molecule.GetConformer().GetPositions())
    raise InputError(f'no geometry fits smiles = "{smiles}"; give the molecule as an xyz file instead')


def charge_of_smiles(smiles: str) -> int:
    """Return the charge [e] of the molecule that a SMILES names.

    Raises:
        InputError: no SMILES.
    """
    from rdkit import Chem

    return int(Chem.GetFormalCharge(_parse(smiles)))


def _parse(smiles: str) -> Any:
    """Return RDKit's molecule of a SMILES.

    Raises:
        InputError: it is none.
    """
    from rdkit import Chem, rdBase

    rdBase.DisableLog("rdApp.*")  # the error below says it
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None or molecule.GetNumAtoms() == 0:
        raise InputError(f'smiles = "{smiles}" is no SMILES; correct it, or give the molecule as an xyz file')
    return molecule


def from_xyz(path: Path) -> "Atoms":
    """Return the geometry of an XYZ file's first frame, without cell.

    Raises:
        InputError: the file cannot be read.
    """
    from ase import Atoms
    from ase.io import read

    with reading(path, remedy="give an XYZ file of one molecule"):
        found = read(path, index=0)
        assert isinstance(found, Atoms)
        return Atoms(found.symbols, positions=found.positions)


def relax(molecule: "Atoms", *, charge: int, method: str = "GFN2-xTB", fmax: float = RELAXED) -> "Atoms":
    """Return a molecule where the forces of GFN-xTB vanish.

    Args:
        molecule: where it starts, without cell.
        charge: of the whole molecule [e].
        method: "GFN1-xTB" or "GFN2-xTB".
        fmax: largest force left on an atom [eV/angstrom].

    Raises:
        RunError: the forces do not vanish within the steps allowed.
    """
    from ase.optimize import BFGS
    from tblite.ase import TBLite

    relaxed = molecule.copy()
    if len(relaxed) == 1:
        return relaxed
    relaxed.calc = TBLite(method=method, charge=charge, verbosity=0)
    if not BFGS(relaxed, logfile=None).run(fmax=fmax, steps=_STEPS):
        raise RunError(
            f"{molecule.symbols} with charge {charge:+d} is not relaxed after {_STEPS} steps of {method}; "
            "give a better geometry as an xyz file"
        )
    relaxed.calc = None
    return relaxed
