"""tblite, or any calculator of ASE, as a teacher."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from ionspice.core import RunError
from ionspice.electrolytes.labels.label import Answer

if TYPE_CHECKING:
    from ase import Atoms


def label_by_tblite(frame: "Atoms", *, method: str) -> Answer:
    """Return what GFN-xTB says of a neutral frame.

    Raises:
        RunError: it did not converge.
    """
    from importlib.metadata import version

    from tblite.ase import TBLite

    return _answer(frame, TBLite(method=method, verbosity=0), f"tblite {version('tblite')}")


def label_by_calculator(frame: "Atoms", *, calculator: str, arguments: Mapping[str, Any]) -> Answer:
    """Return what a calculator of ASE says of a frame.

    Args:
        frame: what is labelled.
        calculator: "module:Class".
        arguments: of the class, by name.

    Raises:
        RunError: there is no such calculator, or it failed.
    """
    module, name = calculator.split(":")
    try:
        made = getattr(import_module(module), name)(**arguments)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise RunError(f'[teacher] calculator = "{calculator}" cannot be made: {error}; correct it') from error
    return _answer(frame, made, calculator)


def _answer(frame: "Atoms", calculator: Any, program: str) -> Answer:
    from ase.calculators.calculator import PropertyNotImplementedError

    asked = frame.copy()
    asked.calc = calculator
    try:
        energy, forces = asked.get_potential_energy(), asked.get_forces()
        stress = _stress(asked, PropertyNotImplementedError)
    except Exception as error:  # calculators raise anything
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise RunError(f"{program} has no answer: {reason[0][:200]}; leave the frame out") from error
    return Answer(
        energy=float(energy), forces=np.array(forces, dtype=float), stress=stress, scf_steps=None, program=program
    )


def _stress(asked: "Atoms", absent: type[Exception]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]] | None":
    if not asked.pbc.all():
        return None
    try:
        return np.array(asked.get_stress(voigt=False), dtype=float)
    except absent:
        return None
