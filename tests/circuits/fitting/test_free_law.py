"""R(Q) of made devices: bent, straight, and one that the data do not tell."""

from dataclasses import replace

import numpy as np
import sympy

from ionspice.circuits import LINEAR, X
from ionspice.circuits.fitting.device_fit import FitSettings, fit_device
from ionspice.circuits.fitting.free_law import law_within
from tests.circuits.fitting.made import known_device, measured


def test_the_law_of_a_device_is_found_and_kept():
    shape = (1 - sympy.exp(-3 * X)) / (1 - sympy.exp(-3))
    circuit = replace(known_device(0.8, layers=5), shape=(shape,) * 4)
    records = measured(circuit, np.random.default_rng(5), noise=0.003, rates=(0.01, 0.05), currents=(), points=120)
    settings = FitSettings(
        layers=5, readings=("passed",), hold_out=False, wanted=lambda one: one.name in ("NCM, charge passed", "TLM")
    )
    fit = fit_device(records, settings)
    law, best = fit.comparison.law, fit.comparison.best
    true = 1 - 0.8 * sympy.lambdify(X, shape)(law.relative_charge)
    assert law.band.max() < 0.05
    assert np.abs(law.relative_resistance - true).max() < 0.03
    assert best.name == "NCM, charge passed, found law"
    assert fit.circuit().shape[0] == law.shape
    found = 1 - best.solution.values["gamma"] * sympy.lambdify(X, law.shape)(law.relative_charge)
    assert np.abs(found - true).max() < 0.03


def test_a_straight_law_is_told_as_one():
    share = np.linspace(0, 1, 65)
    shape, verdict = law_within(share, 1 - 0.7 * share, np.full(65, 0.01), 0.002)
    assert shape == LINEAR
    assert "straight" in verdict


def test_no_law_is_read_from_a_wide_band():
    share = np.linspace(0, 1, 65)
    shape, verdict = law_within(share, 1 - 0.3 * share, np.full(65, 0.2), 0.05)
    assert shape is None
    assert "within 0.2 Rc only" in verdict
