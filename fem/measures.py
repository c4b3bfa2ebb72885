"""Integrals over a plane domain that stands for a body of revolution.

In an axisymmetric domain y is the distance from the axis and a volume element is 2 pi y dx dy, a surface element
2 pi y ds. Gradients keep their form, for nothing varies around the axis.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl


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
