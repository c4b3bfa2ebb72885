"""The program that evaluates deep potentials; it runs under the Python of the potential's venv (numpy, deepmd).

    python worker.py model-0.pb model-1.pb ...

It first sends `type_map`, then answers requests until its input ends. A message is its length in 8 bytes, the most
significant first, and an .npz file. A request has `coordinates` [angstrom] (frames, atoms, 3), `types` (atoms,) and,
of periodic frames, `cells` [angstrom] (frames, 3, 3); the answer has, of every model, `energies` [eV] (models,
frames), `forces` [eV/angstrom] (models, frames, atoms, 3) and `virials` [eV] (models, frames, 3, 3), or `error`.
"""

import io
import os
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np


def send(stream: BinaryIO, message: Mapping[str, Any]) -> None:
    """Send arrays by their names."""
    buffer = io.BytesIO()
    np.savez(buffer, **message)
    content = buffer.getvalue()
    stream.write(len(content).to_bytes(8, "big") + content)
    stream.flush()


def receive(stream: BinaryIO) -> dict[str, Any] | None:
    """Return the arrays of the next message, None at the end of the stream."""
    head = stream.read(8)
    length = int.from_bytes(head, "big")
    content = stream.read(length) if len(head) == 8 else b""
    if len(head) < 8 or len(content) < length:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def evaluate(models: list[Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what models say of the frames of a request."""
    cells, types = request.get("cells"), request["types"]
    frames, atoms = request["coordinates"].shape[:2]
    answers = [
        model.eval(request["coordinates"], None if cells is None else cells.reshape(frames, 9), types)[:3]
        for model in models
    ]
    return {
        "energies": np.array([energy.reshape(frames) for energy, _, _ in answers]),
        "forces": np.array([force.reshape(frames, atoms, 3) for _, force, _ in answers]),
        "virials": np.array([virial.reshape(frames, 3, 3) for _, _, virial in answers]),
    }


def main(paths: list[str]) -> None:
    """Answer requests on standard input by standard output."""
    # TensorFlow and its libraries print where they like: nothing of it may get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from deepmd.infer.deep_pot import DeepPot

    models = [DeepPot(path) for path in paths]
    maps = [list(model.get_type_map()) for model in models]
    if any(one != maps[0] for one in maps):
        send(answers, {"error": f"the models have different type maps: {maps}"})
        return
    send(answers, {"type_map": np.array(maps[0]), "cutoff": float(models[0].get_rcut())})
    while (request := receive(sys.stdin.buffer)) is not None:
        try:
            answer = evaluate(models, request)
        except Exception as error:  # a frame may be anything; the next one is answered all the same
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        send(answers, answer)


if __name__ == "__main__":
    main(sys.argv[1:])
