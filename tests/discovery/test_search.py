"""The search finds known laws, chooses them under noise, and repeats itself."""

import numpy as np
import pytest
import sympy as sp

from ionspice.discovery.evolution.islands import survivors
from ionspice.discovery.evolution.links import LINKS
from ionspice.discovery.evolution.operators import GENERAL_FUNCTIONS, LAW_FUNCTIONS
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.fits.memory import block_length, correlation
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import assess, choose, cross_validate, fold_numbers, pareto_front
from ionspice.discovery.fits.uncertainty import bootstrap
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.search import search
from ionspice.discovery.settings import SearchSettings

X = sp.Symbol("X", real=True)
C1, C2 = sp.symbols("c1 c2", real=True)
QUADRATIC = Form(expression=C1 * X + C2 * X**2, variables=(X,), parameters=(C1, C2), start=(1.0, -0.2))


def _data(y, *columns):
    return Dataset(points=np.vstack(columns), y=y, weights=np.ones(y.size))


def _settings(functions=GENERAL_FUNCTIONS, **changes):
    evolution = EvolutionSettings(
        functions=functions, genes=4, population=100, islands=4, generations=60, patience=30
    )
    return SearchSettings(evolution=evolution, **{"links": ("identity",), "round_constants": False, **changes})


def test_survivors_are_the_first_fronts_without_repeats():
    errors = np.array([0.5, 0.3, 0.3, 0.2, 0.9, 0.25])
    sizes = np.array([1, 2, 2, 3, 2, 3])
    kept, rank = survivors(errors, sizes, 10)
    assert sorted(kept[rank == 0].tolist()) in ([0, 1, 3], [0, 2, 3])
    assert len(set(kept.tolist()) & {1, 2}) == 1


def test_two_exact_terms_are_found_at_once():
    x = np.linspace(0.0, 2.0, 100)
    result = search([_data(np.log(x + 1) + np.log(x**2 + 1), x)], ["X"], _settings(round_constants=True))
    assert sp.simplify(sp.expand_log(result.best.form.expression - sp.log(X + 1) - sp.log(X**2 + 1), force=True)) == 0


def test_link_turns_a_lorentz_factor_into_two_terms():
    rng = np.random.default_rng(0)
    m, v, c = rng.uniform(1, 5, 100), rng.uniform(1, 2, 100), rng.uniform(3, 10, 100)
    data = _data(m / np.sqrt(1 - v**2 / c**2), m, v, c)
    result = search([data], ["m", "v", "c"], _settings(links=tuple(LINKS)))
    assert result.best.error < 1e-9
    assert result.best.complexity < 30


def test_one_form_with_constants_for_each_data_set():
    x = np.linspace(0.0, 1.0, 60)
    sets = [_data(a * np.log1p(b * x), x) for a, b in ((1.0, 2.0), (3.0, 0.5), (0.5, 8.0))]
    settings = _settings(LAW_FUNCTIONS, anchor=((0.0,), 0.0), increasing=(0,))
    best = search(sets, ["X"], settings).best
    assert best.form.key == "Mul(c,log(Add(1,Mul(X,c))))"
    slopes = [float(sp.diff(best.form.with_values(f.values), X).subs(X, 0)) for f in best.fits]
    np.testing.assert_allclose(slopes, [2.0, 1.5, 4.0], rtol=1e-6)


def test_every_law_of_the_front_passes_through_the_anchor_and_rises():
    rng = np.random.default_rng(3)
    x = np.linspace(0.01, 1.0, 100)
    settings = _settings(LAW_FUNCTIONS, anchor=((0.0,), 0.0), increasing=(0,))
    result = search([_data(np.tanh(3 * x) + 0.02 * rng.normal(size=100), x)], ["X"], settings)
    for member in result.front:
        law = member.form.with_values(member.fits[0].values)
        assert abs(float(law.subs(X, 0))) < 1e-12
        slope = sp.lambdify(X, sp.diff(law, X))
        assert all(slope(x) > 0 for x in np.linspace(0.01, 1.0, 500))


def test_front_is_distinct_and_improves():
    x = np.linspace(-1.0, 1.0, 100)
    result = search([_data(np.exp(x) * np.cos(3 * x), x)], ["X"], _settings(seed=2))
    assert len({member.form.key for member in result.front}) == len(result.front)
    errors = [member.error for member in result.front]
    assert errors == sorted(errors, reverse=True)


def test_callback_ends_the_search():
    x = np.linspace(-1.0, 1.0, 60)
    seen = []

    def stop(epoch):
        seen.append(epoch.number)
        return epoch.number >= 1

    y = np.random.default_rng(0).normal(size=60)
    assert search([_data(y, x)], ["X"], _settings(), stop).epochs == 1
    assert seen == [0, 1]


def test_simplest_law_within_one_standard_error_is_chosen():
    rng = np.random.default_rng(5)
    x = np.linspace(0.0, 1.0, 200)
    data = [_data(x - 0.25 * x**2 + 0.01 * rng.normal(size=200), x)]
    cubic = Form(
        expression=QUADRATIC.expression + sp.Symbol("c3", real=True) * X**3,
        variables=(X,),
        parameters=(C1, C2, sp.Symbol("c3", real=True)),
        start=(1.0, -0.2, 0.01),
    )
    linear = Form(expression=C1 * X, variables=(X,), parameters=(C1,), start=(1.0,))
    folds = [fold_numbers(200, 5, rng)]
    front = pareto_front([cross_validate(assess(form, data), data, folds) for form in (cubic, linear, QUADRATIC)])
    assert front[choose(front)].form is QUADRATIC
    assert front[choose(front, accuracy=1.0)].form is linear


def test_every_run_of_points_holds_every_fold_once():
    folds = fold_numbers(23, 5, np.random.default_rng(0))
    assert folds.size == 23
    for start in range(0, 20, 5):
        assert sorted(folds[start : start + 5]) == [0, 1, 2, 3, 4]


def _gamma(constants):
    return np.atleast_2d(-2.0 * constants[1] / constants[0])


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_intervals_of_gamma_cover_the_truth(memory):
    rng = np.random.default_rng(8)
    x = np.linspace(0.0, 1.0, 200)
    covered = 0
    for _ in range(200):
        noise = rng.normal(size=200)
        for k in range(1, 200):
            noise[k] = memory * noise[k - 1] + np.sqrt(1 - memory**2) * noise[k]
        data = _data(x - 0.25 * x**2 + 0.005 * noise, x)
        member = assess(QUADRATIC, [data])
        low, high = bootstrap(QUADRATIC, data, member.fits[0], _gamma, rng).interval[0]
        covered += low <= 0.5 <= high
    assert 180 <= covered <= 198


def test_block_length_follows_the_memory_of_the_residual():
    rng = np.random.default_rng(0)
    white = rng.normal(size=1000)
    smooth = np.convolve(rng.normal(size=1030), np.ones(31) / 31, "valid")[:1000]
    assert block_length(white) <= 3
    assert 15 <= block_length(smooth) <= 120


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_memory_of_the_errors_is_found_behind_a_fit(rho):
    rng = np.random.default_rng(5)
    x = np.linspace(0.0, 1.0, 300)
    design = np.vstack([x, x**2, x**3])
    found = []
    for _ in range(30):
        errors = rng.normal(size=300)
        for k in range(1, 300):
            errors[k] = rho * errors[k - 1] + np.sqrt(1.0 - rho**2) * errors[k]
        found.append(correlation(errors - design.T @ (np.linalg.pinv(design.T) @ errors), design))
    assert np.median(found) == pytest.approx(rho, abs=0.04)


def test_exact_data_have_no_memory():
    assert correlation(np.zeros(50), np.ones((1, 50))) == 0.0
