"""No content of a file ends in a traceback, a hang or an abort.

HOSTILE inputs are spread over all readers, 20 000 unless the environment says otherwise (`make fuzz`: 100 000).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = int(os.environ.get("HOSTILE", "20000"))
SEED = int(os.environ.get("HOSTILE_SEED", "14"))
#: shares of the inputs by name of a target in `targets.py`, which is imported by the worker alone
SHARES = {
    "case": 0.12,
    "study": 0.02,
    "electrolyte": 0.03,
    "quantity": 0.12,
    "expression": 0.15,
    "drive": 0.12,
    "protocol": 0.08,
    "table": 0.10,
    "law": 0.06,
    "circuit": 0.04,
    "rails": 0.03,
    "comparison": 0.03,
    "conductance": 0.01,
    "plan": 0.01,
    "campaign law": 0.01,
    "manifest": 0.05,
    "claims": 0.03,
    "measures": 0.02,
    "hall": 0.03,
    "observables.nc": 0.0012,
    "circuit.nc": 0.0012,
    "campaign.nc": 0.0012,
    "msh": 0.02,
    "own msh": 0.01,
    "vtu": 0.02,
    "xdmf": 0.01,
    "checkpoint": 0.03,
    "dump": 0.02,
    "xyz": 0.02,
    "lammps data": 0.01,
    "modes": 0.01,
    "run": 0.01,
    "transport": 0.02,
    "measurement cell.z": 0.01,
    "measurement cell.par": 0.01,
    "measurement cell.txt": 0.01,
    "measurement cell.dta": 0.01,
    "measurement cell.csv": 0.02,
    "measurement cell.mpt": 0.01,
}
#: readers of the extra atomistic
ATOMISTIC = {"dump", "xyz", "lammps data", "modes"}


@pytest.mark.parametrize("name", SHARES)
def test_a_reader_refuses_or_reads_whatever_it_is_given(name, tmp_path, record_property):
    if name in ATOMISTIC:
        pytest.importorskip("ase", reason="needs the extra atomistic")
        pytest.importorskip("MDAnalysis", reason="needs the extra atomistic")
    count = max(1, round(COUNT * SHARES[name] / sum(SHARES.values())))
    worker = Path(__file__).with_name("worker.py")
    command = [sys.executable, str(worker), name, str(count), str(SEED), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60 + count)
    assert done.returncode == 0, (
        f"the process ended by {done.returncode}, its input is in {tmp_path}: {done.stderr[-2000:]}"
    )
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"{name}: {found['count']} inputs, {found['refused']} refused, the rest read")
    record_property("inputs", found["count"])
    assert found["hung"] == []
    assert found["raised"] == []
