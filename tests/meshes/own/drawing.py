"""Stacks as users draw them in gmsh: rectangles of the OpenCASCADE kernel, fragmented, meshed and named."""

from collections import defaultdict

import gmsh
import meshio
import numpy as np

from ionspice.meshes import SlitStack, groups, read_mesh

STACK = SlitStack(layers=4, sheet_length=4e-9, edge_gap=1e-9, open_length=4e-9)


def draw(path, geometry=STACK, *, size=0.3, fragment=True, order=1, recombine=False, rename=None, skip=()):
    """Mesh a geometry by gmsh with triangles (or quadrilaterals) and write it; lengths in nanometres.

    Args:
        path: the .msh.
        geometry: of ionspice.meshes.
        size: of the cells [nm].
        fragment: whether neighbouring rectangles share their sides.
        order: of the cells.
        recombine: quadrilaterals.
        rename: names of groups that are to be called otherwise.
        skip: names of groups that are left out.
    """
    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        _draw(geometry, fragment=fragment, called=(rename or {}).get, skip=skip)
        for option in ("Mesh.MeshSizeMin", "Mesh.MeshSizeMax"):
            gmsh.option.setNumber(option, size)
        if recombine:
            gmsh.option.setNumber("Mesh.RecombineAll", 1)
        gmsh.model.mesh.generate(2)
        gmsh.model.mesh.setOrder(order)
        gmsh.write(str(path))
    finally:
        gmsh.finalize()
    return path


def _draw(geometry, *, fragment, called, skip):
    occ, regions = gmsh.model.occ, defaultdict(list)
    rectangles = []
    for block in geometry.blocks():
        (x0, x1), (y0, y1) = np.array(block.x) * 1e9, np.array(block.y) * 1e9
        rectangles.append((2, occ.addRectangle(x0, y0, 0, x1 - x0, y1 - y0)))
        regions[block.region].append(rectangles[-1][1])
    if fragment:
        _, images = occ.fragment(rectangles[:1], rectangles[1:])
        assert all(len(image) == 1 for image in images)
    occ.synchronize()
    places = defaultdict(list)  # two surfaces that share a side have it once or, not fragmented, twice at one place
    for _, line in gmsh.model.getEntities(1):
        surfaces, _ = gmsh.model.getAdjacencies(1, line)
        box = np.round(np.reshape(gmsh.model.getBoundingBox(1, line), (2, 3))[:, :2] * 1e-9, 14)
        places[tuple(map(tuple, box.tolist()))] += [line] * len(surfaces)
    lines = defaultdict(list)
    for ends, (line, *others) in places.items():
        if not others:
            lines[geometry.boundary(*ends)].append(line)
    for dim, parts in ((2, regions), (1, lines)):
        groups_of = defaultdict(list)
        for name, tags in parts.items():
            groups_of[called(name, name)] += tags
        for name, tags in groups_of.items():
            if name not in skip:
                gmsh.model.addPhysicalGroup(dim, tags, name=name)


def changed(path, target, *, points=None, cells=None):
    """Write a mesh as .vtu with numbered groups and its points or cells changed.

    Args:
        path: the .msh.
        target: the .vtu.
        points: function of the points (nodes, 3).
        cells: function of the list of (kind, nodes, numbers).
    """
    mesh = read_mesh(path)
    names = {(dim, number): name for name, (number, dim) in mesh.field_data.items()}
    parts = []
    for block, numbers in zip(mesh.cells, mesh.cell_data["gmsh:physical"], strict=True):
        dim = 1 if block.type == "line" else 2
        number = {n: _number(dim, names[dim, n]) for n in np.unique(numbers)}
        parts.append((block.type, block.data.copy(), np.array([number[n] for n in numbers])))
    parts = cells(parts) if cells else parts
    at = points(mesh.points.copy()) if points else mesh.points
    parts = [part for part in parts if len(part[1])]
    data = {"group": [numbers for *_, numbers in parts]}
    meshio.write(target, meshio.Mesh(at, [(kind, nodes) for kind, nodes, _ in parts], cell_data=data))
    return target


def _number(dim, name):
    return groups.region_number(name) if dim == 2 else groups.BOUNDARY_NUMBERS[name]
