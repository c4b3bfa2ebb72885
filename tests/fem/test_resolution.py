import logging
from dataclasses import replace

import numpy as np
import pytest

from ionspice.core.electrolyte import Species
from ionspice.fem import Electrolyte, SolverSettings, StepDrive, solve
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI
from ionspice.fem.resolution import resolution_warning, wall_spacing
from ionspice.fem.surroundings import Surroundings
from ionspice.meshes import SlitStack, write_mesh


@pytest.fixture
def plate(rectangle):
    def write(unit, first=0.1):
        x = np.array([-10.0, -5.0, -2.0, -first, 0.0]) * unit
        return rectangle(
            x, np.array([0.0, 3.0]) * unit, left="reservoir", right="electrode", bottom="mirror", top="mirror"
        )

    return write


def test_wall_spacing_is_the_thickness_of_the_cells_at_the_electrode(plate):
    domain = read_domain(plate(1.0, first=0.1), MPI.COMM_SELF)
    assert wall_spacing(domain) == pytest.approx(0.1)
    assert resolution_warning(domain, Electrolyte()) is None


def test_the_default_mesh_resolves_the_default_electrolyte(tmp_path):
    write_mesh(tmp_path / "mesh.msh", SlitStack(layers=2))
    domain = read_domain(tmp_path / "mesh.msh", MPI.COMM_SELF)
    assert wall_spacing(domain) <= 0.05 * (1 + 1e-9)
    assert resolution_warning(domain, Electrolyte()) is None


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        (10.0, "up to 1 nm thick and do not resolve the Debye length of 0.304 nm"),  # as if in angstrom
        (0.02, "the whole mesh is 0.2 nm long, less than the Debye length of 0.304 nm"),
    ],
)
def test_a_mesh_in_the_wrong_unit_is_named_with_its_numbers(plate, unit, message):
    text = resolution_warning(read_domain(plate(unit), MPI.COMM_SELF), Electrolyte())
    assert message in text
    assert "nanometres" in text


def test_a_run_warns_once(plate, caplog):
    with caplog.at_level(logging.WARNING, logger="ionspice"):
        solve(
            plate(10.0),
            drive=StepDrive(amplitude=0.01, duration=1e-9),
            settings=SolverSettings(tolerance=1.0, steps_per_ramp=2),
        )
    assert [r.message for r in caplog.records if "Debye length" in r.message] == [caplog.records[0].message]


def test_a_compressed_layer_is_named_with_length_limit_and_remedy(plate):
    domain, points = read_domain(plate(1.0, first=0.05), MPI.COMM_SELF), Electrolyte(ion_diameter=0.0)
    assert resolution_warning(domain, points) is None
    text = resolution_warning(domain, points, (0.0, 0.3))
    assert "up to 0.05 nm thick" in text
    assert "screening length of 0.00125 nm at phi_m from 0 to 0.3 V is shorter than the Debye length of 0.304" in text
    assert "at most 0.00063 nm thick ([mesh] wall_spacing" in text
    # Sizes bound what a potential can compress, a Stern layer takes most of it.
    assert resolution_warning(domain, Electrolyte(), (0.0, 2.0)) is None
    assert resolution_warning(domain, points, (0.0, 0.11), Surroundings(stern_layer=1e-9)) is None


def test_what_no_mesh_resolves_wants_another_electrolyte(plate):
    domain = read_domain(plate(1.0, first=0.05), MPI.COMM_SELF)
    text = resolution_warning(domain, Electrolyte(ion_diameter=0.0), (-1.0, 0.0))
    assert "give the ions a size ([electrolyte] ion_diameter)" in text
    assert "wall_spacing" not in text


def test_a_run_warns_of_the_potential_that_its_drive_reaches(plate, caplog):
    with caplog.at_level(logging.WARNING, logger="ionspice"):
        solve(
            plate(1.0, first=0.05),
            electrolyte=Electrolyte(ion_diameter=0.0),
            drive=StepDrive(amplitude=0.2, duration=1e-9),
            settings=SolverSettings(tolerance=1.0, steps_per_ramp=2),
        )
    assert "at phi_m from 0 to 0.2 V" in caplog.text


def test_ions_with_correlations_need_cells_for_their_own_screening_length(plate):
    """4.3 mol/L in eps_r 12: the Debye length is 0.058 nm, small potentials decay over 0.233 nm."""
    ions = tuple(Species(name=f"{z:+d}", valence=z, diffusivity=1e-10, concentration=4300.0) for z in (1, -1))
    liquid = Electrolyte(temperature=300.0, relative_permittivity=12.0, ion_diameter=0.55e-9, species=ions)
    correlated = replace(liquid, correlation_length=0.5e-9)
    domain = read_domain(plate(1.0, first=0.05), MPI.COMM_SELF)
    assert "at most 0.029 nm thick" in resolution_warning(domain, liquid)
    assert resolution_warning(domain, correlated) is None
    text = resolution_warning(read_domain(plate(1.0, first=0.2), MPI.COMM_SELF), correlated)
    assert "do not resolve the screening length of 0.233 nm" in text
    assert "at most 0.12 nm thick" in text
