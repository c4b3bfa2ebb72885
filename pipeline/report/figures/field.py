"""Figures of the computed strip: its geometry and mesh, and maps of potential and net ions.

Coordinates are nanometres; x runs from the reservoir (left) through the sheets, y along them. The strip is
half a period, 0 <= y <= W, between two mirror lines.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation
from numpy.typing import NDArray

from ionspice.pipeline.report.figures.style import INK, MUTED, VERMILION, WIDTH, new_axes, styled
from ionspice.pipeline.results.field_files import FieldMap, StripMesh

_REGION_COLOURS = {"open": "#56b4e9", "slit": "#e69f00", "gap": "#009e73"}


@styled
def draw_geometry(mesh: StripMesh, *, electrode: str = "sheets", part: str = "slit") -> Figure:
    """Draw the computed strip with its regions, mesh, electrode and the names of slits, or of what they are called.

    Args:
        mesh: of the strip.
        electrode: what the electrode consists of.
        part: what `slit_1`, ... are.
    """
    figure, axes = _strip_axes(mesh.points, 0.22)
    _draw_regions(axes, mesh, lines=0.12)
    _draw_facets(axes, mesh, mesh.electrode, INK, 1.6)
    for end in (mesh.reservoir, mesh.second_reservoir):
        _draw_facets(axes, mesh, end, "#56b4e9", 2.4)
    _draw_facets(axes, mesh, mesh.counter, VERMILION, 1.6)
    middle = mesh.points[:, 1].mean()
    slits = [name for name in mesh.regions if name.startswith("slit_")]
    named = slits if len(slits) <= 8 else [slits[0], slits[len(slits) // 2], slits[-1]]
    axes.text(_extent(mesh, mesh.regions["open"])[:, 0].mean(), middle, "open electrolyte", ha="center", va="center")
    top = mesh.points[:, 1].max()
    for name in named:
        low, high = _extent(mesh, mesh.regions[name])
        place: Any = {"y": middle, "va": "center", "rotation": 90}
        if high[1] < 0.5 * top:  # above the wall there is room
            place = {"y": high[1] + 0.03 * top, "va": "bottom"}
        axes.text(x=(low[0] + high[0]) / 2, s=name.replace("slit_", f"{part} "), ha="center", **place)
    above: Any = {"transform": axes.transAxes, "va": "bottom", "fontsize": 8.5}
    left = "counter electrode, −φm" if len(mesh.counter) else "◂ reservoir, φ = 0"
    axes.text(0, 1.03, left, ha="left", **above)
    right = "reservoir 2, φm ▸" if len(mesh.second_reservoir) else f"{electrode} (electrode)"
    axes.text(1, 1.03, right, ha="right", **above)
    return figure


@styled
def draw_mesh_detail(mesh: StripMesh, *, electrode: str = "sheet", part: str = "slit") -> Figure:
    """Enlarge the mesh around the first gap, where open electrolyte, gap and slit meet.

    Arguments as of `draw_geometry`.
    """
    gap, slit = _extent(mesh, mesh.regions["gap_1"]), _extent(mesh, mesh.regions["slit_1"])
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    depth = slit[1, 0] - gap[0, 0]
    inwards = 1 if np.isclose(gap[0, 1], low[1]) else -1  # from the gap towards the sheet, along y
    edge = gap[1, 1] if inwards == 1 else gap[0, 1]
    reach = 0.6 * float(np.ptp(gap[:, 1])) + 0.35 * depth
    window = np.array(
        [
            [gap[0, 0] - 0.75 * depth, max(edge - reach, low[1])],
            [slit[1, 0] + 0.25 * depth, min(edge + reach, high[1])],
        ]
    )
    figure, axes = _map_axes(window)
    _draw_regions(axes, mesh, lines=0.5)
    _draw_facets(axes, mesh, mesh.electrode, INK, 2.2)
    beside, across = edge + 0.25 * inwards * reach, gap[:, 0].mean()
    axes.text(across - 0.5 * depth, beside, "open", ha="center", va="center")
    inside = beside if slit[1, 1] > edge else (edge + gap[:, 1].mean()) / 2  # a pore goes on straight
    axes.text(slit[:, 0].mean(), inside, f"{part} 1", ha="center", va="center")
    axes.text(across, edge + 0.4 * inwards * reach, electrode, ha="center", va="center", rotation=90)
    axes.text(across, edge - 0.4 * inwards * reach, "gap 1", ha="center", va="center", rotation=90)
    return figure


@styled
def draw_potential(field: FieldMap) -> Figure:
    """Map the electric potential over the strip."""
    millivolts = field.potential * 1e3
    limits = (float(millivolts.min()), float(millivolts.max()))
    return _draw_map(field, millivolts, "potential φ / mV", "viridis", limits)


@styled
def draw_net_ions(field: FieldMap) -> Figure:
    """Map the net-ion concentration, cations minus anions, over the strip."""
    # The layer at the wall would use up the whole scale; the pointed ends of the bar say that it was cut.
    limit = float(np.percentile(np.abs(field.net_ions), 98)) or 1.0
    low, high = np.clip([field.net_ions.min(), field.net_ions.max()], -limit, limit)
    label = "net ions c₊ − c₋ / mol L⁻¹"
    if high < 0.05 * limit:
        return _draw_map(field, field.net_ions, label, "Blues_r", (-limit, 0.0))
    if low > -0.05 * limit:
        return _draw_map(field, field.net_ions, label, "Reds", (0.0, limit))
    return _draw_map(field, field.net_ions, label, "RdBu_r", (-limit, limit))


def _draw_map(
    field: FieldMap, values: NDArray[np.float64], label: str, colours: str, limits: tuple[float, float]
) -> Figure:
    figure, axes = _strip_axes(field.points, 0.55)
    image = axes.tripcolor(
        Triangulation(field.points[:, 0], field.points[:, 1], field.triangles),
        values,
        shading="gouraud",
        cmap=colours,
        vmin=limits[0],
        vmax=limits[1],
        rasterized=True,
    )
    margin = 0.01 * (limits[1] - limits[0])
    below, above = values.min() < limits[0] - margin, values.max() > limits[1] + margin
    extend = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}[int(below), int(above)]
    bar = figure.colorbar(image, ax=axes, location="bottom", aspect=40, pad=0.02, extend=extend)
    bar.set_label(label)
    return figure


def _strip_axes(points: NDArray[np.float64], beside: float) -> tuple[Figure, Axes]:
    """Return axes that show all points, shape (n, 2) [nm], with room for other things on the figure [inch]."""
    low, high = points.min(axis=0), points.max(axis=0)
    return _map_axes(np.array([low, high]), beside, margin=0.01)


def _map_axes(window: NDArray[np.float64], beside: float = 0.0, margin: float = 0.0) -> tuple[Figure, Axes]:
    """Return axes of equal scales that fit a window, shape (2, 2) [nm], and a share of it more at the right [1]."""
    (left, right), (bottom, top) = window.T
    height = float(np.clip((WIDTH - 0.55) * (top - bottom) / (right - left), 0.9, 5.0)) + 0.5
    figure, axes = new_axes(height + beside, "x / nm", "y / nm")
    axes.set_aspect("equal")
    axes.set_xlim(left, right + margin * (right - left))
    axes.set_ylim(bottom, top)
    return figure, axes


def _draw_regions(axes: Axes, mesh: StripMesh, lines: float) -> None:
    """Fill every region with its colour and draw the cells' edges."""
    for name, blocks in mesh.regions.items():
        fill = to_rgba(_REGION_COLOURS[name.split("_")[0]], 0.28)
        for corners in (mesh.points[cells] for cells in blocks):
            cells = PolyCollection(corners, facecolors=fill, edgecolors="none", antialiased=False)  # type: ignore[arg-type]
            edges = PolyCollection(corners, facecolors="none", edgecolors=MUTED, linewidths=lines)  # type: ignore[arg-type]
            for collection in (cells, edges):
                collection.set_rasterized(True)
                axes.add_collection(collection)


def _draw_facets(axes: Axes, mesh: StripMesh, facets: NDArray[np.int64], colour: str, width: float) -> None:
    lines = LineCollection(mesh.points[facets], colors=colour, linewidths=width, zorder=3)  # type: ignore[arg-type]
    axes.add_collection(lines)


def _extent(mesh: StripMesh, blocks: tuple[NDArray[np.int64], ...]) -> NDArray[np.float64]:
    """Return the lower and upper corner of a region, shape (2, 2) [nm]."""
    points = mesh.points[np.unique(np.concatenate([cells.ravel() for cells in blocks]))]
    return np.stack([points.min(axis=0), points.max(axis=0)])
