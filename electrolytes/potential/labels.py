"""Labels as training needs them: checked, whoever wrote them, and with those kept apart that are held out."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError
from ionspice.core.reading import reading
from ionspice.electrolytes.labels.snapshots import TRAJECTORY

if TYPE_CHECKING:
    from ase import Atoms

_REMEDY = "label frames with ionspice electrolyte label, or give extended XYZ with energy and forces"
#: residual of per-element energies [eV/atom] that no temperature explains
_ONE_THEORY = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Labelled frames for training, and those of other trajectories."""

    training: list["Atoms"]
    held_out: list["Atoms"]


def read_labelled(path: Path, elements: Collection[str]) -> list["Atoms"]:
    """Return the labelled frames of a file.

    Args:
        path: extended XYZ.
        elements: that the liquid has.

    Raises:
        InputError: the file is missing or damaged, or a frame has no cell, no energy or forces, numbers that are not
            finite, elements that the liquid has not, or labels of another level of theory than the rest.
    """
    from ase.io import read

    with reading(path, remedy=_REMEDY):
        frames = list(read(path, index=":"))
        if not frames:
            raise ValueError("it has no frames")
        for number, frame in enumerate(frames, start=1):
            _check(frame, f"frame {number}", elements)
        _check_theory(frames)
        return frames


def composition_of(frame: "Atoms") -> str:
    """Return the name of a frame's composition, or its formula where it has none."""
    return str(frame.info.get("composition", "")) or frame.get_chemical_formula()


def trajectory_of(frame: "Atoms") -> str:
    """Return the name of the trajectory that a frame is from, with its composition; frames without one share one."""
    return f"{composition_of(frame)}/{frame.info.get(TRAJECTORY, '')}"


def divide(frames: Sequence["Atoms"], share: float, *, seed: int, unseen: Collection[str] = ()) -> Division:
    """Return frames for training and those held out: whole trajectories, of every composition that has two.

    Each trajectory has a number of its own, by which it is held out or not, so that labels which are added later move
    none of those that are there from one side to the other.

    Args:
        frames: all of them.
        share: of the trajectories that is held out, in the mean; at least one of each composition, and never all.
        seed: the same seed holds out the same trajectories.
        unseen: names of compositions that are held out altogether.

    Raises:
        InputError: a share is wanted, and no composition has two trajectories; or nothing is left for training.
    """
    trajectories: dict[str, list[str]] = {}
    for frame in frames:
        names = trajectories.setdefault(composition_of(frame), [])
        if trajectory_of(frame) not in names:
            names.append(trajectory_of(frame))
    kept = {name: sorted(names) for name, names in trajectories.items() if name not in unseen}
    if not kept:
        raise InputError(f"all {len(frames)} labels are of compositions with held_out = true; label others too")
    if share > 0 and all(len(names) < 2 for names in kept.values()):
        raise InputError(
            f"the {len(frames)} labels of {', '.join(sorted(kept))} are from one trajectory each, and frames of it "
            "cannot judge a potential that was trained on their neighbours; label a second trajectory, or say "
            "[potential] held_out = 0"
        )
    apart = {name for composition in unseen for name in trajectories.get(composition, [])}
    for names in kept.values():
        drawn = sorted((_draw(name, seed), name) for name in names)
        wanted = sum(number < share for number, _ in drawn)
        least = 1 if share > 0 else 0
        apart.update(name for _, name in drawn[: min(max(least, wanted), len(names) - 1)])
    return Division(
        training=[frame for frame in frames if trajectory_of(frame) not in apart],
        held_out=[frame for frame in frames if trajectory_of(frame) in apart],
    )


def _draw(name: str, seed: int) -> float:
    """Return the number of a trajectory, between 0 and 1."""
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:8]) / 2**64


def labels_digest(frames: Iterable["Atoms"]) -> str:
    """Return the SHA-256 of labelled frames: in any file and order, to the 8 decimals of extended XYZ."""
    return hashlib.sha256("".join(sorted(map(_frame_digest, frames))).encode()).hexdigest()


def _frame_digest(frame: "Atoms") -> str:
    numbers = (frame.positions, frame.cell.array, frame.get_potential_energy(), frame.get_forces())
    texts = [f"{number:.8f}" for values in numbers for number in np.ravel(values).tolist()]
    return hashlib.sha256(" ".join([*frame.symbols, *texts]).encode()).hexdigest()


def counts_of(frames: Iterable["Atoms"], elements: Sequence[str]) -> NDArray[np.float64]:
    """Return how many atoms of each element frames have, shape (frames, elements)."""
    return np.array([[float(sum(frame.symbols == element)) for element in elements] for frame in frames])


def _check(frame: "Atoms", name: str, elements: Collection[str]) -> None:
    """Check one labelled frame.

    Raises:
        ValueError: what is wrong with it.
    """
    if frame.cell.rank != 3 or not frame.pbc.all():
        raise ValueError(f"{name} is not periodic in three directions")
    unknown = sorted(set(frame.symbols) - set(elements))
    if unknown:
        raise ValueError(f"{name} has {unknown[0]}, but the liquid has {', '.join(elements)} only")
    results = frame.calc.results if frame.calc is not None else {}
    for key, what in (("energy", "an energy that is"), ("forces", "forces that are")):
        if key not in results:
            raise ValueError(f"{name} has no {key}")
        if not np.isfinite(results[key]).all():
            raise ValueError(f"{name} has {what} not finite")
    if not np.isfinite(frame.positions).all():
        raise ValueError(f"{name} has positions that are not finite")


def _check_theory(frames: Sequence["Atoms"]) -> None:
    """Check that energies are those of one level of theory.

    Raises:
        ValueError: a frame is too far from what its elements have in the others.
    """
    elements = sorted({symbol for frame in frames for symbol in frame.symbols})
    atoms = np.array([len(frame) for frame in frames])
    energies = np.array([frame.get_potential_energy() for frame in frames])
    counts = counts_of(frames, elements)
    excess = (energies - counts @ np.linalg.lstsq(counts, energies, rcond=1e-8)[0]) / atoms
    excess -= np.median(excess)
    worst = int(np.argmax(abs(excess)))
    if abs(excess[worst]) > _ONE_THEORY:
        raise ValueError(
            f"the energy of frame {worst + 1} is {excess[worst]:+.1f} eV/atom from that of the others, so they are "
            "not of one level of theory"
        )
