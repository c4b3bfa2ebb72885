"""Checkpoints: everything that a run needs to go on, on any number of ranks.

One .npz, written atomically: the past states by node coordinates, the state of the step control, the observables
so far, and an identity of mesh and case that a restart must match.
"""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ionspice.core import InputError, replacing, sha256_of
from ionspice.fem.nodes import gather_nodes, scatter_nodes
from ionspice.fem.problem import FieldProblem
from ionspice.fem.record import Record
from ionspice.fem.stepping import Past

_RECORD = "record/"


def identity(mesh_path: Path, *parts: object) -> str:
    """Return a digest of a mesh file and of the frozen parameter records of a run."""
    text = "\n".join([sha256_of(mesh_path), *map(repr, parts)])
    return hashlib.sha256(text.encode()).hexdigest()


def write_checkpoint(path: Path, problem: FieldProblem, past: Past, record: Record, *, identity: str) -> None:
    """Write a checkpoint; collective, rank 0 holds the file.

    Raises:
        InputError: the file cannot be written (on rank 0).
    """
    gathered = [gather_nodes(problem, state) for state in past.states]
    if problem.comm.rank != 0:
        return
    arrays: dict[str, Any] = {_RECORD + name: values for name, values in record.columns().items()}
    arrays |= {
        "identity": identity,
        "times": past.times,
        "nodes": gathered[0][0],
        "states": np.array([values for _, values in gathered]),
        "wanted_step": past.wanted_step,
        "since_corner": past.since_corner,
    }
    with replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)


def read_checkpoint(path: Path, problem: FieldProblem, *, identity: str) -> tuple[Past, Record]:
    """Read a checkpoint into this rank's part of the problem; collective.

    Raises:
        InputError: no checkpoint, a damaged one, or one of another mesh or case; on all ranks together.
    """
    comm = problem.comm
    problem_text, arrays = comm.bcast(_load(path, identity) if comm.rank == 0 else None, root=0)
    if problem_text:
        raise InputError(problem_text)
    states = [scatter_nodes(problem, arrays["nodes"], values) for values in arrays["states"]]
    ions = []
    for state in states:
        problem.u.x.array[:] = state
        ions.append(problem.stored_ions())
    problem.u.x.array[:] = states[0]
    past = Past(
        [float(t) for t in arrays["times"]],
        states,
        ions,
        wanted_step=float(arrays["wanted_step"]),
        since_corner=int(arrays["since_corner"]),
    )
    columns = {key.removeprefix(_RECORD): values for key, values in arrays.items() if key.startswith(_RECORD)}
    return past, Record(columns)


def _load(path: Path, identity: str) -> tuple[str | None, dict[str, Any]]:
    if not path.is_file():
        return f"{path}: no checkpoint to go on from; start the run without --restart", {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored.items())
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        return f"{path}: damaged checkpoint ({error}); start the run without --restart", {}
    if str(arrays.get("identity")) != identity:
        return (
            f"{path}: checkpoint of another mesh or case; start without --restart or use another folder",
            {},
        )
    return None, arrays
