"""Feed one reader with mutants in a process of its own: python worker.py TARGET COUNT SEED FOLDER.

The last line of its output is a JSON record of what happened. The mutant at work lies in the folder, so that one that
ends the process can be looked at.
"""

import json
import logging
import resource
import signal
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from mutators import mutant
from targets import Target, targets

PATIENCE = 10  # s
MEMORY = 8 << 30  # bytes


class HangError(BaseException):
    """A reader took too long."""


def main() -> None:
    name, count, seed, place = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    logging.disable()
    warnings.simplefilter("ignore")
    good, work = place / "good", place / name.replace(" ", "_")
    for folder in (good, work):
        folder.mkdir(parents=True, exist_ok=True)
    target = targets(good)[name]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    target.read(_written(work, target, target.content))  # the good one passes
    signal.signal(signal.SIGALRM, _hang)
    rng = np.random.default_rng([seed, *name.encode()])
    found: dict[str, list[str]] = {"raised": [], "hung": []}
    refused = sum(_try(target, mutant(rng, target.content), work, found) for _ in range(count))
    print(json.dumps({"count": count, "refused": refused, **found}))


def _try(target: Target, content: bytes, work: Path, found: dict[str, list[str]]) -> bool:
    """Feed one mutant; return whether it was refused."""
    from ionspice.core import IonspiceError

    path = _written(work, target, content)
    signal.alarm(PATIENCE)
    try:
        target.read(path)
    except IonspiceError as error:
        return bool(str(error))
    except HangError:
        found["hung"].append(_kept(path, len(found["hung"]), "hung"))
    except BaseException:
        place = _kept(path, len(found["raised"]), "raised")
        found["raised"].append(f"{place}: {' | '.join(traceback.format_exc().splitlines()[-3:])}")
    finally:
        signal.alarm(0)
    return False


def _written(work: Path, target: Target, content: bytes) -> Path:
    path = work / target.file
    path.write_bytes(content)
    return path


def _kept(path: Path, number: int, what: str) -> str:
    place = path.with_name(f"{what}_{number}_{path.name}")
    if number < 20:
        place.write_bytes(path.read_bytes())
    return str(place)


def _hang(number: int, frame: object) -> None:
    raise HangError


if __name__ == "__main__":
    main()
