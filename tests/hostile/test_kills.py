"""kill -9 at random moments loses nothing: the same command goes on, and ends with the same numbers.

KILLS moments for every command, 1 unless the environment says otherwise.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ionspice.core.netcdf import read_netcdf

BIN = Path(sys.executable).parent
KILLS = int(os.environ.get("KILLS", "1"))
TINY = """
[geometry]
layers = 3
open_length = "5 nm"
[mesh]
wall_spacing = "0.15 nm"
growth = 1.8
[solver]
tolerance = 0.01
steps_per_ramp = 20
checkpoint_interval = "0.2 s"
[discovery]
islands = 2
population = 40
generations = 20
[circuit]
layers = [3]
"""
COMMANDS = {
    "run": [BIN / "ionspice", "run", "tiny.toml", "-o", "out", "--until", "simulate"],
    "solve": [BIN / "mpiexec", "-n", "2", BIN / "ionspice", "run", "tiny.toml", "-o", "out", "--until", "solve"],
    "sweep": [BIN / "ionspice", "sweep", "study.toml", "-o", "out"],
    "simulate": [BIN / "ionspice", "simulate", "out"],
    "discover": [BIN / "ionspice", "discover", "out", "--hall-of-fame", "hall.json"],
}
RESULT = {"run": "out/circuit.nc", "sweep": "out/campaign.nc", "simulate": "out/circuit.nc"}


def call(name, folder):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = list(map(str, COMMANDS[name]))
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """By command a folder in which it has run undisturbed, and how long that took [s]."""
    made = {}

    def folder_of(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            if name in ("simulate", "discover"):
                shutil.copytree(folder_of("run")[0], folder, dirs_exist_ok=True)
            (folder / "tiny.toml").write_text(TINY)
            study = 'base = "tiny.toml"\nuntil = "solve"\n[grid]\n"drive.amplitude" = ["0.05 V", "0.1 V"]\n'
            (folder / "study.toml").write_text(study)
            begun = time.monotonic()
            process = call(name, folder)
            assert process.wait(600) == 0, process.stderr.read()
            made[name] = (folder, time.monotonic() - begun)
        return made[name]

    return folder_of


@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_command_goes_on(whole, tmp_path, name):
    reference, duration = whole(name)
    moments = np.random.default_rng(9).uniform(0.05, 1.0, size=KILLS) * duration
    folder = shutil.copytree(reference, tmp_path / "again")
    for moment in moments.tolist():
        if name not in ("simulate", "discover"):
            shutil.rmtree(folder / "out")
        process = call(name, folder)
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGKILL) if name != "sweep" else process.kill()
        process.wait()
        again = call(name, folder)
        assert again.wait(600) == 0, again.stderr.read()
        result = RESULT.get(name, "out/observables.nc")
        for group, expected in read_netcdf(reference / result, remedy="").items():
            found = read_netcdf(folder / result, remedy="")[group]
            for variable in expected.data_vars:
                if expected[variable].dtype.kind == "f" and expected[variable].size and variable != "wall_time":
                    scale = float(np.abs(expected[variable]).max()) or 1.0
                    np.testing.assert_allclose(found[variable], expected[variable], atol=1e-6 * scale)
