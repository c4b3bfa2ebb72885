import hashlib

import pytest

from ionspice.core.manifest import (
    StageRecord,
    fingerprint,
    is_current,
    read_manifest,
    write_record,
)
from ionspice.core.run_files import MANIFEST


@pytest.fixture
def record(tmp_path):
    (tmp_path / "out.txt").write_text("result")
    digest = "c5a6dc2d0d9a1a4ed7e2e2e5f3e7b0ea"
    return StageRecord(fingerprint=digest, finished=True, wall_time=1.5, outputs={"out.txt": _sha256("result")})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_records_are_read_back(tmp_path, record):
    begun = StageRecord(fingerprint="b")
    write_record(tmp_path, "mesh", record)
    write_record(tmp_path, "solve", begun)
    assert read_manifest(tmp_path) == {"mesh": record, "solve": begun}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other", "stages": {}}', "\x00"])
def test_a_damaged_manifest_counts_as_none(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    assert read_manifest(tmp_path) == {}
    assert read_manifest(tmp_path / "absent") == {}


def test_a_stage_is_current_while_inputs_and_outputs_are_as_recorded(tmp_path, record):
    assert is_current(record, record.fingerprint, tmp_path)
    assert not is_current(record, "other", tmp_path)
    assert not is_current(None, record.fingerprint, tmp_path)
    assert not is_current(StageRecord(fingerprint=record.fingerprint), record.fingerprint, tmp_path)
    (tmp_path / "out.txt").write_text("changed by hand")
    assert not is_current(record, record.fingerprint, tmp_path)
    (tmp_path / "out.txt").unlink()
    assert not is_current(record, record.fingerprint, tmp_path)


def test_the_fingerprint_depends_on_values_and_content_only(tmp_path):
    file = tmp_path / "in.txt"
    file.write_text("a")
    first = fingerprint({"drive": {"cycles": 1, "amplitude": 0.1}}, [file])
    file.touch()
    assert fingerprint({"drive": {"amplitude": 0.1, "cycles": 1}}, [file]) == first
    assert fingerprint({"drive": {"amplitude": 0.1, "cycles": 2}}, [file]) != first
    file.write_text("b")
    assert fingerprint({"drive": {"cycles": 1, "amplitude": 0.1}}, [file]) != first
