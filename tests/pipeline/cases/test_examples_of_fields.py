"""Numbers that the examples promise, on fewer steps."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import constants

from ionspice.fem import SolverSettings, solve
from ionspice.meshes import write_mesh
from ionspice.pipeline import read_case

EXAMPLES = Path(__file__).parents[3] / "examples"
FARADAY = constants.physical_constants["Faraday constant"][0]


def copper_plateau(copper, chloride, potassium, length):
    """Return the limiting current density [A/m^2] of Cu2+ in KCl that does not flow, neutral everywhere.

    With c_K = K e^-u, c_Cl = L e^u and 2 c_Cu = c_Cl - c_K the flux -D (c' + 2 c u') is a perfect derivative,
    -D [3/2 L e^u + 1/2 K e^-u]', from u = 0 in the bulk to c_Cu = 0 at e^2u = K/L.
    """
    u = math.log(potassium / chloride) / 2
    moved = 1.5 * chloride * math.expm1(u) + 0.5 * potassium * math.expm1(-u)
    return 2 * FARADAY * copper.diffusivity * moved / length


@pytest.fixture(scope="module")
def copper(tmp_path_factory):
    case, path = read_case(EXAMPLES / "copper.toml"), tmp_path_factory.mktemp("copper") / "mesh.msh"
    geometry = case.geometry.build()
    write_mesh(path, geometry, case.grading)
    settings = SolverSettings(tolerance=5e-3, steps_per_ramp=20)
    run = solve(
        path,
        electrolyte=case.electrolyte.build(),
        drive=case.drive.build(),
        surroundings=case.surroundings(),
        settings=settings,
    )
    return case.electrolyte.build(), geometry, run


def test_the_plateau_of_copper_is_the_limiting_current(copper):
    electrolyte, geometry, run = copper
    metal, potassium, chloride = electrolyte.species
    exact = copper_plateau(metal, chloride.concentration, potassium.concentration, geometry.open_length)
    density = run.electrode_current / geometry.strip_width
    assert float(density.min()) == pytest.approx(exact, rel=4e-3)
    assert exact == pytest.approx(-1.392e3, rel=1e-3)


def test_copper_at_rest_is_at_nernsts_potential(copper):
    electrolyte, _, run = copper
    exact = 0.1 + electrolyte.thermal_voltage / 2 * math.log(0.01)
    assert float(run.electrode_potential[-1]) == pytest.approx(exact, abs=1e-5)
    assert float(np.abs(run.faradaic_current[-1])) < 1e-4 * float(np.abs(run.faradaic_current).max())
