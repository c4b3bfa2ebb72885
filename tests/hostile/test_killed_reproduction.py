"""kill -9 again and again during one reproduction of the study, which goes on each time and ends the same."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

IONSPICE = Path(sys.executable).parent / "ionspice"
KILLS = 20
WALL_TIMES = ("costs", "N")  # entries that tell what runs cost, which is of the machine


def call(folder):
    command = [str(IONSPICE), "reproduce", "--quick", "-o", str(folder)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def numbers_of(value):
    """Return all numbers of a JSON value, in its order."""
    if isinstance(value, dict):
        return [number for entry in value.values() for number in numbers_of(entry)]
    if isinstance(value, list):
        return [number for entry in value for number in numbers_of(entry)]
    return [value] if isinstance(value, float | int) else []


def claims_of(folder):
    content = json.loads((folder / "measures.json").read_text())["entries"]
    return {name: numbers_of(entry["numbers"]) for name, entry in content.items() if name not in WALL_TIMES}


@pytest.mark.slow
def test_a_reproduction_goes_on_after_every_kill(tmp_path):
    begun = time.monotonic()
    whole = call(tmp_path / "whole")
    assert whole.wait(1800) == 0, whole.stderr.read()
    pause = (time.monotonic() - begun) / KILLS
    for moment in np.random.default_rng(5).uniform(0.5, 1.5, size=KILLS) * pause:
        process = call(tmp_path / "killed")
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    last = call(tmp_path / "killed")
    assert last.wait(1800) == 0, last.stderr.read()
    expected, found = claims_of(tmp_path / "whole"), claims_of(tmp_path / "killed")
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-6, atol=1e-9, err_msg=name)
