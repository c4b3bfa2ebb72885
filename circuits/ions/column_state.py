"""Ions, flows and charge of a column at given potentials, with their derivatives; see `column` for the equations."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_banded

from ionspice.circuits.ions.column import Column
from ionspice.circuits.ions.solution import FloatArray, IonSolution, concentrations, osmotic_pressure, responses
from ionspice.core import RunError

_ITERATIONS = 200
_TOLERANCE = 1e-10
#: steps up to this need no check, kT/e
_SURE_STEP = 0.3
_LONGEST_STEP = 8.0
_HALVINGS = 12
#: |d| up to which d/sinh d is a series
_SMALL = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnState:
    """State of a column whose part of the chain has `parts` nodes."""

    #: w, kT, shape (parts, species)
    w: FloatArray
    #: potential of the face, kT/e
    u: float
    #: phi, kT/e, shape (nodes,)
    potential: FloatArray
    #: dphi/dw, 1, shape (nodes, parts, species)
    sensitivity: FloatArray
    #: dphi/du, 1, shape (nodes,)
    push: FloatArray
    #: n, 1/m, shape (parts, species)
    ions: FloatArray
    #: dn/dw, 1/m, shape (parts, species, parts, species)
    response: FloatArray
    #: dn/du, 1/m, shape (parts, species); before a bulk that of the charge by w, too
    lift: FloatArray
    #: J towards the face, 1/(m s), shape (parts - 1, species)
    current: FloatArray
    #: dJ/dw, 1/(m s), shape (parts - 1, species, parts, species)
    slope: FloatArray
    #: charge of the face over e, 1/m
    charge: float
    #: dcharge/du, 1/m
    capacity: float


def column_state(
    column: Column, solution: IonSolution, w: FloatArray, u: float, guess: ColumnState | None = None
) -> ColumnState:
    """Return the state at w of the column's part of the chain, kT, shape (parts, species), and u, kT/e.

    Raises:
        RunError: Poisson's equation was not solved.
    """
    own = w[column.owner]
    phi = _solve(column, solution, own, _start(column, w, u, guess))
    c = concentrations(solution, own - phi[:, None] * solution.valence)
    steep = responses(solution, c)
    pull = steep @ solution.valence
    sensitivity, push = _potential_changes(column, solution, pull)
    place = np.eye(column.parts)[column.owner]
    change = np.einsum("jst,jk->jskt", steep, place) - pull[:, :, None, None] * sensitivity[:, None]
    lifted = -pull * push[:, None]
    length = column.width * column.weight
    gain = solution.strength * column.unit * column.width * column.bond[-1]
    current, slope = _flows(column, solution, own, c, change)
    return ColumnState(
        w=w.copy(),
        u=u,
        potential=phi,
        sensitivity=sensitivity,
        push=push,
        ions=place.T @ (length[:, None] * c),
        response=np.einsum("ji,jskt->iskt", place * length[:, None], change),
        lift=place.T @ (length[:, None] * lifted),
        current=current,
        slope=slope,
        charge=float(gain * (phi[-1] - phi[-2]) - length[-1] * c[-1] @ solution.valence),
        capacity=float(gain * (1 - push[-2]) - length[-1] * lifted[-1] @ solution.valence),
    )


def column_potential(column: Column, solution: IonSolution, state: ColumnState) -> float:
    """Return Pi, 1/m, at a state."""
    own = state.w[column.owner]
    return column.width * column.unit * solution.strength * _energy(column, solution, own, state.potential)


def _flows(
    column: Column, solution: IonSolution, own: FloatArray, c: FloatArray, change: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return flows between the parts and their derivatives from those of c, (nodes, species, parts, species)."""
    one = column.crossed
    two = one + 1
    drop = own[one] - own[two]
    lean = (drop - np.log(c[one] / c[two])) / 2
    small = np.abs(lean) < _SMALL
    safe = np.where(small, 1.0, lean)
    fading = np.where(small, 1 - lean**2 / 6, safe / np.sinh(safe))
    fall = np.where(small, -lean / 3, 1 / safe - 1 / np.tanh(safe))
    factor = solution.diffusivity * column.way[one, None] * np.sqrt(c[one] * c[two]) * fading
    current = factor * 2 * np.sinh(drop / 2)
    relative = [change[end] / c[end][:, :, None, None] for end in (one, two)]
    slope = (current / 2)[..., None, None] * (
        (1 - fall)[..., None, None] * relative[0] + (1 + fall)[..., None, None] * relative[1]
    )
    direct = factor * np.cosh(drop / 2) + current * fall / 2
    bonds, ions = np.ix_(range(one.size), range(solution.species))
    slope[bonds, ions, bonds, ions] += direct
    slope[bonds, ions, bonds + 1, ions] -= direct
    return current, np.asarray(slope)


def _potential_changes(column: Column, solution: IonSolution, pull: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return dphi/dw of the parts and dphi/du."""
    nodes, inside = column.nodes, slice(1, -1)
    share = column.weight / (column.unit * solution.strength)
    matrix = _stiffness(column) + np.diag(share * (pull @ solution.valence))
    inverse = np.linalg.inv(matrix[inside, inside])
    place = np.eye(column.parts)[column.owner]
    sensitivity, push = np.zeros((nodes, column.parts, solution.species)), np.zeros(nodes)
    sensitivity[inside] = np.einsum("jk,ks,ki->jis", inverse, (share[:, None] * pull)[inside], place[inside])
    push[[0, -1]] = column.held
    push[inside] = -inverse @ (matrix[inside][:, [0, -1]] @ column.held)
    return sensitivity, push


def _start(column: Column, w: FloatArray, u: float, guess: ColumnState | None) -> FloatArray:
    if guess is None:
        phi = np.zeros(column.nodes)
    else:
        change = np.clip(w - guess.w, -1, 1)
        moved = np.einsum("jis,is->j", guess.sensitivity, change) + guess.push * np.clip(u - guess.u, -1, 1)
        phi = guess.potential + moved
    phi[[0, -1]] = u * column.held
    return np.asarray(phi)


def _solve(column: Column, solution: IonSolution, own: FloatArray, phi: FloatArray) -> FloatArray:
    """Return phi by Newton's method; it minimises a convex energy, so that long steps are halved until it falls."""
    inside, stiffness = slice(1, -1), _stiffness(column)
    share = column.weight / (column.unit * solution.strength)
    band = np.zeros((3, column.nodes - 2))
    band[0, 1:] = band[2, :-1] = -column.bond[1:-1]
    for _ in range(_ITERATIONS):
        c = concentrations(solution, own - phi[:, None] * solution.valence)
        screening = (responses(solution, c) @ solution.valence) @ solution.valence
        band[1] = (stiffness.diagonal() + share * screening)[inside]
        step = np.zeros_like(phi)
        step[inside] = solve_banded((1, 1), band, (share * (c @ solution.valence) - stiffness @ phi)[inside])
        size = float(np.abs(step).max())
        step *= min(1.0, _LONGEST_STEP / max(size, 1e-300))
        phi = phi + (step if size <= _SURE_STEP else _shortened(column, solution, own, phi, step))
        if size < _TOLERANCE * (1 + np.abs(phi).max()):
            return phi
    raise RunError(f"the open electrolyte's potential did not converge at {own[-1]} kT; use more nodes")


def _shortened(
    column: Column, solution: IonSolution, own: FloatArray, phi: FloatArray, step: FloatArray
) -> FloatArray:
    now = _energy(column, solution, own, phi)
    for _ in range(_HALVINGS):
        if _energy(column, solution, own, phi + step) <= now:
            break
        step = step / 2
    return step


def _energy(column: Column, solution: IonSolution, own: FloatArray, phi: FloatArray) -> float:
    pressure = osmotic_pressure(solution, own - phi[:, None] * solution.valence)
    inside = column.weight @ pressure / (column.unit * solution.strength)
    return float((column.bond * np.diff(phi) ** 2).sum() / 2 + inside)


def _stiffness(column: Column) -> FloatArray:
    b = column.bond
    return np.asarray(np.diag(np.append(b, 0.0) + np.append(0.0, b)) - np.diag(b, 1) - np.diag(b, -1))
