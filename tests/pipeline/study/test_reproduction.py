"""Numbers and claims recomputed from the stored files of a reduced study."""

import json

import numpy as np
import pytest
import xarray as xr

from ionspice.circuits import charging_ramp, extract_capacitances
from ionspice.core import InputError, RunError
from ionspice.pipeline.results.field_files import read_field_map, read_strip
from ionspice.pipeline.study.campaign_law import conditions_of, write_campaign_law
from ionspice.pipeline.study.claims import read_claims
from ionspice.pipeline.study.conditions import DEFAULT
from ionspice.pipeline.study.current_map import current_density, middle_lines
from ionspice.pipeline.study.files import read_study, write_plan
from ionspice.pipeline.study.judge import judge
from ionspice.pipeline.study.measure_curves import charge_over_potential, slit_charges
from ionspice.pipeline.study.measuring import measure
from ionspice.pipeline.study.reproduction import run_study
from ionspice.pipeline.study.rules import RULES


def test_arrows_carry_the_current_of_the_gaps(small_study):
    directory, _ = small_study
    study = read_study(directory)
    fields, case = study.field(DEFAULT), study.cases[DEFAULT]
    field = read_field_map(study.path(DEFAULT) / "fields_half_charge.vtu")
    places = middle_lines(read_strip(study.path(DEFAULT) / "mesh.msh"))
    at, density = current_density(field, case.electrolyte, places)
    middle = (case.geometry.slit / 2 + case.geometry.sheet_thickness / 2) * 1e9
    through = fields["trans_slit_current"].interp(time=float(fields.attrs["charging_end"]) / 2)
    half_gap = case.geometry.edge_gap / 2  # the rest lies behind the mirror
    for slit in (1, 2, 3):
        x = (slit - 1) * (case.geometry.slit + case.geometry.sheet_thickness) * 1e9
        near = int(
            np.argmin(np.abs(at[:, 0] - x - case.geometry.sheet_thickness * 5e8) + 1e-3 * np.abs(at[:, 1] - 3))
        )
        assert abs(at[near, 0] - x) < middle
        current = density[near, 0] * half_gap
        assert 0.5 < current / float(through.sel(slit=slit)) < 2


def test_slits_have_a_charge_over_potential_near_their_capacitance(small_study):
    study = read_study(small_study[0])
    charge, capacitance = charge_over_potential(study.field(DEFAULT))
    fit = extract_capacitances(charging_ramp(study.field(DEFAULT)))
    assert np.isnan(charge[0]).all()
    np.testing.assert_allclose(np.nanmean(capacitance, axis=0), fit.slit, rtol=0.05)


def test_the_circuits_last_slit_follows_the_fields(small_study):
    found = slit_charges(read_study(small_study[0])).read()
    assert found["slits"] == [1, 3, 5]
    end = {model: np.abs(one["charge"])[:, -1].max() for model, one in found["models"].items()}
    assert end["NCM"] == pytest.approx(end["mPNP"], rel=0.1)


def test_a_campaign_of_too_few_conditions_has_no_law_and_the_page_says_so(small_study, study_page):
    with pytest.raises(InputError, match="at least 8"):
        write_campaign_law(read_study(small_study[0]))
    assert "No law over the campaign" in study_page.read_text(encoding="utf-8")


def test_conditions_have_no_dimensions(small_study):
    study = read_study(small_study[0])
    conditions = {condition.name: condition for condition in conditions_of(study)}
    default, wide = conditions[DEFAULT], conditions["slit-3nm"]
    assert wide.groups["h"] == pytest.approx(2 * default.groups["h"])
    assert wide.groups["d/g"] == pytest.approx(2 * default.groups["d/g"])
    assert conditions["permittivity-60"].groups["h"] == pytest.approx(default.groups["h"] * np.sqrt(78.5 / 60))
    # rho = kappa R of a path along half a sheet and through a gap is a few units, whatever the electrolyte
    for condition in conditions.values():
        for course in condition.courses:
            assert 1 < course.integral[-1] / course.passed[-1] < 10
            assert course.local[-1] < course.passed[-1]


def test_every_claim_has_a_verdict_and_evidence_that_is_there(small_study):
    directory, claims = small_study
    assert [claim.id for claim in claims] == sorted(RULES)
    for claim in claims:
        assert claim.verdict in ("reproduced", "refuted", "depends"), claim
        assert claim.value is not None
        assert np.isfinite(claim.value)
        assert claim.evidence
        assert all((directory / path).is_file() for path in claim.evidence)


def test_verdicts_follow_from_the_stored_files(small_study):
    directory, _ = small_study
    study, stored = read_study(directory), read_claims(directory / "claims.json")
    for rule, claim in zip(RULES.values(), stored, strict=True):
        again = judge(rule, measure(rule.letter, study), ())
        assert again.verdict == claim.verdict
        if claim.id != "N":  # a time measured anew
            assert again.value == pytest.approx(claim.value, rel=1e-12)


def test_numbers_follow_from_the_observables(small_study):
    """A claim's number is one that a reader gets from the file by hand."""
    directory, claims = small_study
    own = xr.load_dataset(directory / "cases/default/observables.nc", engine="h5netcdf")
    by_id = {claim.id: claim for claim in claims}
    end = own.sel(time=own.attrs["charging_end"], method="nearest").isel(profile_slit=0)
    rise = float(end["profile_concentration"].isel(point=own.sizes["point"] // 2).sum()) / 2.0 - 1  # bulk 2 x 1 mol/L
    assert by_id["H"].value == pytest.approx(rise, rel=1e-6)
    rows = json.loads((directory / "cases/default/comparison.json").read_text())["circuits"]
    errors = [
        r["error"]
        for r in rows
        if (r["potential"], r["capacitance_terms"], r["model"]) == ("electrochemical", 2, "NCM")
    ]
    assert by_id["K"].value == errors[0]
    wall_time = xr.load_dataset(directory / "cases/layers-20/observables.nc", engine="h5netcdf").attrs["wall_time"]
    assert by_id["N"].value == wall_time


def test_cases_of_another_run_do_not_count(small_study, tmp_path):
    directory, _ = small_study
    copy = tmp_path / "study"
    (copy / "cases").mkdir(parents=True)
    for name in (DEFAULT, "slit-3nm"):
        (copy / "cases" / name).symlink_to(directory / "cases" / name)
    assert set(read_study(copy).cases) == {DEFAULT, "slit-3nm"}
    write_plan(copy, [DEFAULT, "slit-3nm"], {"slit-3nm": "broken"})
    assert set(read_study(copy).cases) == {DEFAULT}
    with pytest.raises(InputError, match="slit-3nm"):
        read_study(copy).field("slit-3nm")


def test_a_study_without_its_default_case_is_a_failed_run(broken_case, tmp_path):
    with pytest.raises(RunError, match="default case"):
        run_study({DEFAULT: broken_case}, tmp_path)
    assert json.loads((tmp_path / "study.json").read_text())["failed"].keys() == {DEFAULT}


def test_no_study_in_the_folder(tmp_path):
    with pytest.raises(InputError, match="ionspice reproduce"):
        read_study(tmp_path)
