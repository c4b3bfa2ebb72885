"""The test of Kramers and Kronig tells a spectrum that no device has."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import exact_impedance
from ionspice.circuits.fitting.kramers_kronig import kramers_kronig
from ionspice.circuits.measurements.records import Spectrum
from tests.circuits.fitting.made import known_device

pytest.importorskip("impedance")


def test_the_spectrum_of_a_ladder_passes_and_a_drifting_one_fails() -> None:
    frequency = np.geomspace(1e3, 1e-2, 51)
    spectrum = Spectrum(name="z", frequency=frequency, impedance=exact_impedance(known_device(0.5), frequency))
    passed = kramers_kronig(spectrum)
    drift = np.linspace(1.0, 1.6, frequency.size)  # the device changed while it was measured
    failed = kramers_kronig(
        replace(spectrum, impedance=spectrum.impedance.real * drift + 1j * spectrum.impedance.imag)
    )
    assert passed is not None
    assert failed is not None
    assert passed.holds
    assert failed.error > 4 * passed.error
    assert not failed.holds
