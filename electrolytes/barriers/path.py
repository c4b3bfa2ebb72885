"""Minimum energy paths by the nudged elastic band with a climbing image, and energies on given images.

G. Henkelman, B. P. Uberuaga, H. Jonsson, J. Chem. Phys. 113, 9901 (2000); tangents of Henkelman and Jonsson,
J. Chem. Phys. 113, 9978 (2000); first images by the image-dependent pair potential, S. Smidstrup et al.,
J. Chem. Phys. 140, 214106 (2014).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ionspice.core import RunError
from ionspice.electrolytes.analysis.arrays import Floats

if TYPE_CHECKING:
    from ase import Atoms

#: largest force at which the highest image begins to climb [eV/angstrom]
_CLIMB = 0.3
_TANGENT = "improvedtangent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionPath:
    """Images from one end state to the other, with energies and forces as ASE gives them."""

    by: str  #: what gives the energies
    images: list["Atoms"]
    residual_force: float  #: largest force left [eV/angstrom]
    converged: bool  #: whether that is as small as was asked, on a relaxed path
    deviation: float | None = None  #: largest of a potential's models on the images [eV/angstrom]

    @property
    def energies(self) -> Floats:
        """Energies from that of the first image [eV], shape (images,)."""
        found = np.array([image.get_potential_energy() for image in self.images])
        return np.asarray(found - found[0])

    @property
    def coordinate(self) -> Floats:
        """Length of the way from the first image [angstrom], shape (images,)."""
        steps = [_length(one, other) for one, other in pairwise(self.images)]
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def barrier(self) -> float:
        """Energy of the highest image over the first [eV]."""
        return float(self.energies.max())


def relaxed(frame: "Atoms", calculator: Any, *, force: float, steps: int) -> "Atoms":
    """Return a frame whose free atoms have no force larger than a limit [eV/angstrom].

    Raises:
        RunError: it needs more steps.
    """
    from ase.optimize import LBFGS

    moved = frame.copy()
    moved.calc = calculator
    if not LBFGS(moved, logfile=None).run(fmax=force, steps=steps):
        raise RunError(
            f"an end state is not relaxed after {steps} steps: a force of {_largest(moved):.3g} eV/angstrom is left; "
            "raise [[barriers]] steps or force"
        )
    return frozen(moved)


def minimum_energy_path(
    images: Sequence["Atoms"], calculator: Any, by: str, *, force: float, steps: int
) -> ReactionPath:
    """Return the path that images relax to; the first and the last stay.

    Args:
        images: as `between` makes them, or those of another path.
        calculator: of ASE, shared by all images.
        by: what the calculator is.
        force: largest force left [eV/angstrom].
        steps: at most, before and while the highest image climbs.
    """
    from ase.mep import NEB
    from ase.optimize import FIRE

    moved = [image.copy() for image in images]
    for image in moved:
        image.calc = calculator
    ends = (frozen(moved[0]), frozen(moved[-1]))
    moved[0], moved[-1] = ends
    band = NEB(moved, climb=False, method=_TANGENT, allow_shared_calculator=True)
    FIRE(band, logfile=None).run(fmax=max(_CLIMB, force), steps=steps)
    band.climb = True
    converged = bool(FIRE(band, logfile=None).run(fmax=force, steps=steps))
    residual = float(band.get_residual())
    return ReactionPath(
        by=by,
        images=[ends[0], *map(frozen, moved[1:-1]), ends[1]],
        residual_force=residual,
        converged=converged,
    )


def between(start: "Atoms", end: "Atoms", count: int) -> list["Atoms"]:
    """Return so many images from one end state to the other, without energies."""
    from ase.mep import NEB

    images = [start.copy() for _ in range(count - 1)] + [end.copy()]
    periodic = bool(start.pbc.any())
    band = NEB(images, method=_TANGENT)
    band.interpolate(mic=periodic)
    if len(start) > 1:
        band.interpolate(method="idpp", mic=periodic)
    return images


def path_of_labels(images: Sequence["Atoms"], by: str) -> ReactionPath:
    """Return what a teacher says of the images of another path; its force left is that of the highest image."""
    energies = [image.get_potential_energy() for image in images]
    return ReactionPath(
        by=by,
        images=list(images),
        residual_force=_largest(images[int(np.argmax(energies))]),
        converged=False,
    )


def frozen(frame: "Atoms") -> "Atoms":
    """Return a frame that keeps its energy and forces without its calculator."""
    from ase.calculators.singlepoint import SinglePointCalculator

    kept = frame.copy()
    forces = frame.get_forces(apply_constraint=False)
    kept.calc = SinglePointCalculator(kept, energy=float(frame.get_potential_energy()), forces=forces)
    return kept


def _largest(frame: "Atoms") -> float:
    return float(np.linalg.norm(frame.get_forces(), axis=1).max())


def _length(one: "Atoms", other: "Atoms") -> float:
    from ase.geometry import find_mic

    difference = other.positions - one.positions
    if one.pbc.any():
        difference = find_mic(difference, one.cell, one.pbc)[0]
    return float(np.linalg.norm(difference))
