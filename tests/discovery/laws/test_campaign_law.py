"""A law over several conditions is found from made data, and holds under conditions that were left out."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.discovery.laws.campaign_law import (
    DISCOVERED,
    RIVALS,
    Condition,
    Course,
    discover_campaign_law,
    fit,
    leave_one_condition_out,
)

BASE = {"h": 5.0, "nu": 0.25, "L/d": 6.0, "d/g": 0.8, "u": 4.0, "theta": 1.0}


def condition(number, noise=0.0, **changes):
    """Three elements of rho = (L/2d + d/g + 1/2)/sqrt(1 + x² (1 + h/10 - nu)), exact but for noise."""
    groups = BASE | changes
    generator = np.random.default_rng(number)
    level = groups["L/d"] / 2 + groups["d/g"] + 0.5
    courses = []
    for end in (1.5, 1.4, 1.3):
        x = np.linspace(0, end * groups["u"] / 4, 400)
        passed = 2 * x + 0.5 * x**2  # deeper slits lag behind, so that no state is another's multiple
        rho = level / np.sqrt(1 + x**2 * (1 + groups["h"] / 10 - groups["nu"]))
        integral = np.concatenate([[0.0], np.cumsum((rho[1:] + rho[:-1]) / 2 * np.diff(passed))])
        integral *= 1 + noise * generator.standard_normal()
        courses.append(Course(local=x, behind=passed / 2, passed=passed, integral=integral))
    (axis,) = changes or ("default",)
    return Condition(name=f"{axis}-{number}", axis=axis, groups=groups, courses=tuple(courses))


@pytest.fixture(scope="module")
def conditions():
    values = {
        "h": (2.5, 4, 7, 10, 15),
        "nu": (0.05, 0.1, 0.4, 0.5),
        "u": (2.0, 8.0),
        "L/d": (3.0, 10.0),
        "d/g": (0.5, 2.0),
    }
    changes = [{}, *({key: value} for key, points in values.items() for value in points)]
    return [condition(number, **change) for number, change in enumerate(changes)]


@pytest.fixture(scope="module")
def law(conditions):
    return discover_campaign_law(conditions, seed=1)


def test_the_factor_is_found_over_all_conditions(law):
    for h, nu, x in ((3.0, 0.2, 0.5), (12.0, 0.45, 1.2), (6.0, 0.3, 2.5)):
        found = float(_at(law, x, h, nu))
        assert found == pytest.approx(1 + h / 10 - nu, rel=0.02)


def _at(law, x, h, nu):
    values = {"x": x, "h": h, "nu": nu}
    return law.expression.subs({symbol: values[symbol.name] for symbol in law.expression.free_symbols})


def test_left_out_conditions_are_predicted_to_round_off_and_rivals_are_not(conditions, law):
    rows = leave_one_condition_out(conditions, law)
    errors = {name: [row.error for row in rows if row.rival == name] for name in {row.rival for row in rows}}
    assert len(errors[DISCOVERED]) == len(conditions)
    best = np.mean(errors.pop(DISCOVERED))
    assert best < 5e-4
    assert min(np.mean(values) for values in errors.values()) > 5 * best


def test_a_conditions_own_data_do_not_enter_its_prediction(conditions, law):
    wrong = replace(conditions[3], courses=tuple(replace(c, integral=2 * c.integral) for c in conditions[3].courses))
    # Twice the resistance, with the end as the unit: the prediction of an untouched law is half of it.
    rows = leave_one_condition_out([*conditions[:3], wrong, *conditions[4:]], law)
    error = next(row.error for row in rows if row.rival == DISCOVERED and row.condition == wrong.name)
    assert error > 0.2


def test_own_fits_find_the_level_and_the_constant(conditions):
    donnan = next(rival for rival in RIVALS if rival.name == "Donnan, local charge")
    own = fit(conditions[0], donnan)
    assert own.level == pytest.approx(4.3, rel=1e-4)
    assert own.constants[0] == pytest.approx(np.sqrt(1.25), rel=1e-3)
    assert own.r_squared > 1 - 1e-8


def test_ions_of_size_zero_give_the_parameter_free_law():
    sized = next(rival for rival in RIVALS if "size a" in rival.name)
    x = np.linspace(0, 3, 7)
    none = np.zeros(0)
    np.testing.assert_allclose(sized.ratio(x, none, {"nu": 1e-12}), 1 / np.sqrt(1 + x**2), rtol=1e-9)
    # Bikerman's distribution at u = 2, nu = 0.4, and its half-filled limit nu = 1/2 without a division by zero
    for nu in (0.4, 0.5):
        c = np.cosh(2.0)
        share = 1 + nu * (c - 1)
        ratio = sized.ratio(np.array([np.sinh(2.0) / share]), none, {"nu": nu})
        np.testing.assert_allclose(ratio, share / c, rtol=1e-9)


def test_too_few_conditions_are_refused(conditions, law):
    with pytest.raises(InputError, match="at least 8"):
        leave_one_condition_out(conditions[:7], law)
