r"""The constants of a geometry from one field run.

    n_s,i = sum_k A_k F_k,s(a_i)                                               storage, by least squares with A >= 0
    J_s sum_k B_k [1/F'_k,s + 1/F''_k,s] = D_s (w_s,i-1 - w_s,i)               paths, B >= 0, means of both ends

over all ions, slits and times at once; nothing looks at the voltammogram. What the run cannot show (one slit has no
inner gap, a sealed cell no reservoir) comes from the geometry. Standard errors take the residuals as independent;
neighbouring times are not, so they are lower bounds; the errors of gaps that the fit of the others predicts are the
better measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares, nnls

from ionspice.circuits.ions.cells import Cells, neutral_cells, slit_cells
from ionspice.circuits.ions.column import Column, open_column
from ionspice.circuits.ions.constants import WIDTHS, RailConstants, mouth_depth
from ionspice.circuits.ions.equilibrium import crossing, equilibrium
from ionspice.circuits.ions.front import plate_width
from ionspice.circuits.ions.front_fit import FrontFit, fit_front
from ionspice.circuits.ions.means import halves
from ionspice.circuits.ions.series import IonSeries
from ionspice.circuits.ions.shares import PATH_KINDS, ShareFit, nonnegative_shares, placed
from ionspice.circuits.ions.solution import FloatArray, IonSolution

_REWEIGHTED = 6
#: of the logarithm of a coefficient below its start
_RANGE = 12.0
_MOST_TIMES = 150
_MOST_GAPS = 12
_MOST_LEFT_OUT = 4
#: share of the strip that a face between two gaps covers, with the double layers at its ends, per pair of walls
_FACE = 0.44


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RailFit:
    """Constants of a stack and how well they describe the run; all errors are shares, 1."""

    #: the constants
    constants: RailConstants
    #: standard errors by name of the constant, m
    standard_errors: dict[str, FloatArray]
    #: rms error of the slits' ions over their largest change
    storage_error: float
    #: rms error of the net current of the inner gaps over its peak; NaN without inner gaps
    gap_error: float
    #: the same of the first gap
    first_gap_error: float
    #: the same of the current out of the reservoir; NaN where it was not recorded
    open_error: float
    #: net current's error of inner gaps, by number, that the fit of the other gaps predicts
    held_out_errors: dict[int, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run:
    """A field run, thinned out, and the ions of every kind of cells in its slits and mouth."""

    series: IonSeries
    solution: IonSolution
    slit_width: float
    open_length: float
    stern_layer: float
    nodes: int
    cylindrical: bool
    face: float | None
    rows: NDArray[np.intp] = field(init=False)
    slit_kinds: list[FloatArray] = field(init=False)  #: F_k, 1/m^2, each (time, slits, species)
    mouth_kinds: list[FloatArray] = field(init=False)  #: each (time, species)

    def __post_init__(self) -> None:
        count = self.series.time.size - 1
        rows = np.unique(np.linspace(1, count, min(_MOST_TIMES, count)).astype(np.intp))
        object.__setattr__(self, "rows", rows)
        inside = (self.cells(self.slit_width * f, cylindrical=self.cylindrical) for f in WIDTHS)
        kinds = [*inside, neutral_cells(self.solution, self.slit_width)]
        for name, a in (
            ("slit_kinds", self.series.reduced(self.solution)),
            ("mouth_kinds", self.series.reduced_mouth(self.solution)),
        ):
            object.__setattr__(self, name, [equilibrium(k, self.solution, a[rows]).ions for k in kinds])

    def cells(self, width: float, near: float = 0.0, *, cylindrical: bool = False) -> Cells:
        return slit_cells(
            self.solution,
            width,
            stern_layer=self.stern_layer,
            nodes=self.nodes,
            window=float(np.abs(self.series.electrode).max()),
            way=(near, np.inf),
            cylindrical=cylindrical,
        )

    @property
    def weight(self) -> FloatArray:
        """Return square roots of the shares of the run's time, shape (time,)."""
        steps = np.gradient(self.series.time[self.rows])
        return np.asarray(np.sqrt(steps / steps.sum()))


def extract_rails(
    series: IonSeries,
    solution: IonSolution,
    *,
    slit_width: float,
    open_length: float,
    stern_layer: float = 0.0,
    nodes: int = 32,
    cylindrical: bool = False,
    face: float | None = None,
) -> RailFit:
    """Fit the constants of a stack, or of the sections of a pore.

    Args:
        series: of a field run.
        solution: its ions.
        slit_width: d, or the diameter of a cylindrical pore, m.
        open_length: electrolyte in front of the first sheet, m.
        stern_layer: lambda_S, m.
        nodes: of the cells across half a slit; fewer, as in a netlist, make up for their own error.
        cylindrical: whether the run is one of a cylindrical pore.
        face: length of a wide slit's wall pair that the face before the open electrolyte is worth, m, where the run
            is of a sealed cell, which does not tell it; that of a stack unless given.

    Raises:
        RunError: an equilibrium was not found.
    """
    run = _Run(
        nodes=nodes,
        cylindrical=cylindrical,
        face=face,
        series=series,
        solution=solution,
        slit_width=slit_width,
        open_length=open_length,
        stern_layer=stern_layer,
    )
    last = series.slits - 1
    storage = _fit_storage(run, range(last) if last else [0])
    last_storage = _fit_storage(run, [last])
    first = _fit_first_gap(run)
    gaps = [int(g) for g in np.unique(np.linspace(1, last, min(last, _MOST_GAPS)).astype(int))]
    path = _fit_gaps(run, gaps) if last else None
    outside, entrance = np.split(first.value, 2)
    half_a_gap = entrance if entrance.any() else outside / 2
    open_, front = _fit_open(run), _fit_front(run)
    constants = RailConstants(
        slit_width=slit_width,
        strip_width=series.strip_width,
        open_length=open_length,
        storage=storage.value,
        last_storage=last_storage.value,
        path=placed(path.value if path else half_a_gap),
        mouth_path=placed(outside),
        entrance_path=placed(entrance),
        open_path=float(open_.value[0]),
        open_crossing=float(open_.value[1]),
        mouth_plate=series.strip_width / 2 * front.face if front else _fit_face(run),
        mouth_rest=front.rest if front else 0.0,
        cylindrical=cylindrical,
    )
    return RailFit(
        constants=constants,
        standard_errors={
            "storage": storage.spread,
            "last_storage": last_storage.spread,
            "path": placed(path.spread) if path else np.full(len(WIDTHS) + 1, np.nan),
            "mouth_path": placed(first.spread[: len(PATH_KINDS)]),
            "entrance_path": placed(first.spread[len(PATH_KINDS) :]),
        },
        storage_error=max(storage.error, last_storage.error),
        gap_error=path.error if path else float("nan"),
        first_gap_error=first.error,
        open_error=front.error if front else open_.error,
        held_out_errors=_held_out(run, gaps) if len(gaps) > 1 else {},
    )


def _fit_storage(run: _Run, slits: Sequence[int]) -> ShareFit:
    chosen = list(slits)
    basis = np.stack([kind[:, chosen].ravel() for kind in run.slit_kinds], axis=1)
    ions = run.series.slit_ions[run.rows][:, chosen]
    return nonnegative_shares(basis, ions.ravel(), float(np.abs(ions - run.series.slit_ions[0, chosen]).max()))


def _fit_gaps(run: _Run, gaps: Sequence[int]) -> ShareFit:
    """Fit inner gaps, by the numbers of the slits behind them from 1, together."""
    drop, resistances, flow = _gap_data(run, gaps)
    return _fit_resistance(run.solution, run.weight, drop, resistances, flow)


def _gap_data(run: _Run, gaps: Sequence[int]) -> tuple[FloatArray, list[FloatArray], FloatArray]:
    behind = list(gaps)
    before = [g - 1 for g in behind]
    potential = run.series.slit_potential[run.rows]
    kinds = [run.slit_kinds[k] for k in PATH_KINDS]
    means = [halves(kind[:, before], kind[:, behind]) for kind in kinds]
    resistances = [1 / mean.near + 1 / mean.far for mean in means]
    return potential[:, before] - potential[:, behind], resistances, run.series.gap_flow[run.rows][:, behind]


def _fit_first_gap(run: _Run) -> ShareFit:
    """Fit mouth path and entrance path, in this order."""
    series, rows = run.series, run.rows
    drop = series.mouth_potential[rows] - series.slit_potential[rows, 0]
    means = [halves(run.mouth_kinds[k], run.slit_kinds[k][:, 0]) for k in PATH_KINDS]
    outside, inside = [1 / mean.near for mean in means], [1 / mean.far for mean in means]
    return _fit_resistance(run.solution, run.weight, drop, [*outside, *inside], series.gap_flow[rows, 0])


def _fit_open(run: _Run) -> ShareFit:
    """Fit the open electrolyte: neutral path (m) and inverse width of what the face's double layer touches (1/m)."""
    series, solution, rows = run.series, run.solution, run.rows
    if series.inflow is None or series.sealed:
        value = np.array([0.0, 1 / series.strip_width])
        return ShareFit(value=value, spread=np.full(2, np.nan), error=float("nan"))
    half = series.mouth_potential[rows] / 2
    front = run.cells(2 * run.open_length, mouth_depth(run.slit_width, run.open_length))
    a = half - series.electrode[rows, None] * solution.valence
    way, _ = crossing(front, solution, equilibrium(front, solution, a))
    mean = halves(np.broadcast_to(solution.bulk * run.slit_width, way.shape), run.mouth_kinds[-1])
    neutral = (1 / mean.near + 1 / mean.far) / 2
    return _fit_resistance(solution, run.weight, -2 * half, [neutral, way], series.inflow[rows])


def _fit_face(run: _Run) -> float:
    """Return the length of a wide slit's wall pair that the first sheet's face is worth, m."""
    series, solution = run.series, run.solution
    if series.open_ions is None or series.sealed:
        return _FACE * series.strip_width if run.face is None else run.face
    a = series.reduced_mouth(solution)
    kinds = (run.cells(plate_width(solution, run.open_length)), neutral_cells(solution, run.slit_width))
    ions = [equilibrium(kind, solution, a).ions for kind in kinds]
    basis = np.stack([(n - n[0]).ravel() for n in ions], axis=1)
    target = (series.open_ions - series.open_ions[0]).ravel()
    return float(nonnegative_shares(basis, target, float(np.abs(target).max())).value[0])


def _fit_front(run: _Run) -> FrontFit | None:
    """Fit the column before the first sheet; None where the run does not tell or the ions have correlations."""
    series, solution = run.series, run.solution
    if series.open_ions is None or series.sealed or solution.correlation_length > 0:
        return None

    def column(share: float) -> Column:
        return open_column(
            solution,
            length=run.open_length,
            width=series.strip_width,
            depth=mouth_depth(run.slit_width, run.open_length),
            face=share,
            nodes=run.nodes,
            window=float(np.abs(series.electrode).max()),
            stern_layer=run.stern_layer,
        )

    at_mouth = np.vstack([run.slit_width * solution.bulk, run.mouth_kinds[-1]])
    return fit_front(series, column, solution, at_mouth, run.rows)


def _fit_resistance(
    solution: IonSolution,
    weights: FloatArray,
    drop: FloatArray,
    resistances: Sequence[FloatArray],
    flow: FloatArray,
) -> ShareFit:
    """Fit flow = D drop / sum(value * resistance) by the errors of all ions' currents.

    Args:
        solution: the ions.
        weights: of the times, square roots, shape (time,).
        drop: difference of w, shape (time, ..., species).
        resistances: the same shape each.
        flow: the same shape, 1/(m s).
    """
    weight = weights.reshape((-1,) + (1,) * (flow.ndim - 1))
    peak = float(np.abs(flow @ solution.valence).max())
    driven = solution.diffusivity * drop

    def errors(logs: FloatArray) -> FloatArray:
        total = sum(np.exp(log) * r for log, r in zip(logs, resistances, strict=True))
        return np.asarray((driven / total - flow) / peak)

    starts = _starts(driven, resistances, flow, weight)
    # far below the start a term is as good as absent, and its logarithm would run away
    floor = np.log(starts[0]) - _RANGE
    fits = [
        least_squares(lambda logs: (weight * errors(logs)).ravel(), np.log(start), bounds=(floor, np.inf))
        for start in starts
    ]
    found = min(fits, key=lambda fit: float(fit.cost))
    present = found.x > floor + 1
    value = np.where(present, np.exp(found.x), 0.0)
    normal = np.where(present, found.jac, 0.0)
    variance = np.maximum(np.diag(np.linalg.pinv(normal.T @ normal)), 0.0) * 2 * found.cost / found.fun.size
    net = weight[..., 0] * (errors(found.x) @ solution.valence)
    columns = max(1, flow[0].size // solution.species)
    return ShareFit(value=value, spread=np.sqrt(variance) * value, error=float(np.sqrt((net**2).sum() / columns)))


def _starts(
    driven: FloatArray, resistances: Sequence[FloatArray], flow: FloatArray, weight: FloatArray
) -> list[FloatArray]:
    """Return equal shares of the resistance, and those of linear fits of J R = D dw, plain and weighted with 1/R."""
    ohmic = [abs(float((driven**2 / r).sum() / (driven * flow).sum())) for r in resistances]
    equal = np.array(ohmic) / len(resistances)
    basis = np.stack([(weight * flow * r).ravel() * x for r, x in zip(resistances, equal, strict=True)], axis=1)
    target, total = (weight * driven).ravel(), np.ones(basis.shape[0])
    starts = [equal]
    for _ in range(_REWEIGHTED):
        share, _ = nnls(basis / total[:, None], target / total)
        starts.append(equal * np.maximum(share, 0.01))
        total = sum(v * r for v, r in zip(starts[-1], resistances, strict=True)).ravel()
        total = total / np.median(total)
    return [equal, starts[1], starts[-1]]


def _held_out(run: _Run, gaps: Sequence[int]) -> dict[int, float]:
    """Return errors of gaps that were left out, by the gap's number from 1 for the first one."""
    chosen = {gaps[int(k)] for k in np.linspace(0, len(gaps) - 1, min(_MOST_LEFT_OUT, len(gaps)))}
    errors = {}
    for gap in sorted(chosen):
        value = _fit_gaps(run, [g for g in gaps if g != gap]).value
        drop, resistances, flow = _gap_data(run, [gap])
        total = sum(v * r for v, r in zip(value, resistances, strict=True))
        net = (run.solution.diffusivity * drop / total) @ run.solution.valence
        wanted = flow @ run.solution.valence
        errors[gap + 1] = float(np.linalg.norm(run.weight[:, None] * (net - wanted)) / np.abs(wanted).max())
    return errors
