import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.meshes import MeshGrading, SlitStack, groups, read_mesh, write_mesh


def named_cells(mesh):
    """Return {name: (dimension, connectivity)} from gmsh's physical groups, as meshio reads them."""
    names = {(dim, number): name for name, (number, dim) in mesh.field_data.items()}
    found = {}
    for block, numbers in zip(mesh.cells, mesh.cell_data["gmsh:physical"], strict=True):
        dim = 1 if block.type == "line" else 2
        for number in np.unique(numbers):
            found.setdefault(names[dim, number], []).append(block.data[numbers == number])
    return {name: np.concatenate(parts) for name, parts in found.items()}


def areas(points, quads):
    x, y = points[quads][..., 0], points[quads][..., 1]
    return 0.5 * np.abs((x[:, 0] - x[:, 2]) * (y[:, 1] - y[:, 3]) - (x[:, 1] - x[:, 3]) * (y[:, 0] - y[:, 2]))


@pytest.fixture(scope="module")
def default_mesh(tmp_path_factory):
    path = tmp_path_factory.mktemp("mesh") / "mesh.msh"
    write_mesh(path, SlitStack())
    return read_mesh(path)


def test_every_group_of_the_contract_is_there_and_no_other(default_mesh):
    expected = {"open", "electrode", "reservoir", "mirror"}
    expected |= {f"{kind}_{i}" for kind in ("slit", "gap") for i in range(1, 6)}
    assert set(named_cells(default_mesh)) == expected


def test_regions_have_the_areas_of_the_geometry(default_mesh):
    cells = named_cells(default_mesh)
    points = default_mesh.points
    exact = {"open": 10 * 6.0, "slit_3": 1.5 * 6.0, "gap_1": 0.34 * 1.0, "gap_4": 0.34 * 1.0}
    for name, area in exact.items():
        assert areas(points, cells[name]).sum() == pytest.approx(area, rel=1e-12), name


def test_boundaries_have_the_lengths_of_the_geometry(default_mesh):
    cells = named_cells(default_mesh)
    ends = default_mesh.points[:, :2]
    length = {
        name: np.linalg.norm(ends[cells[name][:, 0]] - ends[cells[name][:, 1]], axis=1).sum()
        for name in ("electrode", "reservoir", "mirror")
    }
    # Five open sheets of 5 nm with two faces and an edge of 0.34 nm, and the closed one's face of 6 nm.
    assert length["electrode"] == pytest.approx(5 * (5 + 5 + 0.34) + 6, rel=1e-12)
    assert length["reservoir"] == pytest.approx(6, rel=1e-12)
    # Top and bottom line of open region and five slits, and each gap touches one of them.
    assert length["mirror"] == pytest.approx(2 * (10 + 5 * 1.5) + 5 * 0.34, rel=1e-12)


def test_all_cells_are_quadrilaterals_and_none_is_inverted(default_mesh):
    assert {block.type for block in default_mesh.cells} == {"line", "quad"}
    quads = default_mesh.cells_dict["quad"]
    assert areas(default_mesh.points, quads).min() > 0


def test_mid_planes_and_marks_carry_nodes(default_mesh):
    points = default_mesh.points[:, :2]
    for slit in range(1, 6):
        front = (slit - 1) * 1.84
        mark = np.array([front + 0.34 + 0.75, 3.0])
        assert np.linalg.norm(points - mark, axis=1).min() < 1e-9
        assert np.count_nonzero(np.abs(points[:, 0] - (front + 0.17)) < 1e-9) >= 3


def test_first_cells_resolve_the_double_layer(default_mesh):
    cells = named_cells(default_mesh)
    ends = default_mesh.points[cells["slit_2"]]
    sides = np.ptp(ends[..., 0], axis=1)
    assert sides.min() <= 0.05


def test_gaps_wider_than_the_sheets_are_meshed(tmp_path):
    path = tmp_path / "wide.msh"
    write_mesh(path, SlitStack(layers=2, sheet_length=2e-9, edge_gap=3e-9), MeshGrading(growth=1.5))
    mesh = read_mesh(path)
    assert areas(mesh.points, named_cells(mesh)["gap_1"]).sum() == pytest.approx(0.34 * 1.5)


def test_an_unwritable_folder_is_one_clear_error_and_leaves_nothing(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(InputError, match="cannot write"):
        write_mesh(blocker / "mesh.msh", SlitStack(layers=2))
    assert list(tmp_path.iterdir()) == [blocker]


def test_region_numbers_and_names_are_inverse():
    for number in range(1, 20):
        if number == 1 or number >= 2:
            assert groups.region_number(groups.region_name(number)) == number
