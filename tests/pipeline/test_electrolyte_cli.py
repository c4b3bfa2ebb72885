import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "ionspice.pipeline.cli", "electrolyte"]
EXAMPLE = Path(__file__).parents[2] / "examples" / "licl_kcl" / "liquid.toml"


def run(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_a_mistake_in_the_study_is_one_line_and_nothing_is_written(tmp_path):
    study = tmp_path / "liquid.toml"
    study.write_text(EXAMPLE.read_text().replace("charge = 1", "charge = 2", 1))
    done = run("build", study, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"ionspice: {study}: composition eutectic has the charge +58.5 e; change the numbers until it is neutral"
    ]
    assert not (tmp_path / "out").exists()


def test_a_charge_that_the_smiles_does_not_have_is_named(tmp_path):
    if find_spec("rdkit") is None:
        pytest.skip("the extra atomistic is not installed")
    study = tmp_path / "liquid.toml"
    study.write_text(EXAMPLE.read_text().replace('"[Li+]"', '"[Li]"'))
    done = run("build", study, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "molecule Li" in done.stderr
    assert "correct one of them" in done.stderr
