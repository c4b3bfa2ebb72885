from pathlib import Path

import pytest

from ionspice.electrolytes.study.file import parse_liquid, read_liquid
from ionspice.electrolytes.study.scale import paper, quick

EXAMPLES = Path(__file__).parents[3] / "examples"
LIQUIDS = sorted(path.parent.name for path in EXAMPLES.glob("*/liquid.toml"))


def study_of(name):
    return read_liquid(EXAMPLES / name / "liquid.toml")


@pytest.mark.parametrize("name", LIQUIDS)
@pytest.mark.parametrize("change", [quick, lambda study: quick(study, least=True), paper])
def test_a_study_of_another_size_is_a_study_like_any_other(name, change):
    changed = change(study_of(name))
    assert parse_liquid(changed.to_toml()) == changed


@pytest.mark.parametrize("name", LIQUIDS)
def test_a_quick_study_has_every_step_and_is_small(name):
    study = quick(study_of(name))
    assert study.teacher.program == "tblite"
    assert study.exploration.rounds == 1
    assert study.potential.models == 2
    assert len(study.production.compositions) == 1
    assert sum(len(one.boxes) for one in study.compositions) <= 2
    labels = (
        study.frames.trajectories * study.frames.frames * len(study.frames.temperatures) * len(study.compositions)
    )
    assert 12 <= labels <= 40
    assert study.transfer.composition == study.production.compositions[0].name
    assert study.transfer.case == study_of(name).transfer.case


def test_the_large_study_starts_from_dynamics_of_the_full_boxes():
    study, given = paper(study_of("emim_alcl4")), study_of("emim_alcl4")
    assert study.frames.method == "teacher"
    assert study.frames.compositions == ("x1.0", "x1.3", "x1.5", "x1.7", "x2.0")
    assert study.potential.models == 4
    assert study.production == given.production
    assert study.teacher == given.teacher
    assert study.composition("x1.6").held_out
