"""The potential of [EMIm]Cl-AlCl3 that ships: what it says of its errors holds on the labels beside it."""

from pathlib import Path

import pytest

from ionspice.electrolytes.files import POTENTIAL_RECORD
from ionspice.electrolytes.potential.labels import labels_digest

EXAMPLE = Path(__file__).parents[3] / "examples" / "emim_alcl4"


@pytest.fixture(scope="module")
def shipped():
    from ionspice.electrolytes.potential.record import read_potential

    return read_potential(EXAMPLE / "potential" / POTENTIAL_RECORD)


@pytest.fixture(scope="module")
def division(shipped):
    pytest.importorskip("ase", reason="the extra atomistic is not installed")
    from ionspice.electrolytes.potential.labels import divide, read_labelled

    settings = shipped.record.settings
    labels = read_labelled(EXAMPLE / "labels.extxyz.gz", shipped.type_map)
    return divide(labels, settings["held_out"], seed=settings["seed"])


def test_its_record_names_the_labels_beside_it(shipped, division):
    assert labels_digest([*division.training, *division.held_out]) == shipped.window.labels_sha256


def test_it_learnt_what_is_not_held_out(shipped, division):
    assert len(division.training) == shipped.window.frames
    assert len(division.held_out) == shipped.record.errors["held_out"]["all"].frames


@pytest.mark.usefixtures("potential_venv")
def test_its_errors_are_those_that_it_states(shipped, division):
    from ionspice.electrolytes.potential.calculator import DeepPotential
    from ionspice.electrolytes.potential.judging import judge

    with DeepPotential(shipped.models, threads=1) as potential:
        found = judge(potential, division.held_out).by_composition()
    assert set(found) == set(shipped.record.errors["held_out"])
    for name, stated in shipped.record.errors["held_out"].items():
        assert found[name].force == pytest.approx(stated.force, rel=1e-2)
        assert found[name].energy == pytest.approx(stated.energy, rel=1e-2)
        assert found[name].deviation == pytest.approx(stated.deviation, rel=2e-2)
