"""The chain of the reproduction: what runs again, and what does not."""

import shutil
from contextlib import contextmanager
from dataclasses import replace

import pytest

from ionspice.core.json_files import read_json
from ionspice.core.manifest import accept
from ionspice.core.stages import run_chain
from ionspice.pipeline.study.claims import read_claims
from ionspice.pipeline.study.criteria import Thresholds
from ionspice.pipeline.study.files import write_plan
from ionspice.pipeline.study.measures import Measured, read_measures, write_measures
from ionspice.pipeline.study.reproduction import stages_to_try_again
from ionspice.pipeline.study.stages import reproduction

STAGES = ["cases", "comparisons", "measures", "campaign-law", "claims", "report"]


class Recorder:
    """Remembers which stages ran."""

    def __init__(self):
        self.ran, self.said = [], []

    def say(self, text):
        self.said.append(text)

    @contextmanager
    def stage(self, name):
        self.ran.append(name)
        yield lambda done, whole: None


@pytest.fixture
def study_copy(small_study, tmp_path):
    return shutil.copytree(small_study[0], tmp_path / "study")


def ran(inputs, directory) -> list[str]:
    recorder = Recorder()
    run_chain(reproduction(), inputs, directory, reporter=recorder)
    return recorder.ran


def test_nothing_runs_twice(small_inputs, small_study):
    assert [stage.name for stage in reproduction()] == STAGES
    assert ran(small_inputs, small_study[0]) == []


def test_another_threshold_judges_again_and_measures_nothing(small_inputs, study_copy):
    claims = {claim.id: claim for claim in read_claims(study_copy / "claims.json")}
    strict = replace(small_inputs, thresholds=Thresholds(agree=1e-6))
    assert ran(strict, study_copy) == ["claims", "report"]
    again = {claim.id: claim for claim in read_claims(study_copy / "claims.json")}
    assert again["K"].value == claims["K"].value
    assert again["K"].verdict == "refuted"
    assert again["K"].verdict != claims["K"].verdict
    assert again["A"] == claims["A"]


def test_a_lost_comparison_is_made_again_alone(small_inputs, study_copy):
    (study_copy / "cases/default/comparison.json").unlink()
    assert ran(small_inputs, study_copy) == ["comparisons"]


def test_measures_are_read_as_written(small_study, tmp_path):
    found = read_measures(small_study[0] / "measures.json")
    write_measures(tmp_path / "measures.json", found)
    again = read_json(tmp_path / "measures.json", "ionspice-measures/1", remedy="")
    assert again == read_json(small_study[0] / "measures.json", "ionspice-measures/1", remedy="")


def test_what_failed_is_tried_again(small_inputs, study_copy):
    assert list(stages_to_try_again(study_copy, small_inputs.cases)) == []
    write_plan(study_copy, small_inputs.cases, {"slit-3nm": "killed"})
    accept(study_copy, "study.json")
    assert list(stages_to_try_again(study_copy, small_inputs.cases)) == ["cases"]
    write_plan(study_copy, small_inputs.cases, {})
    accept(study_copy, "study.json")
    found = read_measures(study_copy / "measures.json")
    write_measures(study_copy / "measures.json", found | {"M": Measured(missing="no ngspice", again=True)})
    accept(study_copy, "measures.json")
    assert list(stages_to_try_again(study_copy, small_inputs.cases)) == ["measures"]
