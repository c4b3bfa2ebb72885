r"""The nano-circuitry model with one rail per ion: a ladder whose node potentials are those of every ion.

With w_s = (mu_s - mu_s0)/kT at node i, u = e phi_m/kT and the polarity p_i of the node's walls (1 for the electrode,
-1 for a counter electrode),

    n_s,i = sum_k A_ik F_k,s(a_i),    a_s,i = w_s,i - z_s p_i u                   ions of a node, 1/m
    J_s   = (w_s,i - w_s,i+1) / R_s                                               ions from node to node, 1/(m s)
    R_s   = (1/D_s) sum_k [ B_k / F_k,s(a_i) + M_k / F_k,s((a_i + a_i+1)/2) + E_k / F_k,s(a_i+1) ]
    dn_s,i/dt = sum of J_s into the node,      charge of the electrode q = -e sum z_s n_s over its nodes

F_k,s is the number of ions s in kind k of cells (a slit of some width, neutral electrolyte, ...) at equilibrium; A, B,
M, E are lengths, not negative, that depend on the geometry alone. So every ion's conductance is proportional to the
number of that ion beside the gap, in half a slit, the gap and half a slit in series. Storage derives from a convex
potential and the resistances are positive: the ladder is passive for any state and any drive.
"""

from dataclasses import dataclass

import numpy as np
from scipy import constants

from ionspice.circuits.ions.cells import Cells
from ionspice.circuits.ions.equilibrium import Equilibrium, equilibrium
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
    #: M, m, shape (nodes - 1, kinds)
    middle: FloatArray
    #: E, m, shape (nodes - 1, kinds)
    behind: FloatArray
    #: whether the first node is the bulk, w = 0 at all times; else nothing leaves the chain
    reservoir: bool = True
    #: width of the mirror strip, m
    strip_width: float

    def __post_init__(self) -> None:
        """Check shapes and signs."""
        nodes, kinds = self.polarity.size, len(self.cells)
        shapes = {"storage": (nodes, kinds), **dict.fromkeys(("before", "middle", "behind"), (nodes - 1, kinds))}
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise InputError(f"{name} has the shape {array.shape}; {shape} is needed (nodes or bonds, kinds)")
            if not (array >= 0).all():
                raise InputError(f"{name} has a negative length {array.min():g} m; fit again with bounds")
        if not (self.before + self.middle + self.behind).sum(axis=1).all():
            raise InputError("two nodes are joined without resistance; make them one")

    @property
    def nodes(self) -> int:
        """Number of nodes, the bulk included."""
        return int(self.polarity.size)


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
    between = (a[:-1] + a[1:]) / 2
    at_nodes, at_bonds = [], []
    for k, cells in enumerate(circuit.cells):
        used = circuit.storage[:, k].any() or circuit.before[:, k].any() or circuit.behind[:, k].any()
        at_nodes.append(_near(cells, solution, a, guess, k, "nodes") if used else None)
        crossed = circuit.middle[:, k].any()
        at_bonds.append(_near(cells, solution, between, guess, k, "bonds") if crossed else None)
    inside = Inside(node_potentials=a, nodes=tuple(at_nodes), bonds=tuple(at_bonds))
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
    cells: Cells, solution: IonSolution, a: FloatArray, guess: Inside | None, kind: int, where: str
) -> Equilibrium:
    if guess is None:
        return equilibrium(cells, solution, a)
    old: Equilibrium = getattr(guess, where)[kind]
    previous = guess.node_potentials
    if where == "bonds":
        previous = (previous[:-1] + previous[1:]) / 2
    change = np.clip(a - previous, -1, 1)
    return equilibrium(cells, solution, a, old.potential + np.einsum("ijs,is->ij", old.sensitivity, change))


def _resistances(circuit: RailCircuit, inside: Inside) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return R, s m, shape (bonds, species), and its derivatives by w on both sides, (bonds, species, species)."""
    species = circuit.solution.species
    total = np.zeros((circuit.nodes - 1, species))
    before, behind = (np.zeros((circuit.nodes - 1, species, species)) for _ in range(2))
    parts = (
        (circuit.before, inside.nodes, slice(None, -1), ((before, 1.0),)),
        (circuit.behind, inside.nodes, slice(1, None), ((behind, 1.0),)),
        (circuit.middle, inside.bonds, slice(None), ((before, 0.5), (behind, 0.5))),
    )
    for lengths, states, where, targets in parts:
        for k, state in enumerate(states):
            if state is None or not lengths[:, k].any():
                continue
            share = lengths[:, k, None] / (circuit.solution.diffusivity * state.ions[where])
            total += share
            for target, half in targets:
                target -= half * (share / state.ions[where])[..., None] * state.response[where]
    return total, before, behind
