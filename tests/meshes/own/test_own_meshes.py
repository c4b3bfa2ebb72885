"""Meshes as users bring them: right ones pass, each wrong one is refused with place and remedy, nothing written."""

import logging

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.meshes import (
    FullCell,
    MeshGrading,
    PlanarElectrode,
    SlitStack,
    StraightPore,
    convert_mesh,
    read_mesh,
    write_mesh,
)
from tests.meshes.own.drawing import STACK, changed, draw


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("drawn") / "stack.msh")


def assert_refused(source, *parts):
    with pytest.raises(InputError) as caught:
        convert_mesh(source, source.with_name("mesh.msh"))
    text = str(caught.value)
    assert str(source) in text
    for part in parts:
        assert part in text
    assert not source.with_name("mesh.msh").exists()


def drawn_points(path):
    return read_mesh(path).points


def where(chosen, number):
    """Return what gives a number to the cells and lines that are chosen by kind, nodes and number."""

    def renumber(parts):
        return [(kind, nodes, np.where(chosen(kind, nodes, old), number, old)) for kind, nodes, old in parts]

    return renumber


@pytest.mark.parametrize(
    "geometry",
    [
        SlitStack(),
        SlitStack(layers=2, edge_gap=3e-9, sheet_length=4e-9),
        PlanarElectrode(),
        StraightPore(),
        StraightPore(cylindrical=True),
        FullCell(half=SlitStack(layers=3)),
        FullCell(half=StraightPore(cylindrical=True)),
        FullCell(half=PlanarElectrode()),
    ],
)
def test_what_ionspice_generates_passes(tmp_path, caplog, geometry):
    write_mesh(tmp_path / "own.msh", geometry, MeshGrading(wall_spacing=0.15e-9, growth=1.6))
    convert_mesh(tmp_path / "own.msh", tmp_path / "mesh.msh")
    assert caplog.text == ""


def test_the_finest_cells_pass(tmp_path):
    write_mesh(tmp_path / "own.msh", StraightPore(), MeshGrading(wall_spacing=1e-15, growth=3.0))
    convert_mesh(tmp_path / "own.msh", tmp_path / "mesh.msh")


@pytest.mark.parametrize("recombine", [False, True])
def test_triangles_and_quadrilaterals_of_gmsh_pass(tmp_path, recombine):
    convert_mesh(draw(tmp_path / "own.msh", recombine=recombine), tmp_path / "mesh.msh")


def test_clockwise_cells_pass(drawn, tmp_path):
    def reversed_cells(parts):
        return [(kind, nodes[:, ::-1], numbers) for kind, nodes, numbers in parts]

    convert_mesh(changed(drawn, tmp_path / "own.vtu", cells=reversed_cells), tmp_path / "mesh.msh")


@pytest.mark.parametrize(
    ("matrix", "parts"),
    [
        ([[0, -1], [1, 0]], ("at its low-x end", "turn or mirror the mesh")),  # stacked along y
        ([[-1, 0], [0, 1]], ("at its low-x end", "turn or mirror the mesh")),  # along -x
        ([[0.8, -0.6], [0.6, 0.8]], ("gap_1 has to run along x", "its faces lie askew", "straighten")),
    ],
)
def test_a_stack_in_another_direction_is_refused(drawn, tmp_path, matrix, parts):
    def turned(points):
        points[:, :2] = points[:, :2] @ np.transpose(matrix)
        return points

    assert_refused(changed(drawn, tmp_path / "own.vtu", points=turned), *parts)


def test_slits_numbered_from_the_closed_end_are_refused(tmp_path):
    other = {f"{kind}_{i}": f"{kind}_{4 - i}" for kind in ("slit", "gap") for i in (1, 2, 3)}
    own = draw(tmp_path / "own.msh", rename=other)
    assert_refused(
        own, "open electrolyte touches gap_3", "numbered from the closed end", "number gaps and slits from 1"
    )


def test_slits_in_another_order_are_refused(tmp_path):
    own = draw(tmp_path / "own.msh", rename={"slit_2": "slit_3", "slit_3": "slit_2"})
    assert_refused(own, "gap_2 and slit_3", "touch, but slit i is reached", "names in that order")


def test_an_electrode_without_lines_is_refused(tmp_path):
    assert_refused(draw(tmp_path / "own.msh", skip=("electrode",)), "physical group electrode missing")


def test_electrode_lines_in_no_group_are_refused_with_their_places(drawn, tmp_path):
    at = drawn_points(drawn)[:, 0]
    begin, end = (STACK.sheet_front(1) + STACK.sheet_thickness) * 1e9, STACK.sheet_front(2) * 1e9

    def of_slit_2(kind, nodes, numbers):
        inside = (at[nodes] > begin - 1e-6).all(axis=1) & (at[nodes] < end + 1e-6).all(axis=1)
        return (kind == "line") & (numbers == 1) & inside

    own = changed(drawn, tmp_path / "own.vtu", cells=where(of_slit_2, 0))
    assert_refused(own, "outer edges are in no group", "of slit_2 (x 2.18 to 3.68", "add them to electrode, or to")


def test_mirrors_of_a_stack_may_be_left_out_with_a_warning(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, logger="ionspice"):
        convert_mesh(draw(tmp_path / "own.msh", skip=("mirror",)), tmp_path / "mesh.msh")
    assert "outer edges at y = 0 or 2.5 nm are in no group and taken as mirror; name them electrode" in caplog.text


def test_sides_of_a_pore_may_not_be_left_out(tmp_path):
    own = draw(tmp_path / "own.msh", StraightPore(wall=5e-9), skip=("mirror",))
    assert_refused(own, "outer edges are in no group", "slit_1", "insulating wall")


def test_cells_in_no_group_are_missed(drawn, tmp_path):
    at = drawn_points(drawn)[:, :2]

    def of_slit_2(kind, _, numbers):
        return (kind != "line") & (numbers == 4)

    def in_front(_, nodes, __):
        return (np.abs(at[nodes].mean(axis=1) - [-2.0, 1.25]) < 0.3).all(axis=1)

    own = changed(drawn, tmp_path / "own.vtu", cells=where(of_slit_2, 0))
    assert_refused(own, "physical group slit_2 missing")
    own = changed(drawn, tmp_path / "own.vtu", cells=where(in_front, 0))
    assert_refused(own, "in no group", "cells that are missing")


@pytest.mark.parametrize(
    ("scale", "size", "unit"),
    [(1e-9, "e-09 nm long, less than 0.1 nm", "metres"), (1e-3, "nm long, less than 0.1 nm", "micrometres")],
)
def test_another_unit_of_length_is_refused(drawn, tmp_path, scale, size, unit):
    own = changed(drawn, tmp_path / "own.vtu", points=lambda points: points * scale)
    assert_refused(own, size, unit, "they have to be nanometres")


def test_a_mesh_of_many_millimetres_is_refused(drawn, tmp_path):
    own = changed(drawn, tmp_path / "own.vtu", points=lambda points: points * 1e6)
    assert_refused(own, "more than 1e+06 nm", "nanometres")


def test_inverted_cells_are_refused(drawn, tmp_path):
    def folded(points):
        inner = np.flatnonzero((points[:, 0] < -1) & (points[:, 0] > -3) & (np.abs(points[:, 1] - 1.25) < 0.5))
        points[inner[0], 0] += 1.0
        return points

    assert_refused(changed(drawn, tmp_path / "own.vtu", points=folded), "cells are inverted", "fold")


def test_flat_and_crossed_cells_are_refused(tmp_path):
    write_mesh(tmp_path / "plain.msh", PlanarElectrode(), MeshGrading(wall_spacing=1e-9, growth=2.0))

    def crossed(parts):
        kind, nodes, numbers = next(part for part in parts if part[0] == "quad")
        nodes[0] = nodes[0, [0, 2, 1, 3]]
        return [*(part for part in parts if part[0] == "line"), (kind, nodes, numbers)]

    assert_refused(
        changed(tmp_path / "plain.msh", tmp_path / "own.vtu", cells=crossed),
        "1 of 8 cells are flat, not convex",
        "x =",
    )


def test_nodes_that_are_there_twice_are_refused(tmp_path):
    own = draw(tmp_path / "own.msh", fragment=False, skip=("mirror",))
    assert_refused(own, "nodes lie on others", "merge them", "Coherence Mesh")


def test_a_part_that_hangs_nowhere_is_refused(drawn, tmp_path):
    """Slit 3 and what is behind it stand a nanometre apart, with all their nodes."""
    at = drawn_points(drawn)
    far = STACK.sheet_front(2) * 1e9 + 0.17

    def apart(parts):
        shifted = []
        for kind, nodes, numbers in parts:
            beyond = at[nodes][..., 0].mean(axis=1) > far
            shifted.append((kind, np.where(beyond[:, None], nodes + len(at), nodes), numbers))
        return shifted

    own = changed(
        drawn, tmp_path / "own.vtu", cells=apart, points=lambda p: np.concatenate([p, p + np.array([1.0, 0, 0])])
    )
    assert_refused(own, "in 2 pieces that share no edge", "join them")


def test_hanging_nodes_are_refused(drawn, tmp_path):
    """One triangle in front of the stack is cut in two, the neighbour on that side is not."""
    at, halves = drawn_points(drawn), []

    def refined(parts):
        chosen = next(k for k, (kind, _, numbers) in enumerate(parts) if kind == "triangle" and (numbers == 1).all())
        _, nodes, numbers = parts[chosen]
        one = np.argmin(np.abs(at[nodes].mean(axis=1)[:, :2] - [-2.0, 1.25]).sum(axis=1))
        (a, b, c), middle = nodes[one], len(at)
        halves.append((at[a] + at[b]) / 2)
        parts[chosen] = ("triangle", np.delete(nodes, one, axis=0), np.delete(numbers, one))
        return [*parts, ("triangle", np.array([[a, middle, c], [middle, b, c]]), np.ones(2, int))]

    own = changed(drawn, tmp_path / "own.vtu", cells=refined, points=lambda points: np.concatenate([points, halves]))
    assert_refused(own, "nodes hang within edges of other cells, 1 of them", "refine both sides alike")


def test_overlapping_regions_are_refused(drawn, tmp_path):
    """The first gap's cells are in the list twice, as if slit 1 reached into the gap."""

    def twice(parts):
        gap = [(kind, nodes[numbers == 3], np.full((numbers == 3).sum(), 2)) for kind, nodes, numbers in parts]
        return [*parts, *(part for part in gap if part[0] != "line" and len(part[1]))]

    assert_refused(changed(drawn, tmp_path / "own.vtu", cells=twice), "more than two cells", "cells overlap")


def test_an_electrode_inside_the_electrolyte_is_refused(drawn, tmp_path):
    """A sheet drawn as a line alone stops no ion."""
    at = drawn_points(drawn)

    def with_line(parts):
        nodes = next(nodes for kind, nodes, numbers in parts if kind == "triangle" and (numbers == 1).any())
        middle = nodes[np.argmin(np.abs(at[nodes].mean(axis=1)[:, :2] - [-2.0, 1.25]).sum(axis=1))]
        return [*parts, ("line", middle[None, :2], np.array([1]))]

    own = changed(drawn, tmp_path / "own.vtu", cells=with_line)
    assert_refused(own, "1 of", "lines of electrode lie inside the electrolyte", "give a sheet its thickness")


def test_a_line_of_two_boundaries_is_refused(drawn, tmp_path):
    def both(parts):
        _, nodes, numbers = next(part for part in parts if part[0] == "line" and (part[2] == 1).any())
        return [*parts, ("line", nodes[numbers == 1][:2], np.array([3, 3]))]

    assert_refused(changed(drawn, tmp_path / "own.vtu", cells=both), "2 lines are of", "keep each in one group")


def test_a_line_off_the_mesh_is_refused(drawn, tmp_path):
    def loose(parts):
        lines = [part for part in parts if part[0] == "line"]
        return [*parts, ("line", np.array([[lines[0][1][0, 0], lines[-1][1][-1, 1]]]), np.array([3]))]

    assert_refused(
        changed(drawn, tmp_path / "own.vtu", cells=loose), "are no edges of cells", "mesh lines and surfaces"
    )


def test_a_slit_in_pieces_is_refused(tmp_path):
    """The middle of slit 1 is called slit 2, with gaps on both sides, which leaves two ends of slit 1."""
    own = draw(tmp_path / "plain.msh", SlitStack(layers=2))
    at, middle = drawn_points(own)[:, 1], SlitStack().strip_width * 0.5e9

    def part_of_slit(number, low, high):
        def chosen(kind, nodes, numbers):
            y = at[nodes].mean(axis=1) - middle
            return (kind != "line") & (numbers == 2) & (y > low) & (y < high)

        return where(chosen, number)

    def cut(parts):
        return part_of_slit(4, -0.2, 0.2)(part_of_slit(5, -1.0, -0.2)(part_of_slit(5, 0.2, 1.0)(parts)))

    assert_refused(changed(own, tmp_path / "own.vtu", cells=cut), "slit_1 is in 2 pieces", "slits of their own")


def test_cells_of_second_order_are_refused(tmp_path):
    assert_refused(draw(tmp_path / "own.msh", order=2), "cells of type", "linear triangles or quads", "-order 1")


def test_a_mesh_out_of_the_plane_is_refused(drawn, tmp_path):
    own = changed(drawn, tmp_path / "own.vtu", points=lambda points: points[:, [0, 2, 1]])
    assert_refused(own, "z differs by 2.5 nm", "x-y plane")


def test_a_body_of_revolution_off_its_axis_is_refused(tmp_path):
    plain = draw(tmp_path / "plain.msh", StraightPore(cylindrical=True))
    own = changed(plain, tmp_path / "own.vtu", points=lambda points: points + np.array([0, 1.0, 0]))
    assert_refused(own, "turns around y = 0", "axis is up to 1 nm away")


def test_a_reservoir_at_a_slit_is_refused(drawn, tmp_path):
    at = drawn_points(drawn)[:, 0]

    def far_mirrors(kind, nodes, numbers):
        return (kind == "line") & (at[nodes].min(axis=1) > 4) & (numbers == 3)

    own = changed(drawn, tmp_path / "own.vtu", cells=where(far_mirrors, 2))
    assert_refused(own, "reservoir touches slit_3", "open electrolyte only")


def test_a_slit_between_insulators_is_refused(drawn, tmp_path):
    at, begin = drawn_points(drawn)[:, 0], (STACK.sheet_front(2) + STACK.sheet_thickness) * 1e9

    def last_walls(kind, nodes, numbers):
        return (kind == "line") & (at[nodes].min(axis=1) > begin - 1e-6) & (numbers == 1)

    own = changed(drawn, tmp_path / "own.vtu", cells=where(last_walls, 3))
    assert_refused(own, "no line of electrode at slit_3")
