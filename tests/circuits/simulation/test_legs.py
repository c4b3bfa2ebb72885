"""Ladders under protocols: against ngspice, against equations of another form, and what is conserved."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ionspice.circuits import drive_circuits, uniform_circuit, waveform_of
from ionspice.circuits.simulation.driving import current_bands
from ionspice.circuits.simulation.legs import simulate_legs
from ionspice.core import InputError
from ionspice.core.drives import GalvanostaticDrive, parse_protocol

MOUTHS = {"R and C": (1.0, 3e-10), "C": (0.0, 3e-10), "R": (1.0, 0.0), "none": (0.0, 0.0)}
JUMPS = (
    "Sweep to 0.1 V at 1 V/us",
    "Hold for 100 ns",
    "Sweep to 0 V at 2 V/us",
    "Hold at 0.05 V for 200 ns",
    "Repeat 2 times",
)
CYCLE = (
    "Start at 0.05 V",
    "Sweep to 0.1 V at 1 V/us",
    "Hold for 1 us or until 0.1 mA/m",
    "Rest for 100 ns",
    "Discharge at 2 mA/m until 0 V",
    "Sweep to 0.05 V at 1 V/us",
)


def circuit(mouth, gamma=0.4, layers=5):
    resistance, capacitance = MOUTHS[mouth]
    return uniform_circuit(
        layers=layers,
        resistance=2.0,
        gamma=gamma,
        slit_charge=1e-10,
        slit_capacitance=1e-9,
        open_resistance=resistance,
        open_capacitance=capacitance,
    )


@pytest.mark.parametrize("mouth", MOUTHS)
def test_potentials_that_are_known_beforehand_give_what_ngspice_gives(mouth):
    one, drive = circuit(mouth), parse_protocol(JUMPS)
    spice, own = drive_circuits({"NCM": one}, drive).sel(model="NCM"), simulate_legs(one, drive)
    assert "SciPy" not in str(spice.attrs["solver"])
    grid = np.linspace(0, float(own.time[-1]), 3000)
    for name in ("electrode_current", "electrode_potential"):
        mine, other = (np.interp(grid, run.time, run[name]) for run in (own, spice))
        assert np.sqrt(np.mean((mine - other) ** 2)) < 3e-4 * np.abs(own[name].values).max()


@pytest.mark.parametrize("mouth", MOUTHS)
def test_a_constant_current_gives_what_ngspice_gives(mouth):
    one = circuit(mouth)
    own = simulate_legs(one, parse_protocol(["Charge at 2 mA/m until 0.1 V", "Discharge at 2 mA/m until 0 V"]))
    spice = drive_circuits({"NCM": one}, GalvanostaticDrive(current=2e-3, upper=0.1))
    np.testing.assert_allclose(own.attrs["leg_ends"], spice.turning_time.values[0], rtol=2e-3)


def test_a_protocol_of_a_line_follows_its_equations_in_node_voltages():
    """Sweep, hold, rest, discharge against the equations of the voltages over the capacitors, without events."""
    one = circuit("R", gamma=0.0, layers=4)
    run = simulate_legs(one, parse_protocol(CYCLE))
    slits, capacitance = one.slits, 1e-9
    resistance = one.resistance_zero + one.open_resistance * (np.arange(slits) == 0)

    def rates(current, voltage):
        """Return du/dt when a current flows in at the mouth: differences of neighbours drive the others."""
        inner = -np.diff(voltage) / resistance[1:]
        return (np.append(current, inner) - np.append(inner, 0.0)) / capacitance

    ends = [0.0, *run.attrs["leg_ends"]]
    courses = [
        lambda t, u: (0.05 + 1e6 * t - u[0]) / resistance[0],
        lambda t, u: (0.1 - u[0]) / resistance[0],
        lambda t, u: 0.0,
        lambda t, u: -2e-3,
    ]
    voltage, expected = np.full(slits, 0.05), []
    for begin, end, course in zip(ends[:-1], ends[1:], courses, strict=False):
        found = solve_ivp(
            lambda t, u, course=course: rates(course(t, u), u), (0, end - begin), voltage, rtol=1e-10, atol=1e-14
        )
        voltage = found.y[:, -1]
        expected.append((course(end - begin, voltage), voltage[0] + resistance[0] * course(end - begin, voltage)))
    at = [int(np.argmin(np.abs(run.time.values - end))) for end in ends[1:5]]
    np.testing.assert_allclose(run.electrode_current.values[at], [i for i, _ in expected], rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(run.electrode_potential.values[at], [v for _, v in expected], rtol=1e-4, atol=1e-6)
    assert run.electrode_current.values[at[1]] == pytest.approx(1e-4, rel=1e-6)
    assert run.electrode_potential.values[at[3]] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("mouth", MOUTHS)
def test_a_rest_moves_charge_between_slits_and_loses_none(mouth):
    one = circuit(mouth)
    run = simulate_legs(one, parse_protocol(["Sweep to 0.1 V at 1 V/us", "Rest for 10 us"]))
    resting = run.time.values >= run.attrs["leg_ends"][0]
    charge = run.slit_charge.values[resting].sum(axis=1)
    if not one.open_capacitance:
        np.testing.assert_allclose(charge[1:], charge[1], rtol=1e-8)
    assert np.ptp(run.slit_charge.values[-1]) < 1e-5 * abs(charge[-1])
    np.testing.assert_allclose(run.electrode_current.values[resting][1:], 0.0, atol=1e-15)


@pytest.mark.parametrize("mouth", MOUTHS)
def test_a_leaking_part_loses_its_charge_at_rest_and_draws_its_leak_when_held(mouth):
    one = replace(circuit(mouth), leakage=1e5)
    run = simulate_legs(one, parse_protocol(["Start at 0.05 V", "Hold for 10 us", "Rest for 100 us"]))
    held = run.time.values <= run.attrs["leg_ends"][0]
    np.testing.assert_allclose(run.electrode_current.values[held][-1], 0.05 / 1e5, rtol=1e-6)
    time, potential = run.time.values[~held], run.electrode_potential.values[~held]
    constant = 1e5 * float(one.slit_capacitance.sum() + one.open_capacitance)  # much slower than the ladder
    np.testing.assert_allclose(potential, 0.05 * np.exp(-(time - time[0]) / constant), rtol=1e-3)
    np.testing.assert_allclose(run.electrode_current.values[~held][1:], 0.0, atol=1e-15)


def test_a_start_at_a_potential_is_equilibrium():
    run = simulate_legs(circuit("R and C"), parse_protocol(["Start at 0.08 V", "Hold for 1 us"]))
    np.testing.assert_allclose(run.slit_charge, -0.08e-9, rtol=1e-8)
    np.testing.assert_allclose(run.electrode_current, 0.0, atol=1e-8 * 0.08 / MOUTHS["R and C"][0])


def test_cycles_end_when_they_are_periodic():
    patient = parse_protocol([*CYCLE, "Repeat until periodic within 0.1 %", "Hold at 0 V for 1 us"])
    run = simulate_legs(circuit("R and C"), patient)
    cycles = (len(run.attrs["leg_ends"]) - 1) // 5
    assert 2 <= cycles < 10
    assert float(run.electrode_potential[-1]) == 0.0


def test_each_model_has_a_time_of_its_own_where_the_cell_ends_steps():
    models = {"NCM": circuit("R and C"), "TLM": circuit("R and C", gamma=0.0)}
    run = drive_circuits(models, parse_protocol(CYCLE))
    assert run.electrode_potential.dims == ("model", "time")
    ends = [float(run.electrode_current.sel(model=model).dropna("time").time[-1]) for model in models]
    assert ends[0] != pytest.approx(ends[1], rel=1e-6)


def test_what_needs_a_known_potential_refuses_protocols_that_the_cell_ends():
    drive = parse_protocol(CYCLE)
    with pytest.raises(InputError, match="not known beforehand"):
        waveform_of(drive)
    with pytest.raises(InputError, match="--samples"):
        current_bands({"NCM": [circuit("R")]}, drive, np.array([0.0, 1e-9]))


def test_the_waveform_of_a_protocol_jumps_on_short_flanks():
    waveform = waveform_of(parse_protocol(JUMPS[:4]))
    np.testing.assert_allclose(
        waveform.at([0.0, 50e-9, 150e-9, 200e-9, 300e-9]), [0.0, 0.05, 0.1, 0.1, 0.05], atol=1e-9
    )
    assert waveform.duration == pytest.approx(450e-9)
