"""Checkpoints: everything that a run needs to go on, on any number of ranks.

One .npz, written atomically: the past states by node coordinates, the state of the step control, the observables
so far, and an identity of mesh and case that a restart must match.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ionspice.core import InputError, replacing, sha256_of
from ionspice.core.mpi import on_first_rank
from ionspice.core.npz import DamagedArchiveError, read_npz
from ionspice.fem.nodes import gather_nodes, scatter_nodes
from ionspice.fem.problem import FieldProblem
from ionspice.fem.record import Record
from ionspice.fem.states import MOST_STATES, Past

_RECORD = "record/"
_FORMAT = 5
_REMEDY = "start the run without --restart"
#: the numbers of `Past`, beside its arrays
_NUMBERS = ("wanted_step", "since_corner", "leg", "leg_begin")


def identity(mesh_path: Path, *parts: object) -> str:
    """Return a digest of the format, a mesh file and the frozen parameter records of a run."""
    text = "\n".join([f"checkpoint {_FORMAT}", sha256_of(mesh_path), *map(repr, parts)])
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
        "potentials": past.potentials,
        "reacted": past.reacted,
        "nodes": gathered[0][0],
        "states": np.array([values for _, values in gathered]),
    }
    arrays |= {name: getattr(past, name) for name in _NUMBERS}
    with replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)


def read_checkpoint(path: Path, problem: FieldProblem, *, identity: str) -> tuple[Past, Record]:
    """Read a checkpoint into this rank's part of the problem; collective.

    Raises:
        InputError: no checkpoint, a damaged one, or one of another mesh or case; on all ranks together.
    """
    arrays = on_first_rank(problem.comm, lambda: load_checkpoint(path, identity))
    states = [scatter_nodes(problem, arrays["nodes"], values) for values in arrays["states"]]
    ions = []
    for state in states:
        problem.u.x.array[:] = state
        ions.append(problem.stored_ions())
    problem.u.x.array[:] = states[0]
    numbers = {name: arrays[name].item() for name in _NUMBERS}
    times, potentials, reacted = (arrays[name].tolist() for name in ("times", "potentials", "reacted"))
    past = Past(times, potentials, states, ions, reacted, **numbers)
    columns = {key.removeprefix(_RECORD): values for key, values in arrays.items() if key.startswith(_RECORD)}
    return past, Record(columns)


def load_checkpoint(path: Path, identity: str) -> dict[str, Any]:
    """Return the arrays of a checkpoint.

    Raises:
        InputError: no checkpoint, or one of another mesh or case.
        DamagedArchiveError: one that cannot be read.
    """
    if not path.is_file():
        raise InputError(f"{path}: no checkpoint to go on from; start the run without --restart")
    arrays = read_npz(path, remedy=f"it is a damaged checkpoint; {_REMEDY}")
    if str(arrays.get("identity")) != identity:
        raise InputError(
            f"{path}: checkpoint of another mesh or case, or of another version of ionspice; "
            "start without --restart or use another folder"
        )
    try:
        _check(arrays)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise DamagedArchiveError(f"{path}: damaged checkpoint ({error}); {_REMEDY}") from error
    return arrays


def _check(arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Check that arrays are there and fit together.

    Raises:
        KeyError, ValueError, IndexError, TypeError: they do not.
    """
    states, times = arrays["states"], arrays["times"]
    rows = {len(values) for key, values in arrays.items() if key.startswith(_RECORD)}
    lengths = {len(arrays[name]) for name in ("times", "states", "potentials", "reacted")}
    if len(lengths) > 1 or not 1 <= len(times) <= MOST_STATES:
        raise ValueError(f"{len(times)} times, {len(states)} states, {len(arrays['potentials'])} potentials")
    if states.ndim != 3 or arrays["nodes"].ndim != 2 or states.shape[1] != len(arrays["nodes"]):
        raise ValueError(f"states of shape {states.shape} at {len(arrays['nodes'])} nodes")
    if len(rows) != 1:
        raise ValueError("observables of different lengths")
    numbers = [states, times, *(arrays[name] for name in ("potentials", "reacted", "nodes", *_NUMBERS))]
    if not all(np.isfinite(values).all() for values in numbers):
        raise ValueError("a number that is not finite")
