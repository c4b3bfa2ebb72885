"""From the columns of a file to a record: which kind of measurement it is, what is left out, which sign it has."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ionspice.circuits.measurements.headings import quantities_of
from ionspice.circuits.measurements.records import (
    LEAST_POINTS,
    ChargeDischarge,
    Measurement,
    Spectrum,
    Voltammogram,
)
from ionspice.circuits.measurements.text import numeric_rows
from ionspice.circuits.model.charge import FloatArray
from ionspice.core import InputError

_LOGGER = logging.getLogger(__name__)
_SQUARE_CENTIMETRE = 1e-4

Control = Literal["potential", "current"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a file's header says of a curve."""

    #: for messages and the report
    name: str
    #: what was prescribed; told from the curve where the header does not say
    control: Control | None = None
    #: of a spectrum, V
    bias: float | None = None
    #: of the electrode, cm^2
    square_centimetres: float | None = None
    #: V/s, of files that have no time
    scan_rate: float | None = None

    @property
    def area(self) -> float | None:
        """Of the electrode, m^2."""
        return _SQUARE_CENTIMETRE * self.square_centimetres if self.square_centimetres else None


def measurement_of(
    about: Described, headings: Sequence[str], rows: Iterable[Sequence[str]], units: Sequence[str] | None = None
) -> Measurement:
    """Return the record of a table of text.

    Args:
        about: what the header says.
        headings: of the columns.
        rows: cells.
        units: of the columns, where they have a row of their own.

    Raises:
        InputError: no quantities that make a measurement, an unknown unit, or too few complete rows.
    """
    try:
        places = quantities_of(headings, units)
    except ValueError as error:
        raise InputError(f"{about.name}: {error}; correct the heading") from error
    wanted = _wanted(places, about, headings)
    table = numeric_rows(list(rows), [places[name][0] for name in wanted])
    columns = {name: table[:, k] * places[name][1] for k, name in enumerate(wanted)}
    return record_of_columns(about, columns)


def record_of_columns(about: Described, columns: dict[str, FloatArray]) -> Measurement:
    """Return the record of columns in SI by quantity (see `headings`); arguments and errors as `measurement_of`."""
    if "frequency" in columns:
        return _spectrum(about, columns)
    potential, current = columns["potential"], columns["current"]
    time = columns.get("time")
    if time is None:
        assert about.scan_rate  # or the columns were refused
        time = np.append(0.0, np.cumsum(np.maximum(np.abs(np.diff(potential)), 1e-12))) / about.scan_rate
    keep = np.isfinite(time) & np.isfinite(potential) & np.isfinite(current)
    keep[1:] &= time[1:] > np.maximum.accumulate(time)[:-1]
    time, potential, current = time[keep], potential[keep], current[keep]
    if time.size >= LEAST_POINTS and _is_reversed(potential, current, time):
        _LOGGER.warning("%s: charging currents are negative in the file; their sign is changed", about.name)
        current = -current
    control = about.control or (_control(time, potential, current) if time.size >= LEAST_POINTS else "potential")
    kind = ChargeDischarge if control == "current" else Voltammogram
    return kind(name=about.name, time=time, potential=potential, current=current, area=about.area)


def _wanted(places: dict[str, tuple[int, float]], about: Described, headings: Sequence[str]) -> tuple[str, ...]:
    """Return the quantities that the record needs.

    Raises:
        InputError: they are not there.
    """
    bias = tuple(name for name in ("bias",) if name in places and about.bias is None)
    for impedance in (("real", "imaginary"), ("modulus", "phase")):
        if {"frequency", *impedance} <= set(places):
            return ("frequency", *impedance, *bias)
    if {"potential", "current"} <= set(places) and ("time" in places or about.scan_rate):
        return tuple(name for name in ("time", "potential", "current") if name in places)
    raise InputError(
        f"{about.name} has the columns {', '.join(h.strip() for h in headings)}; a measurement needs time, potential "
        "and current, or frequency and the real and imaginary parts of the impedance: name them so, with units, such "
        'as "time [s]", "current [mA]", "-Im(Z) [ohm]"'
    )


def _spectrum(about: Described, columns: dict[str, FloatArray]) -> Spectrum:
    if "real" in columns:
        impedance = columns["real"] + 1j * columns["imaginary"]
    else:
        impedance = columns["modulus"] * np.exp(1j * np.radians(columns["phase"]))
    frequency = columns["frequency"]
    keep = np.isfinite(impedance) & (frequency > 0)
    order = np.argsort(-frequency[keep], kind="stable")
    bias = about.bias if about.bias is not None else float(np.median(columns.get("bias", np.zeros(1))))
    frequency, impedance = frequency[keep][order], impedance[keep][order]
    if frequency.size >= LEAST_POINTS and (impedance.imag > 0).mean() > 0.8:
        _LOGGER.warning("%s: the imaginary part is positive throughout; it is taken for -Im Z", about.name)
        impedance = impedance.conj()
    return Spectrum(name=about.name, frequency=frequency, impedance=impedance, bias=bias, area=about.area)


def _is_reversed(potential: FloatArray, current: FloatArray, time: FloatArray) -> bool:
    """Return whether the device would give energy: the charge falls while the potential rises, clearly."""
    steps = np.diff(time)
    charge = np.append(0.0, np.cumsum((current[1:] + current[:-1]) / 2 * steps))
    trend = np.interp(time, time[[0, -1]], charge[[0, -1]])  # of leakage
    spread = np.std(potential) * np.std(charge - trend)
    return bool(spread > 0 and np.mean((potential - potential.mean()) * (charge - trend)) / spread < -0.5)


def _control(time: FloatArray, potential: FloatArray, current: FloatArray) -> Control:
    """Tell what was prescribed: the current if it stays at its levels better than the potential at straight lines."""
    level = np.abs(current) > 0.05 * np.abs(current).max()
    if level.sum() < LEAST_POINTS:
        return "potential"
    sizes = np.abs(current[level])
    spread_current = float(np.median(np.abs(sizes - np.median(sizes))) / np.median(sizes))
    slope = np.abs(np.diff(potential) / np.diff(time))
    moving = slope > 0.05 * np.median(slope)
    if not moving.any():
        return "potential"
    spread_slope = float(np.median(np.abs(slope[moving] - np.median(slope[moving]))) / np.median(slope[moving]))
    return "current" if spread_current < min(0.05, spread_slope) else "potential"
