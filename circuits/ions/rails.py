r"""The nano-circuitry model with one rail per ion: a ladder whose node potentials are those of every ion.

With w_s = (mu_s - mu_s0)/kT at node i, u = e phi_m/kT and the polarity p_i of the node's walls (1 for the electrode,
-1 for a counter electrode),

    n_s,i = sum_k A_ik F_k,s(a_i),    a_s,i = w_s,i - z_s p_i u                   ions of a node, 1/m
    J_s   = (w_s,i - w_s,i+1) / R_s                                               ions from node to node, 1/(m s)
    R_s   = (1/D_s) sum_k [ B_k / F'_k,s + E_k / F''_k,s + X_k int dx/c_k,s ]
    dn_s,i/dt = sum of J_s into the node,      charge of the electrode q = -e sum z_s n_s over its cells

F' and F'' are the means of F_k,s(a_i) and F_k,s(a_i+1) beside both ends (`means`), and
F_k,s is the number of ions s in kind k of cells (a slit of some width, neutral electrolyte, ...) at equilibrium;
A, B, E are lengths, not negative, that depend on the geometry alone. So every ion's conductance is proportional to
the number of that ion beside the gap, in half a slit, the gap and half a slit in series. The last term is a way
across a double layer, from the middle of a kind of cells towards its wall, at the mean of both nodes' a; 1/X is its
width. The electrolyte before the first sheet is a row of nodes that share one potential, `column`, which adds to the
ions of its nodes and to the charge.
Storage derives from a convex potential and the resistances are positive: the ladder is passive for any state and any
drive.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from ionspice.circuits.ions.cells import Cells
from ionspice.circuits.ions.column import Column
from ionspice.circuits.ions.column_state import ColumnState, column_state
from ionspice.circuits.ions.equilibrium import Equilibrium, crossing, equilibrium
from ionspice.circuits.ions.means import halves
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RailCircuit:
    """A chain of nodes, each with one rail per ion; per metre of depth."""

    #: the ions
    solution: IonSolution
    #: kinds of cells, F_k
    cells: tuple[Cells, ...]
    #: A, m, shape (nodes, kinds)
    storage: FloatArray
    #: p, shape (nodes,)
    polarity: FloatArray
    #: B, m, shape (nodes - 1, kinds)
    before: FloatArray
    #: E, m, shape (nodes - 1, kinds)
    behind: FloatArray
    #: X, 1/m, shape (nodes - 1, kinds)
    across: FloatArray
    #: whether the first node is the bulk, w = 0 at all times; else nothing leaves the chain
    reservoir: bool = True
    #: width of the mirror strip, m
    strip_width: float
    #: the electrolyte before the first sheet, where it is resolved
    column: Column | None = None

    def __post_init__(self) -> None:
        """Check shapes and signs."""
        nodes, kinds = self.polarity.size, len(self.cells)
        shapes = {"storage": (nodes, kinds), **dict.fromkeys(("before", "behind", "across"), (nodes - 1, kinds))}
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise InputError(f"{name} has the shape {array.shape}; {shape} is needed (nodes or bonds, kinds)")
            if not (array >= 0).all():
                raise InputError(f"{name} has a negative length {array.min():g} m; fit again with bounds")
        joined = (self.before + self.behind + self.across).any(axis=1)
        if self.column is not None:
            joined[self.row] = True
        if not joined.all():
            raise InputError("two nodes are joined without resistance; make them one")

    @property
    def nodes(self) -> int:
        """Number of nodes, the bulk included."""
        return int(self.polarity.size)

    @property
    def celled(self) -> NDArray[np.intp]:
        """Nodes with cells, or beside a bond with a resistance of cells."""
        used, ways = self.storage.any(axis=1), (self.before + self.behind).any(axis=1)
        used[:-1] |= ways
        used[1:] |= ways
        return np.flatnonzero(used)

    @property
    def row(self) -> slice:
        """Bonds of the column; none without one."""
        if self.column is None:
            return slice(0, 0)
        return slice(self.column.chain.start, self.column.chain.stop - 1)

    @property
    def bond_polarity(self) -> FloatArray:
        """Polarity of the nearest walls of every bond, shape (nodes - 1,)."""
        walled = np.flatnonzero(self.polarity)
        middles = np.arange(self.nodes - 1) + 0.5
        return np.asarray(self.polarity[walled[np.abs(middles[:, None] - walled).argmin(axis=1)]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RailState:
    """Ions and currents of a chain at given potentials, with their derivatives."""

    #: n, 1/m, shape (nodes, species)
    ions: FloatArray
    #: dn_s/dw_t of the cells, 1/m, shape (nodes, species, species)
    response: FloatArray
    #: J, 1/(m s), from node to next node, shape (nodes - 1, species)
    current: FloatArray
    #: dJ_s/dw_t of the node before, 1/(m s), shape (nodes - 1, species, species); 0 in the column
    current_before: FloatArray
    #: the same of the node behind
    current_behind: FloatArray
    #: charge of the electrode, C/m
    charge: float
    #: potentials inside the cells, for the next evaluation
    inside: "Inside"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inside:
    """Equilibria of every kind of cells at the nodes and between them; None where no node has that kind."""

    node_potentials: FloatArray  #: a of the nodes with cells, shape (celled, species)
    bond_potentials: FloatArray  #: the same between nodes, at the walls' potential of the side that has walls
    nodes: tuple[Equilibrium | None, ...]
    bonds: tuple[Equilibrium | None, ...]
    column: ColumnState | None  #: state of the column


def evaluate(circuit: RailCircuit, w: FloatArray, u: float, guess: Inside | None = None) -> RailState:
    """Return ions and currents.

    Args:
        circuit: the chain.
        w: electrochemical potentials, kT, shape (nodes, species).
        u: potential of the electrode, kT/e.
        guess: the inside of a state nearby.

    Raises:
        RunError: a cell's equilibrium was not found.
    """
    solution = circuit.solution
    celled = circuit.celled
    a = (w - u * circuit.polarity[:, None] * solution.valence)[celled]
    walls = circuit.bond_polarity
    between = (w[:-1] + w[1:]) / 2 - u * walls[:, None] * solution.valence
    at_nodes, at_bonds = [], []
    for k, cells in enumerate(circuit.cells):
        used = circuit.storage[:, k].any() or circuit.before[:, k].any() or circuit.behind[:, k].any()
        nearby = None if guess is None else (guess.node_potentials, guess.nodes[k])
        at_nodes.append(_near(cells, solution, a, nearby) if used else None)
        nearby = None if guess is None else (guess.bond_potentials, guess.bonds[k])
        at_bonds.append(_near(cells, solution, between, nearby) if circuit.across[:, k].any() else None)
    row = None
    if circuit.column is not None:
        before = None if guess is None else guess.column
        row = column_state(circuit.column, solution, w[circuit.column.chain], u, before)
    inside = Inside(
        node_potentials=a, bond_potentials=between, nodes=tuple(at_nodes), bonds=tuple(at_bonds), column=row
    )
    ions = np.zeros((circuit.nodes, solution.species))
    response = np.zeros((circuit.nodes, solution.species, solution.species))
    for k, state in enumerate(at_nodes):
        if state is not None:
            ions[celled] += circuit.storage[celled, k, None] * state.ions
            response[celled] += circuit.storage[celled, k, None, None] * state.response
    resistance, of_before, of_behind = _resistances(circuit, inside)
    resistance[circuit.row] = np.inf
    drop = w[:-1] - w[1:]
    current = drop / resistance
    conductance = np.eye(solution.species) / resistance[..., None]
    pressed = (current / resistance)[..., None]
    charge = -float((ions[circuit.polarity > 0] @ solution.valence).sum())
    if circuit.column is not None and row is not None:
        ions[circuit.column.chain] += row.ions
        current[circuit.row] = row.current
        charge += row.charge
    return RailState(
        ions=ions,
        response=response,
        current=current,
        current_before=conductance - pressed * of_before,
        current_behind=-conductance - pressed * of_behind,
        charge=constants.e * charge,
        inside=inside,
    )


def storage_matrix(circuit: RailCircuit, state: RailState) -> FloatArray:
    """Return dn/dw, 1/m, shape (nodes, species, nodes, species)."""
    matrix = np.zeros((circuit.nodes, circuit.solution.species) * 2)
    nodes = np.arange(circuit.nodes)
    matrix[nodes, :, nodes] = state.response
    if circuit.column is not None and state.inside.column is not None:
        matrix[circuit.column.chain, :, circuit.column.chain] += state.inside.column.response
    return matrix


def outflow_matrix(circuit: RailCircuit, state: RailState) -> FloatArray:
    """Return the derivative by w of the flow out of every node, 1/(m s), shape (nodes, species, nodes, species)."""
    slope = np.zeros((circuit.nodes - 1, circuit.solution.species, circuit.nodes, circuit.solution.species))
    bonds = np.arange(circuit.nodes - 1)
    slope[bonds, :, bonds] = state.current_before
    slope[bonds, :, bonds + 1] = state.current_behind
    if circuit.column is not None and state.inside.column is not None:
        slope[circuit.row, :, circuit.column.chain] = state.inside.column.slope
    matrix = np.zeros((circuit.nodes, circuit.solution.species) * 2)
    matrix[:-1] += slope
    matrix[1:] -= slope
    return matrix


def electrode_slopes(circuit: RailCircuit, state: RailState) -> tuple[FloatArray, FloatArray, float]:
    """Return dn/du, dq/dw and dq/du of the charge q of the electrode over e, 1/m.

    Returns:
        Shapes (nodes, species) twice, which differ with correlations only, and a number.
    """
    z, polarity = circuit.solution.valence, circuit.polarity[:, None]
    # the cells' a is w - z p u
    lift = -polarity * (state.response @ z)
    pull = -np.maximum(polarity, 0) * (z @ state.response)
    capacity = float(np.maximum(circuit.polarity, 0) @ (state.response @ z @ z))
    row = state.inside.column
    if circuit.column is not None and row is not None:
        lift[circuit.column.chain] += row.lift
        pull[circuit.column.chain] += row.lift
        capacity += row.capacity
    return lift, pull, capacity


def _near(
    cells: Cells, solution: IonSolution, a: FloatArray, known: tuple[FloatArray, Equilibrium | None] | None
) -> Equilibrium:
    """Return the equilibrium at a, from the one at potentials nearby if known."""
    if known is None or known[1] is None:
        return equilibrium(cells, solution, a)
    change = np.clip(a - known[0], -1, 1)
    return equilibrium(cells, solution, a, known[1].potential + np.einsum("ijs,is->ij", known[1].sensitivity, change))


def _resistances(circuit: RailCircuit, inside: Inside) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return R, s m, shape (bonds, species), and its derivatives by w on both sides, (bonds, species, species)."""
    solution, bonds = circuit.solution, circuit.nodes - 1
    total = np.zeros((bonds, solution.species))
    before, behind = (np.zeros((bonds, solution.species, solution.species)) for _ in range(2))
    for k, state in enumerate(inside.nodes):
        used = np.flatnonzero(circuit.before[:, k] + circuit.behind[:, k])
        if state is None or not used.size:
            continue
        ends = [np.searchsorted(circuit.celled, used + step) for step in (0, 1)]
        n = [state.ions[rows] for rows in ends]
        mean = halves(*n)
        ways = (circuit.before, mean.near, mean.near_slopes), (circuit.behind, mean.far, mean.far_slopes)
        for lengths, ions, slopes in ways:
            share = lengths[used, k, None] / (solution.diffusivity * ions)
            total[used] += share
            for change, slope, rows, end in zip((before, behind), slopes, ends, n, strict=True):
                change[used] -= (share * slope / end)[..., None] * state.response[rows]
    for k, state in enumerate(inside.bonds):
        if state is not None:
            way, slope = crossing(circuit.cells[k], solution, state)
            factor = circuit.across[:, k, None] / solution.diffusivity
            total += factor * way
            before += factor[..., None] * slope / 2
            behind += factor[..., None] * slope / 2
    return total, before, behind
