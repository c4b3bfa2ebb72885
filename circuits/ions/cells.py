r"""A slit as a chain of cells: a capacitor network whose nodes hold ions.

Poisson's equation across half a slit, from the wall (x = 0) to the middle (x = H), on graded nodes with linear
elements and lumped charge reads

    A phi = sum_s z_s g c_s(w - z phi) / I,        n_s = 2 sum_j g_j c_s,j

with lengths in Debye lengths, phi in kT/e, I = sum z^2 c0 and weights g_j. A is the capacitance matrix of the
network: for n_s = dPi/dw_s with the convex Pi(w) = min over phi of [phi A phi / 2 + sum_j g_j p(w - z phi_j)/I]
it is enough that A is symmetric and not negative; then the number of ions has a symmetric, positive definite
derivative and whatever is built from such cells is reciprocal and passive. The same form holds

    a slit with a Stern layer, eps dphi/dn = (eps/lambda_S)(phi_m - phi)     the wall's node is free too
    a cylindrical pore, (1/r) (r phi')'                                      every bond and weight times r/R
    neutral electrolyte                                                      one node, A = 0
    a Donnan volume behind a wall                                            one node, A a number

The correlations of Bazant, Storey, Kornyshev (Phys. Rev. Lett. 106, 046102, 2011) replace the charge by the smoothed
one, r - l_c^2 r'' = rho with r' = 0 at the walls: A becomes A (1 + l_c^2 M^-1 K), which is not symmetric, because
that boundary condition is not the natural one of an energy.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError

#: growth of the spacing from node to node
_GROWTH_LIMIT = 1.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """A capacitor network with ions at its nodes, for one unit of wall area on both sides together."""

    #: A between the free nodes, 1, shape (nodes, nodes)
    capacitance: FloatArray
    #: length of electrolyte at the free nodes on both sides, m, shape (nodes,)
    weight: FloatArray
    #: the same at the wall's own potential, m
    wall_weight: float
    #: how the charge density at the wall acts on the free nodes, 1, shape (nodes,)
    wall_source: FloatArray
    #: Debye length, the unit of A, m
    unit: float
    #: positions of the free nodes from the wall, m, shape (nodes,)
    position: FloatArray
    #: length of a way along x that belongs to the free nodes, m, shape (nodes,)
    way: FloatArray

    @property
    def nodes(self) -> int:
        """Number of free nodes."""
        return int(self.weight.size)

    @property
    def symmetric(self) -> bool:
        """Whether the network has an energy, as it has without correlations."""
        return bool(np.allclose(self.capacitance, self.capacitance.T))

    @property
    def length(self) -> float:
        """Length of electrolyte in all, m: the slit's width, twice the volume over the wall area of a cylinder."""
        return float(self.weight.sum()) + self.wall_weight


def slit_cells(
    solution: IonSolution,
    width: float,
    *,
    stern_layer: float = 0.0,
    nodes: int = 32,
    window: float = 4.0,
    way: tuple[float, float] = (0.0, np.inf),
    cylindrical: bool = False,
) -> Cells:
    """Return the cells of a slit between two walls at one potential, or of a cylinder.

    Args:
        solution: the ions.
        width: d, or the cylinder's diameter, m.
        stern_layer: lambda_S, m; 0 for none.
        nodes: number of nodes across half the slit, the wall's included.
        window: largest |e phi_m/kT| that is meant, 1; it sets the first spacing.
        way: distances from the wall, m, between which the cells' way runs.
        cylindrical: a cylinder instead of a slit; its unit of wall area is half a unit on either side.

    Raises:
        InputError: a width that is not positive, or fewer than 3 nodes.
    """
    if not width > 0:
        raise InputError(f"slit width = {width:g} m must be positive")
    if nodes < 3:
        raise InputError(f"nodes = {nodes}; at least 3 across half a slit are needed")
    unit = solution.debye_length
    x = graded(width / 2, nodes, first_spacing(solution, width, nodes, window)) / unit
    stiffness, weight = _matrices(x, cylindrical=cylindrical)
    operator = stiffness.copy()
    if stern_layer > 0:
        operator[0, 0] += unit / stern_layer
    walled = stern_layer == 0
    free = slice(1 if walled else 0, None)
    operator, source = operator[free, free], np.zeros(nodes)[free]
    if solution.correlation_length > 0:
        smoothing = np.diag(weight) + (solution.correlation_length / unit) ** 2 * stiffness
        smoothed = weight[:, None] * np.linalg.inv(smoothing) * weight
        inverse = weight[free, None] * np.linalg.inv(smoothed[free, free])
        operator = inverse @ operator
        source = inverse @ smoothed[free, 0] if walled else source
    return Cells(
        capacitance=operator,
        weight=2 * unit * weight[free],
        wall_weight=float(2 * unit * weight[0]) if walled else 0.0,
        wall_source=source,
        unit=unit,
        position=unit * x[free],
        way=unit * _way(x, way[0] / unit, way[1] / unit)[free],
    )


def first_spacing(solution: IonSolution, width: float, nodes: int, window: float = 1.0) -> float:
    """Return a wall spacing for potentials up to a window, m.

    The layer of ions at a wall at u = e phi/kT is lambda_D e^(-z u/2) thick until they are packed, which the share
    nu of the volume that they take in the bulk allows up to e^(z u/2) = nu^(-1/2).
    """
    valence = np.abs(solution.valence).max()
    thinnest = np.exp(-valence * window / 2) + solution.packing_fraction**0.5
    smallest = min(solution.debye_length * min(1.0, thinnest), width / 2)
    wanted = smallest / (1.5 * nodes**0.5)
    least = width / 2 * (_GROWTH_LIMIT - 1) / (_GROWTH_LIMIT ** (nodes - 1) - 1)
    return float(min(max(wanted, least), width / 2 / (nodes - 1)))


def neutral_cells(solution: IonSolution, width: float) -> Cells:
    """Return a width (m) of electrolyte without walls, whose potential is what keeps it neutral."""
    return Cells(
        capacitance=np.zeros((1, 1)),
        weight=np.array([width]),
        wall_weight=0.0,
        wall_source=np.zeros(1),
        unit=solution.debye_length,
        position=np.zeros(1),
        way=np.array([width]),
    )


def graded(half: float, nodes: int, first: float) -> FloatArray:
    """Return positions from 0 to `half` whose spacing grows geometrically from `first`."""
    cells = nodes - 1
    if first * cells >= half * (1 - 1e-12):
        return np.linspace(0, half, nodes)
    growth = float(brentq(lambda q: first * (q**cells - 1) / (q - 1) - half, 1 + 1e-9, 20.0))
    x = first * (growth ** np.arange(nodes) - 1) / (growth - 1)
    return np.asarray(x * half / x[-1])


def _matrices(x: FloatArray, *, cylindrical: bool) -> tuple[FloatArray, FloatArray]:
    """Return the matrix of -d2/dx2 for linear elements without boundary conditions, and their lumped weights.

    In a cylinder both carry r/R, which is linear in x.
    """
    share = 1 - x / x[-1] if cylindrical else np.ones_like(x)
    near, far, spacing = share[:-1], share[1:], np.diff(x)
    bond = (near + far) / 2 / spacing
    diagonal = np.append(bond, 0.0) + np.append(0.0, bond)
    stiffness = np.diag(diagonal) - np.diag(bond, 1) - np.diag(bond, -1)
    weight = np.append(spacing * (2 * near + far) / 6, 0.0) + np.append(0.0, spacing * (near + 2 * far) / 6)
    return np.asarray(stiffness), np.asarray(weight)


def _way(x: FloatArray, near: float, far: float) -> FloatArray:
    """Return what of every node's share of the way lies between two distances from the wall."""
    edges = np.concatenate([x[:1], (x[1:] + x[:-1]) / 2, x[-1:]])
    return np.asarray(np.diff(np.clip(edges, near, far)))
