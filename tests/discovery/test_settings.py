"""Every setting has one place, and flat names find it."""

from dataclasses import fields

import pytest

from ionspice.core import InputError
from ionspice.discovery import LAW_SEARCH, GeneExpressionRegressor
from ionspice.discovery.evolution.settings import EXACT, EvolutionSettings
from ionspice.discovery.settings import SearchSettings


def test_changes_reach_the_record_that_declares_them():
    changed = LAW_SEARCH.changed(seed=3, islands=2, loss="huber")
    assert (changed.seed, changed.loss, changed.evolution.islands) == (3, "huber", 2)
    assert changed.changed(seed=0, islands=4, loss="squares") == LAW_SEARCH
    with pytest.raises(TypeError, match="island"):
        LAW_SEARCH.changed(island=2)


@pytest.mark.parametrize("changes", [{"seed": -1}, {"folds": 1}, {"links": ("cubic",)}, {"genes": 0}, {"loss": "no"}])
def test_values_out_of_range_are_named(changes):
    (name,) = changes
    with pytest.raises(InputError, match=f"{name}="):
        SearchSettings().changed(**changes)


def test_the_evolution_tells_laws_apart_down_to_a_share_of_the_accuracy():
    assert LAW_SEARCH.limited_evolution.floor == pytest.approx((0.2 * 0.005) ** 2)
    assert LAW_SEARCH.changed(accuracy=0.0).limited_evolution.floor == EXACT
    assert SearchSettings().limited_evolution == EvolutionSettings()


def test_generations_are_counted_in_whole_epochs():
    settings = EvolutionSettings(generations=34, patience=5, epoch=10)
    assert (settings.epochs, settings.idle_epochs) == (3, 1)


def test_the_regressor_has_the_defaults_of_the_records():
    search = SearchSettings()
    known = {one.name: getattr(record, one.name) for record in (search, search.evolution) for one in fields(record)}
    flat = GeneExpressionRegressor().get_params()
    shared = flat.keys() & known.keys()
    assert {"functions", "links", "genes", "accuracy", "seed"} <= shared
    assert {name: flat[name] for name in shared} == {name: known[name] for name in shared}
