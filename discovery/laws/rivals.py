"""Known laws to rank a discovered one against, as Y in X with Y(0) = 0.

Quadratic (the reference study): R = Rc (1 - gamma X). Logarithm: conductance linear in charge, R = Rc / (1 + beta X).
Inverse hyperbolic sine: Donnan equilibrium with given fixed charge, R = Rc / sqrt(1 + (X/x0)^2). Constant R: the
transmission line. Parameter-free: R = Rc / sqrt(1 + (X_c/2 c0)^2) with the measured excess X_c of counter-ions,
nothing fitted but Rc.
"""

import numpy as np
import sympy as sp

from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.laws.dataset import ElementSeries

X = sp.Symbol("X", real=True)
#: integral of dQ / sqrt(1 + (X_c/2 c0)^2), from 0 to 1
G = sp.Symbol("G", real=True)
_C1, _C2 = sp.symbols("c1 c2", real=True)


def _form(expression: sp.Expr, *start: float, variable: sp.Symbol = X) -> Form:
    return Form(expression=expression, variables=(variable,), parameters=(_C1, _C2)[: len(start)], start=start)


#: known laws of X alone
RIVALS = {
    "quadratic (study)": _form(_C1 * X + _C2 * X**2, 1.0, -0.1),
    "logarithm": _form(_C1 * sp.log(1 + _C2 * X), 1.0, 1.0),
    "inverse hyperbolic sine": _form(_C1 * sp.asinh(_C2 * X), 1.0, 1.0),
    "constant resistance": _form(_C1 * X, 1.0),
}
PARAMETER_FREE = "parameter-free"
#: the parameter-free law, of G
PARAMETER_FREE_FORM = _form(_C1 * G, 1.0, variable=G)


def excess_integral(series: ElementSeries) -> np.ndarray | None:
    """Return G(t), normalised to 1 at the end, or None where the excess of counter-ions is unknown."""
    if series.ion_excess is None:
        return None
    from scipy.integrate import cumulative_trapezoid  # slow to import

    conductance = np.sqrt(1.0 + series.ion_excess**2)
    integral: np.ndarray = cumulative_trapezoid(1.0 / conductance, series.charge, initial=0.0)
    return np.asarray(integral / integral[-1])
