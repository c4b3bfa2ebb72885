import meshio
import numpy as np
import pytest

from ionspice.fem import SolverSettings, TriangularDrive, solve


@pytest.fixture(scope="module")
def folder(small_mesh, tmp_path_factory):
    path = tmp_path_factory.mktemp("fields")
    solve(
        small_mesh,
        drive=TriangularDrive(half_cycle=100e-9),
        settings=SolverSettings(tolerance=5e-3, steps_per_ramp=10),
        directory=path,
    )
    return path


def test_half_charge_fields_stand_on_the_mesh(folder, small_mesh):
    fields = meshio.read(folder / "fields_half_charge.vtu")
    mesh = meshio.read(small_mesh, file_format="gmsh")
    np.testing.assert_array_equal(fields.points, mesh.points)
    quads = np.concatenate([block.data for block in mesh.cells if block.type == "quad"])
    of_cells = (np.unique(np.sort(cells), axis=0) for cells in (fields.cells_dict["quad"], quads))
    np.testing.assert_array_equal(*of_cells)
    x, y = np.moveaxis(fields.points[fields.cells_dict["quad"]][..., :2], 2, 0)
    areas = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1) / 2
    assert np.abs(areas).sum() == pytest.approx(6 * 10 + 2 * (6 * 1.5 + 0.34))  # open electrolyte, slits and gaps
    potential = fields.point_data["potential"]
    assert potential.max() == pytest.approx(0.055)  # half of the amplitude, on the electrode
    assert np.abs(potential[fields.points[:, 0] == fields.points[:, 0].min()]).max() < 1e-12  # reservoir
    net = fields.point_data["concentration_K+"] - fields.point_data["concentration_Cl-"]
    assert fields.point_data["net_ion_concentration"] == pytest.approx(net)
    assert net.min() < -1.0  # anions in front of the positive electrode


def test_concentrations_keep_the_packing_bound(folder):
    fields = meshio.read(folder / "fields_half_charge.vtu")
    total = fields.point_data["concentration_K+"] + fields.point_data["concentration_Cl-"]
    per_litre = 1 / (0.60e-9**3 * 6.02214076e23 * 1000)
    assert 0 < total.min() < total.max() < per_litre


def test_every_corner_and_middle_has_a_vtx_folder(folder):
    names = sorted(path.name for path in (folder / "fields").iterdir())
    assert names == [f"t_{t:010.3f}_ns.bp" for t in (50, 100, 150, 200)]
