"""Where volume integrals are evaluated, and what it does to a double layer."""

import basix
import numpy as np
import pytest

from ionspice.core.drives import parse_protocol
from ionspice.core.electrolyte import Electrolyte
from ionspice.fem import solve
from ionspice.fem.measures import VolumeRule
from ionspice.meshes import MeshGrading, PlanarElectrode, write_mesh


@pytest.mark.parametrize("degree", [1, 2])
@pytest.mark.parametrize("cell", [basix.CellType.triangle, basix.CellType.quadrilateral])
def test_linear_functions_are_integrated_exactly(cell, degree):
    rule = VolumeRule.of(cell, degree)
    corners = basix.geometry(cell)
    area = 0.5 if cell == basix.CellType.triangle else 1.0
    assert rule.weights.sum() == pytest.approx(area)
    assert rule.weights @ rule.points == pytest.approx(area * corners.mean(axis=0))


@pytest.mark.parametrize("spacing", [0.05e-9, 0.1e-9, 0.25e-9])
def test_a_linear_double_layer_has_the_charge_that_its_cells_give_it(tmp_path, spacing):
    # Equal cells of size h: rows (-1, 2, -1)/h + kappa^2 h (a, 1 - 2 a, a) with a = (1 - 1/10)/4.
    electrolyte, potential = Electrolyte(), 1e-6
    write_mesh(tmp_path / "plane.msh", PlanarElectrode(), MeshGrading(wall_spacing=spacing, growth=1.0))
    drive = parse_protocol([f"Start at {potential} V", "Rest for 1 ps"])
    run = solve(tmp_path / "plane.msh", electrolyte=electrolyte, drive=drive)
    charge = run.electrode_charge[0] / run.strip_width
    linear = electrolyte.permittivity * potential / electrolyte.debye_length
    assert charge == pytest.approx(linear * np.sqrt(1 + (spacing / electrolyte.debye_length) ** 2 / 40), rel=1e-6)
