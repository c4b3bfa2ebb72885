"""Exact answers: Grahame's equation and its kin for fixed charges, capacitors in series for solids.

A plane whose ions are at the potential phi has the charge sqrt(8 eps kT c0) sinh(e phi/2kT); solids of thicknesses t
between electrode and ions add (phi_m - phi)/(sum t/eps) to the charge of their face.
"""

import numpy as np
import pytest
from scipy import constants, optimize

from ionspice.core import InputError
from ionspice.fem import Electrolyte, Sampling, Solid, SolverSettings, StepDrive, Surface, TriangularDrive, solve
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI
from ionspice.fem.problem import FieldProblem
from ionspice.fem.stepping import start
from ionspice.fem.surroundings import Surroundings
from tests.fem.support import graded, imbalance, layered

POINTS = Electrolyte(ion_diameter=0.0)
#: of lambda_D in the cells next to the surface, as the default mesh has them
FIRST = 0.01


def grahame(electrolyte, potential):
    """Return the charge [C/m^2] of a plane in a symmetric salt of point ions."""
    c0 = electrolyte.species[0].number_density
    scale = np.sqrt(8 * electrolyte.permittivity * constants.k * electrolyte.temperature * c0)
    return scale * np.sinh(potential / electrolyte.thermal_voltage / 2)


def plate(tmp_path, *solids, length=16.0, wall=False, end="electrode"):
    """Mesh electrolyte, then solids of thicknesses [nm], then an electrode."""
    layers, x = [("open", -graded(length, FIRST, 1.05)[::-1])], 0.0
    for number, thickness in enumerate(solids, start=1):
        layers.append((f"solid_{number}", np.linspace(x, x + thickness, 6)))
        x += thickness
    lines = {-length: "reservoir", x: end} | ({0.0: "wall_1"} if wall else {})
    return layered(tmp_path / "plate.vtu", layers, lines)


def potential_at_face(problem, x=0.0):
    nodes = np.abs(problem.space.tabulate_dof_coordinates()[:, 0] - x) < 1e-9
    phi = problem.u.x.array.reshape(-1, problem.components)[nodes, problem.species]
    return float(phi.mean()) * problem.scales.potential


@pytest.mark.parametrize("charge", [-0.3, -0.02, 0.1])
def test_a_charged_wall_obeys_grahame(tmp_path, charge):
    """In front of a metre of vacuum, as good as nothing."""
    mesh = layered(
        tmp_path / "wall.vtu",
        [("open", -graded(16.0, 0.001, 1.05)[::-1]), ("solid_1", np.array([0.0, 1e3, 9e5]))],
        {-16.0: "reservoir", 0.0: "wall_1", 9e5: "electrode"},
    )
    around = Surroundings(
        surfaces=(Surface(name="wall_1", charge=charge),), solids=(Solid(name="solid_1", relative_permittivity=1.0),)
    )
    problem = FieldProblem(read_domain(mesh, MPI.COMM_SELF), POINTS, surroundings=around)
    start(problem)
    assert grahame(POINTS, potential_at_face(problem)) == pytest.approx(charge, rel=2e-3)
    net = problem.stored_ions().reshape(-1, problem.components)[:, :2] @ [1, -1]
    assert net.sum() * problem.scales.ionic_charge / 1e-9 == pytest.approx(-charge, rel=2e-3)


@pytest.mark.parametrize("charge", [-0.15, 0.05])
def test_charge_fixed_behind_a_stern_layer_obeys_grahame(tmp_path, charge):
    """At phi_m = 0: sigma - (eps/lambda_S) phi = Grahame's charge of phi."""
    stern = 0.3e-9
    surface = Surface(name="electrode", charge=charge)
    run = solve(
        plate(tmp_path),
        electrolyte=POINTS,
        surroundings=Surroundings(stern_layer=stern, surfaces=(surface,)),
        drive=StepDrive(amplitude=0.05, duration=2e-6),
    )
    for index, phi_m in ((0, 0.0), (-1, 0.05)):
        capacitance = POINTS.permittivity / stern

        def excess(phi, phi_m=phi_m, capacitance=capacitance):
            return charge + capacitance * (phi_m - phi) - grahame(POINTS, phi)

        metal = capacitance * (phi_m - optimize.brentq(excess, -1, 1))
        assert float(run.electrode_charge[index]) / 1e-9 == pytest.approx(metal, rel=3e-3)
        assert float(run.open_charge[index]) / 1e-9 == pytest.approx(-metal - charge, rel=3e-3)


@pytest.mark.parametrize("charge", [0.0, -0.1])
def test_solids_are_capacitors_in_series(tmp_path, charge):
    permittivities, thicknesses, amplitude = (4.0, 10.0), (1.0, 2.0), 0.4
    solids = tuple(Solid(name=f"solid_{n}", relative_permittivity=eps) for n, eps in enumerate(permittivities, 1))
    run = solve(
        plate(tmp_path, *thicknesses, wall=True),
        electrolyte=POINTS,
        surroundings=Surroundings(solids=solids, surfaces=(Surface(name="wall_1", charge=charge),)),
        drive=StepDrive(amplitude=amplitude, duration=2e-6),
    )
    series = sum(t * 1e-9 / (eps * constants.epsilon_0) for t, eps in zip(thicknesses, permittivities, strict=True))
    face = optimize.brentq(lambda phi: charge + (amplitude - phi) / series - grahame(POINTS, phi), -1, 1)
    metal = (amplitude - face) / series
    assert float(run.electrode_charge[-1]) / 1e-9 == pytest.approx(metal, rel=2e-3)
    assert float(run.open_charge[-1]) / 1e-9 == pytest.approx(-metal - charge, rel=3e-3)


def test_two_solids_alone_are_a_capacitor(tmp_path):
    """Far thicker than the double layer: C = 1/(t_1/eps_1 + t_2/eps_2) but for lambda_D/eps."""
    solids = (Solid(name="solid_1", relative_permittivity=2.0), Solid(name="solid_2", relative_permittivity=5.0))
    run = solve(
        plate(tmp_path, 30.0, 50.0),
        electrolyte=POINTS,
        surroundings=Surroundings(solids=solids),
        drive=StepDrive(amplitude=0.02, duration=2e-6),
    )
    layer = POINTS.debye_length / POINTS.permittivity
    exact = 0.02 / ((30e-9 / 2.0 + 50e-9 / 5.0) / constants.epsilon_0 + layer)
    assert float(run.electrode_charge[-1]) / 1e-9 == pytest.approx(exact, rel=1e-4)


def test_a_potential_of_zero_charge_shifts_the_electrode(tmp_path):
    mesh, settings = plate(tmp_path), SolverSettings(tolerance=1e-3)
    shifted = solve(
        mesh,
        surroundings=Surroundings(surfaces=(Surface(name="electrode", zero_charge_potential=0.08),)),
        drive=StepDrive(amplitude=0.08, duration=2e-6),
        settings=settings,
    )
    plain = solve(mesh, drive=StepDrive(amplitude=-0.08, duration=2e-6), settings=settings)
    assert float(shifted.electrode_charge[0]) == pytest.approx(float(plain.electrode_charge[-1]), rel=1e-4)
    assert abs(float(shifted.electrode_charge[-1])) < 1e-4 * abs(float(shifted.electrode_charge[0]))


def test_currents_balance_with_charged_walls_and_solids(tmp_path, rectangle):
    """Conduction and displacement current through any cut are the electrode's, to 1e-8 of the peak."""
    x, y = -graded(10.0, 0.05, 1.3)[::-1], graded(3.0, 0.05, 1.3)
    channel = rectangle(x, y, left="reservoir", right="electrode", bottom="wall_1", top="mirror")
    cuts = Sampling(cuts=(-7e-9, -1e-9))
    drive, settings = TriangularDrive(half_cycle=50e-9), SolverSettings(tolerance=2e-3, steps_per_ramp=20)
    wall = Surface(name="wall_1", charge=-0.08)
    for run in (
        solve(mesh, surroundings=around, drive=drive, settings=settings, sampling=cuts)
        for mesh, around in (
            (channel, Surroundings(surfaces=(wall,))),
            (
                plate(tmp_path, 1.0, wall=True),
                Surroundings(surfaces=(wall,), solids=(Solid(name="solid_1", relative_permittivity=5.0),)),
            ),
        )
    ):
        assert imbalance(run) < 1e-8
        assert abs(float(run.open_charge[0])) > 10 * float(np.abs(np.diff(run.open_charge)).max())


def test_a_sealed_cell_with_fixed_charges_keeps_its_ions(tmp_path):
    half = graded(8.0, 0.05, 1.3)
    layers = [("counter_side", half[:-1] - 16.0), ("open", np.concatenate([[half[-2] - 16.0, -8.0], -half[-2::-1]]))]
    mesh = layered(tmp_path / "cell.vtu", layers, {-16.0: "counter", 0.0: "electrode"})
    surfaces = (Surface(name="electrode", charge=-0.02), Surface(name="counter", zero_charge_potential=0.1))
    around = Surroundings(stern_layer=0.3e-9, surfaces=surfaces)
    run = solve(
        mesh,
        surroundings=around,
        drive=TriangularDrive(half_cycle=50e-9),
        settings=SolverSettings(tolerance=2e-3, steps_per_ramp=20),
    )
    ions = run.open_species_ions.values
    assert ions == pytest.approx(np.tile(ions[:1], (len(ions), 1)), rel=1e-9)
    step = StepDrive(amplitude=0.1, duration=5e-7)
    energy = solve(mesh, surroundings=around, drive=step).free_energy.values[1:]
    assert np.diff(energy).max() < 1e-8 * abs(energy[-1])


def test_a_stern_layers_field_counts_in_the_free_energy(tmp_path):
    """The grand energy of a linear electrode is -Q phi_m/2."""
    run = solve(plate(tmp_path), stern_layer=1e-9, drive=StepDrive(amplitude=1e-3, duration=2e-6))
    assert float(run.free_energy[-1]) == pytest.approx(-float(run.electrode_charge[-1]) * 1e-3 / 2, rel=2e-3)


def test_surfaces_are_those_of_the_mesh(tmp_path):
    mesh = plate(tmp_path, 1.0)
    one, two = (Solid(name=f"solid_{n}", relative_permittivity=2) for n in (1, 2))
    for around, message in (
        (Surroundings(surfaces=(Surface(name="wall_1"),), solids=(one,)), "wall_1 is no boundary of the mesh"),
        (Surroundings(), r"region solid_1 of the mesh has no permittivity; give it in \[\[solids\]\]"),
        (Surroundings(solids=(one, two)), "solid solid_2 is no region of the mesh"),
    ):
        with pytest.raises(InputError, match=message):
            solve(mesh, surroundings=around)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Surface(name="wall"), r'surface "wall" is none; use electrode, counter, wall_1'),
        (lambda: Surface(name="wall_1", zero_charge_potential=0.1), "insulating wall has no potential of its own"),
        (lambda: Surroundings(surfaces=(Surface(name="electrode", charge=0.1),)), r"give \[electrode\] stern_layer"),
        (lambda: Surroundings(surfaces=(Surface(name="wall_1"),) * 2), "surface wall_1 is there 2 times"),
        (lambda: Solid(name="solid_1", relative_permittivity=0.5), "must be 1 .vacuum. or more"),
        (lambda: Solid(name="gap_1", relative_permittivity=2), "is none; use solid_1"),
    ],
)
def test_mistakes_are_named_with_a_remedy(make, message):
    with pytest.raises(InputError, match=message):
        make()
