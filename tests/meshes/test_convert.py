import meshio
import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.meshes import MeshGrading, SlitStack, convert_mesh, named_cells, read_mesh, write_mesh, write_vtu
from ionspice.meshes.gmsh_session import gmsh_session


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "generated.msh"
    write_mesh(path, SlitStack(layers=3), MeshGrading(wall_spacing=0.2e-9, growth=1.5))
    return path


def group_sizes(path):
    """Return {name: number of cells} of a gmsh file."""
    mesh = read_mesh(path)
    names = {(dim, number): name for name, (number, dim) in mesh.field_data.items()}
    sizes = {}
    for block, numbers in zip(mesh.cells, mesh.cell_data["gmsh:physical"], strict=True):
        for number, count in zip(*np.unique(numbers, return_counts=True), strict=True):
            name = names[1 if block.type == "line" else 2, number]
            sizes[name] = sizes.get(name, 0) + count
    return sizes


def as_numbered(path, target):
    """Export a gmsh file as a program without physical names would, with a `group` array."""
    mesh = read_mesh(path)
    meshio.write(target, meshio.Mesh(mesh.points, mesh.cells, cell_data={"group": mesh.cell_data["gmsh:physical"]}))


@pytest.mark.parametrize("suffix", [".msh", ".xdmf", ".vtu"])
def test_an_own_mesh_keeps_its_groups(generated, tmp_path, suffix):
    source = tmp_path / f"own{suffix}"
    if suffix == ".msh":
        source.write_bytes(generated.read_bytes())
    else:
        as_numbered(generated, source)
    convert_mesh(source, tmp_path / "mesh.msh")
    assert group_sizes(tmp_path / "mesh.msh") == group_sizes(generated)


def test_a_missing_group_is_named(generated, tmp_path):
    text = generated.read_text().replace('"gap_2"', '"gap_9"')
    source = tmp_path / "own.msh"
    source.write_text(text)
    with pytest.raises(InputError, match=r"own\.msh: physical groups gap_2, .* missing among the cells"):
        convert_mesh(source, tmp_path / "mesh.msh")
    assert not (tmp_path / "mesh.msh").exists()


def test_a_missing_electrode_is_named(generated, tmp_path):
    source = tmp_path / "own.msh"
    source.write_text(generated.read_text().replace('"electrode"', '"metal"'))
    with pytest.raises(InputError, match="physical group electrode missing among the boundary lines"):
        convert_mesh(source, tmp_path / "mesh.msh")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such mesh file"):
        convert_mesh(tmp_path / "absent.msh", tmp_path / "mesh.msh")


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"format '\.stl' is not read; give \.msh, \.xdmf, \.vtu"):
        convert_mesh(tmp_path / "own.stl", tmp_path / "mesh.msh")


def test_rubbish_is_refused(tmp_path):
    source = tmp_path / "own.msh"
    source.write_text("this is not a mesh")
    with pytest.raises(InputError, match="not a mesh that meshio can read"):
        convert_mesh(source, tmp_path / "mesh.msh")


def test_three_dimensional_cells_are_refused(tmp_path):
    source = tmp_path / "own.vtu"
    cube = meshio.Mesh(np.eye(4, 3), [("tetra", [[0, 1, 2, 3]])], cell_data={"group": [np.array([1])]})
    meshio.write(source, cube)
    with pytest.raises(InputError, match="cells of type 'tetra'"):
        convert_mesh(source, tmp_path / "mesh.msh")


def test_vtu_carries_the_region_numbers(generated, tmp_path):
    write_vtu(generated, tmp_path / "mesh.vtu")
    mesh = meshio.read(tmp_path / "mesh.vtu")
    assert set(np.unique(mesh.cell_data["group"][0])) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("binary", [False, True])
def test_named_cells_are_the_cell_sets_of_meshio(generated, tmp_path, binary):
    path = tmp_path / "written.msh"
    with gmsh_session() as gmsh:
        gmsh.open(str(generated))
        gmsh.option.setNumber("Mesh.Binary", binary)
        gmsh.write(str(path))
    expected = meshio.read(path)
    mesh = read_mesh(path)
    cells = named_cells(mesh, "")
    dimensions = {name: dim for name, (_, dim) in expected.field_data.items()}
    assert {name for _, name in cells} == set(dimensions)
    assert list(mesh.field_data) == list(expected.field_data)
    for name, dim in dimensions.items():
        sets = expected.cell_sets_dict[name]
        found = np.concatenate([part for _, part in cells[dim, name]])
        np.testing.assert_array_equal(found, np.concatenate([expected.cells_dict[kind][sets[kind]] for kind in sets]))


def test_no_set_for_every_group_is_made(generated):
    """meshio would make an array for every group and block, of which 1000 slits have ten thousand each."""
    assert "slit_1" in meshio.read(generated).cell_sets
    assert "slit_1" not in read_mesh(generated).cell_sets
