import pytest

from ionspice.meshes import (
    FullCell,
    MeshGrading,
    PlanarElectrode,
    SlitStack,
    StraightPore,
    count_cells,
    read_mesh,
    write_mesh,
)


@pytest.mark.parametrize(
    "geometry",
    [
        SlitStack(),
        SlitStack(layers=21),
        PlanarElectrode(),
        StraightPore(),
        FullCell(half=SlitStack(layers=12)),
    ],
)
def test_cells_are_counted_before_they_are_made(tmp_path, geometry):
    grading = MeshGrading(wall_spacing=0.2e-9, growth=1.5)
    write_mesh(tmp_path / "mesh.msh", geometry, grading)
    assert count_cells(geometry, grading) == len(read_mesh(tmp_path / "mesh.msh").cells_dict["quad"])
