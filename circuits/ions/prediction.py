r"""The constants of a stack or a pore from its geometry alone, without a field run.

One slit with the halves of its gaps is solved in the plane: equilibria at a few uniform a_s give its ions n_s(a), and
the conduction of every ion from gap to gap through these equilibria gives R_s(a) between neighbouring slits (by
symmetry the mean of w over the slit lies in the middle). Both are then shared among the same kinds of cells as in
`extraction`,

    n_s(a) = sum_k A_k F_k,s(a),      D_s R_s(a) = sum_k 2 B_k / F_k,s(a),      A, B >= 0,

and likewise for the electrolyte before the first sheet. What lies between a slit's equilibria in time is left out.
The sections of a pore need no solution in the plane: every cross-section is a slit's or a cylinder's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ionspice.circuits.ions.cells import Cells, neutral_cells, slit_cells
from ionspice.circuits.ions.column import open_column
from ionspice.circuits.ions.column_state import column_state
from ionspice.circuits.ions.constants import WIDTHS, RailConstants, mouth_depth
from ionspice.circuits.ions.equilibrium import crossing, equilibrium
from ionspice.circuits.ions.front_fit import SHARES, share_front
from ionspice.circuits.ions.geometry import PoreGeometry, StackGeometry
from ionspice.circuits.ions.plane import BoolArray, Plane, Rectangle, conduction, mean, plane, plane_ions
from ionspice.circuits.ions.shares import PATH_KINDS, nonnegative_shares, placed
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError

#: potentials of the equilibria over the window, and how much salt they lack, kT
_STATES = ((0.0, 0.0), (0.1, 0.0), (0.3, 0.0), (0.3, -1.0), (0.6, 0.0), (0.6, -1.0), (1.0, 0.0))
_NODES = 32
_SPACING, _GROWTH = 0.03e-9, 1.25


def predict_rails(
    geometry: StackGeometry | PoreGeometry, solution: IonSolution, *, window: float, stern_layer: float = 0.0
) -> RailConstants:
    """Return the constants of a stack or a pore without a field run.

    Args:
        geometry: of the stack or the pore.
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
    front = task.solved(*geometry.front(), reservoir=-geometry.open_length)
    mouth, open_ = task.approach(front)
    plate, rest = task.face(front)
    storage, last, path = _sections(geometry) if isinstance(geometry, PoreGeometry) else _slits(geometry, task)
    return RailConstants(
        slit_width=geometry.slit_width,
        strip_width=geometry.strip_width,
        open_length=geometry.open_length,
        storage=storage,
        last_storage=last,
        path=path,
        mouth_path=mouth,
        entrance_path=path,
        open_path=float(open_[0]),
        open_crossing=float(open_[1]),
        mouth_plate=plate,
        mouth_rest=rest,
        cylindrical=task.cylindrical,
    )


def _slits(geometry: StackGeometry, task: "_Task") -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return storage of an inner and of the last slit and the path, m."""
    slit = task.solved(*geometry.slit(last=False))
    return task.storage(slit), task.storage(task.solved(*geometry.slit(last=True))), task.path(slit)


def _sections(geometry: PoreGeometry) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the same of a pore's sections, where cells of one kind do for all of a cross-section."""
    first = np.eye(len(WIDTHS) + 1)[0]
    storage = geometry.section_length * geometry.share * first
    return storage, storage, geometry.section_length / 2 / geometry.share * first


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
    """The equilibria of one geometry and the kinds of cells that they are shared among."""

    def __init__(
        self, geometry: StackGeometry | PoreGeometry, solution: IonSolution, window: float, stern_layer: float
    ) -> None:
        self._geometry, self._solution, self._window, self._stern = geometry, solution, window, stern_layer
        signs = np.array([(u * sign, salt) for sign in (1, -1) for u, salt in _STATES])
        #: ln of the share of the salt, shape (states,)
        self._salt = signs[:, 1]
        #: a_s, shape (states, species)
        self._a = signs[:, 1:] - window * signs[:, :1] * solution.valence
        #: e phi_m/kT, shape (states,)
        self._u = window * signs[:, 0]
        self.cylindrical = isinstance(geometry, PoreGeometry) and geometry.cylindrical
        inside = (self._cells(geometry.slit_width * f, cylindrical=self.cylindrical) for f in WIDTHS)
        kinds = [*inside, self._neutral()]
        #: F_k, 1/m^2, each (states, species)
        self._kinds = [equilibrium(kind, solution, self._a).ions for kind in kinds]

    def solved(
        self, rectangles: Sequence[Rectangle], sides: Sequence[Rectangle], reservoir: float | None = None
    ) -> _Solved:
        """Return the equilibria of a domain; at x = reservoir (m) the potential is that of the bulk."""
        spacing = min(_SPACING, self._solution.debye_length / 10)
        radius = self._geometry.strip_width if self.cylindrical else None
        domain = plane(rectangles, sides, spacing=spacing, growth=_GROWTH, radius=radius)
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

    def face(self, front: _Solved) -> tuple[float, float]:
        """Return the length of a wide slit's wall pair that holds what the face does, and the mouth's rest, m."""
        geometry, solution = self._geometry, self._solution

        def ions(share: float) -> FloatArray:
            column = open_column(
                solution,
                length=geometry.open_length,
                width=geometry.strip_width,
                depth=mouth_depth(geometry.slit_width, geometry.open_length),
                face=share,
                nodes=_NODES,
                window=abs(self._window),
                stern_layer=self._stern,
            )
            w = np.ones((column.parts, solution.species))
            states = zip(self._salt, self._u, strict=True)
            return np.array([column_state(column, solution, s * w, float(u)).ions.sum(axis=0) for s, u in states])

        small, large = (ions(share) for share in SHARES)
        part, rest = share_front(small, large, self._kinds[-1], front.ions, np.ones(self._u.size))
        return (SHARES[0] + part * (SHARES[1] - SHARES[0])) * geometry.strip_width / 2, rest

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
        cells = self._cells(2 * self._geometry.open_length, mouth_depth(d, self._geometry.open_length))
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

    def _cells(self, width: float, near: float = 0.0, *, cylindrical: bool = False) -> Cells:
        return slit_cells(
            self._solution,
            width,
            stern_layer=self._stern,
            nodes=_NODES,
            window=abs(self._window),
            way=(near, np.inf),
            cylindrical=cylindrical,
        )

    def _neutral(self) -> Cells:
        return neutral_cells(self._solution, self._geometry.slit_width)


def _fit_resistances(kinds: Sequence[FloatArray], resistance: FloatArray) -> FloatArray:
    """Return coefficients of sum(value * kind) = resistance, by relative errors that count as the ions conduct."""
    share = 1 / resistance / (1 / resistance).sum(axis=1, keepdims=True)
    basis = np.stack([(share * kind / resistance).ravel() for kind in kinds], axis=1)
    return nonnegative_shares(basis, share.ravel(), 1.0).value
