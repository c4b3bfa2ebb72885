"""Grid lines and MPI runs for the field solver's tests."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np


def graded(length, first, growth):
    """Return grid lines from 0 to length whose cells grow from about `first`."""
    cells = int(np.ceil(np.log(length * (growth - 1) / first + 1) / np.log(growth)))
    sizes = growth ** np.arange(cells)
    lines = np.concatenate([[0.0], np.cumsum(sizes) * length / sizes.sum()])
    lines[-1] = length
    return lines


def mpiexec(ranks, script, *arguments):
    """Run a Python script on a number of ranks and return its completed process."""
    beside = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside) if beside.exists() else "mpiexec"
    command = [launcher, "-n", str(ranks), sys.executable, "-c", script, *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
