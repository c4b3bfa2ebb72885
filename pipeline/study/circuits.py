"""Circuits of a reproduction beside its fields: what the report draws of them, and how long both take."""

from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.constants import N_A, e, k

from ionspice.circuits import simulate, transmission_line, triangular
from ionspice.circuits.simulation.driving import drive_circuits
from ionspice.core import InputError
from ionspice.core.drives import TriangularDrive
from ionspice.core.observables import charging
from ionspice.core.run_files import HALF_CHARGE_FIELDS, MESH
from ionspice.pipeline.report.figures.circuit import (
    draw_capacitances,
    draw_current_map,
    draw_loops,
    draw_slit_charges,
)
from ionspice.pipeline.report.page import Picture, Table, percent, significant
from ionspice.pipeline.results.devices import read_device
from ionspice.pipeline.results.field_files import read_field_map, read_strip
from ionspice.pipeline.study.claims import Claim
from ionspice.pipeline.study.conditions import DEEP, DEEP_CYCLES, DEEP_SLOW, DEFAULT
from ionspice.pipeline.study.figures import draw_peak_map
from ionspice.pipeline.study.files import StudyFiles

type Array = NDArray[np.float64]

_RATES = (1 / 3, 1.0, 3.0)
_LAYERS = (6, 20, 100)
_EARLY = 0.05  # of the largest charge, below which q/u is round-off over round-off


def current_map(study: StudyFiles) -> Picture:
    """Return the potential of the default case at half charge with arrows of the net-ion current (3a)."""
    path = study.path(DEFAULT) / HALF_CHARGE_FIELDS
    at, density = current_density(study, path)
    return Picture(
        name="current_map",
        figure=draw_current_map(read_field_map(path), at, density),
        alt="Potential of the stack at half charge with arrows of the ionic current",
        caption="Potential at half charge and net-ion current: the current winds through the gaps, which lie on "
        "opposite sides in turn, and weakens from slit to slit because each keeps a part of it (figure 3a; "
        f"cases/{DEFAULT}/{HALF_CHARGE_FIELDS}). The length of an arrow grows with the root of the density; the "
        f"largest is {significant(float(np.hypot(*density.T).max()) * 1e-4)} A/cm².",
    )


def current_density(study: StudyFiles, path: Path) -> tuple[Array, Array]:
    """Return the net-ion current density on the middle lines of slits and gaps of the default case.

    It is -sum z_i e D_i c_i grad(mu_i)/(k T), mu_i with the steric part of Bikerman's model.

    Returns:
        Places, shape (n, 2) [nm], and densities, shape (n, 2) [A/m^2].
    """
    import meshio
    from matplotlib.tri import Triangulation

    case = study.cases[DEFAULT]
    electrolyte = case.electrolyte
    mesh = meshio.read(path)
    field = read_field_map(path)
    thermal = k * electrolyte.temperature / e
    phi = np.asarray(mesh.point_data["potential"]).ravel() / thermal
    species = electrolyte.species
    moles = [1e3 * np.asarray(mesh.point_data[f"concentration_{ion.name}"]).ravel() for ion in species]  # mol/m^3
    share = np.sum(moles, axis=0) * N_A * electrolyte.ion_diameter**3
    grid = Triangulation(field.points[:, 0], field.points[:, 1], field.triangles)
    corners = field.points[field.triangles]
    edges = corners[:, 1:] - corners[:, :1]
    inverse = np.linalg.inv(edges)  # nm^-1
    current: Array = np.zeros((len(field.triangles), 2))
    for ion, c in zip(species, moles, strict=True):
        potential = ion.valence * phi + np.log(np.maximum(c, 1e-12)) - np.log1p(-np.minimum(share, 1 - 1e-12))
        rise = potential[field.triangles][:, 1:] - potential[field.triangles][:, :1]
        gradient = np.einsum("nij,nj->ni", inverse, rise) * 1e9
        density = c[field.triangles].mean(axis=1)
        current -= ion.valence * e * N_A * ion.diffusivity * density[:, None] * gradient
    at = _arrow_places(study)
    inside = np.asarray(grid.get_trifinder()(at[:, 0], at[:, 1]), dtype=int)
    return at[inside >= 0], current[inside[inside >= 0]]


def _arrow_places(study: StudyFiles) -> Array:
    """Return places on the middle lines of slits and gaps, nm."""
    mesh = read_strip(study.path(DEFAULT) / MESH)
    places = []
    for name, blocks in mesh.regions.items():
        inside = mesh.points[np.unique(np.concatenate([cells.ravel() for cells in blocks]))]
        low, high = inside.min(axis=0), inside.max(axis=0)
        x = np.array([(low[0] + high[0]) / 2])
        if name.startswith("slit"):
            y = np.linspace(low[1], high[1], 9)[1:-1]
        elif name.startswith("gap"):
            y = np.array([(low[1] + high[1]) / 2])
        else:
            x, y = np.linspace(low[0], high[0], 8)[1:-1], np.linspace(low[1], high[1], 5)[1:-1]
        places += [(one, other) for one in x for other in y]
    return np.array(places)


def slit_capacitances(study: StudyFiles, claim: Claim) -> Picture:
    """Return the capacitance of every slit of the default case against its charge (S11)."""
    charge, capacitance = charge_over_potential(study.field(DEFAULT))
    return Picture(
        name="slit_capacitance",
        figure=draw_capacitances(charge, capacitance),
        alt="Charge over potential of every slit against its charge",
        caption="Slit capacitance, charge over the potential difference between electrode and slit, while charging, "
        f"default case (figure S11). Largest change while charging, of all widths: {percent(claim.value or 0.0)} "
        "(claim J).",
    )


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


def loops_over_rates(study: StudyFiles) -> Picture:
    """Return loops of 20 layers at three rates (S12)."""
    drive = study.cases[DEFAULT].drive
    assert drive.half_cycle is not None
    halves = {f"{rate * drive.half_cycle * 1e9:.0f} ns": rate * drive.half_cycle for rate in _RATES}
    loops = {label: _loop(study, 20, drive.amplitude, half) for label, half in halves.items()}
    return Picture(
        name="loops_over_rates",
        figure=draw_loops(loops, "current over scan rate / F m⁻²"),
        alt="Second loop of NCM and TLM of 20 layers at three rates",
        caption="Second cycle of 20 layers by the circuits at three half cycles, current over scan rate: the faster, "
        "the less of the stack takes part (figure S12; claim L).",
    )


def loops_over_layers(study: StudyFiles) -> Picture:
    """Return loops of stacks of growing number of layers at the default rate (S12)."""
    drive = study.cases[DEFAULT].drive
    assert drive.half_cycle is not None
    loops = {f"{n} layers": _loop(study, n, drive.amplitude, drive.half_cycle) for n in _LAYERS}
    return Picture(
        name="loops_over_layers",
        figure=draw_loops(loops, "current over scan rate / F m⁻²"),
        alt="Second loop of NCM and TLM of 6, 20 and 100 layers",
        caption="Second cycle by the circuits at the default rate, current over scan rate: 100 layers "
        "take little more than 20, for the ions do not get there (figure S12).",
    )


def _loop(study: StudyFiles, layers: int, amplitude: float, half_cycle: float) -> dict[str, tuple[Array, Array]]:
    """Return potential and current over scan rate and electrode area, F/m^2, of the second cycle."""
    circuit = read_device(study.path(DEFAULT), layers=layers, terms=study.cases[DEFAULT].circuit.capacitance_terms)
    drive = TriangularDrive(amplitude=amplitude, half_cycle=half_cycle, cycles=2)
    run = drive_circuits({"NCM": circuit, "TLM": transmission_line(circuit)}, drive)
    second = run.isel(time=run["time"].values >= 2 * half_cycle * (1 - 1e-9))
    scale = half_cycle / amplitude / float(run.attrs["strip_width"])
    return {
        str(model): (
            second["electrode_potential"].values,
            second["electrode_current"].sel(model=model).values * scale,
        )
        for model in second["model"].values
    }


def ions_in_slits(study: StudyFiles) -> Picture:
    """Return the charge of three slits of 20 layers by field model, NCM and TLM (3e, 3f)."""
    name = DEEP_CYCLES if DEEP_CYCLES in study.cases else DEEP
    charges, slits = slit_charges(study, name)
    largest = {model: float(np.abs(values[:, -1]).max()) for model, (_, values) in charges.items()}
    return Picture(
        name="ions_in_slits",
        figure=draw_slit_charges(charges, slits),
        alt="Charge of the first, middle and last slit of 20 layers over time by three models",
        caption="Net ionic charge of the first, middle and last slit of 20 layers: field model (broad), NCM (law and "
        "capacitances of 6 layers) and TLM (dashed); deep slits lag, and go on charging while the electrode already "
        "discharges (figures 3e, 3f; "
        f"cases/{name}/observables.nc). Largest charge of the last slit over the field model's: NCM "
        f"{significant(largest['NCM'] / largest['mPNP'])}, TLM {significant(largest['TLM'] / largest['mPNP'])}.",
    )


def slit_charges(study: StudyFiles, name: str) -> tuple[dict[str, tuple[Array, Array]], list[int]]:
    """Return time and charge of first, middle and last slit by model, and the slits' numbers."""
    fields, case = study.field(name), study.cases[name]
    count = fields.sizes["slit"]
    slits = sorted({1, (count + 1) // 2, count})
    circuit = read_device(study.path(DEFAULT), layers=count + 1, terms=case.circuit.capacitance_terms)
    run = drive_circuits({"NCM": circuit, "TLM": transmission_line(circuit)}, case.drive.build())
    chosen = {"mPNP": fields} | {str(m): run.sel(model=m) for m in run["model"].values}
    return {
        model: (data["time"].values, data["slit_charge"].sel(slit=slits).transpose("time", "slit").values)
        for model, data in chosen.items()
    }, slits


def peak_map_picture(claim: Claim) -> Picture:
    """Return claim M's map over gamma and Rc (3g)."""
    values = claim.values
    peaks = xr.Dataset(
        {"prominence": (("gamma", "rc_scale"), np.array(values["fall"], dtype=float))},
        coords={"gamma": list(values["gamma"]), "rc_scale": list(values["Rc_scale"])},
    )
    return Picture(
        name="peak_map",
        figure=draw_peak_map(peaks),
        alt="Fall of the current behind its peak over gamma and Rc",
        caption="By what share the circuit's current falls behind its maximum while charging, in per cent: "
        f"{claim.condition} (figure 3g; claim M).",
    )


def speed_table(study: StudyFiles) -> Table:
    """Return wall times of the field model and of the circuit under the same drive.

    Raises:
        InputError: no case of many layers.
    """
    rows = [_speed(study, name) for name in (DEFAULT, DEEP, DEEP_SLOW, DEEP_CYCLES) if name in study.cases]
    if not rows:
        raise InputError("no case to time")
    return Table(
        caption="Field model and circuit side by side, wall time on this machine while other cases ran; the field "
        "model also gives everything that the circuit is built from (claim N).",
        head=("Case", "layers", "unknowns", "ranks", "field model", "NCM in ngspice", "ratio"),
        rows=tuple(rows),
        numeric=frozenset(range(1, 7)),
    )


def _speed(study: StudyFiles, name: str) -> tuple[str, ...]:
    fields, case = study.field(name), study.cases[name]
    layers = int(fields.attrs["layers"])
    circuit = read_device(study.path(DEFAULT), layers=layers, terms=case.circuit.capacitance_terms)
    drive = case.drive
    assert drive.half_cycle is not None
    run = simulate(circuit, triangular(drive.amplitude, drive.half_cycle, drive.cycles))
    ours, theirs = float(run.attrs["wall_time"]), float(fields.attrs["wall_time"])
    return (
        name,
        str(layers),
        str(int(fields.attrs["unknowns"])),
        str(int(fields.attrs["ranks"])),
        f"{significant(theirs)} s",
        f"{significant(ours, 2)} s",
        significant(theirs / ours, 2),
    )
