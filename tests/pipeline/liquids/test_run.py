"""A molten salt from its ions to the circuit, on the real tools, at the smallest size."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("tblite", reason="the extra atomistic is not installed")
pytest.importorskip("MDAnalysis", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)

from ionspice.electrolytes.environment.tools import dp_version, lammps_version

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
counts = { Na = 6, Cl = 6 }
boxes = [{ density = "1.4 g/cm^3" }]

[teacher]
program = "tblite"

[frames]
temperatures = ["1100 K", "1300 K"]

[[production.compositions]]
name = "salt"
counts = { Na = 60, Cl = 60 }
boxes = [{ density = "1.4 g/cm^3" }]

[transfer]
temperature = "1100 K"
relative_permittivity = 3.0
case = "slits.toml"
"""
CASE = """
[geometry]
layers = 3
[electrolyte]
file = "electrolyte.toml"
"""


def call(*arguments):
    command = [sys.executable, "-m", "ionspice.pipeline.cli", "electrolyte", *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def salt(tmp_path_factory):
    if not (dp_version() and lammps_version()):
        pytest.skip("the potential's venv is not there; ionspice electrolyte setup makes it")
    folder = tmp_path_factory.mktemp("salt")
    (folder / "liquid.toml").write_text(STUDY)
    (folder / "slits.toml").write_text(CASE)
    return folder, call("run", folder / "liquid.toml", "--scale", "least", "-o", folder / "out")


def test_molecules_become_a_circuit_in_one_report(salt):
    folder, done = salt
    out = folder / "out"
    assert done.returncode == 0, done.stdout + done.stderr
    for name in (
        "potential/potential.json",
        "refining.json",
        "validation.json",
        "transport.json",
        "electrolyte.toml",
    ):
        assert (out / name).is_file()
    page = (out / "report.html").read_text(encoding="utf-8")
    for title in ("Labels and potential", "Diffusion and conductivity", "Field, law and circuit", "a guess"):
        assert title in page
    law = json.loads((out / "case" / "law.json").read_text())
    assert law["parameters"]["Rc"]["value"][0] > 0
    assert "[electrolyte]" in (out / "case" / "case.toml").read_text()


def test_the_same_command_finds_nothing_to_do(salt):
    folder, _ = salt
    again = call("run", folder / "liquid.toml", "--scale", "least", "-o", folder / "out")
    assert again.returncode == 0
    lines = [line for line in again.stdout.splitlines() if line.endswith("...")]
    assert lines == []


def test_a_liquid_of_unknown_scale_is_refused(tmp_path):
    (tmp_path / "liquid.toml").write_text(STUDY.replace('case = "slits.toml"', ""))
    done = call("run", tmp_path / "liquid.toml", "--scale", "huge", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "use least or paper" in done.stderr
