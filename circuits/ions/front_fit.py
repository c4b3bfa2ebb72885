"""The electrolyte before the first sheet in a field run: a column that the mouth's recorded potentials drive."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ionspice.circuits.ions.column import Column
from ionspice.circuits.ions.column_state import ColumnState, column_state
from ionspice.circuits.ions.series import IonSeries
from ionspice.circuits.ions.shares import nonnegative_shares
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError, RunError
from ionspice.core.bdf import derivative_weights

#: shares of the strip between which what a column does is taken as linear
SHARES = (0.5, 1.0)
_NEWTON_LIMIT = 30
_NEWTON_TOLERANCE = 1e-8
_LONGEST_CHANGE = 4.0
#: parts of a change of the mouth's potentials that are tried one after the other
_PARTS = (1, 4, 16, 64)

type IndexArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrivenColumn:
    """What a column does; per metre of depth."""

    #: ions in it, 1/m, shape (time, species)
    ions: FloatArray
    #: ions out of the bulk, 1/(m s), shape (time, species)
    inflow: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrontFit:
    """A face's share of the strip and what its mouth holds besides."""

    #: 1
    face: float
    #: m of neutral electrolyte one slit width wide
    rest: float
    #: rms error of the net current out of the bulk over its peak; NaN where none was given
    error: float = float("nan")


def drive_column(column: Column, solution: IonSolution, series: IonSeries) -> DrivenColumn:
    """Return what a column before a bulk does when its mouth and face follow a run, at the run's own steps.

    Raises:
        RunError: no convergence.
    """
    w = np.zeros((column.parts, solution.species))
    states = [column_state(column, solution, w, float(series.electrode[0]))]
    for row in range(1, series.time.size):
        count = 2 if series.order[row] == 1 or row == 1 else 3
        weights = derivative_weights([float(t) for t in series.time[row - count + 1 : row + 1][::-1]])
        history = sum(x * s.ions for x, s in zip(weights[1:], states[::-1], strict=False))
        states.append(_follow(column, solution, states[-1], series, row, weights[0], np.asarray(history)))
    return DrivenColumn(
        ions=np.array([s.ions.sum(axis=0) for s in states]),
        inflow=np.array([s.current[0] for s in states]),
    )


def fit_front(
    series: IonSeries,
    column_of: Callable[[float], Column],
    solution: IonSolution,
    neutral: FloatArray,
    rows: IndexArray,
) -> FrontFit:
    """Fit a face's share and its mouth's rest to the ions before the first gap's middle.

    Args:
        series: of the run, with `open_ions` and `inflow`.
        column_of: the column of a face's share.
        solution: the ions.
        neutral: ions of neutral electrolyte at the mouth, 1/m^2, shape (1 + rows, species), the first ones at rest.
        rows: times that count.

    Raises:
        RunError: no convergence.
    """
    if series.open_ions is None or series.inflow is None:
        raise InputError("the run does not tell the ions before the first sheet; solve the field model again")
    small, large = (drive_column(column_of(share), solution, series) for share in SHARES)
    # what there is at rest is certain, and counts as much as all that follows
    chosen = np.append(0, rows)
    shares = np.gradient(series.time[rows])
    weight = np.sqrt(np.append(1.0, shares / shares.sum()))
    part, rest = share_front(
        small.ions[chosen], large.ions[chosen], neutral, series.open_ions[chosen], weight * np.sqrt(weight.size)
    )
    net = ((1 - part) * small.inflow + part * large.inflow - series.inflow)[rows] @ solution.valence
    peak = float(np.abs(series.inflow[rows] @ solution.valence).max())
    return FrontFit(
        face=SHARES[0] + part * (SHARES[1] - SHARES[0]),
        rest=rest,
        error=float(np.linalg.norm(weight[1:] * net)) / peak,
    )


def share_front(
    small: FloatArray, large: FloatArray, neutral: FloatArray, ions: FloatArray, weight: FloatArray
) -> tuple[float, float]:
    """Return how far from the small to the large face it is, 0 to 1, and the rest, m.

    Args:
        small: ions of the column with the small face, 1/m, shape (states, species).
        large: with the large face.
        neutral: ions of neutral electrolyte, 1/m^2.
        ions: all that there are, 1/m.
        weight: square roots of the states' weights, shape (states,).
    """
    swing = float(np.abs(ions - ions[0]).max())
    wide = large - small
    columns = [(weight[:, None] * column).ravel() for column in (wide, neutral, ions - small, ions - large)]
    both = nonnegative_shares(np.stack(columns[:2], axis=1), columns[2], swing).value
    if both[0] < 1:
        return float(both[0]), float(both[1])
    return 1.0, float(nonnegative_shares(columns[1][:, None], columns[3], swing).value[0])


def settled(
    column: Column, solution: IonSolution, state: ColumnState, ends: FloatArray, rate: float, history: FloatArray
) -> ColumnState | None:
    """Return the state whose ions balance, rate n + history = currents, or None without convergence.

    Args:
        column: before a bulk.
        solution: the ions.
        state: one nearby.
        ends: w of the mouth, kT, and potential of the face, kT/e, shape (species + 1,).
        rate: weight of the new state in the time derivative, 1/s; 0 for a steady flow.
        history: what the derivative has of the past, 1/(m s), shape (parts, species).
    """
    w, u, inner = state.w.copy(), float(ends[-1]), slice(1, -1)
    w[-1] = ends[:-1]
    for _ in range(_NEWTON_LIMIT):
        try:
            state = column_state(column, solution, w, u, state)
        except RunError:
            return None
        residual = rate * state.ions + history
        residual[:-1] += state.current
        residual[1:] -= state.current
        matrix = rate * state.response
        matrix[:-1] += state.slope
        matrix[1:] -= state.slope
        right = residual[inner].ravel()
        square = matrix[inner, :, inner].reshape(right.size, -1)
        norm = np.abs(square).max(axis=1)
        change = np.linalg.solve(square / norm[:, None], -right / norm).reshape(-1, solution.species)
        size = float(np.abs(change).max())
        if not np.isfinite(size):
            return None
        w = w.copy()
        w[inner] += change * min(1.0, _LONGEST_CHANGE / max(size, 1e-300))
        if size < _NEWTON_TOLERANCE:
            return column_state(column, solution, w, u, state)
    return None


def _follow(
    column: Column,
    solution: IonSolution,
    state: ColumnState,
    series: IonSeries,
    row: int,
    rate: float,
    history: FloatArray,
) -> ColumnState:
    """Return the state of the next time; a change of the ends that is too large for Newton's method goes in parts."""
    ends = np.append(series.mouth_potential[row], series.electrode[row])
    start = np.append(state.w[-1], state.u)
    for parts in _PARTS:
        found = state
        for part in range(1, parts + 1):
            here = start + part / parts * (ends - start)
            after = settled(column, solution, found, here, rate, history)
            if after is None:
                break
            found = after
        else:
            return found
    raise RunError(f"the open electrolyte did not follow the run at t = {series.time[row]:g} s; use more steps")
