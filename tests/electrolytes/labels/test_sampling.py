from importlib.util import find_spec

import numpy as np
import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("tblite", reason="the extra atomistic is not installed")
pytest.importorskip("packmol", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)

from ionspice.core import InputError, RunError
from ionspice.electrolytes.files import TRAJECTORIES
from ionspice.electrolytes.labels.sampling import sample_trajectories
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import parse_liquid

SIDE_BY_SIDE = "\n[jobs]\nat_once = 2\n"


def sampled(text, directory, *, keep=False):
    study = parse_liquid(text)
    run_liquid(study, directory, stages=["molecules"])
    return sample_trajectories(study, directory, keep=keep)


def test_jobs_make_the_same_trajectories_as_one_after_the_other(liquid_text, tmp_path):
    alone = sampled(liquid_text, tmp_path / "alone")
    together = sampled(liquid_text + SIDE_BY_SIDE, tmp_path / "together")
    assert [frame.info["trajectory"] for frame in together] == [frame.info["trajectory"] for frame in alone]
    assert all(np.allclose(a.positions, b.positions, atol=1e-3) for a, b in zip(alone, together, strict=True))
    (first, second) = sorted((tmp_path / "together" / TRAJECTORIES).glob("*.extxyz"))
    first.unlink()
    before = second.stat().st_mtime_ns
    assert len(sampled(liquid_text + SIDE_BY_SIDE, tmp_path / "together", keep=True)) == len(together)
    assert second.stat().st_mtime_ns == before


def test_a_trajectory_that_cannot_be_made_says_why(liquid_text, tmp_path):
    crowded = liquid_text.replace("1.2 g/cm^3", "12 g/cm^3")
    with pytest.raises(RunError, match="lower the density"):
        sampled(crowded + SIDE_BY_SIDE, tmp_path)


def test_wide_functions_are_given_the_accuracy_that_they_need(liquid_text, tmp_path):
    """Of calcium, at the coarse accuracy of trajectories, overlaps are no longer those of independent functions."""
    calcium = (
        liquid_text.replace('name = "Na"\nsmiles = "[Na+]"\ncharge = 1', 'name = "Ca"\nsmiles = "[Ca+2]"\ncharge = 2')
        .replace("Na = 2, Cl = 2", "Ca = 2, Cl = 4")
        .replace("1.2 g/cm^3", "2.6 g/cm^3")
        .replace("trajectories = 2\nframes = 2", "trajectories = 1\nframes = 1")
        .replace("4 fs", "2 fs")
    )
    (frame,) = sampled(calcium, tmp_path)
    assert sorted(frame.symbols) == ["Ca", "Ca", "Cl", "Cl", "Cl", "Cl"]


def test_a_bend_of_an_atom_that_is_not_there_is_refused(liquid_text, tmp_path):
    bend = '[[frames.bends]]\nmolecule = "Na"\natoms = [1, 2, 3]\nleast = "90 deg"\nmost = "120 deg"\n'
    with pytest.raises(InputError, match="Na has 1 atoms"):
        sampled(liquid_text + bend, tmp_path)
