"""The program that trains and freezes models, one after the other; it runs under the Python of the potential's venv.

    python trainer.py FOLDER...

Each folder has input.json and, where training goes on from another model, start.pb. A training that was interrupted
restarts from the newest checkpoint of its own folder, with the state of its optimiser; another model is only ever
begun from as start.pb, at step 0. Each training is a child of its own, for TensorFlow keeps one graph a process, and
is imported once for all.
"""

import ctypes
import os
import re
import signal
import sys
import traceback
from pathlib import Path

INPUT, START, MODEL, LOG, CURVE = "input.json", "start.pb", "model.pb", "train.log", "lcurve.out"
_CHECKPOINTS = "checkpoint"
#: files of a checkpoint; the graph comes last
_PARTS = (".data-00000-of-00001", ".index", ".meta")


def newest_checkpoint(folder: Path) -> str:
    """Return the name of the newest whole checkpoint of a folder, empty where there is none.

    TensorFlow names those that there are in a file of its own, the newest last, before it has written the graph of
    the newest: a training that is killed in between leaves one that nothing can go on from.
    """
    path = folder / _CHECKPOINTS
    named = re.findall(r'^all_model_checkpoint_paths: "([^"]+)"', path.read_text(), re.M) if path.is_file() else []
    return next((name for name in reversed(named) if _is_whole(folder, name)), "")


def _is_whole(folder: Path, name: str) -> bool:
    return all((folder / f"{name}{part}").is_file() for part in _PARTS)


def arguments_of(folder: Path) -> list[str]:
    """Return the arguments of `dp` for a folder as it is."""
    checkpoint = newest_checkpoint(folder)
    if checkpoint:
        return ["train", "--skip-neighbor-stat", "--restart", checkpoint, INPUT]
    if (folder / START).is_file():
        return ["train", "--skip-neighbor-stat", "--init-frz-model", START, INPUT]
    return ["train", "--skip-neighbor-stat", INPUT]


def _train(folder: Path) -> None:
    """Train and freeze the model of a folder."""
    from deepmd.main import main
    from deepmd.tf.env import tf

    os.chdir(folder)
    main(arguments_of(folder))
    tf.reset_default_graph()
    temporary = f".unfinished.{MODEL}"
    main(["freeze", "-o", temporary])
    Path(temporary).replace(MODEL)  # so that a model is whole or not there


def _in_child(folder: Path) -> int:
    """Return the exit status of a child that trains; it ends with this process."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    status = 1
    try:
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        os.dup2(log, 1)
        os.dup2(log, 2)
        _train(folder)
        status = 0
    except BaseException:  # nothing of the parent's may run in the child
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main(folders: list[str]) -> int:
    """Train the models of folders that have none; return how many have none still."""
    import deepmd.main
    import deepmd.tf.entrypoints.main  # noqa: F401  (children find TensorFlow imported)

    missing = [folder.resolve() for folder in map(Path, folders) if not (folder / MODEL).is_file()]
    return sum(_in_child(folder) != 0 for folder in missing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
