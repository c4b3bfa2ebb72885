from pathlib import Path

import pytest

from ionspice.core import InputError
from ionspice.electrolytes.potential.record import read_record, require_same_kind
from ionspice.electrolytes.study.file import parse_liquid, read_liquid
from ionspice.electrolytes.study.scale import paper, quick
from ionspice.electrolytes.study.teacher import TeacherSection

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


def test_a_quick_study_goes_on_from_the_potential_that_its_study_names():
    study = quick(study_of("emim_alcl4"))
    assert study.potential.start == study_of("emim_alcl4").potential.start
    record = read_record(Path(study.potential.start))
    require_same_kind(record, study.potential, record.type_map)
    assert not paper(study_of("emim_alcl4")).potential.start


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"embedding": (8, 16)}, r"embedding = \[8, 16\] is not that of start, \[25, 50, 100\]; write"),
        ({"cutoff": 5.5}, r"cutoff = 5.5 .* write cutoff = "),
        ({"descriptor": "se_e3"}, "descriptor = se_e3 is not that of start, se_e2_a"),
    ],
)
def test_networks_of_another_kind_cannot_go_on(change, message):
    section = study_of("emim_alcl4").potential
    record = read_record(Path(section.start))
    with pytest.raises(InputError, match=message):
        require_same_kind(record, section.model_copy(update=change), record.type_map)
    with pytest.raises(InputError, match="start is of C, N, H, Al, Cl, in this order, and the molecules have N, C"):
        require_same_kind(record, section, ("N", "C", "H", "Al", "Cl"))


def test_the_large_study_starts_from_dynamics_of_the_full_boxes():
    study, given = paper(study_of("emim_alcl4")), study_of("emim_alcl4")
    assert study.frames.method == "teacher"
    assert study.frames.compositions == ("x1.0", "x1.3", "x1.5", "x1.7", "x2.0")
    assert study.potential.models == 4
    assert study.production == given.production
    assert study.teacher == given.teacher
    assert study.composition("x1.6").held_out
    cheap = paper(given.model_copy(update={"teacher": TeacherSection(program="tblite")}))
    assert cheap.frames.method == given.frames.method  # dynamics by tblite, which is the teacher
