import pytest

from ionspice.core import InputError
from ionspice.fem import StepDrive, TriangularDrive


def test_triangle_rises_and_falls_in_each_cycle():
    drive = TriangularDrive(amplitude=0.1, half_cycle=1e-6, cycles=2)
    times = [0.0, 0.5e-6, 1e-6, 1.5e-6, 2e-6, 3e-6]
    assert [drive.potential(t) for t in times] == pytest.approx([0, 0.05, 0.1, 0.05, 0, 0.1])
    assert drive.corners == pytest.approx((1e-6, 2e-6, 3e-6, 4e-6))
    assert drive.scan_rate == pytest.approx(1e5)
    assert drive.charging_end == 1e-6


def test_negative_windows_run_downwards():
    assert TriangularDrive(amplitude=-0.1).potential(750e-9) == pytest.approx(-0.1)


def test_step_jumps_after_zero():
    drive = StepDrive(amplitude=0.2, duration=1e-6)
    assert (drive.potential(0.0), drive.potential(1e-12), drive.corners) == (0.0, 0.2, (1e-6,))


@pytest.mark.parametrize(("key", "value"), [("amplitude", 0.0), ("half_cycle", 0.0), ("cycles", 0)])
def test_impossible_triangles_are_refused(key, value):
    with pytest.raises(InputError, match=f"{key} = "):
        TriangularDrive(**{key: value})
