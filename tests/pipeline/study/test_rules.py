"""Verdicts on analytic datasets with both answers."""

import pytest
import xarray as xr

from ionspice.pipeline.cases.case import parse_case
from ionspice.pipeline.study.claims import Claim
from ionspice.pipeline.study.conditions import DEFAULT
from ionspice.pipeline.study.criteria import Thresholds
from ionspice.pipeline.study.files import StudyFiles
from ionspice.pipeline.study.judge import judge, verdict_of
from ionspice.pipeline.study.measuring import CLAIM_MEASURES, measure
from ionspice.pipeline.study.rules import RULES, told


def study_of(by_slit: dict[str, xr.Dataset], directory) -> StudyFiles:
    """A study whose cases differ in the slit, with fields from memory."""
    cases = {
        name: parse_case("" if name == DEFAULT else f'[geometry]\nslit = "{name.removeprefix("slit-")}"')
        for name in by_slit
    }
    return StudyFiles(directory=directory, cases=cases, _fields=dict(by_slit))


def judged(letter: str, study: StudyFiles, failed=()) -> Claim:
    return judge(RULES[letter], measure(letter, study), failed)


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [([True, True], "reproduced"), ([True, False], "depends"), ([False], "refuted"), ([], "untested")],
)
def test_verdict_of_parts(parts, verdict):
    assert verdict_of(parts) == verdict


@pytest.mark.parametrize(
    ("diffusion", "steric", "verdict"), [(-1, -0.5, "reproduced"), (1, -0.5, "refuted"), (-1, 0.5, "refuted")]
)
def test_open_electrolyte_needs_both_parts_opposed(diffusion, steric, verdict, tmp_path, triangular_fields):
    study = study_of({DEFAULT: triangular_fields(diffusion=diffusion, steric=steric)}, tmp_path)
    assert judged("A", study).verdict == verdict


@pytest.mark.parametrize(("wide", "verdict"), [(1.0, "reproduced"), (-1.0, "depends")])
def test_slit_directions_must_hold_at_every_width(wide, verdict, tmp_path, triangular_fields):
    study = study_of({DEFAULT: triangular_fields(), "slit-5nm": triangular_fields(diffusion=wide)}, tmp_path)
    assert judged("B", study).verdict == verdict


@pytest.mark.parametrize(
    ("narrow", "wide", "verdict"), [(1, -1, "reproduced"), (1, 1, "refuted"), (-1, -1, "depends"), (-1, 1, "refuted")]
)
def test_steric_direction_must_change_at_the_border(narrow, wide, verdict, tmp_path, triangular_fields):
    study = study_of(
        {DEFAULT: triangular_fields(steric=narrow), "slit-5nm": triangular_fields(steric=wide)}, tmp_path
    )
    claim = judged("C", study)
    assert claim.verdict == verdict
    assert ("slit-5nm" in claim.condition) == (wide < 0)


@pytest.mark.parametrize(
    ("potential", "verdict"), [((1, 2, 3), "reproduced"), ((1, 2, 1.5), "depends"), ((3, 2, 1), "refuted")]
)
def test_slit_order_by_pairs(potential, verdict, tmp_path, triangular_fields):
    study = study_of({DEFAULT: triangular_fields(potential=potential)}, tmp_path)
    assert judged("D", study).verdict == verdict


@pytest.mark.parametrize(("bend", "verdict"), [(0.0, "reproduced"), (0.5, "refuted")])
def test_capacitance_claim(bend, verdict, tmp_path, triangular_fields):
    study = study_of({DEFAULT: triangular_fields(bend=bend)}, tmp_path)
    assert judged("J", study).verdict == verdict


def test_failed_cases_are_left_out_and_named(tmp_path, triangular_fields):
    study = study_of({DEFAULT: triangular_fields(diffusion=-1, steric=-1)}, tmp_path)
    claim = judged("A", study, {"slit-5nm": "broken"})
    assert claim.verdict == "reproduced"
    assert "slit-5nm" in claim.condition
    assert judged("F", study).verdict == "untested"


def test_a_verdict_moves_with_its_threshold(tmp_path, triangular_fields):
    entry = measure("J", study_of({DEFAULT: triangular_fields(bend=0.5)}, tmp_path))
    assert judge(RULES["J"], entry, (), Thresholds(nearly=0.5)).verdict == "reproduced"
    assert judge(RULES["J"], entry, (), Thresholds(nearly=0.1)).verdict == "refuted"


def test_every_claim_is_measured():
    assert list(RULES) == list(CLAIM_MEASURES)


def test_templates_see_the_ends_of_rows_and_the_number_of_the_default_case():
    numbers = {"case": ["slit-2nm", DEFAULT], "slits": [0.2, 0.4], "rise": {"all ions": [3.0, 1.0]}, "d": [[1, 2]]}
    template = "{slits.default} of {slits.first} to {slits.last}, {rise[all ions].least}, {d[0][1]}, {whole}"
    assert told(template, {"whole": 0.9}, numbers, {"slits": [0.3, 0.5]}) == "0.5 of 0.3 to 0.5, 1.0, 2, 0.9"
