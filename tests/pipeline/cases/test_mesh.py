"""The mesh that a case gets by itself resolves the double layer that its drive compresses."""

import numpy as np
import pytest
from scipy import constants

from ionspice.fem import SolverSettings, solve
from ionspice.meshes import FINEST_SPACING, MeshGrading, write_mesh
from ionspice.pipeline import Case, parse_case

_SALTS = {"1:1": ((1, 0.1), (-1, 0.1)), "2:1": ((2, 0.1), (-1, 0.2))}


def point_ions(salt, drive, *, more="", sections=""):
    species = (
        f'[[electrolyte.species]]\nname = "{z:+d}"\nvalence = {z}\nconcentration = "{c} mol/L"\n'
        for z, c in _SALTS[salt]
    )
    electrolyte = f'[electrolyte]\nion_diameter = "0 nm"\n{more}\n' + "".join(species)
    return parse_case(f"{electrolyte}[drive]\n{drive}\n{sections}")


@pytest.mark.parametrize(
    ("salt", "potential"), [("1:1", 0.3), ("1:1", 0.5), ("1:1", -0.5), ("2:1", 0.3), ("2:1", -0.2)]
)
def test_point_ions_charge_a_plane_as_grahame_says(tmp_path, caplog, salt, potential):
    drive = f'kind = "step"\namplitude = "{potential} V"\nduration = "2 ms"'
    case = point_ions(salt, drive, sections='[geometry]\nkind = "planar"\n')
    write_mesh(tmp_path / "mesh.msh", case.geometry.build(), case.grading)
    run = solve(
        tmp_path / "mesh.msh",
        electrolyte=case.electrolyte.build(),
        drive=case.drive.build(),
        settings=SolverSettings(tolerance=2e-3),
    )
    energy = constants.k * case.electrolyte.temperature
    excess = sum(1e3 * constants.N_A * c * np.expm1(-z * potential * constants.e / energy) for z, c in _SALTS[salt])
    exact = np.sqrt(2 * case.electrolyte.build().permittivity * energy * excess)
    assert float(run.electrode_charge[-1]) / run.strip_width == pytest.approx(np.sign(potential) * exact, rel=1e-2)
    assert "double layer" not in caplog.text
    assert run.unknowns < 1000  # only cells at the electrode are small, and only across it


def test_a_case_whose_ions_have_a_size_keeps_the_default_spacing():
    assert Case().grading == MeshGrading()
    assert parse_case('[drive]\namplitude = "2 V"\n').grading == MeshGrading()


def test_explicit_sizes_are_kept():
    sections = '[mesh]\nwall_spacing = "0.05 nm"\ngrowth = 1.2\n'
    assert point_ions("1:1", 'amplitude = "0.5 V"', sections=sections).grading == MeshGrading(growth=1.2)


def test_both_electrodes_of_a_cell_count():
    half = point_ions("2:1", 'amplitude = "0.1 V"')
    cell = point_ions("2:1", 'amplitude = "0.1 V"', sections="[geometry]\ncounter = true\n")
    assert cell.grading.wall_spacing < half.grading.wall_spacing < 0.05e-9


def test_a_stern_layer_leaves_larger_cells():
    with_stern = point_ions("1:1", 'amplitude = "0.5 V"', sections='[electrode]\nstern_layer = "0.3 nm"\n')
    assert with_stern.grading.wall_spacing > 10 * point_ions("1:1", 'amplitude = "0.5 V"').grading.wall_spacing


def test_refinement_ends_at_a_least_size_and_at_a_number_of_unknowns():
    plane = point_ions("1:1", 'amplitude = "5 V"', sections='[geometry]\nkind = "planar"\n')
    assert plane.grading.wall_spacing == FINEST_SPACING
    stack = point_ions("1:1", 'amplitude = "5 V"', sections="[geometry]\nlayers = 40\n")
    assert FINEST_SPACING < stack.grading.wall_spacing < 0.05e-9
    assert stack.unknowns() < 1e6
    coarse = point_ions("1:1", 'amplitude = "5 V"', sections="[geometry]\nlayers = 1000\n")
    assert coarse.grading == MeshGrading()


def test_an_ionic_liquid_charges_a_plane_as_the_linear_solution_says(tmp_path, caplog):
    """The mesh fits the screening length of correlated ions, four times the Debye length here."""
    case = parse_case(
        """
        [geometry]
        kind = "planar"
        [electrolyte]
        temperature = "300 K"
        relative_permittivity = 12.0
        ion_diameter = "0.55 nm"
        correlation_length = "0.5 nm"
        [[electrolyte.species]]
        name = "+"
        valence = 1
        diffusivity = "1e-9 m^2/s"
        concentration = "4.3 mol/L"
        [[electrolyte.species]]
        name = "-"
        valence = -1
        diffusivity = "1e-9 m^2/s"
        concentration = "4.3 mol/L"
        [drive]
        kind = "step"
        amplitude = "1 mV"
        duration = "20 us"
        """
    )
    liquid = case.electrolyte.build()
    assert case.grading.wall_spacing == 0.05e-9 > liquid.debye_length / 3
    write_mesh(tmp_path / "mesh.msh", case.geometry.build(), case.grading)
    run = solve(tmp_path / "mesh.msh", electrolyte=liquid, drive=case.drive.build())
    delta = liquid.correlation_length / liquid.debye_length
    capacitance = liquid.permittivity / liquid.debye_length * np.sqrt(1 + 2 * delta) / (1 + delta)
    assert float(run.electrode_charge[-1]) / run.strip_width == pytest.approx(1e-3 * capacitance, rel=1e-2)
    assert "screening length" not in caplog.text
