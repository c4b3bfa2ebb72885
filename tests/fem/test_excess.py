"""Ions as hard spheres and of very unequal size, solvents that saturate: plates against quadrature of their own.

sigma^2 = 2 eps kT int sum z_i c_i(u) du with the bulk chemical potential at every u; c_i from a root of scipy with
the published formulas, free of the code under test.
"""

import numpy as np
import pytest
from scipy import constants, integrate, optimize

from ionspice.core import InputError
from ionspice.core.double_layer import compressed_length, surface_charge
from ionspice.core.excess import HardSpheres, Lattice, concentrations, sensitivities
from ionspice.fem import Electrolyte, Sampling, SolverSettings, Species, StepDrive, TriangularDrive, forms, solve
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI
from ionspice.fem.problem import FieldProblem
from ionspice.fem.scales import Scales
from ionspice.fem.stepping import start
from tests.fem.support import graded, imbalance


def salt(cation, anion, *, valence=1, concentration=1000.0, **options):
    """Return a salt of a cation of a valence and a monovalent anion, with diameters [m]."""
    ions = (("M", valence, cation, concentration), ("X", -1, anion, valence * concentration))
    species = tuple(
        Species(name=name, valence=z, diffusivity=2e-9, concentration=c, diameter=a) for name, z, a, c in ions
    )
    return Electrolyte(species=species, **options)


def carnahan_starling(eta):
    """Return mu^ex/kT of one kind of hard spheres."""
    return (8 * eta - 9 * eta**2 + 3 * eta**3) / (1 - eta) ** 3


def bmcsl(c, d):
    """Return mu_i^ex/kT in the form of Boublik and Mansoori et al. with pressure, differentiated by hand."""
    xi = [np.pi / 6 * np.sum(c * d**k) for k in range(4)]
    free, log = 1 - xi[3], np.log(1 - xi[3])
    ratio = xi[2] / xi[3]
    return (
        -log
        + d * 3 * xi[2] / free
        + d**2 * (3 * xi[1] / free + 3 * ratio * xi[2] / free**2 + 3 * ratio**2 * log)
        + d**3
        * (
            (xi[0] - ratio**2 * xi[2]) / free
            + (3 * xi[1] * xi[2] - ratio**2 * xi[2]) / free**2
            + 2 * ratio * xi[2] ** 2 / free**3
            - 2 * ratio**3 * log
        )
    )


def lattice(c, d, site):
    return -((d / site) ** 3) * np.log(1 - np.sum(c * d**3))


def plate_charge(electrolyte, potential, excess):
    """Return the charge [C/m^2] of a plane; excess(c) gives mu^ex of number densities [1/nm^3]."""
    z = np.array([s.valence for s in electrolyte.species])
    bulk = np.array([s.number_density for s in electrolyte.species]) * 1e-27
    last = np.log(bulk)

    def density(u):
        nonlocal last
        wanted = np.log(bulk) + excess(bulk) - z * u
        found = optimize.root(lambda y: y + excess(np.exp(y)) - wanted, last, tol=1e-12)
        assert np.abs(found.fun).max() < 1e-8
        last = found.x
        return float(z @ np.exp(found.x))

    u = np.linspace(0, potential / electrolyte.thermal_voltage, 401)
    integral = integrate.simpson([density(one) for one in u], x=u) * 1e27
    energy = -2 * electrolyte.permittivity * constants.k * electrolyte.temperature * integral
    return np.sign(potential) * np.sqrt(energy)


@pytest.fixture
def plate(rectangle):
    x = -graded(16.0, 0.01, 1.05)[::-1]
    return rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")


def cases():
    one = salt(0.5e-9, 0.5e-9, excess="carnahan_starling")
    two = salt(0.45e-9, 0.8e-9, valence=2, concentration=500.0, excess="bmcsl")
    wide = salt(0.8e-9, 0.35e-9, concentration=300.0, solvent_diameter=0.3e-9)
    return [
        (one, lambda c: carnahan_starling(np.pi / 6 * 0.125 * c.sum()) * np.ones(2), (0.11, -0.5)),
        (two, lambda c: bmcsl(c, np.array([0.45, 0.8])), (0.3, -0.3)),
        (wide, lambda c: lattice(c, np.array([0.8, 0.35]), 0.3), (0.2, -0.2)),
    ]


def equilibrium_charge(mesh, electrolyte, potential, **options):
    """Return the charge [C/m^2] of a plane 1 nm wide at a potential [V]."""
    problem = FieldProblem(read_domain(mesh, MPI.COMM_SELF), electrolyte, **options)
    start(problem, potential)
    return problem.electrode_charge() * problem.scales.electrode_charge / 1e-9


@pytest.mark.parametrize("number", [0, 1, 2])
def test_charge_of_a_plate_agrees_with_quadrature(plate, number):
    electrolyte, excess, potentials = cases()[number]
    for potential in potentials:
        exact = plate_charge(electrolyte, potential, excess)
        assert equilibrium_charge(plate, electrolyte, potential) == pytest.approx(exact, rel=2e-3)


def test_the_free_energy_falls_after_a_step(rectangle):
    x = -graded(16.0, 0.1, 1.3)[::-1]
    mesh = rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")
    settings = SolverSettings(tolerance=5e-4, steps_per_ramp=20)  # BDF2 itself lets it rise a little
    drive = StepDrive(amplitude=0.2, duration=1e-6)
    run = solve(mesh, electrolyte=cases()[1][0], drive=drive, settings=settings)
    energy = run.free_energy.values[1:]
    assert np.diff(energy).max() < 1e-8 * abs(energy[-1])  # round-off of the bulk's, which is subtracted


def test_the_formulas_are_those_of_the_literature():
    rng = np.random.default_rng(3)
    c = rng.uniform(0.01, 0.2, (3, 20))
    d = np.array([0.4, 0.9, 0.6])
    for spheres, at in ((HardSpheres(d), d), (HardSpheres(np.full(3, 0.7)), np.full(3, 0.7))):
        expected = np.array([bmcsl(one, at) for one in c.T]).T
        np.testing.assert_allclose(spheres.potentials(c), expected, rtol=1e-10)
    eta = np.pi / 6 * 0.7**3 * c.sum(axis=0)
    np.testing.assert_allclose(HardSpheres(np.full(3, 0.7)).potentials(c)[0], carnahan_starling(eta), rtol=1e-10)


@pytest.mark.parametrize("excess", [HardSpheres(np.array([0.5, 0.9, 0.0])), Lattice(np.array([0.1, 2.0, 0.0]), 0.05)])
def test_concentrations_invert_the_potentials(excess):
    rng = np.random.default_rng(4)
    log_boltzmann = rng.uniform(-20, 12, (3, 400))
    c = concentrations(log_boltzmann, excess)
    np.testing.assert_allclose(np.log(c) + excess.potentials(c), log_boltzmann, atol=1e-9)
    step, slopes = 1e-5, sensitivities(c, excess)
    for j in range(3):
        shift = step * (np.arange(3) == j)[:, None]
        ends = (concentrations(log_boltzmann + sign * shift, excess, c) for sign in (1, -1))
        numeric = np.subtract(*ends) / (2 * step)
        np.testing.assert_allclose(slopes[:, :, j].T, numeric, rtol=1e-5, atol=1e-8)


def test_sizes_of_any_ratio_agree_where_both_ways_exist():
    """At a ratio of 8 of volumes, which closed forms still reach."""
    below, above = (
        salt(0.6e-9, 0.4e-9, solvent_diameter=size, concentration=400.0) for size in (0.3e-9, 0.3e-9 * (1 - 1e-6))
    )
    assert below.pointwise_excess() is None
    assert above.pointwise_excess() is not None
    rng = np.random.default_rng(5)
    w, phi = rng.uniform(-3, 3, (2, 50)), rng.uniform(-12, 12, 50)
    found = [
        forms.concentrations(list(w), phi, forms.coefficients(one, Scales.of(one), float), exp=np.exp)
        for one in (below, above)
    ]
    np.testing.assert_allclose(found[1], found[0], rtol=1e-4)


def test_currents_of_a_stack_balance_for_hard_spheres(small_mesh, small_settings):
    electrolyte = salt(0.45e-9, 0.8e-9, concentration=500.0, excess="bmcsl")
    run = solve(
        small_mesh,
        electrolyte=electrolyte,
        drive=TriangularDrive(half_cycle=50e-9),
        settings=small_settings,
        sampling=Sampling(cuts=(-7e-9, -3e-9)),
    )
    assert imbalance(run) < 1e-8
    flux = run.gap_flux.sum("part")
    assert float(np.abs(flux - run.trans_slit_current)[1:].max()) < 1e-8 * float(np.abs(flux).max())


def test_quadratic_elements_carry_hard_spheres_too(rectangle):
    x = -graded(16.0, 0.05, 1.1)[::-1]
    mesh = rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")
    electrolyte, excess, _ = cases()[0]
    exact = plate_charge(electrolyte, 0.11, excess)
    assert equilibrium_charge(mesh, electrolyte, 0.11, degree=2) == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize("potential", [0.05, 0.5])
def test_charge_of_a_plate_in_a_solvent_that_saturates(rectangle, potential):
    """The field E at the plate holds int E dD(E) = the osmotic pressure of the ions, with D(E) as Booth has it."""
    electrolyte = Electrolyte(saturation=1.41e-8)
    spacing = compressed_length(electrolyte, [potential]) * 1e9 / 20
    mesh = rectangle(
        -graded(16.0, spacing, 1.08)[::-1],
        [0.0, 1.0],
        left="reservoir",
        right="electrode",
        bottom="mirror",
        top="mirror",
    )

    def displacement(field):
        x, n_squared = 1.41e-8 * field, 1.33**2
        share = 3 / x * (1 / np.tanh(x) - 1 / x) if x > 1e-3 else 1.0
        return constants.epsilon_0 * (n_squared + (78.5 - n_squared) * share) * field

    def energy(field):
        return field * displacement(field) - integrate.quad(displacement, 0, field, epsabs=0, limit=200)[0]

    crowding = 2 * electrolyte.packing_fraction * np.sinh(potential / electrolyte.thermal_voltage / 2) ** 2
    pressure = constants.k * electrolyte.temperature * np.log1p(crowding) / electrolyte.site_volume
    field = optimize.brentq(lambda e: energy(e) / pressure - 1, 1e6, 1e11)
    assert equilibrium_charge(mesh, electrolyte, potential) == pytest.approx(displacement(field), rel=2e-3)
    assert surface_charge(electrolyte, potential) == pytest.approx(displacement(field), rel=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"excess": "carnahan_starling", "cation": 0.4e-9}, 'knows one diameter; use "bmcsl"'),
        ({"excess": "bmcsl", "solvent_diameter": 0.3e-9}, "solvent_diameter = .* has no effect"),
        ({"excess": "bmcsl", "cation": 0.0, "anion": 0.0}, "needs ions with a size"),
        ({"saturation": 1e-8, "correlation_length": 1e-9}, "no equation has both; leave one out"),
        ({"saturation": 1e-8, "refractive_index": 9.0}, "refractive_index = 9.0 must lie between 1 and the root"),
        ({"excess": "bmcsl", "cation": 1.2e-9, "anion": 1.2e-9}, r"nu = sum pi/6 a\^3 c0 = 1\.09 must be below 1"),
    ],
)
def test_mistakes_are_named(options, message):
    sizes = {"cation": 0.5e-9, "anion": 0.5e-9} | options
    with pytest.raises(InputError, match=message):
        salt(**sizes)
