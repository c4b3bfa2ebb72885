import re

import pytest

from ionspice.electrolytes.lammps.plan import RunPlan
from ionspice.electrolytes.lammps.script import Start, run_script


@pytest.mark.parametrize("seed", [0, 1, 900_000_000, 2**31 - 1, 2**32 - 1])
def test_lammps_is_given_seeds_that_it_takes(seed):
    plan = RunPlan(temperature=300.0, thermostat="langevin", steps=10, positions_every=5, deviation=1.0, seed=seed)
    text = run_script(plan, ["pair_style zero 5.0", "pair_coeff * *"], ["Ar"], Start())
    (forces,) = set(re.findall(r"^fix bath all langevin (?:\S+ ){3}(\d+)", text, re.MULTILINE))
    (velocities,) = re.findall(r"^velocity all create \S+ (\d+)", text, re.MULTILINE)
    assert forces == velocities
    assert 1 <= int(forces) < 900_000_000  # the manual's limit for Langevin's forces
