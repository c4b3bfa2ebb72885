import re

import numpy as np
import pytest
from typer.testing import CliRunner

from ionspice.circuits import (
    build_local_circuit,
    charging_ramp,
    circuit_of,
    extract_capacitances,
    read_circuit_record,
    read_field,
)
from ionspice.core import InputError
from ionspice.core.files import sha256_of
from ionspice.pipeline.campaigns.campaign import run_campaign
from ionspice.pipeline.campaigns.prediction import predict_record, prediction_table
from ionspice.pipeline.campaigns.table import collect, write_campaign
from ionspice.pipeline.cases.case import parse_case
from ionspice.pipeline.cli import app

SLITS = {"narrow": "1.5 nm", "wide": "2 nm"}


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    folder = tmp_path_factory.mktemp("campaign")
    text = '[geometry]\nlayers = 3\nslit = "{}"\n[mesh]\nwall_spacing = "0.3 nm"\ngrowth = 2.0\n'
    cases = {name: parse_case(text.format(slit)) for name, slit in SLITS.items()}
    outcome = run_campaign(cases, folder, until="solve")
    varied = {name: {"geometry.slit": slit, "geometry.layers": 3} for name, slit in SLITS.items()}
    write_campaign(collect(folder, varied, outcome), folder)
    return folder


def test_a_case_of_the_campaign_comes_back(campaign):
    ramp = charging_ramp(read_field(campaign / "cases" / "wide" / "observables.nc"))
    own = build_local_circuit(extract_capacitances(ramp, order=2), ramp)
    found = circuit_of(predict_record(campaign, {"geometry.slit": "2.0 nm"}), 3)
    for name in ("resistance_zero", "gamma", "charge_max", "slit_capacitance"):
        assert getattr(found, name) == pytest.approx(getattr(own, name), rel=1e-9), name
    voltage = np.array([[0.01, 0.02], [0.1, 0.3]])
    assert found.slit_curve.volts(voltage) == pytest.approx(own.slit_curve.volts(voltage), rel=1e-6)


def test_only_what_varies_is_a_dimension(campaign):
    table = prediction_table(campaign)
    assert set(table.dims) == {"geometry.slit", "constant"}
    assert table["geometry.slit"].attrs["units"] == "m"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ({"geometry.slit": "3 nm"}, "outside the table"),
        ({"geometry.slit": "1.7"}, "unit"),
        ({"geometry.slit": "1,7 nm"}, "decimal comma"),
        ({"geometry.slit": "9**9**9 nm"}, "unknown unit"),
        ({"geometry.slit": "wide"}, "geometry.slit = wide"),
        ({"drive.amplitude": "0.1 V"}, "not varied"),
        ({}, "depends on geometry.slit"),
    ],
)
def test_conditions_that_the_campaign_does_not_hold_are_refused(campaign, at, words):
    with pytest.raises(InputError, match=words):
        predict_record(campaign, at)


def test_a_folder_without_a_campaign_is_refused(tmp_path):
    with pytest.raises(InputError, match="ionspice sweep"):
        predict_record(tmp_path, {})


def test_the_command_writes_a_device(campaign, tmp_path):
    path = tmp_path / "ncm.lib"
    arguments = ["predict", str(campaign), "--at", "geometry.slit=1.7 nm", "--layers", "20", "-o", str(path)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    gamma = float(re.search(r"gamma=(\S+)", path.read_text())[1])
    ends = prediction_table(campaign)["gamma"].values
    assert ends.min() < gamma < ends.max()
    assert "R19 n18 n19" in path.read_text()


def test_the_command_writes_a_record_that_export_reads(campaign, tmp_path):
    at = ["--at", "geometry.slit=1.7 nm"]
    commands = (
        ["predict", campaign, *at, "-o", tmp_path / "circuit.json"],
        ["predict", campaign, *at, "--layers", 20, "--area", "1 mm^2", "-o", tmp_path / "own.lib"],
        ["export", tmp_path, "--layers", 20, "--area", "1 mm^2", "-o", tmp_path / "exported.lib"],
    )
    for command in commands:
        assert CliRunner().invoke(app, list(map(str, command))).exit_code == 0, command
    own, exported = ((tmp_path / name).read_text() for name in ("own.lib", "exported.lib"))
    assert own[own.index(".subckt") :] == exported[exported.index(".subckt") :]
    assert f"circuit.json: {sha256_of(tmp_path / 'circuit.json')}" in exported
    for text in (own, exported):
        assert f"campaign.nc: {sha256_of(campaign / 'campaign.nc')}" in text
        assert "potential of the electrode from 0 to 0.11 V" in text
    record = read_circuit_record(tmp_path / "circuit.json")
    assert record.gaps["local"].other_layers["Rc"].source == ("campaign", "campaign")
    assert record.window.potential == pytest.approx((0.0, 0.11))
    assert "geometry.slit = 1.7 nm" in record.provenance.case


def test_a_device_needs_a_number_of_layers(campaign, tmp_path):
    arguments = ["predict", str(campaign), "--at", "geometry.slit=1.7 nm", "-o", str(tmp_path / "ncm.lib")]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, InputError)
    assert "layers" in str(result.exception)
