"""Al and Cl that hop as told: bonds, species, conversions, hand-overs, shares."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.core import InputError

pytest.importorskip("MDAnalysis", reason="needs the extra atomistic")

from ionspice.electrolytes.analysis.bonds import bond_history, coordination_numbers, lasting
from ionspice.electrolytes.analysis.conversions import conversions, count_conversions
from ionspice.electrolytes.analysis.exchange import (
    centre_hand_overs,
    ligand_hand_overs,
    mechanism_shares,
    residence_correlation,
    residence_time,
)
from ionspice.electrolytes.analysis.species import species_counts, species_lifetimes
from ionspice.electrolytes.analysis.trajectory import Trajectory

EDGE, INTERVAL = 60.0, 0.1
BOND = 2.2


def liquid_of(al, cl):
    """Return a trajectory of Al and Cl at positions of shape (frames, atoms, 3)."""
    positions = np.concatenate([al, cl], axis=1)
    frames, atoms = positions.shape[:2]
    return Trajectory(
        times=INTERVAL * np.arange(frames),
        positions=positions,
        cells=np.broadcast_to(EDGE * np.eye(3), (frames, 3, 3)),
        elements=np.array(["Al"] * al.shape[1] + ["Cl"] * cl.shape[1]),
        masses=np.ones(atoms),
        molecules=np.arange(atoms),
    )


def bonds_of(liquid, made=2.8, broken=3.2):
    return bond_history(liquid, liquid.of("Al"), liquid.of("Cl"), made=made, broken=broken)


def hopping(owners, *, centres=3, spacing=10.0):
    """Return centres on a line, each with two Cl of its own, and one Cl that sits at the named one, or nowhere."""
    owners = np.asarray(owners)
    places = spacing * np.arange(centres)[:, None] * np.array([1.0, 0, 0]) + 5.0
    al = np.broadcast_to(places, (len(owners), centres, 3))
    side = np.array([0, BOND, 0])
    own = np.concatenate([al + side, al - side], axis=1)
    free = np.where(owners[:, None] < 0, 30.0, places[owners] + [0, 0, BOND])
    return liquid_of(al, np.concatenate([own, free[:, None]], axis=1))


def test_hops_are_counted_exactly(rng):
    """40 hops at known frames, each for at least 10 frames, between three centres."""
    owners, owner = [], 0
    for _ in range(41):
        owners += [owner] * int(rng.integers(10, 30))
        owner = int((owner + rng.integers(1, 3)) % 3)
    history = bonds_of(hopping(owners))
    frames = 1 + np.flatnonzero(np.diff(owners))
    found = conversions(lasting(history, 0.5))
    assert [conversion.frame for conversion in found] == frames.tolist()
    assert {str(conversion) for conversion in found} == {"AlCl2 + AlCl3 -> AlCl2 + AlCl3"}
    handed = ligand_hand_overs(history)
    assert [(h.frame, h.giver, h.taker) for h in handed] == [(f, owners[f - 1], owners[f]) for f in frames]
    count = count_conversions(history, persistence=0.5)
    assert (len(count.lasting), count.transient) == (40, 0)
    assert count.lasting_rate.value == pytest.approx(40 / (3 * 0.1 * len(owners)))
    assert count.lasting_rate.low < count.lasting_rate.value < count.lasting_rate.high
    assert count.cumulative[-1] == 40
    assert count.cumulative[frames[7]] == 8


def test_hops_are_counted_through_vibrations_and_attempts(rng):
    """The same with thermal noise, and attempts half of the way that come back within 0.2 ps."""
    owners, frames = [0] * 40, []
    for k in range(20):
        here = owners[-1]
        if k % 2:
            owners += [(here + 1) % 3, here, (here + 1) % 3] + [here] * 20
        frames.append(len(owners))
        owners += [(here + 1) % 3] * int(rng.integers(15, 40))
    liquid = hopping(owners)
    shaken = replace(liquid, positions=liquid.positions + 0.15 * rng.standard_normal(liquid.positions.shape))
    count = count_conversions(bonds_of(shaken), persistence=0.5)
    assert [conversion.frame for conversion in count.lasting] == frames
    assert count.transient == 4 * 10
    assert len(ligand_hand_overs(lasting(bonds_of(shaken), 0.5))) == 20


def test_short_excursions_are_transient():
    owners = [0] * 30 + [1] * 2 + [0] * 30 + [1] * 30 + [0] * 1 + [1] * 29 + [2] * 3
    count = count_conversions(bonds_of(hopping(owners)), persistence=0.5)
    assert [conversion.frame for conversion in count.lasting] == [62]
    assert count.transient == 5
    assert count.cumulative_of_all[-1] == 6


def test_a_bond_between_the_two_distances_stays_what_it_was():
    lengths = np.array([2.2, 3.0, 2.9, 3.1, 3.3, 3.0, 2.9, 2.7, 3.1])
    al = np.full((9, 1, 3), 5.0)
    cl = al + lengths[:, None, None] * np.array([1.0, 0, 0])
    history = bonds_of(liquid_of(al, cl))
    assert history.bonded[:, 0].tolist() == [True] * 4 + [False] * 3 + [True] * 2
    assert len(conversions(history)) == 2
    naive = bonds_of(liquid_of(al, cl), made=3.0, broken=3.0)
    assert len(conversions(naive)) > 2


def test_bonds_reach_through_the_faces_of_the_cell():
    al = np.zeros((2, 1, 3))
    cl = al + (EDGE - BOND) * np.array([1.0, 0, 0])
    assert bonds_of(liquid_of(al, cl)).bonded.all()


def bridge(partners):
    """Return AlCl3 (centre 0) whose fourth Cl is a neighbour's: each frame names which of two AlCl4-."""
    places = np.array([[10.0, 10, 10], [10.0 + 2 * BOND, 10, 10], [10.0 - 2 * BOND, 10, 10]])
    al = np.broadcast_to(places, (len(partners), 3, 3)).copy()
    around = BOND * np.array([[0, 1, 0], [0, -1, 0], [0, 0, 1.0]])
    own = (places[:, None] + around).reshape(1, -1, 3).repeat(len(partners), axis=0)
    # the shared Cl of either side steps back when that side is not the partner
    right = np.where(np.asarray(partners) == 1, 10 + BOND, 10 + 3 * BOND)
    left = np.where(np.asarray(partners) == 2, 10 - BOND, 10 - 3 * BOND)
    shared = np.full((len(partners), 2, 3), 10.0)
    shared[:, 0, 0], shared[:, 1, 0] = right, left
    return liquid_of(al, np.concatenate([own, shared], axis=1))


def test_alcl3_that_is_handed_between_two_alcl4_is_seen():
    partners = [1] * 20 + [2] * 25 + [1] * 15
    history = lasting(bonds_of(bridge(partners)), 0.5)
    handed = centre_hand_overs(history)
    assert [(h.frame, h.atom, h.giver, h.taker) for h in handed] == [(20, 0, 1, 2), (45, 0, 2, 1)]
    assert ligand_hand_overs(history) == []
    counts = species_counts(history)
    assert {name: set(series.tolist()) for name, series in counts.items()} == {"Al2Cl7": {1}, "AlCl4": {1}}
    found = count_conversions(history, persistence=0.5)
    assert found.by_reaction() == {"Al2Cl7 + AlCl4 -> Al2Cl7 + AlCl4": 2}


def test_lifetimes_are_time_lived_over_ends():
    owners = [0] * 30 + [1] * 20 + [-1] * 10 + [2] * 40
    history = bonds_of(hopping(owners))
    # the hopping Cl leaves two centres; every bond of the six others lasts all 10 ps
    assert residence_time(history).value == pytest.approx((60 + 9.0) / 2)
    lives = species_lifetimes(history)
    assert lives["AlCl3"].value == pytest.approx(9.0 / 2)
    assert lives["Cl"].value == pytest.approx(1.0)
    assert lives["AlCl2"].value == pytest.approx(21.0 / 2)
    assert species_counts(history)["Cl"].sum() == 10
    steady = residence_time(bonds_of(hopping([0] * 50)))
    assert steady.value == np.inf
    assert steady.low == pytest.approx(35.0 / 3.689, rel=1e-3)
    assert coordination_numbers(history)[[0, 40, 55, 99]].tolist() == [[3, 2, 2], [2, 3, 2], [2, 2, 2], [2, 2, 3]]


def test_bonds_that_break_at_a_rate_have_its_residence_time(rng):
    """A two-state process of rate 1/ps: the correlation falls from 1 to the equilibrium's one half."""
    states = np.cumsum(rng.random((5000, 8)) < 0.1, axis=0) % 2
    al = np.broadcast_to(15.0 * np.arange(8)[:, None] % 60, (5000, 8, 3)).copy()
    al[..., 1] += 7.0 * (np.arange(8) // 4)
    cl = al + (BOND + 4 * states)[:, :, None] * np.array([0, 0, 1.0])
    history = bonds_of(liquid_of(al, cl))
    life = residence_time(history)
    assert abs(life.value - 1.0) < 3 * life.standard_error
    lags, correlation = residence_correlation(history, 2.0)
    expected = 0.5 + 0.5 * (1 - 0.2) ** (lags / INTERVAL)
    np.testing.assert_allclose(correlation, expected, atol=0.03)
    with pytest.raises(InputError, match="must be below"):
        residence_correlation(history, 3000.0)


def test_shares_of_mechanisms_follow_who_moves_when():
    """Centre 0 drifts with its ligands by 1 angstrom a window; centre 1 jumps by 2 as it takes the hopping Cl."""
    owners = np.repeat([0, 1], 50)
    liquid = hopping(owners, centres=2, spacing=20.0)
    history = bonds_of(liquid)
    paths = np.zeros((100, 2, 3))
    paths[60:, 0, 0] = 1.0
    paths[50:, 1, 0] = 2.0
    shares = mechanism_shares(history, paths, lag=0.1)
    assert shares.vehicular.value == pytest.approx(1 / 5)
    assert shares.exchange.value == pytest.approx(4 / 5)
    assert shares.exchanging_windows == pytest.approx(2 / 198)
    assert shares.exchange_squares == pytest.approx(2.0)
    for lag, message in ((0.0, "lag = 0 ps"), (11.0, "below the trajectory")):
        with pytest.raises(InputError, match=message):
            mechanism_shares(history, paths, lag=lag)
    with pytest.raises(InputError, match="no centre moves"):
        mechanism_shares(history, 0 * paths, lag=0.1)


def test_distances_and_groups_are_checked():
    liquid = hopping([0, 0])
    with pytest.raises(InputError, match="made = 3 must be above 0 and at most broken = 2"):
        bonds_of(liquid, made=3.0, broken=2.0)
    with pytest.raises(InputError, match="centre and ligand at once"):
        bond_history(liquid, liquid.of("Al"), liquid.of("Al", "Cl"), made=2.8, broken=3.2)
