import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.build import bulk

from ionspice.electrolytes.environment.tools import lammps_version
from ionspice.electrolytes.lammps.program import lammps_program
from ionspice.electrolytes.lammps.run import Interaction


@pytest.fixture(scope="session")
def program():
    if not lammps_version():
        pytest.skip("the potential's venv is not there; make atomistic makes it")
    return lammps_program()


@pytest.fixture
def argon():
    """A crystal of 108 atoms."""
    return bulk("Ar", cubic=True) * (3, 3, 3)


@pytest.fixture
def lennard_jones():
    return Interaction(commands=("pair_style lj/cut 7.5", "pair_coeff * * 0.0103 3.40"), type_map=("Ar",))
