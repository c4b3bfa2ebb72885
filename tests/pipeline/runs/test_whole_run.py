"""A run through all stages, and the commands that go on from its folder."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ionspice.circuits import (
    DIALECT_SUFFIXES,
    circuit_of,
    device_name,
    exact_impedance,
    print_subcircuit,
    read_circuit,
    read_circuit_record,
    record_of,
    write_circuit_record,
)
from ionspice.core.files import sha256_of
from ionspice.core.manifest import read_manifest
from ionspice.discovery import read_law
from ionspice.pipeline import read_case
from ionspice.pipeline.results.devices import read_device
from ionspice.pipeline.runs.stages import RunInputs, single_run


@pytest.fixture
def folder(run_folder, tmp_path):
    return shutil.copytree(run_folder, tmp_path / "run")


def test_every_stage_leaves_its_files(run_folder, tiny_case):
    records = read_manifest(run_folder)
    assert list(records) == [stage.name for stage in single_run()]
    for stage in single_run():
        assert records[stage.name].finished
        assert set(records[stage.name].outputs) == set(stage.writes(RunInputs(case=tiny_case)))


def test_the_whole_run_is_up_to_date_afterwards(ionspice, folder):
    result = ionspice("run", folder / "case.toml", "-o", folder)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        *(f"{stage.name}: up to date" for stage in single_run()),
        f"report: {folder / 'report.html'}",
    ]


def test_the_law_loses_resistance_with_charge(run_folder):
    law = read_law(run_folder / "law.json")
    gammas = [law.value("gamma", element) for element in (2, 3)]
    assert all(0.3 < gamma < 0.6 for gamma in gammas)


def test_the_circuit_predicts_the_current_of_the_fields_better_than_the_transmission_line(run_folder):
    circuit = read_circuit(run_folder / "circuit.nc")[4]
    with xr.open_dataset(run_folder / "observables.nc") as fields:
        time, current = fields["time"].values, fields["electrode_current"].values
    errors = {
        model: np.interp(time, circuit["time"], circuit["electrode_current"].sel(model=model)) - current
        for model in ("NCM", "TLM")
    }
    rms = {model: np.sqrt(np.mean(error**2)) / np.abs(current).max() for model, error in errors.items()}
    assert rms["NCM"] < 0.05
    assert rms["NCM"] < rms["TLM"]


def test_discover_writes_the_same_law_again(ionspice, folder, run_folder):
    (folder / "law.json").unlink()
    result = ionspice("discover", folder)
    assert result.returncode == 0, result.stderr
    assert "law: R = " in result.stdout
    assert (folder / "law.json").read_bytes() == (run_folder / "law.json").read_bytes()


def test_observables_alone_are_enough_to_go_on_from(ionspice, run_folder, tmp_path):
    shutil.copy(run_folder / "observables.nc", tmp_path)
    for command in ("discover", "simulate"):
        result = ionspice(command, tmp_path)
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "law.json").read_bytes() == (run_folder / "law.json").read_bytes()
    assert read_case(tmp_path / "case.toml") == read_case(run_folder / "case.toml")


def test_discover_takes_any_table(ionspice, tmp_path):
    charge = np.linspace(0, 2e-9, 60)
    integral = 0.3 * (charge - 0.25 * charge**2 / charge[-1])  # R = 0.3 (1 - 0.5 Q/Qmax)
    table = np.column_stack([charge, integral])
    np.savetxt(tmp_path / "table.csv", table, delimiter=",", header="charge,voltage_integral", comments="")
    result = ionspice("discover", tmp_path / "out", "--data", tmp_path / "table.csv")
    assert result.returncode == 0, result.stderr
    law = read_law(tmp_path / "out" / "law.json")
    assert law.value("Rc", law.elements[0]) == pytest.approx(0.3, rel=1e-6)
    assert law.value("gamma", law.elements[0]) == pytest.approx(0.5, rel=1e-6)


def test_discover_refuses_a_table_with_text_in_it(ionspice, tmp_path):
    (tmp_path / "table.csv").write_text("charge,voltage_integral\n0,0\n1e-9,high\n")
    result = ionspice("discover", tmp_path / "out", "--data", tmp_path / "table.csv")
    assert result.returncode == 2
    assert "table.csv" in result.stderr
    assert "'high'" in result.stderr
    assert not (tmp_path / "out").exists()


def test_simulate_takes_other_layers_and_constants(ionspice, folder):
    result = ionspice("simulate", folder, "--layers", 5, "--gamma", 0, "--rc-scale", 2)
    assert result.returncode == 0, result.stderr
    run = read_circuit(folder / "what_if" / "layers-5_gamma-0.0_rc-scale-2.0" / "circuit.nc")[5]
    current = run["electrode_current"]
    np.testing.assert_allclose(current.sel(model="NCM"), current.sel(model="TLM"), rtol=1e-6, atol=1e-9)


def test_what_would_be_does_not_take_the_place_of_what_is(ionspice, folder, run_folder):
    for options in (["--drive", "amplitude = 0.05 V"], ["--gamma", "0.3"], ["--rc-scale", "3"], ["--layers", "5"]):
        assert ionspice("simulate", folder, *options).returncode == 0
    assert len(list((folder / "what_if").iterdir())) == 4
    assert sha256_of(folder / "circuit.nc") == sha256_of(run_folder / "circuit.nc")
    assert ionspice("report", folder).returncode == 0
    run = read_circuit(folder / "circuit.nc")[4]
    assert float(run["electrode_potential"].max()) == pytest.approx(0.11)
    again = ionspice("run", folder / "case.toml", "-o", folder)
    assert "simulate: up to date" in again.stdout


@pytest.mark.parametrize("command", ["report", "export", "simulate", "eis"])
@pytest.mark.parametrize("file", ["observables.nc", "law.json", "circuit.json"])
def test_commands_refuse_a_file_that_its_stage_did_not_leave(ionspice, folder, command, file):
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)
    result = ionspice(command, folder)
    assert result.returncode == 2
    assert f"{file} is not the file that the stage" in result.stderr


def test_simulate_takes_other_rates_windows_and_errors(ionspice, folder):
    options = ["--drive", "amplitude = 0.05 V", "--drive", "scan_rate = 1e5 V/s", "--drive", "cycles=2"]
    result = ionspice("simulate", folder, "--layers", 4, *options, "--samples", 5)
    assert result.returncode == 0, result.stderr
    target = folder / "what_if" / "layers-4_amplitude-0.05V_scan-rate-1e5Vs_cycles-2_samples-5"
    run = read_circuit(target / "circuit.nc")[4]
    assert float(run["electrode_potential"].max()) == pytest.approx(0.05)
    assert float(run["time"][-1]) == pytest.approx(4 * 0.05 / 1e5)
    assert (run["electrode_current_low"] <= run["electrode_current_high"]).all()
    table = pd.read_csv(target / "circuit_4.csv", index_col="time [s]")
    np.testing.assert_allclose(table["electrode_current_NCM [A/m]"], run["electrode_current"].sel(model="NCM"))
    assert (target / "circuit_4.svg").read_text().startswith("<?xml")


def test_simulate_charges_at_constant_current(ionspice, folder):
    options = ["--drive", "kind = current", "--drive", "current = 0.05 A/m", "--drive", "upper = 0.08 V"]
    result = ionspice("simulate", folder, "--layers", 4, *options)
    assert result.returncode == 0, result.stderr
    target = folder / "what_if" / "layers-4_kind-current_current-0.05Am_upper-0.08V"
    run = read_circuit(target / "circuit.nc")[4]
    np.testing.assert_allclose(run["electrode_potential"].max("time"), 0.08, rtol=0.01)
    table = pd.read_csv(target / "circuit_4.csv", index_col="time [s]")
    assert {"electrode_potential_NCM [V]", "electrode_potential_TLM [V]"} <= set(table.columns)


def test_simulate_follows_a_protocol(ionspice, folder):
    steps = "Sweep to 0.08 V at 1 V/us; Rest for 100 ns; Discharge at 50 mA/m until 0 V"
    options = ["--drive", "kind = protocol", "--drive", f"steps = {steps}"]
    result = ionspice("simulate", folder, "--layers", 4, *options)
    assert result.returncode == 0, result.stderr
    (target,) = (folder / "what_if").glob("layers-4_kind-protocol*")
    run = read_circuit(target / "circuit.nc")[4]
    np.testing.assert_allclose(run["electrode_potential"].max("time"), 0.08, rtol=1e-6)
    for model in ("NCM", "TLM"):
        assert float(run["electrode_potential"].sel(model=model).dropna("time")[-1]) == pytest.approx(0.0, abs=1e-6)
    assert (target / "circuit_4.svg").read_text().startswith("<?xml")


def test_simulate_without_libngspice_says_which_package_to_install(folder):
    before = (folder / "circuit.nc").read_bytes()
    command = [Path(sys.executable).parent / "ionspice", "simulate", folder]
    environment = os.environ | {"NGSPICE_LIBRARY_PATH": "/nonexistent/libngspice.so"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 1
    assert "libngspice" in result.stderr
    assert "apt install libngspice0" in result.stderr
    assert "Traceback" not in result.stderr
    assert (folder / "circuit.nc").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--gamma", "1.5"], ["gamma = 1.5", "between 0", "1"]),
        (["--rc-scale", "0"], ["rc-scale = 0", "greater than 0"]),
        (["--layers", "1"], ["layers = 1", "2"]),
        (["--drive", "amplitude"], ["'amplitude'", "KEY = VALUE"]),
        (["--drive", "amplitud = 1 V"], ["amplitud", "did you mean amplitude"]),
        (["--drive", "kind = current"], ["current is missing"]),
    ],
)
def test_simulate_refuses_what_no_circuit_has(ionspice, folder, options, parts):
    before = (folder / "circuit.nc").read_bytes()
    result = ionspice("simulate", folder, *options)
    assert result.returncode == 2
    assert [part for part in parts if part not in result.stderr] == []
    assert (folder / "circuit.nc").read_bytes() == before


def test_the_exported_library_runs_in_the_ngspice_program(ionspice, folder, tmp_path):
    result = ionspice("export", folder, "--layers", 6, "--area", "1 mm^2", "-o", tmp_path / "ncm.lib")
    assert result.returncode == 0, result.stderr
    library = (tmp_path / "ncm.lib").read_text()
    assert ".subckt NCM6 EL BULK" in library
    assert "area=1e-06" in library
    bench = tmp_path / "bench.cir"
    bench.write_text(
        f"* discharge\n.include {tmp_path / 'ncm.lib'}\nVel el 0 PWL(0 0 750n 0.11 1500n 0)\nX1 el 0 NCM6\n"
        ".tran 1n 1500n 0 1n\n.measure tran peak MAX i(Vel)\n.measure tran low MIN i(Vel)\n.end\n"
    )
    output = subprocess.run(["ngspice", "-b", bench], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "low" in output.stdout
    assert "rror" not in output.stdout.replace("error = 0", "")


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--dialect", "pspice"], ["--dialect pspice", "ngspice"]),
        (["--area", "1 cm"], ['--area = "1 cm"', "is not an area"]),
        (["--area", "-1 cm^2"], ["--area", "greater than 0"]),
        (["-o", "one.lib"], ["one.lib", "--layers"]),
    ],
)
def test_export_refuses_bad_options(ionspice, run_folder, options, parts):
    result = ionspice("export", run_folder, *options)
    assert result.returncode == 2
    assert [part for part in parts if part not in result.stderr] == []


def test_export_writes_every_dialect_beside_the_run(ionspice, folder):
    for dialect, suffix in DIALECT_SUFFIXES.items():
        result = ionspice("export", folder, "--dialect", dialect, "--layers", 5)
        assert result.returncode == 0, result.stderr
        path = Path(result.stdout.splitlines()[0])
        assert path.parent == folder
        assert path.suffix == f".{suffix}"
        text = path.read_text()
        assert device_name(dialect, "NCM5") in text
        assert text.startswith({"va": "// ncm5", "kicad_sym": "("}.get(suffix, "* "))
        assert f"SHA-256 of circuit.json: {sha256_of(folder / 'circuit.json')}" in text
        assert "potential of the electrode from 0 to 0.11 V, electrode charge of one slit from" in text
        assert "% rms of the peak against the field model of" in text
        assert "positive" in text


def test_the_record_alone_is_enough_for_a_circuit(ionspice, run_folder, tmp_path):
    shutil.copy(run_folder / "circuit.json", tmp_path)
    before = (tmp_path / "circuit.json").read_bytes()
    for command in ("export", "simulate", "eis"):
        result = ionspice(command, tmp_path, "--layers", 5)
        assert result.returncode == 0, result.stderr
    library = (tmp_path / "ncm_5.lib").read_text()
    assert library.endswith("\n" + print_subcircuit(read_device(run_folder, layers=5)))
    assert 5 in read_circuit(tmp_path / "circuit.nc")
    assert (tmp_path / "impedance_5.csv").is_file()
    assert (tmp_path / "circuit.json").read_bytes() == before
    assert not (tmp_path / "case.toml").exists()


@pytest.mark.parametrize(
    ("command", "made"), [("export", "ncm_4.lib"), ("simulate", "circuit_4.csv"), ("eis", "impedance_4.csv")]
)
def test_a_record_without_a_case_has_its_own_number_of_layers(
    ionspice, run_folder, tiny_case, tmp_path, command, made
):
    assert tiny_case.geometry.layers == 4
    shutil.copy(run_folder / "circuit.json", tmp_path)
    assert ionspice(command, tmp_path).returncode == 0
    assert (tmp_path / made).is_file()


def test_the_record_says_where_it_comes_from_and_where_it_was_learnt(run_folder, tiny_case):
    record = read_circuit_record(run_folder / "circuit.json")
    assert record.layers == tiny_case.geometry.layers
    assert record.provenance.files == {name: sha256_of(run_folder / name) for name in ("law.json", "observables.nc")}
    assert record.provenance.temperature == pytest.approx(298.15)
    assert record.window.potential == pytest.approx((0.0, 0.11))
    assert record.window.slit_charge[1] == pytest.approx(record.gaps["local"].elements["Qmax"].value[-1], rel=0.2)
    assert {source for gap in record.gaps["passed"].elements.values() for source in gap.source} == {"law"}
    assert None not in record.slits.derived["C"].standard_error


def test_a_new_law_changes_what_is_exported_and_another_record_does_not(ionspice, folder):
    record = read_circuit_record(folder / "circuit.json")
    law = json.loads((folder / "law.json").read_text())
    law["parameters"]["Rc"]["value"] = [2 * value for value in law["parameters"]["Rc"]["value"]]
    (folder / "law.json").write_text(json.dumps(law))
    assert ionspice("export", folder, "--layers", 4, "-o", folder / "new.lib").returncode == 2
    assert ionspice("verify", folder, "--accept", "law.json").returncode == 0
    assert ionspice("export", folder, "--layers", 4, "-o", folder / "new.lib").returncode == 0
    new = read_device(folder, layers=4)
    np.testing.assert_allclose(new.resistance_zero, 2 * circuit_of(record, 4).resistance_zero)
    own = record_of(circuit_of(record, 4), "measured")
    write_circuit_record(folder / "circuit.json", own)
    assert ionspice("verify", folder, "--accept", "circuit.json").returncode == 0
    assert ionspice("export", folder, "--layers", 4, "-o", folder / "own.lib").returncode == 0
    assert (folder / "own.lib").read_text().endswith("\n" + print_subcircuit(circuit_of(own), area=1e-4))


def test_eis_writes_the_spectrum_of_the_charged_ladder(ionspice, folder, tiny_case):
    result = ionspice("eis", folder, "--layers", 8, "--bias", 0.1)
    assert result.returncode == 0, result.stderr
    frequency, real, imaginary = np.loadtxt(folder / "impedance_8.csv", delimiter=",").T
    circuit = read_device(folder, layers=8, terms=tiny_case.circuit.capacitance_terms)
    np.testing.assert_allclose(real + 1j * imaginary, exact_impedance(circuit, frequency, 0.1), rtol=1e-6)
    assert "<svg" in (folder / "impedance_8.svg").read_text()


def test_eis_refuses_a_bias_that_is_no_number(ionspice, run_folder):
    result = ionspice("eis", run_folder, "--bias", "nan")
    assert result.returncode == 2
    assert '--bias = "nan" is not a number' in result.stderr


def test_eis_refuses_millivolts_taken_for_volts(ionspice, run_folder):
    result = ionspice("eis", run_folder, "--bias", "110")
    assert result.returncode == 2
    assert '--bias "110 mV"' in result.stderr


def test_eis_gives_ohm_of_an_area(ionspice, folder):
    assert ionspice("eis", folder, "--layers", 4, "--bias", "50 mV").returncode == 0
    of_depth = np.loadtxt(folder / "impedance_4.csv", delimiter=",")
    assert "impedance_real [ohm m]" in (folder / "impedance_4.csv").read_text().splitlines()[0]
    assert ionspice("eis", folder, "--layers", 4, "--bias", 0.05, "--area", "2 cm^2").returncode == 0
    of_area = np.loadtxt(folder / "impedance_4.csv", delimiter=",")
    assert "frequency [Hz],impedance_real [ohm]," in (folder / "impedance_4.csv").read_text().splitlines()[0]
    width = read_device(folder, layers=4).strip_width
    np.testing.assert_allclose(of_area[:, 1:], of_depth[:, 1:] * width / 2e-4, rtol=1e-12)


def test_a_damaged_law_is_named(ionspice, folder):
    (folder / "law.json").write_text('{"format": "ionspice-law/1", "expression": "__import__(\'os\')"}')
    result = ionspice("simulate", folder)
    assert result.returncode == 2
    assert "law.json" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        (("eis", "--bias", "0.25 V"), True),
        (("eis", "--bias", "0.1 V"), False),
        (("simulate", "--drive", "amplitude = 0.2 V"), True),
    ],
)
def test_a_circuit_beyond_its_window_says_so(ionspice, folder, arguments, warned):
    command, *options = arguments
    done = ionspice(command, folder, "--layers", 4, *options)
    assert done.returncode == 0, done.stderr
    assert ("beyond the potentials from -0.11 to 0.11 V" in done.stderr) is warned


def test_verify_names_the_file_that_is_not_what_it_was(ionspice, folder):
    whole = ionspice("verify", folder)
    assert whole.returncode == 0, whole.stdout
    assert "observables.nc" in whole.stdout
    content = bytearray((folder / "observables.nc").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "observables.nc").write_bytes(content)
    (folder / "mesh.msh").unlink()
    damaged = ionspice("verify", folder)
    assert damaged.returncode == 1
    failed = [line.split()[1] for line in damaged.stdout.splitlines() if line.startswith("FAILED")]
    assert failed == ["mesh.msh", "observables.nc"]


def test_verify_refuses_a_folder_of_something_else(ionspice, tmp_path):
    assert ionspice("verify", tmp_path).returncode == 2
    assert ionspice("verify", tmp_path / "none").returncode == 2
