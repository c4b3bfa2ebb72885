import json

import numpy as np
import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ionspice.core import InputError, RunError  # noqa: E402
from ionspice.electrolytes.labels.label import Answer  # noqa: E402
from ionspice.electrolytes.labels.store import (  # noqa: E402
    hash_of,
    is_finished,
    read_frame,
    read_label,
    write_frame,
    write_label,
)

SETTINGS = {"program": "cp2k", "cutoff": "400 Ry"}


@pytest.fixture
def frame():
    generator = np.random.default_rng(1)
    return ase.Atoms("Al2Cl6", positions=generator.random((8, 3)) * 7, cell=np.diag([7.1, 7.2, 7.3]), pbc=True)


def answer_for(frame, **changes):
    generator = np.random.default_rng(2)
    values = {
        "energy": -123.456789012,
        "forces": generator.normal(size=(len(frame), 3)),
        "stress": np.array([[1.0, 0.4, 0.5], [0.4, 2.0, 0.6], [0.5, 0.6, 3.0]]) * 1e-3,
        "scf_steps": 20,
        "program": "CP2K 2023.1",
    }
    return Answer(**values | changes)


def test_a_label_comes_back_with_settings_and_convergence(frame, tmp_path):
    answer = answer_for(frame)
    write_label(tmp_path, frame, answer, settings=SETTINGS, wall_time=1.5)
    assert is_finished(tmp_path)
    found, record = read_label(tmp_path)
    assert found.get_potential_energy() == pytest.approx(answer.energy, abs=1e-8)
    assert np.allclose(found.get_forces(), answer.forces, atol=1e-7)
    assert np.allclose(found.get_stress(voigt=False), answer.stress, atol=1e-9)
    assert record["settings"] == SETTINGS
    assert (record["converged"], record["scf_steps"], record["program"]) == (True, 20, "CP2K 2023.1")
    assert record["hash"] == hash_of(frame, SETTINGS) == found.info["label"]


def test_the_hash_survives_the_file_and_tells_frames_and_settings_apart(frame, tmp_path):
    write_frame(tmp_path, frame)
    name = hash_of(frame, SETTINGS)
    assert hash_of(read_frame(tmp_path), SETTINGS) == name
    moved, larger, other = frame.copy(), frame.copy(), frame.copy()
    moved.positions[3, 1] += 1e-6
    larger.cell[0, 0] += 1e-6
    other.symbols[0] = "Ga"
    assert len({name, *(hash_of(one, SETTINGS) for one in (moved, larger, other)), hash_of(frame, {})}) == 5


def test_what_another_calculator_said_is_not_kept(frame, tmp_path):
    frame.info["energy"] = 1.0
    frame.new_array("forces", np.ones((8, 3)))
    write_frame(tmp_path, frame)
    given = read_frame(tmp_path)
    assert given.calc is None
    assert "forces" not in given.arrays


def test_a_label_without_its_record_is_not_finished(frame, tmp_path):
    write_label(tmp_path, frame, answer_for(frame), settings=SETTINGS, wall_time=1)
    (tmp_path / "label.json").unlink()
    assert not is_finished(tmp_path)


def test_a_label_that_was_changed_is_not_finished(frame, tmp_path):
    write_label(tmp_path, frame, answer_for(frame), settings=SETTINGS, wall_time=1)
    path = tmp_path / "label.extxyz"
    path.write_text(path.read_text().replace("Al", "Ga"))
    assert not is_finished(tmp_path)
    with pytest.raises(InputError, match="not as it was left"):
        read_label(tmp_path)


def test_a_record_of_another_kind_is_not_finished(frame, tmp_path):
    (tmp_path / "label.json").write_text(json.dumps({"format": "else"}))
    assert not is_finished(tmp_path)


@pytest.mark.parametrize(
    "changes", [{"energy": np.nan}, {"forces": np.full((8, 3), np.inf)}, {"forces": np.zeros((7, 3))}]
)
def test_numbers_that_are_no_label_are_refused(frame, tmp_path, changes):
    with pytest.raises(RunError, match="this is no label"):
        write_label(tmp_path, frame, answer_for(frame, **changes), settings=SETTINGS, wall_time=1)
    assert not is_finished(tmp_path)
