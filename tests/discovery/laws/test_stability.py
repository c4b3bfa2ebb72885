"""What a law is worth on slits that it has not seen, and over seeds."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.discovery import ElementSeries, ResistanceData
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import assess, choose, cross_validate, fold_numbers, pareto_front
from ionspice.discovery.laws.rivals import RIVALS
from ionspice.discovery.laws.stability import held_out_set_error

X = np.linspace(0.0, 1.0, 60)


def _set(y):
    return Dataset(points=X[None, :], y=y, weights=np.ones(X.size))


def test_slits_of_one_shape_predict_each_other():
    sets = [_set(X - 0.3 * X**2)] * 3
    assert held_out_set_error(assess(RIVALS["quadratic (study)"], sets), sets) < 1e-9


def test_error_on_a_slit_left_out_is_that_of_the_others_constants():
    sets = [_set(X - loss * X**2) for loss in (0.2, 0.4)]
    member = assess(RIVALS["quadratic (study)"], sets)
    assert member.error < 1e-9
    deviation = np.sqrt(np.mean((0.2 * X**2) ** 2))
    spread = np.sqrt(np.mean([np.var(data.y) for data in sets]))
    assert held_out_set_error(member, sets) == pytest.approx(deviation / spread, rel=1e-9)


def test_a_single_slit_has_none_to_leave_out():
    sets = [_set(X - 0.3 * X**2)]
    assert np.isnan(held_out_set_error(assess(RIVALS["quadratic (study)"], sets), sets))


def test_a_law_that_breaks_without_a_fold_is_not_chosen():
    sets = [_set(X - 0.3 * X**2)]
    folds = [fold_numbers(X.size, 5, np.random.default_rng(0))]
    front = [
        cross_validate(assess(RIVALS[name], sets), sets, folds)
        for name in ("constant resistance", "quadratic (study)", "logarithm")
    ]
    broken = front[2].held_out_squares.copy()
    broken[5] = 1e6
    front[2] = replace(front[2], description=-1e9, held_out_squares=broken, held_out_error=1e3)
    assert choose(front) == 1


def test_a_law_of_fewer_constants_stands_beside_one_that_is_shorter_but_for_them():
    sets = [_set(X - 0.3 * X**2)]
    whole = assess(RIVALS["quadratic (study)"], sets)
    free = replace(whole, complexity=whole.complexity - 1, error=0.9 * whole.error + 1e-3, bic=whole.bic + 9.0)
    whole = replace(whole, error=free.error * 1.01)
    assert free.code_length > whole.code_length
    assert pareto_front([free, whole]) == [free, whole]
    assert pareto_front([free, whole], lambda member: member is whole) == [whole]
    assert pareto_front([replace(whole, complexity=whole.complexity + 1), free, whole]) == [free, whole]


def test_elements_whose_integral_falls_are_not_discovered_from():
    def element(number, y):
        return ElementSeries(element=number, charge=1e-9 * X, voltage_integral=y)

    rising, falling = X - 0.3 * X**2, np.sin(2.5 * X)
    data = ResistanceData(series=tuple(element(k, y) for k, y in enumerate([rising, rising, rising, falling], 1)))
    assert [series.element for series in data.inner] == [2, 3]
