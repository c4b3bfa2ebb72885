"""Exact answers: the reaction layer before an electrode, a weak acid's dissociation; elements and charge kept.

Between an electrode that takes F at once, and a bulk of Y <-> F (k1, k-1, K = k1/k-1) at a distance L, one
diffusivity D: the sum of both is linear, F - K Y decays over the reaction layer mu = sqrt(D/(k1 + k-1)), and the flux
to the electrode is
    N = D g,    g = K T0 coth(L/mu)/mu,    T0 = (c_Y + c_F)/(1 + K L coth(L/mu)/mu).

Source: Koutecky and Brdicka, Coll. Czech. Chem. Commun. 12, 337 (1947).
"""

import numpy as np
import pytest
from scipy import constants

from ionspice.core import InputError
from ionspice.core.drives import parse_protocol
from ionspice.core.reservoirs import SecondReservoir
from ionspice.fem import (
    HomogeneousReaction,
    Reaction,
    Sampling,
    StepDrive,
    Surroundings,
    TriangularDrive,
    solve,
)
from tests.fem.support import COARSE, STERN, graded, imbalance, layered, point_ions

#: acetic acid, 50 mmol/L, with potassium chloride: K = 1.75e-5 mol/L
ACID = point_ions(("HA", 0, 50.0), ("H+", 1, 0.9354), ("A-", -1, 0.9354), ("K+", 1, 100.0), ("Cl-", -1, 100.0))
DISSOCIATION = HomogeneousReaction(equation="HA = H+ + A-", rate_constant=1e7, equilibrium_constant=1.75e-2)


def plate(tmp_path, length, first=0.03):
    return layered(
        tmp_path / "plate.vtu",
        [("open", -graded(length, first, 1.1)[::-1])],
        {-length: "reservoir", 0.0: "electrode"},
    )


@pytest.mark.parametrize("rate", [1e4, 1e6])
def test_the_limiting_current_is_that_of_the_reaction_layer(tmp_path, rate):
    length, bulk, ratio = 200e-9, 10.0, 0.05
    ions = point_ions(
        ("Y", 0, bulk), ("Fc", 0, ratio * bulk), ("Fc+", 1, 1e-3), ("K+", 1, 1000.0), ("Cl-", -1, 1000.0 + 1e-3)
    )
    run = solve(
        plate(tmp_path, length * 1e9),
        electrolyte=ions,
        surroundings=Surroundings(
            stern_layer=STERN,
            reactions=(Reaction(oxidised="Fc+", reduced="Fc", rate_constant=1.0),),
            homogeneous=(HomogeneousReaction(equation="Y = Fc", rate_constant=rate),),
        ),
        drive=parse_protocol(["Sweep to 0.35 V at 1e4 V/s", "Hold for 1 ms"]),
        settings=COARSE,
    )
    layer = np.sqrt(1e-9 / (rate + rate / ratio))
    steep = ratio / layer / np.tanh(length / layer)
    flux = 1e-9 * steep * bulk * (1 + ratio) / (1 + length * steep)
    exact = constants.physical_constants["Faraday constant"][0] * flux
    assert float(run.electrode_current[-1]) / 1e-9 == pytest.approx(exact, rel=5e-3)


def test_an_acid_in_a_double_layer_is_in_equilibrium_everywhere(tmp_path):
    """Ions follow Boltzmann and the neutral acid stays, as without a reaction."""
    drive = StepDrive(amplitude=0.05, duration=1e-5)
    runs = [
        solve(
            plate(tmp_path, 20.0),
            electrolyte=ACID,
            surroundings=Surroundings(homogeneous=reactions),
            drive=drive,
            settings=COARSE,
        )
        for reactions in ((), (DISSOCIATION,))
    ]
    assert float(runs[1].electrode_charge[-1]) == pytest.approx(float(runs[0].electrode_charge[-1]), rel=1e-5)
    moved = [run.open_species_ions[-1].values for run in runs]
    assert moved[1] == pytest.approx(moved[0], rel=1e-5)


def test_elements_and_charge_are_kept(tmp_path):
    """In a sealed cell all HA and A- together, H+ and HA together; through any cut one current."""
    fast = HomogeneousReaction(equation="HA = H+ + A-", rate_constant=1e8)
    half = graded(8.0, 0.05, 1.3)
    layers = [("counter_side", half[:-1] - 16.0), ("open", np.concatenate([[half[-2] - 16.0, -8.0], -half[-2::-1]]))]
    drive = TriangularDrive(amplitude=0.2, half_cycle=100e-9)
    sealed = solve(
        layered(tmp_path / "cell.vtu", layers, {-16.0: "counter", 0.0: "electrode"}),
        electrolyte=ACID,
        surroundings=Surroundings(homogeneous=(fast,)),
        drive=drive,
        settings=COARSE,
    )
    ions = {name: sealed.open_species_ions.sel(species=name).values for name in ("HA", "H+", "A-")}
    for element in ("H+", "A-"):
        whole = ions["HA"] + ions[element]
        assert whole == pytest.approx(whole[0], rel=1e-8)
    assert np.ptp(ions["HA"]) > 1e-6 * ions["HA"][0]
    run = solve(
        plate(tmp_path, 10.0),
        electrolyte=ACID,
        surroundings=Surroundings(homogeneous=(fast,)),
        drive=drive,
        settings=COARSE,
        sampling=Sampling(cuts=(-7e-9, -1e-9)),
    )
    assert imbalance(run) < 1e-8


@pytest.mark.parametrize(
    ("equation", "message"),
    [
        ("HA", 'needs one " = "'),
        ("HA = HA", "changes nothing"),
        ("HA = H+ +A-", r'"H\+ \+A-" is no species'),
        ("HA = H+ + B-", "species B- is not in the electrolyte .* leave the solvent out"),
        ("HA = H+", "turns a charge of 0 into 1"),
        ("2 HA = H+ + A-", r"the bulk has right over left .* with the others as they are HA would be"),
    ],
)
def test_mistakes_are_named(equation, message):
    with pytest.raises(InputError, match=message):
        HomogeneousReaction(equation=equation, rate_constant=1.0, equilibrium_constant=1.0).check_bulk(ACID)


def test_both_reservoirs_are_in_equilibrium():
    behind = SecondReservoir(concentrations={"HA": 5.0})
    with pytest.raises(InputError, match="the second reservoir has 10 times the right over left"):
        Surroundings(second_reservoir=behind, homogeneous=(DISSOCIATION,)).check_species(ACID)
