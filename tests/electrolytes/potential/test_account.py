"""What a potential is worth on labels, and its record made anew."""

import shutil

import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.io import read, write

from ionspice.core import InputError
from ionspice.electrolytes.files import LABELS, POTENTIAL_RECORD, TRAINED
from ionspice.electrolytes.potential.account import account, restate
from ionspice.electrolytes.potential.record import read_potential


@pytest.fixture
def mine(tiny_potential, tmp_path):
    shutil.copytree(tiny_potential / TRAINED, tmp_path / "mine")
    return tmp_path / "mine"


def test_its_own_labels_are_known_in_any_file_and_order(mine, tiny_potential, tmp_path):
    write(tmp_path / "turned.extxyz.gz", read(tiny_potential / LABELS, index="::-1"), format="extxyz")
    found = account(mine, tmp_path / "turned.extxyz.gz")
    assert found.own
    stated = read_potential(mine / POTENTIAL_RECORD).record.errors
    for block in ("training", "held_out"):
        assert found.errors[block]["all"].frames == stated[block]["all"].frames
        assert found.errors[block]["all"].force == pytest.approx(stated[block]["all"].force, rel=1e-3)


def test_other_labels_are_told_so(mine, alloy, tmp_path):
    write(tmp_path / "others.extxyz", alloy(60, 2))
    found = account(mine, tmp_path / "others.extxyz")
    assert not found.own
    assert found.errors["others"]["alloy"].frames == 2


def test_a_record_is_made_anew_of_models_and_labels_as_they_are(mine, tiny_potential, alloy, tmp_path):
    shutil.copyfile(mine / "model-1.pb", mine / "model-0.pb")
    with pytest.raises(InputError, match="is not the model"):
        account(mine, tiny_potential / LABELS)
    labels = tmp_path / "more.extxyz"
    write(labels, [*read(tiny_potential / LABELS, index=":"), *alloy(61, 3)])
    made = restate(mine, labels)
    assert made == account(mine, labels)
    record = read_potential(mine / POTENTIAL_RECORD).record
    assert record.training.frames + record.errors["held_out"]["all"].frames == 67
    assert record.models[0].sha256 == record.models[1].sha256
    assert record.errors["held_out"]["all"].deviation == pytest.approx(0, abs=1e-6)
