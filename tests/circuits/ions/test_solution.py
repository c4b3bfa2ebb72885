import numpy as np
import pytest

from ionspice.circuits.ions.solution import concentrations, osmotic_pressure, responses
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import SOLUTIONS, solution


@pytest.mark.parametrize("name", SOLUTIONS)
def test_concentrations_are_the_pressure_derivatives_and_their_response_is_positive_definite(name):
    ions = SOLUTIONS[name]
    m = np.random.default_rng(1).normal(scale=3.0, size=(20, ions.species))
    c, slope = concentrations(ions, m), responses(ions, concentrations(ions, m))
    for s in range(ions.species):
        h = 1e-5 * np.eye(ions.species)[s]
        np.testing.assert_allclose(
            osmotic_pressure(ions, m + h) - osmotic_pressure(ions, m - h), 2e-5 * c[:, s], rtol=1e-5
        )
        np.testing.assert_allclose(
            (concentrations(ions, m + h) - concentrations(ions, m - h)) / 2e-5, slope[:, :, s], rtol=1e-4
        )
    np.testing.assert_allclose(slope, slope.swapaxes(1, 2), rtol=1e-10)
    assert (np.linalg.eigvalsh(slope) > 0).all()


@pytest.mark.parametrize("name", SOLUTIONS)
def test_bulk_is_the_reference(name):
    ions = SOLUTIONS[name]
    np.testing.assert_allclose(concentrations(ions, np.zeros(ions.species)), ions.bulk, rtol=1e-12)


def test_unequal_formula_agrees_with_equal_one():
    equal = solution(diameter=0.6e-9)
    nearly = solution(diameter=(0.6e-9, 0.6e-9 * (1 + 1e-9)), solvent=0.6e-9)
    m = np.array([[-8.0, 9.0], [1.0, 2.0]])
    np.testing.assert_allclose(concentrations(nearly, m), concentrations(equal, m), rtol=1e-6)


def test_packed_bulk_is_refused():
    with pytest.raises(InputError, match="below 1"):
        solution(molar=5.0)
