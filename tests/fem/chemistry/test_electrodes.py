"""Reactions at electrodes: Nernst's potential, the limiting current of diffusion, Frumkin's rate, conservation."""

import numpy as np
import pytest
from scipy import constants, optimize

from ionspice.core import InputError
from ionspice.core.drives import ConstantCurrent, Elapsed, Leg, LegSequence, parse_protocol
from ionspice.fem import (
    Leakage,
    Reaction,
    Sampling,
    SolverSettings,
    StepDrive,
    Surroundings,
    TriangularDrive,
    solve,
)
from tests.fem.support import COARSE, STERN, graded, imbalance, layered, point_ions


def electrolyte(*ions, background=1000.0):
    """Return point ions (name, valence, concentration [mol/m^3]) in KCl that balances their charge."""
    charge = sum(z * c for _, z, c in ions)
    salt = (("K+", 1, background), ("Cl-", -1, background + charge))
    return point_ions(*ions, *salt)


IRON = electrolyte(("Fe3+", 3, 20.0), ("Fe2+", 2, 5.0))
IRON_COUPLE = Reaction(oxidised="Fe3+", reduced="Fe2+", rate_constant=1e-3, standard_potential=0.03)
COPPER = electrolyte(("Cu2+", 2, 10.0))
COPPER_PLATE = Reaction(oxidised="Cu2+", electrons=2, rate_constant=1e-3, standard_potential=0.08)
FERROCENE = electrolyte(("Fc+", 1, 1e-3), ("Fc", 0, 10.0))
FERROCENE_COUPLE = Reaction(oxidised="Fc+", reduced="Fc", rate_constant=1.0)


def cell(tmp_path, length=16.0):
    return layered(
        tmp_path / "cell.vtu",
        [("open", -graded(length, 0.03, 1.15)[::-1])],
        {-length: "reservoir", 0.0: "electrode"},
    )


@pytest.mark.parametrize(
    ("ions", "reaction", "ratio", "stern"),
    [(IRON, IRON_COUPLE, 20 / 5, 0.0), (COPPER, COPPER_PLATE, 10 / 1000, STERN)],
)
def test_at_open_circuit_the_potential_is_nernsts(tmp_path, ions, reaction, ratio, stern):
    rest = Leg(control=ConstantCurrent(0.0), ends=(Elapsed(1.0),))
    exact = reaction.standard_potential + ions.thermal_voltage / reaction.electrons * np.log(ratio)
    run = solve(
        cell(tmp_path),
        electrolyte=ions,
        surroundings=Surroundings(stern_layer=stern, reactions=(reaction,)),
        drive=LegSequence(legs=(rest,), swing=0.1, charged=Elapsed(1.0)),
        settings=COARSE,
    )
    assert float(run.electrode_potential[-1]) == pytest.approx(exact, rel=1e-3)
    assert abs(float(run.faradaic_current[-1])) < 1e-6 * float(np.abs(run.faradaic_current).max())


def test_the_limiting_current_is_that_of_diffusion(tmp_path):
    """F D c/L of a neutral reactant, which no field moves."""
    length = 200.0
    run = solve(
        cell(tmp_path, length),
        electrolyte=FERROCENE,
        surroundings=Surroundings(stern_layer=STERN, reactions=(FERROCENE_COUPLE,)),
        drive=parse_protocol(["Sweep to 0.35 V at 1e4 V/s", "Hold for 1 ms"]),
        settings=COARSE,
    )
    exact = constants.physical_constants["Faraday constant"][0] * 1e-9 * 10.0 / (length * 1e-9)
    assert float(run.electrode_current[-1]) / 1e-9 == pytest.approx(exact, rel=2e-3)


def test_a_slow_reaction_sees_the_double_layer_as_frumkin_says(tmp_path):
    """At equilibrium of the ions: a_i = c_i0 exp(-z_i u) behind a Stern layer in series with Gouy and Chapman's."""
    slow = Reaction(oxidised="Fc+", reduced="Fc", rate_constant=1e-12, transfer_coefficient=0.3)
    ions, amplitude = electrolyte(("Fc+", 1, 1.0), ("Fc", 0, 10.0)), 0.15
    run = solve(
        cell(tmp_path),
        electrolyte=ions,
        surroundings=Surroundings(stern_layer=STERN, reactions=(slow,)),
        drive=StepDrive(amplitude=amplitude, duration=5e-6),
        settings=COARSE,
    )
    volt, capacitance = ions.thermal_voltage, ions.permittivity / STERN
    ionic = sum(s.number_density for s in ions.species if s.valence) / 2
    scale = np.sqrt(8 * ions.permittivity * constants.k * ions.temperature * ionic)
    plane = optimize.brentq(
        lambda phi: scale * np.sinh(phi / volt / 2) - capacitance * (amplitude - phi), 0, amplitude
    )
    eta = (amplitude - plane) / volt
    rate = 1e-12 * (10.0 * np.exp(0.7 * eta) - 1.0 * np.exp(-plane / volt) * np.exp(-0.3 * eta))
    exact = constants.physical_constants["Faraday constant"][0] * rate
    assert float(run.faradaic_current[-1]) / 1e-9 == pytest.approx(exact, rel=3e-3)


LEAKS = (
    Leakage(species="K+", resistance=1e-9),
    Leakage(species="Cl-", exchange_current=1e5, slope=0.03, potential=0.02),
)


def test_currents_and_ions_balance_with_reactions_and_leakage(tmp_path):
    run = solve(
        cell(tmp_path),
        electrolyte=IRON,
        surroundings=Surroundings(stern_layer=STERN, reactions=(IRON_COUPLE,), leakages=LEAKS),
        drive=TriangularDrive(half_cycle=500e-9),
        settings=COARSE,
        sampling=Sampling(cuts=(-7e-9, -1e-9)),
    )
    assert imbalance(run) < 1e-8
    assert float(np.abs(run.faradaic_current).max()) > 0.01 * float(np.abs(run.electrode_current).max())


def test_a_sealed_cell_turns_one_ion_into_the_other(tmp_path):
    """Fe3+ and Fe2+ together stay as many, though single ones come and go."""
    half = graded(8.0, 0.05, 1.3)
    layers = [("counter_side", half[:-1] - 16.0), ("open", np.concatenate([[half[-2] - 16.0, -8.0], -half[-2::-1]]))]
    run = solve(
        layered(tmp_path / "cell.vtu", layers, {-16.0: "counter", 0.0: "electrode"}),
        electrolyte=IRON,
        surroundings=Surroundings(stern_layer=STERN, reactions=(IRON_COUPLE,)),
        drive=TriangularDrive(half_cycle=500e-9),
        settings=COARSE,
    )
    iron = run.open_species_ions.sel(species=["Fe3+", "Fe2+"])
    assert iron.sum("species").values == pytest.approx(float(iron[0].sum()), rel=1e-8)
    chloride = run.open_species_ions.sel(species="Cl-").values
    assert chloride == pytest.approx(chloride[0], rel=1e-8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"electrons": 2}, "from valence 3 to 2 it takes 1 electrons, but electrons = 2"),
        ({"reduced": "Fe+"}, r"species Fe\+ is not in the electrolyte .*; add it there"),
        ({"rate_constant": 0.0}, "rate_constant = 0.0 m/s must be greater than 0"),
        ({"transfer_coefficient": 1.0}, "must lie between 0 and 1"),
    ],
)
def test_mistakes_are_named(changes, message):
    with pytest.raises(InputError, match=message):
        Reaction(**({"oxidised": "Fe3+", "reduced": "Fe2+"} | changes)).check_species(IRON)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"species": "K+"}, "give resistance .* or exchange_current"),
        ({"species": "K+", "resistance": 1.0, "exchange_current": 1.0}, "one of the two"),
        ({"species": "K+", "resistance": 0.0}, "resistance = 0.0 must be greater than 0"),
        ({"species": "Na+", "resistance": 1.0}, "it is no ion of the electrolyte"),
    ],
)
def test_mistakes_of_a_leakage_are_named(values, message):
    with pytest.raises(InputError, match=message):
        Leakage(**values).check_species(IRON)


def test_a_jump_before_a_fast_reaction_finishes(tmp_path):
    """Before the double layer forms, copper would dissolve 10^4 times faster than behind it."""
    plate = Reaction(oxidised="Cu2+", electrons=2, rate_constant=1e-2)
    run = solve(
        cell(tmp_path),
        electrolyte=COPPER,
        surroundings=Surroundings(stern_layer=STERN, reactions=(plate,)),
        drive=StepDrive(amplitude=0.35, duration=1e-7),
        settings=COARSE,
    )
    assert float(run.time[-1]) == pytest.approx(1e-7)
    assert float(run.faradaic_current[-1]) == pytest.approx(float(run.electrode_current[-1]), rel=0.1)


@pytest.mark.parametrize("law", ["resistance", "exchange_current"])
def test_a_leaking_electrode_discharges_as_its_capacitor_does(tmp_path, law):
    """V = V0 exp(-t/RC), or tanh(V/2b) = tanh(V0/2b) exp(-2 j0 t/bC) for j = 2 j0 sinh(V/b)."""
    ions, begin, slope = electrolyte(background=1000.0), 2e-3, 1e-3
    capacitance = ions.permittivity / ions.debye_length
    time = 1e-3  # of discharge, against which everything else is fast
    if law == "resistance":
        leakage = Leakage(species="K+", resistance=time / capacitance)
        exact = begin * np.exp(-1.0)
    else:
        leakage = Leakage(species="Cl-", exchange_current=slope * capacitance / 2 / time, slope=slope)
        exact = 2 * slope * np.arctanh(np.tanh(begin / 2 / slope) * np.exp(-1.0))
    x = -graded(16.0, 0.01, 1.08)[::-1]
    run = solve(
        layered(tmp_path / "fine.vtu", [("open", x)], {-16.0: "reservoir", 0.0: "electrode"}),
        electrolyte=ions,
        surroundings=Surroundings(leakages=(leakage,)),
        drive=parse_protocol([f"Start at {begin} V", f"Rest for {time} s"]),
        settings=SolverSettings(tolerance=1e-6, steps_per_ramp=20),
    )
    assert float(run.electrode_potential[-1]) == pytest.approx(exact, rel=3e-3)
