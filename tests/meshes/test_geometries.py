"""Geometries beside the slit stack: groups, areas and lengths of their meshes."""

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.meshes import (
    FullCell,
    MeshGrading,
    PlanarElectrode,
    SheetMembrane,
    SlitStack,
    StraightPore,
    read_mesh,
    write_mesh,
)

COARSE = MeshGrading(wall_spacing=0.15e-9, growth=1.6)


def extents(tmp_path, geometry):
    """Return the area or length of every physical group [nm^2, nm]."""
    write_mesh(tmp_path / "mesh.msh", geometry, COARSE)
    mesh = read_mesh(tmp_path / "mesh.msh")
    names = {(dim, number): name for name, (number, dim) in mesh.field_data.items()}
    sizes = {}
    for block, numbers in zip(mesh.cells, mesh.cell_data["gmsh:physical"], strict=True):
        corners = mesh.points[block.data][..., :2]
        if block.type == "line":
            size = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
        else:
            one, other = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
            size = 0.5 * np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
        for number in np.unique(numbers):
            name = names[1 if block.type == "line" else 2, int(number)]
            kind = (name, block.type)
            sizes[kind] = sizes.get(kind, 0.0) + size[numbers == number].sum()
    return sizes


def test_a_planar_electrode_is_one_open_rectangle(tmp_path):
    assert extents(tmp_path, PlanarElectrode(open_length=10e-9, strip_width=2e-9)) == pytest.approx(
        {
            ("open", "quad"): 20,
            ("electrode", "line"): 2,
            ("reservoir", "line"): 2,
            ("mirror", "line"): 20,
        }
    )


@pytest.mark.parametrize(("cylindrical", "centre"), [(False, "mirror"), (True, "axis")])
def test_a_pore_has_entrance_interior_and_face(tmp_path, cylindrical, centre):
    pore = StraightPore(
        half_width=1e-9, cylindrical=cylindrical, length=8e-9, sections=1, wall=3e-9, open_length=5e-9
    )
    sizes = extents(tmp_path, pore)
    outer = {("open", "quad"): 20, ("gap_1", "quad"): 1, ("slit_1", "quad"): 7}
    lines = {("electrode", "line"): 3 + 8, ("reservoir", "line"): 4}
    lines["mirror", "line"] = 5 + 1
    lines[centre, "line"] = lines.get((centre, "line"), 0) + 13
    assert sizes == pytest.approx(outer | lines)


def test_a_full_cell_is_a_half_cell_and_its_image(tmp_path):
    half = SlitStack(layers=3)
    one = extents(tmp_path, half)
    both = extents(tmp_path, FullCell(half=half))
    assert both["counter", "line"] == pytest.approx(one["electrode", "line"])
    assert both["electrode", "line"] == pytest.approx(one["electrode", "line"])
    assert both["mirror", "line"] == pytest.approx(2 * one["mirror", "line"])
    assert both["open", "quad"] == pytest.approx(2 * one["open", "quad"])
    inside = sum(area for (name, _), area in one.items() if name.startswith(("slit", "gap")))
    assert both["counter_side", "quad"] == pytest.approx(inside)
    assert ("reservoir", "line") not in both


def test_sections_of_a_pore_are_equal_from_cross_section_to_cross_section(tmp_path):
    pore = StraightPore(half_width=1e-9, length=8.5e-9, sections=4, wall=3e-9, open_length=5e-9)
    sizes = extents(tmp_path, pore)
    assert pore.section_length == pytest.approx(2e-9)
    gaps, slits = ([sizes[f"{kind}_{i}", "quad"] for i in (1, 2, 3, 4)] for kind in ("gap", "slit"))
    assert gaps == pytest.approx([1.0] * 4)  # half the width, and 1 nm of depth along y
    assert slits == pytest.approx([1.0, 1.0, 1.0, 1.5])


def test_a_pore_without_sections_is_refused():
    with pytest.raises(InputError, match="sections = 0 must be 1 or more"):
        StraightPore(sections=0)


@pytest.mark.parametrize("key", ["half_width", "length", "wall", "open_length"])
def test_impossible_pores_are_refused(key):
    with pytest.raises(InputError, match=f"{key} = 0.0 m must be greater than 0 m"):
        StraightPore(**{key: 0.0})


def test_an_impossible_plate_is_refused():
    with pytest.raises(InputError, match=r"open_length = -1\.0 m"):
        PlanarElectrode(open_length=-1.0)


def test_a_membrane_is_a_stack_that_goes_on(tmp_path):
    stack = SlitStack(layers=3)
    closed, through = extents(tmp_path, stack), extents(tmp_path, SheetMembrane(stack=stack))
    sheet, gap = stack.sheet_thickness * 1e9, stack.edge_gap * 1e9 / 2
    for name in ("open", "gap_1", "slit_1", "gap_2", "slit_2"):
        assert through[name, "quad"] == pytest.approx(closed[name, "quad"])
    assert through["open_2", "quad"] == pytest.approx(closed["open", "quad"] + sheet * gap)
    assert through["reservoir_2", "line"] == pytest.approx(through["reservoir", "line"])
    # the last sheet has a second face and an edge; what faces its gap is no longer a wall
    width = stack.strip_width * 1e9
    assert through["wall_1", "line"] == pytest.approx(closed["electrode", "line"] + width - 2 * gap + sheet)
