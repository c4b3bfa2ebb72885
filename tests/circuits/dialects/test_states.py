"""What a part does besides charging: it starts charged, leaks and follows the temperature; in ngspice."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.constants import Boltzmann

from ionspice.circuits import (
    DIALECT_SUFFIXES,
    exact_impedance,
    print_device,
    print_subcircuit,
    run_netlist,
    simulate_impedance,
    solve_ladder,
    triangular,
)
from tests.circuits.dialects.simulators import in_batch, run_vacask, vacask_head

START = 0.08  # V


def run(circuit, lines, end=None, instance="NCM7"):
    return run_netlist(f"* bench\n{print_subcircuit(circuit)}x1 el 0 {instance}\n{lines}\n.end\n", end)


@pytest.mark.parametrize(
    ("instance", "lines", "uic"),
    [
        (f"NCM7 V0={START}", "", "uic"),
        (f"NCM7 V0={START}", f".ic v(el)={START}", "uic"),
        ("NCM7", f".ic v(el)={START}", ""),
    ],
)
@pytest.mark.parametrize("area", [1e-8, 1e-4])
def test_a_charged_part_keeps_its_voltage(circuit, instance, lines, uic, area):
    span = 100 * circuit.time_constant
    step = span / 1000
    tran = f".save all\n.options method=gear\n.tran {step!r} {span!r} 0 {step!r} {uic}"
    vectors = run(circuit, f"rload el 0 1e15\n{lines}\n{tran}", span, f"{instance} area={area}")
    later = vectors["time"] > 0
    assert np.abs(vectors["el"][later] / START - 1).max() < 1e-4
    # nothing flows between the slits: all nodes but the jump's are at the bulk's potential
    nodes = [vectors[f"x1.n{i}"][later] for i in range(2, 7)]
    assert np.abs(np.array(nodes) - vectors["x1.n1"][later]).max() < 1e-4 * START


def test_ltspices_text_starts_charged_too(circuit):
    span = 100 * circuit.time_constant
    step = span / 1000
    vectors = run_netlist(
        f"* bench\n{print_device(circuit, 'ltspice')}x1 el 0 NCM7 V0={START} area=1e-6\nrload el 0 1e15\n.save all\n"
        f".options method=gear\n.tran {step!r} {span!r} 0 {step!r} uic\n.end\n",
        span,
    )
    assert np.abs(vectors["el"][vectors["time"] > 0] / START - 1).max() < 1e-4


def test_xyces_text_starts_charged_without_uic(circuit):
    span = 100 * circuit.time_constant
    step = span / 1000
    text = print_device(circuit, "xyce")
    vectors = run_netlist(
        f"* bench\n{text}x1 el 0 NCM7 PARAMS: V0={START} area=1e-6\nrload el 0 1e15\n"
        f".options method=gear\n.save all\n.tran {step!r} {span!r} 0 {step!r}\n.end\n",
        span,
    )
    assert np.abs(vectors["el"] / START - 1).max() < 1e-4


@pytest.mark.parametrize(
    ("dialect", "instance", "ic"),
    [("verilog-a", f"v0={START}", ""), ("verilog-a", "", "ic"), ("vacask", "", "ic")],
)
def test_a_part_starts_charged_in_vacask(circuit, tmp_path, dialect, instance, ic):
    library = f"part.{DIALECT_SUFFIXES[dialect]}"
    (tmp_path / library).write_text(print_device(circuit, dialect))
    span = 100 * circuit.time_constant
    head, name = vacask_head(tmp_path, library, "ncm7")
    given = f"icmode='op' ic={{'el', {START}}}" * bool(ic)
    vectors = run_vacask(
        tmp_path,
        f"{head}r1 (el 0) resistor r=1e15\nx1 (el 0) {name} area=1e-6 {instance}\n",
        f"options tran_method='gear2' nr_residualcheck=0\n"
        f"  analysis tran1 tran step={span / 1e4!r} stop={span!r} maxstep={span / 100!r} {given}",
    )
    assert np.abs(vectors["el"] / START - 1).max() < 1e-4


def test_a_charged_part_discharges_as_one_that_was_charged_slowly(circuit):
    tau = circuit.time_constant
    hold = 60 * tau
    lines = f"vel el 0 pwl(0 0 {hold} {START} {2 * hold} {START} {2 * hold + tau} 0)\n"
    slow = run(circuit, f"{lines}.tran {tau / 200} {2 * hold + tau} 0 {tau / 200}", 2 * hold + tau)
    fast = run(
        circuit,
        f"vel el 0 pwl(0 {START} {tau} 0)\n.tran {tau / 200} {tau} 0 {tau / 200} uic",
        tau,
        f"NCM7 V0={START}",
    )
    times = np.linspace(0.05, 0.95, 30) * tau
    expected = np.interp(times + 2 * hold, slow["time"], slow["vel#branch"])
    found = np.interp(times, fast["time"], fast["vel#branch"])
    assert np.abs(found - expected).max() < 1e-3 * np.abs(expected).max()


@pytest.mark.parametrize("cells", range(2, 7))
def test_an_unbalanced_stack_rests_at_the_divider_of_its_leakages(make_circuit, make_curve, cells):
    circuit = replace(make_circuit(slits=6, gamma=0.8), slit_curve=make_curve(6))
    leakages, areas = np.geomspace(1.0, 5.0, cells) * 1e3, np.linspace(1.0, 0.5, cells) * 1e-4
    parts = "".join(f"x{k} m{k} m{k + 1} NCM7 Rleak={leakages[k]} area={areas[k]}\n" for k in range(cells))
    vectors = run_netlist(
        f"* stack\n{print_subcircuit(circuit)}{parts}vtop m0 0 {0.09 * cells}\nvlow m{cells} 0 0\n.op\n.end\n"
    )
    resistances = leakages / areas
    behind = np.append(np.cumsum(resistances[::-1])[::-1][1:], 0.0)
    expected = 0.09 * cells * behind / resistances.sum()
    found = [float(vectors[f"m{k + 1}"][0]) for k in range(cells - 1)]
    assert found == pytest.approx(expected[:-1], rel=1e-4)


def test_a_leaking_part_relaxes_with_its_own_time(make_circuit):
    circuit = make_circuit(slits=6, gamma=0.8)
    capacitance = circuit.slit_capacitance.sum() + circuit.open_capacitance
    leakage = 1e3 * circuit.time_constant / capacitance
    span = leakage * capacitance
    leaky = replace(circuit, leakage=leakage)
    vectors = run(leaky, f".tran {span / 1000} {span} 0 {span / 1000} uic", span, f"NCM7 V0={START}")
    assert vectors["el"][-1] == pytest.approx(START / np.e, rel=2e-3)


def test_leakage_is_in_spectra_and_in_scipys_solution(make_circuit):
    leaky = replace(make_circuit(slits=6, gamma=0.8), leakage=30.0)
    spectrum = simulate_impedance(leaky, bias=0.05)
    found = spectrum["impedance_real"] + 1j * spectrum["impedance_imaginary"]
    assert np.abs(found / exact_impedance(leaky, spectrum["frequency"], 0.05) - 1).max() < 1e-6
    drive = triangular(0.1, leaky.time_constant)
    times = np.linspace(0, drive.duration, 20)[1:-1]
    more = (
        solve_ladder(leaky, drive, times).current - solve_ladder(replace(leaky, leakage=np.inf), drive, times).current
    )
    assert more == pytest.approx(drive.at(times) / 30.0)


@pytest.mark.parametrize("celsius", [25.0, 60.0, -10.0])
def test_resistances_follow_the_temperature_of_the_simulator(make_circuit, celsius):
    circuit = make_circuit(slits=6, gamma=0.8)
    tc1, tc2, above = -0.02, 1e-4, celsius - 25.0
    frequency = np.array([1e5, 1e6, 1e7, 1e8])
    vectors = run(
        circuit,
        f"vel el 0 dc 0.05 ac 1\n.temp {celsius}\n.options reltol=1e-9 gmin=1e-30\n.ac dec 1 1e5 1e8",
        instance=f"NCM7 tc1={tc1} tc2={tc2}",
    )
    factor = 1 + tc1 * above + tc2 * above**2
    warm = replace(
        circuit,
        resistance_zero=circuit.resistance_zero * factor,
        open_resistance=circuit.open_resistance * factor,
    )
    expected = exact_impedance(warm, frequency, 0.05)
    assert np.abs(-1 / vectors["vel#branch"] / expected - 1).max() < 1e-6


def test_by_default_nothing_follows_the_temperature(make_circuit):
    circuit = make_circuit(slits=6, gamma=0.8)
    spectra = [
        run(circuit, f"vel el 0 dc 0.05 ac 1\n.temp {celsius}\n.ac dec 1 1e5 1e8")["vel#branch"]
        for celsius in (0, 80)
    ]
    assert np.array_equal(*spectra)


def noise_of(folder, circuit, instance, celsius):
    """Return frequencies, Hz, and the spectral density of the current at 0.05 V, A^2/Hz, by every ngspice."""
    netlist = (
        f"* noise\n{print_subcircuit(circuit, noise=True)}x1 el 0 {instance}\nvel el 0 dc 0.05 ac 1\n"
        f"hout out 0 vel 1\n.temp {celsius}\n.options gmin=1e-30\n.noise v(out) vel dec 2 1e4 1e9\n.end\n"
    )
    return [(run["frequency"], run["onoise_spectrum"] ** 2) for run in in_batch(folder, netlist).values()]


@pytest.mark.parametrize("celsius", [25.0, 60.0])
@pytest.mark.parametrize("area", [1e-8, 1e-4])
def test_noise_is_that_of_the_impedance(make_circuit, make_curve, tmp_path, area, celsius):
    leaky = {"leakage": 1e5, "slit_curve": make_curve(6)}
    circuit = replace(make_circuit(slits=6, gamma=0.8), **leaky)
    factor = 1 - 0.01 * (celsius - 25)
    warm = replace(
        circuit,
        resistance_zero=circuit.resistance_zero * factor,
        open_resistance=circuit.open_resistance * factor,
    )
    for frequency, found in noise_of(tmp_path, circuit, f"NCM7 area={area} tc1=-0.01", celsius):
        admittance = area / circuit.strip_width / exact_impedance(warm, frequency, 0.05)
        assert found == pytest.approx(4 * Boltzmann * (celsius + 273.15) * admittance.real, rel=1e-5)


def test_without_noise_a_part_makes_none(make_circuit):
    text = print_subcircuit(make_circuit(slits=6))
    assert "noisy=0" in text
    assert "noisy=1" not in text
    assert "noise" not in text.replace("noisy", "")


@pytest.mark.parametrize("start", [0.03, 0.08, 0.12])
def test_neospice_starts_a_charged_part(make_circuit, make_curve, start):
    neospice = pytest.importorskip("neospice", reason="neospice is not installed (pip install neospice)")
    circuit = replace(make_circuit(slits=6, gamma=0.8), slit_curve=make_curve(6), open_curve=make_curve())
    span = 100 * circuit.time_constant
    step = span / 1000
    run = neospice.run(
        f"* bench\n{print_device(circuit, 'neospice')}x1 el 0 NCM7 V0={start} area=1e-4\nrload el 0 1e15\n"
        f".options method=gear\n.tran {step!r} {span!r} 0 {step!r} uic\n.end\n"
    ).transient
    assert np.abs(np.array(run.voltage("el"))[1:] / start - 1).max() < 1e-4
