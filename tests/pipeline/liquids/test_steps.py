from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ionspice.core import InputError, RunError
from ionspice.core.console import SilentReporter
from ionspice.electrolytes.study.file import read_liquid
from ionspice.pipeline.liquids.run import take
from ionspice.pipeline.liquids.steps import Order, Step, case_with, coarsened, steps

EXAMPLE = Path(__file__).parents[3] / "examples" / "emim_alcl4"


@pytest.fixture
def order(tmp_path):
    study = read_liquid(EXAMPLE / "liquid.toml")
    return Order(study=study, directory=tmp_path, case=None, reporter=SilentReporter())


def test_a_step_that_fails_stops_only_those_that_need_it(order):
    done = []

    def fail(order):
        raise RunError("no such luck")

    found = take(
        (
            Step(name="one", act=lambda order: done.append("one")),
            Step(name="two", act=fail, needs=("one",)),
            Step(name="three", act=lambda order: done.append("three"), needs=("two",)),
            Step(name="four", act=lambda order: done.append("four"), needs=("three",)),
            Step(name="five", act=lambda order: done.append("five"), needs=("one",)),
            Step(name="six", act=fail, excuse=lambda order: "nothing to do"),
            Step(name="seven", act=lambda order: done.append("seven"), needs=("six",)),
        ),
        order,
    )
    assert done == ["one", "five", "seven"]
    assert {name: str(error) for name, error in found.items()} == {"two": "no such luck"}


def test_every_step_needs_steps_before_it():
    names = [step.name for step in steps()]
    assert len(set(names)) == len(names)
    for place, step in enumerate(steps()):
        assert set(step.needs) <= set(names[:place])


def test_a_case_is_computed_with_the_electrolyte_made_here(order, tmp_path):
    text = (EXAMPLE / "electrolyte.toml").read_text().replace("12.0", "13.0")
    (tmp_path / "electrolyte.toml").write_text(text)
    case = case_with(EXAMPLE / "slits.toml", tmp_path / "electrolyte.toml")
    assert case.electrolyte.relative_permittivity == 13.0
    assert case.geometry.layers == 6
    with pytest.raises(InputError, match="cannot read"):
        case_with(EXAMPLE / "slits.toml", tmp_path / "absent.toml")


def test_a_coarse_case_is_a_case_that_takes_seconds(order):
    case = case_with(EXAMPLE / "slits.toml", EXAMPLE / "electrolyte.toml")
    coarse = coarsened(case)
    assert coarse.electrolyte == case.electrolyte
    assert coarse.unknowns() < 0.2 * case.unknowns()


def test_the_study_says_what_is_not_to_be_done(order):
    excused = {step.name: step.excuse(order) for step in steps() if step.excuse(order)}
    assert excused["case"] == "[transfer] names no case"
    silent = replace(order, study=order.study.model_copy(update={"production": type(order.study.production)()}))
    assert "no compositions" in next(step.excuse(silent) for step in steps() if step.name == "dynamics")
