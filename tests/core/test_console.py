"""What stages say on the way, by a clock that the tests turn."""

import io

import pytest
from rich.console import Console

from ionspice.core import console
from ionspice.core.console import PlainReporter, TerminalReporter, spoken_duration


@pytest.fixture
def clock(monkeypatch):
    """Return a list whose one number is the time [s]."""
    now = [1000.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    return now


def lines_of(clock, capsys, whole, *, steps):
    """Return the lines of a stage whose steps take equal times of `whole` seconds."""
    with PlainReporter().stage("solve") as advance:
        for step in range(1, steps + 1):
            clock[0] += whole / steps
            advance(step / steps, 1.0)
    return capsys.readouterr().out.splitlines()


def test_a_long_stage_says_at_every_quarter_what_is_left(clock, capsys):
    first, *between, last = lines_of(clock, capsys, 40.0, steps=80)
    assert first == "solve ..."
    assert between == [
        "solve: 25% after 10 s, about 30 s left",
        "solve: 50% after 20 s, about 20 s left",
        "solve: 75% after 30 s, about 10 s left",
    ]
    assert last == "solve: done in 40.0 s"


def test_a_very_long_stage_says_it_once_a_minute(clock, capsys):
    _, *between, _ = lines_of(clock, capsys, 3600.0, steps=720)
    assert between[1] == "solve: 3% after 2 min, about 58 min left"
    assert 55 <= len(between) <= 63


def test_what_is_left_is_told_by_the_latest_pace(clock, capsys):
    with PlainReporter().stage("solve") as advance:
        for share in (0.01, 0.05, 0.15):  # steps that grow
            clock[0] += 61.0
            advance(share, 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "solve: 1% after 61 s"
    assert lines[3] == f"solve: 15% after 3 min, about {spoken_duration(61 * 0.85 / 0.1)} left"


def test_first_steps_of_a_new_leg_do_not_tell_what_is_left(clock, capsys):
    with PlainReporter().stage("solve") as advance:
        for share in (0.2, 0.5, 0.50001, 0.6):
            clock[0] += 61.0
            advance(share, 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == "solve: 50% after 3 min"
    assert lines[4].endswith("left")


def test_a_stage_that_has_hardly_begun_does_not_guess(clock, capsys):
    with PlainReporter().stage("solve") as advance:
        clock[0] += 61.0
        advance(1e-9, 1.0)
    assert capsys.readouterr().out.splitlines()[1] == "solve: 0% after 61 s"


def test_a_short_stage_says_nothing_between(clock, capsys):
    assert len(lines_of(clock, capsys, 2.0, steps=100)) == 2


def test_a_stage_that_does_not_know_its_length_ends_all_the_same(clock, capsys):
    with PlainReporter().stage("mesh"):
        clock[0] += 300.0
    assert capsys.readouterr().out.splitlines() == ["mesh ...", "mesh: done in 300.0 s"]


def test_a_terminal_shows_the_time_that_is_left():
    screen = Console(file=io.StringIO(), force_terminal=True, width=80)
    with TerminalReporter(screen).stage("solve") as advance:
        advance(0.0, 1.0)
        advance(0.5, 1.0)
    written = screen.file.getvalue()
    assert "solve" in written
    assert "0:00:0" in written  # elapsed and remaining
    assert "done in" in written


@pytest.mark.parametrize(("seconds", "words"), [(3.2, "3 s"), (119.0, "119 s"), (600.0, "10 min"), (9000.0, "2.5 h")])
def test_durations_are_in_the_unit_that_reads_best(seconds, words):
    assert spoken_duration(seconds) == words
