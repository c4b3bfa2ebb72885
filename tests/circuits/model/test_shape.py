import math

import pytest
import sympy

from ionspice.circuits import LINEAR, X, bounds, normalised_shape
from ionspice.circuits.model.shape import shape_reach
from ionspice.core import InputError

Q, Rc, gamma, Qmax, b = sympy.symbols("Q Rc gamma Qmax b")
CONSTANTS = {"Rc": 3.0, "gamma": 0.4, "Qmax": 2e-10, "b": 1.7}


def test_the_linear_law_has_the_shape_x():
    assert normalised_shape(Rc * (1 - gamma * Q / Qmax), CONSTANTS) == LINEAR


def test_a_constant_law_has_the_shape_x():
    assert normalised_shape(Rc, CONSTANTS) == LINEAR


@pytest.mark.parametrize(
    "law",
    [
        Rc * sympy.exp(-b * Q / Qmax),
        Rc / (1 + b * Q / Qmax),
        Rc * (1 - gamma * Q / Qmax + b * (Q / Qmax) ** 2 / 10),
        Rc / sympy.sqrt(1 + (b * Q / Qmax) ** 2),
    ],
)
def test_a_shape_gives_its_law_back(law):
    shape = normalised_shape(law, CONSTANTS)
    value = sympy.lambdify(Q, law.subs({Rc: 3.0, gamma: 0.4, Qmax: 2e-10, b: 1.7}))
    reduction = 1 - value(2e-10) / value(0.0)
    for x in (0.0, 0.3, 1.0):
        assert 3.0 * (1 - reduction * float(shape.subs(X, x))) == pytest.approx(value(x * 2e-10), rel=1e-12)


def test_a_law_without_a_value_names_the_constant():
    with pytest.raises(InputError, match="no value for b"):
        normalised_shape(Rc * (1 - b * Q), {"Rc": 1.0, "Qmax": 1.0})


def test_a_law_that_returns_to_its_start_is_refused():
    with pytest.raises(InputError, match="differ"):
        normalised_shape(Rc * (1 + Q / Qmax * (1 - Q / Qmax)), CONSTANTS)


@pytest.mark.parametrize("law", [Rc / (Qmax / 2 - Q), Rc * sympy.log(Q), Rc / Q, Rc * sympy.sqrt(Qmax / 2 - Q)])
def test_a_law_with_a_pole_in_its_range_is_refused(law):
    with pytest.raises(InputError, match="choose another law"):
        normalised_shape(law, CONSTANTS)


def test_bounds_enclose_the_range_and_are_tight():
    low, high = bounds(sympy.exp(-2 * X) + sympy.tanh(X))
    values = [float((sympy.exp(-2 * X) + sympy.tanh(X)).subs(X, k / 50)) for k in range(51)]
    assert low <= min(values) <= low + 0.02
    assert max(values) <= high <= max(values) + 0.02


@pytest.mark.parametrize("law", [1 / (X - 0.3), sympy.log(X - 0.5), sympy.sqrt(0.5 - X)])
def test_a_pole_inside_the_range_is_refused(law):
    with pytest.raises(InputError, match="choose another law"):
        bounds(law)


@pytest.mark.parametrize(
    ("shape", "reach"),
    [
        (X, math.inf),
        (X**2, math.inf),
        (2 * X - X**2, 2.0),
        (6 * X - 2.6 * (sympy.exp(X) - 1), 1.2),
        (X / (1 + X / 2), math.inf),
        (X / (2 - X), 1.5),
        (1 - sympy.sqrt(1 - X / 1.3), 1.2),
        (sympy.log(1.01 - X), 1.0),
    ],
)
def test_a_law_is_read_up_to_where_it_has_bounds_and_resists_no_more_than_where_it_was_learnt(shape, reach):
    assert shape_reach(shape) == reach
