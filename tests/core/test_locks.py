import json
import os
import subprocess
import sys
import time

import pytest

from ionspice.core import RunError
from ionspice.core.locks import LOCK, locked

HOLD = """
import sys, time
from pathlib import Path
from ionspice.core.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    """Do not wait for those who may be ending."""
    monkeypatch.setattr("ionspice.core.locks._PATIENCE", 0.0)


@pytest.fixture
def other(tmp_path):
    """Another process that holds the folder's lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def lock_of(folder, **changes):
    """Write the lock of a process that does not live here."""
    holder = {"command": "ionspice run", "host": "node7", "pid": 1, "started": "", "since": "2026-01-01 00:00:00"}
    (folder / LOCK).write_text(json.dumps(holder | changes))


def test_a_folder_in_use_is_refused_with_who_and_where(tmp_path, other):
    message = rf"in use by `.*` on .* \(process {other.pid}, since .*delete .*{LOCK}"
    with pytest.raises(RunError, match=message), locked(tmp_path):
        pass


def test_a_killed_process_leaves_no_lock_that_counts(tmp_path, other):
    other.kill()
    other.wait()
    assert (tmp_path / LOCK).is_file()
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_number_that_another_process_has_now_does_not_count(tmp_path):
    import socket

    lock_of(tmp_path, host=socket.gethostname(), pid=os.getpid(), started="an earlier start")
    with locked(tmp_path):
        pass


def test_another_host_counts_until_it_is_silent_for_long(tmp_path):
    lock_of(tmp_path)
    with pytest.raises(RunError, match="node7"), locked(tmp_path):
        pass
    os.utime(tmp_path / LOCK, (time.time() - 7200, time.time() - 7200))
    with locked(tmp_path):
        pass


def test_a_job_that_was_queued_again_takes_its_own_lock_over(tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    lock_of(tmp_path, job="17", restarts=0)
    with pytest.raises(RunError, match="node7"), locked(tmp_path):
        pass
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000, '{"pid": "x"}'])
def test_a_damaged_lock_is_stale(tmp_path, content):
    (tmp_path / LOCK).write_text(content)
    with locked(tmp_path):
        pass


def test_a_process_may_take_its_lock_again_and_releases_it_when_it_fails(tmp_path):
    def fail() -> None:
        with locked(tmp_path), locked(tmp_path):
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_made_for_the_lock_alone_does_not_stay(tmp_path):
    with locked(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b" / LOCK).is_file()
    assert list(tmp_path.iterdir()) == []
