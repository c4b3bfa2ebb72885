r"""Ions at equilibrium and their conduction in a plane domain of rectangles, by the box method.

On the vertices of a graded tensor grid every cell adds its half sides to the bonds between its corners and a quarter
of its area to each of them, so that

    A phi = sum_s z_s g c_s(a - z phi)/I         equilibrium at uniform a_s, phi = 0 at the walls
    sum over bonds of D_s c_s (w - w')  = 0      conduction of one ion, c_s the mean over the bond's ends

with the same A, g and I as in `cells`, lengths in Debye lengths. A Stern layer joins wall vertices to the walls. In a
body of revolution y is the distance from its axis, and every area and side carries 2 y/R: per metre of depth of a
strip as wide as the body's radius R and of the same area.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

from ionspice.circuits.ions.solution import FloatArray, IonSolution, concentrations, osmotic_pressure, responses
from ionspice.core import InputError, RunError

_ITERATIONS = 60
_HALVINGS = 20
_TOLERANCE = 1e-9
_LONGEST_STEP = 8.0
#: steps up to this need no check, kT/e
_SURE_STEP = 0.3

type BoolArray = NDArray[np.bool_]
type IndexArray = NDArray[np.intp]

#: (x from, x to, y from, y to), m
type Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """Vertices and bonds of a domain."""

    #: positions, m, shape (vertices, 2)
    position: FloatArray
    #: area of electrolyte at the vertices, m^2, shape (vertices,)
    area: FloatArray
    #: ends of the bonds, shape (bonds, 2)
    ends: IndexArray
    #: side over length of the bonds, 1, shape (bonds,)
    shape: FloatArray
    #: length of wall at the vertices, m, shape (vertices,); 0 inside
    wall: FloatArray


def plane(
    rectangles: Sequence[Rectangle],
    open_sides: Sequence[Rectangle],
    *,
    spacing: float,
    growth: float,
    radius: float | None = None,
) -> Plane:
    """Return the domain that rectangles make up; every outer side is a wall but for the open ones.

    Args:
        rectangles: disjoint, m.
        open_sides: degenerate rectangles that cover the sides without walls: mirrors, gaps' middles, reservoir.
        spacing: of the grid lines at the rectangles' sides, m.
        growth: of the spacing away from them.
        radius: R of a body of revolution, m; None for a plane one.

    Raises:
        InputError: no rectangle.
    """
    if not rectangles:
        raise InputError("a plane domain needs at least one rectangle")
    x, y = (_lines([side for r in rectangles for side in r[k : k + 2]], spacing, growth) for k in (0, 2))
    number = np.arange(x.size * y.size).reshape(x.size, y.size)
    centre_x, centre_y = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    inside = np.zeros((x.size - 1, y.size - 1), dtype=bool)
    for x0, x1, y0, y1 in rectangles:
        inside |= np.outer((centre_x > x0) & (centre_x < x1), (centre_y > y0) & (centre_y < y1))
    dx, dy = np.broadcast_arrays(np.diff(x)[:, None], np.diff(y)[None, :])
    low, middle, high = (_turned(y[:-1] + part * np.diff(y), radius) for part in (0.25, 0.5, 0.75))
    area = np.zeros(number.size)
    for corner, turned in (
        (number[:-1, :-1], low),
        (number[1:, :-1], low),
        (number[:-1, 1:], high),
        (number[1:, 1:], high),
    ):
        np.add.at(area, corner[inside], (dx * dy / 4 * turned)[inside])
    pairs = [
        (number[:-1, :-1], number[1:, :-1], dy / dx / 2 * low),
        (number[:-1, 1:], number[1:, 1:], dy / dx / 2 * high),
        (number[:-1, :-1], number[:-1, 1:], dx / dy / 2 * middle),
        (number[1:, :-1], number[1:, 1:], dx / dy / 2 * middle),
    ]
    ends = np.concatenate([np.stack([a[inside], b[inside]], axis=1) for a, b, _ in pairs])
    weight = np.concatenate([s[inside] for _, _, s in pairs])
    ends, first = np.unique(ends, axis=0, return_inverse=True)
    shape = np.bincount(first.ravel(), weight)
    position = np.stack([a.ravel() for a in np.meshgrid(x, y, indexing="ij")], axis=1)
    wall = _walls(inside, number, position, open_sides, radius)
    used = area > 0
    renumber = np.cumsum(used) - 1
    return Plane(position=position[used], area=area[used], ends=renumber[ends], shape=shape, wall=wall[used])


def mean(domain: Plane, values: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the mean of vertex values (vertices, ...) weighted with weight times area."""
    share = weight * domain.area
    return np.asarray(share @ values / share.sum())


def plane_ions(
    domain: Plane,
    solution: IonSolution,
    a: FloatArray,
    *,
    stern_layer: float = 0.0,
    guess: FloatArray | None = None,
    held: BoolArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return concentrations, 1/m^3, shape (vertices, species), and potentials, kT/e, at uniform a_s.

    Args:
        domain: the domain.
        solution: the ions.
        a: a_s, shape (species,).
        stern_layer: lambda_S, m.
        guess: potentials to start from, shape (vertices,).
        held: which vertices keep the potential of `guess`, shape (vertices,).

    Raises:
        RunError: no convergence.
    """
    unit = solution.debye_length
    matrix, fixed = _poisson(domain, unit, stern_layer)
    free = np.flatnonzero(~fixed if held is None else ~(fixed | held))
    share = domain.area / unit**2 / solution.strength
    phi = np.zeros(domain.area.size) if guess is None else guess.copy()
    operator = matrix[free][:, free]

    def energy(values: FloatArray) -> float:
        pressure = osmotic_pressure(solution, a - values[:, None] * solution.valence)
        return float(values @ (matrix @ values) / 2 + share @ pressure)

    for _ in range(_ITERATIONS):
        c = concentrations(solution, a - phi[:, None] * solution.valence)
        residual = (share * (c @ solution.valence) - matrix @ phi)[free]
        pull = (share * np.einsum("s,ist,t->i", solution.valence, responses(solution, c), solution.valence))[free]
        step = np.zeros_like(phi)
        step[free] = spsolve((operator + sparse.diags_array(pull)).tocsc(), residual)
        size = float(np.abs(step).max())
        step *= min(1.0, _LONGEST_STEP / max(size, 1e-300))
        phi = phi + (step if size < _SURE_STEP else _shortened(energy, phi, step))
        if size < _TOLERANCE * (1 + np.abs(phi).max()):
            return concentrations(solution, a - phi[:, None] * solution.valence), phi
    raise RunError(f"the plane's equilibrium did not converge at electrochemical potentials {a} kT; use a finer grid")


def _shortened(energy: Callable[[FloatArray], float], phi: FloatArray, step: FloatArray) -> FloatArray:
    """Return the step, halved until it lowers the energy."""
    now = energy(phi)
    for _ in range(_HALVINGS):
        if energy(phi + step) <= now:
            break
        step = step / 2
    return step


def conduction(domain: Plane, c: FloatArray, high: BoolArray, low: BoolArray) -> tuple[FloatArray, float]:
    """Return w of one ion between two sides at 1 and 0 and the conductance over D, 1/m^3.

    Args:
        domain: the domain.
        c: concentration at the vertices, 1/m^3.
        high: which vertices are at 1, shape (vertices,).
        low: which are at 0.
    """
    one, two = domain.ends.T
    bond = domain.shape * (c[one] + c[two]) / 2
    matrix = _laplacian(domain, bond)
    w = high.astype(float)
    free = np.flatnonzero(~(high | low))
    w[free] = spsolve(matrix[free][:, free].tocsc(), -(matrix @ w)[free])
    return w, float((matrix @ w)[high].sum())


def _laplacian(domain: Plane, bond: FloatArray) -> sparse.csr_array:
    one, two = domain.ends.T
    size = domain.area.size
    off = sparse.coo_array((-bond, (one, two)), shape=(size, size)).tocsr()
    off = off + off.T
    return sparse.csr_array(off - sparse.diags_array(np.asarray(off.sum(axis=1)).ravel()))


def _poisson(domain: Plane, unit: float, stern_layer: float) -> tuple[sparse.csr_array, BoolArray]:
    """Return A and which vertices are at the wall's potential."""
    matrix = _laplacian(domain, domain.shape)
    if stern_layer == 0:
        return matrix, domain.wall > 0
    layer = sparse.diags_array(domain.wall / stern_layer)
    return sparse.csr_array(matrix + layer), np.zeros(domain.area.size, dtype=bool)


def _turned(y: FloatArray, radius: float | None) -> FloatArray:
    """Return the circumference at y over the depth pi R, or 1 in a plane domain."""
    return np.ones_like(y) if radius is None else np.asarray(2 * y / radius)


def _walls(
    inside: BoolArray,
    number: IndexArray,
    position: FloatArray,
    open_sides: Sequence[Rectangle],
    radius: float | None,
) -> FloatArray:
    """Return the length of wall at every vertex, half of each outer side that is not open."""
    padded = np.pad(inside, 1)
    wall = np.zeros(number.size)
    along_y = padded[1:, 1:-1] != padded[:-1, 1:-1]  # sides between cells that differ in x
    along_x = padded[1:-1, 1:] != padded[1:-1, :-1]
    for first, second in (
        (number[:, :-1][along_y], number[:, 1:][along_y]),
        (number[:-1, :][along_x], number[1:, :][along_x]),
    ):
        middle = (position[first] + position[second]) / 2
        closed = ~np.any([_within(middle, side) for side in open_sides], axis=0)
        half = np.linalg.norm(position[second] - position[first], axis=1)[closed] / 2
        for here, there in ((first[closed], second[closed]), (second[closed], first[closed])):
            middle_y = 0.75 * position[here, 1] + 0.25 * position[there, 1]
            np.add.at(wall, here, half * _turned(middle_y, radius))
    return wall


def _within(points: FloatArray, side: Rectangle) -> BoolArray:
    slack = 1e-6 * max(side[1] - side[0], side[3] - side[2])
    x, y = points.T
    return np.asarray((x > side[0] - slack) & (x < side[1] + slack) & (y > side[2] - slack) & (y < side[3] + slack))


def _lines(sides: Sequence[float], spacing: float, growth: float) -> FloatArray:
    """Return grid lines through all sides, with `spacing` there, growing towards the middles between them."""
    stops = np.unique(np.round(np.array(sides), 15))
    pieces = [stops[:1]]
    for low, high in pairwise(stops):
        half, steps = (high - low) / 2, [spacing]
        while sum(steps) < half:
            steps.append(steps[-1] * growth)
        rising = np.cumsum(steps) * half / sum(steps)
        pieces.append(low + np.concatenate([rising, 2 * half - rising[-2::-1], [2 * half]]))
    return np.concatenate(pieces)
