"""Exact tables give the true form and its constants: a search does not stop at the first law that is good enough."""

import numpy as np
import pytest

from ionspice.discovery import TABLE_LAW_SEARCH, DiscoverySettings, ElementSeries, ResistanceData, discover_law


@pytest.mark.parametrize(
    ("integral", "gamma", "form"),
    [
        (lambda x: x / (1.0 + 0.7 * x), 1.0 - 1.7**-2, "Rc/(Q*c2/Qmax + 1)**2"),
        (lambda x: 1.0 - np.exp(-2.13 * x), 1.0 - np.exp(-2.13), "Rc*exp(Q*c2/Qmax)"),
        (lambda x: x - 0.25 * x**2, 0.5, "Rc*(-Q*gamma/Qmax + 1)"),
    ],
)
def test_true_form_and_constants(integral, gamma, form):
    x = np.linspace(0.0, 1.0, 150)
    series = (ElementSeries(element=2, charge=2e-9 * x, voltage_integral=1e-9 * integral(x)),)
    law = discover_law(ResistanceData(series=series), DiscoverySettings(search=TABLE_LAW_SEARCH))
    assert str(law.resistance) == form
    assert law.parameters["gamma"].value[0] == pytest.approx(gamma, rel=1e-6)
