"""Rough sizes of a device from its measurements, where fits begin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid

from ionspice.circuits.fitting.legs import sweeps_of
from ionspice.circuits.measurements.records import Measurement, Spectrum, Transient

#: V, of devices that were only measured at one potential
_SMALL = 0.1
_BEYOND = 0.05  # of the window: noise and slips of what is not a sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """Rough sizes."""

    #: least and largest potential seen, counted from that of the uncharged device, V
    window: tuple[float, float]
    #: F
    capacitance: float
    #: resistances within which charging is slow, ohm
    line: float
    #: in series with everything, ohm
    mouth: float
    #: that would discharge the device within the longest measurement, ohm
    leakage: float

    @property
    def reach(self) -> float:
        """Largest size of a potential, V."""
        return max(abs(value) for value in self.window)


def scales_of(records: Iterable[Measurement], reference: float = 0.0) -> Scales:
    """Return rough sizes from all measurements; potentials are counted from the reference, V."""
    measured = list(records)
    transients = [record for record in measured if not isinstance(record, Spectrum)]
    spectra = [record for record in measured if isinstance(record, Spectrum)]
    low, high = _window(transients, spectra, reference)
    capacitance = max((_capacitance(record) for record in transients), default=0.0)
    capacitance = capacitance or max(_capacitance_of(spectrum) for spectrum in spectra)
    mouth, line = _resistances(spectra)
    legs = [_leg(record) for record in transients]
    if not line:
        line = min(legs) / capacitance
        mouth = 0.1 * line
    longest = max([*legs, *(1 / (2 * np.pi * spectrum.frequency.min()) for spectrum in spectra)])
    return Scales(
        window=(low, high), capacitance=capacitance, line=line, mouth=mouth, leakage=10 * float(longest) / capacitance
    )


def _window(transients: Sequence[Transient], spectra: Sequence[Spectrum], reference: float) -> tuple[float, float]:
    """Return the ends of the sweeps, which are free of noise; other records count where they go well beyond."""
    sweeps = [sweeps_of(record.time, record.potential) for record in transients]
    ends = [0.0, *(float(v) for one in sweeps if one.straight for v in one.potential - reference)]
    low, high = min(ends), max(ends)
    others = [spectrum.bias - reference for spectrum in spectra]
    others += [float(end(record.potential)) - reference for record in transients for end in (np.min, np.max)]
    room = _BEYOND * (high - low)
    low = min([low, *(value for value in others if value < low - room)])
    high = max([high, *(value for value in others if value > high + room)])
    reach = max(-low, high)
    if reach < _SMALL / 10:
        return 0.0, _SMALL
    return (low if -low > _BEYOND * reach else 0.0), (high if high > _BEYOND * reach else 0.0)


def _capacitance(record: Transient) -> float:
    charge = cumulative_trapezoid(record.current, record.time, initial=0.0)
    return float(np.ptp(charge) / record.swing) if record.swing else 0.0


def _capacitance_of(spectrum: Spectrum) -> float:
    reactance = np.maximum(-spectrum.impedance.imag, 1e-3 * np.abs(spectrum.impedance))
    return float(1 / (2 * np.pi * spectrum.frequency[-1] * reactance[-1]))


def _resistances(spectra: list[Spectrum]) -> tuple[float, float]:
    """Return those at high frequency and of the line behind it, 0 where there is no spectrum."""
    if not spectra:
        return 0.0, 0.0
    least = min(float(spectrum.impedance.real.min()) for spectrum in spectra)
    most = max(float(np.median(spectrum.impedance.real[-3:])) for spectrum in spectra)
    size = max(float(np.abs(spectrum.impedance).min()) for spectrum in spectra)
    mouth = least if least > 0 else 0.1 * size
    return mouth, max(3 * (most - mouth), 0.1 * mouth)


def _leg(record: Transient) -> float:
    """Return the mean duration of a sweep or leg, s."""
    time = record.time - record.time[0]
    sweeps = sweeps_of(time, record.potential)
    return float(time[-1]) / (sweeps.time.size - 1 if sweeps.straight else 1)
