r"""Small-signal impedance of a half cell with one rail per ion, at any bias.

Where no current flows every ion is at its potential in the bulk, w = 0, whatever the potential u of the electrode. A
change dw e^(i omega t), du e^(i omega t) of that state follows

    i omega N_i (dw_i - z p_i du) = G_(i-1) (dw_(i-1) - dw_i) - G_i (dw_i - dw_(i+1)),      N = dn/dw,  G = 1/R

because resistances that no current crosses need no derivative; the electrode's charge is -e sum z N (dw - z p du).
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import constants

from ionspice.circuits.ions.rails import RailCircuit, RailState, evaluate
from ionspice.circuits.ions.solution import FloatArray
from ionspice.circuits.simulation.spectroscopy import impedance_dataset
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
    volt, z = circuit.solution.thermal_voltage, circuit.solution.valence
    state = _at_rest(circuit, bias)
    stored, joined = _block_diagonal(state.response[1:]), _laplacian(np.einsum("bss->bs", state.current_before))
    # what one volt at the electrode does to w - z p u of every node
    push = -np.outer(circuit.polarity[1:], z).ravel() / volt
    electrode = -constants.e * np.outer(circuit.polarity[1:] > 0, z).ravel()
    admittance = []
    for omega in 2j * np.pi * np.asarray(frequency):
        change = np.linalg.solve(omega * stored + joined, -omega * stored @ push)
        admittance.append(omega * electrode @ stored @ (change + push))
    return np.asarray(1 / np.array(admittance), dtype=np.complex128)


def rail_spectrum(circuit: RailCircuit, bias: float = 0.0, points: int = 10) -> xr.Dataset:
    """Return the impedance over all frequencies at which charge relaxes, as of `simulate_impedance`.

    Args:
        circuit: a half cell.
        bias: potential of the electrode, V.
        points: frequencies in a decade.

    Raises:
        InputError: a sealed cell.
        RunError: a cell's equilibrium was not found.
    """
    state = _at_rest(circuit, bias)
    # of the charge: rare ions that were driven out relax ever slower, and carry nothing
    z = circuit.solution.valence
    conductance = np.einsum("s,bss->b", z**2, state.current_before)
    behind = np.cumsum(np.einsum("s,nst,t->n", z, state.response[1:], z)[::-1])[::-1]
    rates = np.einsum("bss->bs", state.current_before) / np.einsum("nss->ns", state.response[1:])
    low, high = np.log10(np.array([1e-3 / (behind / conductance).sum(), 1e1 * rates.max()]) / (2 * np.pi))
    frequency = np.logspace(low, high, int(np.ceil(points * (high - low))) + 1)
    layers = int((circuit.polarity > 0).sum())  # the mouth and the slits
    return impedance_dataset(
        frequency,
        rail_impedance(circuit, frequency, bias),
        bias=bias,
        layers=layers,
        strip_width=circuit.strip_width,
    )


def _at_rest(circuit: RailCircuit, bias: float) -> RailState:
    """Return the state without current.

    Raises:
        InputError: a sealed cell, whose ions are not those of a bulk.
        RunError: a cell's equilibrium was not found.
    """
    if not circuit.reservoir:
        raise InputError(
            "a sealed cell has no bulk that sets its ions at a bias; take the impedance of its half cell"
        )
    rest = np.zeros((circuit.nodes, circuit.solution.species))
    return evaluate(circuit, rest, bias / circuit.solution.thermal_voltage)


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
