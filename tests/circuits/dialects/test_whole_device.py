"""Devices of 1 to 3000 F and 1 to 2.7 V as `export` writes them, in the simulators, against their rating."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import (
    DIALECT_SUFFIXES,
    CellOfTwo,
    device_name,
    print_device,
    print_files,
    rating,
    run_netlist,
    triangular,
)
from tests.circuits.dialects.simulators import EVERY_DIALECT, in_gnucap, in_neospice, in_ngspice, in_vacask

TABLE = [*EVERY_DIALECT, ("neospice", in_neospice)]
#: F, V, and ohm of separator and contacts
DEVICES = [(1.0, 1.0, 0.2), (100.0, 2.7, 5e-3), (3000.0, 2.7, 2e-4), (350.0, 2.5, 0.0)]
#: of a time constant, a part of which follows every corner, 20 steps
STEPS = 2000
OPTIONS = dict.fromkeys((in_ngspice, in_neospice), "method=gear reltol=1e-5 chgtol=1e-18") | {
    in_vacask: "reltol=1e-4",
    in_gnucap: "reltol=1e-6 method=trap numdgt=9 out=200",
}


@pytest.fixture
def electrode(request, make_circuit, make_curve):
    curve = {"low": -1.35, "high": 1.35, "centre": (0.5, 0.0), "width": (0.4, 1.0)}
    plain = make_circuit(slits=6, gamma=0.8, slit_charge=1e-9)
    if "gnucap" in request.node.name:  # it does not end on tables of q(u) behind a far larger resistance
        return plain
    return replace(plain, slit_curve=make_curve(6, **curve), open_curve=make_curve(**curve))


def written(folder, electrode, dialect, capacitance, voltage, resistance):
    """Return the library of a device, its name and its rating."""
    area = capacitance / rating(electrode, voltage, 0.0).capacitance
    series = resistance * area
    path = folder / f"cell.{DIALECT_SUFFIXES[dialect]}"
    files = print_files(
        electrode, path, dialect, area, triangular(0.1, 1.0), cell=CellOfTwo(series_resistance=series)
    )
    for file, text in files.items():
        file.write_text(text)
    library = path.with_suffix(".lib").name if dialect == "kicad" else path.name
    return library, device_name(dialect, "NCM7CELL"), rating(electrode, voltage, series).of_area(area)


@pytest.mark.parametrize(("dialect", "simulator"), TABLE)
@pytest.mark.parametrize("device", DEVICES)
def test_charge_energy_and_loss_of_a_slow_cycle(electrode, tmp_path, dialect, simulator, device):
    library, name, rated = written(tmp_path, electrode, dialect, *device)
    half = 100 * rated.capacitance * rated.slow_resistance
    drive = triangular(rated.voltage, half)
    time, current = simulator(
        tmp_path, library, name, drive, OPTIONS[simulator], steps=STEPS * (1 + (simulator is in_gnucap))
    )
    ramp = time <= half
    power = drive.at(time) * current
    # a slow current leaves the inside behind the terminals by I R
    inside = rating(electrode, rated.voltage - current[ramp][-2] * rated.charged_resistance, 0.0)
    area = rated.capacitance / rating(electrode, rated.voltage, 0.0).capacitance
    charge = np.trapezoid(current[ramp], time[ramp])
    assert charge == pytest.approx(inside.capacitance * inside.voltage * area, rel=2e-3)
    work = np.trapezoid(power[ramp], time[ramp])
    lost = np.trapezoid(current[ramp] ** 2, time[ramp]) * (rated.slow_resistance + rated.charged_resistance) / 2
    assert work == pytest.approx(inside.energy * area + lost, rel=2e-3)
    resistance = np.trapezoid(power, time) / np.trapezoid(current**2, time)
    assert rated.charged_resistance * 0.97 < resistance < rated.slow_resistance * 1.03


@pytest.mark.parametrize("device", DEVICES)
def test_a_data_sheets_discharge_gives_capacitance_and_resistance(electrode, tmp_path, device):
    library, name, rated = written(tmp_path, electrode, "ngspice", *device)
    area = rated.capacitance / rating(electrode, rated.voltage, 0.0).capacitance
    # as of IEC 62391: charged and held, then discharged by a current that empties it in 100 R C
    current = rated.voltage / (100 * rated.slow_resistance)
    span = 100 * rated.capacitance * rated.slow_resistance
    step = span / 2000
    vectors = run_netlist(
        f'* data sheet\n.include "{tmp_path / library}"\nx1 el 0 {name} V0={rated.voltage}\n'
        f"iload el 0 pwl(0 0 {step} {current})\n.options method=gear reltol=1e-6\n.save v(el)\n"
        f".tran {step} {span} 0 {step} uic\n.end\n",
        span,
    )
    time, volts = vectors["time"], vectors["el"]
    drop = rated.voltage - np.interp(2 * step, time, volts)
    less = rating(electrode, 0.99 * rated.voltage, 0.0).of_area(area)
    at_the_end = (rated.capacitance - 0.99 * less.capacitance) / 0.01
    assert drop == pytest.approx(current * (rated.charged_resistance + 1.5 * step / at_the_end), rel=2e-2)
    empty = np.interp(0.0, -volts, time)
    # what is left at 0 V lies behind the resistance
    left = rating(electrode, current * rated.slow_resistance, 0.0).of_area(area)
    charge = current * (empty - step / 2)
    assert charge == pytest.approx(rated.capacitance * rated.voltage - left.capacitance * left.voltage, rel=2e-3)


def test_gnucap_follows_a_slow_sweep(make_circuit, tmp_path):
    circuit = make_circuit(slits=6, gamma=0.8)
    area, half = 1e-4, 1.0
    (tmp_path / "part.lib").write_text(print_device(circuit, "gnucap", area=area))
    time, current = in_gnucap(tmp_path, "part.lib", "NCM7", triangular(0.1, half))
    capacitance = rating(circuit, 0.1).of_area(area).capacitance
    assert np.interp(0.5 * half, time, current) == pytest.approx(capacitance * 0.1 / half, rel=5e-3)
