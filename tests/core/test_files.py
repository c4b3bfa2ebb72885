import hashlib
import os

import pytest

from ionspice.core import InputError, replacing, sha256_of


def test_a_file_appears_whole_when_the_block_succeeds(tmp_path):
    target = tmp_path / "new" / "law.json"
    with replacing(target) as temporary:
        assert temporary.suffix == ".json"
        temporary.write_text("{}")
        assert not target.exists()
    assert target.read_text() == "{}"
    assert [path.name for path in target.parent.iterdir()] == ["law.json"]


def test_a_failed_block_leaves_the_old_file_and_no_other(tmp_path):
    target = tmp_path / "law.json"
    target.write_text("old")

    def write() -> None:
        with replacing(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["law.json"]


def test_files_get_the_permissions_that_the_user_wants(tmp_path):
    umask = os.umask(0o027)
    try:
        with replacing(tmp_path / "a.txt") as temporary:
            temporary.write_text("a")
    finally:
        os.umask(umask)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match=r"cannot write .*law\.json.*choose a folder"),
        replacing(tmp_path / "file" / "law.json"),
    ):
        pass


def test_sha256_is_that_of_the_content(tmp_path):
    (tmp_path / "a").write_bytes(b"ion" * 100_000)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"ion" * 100_000).hexdigest()
