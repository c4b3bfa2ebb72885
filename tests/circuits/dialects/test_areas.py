"""Every dialect at areas of a chip, a coin and a palm, by the files and names that `export` writes.

With `-s` the errors are printed, which docs/circuits.md has as a table.
"""

import re
from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import DIALECT_SUFFIXES, device_name, print_files, solve_ladder, triangular
from ionspice.circuits.dialects.bench import tolerances
from tests.circuits.dialects.simulators import (
    EVERY_DIALECT,
    in_neospice,
    in_osdi_ngspice,
    in_vacask,
)

#: dialect, simulator; gnucap and VACASK set tolerances of their own
TABLE = [*EVERY_DIALECT, ("neospice", in_neospice), ("verilog-a", in_osdi_ngspice)]
#: m^2
AREAS = (1e-8, 1e-4, 1e-2)
LIMIT = 1e-3  # of the peak


@pytest.fixture(scope="module")
def circuit():
    from ionspice.circuits import scaled_curve, uniform_circuit

    def curve(elements, low, high):
        rows = [np.tile(values, (elements, 1)) for values in ((1.0, 0.6), (0.05, 0.0), (0.04, 0.2))]
        return scaled_curve(*rows, np.full(elements, low), np.full(elements, high), odd=False)[1]

    linear = uniform_circuit(
        layers=7,
        resistance=2.0,
        gamma=0.8,
        slit_charge=1e-10,
        slit_capacitance=1e-9,
        open_resistance=1.0,
        open_capacitance=0.5e-9,
    )
    return replace(linear, slit_curve=curve(6, -0.02, 0.08), open_curve=curve(1, -0.11, 0.07))


@pytest.fixture(scope="module")
def drive(circuit):
    return triangular(0.1, circuit.time_constant)


@pytest.fixture(scope="module")
def exact(circuit, drive):
    """Return times and the current of a square metre, A/m^2."""
    time = np.linspace(0, drive.duration, 200)[1:-1]
    return time, solve_ladder(circuit, drive, time).current / circuit.strip_width


def written(circuit, folder, dialect, area=None):
    """Return the file that a simulator reads, and the name of the device in it."""
    path = folder / f"ncm_7.{dialect}.{DIALECT_SUFFIXES[dialect]}"
    for file, text in print_files(circuit, path, dialect, area).items():
        file.write_text(text)
    library = path.with_suffix(".lib").name if dialect == "kicad" else path.name
    name = re.search(r"^(?:\.subckt|module) (\w+)", (folder / library).read_text(), flags=re.MULTILINE)[1]
    assert name == device_name(dialect, "NCM7")
    return library, name


def error_in(simulator, folder, library, instance, circuit, drive, exact, area):
    """Return the largest error of the current, of its peak."""
    time, expected = exact
    options = "reltol=1e-6" if simulator is in_vacask else f"method=trap {tolerances(circuit, drive)}"
    told, current = simulator(folder, library, instance, drive, options)
    return np.abs(np.interp(time, told, current) / area - expected).max() / np.abs(expected).max()


def test_the_table_has_every_dialect():
    assert {dialect for dialect, _ in TABLE} == set(DIALECT_SUFFIXES)


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize(("dialect", "simulator"), TABLE)
def test_a_device_of_any_area_runs_as_exported(dialect, simulator, area, circuit, drive, exact, tmp_path):
    library, name = written(circuit, tmp_path, dialect, area)
    instance = f"{name} {_kicad_parameters(tmp_path)}" if dialect == "kicad" else name
    error = error_in(simulator, tmp_path, library, instance, circuit, drive, exact, area)
    print(f"| {dialect} | {simulator.__name__} | {area:g} | {error:.1e} |")
    assert error < LIMIT


@pytest.mark.parametrize(("dialect", "simulator"), TABLE)
def test_the_area_is_a_parameter_of_the_instance(dialect, simulator, circuit, drive, exact, tmp_path):
    library, name = written(circuit, tmp_path, dialect)
    instance = f"{name} {'rc' if name.islower() else 'Rc'}=1.2e-08 area=1e-6"
    assert error_in(simulator, tmp_path, library, instance, circuit, drive, exact, 1e-6) < LIMIT


def _kicad_parameters(folder):
    """Return the parameters of the symbol, which KiCad's netlist gives to the instance."""
    return re.search(r'"Sim.Params" "([^"]*)"', (folder / "ncm_7.kicad.kicad_sym").read_text())[1]
