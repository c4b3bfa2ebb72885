r"""The nano-circuitry model with one rail per ion: a ladder whose node potentials are those of every ion.

With w_s = (mu_s - mu_s0)/kT at node i, u = e phi_m/kT and the polarity p_i of the node's walls (1 for the electrode,
-1 for a counter electrode),

    n_s,i = sum_k A_ik F_k,s(a_i),    a_s,i = w_s,i - z_s p_i u                   ions of a node, 1/m
    J_s   = (w_s,i - w_s,i+1) / R_s                                               ions from node to node, 1/(m s)
    R_s   = (1/D_s) sum_k [ B_k / F_k,s(a_i) + E_k / F_k,s(a_i+1) + X_k int dx/c_k,s ]
    dn_s,i/dt = sum of J_s into the node,      charge of the electrode q = -e sum z_s n_s over its nodes

F_k,s is the number of ions s in kind k of cells (a slit of some width, neutral electrolyte, ...) at equilibrium;
A, B, E are lengths, not negative, that depend on the geometry alone. So every ion's conductance is proportional to
the number of that ion beside the gap, in half a slit, the gap and half a slit in series. The last term is a way
across a double layer, from the middle of a kind of cells towards its wall, at the mean of both nodes' a; 1/X is its
width.
Storage derives from a convex potential and the resistances are positive: the ladder is passive for any state and any
drive.
"""

from dataclasses import dataclass

import numpy as np
from scipy import constants

from ionspice.circuits.ions.cells import Cells
from ionspice.circuits.ions.equilibrium import Equilibrium, crossing, equilibrium
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
        if not (self.before + self.behind + self.across).sum(axis=1).all():
            raise InputError("two nodes are joined without resistance; make them one")

    @property
    def nodes(self) -> int:
        """Number of nodes, the bulk included."""
        return int(self.polarity.size)

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
    #: dn_s/dw_t, 1/m, shape (nodes, species, species)
    response: FloatArray
    #: J, 1/(m s), from node to next node, shape (nodes - 1, species)
    current: FloatArray
    #: dJ_s/dw_t of the node before, 1/(m s), shape (nodes - 1, species, species)
    current_before: FloatArray
    #: the same of the node behind
    current_behind: FloatArray
    #: potentials inside the cells, for the next evaluation
    inside: "Inside"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inside:
    """Equilibria of every kind of cells at the nodes and between them; None where no node has that kind."""

    node_potentials: FloatArray  #: a, shape (nodes, species)
    bond_potentials: FloatArray  #: the same between nodes, at the walls' potential of the side that has walls
    nodes: tuple[Equilibrium | None, ...]
    bonds: tuple[Equilibrium | None, ...]


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
    a = w - u * circuit.polarity[:, None] * solution.valence
    walls = circuit.bond_polarity
    between = (w[:-1] + w[1:]) / 2 - u * walls[:, None] * solution.valence
    at_nodes, at_bonds = [], []
    for k, cells in enumerate(circuit.cells):
        used = circuit.storage[:, k].any() or circuit.before[:, k].any() or circuit.behind[:, k].any()
        nearby = None if guess is None else (guess.node_potentials, guess.nodes[k])
        at_nodes.append(_near(cells, solution, a, nearby) if used else None)
        nearby = None if guess is None else (guess.bond_potentials, guess.bonds[k])
        at_bonds.append(_near(cells, solution, between, nearby) if circuit.across[:, k].any() else None)
    inside = Inside(node_potentials=a, bond_potentials=between, nodes=tuple(at_nodes), bonds=tuple(at_bonds))
    ions = sum(circuit.storage[:, k, None] * e.ions for k, e in enumerate(at_nodes) if e is not None)
    response = sum(circuit.storage[:, k, None, None] * e.response for k, e in enumerate(at_nodes) if e is not None)
    resistance, of_before, of_behind = _resistances(circuit, inside)
    drop = w[:-1] - w[1:]
    current = drop / resistance
    conductance = np.eye(solution.species) / resistance[..., None]
    pressed = (current / resistance)[..., None]
    return RailState(
        ions=np.asarray(ions),
        response=np.asarray(response),
        current=current,
        current_before=conductance - pressed * of_before,
        current_behind=-conductance - pressed * of_behind,
        inside=inside,
    )


def electrode_charge(circuit: RailCircuit, ions: FloatArray, polarity: float = 1.0) -> FloatArray:
    """Return q, C/m, of ions of shape (..., nodes, species); of the counter electrode with polarity -1."""
    net = ions[..., circuit.polarity == polarity, :] @ circuit.solution.valence
    return np.asarray(-constants.e * net.sum(axis=-1))


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
    sides = ((circuit.before, slice(None, -1), before), (circuit.behind, slice(1, None), behind))
    for k, state in enumerate(inside.nodes):
        for lengths, where, change in sides:
            if state is None or not lengths[:, k].any():
                continue
            share = lengths[:, k, None] / (solution.diffusivity * state.ions[where])
            total += share
            change -= (share / state.ions[where])[..., None] * state.response[where]
    for k, state in enumerate(inside.bonds):
        if state is not None:
            way, slope = crossing(circuit.cells[k], solution, state)
            factor = circuit.across[:, k, None] / solution.diffusivity
            total += factor * way
            before += factor[..., None] * slope / 2
            behind += factor[..., None] * slope / 2
    return total, before, behind
