"""Structured quadrilateral mesh of a geometry, made by gmsh.

Every rectangle of the geometry is a transfinite surface whose spacing grows away from walls, so that its edges (the
mid-planes of gaps, the centre lines of slits, ...) are mesh lines. Coordinates in the file are nanometres, because
gmsh's geometric tolerance is absolute.
"""

from collections import defaultdict
from pathlib import Path
from types import ModuleType

from ionspice.core import replacing
from ionspice.meshes import groups
from ionspice.meshes.blocks import Block, Geometry, Point
from ionspice.meshes.gmsh_session import gmsh_session, write_msh
from ionspice.meshes.grading import ALONG, MeshGrading

#: metres per unit of length in mesh files
MESH_UNIT = 1e-9


def write_mesh(path: str | Path, geometry: Geometry, grading: MeshGrading | None = None) -> None:
    """Mesh a geometry and write it as gmsh 4.1 (.msh), coordinates in nanometres.

    Raises:
        InputError: the file cannot be written.
        RunError: gmsh or one of its system libraries is missing.
    """
    with replacing(path) as temporary, gmsh_session() as gmsh:
        _build(gmsh, geometry, grading or MeshGrading())
        gmsh.model.mesh.generate(2)
        write_msh(gmsh, temporary)


def _build(gmsh: ModuleType, geometry: Geometry, grading: MeshGrading) -> None:
    grid = _Grid(gmsh, grading)
    regions: dict[str, list[int]] = defaultdict(list)
    for block in geometry.blocks():
        regions[block.region].append(grid.rectangle(block))
    gmsh.model.geo.synchronize()
    for name, surfaces in regions.items():
        gmsh.model.addPhysicalGroup(2, surfaces, groups.region_number(name), name)
    for name, lines in grid.boundaries(geometry).items():
        gmsh.model.addPhysicalGroup(1, lines, _number(name), name)


def _number(boundary: str) -> int:
    number = groups.boundary_number(boundary)
    assert number is not None
    return number


class _Grid:
    """Points, lines and transfinite rectangles that share their corners and edges."""

    def __init__(self, gmsh: ModuleType, grading: MeshGrading) -> None:
        self._gmsh = gmsh
        self._grading = grading
        self._points: dict[Point, int] = {}
        self._lines: dict[tuple[int, int], int] = {}
        self._ends: dict[int, tuple[Point, Point]] = {}
        self._uses: dict[int, int] = defaultdict(int)

    def rectangle(self, block: Block) -> int:
        """Add a block graded away from its walls; return the surface's tag."""
        geo = self._gmsh.model.geo
        x, y = block.x, block.y
        behind, across = y if block.y_end is None else block.y_end, self._grading
        along = block.y_grading(across)
        x_end, y_end, length = block.x_wall == x[1], block.y_wall == y[1], x[1] - x[0]
        bottom = self._line((x[0], y[0]), (x[1], behind[0]), across, length, x_end)
        right = self._line((x[1], behind[0]), (x[1], behind[1]), along, block.height, y_end)
        top = self._line((x[0], y[1]), (x[1], behind[1]), across, length, x_end)
        left = self._line((x[0], y[0]), (x[0], y[1]), along, block.height, y_end)
        for line in (bottom, right, top, left):
            self._uses[line] += 1
        surface: int = geo.addPlaneSurface([geo.addCurveLoop([bottom, right, -top, -left])])
        geo.mesh.setTransfiniteSurface(surface)
        geo.mesh.setRecombine(2, surface)
        return surface

    def boundaries(self, geometry: Geometry) -> dict[str, list[int]]:
        """Return the lines of one rectangle only, by the name that the geometry gives them."""
        found: dict[str, list[int]] = defaultdict(list)
        for line, uses in self._uses.items():
            if uses == 1:
                found[geometry.boundary(*self._ends[line])].append(line)
        return found

    def _point(self, at: Point) -> int:
        if at not in self._points:
            self._points[at] = self._gmsh.model.geo.addPoint(at[0] / MESH_UNIT, at[1] / MESH_UNIT, 0)
        return self._points[at]

    def _line(self, start: Point, end: Point, grading: MeshGrading | None, length: float, wall_at_end: bool) -> int:
        """Return the line between two points, with as many cells as a length [m] needs.

        They grow away from the wall at one end; without a grading they are few and equal.
        """
        key = (self._point(start), self._point(end))
        if key not in self._lines:
            geo = self._gmsh.model.geo
            line = geo.addLine(*key)
            cells, growth = (ALONG, 1.0) if grading is None else (grading.cells(length), grading.growth)
            geo.mesh.setTransfiniteCurve(line, cells + 1, "Progression", 1 / growth if wall_at_end else growth)
            self._lines[key] = line
            self._ends[line] = (start, end)
        return self._lines[key]
