import numpy as np
import pytest
import sympy

from ionspice.circuits import X, print_shape, run_netlist
from ionspice.core import InputError

SHAPES = [
    X,
    X + X**2 / 3 - sympy.Float(0.25) * X**5,
    (1 - sympy.exp(-2.5 * X)) / (1 - sympy.exp(-2.5)),
    sympy.log(1 + X / 2) / sympy.log(2),
    1 / sympy.sqrt(1 + X**2),
    X / (1 + X) ** 2,
    sympy.tanh(X) ** 3 - sympy.pi,
    sympy.asinh(3 * X) / sympy.asinh(3),
    X ** sympy.Rational(3, 2),
    -X / (2 + X) + (1 + X) ** -3,
    sympy.Max(X, 0.25, 1 - X),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_ngspice_reads_the_printed_shape_as_sympy_does(shape):
    source = f"By y 0 V={{{print_shape(shape, 'V(x)')}}}"
    vectors = run_netlist(
        f"* shape\nVx x 0 0\n{source}\n.options reltol=1e-9 vntol=1e-12\n.save v(y)\n.dc Vx 0 1 0.05\n.end\n"
    )
    expected = [float(shape.subs(X, x)) for x in np.linspace(0, 1, 21)]
    assert vectors["y"] == pytest.approx(expected, rel=1e-10, abs=1e-11)


def test_numbers_are_printed_with_all_digits():
    assert "0.1234567890123456" in print_shape(sympy.Float(0.1234567890123456, 17) * X, "x")


def test_a_function_that_spice_lacks_is_refused():
    with pytest.raises(InputError, match="erf"):
        print_shape(sympy.erf(X), "x")


def test_a_foreign_symbol_is_refused():
    with pytest.raises(InputError, match="only X"):
        print_shape(X * sympy.Symbol("a"), "x")
