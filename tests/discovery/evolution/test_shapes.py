"""Genes with inner constants: they cover the data's own scale and are tuned before they are ranked."""

import numpy as np
import pytest

from ionspice.discovery.evolution import operators as op
from ionspice.discovery.evolution.evolve import evolve
from ionspice.discovery.evolution.founders import enumerate_founders, screening_rows
from ionspice.discovery.evolution.gene_weights import gene_values
from ionspice.discovery.evolution.links import LINKS
from ionspice.discovery.evolution.operators import GENERAL_FUNCTIONS, LAW_FUNCTIONS, operator_codes
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.evolution.shape_seeds import shape_seeds
from ionspice.discovery.evolution.shapes import grid_shapes
from ionspice.discovery.fits.misfit import unweighted
from ionspice.discovery.samples import make_samples

LENGTH = 21
ALL = operator_codes(GENERAL_FUNCTIONS)


def test_values_of_shapes_are_those_of_their_genes():
    points = np.linspace(0.5, 3.0, 20)[None, :]
    shapes = grid_shapes(points, ALL, LENGTH)
    stack = np.empty((LENGTH // 2 + 2, 20))
    for k in range(0, len(shapes.codes), 37):
        row = gene_values(shapes.codes[k], shapes.values[k], points, -1, stack)
        np.testing.assert_array_equal(row, shapes.columns[k])
    assert np.all(np.isfinite(shapes.columns))


def test_the_grid_has_the_scale_of_the_data():
    shapes = [grid_shapes(scale * np.linspace(0.1, 1.0, 30)[None, :], ALL, LENGTH) for scale in (1.0, 1e-3)]
    exponential = [op.EXP, op.MUL, op.CONSTANT, op.FIRST_VARIABLE]
    rates = [s.values[np.all(s.codes[:, :4] == exponential, axis=1), 2] for s in shapes]
    np.testing.assert_allclose(rates[1], 1e3 * rates[0])
    assert {*np.sign(rates[0])} == {-1.0, 1.0}


def test_shapes_keep_to_the_alphabet():
    shapes = grid_shapes(np.linspace(0.5, 3.0, 20)[None, :], operator_codes(LAW_FUNCTIONS), LENGTH)
    used = set(shapes.codes[shapes.codes < op.CONSTANT])
    assert used <= {*operator_codes(LAW_FUNCTIONS), op.INV}  # an inverse stands for a quotient


def _seeds(x, y):
    data = unweighted(x[None, :], y)
    samples = make_samples([data], LINKS["identity"], None)
    rows = screening_rows(y.size)
    settings = EvolutionSettings()
    points = samples.points[:, rows]
    founders = enumerate_founders(points, settings.enumerated, LENGTH)
    return shape_seeds(samples, founders, grid_shapes(points, ALL, LENGTH), rows, settings)


@pytest.mark.parametrize(
    ("law", "low", "high"),
    [
        (lambda x: 1.0 - np.exp(-x / 0.37), 0.0, 2.0),
        (lambda x: np.exp(19.5 * x) - np.exp(-11.3 * x), -0.15, 0.15),
        (lambda x: 0.7 * np.exp(-1.3 * x) + 0.3 * np.exp(-0.17 * x), 0.0, 10.0),
        (lambda x: 0.8 * np.sinh(3.1 * x), -1.0, 1.0),
        (lambda x: 1.4 * np.tanh(2.3 * x), -2.0, 2.0),
        (lambda x: 1.0 / (1.0 + np.exp(-(x - 1.3) / 0.4)), -1.0, 4.0),
        (lambda x: x**2.4 / (3.1 + x**2.4), 0.01, 5.0),
        (lambda x: np.exp(-((x / 2.2) ** 0.6)), 0.0, 10.0),
        (lambda x: np.exp(-0.4 * x) * np.cos(2.7 * x), 0.0, 8.0),
        (lambda x: x**6 + x**5 + x**4 + x**3 + x**2 + x, -1.0, 1.0),
        (lambda x: 1.2 + 0.4 * x - 0.03 * x**2.6, 0.0, 6.0),
        (lambda x: np.exp(-570.0 / (100.0 * x - 170.0)), 2.2, 3.5),
    ],
)
def test_laws_with_inner_constants_are_there_before_the_first_generation(law, low, high):
    x = np.linspace(low, high, 120)
    data = unweighted(x[None, :], law(x))
    samples = make_samples([data], LINKS["identity"], None)
    settings = EvolutionSettings(islands=1, population=100)
    first = next(iter(evolve([(LINKS["identity"], samples)], settings, np.random.default_rng(0))))
    assert first.best_error < 1e-18


def test_seeds_repeat_themselves():
    x = np.linspace(0.0, 2.0, 80)
    y = 1.0 - np.exp(-2.13 * x)
    one, two = (_seeds(x, y) for _ in range(2))
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])
