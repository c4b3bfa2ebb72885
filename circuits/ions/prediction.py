r"""The constants of a stack from its geometry alone, without a field run.

One slit with the halves of its gaps is solved in the plane: equilibria at a few uniform a_s give its ions n_s(a), and
the conduction of every ion from gap to gap through these equilibria gives R_s(a) between neighbouring slits (by
symmetry the mean of w over the slit lies in the middle). Both are then shared among the same kinds of cells as in
`extraction`,

    n_s(a) = sum_k A_k F_k,s(a),      D_s R_s(a) = sum_k 2 B_k / F_k,s(a),      A, B >= 0,

and likewise for the electrolyte before the first sheet. What lies between a slit's equilibria in time is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ionspice.circuits.ions.cells import Cells, neutral_cells, slit_cells
from ionspice.circuits.ions.constants import WIDTHS, RailConstants
from ionspice.circuits.ions.equilibrium import crossing, equilibrium
from ionspice.circuits.ions.plane import BoolArray, Plane, Rectangle, conduction, mean, plane, plane_ions
from ionspice.circuits.ions.shares import PATH_KINDS, nonnegative_shares, placed
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.circuits.ions.stack import MOUTH_DEPTH, plate_width
from ionspice.core import InputError

#: potentials of the equilibria over the window, and how much salt they lack, kT
_STATES = ((0.0, 0.0), (0.1, 0.0), (0.3, 0.0), (0.3, -1.0), (0.6, 0.0), (0.6, -1.0), (1.0, 0.0))
_NODES = 32
_SPACING, _GROWTH = 0.03e-9, 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class StackGeometry:
    """Sheets of length L with edge gaps, stacked with half a period's offset; m."""

    slit_width: float  #: d
    sheet_length: float  #: L
    sheet_thickness: float  #: t
    edge_gap: float  #: delta
    open_length: float  #: electrolyte before the first sheet

    @property
    def strip_width(self) -> float:
        """Width W = (L + delta)/2 of the mirror strip."""
        return (self.sheet_length + self.edge_gap) / 2

    def slit(self, *, last: bool) -> tuple[list[Rectangle], list[Rectangle]]:
        """Return rectangles and sides without walls of a slit with the halves of its gaps."""
        d, half, half_gap, width = self.slit_width, self.sheet_thickness / 2, self.edge_gap / 2, self.strip_width
        rectangles = [(0.0, d, 0.0, width), (-half, 0.0, 0.0, half_gap)]
        sides = [(-half, d, 0.0, 0.0), (0.0, d, width, width), (-half, -half, 0.0, half_gap)]
        if not last:
            rectangles.append((d, d + half, width - half_gap, width))
            sides += [(d, d + half, width, width), (d + half, d + half, width - half_gap, width)]
        return rectangles, sides

    def front(self) -> tuple[list[Rectangle], list[Rectangle]]:
        """Return the same of the open electrolyte with half the first gap; the face is at x = 0."""
        half, half_gap, width, length = (
            self.sheet_thickness / 2,
            self.edge_gap / 2,
            self.strip_width,
            self.open_length,
        )
        rectangles = [(-length, 0.0, 0.0, width), (0.0, half, 0.0, half_gap)]
        sides = [
            (-length, half, 0.0, 0.0),
            (-length, 0.0, width, width),
            (-length, -length, 0.0, width),
            (half, half, 0.0, half_gap),
        ]
        return rectangles, sides


def predict_rails(
    geometry: StackGeometry, solution: IonSolution, *, window: float, stern_layer: float = 0.0
) -> RailConstants:
    """Return the constants of a stack without a field run.

    Args:
        geometry: of the stack.
        solution: the ions.
        window: largest magnitude of the electrode's potential, V.
        stern_layer: lambda_S, m.

    Raises:
        InputError: ions with a correlation length, for which only a field run gives the constants.
        RunError: an equilibrium was not found.
    """
    if solution.correlation_length > 0:
        raise InputError("constants for a correlation length need a field run; solve it, or set the length to 0")
    task = _Task(geometry, solution, window / solution.thermal_voltage, stern_layer)
    slit = task.solved(*geometry.slit(last=False))
    last = task.solved(*geometry.slit(last=True))
    front = task.solved(*geometry.front(), reservoir=-geometry.open_length)
    path = task.path(slit)
    mouth, open_ = task.approach(front)
    return RailConstants(
        slit_width=geometry.slit_width,
        strip_width=geometry.strip_width,
        open_length=geometry.open_length,
        storage=task.storage(slit),
        last_storage=task.storage(last),
        path=path,
        mouth_path=mouth,
        entrance_path=path,
        open_path=float(open_[0]),
        open_crossing=float(open_[1]),
        mouth_plate=task.face(front),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solved:
    """A domain and the concentrations of its equilibria, 1/m^3, each (vertices, species)."""

    domain: Plane
    states: list[FloatArray]

    @property
    def ions(self) -> FloatArray:
        """Ions per depth, 1/m, shape (states, species)."""
        return np.array([self.domain.area @ c for c in self.states])


class _Task:
    """The equilibria of one stack and the kinds of cells that they are shared among."""

    def __init__(self, geometry: StackGeometry, solution: IonSolution, window: float, stern_layer: float) -> None:
        self._geometry, self._solution, self._window, self._stern = geometry, solution, window, stern_layer
        signs = np.array([(u * sign, salt) for sign in (1, -1) for u, salt in _STATES])
        #: a_s, shape (states, species)
        self._a = signs[:, 1:] - window * signs[:, :1] * solution.valence
        #: e phi_m/kT, shape (states,)
        self._u = window * signs[:, 0]
        kinds = [*(self._cells(geometry.slit_width * f) for f in WIDTHS), self._neutral()]
        #: F_k, 1/m^2, each (states, species)
        self._kinds = [equilibrium(kind, solution, self._a).ions for kind in kinds]

    def solved(
        self, rectangles: Sequence[Rectangle], sides: Sequence[Rectangle], reservoir: float | None = None
    ) -> _Solved:
        """Return the equilibria of a domain; at x = reservoir (m) the potential is that of the bulk."""
        spacing = min(_SPACING, self._solution.debye_length / 10)
        domain = plane(rectangles, sides, spacing=spacing, growth=_GROWTH)
        held = None if reservoir is None else domain.position[:, 0] == domain.position[:, 0].min()
        states, guess = [], np.zeros(domain.area.size)
        for a, u in zip(self._a, self._u, strict=True):
            guess = guess if u != 0 else np.zeros_like(guess)
            if held is not None:
                guess = np.where(held, -u, guess)
            c, guess = plane_ions(domain, self._solution, a, stern_layer=self._stern, guess=guess, held=held)
            states.append(c)
        return _Solved(domain=domain, states=states)

    def storage(self, slit: _Solved) -> FloatArray:
        """Return A, m."""
        return self._shared(self._kinds, slit.ions)

    def face(self, front: _Solved) -> float:
        """Return the length of a wide slit's wall pair that holds what the face does, m."""
        plate = self._cells(plate_width(self._solution, self._geometry.open_length))
        kinds = [equilibrium(kind, self._solution, self._a).ions for kind in (plate, self._neutral())]
        return float(self._shared(kinds, front.ions)[0])

    def path(self, slit: _Solved) -> FloatArray:
        """Return B, m, of half a slit and half a gap."""
        x = slit.domain.position[:, 0]
        conductances = [self._conduct(slit.domain, c, x == x.min(), x == x.max())[1] for c in slit.states]
        kinds = [2 / self._kinds[k] for k in PATH_KINDS]
        return placed(_fit_resistances(kinds, 1 / np.array(conductances)))

    def approach(self, front: _Solved) -> tuple[FloatArray, FloatArray]:
        """Return B (m) from the mouth to the gap, and open path (m) and crossing (1/m) from the bulk to the mouth."""
        solution, d = self._solution, self._geometry.slit_width
        x = front.domain.position[:, 0]
        in_mouth = np.where(x <= 0, np.clip(1.5 + x / d, 0, 1), 0.0)
        before, behind = [], []
        for c in front.states:
            w, conductance = self._conduct(front.domain, c, x == x.min(), x == x.max())
            level = mean(front.domain, w, in_mouth)
            before.append((1 - level) / conductance)
            behind.append(level / conductance)
        mouth = _fit_resistances([1 / self._kinds[k] for k in PATH_KINDS], np.array(behind))
        cells = self._cells(2 * self._geometry.open_length, MOUTH_DEPTH * d)
        way, _ = crossing(cells, solution, equilibrium(cells, solution, self._a))
        return placed(mouth), _fit_resistances([1 / self._kinds[-1], way], np.array(before))

    def _conduct(
        self, domain: Plane, c: FloatArray, high: BoolArray, low: BoolArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return w (vertices, species) of every ion and conductances over D, 1/m (species)."""
        found = [conduction(domain, c[:, s], high, low) for s in range(self._solution.species)]
        return np.stack([w for w, _ in found], axis=1), np.array([g for _, g in found])

    def _shared(self, kinds: Sequence[FloatArray], ions: FloatArray) -> FloatArray:
        basis = np.stack([kind.ravel() for kind in kinds], axis=1)
        return nonnegative_shares(basis, ions.ravel(), float(np.abs(ions).max())).value

    def _cells(self, width: float, near: float = 0.0) -> Cells:
        return slit_cells(
            self._solution,
            width,
            stern_layer=self._stern,
            nodes=_NODES,
            window=abs(self._window),
            way=(near, np.inf),
        )

    def _neutral(self) -> Cells:
        return neutral_cells(self._solution, self._geometry.slit_width)


def _fit_resistances(kinds: Sequence[FloatArray], resistance: FloatArray) -> FloatArray:
    """Return coefficients of sum(value * kind) = resistance, by relative errors that count as the ions conduct."""
    share = 1 / resistance / (1 / resistance).sum(axis=1, keepdims=True)
    basis = np.stack([(share * kind / resistance).ravel() for kind in kinds], axis=1)
    return nonnegative_shares(basis, share.ravel(), 1.0).value
