"""Exact answers: Goldman, Henderson, Teorell-Meyer-Sievers; an independent integration along a cone; conservation.

Electroneutral ions of one salt of unequal diffusivities between concentrations c1 and c2, or of several of equal
total concentration, are at open circuit at the potentials of Henderson and Goldman. A charge X per volume fixed in a
membrane adds Donnan's steps at both faces (Teorell 1935; Meyer and Sievers 1936).
"""

import numpy as np
import pytest
from scipy import constants, integrate

from ionspice.core import InputError
from ionspice.core.drives import ConstantCurrent, Elapsed, Leg, LegSequence, parse_protocol
from ionspice.core.reservoirs import SecondReservoir
from ionspice.fem import Electrolyte, Sampling, Species, StepDrive, Surface, Surroundings, solve
from ionspice.meshes import Channel, MeshGrading, write_mesh
from tests.fem.support import COARSE, graded, imbalance, layered, mpiexec

SODIUM, CHLORIDE, POTASSIUM = 1.33e-9, 2.03e-9, 1.96e-9
VOLT = Electrolyte().thermal_voltage
FARADAY = constants.physical_constants["Faraday constant"][0]


def electrolyte(*ions):
    """Return point ions of (name, valence, diffusivity, concentration [mol/m^3])."""
    species = (Species(name=n, valence=z, diffusivity=d, concentration=c) for n, z, d, c in ions)
    return Electrolyte(ion_diameter=0.0, species=tuple(species))


def salt(concentration):
    return electrolyte(("Na+", 1, SODIUM, concentration), ("Cl-", -1, CHLORIDE, concentration))


def rest(duration):
    leg = Leg(control=ConstantCurrent(0.0), ends=(Elapsed(duration),))
    return LegSequence(legs=(leg,), swing=0.1, charged=Elapsed(duration))


def between(**changes):
    """Return surroundings of a second reservoir with other concentrations and of charged walls."""
    surfaces = changes.pop("surfaces", ())
    return Surroundings(second_reservoir=SecondReservoir(concentrations=changes), surfaces=surfaces)


def junction(tmp_path, length=400.0, cells=161):
    """Mesh electrolyte alone between the reservoirs."""
    x = np.linspace(-length, 0.0, cells)
    return layered(tmp_path / "junction.vtu", [("open", x)], {-length: "reservoir", 0.0: "reservoir_2"})


def narrow(tmp_path, half_width, far_half_width, charge, length=3000e-9):
    """Mesh a channel so narrow that no potential varies across it; return it and its wall's surface."""
    channel = Channel(
        half_width=half_width, far_half_width=far_half_width, length=length, sections=1, wall=3e-9, open_length=5e-9
    )
    write_mesh(tmp_path / "channel.msh", channel, MeshGrading(wall_spacing=0.1e-9, growth=1.3))
    return tmp_path / "channel.msh", (Surface(name="wall_1", charge=charge),)


def teorell_meyer_sievers(c1, c2, fixed):
    """Return the potential [V] behind a membrane of `fixed` surplus cations [mol/m^3]."""
    preference = (SODIUM - CHLORIDE) / (SODIUM + CHLORIDE)
    roots = [np.sqrt(fixed**2 + 4 * c**2) for c in (c1, c2)]
    steps = [-np.log((fixed + root) / (2 * c)) for c, root in zip((c1, c2), roots, strict=True)]
    inside = -preference * np.log((roots[1] + preference * fixed) / (roots[0] + preference * fixed))
    return VOLT * (steps[0] + inside - steps[1])


def test_two_salts_of_one_concentration_are_at_goldmans_potential(tmp_path):
    ions = electrolyte(("K+", 1, POTASSIUM, 10.0), ("Na+", 1, SODIUM, 90.0), ("Cl-", -1, CHLORIDE, 100.0))
    around = between(**{"K+": 90.0, "Na+": 10.0})
    run = solve(junction(tmp_path), electrolyte=ions, surroundings=around, drive=rest(1e-3), settings=COARSE)
    moved = [sum(p * c for p, c in zip((POTASSIUM, SODIUM), pair, strict=True)) for pair in ((10, 90), (90, 10))]
    exact = -VOLT * np.log((moved[1] + CHLORIDE * 100) / (moved[0] + CHLORIDE * 100))
    assert float(run.electrode_potential[-1]) == pytest.approx(exact, rel=1e-3)


def test_one_salt_is_at_hendersons_potential(tmp_path):
    around = between(**{"Na+": 200.0, "Cl-": 200.0})
    run = solve(junction(tmp_path), electrolyte=salt(10.0), surroundings=around, drive=rest(1e-3), settings=COARSE)
    exact = (CHLORIDE - SODIUM) / (CHLORIDE + SODIUM) * VOLT * np.log(200.0 / 10.0)
    assert float(run.electrode_potential[-1]) == pytest.approx(exact, rel=3e-3)


def test_salt_alone_conducts_as_ohm_says(tmp_path):
    run = solve(
        junction(tmp_path, cells=41),
        electrolyte=salt(10.0),
        surroundings=between(),
        drive=StepDrive(amplitude=0.1, duration=1e-3),
        settings=COARSE,
    )
    conductivity = FARADAY / VOLT * 10.0 * (SODIUM + CHLORIDE)
    assert float(run.electrode_current[-1]) / 1e-9 == pytest.approx(conductivity * 0.1 / 400e-9, rel=1e-6)
    flux = run.reservoir_flux[-1].values
    assert flux[0] / -flux[1] == pytest.approx(SODIUM / CHLORIDE, rel=1e-6)


@pytest.mark.parametrize("fixed", [800.0, -300.0])
def test_a_charged_slit_is_at_the_potential_of_teorell_meyer_and_sievers(tmp_path, fixed):
    half = 0.25e-9
    mesh, surfaces = narrow(tmp_path, half, half, -fixed * half * FARADAY)
    around = between(surfaces=surfaces, **{"Na+": 1000.0, "Cl-": 1000.0})
    run = solve(mesh, electrolyte=salt(100.0), surroundings=around, drive=rest(0.1), settings=COARSE)
    exact = teorell_meyer_sievers(100.0, 1000.0, fixed)
    assert float(run.electrode_potential[-1]) == pytest.approx(exact, rel=5e-3)


def cone_current(potential, concentration, half_widths, charge, length):
    """Return the current per depth [A/m] of half a slit that narrows, neutral with its wall at every x (Donnan)."""

    diffusivities, signs = np.array([[SODIUM], [CHLORIDE]]), np.array([1.0, -1.0])
    unit = CHLORIDE * concentration * half_widths[1] / length

    def slope(share, mu, flux):
        height = half_widths[0] + (half_widths[1] - half_widths[0]) * share
        lean = np.arcsinh(-charge / (2 * height * FARADAY * concentration) / np.exp(mu.mean(axis=0)))
        c = concentration * np.exp(mu.mean(axis=0) + signs[:, None] * lean)
        return -flux[:, None] * unit * length / (diffusivities * c * height)

    def ends(mu_0, mu_1, flux):
        return np.concatenate([mu_0, mu_1 - signs * potential / VOLT])

    share = np.linspace(0, 1, 201)
    found = integrate.solve_bvp(slope, ends, share, np.outer(signs * potential / VOLT, share), p=-signs, tol=1e-7)
    assert found.success
    return -FARADAY * unit * float(signs @ found.p)


def test_a_charged_cone_rectifies(tmp_path):
    """Against fluxes that are integrated along it, with a potential that does not vary across."""
    halves, charge, length = (2e-9, 0.5e-9), -4e-3, 3000e-9
    mesh, surfaces = narrow(tmp_path, *halves, charge, length)
    currents = []
    for potential in (0.3, -0.3):
        run = solve(
            mesh,
            electrolyte=salt(10.0),
            surroundings=between(surfaces=surfaces),
            drive=StepDrive(amplitude=potential, duration=0.05),
            settings=COARSE,
        )
        currents.append(float(run.electrode_current[-1]))
        exact = cone_current(potential, 10.0, halves, charge, length)
        assert currents[-1] == pytest.approx(exact, rel=5e-3)
    assert not 0.8 < -currents[0] / currents[1] < 1.25


STEP = """
import sys
from ionspice.core.reservoirs import SecondReservoir
from ionspice.fem import Electrolyte, Surface, Surroundings
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI
from ionspice.fem.problem import FieldProblem
second = SecondReservoir(concentrations={"K+": 100.0, "Cl-": 100.0})
around = Surroundings(second_reservoir=second, surfaces=(Surface(name="wall_1", charge=-0.05),))
problem = FieldProblem(read_domain(sys.argv[1], MPI.COMM_WORLD), Electrolyte(), surroundings=around)
problem.set_scale(swing=5.0, ramp=1e4)
problem.set_electrode_potential(2.0)
problem.solve_step(1e-4, -problem.stored_ions() / 1e4)
values = [problem.electrode_charge(), *problem.far.fluxes()]
if MPI.COMM_WORLD.rank == 0:
    print(*map(float, values))
"""


def test_two_ranks_agree_on_what_flows(tmp_path):
    channel = Channel(length=12e-9, sections=2, wall=2e-9, open_length=4e-9)
    write_mesh(tmp_path / "channel.msh", channel, MeshGrading(wall_spacing=0.15e-9, growth=1.6))
    done = [mpiexec(ranks, STEP, tmp_path / "channel.msh") for ranks in (1, 2)]
    one, two = (np.array(result.stdout.split(), dtype=float) for result in done)
    assert len(one) == 3
    assert two == pytest.approx(one, rel=1e-8)


def test_currents_balance_between_two_reservoirs(tmp_path):
    channel = Channel(length=12e-9, sections=2, wall=2e-9, open_length=4e-9)
    write_mesh(tmp_path / "channel.msh", channel, MeshGrading(wall_spacing=0.15e-9, growth=1.6))
    run = solve(
        tmp_path / "channel.msh",
        electrolyte=Electrolyte(),
        surroundings=between(surfaces=(Surface(name="wall_1", charge=-0.05),), **{"K+": 100.0, "Cl-": 100.0}),
        drive=parse_protocol(["Sweep to 0.1 V at 1e6 V/s", "Sweep to -0.1 V at 1e6 V/s"]),
        settings=COARSE,
        sampling=Sampling(cuts=(-2e-9, 6e-9, 14e-9)),
    )
    assert imbalance(run) < 1e-8
    gaps = run.gap_flux.sum("part")
    assert np.abs(run.trans_slit_current - gaps)[1:].max() < 1e-8 * np.abs(gaps).max()
    carried = constants.e * (run.reservoir_flux @ run.species_valence)
    assert run.reservoir_current.values == pytest.approx(carried.values, rel=1e-12)
    assert float(np.abs(run.reservoir_current[0])) > 0.01 * float(np.abs(run.reservoir_current).max())


def test_an_electrode_beside_two_reservoirs_charges_while_salt_flows(tmp_path, rectangle):
    """A slit with conducting walls, which at 0 V lets as much salt through as one without charge."""
    x, y = np.linspace(0.0, 60.0, 61), 1.0 - graded(1.0, 0.1, 1.4)[::-1]
    mesh = rectangle(x, y, left="reservoir", right="reservoir_2", bottom="mirror", top="electrode")
    ions = electrolyte(("K+", 1, 1e-9, 100.0), ("Cl-", -1, 1e-9, 100.0))
    second = SecondReservoir(concentrations={"K+": 10.0, "Cl-": 10.0}, driven=False)
    run = solve(
        mesh,
        electrolyte=ions,
        surroundings=Surroundings(second_reservoir=second),
        drive=StepDrive(amplitude=0.05, duration=1e-5),
        settings=COARSE,
    )
    flux = -run.reservoir_flux[0] / constants.N_A * 60e-9 / (1e-9 * 1e-9)
    assert flux.values == pytest.approx(90.0, rel=1e-3)
    # At 0.05 V the walls gather anions, which no longer pass as cations do.
    assert float(run.electrode_charge[-1]) > 0
    assert float(run.reservoir_flux[-1, 1] / run.reservoir_flux[-1, 0]) > 1.5


@pytest.mark.parametrize(
    ("concentrations", "message"),
    [
        ({"Ca2+": 1.0}, r"species Ca2\+ is not in the electrolyte"),
        ({"Na+": 0.0}, r"concentration of Na\+ = 0.0 mol/m\^3 must be greater than 0; .* very little"),
        ({"Na+": 20.0}, "second reservoir: bulk charge sum z c"),
    ],
)
def test_mistakes_are_named(concentrations, message):
    with pytest.raises(InputError, match=message):
        SecondReservoir(concentrations=concentrations).electrolyte(salt(10.0))


def test_reservoirs_are_those_of_the_mesh(tmp_path):
    plain = layered(tmp_path / "plate.vtu", [("open", np.linspace(-5, 0, 6))], {-5: "reservoir", 0: "electrode"})
    for mesh, around, message in (
        (plain, between(), "there is no boundary reservoir_2"),
        (junction(tmp_path, cells=5), Surroundings(), r"give \[second_reservoir\] concentrations"),
        (
            junction(tmp_path, cells=5),
            Surroundings(second_reservoir=SecondReservoir(), stern_layer=1e-9),
            "reactions and leakage are an electrode's",
        ),
    ):
        with pytest.raises(InputError, match=message):
            solve(mesh, surroundings=around)
