"""A blocking cell at small voltage: slowest relaxation rate and periodic voltammogram."""

import numpy as np
import pytest

from ionspice.fem import Electrolyte, SolverSettings, StepDrive, TriangularDrive, solve
from tests.fem.support import graded
from tests.verification import exact

HALF_LENGTH = 5.0  # nm
SMALL = 1e-4  # V


@pytest.fixture
def half_cell(rectangle):
    x = -graded(HALF_LENGTH, 0.01, 1.06)[::-1]
    return rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")


@pytest.mark.parametrize("stern_layer", [0.0, 0.3e-9])
def test_slowest_relaxation_agrees_to_half_a_percent(half_cell, stern_layer):
    electrolyte = Electrolyte()
    expected = exact.slowest_rate(electrolyte, HALF_LENGTH * 1e-9, stern_layer)
    drive = StepDrive(amplitude=SMALL, duration=6 / abs(expected))
    settings = SolverSettings(steps_per_ramp=200)
    run = solve(half_cell, electrolyte=electrolyte, drive=drive, stern_layer=stern_layer, settings=settings)
    late = run.time.values > drive.duration / 2
    rate = np.polyfit(run.time.values[late], np.log(run.electrode_current.values[late]), 1)[0]
    assert rate == pytest.approx(expected, rel=5e-3)


def test_thin_double_layers_relax_with_their_capacitance_over_the_bulk():
    """tau -> lambda_D L/[D (1 + delta_S)]: the exact rate itself, against its limit."""
    electrolyte = Electrolyte()
    length, stern = 1000 * electrolyte.debye_length, 0.5 * electrolyte.debye_length
    tau = electrolyte.debye_length * length / electrolyte.species[0].diffusivity / 1.5
    assert exact.slowest_rate(electrolyte, length, stern) == pytest.approx(-1 / tau, rel=2e-3)


def test_periodic_voltammogram_agrees_to_half_a_percent_of_the_peak(half_cell):
    electrolyte = Electrolyte()
    response = exact.linear_cell_admittance(electrolyte, HALF_LENGTH * 1e-9, 0.0)
    half_cycle = 3 / abs(exact.slowest_rate(electrolyte, HALF_LENGTH * 1e-9, 0.0))
    drive = TriangularDrive(amplitude=SMALL, half_cycle=half_cycle, cycles=3)
    settings = SolverSettings(tolerance=1e-6, steps_per_ramp=60)
    run = solve(half_cell, electrolyte=electrolyte, drive=drive, settings=settings)
    phase = run.time.values / half_cycle
    # The harmonics do not converge at the corners, where the current jumps by that of the empty cell's capacitor.
    shown = (phase > 4.02) & (np.abs(phase - 5) > 0.02) & (phase < 5.98)
    expected = exact.periodic_cv(response, SMALL, half_cycle, run.time.values[shown])
    current = run.electrode_current.values[shown] / 1e-9
    assert np.abs(current - expected).max() < 5e-3 * np.abs(expected).max()
