from pathlib import Path

import numpy as np
import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")

from ionspice.core import InputError, RunError  # noqa: E402
from ionspice.electrolytes.potential import calculator  # noqa: E402
from ionspice.electrolytes.potential.calculator import DeepPotential, types_of  # noqa: E402


def test_types_follow_the_map_and_not_the_frame():
    frame = ase.Atoms("ClNaCl", positions=np.zeros((3, 3)))
    assert types_of(frame, ("Na", "Cl")).tolist() == [1, 0, 1]
    assert types_of(frame, ("Cl", "Na")).tolist() == [0, 1, 0]


def test_an_element_that_a_potential_does_not_know_is_refused():
    with pytest.raises(InputError, match="knows Na, Cl, not K"):
        types_of(ase.Atoms("KCl", positions=np.zeros((2, 3))), ("Na", "Cl"))


def test_deviation_is_the_largest_spread_of_the_models_on_an_atom():
    forces = np.zeros((2, 1, 2, 3))
    forces[0, 0, 1] = [3.0, 0.0, 4.0]  # of two models at +-2.5 around their mean
    assert calculator._deviation(forces) == pytest.approx([2.5])
    assert np.isnan(calculator._deviation(forces[:1])).all()


def test_a_model_that_is_not_there_and_a_venv_that_is_not_there_are_told(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="is not there"), DeepPotential([tmp_path / "model-0.pb"]):
        pass
    (tmp_path / "model-0.pb").write_bytes(b"")
    monkeypatch.setenv("IONSPICE_POTENTIAL", str(tmp_path))
    with pytest.raises(RunError, match="ionspice electrolyte setup"), DeepPotential([tmp_path / "model-0.pb"]):
        pass


def test_a_worker_that_ends_says_why(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "python"
    program.write_text("#!/bin/sh\necho no such model >&2\n")
    program.chmod(0o755)
    (tmp_path / "model-0.pb").write_bytes(b"")
    monkeypatch.setenv("IONSPICE_POTENTIAL", str(tmp_path))
    potential = DeepPotential([Path(tmp_path / "model-0.pb")])
    with pytest.raises(RunError, match="no such model"), potential:
        pass
