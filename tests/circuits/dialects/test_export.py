"""Every dialect that a simulator at hand can read is run and compared with SciPy."""

import re
import subprocess
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest
import sympy

from ionspice.circuits import (
    DIALECT_SUFFIXES,
    ChargeCurve,
    Origin,
    X,
    device_name,
    exact_impedance,
    print_device,
    print_files,
    print_subcircuit,
    run_netlist,
    simulate,
    solve_ladder,
    transient_bench,
    triangular,
)
from ionspice.circuits.dialects.bench import tolerances
from ionspice.core import InputError
from tests.circuits.dialects.simulators import gnucap_there, in_gnucap, in_osdi_ngspice, in_vacask

FORMS = {
    "law": {},
    "nonlinear": {},
    "local": {"charge": "local", "charge_max": np.full(6, 1e-10), "slit_capacitance": np.linspace(0.8e-9, 1.2e-9, 6)},
    "stored": {"charge": "stored", "shape": ((1 - sympy.exp(-2 * X)) / (1 - sympy.exp(-2)),) * 6},
    # its root ends at X = 1.3, and charges go on to twice that
    "ending": {
        "charge": "stored",
        "charge_max": np.full(6, 4e-11),
        "shape": ((1 - sympy.sqrt(1 - X / 1.3)) / (1 - sympy.sqrt(1 - 1 / sympy.Float(1.3))),) * 6,
    },
}


@pytest.fixture
def form(make_curve):
    """Return the changes of a form by its name; beyond the windows of the curves' both signs go on straight."""

    def changes(name):
        if name != "nonlinear":
            return FORMS[name]
        return {
            "slit_curve": make_curve(6, odd=False, low=-0.02, high=0.08),
            "open_curve": make_curve(width=(0.05, 0.3), high=0.07),
            "donnan_slope": 0.3,
            "donnan_curve": make_curve(amplitude=(1.0, 0.0)),
        }

    return changes


@pytest.fixture(params=FORMS)
def circuit(request, make_circuit, form):
    return replace(make_circuit(slits=6, gamma=0.8), **form(request.param))


def check_current(circuit, drive, time, current):
    """Compare a simulator's current (A/m, positive into the electrode) with SciPy's."""
    samples = np.linspace(0, drive.duration, 200)[1:-1]
    exact = solve_ladder(circuit, drive, samples).current
    assert np.abs(np.interp(samples, time, current) - exact).max() < 1e-3 * np.abs(exact).max()


def bench_in(circuit, drive, dialect):
    own = print_subcircuit(circuit)
    bench = transient_bench(circuit, drive)
    assert own in bench
    return bench.replace(own, print_device(circuit, dialect))


@pytest.mark.parametrize("dialect", ["ngspice", "xyce", "ltspice", "neospice"])
def test_ngspice_reads_every_spice_dialect(circuit, dialect):
    drive = triangular(0.1, circuit.time_constant)
    vectors = run_netlist(bench_in(circuit, drive, dialect), drive.duration)
    check_current(circuit, drive, vectors["time"], -vectors["vel#branch"])


def test_neospice_runs_its_dialect(circuit):
    neospice = pytest.importorskip("neospice", reason="neospice is not installed (pip install neospice)")
    drive = triangular(0.1, circuit.time_constant)
    run = neospice.run(bench_in(circuit, drive, "neospice")).transient
    check_current(circuit, drive, np.array(run.time), -np.array(run.current("vel")))


def run_in(simulator, circuit, drive, folder, dialect):
    """Return time and current of the device as exported."""
    file = folder / f"ncm_7.{DIALECT_SUFFIXES[dialect]}"
    file.write_text(print_device(circuit, dialect))
    name = device_name(dialect, "NCM7")
    options = "reltol=1e-6" if simulator is in_vacask else f"method=trap {tolerances(circuit, drive)}"
    return simulator(folder, file.name, name, drive, options)


@pytest.mark.parametrize("simulator", [in_vacask, in_osdi_ngspice])
def test_simulators_run_the_compiled_verilog_a(circuit, tmp_path, simulator):
    drive = triangular(0.1, circuit.time_constant)
    check_current(circuit, drive, *run_in(simulator, circuit, drive, tmp_path, "verilog-a"))


def test_vacask_reads_its_dialect(circuit, tmp_path):
    drive = triangular(-0.1, circuit.time_constant)
    check_current(circuit, drive, *run_in(in_vacask, circuit, drive, tmp_path, "vacask"))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", ["law", "nonlinear", "local", "stored", "quadratic", "floor", "wavy"])
def test_gnucap_runs_its_dialect(make_circuit, form, tmp_path, name, sign):
    circuit = make_circuit(slits=6, gamma=0.8)
    changes = {
        "quadratic": {"charge": "stored", "shape": (0.1 + X / 2 + 0.4 * X**2,) * 6},
        "wavy": {"shape": (sympy.sin(4 * X) / sympy.sin(4),) * 3 + (X,) * 3, "gamma": np.full(6, 0.4)},
        "floor": {"gamma": np.ones(6), "charge_max": 0.6 * circuit.charge_max, "resistance_floor": 0.05},
    }
    circuit = replace(circuit, **(changes[name] if name in changes else form(name)))
    drive = triangular(0.1 * sign, circuit.time_constant)
    check_current(circuit, drive, *run_in(in_gnucap, circuit, drive, tmp_path, "gnucap"))


@pytest.mark.parametrize("modes", [0, 2])
@pytest.mark.parametrize("charge", ["passed", "stored", "local"])
def test_gnucap_reads_the_charge_that_ngspice_reads(make_circuit, make_curve, tmp_path, charge, modes):
    circuit = replace(
        make_circuit(slits=6, gamma=0.8, charge=charge),
        slit_capacitance=np.linspace(0.8e-9, 1.2e-9, 6),
        slit_curve=make_curve(6) if modes else ChargeCurve.linear(6),
    )
    drive = triangular(0.1, circuit.time_constant)
    time, current = run_in(in_gnucap, circuit, drive, tmp_path, "gnucap")
    samples = np.linspace(0, drive.duration, 200)[1:-1]
    run = simulate(circuit, drive)
    expected = np.interp(samples, run["time"], run["electrode_current"])
    assert np.abs(np.interp(samples, time, current) - expected).max() < 3e-4 * np.abs(expected).max()


def test_gnucap_charges_the_resistors_at_a_bias(make_circuit, tmp_path):
    gnucap_there()
    circuit = make_circuit(slits=6, gamma=0.8)
    (tmp_path / "eis.ckt").write_text(
        f"eis\n{print_device(circuit, 'gnucap')}v1 el 0 dc -0.05 ac 1\nx1 el 0 NCM7\n"
        ".options reltol=1e-9 abstol=1e-18 vntol=1e-12 numdgt=9 out=200\n.print ac ir(v1) ii(v1)\n"
        ".op\n.ac 1e4 1e9 decade 4 basic\n.end\n"
    )
    done = subprocess.run(["gnucap", "-b", "eis.ckt"], cwd=tmp_path, capture_output=True, text=True, check=True)
    frequency, real, imaginary = (
        np.array(done.stdout.split("#Freq")[1].split("\n", 1)[1].split(), float).reshape(-1, 3).T
    )
    impedance = -1 / (real + 1j * imaginary)
    assert np.abs(impedance / exact_impedance(circuit, frequency, -0.05) - 1).max() < 1e-4
    assert np.abs(impedance / exact_impedance(circuit, frequency) - 1).max() > 0.1


def test_xyce_and_ltspice_announce_parameters_as_their_manuals_say(make_circuit):
    assert ".subckt NCM6 EL BULK PARAMS:\n" in print_device(make_circuit(), "xyce")
    ltspice = print_device(make_circuit(), "ltspice")
    assert ".subckt NCM6 EL BULK params:\n" in ltspice
    assert "R={" not in ltspice
    assert "Q={" not in ltspice


@pytest.mark.parametrize("dialect", DIALECT_SUFFIXES)
def test_every_dialect_has_the_name_and_area_asked_for(make_circuit, dialect):
    text = print_device(make_circuit(), dialect, name="electrode", area=1e-4)
    assert "electrode" in text
    assert "0.0001" in text
    with pytest.raises(InputError, match="no name"):
        print_device(make_circuit(), dialect, name="x y")


ORIGIN = Origin(
    source="kcl_slits",
    files={"circuit.json": "f" * 64},
    potential=(0.0, 0.11),
    slit_charge=(-0.0012, 0.0192),
    errors=("1.1 % rms of the peak current",),
)


@pytest.mark.parametrize("dialect", DIALECT_SUFFIXES)
def test_every_dialect_tells_what_it_is_and_where_it_was_learnt(make_circuit, make_curve, dialect, tmp_path):
    circuit = replace(make_circuit(), slit_curve=make_curve(5, low=-0.07))
    files = print_files(circuit, tmp_path / "ncm.kicad_sym", dialect, drive=triangular(0.1, 1e-7), origin=ORIGIN)
    for path, text in files.items():
        told = re.sub(r"\s+", " ", re.sub(r"^(\*|//)", "", text, flags=re.MULTILINE).replace(r"\n", " "))
        for words in (
            f"{device_name(dialect, 'NCM6')}: nano-circuitry model",
            "from kcl_slits",
            f"circuit.json: {'f' * 64}",
            "EL (electrode) and BULK (electrolyte); a current into EL counts positive",
            "potential of the electrode from 0 to 0.11 V, electrode charge of one slit from -0.0012 to 0.0192 C/m^2",
            "q(u) learnt from -0.07 to 0.11 V",
            "beyond it:",
            "error: 1.1 % rms",
            f"ionspice {version('ionspice')}",
        ):
            assert words in told, (path.name, words)
        assert path.suffix.startswith(".kicad") or text.startswith(("* NCM6", "* ncm6", "// ncm6"))


@pytest.mark.parametrize("dialect", DIALECT_SUFFIXES)
@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x85", "\u2028", "\\\\\n"])
def test_no_name_of_a_source_leaves_the_comment(make_circuit, tmp_path, dialect, end):
    evil = f"run{end}.control{end}shell false{end}.endc{end}`include"
    origin = Origin(source=evil, files={evil: evil}, errors=(evil,))
    known = print_files(make_circuit(), tmp_path / "a.kicad_sym", dialect, origin=ORIGIN)
    for path, text in print_files(make_circuit(), tmp_path / "a.kicad_sym", dialect, origin=origin).items():
        code = [line for line in text.splitlines() if not line.startswith(("*", "//"))]
        expected = [line for line in known[path].splitlines() if not line.startswith(("*", "//"))]
        differing = [line for line, other in zip(code, expected, strict=True) if line != other]
        assert all('(property "Description"' in line for line in differing)
        assert not any(line.endswith("\\") for line in text.splitlines())


@pytest.mark.parametrize("dialect", DIALECT_SUFFIXES)
def test_a_dialect_does_not_claim_what_nobody_told_it(make_circuit, dialect):
    text = print_device(make_circuit(), dialect)
    assert "window not recorded" in text
    assert "q(u) learnt" not in text
    assert "error: not known" in text


def test_an_unknown_dialect_is_refused(make_circuit):
    with pytest.raises(InputError, match=r"'pspice' is not known; choose one of ngspice, xyce"):
        print_device(make_circuit(), "pspice")
