"""A protocol of sweep, hold, rest and discharge, repeated, against the linear cell."""

import numpy as np
import pytest

from ionspice.core.drives import parse_protocol
from ionspice.fem import Electrolyte, SolverSettings, solve
from ionspice.meshes import MeshGrading, PlanarElectrode, write_mesh
from tests.verification.linear_protocol import LinearCell

WIDTH, LENGTH = 1e-9, 10e-9
STEPS = (
    "Sweep to 2 mV at 0.4 V/us",
    "Hold for 50 ns or until 0.4 mA/m",
    "Rest for 1 ns",
    "Discharge at 1 mA/m until 0 V",
    "Repeat 2 times",
)


def linear_moments():
    """Return where the legs of the protocol end."""
    electrolyte = Electrolyte()
    cell = LinearCell(
        permittivity=electrolyte.permittivity,
        debye_length=electrolyte.debye_length,
        diffusivity=electrolyte.species[0].diffusivity,
        length=LENGTH,
    )
    moments = []
    for _ in range(2):
        for leg in (
            lambda: cell.sweep(2e-3, 0.4e6),
            lambda: cell.hold(50e-9, 0.4e-3 / WIDTH),
            lambda: cell.rest(1e-9),
            lambda: cell.discharge(1e-3 / WIDTH, 0.0, 20e-9),
        ):
            leg()
            moments.append(cell.moment)
    return moments


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("plate") / "mesh.msh"
    plate = PlanarElectrode(strip_width=WIDTH, open_length=LENGTH)
    write_mesh(path, plate, MeshGrading(wall_spacing=0.02e-9, growth=1.1))
    return solve(path, drive=parse_protocol(STEPS), settings=SolverSettings(tolerance=4e-6))


def test_every_step_ends_when_and_where_it_does_in_the_linear_cell(run, record_property):
    moments = linear_moments()
    ends = np.append(np.flatnonzero(run.step_order.values == 1)[1:] - 1, run.sizes["time"] - 1)
    assert len(ends) == len(moments)
    found = [run[name].values[ends] for name in ("time", "electrode_potential", "electrode_charge")]
    largest = max(abs(moment.charge) for moment in moments)
    record_property("error", float(np.abs(found[0] / [moment.time for moment in moments] - 1).max()))
    record_property("error", float(np.abs(found[1] - [moment.potential for moment in moments]).max() / 2e-3))
    record_property("error", float(np.abs(found[2] / WIDTH - [moment.charge for moment in moments]).max() / largest))
    np.testing.assert_allclose(found[0], [moment.time for moment in moments], rtol=5e-3)
    np.testing.assert_allclose(found[1], [moment.potential for moment in moments], atol=5e-3 * 2e-3)
    charges = np.array([moment.charge for moment in moments])
    np.testing.assert_allclose(found[2] / WIDTH, charges, atol=5e-3 * largest)


def test_nothing_is_lost_at_rest(run):
    corners = np.append(np.flatnonzero(run.step_order.values == 1) - 1, run.sizes["time"] - 1)
    for cycle in (0, 4):
        rest = slice(corners[cycle + 2], corners[cycle + 3] + 1)
        charge = run.electrode_charge.values[rest]
        assert np.ptp(charge) <= 1e-8 * abs(charge[0])
        assert np.ptp(run.electrode_potential.values[rest]) > 1e-5
