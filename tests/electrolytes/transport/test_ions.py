from dataclasses import replace

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.electrolytes.transport.ions import (
    centres_in_cell,
    clusters,
    formal_charges,
    ions_in_time,
    with_molecules,
)

pytest.importorskip("ase", reason="elements come from ASE: pip install ionspice[atomistic]")
pytest.importorskip("MDAnalysis", reason="neighbours come from MDAnalysis: pip install ionspice[atomistic]")

CHARGES = {"C6H11N2": 1, "AlCl4": -1, "Al2Cl7": -1}


def test_charges_of_other_clusters_follow():
    charges = formal_charges(CHARGES)
    assert charges.consistent
    assert charges.of_cluster({"Al": 1, "Cl": 3}) == 0
    assert charges.of_cluster({"Al": 3, "Cl": 10}) == -1
    assert charges.of_cluster({"Cl": 1}) == -1
    assert charges.of_cluster({"C": 6, "H": 11, "N": 2}) == 1
    assert charges.of_cluster({"C": 6, "H": 10, "N": 2}) is None
    assert formal_charges({"AlCl4": -1}).of_cluster({"Cl": 1}) is None


def test_charges_of_atoms_add_up_to_those_of_molecules():
    elements = np.array(["Al"] * 2 + ["Cl"] * 7 + ["C"] * 6 + ["H"] * 11 + ["N"] * 2)
    charges = formal_charges(CHARGES).of_atoms(elements)
    assert charges[:9].sum() == pytest.approx(-1)
    assert charges[9:].sum() == pytest.approx(1)
    assert charges[:3] == pytest.approx([3, 3, -1])


def test_two_charges_of_one_formula_are_refused():
    with pytest.raises(InputError, match="ClK has the charges"):
        formal_charges({"KCl": 0, "ClK": 1})
    with pytest.raises(InputError, match="is no formula"):
        formal_charges({"Al-Cl4": -1})


def test_a_centre_of_mass_lies_across_the_faces():
    points = np.array([[0.98, 0.5, 0.01], [0.02, 0.5, 0.97]])
    centre = centres_in_cell(points, np.array([3.0, 1.0]), np.array([0, 0]))
    assert (centre - [0.99, 0.5, 0.0] + 0.5) % 1 == pytest.approx(np.full((1, 3), 0.5))


def test_ions_that_react_keep_the_charge_of_the_cell(salt):
    trajectory = salt(frames=3, pairs=4, edge=12.0)
    frames = list(ions_in_time(trajectory, formal_charges({"Na": 1, "Cl": -1})))
    assert [len(frame.charges) for frame in frames] == [8, 8, 8]
    assert [frame.charges.sum() for frame in frames] == [0, 0, 0]
    # an unknown kind hides its frames
    assert list(ions_in_time(trajectory, formal_charges({"Na": 1}))) == []


def test_only_elements_that_share_a_molecule_bond(salt):
    """A molten salt has bonds by distance, but its ions are atoms."""
    trajectory = salt(frames=1, pairs=32, edge=8.0)
    charges = formal_charges({"Na": 1, "Cl": -1})
    labels = clusters(trajectory.elements, trajectory.scaled_positions[0], trajectory.cells[0], charges)
    assert labels.tolist() == list(range(64))
    pairs = formal_charges({"NaCl": 0, "Cl": -1, "Na": 1})
    assert pairs.bonding == [{"Na", "Cl"}]
    assert len(set(clusters(trajectory.elements, trajectory.scaled_positions[0], trajectory.cells[0], pairs))) < 64
    merged = formal_charges({"C6H11N2": 1, "AlCl4": -1, "CCl4": 0})
    assert merged.bonding == [{"C", "H", "N", "Al", "Cl"}]


def test_molecules_of_the_file_are_kept_where_they_are_the_liquids(salt):
    trajectory = salt(frames=1, pairs=4, edge=12.0)
    charges = formal_charges({"Na": 1, "Cl": -1})
    assert with_molecules(trajectory, charges) is trajectory
    bound = replace(trajectory, molecules=np.zeros(8, dtype=np.int64))
    assert with_molecules(bound, charges).molecules.tolist() == list(range(8))
