"""The law depends on the seed and the number of islands, not on the MPI ranks that share the islands."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ionspice.discovery import read_law

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "table.csv"
    x = np.linspace(0.0, 1.0, 80)
    rng = np.random.default_rng(1)
    rows = []
    for element, bend in ((2, 1.5), (3, 2.5)):
        integral = np.tanh(bend * x) + 0.1 * x**3 + 0.002 * rng.normal(size=x.size)
        rows.append(np.column_stack([np.full(x.size, element), 2e-9 * x, 3e-10 * integral]))
    header = "series,charge,voltage_integral"
    np.savetxt(path, np.vstack(rows), delimiter=",", header=header, comments="")
    return path


def started(*command):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [str(part) for part in command], env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def discovered(folder, table, ranks, *options):
    command = ["mpiexec", "-n", ranks, BIN / "ionspice", "discover", folder, "--data", table, "--seeds", 1, *options]
    if ranks == 0:
        command = command[3:]
    elif (BIN / "mpiexec").exists():
        command[0] = BIN / "mpiexec"
    return started(*command)


@pytest.fixture(scope="module")
def alone(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    done = discovered(folder, table, 0)
    assert done.returncode == 0, done.stderr
    return (folder / "law.json").read_bytes()


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_law_is_the_same_on_any_number_of_ranks(table, alone, tmp_path, ranks):
    pytest.importorskip("mpi4py")
    done = discovered(tmp_path, table, ranks, "--hall-of-fame", tmp_path / "hall.json")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "law.json").read_bytes() == alone
    assert len(read_law(tmp_path / "law.json").front) > 2
    assert done.stdout.count("law: R = ") == 1
    assert (tmp_path / "hall.json").exists()


def test_all_ranks_end_when_the_data_are_refused(table, tmp_path):
    pytest.importorskip("mpi4py")
    bad = tmp_path / "bad.csv"
    bad.write_text(table.read_text() + "3,1e-9,high\n")
    done = discovered(tmp_path / "out", bad, 2)
    assert done.returncode == 2
    assert done.stderr.count("is not a number") == 1
    assert not (tmp_path / "out").exists()


ONE_RANK_FAILS = """
import dolfinx_solver
from mpi4py import MPI
from ionspice.core import RunError
from ionspice.discovery.ranks import islands_on, serve_islands
comm = MPI.COMM_WORLD
from operator import neg
if comm.rank > 0:
    serve_islands(comm)
else:
    with islands_on(comm) as run:
        assert run(neg, [1, 2, 3, 4]) == [-1, -2, -3, -4]
        assert run(neg, [1]) == [-1]
        try:
            run(neg, [1, "two", 3])
        except RunError as error:
            print(error)
"""


def test_a_failure_on_another_rank_is_raised_on_the_first():
    pytest.importorskip("dolfinx_solver")
    done = started(BIN / "mpiexec", "-n", 2, sys.executable, "-c", ONE_RANK_FAILS)
    assert done.returncode == 0, done.stderr
    assert "island on rank 1 failed: TypeError" in done.stdout


def test_discovery_imports_without_mpi():
    code = (
        "import sys; sys.modules['mpi4py'] = None\n"
        "import ionspice.discovery.ranks; from ionspice.discovery import GeneExpressionRegressor, discover_law"
    )
    assert started(sys.executable, "-c", code).returncode == 0
