"""Radial distributions of a teacher's molecular dynamics beside those of the potential's own."""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ionspice.core import replacing
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.neighbours import greatest_distance
from ionspice.electrolytes.analysis.radial import RadialDistribution, radial_distribution
from ionspice.electrolytes.analysis.trajectory import Trajectory
from ionspice.electrolytes.files import VALIDATION
from ionspice.electrolytes.potential.validation_record import RadialCheck
from ionspice.electrolytes.study.analysis import AnalysisSection

if TYPE_CHECKING:
    from ase import Atoms

_SHELLS = 100
_FILE = "radial.csv"


def compare_radial(
    teacher: Sequence["Atoms"],
    potential: Sequence["Atoms"],
    analysis: AnalysisSection,
    directory: Path,
    *,
    composition: str,
) -> list[RadialCheck]:
    """Write radial distributions of two runs of the same atoms and return how far they are apart.

    Args:
        teacher: frames of one.
        potential: frames of the other.
        analysis: pairs and radius.
        directory: folder of the liquid; the file is validation/<composition>/radial.csv in it.
        composition: of both.
    """
    runs = {"teacher": trajectory_of_frames(teacher), "potential": trajectory_of_frames(potential)}
    radius = min(analysis.radius, *(greatest_distance(cell) for run in runs.values() for cell in run.cells))
    found: dict[str, dict[str, RadialDistribution]] = {}
    for pair in _pairs(runs["teacher"], analysis):
        first, second = pair.split("-")
        found[pair] = {
            name: radial_distribution(run, run.of(first), run.of(second), cutoff=radius, shells=_SHELLS)
            for name, run in runs.items()
        }
    name = f"{VALIDATION}/{composition}/{_FILE}"
    _write(directory / name, found)
    return [
        RadialCheck(
            composition=composition,
            pair=pair,
            file=name,
            difference=float(np.sqrt(np.mean((both["teacher"].values - both["potential"].values) ** 2))),
        )
        for pair, both in found.items()
    ]


def trajectory_of_frames(frames: Sequence["Atoms"]) -> Trajectory:
    """Return frames of the same atoms as a trajectory for what does not ask for time or molecules."""
    return Trajectory(
        times=np.arange(len(frames), dtype=np.float64),
        positions=np.array([frame.positions for frame in frames]),
        cells=np.array([frame.cell.array for frame in frames]),
        elements=np.array(frames[0].get_chemical_symbols()),
        masses=np.asarray(frames[0].get_masses(), dtype=np.float64),
        molecules=np.zeros(len(frames[0]), dtype=np.int64),
    )


def _pairs(trajectory: Trajectory, analysis: AnalysisSection) -> list[str]:
    """Return the pairs wanted that the trajectory has, and of which there are two atoms."""
    counts = {str(element): int((trajectory.elements == element).sum()) for element in np.unique(trajectory.elements)}
    every = [f"{first}-{second}" for first, second in combinations_with_replacement(counts, 2)]
    known = [pair for pair in analysis.pairs or every if set(pair.split("-")) <= counts.keys()]
    return [pair for pair in known if len(set(pair.split("-"))) == 2 or counts[pair.split("-")[0]] > 1]


def _write(path: Path, found: dict[str, dict[str, RadialDistribution]]) -> None:
    columns: dict[str, Floats] = {}
    for pair, both in found.items():
        for name, radial in both.items():
            columns.setdefault("r [angstrom]", radial.radii)
            columns[f"g {pair} {name} [1]"] = radial.values
            columns[f"g {pair} {name} error [1]"] = radial.errors
    with replacing(path) as temporary:
        pd.DataFrame(columns).to_csv(temporary, index=False, float_format="%.6g")
