import shutil

import pytest

from ionspice.core import InputError
from ionspice.pipeline.results.comparison import MODELS, Comparison, compare, read_comparison, write_comparison
from ionspice.pipeline.results.rails import MODEL as RAILS


def test_both_potentials_both_capacitances_and_all_models_are_compared(run_folder, tiny_case):
    rows = [row for row in read_comparison(run_folder / "comparison.json") if row.model in MODELS]
    terms = tiny_case.circuit.capacitance_terms
    assert {(row.potential, row.capacitance_terms, row.model) for row in rows} == {
        (potential, order, model)
        for potential in ("electrochemical", "electric")
        for order in (0, terms)
        for model in MODELS
    }


def test_the_ncm_predicts_the_current_better_than_the_transmission_line(run_folder, tiny_case):
    errors = {
        (row.capacitance_terms, row.model): row.error
        for row in read_comparison(run_folder / "comparison.json")
        if row.potential == tiny_case.discovery.potential
    }
    terms = tiny_case.circuit.capacitance_terms
    assert errors[terms, "NCM"] < 0.02
    assert errors[terms, "NCM"] < errors[0, "NCM"] < errors[0, "TLM"]
    assert errors[terms, "NCM"] < errors[terms, "TLM, mean R"] < errors[terms, "TLM"]


def test_the_local_charge_predicts_the_current_too(run_folder, tiny_case):
    [local] = [
        row.error
        for row in compare(run_folder, tiny_case, run_folder)
        if (row.potential, row.capacitance_terms, row.model)
        == (tiny_case.discovery.potential, tiny_case.circuit.capacitance_terms, "NCM, local charge")
    ]
    assert local < 0.02


def test_one_rail_per_ion_is_compared_with_and_without_a_law(run_folder, tiny_case, tmp_path):
    [rails] = [row for row in read_comparison(run_folder / "comparison.json") if row.model == RAILS]
    assert rails.error < 0.01
    for name in ("observables.nc", "rails.nc"):
        shutil.copy(run_folder / name, tmp_path)
    assert compare(tmp_path, tiny_case) == [rails]


def test_rows_are_read_back(tmp_path):
    rows = [
        Comparison(potential="electric", capacitance_terms=0, model="NCM", error=0.25),
        Comparison(potential="electric", capacitance_terms=0, model="TLM", error=None, reason="no law"),
        Comparison(potential="electrochemical", capacitance_terms=None, model=RAILS, error=0.001),
    ]
    write_comparison(tmp_path / "comparison.json", rows)
    assert read_comparison(tmp_path / "comparison.json") == rows


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "comparison.json").write_text(text)
    with pytest.raises(InputError, match=r"cannot read .*comparison\.json"):
        read_comparison(tmp_path / "comparison.json")


def test_missing_inputs_are_an_error(run_folder, tiny_case, tmp_path):
    shutil.copy(run_folder / "law.json", tmp_path)
    with pytest.raises(InputError, match=r"observables\.nc"):
        compare(tmp_path, tiny_case)
