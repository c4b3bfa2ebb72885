"""Courses and maps that the report's figures show, as numbers: fluxes, profiles, voltammograms, loops, charges."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ionspice.circuits import NanoCircuit, transmission_line
from ionspice.circuits.simulation.driving import drive_circuits
from ionspice.core import InputError
from ionspice.core.drives import TriangularDrive
from ionspice.core.observables import charging
from ionspice.core.run_files import HALF_CHARGE_FIELDS, MESH
from ionspice.discovery import to_infix
from ionspice.pipeline.results.curves import flux_parts, model_error
from ionspice.pipeline.results.field_files import read_field_map, read_strip
from ionspice.pipeline.study.conditions import DEEP, DEEP_CYCLES, DEFAULT
from ionspice.pipeline.study.current_map import current_density, middle_lines
from ionspice.pipeline.study.files import StudyFiles
from ionspice.pipeline.study.measure_circuit import RATES, device, half_cycle_of
from ionspice.pipeline.study.measures import Measured, measured

type Array = NDArray[np.float64]

_WIDE = "slit-5nm"
_LAYERS = (6, 20, 100)
_EARLY = 0.05  # of the largest charge, below which q/u is round-off over round-off


def open_flux(study: StudyFiles) -> Measured:
    """Return the parts of the net-ion current in front of the first sheet of the default case."""
    return _flux(study, study.field(DEFAULT)["open_flux"])


def slit_flux(study: StudyFiles) -> Measured:
    """Return the parts of the net-ion current in the middle of the default case's middle slit."""
    flux = study.field(DEFAULT)["slit_flux"]
    return _flux(study, flux.isel(slit=flux.sizes["slit"] // 2))


def slit_profiles(study: StudyFiles) -> Measured:
    """Return the net ions across the first sampled slit of a narrow and a wide case, early and late in charging.

    Raises:
        InputError: a case is missing or was not sampled.
    """
    rows = [row for name in (DEFAULT, _WIDE) for row in _profiles(study, name)]
    return measured({"profiles": rows}, study.evidence([DEFAULT, _WIDE]))


def voltammogram(study: StudyFiles) -> Measured:
    """Return current densities of the default case by the field model and the circuits."""
    return _voltammogram(study, DEFAULT)


def deep_voltammogram(study: StudyFiles) -> Measured:
    """Return current densities of 20 layers by the field model and by circuits of the default case's law."""
    return _voltammogram(study, DEEP)


def loops_over_rates(study: StudyFiles) -> Measured:
    """Return second loops of 20 layers at several rates."""
    half_cycle = half_cycle_of(study, DEFAULT)
    halves = {f"{rate * half_cycle * 1e9:.0f} ns": rate * half_cycle for rate in RATES}
    return _measured_loops(study, {label: _loop(study, 20, half) for label, half in halves.items()})


def loops_over_layers(study: StudyFiles) -> Measured:
    """Return second loops of stacks of several sizes at the default rate."""
    half_cycle = half_cycle_of(study, DEFAULT)
    return _measured_loops(study, {f"{n} layers": _loop(study, n, half_cycle) for n in _LAYERS})


def slit_charges(study: StudyFiles) -> Measured:
    """Return the charge of the first, middle and last slit of 20 layers over time by every model."""
    name = DEEP_CYCLES if DEEP_CYCLES in study.cases else DEEP
    fields, case = study.field(name), study.cases[name]
    count = fields.sizes["slit"]
    slits = sorted({1, (count + 1) // 2, count})
    circuit = device(study, count + 1, terms=case.circuit.capacitance_terms)
    run = drive_circuits({"NCM": circuit, "TLM": transmission_line(circuit)}, case.drive.build())
    chosen = {"mPNP": fields} | {str(m): run.sel(model=m) for m in run["model"].values}
    models = {
        model: {
            "time": data["time"].values,
            "charge": data["slit_charge"].sel(slit=slits).transpose("time", "slit").values,
        }
        for model, data in chosen.items()
    }
    return measured({"slits": slits, "models": models}, study.evidence([name]))


def slit_capacitances(study: StudyFiles) -> Measured:
    """Return charge and capacitance of every slit of the default case while charging."""
    charge, capacitance = charge_over_potential(study.field(DEFAULT))
    return measured({"charge": charge, "capacitance": capacitance}, study.evidence([DEFAULT]))


def charge_over_potential(fields: xr.Dataset) -> tuple[Array, Array]:
    """Return |q| and q/u of every slit while charging, shape (time, slit); NaN at the very start."""
    ramp = charging(fields)
    charge = np.abs(fields["slit_charge"].transpose("time", "slit").values[ramp])
    potential = fields["electrode_potential"].values[ramp, None]
    u = np.abs(potential - fields["slit_conduction_potential"].transpose("time", "slit").values[ramp])
    told = charge > _EARLY * charge.max()
    capacitance = np.full_like(charge, np.nan)
    np.divide(charge, u, out=capacitance, where=told)
    return np.where(told, charge, np.nan), capacitance


def current_map(study: StudyFiles) -> Measured:
    """Return where arrows stand in the default case's strip, and the net-ion current there at half charge."""
    field = read_field_map(study.path(DEFAULT) / HALF_CHARGE_FIELDS)
    places = middle_lines(read_strip(study.path(DEFAULT) / MESH))
    at, density = current_density(field, study.cases[DEFAULT].electrolyte, places)
    return measured({"at": at, "density": density}, study.evidence([DEFAULT], HALF_CHARGE_FIELDS))


def window_laws(study: StudyFiles) -> Measured:
    """Return the law that was discovered in every window."""
    points = study.axis("window")
    rows = [
        {"window": value, "case": name, "resistance": to_infix(study.law(name).resistance)} for value, name in points
    ]
    return measured({"windows": rows}, study.evidence([name for _, name in points], "law.json"))


def _flux(study: StudyFiles, flux: xr.DataArray) -> Measured:
    end = float(study.field(DEFAULT).attrs["charging_end"])
    found = {"time": flux["time"].values, "charging_end": end, "parts": flux_parts(flux)}
    return measured(found, study.evidence([DEFAULT]))


def _profiles(study: StudyFiles, name: str) -> list[dict[str, Any]]:
    fields = study.field(name)
    if "profile_net_ions" not in fields:
        raise InputError(f"the case {name} has no profiles; name slits in [sampling] profile_slits")
    fields = fields.isel(profile_slit=0)
    end = float(fields.attrs["charging_end"])
    turn, early = (int(np.searchsorted(fields["time"].values, t)) for t in (end * (1 - 1e-9), 0.1 * end))
    position = np.asarray(fields["profile_position"].values, dtype=float)
    position = (position - position.min()) / np.ptp(position)
    return [
        {
            "label": f"d = {study.cases[name].geometry.slit * 1e9:g} nm, {word}",
            "position": position,
            "net_ions": np.abs(fields["profile_net_ions"].isel(time=step).values),
        }
        for step, word in ((early, "R near its maximum"), (turn, "R near its minimum"))
    ]


def _voltammogram(study: StudyFiles, name: str) -> Measured:
    fields, case = study.field(name), study.cases[name]
    layers, width = int(fields.attrs["layers"]), float(fields.attrs["strip_width"])
    ncm = device(study, layers)
    models: dict[str, NanoCircuit] = {
        "NCM": ncm,
        "TLM": transmission_line(ncm),
        "NCM, local charge": device(study, layers, charge="local"),
    }
    run = drive_circuits(models, case.drive.build())
    currents = {"mPNP": fields["electrode_current"]} | {m: run["electrode_current"].sel(model=m) for m in models}
    curves = {
        model: {
            "potential": (fields if model == "mPNP" else run)["electrode_potential"].values,
            "current_density": current.values / width,
        }
        for model, current in currents.items()
    }
    errors = {model: model_error(currents["mPNP"], currents[model]).rms for model in models}
    return measured({"layers": layers, "curves": curves, "errors": errors}, study.evidence([name]))


def _measured_loops(study: StudyFiles, loops: dict[str, dict[str, Any]]) -> Measured:
    return measured({"loops": loops}, study.evidence([DEFAULT], "law.json", "observables.nc"))


def _loop(study: StudyFiles, layers: int, half_cycle: float) -> dict[str, Any]:
    """Return potential and current over scan rate and electrode area, F/m^2, of the second cycle by model."""
    circuit, amplitude = device(study, layers), study.cases[DEFAULT].drive.amplitude
    drive = TriangularDrive(amplitude=amplitude, half_cycle=half_cycle, cycles=2)
    run = drive_circuits({"NCM": circuit, "TLM": transmission_line(circuit)}, drive)
    second = run.isel(time=run["time"].values >= 2 * half_cycle * (1 - 1e-9))
    scale = half_cycle / amplitude / float(run.attrs["strip_width"])
    return {
        str(model): {
            "potential": second["electrode_potential"].values,
            "current": second["electrode_current"].sel(model=model).values * scale,
        }
        for model in second["model"].values
    }
