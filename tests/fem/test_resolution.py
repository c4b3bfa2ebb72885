import logging

import numpy as np
import pytest

from ionspice.fem import Electrolyte, SolverSettings, StepDrive, solve
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI
from ionspice.fem.resolution import resolution_warning, wall_spacing
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
        (1e-9, "the whole mesh is 1e-08 nm long, less than the Debye length of 0.304 nm"),  # in metres
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
