"""The impedance spectrum of a run's circuit at a bias, by ngspice's small-signal analysis.

The frequencies reach from well below 1/(2 pi sum R sum C), the ladder's slowest relaxation, to well above the
fastest of its RC products, so that both plateaus are seen.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import InputError, replacing

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.circuits import NanoCircuit

_POINTS_PER_DECADE = 20
_MARGIN = 30.0


def impedance(circuit: "NanoCircuit", bias: float) -> "xr.Dataset":
    """Return the impedance of a half cell, per metre of depth.

    Args:
        circuit: NCM or TLM.
        bias: potential of the electrode, at which every slit is charged [V].

    Returns:
        Dataset with `impedance_real(frequency)` and `impedance_imag(frequency)` [ohm m], `frequency` in Hz
        ascending, and the attributes `bias` (V), `layers` and `strip_width` (m).

    Raises:
        InputError: a bias that is not finite.
        RunError: ngspice is missing or failed.
    """
    import xarray as xr

    from ionspice.circuits import impedance_bench, run_netlist

    if not np.isfinite(bias):
        raise InputError(f"bias = {bias} V must be a finite number")
    low, high = _band(circuit)
    vectors = run_netlist(impedance_bench(circuit, bias, low, high, _POINTS_PER_DECADE))
    values = -1 / vectors["vel#branch"]  # the source drives 1 V; its current counts into its positive terminal
    frequency = np.real(vectors["frequency"])
    dataset = xr.Dataset(
        {"impedance_real": ("frequency", values.real), "impedance_imag": ("frequency", values.imag)},
        coords={"frequency": frequency},
        attrs={"bias": bias, "layers": circuit.layers, "strip_width": circuit.strip_width},
    )
    dataset["frequency"].attrs.update(units="Hz", long_name="frequency")
    for part in ("real", "imag"):
        dataset[f"impedance_{part}"].attrs.update(units="ohm m", long_name=f"{part}. part of the impedance")
    return dataset


def _band(circuit: "NanoCircuit") -> tuple[float, float]:
    """Return the lowest and highest frequency [Hz]."""
    resistance, capacitance = circuit.resistance_zero, circuit.slit_capacitance
    slow = (circuit.open_resistance + resistance.sum()) * (circuit.open_capacitance + capacitance.sum())
    fast = float((resistance * capacitance).min())
    return 1 / (2 * np.pi * slow * _MARGIN), _MARGIN / (2 * np.pi * fast)


def write_spectrum(path: Path, spectrum: "xr.Dataset", area: float) -> None:
    """Write frequency (Hz) and impedance (ohm, for an electrode area in m^2) as CSV as fitting programs read it.

    Raises:
        InputError: the folder cannot be written.
    """
    scale = spectrum.attrs["strip_width"] / area
    columns = [spectrum[name].to_numpy() for name in ("frequency", "impedance_real", "impedance_imag")]
    table = np.column_stack([columns[0], columns[1] * scale, columns[2] * scale])
    with replacing(path) as temporary:
        np.savetxt(temporary, table, delimiter=",", header="frequency Hz,real ohm,imag ohm", fmt="%.9e")
