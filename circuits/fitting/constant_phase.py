"""A resistance in series with a constant phase element, and a leakage between the terminals.

    Z = R + 1/(Q s^alpha),   1/s^alpha = sin(pi alpha)/pi int_0^inf x^-alpha/(s + x) dx

On a logarithmic grid of x the element is a chain of relaxations, which steps in time as the ladder does; what lies
below the grid is a capacitance, what lies above a resistance.
"""

import math
from dataclasses import dataclass

import numpy as np

from ionspice.circuits.fitting.steps import STAGE, Steps
from ionspice.circuits.model.charge import FloatArray
from ionspice.discovery.evolution.stack_machine import compiled

_SPACING = 0.7  # of ln x
_SLOWER, _FASTER = 1e-2, 1e2  # ends of the grid: over the whole time, and over the shortest step
_NEVER = 1e30


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantPhaseDevice:
    """R in series with a constant phase element."""

    #: R, ohm
    resistance: float
    #: Q, F s^(alpha - 1)
    coefficient: float
    #: alpha, 1, above 0 and below 1
    exponent: float
    #: between the terminals, ohm
    leakage: float = math.inf

    def respond(self, steps: Steps, start: float) -> FloatArray:
        """Return the response at all times of the steps; see `LadderDevice.respond`."""
        lengths = np.diff(steps.time)
        logarithms = np.arange(
            math.log(_SLOWER / float(steps.time[-1] - steps.time[0])),
            math.log(_FASTER / float(lengths.min())) + _SPACING,
            _SPACING,
        )
        rates = np.exp(logarithms)
        sine = math.sin(math.pi * self.exponent) / math.pi
        weights = sine * rates ** (1 - self.exponent) * _SPACING
        edges = math.exp(logarithms[0] - _SPACING / 2), math.exp(logarithms[-1] + _SPACING / 2)
        slowest = sine * edges[0] ** (1 - self.exponent) / (1 - self.exponent)
        fastest = sine * edges[1] ** -self.exponent / self.exponent
        return np.asarray(
            _march(
                float(start),
                lengths,
                steps.begin,
                steps.first,
                steps.second,
                steps.current,
                self.resistance + fastest / self.coefficient,
                min(self.leakage, _NEVER),
                np.append(0.0, rates),
                np.append(slowest, weights) / self.coefficient,
            )
        )

    def impedance(self, frequency: FloatArray, bias: float) -> np.ndarray:
        """Return the impedance, ohm, complex, at frequencies (Hz); the bias changes nothing."""
        series = self.resistance + 1 / (self.coefficient * (2j * np.pi * np.asarray(frequency)) ** self.exponent)
        return np.asarray(1 / (1 / series + 1 / self.leakage))


@compiled
def _march(
    start: float,
    lengths: FloatArray,
    begin: float,
    first: FloatArray,
    second: FloatArray,
    current_given: bool,
    resistance: float,
    leakage: float,
    rates: FloatArray,
    weights: FloatArray,
) -> FloatArray:
    held = np.zeros(rates.size)
    held[0] = start
    out = np.empty(lengths.size + 1)
    out[0] = _terminal(start, begin, current_given, resistance, leakage)[1]
    for k in range(lengths.size):
        h = STAGE * lengths[k]
        middle = _stage(held, h, first[k], current_given, resistance, leakage, rates, weights)[0]
        known = held + (1 - STAGE) / STAGE * (middle - held)
        held, out[k + 1] = _stage(known, h, second[k], current_given, resistance, leakage, rates, weights)
    return out


@compiled
def _stage(
    known: FloatArray,
    h: float,
    drive: float,
    current_given: bool,
    resistance: float,
    leakage: float,
    rates: FloatArray,
    weights: FloatArray,
) -> tuple[FloatArray, float]:
    """Return the voltages of the relaxations at the end of a stage, and the response."""
    damping = 1 / (1 + h * rates)
    flow, response = _terminal(
        (known * damping).sum(), drive, current_given, resistance + h * (weights * damping).sum(), leakage
    )
    return damping * (known + h * weights * flow), response


@compiled
def _terminal(
    voltage: float, drive: float, current_given: bool, resistance: float, leakage: float
) -> tuple[float, float]:
    """Return the current through the element, and the response of the terminal."""
    if current_given:
        flow = (drive - voltage / leakage) / (1 + resistance / leakage)
        return flow, voltage + flow * resistance
    flow = (drive - voltage) / resistance
    return flow, flow + drive / leakage
