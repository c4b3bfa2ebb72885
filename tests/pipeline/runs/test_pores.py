"""Whole runs of a single slit and of a cylindrical pore as transmission lines of sections."""

import json

import pytest

from ionspice.circuits import read_circuit, read_circuit_record
from ionspice.circuits.ions.record import read_rails, write_rails
from ionspice.core import IonspiceError
from ionspice.core.manifest import read_manifest
from ionspice.core.observables import load_observables
from ionspice.pipeline import parse_case, run
from ionspice.pipeline.results.comparison import read_comparison
from ionspice.pipeline.results.curves import model_error
from ionspice.pipeline.results.rails import MODEL, predict_rails_of, simulate_rails_of
from ionspice.pipeline.runs.runner import is_run_up_to_date, stages_until

SECTIONS = 5
TEXT = """
[geometry]
kind = "{kind}"
sections = 5
length = "12 nm"
open_length = "5 nm"
wall = "2 nm"
[drive]
amplitude = "0.2 V"
[mesh]
wall_spacing = "0.05 nm"
growth = 1.3
[solver]
tolerance = 0.005
steps_per_ramp = 20
[discovery]
islands = 2
population = 100
generations = 30
[circuit]
layers = [6]
"""


@pytest.fixture(scope="module", params=["slit", "pore"])
def pore_run(request, tmp_path_factory):
    """A case and the folder of its run, which raises nothing."""
    case = parse_case(TEXT.format(kind=request.param))
    return case, run(case, tmp_path_factory.mktemp(request.param))


def errors_of(folder):
    """Return the rms deviation of every circuit's current by model."""
    field = load_observables(folder / "observables.nc")
    models = {**model_runs(folder / "circuit.nc"), **model_runs(folder / "rails.nc")}
    return {n: model_error(field["electrode_current"], m["electrode_current"]).rms for n, m in models.items()}


def model_runs(path):
    stacked = read_circuit(path)[SECTIONS + 1]
    return {str(model): stacked.sel(model=model) for model in stacked["model"].values}


def test_a_pore_goes_through_every_stage(pore_run):
    _, folder = pore_run
    assert all(record.finished for record in read_manifest(folder).values())
    report = (folder / "report.html").read_text()
    assert "transmission line of sections" in report
    assert "No law" not in report
    assert "No circuit" not in report


def test_one_rail_per_ion_is_within_a_percent_and_better_than_the_line(pore_run):
    _, folder = pore_run
    errors = errors_of(folder)
    assert errors[MODEL] < 0.01
    assert errors[MODEL] < min(errors["NCM"], errors["TLM"])


def test_sections_pass_their_charge_on(pore_run):
    case, folder = pore_run
    record = read_rails(folder / "rails.json")
    assert record.layers == SECTIONS + 1
    assert record.constants.cylindrical == (case.geometry.kind == "pore")
    assert record.constants.hop_length == pytest.approx(case.geometry.pore().section_length, rel=0.02)
    assert record.errors["inner_gaps"] < 0.01


def test_geometry_alone_predicts_the_current(pore_run, tmp_path):
    case, folder = pore_run
    write_rails(tmp_path / "rails.json", predict_rails_of(case))
    simulate_rails_of(tmp_path, case, [SECTIONS + 1])
    field = load_observables(folder / "observables.nc")
    answer = model_runs(tmp_path / "rails.nc")[MODEL]
    assert model_error(field["electrode_current"], answer["electrode_current"]).rms < 0.015


def test_circuits_are_per_metre_of_depth_of_the_same_area(pore_run):
    case, folder = pore_run
    record = read_circuit_record(folder / "circuit.json")
    assert record.extent.strip_width == pytest.approx(case.geometry.build().strip_width)
    stored = json.loads((folder / "rails.json").read_text())
    assert stored["cylindrical"] == (case.geometry.kind == "pore")


def test_a_plate_has_the_circuit_of_its_ions_and_needs_no_law(tmp_path):
    plate = parse_case('[geometry]\nkind = "planar"')
    run(plate, tmp_path)
    text = (tmp_path / "report.html").read_text()
    assert "planar electrode" in text
    assert "Take the circuit with one rail per ion" in text
    (row,) = read_comparison(tmp_path / "comparison.json")
    assert row.model == MODEL
    assert row.error < 0.006
    assert (tmp_path / "ncm_ions_1.lib").is_file()
    assert is_run_up_to_date(plate, tmp_path, "report")


def test_a_law_that_a_plate_cannot_have_is_an_error_where_it_was_asked_for(tmp_path):
    plate = parse_case('[geometry]\nkind = "planar"\n[mesh]\nwall_spacing = "0.2 nm"\ngrowth = 1.5')
    with pytest.raises(IonspiceError, match="no slits"):
        run(plate, tmp_path, stages=stages_until("discover"))
