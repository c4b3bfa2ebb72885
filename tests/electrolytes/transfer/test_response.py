"""Synthetic structure factors of a known correlation length, and ions whose answer linear response gives."""

import numpy as np
import pytest

from ionspice.core.electrolyte import Electrolyte, Species
from ionspice.electrolytes.transfer.response import bare_response, charge_response, fit_correlation_length
from ionspice.electrolytes.transport.ions import IonFrame
from ionspice.electrolytes.transport.structure import StructureFactor, ion_structure, wave_vectors

SCREENING = 3.03  # kappa^2 of 4.3 mol/L, eps_r 12, 300 K [1/angstrom^2]


def synthetic(rng, square, *, edge=55.0, frames=50, screening=SCREENING, largest=1.2, beyond=None):
    """Return S_qq whose squares are drawn from the exponential distribution around the exact answer.

    `beyond` gives what the liquid has in the place of l_c^2, by wave number.
    """
    _, wave_numbers = wave_vectors(np.diag([edge] * 3), largest)
    shells, vectors = np.unique(wave_numbers.round(9), return_counts=True)
    exact = charge_response(shells, screening, square if beyond is None else beyond(shells))
    blocks = np.array([exact * rng.gamma(vectors * frames / 10) / (vectors * frames / 10) for _ in range(10)])
    return StructureFactor(
        wave_numbers=shells,
        vectors=vectors,
        values=blocks.mean(axis=0),
        errors=blocks.std(axis=0, ddof=1) / np.sqrt(10),
        frames=frames,
    )


@pytest.mark.parametrize("length", [2.0, 5.0])
def test_a_known_correlation_length_is_found(length):
    rng = np.random.default_rng(1)
    fits = [fit_correlation_length(synthetic(rng, length**2), SCREENING) for _ in range(20)]
    found = np.array([fit.length.value for fit in fits])
    assert found.mean() == pytest.approx(length, rel=0.02)
    assert sum(fit.length.low < length < fit.length.high for fit in fits) >= 17
    # the interval is as wide as the results scatter
    assert np.mean([fit.length.standard_error for fit in fits]) == pytest.approx(found.std(ddof=1), rel=0.6)
    assert np.mean([fit.misfit for fit in fits]) == pytest.approx(1, abs=0.3)
    factors = np.array([fit.permittivity.value for fit in fits])
    assert factors.mean() == pytest.approx(1, abs=0.1)


def test_of_a_liquid_with_a_peak_the_small_wave_numbers_count():
    """1 + 3 k^2 + 15 k^4 + 20 k^6, as ions of 0.5 nm in eps_r 12 nearly have it, is not taken for 1 + 12 k^2."""
    rng = np.random.default_rng(4)
    liquids = [
        synthetic(rng, 0.0, frames=frames, beyond=lambda k: 3 + 15 * k**2 + 20 * k**4) for frames in [200, 800] * 10
    ]
    fits = [fit_correlation_length(liquid, SCREENING) for liquid in liquids]
    assert sum(fit.square.low < 3 < fit.square.high for fit in fits) >= 16
    assert np.mean([fit.square.value for fit in fits]) == pytest.approx(3, abs=0.3)
    assert {fit.terms for fit in fits} <= {3, 4}
    assert all(fit.misfit < 2 for fit in fits)


def test_without_correlations_the_interval_holds_nought():
    rng = np.random.default_rng(2)
    fits = [fit_correlation_length(synthetic(rng, 0.0, screening=0.05, frames=400), 0.05) for _ in range(20)]
    assert sum(fit.length.low == 0 for fit in fits) >= 17
    assert max(fit.square.value / fit.square.standard_error for fit in fits) < 3.5
    # in units of the Debye length, 4.5 angstrom
    assert np.median([fit.length.high for fit in fits]) < 2


def test_a_wrong_permittivity_shows():
    rng = np.random.default_rng(3)
    fit = fit_correlation_length(synthetic(rng, 25.0, frames=400), 2 * SCREENING)
    assert fit.permittivity.value == pytest.approx(2, rel=0.1)
    assert fit.misfit > 2


def test_debye_and_hueckel_are_the_limit():
    k = np.array([0.1, 1.0])
    assert charge_response(k, 2.0, 0.0) == pytest.approx(k**2 / (k**2 + 2))


def test_the_response_is_the_inverse_of_the_second_derivatives():
    """Unequal sizes and valences: H inverted by numbers, at the wave numbers of an ionic liquid."""
    liquid = Electrolyte(
        relative_permittivity=12.0,
        correlation_length=0.4e-9,
        solvent_diameter=0.45e-9,
        species=(
            Species(name="a", valence=2, diffusivity=1e-9, concentration=1000.0, diameter=0.7e-9),
            Species(name="b", valence=-1, diffusivity=1e-9, concentration=2000.0, diameter=0.5e-9),
        ),
    )
    c = np.array([species.number_density for species in liquid.species])
    z, v = np.array([2.0, -1.0]), np.array(liquid.volumes)
    kappa2 = liquid.debye_length**-2
    for k in (1e8, 1e9, 1e10):
        field = np.outer(z, z) / (z**2 @ c) * kappa2 / (k**2 * (1 + (liquid.correlation_length * k) ** 2))
        crowding = np.outer(v, v) / (liquid.site_volume * (1 - liquid.packing_fraction))
        exact = z @ np.linalg.inv(np.diag(1 / c) + crowding + field) @ z / (z**2 @ c)
        ours = charge_response(np.array([k]), kappa2, liquid.correlation_length**2, bare_response(liquid))
        assert ours[0] == pytest.approx(exact, rel=1e-9)
    assert bare_response(Electrolyte()) == pytest.approx(1)


def test_ions_with_the_models_own_interaction_give_its_length_back():
    """Brownian dynamics of weakly coupled ions whose pairs interact as z z e^2/(eps k^2 (1 + l_c^2 k^2)).

    Units: the Debye length and kT. Linear response is exact for weak coupling; here a pair at contact has 0.1 kT.
    """
    rng = np.random.default_rng(5)
    ions, edge, length, step = 128, 6.0, 1.0, 0.03
    whole, wave_numbers = wave_vectors(np.diag([edge] * 3), 3.5)
    k = 2 * np.pi / edge * whole
    # kappa = 1, so the energy of a wave vector is |rho|^2/(2 N k^2 (1 + l^2 k^2)), twice for k and -k
    weights = 2 / (ions * wave_numbers**2 * (1 + (length * wave_numbers) ** 2))
    z = np.where(np.arange(ions) < ions // 2, 1.0, -1.0)
    r = edge * rng.random((ions, 3))
    frames = []
    for count in range(2200):
        waves = np.exp(1j * (r @ k.T))
        force = z[:, None] * ((weights * (waves * (z @ waves).conj()).imag) @ k)
        r = r + step * force + np.sqrt(2 * step) * rng.standard_normal(r.shape)
        if count >= 200 and count % 8 == 0:
            frames.append(IonFrame(points=r / edge, charges=z))
    structure = ion_structure(frames, np.diag([edge] * 3)[None], largest=3.5).charge
    fit = fit_correlation_length(structure, 1.0, largest=2.5)
    assert fit.length.low < length < fit.length.high
    assert fit.length.value == pytest.approx(length, rel=0.2)
    assert fit.square.low > 0  # Debye and Hueckel alone are refused
