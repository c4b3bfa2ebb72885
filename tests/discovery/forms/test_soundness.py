"""Laws that cancel, swing between points or have too many constants are refused."""

import numpy as np
import pytest
import sympy as sp

from ionspice.discovery.fits.fitting import Fit
from ionspice.discovery.fits.misfit import unweighted
from ionspice.discovery.fits.selection import judged
from ionspice.discovery.forms.canonical import Form, canonical, parametrise, with_free_integers
from ionspice.discovery.forms.soundness import is_sound, most_constants

X = sp.Symbol("x", real=True)


def _member(expression, x, y):
    body, values = parametrise(expression)
    form = Form(expression=body, variables=(X,), parameters=tuple(values), start=tuple(values.values()))
    data = unweighted(x[None, :], y)
    constants = np.array(form.start)
    fitted = Fit(
        values=constants,
        covariance=np.zeros((constants.size, constants.size)),
        residual=y - sp.lambdify(X, expression)(x),
        rank=constants.size,
    )
    return judged(form, [data], [fitted]), [data]


@pytest.mark.parametrize(
    ("expression", "sound"),
    [
        (-5.6e8 + 5.6e8 * sp.cos(1e-6 * X**2), False),
        (1.0 + 0.4 * X**2, True),
        (1e6 + 1e-3 * X, True),
        (0.5 + 0.1 * sp.exp(1.3 * X), True),
        (1.0 / (X - 0.487), False),
        (X + 20.0 * sp.sin(62.83185307 * X), False),
        (X + 0.1 * sp.sin(6.2 * X), True),
    ],
)
def test_junk_is_told_from_laws(expression, sound):
    x = np.linspace(0.0, 1.0, 21)
    member, datasets = _member(expression, x, sp.lambdify(X, expression)(x) + np.linspace(0.0, 1e-3, 21))
    assert is_sound(member, datasets) is sound


@pytest.mark.parametrize(("rows", "noisy", "exact"), [(3, 2, 2), (6, 2, 4), (9, 3, 7), (30, 10, 28)])
def test_few_rows_tell_few_constants(rows, noisy, exact):
    assert most_constants(rows, exact=False) == noisy
    assert most_constants(rows, exact=True) == exact


def test_whole_numbers_from_structure_become_constants():
    double = with_free_integers(sp.exp(-(X + X)))
    assert len(parametrise(double)[1]) == 1
    assert len(parametrise(canonical(sp.Float(2.5) * with_free_integers(sp.exp(-(X + X)))))[1]) == 2
    assert with_free_integers(X**2 - X) == X**2 - X
