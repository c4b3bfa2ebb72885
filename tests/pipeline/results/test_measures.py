from types import SimpleNamespace

import numpy as np
import pytest

from ionspice.pipeline.results.measures import (
    capacitance_spread,
    elasticity,
    is_ordered,
    ordered_shares,
    part_ratio,
    ratio_spread,
    slit_direction_shares,
)


def test_shares_follow_the_signs_of_the_parts(triangular_fields):
    assert slit_direction_shares(triangular_fields()) == pytest.approx(np.ones((3, 2)))
    assert slit_direction_shares(triangular_fields(diffusion=-1.0, steric=-0.5)) == pytest.approx(np.zeros((3, 2)))
    assert part_ratio(triangular_fields(steric=-0.5), "gap_flux", "steric") == pytest.approx([-0.5] * 3)


def test_order_of_slits_counts_signed_potentials(triangular_fields):
    assert ordered_shares(triangular_fields()) == pytest.approx([1, 1])
    assert ordered_shares(triangular_fields(potential=(1, 2, 1.5))) == pytest.approx([1, 0])
    assert ordered_shares(triangular_fields(stored=(-3, -2, -1), potential=(-1, -2, -3))) == pytest.approx([1, 1])


def test_capacitance_spread_is_that_of_the_charge_per_volt(triangular_fields):
    assert capacitance_spread(triangular_fields()) == pytest.approx(0, abs=1e-12)
    # q/u = 1 + bend u over u in (0.2, 1], mean 1 + 0.6 bend
    assert capacitance_spread(triangular_fields(bend=0.5)) == pytest.approx(0.4 / 1.3, rel=0.02)


def test_elasticity_is_the_exponent():
    assert elasticity([(x, 3 * x**-0.7) for x in (1.0, 2.0, 5.0)]) == pytest.approx(-0.7)
    assert np.isnan(elasticity([(1.0, 2.0)]))
    assert np.isnan(elasticity([(1.0, 2.0), (2.0, -1.0)]))
    assert is_ordered([(2, 4), (1, 5), (3, 1)])
    assert not is_ordered([(1, 1), (2, 3), (3, 2)])


def test_a_spread_that_nothing_tells_is_not_a_number_and_no_warning(recwarn):
    curve = SimpleNamespace(field_resistance=lambda: np.full(5, np.nan), charging=slice(None))
    assert np.isnan(ratio_spread((curve, curve)))
    assert not recwarn
