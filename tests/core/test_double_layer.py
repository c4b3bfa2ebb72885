"""Exact answers: Grahame's equation for point ions of any valence, Kilic I for equal sizes, Gouy-Chapman-Stern."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import constants, integrate, optimize

from ionspice.core.double_layer import (
    bulk_screening_length,
    compressed_length,
    correlated_length,
    diffuse_potential,
    surface_charge,
)
from ionspice.core.drives import (
    ConstantCurrent,
    Elapsed,
    GalvanostaticDrive,
    Leg,
    LegSequence,
    SineDrive,
    StepDrive,
    TableDrive,
    TriangularDrive,
    potential_range,
)
from ionspice.core.electrolyte import Electrolyte, Species


def salt(valences, concentrations, **options):
    kinds = zip(valences, concentrations, strict=True)
    species = (Species(name=f"{z:+d}", valence=z, diffusivity=2e-9, concentration=c) for z, c in kinds)
    return Electrolyte(species=tuple(species), **options)


@pytest.mark.parametrize(("valences", "concentrations"), [((1, -1), (100, 100)), ((2, -1), (100, 200))])
@pytest.mark.parametrize("potential", [-0.2, 0.05, 0.5])
def test_point_ions_obey_grahame(valences, concentrations, potential):
    electrolyte = salt(valences, concentrations, ion_diameter=0.0)
    u, energy = potential / electrolyte.thermal_voltage, constants.k * electrolyte.temperature
    excess = sum(c * constants.N_A * (math.exp(-z * u) - 1) for z, c in zip(valences, concentrations, strict=True))
    charge = math.copysign(math.sqrt(2 * electrolyte.permittivity * energy * excess), potential)
    assert surface_charge(electrolyte, potential) == pytest.approx(charge, rel=1e-9)


@pytest.mark.parametrize("solvent", [None, 0.45e-9])
def test_ions_of_a_size_have_room_for_so_many_only(solvent):
    electrolyte = Electrolyte(ion_diameter=0.6e-9, solvent_diameter=solvent)
    cap = math.sqrt(electrolyte.permittivity * electrolyte.thermal_voltage * 0.6e-9**3 / constants.e)
    assert compressed_length(electrolyte, [0.0, 3.0]) == pytest.approx(cap, rel=1e-6)
    assert compressed_length(electrolyte, []) == pytest.approx(electrolyte.debye_length)


@pytest.mark.parametrize("potential", [0.02, 0.3, -1.0, 3.0, 10.0])
def test_equal_sizes_charge_as_kilic_says(potential):
    electrolyte = Electrolyte()
    nu, u = electrolyte.packing_fraction, potential / electrolyte.thermal_voltage
    scale = 2 * constants.e * electrolyte.species[0].number_density * electrolyte.debye_length
    exact = math.copysign(scale * math.sqrt(2 / nu * math.log(1 + 2 * nu * math.sinh(u / 2) ** 2)), potential)
    assert surface_charge(electrolyte, potential) == pytest.approx(exact, rel=1e-9)
    # sizes that differ by nothing go the general way to the same
    almost = Electrolyte(solvent_diameter=0.6e-9 * (1 + 1e-7))
    assert surface_charge(almost, potential) == pytest.approx(exact, rel=1e-5)


def lattice_density(u):
    """Return rho/e [1/m^3] where cations of 0.5, anions of 0.7 and a solvent of 0.45 nm share all room."""
    sites, bulk = (0.5e-9**3, 0.7e-9**3, 0.45e-9**3), 1000 * constants.N_A
    cation, anion, solvent = sites
    nu = bulk * (cation + anion)

    def excess(room):
        taken = bulk * cation * math.exp(-u + cation / solvent * room)
        return taken + bulk * anion * math.exp(u + anion / solvent * room) + (1 - nu) * math.exp(room) - 1

    room = optimize.brentq(excess, -u * solvent / anion - 20, 0.0, xtol=1e-12)
    return bulk * (math.exp(-u + cation / solvent * room) - math.exp(u + anion / solvent * room))


def sphere_density(u):
    """Return rho/e [1/m^3] of spheres of 0.6 nm by Carnahan and Starling, 2 mol/L in the bulk."""
    volume = math.pi / 6 * 0.6e-9**3

    def potential(eta):
        return math.log(eta) + eta * (8 - 9 * eta + 3 * eta**2) / (1 - eta) ** 3

    goal = potential(2000 * constants.N_A * volume) + math.log(math.cosh(u))
    eta = optimize.brentq(lambda x: potential(x) - goal, 1e-6, 0.99)
    return -eta / volume * math.tanh(u)


@pytest.mark.parametrize("potential", [0.3, 1.2, 3.0])
@pytest.mark.parametrize("kind", ["lattice", "spheres"])
def test_crowded_ions_charge_as_a_quadrature_says(kind, potential):
    """sigma^2 = -2 eps int rho dV from the bulk to the plane."""
    if kind == "lattice":
        electrolyte = salt((1, -1), (1000, 1000), solvent_diameter=0.45e-9)
        cation, anion = electrolyte.species
        electrolyte = replace(
            electrolyte, species=(replace(cation, diameter=0.5e-9), replace(anion, diameter=0.7e-9))
        )
    else:
        electrolyte = salt((1, -1), (1000, 1000), ion_diameter=0.6e-9, excess="carnahan_starling")
    density = lattice_density if kind == "lattice" else sphere_density
    u = potential / electrolyte.thermal_voltage
    work, _ = integrate.quad(lambda v: -density(v), 0.0, u, epsrel=1e-9, limit=200)
    energy = constants.e * electrolyte.thermal_voltage
    exact = math.sqrt(2 * electrolyte.permittivity * energy * work)
    assert surface_charge(electrolyte, potential) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("charge", [-1.5, 0.9, 3.0])
def test_walls_bear_as_much_charge_as_crowded_ions_screen(charge):
    electrolyte = Electrolyte()
    diffuse = diffuse_potential(electrolyte, 0.0, math.inf, charge)
    assert surface_charge(electrolyte, diffuse) == pytest.approx(charge)


def test_a_stern_layer_takes_its_share_of_3_volts():
    electrolyte, stern = Electrolyte(), 0.3e-9
    diffuse = diffuse_potential(electrolyte, 3.0, stern)
    assert diffuse + surface_charge(electrolyte, diffuse) * stern / electrolyte.permittivity == pytest.approx(3.0)


def test_point_ions_are_compressed_as_boltzmann_says():
    electrolyte = salt((1, -1), (100, 100), ion_diameter=0.0)
    u = 0.3 / electrolyte.thermal_voltage
    expected = electrolyte.debye_length / math.sqrt(math.cosh(u))
    assert compressed_length(electrolyte, (0.0, -0.3)) == pytest.approx(expected)


def test_the_ions_that_the_sign_gathers_count():
    electrolyte = salt((2, -1), (100, 200), ion_diameter=0.0)
    assert compressed_length(electrolyte, [-0.1]) < compressed_length(electrolyte, [0.1])


def test_any_potential_leaves_a_length():
    assert 0 < compressed_length(salt((4, -1), (10, 40), ion_diameter=0.0), [-10.0]) < 1e-15


@pytest.mark.parametrize("potential", [-0.4, 0.4])
def test_a_stern_layer_takes_its_share(potential):
    electrolyte, stern = salt((1, -1), (100, 100), ion_diameter=0.0), 0.3e-9
    diffuse = diffuse_potential(electrolyte, potential, stern)
    drop = surface_charge(electrolyte, diffuse) * stern / electrolyte.permittivity
    assert diffuse + drop == pytest.approx(potential)
    assert compressed_length(electrolyte, [potential], stern) == pytest.approx(
        compressed_length(electrolyte, [diffuse])
    )
    assert compressed_length(electrolyte, [potential], stern) > 5 * compressed_length(electrolyte, [potential])


@pytest.mark.parametrize(
    ("drive", "expected"),
    [
        (TriangularDrive(amplitude=-0.2), (-0.2, 0.0)),
        (TriangularDrive(amplitude=0.2, lower=-0.3), (-0.3, 0.2)),
        (StepDrive(amplitude=0.5, duration=1e-6), (0.0, 0.5)),
        (SineDrive(amplitude=0.1, frequency=1e6), (-0.1, 0.1)),
        (TableDrive(times=(0.0, 1.0, 2.0), potentials=(0.1, 0.4, -0.1)), (-0.1, 0.4)),
        (GalvanostaticDrive(current=1.0, upper=0.3, lower=-0.1), (-0.1, 0.3)),
    ],
)
def test_the_range_of_a_drive_is_what_it_reaches(drive, expected):
    assert potential_range(drive) == expected


def test_a_current_that_a_time_ends_may_take_the_whole_swing():
    leg = Leg(control=ConstantCurrent(-0.1), ends=(Elapsed(1e-7),))
    assert potential_range(LegSequence(legs=(leg,), swing=0.2, charged=Elapsed(1e-7))) == (-0.2, 0.0)


@pytest.mark.parametrize("ratio", [1e-9, 0.1, 0.49, 0.5, 0.51, 2.0, 30.0])
def test_small_potentials_decay_as_the_roots_of_the_fourth_order_equation_say(ratio):
    debye_length = 0.3e-9
    squares = np.roots([ratio**2, -1.0, 1.0]).astype(complex)  # (q lambda)^2
    slowest = np.sqrt(squares).real.min()
    assert correlated_length(debye_length, ratio * debye_length) == pytest.approx(debye_length / slowest, rel=1e-6)


def test_an_ionic_liquid_screens_over_the_root_of_both_lengths():
    liquid = salt((1, -1), (4300, 4300), relative_permittivity=12.0, temperature=300.0, ion_diameter=0.55e-9)
    assert bulk_screening_length(liquid) == liquid.debye_length == pytest.approx(0.0575e-9, rel=1e-3)
    correlated = salt(
        (1, -1), (4300, 4300), relative_permittivity=12.0, temperature=300.0, ion_diameter=0.55e-9,
        correlation_length=0.5e-9,
    )  # fmt: skip
    limit = math.sqrt(2 * 0.5e-9 * liquid.debye_length)
    assert bulk_screening_length(correlated) == pytest.approx(limit, rel=0.03)
    assert compressed_length(correlated, (0.0,)) == bulk_screening_length(correlated)
    # what the electrode gathers shortens it by the root of what it shortens the Debye length by
    compressed = compressed_length(correlated, (0.5,)) / limit
    assert compressed == pytest.approx(math.sqrt(compressed_length(liquid, (0.5,)) / liquid.debye_length), rel=0.05)
