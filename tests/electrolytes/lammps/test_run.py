"""Runs of argon, whose potential needs no training, on the real LAMMPS."""

import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ionspice.core import InputError, RunError
from ionspice.electrolytes.analysis.reading import Source, read_trajectory
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.progress import read_looks
from ionspice.electrolytes.lammps.run import Interaction, run_dynamics
from ionspice.electrolytes.lammps.script import DATA, POSITIONS, VELOCITIES
from tests.electrolytes.waiting import until, works_in

PLAN = RunPlan(
    temperature=60.0,
    timestep=2e-3,
    minimise=True,
    equilibration=1000,
    steps=2000,
    positions_every=100,
    velocities_every=5,
    velocities_steps=500,
    checkpoint_every=400,
    deviation=1.0,
    seed=3_999_999_999,  # of a hash
)


@pytest.mark.parametrize(
    ("ensemble", "thermostat"),
    [
        ("NVE", "nose-hoover"),
        ("NVT", "nose-hoover"),
        ("NVT", "langevin"),
        ("NPT", "nose-hoover"),
        ("NPT", "langevin"),
    ],
)
def test_a_run_records_what_it_was_asked_for(ensemble, thermostat, argon, lennard_jones, program, tmp_path):
    plan = replace(PLAN, ensemble=ensemble, thermostat=thermostat)
    outcome = run_dynamics(tmp_path, argon, plan, lennard_jones, program)
    assert (outcome.step, outcome.reason) == (3000, "")
    source = Source(data_file=tmp_path / DATA)
    positions = read_trajectory(tmp_path / POSITIONS, source)
    assert np.allclose(positions.times, np.arange(1000, 3001, 100) * plan.timestep)
    velocities = read_trajectory(tmp_path / VELOCITIES, source)
    assert np.allclose(velocities.times, np.arange(1000, 1501, 5) * plan.timestep)
    assert velocities.velocities is not None
    looks = read_looks(tmp_path)
    assert [look.step for look in looks] == list(range(0, 3001, 50))
    assert np.mean([look.temperature for look in looks if look.step > 1000]) == pytest.approx(60, rel=0.2)
    volumes = {look.volume for look in looks}
    assert (len(volumes) > 1) == (ensemble == "NPT")
    if ensemble != "NPT" and thermostat == "nose-hoover":
        produced = [look.conserved for look in looks if look.step >= 1000]
        assert np.ptp(produced) < 1e-3 * 1.5 * 8.617e-5 * 60 * 50


def test_an_attraction_without_a_core_is_stopped_with_the_reason(argon, program, tmp_path):
    hole = Interaction(commands=("pair_style soft 6.0", "pair_coeff * * -0.5"), type_map=("Ar",))
    plan = replace(PLAN, minimise=False, equilibration=0, thermostat="langevin", velocities_every=0)
    argon.rattle(0.1, seed=1)
    outcome = run_dynamics(tmp_path, argon, plan, hole, program)
    assert "the potential energy fell by" in outcome.reason or "the temperature is" in outcome.reason
    assert outcome.step < plan.end
    assert len(read_trajectory(tmp_path / POSITIONS, Source(type_map=("Ar",))).times) >= 1


def test_a_time_step_that_is_too_long_is_stopped(argon, lennard_jones, program, tmp_path):
    outcome = run_dynamics(tmp_path, argon, replace(PLAN, timestep=0.1), lennard_jones, program)
    assert outcome.reason
    assert outcome.step <= 100


def test_what_is_not_the_potentials_fault_is_an_error(argon, program, tmp_path):
    wrong = Interaction(commands=("pair_style nonsense",), type_map=("Ar",))
    with pytest.raises(RunError, match="Unrecognized pair style"):
        run_dynamics(tmp_path, argon, PLAN, wrong, program)


def test_an_element_that_the_potential_does_not_know_is_refused(argon, program, tmp_path):
    other = Interaction(commands=(), type_map=("Na", "Cl"))
    with pytest.raises(InputError, match="knows Na, Cl, not Ar"):
        run_dynamics(tmp_path, argon, PLAN, other, program)


RUN = """
import sys
from pathlib import Path
from ase.build import bulk
from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.program import lammps_program
from ionspice.electrolytes.lammps.run import Interaction, run_dynamics
interaction = Interaction(commands=("pair_style lj/cut 7.5", "pair_coeff * * 0.0103 3.40"), type_map=("Ar",))
run_dynamics(Path(sys.argv[1]), bulk("Ar", cubic=True) * (3, 3, 3), {plan!r}, interaction, lammps_program())
"""


def test_a_killed_run_goes_on_from_its_last_checkpoint_without_a_frame_twice_or_missing(
    argon, lennard_jones, program, tmp_path
):
    plan = replace(PLAN, steps=60_000, velocities_steps=20_000)
    for least in (1_400, 22_000):
        process = subprocess.Popen([sys.executable, "-c", RUN.format(plan=plan), str(tmp_path)])
        until(
            lambda least=least: any(_step_of(path) >= least for path in tmp_path.glob("checkpoint.*.restart")),
            seconds=120,
            every=0.02,
        )
        process.send_signal(signal.SIGKILL)
        process.wait()
        until(lambda: not works_in(tmp_path), seconds=120, every=0.02)
    assert run_dynamics(tmp_path, argon, plan, lennard_jones, program).step == plan.end
    source = Source(type_map=("Ar",))
    for name, last, every in ((POSITIONS, 61_000, 100), (VELOCITIES, 21_000, 5)):
        trajectory = read_trajectory(tmp_path / name, source)
        assert np.allclose(trajectory.times, np.arange(1000, last + 1, every) * plan.timestep)
        # An atom of a crystal goes nowhere, in one step or all.
        assert np.abs(np.diff(trajectory.positions, axis=0)).max() < 2.0
    assert [look.step for look in read_looks(tmp_path)] == list(range(0, 61_001, 50))


def _step_of(path) -> int:
    return int(path.name.split(".")[1])
