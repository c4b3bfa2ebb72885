import os
import subprocess
import sys
import time

import pytest

from ionspice.core import RunError
from ionspice.fem.compiling import compiling, repair
from ionspice.fem.mpi import MPI


def test_what_a_killed_compilation_left_is_removed_and_the_rest_stays(tmp_path):
    names = ["libffcx_forms_a.c", "libffcx_forms_a.o", "libffcx_forms_b.c", "libffcx_forms_b.c.cached"]
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - 60, time.time() - 60))
    repair(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == names[2:]


def test_a_cache_that_cannot_be_written_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("ionspice.fem.compiling._folder", lambda: tmp_path / "file" / "fenics")
    with (
        pytest.raises(RunError, match=r"cache of compiled forms .* cannot be written .*XDG_CACHE_HOME"),
        compiling(MPI.COMM_SELF),
    ):
        pass


POISON = """
import os, signal
import ffcx.codegeneration.jit as jit
jit._compile_objects = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
from ionspice.fem import solve
import sys
solve(sys.argv[1])
"""


def test_a_run_that_was_killed_while_it_compiled_does_not_stop_the_next(tmp_path):
    from ionspice.meshes import PlanarElectrode, write_mesh

    write_mesh(tmp_path / "mesh.msh", PlanarElectrode())
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    script = "import ionspice.fem.mpi\n" + POISON
    killed = subprocess.run([sys.executable, "-c", script, tmp_path / "mesh.msh"], env=environment, check=False)
    assert killed.returncode == -9
    assert list((tmp_path / "cache" / "fenics").glob("*.c"))
    script = "import sys; from ionspice.fem import solve; print(solve(sys.argv[1]).sizes['time'])"
    command = [sys.executable, "-c", script, str(tmp_path / "mesh.msh")]
    again = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
