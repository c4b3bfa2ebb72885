"""Dynamics by CP2K: what is read of its files, and three steps of it."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)
import ase.io
from ase.units import Bohr, Hartree

from ionspice.core import InputError, RunError
from ionspice.electrolytes.environment.tools import cp2k_version
from ionspice.electrolytes.files import FIRST_PRINCIPLES, LABELS
from ionspice.electrolytes.labels.cp2k.dynamics import DynamicsPlan, dynamics_input, read_dynamics, steps_done
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import parse_liquid

PLAN = DynamicsPlan(
    temperature=300.0, ensemble="NVT", timestep=0.5, every=2, equilibration=1, frames=2, pressure=1.0, seed=7
)
SALT = ase.Atoms("LiCl", positions=[[0, 0, 0], [2.1, 0, 0]], cell=[5, 5, 5], pbc=True)


def written(folder, steps, name="pos", scale=1.0):
    text = ""
    for step in steps:
        text += f"       2\n i = {step:8d}, time = {step * 0.5:12.3f}, E = {-15.0 - step / 100:20.10f}\n"
        text += f"  Li {step * scale:.4f} 0.0 0.0\n  Cl 2.1 {step * scale:.4f} 0.0\n"
    (folder / f"md-{name}-1.xyz").write_text(text)


def test_frames_after_equilibration_are_read_with_energies_and_forces(tmp_path):
    written(tmp_path, [0, 2, 4, 6], scale=0.1)
    written(tmp_path, [0, 2, 4, 6], "frc", scale=0.01)
    found = read_dynamics(tmp_path, SALT, PLAN, program="CP2K 2023.1")
    assert [frame.positions[0, 0] for frame, _ in found] == pytest.approx([0.4, 0.6])
    assert [answer.energy for _, answer in found] == pytest.approx([-15.04 * Hartree, -15.06 * Hartree])
    assert found[1][1].forces[1] == pytest.approx(np.array([2.1, 0.06, 0]) * Hartree / Bohr)


def test_frames_that_a_restart_wrote_twice_count_once_and_missing_ones_are_named(tmp_path):
    for name in ("pos", "frc"):
        written(tmp_path, [0, 2, 4, 4, 6], name)
    assert len(read_dynamics(tmp_path, SALT, PLAN, program="")) == 2
    written(tmp_path, [0, 2, 4], "frc")
    with pytest.raises(RunError, match="lacks step 6"):
        read_dynamics(tmp_path, SALT, PLAN, program="")
    (tmp_path / "md-frc-1.xyz").write_text("2\nnothing\nLi 0 0 0\nCl 0 0 0\n")
    with pytest.raises(InputError, match="no heading"):
        read_dynamics(tmp_path, SALT, PLAN, program="")


def test_a_trajectory_goes_on_from_its_restart_file(tmp_path):
    assert steps_done(tmp_path) == 0
    (tmp_path / "md-1.restart").write_text(" &MD\n  STEP_START_VAL  4\n &END MD\n")
    assert steps_done(tmp_path) == 4
    text = dynamics_input(SALT, Cp2kSettings(), PLAN, done=4)
    assert "STEPS 2\n" in text
    assert "RESTART_FILE_NAME md-1.restart" in text
    assert "EXT_RESTART" not in dynamics_input(SALT, Cp2kSettings(), PLAN)


def test_constant_pressure_has_a_barostat():
    text = dynamics_input(SALT, Cp2kSettings(), replace(PLAN, ensemble="NPT"))
    assert "ENSEMBLE NPT_I" in text
    assert "&BAROSTAT" in text
    assert "&BAROSTAT" not in dynamics_input(SALT, Cp2kSettings(), PLAN)


SMALL = """
[[molecules]]
name = "Li"
smiles = "[Li+]"
charge = 1
[[molecules]]
name = "Cl"
smiles = "[Cl-]"
charge = -1
[[compositions]]
name = "salt"
counts = { Li = 1, Cl = 1 }
boxes = [{ edge = "5 angstrom", temperatures = ["600 K"] }]
[teacher]
program = "cp2k"
cutoff = "120 Ry"
dispersion = "none"
[frames]
method = "teacher"
frames = 2
equilibration = "0 fs"
interval = "1 fs"
timestep = "1 fs"
"""


def test_frames_of_dynamics_are_labels_already(tmp_path):
    if not cp2k_version():
        pytest.skip("CP2K is not on this machine; ionspice electrolyte setup installs it")
    pytest.importorskip("packmol", reason="the extra atomistic is not installed")
    pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
    study = parse_liquid(SMALL)
    run_liquid(study, tmp_path, stages=["molecules", "frames"])
    outputs = list((tmp_path / FIRST_PRINCIPLES).rglob("cp2k.out"))
    assert len(outputs) == 1
    run_liquid(study, tmp_path, stages=["molecules", "frames", "label"])
    assert not list((tmp_path / "labels").rglob("cp2k.out"))  # none was computed apart
    labels = ase.io.read(tmp_path / LABELS, index=":")
    assert len(labels) == 2
    assert len({label.info["trajectory"] for label in labels}) == 1
    assert all(np.abs(label.get_forces()).max() > 0 for label in labels)
    assert labels[0].get_potential_energy() < -400
