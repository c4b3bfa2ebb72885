"""Sensitivities and Monte Carlo of the exported part in ngspice, against closed forms."""

import subprocess
from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import exact_impedance, print_device, run_netlist
from ionspice.circuits.model.ladder import at_rest
from ionspice.core import InputError

AREA = 1e-4
BIAS = 0.05


@pytest.fixture(params=["linear", "nonlinear"])
def circuit(request, make_circuit, make_curve):
    curve = {} if request.param == "linear" else {"slit_curve": make_curve(4), "open_curve": make_curve()}
    return replace(make_circuit(slits=4, gamma=0.8), leakage=1e3, **curve)


def sensitivities(folder, part, analysis, names):
    """Return those of the voltage behind 1 ohm to elements of a part, by name."""
    (folder / "sens.cir").write_text(
        f"* sens\n{part}x1 el 0 NCM5\nvin in 0 dc {BIAS} ac 1\nr1 in el 1\n.control\nsens v(el) {analysis}\n"
        f"set wr_singlescale\nset numdgt=12\nwrdata sens.txt {' '.join(names)}\nquit 0\n.endc\n.end\n"
    )
    done = subprocess.run(["ngspice", "-b", "sens.cir"], cwd=folder, capture_output=True, text=True, check=False)
    assert (folder / "sens.txt").is_file(), done.stdout + done.stderr
    return np.atleast_2d(np.loadtxt(folder / "sens.txt"))[:, 1:]


def test_the_operating_points_sensitivity_is_that_of_the_divider(circuit, tmp_path):
    part = print_device(circuit, area=AREA)
    leak = circuit.leakage * circuit.strip_width / AREA
    found = sensitivities(tmp_path, part, "", ["r.x1.rleak", "vin"])
    assert found[0] == pytest.approx([BIAS / (1 + leak) ** 2, leak / (1 + leak)], rel=1e-4)


@pytest.mark.parametrize("hertz", [1e5, 1e6, 1e7])
def test_the_sensitivity_at_a_frequency_is_that_of_the_ladder(circuit, tmp_path, hertz):
    part = print_device(circuit, area=AREA, bias=BIAS)
    names = ["r.x1.ropen", "r.x1.r1", "r.x1.r3"]
    # of several frequencies ngspice 39 tells the first one's alone
    rows = sensitivities(tmp_path, part, f"ac lin 1 {hertz} {hertz}", names)
    frequency = np.array([hertz])
    rest = at_rest(circuit, BIAS)
    # ohm of the strip, which has Cslit, over that of the ladder inside, which has 1 nF
    inside = 1e-9 / rest.slit_capacitance[1:].mean()

    def voltage(**changes):
        impedance = exact_impedance(replace(rest, **changes), frequency) * rest.strip_width / AREA
        return impedance / (1 + impedance)

    def derivative(name, index):
        step = 1e-4
        values = np.array(getattr(rest, name), dtype=float)
        change = step * (values if index is None else values[index])
        up, down = values.copy(), values.copy()
        if index is None:
            up, down = float(up + change), float(down - change)
        else:
            up[index] += change
            down[index] -= change
        return (voltage(**{name: up}) - voltage(**{name: down})) / (2 * change) * inside

    expected = [
        derivative("open_resistance", None),
        derivative("resistance_zero", 0),
        derivative("resistance_zero", 2),
    ]
    found = rows[0, ::2] + 1j * rows[0, 1::2]
    assert np.abs(found / np.concatenate(expected) - 1).max() < 1e-4


def test_a_part_of_small_signals_has_the_spectrum_of_the_bias(circuit):
    part = print_device(circuit, area=AREA, bias=BIAS)
    vectors = run_netlist(f"* ac\n{part}x1 el 0 NCM5\nvel el 0 ac 1\n.options gmin=1e-30\n.ac dec 2 1e5 1e8\n.end\n")
    exact = exact_impedance(circuit, np.real(vectors["frequency"]), BIAS) * circuit.strip_width / AREA
    assert np.abs(-1 / vectors["vel#branch"] / exact - 1).max() < 1e-6


def test_small_signals_about_a_donnan_potential_are_refused(make_circuit):
    with pytest.raises(InputError, match="no ladder of small signals"):
        print_device(replace(make_circuit(), donnan_slope=-0.4), bias=BIAS)
    with pytest.raises(InputError, match="half cells in one of ngspice"):
        print_device(make_circuit(), "gnucap", bias=BIAS)


@pytest.mark.parametrize(("parameter", "part"), [("tolC", np.imag), ("tolR", np.real)])
def test_every_part_draws_its_own_constants(make_circuit, parameter, part):
    circuit = make_circuit(slits=4, gamma=0.8)
    count, spread = 100, 0.1
    parts = "".join(f"v{k} e{k} 0 ac 1\nx{k} e{k} 0 NCM5 {parameter}={spread}\n" for k in range(count))
    low = 1e-3 / circuit.time_constant
    text = f"* draws\n{print_device(circuit, area=AREA)}{parts}.options gmin=1e-30\n.ac lin 1 {low} {low}\n.end\n"
    vectors = run_netlist(text)
    impedance = np.array([-1 / vectors[f"v{k}#branch"][0] for k in range(count)])
    exact = exact_impedance(circuit, np.array([low]))[0] * circuit.strip_width / AREA
    ratio = part(impedance) / part(exact)
    drawn = 1 / ratio if parameter == "tolC" else ratio
    assert abs(drawn.mean() - 1) < 5 * spread / np.sqrt(count)
    assert 0.6 * spread < drawn.std() < 1.4 * spread


def test_without_tolerances_all_parts_are_the_same(make_circuit):
    circuit = make_circuit(slits=4, gamma=0.8)
    text = f"* same\n{print_device(circuit, area=AREA)}v1 a 0 ac 1\nx1 a 0 NCM5\nv2 b 0 ac 1\nx2 b 0 NCM5\n"
    vectors = run_netlist(f"{text}.ac lin 1 1e6 1e6\n.end\n")
    assert vectors["v1#branch"] == vectors["v2#branch"]
