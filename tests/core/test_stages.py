from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ionspice.core import RunError
from ionspice.core.manifest import read_manifest
from ionspice.core.stages import Stage, is_up_to_date, run_chain, until


@dataclass(frozen=True, kw_only=True)
class Words:
    first: str = "a"
    fails: bool = False


def write(inputs, place):
    (place.directory / "one.txt").write_text(inputs.first)


def double(inputs, place):
    if inputs.fails:
        (place.directory / "kept.txt").write_text("half")
        raise RunError("stopped")
    known = (place.directory / "kept.txt").is_file() and place.unfinished
    text = (place.directory / "one.txt").read_text()
    (place.directory / "two.txt").write_text(text * 2 + (" resumed" if known else ""))


CHAIN = (
    Stage(name="write", act=write, values=lambda i: {"first": i.first}, writes=lambda i: ["one.txt"]),
    Stage(name="double", act=double, reads=lambda i: ["one.txt"], writes=lambda i: ["two.txt"]),
)


class Lines:
    """Keeps which stages ran."""

    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    def stage(self, name):
        self.lines.append(f"{name} runs")
        return nullcontext(lambda done, whole: None)


def lines_of(chain, inputs, folder, **choices):
    lines = Lines()
    run_chain(chain, inputs, folder, reporter=lines, **choices)
    return lines.lines


def test_stages_run_once(tmp_path):
    assert lines_of(CHAIN, Words(), tmp_path) == ["write runs", "double runs"]
    assert (tmp_path / "two.txt").read_text() == "aa"
    assert lines_of(CHAIN, Words(), tmp_path) == ["write: up to date", "double: up to date"]
    assert is_up_to_date(CHAIN, Words(), tmp_path)


def test_changed_values_and_files_run_their_stage_and_what_reads_its_output(tmp_path):
    run_chain(CHAIN, Words(), tmp_path)
    assert lines_of(CHAIN, Words(first="b"), tmp_path) == ["write runs", "double runs"]
    (tmp_path / "two.txt").write_text("changed by hand")
    assert lines_of(CHAIN, Words(first="b"), tmp_path) == ["write: up to date", "double runs"]


def test_a_new_revision_of_a_stage_runs_it_again(tmp_path):
    run_chain(CHAIN, Words(), tmp_path)
    newer = Stage(name="double", act=double, reads=lambda i: ["one.txt"], writes=lambda i: ["two.txt"], revision=2)
    assert lines_of((CHAIN[0], newer), Words(), tmp_path) == ["write: up to date", "double runs"]


def test_a_stage_that_stopped_is_begun_again_as_unfinished(tmp_path):
    with pytest.raises(RunError, match="stopped"):
        run_chain(CHAIN, Words(fails=True), tmp_path)
    assert read_manifest(tmp_path)["write"].finished
    assert not read_manifest(tmp_path)["double"].finished
    run_chain(CHAIN, Words(), tmp_path)
    assert (tmp_path / "two.txt").read_text() == "aa resumed"


def test_a_forced_stage_begins_from_its_beginning(tmp_path):
    with pytest.raises(RunError):
        run_chain(CHAIN, Words(fails=True), tmp_path)
    run_chain(CHAIN, Words(), tmp_path, always=["double"])
    assert (tmp_path / "two.txt").read_text() == "aa"


def test_a_file_outside_the_folder_counts_by_its_content(tmp_path):
    outside = tmp_path / "mesh.txt"
    outside.write_text("1")
    stage = Stage(name="write", act=write, reads=lambda i: [Path(outside)], writes=lambda i: ["one.txt"])
    folder = tmp_path / "run"
    folder.mkdir()
    run_chain([stage], Words(), folder)
    outside.touch()
    assert lines_of([stage], Words(), folder) == ["write: up to date"]
    outside.write_text("2")
    assert lines_of([stage], Words(), folder) == ["write runs"]


def test_the_last_stage_wanted_must_exist():
    assert [stage.name for stage in until(CHAIN, "write")] == ["write"]
    with pytest.raises(ValueError, match="'report' is no stage; use one of write, double"):
        until(CHAIN, "report")


def report(inputs, place):
    found = sorted(path.name for path in place.directory.glob("*.txt"))
    (place.directory / "report.md").write_text(f"{found} {place.failures}")


OPTIONAL = (
    CHAIN[0],
    replace(CHAIN[1], optional=True, values=lambda i: {"fails": i.fails}),
    Stage(name="report", act=report, reads=lambda i: ["one.txt", "two.txt"], writes=lambda i: ["report.md"]),
)


def test_a_chain_goes_on_without_an_optional_stage_and_says_why_at_its_end(tmp_path):
    run_chain(OPTIONAL, Words(), tmp_path)
    lines = Lines()
    with pytest.raises(RunError, match="stopped"):
        run_chain(OPTIONAL, Words(fails=True), tmp_path, reporter=lines)
    assert lines.lines == ["write: up to date", "double runs", "double: not done: stopped", "report runs"]
    assert read_manifest(tmp_path)["double"].failure == "stopped"
    text = (tmp_path / "report.md").read_text()
    assert "stopped" in text
    assert "two.txt" not in text  # what other inputs had given


def test_a_repaired_stage_is_done_and_reported_again(tmp_path):
    with pytest.raises(RunError):
        run_chain(OPTIONAL, Words(fails=True), tmp_path)
    run_chain(OPTIONAL, Words(), tmp_path)
    assert "two.txt" in (tmp_path / "report.md").read_text()
    assert read_manifest(tmp_path)["double"].failure == ""


def test_several_failures_are_one_error(tmp_path):
    chain = (CHAIN[0], OPTIONAL[1], replace(OPTIONAL[1], name="again"), OPTIONAL[2])
    with pytest.raises(RunError, match="2 stages could not be done"):
        run_chain(chain, Words(fails=True), tmp_path)


def test_a_forced_stage_that_fails_keeps_what_it_made_of_the_same_inputs(tmp_path):
    run_chain(CHAIN, Words(), tmp_path)
    again = replace(CHAIN[1], optional=True)
    with pytest.raises(RunError, match="stopped"):
        run_chain([again], Words(fails=True), tmp_path, always=["double"])
    assert (tmp_path / "two.txt").read_text() == "aa"
    assert is_up_to_date(CHAIN, Words(), tmp_path)


def test_a_stage_is_not_tried_without_one_that_it_needs(tmp_path):
    behind = replace(CHAIN[1], name="behind", optional=True, needs=("double",), writes=lambda i: ["three.txt"])
    chain = (*OPTIONAL[:2], behind, OPTIONAL[2])
    lines = Lines()
    with pytest.raises(RunError, match=r"^stopped$"):  # the cause alone
        run_chain(chain, Words(fails=True), tmp_path, reporter=lines)
    assert "behind: not done: it needs the stage double, which could not be done" in lines.lines
    assert "behind runs" not in lines.lines


def test_a_stage_with_an_excuse_is_no_failure_unless_it_was_asked_for(tmp_path):
    made = replace(CHAIN[1], optional=True)
    run_chain((CHAIN[0], made), Words(), tmp_path)
    excused = replace(made, excuse=lambda i: "nothing to double")
    chain = (CHAIN[0], excused, replace(CHAIN[0], name="last", writes=lambda i: []))
    assert "double: not done: nothing to double" in lines_of(chain, Words(first="b"), tmp_path)
    assert not (tmp_path / "two.txt").exists()  # what it made before is not of these inputs
    assert read_manifest(tmp_path)["double"].failure == "nothing to double"
    assert is_up_to_date(chain, Words(first="b"), tmp_path)
    with pytest.raises(RunError, match="nothing to double"):
        run_chain(chain[:2], Words(first="b"), tmp_path)
