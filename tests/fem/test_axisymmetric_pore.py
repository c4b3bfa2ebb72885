"""Exact answers: the linear charge of a pore, by modified Bessel functions in a cylinder and tanh in a slit.

Per length of a cylinder Q = 2 pi a eps kappa V I1(kappa a)/I0(kappa a); per length and depth of half a slit
Q = eps kappa V tanh(kappa H).
"""

import numpy as np
import pytest
from scipy import special

from ionspice.fem import Electrolyte, SolverSettings, StepDrive, solve
from ionspice.meshes import MeshGrading, StraightPore, write_mesh
from tests.fem.support import graded

POTENTIAL = 1e-3
SETTINGS = SolverSettings(tolerance=1e-3)


def charge_per_length(electrolyte, half_width, *, cylindrical):
    """Return the charge of the wall per length, and for a slit per depth, at equilibrium."""
    kappa = 1 / electrolyte.debye_length
    field = electrolyte.permittivity * kappa * POTENTIAL
    if cylindrical:
        ratio = special.iv(1, kappa * half_width) / special.iv(0, kappa * half_width)
        return 2 * np.pi * half_width * field * ratio
    return field * np.tanh(kappa * half_width)


@pytest.mark.parametrize("radius", [0.3e-9, 1.5e-9])
def test_charge_of_a_long_cylinder_is_exact(rectangle, radius):
    electrolyte, length = Electrolyte(), 400.0
    x, y = graded(length, 0.1, 1.15), radius * 1e9 - graded(radius * 1e9, 0.01, 1.1)[::-1]
    mesh = rectangle(x, y, left="reservoir", right="mirror", bottom="axis", top="electrode")
    run = solve(mesh, electrolyte=electrolyte, drive=StepDrive(amplitude=POTENTIAL, duration=2e-3), settings=SETTINGS)
    exact = charge_per_length(electrolyte, radius, cylindrical=True) * length * 1e-9
    assert float(run.electrode_charge[-1]) == pytest.approx(exact, rel=2e-3)
    assert run.electrode_charge.attrs["units"] == "C"
    assert run.electrode_current.attrs["units"] == "A"


@pytest.mark.parametrize("cylindrical", [False, True])
def test_inside_of_a_generated_pore_holds_the_exact_charge(tmp_path, cylindrical):
    """Behind the middle of the entrance the pore is as if it were infinite; the charge balances the flux."""
    electrolyte = Electrolyte()
    pore = StraightPore(
        half_width=0.6e-9, cylindrical=cylindrical, length=40e-9, sections=4, wall=2e-9, open_length=4e-9
    )
    write_mesh(tmp_path / "pore.msh", pore, MeshGrading(wall_spacing=0.03e-9, growth=1.08))
    drive = StepDrive(amplitude=POTENTIAL, duration=20e-6)
    run = solve(tmp_path / "pore.msh", electrolyte=electrolyte, drive=drive, settings=SETTINGS)
    exact = charge_per_length(electrolyte, pore.half_width, cylindrical=cylindrical)
    assert run.slit_charge[-1].values == pytest.approx([-exact * pore.section_length] * 4, rel=5e-3)
    kappa_a = pore.half_width / electrolyte.debye_length
    at_wall = special.iv(0, kappa_a) if cylindrical else np.cosh(kappa_a)  # for 1 on the axis
    assert float(run.slit_potential[-1, 0]) == pytest.approx(POTENTIAL / at_wall, rel=1e-2)
    flux = run.gap_flux.sum("part")
    assert float(np.abs(flux - run.trans_slit_current)[1:].max()) < 1e-8 * float(np.abs(flux).max())
    assert run.attrs["axisymmetric"] == cylindrical
    assert run.attrs["layers"] == pore.sections + 1
