"""Run what depends on the kernel of OpenBLAS under every one that this processor can run.

    .venv/bin/python tools/kernels.py [pytest arguments]

A kernel is asked for by OPENBLAS_CORETYPE; whether it was taken is read from the loaded library, for OpenBLAS falls
back in silence on a processor that lacks the instructions. The kernel that it takes unasked is left to `make test`,
unless arguments name other tests.
"""

import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

KERNELS = ("Haswell", "SkylakeX", "Sandybridge", "Nehalem")
#: where fits, choices and laws are asked for. The rest of tests/discovery calls no BLAS whose last bits could decide:
#: genes are scored by loops of a fixed order, forms are sympy's, tables and files are text; and ranks, stops and
#: files repeat one search under one kernel
TESTS = [
    "tests/discovery/fits",
    "tests/discovery/laws/test_exact_tables.py",
    "tests/discovery/laws/test_law.py",
    "tests/discovery/laws/test_ties.py",
    "tests/discovery/test_fewer_variables.py",
    "tests/discovery/test_robust.py",
    "tests/discovery/test_search.py",
    "-q",
]
_ASK = (
    "import numpy, scipy.linalg, threadpoolctl\n"
    "print(*{i.get('architecture', '?') for i in threadpoolctl.threadpool_info() if i['user_api'] == 'blas'})"
)
#: the default case's fields where they have been solved for, else made series with 1 % noise
_OBSERVABLES = Path("results/kcl_slits/observables.nc")
_LAW = """
import json, sys, numpy as np
from ionspice.discovery import ElementSeries, ResistanceData, discover_law, read_observables
x, rng = np.linspace(0.0, 1.0, 150), np.random.default_rng(0)
made = [x - bend * x**2 + 0.001 * rng.normal(size=150) for bend in (0.2, 0.25, 0.3)]
series = [ElementSeries(element=k, charge=2e-9 * x, voltage_integral=1e-9 * y) for k, y in enumerate(made, 2)]
law = discover_law(read_observables(sys.argv[1]) if sys.argv[1:] else ResistanceData(series=tuple(series)))
print(json.dumps([str(law.resistance), *law.parameters["Rc"].value, *law.parameters["gamma"].value]))
"""
#: relative difference of Rc and gamma between kernels
_AGREEMENT = 1e-6


def environment(kernel: str) -> dict[str, str]:
    """Return the environment in which OpenBLAS takes a kernel."""
    return {**os.environ, "OPENBLAS_CORETYPE": kernel, "OMP_NUM_THREADS": "1"}


def taken(kernel: str | None) -> list[str]:
    """Return the kernels that OpenBLAS runs when it is asked for one, or for none."""
    asked = environment(kernel) if kernel else None
    answer = subprocess.run([sys.executable, "-c", _ASK], env=asked, capture_output=True, text=True, check=True)
    return answer.stdout.split()


def law_under(kernel: str) -> list[str | float]:
    """Return R in Q, then Rc and gamma of every element, as discovered under a kernel."""
    data = [str(_OBSERVABLES)] if _OBSERVABLES.exists() else []
    command = [sys.executable, "-c", _LAW, *data]
    done = subprocess.run(command, env=environment(kernel), capture_output=True, text=True, check=True)
    law: list[str | float] = json.loads(done.stdout)
    return law


def agree(one: list[str | float], other: list[str | float]) -> bool:
    """Return whether two laws have one form and the same constants."""
    pairs = zip(one[1:], other[1:], strict=True)
    return one[0] == other[0] and all(math.isclose(float(a), float(b), rel_tol=_AGREEMENT) for a, b in pairs)


def tests_under(kernel: str) -> subprocess.CompletedProcess[str]:
    """Run the tests under a kernel."""
    command = [sys.executable, "-m", "pytest", *(sys.argv[1:] or TESTS), "-p", "no:cacheprovider"]
    return subprocess.run(
        command, env=environment(kernel), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def main() -> int:
    """Run the tests under each kernel and compare the laws; return how many kernels failed."""
    kernels = [kernel for kernel in KERNELS if taken(kernel) == [kernel]]
    print(f"kernels that this processor runs: {', '.join(kernels) or 'none of ' + ', '.join(KERNELS)}", flush=True)
    failed = []
    laws = {kernel: law_under(kernel) for kernel in kernels}
    for kernel, law in laws.items():
        print(f"{kernel}: R = {law[0]}, Rc and gamma {law[1:]}", flush=True)
        failed += [] if agree(law, laws[kernels[0]]) else [kernel]
    unasked = [] if sys.argv[1:] else taken(None)
    tested = [kernel for kernel in kernels if kernel not in unasked]
    print(f"taken unasked, and so by `make test`: {', '.join(unasked) or 'not asked'}", flush=True)
    with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        for kernel, done in zip(tested, pool.map(tests_under, tested), strict=True):
            print(done.stdout, end="")
            print(f"{kernel}: {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
            failed += [kernel] * (done.returncode != 0)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
