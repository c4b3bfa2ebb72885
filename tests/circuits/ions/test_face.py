"""An open face without slits: charge by Gouy and Chapman, and what it refuses."""

import numpy as np
import pytest
from scipy import constants

from ionspice.circuits.ions.constants import face_constants
from ionspice.circuits.ions.netlist import print_rails
from ionspice.circuits.ions.rails import evaluate
from ionspice.circuits.ions.stack import full_cell, half_cell
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import SOLUTIONS, stack

POINTS, WIDTH = SOLUTIONS["point ions"], 1e-9


def face(layers=1, nodes=24, open_length=20e-9):
    lengths = face_constants(open_length=open_length, strip_width=WIDTH, debye_length=POINTS.debye_length)
    return half_cell(lengths, POINTS, layers=layers, window=0.15, nodes=nodes)


@pytest.mark.parametrize("open_length", [20e-9, 400e-9])
@pytest.mark.parametrize("u", [0.5, 2.0, 5.0, -3.0])
def test_the_charge_at_rest_is_that_of_gouy_and_chapman(u, open_length):
    circuit = face(open_length=open_length)
    charge = evaluate(circuit, np.zeros((circuit.nodes, 2)), u).charge
    strength = POINTS.bulk[0] * constants.e * POINTS.debye_length
    assert charge == pytest.approx(4 * strength * np.sinh(u / 2) * WIDTH, rel=5e-3)


def test_the_resistance_is_that_of_the_electrolyte():
    circuit = face()
    w = np.linspace(0.0, 1e-6, circuit.nodes)[:, None] * [1.0, -1.0]
    current = evaluate(circuit, w, 0.0).current @ POINTS.valence
    depth = 20e-9 - POINTS.debye_length
    spacing = WIDTH / circuit.column.way[circuit.column.crossed]
    assert spacing.sum() == pytest.approx(depth)
    expected = -2 * POINTS.diffusivity[0] * POINTS.bulk[0] * WIDTH * 1e-6 / (circuit.nodes - 1) / spacing
    np.testing.assert_allclose(current, expected, rtol=1e-5)


def test_two_faces_close_a_cell_and_print():
    cell = full_cell(face(nodes=8))
    assert (cell.polarity[[0, -1]] == [-1, 1]).all()
    assert "RAILS" in print_rails(cell)


def test_layers_fit_what_lies_behind_the_face():
    with pytest.raises(InputError, match="one layer"):
        face(layers=2)
    with pytest.raises(InputError, match="at least 2"):
        half_cell(stack(), POINTS, layers=1, window=0.1)
