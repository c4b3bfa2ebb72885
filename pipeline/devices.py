"""Circuits from the files of a run: the law of law.json with the capacitances of observables.nc."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError, replacing
from ionspice.fem import GalvanostaticDrive, SineDrive, TriangularDrive
from ionspice.pipeline.case import Case

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.circuits import NanoCircuit, Waveform

OBSERVABLES = "observables.nc"
LAW = "law.json"
CIRCUIT = "circuit.nc"
_JUMP = 1e-9  # of a run: flank of a jump at its start
_CURVE_POINTS = 200  # in a period of a sine: straight lines are then within 2e-4 of it


def read_device(
    directory: Path,
    *,
    layers: int,
    terms: int,
    charge: Literal["law", "local"] = "law",
    gamma: float | None = None,
    resistance_scale: float = 1.0,
) -> "NanoCircuit":
    """Build the circuit of a stack from a run's law.json and observables.nc.

    Args:
        directory: the folder of the run.
        layers: number of sheets.
        terms: terms of the capacitances' q(v) beyond a constant.
        charge: what the resistances read, the law's charge or the local one.
        gamma: in place of the law's, for all elements.
        resistance_scale: factor on the law's Rc.

    Raises:
        InputError: a file is missing or damaged, or a number is out of its range.
    """
    from ionspice.circuits import (
        build_circuit,
        charging_ramp,
        extract_capacitances,
        read_field,
        with_gamma,
        with_resistance_scale,
    )
    from ionspice.discovery import read_law

    if gamma is not None and not 0 <= gamma <= 1:
        raise InputError(f"gamma = {gamma} must lie between 0 (constant resistance) and 1")
    if not resistance_scale > 0:
        raise InputError(f"rc-scale = {resistance_scale} must be greater than 0")
    law = read_law(directory / LAW)
    ramp = charging_ramp(read_field(directory / OBSERVABLES), law.potential)
    circuit = build_circuit(law, extract_capacitances(ramp, order=terms), ramp, layers, charge)
    circuit = with_resistance_scale(circuit, resistance_scale)
    return circuit if gamma is None else with_gamma(circuit, gamma)


def voltammogram(models: Mapping[str, "NanoCircuit"], case: Case) -> "xr.Dataset":
    """Return the states of circuits of equal size by name, dimension `model`, under the case's drive."""
    from ionspice.circuits import simulate
    from ionspice.circuits.transient import stack_models

    waveform = _waveform(case)
    return stack_models({name: simulate(model, waveform) for name, model in models.items()})


def _waveform(case: Case) -> "Waveform":
    """Return the case's drive.

    Raises:
        InputError: a drive that prescribes the current.
    """
    from ionspice.circuits import Waveform

    times, potentials = _course(case)
    return Waveform(time=times, value=potentials)


def _course(case: Case) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return times and potentials between which the case's drive runs on straight lines.

    Raises:
        InputError: a drive that prescribes the current.
    """
    drive = case.drive.build()
    if isinstance(drive, GalvanostaticDrive):
        raise InputError(
            'kind = "current" of [drive] leaves the potential open, which `ionspice simulate` needs; use '
            "ionspice.circuits.simulate_galvanostatic, or another kind"
        )
    end = drive.corners[-1]
    times = np.array([0.0, *drive.corners])
    if isinstance(drive, SineDrive):
        times = np.linspace(0.0, end, _CURVE_POINTS * drive.cycles + 1)
    elif not isinstance(drive, TriangularDrive):  # it may jump at the start
        times = np.union1d(times, [_JUMP * end])
    return times, np.array([drive.potential(time) for time in times])


def export_device(
    directory: Path, case: Case, *, dialect: str, layers: int, area: float, path: Path
) -> tuple[Path, ...]:
    """Write the circuit of a run as a device for a circuit simulator and return the files.

    Args:
        directory: the folder of the run.
        case: for the capacitances' number of terms, and the drive of KiCad's example schematic, which a drive
            that prescribes the current goes without.
        dialect: one of `ionspice.circuits.DIALECT_SUFFIXES`.
        layers: number of sheets.
        area: of the electrode [m^2].
        path: the file; KiCad's library and schematic get its name with suffixes of their own.

    Raises:
        InputError: see `read_device`; an unknown dialect; a folder that cannot be written.
    """
    from ionspice.circuits import print_files

    circuit = read_device(directory, layers=layers, terms=case.circuit.capacitance_terms, charge=case.circuit.charge)
    drive = None if isinstance(case.drive.build(), GalvanostaticDrive) else _waveform(case)
    texts = print_files(circuit, path, dialect, area, drive)
    for target, text in texts.items():
        with replacing(target) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return tuple(texts)


def simulate_devices(
    directory: Path,
    case: Case,
    *,
    layers: Iterable[int],
    gamma: float | None = None,
    resistance_scale: float = 1.0,
) -> None:
    """Write circuit.nc with the voltammograms of circuits of any size and changed constants.

    Raises:
        InputError: see `read_device`.
        RunError: ngspice is missing or failed.
    """
    from ionspice.circuits import transmission_line, write_circuit

    runs = {}
    for number in layers:
        circuit = read_device(
            directory,
            layers=number,
            terms=case.circuit.capacitance_terms,
            charge=case.circuit.charge,
            gamma=gamma,
            resistance_scale=resistance_scale,
        )
        runs[number] = voltammogram({"NCM": circuit, "TLM": transmission_line(circuit)}, case)
    write_circuit(directory / CIRCUIT, runs)
