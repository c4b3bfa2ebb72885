import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")

from ionspice.electrolytes.environment.tools import lammps_version
from ionspice.electrolytes.files import POTENTIAL_RECORD, TRAINED
from ionspice.electrolytes.lammps.explore import exploration_plan, explore
from ionspice.electrolytes.potential.record import read_potential
from ionspice.electrolytes.study.potential import ExplorationSection


def test_a_potential_of_20_frames_is_stopped_within_100_steps(weak_potential, alloy, tmp_path):
    if not lammps_version():
        pytest.skip("the potential's venv is not there; make atomistic makes it")
    potential = read_potential(weak_potential / TRAINED / POTENTIAL_RECORD)
    assert potential.window.frames + potential.record.errors["held_out"]["all"].frames == 20
    section = ExplorationSection(timestep=2.0, chunk=40.0, duration=4000.0)
    plan = exploration_plan(section, 900.0, seed=1)
    found = explore(alloy(50, 1)[0], potential.models, potential.type_map, plan, tmp_path)
    assert found.reason
    assert found.length <= 100 * plan.timestep
