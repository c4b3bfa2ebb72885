"""Exact answer: the equilibrium charge of a plate in an electrolyte of ions of finite size.

|q| = 2 z e c0 lambda_D sqrt((2/nu) ln g), g = 1 + 2 nu sinh^2(u/2); Gouy-Chapman 4 z e c0 lambda_D sinh(u/2) for
nu -> 0. Source: Kilic, Bazant, Ajdari, Phys. Rev. E 75, 021502 (2007).
"""

import numpy as np
import pytest
from scipy import constants, integrate

from ionspice.fem import Electrolyte, SolverSettings, Species, StepDrive, solve
from tests.fem.support import graded

#: long enough for diffusion over the computed 16 nm to end
DURATION = 2e-6


def exact_charge(electrolyte, potential):
    """Return the charge per area [C/m^2]."""
    u = potential / electrolyte.thermal_voltage
    scale = 2 * constants.e * electrolyte.species[0].number_density * electrolyte.debye_length
    nu = electrolyte.packing_fraction
    if nu == 0:
        return 2 * scale * np.sinh(u / 2)
    return scale * np.sqrt(2 / nu * np.log(1 + 2 * nu * np.sinh(u / 2) ** 2))


def computed_charge(rectangle, electrolyte, potential, *, cell=0.01, **options):
    x = -graded(16.0, cell, 1.05)[::-1]
    mesh = rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")
    run = solve(mesh, electrolyte=electrolyte, drive=StepDrive(amplitude=potential, duration=DURATION), **options)
    return float(run.electrode_charge[-1]) / 1e-9, run


@pytest.mark.parametrize(
    ("ion_diameter", "potential"), [(0.60e-9, 0.11), (0.60e-9, 0.5), (0.60e-9, -0.11), (0.8e-9, 0.2), (0.0, 0.11)]
)
def test_charge_of_a_plate_agrees_to_a_tenth_of_a_percent(rectangle, ion_diameter, potential):
    electrolyte = Electrolyte(ion_diameter=ion_diameter)
    charge, run = computed_charge(rectangle, electrolyte, potential)
    exact = np.sign(potential) * exact_charge(electrolyte, abs(potential))
    assert charge == pytest.approx(exact, rel=1e-3)
    # Neutrality of the whole: the double layer mirrors the electrode.
    assert float(run.open_charge[-1]) / 1e-9 == pytest.approx(-exact, rel=1e-3)


def test_the_charge_converges_with_second_order(rectangle):
    electrolyte = Electrolyte()
    errors = []
    for cells in (16, 32, 64):
        x = -np.linspace(0, 3.2, cells + 1)[::-1]
        mesh = rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")
        run = solve(mesh, electrolyte=electrolyte, drive=StepDrive(amplitude=0.05, duration=DURATION))
        errors.append(abs(float(run.electrode_charge[-1]) / 1e-9 / exact_charge(electrolyte, 0.05) - 1))
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert orders == pytest.approx([2, 2], abs=0.15)


def test_quadratic_elements_are_more_accurate(rectangle):
    electrolyte = Electrolyte()
    settings = SolverSettings(degree=2)
    charge, _ = computed_charge(rectangle, electrolyte, 0.11, cell=0.05, settings=settings)
    coarse, _ = computed_charge(rectangle, electrolyte, 0.11, cell=0.05)
    exact = exact_charge(electrolyte, 0.11)
    assert abs(charge / exact - 1) < 0.1 * abs(coarse / exact - 1)


def test_a_stern_layer_is_a_capacitor_in_series(rectangle):
    """phi_m = u_diffuse + q lambda_S / eps with q the plate's charge at u_diffuse."""
    electrolyte, stern = Electrolyte(), 0.3e-9
    charge, _ = computed_charge(rectangle, electrolyte, 0.2, stern_layer=stern)
    diffuse = 0.2 - charge * stern / electrolyte.permittivity
    assert charge == pytest.approx(exact_charge(electrolyte, diffuse), rel=2e-3)


def test_the_free_energy_falls_after_a_step(rectangle):
    _, run = computed_charge(rectangle, Electrolyte(), 0.11)
    energy = run.free_energy.values[1:]  # the jump itself changes the electrode's supply
    assert np.diff(energy).max() < 1e-9 * abs(energy[-1])
    assert energy[-1] < 0


def test_a_neutral_solute_is_crowded_out_by_the_ions(rectangle):
    """Its ions' charge does not notice it; what is missing of it is int c_n0 (1/g - 1) dx, with du/dx of the ions."""
    salt = Electrolyte(ion_diameter=0.7e-9).species
    sugar = Species(name="sugar", valence=0, diffusivity=5e-10, concentration=500.0)
    electrolyte, potential = Electrolyte(ion_diameter=0.6e-9, species=(*salt, sugar)), 0.3
    charge, run = computed_charge(rectangle, electrolyte, potential)
    c0, volume = salt[0].number_density, electrolyte.site_volume

    def crowding(u):
        return 4 * volume * c0 * np.sinh(u / 2) ** 2

    def field(u):
        pressure = constants.k * electrolyte.temperature * np.log1p(crowding(u)) / volume
        return np.sqrt(2 * pressure / electrolyte.permittivity)

    def missing(u):
        return sugar.number_density * (1 / (1 + crowding(u)) - 1) * electrolyte.thermal_voltage / field(u)

    u0 = potential / electrolyte.thermal_voltage
    assert charge == pytest.approx(electrolyte.permittivity * field(u0), rel=1e-3)
    exact = integrate.quad(missing, 0.0, u0)[0]
    ions = run.open_species_ions.sel(species="sugar").values
    assert (ions[-1] - ions[0]) / 1e-9 == pytest.approx(exact, rel=2e-3)
