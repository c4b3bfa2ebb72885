"""A circuit plays the field run: what is extracted from its states must be the circuit again."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import sympy
import xarray as xr

from ionspice.circuits import (
    ChargeCurve,
    build_circuit,
    charging_ramp,
    extract_capacitances,
    learn_record,
    read_field,
    simulate,
    solve_ladder,
    transmission_line,
    triangular,
    uniform_circuit,
)
from ionspice.circuits.model.extraction import fit_element
from ionspice.circuits.model.ladder import donnan_potential, slit_charges
from ionspice.circuits.model.ladder import open_charge as circuit_open_charge
from ionspice.circuits.model.shape import LINEAR
from ionspice.core import InputError

AMPLITUDE, HALF_CYCLE = 0.11, 750e-9
Q, Rc, gamma, Qmax, b = sympy.symbols("Q Rc gamma Qmax b")


@pytest.fixture
def circuit(make_curve):
    """Return a circuit with the values of the default case: ohm m, F/m, C/m."""
    plain = uniform_circuit(
        layers=6,
        resistance=0.28,
        gamma=0.45,
        slit_charge=2.6e-9,
        slit_capacitance=2.4e-8,
        open_resistance=0.115,
        open_capacitance=1.2e-8,
    )
    return replace(
        plain,
        resistance_zero=np.array([0.21, 0.285, 0.286, 0.287, 0.287]),
        gamma=np.array([0.18, 0.45, 0.44, 0.43, 0.42]),
        slit_curve=make_curve(5, width=(0.06, 0.2)),
        open_curve=make_curve(width=(0.07, 0.3)),
    )


def field_of(circuit):
    """Return what the field model would write if the stack were this circuit."""
    drive = triangular(AMPLITUDE, HALF_CYCLE)
    run = simulate(circuit, drive)
    electrode, node = run["electrode_potential"].to_numpy(), run["node_potential"].to_numpy()
    open_voltage = electrode - node[:, 0]
    open_charge = circuit_open_charge(circuit, open_voltage)
    jump = np.zeros_like(node[:, 1:])
    jump[:, 0] = donnan_potential(circuit, electrode - node[:, 1])
    return xr.Dataset(
        {
            "electrode_potential": ("time", electrode),
            "slit_charge": (("time", "slit"), run["slit_charge"].to_numpy()),
            "open_charge": ("time", -open_charge),
            "slit_conduction_potential": (("time", "slit"), node[:, 1:] - jump),
            "slit_potential": (("time", "slit"), node[:, 1:]),
            "mouth_conduction_potential": ("time", node[:, 0]),
        },
        coords={"time": run["time"].to_numpy()},
        attrs={"charging_end": HALF_CYCLE, "strip_width": circuit.strip_width},
    )


def law_of(circuit, elements=None, **changes):
    """Return the circuit's law as discovery would."""
    chosen = list(elements or range(1, circuit.slits + 1))
    pick = [i - 1 for i in chosen]
    values = {
        "Rc": circuit.resistance_zero[pick],
        "gamma": circuit.gamma[pick],
        "Qmax": circuit.charge_max[pick],
    }
    content = {
        "resistance": Rc * (1 - gamma * Q / Qmax),
        "parameters": {name: SimpleNamespace(value=value) for name, value in values.items()},
        "elements": chosen,
        "charge": circuit.charge,
        "potential": circuit.potential,
    }
    return SimpleNamespace(**(content | changes))


def test_capacitances_and_mouth_come_back(circuit):
    found = extract_capacitances(charging_ramp(field_of(circuit)), order=2)
    u = np.linspace(0, 0.08, 9)
    expected = slit_charges(circuit, np.tile(u[:, None], 5))
    assert found.slit * found.slit_curve.volts(np.tile(u[:, None], 5)) == pytest.approx(expected, rel=1e-6, abs=1e-16)
    assert found.slit == pytest.approx(circuit.slit_capacitance, rel=1e-5)
    assert found.open == pytest.approx(1.2e-8, rel=1e-5)
    opened = found.open * found.mouth.curve.volts(u[:, None])[:, 0]
    assert opened == pytest.approx(circuit_open_charge(circuit, u), rel=1e-6, abs=1e-16)
    assert found.open_resistance == pytest.approx(0.115, rel=1e-3)
    assert found.donnan is None


def test_standard_errors_cover_noise(circuit):
    field = field_of(circuit)
    noise = 1e-12 * np.random.default_rng(1).standard_normal(field["slit_charge"].shape)
    clean = extract_capacitances(charging_ramp(field), order=2)
    noisy = extract_capacitances(charging_ramp(field.assign(slit_charge=field["slit_charge"] + noise)), order=2)
    deviation = np.abs(noisy.slit - clean.slit) / noisy.slit_standard_error
    assert 0.05 < deviation.max() < 4


def test_a_constant_capacitance_is_the_weighted_mean_slope(circuit):
    line = replace(circuit, slit_curve=ChargeCurve.linear(5))
    found = extract_capacitances(charging_ramp(field_of(line)))
    assert found.slit == pytest.approx(circuit.slit_capacitance, rel=1e-9)
    assert found.slit_curve.modes == 0


@pytest.mark.parametrize("charge", ["passed", "stored"])
def test_an_element_comes_back(circuit, charge):
    scale = circuit.charge_max if charge == "passed" else np.full(5, 2.6e-9)
    played = replace(circuit, charge=charge, charge_max=scale)
    ramp = charging_ramp(field_of(played))
    for number in (1, 2, 5):
        element = fit_element(ramp, number, LINEAR, charge)
        assert element.resistance == pytest.approx(circuit.resistance_zero[number - 1], rel=2e-3)
        slope = element.gamma / element.charge_max
        assert slope == pytest.approx(circuit.gamma[number - 1] / scale[number - 1], rel=5e-3)


def test_the_built_circuit_predicts_the_current(circuit):
    field = field_of(circuit)
    ramp = charging_ramp(field)
    built = build_circuit(law_of(circuit), extract_capacitances(ramp, order=2), ramp)
    drive, time = triangular(AMPLITUDE, HALF_CYCLE), np.linspace(1e-9, 2 * HALF_CYCLE, 200)
    true, found = solve_ladder(circuit, drive, time), solve_ladder(built, drive, time)
    assert np.abs(found.current - true.current).max() < 1e-3 * true.current.max()


def test_a_missing_first_element_is_fitted(circuit):
    ramp = charging_ramp(field_of(circuit))
    built = build_circuit(law_of(circuit, elements=[2, 3, 4, 5]), extract_capacitances(ramp, order=2), ramp)
    assert built.resistance_zero[0] == pytest.approx(0.21, rel=2e-3)
    assert built.gamma[0] / built.charge_max[0] == pytest.approx(0.18 / circuit.charge_max[0], rel=1e-2)


@pytest.mark.parametrize(("number", "gamma"), [(1, -0.5), (5, 1.02)])
def test_an_element_out_of_range_is_fitted_again(circuit, number, gamma):
    ramp = charging_ramp(field_of(circuit))
    law = law_of(circuit)
    law.parameters["gamma"].value = np.where(np.arange(1, 6) == number, gamma, circuit.gamma)
    built = build_circuit(law, extract_capacitances(ramp, order=2), ramp)
    assert built.gamma / built.charge_max == pytest.approx(circuit.gamma / circuit.charge_max, rel=1e-2)


@pytest.mark.parametrize("potential", ["electrochemical", "electric"])
def test_a_single_slit_makes_a_circuit(potential):
    cell = uniform_circuit(
        layers=2,
        resistance=0.28,
        gamma=0.3,
        slit_charge=2.6e-9,
        slit_capacitance=2.4e-8,
        open_resistance=0.115,
        open_capacitance=1.2e-8,
    )
    cell = replace(cell, potential=potential)
    ramp = charging_ramp(field_of(cell), potential)
    built = build_circuit(law_of(cell), extract_capacitances(ramp), ramp, layers=3)
    assert built.resistance_zero == pytest.approx([0.28, 0.28], rel=2e-3)


def test_the_donnan_jump_of_electric_potentials_comes_back(circuit, make_curve):
    played = replace(circuit, potential="electric", donnan_slope=0.2, donnan_curve=make_curve())
    ramp = charging_ramp(field_of(played), "electric")
    capacitances = extract_capacitances(ramp, order=2)
    built = build_circuit(law_of(played), capacitances, ramp)
    u = np.linspace(0.01, 0.08, 8)
    assert donnan_potential(built, u) == pytest.approx(donnan_potential(played, u), rel=1e-4)
    assert built.resistance_zero[0] == pytest.approx(0.21, rel=2e-3)
    drive, time = triangular(AMPLITUDE, HALF_CYCLE), np.linspace(1e-9, 2 * HALF_CYCLE, 200)
    true, found = solve_ladder(played, drive, time), solve_ladder(built, drive, time)
    assert np.abs(found.current - true.current).max() < 2e-3 * true.current.max()


def test_another_number_of_layers_takes_the_inner_means(circuit):
    ramp = charging_ramp(field_of(circuit))
    built = build_circuit(law_of(circuit), extract_capacitances(ramp, order=2), ramp, layers=20)
    assert built.slits == 19
    assert built.resistance_zero[1:] == pytest.approx(np.full(18, circuit.resistance_zero[1:].mean()))
    assert built.resistance_zero[0] == pytest.approx(0.21, rel=1e-9)
    assert built.charge_max / 2.6e-9 == pytest.approx(np.arange(19, 0, -1), rel=1e-9)
    assert (built.slit_curve.elements, built.slit_curve.modes) == (19, 2)


def test_a_circuit_of_the_local_charge_comes_back_for_any_number_of_layers(circuit):
    gamma = np.array([0.18, 0.45, 0.45, 0.45, 0.45])
    resistance = np.array([0.21, 0.286, 0.286, 0.286, 0.286])
    played = replace(circuit, charge="local", charge_max=np.full(5, 2.6e-9), gamma=gamma, resistance_zero=resistance)
    ramp = charging_ramp(field_of(played))
    law = law_of(circuit)  # its own constants are of the charge passed
    built = build_circuit(law, extract_capacitances(ramp, order=2), ramp, charge="local")
    assert built.charge == "local"
    assert built.resistance_zero == pytest.approx(resistance, rel=2e-3)
    assert built.gamma / built.charge_max == pytest.approx(gamma / 2.6e-9, rel=5e-3)
    longer = build_circuit(law, extract_capacitances(ramp, order=2), ramp, layers=20, charge="local")
    assert longer.resistance_zero[1:] == pytest.approx(np.full(18, built.resistance_zero[1]))
    assert longer.charge_max[1:] == pytest.approx(np.full(18, built.charge_max[1]))


def test_a_reading_without_positive_resistances_is_left_out(circuit):
    field, name = field_of(circuit), "slit_conduction_potential"
    turned = 2 * field[name].isel(slit=0) - field[name]  # inner gaps drive their current backwards
    ramp = charging_ramp(field.assign({name: turned.transpose("time", "slit")}))
    found = extract_capacitances(charging_ramp(field), order=2)
    record = learn_record(law_of(circuit), found, ramp, local_elsewhere=True)
    assert set(record.gaps) == {"passed"}
    assert record.reading(20) == "passed"
    with pytest.raises(InputError, match="one rail per ion"):
        learn_record(law_of(circuit), found, ramp, readings=("local",))


def test_any_law_is_taken_with_its_constants(circuit):
    ramp = charging_ramp(field_of(circuit))
    law = law_of(circuit, resistance=Rc * sympy.exp(-b * Q / Qmax))
    law.parameters["b"] = SimpleNamespace(value=np.linspace(0.4, 0.6, 5))
    built = build_circuit(law, extract_capacitances(ramp), ramp)
    assert built.gamma == pytest.approx(1 - np.exp(-np.linspace(0.4, 0.6, 5)))
    assert len(set(built.shape)) == 5


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"elements": [7]}, "elements"),
        ({"elements": []}, "elements"),
        ({"parameters": {"Rc": SimpleNamespace(value=np.ones(5))}}, "no Qmax"),
    ],
)
def test_laws_that_do_not_fit_the_field_are_refused(circuit, change, told):
    ramp = charging_ramp(field_of(circuit))
    law = law_of(circuit)
    law.__dict__.update(change)
    if "elements" in change:
        law.parameters = {name: SimpleNamespace(value=np.ones(1)) for name in law.parameters}
    with pytest.raises(InputError, match=told):
        build_circuit(law, extract_capacitances(ramp), ramp)


def test_files_without_the_needed_variables_are_refused(circuit, tmp_path):
    path = tmp_path / "observables.nc"
    field_of(circuit).drop_vars("open_charge").to_netcdf(path, engine="h5netcdf")
    with pytest.raises(InputError, match="lacks open_charge"):
        read_field(path)
    path.write_bytes(b"damaged")
    with pytest.raises(InputError, match="cannot read"):
        read_field(path)


def test_values_that_are_not_finite_are_refused(circuit):
    field = field_of(circuit)
    field["slit_charge"][5, 2] = np.nan
    with pytest.raises(InputError, match="slit_charge has values that are not finite"):
        charging_ramp(field)


def test_a_run_that_does_not_charge_is_refused(circuit):
    field = field_of(transmission_line(circuit))
    with pytest.raises(InputError, match="must be positive"):
        extract_capacitances(charging_ramp(field.assign(slit_charge=-field["slit_charge"])))


@pytest.mark.parametrize("order", [-1, 4])
def test_an_order_out_of_range_is_refused(circuit, order):
    with pytest.raises(InputError, match=f"order = {order}"):
        extract_capacitances(charging_ramp(field_of(circuit)), order=order)


def test_a_mouth_that_holds_nothing_has_no_capacitance(circuit):
    field = field_of(circuit)
    for order in (0, 2):
        found = extract_capacitances(charging_ramp(field.assign(open_charge=-1e-3 * field["open_charge"])), order)
        assert found.open == 0
        assert np.isfinite(found.open_standard_error)
        built = build_circuit(law_of(circuit), found, charging_ramp(field))
        assert built.open_capacitance == 0


def test_the_mouth_of_a_full_cell_holds_what_the_electrode_has_beyond_its_slits(circuit):
    field = field_of(circuit)
    total = -field["open_charge"] - field["slit_charge"].sum("slit")
    half, full = field, field.assign(open_charge=field["slit_charge"].sum("slit") * -1, electrode_charge=total)
    ramp = charging_ramp(full.assign_attrs(full_cell=1))
    assert ramp.open_charge == pytest.approx(charging_ramp(half).open_charge)


@pytest.mark.parametrize(
    ("valence", "case", "symmetric"),
    [
        ([1, -1], "", True),
        ([2, -1], "", False),
        ([1, -1], 'species = [{name = "a", diameter = "0.4 nm"}, {name = "b", diameter = "0.3 nm"}]', False),
        ([1, -1], 'species = [{name = "a", diameter = "0.4 nm"}, {name = "b", diameter = "0.4 nm"}]', True),
    ],
)
def test_ions_of_other_valence_or_size_make_the_sign_of_the_potential_count(circuit, valence, case, symmetric):
    coordinates = {"species": ["a", "b"], "species_valence": ("species", valence)}
    field = field_of(circuit).assign_coords(coordinates).assign_attrs(case=f"[electrolyte]\n{case}")
    ramp = charging_ramp(field)
    assert ramp.symmetric is symmetric
    found = extract_capacitances(ramp, order=1)
    assert (found.inner.low < 0) is symmetric


def test_a_drive_of_both_signs_teaches_the_whole_run(circuit):
    field = field_of(circuit)
    assert charging_ramp(field).storage.charge.shape[0] == charging_ramp(field).time.size
    field["electrode_potential"] = field["electrode_potential"] - 0.05
    assert charging_ramp(field).storage.charge.shape[0] == field.sizes["time"]
