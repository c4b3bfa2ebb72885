"""Circuits of a run's folder: the record circuit.json, and what is exported and simulated from it."""

import logging
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ionspice.core import InputError, replacing
from ionspice.core.drives import keeps_time, potential_range
from ionspice.core.files import sha256_of
from ionspice.core.run_files import CIRCUIT, CIRCUIT_RUNS, LAW, OBSERVABLES
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.results.device_size import DeviceSize, sized

_SLOW = 5.0  # half cycle of a triangle that nobody prescribed, of the stack's slowest relaxation
_USUAL_POTENTIAL = 0.1  # V, of circuits whose window nobody knows
_LOGGER = logging.getLogger(__name__)
#: how near a potential has to lie to the window to have been seen, of its end: a run at constant current turns there
_SEEN = 1e-3

if TYPE_CHECKING:
    from ionspice.circuits import CircuitRecord, NanoCircuit


def learn_circuit(
    directory: Path, *, terms: int, charge: Literal["auto", "law", "local"] = "auto"
) -> "CircuitRecord":
    """Return the record that a run's law.json and observables.nc make.

    Args:
        directory: the folder of the run.
        terms: saturating terms of the capacitances' q(v); 0 is constant.
        charge: what the resistances shall read, see [circuit] of the case file; the record has both readings.

    Raises:
        InputError: a file is missing or damaged, or no circuit follows from them.
    """
    from ionspice.circuits import Provenance, charging_ramp, extract_capacitances, learn_record, read_field
    from ionspice.discovery import read_law

    law, field = read_law(directory / LAW), read_field(directory / OBSERVABLES)
    ramp = charging_ramp(field, law.potential)
    temperature = field.attrs.get("temperature")
    origin = Provenance(
        case=directory.resolve().name,
        version=version("ionspice"),
        files={name: sha256_of(directory / name) for name in (LAW, OBSERVABLES)},
        temperature=None if temperature is None else float(temperature),
    )
    record = learn_record(
        law,
        extract_capacitances(ramp, order=terms),
        ramp,
        readings=("local", "law") if charge == "local" else ("law", "local"),
        local_elsewhere=charge == "auto",
        provenance=origin,
    )
    for reading in {law.charge, "local"} - set(record.gaps):
        _LOGGER.warning(
            "the run gives a gap no positive resistance of the %s charge; circuits read the %s charge instead, and "
            "the circuit with one rail per ion is the better one",
            reading,
            record.charge,
        )
    return record


def read_record(directory: Path, terms: int | None = None) -> "CircuitRecord":
    """Return the record of a folder: circuit.json, or one with other capacitances from the files of its run.

    Args:
        directory: the folder.
        terms: terms of q(v) that the record must have; any unless given.

    Raises:
        InputError: a file is missing or damaged.
    """
    from ionspice.circuits import read_circuit_record

    path = directory / CIRCUIT
    if terms is not None and not path.is_file():
        return learn_circuit(directory, terms=terms)
    record = read_circuit_record(path)
    if terms is None or terms == record.capacitance_terms:
        return record
    other = learn_circuit(directory, terms=terms)
    choice = {"charge": record.charge, "other_charge": record.other_charge}
    return other.model_copy(update=choice) if set(record.gaps) <= set(other.gaps) else other


def read_device(
    directory: Path,
    *,
    layers: int | None = None,
    terms: int | None = None,
    charge: Literal["law", "local"] | None = None,
) -> "NanoCircuit":
    """Build the circuit of a stack from the record of a folder; arguments as of `read_record` and `circuit_of`.

    Raises:
        InputError: a file is missing or damaged, or a number is out of its range.
    """
    from ionspice.circuits import circuit_of

    return circuit_of(read_record(directory, terms), layers, charge=charge)


def learnt_window(record: "CircuitRecord") -> tuple[float, float] | None:
    """Return the potentials of the electrode for which a record was learnt, V; None where nobody knows.

    Slits that store the same at both signs were learnt for both.
    """
    from ionspice.circuits import circuit_of

    if record.window is None:
        return None
    low, high = record.window.potential
    if circuit_of(record, record.layers or 2).slit_curve.odd:
        reach = max(abs(low), abs(high))
        return -reach, reach
    return low, high


def warn_beyond(window: tuple[float, float] | None, reach: tuple[float, float]) -> None:
    """Warn where an electrode goes beyond the potentials that its circuit was learnt from.

    Args:
        window: least and largest potential that were seen, V; None where nobody knows.
        reach: least and largest potential that are asked for, V.
    """
    if window is None:
        return
    low, high = window
    slack = _SEEN * max(abs(low), abs(high))
    for potential in sorted({end for end in reach if not low - slack <= end <= high + slack}):
        _LOGGER.warning(
            "%.4g V lies beyond the potentials from %.4g to %.4g V that the circuit was learnt for; there charges "
            "grow with their last capacitance and resistances are not known: run the case with that window",
            potential,
            low,
            high,
        )


def export_device(
    directory: Path,
    case: Case | None = None,
    *,
    dialect: str,
    layers: int | None = None,
    size: DeviceSize,
    path: Path,
    errors: Iterable[str] = (),
    name: str | None = None,
    sections: int | Literal["auto"] | None = None,
    noise: bool = False,
    bias: float | None = None,
) -> tuple[Path, ...]:
    """Write the circuit of a folder as a device for a circuit simulator and return the files.

    Args:
        directory: the folder with circuit.json.
        case: for the drive of KiCad's example schematic, a slow triangle over the learnt window unless given; no
            schematic if the drive's potential is not known beforehand.
        dialect: one of `ionspice.circuits.DIALECT_SUFFIXES`.
        layers: number of sheets, the record's own unless given.
        size: of the device.
        path: the file; KiCad's library and schematic get its name with suffixes of their own.
        errors: of the circuit, for the comment in the file.
        name: of the device, by the number of sheets unless given.
        sections: of a coarse ladder, or "auto" for as many as the estimate of its error asks for; None for the
            full ladder.
        noise: whether resistances make thermal noise.
        bias: potential about which the device has small signals [V]; None for a device of any.

    Raises:
        InputError: see `read_device`; too few sections; a name that is refused; an unknown dialect; a folder that
            cannot be written.
    """
    from ionspice.circuits import circuit_of, print_files, record_origin, sectioned, triangular, waveform_of

    drive = None if case is None else case.drive.build()
    waveform = waveform_of(drive) if drive is not None and keeps_time(drive) else None
    record = read_record(directory)
    circuit, known = circuit_of(record, layers), list(errors)
    if case is None:
        waveform = triangular(_largest_potential(record), _SLOW * circuit.time_constant)
    if sections is not None:
        coarse = sectioned(circuit, None if sections == "auto" else sections, _largest_potential(record))
        circuit = coarse.circuit
        known.append(str(coarse))
    device = sized(circuit, size, _largest_potential(record))
    if size.voltage is not None:
        warn_beyond(learnt_window(record), device.rating.potentials)
    origin = record_origin(record, sha256_of(directory / CIRCUIT), known, data=str(device.rating))
    texts = print_files(
        circuit, path, dialect, device.area, waveform, origin, name, cell=device.cell, noise=noise, bias=bias
    )
    for target, text in texts.items():
        with replacing(target) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return tuple(texts)


def _largest_potential(record: "CircuitRecord") -> float:
    """Return the end of the learnt window, V, that is farthest from 0."""
    low, high = learnt_window(record) or (0.0, _USUAL_POTENTIAL)
    return low if -low > high else high


def simulate_devices(
    directory: Path,
    case: Case,
    *,
    layers: Iterable[int],
    gamma: float | None = None,
    resistance_scale: float = 1.0,
    samples: int = 0,
    path: Path | None = None,
) -> None:
    """Write circuit.nc with NCM and TLM of any size and changed constants under the case's drive.

    Args:
        directory: the folder with circuit.json.
        case: its drive, and the seed of random errors.
        layers: numbers of sheets.
        gamma: in place of the record's.
        resistance_scale: factor on the record's Rc.
        samples: circuits with random errors of law and capacitances, for a 95 % band of the current; 0 for none.
        path: the file, default circuit.nc of the folder.

    Raises:
        InputError: see `read_device`; bands of a drive that prescribes the current.
        RunError: ngspice is missing or failed.
    """
    from ionspice.circuits import circuit_of, current_bands, drive_circuits, transmission_line, write_circuit
    from ionspice.circuits.simulation.results import of_device

    if samples < 0:
        raise InputError(f"samples = {samples} must be 0 (no band) or more")
    drive, record = case.circuit_drive(), read_record(directory)
    warn_beyond(learnt_window(record), potential_range(drive))
    runs = {}
    for number in layers:
        circuit = circuit_of(record, number, gamma=gamma, resistance_scale=resistance_scale)
        runs[number] = drive_circuits({"NCM": circuit, "TLM": transmission_line(circuit)}, drive)
        if samples:
            drawn = _drawn(record, circuit, samples, case.discovery.seed, sure_of_gamma=gamma is not None)
            lines = [transmission_line(one) for one in drawn]
            times = runs[number]["time"].to_numpy()
            runs[number] = runs[number].merge(current_bands({"NCM": drawn, "TLM": lines}, drive, times))
            runs[number].attrs["samples"] = samples
        if record.extent.area is not None:
            runs[number] = of_device(runs[number])
    write_circuit(path or directory / CIRCUIT_RUNS, runs)


def _drawn(
    record: "CircuitRecord", circuit: "NanoCircuit", samples: int, seed: int, *, sure_of_gamma: bool
) -> list["NanoCircuit"]:
    """Return circuits with errors as large as the standard errors of the record.

    Every element errs by itself, with the root mean square of the elements' standard errors. Those of the gaps are
    of the law's own charge, because its search knows how far neighbouring times depend on each other.
    """
    from ionspice.circuits import perturbed, typical_error

    gaps = record.gaps[record.law_charge]
    return perturbed(
        circuit,
        np.random.default_rng(seed),
        samples,
        resistance=typical_error(gaps, "Rc", relative=True),
        gamma=0.0 if sure_of_gamma else typical_error(gaps, "gamma", relative=False),
        capacitance=typical_error(record.slits, "C", relative=True),
    )
