"""A long slit with overlapping double layers charges by diffusion of the electrochemical potential."""

import numpy as np
import pytest

from ionspice.fem import Electrolyte, SolverSettings, StepDrive, solve
from tests.fem.support import graded
from tests.verification import exact

LENGTH, HALF_HEIGHT = 1000.0, 0.3  # nm
POTENTIAL = 1e-3


@pytest.fixture(scope="module")
def electrolyte():
    return Electrolyte()


@pytest.fixture
def run(rectangle, electrolyte):
    x = graded(LENGTH, 0.05, 1.08)
    y = HALF_HEIGHT - graded(HALF_HEIGHT, 0.02, 1.1)[::-1]
    mesh = rectangle(x, y, left="reservoir", right="mirror", bottom="mirror", top="electrode")
    tau = exact.slit_relaxation_time(electrolyte, HALF_HEIGHT * 1e-9, LENGTH * 1e-9)
    drive = StepDrive(amplitude=POTENTIAL, duration=3 * tau)
    return solve(mesh, electrolyte=electrolyte, drive=drive, settings=SolverSettings(tolerance=1e-5))


def test_charge_and_flux_agree_with_the_exact_answers(run, electrolyte):
    expected = exact.slit_charge(electrolyte, POTENTIAL, HALF_HEIGHT * 1e-9, LENGTH * 1e-9, run.time.values)
    after_entrance = run.time.values > 1e-3 * run.time.values[-1]
    error = np.abs(run.electrode_charge.values - expected)[after_entrance].max()
    assert error < 5e-3 * expected[-1]
    # The in-slit current is diffusion by tanh(kappa H)/(kappa H), migration by the rest, and nothing steric.
    overlap = HALF_HEIGHT * 1e-9 / electrolyte.debye_length
    flux = run.open_flux.sel(time=slice(run.time.values[-1] / 10, None))
    share = flux / flux.sum("part")
    assert share.sel(part="diffusion").values == pytest.approx(np.tanh(overlap) / overlap, rel=5e-3)
    assert np.abs(share.sel(part="steric").values).max() < 5e-3
