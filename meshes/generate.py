"""Structured quadrilateral mesh of a slit stack, made by gmsh.

The strip is cut into rectangles along x (open region, half gaps, half slits) and along y (at the gap edges and
at W/2). Every rectangle is a transfinite surface whose spacing grows away from walls, so that the mid-planes of
the gaps, the centre lines of the slits and the line y = W/2 are mesh lines. Coordinates in the file are
nanometres, because gmsh's geometric tolerance is absolute.
"""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from ionspice.core import replacing
from ionspice.meshes import groups
from ionspice.meshes.gmsh_session import gmsh_session, write_msh
from ionspice.meshes.grading import MeshGrading
from ionspice.meshes.stack import SlitStack

#: metres per unit of length in mesh files
MESH_UNIT = 1e-9


def write_mesh(path: str | Path, stack: SlitStack, grading: MeshGrading | None = None) -> None:
    """Mesh the strip of a slit stack and write it as gmsh 4.1 (.msh), coordinates in nanometres.

    Raises:
        InputError: the file cannot be written.
        RunError: gmsh or one of its system libraries is missing.
    """
    with replacing(path) as temporary, gmsh_session() as gmsh:
        _build(gmsh, stack, grading or MeshGrading())
        gmsh.model.mesh.generate(2)
        write_msh(gmsh, temporary)


def _build(gmsh: ModuleType, stack: SlitStack, grading: MeshGrading) -> None:
    columns = _columns(stack)
    y_lines = _y_lines(stack)
    y_walls = {stack.edge_gap / 2, stack.strip_width - stack.edge_gap / 2}
    grid = _Grid(gmsh, grading)
    regions: dict[str, list[int]] = defaultdict(list)
    for name, (left, right), wall, (bottom, top) in columns:
        for low, high in pairwise(y_lines):
            if low >= bottom and high <= top:
                y_wall = low if low in y_walls else high if high in y_walls else None
                regions[name].append(grid.rectangle((left, right), wall, (low, high), y_wall))
    gmsh.model.geo.synchronize()
    for name, surfaces in regions.items():
        gmsh.model.addPhysicalGroup(2, surfaces, groups.region_number(name), name)
    for name, lines in grid.boundaries(-stack.open_length, stack.strip_width).items():
        gmsh.model.addPhysicalGroup(1, lines, groups.BOUNDARY_NUMBERS[name], name)


type _Interval = tuple[float, float]


def _columns(stack: SlitStack) -> list[tuple[str, _Interval, float, _Interval]]:
    """Return (region, x interval, x of its wall, y interval) from the reservoir inwards."""
    full = (0.0, stack.strip_width)
    columns = [(groups.OPEN, (-stack.open_length, 0.0), 0.0, full)]
    for slit in range(1, stack.layers):
        front = stack.sheet_front(slit - 1)
        back = front + stack.sheet_thickness
        next_front = stack.sheet_front(slit)
        opening = stack.gap_interval(slit - 1)
        columns += [(groups.gap_name(slit), *half, opening) for half in _halves(front, back)]
        columns += [(groups.slit_name(slit), *half, full) for half in _halves(back, next_front)]
    return columns


def _halves(left: float, right: float) -> list[tuple[_Interval, float]]:
    middle = (left + right) / 2
    return [((left, middle), left), ((middle, right), right)]


def _y_lines(stack: SlitStack) -> list[float]:
    width, half_gap = stack.strip_width, stack.edge_gap / 2
    lines = {0.0, half_gap, width / 2, width - half_gap, width}
    return sorted(line for line in lines if 0 <= line <= width)


class _Grid:
    """Points, lines and transfinite rectangles that share their corners and edges."""

    def __init__(self, gmsh: ModuleType, grading: MeshGrading) -> None:
        self._gmsh = gmsh
        self._grading = grading
        self._points: dict[tuple[float, float], int] = {}
        self._lines: dict[tuple[int, int], int] = {}
        self._ends: dict[int, tuple[tuple[float, float], tuple[float, float]]] = {}
        self._uses: dict[int, int] = defaultdict(int)

    def rectangle(self, x: _Interval, x_wall: float, y: _Interval, y_wall: float | None) -> int:
        """Add a rectangle graded away from its walls; return the surface's tag."""
        geo = self._gmsh.model.geo
        bottom = self._line((x[0], y[0]), (x[1], y[0]), x_wall == x[1])
        right = self._line((x[1], y[0]), (x[1], y[1]), y_wall == y[1])
        top = self._line((x[0], y[1]), (x[1], y[1]), x_wall == x[1])
        left = self._line((x[0], y[0]), (x[0], y[1]), y_wall == y[1])
        for line in (bottom, right, top, left):
            self._uses[line] += 1
        surface: int = geo.addPlaneSurface([geo.addCurveLoop([bottom, right, -top, -left])])
        geo.mesh.setTransfiniteSurface(surface)
        geo.mesh.setRecombine(2, surface)
        return surface

    def boundaries(self, reservoir: float, width: float) -> dict[str, list[int]]:
        """Return the outer lines by name; what is neither reservoir nor mirror is electrode."""
        found: dict[str, list[int]] = defaultdict(list)
        for line, uses in self._uses.items():
            if uses > 1:
                continue
            start, end = self._ends[line]
            if start[0] == end[0] == reservoir:
                found[groups.RESERVOIR].append(line)
            elif start[1] == end[1] and start[1] in (0.0, width):
                found[groups.MIRROR].append(line)
            else:
                found[groups.ELECTRODE].append(line)
        return found

    def _point(self, at: tuple[float, float]) -> int:
        if at not in self._points:
            self._points[at] = self._gmsh.model.geo.addPoint(at[0] / MESH_UNIT, at[1] / MESH_UNIT, 0)
        return self._points[at]

    def _line(self, start: tuple[float, float], end: tuple[float, float], wall_at_end: bool) -> int:
        key = (self._point(start), self._point(end))
        if key not in self._lines:
            geo = self._gmsh.model.geo
            line = geo.addLine(*key)
            length = abs(end[0] - start[0]) + abs(end[1] - start[1])
            growth = 1 / self._grading.growth if wall_at_end else self._grading.growth
            geo.mesh.setTransfiniteCurve(line, self._grading.cells(length) + 1, "Progression", growth)
            self._lines[key] = line
            self._ends[line] = (start, end)
        return self._lines[key]
