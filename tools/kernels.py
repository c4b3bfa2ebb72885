"""Run the tests of discovery under every kernel of OpenBLAS that this processor can run.

    .venv/bin/python tools/kernels.py [pytest arguments]

A kernel is asked for by OPENBLAS_CORETYPE; whether it was taken is read from the loaded library, for OpenBLAS falls
back in silence on a processor that lacks the instructions.
"""

import os
import subprocess
import sys
import time

KERNELS = ("Haswell", "SkylakeX", "Sandybridge", "Nehalem")
# not those of processes, files and scikit-learn's conventions, which take long and know no arithmetic
TESTS = ["tests/discovery", "-q", "-k", "not (ranks or hall_file or campaign_law or estimator_checks)"]
_ASK = (
    "import numpy, scipy.linalg, threadpoolctl\n"
    "print(*{i.get('architecture', '?') for i in threadpoolctl.threadpool_info() if i['user_api'] == 'blas'})"
)


def environment(kernel: str) -> dict[str, str]:
    """Return the environment in which OpenBLAS takes a kernel."""
    return {**os.environ, "OPENBLAS_CORETYPE": kernel, "OMP_NUM_THREADS": "1"}


def taken(kernel: str) -> bool:
    """Return whether OpenBLAS runs the kernel that it is asked for."""
    answer = subprocess.run(
        [sys.executable, "-c", _ASK], env=environment(kernel), capture_output=True, text=True, check=True
    )
    return answer.stdout.split() == [kernel]


def main() -> int:
    """Run the tests under each kernel; return how many kernels failed."""
    kernels = [kernel for kernel in KERNELS if taken(kernel)]
    print(f"kernels that this processor runs: {', '.join(kernels) or 'none of ' + ', '.join(KERNELS)}", flush=True)
    failed = []
    for kernel in kernels:
        started = time.monotonic()
        tests = sys.argv[1:] or TESTS
        done = subprocess.run([sys.executable, "-m", "pytest", *tests], env=environment(kernel), check=False)
        verdict = "passed" if done.returncode == 0 else "FAILED"
        print(f"{kernel}: {verdict} in {time.monotonic() - started:.0f} s", flush=True)
        failed += [kernel] * (done.returncode != 0)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
