"""The fast devices answer as the slow solvers and closed forms do."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import exact_impedance, scaled_curve, simulate_legs, solve_ladder, triangular
from ionspice.circuits.fitting.constant_phase import ConstantPhaseDevice
from ionspice.circuits.fitting.ladder_device import LadderDevice
from ionspice.circuits.fitting.steps import Steps, make_steps
from ionspice.circuits.model.ladder import Charge, NanoCircuit
from ionspice.core.drives import ConstantCurrent, Elapsed, Leg, LegsDone, LegSequence
from tests.circuits.fitting.made import known_device


def _bent(circuit: NanoCircuit) -> NanoCircuit:
    slits = circuit.slits
    capacitance, curve = scaled_curve(
        [[0.6 / slits, 0.5 / slits]] * slits, [[0.0, 0.9]] * slits, [[0.7, 0.4]] * slits, [-1] * slits, [1] * slits
    )
    return replace(circuit, slit_capacitance=capacitance, slit_curve=curve)


@pytest.mark.parametrize("bent", [False, True])
@pytest.mark.parametrize("charge", ["passed", "local", "stored"])
def test_a_voltammogram_is_that_of_the_reference_solver(charge: Charge, bent: bool) -> None:
    circuit = replace(known_device(0.8, charge=charge), leakage=300.0)
    circuit = _bent(circuit) if bent else circuit
    drive = triangular(1.0, 20.0, cycles=2)
    samples = np.linspace(0.3, drive.duration, 200)
    steps = make_steps(drive.time, samples, lambda time, _: drive.at(time), current=False)
    found = LadderDevice(circuit).respond(steps, 0.0)[steps.samples]
    known = solve_ladder(circuit, drive, samples, rtol=1e-9).current
    np.testing.assert_allclose(found, known, atol=2e-4 * np.abs(known).max())


def test_a_constant_current_is_that_of_the_reference_solver() -> None:
    circuit = _bent(known_device(0.6))
    legs = tuple(Leg(control=ConstantCurrent(current), ends=(Elapsed(40.0),)) for current in (0.02, -0.01))
    known = simulate_legs(circuit, LegSequence(legs=legs, swing=1.0, charged=LegsDone(1)))
    samples = np.linspace(1.0, 79.0, 100)
    steps = _current_steps(samples)
    found = LadderDevice(circuit).respond(steps, 0.0)[steps.samples]
    expected = np.interp(samples, known["time"], known["electrode_potential"])
    np.testing.assert_allclose(found, expected, atol=5e-4 * np.ptp(expected))


def _current_steps(samples: np.ndarray) -> Steps:
    return make_steps(
        np.array([0.0, 40.0, 80.0]), samples, lambda _, within: np.where(within < 40, 0.02, -0.01), current=True
    )


def test_a_leaking_capacitor_approaches_current_times_leakage() -> None:
    circuit = replace(known_device(0.0, layers=2), leakage=5.0)
    corners = np.array([0.0, 1000.0])
    steps = make_steps(corners, corners[1:], lambda time, _: np.full(time.size, 0.1), current=True)
    assert LadderDevice(circuit).respond(steps, 0.0)[-1] == pytest.approx(0.5, rel=1e-6)


def test_impedance_is_that_of_the_ladder_with_its_leakage() -> None:
    circuit = replace(_bent(known_device(0.5)), leakage=100.0)
    frequency = np.geomspace(1e-3, 1e3, 20)
    found = LadderDevice(circuit).impedance(frequency, 0.4)
    np.testing.assert_allclose(found, exact_impedance(circuit, frequency, 0.4), rtol=1e-12)


@pytest.mark.parametrize("exponent", [0.5, 0.9, 0.999])
def test_a_constant_phase_element_under_a_current_follows_its_power_law(exponent: float) -> None:
    device = ConstantPhaseDevice(resistance=1.0, coefficient=2.0, exponent=exponent)
    samples = np.linspace(0.5, 10.0, 40)
    steps = make_steps(np.array([0.0, 10.0]), samples, lambda time, _: np.ones(time.size), current=True)
    found = device.respond(steps, 0.0)[steps.samples]
    known = 1.0 + samples**exponent / math.gamma(1 + exponent) / 2.0
    np.testing.assert_allclose(found, known, rtol=2e-3)
