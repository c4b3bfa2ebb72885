import pytest

from ionspice.electrolytes.analysis.transition_state import effective_barrier, transition_rate


def test_without_a_barrier_the_rate_is_kt_over_h():
    assert transition_rate(0.0, 300.0) == pytest.approx(6.2509, rel=1e-4)


def test_the_study_s_barrier_and_its_rates_do_not_go_together():
    assert transition_rate(0.49, 300.0) == pytest.approx(3.7e-8, rel=0.02)
    assert effective_barrier(3.47e-3, 300.0) == pytest.approx(0.194, abs=0.001)


@pytest.mark.parametrize("barrier", [0.1, 0.5, 1.2])
def test_each_is_the_inverse_of_the_other(barrier):
    assert effective_barrier(transition_rate(barrier, 450.0), 450.0) == pytest.approx(barrier)
