import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
if find_spec("rdkit") is None or find_spec("dpdispatcher") is None:  # importing the latter would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

COMMAND = [sys.executable, "-m", "ionspice.pipeline.cli", "electrolyte"]
STUDY = """
[[molecules]]
name = "Na"
smiles = "[Na+]"
charge = 1

[[molecules]]
name = "Cl"
smiles = "[Cl-]"
charge = -1

[[compositions]]
name = "salt"
counts = { Na = 4, Cl = 4 }
boxes = [{ density = "1.5 g/cm^3" }]
"""


def _labels(path: Path, symbol: str = "Na", trajectories: int = 2) -> Path:
    frames = []
    for number in range(2 * trajectories):
        frame = bulk("NaCl", "rocksalt", a=5.6, cubic=True)
        frame.rattle(0.1, seed=number)
        frame.symbols[0] = symbol
        frame.info.update(trajectory=f"{number // 2}", composition="salt")
        frame.calc = SinglePointCalculator(frame, energy=-24.0, forces=frame.positions * 0.0)
        frames.append(frame)
    write(path, frames, format="extxyz")
    return path


def _train(folder: Path, labels: Path, **environment: str) -> subprocess.CompletedProcess:
    (folder / "liquid.toml").write_text(STUDY)
    command = [*COMMAND, "train", folder / "liquid.toml", "--labels", labels, "-o", folder / "out"]
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, env=os.environ | environment
    )


def test_labels_of_another_liquid_are_one_line(tmp_path):
    done = _train(tmp_path, _labels(tmp_path / "labels.extxyz", symbol="K"))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "frame 1 has K, but the liquid has Na, Cl only" in line


def test_labels_of_one_trajectory_are_one_line(tmp_path):
    done = _train(tmp_path, _labels(tmp_path / "labels.extxyz", trajectories=1))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "are from one trajectory each" in line


def test_without_the_potentials_venv_the_remedy_is_named(tmp_path):
    done = _train(tmp_path, _labels(tmp_path / "labels.extxyz"), IONSPICE_POTENTIAL=str(tmp_path / "none"))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "make it with ionspice electrolyte setup" in line
