from dataclasses import replace

import pytest
import sympy

from ionspice.circuits import X, passivity
from ionspice.core import InputError


def test_the_linear_law_is_proved_positive(make_circuit):
    found = passivity(make_circuit(slits=5, gamma=0.4), 0.1)
    assert found.by_law
    assert found.lowest == pytest.approx(0.6, abs=1e-12)
    assert "proved" in str(found)


def test_a_larger_window_needs_the_floor(make_circuit):
    found = passivity(make_circuit(slits=5, gamma=0.4), -0.3)
    assert found.reach == pytest.approx(3.0)
    assert not found.by_law
    assert "rmin" in str(found)


def test_the_bound_holds_between_the_ends_of_the_range(make_circuit):
    humped = 4 * X - 3 * X**2
    circuit = replace(make_circuit(slits=2, gamma=0.7), shape=(humped, humped))
    found = passivity(circuit, 0.1)
    assert found.lowest == pytest.approx(1 - 0.7 * 4 / 3, abs=0.02)
    assert found.lowest <= 1 - 0.7 * 4 / 3


def test_a_pole_within_the_reach_is_refused(make_circuit):
    shape = X / (2 - X)
    circuit = replace(make_circuit(slits=2, gamma=0.5), shape=(shape, shape))
    assert passivity(circuit, 0.1).by_law
    with pytest.raises(InputError, match="pole"):
        passivity(circuit, 0.25)


def test_other_functions_are_bounded_too(make_circuit):
    shape = sympy.tanh(2 * X) / sympy.tanh(2)
    circuit = replace(make_circuit(slits=1, gamma=0.9), shape=(shape,))
    assert passivity(circuit, 0.1).lowest == pytest.approx(0.1, abs=0.02)
