from dataclasses import replace

import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.build import bulk  # noqa: E402

from ionspice.electrolytes.potential.training_input import (  # noqa: E402
    Neighbourhood,
    TrainingPlan,
    neighbourhood_of,
    training_input,
)
from ionspice.electrolytes.study.potential import PotentialSection  # noqa: E402

PLAN = TrainingPlan(
    systems=("../data/Na2Cl2",),
    steps=1000,
    learning_rate=1e-3,
    virials=False,
    neighbourhood=Neighbourhood(most=(6, 12), least_distance=2.0),
)


def test_neighbours_of_rock_salt_are_counted_by_element():
    salt = bulk("NaCl", "rocksalt", a=5.64)
    found = neighbourhood_of([salt], ("Na", "Cl"), 4.5)
    # an ion has 6 of the other kind at a/2 and 12 of its own at a/sqrt 2
    assert found.most == (12, 12)
    assert found.least_distance == pytest.approx(2.82)
    assert found.selection == (16, 16)


def test_models_differ_in_their_seeds_only():
    first, second = (training_input(PotentialSection(), PLAN, ("Na", "Cl"), seed=seed) for seed in (1, 11))
    assert first["model"]["type_map"] == ["Na", "Cl"]
    assert first["model"]["descriptor"].pop("seed") != second["model"]["descriptor"].pop("seed")
    assert first["model"]["fitting_net"].pop("seed") != second["model"]["fitting_net"].pop("seed")
    assert first["training"].pop("seed") != second["training"].pop("seed")
    assert first == second


@pytest.mark.parametrize(("descriptor", "selection"), [("se_e2_a", [8, 16]), ("se_atten", 24)])
def test_descriptors_have_room_as_they_want_it(descriptor, selection):
    made = training_input(PotentialSection(descriptor=descriptor), PLAN, ("Na", "Cl"), seed=1)
    assert made["model"]["descriptor"]["sel"] == selection


def test_virials_weigh_only_where_there_are_some():
    assert training_input(PotentialSection(), PLAN, ("Na", "Cl"), seed=1)["loss"]["limit_pref_v"] == 0


def test_new_frames_are_half_of_the_batches_however_few_they_are():
    plan = replace(PLAN, systems=("known/a", "known/b", "fresh/a"), fresh=1)
    made = training_input(PotentialSection(), plan, ("Na", "Cl"), seed=1)
    assert made["training"]["training_data"]["auto_prob"] == "prob_sys_size;0:2:0.5;2:3:0.5"
    plain = training_input(PotentialSection(), PLAN, ("Na", "Cl"), seed=1)
    assert plain["training"]["training_data"]["auto_prob"] == "prob_sys_size"
