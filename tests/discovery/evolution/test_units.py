"""Genes without possible units are told from the others by their codes alone."""

import numpy as np
import pytest
import sympy as sp

from ionspice.discovery.evolution.encoding import encode_gene
from ionspice.discovery.evolution.operators import CONSTANT, GENERAL_FUNCTIONS, operator_codes
from ionspice.discovery.evolution.units import have_units

X, T, N = sp.symbols("x t n", real=True)  # m, s, a number
C = sp.Float(1.7)
DIMENSIONS = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])


def _is_right(expression, dimensions=DIMENSIONS):
    gene = encode_gene(expression, [X, T, N], operator_codes((*GENERAL_FUNCTIONS, "inv")), 31)
    assert gene is not None
    silent = np.full(31, CONSTANT)
    return bool(have_units(np.array([[gene[0], silent]]), dimensions)[0])


@pytest.mark.parametrize(
    "expression",
    [X / T, X + C * T, sp.exp(C * X), sp.exp(N), sp.log(X), sp.sqrt(X * T) / T, X**C, sp.sin(X / (C + X)), N**N],
)
def test_right_genes(expression):
    assert _is_right(expression)


@pytest.mark.parametrize("expression", [X + T, sp.exp(X), C * sp.log(X), N + X, sp.sqrt(X) + X, X**N, 2.0**X])
def test_genes_that_no_units_make_right(expression):
    assert not _is_right(expression)


def test_without_units_everything_is_right():
    assert _is_right(X + T, np.empty((3, 0)))
