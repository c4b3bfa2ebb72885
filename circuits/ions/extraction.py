r"""The constants of a geometry from one field run.

    n_s,i = sum_k A_k F_k,s(a_i)                                          storage, by least squares with A >= 0
    J_s (B [1/F_s(a_i) + 1/F_s(a_i+1)] + M / G_s((a_i + a_i+1)/2))/D_s = w_s,i - w_s,i+1     paths, B, M >= 0

over all ions, slits and times at once; nothing looks at the voltammogram. The width of the slit that stands for a
gap (G) is the best of a few. What the run cannot show (one slit has no inner gap, a sealed cell no reservoir) comes
from the geometry. Standard errors take the residuals as independent; neighbouring times are not, so they are
lower bounds; the errors of gaps that were left out of the fit are the better measure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares, nnls

from ionspice.circuits.ions.cells import Cells, neutral_cells, slit_cells
from ionspice.circuits.ions.constants import STORAGE_WIDTHS, RailConstants
from ionspice.circuits.ions.equilibrium import equilibrium
from ionspice.circuits.ions.series import IonSeries
from ionspice.circuits.ions.solution import FloatArray, IonSolution

#: widths of the slit that a gap is compared to, over the slit's own
_GAP_WIDTHS = (1.0, 1.3, 1.6, 2.0, 2.5, 3.2)
_NODES = 32
_MOST_TIMES = 150
_MOST_LEFT_OUT = 4
#: centroid of the mouth's weight before the first sheet, over the slit width
_MOUTH_DEPTH = 13 / 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RailFit:
    """Constants of a stack and how well they describe the run."""

    #: the constants
    constants: RailConstants
    #: rms error of the slits' ions over their largest change
    storage_error: float
    #: rms error of the net current of the inner gaps over its peak; NaN without inner gaps
    gap_error: float
    #: the same of gaps left out of the fit, by number of the gap
    held_out_errors: dict[int, float]
    #: the same of the first gap
    first_gap_error: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run:
    """A field run thinned out, with what the fits share."""

    series: IonSeries
    solution: IonSolution
    cells: Callable[[float], Cells]
    width: float
    rows: FloatArray

    def ions(self, width: float, a: FloatArray) -> FloatArray:
        kind = neutral_cells(self.solution, self.width) if width == 0 else self.cells(width)
        return equilibrium(kind, self.solution, a).ions


def extract_rails(
    series: IonSeries, solution: IonSolution, *, slit_width: float, open_length: float, stern_layer: float = 0.0
) -> RailFit:
    """Fit the constants of a stack.

    Args:
        series: of a field run of a stack.
        solution: its ions.
        slit_width: d, m.
        open_length: electrolyte in front of the first sheet, m.
        stern_layer: lambda_S, m.

    Raises:
        RunError: an equilibrium was not found.
    """
    window = float(np.abs(series.electrode).max())

    def cells(width: float) -> Cells:
        return slit_cells(solution, width, stern_layer=stern_layer, nodes=_NODES, window=window)

    rows = np.unique(np.linspace(1, series.time.size - 1, min(_MOST_TIMES, series.time.size - 1)).astype(int))
    run = _Run(series=series, solution=solution, cells=cells, width=slit_width, rows=rows)
    last = series.slits - 1
    inner_storage, inner_error, inner_spread = _fit_storage(run, range(last) if last else [0])
    last_storage, last_error, last_spread = _fit_storage(run, [last])
    gap = _fit_gaps(run, range(1, series.slits)) if last else None
    first = _fit_first_gap(run)
    path = gap or first
    mouth = _mouth(run, open_length)
    constants = RailConstants(
        slit_width=slit_width,
        strip_width=series.strip_width,
        inner_storage=inner_storage,
        last_storage=last_storage,
        slit_path=path.paths[0],
        gap_path=path.paths[1],
        gap_width=path.width,
        first_slit_path=first.paths[0],
        first_gap_path=first.paths[1],
        first_gap_width=first.width,
        first_open_path=first.paths[2],
        open_path=mouth[0],
        mouth_plate=mouth[1],
        mouth_open=mouth[2],
        open_length=open_length,
        errors={
            "inner_storage": inner_spread,
            "last_storage": last_spread,
            "slit_path": path.spread[0],
            "gap_path": path.spread[1],
            "first_slit_path": first.spread[0],
            "first_gap_path": first.spread[1],
            "first_open_path": first.spread[2],
        },
    )
    return RailFit(
        constants=constants,
        storage_error=max(inner_error, last_error),
        gap_error=gap.error if gap else float("nan"),
        held_out_errors=_held_out(run, gap) if gap and series.slits > 2 else {},
        first_gap_error=first.error,
    )


def _fit_storage(run: _Run, slits: Sequence[int]) -> tuple[FloatArray, float, list[float]]:
    """Return A (m), rms error over the largest change of the ions, and standard errors."""
    a = run.series.reduced(run.solution)[run.rows][:, list(slits)]
    ions = run.series.slit_ions[run.rows][:, list(slits)]
    rest = run.series.slit_ions[0, list(slits)]
    basis = np.stack([run.ions(run.width * f, a).ravel() for f in (*STORAGE_WIDTHS, 0)], axis=1)
    swing = float(np.abs(ions - rest).max())
    scale = np.abs(basis).max(axis=0)
    found, _ = nnls(basis / scale, ions.ravel() / swing)
    residual = basis / scale @ found - ions.ravel() / swing
    used = found > 0
    spread = np.zeros(found.size)
    normal = (basis / scale)[:, used]
    spread[used] = np.sqrt(np.diag(np.linalg.pinv(normal.T @ normal)) * np.mean(residual**2))
    error = float(np.sqrt(np.mean(residual**2)))
    return found * swing / scale, error, [float(s) for s in spread * swing / scale]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Paths:
    """Fitted paths (half slit, gap, mouth), m, with standard errors, gap width and net current's error."""

    paths: tuple[float, float, float]
    spread: tuple[float, float, float]
    width: float
    error: float


def _fit_gaps(run: _Run, gaps: Sequence[int]) -> _Paths:
    """Fit the inner gaps (numbers of the slits behind them, from 1) together."""
    own, behind = [g - 1 for g in gaps], list(gaps)
    a = run.series.reduced(run.solution)[run.rows]
    slit = run.ions(run.width, a)
    halves = 1 / slit[:, own] + 1 / slit[:, behind]
    drop = run.series.slit_potential[run.rows]
    flow = run.series.gap_flow[run.rows][:, behind]
    between = (a[:, own] + a[:, behind]) / 2
    fits = [
        _fit_paths(run, drop[:, own] - drop[:, behind], flow, [halves, 1 / run.ions(run.width * f, between)], f)
        for f in _GAP_WIDTHS
    ]
    return min(fits, key=lambda fit: fit.error)


def _fit_first_gap(run: _Run) -> _Paths:
    a, mouth = run.series.reduced(run.solution)[run.rows, 0], run.series.reduced_mouth(run.solution)[run.rows]
    half, open_ = 1 / run.ions(run.width, a), 1 / run.ions(0, mouth)
    drop = run.series.mouth_potential[run.rows] - run.series.slit_potential[run.rows, 0]
    flow, between = run.series.gap_flow[run.rows, 0], (a + mouth) / 2
    fits = [
        _fit_paths(run, drop, flow, [half, 1 / run.ions(run.width * f, between), open_], f) for f in _GAP_WIDTHS
    ]
    return min(fits, key=lambda fit: fit.error)


def _fit_paths(
    run: _Run, drop: FloatArray, flow: FloatArray, resistances: Sequence[FloatArray], factor: float
) -> _Paths:
    """Fit flow = D drop / sum(path * resistance) by the error of the net current and of every ion's."""
    solution, d = run.solution, run.width
    steps = np.gradient(run.series.time[run.rows])
    weight = np.sqrt(steps / steps.sum()).reshape((-1,) + (1,) * (flow.ndim - 1))
    peak = float(np.abs(flow @ solution.valence).max())

    def errors(logs: FloatArray) -> FloatArray:
        total = sum(np.exp(log) * r for log, r in zip(logs, resistances, strict=True))
        return np.asarray((solution.diffusivity * drop / total - flow) / peak)

    def residual(logs: FloatArray) -> FloatArray:
        return np.asarray((weight * errors(logs)).ravel())

    start = np.log(np.full(len(resistances), run.series.strip_width / len(resistances)))
    low, high = np.log(d * 1e-9), np.log(run.series.strip_width * 1e3)
    found = least_squares(residual, start, bounds=(low, high), x_scale=1.0)
    net = (weight[..., 0] * (errors(found.x) @ solution.valence)).ravel()
    paths = np.exp(found.x)
    variance = np.diag(np.linalg.pinv(found.jac.T @ found.jac)) * 2 * found.cost / max(1, found.fun.size)
    spread = np.sqrt(variance) * paths
    paths = np.where(paths > d * 1e-6, paths, 0.0)
    columns = flow[0].size // solution.species
    fill = (0.0,) * (3 - paths.size)
    return _Paths(
        paths=(*(float(p) for p in paths), *fill),
        spread=(*(float(s) for s in spread), *fill),
        width=d * factor,
        error=float(np.sqrt((net**2).sum() / columns)),
    )


def _held_out(run: _Run, fit: _Paths) -> dict[int, float]:
    """Return the net current's error of gaps that the fit of the others predicts."""
    slits = run.series.slits
    chosen = np.unique(np.linspace(1, slits - 1, min(_MOST_LEFT_OUT, slits - 1)).astype(int))
    return {int(g) + 1: _predicted_error(run, _fit_gaps(run, [k for k in range(1, slits) if k != g]), g) for g in chosen}


def _predicted_error(run: _Run, fit: _Paths, gap: int) -> float:
    a = run.series.reduced(run.solution)[run.rows]
    before, behind, between = a[:, gap - 1], a[:, gap], (a[:, gap - 1] + a[:, gap]) / 2
    total = fit.paths[0] * (1 / run.ions(run.width, before) + 1 / run.ions(run.width, behind))
    total = total + fit.paths[1] / run.ions(fit.width, between)
    potential = run.series.slit_potential[run.rows]
    flow = run.series.gap_flow[run.rows, gap] @ run.solution.valence
    found = (run.solution.diffusivity * (potential[:, gap - 1] - potential[:, gap]) / total) @ run.solution.valence
    steps = np.gradient(run.series.time[run.rows])
    return float(np.sqrt(((found - flow) ** 2 * steps).sum() / steps.sum()) / np.abs(flow).max())


def _mouth(run: _Run, open_length: float) -> tuple[float, float, float]:
    """Return open path, plate and open storage, m; from the geometry where the run does not show them."""
    series, solution, d = run.series, run.solution, run.width
    per_width = series.strip_width / d
    geometric = ((open_length - _MOUTH_DEPTH * d) / per_width, 0.44 * series.strip_width, per_width * open_length / 3)
    if series.open_ions is None or series.sealed:
        return geometric
    plate = 2 * min(8 * solution.debye_length, open_length)
    a = series.reduced_mouth(solution)
    basis = np.stack([_change(run.ions(plate, a)), _change(run.ions(0, a))], axis=1)
    target = _change(series.open_ions)
    scale = np.abs(basis).max(axis=0)
    stored, _ = nnls(basis / scale, target / np.abs(target).max())
    stored = stored * np.abs(target).max() / scale
    return (_open_path(run), float(stored[0]), float(stored[1]))


def _change(values: FloatArray) -> FloatArray:
    return np.asarray((values - values[0]).ravel())


def _open_path(run: _Run) -> float:
    """Return the path of the open electrolyte from the currents out of the reservoir, m."""
    series, solution = run.series, run.solution
    assert series.inflow is not None
    driven = -solution.diffusivity * series.mouth_potential * run.ions(0, series.mouth_potential / 2)
    weight = np.gradient(series.time)[:, None]
    return float((weight * driven**2).sum() / (weight * driven * series.inflow).sum())
