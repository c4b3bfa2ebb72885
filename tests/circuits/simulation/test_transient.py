from dataclasses import replace

import numpy as np
import pytest
import sympy

from ionspice.circuits import (
    Waveform,
    X,
    run_netlist,
    scaled_curve,
    simulate,
    simulate_cv,
    solve_ladder,
    step,
    transient_bench,
    triangular,
)
from ionspice.circuits.dialects.bench import EFFORTS
from ionspice.circuits.simulation.ngspice import StoppedEarlyError
from ionspice.circuits.simulation.transient import by_scipy, run_transient
from ionspice.core import InputError
from tests.circuits.exact import cell_charging_time, periodic_ladder_current

SATURATING = scaled_curve(
    np.tile([1.0, 0.6], (6, 1)),
    np.tile([0.05, 0.0], (6, 1)),
    np.tile([0.04, 0.2], (6, 1)),
    np.full(6, -0.08),
    np.full(6, 0.08),
)[1]


def current_errors(run, circuit, drive):
    """Return the largest error at kinks and away from them, as shares of the peak, against SciPy."""
    time = run["time"].to_numpy()
    exact = solve_ladder(circuit, drive, time)
    error = np.abs(run["electrode_current"].to_numpy() - exact.current) / np.abs(exact.current).max()
    phase = np.abs(time[:, None] - drive.time).min(axis=1) / drive.mean_piece
    return error[phase <= 0.02].max(), error[phase > 0.02].max()


def test_ngspice_meets_scipy_on_a_long_ladder(make_circuit):
    """Here the tolerance is another one; slow sweeps are the hardest."""
    circuit = make_circuit(slits=501, gamma=0.5)
    drive = triangular(0.1, 20 * circuit.time_constant, 1)
    at_kinks, away = current_errors(simulate(circuit, drive), circuit, drive)
    assert away <= 1e-3
    assert at_kinks <= 5e-3


@pytest.mark.parametrize("slits", [1, 6, 20])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("ramp", [0.05, 1.0, 50.0])
def test_ngspice_meets_scipy(make_circuit, slits, gamma, ramp):
    circuit = make_circuit(slits=slits, gamma=gamma)
    drive = triangular(0.1, ramp * circuit.time_constant, 2)
    at_kinks, away = current_errors(simulate(circuit, drive), circuit, drive)
    assert away <= 1e-3
    assert at_kinks <= 5e-3


@pytest.mark.parametrize(
    "change",
    [
        {"slit_curve": SATURATING, "open_curve": SATURATING.at([0])},
        {"charge": "stored"},
        {"donnan_slope": 0.3, "donnan_curve": SATURATING.at([1]), "potential": "electric"},
        {"charge": "stored", "slit_curve": SATURATING},
        {"charge": "local", "charge_max": np.full(6, 1e-10), "slit_capacitance": np.linspace(0.8e-9, 1.2e-9, 6)},
        {"charge": "local", "charge_max": np.full(6, 1e-10), "slit_curve": SATURATING},
        {"shape": ((1 - sympy.exp(-2 * X)) / (1 - sympy.exp(-2)),) * 6},
        {"shape": (X, X**2, X**3, X, X, sympy.log(1 + X) / sympy.log(2))},
        {"gamma": np.linspace(0, 0.9, 6), "resistance_zero": np.linspace(1, 2, 6)},
        {"gamma": np.ones(6), "charge_max": np.full(6, 1e-10), "resistance_floor": 0.05},
    ],
    ids=[
        "nonlinear capacitance",
        "stored",
        "donnan",
        "stored nonlinear",
        "local",
        "local nonlinear",
        "exponential",
        "mixed laws",
        "unequal",
        "floor",
    ],
)
def test_every_form_of_the_circuit_meets_scipy(make_circuit, change):
    circuit = replace(make_circuit(slits=6, gamma=0.6), **change)
    drive = triangular(0.1, circuit.time_constant)
    at_kinks, away = current_errors(simulate(circuit, drive), circuit, drive)
    assert away <= 1e-3
    assert at_kinks <= 5e-3


def test_the_transmission_line_meets_the_exact_periodic_voltammogram(make_circuit):
    line = make_circuit(slits=6, gamma=0.0, mouth=False)
    half_cycle, cycles = line.time_constant, 8
    run = simulate(line, triangular(0.1, half_cycle, cycles))
    last = run.sel(time=slice(2 * (cycles - 1) * half_cycle, (2 * cycles - 1) * half_cycle))
    time = last["time"].to_numpy() - 2 * (cycles - 1) * half_cycle
    exact = periodic_ladder_current(6, 2.0, 1e-9, 0.1 / half_cycle, half_cycle, time)
    assert np.abs(last["electrode_current"] - exact).max() < 1e-3 * np.abs(exact).max()


def test_one_cell_meets_the_exact_step_response(make_circuit):
    cell = make_circuit(slits=1, gamma=0.8, mouth=False)
    run = simulate(cell, step(0.1, 5 * 2e-9, rise=1e-14))
    charge = np.linspace(0.05, 0.95, 19) * 0.1e-9
    times = cell_charging_time(charge, resistance=2.0, capacitance=1e-9, voltage=0.1, gamma=0.8, charge_max=1e-10)
    simulated = -run["slit_charge"].isel(slit=0).interp(time=times).to_numpy()
    assert simulated == pytest.approx(charge, rel=1e-3)


def test_charges_follow_the_signs_of_the_field(make_circuit):
    run = simulate(make_circuit(), triangular(0.1, 1e-7))
    turning = run.sel(time=1e-7, method="nearest")
    assert (turning["slit_charge"] < 0).all()
    assert turning["electrode_current"] > 0
    assert turning["passed_charge"][0] == pytest.approx(turning["slit_charge"].sum())


def test_a_negative_sweep_mirrors_the_positive_one(make_circuit):
    circuit = make_circuit()
    up, down = (simulate(circuit, triangular(sign * 0.1, 1e-7)) for sign in (1, -1))
    assert down["electrode_current"].to_numpy() == pytest.approx(-up["electrode_current"].to_numpy(), rel=1e-9)


def test_current_is_the_rate_of_charge(make_circuit):
    run = simulate(make_circuit(mouth=False), triangular(0.1, 1e-7))
    charge = -run["passed_charge"].isel(slit=0)
    summed = run["electrode_current"].cumulative_integrate("time")
    assert np.abs(summed - charge).max() < 2e-4 * np.abs(charge).max()


def test_voltammogram_holds_both_models_on_one_time_axis(make_circuit):
    run = simulate_cv(make_circuit(gamma=0.6), amplitude=0.1, half_cycle=5e-8)
    assert list(run["model"].to_numpy()) == ["NCM", "TLM"]
    assert (np.diff(run["time"]) > 0).all()
    assert len(run.attrs["wall_time"]) == 2
    peaks = run["electrode_current"].max("time")
    assert peaks.sel(model="NCM") > peaks.sel(model="TLM")


def test_a_drive_that_does_not_start_uncharged_is_refused(make_circuit):
    with pytest.raises(InputError, match=r"starts at 0\.05 V"):
        simulate(make_circuit(), Waveform(time=np.array([0.0, 1.0]), value=np.array([0.05, 0.1])))


@pytest.mark.parametrize("mouth", [True, False])
def test_scipy_gives_the_states_that_ngspice_gives(make_circuit, mouth):
    circuit = replace(make_circuit(slits=6, gamma=0.6, mouth=mouth), slit_curve=SATURATING)
    drive = triangular(0.1, circuit.time_constant)
    run, other = simulate(circuit, drive), by_scipy(circuit, drive, 200)
    assert run.attrs["solver"] == "ngspice"
    both = run.interp(time=other["time"])
    for name in ("electrode_current", "slit_charge", "passed_charge", "node_potential"):
        assert np.abs(both[name] - other[name])[1:].max() < 2e-3 * np.abs(other[name]).max(), name


BLOW_UP = "* dv/dt = v^2\nC1 a 0 1 ic=1\nB1 0 a I=V(a)*V(a)\n.tran 1m 2 0 1m uic\n.end\n"
DECAY = "* dv/dt = -v\nC1 a 0 1 ic=1\nR1 a 0 1\n.tran 1m 2 0 1m uic\n.end\n"


def test_a_run_that_stops_early_is_tried_with_looser_tolerances(caplog):
    vectors, solver = run_transient(lambda effort: DECAY if effort.reltol == 1e-4 else BLOW_UP, 2.0)
    assert vectors["time"][-1] == pytest.approx(2.0)
    assert "reltol=0.0001" in solver
    assert sum("tried again" in record.message for record in caplog.records) == 2


def test_a_run_that_no_tolerance_helps_says_where_it_stopped():
    with pytest.raises(StoppedEarlyError, match="of 2 s"):
        run_transient(lambda effort: BLOW_UP, 2.0)


def test_looser_efforts_are_written_into_the_bench(make_circuit):
    circuit, drive = make_circuit(), triangular(0.1, 1e-7)
    benches = [transient_bench(circuit, drive, effort=effort) for effort in EFFORTS]
    assert len(set(benches)) == len(EFFORTS)
    assert "method=gear reltol=0.0001" in benches[-1]
    assert run_netlist(benches[-1], drive.duration)["time"].size > 400
