"""Ions of unequal size: the algebra, and a plate at equilibrium against a one-dimensional solution by scipy."""

import numpy as np
import pytest
import ufl
from scipy import constants, integrate, optimize

from ionspice.core import InputError
from ionspice.core.crowding import IonSizes, crowded_concentrations, newton_steps, steric_force
from ionspice.fem import Electrolyte, Species, StepDrive, forms, solve
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.problem import FieldProblem
from ionspice.fem.scales import Scales
from tests.fem.support import graded


def salt(cation_diameter, anion_diameter, **options):
    ions = (("K+", 1, cation_diameter), ("Cl-", -1, anion_diameter))
    species = tuple(
        Species(name=name, valence=z, diffusivity=2e-9, concentration=1000.0, diameter=a) for name, z, a in ions
    )
    return Electrolyte(species=species, **options)


def occupied_share(electrolyte, u):
    """Return the equilibrium Phi and c_i [1/m^3] at a potential u [kT/e] by bracketing -ln(1 - Phi)."""
    ratios = [v / electrolyte.site_volume for v in electrolyte.volumes]
    free = 1 - electrolyte.packing_fraction
    boltzmann = [
        s.number_density * free**-k * np.exp(-s.valence * u) for s, k in zip(electrolyte.species, ratios, strict=True)
    ]

    def excess(theta):
        filled = [v * b * np.exp(-k * theta) for v, b, k in zip(electrolyte.volumes, boltzmann, ratios, strict=True)]
        return -np.expm1(-theta) - sum(filled)

    theta = optimize.brentq(excess, 0.0, 200.0, xtol=1e-14)
    return -np.expm1(-theta), [b * np.exp(-k * theta) for b, k in zip(boltzmann, ratios, strict=True)]


def plate_charge(electrolyte, potential):
    """Return q [C/m^2] from the first integral eps phi'^2/2 = pressure(u) - pressure(0).

    d(pressure) = -rho d(phi), integrated by quadrature from the bulk to the plate.
    """
    unit = electrolyte.thermal_voltage

    def density(u):
        _, c = occupied_share(electrolyte, u)
        return constants.e * sum(s.valence * ci for s, ci in zip(electrolyte.species, c, strict=True))

    work, _ = integrate.quad(lambda u: -density(u) * unit, 0.0, potential / unit, epsrel=1e-9)
    return np.sign(potential) * np.sqrt(2 * electrolyte.permittivity * work)


@pytest.fixture
def plate(rectangle):
    def write():
        x = -graded(16.0, 0.01, 1.05)[::-1]
        return rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")

    return write


def test_equal_sizes_through_the_general_formula_give_the_closed_one():
    nu, w, phi = 0.26, np.array([[0.3, -20.0, 40.0], [-0.2, 30.0, 1.0]]), np.array([2.0, -15.0, 20.0])
    boltzmann = [0.5 * np.exp(w[0] - phi), 0.5 * np.exp(w[1] + phi)]
    free = 1 - nu
    sizes = IonSizes(volumes=[nu, nu], ratios=[1.0, 1.0], bulk_boltzmann=[0.5 / free] * 2, steps=newton_steps([1.0]))
    general = crowded_concentrations([b / free for b in boltzmann], sizes)
    closed = [b / (1 - nu + nu * sum(boltzmann)) for b in boltzmann]
    np.testing.assert_allclose(general, closed, rtol=1e-13)


@pytest.mark.parametrize("electrolyte", [salt(0.4e-9, 0.7e-9), salt(0.9e-9, 0.5e-9), salt(0.0, 0.6e-9)])
@pytest.mark.parametrize("u", [-40.0, -3.0, 0.0, 0.5, 20.0])
def test_concentrations_agree_with_a_bracketed_root(electrolyte, u):
    k = forms.coefficients(electrolyte, Scales.of(electrolyte), float)
    c = np.array(forms.concentrations([0.0, 0.0], u, k, exp=np.exp)) * electrolyte.total_number_density
    share, exact = occupied_share(electrolyte, u)
    np.testing.assert_allclose(c, exact, rtol=1e-9)
    assert np.dot(electrolyte.volumes, c) == pytest.approx(share, rel=1e-9)


def test_the_packing_bound_holds_in_absurd_states():
    """The share stays below 1 whether or not the iteration has converged."""
    rng = np.random.default_rng(1)
    electrolyte = salt(0.45e-9, 0.75e-9)
    k = forms.coefficients(electrolyte, Scales.of(electrolyte), float)
    w, phi = rng.uniform(-40, 40, (2, 2000)), rng.uniform(-20, 20, 2000)
    c = forms.concentrations(w, phi, k, exp=np.exp)
    filled = np.dot(k.sizes.volumes, c)
    assert (np.array(c) >= 0).all()
    assert filled.max() <= 1.0 + 1e-15  # round-off


@pytest.mark.parametrize("electrolyte", [salt(0.45e-9, 0.7e-9), salt(0.6e-9, 0.6e-9)])
def test_flux_parts_sum_to_the_flux_at_every_point(plate, electrolyte):
    problem = FieldProblem(read_domain(plate(), MPI.COMM_SELF), electrolyte)
    rng = np.random.default_rng(2)
    problem.u.x.array[:] = rng.uniform(-2, 2, len(problem.u.x.array))
    w, phi, c = problem.fields()
    k = problem.coefficients
    carriers = forms.carriers(c, k)
    whole = -sum(
        z * d * ci * ufl.grad(wi) for z, d, ci, wi in zip(k.valence, k.diffusivity, carriers, w, strict=True)
    )
    parts = forms.net_flux_parts(w, phi, c, k)

    def size(vector):
        return dolfinx.fem.assemble_scalar(dolfinx.fem.form(ufl.inner(vector, vector) * problem.dx)) ** 0.5

    assert size(sum(parts) - whole) < 1e-13 * size(whole)


def test_the_diffusion_part_is_the_gradient_of_the_concentrations():
    """Moving w and phi along a line, c_i changes as c_i (f_i - k_i g) says."""
    electrolyte = salt(0.45e-9, 0.7e-9)
    k = forms.coefficients(electrolyte, Scales.of(electrolyte), float)
    slopes = np.array([0.7, -0.4, 1.3])  # of w_1, w_2, phi

    def c_at(s):
        w = [0.2 + slopes[0] * s, -0.1 + slopes[1] * s]
        return np.array(forms.concentrations(w, 1.5 + slopes[2] * s, k, exp=np.exp))

    force = slopes[:2] - np.array(k.valence) * slopes[2]
    steric = np.array(k.sizes.ratios) * steric_force(c_at(0.0), force, k.sizes)
    step = 1e-5
    np.testing.assert_allclose((c_at(step) - c_at(-step)) / (2 * step), c_at(0.0) * (force - steric), rtol=1e-8)


@pytest.mark.parametrize("potential", [-0.11, 0.5])
def test_charge_of_a_plate_agrees_with_quadrature(plate, potential):
    electrolyte = salt(0.45e-9, 0.7e-9)
    run = solve(plate(), electrolyte=electrolyte, drive=StepDrive(amplitude=potential, duration=2e-6))
    exact = plate_charge(electrolyte, potential)
    assert float(run.electrode_charge[-1]) / 1e-9 == pytest.approx(exact, rel=1e-3)
    energy = run.free_energy.values[1:]
    assert np.diff(energy).max() < 1e-9 * abs(energy[-1])


def test_a_fixed_number_of_steps_does_not_do_for_an_ion_far_larger_than_the_solvent():
    with pytest.raises(InputError, match=r"an ion's volume is 27 times that of a solvent site .* up to 8"):
        newton_steps([27.0, 1.0])


def test_ions_with_a_size_need_a_solvent_with_one():
    with pytest.raises(InputError, match="give solvent_diameter"):
        salt(0.3e-9, 0.6e-9, ion_diameter=0.0)


def test_the_bulk_is_refused_by_the_packing_of_the_given_sizes():
    with pytest.raises(InputError, match=r"packing fraction nu = sum a\^3 c0 = 1\.041 must be below 1"):
        salt(1.0e-9, 0.9e-9)
    assert salt(0.9e-9, 0.9e-9).packing_fraction == pytest.approx(0.878, rel=1e-3)
