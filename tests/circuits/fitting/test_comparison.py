"""A known device is found again, with intervals that hold it, and the model that it is."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits.fitting.comparison import Comparison, compare_models
from ionspice.circuits.fitting.device_fit import FitSettings, fit_device
from ionspice.circuits.fitting.experiments import experiment_of
from ionspice.circuits.fitting.intervals import gamma_verdict
from ionspice.circuits.fitting.least_squares import Prior
from ionspice.circuits.fitting.models import CapacitanceModes, DeviceModel, candidate_models, ladder_circuit
from ionspice.circuits.fitting.scales import scales_of
from ionspice.circuits.fitting.steps import COARSE
from ionspice.circuits.measurements.records import Measurement, Spectrum
from ionspice.circuits.model.ladder import differential_capacitances
from ionspice.circuits.model.shape import X
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


def test_what_is_known_beforehand_narrows_gamma() -> None:
    records = measured(known_device(0.7), np.random.default_rng(8), rates=(), currents=())
    free = fit_device(records, FitSettings(layers=_LAYERS, readings=("passed",), hold_out=False, wanted=_is_nano))
    prior = Prior(name="gamma", value=0.65, error=0.05)
    held = fit_device(
        records,
        FitSettings(layers=_LAYERS, readings=("passed",), hold_out=False, wanted=_is_nano, priors=(prior,)),
    )
    wide, narrow = (one.comparison.best.certainty.constant("gamma") for one in (free, held))
    assert wide is not None
    assert narrow is not None
    assert not wide.determined
    assert narrow.determined
    assert narrow.value == pytest.approx(0.65, abs=1e-3)
    assert narrow.standard_error == pytest.approx(0.05, rel=0.02)


def _is_nano(model: DeviceModel) -> bool:
    return model.reading is not None


def test_a_window_of_both_signs_has_a_capacitance_for_each() -> None:
    modes = CapacitanceModes.of((-1.0, 0.6))
    assert not modes.odd
    assert modes.centre == (0.0, -1.0, 0.0, 0.6)
    values = {"Rline": 1.0, "Ropen": 1.0, "Rleak": 1e9, "C1": 1.0, "C2": 0.5, "C3": 0.0, "C4": 0.1}
    circuit = ladder_circuit(modes, 5, "passed", values)
    slope = differential_capacitances(circuit, np.repeat([[-1.0], [0.6]], 4, axis=1)).sum(axis=1)
    np.testing.assert_allclose(slope, [1.5, 1.1], rtol=0.02)


def test_a_law_that_is_not_straight_is_seen() -> None:
    straight = known_device(0.7)
    bent = replace(straight, shape=(X * 1.6 - 0.6 * X**2,) * straight.slits)
    records = measured(bent, np.random.default_rng(9), rates=(0.01, 0.05), currents=())
    found = _compared(records)
    # a law that discovery finds may describe the files as well
    assert found.best.name in ("NCM, charge passed, bent law", "NCM, charge passed, found law")
    parabola = next(one for one in found.models if one.name == "NCM, charge passed, bent law")
    bend = parabola.certainty.constant("bend")
    assert bend is not None
    assert abs(bend.value - 0.6) < 3 * bend.standard_error < 0.3
