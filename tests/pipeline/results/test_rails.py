"""One rail per ion against the field model, learnt from it and predicted without it."""

import re
import shutil

import numpy as np
import pytest
import xarray as xr

from ionspice.circuits import read_circuit
from ionspice.circuits.ions.record import read_rails
from ionspice.core import InputError
from ionspice.core.files import sha256_of
from ionspice.core.observables import load_observables
from ionspice.pipeline import parse_case, run
from ionspice.pipeline.results.curves import model_error
from ionspice.pipeline.results.rails import MODEL, beside, predict_rails_of
from tests.pipeline.conftest import TINY


def error_of(folder, runs):
    field = load_observables(folder / "observables.nc")
    answer = runs[int(field.attrs["layers"])].sel(model=MODEL)
    return model_error(field["electrode_current"], answer["electrode_current"]).rms


@pytest.fixture(scope="module")
def resolved_folder(tmp_path_factory):
    """Return the run of the tiny case on the default mesh and in small steps."""
    finer = re.sub(r"\[mesh\].*?(?=\[discovery\])", "[solver]\ntolerance = 0.001\n", TINY, flags=re.DOTALL)
    stages = ["mesh", "solve", "discover", "circuit", "conductance", "rails", "rail-runs", "simulate"]
    return run(parse_case(finer), tmp_path_factory.mktemp("resolved") / "run", stages=stages)


def test_the_rails_of_a_run_meet_its_current_better_than_the_law(resolved_folder):
    rails = error_of(resolved_folder, read_circuit(resolved_folder / "rails.nc"))
    field = load_observables(resolved_folder / "observables.nc")
    law = read_circuit(resolved_folder / "circuit.nc")[4].sel(model="NCM")
    assert rails < 0.005
    assert rails < model_error(field["electrode_current"], law["electrode_current"]).rms


def test_the_record_says_how_well_the_rails_describe_the_run(run_folder):
    record = read_rails(run_folder / "rails.json")
    assert record.layers == 4
    assert record.window == pytest.approx((0.0, 0.11))
    assert set(record.files) == {"observables.nc"}
    assert 0 < record.errors["inner_gaps"] < 0.02
    assert record.errors["inner_gaps_held_out"] < 0.05


def test_constants_from_the_geometry_alone_are_those_of_the_run(run_folder, tiny_case):
    learnt, predicted = read_rails(run_folder / "rails.json"), predict_rails_of(tiny_case)
    assert predicted.constants.hop_length == pytest.approx(learnt.constants.hop_length, rel=0.02)
    assert predicted.constants.storage.sum() == pytest.approx(learnt.constants.storage.sum(), rel=0.05)


def test_a_case_is_predicted_from_the_command_line(ionspice, run_folder, tmp_path):
    done = ionspice("predict", run_folder / "case.toml", "-o", tmp_path / "out", "--layers", 4)
    assert done.returncode == 0, done.stderr
    assert error_of(run_folder, read_circuit(tmp_path / "out" / "rails.nc")) < 0.02
    assert ".subckt NCM4_IONS EL BULK" in (tmp_path / "out" / "ncm_ions_4.lib").read_text()
    assert (tmp_path / "out" / "rails_4.csv").read_text().startswith("time [s],electrode_potential [V]")


def test_the_record_alone_is_exported_for_other_simulators_and_has_a_spectrum(ionspice, run_folder, tmp_path):
    shutil.copy(run_folder / "rails.json", tmp_path)
    done = ionspice("export", tmp_path, "--ions", "--dialect", "verilog-a", "--layers", 5, "--area", "1 cm^2")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "ncm_ions_5.verilog-a.va").read_text()
    assert "module ncm5_ions(EL, BULK);" in text
    assert "parameter real area = 0.0001" in text
    assert f"SHA-256 of rails.json: {sha256_of(tmp_path / 'rails.json')}" in text
    assert "learnt: potential of the electrode from 0 to 0.11 V" in text
    refused = ionspice("export", tmp_path, "--ions", "--dialect", "gnucap", "--layers", 5)
    assert refused.returncode == 2
    assert "gnucap" in refused.stderr
    done = ionspice("eis", tmp_path, "--ions", "--layers", 5, "--bias", "0.2 V", "--area", "1 cm^2")
    assert done.returncode == 0, done.stderr
    assert "0.2 V lies beyond the potentials from -0.11 to 0.11 V" in done.stderr
    header = (tmp_path / "impedance_ions_5.csv").read_text().splitlines()[0]
    assert header == "# frequency [Hz],impedance_real [ohm],impedance_imaginary [ohm]"


def test_rails_of_a_long_stack_have_sections_and_a_name(ionspice, run_folder, tmp_path):
    shutil.copy(run_folder / "rails.json", tmp_path)
    options = ["--layers", 2001, "--sections", 20, "--name", "PORE", "--area", "1 cm^2", "-o", tmp_path / "pore.lib"]
    done = ionspice("export", tmp_path, "--ions", *options)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "pore.lib").read_text()
    assert ".subckt PORE EL BULK" in text
    assert text.startswith("* PORE, half cell of a stack of 2001 sheets")
    assert "20 sections for 2000 slits" in text
    done = ionspice("export", tmp_path, "--ions", "--layers", 61, "--sections", "auto", "-o", tmp_path / "auto.lib")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "auto.lib").read_text()
    (estimate,) = re.findall(r"estimated ([\d.]+) %", text)
    (sections,) = re.findall(r"(\d+) sections for 60 slits", text)
    assert int(sections) < 60
    assert float(estimate) < 0.5


def test_the_libraries_of_a_run_say_where_they_come_from(run_folder):
    text = (run_folder / "ncm_ions_4.lib").read_text()
    assert text.startswith("* NCM4_IONS, half cell of a stack of 4 sheets")
    assert f"SHA-256 of observables.nc: {sha256_of(run_folder / 'observables.nc')}" in text
    assert "* error: rms against its run" in text
    assert "% rms of the peak against the field model" in (run_folder / "ncm_4.lib").read_text()


def test_a_plate_is_predicted_and_an_own_mesh_is_not(tmp_path):
    plate = parse_case('[geometry]\nkind = "planar"')
    assert predict_rails_of(plate).layers == 1
    own = parse_case(f'[mesh]\nfile = "{tmp_path / "own.msh"}"')
    with pytest.raises(InputError, match="no own mesh"):
        predict_rails_of(own)


def run_of(model, times, potential):
    """Return one model's course as circuit.nc has it."""
    data = {
        "electrode_potential": ("time", potential(times)),
        "electrode_current": (("model", "time"), [2 * potential(times)]),
    }
    return xr.Dataset(data, {"time": times, "model": [model]}, attrs={"wall_time": [0.1], "solver": ["SciPy"]})


def test_runs_of_both_files_stand_side_by_side():
    ladder = run_of("NCM", np.linspace(0, 1, 5), lambda t: t)
    rails = run_of(MODEL, np.linspace(0, 1, 4), lambda t: t)
    both = beside({6: ladder, 20: ladder}, {6: rails})
    assert both[6]["model"].values.tolist() == ["NCM", MODEL]
    assert both[6].sizes["time"] == 7
    assert both[6].attrs["wall_time"] == [0.1, 0.1]
    assert both[20] is ladder
