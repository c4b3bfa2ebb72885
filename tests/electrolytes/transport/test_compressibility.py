import numpy as np
import pytest
from scipy import constants

from ionspice.core import InputError
from ionspice.electrolytes.transport.compressibility import (
    compressibility_of_volumes,
    number_fluctuation,
    reduced_compressibility,
)
from ionspice.electrolytes.transport.structure import StructureFactor, wave_vectors


def test_gaussian_volumes_give_the_compressibility(rng):
    """<dV^2> = kT kappa V, with a memory of 20 frames."""
    kappa, temperature, mean = 4e-10, 300.0, 5e4
    width = np.sqrt(constants.k * temperature * kappa * mean * 1e-30) * 1e30
    noise, memory = np.zeros(20_000), np.exp(-1 / 20)
    for k in range(1, len(noise)):
        noise[k] = memory * noise[k - 1] + np.sqrt(1 - memory**2) * rng.standard_normal()
    found = compressibility_of_volumes(mean + width * noise, temperature)
    assert found.value == pytest.approx(kappa, abs=2.5 * found.standard_error)
    assert 0.02 < found.standard_error / kappa < 0.2


def test_a_constant_volume_has_none():
    with pytest.raises(InputError, match="NPT"):
        compressibility_of_volumes(np.full(100, 5e4), 300.0)
    with pytest.raises(InputError, match="19 volumes are too few"):
        compressibility_of_volumes(np.arange(19.0) + 1, 300.0)


def test_the_number_structure_factor_is_followed_to_nought(rng):
    _, lengths = wave_vectors(np.diag([55.0] * 3), 1.0)
    k, vectors = np.unique(lengths.round(9), return_counts=True)
    exact = 0.03 + 0.2 * k**2
    blocks = exact * rng.gamma(vectors * 20, size=(10, len(k))) / (vectors * 20)
    errors = blocks.std(axis=0, ddof=1) / np.sqrt(10)
    structure = StructureFactor(
        wave_numbers=k, vectors=vectors, values=blocks.mean(axis=0), errors=errors, frames=200
    )
    found = number_fluctuation(structure, largest=0.6)
    assert found.value == pytest.approx(0.03, abs=2.5 * found.standard_error)
    assert found.standard_error < 0.01
    with pytest.raises(InputError, match="too few for S_NN at 0"):
        number_fluctuation(structure, largest=0.12)


def test_the_share_of_an_ideal_gas_is_one():
    n, temperature = 5e27, 300.0
    ideal = compressibility_of_volumes(5e4 + np.sin(np.arange(100.0)), temperature)
    gas = ideal.scaled(1 / (n * constants.k * temperature) / ideal.value, "1/Pa")
    assert reduced_compressibility(gas, n, temperature).value == pytest.approx(1)
