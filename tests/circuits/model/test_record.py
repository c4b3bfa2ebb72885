"""A circuit's record gives the circuit again, through a file too, and refuses what is no circuit."""

import json
from dataclasses import replace

import numpy as np
import pytest
import sympy

from ionspice.circuits import (
    X,
    circuit_of,
    read_circuit_record,
    record_of,
    relative_resistance,
    typical_error,
    write_circuit_record,
)
from ionspice.circuits.model.capacitance import joined
from ionspice.circuits.model.forms import charge_constants, charge_form, charge_order, gap_form, gap_shape, law_shape
from ionspice.circuits.model.record import constant_column
from ionspice.core import InputError

Q, Rc, gamma, Qmax, b = sympy.symbols("Q Rc gamma Qmax b")


@pytest.fixture
def circuit(make_circuit, make_curve):
    """Return a circuit whose first element differs from the others, with q(v) and a jump at the mouth."""
    changes = {
        "resistance_zero": np.array([1.0, 2.0, 2.0]),
        "gamma": np.array([0.2, 0.5, 0.5]),
        "slit_capacitance": np.array([1.1e-9, 1e-9, 1e-9]),
        "slit_curve": joined([make_curve(), make_curve(width=(0.05, 0.2)), make_curve(width=(0.05, 0.2))]),
        "open_curve": make_curve(),
        "donnan_slope": -0.2,
        "donnan_curve": make_curve(),
        "potential": "electric",
    }
    return replace(make_circuit(slits=3, charge="local"), **changes)


@pytest.fixture
def path(circuit, tmp_path):
    path = tmp_path / "circuit.json"
    write_circuit_record(path, record_of(circuit, "measured"))
    return path


def test_a_circuit_comes_back_through_its_file(circuit, path):
    record = read_circuit_record(path)
    assert record.leakage is None
    assert np.isinf(circuit_of(record).leakage)
    found, u = circuit_of(record), np.linspace(-0.3, 0.3, 7)
    for name in ("slit_capacitance", "open_capacitance", "donnan_slope", "resistance_zero", "charge_max"):
        assert getattr(found, name) == pytest.approx(getattr(circuit, name), rel=1e-14), name
    for name in ("slit_curve", "open_curve", "donnan_curve"):
        expected = getattr(circuit, name)
        every = np.tile(u[:, None], expected.elements)
        assert getattr(found, name).volts(every) == pytest.approx(expected.volts(every), rel=1e-13), name
    assert (record.charge, record.potential, record.layers) == ("local", "electric", 4)
    assert record.gaps["local"].elements["Rc"].source == ("measured",) * 3


def test_other_numbers_of_layers_have_the_first_element_and_equal_inner_ones(circuit):
    longer = circuit_of(record_of(circuit), 6)
    assert longer.resistance_zero == pytest.approx([1.0, 2.0, 2.0, 2.0, 2.0])
    assert longer.slit_curve.width[1:] == pytest.approx(np.tile([0.05, 0.2], (4, 1)))
    assert longer.charge_max == pytest.approx(np.full(5, 1e-10))


def test_the_charge_scale_of_the_charge_passed_counts_the_slits_behind(make_circuit):
    circuit = circuit_of(record_of(make_circuit(slits=3)), 6)
    assert circuit.charge_max == pytest.approx(1e-10 * np.arange(5, 0, -1))


def test_other_numbers_of_layers_may_read_another_charge(circuit, make_circuit):
    record = record_of(make_circuit(slits=3))
    local = record_of(circuit).gaps
    both = record.model_copy(update={"gaps": {**record.gaps, **local}, "other_charge": "local"})
    assert [circuit_of(both, layers).charge for layers in (None, 4, 5)] == ["passed", "passed", "local"]
    assert circuit_of(both, 5, charge="law").charge == "passed"
    with pytest.raises(ValueError, match="has no entry in gaps"):
        type(record).model_validate(record.model_dump() | {"other_charge": "local"})


def test_constants_can_be_changed(circuit):
    changed = circuit_of(record_of(circuit), gamma=0.1, resistance_scale=2.0)
    assert changed.gamma == pytest.approx(np.full(3, 0.1))
    assert changed.resistance_zero == pytest.approx(2 * circuit.resistance_zero)


@pytest.mark.parametrize(
    ("law", "constants"),
    [
        (Rc * (1 - gamma * Q / Qmax), {}),
        (Rc * sympy.exp(-b * Q / Qmax), {"b": 0.4}),
        (Rc * (1 - gamma * Q / Qmax + b * (Q / Qmax) ** 2), {"b": 0.1}),
        (Rc / (1 + gamma / (1 - gamma) * Q / Qmax), {}),
        (Rc * (1 - b * sympy.sin(Q / Qmax)), {"b": 0.3}),
    ],
)
def test_every_law_becomes_a_form_of_the_same_resistance(law, constants):
    shape, names = law_shape(law)
    values = {"Rc": 0.3, "gamma": 0.45, "Qmax": 2e-9} | constants
    own = {name: values[of] for name, of in names.items()}
    resistance = sympy.lambdify(Q, law.subs({sympy.Symbol(name): value for name, value in values.items()}))
    loss = 1 - float(resistance(2e-9)) / float(resistance(0.0))
    found = gap_shape(gap_form(shape), values | own)
    relative = sympy.lambdify(X, 1 - loss * found)
    for share in (0.0, 0.3, 1.0):
        assert relative(share) == pytest.approx(float(resistance(share * 2e-9)) / 0.3, rel=1e-12)


def test_gaps_of_different_shape_constants_come_back(make_circuit):
    shape = (1 - sympy.exp(-b * X)) / (1 - sympy.exp(-b))
    circuit = replace(make_circuit(slits=3), shape=(shape.subs(b, 2.0),) * 3)
    record = record_of(circuit)
    law = record.gaps["passed"]
    named = law.model_copy(
        update={
            "form": gap_form(shape),
            "elements": law.elements | {"b": constant_column("1", [1.0, 2.0, 3.0], None, "law")},
            "other_layers": law.other_layers | {"b": constant_column("1", [1.0, 2.0], None, "law")},
        }
    )
    found = circuit_of(record.model_copy(update={"gaps": {"passed": named}}))
    x = np.full(3, 0.5)
    expected = (1 - np.exp(-np.array([1.0, 2.0, 3.0]) * x)) / (1 - np.exp(-np.array([1.0, 2.0, 3.0])))
    assert relative_resistance(found, x * found.charge_max) == pytest.approx(1 - found.gamma * expected)


@pytest.mark.parametrize(
    "form",
    ["Rc*(1 - gamma*Q)", "Rc*(1 - gamma**2*Q/Qmax)", "Rc - gamma*Q/Qmax", "Rc*(1 - gamma*(1 + sin(Q/Qmax)))"],
)
def test_a_form_that_is_no_relative_loss_is_refused(form):
    with pytest.raises(InputError, match=r"Rc\*\(1 - gamma\*s\)|must be 0 and 1"):
        gap_shape(form, {"Rc": 1.0, "gamma": 0.5, "Qmax": 1.0})


@pytest.mark.parametrize("odd", [True, False])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_forms_of_the_charge_are_read_back(order, odd):
    assert charge_order(charge_form(order, odd=odd), charge_constants(order)) == (order, odd)


def test_only_the_forms_of_the_charge_are_read():
    assert charge_order("C*u", {"C": 1.0}) == (0, True)
    with pytest.raises(InputError, match="is not C1"):
        charge_order("C*u*(1 + b1*u)", {"C": 1.0, "b1": 1.0})
    with pytest.raises(InputError, match="with the constants C1, u1, s1 is not"):
        charge_order(charge_form(1), {"C1": 1.0, "u1": 0.0, "s1": 0.1})


def test_a_mouth_that_holds_nothing_is_a_circuit(circuit):
    record = record_of(circuit)
    names = ("C1", "C2")
    nothing = {name: record.mouth.constants[name].model_copy(update={"value": 0.0}) for name in names}
    mouth = record.mouth.model_copy(update={"constants": record.mouth.constants | nothing})
    assert circuit_of(record.model_copy(update={"mouth": mouth})).open_capacitance == 0


def test_two_forms_are_no_record(make_circuit):
    with pytest.raises(InputError, match="different forms"):
        record_of(replace(make_circuit(slits=2), shape=(X, X**2)))


def test_a_device_has_the_values_of_a_strip_as_wide_as_its_area(circuit):
    record = record_of(circuit)
    device = record.model_copy(update={"extent": type(record.extent)(area=1e-4)})
    assert circuit_of(device).strip_width == 1e-4


def test_a_number_of_layers_is_needed_where_the_record_has_none(circuit):
    record = record_of(circuit)
    law, slits = (part.model_copy(update={"elements": None}) for part in (record.gaps["local"], record.slits))
    endless = record.model_copy(update={"layers": None, "gaps": {"local": law}, "slits": slits})
    assert circuit_of(endless, 3).slits == 2
    with pytest.raises(InputError, match="how many layers"):
        circuit_of(endless)
    with pytest.raises(InputError, match="layers = 1"):
        circuit_of(endless, 1)
    with pytest.raises(InputError, match="no law of the passed charge"):
        circuit_of(endless, 3, charge="passed")


def test_the_typical_error_is_that_of_the_elements_of_the_law(circuit):
    law = record_of(circuit).gaps["local"]
    column = constant_column("ohm m", [1.0, 2.0, 2.0], [0.1, 0.2, 9.0], ["law", "law", "fit"])
    known = law.model_copy(update={"elements": law.elements | {"Rc": column}})
    assert typical_error(known, "Rc", relative=True) == pytest.approx(0.1)
    with pytest.raises(InputError, match="no standard errors of gamma"):
        typical_error(known, "gamma", relative=False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c.update(format="ionspice-law/1"), "not of the format"),
        (lambda c: c.pop("mouth"), "mouth"),
        (lambda c: c.update(colour="red"), "colour"),
        (lambda c: c.update(layers=7), "layers = 7"),
        (lambda c: c.update(charge="passed"), "no entry in gaps"),
        (lambda c: c["gaps"]["local"].update(form="__import__('os')"), "holds|unknown"),
        (lambda c: c["gaps"]["local"]["elements"].pop("Rc"), "Rc"),
        (lambda c: c["gaps"]["local"]["elements"]["Rc"]["value"].__setitem__(0, "1"), "Rc"),
        (lambda c: c["gaps"]["local"]["elements"]["Rc"]["value"].__setitem__(0, -1.0), "resistance_zero = -1"),
        (lambda c: c["gaps"]["local"]["elements"]["gamma"]["value"].__setitem__(1, 1.5), "gamma = 1.5"),
        (lambda c: c["slits"]["elements"].pop("u1"), "u1"),
        (lambda c: c["slits"]["elements"]["C1"]["value"].__setitem__(0, -1e-9), "must grow"),
        (lambda c: c["slits"]["elements"]["s1"]["value"].__setitem__(0, 0.0), "must grow"),
        (lambda c: c["mouth"]["constants"].pop("C1"), "C1"),
        (lambda c: c["extent"].update(area=1.0), "strip_width"),
    ],
)
def test_a_file_that_is_no_circuit_is_refused(path, change, told):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=told) as error:
        read_circuit_record(path)
    assert str(path) in str(error.value)


def test_leakage_is_an_optional_entry(circuit, path, tmp_path):
    record = record_of(replace(circuit, leakage=1e4), "measured")
    write_circuit_record(tmp_path / "leaky.json", record)
    found = read_circuit_record(tmp_path / "leaky.json")
    assert found.leakage == record.leakage
    assert (found.leakage.value, found.leakage.unit, found.leakage.source) == (1e4, "ohm m", "measured")
    assert [circuit_of(found, layers).leakage for layers in (4, 20)] == [1e4, 1e4]


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_leakage_that_is_not_positive_is_refused(circuit, tmp_path, value):
    record = record_of(replace(circuit, leakage=1e4))
    leaky = record.model_copy(update={"leakage": record.leakage.model_copy(update={"value": value})})
    write_circuit_record(tmp_path / "leaky.json", leaky)
    with pytest.raises(InputError, match="leakage"):
        read_circuit_record(tmp_path / "leaky.json")


def test_a_record_tells_the_temperature_of_its_circuit(circuit):
    record = record_of(circuit)
    assert circuit_of(record).temperature == 298.15
    warm = record.model_copy(update={"provenance": record.provenance.model_copy(update={"temperature": 310.0})})
    assert circuit_of(warm).temperature == 310.0
