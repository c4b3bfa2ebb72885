"""Rails in every dialect that can express them, by the files and names that `export --ions` writes."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from ionspice.circuits import DIALECT_SUFFIXES, Waveform, device_name, run_netlist, triangular
from ionspice.circuits.dialects.header import Origin
from ionspice.circuits.ions import RAIL_DIALECTS, full_cell, half_cell, print_rail_files, simulate_rails
from ionspice.core import InputError
from tests.circuits.dialects.simulators import in_neospice, in_ngspice, in_osdi_ngspice, in_vacask
from tests.circuits.ions.ions_cases import solution, stack

TABLE = [
    ("ngspice", in_ngspice),
    ("xyce", in_ngspice),
    ("ltspice", in_ngspice),
    ("neospice", in_neospice),
    ("kicad", in_ngspice),
    ("vacask", in_vacask),
    ("verilog-a", in_vacask),
    ("verilog-a", in_osdi_ngspice),
]
AREA = 1e-4
DRIVE = triangular(0.11, 750e-9)


@pytest.fixture(scope="module")
def half():
    return half_cell(stack(), solution(), layers=2, window=0.11, nodes=3)


def written(circuit, folder, dialect, area=None):
    """Return the file that a simulator reads, and the name of the device in it."""
    path = folder / f"ncm_ions_2.{dialect}.{DIALECT_SUFFIXES[dialect]}"
    for file, text in print_rail_files(circuit, path, "NCM2_IONS", dialect, area).items():
        file.write_text(text)
    library = path.with_suffix(".lib").name if dialect == "kicad" else path.name
    name = re.search(r"^(?:\.subckt|module) (\w+)", (folder / library).read_text(), flags=re.MULTILINE)[1]
    assert name == device_name(dialect, "NCM2_IONS")
    return library, name


def error_in(simulator, folder, library, instance, circuit):
    """Return the rms error of the current over its peak behind the first 2 % of the run."""
    own = "tran_itl=50" if simulator is in_vacask else "chgtol=1e-18 itl4=50"
    drive = DRIVE if circuit.reservoir else Waveform(time=DRIVE.time, value=2 * DRIVE.value)
    return error_of(circuit, *simulator(folder, library, instance, drive, f"reltol=1e-4 {own}", 200))


def error_of(circuit, time, current):
    """Return the same of a current, A."""
    exact = simulate_rails(circuit, DRIVE, tolerance=1e-4)
    samples = np.linspace(0.02 * DRIVE.duration, DRIVE.duration, 300)
    expected = np.interp(samples, exact.time, exact.current) * AREA / circuit.strip_width
    return np.sqrt(np.mean((np.interp(samples, time, current) - expected) ** 2)) / np.abs(expected).max()


def test_the_table_has_every_dialect_of_rails():
    assert {dialect for dialect, _ in TABLE} == set(RAIL_DIALECTS)


@pytest.mark.parametrize(("dialect", "simulator"), TABLE)
def test_rails_run_as_exported(dialect, simulator, half, tmp_path):
    library, name = written(half, tmp_path, dialect, AREA)
    error = error_in(simulator, tmp_path, library, name, half)
    print(f"| {dialect} | {simulator.__name__} | {error:.1e} |")
    assert error < 3e-3


@pytest.mark.parametrize(("dialect", "simulator"), [("ngspice", in_ngspice), ("verilog-a", in_vacask)])
def test_area_is_a_parameter_of_the_instance(dialect, simulator, half, tmp_path):
    library, name = written(half, tmp_path, dialect)
    assert error_in(simulator, tmp_path, library, f"{name} area={AREA}", half) < 3e-3


@pytest.mark.parametrize(("dialect", "simulator"), [("neospice", in_neospice), ("verilog-a", in_vacask)])
def test_sealed_cells_run_as_exported(dialect, simulator, half, tmp_path):
    sealed = full_cell(half)
    library, name = written(sealed, tmp_path, dialect, AREA)
    assert error_in(simulator, tmp_path, library, name, sealed) < 3e-3


def test_gnucap_is_refused_with_what_can_be_used(half, tmp_path):
    with pytest.raises(InputError, match=r"gnucap.*functions of several voltages; use one of ngspice"):
        print_rail_files(half, tmp_path / "a.lib", "NCM2_IONS", "gnucap")
    with pytest.raises(InputError, match="'pspice' is not known"):
        print_rail_files(half, tmp_path / "a.lib", "NCM2_IONS", "pspice")


@pytest.mark.parametrize("sealed", [False, True])
def test_ngspice_runs_the_netlist_of_kicad(half, tmp_path, sealed):
    program = shutil.which("kicad-cli")
    if program is None:
        pytest.skip("kicad-cli is not installed (KiCad 9; Debian: kicad of bookworm-backports)")
    circuit = full_cell(half) if sealed else half
    for file, text in print_rail_files(circuit, tmp_path / "a.kicad_sym", "CELL", "kicad", AREA, DRIVE).items():
        file.write_text(text)
    command = [program, "sch", "export", "netlist", "--format", "spice", "-o", "out.cir", "a.kicad_sch"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    netlist = (tmp_path / "out.cir").read_text().replace(".end\n", ".save i(v1)\n.end\n")
    vectors = run_netlist(netlist, DRIVE.duration * (1 - 1e-5))
    assert error_of(circuit, vectors["time"], -vectors["v1#branch"]) < 3e-3


def test_kicad_has_a_symbol_of_the_cell(half, tmp_path):
    symbol, library = print_rail_files(full_cell(half), tmp_path / "a.kicad_sym", "CELL", "kicad", 1e-4).values()
    for text in ('"Sim.Pins" "1=POS 2=NEG"', '"Sim.Library" "a.lib"', '"Sim.Params" "area=0.0001"', '(name "POS"'):
        assert text in symbol
    assert ".subckt CELL POS NEG area=0.0001" in library


@pytest.mark.parametrize("dialect", RAIL_DIALECTS)
def test_every_dialect_tells_what_it_is_and_where_it_was_learnt(half, tmp_path, dialect):
    origin = Origin(source="kcl_slits", files={"rails.json": "f" * 64}, potential=(0.0, 0.11), errors=("ions 0.2 %",))
    files = print_rail_files(half, tmp_path / "a.kicad_sym", "NCM2_IONS", dialect, drive=DRIVE, origin=origin)
    for text in files.values():
        told = re.sub(r"\s+", " ", re.sub(r"^(\*|//)", "", text, flags=re.MULTILINE).replace(r"\n", " "))
        for words in (
            f"{device_name(dialect, 'NCM2_IONS')}, half cell of a stack of 2 sheets",
            "from kcl_slits",
            f"rails.json: {'f' * 64}",
            "EL (electrode) and BULK (electrolyte); a current into EL counts positive",
            "learnt: potential of the electrode from 0 to 0.11 V",
            "beyond it:",
            "error: ions 0.2 %",
        ):
            assert words in told, words
