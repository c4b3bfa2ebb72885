"""Isolated molecules with their bond orders and charges."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ionspice.pipeline.report.figures.liquid import title_of
from ionspice.pipeline.report.figures.style import BLUE, MUTED, VERMILION, new_figure, styled

#: views that are tried, the one that shows all atoms apart is taken
_VIEWS = 400
_COLOURS = {"H": MUTED, "C": "#3b4754", "N": BLUE, "Cl": "#009e73", "Al": VERMILION}
_OTHER = "#8073ac"
#: places of texts from the middle of a bond, and from an atom [angstrom]
_BESIDE_BOND, _BESIDE_ATOM = 0.38, 0.62
#: that are tried for the text beside an atom
_DIRECTIONS = 36
#: by which distances across and along a text count
_WIDTH = np.array([0.5, 1.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class MoleculeDrawing:
    """What is drawn of a molecule."""

    title: str
    elements: tuple[str, ...]
    positions: NDArray[np.float64]  #: shape (atoms, 3) [angstrom]
    bonds: tuple[tuple[int, int, float], ...]  #: atoms and order
    charges: tuple[float, ...]  #: of the atoms [e]


@styled
def draw_molecules(molecules: Sequence[MoleculeDrawing]) -> Figure:
    """Draw molecules below each other: bond orders in colour beside the bonds, charges of heavy atoms in black."""
    flat = [flat_view(molecule.positions) for molecule in molecules]
    heights = [float(np.ptp(points[:, 1])) + 3.0 for points in flat]
    figure = new_figure(0.36 * sum(heights) + 0.2)
    axes = figure.subplots(len(molecules), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for one, molecule, points in zip(axes, molecules, flat, strict=True):
        _draw(one, molecule, points)
    return figure


def _draw(axes: Axes, molecule: MoleculeDrawing, points: NDArray[np.float64]) -> None:
    taken = list(points)
    words: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 4, "clip_on": False}
    for first, second, order in molecule.bonds:
        ends = points[[first, second]]
        axes.plot(*ends.T, color=MUTED, linewidth=1.0 + 1.6 * order, zorder=1, solid_capstyle="round")
        if "H" not in (molecule.elements[first], molecule.elements[second]):
            place = ends.mean(axis=0) + _BESIDE_BOND * _across(ends, points)
            taken.append(place)
            axes.text(place[0], place[1], f"{order:.2f}", color=VERMILION, fontsize=7, **words)
    for atom, (element, charge) in enumerate(zip(molecule.elements, molecule.charges, strict=True)):
        light = element == "H"
        colour = _COLOURS.get(element, _OTHER)
        axes.scatter(points[atom, 0], points[atom, 1], s=40 if light else 150, color=colour, zorder=2, clip_on=False)
        axes.text(points[atom, 0], points[atom, 1], element, color="white", fontsize=5 if light else 7, **words)
        if not light:
            place = _free_place(atom, molecule, points, taken)
            taken.append(place)
            axes.text(place[0], place[1], f"{round(charge, 2) + 0.0:+.2f}".replace("-", "−"), fontsize=6.5, **words)
    axes.set_title(title_of(molecule.title), loc="left", fontsize=9)
    axes.set_aspect("equal")
    axes.set_xlim(points[:, 0].min() - 1, points[:, 0].max() + 1)
    axes.set_ylim(points[:, 1].min() - 1, points[:, 1].max() + 1)
    axes.axis("off")


def _across(ends: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit vector across a bond that points away from the middle of all atoms."""
    along = ends[1] - ends[0]
    across = np.array([-along[1], along[0]]) / max(float(np.linalg.norm(along)), 1e-9)
    outwards = float(across @ (ends.mean(axis=0) - points.mean(axis=0)))
    return across if outwards >= 0 else -across


def _free_place(
    atom: int, molecule: MoleculeDrawing, points: NDArray[np.float64], taken: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the place beside an atom that is furthest from its bonds, other atoms and texts."""
    around = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    places = points[atom] + _BESIDE_ATOM * np.stack([np.cos(around), np.sin(around)], axis=1)
    bonded = [b if a == atom else a for a, b, _ in molecule.bonds if atom in (a, b)]
    bonds = points[atom] + _BESIDE_ATOM * _units(points[bonded] - points[atom])
    others = [place for place in taken if not np.array_equal(place, points[atom])]
    obstacles = np.concatenate([bonds, np.reshape(others, (-1, 2))])
    if not len(obstacles):
        return np.asarray(points[atom] - [0.0, _BESIDE_ATOM])
    # a text is wider than high
    free = np.linalg.norm((places[:, None] - obstacles) * _WIDTH, axis=-1).min(axis=1)
    return np.asarray(places[int(np.argmax(free))])


def _units(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def flat_view(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the projection, shape (atoms, 2), of positions, shape (atoms, 3), that shows all atoms best apart.

    The long axis of what is seen lies across; the same molecule gives the same view.
    """
    centred = positions - positions.mean(axis=0)
    if len(centred) < 3:
        return np.stack(
            [np.linspace(-1, 1, len(centred)) * np.ptp(centred, axis=0).max() / 2, 0 * centred[:, 0]], axis=1
        )
    rng = np.random.default_rng(1)
    _, _, axes = np.linalg.svd(centred)
    best, widest = centred @ axes.T[:, :2], -1.0
    for trial in range(_VIEWS):
        tilt, _ = np.linalg.qr(np.eye(3) + (0 if trial == 0 else 0.8) * rng.standard_normal((3, 3)))
        seen = (centred @ axes.T @ tilt)[:, :2]
        gaps = np.linalg.norm(seen[:, None] - seen[None], axis=-1)[np.triu_indices(len(seen), 1)]
        if gaps.min() > widest + 1e-9:
            best, widest = seen, float(gaps.min())
    _, _, across = np.linalg.svd(best - best.mean(axis=0))
    return np.asarray((best - best.mean(axis=0)) @ across.T)
