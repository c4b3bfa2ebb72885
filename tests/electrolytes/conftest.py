import fcntl
import shutil
from pathlib import Path

import numpy as np
import pytest

LIQUID = """
[[molecules]]
name = "Na"
smiles = "[Na+]"
charge = 1

[[molecules]]
name = "Cl"
smiles = "[Cl-]"
charge = -1

[[compositions]]
name = "small"
counts = { Na = 2, Cl = 2 }
boxes = [{ density = "1.2 g/cm^3" }]

[teacher]
program = "tblite"

[frames]
temperatures = ["900 K"]
trajectories = 2
frames = 2
equilibration = "4 fs"
interval = "4 fs"
"""


@pytest.fixture
def liquid_text():
    """A study file of a molten salt that is computed in seconds."""
    return LIQUID


@pytest.fixture(scope="session")
def potential_venv():
    """Skip where the potential's programs are not there."""
    pytest.importorskip("ase", reason="the extra atomistic is not installed")
    from ionspice.electrolytes.environment.tools import potential_folder

    if not (potential_folder() / "bin" / "dp").is_file():
        pytest.skip("the potential's venv is not there; make atomistic makes it")


@pytest.fixture(scope="session")
def alloy():
    """Make labelled frames of molten Ag-Cu by effective medium theory: alloy(trajectory, count), in milliseconds."""
    pytest.importorskip("ase", reason="the extra atomistic is not installed")
    from ase import units
    from ase.build import bulk
    from ase.calculators.emt import EMT
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.md.langevin import Langevin

    def make(trajectory: int, count: int = 8):
        generator = np.random.default_rng(trajectory)
        metal = bulk("Cu", a=3.95, cubic=True) * (2, 2, 1)
        metal.symbols[generator.permutation(16)[:8]] = "Ag"
        metal.calc = EMT()
        bath = Langevin(metal, 4 * units.fs, temperature_K=900, friction=0.5, fixcm=False, rng=generator)
        frames = []
        bath.run(30)
        for _ in range(count):
            bath.run(6)
            frame = metal.copy()
            frame.arrays.pop("momenta")
            frame.info.update(trajectory=f"{trajectory}", composition="alloy", temperature=900.0)
            results = {"energy": metal.get_potential_energy(), "forces": metal.get_forces()}
            frame.calc = SinglePointCalculator(frame, **results, stress=metal.get_stress())
            frames.append(frame)
        return frames

    return make


@pytest.fixture(scope="session")
def tiny_section():
    """The [potential] of potentials that are trained in seconds."""
    from ionspice.electrolytes.study.potential import PotentialSection

    return PotentialSection(
        cutoff=4.5, embedding=(6, 12), fitting=(16, 16), models=2, learning_rate=0.01, final_learning_rate=1e-4
    )


@pytest.fixture(scope="session")
def tiny_potential(potential_venv, alloy, tiny_section, tmp_path_factory):
    """A potential of two models of molten Ag-Cu, about 20 s of CPU: a folder with labels.extxyz and trained/."""
    return _made_once(
        tmp_path_factory,
        "tiny_potential",
        lambda place: _learn(place, alloy, tiny_section, trajectories=8, steps=800),
    )


@pytest.fixture(scope="session")
def weak_potential(potential_venv, alloy, tiny_section, tmp_path_factory):
    """A potential that was trained on 20 frames for a moment, and collapses: a folder with trained/."""
    return _made_once(
        tmp_path_factory,
        "weak_potential",
        lambda place: _learn(place, alloy, tiny_section, trajectories=4, steps=30, frames=5),
    )


def _learn(place: Path, alloy, section, *, trajectories: int, steps: int, frames: int = 8) -> None:
    from ase.io import write

    from ionspice.electrolytes.files import LABELS, TRAINED
    from ionspice.electrolytes.potential.labels import divide
    from ionspice.electrolytes.potential.learn import learn
    from ionspice.electrolytes.study.jobs import JobsSection

    labelled = [frame for number in range(trajectories) for frame in alloy(number, frames)]
    write(place / LABELS, labelled)
    learn(
        TRAINED,
        divide(labelled, section.held_out, seed=section.seed),
        type_map=("Cu", "Ag"),
        section=section,
        jobs=JobsSection(),
        directory=place,
        steps=steps,
    )


def _made_once(factory, name: str, make) -> Path:
    """Return a folder that one of all workers of pytest-xdist makes, and the others wait for."""
    here = factory.getbasetemp()
    shared = here.parent if here.name.startswith("popen-") else here
    place = shared / name
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "made").is_file():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            make(place)
            (place / "made").touch()
    return place
