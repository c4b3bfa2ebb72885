"""Exact answers for ladders, from docs/verification: discrete line, one nonlinear cell."""

import numpy as np


def ladder_modes(nodes, resistance, capacitance):
    """Return capacitances and time constants of the modes of source-R-node-...-node with a floating end."""
    theta = (2 * np.arange(1, nodes + 1) - 1) * np.pi / (2 * (2 * nodes + 1))
    return capacitance / np.tan(theta) ** 2 / (2 * nodes + 1), resistance * capacitance / (4 * np.sin(theta) ** 2)


def periodic_ladder_current(nodes, resistance, capacitance, rate, half_cycle, time):
    """Return the current on the rising flank of a periodic triangular drive of slope `rate`."""
    weights, taus = ladder_modes(nodes, resistance, capacitance)
    decay = np.exp(-time[:, None] / taus) / (1 + np.exp(-half_cycle / taus))
    return rate * (weights * (1 - 2 * decay)).sum(axis=1)


def ladder_impedance(resistances, capacitances, frequency):
    """Return the impedance of R_1 - (C_1 || rest) by the continued fraction from the far end."""
    omega = 2j * np.pi * frequency
    impedance = np.full(frequency.shape, np.inf, dtype=complex)
    for r, c in zip(resistances[::-1], capacitances[::-1], strict=True):
        impedance = r + 1 / (omega * c + 1 / impedance)
    return impedance


def cell_charging_time(charge, *, resistance, capacitance, voltage, gamma, charge_max):
    """Return the time at which one NCM cell after a voltage step holds `charge`."""
    u, b = charge / (capacitance * voltage), gamma * capacitance * voltage / charge_max
    return resistance * capacitance * (b * u - (1 - b) * np.log1p(-u))
