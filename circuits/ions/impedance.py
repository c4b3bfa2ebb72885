r"""Small-signal impedance of a half cell with one rail per ion, at any bias.

Where no current flows every ion is at its potential in the bulk, w = 0, whatever the potential u of the electrode. A
change dw e^(i omega t), du e^(i omega t) of that state follows

    i omega (N dw + L du) + G dw = 0,      N = dn/dw,  L = dn/du,  G dw the flows out of the nodes

because resistances that no current crosses need no derivative; the electrode's charge over e changes by
(dq/dw) dw + (dq/du) du, where dq/dw = L for all that has an energy.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import constants

from ionspice.circuits.ions.rails import (
    RailCircuit,
    RailState,
    electrode_slopes,
    evaluate,
    outflow_matrix,
    storage_matrix,
)
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
    size = (circuit.nodes - 1) * z.size
    stored = storage_matrix(circuit, state)[1:, :, 1:].reshape(size, size)
    joined = outflow_matrix(circuit, state)[1:, :, 1:].reshape(size, size)
    lift, pull, capacity = electrode_slopes(circuit, state)
    admittance = []
    for omega in 2j * np.pi * np.asarray(frequency):
        change = np.linalg.solve(omega * stored + joined, -omega * lift[1:].ravel())
        admittance.append(constants.e / volt * omega * (pull[1:].ravel() @ change + capacity))
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
    stored, joined = (
        np.einsum("s,isjt,t->ij", z, matrix(circuit, state), z)[1:, 1:] for matrix in (storage_matrix, outflow_matrix)
    )
    slowest = np.linalg.eigvals(np.linalg.solve(joined, stored)).real.max()
    # of the slits: beyond, the electrolyte before them is a dielectric
    fastest = (np.diag(joined) / np.diag(stored))[circuit.polarity[1:] > 0].max()
    low, high = np.log10(np.array([1e-3 / slowest, 0.5 * fastest]) / (2 * np.pi))
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
