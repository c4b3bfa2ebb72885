import math

import pytest
import sympy as sp

from ionspice.core import InputError
from ionspice.discovery.forms.expressions import parse_expression, to_infix
from ionspice.discovery.forms.spice import to_spice

Q = sp.Symbol("Q", real=True)


@pytest.mark.parametrize("expression", [1 - sp.E * Q, sp.exp(Q) - sp.E * sp.exp(Q), (sp.exp(Q) - 1) / (1 - sp.E)])
def test_the_number_e_survives_the_way_through_a_file(expression):
    text = to_infix(expression)
    assert "E" not in text
    assert float(parse_expression(text, ["Q"]).subs(Q, 0.3)) == pytest.approx(
        float(expression.subs(Q, 0.3)), rel=1e-14
    )


def test_powers_of_numbers_that_are_functions_are_numbers():
    assert float(parse_expression("cos(1)**2*Q", ["Q"]).subs(Q, 1.0)) == pytest.approx(math.cos(1) ** 2)


@pytest.mark.parametrize("text", ["Q**(1/0)", "Q**log(0)", "Q**sqrt(-1)"])
def test_powers_without_a_real_exponent_are_refused(text):
    with pytest.raises(InputError, match="not finite and real"):
        parse_expression(text, ["Q"])


def test_the_number_e_is_a_number_in_spice():
    assert float(sp.sympify(to_spice(2 * sp.E)).evalf()) == pytest.approx(2 * math.e)


@pytest.mark.parametrize(
    "text",
    [
        "exp(exp(1e9))",
        "X + exp(exp(exp(9.0)))",
        "1e308*10*X",
        "9**9**9*X",
        "(((X**64)**64)**64)",
        "sqrt(-1)*X",
        "1/0*X",
        "X*" + "9e14*" * 400 + "1",
        "exp(" * 90 + "2" + ")" * 90,
    ],
)
def test_numbers_beyond_floats_are_refused_at_once(text):
    with pytest.raises(InputError, match=r"not finite and real|at most 64|nested"):
        parse_expression(text, {"X"})
