"""Exact answer: charging of a slit with overlapping double layers, half-height H << length l, small V.

Q/Q_inf = 1 - sum 8/((2n+1)^2 pi^2) exp(-(2n+1)^2 pi^2 t/(4 tau)), tau = (l^2/D) tanh(kappa H)/(kappa H),
Q_inf = (eps/lambda_D) V tanh(kappa H) l.
"""

import numpy as np
import pytest

from ionspice.fem import Electrolyte, SolverSettings, StepDrive, solve
from tests.fem.support import graded

LENGTH, HALF_HEIGHT = 1000.0, 0.3  # nm
POTENTIAL = 1e-3


def exact(electrolyte, time):
    kappa_h = HALF_HEIGHT * 1e-9 / electrolyte.debye_length
    tau = relaxation_time(electrolyte)
    final = electrolyte.permittivity / electrolyte.debye_length * POTENTIAL * np.tanh(kappa_h) * LENGTH * 1e-9
    odd = (2 * np.arange(2000) + 1)[:, None]
    decay = 8 / (odd * np.pi) ** 2 * np.exp(-((odd * np.pi) ** 2) * time / (4 * tau))
    return final * (1 - decay.sum(axis=0)), final


def relaxation_time(electrolyte):
    kappa_h = HALF_HEIGHT * 1e-9 / electrolyte.debye_length
    diffusivity = electrolyte.species[0].diffusivity
    return (LENGTH * 1e-9) ** 2 / diffusivity * np.tanh(kappa_h) / kappa_h


@pytest.fixture(scope="module")
def electrolyte():
    return Electrolyte()


def test_slit_charges_like_the_exact_series(rectangle, electrolyte):
    x = graded(LENGTH, 0.05, 1.08)
    y = HALF_HEIGHT - graded(HALF_HEIGHT, 0.02, 1.1)[::-1]
    mesh = rectangle(x, y, left="reservoir", right="mirror", bottom="mirror", top="electrode")
    drive = StepDrive(amplitude=POTENTIAL, duration=3 * relaxation_time(electrolyte))
    run = solve(mesh, electrolyte=electrolyte, drive=drive, settings=SolverSettings(tolerance=1e-5))
    expected, final = exact(electrolyte, run.time.values)
    after_entrance = run.time.values > 1e-3 * drive.duration
    error = np.abs(run.electrode_charge.values - expected)[after_entrance].max() / final
    assert error < 5e-3
