from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits.ions import StackGeometry, predict_rails
from ionspice.circuits.ions.constants import WIDTHS
from ionspice.circuits.ions.evolution import simulate_rails
from ionspice.circuits.ions.stack import half_cell
from ionspice.circuits.model.waveform import triangular
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import SOLUTIONS, solution

STACK = StackGeometry(
    slit_width=1.5e-9, sheet_length=10e-9, sheet_thickness=0.34e-9, edge_gap=2e-9, open_length=10e-9
)


def test_uncharged_slit_holds_its_area():
    found = predict_rails(STACK, solution(), window=0.11)
    held = (found.storage * np.array([*WIDTHS, 1.0])).sum() * 1.5e-9
    assert held == pytest.approx(1.5e-9 * 6e-9 + 2 * 0.17e-9 * 1e-9, rel=1e-2)
    assert found.hop_length == pytest.approx(6.21e-9, rel=5e-3)


def test_long_sheets_are_slits_of_their_length():
    found = predict_rails(replace(STACK, sheet_length=200e-9), solution(), window=0.3)
    width = found.strip_width
    assert found.hop_length == pytest.approx(width, rel=5e-3)
    assert found.storage[0] == pytest.approx(width, rel=3e-2)


def test_lengths_hardly_depend_on_the_salt():
    lengths = [
        predict_rails(STACK, ions, window=0.2).hop_length
        for ions in (solution(molar=0.1), SOLUTIONS["2:1"], SOLUTIONS["three species"])
    ]
    np.testing.assert_allclose(lengths, 6.21e-9, rtol=2e-2)


def test_predicted_circuit_has_the_peak_of_the_field_model():
    chain = half_cell(predict_rails(STACK, solution(), window=0.11), solution(), layers=6, window=0.11)
    run = simulate_rails(chain, triangular(0.11, 750e-9))
    # solved with the field model for KCl 1 mol/L, six layers
    assert np.abs(run.current).max() == pytest.approx(0.02085, rel=1e-2)


def test_correlations_need_a_field_run():
    with pytest.raises(InputError, match="field run"):
        predict_rails(STACK, solution(correlation_length=0.5e-9), window=0.3)
