"""KiCad's files are parsed; where kicad-cli is installed its netlist is run and compared with SciPy."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ionspice.circuits import print_files, run_netlist, solve_ladder, triangular
from ionspice.core import InputError

TOKEN = re.compile(r'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|([^\s()"]+))')
AREA = 1e-4


def parse(text):
    """Return an s-expression as nested lists; strings of KiCad and bare words are both str."""
    stack, position = [[]], 0
    while position < len(text.rstrip()):
        match = TOKEN.match(text, position)
        assert match, text[position : position + 40]
        begin, end, quoted, word = match.groups()
        if begin:
            stack.append([])
        elif end:
            stack[-2].append(stack.pop())
        else:
            stack[-1].append(word if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        position = match.end()
    ((tree,),) = stack
    return tree


def children(tree, name):
    return [child for child in tree if isinstance(child, list) and child[0] == name]


def fields(symbol):
    return {child[1]: child[2] for child in children(symbol, "property")}


@pytest.fixture
def circuit(make_circuit):
    return make_circuit(slits=6, gamma=0.8)


@pytest.fixture
def drive(circuit):
    return triangular(0.1, circuit.time_constant)


@pytest.fixture
def folder(circuit, drive, tmp_path):
    for path, text in print_files(circuit, tmp_path / "ncm.kicad_sym", "kicad", AREA, drive).items():
        path.write_text(text)
    return tmp_path


def test_the_symbol_names_the_subcircuit_its_pins_and_its_parameters(folder):
    library = (folder / "ncm.lib").read_text()
    (symbol,) = children(parse((folder / "ncm.kicad_sym").read_text()), "symbol")
    found = fields(symbol)
    assert symbol[1] == found["Sim.Name"] == "NCM7"
    assert (folder / found["Sim.Library"]).is_file()
    pins = [child for unit in children(symbol, "symbol") for child in children(unit, "pin")]
    named = {children(pin, "number")[0][1]: children(pin, "name")[0][1] for pin in pins}
    assert dict(pair.split("=") for pair in found["Sim.Pins"].split()) == named
    assert f".subckt NCM7 {' '.join(named.values())}" in library
    values = dict(pair.split("=") for pair in found["Sim.Params"].split())
    assert float(values["area"]) == AREA
    assert set(values.items()) == set(re.findall(r"(\w+)=([-+.e\d]+)", library.split("* units")[0]))


def test_the_schematic_places_the_symbol_on_the_drive(folder, drive):
    sheet = parse((folder / "ncm.kicad_sch").read_text())
    symbols = {symbol[1]: symbol for symbol in children(children(sheet, "lib_symbols")[0], "symbol")}
    parts = {fields(part)["Reference"]: part for part in children(sheet, "symbol")}
    assert {children(part, "lib_id")[0][1] for part in parts.values()} == set(symbols)
    assert fields(parts["X1"])["Sim.Params"] == fields(symbols["ncm:NCM7"])["Sim.Params"]
    corners = re.fullmatch('pwl="(.*)"', fields(parts["V1"])["Sim.Params"])[1].split()
    expected = np.column_stack([drive.time, drive.value])
    assert np.array(corners, dtype=float).reshape(-1, 2) == pytest.approx(expected, rel=1e-5)
    assert any(text[1].startswith(".tran ") for text in children(sheet, "text"))
    identifiers = re.findall(r'\(uuid "([^"]*)"\)', (folder / "ncm.kicad_sch").read_text())
    assert len(set(identifiers)) == len(identifiers) > 5


@pytest.mark.parametrize("nonlinear", [False, True])
def test_ngspice_runs_the_netlist_of_kicad(circuit, make_curve, drive, tmp_path, nonlinear):
    program = shutil.which("kicad-cli")
    if program is None:
        pytest.skip("kicad-cli is not installed (KiCad 9; Debian: kicad of bookworm-backports)")
    if nonlinear:
        circuit = replace(circuit, slit_curve=make_curve(6), donnan_slope=0.3, donnan_curve=make_curve())
    for path, text in print_files(circuit, tmp_path / "ncm.kicad_sym", "kicad", AREA, drive).items():
        path.write_text(text)
    command = [program, "sch", "export", "netlist", "--format", "spice", "-o", "out.cir", "ncm.kicad_sch"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    netlist = (tmp_path / "out.cir").read_text().replace(".end\n", ".save i(v1)\n.end\n")
    vectors = run_netlist(netlist, drive.duration * (1 - 1e-5))
    samples = np.linspace(0, drive.duration, 200)[1:-1]
    exact = solve_ladder(circuit, drive, samples).current * AREA / circuit.strip_width
    current = np.interp(samples, vectors["time"], -vectors["v1#branch"])
    assert np.abs(current - exact).max() < 5e-3 * np.abs(exact).max()


def test_without_a_drive_there_is_no_schematic(circuit):
    assert [path.suffix for path in print_files(circuit, Path("a.kicad_sym"), "kicad")] == [".kicad_sym", ".lib"]


@pytest.mark.parametrize("name", ["ncm.lib", "a'b.kicad_sym", "a\nb.kicad_sym", "$HOME.kicad_sym"])
def test_file_names_that_kicad_misreads_are_refused(circuit, name):
    with pytest.raises(InputError, match="KiCad"):
        print_files(circuit, Path(name), "kicad")
