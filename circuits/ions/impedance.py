r"""Small-signal impedance of a half cell with one rail per ion, at any bias.

Where no current flows every ion is at its potential in the bulk, w = 0, whatever the potential u of the electrode. A
change dw e^(i omega t), du e^(i omega t) of that state follows

    i omega N_i (dw_i - z p_i du) = G_(i-1) (dw_(i-1) - dw_i) - G_i (dw_i - dw_(i+1)),      N = dn/dw,  G = 1/R

because resistances that no current crosses need no derivative; the electrode's charge is -e sum z N (dw - z p du).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from ionspice.circuits.ions.rails import RailCircuit, evaluate
from ionspice.circuits.ions.solution import FloatArray
from ionspice.core import InputError


def rail_impedance(circuit: RailCircuit, frequency: FloatArray, bias: float = 0.0) -> NDArray[np.complex128]:
    """Return the impedance, ohm m, shape (frequencies,).

    Args:
        circuit: a half cell.
        frequency: Hz, shape (frequencies,).
        bias: potential of the electrode, V.

    Raises:
        InputError: a sealed cell, whose ions are not those of a bulk.
        RunError: a cell's equilibrium was not found.
    """
    if not circuit.reservoir:
        raise InputError(
            "a sealed cell has no bulk that sets its ions at a bias; take the impedance of its half cell"
        )
    volt, z = circuit.solution.thermal_voltage, circuit.solution.valence
    state = evaluate(circuit, np.zeros((circuit.nodes, z.size)), bias / volt)
    stored = _block_diagonal(state.response[1:])
    # what one volt at the electrode does to w - z p u of every node
    push = -np.outer(circuit.polarity[1:], z).ravel() / volt
    electrode = -constants.e * np.outer(circuit.polarity[1:] > 0, z).ravel()
    joined = _laplacian(np.einsum("bss->bs", state.current_before))
    admittance = []
    for omega in 2j * np.pi * np.asarray(frequency):
        change = np.linalg.solve(omega * stored + joined, -omega * stored @ push)
        admittance.append(omega * electrode @ stored @ (change + push))
    return np.asarray(1 / np.array(admittance), dtype=np.complex128)


def _block_diagonal(blocks: FloatArray) -> FloatArray:
    """Return blocks (nodes, species, species) on the diagonal of one matrix."""
    nodes, species = blocks.shape[:2]
    whole = np.zeros((nodes, species, nodes, species))
    whole[np.arange(nodes), :, np.arange(nodes), :] = blocks
    return whole.reshape(nodes * species, -1)


def _laplacian(conductance: FloatArray) -> FloatArray:
    """Return the matrix of the currents that leave the nodes behind the bulk, of conductances (bonds, species)."""
    bonds, species = conductance.shape
    difference = np.eye(bonds) - np.eye(bonds, k=-1)  # (w_i - w_(i-1)) of bond i - 1, the bulk at 0
    whole = np.einsum("bi,bs,bj->isj", difference, conductance, difference)
    out = np.zeros((bonds, species, bonds, species))
    for s in range(species):
        out[:, s, :, s] = whole[:, s]
    return out.reshape(bonds * species, -1)
