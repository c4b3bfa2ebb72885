import math

import pytest

from ionspice.core import InputError
from ionspice.core.drives import (
    ConstantCurrent,
    CurrentBelow,
    Elapsed,
    Hold,
    Leg,
    LegsDone,
    LegSequence,
    PotentialReached,
    Sweep,
)
from ionspice.core.drives.legs import first_time
from ionspice.fem import GalvanostaticDrive, SineDrive, StepDrive, TableDrive, TriangularDrive, read_drive


def test_triangle_rises_and_falls_in_each_cycle():
    drive = TriangularDrive(amplitude=0.1, half_cycle=1e-6, cycles=2)
    times = [0.0, 0.5e-6, 1e-6, 1.5e-6, 2e-6, 3e-6]
    assert [drive.potential(t) for t in times] == pytest.approx([0, 0.05, 0.1, 0.05, 0, 0.1])
    assert drive.corners == pytest.approx((1e-6, 2e-6, 3e-6, 4e-6))
    assert drive.scan_rate == pytest.approx(1e5)
    assert drive.charging_end == 1e-6


def test_negative_windows_run_downwards():
    assert TriangularDrive(amplitude=-0.1).potential(750e-9) == pytest.approx(-0.1)


@pytest.mark.parametrize("sign", [1, -1])
def test_windows_that_cross_zero_keep_one_slope_and_end_at_zero(sign):
    drive = TriangularDrive(amplitude=sign * 0.1, lower=-sign * 0.3, half_cycle=4e-6, cycles=2)
    assert drive.corners == pytest.approx((1e-6, 5e-6, 9e-6, 13e-6, 16e-6))
    assert [drive.potential(t) for t in drive.corners] == pytest.approx(
        [sign * v for v in (0.1, -0.3, 0.1, -0.3, 0.0)], abs=1e-15
    )
    assert (drive.charging_end, drive.swing, drive.scan_rate) == pytest.approx((1e-6, 0.3, 1e5))
    slopes = {round((drive.potential(t + 1e-8) - drive.potential(t)) / 1e-8) for t in drive.snapshots}
    assert slopes == {100000, -100000}


def test_a_window_on_one_side_of_zero_is_refused():
    with pytest.raises(InputError, match=r"lower = 0\.05 V and amplitude = 0\.1 V lie on one side of 0 V"):
        TriangularDrive(amplitude=0.1, lower=0.05)


def test_step_jumps_after_zero():
    drive = StepDrive(amplitude=0.2, duration=1e-6)
    assert (drive.potential(0.0), drive.potential(1e-12), drive.corners) == (0.0, 0.2, (1e-6,))


def test_sine_lands_on_its_extremes():
    drive = SineDrive(amplitude=-0.1, frequency=1e6, cycles=2)
    extremes = [drive.potential(t) for t in drive.snapshots[::2]]
    assert extremes == pytest.approx([-0.1, 0.1, -0.1, 0.1])
    assert drive.charging_end == drive.snapshots[0]
    assert drive.corners == pytest.approx((2e-6,))


@pytest.mark.parametrize(("key", "value"), [("amplitude", 0.0), ("half_cycle", 0.0), ("cycles", 0)])
def test_impossible_triangles_are_refused(key, value):
    with pytest.raises(InputError, match=f"{key} = "):
        TriangularDrive(**{key: value})


@pytest.mark.parametrize(("key", "value"), [("amplitude", math.nan), ("frequency", 0.0), ("cycles", 0)])
def test_impossible_sines_are_refused(key, value):
    with pytest.raises(InputError, match=f"{key} = "):
        SineDrive(**({"amplitude": 0.1, "frequency": 1e6} | {key: value}))


def test_a_table_is_followed_on_straight_lines_from_its_first_row(tmp_path):
    (tmp_path / "drive.csv").write_text("time,voltage\n-1e-6,0\n0,0.1\n1e-6,0.2\n\n3e-6,-0.1\n")
    drive = read_drive(tmp_path / "drive.csv")
    assert drive.times == pytest.approx((0, 1e-6, 2e-6, 4e-6))
    assert [drive.potential(t) for t in (0.0, 0.5e-6, 3e-6)] == pytest.approx([0, 0.05, 0.05])
    assert drive.corners == pytest.approx((2e-6, 4e-6))  # the row on the straight line is no corner
    assert (drive.charging_end, drive.swing) == pytest.approx((2e-6, 0.2))


def test_a_table_that_starts_charged_jumps():
    drive = TableDrive(times=(0.0, 1e-6), potentials=(0.2, 0.2))
    assert (drive.potential(0.0), drive.potential(1e-12)) == (0.0, 0.2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,0\n2e-6,0.1\n1e-6,0.2\n", "line 3: time 1e-06 s is not later than 2e-06 s"),
        ("time,voltage\n0,0\n1e-6,nan\n", "line 3: '1e-6,nan' is not finite"),
        ("0,0\n1e-6,0.1 V\n", "line 2: '1e-6,0.1 V' is not a time"),
        ("0,0,1\n1e-6,1,1\n", "line 1: '0,0,1' is not a time"),
        ("time,voltage\n0,0.1\n", "1 row of time,voltage; give two or more"),
        ("", "0 rows of time,voltage"),
        ("0,0\n1,0\n", "drives nothing"),
    ],
)
def test_bad_tables_are_refused_with_their_line(tmp_path, text, message):
    (tmp_path / "drive.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_drive(tmp_path / "drive.csv")


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot read the drive"):
        read_drive(tmp_path / "none.csv")


@pytest.mark.parametrize("lower", [0.0, -0.05, -0.3])
def test_a_triangle_starts_and_ends_at_zero_exactly(lower):
    drive = TriangularDrive(amplitude=0.1, lower=lower, half_cycle=50e-9, cycles=3)
    assert drive.potential(0.0) == 0.0
    assert abs(drive.potential(drive.corners[-1])) < 1e-15


POTENTIAL_DRIVES = [
    TriangularDrive(amplitude=0.1, half_cycle=1e-6, cycles=2),
    TriangularDrive(amplitude=-0.1, lower=0.3, half_cycle=4e-6),
    StepDrive(amplitude=0.2, duration=1e-6),
    SineDrive(amplitude=0.1, frequency=1e6, cycles=2),
    TableDrive(times=(0.0, 1e-6, 2e-6, 4e-6), potentials=(0.05, 0.1, 0.15, -0.1)),
]


@pytest.mark.parametrize("drive", POTENTIAL_DRIVES)
def test_the_legs_of_a_drive_follow_its_potential_and_end_at_its_corners(drive):
    begin, ends, marks = 0.0, [], []
    for leg in drive.legs:
        for share in (0.1, 0.5, 1.0):
            elapsed = share * leg.duration
            assert leg.control.potential(elapsed) == pytest.approx(drive.potential(begin + elapsed), abs=1e-12)
        marks += [begin + mark.time for mark in leg.marks]
        begin += leg.duration
        ends.append(begin)
    assert ends == pytest.approx(drive.corners)
    assert marks == pytest.approx(drive.snapshots)
    assert drive.charged == Elapsed(drive.charging_end)
    assert not drive.prescribes_current


def test_a_constant_current_turns_at_its_limits():
    drive = GalvanostaticDrive(current=0.05, upper=0.1, lower=-0.05, cycles=2)
    assert [leg.control.current for leg in drive.legs] == [0.05, -0.05, 0.05, -0.05]
    assert [limit.potential for leg in drive.legs for limit in leg.limits] == [0.1, -0.05, 0.1, -0.05]
    assert [len(leg.marks) for leg in drive.legs] == [1, 0, 0, 0]
    assert drive.prescribes_current


def test_a_leg_that_a_current_ends_lasts_as_long_as_its_charge():
    leg = Leg(control=ConstantCurrent(-2.0), ends=(PotentialReached(0.0, rising=False),))
    assert leg.expected_duration(1e-6) == 0.5e-6
    held = Leg(control=ConstantCurrent(2.0), ends=(PotentialReached(1.0, rising=True), Elapsed(1e-7)))
    assert held.expected_duration(1e-6) == held.duration == 1e-7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ends": ()}, "without an end; give a time or a potential"),
        ({"ends": (Elapsed(0.0),)}, "a leg of 0.0 s must be longer than 0 s"),
        ({"ends": (PotentialReached(0.1, rising=True),)}, "end it by the time instead"),
        ({"control": ConstantCurrent(0.0), "ends": (PotentialReached(0.1, rising=True),)}, "need not reach"),
    ],
)
def test_legs_that_cannot_end_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        Leg(**({"control": Hold(0.1), "ends": (Elapsed(1.0),)} | change))


@pytest.mark.parametrize(
    ("change", "message"), [({"legs": ()}, "at least one leg"), ({"swing": 0.0}, "swing = 0.0 V")]
)
def test_empty_sequences_are_refused(change, message):
    rest = Leg(control=ConstantCurrent(0.0), ends=(Elapsed(1.0),))
    with pytest.raises(InputError, match=message):
        LegSequence(**({"legs": (rest,), "swing": 0.1, "charged": Elapsed(1.0)} | change))


def test_a_potential_is_first_reached_from_its_side():
    times, potentials = (0.0, 1.0, 2.0, 3.0), (0.0, 0.2, 0.1, -0.1)
    assert first_time(PotentialReached(0.1, rising=True), times, potentials) == 1.0
    assert first_time(PotentialReached(-0.05, rising=False), times, potentials) == 3.0
    assert first_time(PotentialReached(0.205, rising=True), times, potentials, slack=0.01) == 1.0
    assert first_time(PotentialReached(0.3, rising=True), times, potentials) == math.inf
    assert first_time(Elapsed(2.5), times, potentials) == 2.5


def test_headings_may_give_units(tmp_path):
    (tmp_path / "drive.csv").write_text("time [ns],potential (mV)\n0,0\n750,110\n")
    drive = read_drive(tmp_path / "drive.csv")
    assert drive.times == pytest.approx((0, 750e-9))
    assert drive.potentials == pytest.approx((0, 0.11))


@pytest.mark.parametrize(
    ("headings", "message"),
    [
        ("time [V],potential [V]", "V cannot become s"),
        ("t/ns,V", "write it in brackets"),
        ("time [m**9**9**9],V", "unknown unit"),
    ],
)
def test_headings_with_other_units_are_refused(tmp_path, headings, message):
    (tmp_path / "drive.csv").write_text(f"{headings}\n0,0\n750,110\n")
    with pytest.raises(InputError, match=rf"line 1: heading .*{message.replace('*', '.')}"):
        read_drive(tmp_path / "drive.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"control": ConstantCurrent(1.0), "ends": (Elapsed(1.0), CurrentBelow(0.1))}, "prescribes the current"),
        ({"ends": (CurrentBelow(0.1),)}, "need not fall below a current"),
        ({"control": Sweep(0.1, 1.0, 0.0)}, "ends where it arrives"),
    ],
)
def test_legs_that_currents_end_need_a_potential_and_a_time(change, message):
    with pytest.raises(InputError, match=message):
        Leg(**({"control": Hold(0.1), "ends": (Elapsed(1.0),)} | change))


def test_so_many_legs_are_first_done_at_the_end_of_the_last_of_them():
    assert first_time(LegsDone(2), (0.0, 1.0, 2.0, 3.0), (0.0,) * 4, (0, 1, 2, 2)) == 2.0
