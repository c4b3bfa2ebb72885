import pytest

from ionspice.pipeline.study.conditions import AXES, DEFAULT, axis_value, study_cases


@pytest.mark.parametrize("quick", [True, False])
def test_conditions_change_one_key_at_a_time(quick):
    cases = study_cases(quick=quick)
    default = cases[DEFAULT]
    assert set(study_cases(quick=True)) <= set(study_cases())
    for axis in AXES:
        found = [case for name, case in cases.items() if name.startswith(f"{axis.name}-")]
        assert found
        assert all(axis_value(case, axis) != axis_value(default, axis) for case in found)
        others = [other for other in AXES if other is not axis]
        assert all(axis_value(case, other) == axis_value(default, other) for case in found for other in others)
