import re
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import (
    print_full_cell,
    print_subcircuit,
    run_netlist,
    simulate,
    subcircuit_name,
    transient_bench,
    triangular,
)
from ionspice.core import InputError


def test_the_subcircuit_has_the_agreed_interface(make_circuit):
    text = print_subcircuit(make_circuit(slits=5))
    assert text.startswith(".subckt NCM6 EL BULK\n")
    assert text.rstrip().endswith(".ends NCM6")
    names = re.findall(r"^\+ (.*)$", text, flags=re.MULTILINE)
    assert {n.split("=")[0] for line in names for n in line.split()} == {
        *("Rc", "gamma", "Qmax", "Cslit", "Ropen", "Copen", "rmin", "area"),
        *("Rleak", "tc1", "tc2", "T0", "tolR", "tolC", "V0"),
    }


def test_charge_is_read_through_voltage_sources_without_a_state(make_circuit):
    text = print_subcircuit(make_circuit(slits=4))
    assert len(re.findall(r"^E\d", text, flags=re.MULTILINE)) == 4
    assert "ddt" not in text
    assert "idt" not in text


def test_batch_ngspice_and_pyspice_give_the_same_run(make_circuit, tmp_path):
    circuit = make_circuit(slits=5, gamma=0.7)
    drive = triangular(0.1, 1e-7)
    bench = transient_bench(circuit, drive).replace(
        ".end\n", ".control\nrun\nset wr_singlescale\nset numdgt=15\nwrdata cv.txt i(vel)\nquit 0\n.endc\n.end\n"
    )
    (tmp_path / "cv.cir").write_text(bench)
    subprocess.run(["ngspice", "-b", "cv.cir"], cwd=tmp_path, check=True, capture_output=True)
    time, current = np.loadtxt(tmp_path / "cv.txt").T
    run = simulate(circuit, drive)
    assert -current[np.searchsorted(time, run["time"] * (1 - 1e-9))] == pytest.approx(
        run["electrode_current"].to_numpy(), rel=1e-6, abs=1e-9
    )


@pytest.mark.parametrize("parameter", ["area", "Rc", "gamma", "Cslit"])
def test_an_instance_takes_its_own_parameters(make_circuit, parameter):
    circuit = make_circuit(slits=3, gamma=0.5)
    changes = {
        "area": ({}, 1e-4, circuit.strip_width * 1e-4 / circuit.strip_width / circuit.strip_width),
        "Rc": ({"resistance_zero": circuit.resistance_zero * 3}, 3 * 2.0 * circuit.strip_width, 1.0),
        "gamma": ({"gamma": np.full(3, 0.2)}, 0.2, 1.0),
        "Cslit": ({"slit_capacitance": circuit.slit_capacitance / 2}, 0.5e-9 / circuit.strip_width, 1.0),
    }
    change, value, factor = changes[parameter]
    expected = simulate(replace(circuit, **change), triangular(0.1, 1e-7))
    bench = transient_bench(circuit, triangular(0.1, 1e-7))
    vectors = run_netlist(bench.replace("X1 el 0 NCM4", f"X1 el 0 NCM4 {parameter}={value!r}"), 2e-7)
    current = np.interp(expected["time"], vectors["time"], -vectors["vel#branch"]) / factor
    assert np.abs(current - expected["electrode_current"]).max() < 2e-3 * float(expected["electrode_current"].max())


def test_a_full_cell_carries_the_current_of_its_half_cells(make_circuit):
    circuit = make_circuit(slits=5, gamma=0.7)
    half = simulate(circuit, triangular(0.1, 1e-7))
    bench = transient_bench(circuit, triangular(0.2, 1e-7))
    bench = bench.replace("X1 el 0 NCM6\n", f"{print_full_cell(circuit)}X1 el 0 NCM6CELL\n")
    bench = re.sub(r"\.save .*", ".save i(vel) v(x1.bulk)", bench)
    vectors = run_netlist(bench, 2e-7)
    current = np.interp(half["time"], vectors["time"], -vectors["vel#branch"])
    peak = float(half["electrode_current"].max())
    assert np.abs(current - half["electrode_current"]).max() < 5e-4 * peak
    middle = np.interp(vectors["time"], half["time"], half["electrode_potential"])
    assert np.abs(vectors["x1.bulk"] - middle).max() < 1e-6


@pytest.mark.parametrize("name", ["", "two words", "a.b", "x\n.control", "1st", "a" * 65, ".include", "ä"])
def test_names_that_would_break_a_netlist_are_refused(make_circuit, name):
    with pytest.raises(InputError, match="no name"):
        print_subcircuit(make_circuit(), name or " ")


def test_a_device_has_the_area_asked_for(make_circuit):
    assert "+ area=0.0001\n" in print_subcircuit(make_circuit(), area=1e-4)
    with pytest.raises(InputError, match="area"):
        print_subcircuit(make_circuit(), area=0.0)


def test_the_default_name_counts_layers(make_circuit):
    assert subcircuit_name(make_circuit(slits=19)) == "NCM20"
