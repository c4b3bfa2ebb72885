r"""Local equilibrium of cells: how many ions they hold at given electrochemical potentials.

    n_s = F_s(a_1, ..., a_S),    a_s = (mu_s - mu_s0)/kT - z_s e phi_m/kT

Newton's method for A phi = sum_s z_s g c_s(a - z phi)/I, for any number of slits at once. Where A is symmetric
the iteration minimises the convex Pi of `cells`, so that a step which does not lower it is halved: it converges
from any start. The ions' derivative is condensed from the same matrices,

    dn_s/da_t = sum_j g_j [C_st,j - (sum_r C_sr z_r)_j (A + D)^-1 (sum_r z_r C_rt)],   C = dc/dm, D = z C z.
"""

from dataclasses import dataclass

import numpy as np

from ionspice.circuits.ions.cells import Cells
from ionspice.circuits.ions.solution import FloatArray, IonSolution, concentrations, osmotic_pressure, responses
from ionspice.core import RunError

_ITERATIONS = 200
_TOLERANCE = 1e-10
#: steps up to this need no check, kT/e
_SURE_STEP = 0.3
_HALVINGS = 12
#: largest change of a potential in one step, kT/e
_LONGEST_STEP = 8.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Equilibrium:
    """States of cells; leading dimensions are those of the potentials given."""

    #: ions per wall area, 1/m^2, shape (..., species)
    ions: FloatArray
    #: dn_s/da_t, 1/m^2, shape (..., species, species)
    response: FloatArray
    #: electric potential of the free nodes against the wall, kT/e, shape (..., nodes)
    potential: FloatArray
    #: dphi_j/da_t, 1, shape (..., nodes, species)
    sensitivity: FloatArray
    #: concentrations at the free nodes, 1/m^3, shape (..., nodes, species)
    concentration: FloatArray


def equilibrium(cells: Cells, solution: IonSolution, a: FloatArray, guess: FloatArray | None = None) -> Equilibrium:
    """Return the equilibrium at a_s.

    Args:
        cells: of one slit.
        solution: the ions.
        a: a_s, 1, shape (..., species).
        guess: potentials to start from, kT/e, shape (..., nodes).

    Raises:
        RunError: no convergence.
    """
    lead = a.shape[:-1]
    rows = a.reshape(-1, solution.species)
    start = np.zeros((len(rows), cells.nodes)) if guess is None else guess.reshape(-1, cells.nodes)
    phi = _solve(cells, solution, rows, start)
    c = concentrations(solution, _arguments(solution, rows, phi))
    slope = responses(solution, c)
    pull = slope @ solution.valence
    wall_ions, wall_response = _wall(cells, solution, rows)
    wall_pull = (wall_response @ solution.valence)[:, None, :] / solution.strength
    drive = _node_share(cells, solution)[:, None] * pull + cells.wall_source[:, None] * wall_pull
    sensitivity = np.linalg.solve(_jacobian(cells, solution, pull), drive)
    free = np.einsum("j,ijst->ist", cells.weight, slope)
    screened = np.matmul((cells.weight[:, None] * pull).swapaxes(-1, -2), sensitivity)
    return Equilibrium(
        ions=(cells.weight @ c + cells.wall_weight * wall_ions).reshape(*lead, -1),
        response=(free - screened + cells.wall_weight * wall_response).reshape(*lead, *slope.shape[-2:]),
        potential=phi.reshape(*lead, cells.nodes),
        sensitivity=sensitivity.reshape(*lead, cells.nodes, solution.species),
        concentration=c.reshape(*lead, *c.shape[1:]),
    )


def crossing(cells: Cells, solution: IonSolution, state: Equilibrium) -> tuple[FloatArray, FloatArray]:
    """Return the resistance of the cells' way across the layers, sum of length/c_s, and its derivatives.

    Returns:
        m^4, shapes (..., species) and (..., species, species).
    """
    c = state.concentration
    slope = responses(solution, c)
    change = slope - (slope @ solution.valence)[..., :, None] * state.sensitivity[..., None, :]
    lengths = cells.way[:, None] / c
    return lengths.sum(axis=-2), np.asarray(-((lengths / c)[..., None] * change).sum(axis=-3))


def grand_potential(cells: Cells, solution: IonSolution, a: FloatArray, potential: FloatArray) -> FloatArray:
    """Return Pi = -Omega/kT per wall area, 1/m^2, above that of no electrolyte; n_s = dPi/da_s.

    Args:
        cells: with a symmetric matrix A.
        solution: the ions.
        a: shape (..., species).
        potential: of the free nodes, kT/e, shape (..., nodes).
    """
    inside = osmotic_pressure(solution, _arguments(solution, a, potential)) @ cells.weight
    field = np.einsum("...i,ij,...j->...", potential, cells.capacitance, potential) * cells.unit * solution.strength
    return np.asarray(field + inside + cells.wall_weight * osmotic_pressure(solution, a))


def _solve(cells: Cells, solution: IonSolution, a: FloatArray, phi: FloatArray) -> FloatArray:
    phi, active = phi.copy(), np.arange(len(a))
    source = _wall_source(cells, solution, a)
    for _ in range(_ITERATIONS):
        here, at = phi[active], a[active]
        c = concentrations(solution, _arguments(solution, at, here))
        residual = _residual(cells, solution, c, source[active], here)
        pull = responses(solution, c) @ solution.valence
        step = np.linalg.solve(_jacobian(cells, solution, pull), residual[..., None])[..., 0]
        size = np.abs(step).max(axis=1)
        step *= np.minimum(1.0, _LONGEST_STEP / np.maximum(size, 1e-300))[:, None]
        phi[active] = here + _shortened(cells, solution, at, here, step)
        active = active[size > _TOLERANCE * (1 + np.abs(phi[active]).max(axis=1))]
        if active.size == 0:
            return phi
    raise RunError(
        f"the slit's equilibrium did not converge at electrochemical potentials {a[active[0]]} kT; use more nodes"
    )


def _shortened(cells: Cells, solution: IonSolution, a: FloatArray, phi: FloatArray, step: FloatArray) -> FloatArray:
    """Return the step, long ones halved until they lower Pi, or the residual where no energy exists."""
    step, large = step.copy(), np.flatnonzero(np.abs(step).max(axis=1) > _SURE_STEP)
    if large.size == 0:
        return step
    merit = grand_potential if cells.symmetric else _residual_norm
    now = merit(cells, solution, a[large], phi[large])
    for _ in range(_HALVINGS):
        then = merit(cells, solution, a[large], phi[large] + step[large])
        worse = ~(then <= now * (1 + 1e-12))
        if not worse.any():
            break
        large, now = large[worse], now[worse]
        step[large] /= 2
    return step


def _residual_norm(cells: Cells, solution: IonSolution, a: FloatArray, phi: FloatArray) -> FloatArray:
    c = concentrations(solution, _arguments(solution, a, phi))
    return np.asarray(np.linalg.norm(_residual(cells, solution, c, _wall_source(cells, solution, a), phi), axis=-1))


def _residual(cells: Cells, solution: IonSolution, c: FloatArray, source: FloatArray, phi: FloatArray) -> FloatArray:
    """Return charge less A phi at the nodes, shape (..., nodes)."""
    return np.asarray(_node_share(cells, solution) * (c @ solution.valence) + source - phi @ cells.capacitance.T)


def _wall_source(cells: Cells, solution: IonSolution, a: FloatArray) -> FloatArray:
    wall_ions, _ = _wall(cells, solution, a)
    return np.asarray(cells.wall_source * (wall_ions @ solution.valence)[:, None] / solution.strength)


def _arguments(solution: IonSolution, a: FloatArray, phi: FloatArray) -> FloatArray:
    """Return m_s = a_s - z_s phi at the nodes, shape (..., nodes, species)."""
    return np.asarray(a[..., None, :] - phi[..., None] * solution.valence)


def _node_share(cells: Cells, solution: IonSolution) -> FloatArray:
    return np.asarray(cells.weight / (2 * cells.unit * solution.strength))


def _jacobian(cells: Cells, solution: IonSolution, pull: FloatArray) -> FloatArray:
    """Return A + D from pull = dc/dm z, shape (..., nodes, species)."""
    jacobian = np.broadcast_to(cells.capacitance, (len(pull), cells.nodes, cells.nodes)).copy()
    index = np.arange(cells.nodes)
    jacobian[:, index, index] += _node_share(cells, solution) * (pull @ solution.valence)
    return jacobian


def _wall(cells: Cells, solution: IonSolution, a: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return concentrations and their derivatives at the wall's potential."""
    if cells.wall_weight == 0:
        return np.zeros(a.shape), np.zeros((*a.shape, solution.species))
    c = concentrations(solution, a)
    return c, responses(solution, c)
