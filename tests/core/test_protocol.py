"""Protocols as text: what steps mean, what is wrong with them, and the legs that become of them."""

import re

import pytest

from ionspice.core import InputError
from ionspice.core.drives import (
    ConstantCurrent,
    CurrentBelow,
    Cycling,
    Elapsed,
    Hold,
    LegsDone,
    PotentialReached,
    Ramp,
    Stay,
    Sweep,
    TriangularDrive,
    keeps_time,
    parse_protocol,
    potential_range,
)
from ionspice.core.drives.protocol import MOST_LEGS, check_charging
from ionspice.core.drives.steps import HoldFor, Repeat, RestFor, RunAt, StartAt, SweepTo, parse_step


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Start at 0.2 V", StartAt(0.2)),
        ("Sweep to 0.6 V at 20 mV/s", SweepTo(0.6, 0.02)),
        ("sweep TO -600mV  at 2e4 V / s", SweepTo(-0.6, 2e4)),
        ("Hold for 10 s or until 1 uA/m", HoldFor(None, 10.0, 1e-6)),
        ("Hold at 0.6 V until 1 mA/m or for 1 min", HoldFor(0.6, 60.0, 1e-3)),
        ("Hold for 1 h", HoldFor(None, 3600.0, None)),
        ("Rest for 1 min", RestFor(60.0)),
        ("Charge at 0.05 A/m until 0.6 V", RunAt(0.05, 0.6, None)),
        ("Discharge at 50 mA/m for 3 us or until 0 V", RunAt(-0.05, 0.0, 3e-6)),
        ("Repeat 5 times", Repeat(None, 5, None)),
        ("Repeat the last 3 steps 12 times", Repeat(3, 12, None)),
        ("Repeat until periodic", Repeat(None, 100, 1e-3)),
        ("Repeat the last 2 steps until periodic within 0.5 % or 30 times", Repeat(2, 30, 0.005)),
    ],
)
def test_steps_say_what_they_say(text, step):
    assert parse_step(text) == step


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins with none of Start, Sweep, Hold, Rest, Charge, Discharge, Repeat"),
        ("Jump to 1 V", "begins with none of Start"),
        (
            "Sweep to 0,6 V at 20 mV/s",
            "has '0,6 V' at character 10, which has a decimal comma; write it with a point",
        ),
        ("Sweep to 0.6 A at 20 mV/s", "'0.6 A' at character 10, which is not a potential: A cannot become V"),
        ("Sweep to 0.6 at 20 mV/s", "'0.6' at character 10, which has no unit; write a potential like"),
        ("Sweep to 0.6 V", "lacks the word 'at' at character 15; write it like 'Sweep to 0.6 V at 20 mV/s'"),
        ("Sweep to 0.6 V at 0 V/s", "'0 V/s' at character 19, which must be greater than 0"),
        ("Sweep to at 1 V/s", "lacks a potential at character 10"),
        ("Sweep to 20 V at 1 V/s", "'20 V' at character 10, which must be within 10 V"),
        ("Sweep to 1 V at 1 V/s or for 3 s", "goes on with 'or' at character 23"),
        ("Hold at 0.6 V", "has no end condition here"),
        ("Hold until 1 uA/m", "has no time, and a hold need not fall below a current; add 'for 10 s'"),
        ("Hold for 10 s or until 1 V", "'1 V' at character 24, which is not a current per depth"),
        ("Hold for 10 s or for 9 s", "has no end condition here"),
        ("Rest for 1e9 s", "'1e9 s' at character 10, which must be greater than 0 s and at most 1e+06 s"),
        ("Rest for -1 s", "must be greater than 0 s"),
        ("Charge at 1 A/m for 2 s", "has no potential that it must not pass; add 'until 0.6 V'"),
        ("Discharge at -1 A/m until 0 V", "'-1 A/m' at character 14, which must be greater than 0"),
        ("Repeat", "has '' at character 7 for a number of times"),
        ("Repeat 2.5 times", "has '2.5' at character 8 for a number of times; give a whole number from 1 to 10000"),
        ("Repeat 99999 times", "give a whole number from 1 to 10000"),
        ("Repeat 5", "lacks the word 'times' at character 9"),
        ("Repeat until periodic within 1 mV", "which is not a share"),
        ("Rest for 1 s " + "x" * 300, "has 313 characters, more than 200"),
    ],
)
def test_mistakes_are_told_with_their_place_and_remedy(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_step(text)


def test_every_mistaken_step_has_a_line_of_its_own():
    with pytest.raises(InputError) as caught:
        parse_protocol(["Sweep to 0.1 V", "Rest for 1 s", "Rest"])
    lines = str(caught.value).splitlines()
    assert [line.split('"')[0] for line in lines] == ["step 1 ", "step 3 "]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "drive nothing"),
        (["Sweep to 0 V at 1 V/s"], "drive nothing"),
        (["Start at 0.2 V"], "drive nothing"),
        (["Hold at 1 V for 1 s", "Start at 0.2 V"], "step 2 starts at 0.2 V; let it be the first step"),
        (["Repeat 2 times"], "step 1 repeats the steps, and there are 0 before it"),
        (
            ["Hold at 1 V for 1 s", "Repeat the last 2 steps 2 times"],
            "step 2 repeats 2 steps, and there are 1 before",
        ),
        (["Hold at 1 V for 1 s", "Repeat 9000 times", "Repeat 9 times"], f"more than {MOST_LEGS} in all"),
        (["Hold at 1 V for 1 s", "Repeat until periodic", "Repeat until periodic"], "a period of what ends"),
    ],
)
def test_steps_that_do_not_fit_together_are_refused(steps, message):
    with pytest.raises(InputError, match=message):
        parse_protocol(steps)


def test_a_protocol_becomes_legs_each_from_where_the_one_before_ends():
    drive = parse_protocol(
        [
            "Start at 0.2 V",
            "Sweep to 0.6 V at 20 mV/s",
            "Hold for 10 s or until 1 uA/m",
            "Rest for 1 min",
            "Discharge at 0.05 A/m until 0 V",
            "Hold for 1 s",
            "Sweep to 0.2 V at 1 V/s",
        ]
    )
    assert [leg.control for leg in drive.legs] == [
        Ramp(0.2, 0.6, pytest.approx(20.0)),
        Hold(0.6),
        ConstantCurrent(0.0),
        ConstantCurrent(-0.05),
        Stay(0.0),
        Sweep(0.2, 1.0, 0.0),
    ]
    assert drive.legs[1].ends == (Elapsed(10.0), CurrentBelow(1e-6))
    assert drive.legs[3].ends == (PotentialReached(0.0, rising=False),)
    assert (drive.start, drive.swing, drive.charged) == (0.2, 0.6, LegsDone(2))
    assert potential_range(drive) == (0.0, 0.6)
    assert drive.prescribes_current
    assert not keeps_time(drive)


def test_a_sweep_behind_a_current_begins_where_that_has_ended():
    drive = parse_protocol(["Charge at 1 A/m until 0.1 V", "Sweep to 0.3 V at 2 V/s"])
    sweep = drive.legs[1]
    assert sweep.begun_at(0.2).control == Ramp(0.2, 0.3, pytest.approx(0.05))
    assert sweep.begun_at(0.5).control == Ramp(0.5, 0.3, pytest.approx(0.1))
    assert sweep.begun_at(0.3) is None
    later = sweep.begun_at(0.25, elapsed=0.025)  # a run that goes on in the middle of it
    assert later.control.start == pytest.approx(0.2)
    assert later.duration == pytest.approx(0.05)


def test_repeats_run_their_steps_so_many_times_in_all():
    drive = parse_protocol(
        [
            "Sweep to 0.1 V at 1 V/s",
            "Rest for 1 s",
            "Repeat the last 1 steps 3 times",
            "Hold at 0 V for 1 s",
            "Repeat the last 2 steps 2 times",
        ]
    )
    assert [type(leg.control).__name__[0] for leg in drive.legs] == list("R" + "CCCH" * 2)


def test_repeats_until_periodic_know_their_cycles():
    drive = parse_protocol(
        [
            "Hold at 0.1 V for 1 s",
            "Sweep to 0.2 V at 1 V/s",
            "Sweep to 0.1 V at 1 V/s",
            "Repeat the last 2 steps until periodic within 1 % or 4 times",
            "Hold at 0 V for 1 s",
            "Repeat 2 times",
        ]
    )
    assert len(drive.legs) == 20
    assert [(c.first, c.length, c.cycles, c.behind) for c in drive.cyclings] == [(1, 2, 4, 9), (11, 2, 4, 19)]
    assert drive.cyclings[0].tolerance == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("before", "now", "begin"), [(2, 3, 1), (4, 5, 3), (4, 6, 3), (3, 4, None), (0, 1, None), (9, 10, None)]
)
def test_the_end_of_a_cycle_is_seen_although_legs_have_nothing_to_do(before, now, begin):
    assert Cycling(first=1, length=2, cycles=4, tolerance=0.1).ended(before, now) == begin


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        (["Sweep to 0.1 V at 1 V/s", "Hold for 1 s", "Sweep to 0.2 V at 1 V/s", "Sweep to 0 V at 1 V/s"], 3),
        (["Sweep to -0.1 V at 1 V/s", "Sweep to 0.2 V at 1 V/s"], 1),
        (["Charge at 1 A/m until 0.1 V", "Rest for 1 s"], 1),
        (["Hold at 0.1 V for 1 s"], 1),
    ],
)
def test_charging_lasts_while_the_potential_goes_on(steps, count):
    drive = parse_protocol(steps)
    assert drive.charged == LegsDone(count)
    check_charging(drive)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (["Start at 0.1 V", "Sweep to 0.2 V at 1 V/s"], "starts at 0.1 V, and a law needs the charging of an empty"),
        (["Rest for 1 s", "Sweep to 0.2 V at 1 V/s"], "does not begin with charging"),
        (["Hold at 0 V for 1 s", "Sweep to 0.2 V at 1 V/s"], "does not begin with charging"),
    ],
)
def test_protocols_without_a_charging_part_are_no_data_of_a_law(steps, message):
    with pytest.raises(InputError, match=message):
        check_charging(parse_protocol(steps))


def test_all_other_drives_begin_with_charging_and_keep_time():
    check_charging(TriangularDrive())
    assert keeps_time(TriangularDrive())
    assert keeps_time(parse_protocol(["Sweep to 0.1 V at 1 V/s", "Hold for 1 s"]))
    assert not keeps_time(parse_protocol(["Hold at 0.1 V for 1 s or until 1 A/m"]))
    assert not keeps_time(parse_protocol(["Hold at 0.1 V for 1 s", "Repeat until periodic"]))


def test_a_rest_or_a_hold_at_zero_alone_is_a_protocol():
    """A reaction or a second reservoir may drive the cell."""
    for step in ("Rest for 1 s", "Hold at 0 V for 1 s"):
        drive = parse_protocol([step])
        assert len(drive.legs) == 1
        assert drive.swing > 0
