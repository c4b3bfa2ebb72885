"""Claim M: a map over gamma and Rc of whether the current peaks without redox while the electrode charges.

`peak_map(circuit, gammas, rc_scales, waveform)` holds the capacitances constant, so that a peak comes from the
resistors alone. The map's claims are read by `peaks_only_with_gamma` and `least_gamma_with_peak`.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ionspice.circuits.model.ladder import NanoCircuit, with_constant_capacitance, with_gamma, with_resistance_scale
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.reference import solve_ladder
from ionspice.core import InputError

#: fall of the current behind its maximum that counts as a peak, of the maximum
PEAK = 0.01
_SAMPLES = 400  # on the ramp


#: what `_peak` returns, in its order: units, meaning
_MEASURED = {
    "prominence": ("1", "fall of the current from its maximum to the end of the ramp, over the maximum"),
    "peak_current": ("A/m", "largest current on the ramp per metre of depth"),
    "peak_potential": ("V", "potential of the electrode at the largest current"),
}


def peak_map(
    circuit: NanoCircuit, gammas: Sequence[float], rc_scales: Sequence[float], waveform: Waveform
) -> xr.Dataset:
    """Return the current maximum inside the first ramp for every gamma and factor on Rc.

    The capacitances are the circuit's q(v)/v at the ramp's end, without a Donnan potential, the same on all the map.
    The laws keep their Qmax.

    Args:
        circuit: the half cell.
        gammas: of all elements, in [0, 1].
        rc_scales: factors on every Rc and on nothing else, > 0.
        waveform: potential of the electrode, V, 0 at time 0; only its first piece, the charging ramp, is run.

    Returns:
        Dataset over `gamma` and `rc_scale`: `prominence`, the fall of the current from its maximum to the ramp's end
        as a share of the maximum (0: it only rises), `peak_current` (A/m) and `peak_potential` (V).

    Raises:
        InputError: an empty or repeated axis, a value out of its range, a ramp that does not leave 0 V.
        RunError: a circuit could not be solved.
    """
    _check_axes(gammas, rc_scales)
    ramp = _charging_piece(waveform)
    constant = with_constant_capacitance(circuit, float(ramp.value[1]))
    cells = np.array(
        [
            [_peak(with_resistance_scale(with_gamma(constant, gamma), scale), ramp) for scale in rc_scales]
            for gamma in gammas
        ]
    )
    cell = ("gamma", "rc_scale")
    return xr.Dataset(
        {
            name: (cell, cells[..., k], {"units": units, "long_name": meaning})
            for k, (name, (units, meaning)) in enumerate(_MEASURED.items())
        },
        coords={"gamma": list(gammas), "rc_scale": list(rc_scales)},
        attrs={"layers": circuit.layers, "ramp": ramp.duration, "amplitude": float(ramp.value[1])},
    )


def _check_axes(gammas: Sequence[float], rc_scales: Sequence[float]) -> None:
    for name, axis in (("gammas", gammas), ("rc_scales", rc_scales)):
        if not len(axis) or len(set(axis)) < len(axis):
            raise InputError(f"{name} = {list(axis)}; give at least one value, each once")
    if not min(rc_scales) > 0:
        raise InputError(f"rc_scales = {list(rc_scales)}; every factor must be greater than 0")


def _charging_piece(waveform: Waveform) -> Waveform:
    ramp = Waveform(time=waveform.time[:2], value=waveform.value[:2])
    if ramp.value[0] != 0 or ramp.value[1] == 0:
        raise InputError(f"the drive begins {ramp.value[0]:g} V to {ramp.value[1]:g} V; start with a ramp from 0 V")
    return ramp


def least_gamma_with_peak(peaks: xr.Dataset) -> float | None:
    """Return the smallest gamma on the map at which any Rc gives a peak, None where there is none."""
    seen = (peaks["prominence"] > PEAK).any("rc_scale")
    return float(peaks["gamma"].where(seen).min()) if bool(seen.any()) else None


def peaks_only_with_gamma(peaks: xr.Dataset) -> bool:
    """Return whether the map has peaks, but none at gamma = 0 (True where the map leaves gamma = 0 out)."""
    seen = peaks["prominence"] > PEAK
    return bool(seen.any()) and not bool(seen.where(peaks["gamma"] == 0, False).any())


def _peak(circuit: NanoCircuit, ramp: Waveform) -> tuple[float, float, float]:
    time = np.linspace(0, ramp.duration, _SAMPLES + 1)[1:]
    current = solve_ladder(circuit, ramp, time, rtol=1e-7).current
    charging = current * np.sign(ramp.value[1])
    largest = int(charging.argmax())
    return (
        float(1 - charging[-1] / charging[largest]),
        float(current[largest]),
        float(ramp.at(time[largest])),
    )
