"""A known device is found again, with intervals that hold it, and the model that it is."""

import numpy as np
import pytest

from ionspice.circuits.fitting.comparison import Comparison, compare_models
from ionspice.circuits.fitting.experiments import experiment_of
from ionspice.circuits.fitting.intervals import gamma_verdict
from ionspice.circuits.fitting.models import candidate_models
from ionspice.circuits.fitting.scales import scales_of
from ionspice.circuits.fitting.steps import COARSE
from ionspice.circuits.measurements.records import Measurement, Spectrum
from tests.circuits.fitting.made import LINE, MOUTH, known_device, measured

_LAYERS = 9


def _compared(records: list[Measurement], *, hold_out: bool = False) -> Comparison:
    models = candidate_models(scales_of(records), _LAYERS, ("passed",))
    fine, coarse = ([experiment_of(one, **options) for one in records] for options in ({}, {"resolution": COARSE}))
    return compare_models(models, fine, coarse, hold_out=hold_out)


def test_a_nano_circuit_is_found_within_its_intervals() -> None:
    records = measured(known_device(0.7), np.random.default_rng(4), rates=(0.01, 0.1), currents=(0.02,))
    found = _compared(records, hold_out=True)
    assert found.best.name == "NCM, charge passed"
    assert found.charge_dependent == "yes"
    for name, value in (("gamma", 0.7), ("Rline", LINE), ("Ropen", MOUTH)):
        constant = found.best.certainty.constant(name)
        assert constant is not None
        # three standard errors: the draws are fixed, and this is no test of the 95 %
        assert abs(constant.value - value) < 3 * constant.standard_error
        assert constant.standard_error < 0.02 * value
    assert found.best.held_out_error == pytest.approx(0.01, rel=0.2)


def test_a_transmission_line_is_taken_for_one() -> None:
    records = measured(known_device(0.0), np.random.default_rng(5), rates=(0.01, 0.05), currents=(0.02,))
    found = _compared(records)
    assert found.best.name == "TLM"
    assert found.charge_dependent == "no"


def test_a_spectrum_alone_does_not_tell_gamma() -> None:
    records = [one for one in measured(known_device(0.7), np.random.default_rng(6)) if isinstance(one, Spectrum)]
    found = _compared(records)
    nano = next(one for one in found.models if one.model.reading)
    assert found.charge_dependent != "yes"
    assert "cannot be told" in gamma_verdict(nano.certainty) or "not determined" in gamma_verdict(nano.certainty)
