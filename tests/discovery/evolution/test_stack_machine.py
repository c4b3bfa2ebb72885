"""Compiled genes equal their sympy expressions, and their derivatives are exact."""

import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

from ionspice.discovery.evolution.breeding import breed
from ionspice.discovery.evolution.genome import Alphabet, fill_gene
from ionspice.discovery.evolution.operators import (
    ARITY,
    CONSTANT,
    FIRST_VARIABLE,
    GENERAL_FUNCTIONS,
    OPERATORS,
    operator_codes,
)
from ionspice.discovery.evolution.stack_machine import active_length, evaluate
from ionspice.discovery.forms.canonical import gene_expression
from ionspice.discovery.forms.numeric import numeric

HEAD = 8
ALPHABET = Alphabet(operator_codes(GENERAL_FUNCTIONS), 2)
X, Y = sp.symbols("x y", real=True)
POINTS = np.random.default_rng(5).uniform(0.1, 0.9, size=(2, 40))


def _random_genes(count, seed=0):
    rng = np.random.default_rng(seed)
    codes = np.empty((count, 2 * HEAD + 1), dtype=np.int64)
    values = np.empty(codes.shape)
    for gene, numbers in zip(codes, values, strict=True):
        fill_gene(rng, gene, numbers, ALPHABET)
    return codes, values


def _row(gene, values, points=POINTS):
    stack = np.empty((HEAD + 3, points.shape[1]))
    evaluate(gene, values, points, stack)
    return stack[0].copy()


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_is_its_sympy_function(name):
    operator = OPERATORS[name]
    gene = np.full(2 * HEAD + 1, FIRST_VARIABLE)
    gene[0] = operator.code
    gene[2] = FIRST_VARIABLE + 1
    function = numeric((X, Y), gene_expression(gene, np.ones(gene.size), (X, Y)))
    np.testing.assert_allclose(_row(gene, np.ones(gene.size)), function(*POINTS), rtol=1e-14)


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_derivative_of_every_operator_is_exact(name):
    gene = np.full(2 * HEAD + 1, FIRST_VARIABLE)
    gene[:5] = [OPERATORS["mul"].code, CONSTANT, OPERATORS[name].code, FIRST_VARIABLE, FIRST_VARIABLE + 1]
    values = np.full(gene.size, 1.7)
    stack, tangent = np.empty((2, HEAD + 3, POINTS.shape[1]))
    expression = gene_expression(gene, values, (X, Y))
    for variable, symbol in enumerate((X, Y)):
        evaluate(gene, values, POINTS, stack, tangent, -1, variable)
        exact = sp.lambdify((X, Y), sp.diff(expression, symbol), "numpy")(*POINTS)
        np.testing.assert_allclose(tangent[0], np.broadcast_to(exact, POINTS.shape[1]), rtol=1e-12)
    evaluate(gene, values, POINTS, stack, tangent, 1)
    np.testing.assert_allclose(tangent[0], _row(gene, values) / 1.7, rtol=1e-13)


def test_random_genes_equal_their_expressions():
    for gene, values in zip(*_random_genes(60), strict=True):
        row = _row(gene, values)
        expression = gene_expression(gene, values, (X, Y))
        if not np.all(np.isfinite(row)) or expression.has(sp.I, sp.zoo, sp.nan):
            continue
        exact = [float(expression.evalf(20, {X: a, Y: b})) for a, b in POINTS[:, :3].T]
        np.testing.assert_allclose(row[:3], exact, rtol=1e-9, atol=1e-12)


def test_children_keep_operators_out_of_tails():
    codes, values = _random_genes(90)
    codes, values = codes.reshape(30, 3, -1), values.reshape(30, 3, -1)
    none = np.empty((0, codes.shape[2]), dtype=np.int64)
    rng = np.random.default_rng(1)
    for _ in range(30):
        codes, values = breed(
            rng, codes, values, np.zeros(30, dtype=np.int64), 30, ALPHABET, none, none.astype(float)
        )
        assert np.all(ARITY[codes[:, :, HEAD:]] == 0)
        assert max(active_length(gene, 0) for gene in codes.reshape(90, -1)) <= 2 * HEAD + 1


def test_without_numba_the_results_are_the_same():
    gene, values = (rows[3] for rows in _random_genes(8, seed=2))
    script = (
        "import sys; sys.modules['numba'] = None\n"
        "import numpy as np\n"
        "from ionspice.discovery.evolution.stack_machine import evaluate, numba\n"
        "assert numba is None\n"
        f"gene = np.array({gene.tolist()}); values = np.array({values.tolist()})\n"
        "points = np.random.default_rng(5).uniform(0.1, 0.9, size=(2, 40)); stack = np.empty((11, 40))\n"
        "evaluate(gene, values, points, stack); print(stack[0].tolist())\n"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    plain = np.array([float(text) for text in out.strip("[]\n ").split(",")])
    np.testing.assert_allclose(_row(gene, values), plain, rtol=1e-14)
