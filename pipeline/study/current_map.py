"""Where the net-ion current of the strip goes: its density on the middle lines of slits and gaps.

    j = -sum z_i e D_i c_i grad(mu_i)/(k T),    mu_i/(k T) = z_i phi/(k T/e) + ln c_i - ln(1 - a^3 sum c_j N_A)

with the steric part of Bikerman's model.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.constants import N_A, e, k

from ionspice.pipeline.cases.electrolyte import ElectrolyteSection
from ionspice.pipeline.results.field_files import FieldMap, StripMesh

type Array = NDArray[np.float64]


def current_density(field: FieldMap, electrolyte: ElectrolyteSection, places: Array) -> tuple[Array, Array]:
    """Return the net-ion current density at those of the places that lie in the strip.

    Args:
        field: potential and concentrations.
        electrolyte: its ions.
        places: shape (m, 2) [nm].

    Returns:
        Places, shape (n, 2) [nm], and densities, shape (n, 2) [A/m^2].
    """
    from matplotlib.tri import Triangulation

    thermal = k * electrolyte.temperature / e
    moles = [1e3 * field.concentrations[ion.name] for ion in electrolyte.species]  # mol/m^3
    share = np.sum(moles, axis=0) * N_A * electrolyte.ion_diameter**3
    corners = field.points[field.triangles]
    inverse = np.linalg.inv(corners[:, 1:] - corners[:, :1])  # nm^-1
    current: Array = np.zeros((len(field.triangles), 2))
    for ion, c in zip(electrolyte.species, moles, strict=True):
        potential = ion.valence * field.potential / thermal + np.log(np.maximum(c, 1e-12))
        potential -= np.log1p(-np.minimum(share, 1 - 1e-12))
        rise = potential[field.triangles][:, 1:] - potential[field.triangles][:, :1]
        gradient = np.einsum("nij,nj->ni", inverse, rise) * 1e9
        density = c[field.triangles].mean(axis=1)
        current -= ion.valence * e * N_A * ion.diffusivity * density[:, None] * gradient
    grid = Triangulation(field.points[:, 0], field.points[:, 1], field.triangles)
    inside = np.asarray(grid.get_trifinder()(places[:, 0], places[:, 1]), dtype=int)
    return places[inside >= 0], current[inside[inside >= 0]]


def middle_lines(mesh: StripMesh) -> Array:
    """Return places on the middle lines of slits and gaps and in the open electrolyte, shape (n, 2) [nm]."""
    places = []
    for name, blocks in mesh.regions.items():
        inside = mesh.points[np.unique(np.concatenate([cells.ravel() for cells in blocks]))]
        low, high = inside.min(axis=0), inside.max(axis=0)
        x = np.array([(low[0] + high[0]) / 2])
        if name.startswith("slit"):
            y = np.linspace(low[1], high[1], 9)[1:-1]
        elif name.startswith("gap"):
            y = np.array([(low[1] + high[1]) / 2])
        else:
            x, y = np.linspace(low[0], high[0], 8)[1:-1], np.linspace(low[1], high[1], 5)[1:-1]
        places += [(one, other) for one in x for other in y]
    return np.array(places)
