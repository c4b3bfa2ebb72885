"""Circuits from the files of a run: the law of law.json with the capacitances of observables.nc."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ionspice.circuits.driving import current_bands, drive_circuits, waveform_of
from ionspice.core import InputError, replacing
from ionspice.core.drives import GalvanostaticDrive
from ionspice.core.run_files import CIRCUIT_RUNS, LAW, OBSERVABLES
from ionspice.pipeline.cases.case import Case
from ionspice.circuits.simulation.driving import current_bands, drive_circuits, waveform_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ionspice.circuits import NanoCircuit

    type FloatArray = NDArray[np.float64]


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
    drive = case.drive.build()
    waveform = None if isinstance(drive, GalvanostaticDrive) else waveform_of(drive)
    texts = print_files(circuit, path, dialect, area, waveform)
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
    samples: int = 0,
) -> None:
    """Write circuit.nc with NCM and TLM of any size and changed constants under the case's drive.

    Args:
        directory: the folder of the run.
        case: its drive, and how circuits are built.
        layers: numbers of sheets.
        gamma: in place of the law's.
        resistance_scale: factor on the law's Rc.
        samples: circuits with random errors of law and capacitances, for a 95 % band of the current; 0 for none.

    Raises:
        InputError: see `read_device`; bands of a drive that prescribes the current.
        RunError: ngspice is missing or failed.
    """
    from ionspice.circuits import transmission_line, write_circuit

    if samples < 0:
        raise InputError(f"samples = {samples} must be 0 (no band) or more")
    drive = case.drive.build()
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
        runs[number] = drive_circuits({"NCM": circuit, "TLM": transmission_line(circuit)}, drive)
        if samples:
            drawn = _drawn(directory, case, circuit, samples, sure_of_gamma=gamma is not None)
            lines = [transmission_line(one) for one in drawn]
            times = runs[number]["time"].to_numpy()
            runs[number] = runs[number].merge(current_bands({"NCM": drawn, "TLM": lines}, drive, times))
            runs[number].attrs["samples"] = samples
    write_circuit(directory / CIRCUIT_RUNS, runs)


def _drawn(
    directory: Path, case: Case, circuit: "NanoCircuit", samples: int, *, sure_of_gamma: bool
) -> list["NanoCircuit"]:
    """Return circuits with errors as large as the standard errors of the run's law and capacitances.

    Every element errs by itself, with the root mean square of the elements' standard errors.
    """
    from ionspice.circuits import charging_ramp, extract_capacitances, perturbed, read_field
    from ionspice.discovery import read_law

    law = read_law(directory / LAW)
    ramp = charging_ramp(read_field(directory / OBSERVABLES), law.potential)
    fit = extract_capacitances(ramp, order=case.circuit.capacitance_terms)

    def relative(errors: "FloatArray", values: "FloatArray | float") -> float:
        return float(np.sqrt(np.mean((errors / values) ** 2)))

    resistance, gamma = law.parameters["Rc"], law.parameters["gamma"]
    return perturbed(
        circuit,
        np.random.default_rng(case.discovery.seed),
        samples,
        resistance=relative(np.array(resistance.standard_error), np.array(resistance.value)),
        gamma=0.0 if sure_of_gamma else relative(np.array(gamma.standard_error), 1.0),
        capacitance=relative(fit.slit_standard_error, fit.slit),
    )
