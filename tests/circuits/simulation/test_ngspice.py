import subprocess
import sys

import numpy as np
import pytest

from ionspice.circuits import ngspice_version, run_netlist
from ionspice.core import RunError

DIVIDER = "* a title with the word error\nVin in 0 1\nR1 in errornode 1k\nR2 errornode 0 1k\n.op\n.end\n"


def test_a_run_succeeds_although_its_names_contain_error():
    assert run_netlist(DIVIDER)["errornode"] == pytest.approx([0.5])


def test_vectors_are_plain_arrays_by_lower_case_name():
    vectors = run_netlist("* rc\nVin IN 0 PWL(0 0 1 1)\nR1 IN Out 1\nC1 Out 0 1m\n.tran 1m 1 0 1m\n.end\n", end=1.0)
    assert {"time", "in", "out", "vin#branch"} <= set(vectors)
    assert type(vectors["out"]) is np.ndarray
    assert vectors["out"][-1] == pytest.approx(1 - 1e-3, rel=1e-4)


def test_a_netlist_without_a_result_is_one_error():
    with pytest.raises(RunError, match="no result"):
        run_in_new_process("* bad\nX1 a 0 MISSING\n.op\n.end\n")


def test_a_transient_that_stops_early_says_where():
    blow_up = "* dv/dt = v^2\nC1 a 0 1 ic=1\nB1 0 a I=V(a)*V(a)\n.tran 1m 2 0 1m uic\n.end\n"
    with pytest.raises(RunError, match=r"stopped at (0\.99\d*|1|1\.00\d*) s of 2 s"):
        run_netlist(blow_up, end=2.0)


def test_runs_go_on_after_a_failed_one():
    with pytest.raises(RunError):
        run_netlist(DIVIDER.replace(".op", ""))
    assert run_netlist(DIVIDER)["errornode"] == pytest.approx([0.5])


def test_memory_stays_flat_over_many_runs():
    import resource

    ladder = "* rc\nVin in 0 PWL(0 0 1 1)\nR1 in out 1\nC1 out 0 1m\n.tran 1m 1 0 1m\n.end\n"
    for _ in range(20):
        run_netlist(ladder, end=1.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(300):
        run_netlist(ladder, end=1.0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300 * 10, "kilobytes; a leak of the results alone is 24 a run"


def test_the_version_is_known():
    assert ngspice_version() >= 30


def test_a_missing_library_names_the_debian_package():
    program = (
        "import ctypes.util, sys\nctypes.util.find_library = lambda name: None\n"
        "from ionspice.circuits import run_netlist\nfrom ionspice.core import RunError\n"
        "try: run_netlist('')\nexcept RunError as error: sys.exit(str(error))\n"
    )
    done = run_program(program)
    assert done.returncode == 1
    assert "libngspice0" in done.stderr


def test_a_library_that_cannot_be_loaded_names_the_debian_package():
    program = (
        "import os, sys\nos.environ['NGSPICE_LIBRARY_PATH'] = '/nowhere/libngspice.so'\n"
        "from ionspice.circuits import run_netlist\nfrom ionspice.core import RunError\n"
        "try: run_netlist('')\nexcept RunError as error: sys.exit(str(error))\n"
    )
    assert "libngspice0" in run_program(program).stderr


def run_program(text):
    return subprocess.run([sys.executable, "-W", "ignore", "-c", text], capture_output=True, text=True, check=False)


def run_in_new_process(netlist):
    """Run a netlist that may end the library's life where that hurts no other test."""
    done = run_program(
        "import sys\nfrom ionspice.circuits import run_netlist\nfrom ionspice.core import RunError\n"
        f"try: run_netlist({netlist!r}, end=1.0)\nexcept RunError as error: sys.exit(str(error))\n"
    )
    assert done.returncode in (0, 1), done.stderr
    if done.returncode:
        raise RunError(done.stderr)
