"""How integrals are taken: over bodies of revolution, and at which points of a cell.

In an axisymmetric domain y is the distance from the axis and a volume element is 2 pi y dx dy, a surface element
2 pi y ds. Gradients keep their form, for nothing varies around the axis.

With linear elements and Gauss' points a double layer gets too much charge, for no mesh reaches the least free energy:
by (kappa h)^2/24 of itself in cells of size h. Points nearer to the cell's centre couple neighbouring nodes more. At
a distance of x half cells from the centre, 1/sqrt(3) for Gauss, the charge of a linear double layer is
sqrt(1 + (x kappa h)^2/4) times the exact one. At the centre itself, the implicit midpoint rule, it is exact, but
stored ions that alternate from node to node would go unseen; points at x^2 = 1/10 leave a third of the error. Free
energy, storage and currents are of the same points, so that the discrete energy falls and Ohm's law stays.
"""

from dataclasses import dataclass
from typing import Any

import basix
import numpy as np
import ufl
from numpy.typing import NDArray

_GAUSS = 1 / 3  # squared distance of Gauss' points from the centre, in half cells
_NEARER = 1 / 10  # that of ours


@dataclass(frozen=True, slots=True)
class RadialMeasure:
    """A UFL measure whose every integrand is multiplied by 2 pi y."""

    measure: Any  #: ufl.Measure
    weight: Any  #: 2 pi y

    def __call__(self, numbers: Any) -> "RadialMeasure":
        """Return the measure restricted to regions or boundaries."""
        return RadialMeasure(self.measure(numbers), self.weight)

    def __rmul__(self, integrand: Any) -> Any:
        """Return the form of an integrand."""
        return (integrand * self.weight) * self.measure


def measure(kind: str, mesh: Any, *, axisymmetric: bool, **options: Any) -> Any:
    """Return the `dx` or `ds` of a domain; options are those of `ufl.Measure`."""
    plane = ufl.Measure(kind, mesh, **options)
    if not axisymmetric:
        return plane
    return RadialMeasure(plane, 2 * np.pi * ufl.SpatialCoordinate(mesh)[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRule:
    """Points and weights of the volume integrals on a reference cell."""

    points: NDArray[np.float64]  #: (points, 2)
    weights: NDArray[np.float64]  #: (points,)

    @classmethod
    def of(cls, cell: Any, degree: int, *, axisymmetric: bool = False) -> "VolumeRule":
        """Return the rule for Lagrange elements of degree 1 or 2 on a basix.CellType.

        In an axisymmetric domain it is Gauss', for nodes on the axis would weigh a third more with points nearer to
        the centres of their cells.
        """
        if degree != 1 or axisymmetric:
            points, weights = _gauss(cell, 2 * degree + 1)
            return cls(points=points, weights=weights)
        points, weights = _gauss(cell, 2)
        centre = weights @ points / weights.sum()
        return cls(points=centre + np.sqrt(_NEARER / _GAUSS) * (points - centre), weights=weights)

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of a `ufl.Measure`."""
        return {"quadrature_rule": "custom", "quadrature_points": self.points, "quadrature_weights": self.weights}


def _gauss(cell: Any, degree: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points, weights = basix.make_quadrature(cell, degree)
    return np.asarray(points, dtype=np.float64), np.asarray(weights, dtype=np.float64)
