import json

import pytest

from ionspice.core import InputError
from ionspice.core.files import sha256_of
from ionspice.core.integrity import checked
from ionspice.core.json_files import read_json, write_json
from ionspice.core.manifest import StageRecord, accept, read_manifest, write_record
from ionspice.core.run_files import MANIFEST


@pytest.fixture
def folder(tmp_path):
    """A folder in which a stage left law.json."""
    write_json(tmp_path / "law.json", "ionspice-law/1", {"Rc": 1.0})
    outputs = {"law.json": sha256_of(tmp_path / "law.json")}
    write_record(tmp_path, "discover", StageRecord(fingerprint="a", finished=True, outputs=outputs))
    return tmp_path


def test_a_file_as_its_stage_left_it_passes(folder):
    assert checked(folder, "law.json") == folder / "law.json"


@pytest.mark.parametrize("name", ["law.json", "none.json"])
def test_a_file_that_no_stage_left_passes(folder, name):
    (folder / MANIFEST).unlink()
    assert checked(folder, name) == folder / name


def test_a_changed_file_is_refused_with_stage_and_remedy(folder):
    (folder / "law.json").write_text('{"format": "ionspice-law/1", "Rc": 2.0}')
    with pytest.raises(InputError, match=r"law\.json is not the file that the stage discover left .*; do this"):
        checked(folder, "law.json", remedy="do this")
    with pytest.raises(InputError, match="stage discover left"):
        read_json(folder / "law.json", "ionspice-law/1", remedy="discover again")


def test_a_change_that_is_meant_can_be_put_on_record(folder):
    (folder / "law.json").write_text('{"format": "ionspice-law/1", "Rc": 2.0}')
    assert accept(folder, "law.json") == "discover"
    assert read_json(folder / "law.json", "ionspice-law/1", remedy="")["Rc"] == 2.0
    with pytest.raises(InputError, match=r"other\.json is no file that a stage made; on record are law\.json"):
        accept(folder, "other.json")


@pytest.mark.parametrize(
    "record",
    [
        1,
        {"fingerprint": 1},
        {"fingerprint": "a", "outputs": {"/etc/passwd": "a"}},
        {"fingerprint": "a", "outputs": 3},
    ],
)
def test_a_manifest_with_damaged_records_vouches_for_nothing(folder, record):
    (folder / MANIFEST).write_text(json.dumps({"format": "ionspice-manifest/1", "stages": {"discover": record}}))
    assert read_manifest(folder) == {}
    assert checked(folder, "law.json") == folder / "law.json"
