from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")

from ionspice.electrolytes.environment.tools import lammps_version
from ionspice.electrolytes.files import POTENTIAL
from ionspice.electrolytes.potential.record import (
    PotentialRecord,
    TrainingWindow,
    model_files,
    write_potential,
)
from ionspice.electrolytes.potential.training_input import Neighbourhood

STUDY = """
[[molecules]]
name = "Ar"
smiles = "[Ar]"
charge = 0

[[compositions]]
name = "argon"
counts = { Ar = 32 }
boxes = [{ edge = "11.4 angstrom" }]

[production]
timestep = "2 fs"
equilibration = "1 ps"
duration = "4 ps"
velocities_duration = "500 fs"
positions_every = "20 fs"
doubtful = "0.5 eV/angstrom"

[[production.compositions]]
name = "argon"
counts = { Ar = 32 }
boxes = [{ edge = "11.4 angstrom", temperatures = ["100 K", "150 K"] }]
"""


@pytest.fixture
def study_text():
    return STUDY


@pytest.fixture(scope="session")
def argon():
    """Return the module beside that trains, which holds no tests."""
    if not lammps_version() or find_spec("dpdispatcher") is None:
        pytest.skip("the extra atomistic or the potential's venv is not there; make atomistic makes both")
    pytest.importorskip("packmol", reason="the extra atomistic is not installed")
    spec = spec_from_file_location("argon", Path(__file__).with_name("argon.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def models(argon, tmp_path_factory):
    """Two models of argon that are good enough for dynamics."""
    return argon.train_argon(tmp_path_factory.mktemp("argon"), frames=120, steps=800)


@pytest.fixture
def put_potential():
    """Return what puts models into the folder of a liquid."""

    def put(folder, models):
        record = PotentialRecord(
            type_map=("Ar",),
            models=model_files(models, seeds=range(len(models)), steps=800),
            settings={},
            cutoff=5.5,
            neighbourhood=Neighbourhood(most=(80,), least_distance=2.8),
            training=TrainingWindow(
                frames=120,
                trajectories=4,
                compositions={"argon": 120},
                temperature=(120.0, 800.0),
                density=(1.2, 1.7),
                labels_sha256="",
            ),
            program="DeePMD-kit",
        )
        write_potential(folder / POTENTIAL, models, record)

    return put
