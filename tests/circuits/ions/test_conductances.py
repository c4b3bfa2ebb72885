"""Conductances ion by ion, from series whose conductance is known."""

import numpy as np
import pytest

from ionspice.circuits.ions.conductances import gap_conductances
from ionspice.circuits.ions.series import IonSeries
from tests.circuits.ions.ions_cases import SOLUTIONS

WIDTH, SHARE, REST = 6e-9, 0.9, 4e18


def series_of(solution, slits):
    """Ions that leave and come, through gaps whose conductance is `SHARE` of D n/W^2 of both half slits in series."""
    time = np.linspace(0, 1e-6, 200)
    sign = -np.sign(solution.valence)
    place = np.arange(1, slits + 1)
    numbers = REST * np.exp(sign * time[:, None, None] / time[-1] / place[:, None])
    potential = -sign * np.sin(np.pi * time / time[-1])[:, None, None] * place[:, None]
    harmonic = 2 / (1 / numbers[:, :-1] + 1 / numbers[:, 1:])
    flow = SHARE * solution.diffusivity * harmonic / WIDTH**2 * (potential[:, :-1] - potential[:, 1:])
    return IonSeries(
        time=time,
        order=np.ones(time.size, dtype=int),
        electrode=np.zeros_like(time),
        slit_potential=potential,
        mouth_potential=potential[:, 0],
        slit_ions=numbers,
        open_ions=None,
        gap_flow=np.concatenate([flow[:, :1], flow], axis=1),
        inflow=None,
        strip_width=WIDTH,
        sealed=False,
    )


@pytest.mark.parametrize("name", ["equal sizes", "2:1", "three species"])
def test_the_conductance_is_that_of_the_ions_beside_the_gap(name):
    solution = SOLUTIONS[name]
    gaps = gap_conductances(series_of(solution, 4), solution)
    assert [gap.gap for gap in gaps] == [2, 3, 4]
    for gap in gaps:
        assert len(gap.numbers) == solution.species
        for numbers, conductances in zip(gap.numbers, gap.conductances, strict=True):
            np.testing.assert_allclose(conductances, SHARE * numbers, rtol=1e-9)
            assert numbers.size < 200  # without the rows where hardly anything moves


def test_one_slit_has_no_gap_between_slits():
    solution = SOLUTIONS["equal sizes"]
    assert gap_conductances(series_of(solution, 1), solution) == ()


def test_an_ion_that_hardly_moves_is_left_out():
    solution = SOLUTIONS["equal sizes"]
    whole = series_of(solution, 3)
    whole.gap_flow[..., 0] *= 1e-4
    assert [len(gap.numbers) for gap in gap_conductances(whole, solution)] == [1, 1]
