from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("packmol", reason="the extra atomistic is not installed")
from ionspice.core import RunError
from ionspice.electrolytes.boxes.build import build_box, plans_of, read_box, write_box
from ionspice.electrolytes.boxes.clashes import shortest_contact
from ionspice.electrolytes.boxes.geometry import from_smiles
from ionspice.electrolytes.boxes.packing import NEAREST, Ingredient, edge_of, pack
from ionspice.electrolytes.study.file import read_liquid

STUDY = Path(__file__).parents[3] / "examples" / "emim_alcl4" / "liquid.toml"


@pytest.fixture(scope="module")
def study():
    return read_liquid(STUDY)


@pytest.fixture(scope="module")
def geometries(study):
    # Unrelaxed: packing is what is tested.
    return {one.name: from_smiles(one.smiles) for one in study.molecules}


def test_the_edge_gives_the_density():
    water = from_smiles("O")
    edge = edge_of([Ingredient(name="water", geometry=water, count=33)], 1.0)
    assert 33 * 18.015 / 6.02214e23 / (edge * 1e-8) ** 3 == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize("number", [0, 7, 12])
def test_a_box_of_the_reference_study_has_exact_counts_and_no_clash(study, geometries, number):
    plan = plans_of(study.compositions)[number]
    box = build_box(plan, geometries, study.charges, seed=1)
    sizes = {name: len(geometry) for name, geometry in geometries.items()}
    assert Counter(box.arrays["residue"]) == {
        name: count * sizes[name] for name, count in plan.composition.counts.items()
    }
    mass = box.get_masses().sum() / 6.02214e23
    assert mass / (box.get_volume() * 1e-24) == pytest.approx(plan.box.density, rel=1e-4)
    assert shortest_contact(box, box.arrays["molecule"]) >= NEAREST


def test_the_reference_study_has_fifteen_boxes_for_training(study):
    assert len(plans_of(study.compositions[:5])) == 15


def test_molecules_keep_their_shape_and_the_same_seed_gives_the_same_box(study, geometries):
    plan = next(plan for plan in plans_of(study.compositions) if plan.name == "small-x1.5_1.36gcm3")
    first, second, other = (build_box(plan, geometries, study.charges, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.positions, second.positions)
    assert not np.allclose(first.positions, other.positions)
    cation = first[first.arrays["molecule"] == 0]
    ideal = geometries["EMIm"]
    assert np.allclose(cation.get_all_distances(), ideal.get_all_distances(), atol=1e-3)


def test_a_box_comes_back_from_its_file(study, geometries, tmp_path):
    plan = next(plan for plan in plans_of(study.compositions) if plan.name.startswith("small"))
    box = build_box(plan, geometries, study.charges, seed=1)
    write_box(tmp_path / "box.extxyz", box)
    again = read_box(tmp_path / "box.extxyz")
    assert np.allclose(again.positions, box.positions, atol=1e-7)
    assert np.array_equal(again.arrays["molecule"], box.arrays["molecule"])
    assert again.info["composition"] == plan.composition.name
    assert again.info["packmol"]


def test_an_impossible_density_is_refused_with_the_remedy():
    salt = Ingredient(name="water", geometry=from_smiles("O"), count=20)
    with pytest.raises(RunError, match="lower the density"):
        pack([salt], edge=4.2, seed=1, patience=1)
