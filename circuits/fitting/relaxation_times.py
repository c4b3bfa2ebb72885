"""Distribution of relaxation times of a spectrum: with which times, and with which resistance each, a device relaxes.

    Z(w) = R_inf + j w L + 1/(j w C) + sum_k r_k/(1 + j w t_k),   all constants >= 0

on a logarithmic grid of t_k, by non-negative least squares of the relative errors with a penalty on the differences
of neighbours, as strong as leaves the error near its least. A transmission line of R and C that ends blocked has
r = 2 R/(k pi)^2 at t = R C/(k pi)^2, R/3 in all. Source: Wan, Saccoccio, Chen, Ciucci (2015,
doi:10.1016/j.electacta.2015.09.097).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import nnls

from ionspice.circuits.measurements.records import Spectrum
from ionspice.circuits.model.charge import FloatArray

_PER_DECADE = 12
_BEYOND = 1.0  # decades of times beyond those of the spectrum's ends
_STRENGTHS = np.logspace(0, -5, 11)  # of the penalty, the strongest first
_ROOM = 1.1  # of the least error
_ACCURATE = 1e-4  # error that needs no better one
_TELLING = 0.01  # of the largest peak: smaller ones are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """A peak of the distribution."""

    #: s, mean by logarithm
    time: float
    #: ohm
    resistance: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelaxationTimes:
    """A spectrum as relaxations."""

    #: s, rising, shape (times,)
    time: FloatArray
    #: ohm in an e-fold of times, shape (times,)
    density: FloatArray
    #: that remains at high frequencies, ohm
    series_resistance: float
    #: F; infinite where the device conducts at rest
    capacitance: float
    #: the slowest first
    peaks: tuple[Relaxation, ...]
    #: rms, of the modulus
    error: float


def relaxation_times(spectrum: Spectrum) -> RelaxationTimes:
    """Return the distribution of relaxation times of a spectrum."""
    omega = 2 * np.pi * spectrum.frequency
    ends = np.log10(1 / omega.max()) - _BEYOND, np.log10(1 / omega.min()) + _BEYOND
    time = np.logspace(*ends, round(_PER_DECADE * (ends[1] - ends[0])) + 1)
    matrix, target = _weighted(omega, spectrum.impedance, time)
    penalty = np.zeros((time.size + 1, matrix.shape[1]))
    rows = np.arange(time.size)
    penalty[rows, 3 + rows] = 1.0
    penalty[rows + 1, 3 + rows] = -1.0
    found = [_solved(matrix, target, strength * penalty) for strength in _STRENGTHS]
    limit = max(_ROOM * min(error for _, error in found), _ACCURATE)
    values, error = next(one for one in found if one[1] <= limit)
    scale = float(np.abs(spectrum.impedance).min())
    parts, spacing = values[3:] * scale, float(np.log(time[1] / time[0]))
    return RelaxationTimes(
        time=time,
        density=parts / spacing,
        series_resistance=float(values[0]) * scale,
        capacitance=float(1 / (values[2] * scale * omega.min())) if values[2] > 0 else np.inf,
        peaks=_peaks(time, parts),
        error=error,
    )


def _weighted(omega: FloatArray, impedance: np.ndarray, time: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return matrix and target of the relative errors, unknowns over the least modulus: R_inf, L, 1/C, r_k."""
    scale = float(np.abs(impedance).min())
    columns = np.column_stack(
        [
            np.ones(omega.size),
            1j * omega / omega.max(),
            -1j * omega.min() / omega,
            1 / (1 + 1j * omega[:, None] * time),
        ]
    )
    weighted = columns * scale / np.abs(impedance)[:, None]
    target = impedance / np.abs(impedance)
    return np.vstack([weighted.real, weighted.imag]), np.concatenate([target.real, target.imag])


def _solved(matrix: FloatArray, target: FloatArray, penalty: FloatArray) -> tuple[FloatArray, float]:
    """Return the unknowns and the rms error."""
    values, _ = nnls(np.vstack([matrix, penalty]), np.append(target, np.zeros(penalty.shape[0])))
    wrong = matrix @ values - target
    return values, float(np.sqrt(2 * np.mean(wrong**2)))


def _peaks(time: FloatArray, parts: FloatArray) -> tuple[Relaxation, ...]:
    """Return the peaks between minima, the slowest first."""
    turns = np.sign(np.diff(parts))
    minima = [k for k in range(1, parts.size - 1) if turns[k - 1] <= 0 < turns[k]]
    edges = [0, *minima, parts.size]
    found = []
    for begin, end in pairwise(edges):
        own = parts[begin:end]
        if own.sum() > 0:
            middle = float(np.exp(np.average(np.log(time[begin:end]), weights=own)))
            found.append(Relaxation(time=middle, resistance=float(own.sum())))
    largest = max((one.resistance for one in found), default=0.0)
    return tuple(one for one in reversed(found) if one.resistance > _TELLING * largest)
