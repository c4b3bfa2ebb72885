"""One label by CP2K, about a minute: settings against finer ones, and as dpdata reads it."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.io import read

from ionspice.core import RunError
from ionspice.electrolytes.environment.tools import cp2k_command, cp2k_version
from ionspice.electrolytes.labels.cp2k.run import label_by_cp2k
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings

#: 24 atoms of [EMIm]AlCl4 with forces at 600 Ry
FINE = Path(__file__).with_name("emim_alcl4_600_ry.extxyz")


@pytest.fixture(scope="module")
def frame():
    return read(FINE)


@pytest.fixture(scope="module")
def command():
    if not cp2k_version():
        pytest.skip("CP2K is not on this machine; ionspice electrolyte setup installs it")
    return cp2k_command()


def test_default_settings_are_close_to_fine_ones_and_dpdata_reads_the_output(frame, command, tmp_path):
    answer = label_by_cp2k(tmp_path, frame, Cp2kSettings(), command=command, threads=1)
    error = answer.forces - frame.get_forces()
    assert np.sqrt((error**2).mean()) < 0.02
    assert abs(answer.energy - frame.get_potential_energy()) / len(frame) < 1e-5
    assert np.allclose(answer.stress, frame.get_stress(voigt=False), atol=2e-4)
    assert answer.program.startswith("CP2K ")
    dpdata = pytest.importorskip("dpdata", reason="the extra atomistic is not installed")
    system = dpdata.LabeledSystem(str(tmp_path / "cp2k.out"), fmt="cp2k/output")
    order = np.argsort(system["atom_types"], kind="stable")
    assert np.allclose(system["forces"][0][order], answer.forces[order], atol=1e-5)


def test_a_wave_function_that_does_not_converge_is_no_label(frame, command, tmp_path):
    salt = frame[[0, 1]]
    salt.symbols[:] = ["Li", "Cl"]
    salt.set_cell([5, 5, 5])
    salt.positions[:] = [[0, 0, 0], [2.1, 0, 0]]
    hasty = Cp2kSettings(scf_steps=2, scf_restarts=1, cutoff=150)
    with pytest.raises(RunError, match="converge"):
        label_by_cp2k(tmp_path, salt, hasty, command=command, threads=1)


def test_a_frame_without_a_cell_is_refused(frame, tmp_path):
    alone = frame.copy()
    alone.pbc = False
    with pytest.raises(RunError, match="periodic"):
        label_by_cp2k(tmp_path, alone, Cp2kSettings(), command=["cp2k"], threads=1)


def test_a_program_that_fails_is_one_error(frame, tmp_path):
    with pytest.raises(RunError, match="left no output"):
        label_by_cp2k(tmp_path, frame, Cp2kSettings(), command=["false"], threads=1)
