"""Circuits follow every drive that prescribes the potential."""

import numpy as np
import pytest

from ionspice.circuits import uniform_circuit
from ionspice.core import InputError
from ionspice.pipeline import parse_case
from ionspice.pipeline.devices import voltammogram

CIRCUIT = uniform_circuit(layers=3, resistance=2.0, gamma=0.5, slit_charge=1e-10, slit_capacitance=1e-9)


@pytest.mark.parametrize(
    "drive",
    [
        'kind = "step"\namplitude = "0.1 V"\nduration = "100 ns"',
        'kind = "sine"\namplitude = "0.1 V"\nfrequency = "10 MHz"',
        'amplitude = "0.1 V"\nlower = "-0.05 V"\nhalf_cycle = "50 ns"',
    ],
)
def test_the_circuit_is_driven_as_the_field_is(drive):
    case = parse_case(f"[drive]\n{drive}")
    run = voltammogram({"NCM": CIRCUIT}, case)
    inside = run.time.values[run.time.values > 1e-8 * 100e-9][:-1]  # at its start a step has a flank
    exact = [case.drive.build().potential(time) for time in inside]
    np.testing.assert_allclose(run.electrode_potential.sel(time=inside), exact, atol=3e-5)
    assert float(run.time[-1]) == pytest.approx(100e-9)


def test_a_constant_current_is_refused_with_the_remedy():
    case = parse_case('[drive]\nkind = "current"\ncurrent = "1 A/m"\nupper = "0.1 V"')
    with pytest.raises(InputError, match="leaves the potential open"):
        voltammogram({"NCM": CIRCUIT}, case)
