"""Print a law's shape s(X) as an expression of a circuit language, polynomials in Horner form."""

import sympy

from ionspice.circuits.model.shape import X
from ionspice.core import InputError
from ionspice.discovery.forms.spice import to_spice


def print_shape(shape: sympy.Expr, relative_charge: str) -> str:
    """Return s(X) as text, with `relative_charge` (an expression of the target language) in the place of X.

    Raises:
        InputError: the shape has another symbol than X or a function that circuit languages lack.
    """
    others = shape.free_symbols - {X}
    if others:
        raise InputError(f"the law's shape {shape} contains {sorted(map(str, others))}; only X may be left")
    if shape.is_polynomial(X):
        shape = sympy.horner(shape, wrt=X)
    operand = relative_charge if relative_charge.isidentifier() else f"({relative_charge})"
    return to_spice(shape, {X: operand})
