from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import scaled_curve, uniform_circuit


@pytest.fixture
def make_circuit():
    """Return a builder of ladders with values like those of the default case, per metre of depth."""

    def make(slits=5, gamma=0.5, mouth=True, **changes):
        values = {
            "layers": slits + 1,
            "resistance": 2.0,
            "gamma": gamma,
            "slit_charge": 1e-10,
            "slit_capacitance": 1e-9,
            "open_resistance": 1.0 if mouth else 0.0,
            "open_capacitance": 0.5e-9 if mouth else 0.0,
        }
        return uniform_circuit(**(values | changes))

    return make


@pytest.fixture
def make_curve():
    """Return a builder of charge curves of slits that fill up, of values like those of a 0.1 V window."""

    def make(elements=1, odd=True, low=-0.11, high=0.11, amplitude=(1.0, 0.6), centre=(0.05, 0.0), width=(0.04, 0.2)):
        rows = [np.tile(np.asarray(values, dtype=float), (elements, 1)) for values in (amplitude, centre, width)]
        return scaled_curve(*rows, np.full(elements, low), np.full(elements, high), odd=odd)[1]

    return make


@pytest.fixture(params=["linear", "nonlinear", "donnan"])
def circuit(request, make_circuit, make_curve):
    """Return a half cell of six slits: of constant capacitances, of others, and with a jump at the first slit."""
    plain = make_circuit(slits=6, gamma=0.8)
    curved = replace(plain, slit_curve=make_curve(6, odd=False, low=-0.02), open_curve=make_curve())
    jump = {"donnan_slope": -0.4, "donnan_curve": make_curve(amplitude=(1.0, 0.0))}
    return {"linear": plain, "nonlinear": curved, "donnan": replace(curved, **jump)}[request.param]
