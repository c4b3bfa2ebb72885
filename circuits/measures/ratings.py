"""What a data sheet says of a part at rest: capacitance, energy and resistance, in closed form.

An electrode at the potential p has the slits' voltage u everywhere, u + D(u) = p, and the charge Q(p) of slits and
mouth. In a full cell both electrodes hold the same charge of opposite sign, V(Q) = p(Q) - p(-Q). Capacitance is Q/V,
as of a discharge, energy the integral of V dQ. Behind a slow current I the voltage lags by I R. Gap i carries the
share f b_i of the current: f goes to the slits, b_i of that to those behind gap i. By the work that is lost

    R = R_open + f^2 [R_1 + (1 + D'(u)) sum over i >= 2 of R_i b_i^2]
"""

from dataclasses import dataclass, replace

import numpy as np

from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import (
    NanoCircuit,
    differential_capacitances,
    donnan_potential,
    law_charges,
    open_charge,
    passed_charges,
    relative_resistance,
    slit_charges,
)
from ionspice.circuits.simulation.spectroscopy import slit_voltage
from ionspice.core import InputError

_POINTS = 1001  # of q(V), straight between them


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A part at its largest voltage; per area of an electrode, or with `of_area` of a whole device."""

    #: V
    voltage: float
    #: charge over voltage, F/m^2 or F
    capacitance: float
    #: J/m^2 or J
    energy: float
    #: that a slow current meets in the uncharged part, ohm m^2 or ohm
    slow_resistance: float
    #: the same in the charged part
    charged_resistance: float
    #: that a fast current meets, ohm m^2 or ohm
    fast_resistance: float
    #: of an electrode, least and largest, V
    potentials: tuple[float, float]

    def of_area(self, area: float) -> "Rating":
        """Return the rating of a device whose electrodes have an area, m^2."""
        return replace(
            self,
            capacitance=self.capacitance * area,
            energy=self.energy * area,
            slow_resistance=self.slow_resistance / area,
            charged_resistance=self.charged_resistance / area,
            fast_resistance=self.fast_resistance / area,
        )

    def __str__(self) -> str:
        """Return the rating of a device as a sentence for the header of a file."""
        return (
            f"{self.capacitance:.4g} F and {self.energy:.4g} J at {self.voltage:.3g} V; series resistance "
            f"{self.slow_resistance:.3g} ohm for slow currents ({self.charged_resistance:.3g} ohm charged), "
            f"{self.fast_resistance:.3g} ohm for fast ones"
        )


def rating(circuit: NanoCircuit, voltage: float, series_resistance: float | None = None) -> Rating:
    """Return what a part is per area of its electrodes.

    Args:
        circuit: an electrode.
        voltage: largest of the part, V.
        series_resistance: ohm m^2, makes a full cell of two electrodes with it between them; None for a half cell.

    Raises:
        InputError: a voltage that is not positive.
    """
    if not 0 < voltage < np.inf:
        raise InputError(f"a part of {voltage:g} V; its largest voltage must be positive and finite")
    full_cell = series_resistance is not None
    potential, charge = _at_rest(circuit, voltage)
    across = potential - (np.interp(-charge, charge, potential) if full_cell else 0.0)
    held = float(np.interp(voltage, across, charge))
    reached = np.append(charge[(charge > 0) & (charge < held)], held)
    places = np.concatenate([[0.0], reached])
    energy = float(np.trapezoid(np.interp(places, charge, across), places))
    ends = [float(np.interp(q, charge, potential)) for q in ((held, -held) if full_cell else (held,))]
    between = series_resistance or 0.0
    width, electrodes = circuit.strip_width, len(ends)
    return Rating(
        voltage=voltage,
        capacitance=held / voltage / width,
        energy=energy / width,
        slow_resistance=between + electrodes * width * slow_resistance(circuit, 0.0),
        charged_resistance=between + width * sum(slow_resistance(circuit, end) for end in ends),
        fast_resistance=between + electrodes * width * _fast_resistance(circuit),
        potentials=(min(0.0, *ends), max(ends)),
    )


def slow_resistance(circuit: NanoCircuit, potential: float) -> float:
    """Return the resistance that a slow current meets in an electrode at rest at a potential, V; ohm m."""
    u = np.full(circuit.slits, slit_voltage(circuit, potential))
    seen = law_charges(circuit, slit_charges(circuit, u))
    resistance = circuit.resistance_zero * relative_resistance(circuit, seen)
    behind = passed_charges(differential_capacitances(circuit, u))
    jump = 1 + circuit.donnan_slope * float(circuit.donnan_curve.slope(u[:1])[0])
    slits = behind[0] / jump
    mouth = circuit.open_capacitance * float(circuit.open_curve.slope([potential])[0])
    inside = resistance[0] + jump * float(resistance[1:] @ (behind[1:] / behind[0]) ** 2)
    return circuit.open_resistance + float((slits / (slits + mouth)) ** 2 * inside)


def _at_rest(circuit: NanoCircuit, voltage: float) -> tuple[FloatArray, FloatArray]:
    """Return potentials of an electrode from -voltage to voltage and its charges there, C/m."""
    low, high = (slit_voltage(circuit, end) for end in (-voltage, voltage))
    u = np.union1d(np.linspace(low, high, _POINTS), [0.0])
    potential = u + donnan_potential(circuit, u)
    # one voltage after the other: 10^5 slits at all of them would not fit into memory
    slits = [float(slit_charges(circuit, np.full(circuit.slits, one)).sum()) for one in u]
    return np.asarray(potential), np.asarray(open_charge(circuit, potential) + slits)


def _fast_resistance(circuit: NanoCircuit) -> float:
    """Return the resistance of an uncharged electrode before its first capacitor, ohm m."""
    first = 0.0 if circuit.open_capacitance else float(circuit.resistance_zero[0])
    return circuit.open_resistance + first
