"""Verdicts on analytic datasets with both answers, and recomputed from stored files of a reduced study."""

import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from markupsafe import escape

from ionspice.circuits import charging_ramp, extract_capacitances
from ionspice.core import InputError, RunError
from ionspice.core.console import SilentReporter
from ionspice.pipeline.campaigns.campaign import case_folder
from ionspice.pipeline.cases.case import parse_case
from ionspice.pipeline.results.measures import (
    capacitance_spread,
    elasticity,
    is_ordered,
    ordered_shares,
    part_ratio,
    slit_direction_shares,
)
from ionspice.pipeline.runs.runner import run
from ionspice.pipeline.study import claims_flux, claims_law
from ionspice.pipeline.study.campaign_law import conditions_of, update_campaign_law
from ionspice.pipeline.study.circuits import charge_over_potential, current_density, slit_charges
from ionspice.pipeline.study.claims import STATEMENTS, Claim, read_claims, untested, verdict_of, write_claims
from ionspice.pipeline.study.conditions import AXES, DEFAULT, axis_value, study_cases
from ionspice.pipeline.study.files import StudyFiles, read_study, write_plan
from ionspice.pipeline.study.report import write_study_report
from ionspice.pipeline.study.reproduction import QUESTIONS, judge, judge_study, run_study

HALF = 1e-6
SMALL = """
[geometry]
layers = {layers}
slit = "{slit}"
open_length = "5 nm"
[electrolyte]
relative_permittivity = {permittivity}
[drive]
half_cycle = "750 ns"
[mesh]
wall_spacing = "0.15 nm"
growth = 1.8
[solver]
tolerance = 0.01
steps_per_ramp = 20
[sampling]
profile_slits = [1]
[discovery]
islands = 2
population = 100
generations = 30
"""


def fields(*, diffusion=1.0, steric=1.0, stored=(3.0, 2.0, 1.0), potential=(1.0, 2.0, 3.0), bend=0.0):
    """A triangular charge and discharge of three slits in which every part of the flux is a multiple of migration."""
    time = np.linspace(0, 2 * HALF, 401)
    ramp = 1 - np.abs(time / HALF - 1)
    migration = np.where(time < HALF, 1.0, -1.0)[:, None] * np.ones(3)
    flux = np.stack([diffusion * migration, migration, steric * migration], axis=2)
    voltage = ramp[:, None] * np.ones(3)
    dims = ("time", "slit", "part")
    return xr.Dataset(
        {
            "slit_flux": (dims, flux),
            "gap_flux": (dims, flux),
            "open_flux": (("time", "part"), flux[:, 0]),
            "slit_charge": (("time", "slit"), -voltage * (1 + bend * voltage) * stored),
            "slit_potential": (("time", "slit"), 0.1 * ramp[:, None] * potential),
            "slit_conduction_potential": (("time", "slit"), 0 * voltage),
            "electrode_potential": ("time", ramp),
        },
        coords={"time": time, "slit": [1, 2, 3], "part": ["diffusion", "migration", "steric"]},
        attrs={"charging_end": HALF},
    )


def study_of(by_slit: dict[str, xr.Dataset], directory) -> StudyFiles:
    """A study whose cases differ in the slit, with fields from memory."""
    cases = {
        name: parse_case("" if name == DEFAULT else f'[geometry]\nslit = "{name.removeprefix("slit-")}"')
        for name in by_slit
    }
    return StudyFiles(directory=directory, cases=cases, _fields=dict(by_slit))


def test_shares_follow_the_signs_of_the_parts():
    assert slit_direction_shares(fields()) == pytest.approx(np.ones((3, 2)))
    assert slit_direction_shares(fields(diffusion=-1.0, steric=-0.5)) == pytest.approx(np.zeros((3, 2)))
    assert part_ratio(fields(steric=-0.5), "gap_flux", "steric") == pytest.approx([-0.5] * 3)


def test_order_of_slits_counts_signed_potentials():
    assert ordered_shares(fields()) == pytest.approx([1, 1])
    assert ordered_shares(fields(potential=(1, 2, 1.5))) == pytest.approx([1, 0])
    assert ordered_shares(fields(stored=(-3, -2, -1), potential=(-1, -2, -3))) == pytest.approx([1, 1])


def test_capacitance_spread_is_that_of_the_charge_per_volt():
    assert capacitance_spread(fields()) == pytest.approx(0, abs=1e-12)
    # q/u = 1 + bend u over u in (0.2, 1], mean 1 + 0.6 bend
    assert capacitance_spread(fields(bend=0.5)) == pytest.approx(0.4 / 1.3, rel=0.02)


def test_elasticity_is_the_exponent():
    assert elasticity([(x, 3 * x**-0.7) for x in (1.0, 2.0, 5.0)]) == pytest.approx(-0.7)
    assert np.isnan(elasticity([(1.0, 2.0)]))
    assert np.isnan(elasticity([(1.0, 2.0), (2.0, -1.0)]))
    assert is_ordered([(2, 4), (1, 5), (3, 1)])
    assert not is_ordered([(1, 1), (2, 3), (3, 2)])


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [([True, True], "reproduced"), ([True, False], "depends"), ([False], "refuted"), ([], "untested")],
)
def test_verdict_of_parts(parts, verdict):
    assert verdict_of(parts) == verdict


@pytest.mark.parametrize(
    ("diffusion", "steric", "verdict"), [(-1, -0.5, "reproduced"), (1, -0.5, "refuted"), (-1, 0.5, "refuted")]
)
def test_open_electrolyte_needs_both_parts_opposed(diffusion, steric, verdict, tmp_path):
    study = study_of({DEFAULT: fields(diffusion=diffusion, steric=steric)}, tmp_path)
    assert claims_flux.open_electrolyte(study).verdict == verdict


@pytest.mark.parametrize(("wide", "verdict"), [(1.0, "reproduced"), (-1.0, "depends")])
def test_slit_directions_must_hold_at_every_width(wide, verdict, tmp_path):
    study = study_of({DEFAULT: fields(), "slit-5nm": fields(diffusion=wide)}, tmp_path)
    assert claims_flux.slit_directions(study).verdict == verdict


@pytest.mark.parametrize(
    ("narrow", "wide", "verdict"), [(1, -1, "reproduced"), (1, 1, "refuted"), (-1, -1, "depends"), (-1, 1, "refuted")]
)
def test_steric_direction_must_change_at_the_border(narrow, wide, verdict, tmp_path):
    study = study_of({DEFAULT: fields(steric=narrow), "slit-5nm": fields(steric=wide)}, tmp_path)
    claim = claims_flux.steric_direction(study)
    assert claim.verdict == verdict
    assert ("slit-5nm" in claim.condition) == (wide < 0)


@pytest.mark.parametrize(
    ("potential", "verdict"), [((1, 2, 3), "reproduced"), ((1, 2, 1.5), "depends"), ((3, 2, 1), "refuted")]
)
def test_slit_order_by_pairs(potential, verdict, tmp_path):
    study = study_of({DEFAULT: fields(potential=potential)}, tmp_path)
    assert claims_flux.slit_order(study).verdict == verdict


@pytest.mark.parametrize(("bend", "verdict"), [(0.0, "reproduced"), (0.5, "refuted")])
def test_capacitance_claim(bend, verdict, tmp_path):
    study = study_of({DEFAULT: fields(bend=bend)}, tmp_path)
    assert claims_law.capacitance(study).verdict == verdict


def test_claims_are_read_as_written(tmp_path):
    claim = Claim(
        id="A",
        statement="s",
        value=float("nan"),
        unit="1",
        condition="c",
        verdict="depends",
        evidence=("a.nc",),
        values={"array": np.arange(2.0), "pairs": {1: (np.float64(2), np.bool_(True))}},
    )
    write_claims(tmp_path / "claims.json", [claim, untested("B", "why")])
    first, second = read_claims(tmp_path / "claims.json")
    assert first == replace(claim, value=None, values={"array": [0.0, 1.0], "pairs": {"1": [2.0, True]}})
    assert (second.verdict, second.statement, second.value) == ("untested", STATEMENTS["B"], None)


def test_damaged_claims_are_an_input_error(tmp_path):
    (tmp_path / "claims.json").write_text("[{]")
    with pytest.raises(InputError, match=r"claims\.json"):
        read_claims(tmp_path / "claims.json")


@pytest.mark.parametrize("quick", [True, False])
def test_conditions_change_one_key_at_a_time(quick):
    cases = study_cases(quick=quick)
    default = cases[DEFAULT]
    assert set(study_cases(quick=True)) <= set(study_cases())
    for axis in AXES:
        found = [case for name, case in cases.items() if name.startswith(f"{axis.name}-")]
        assert found
        assert all(axis_value(case, axis) != axis_value(default, axis) for case in found)
        others = [other for other in AXES if other is not axis]
        assert all(axis_value(case, other) == axis_value(default, other) for case in found for other in others)


def test_failed_cases_are_left_out_and_named(tmp_path):
    claim = judge(
        QUESTIONS[0], study_of({DEFAULT: fields(diffusion=-1, steric=-1)}, tmp_path), {"slit-5nm": "broken"}
    )
    assert claim.verdict == "reproduced"
    assert "slit-5nm" in claim.condition
    law = next(question for question in QUESTIONS if question.letter == "F")
    assert judge(law, study_of({DEFAULT: fields()}, tmp_path), {}).verdict == "untested"


@pytest.fixture(scope="session")
def small_study(tmp_path_factory):
    """A study of two slit widths and a deeper stack, coarse enough to take seconds."""
    directory = tmp_path_factory.mktemp("study")
    values = {
        DEFAULT: (4, "1.5 nm", 78.5),
        "slit-3nm": (4, "3 nm", 78.5),
        "permittivity-60": (4, "1.5 nm", 60.0),
        "layers-20": (6, "1.5 nm", 78.5),
    }
    for name, (layers, slit, permittivity) in values.items():
        case = parse_case(SMALL.format(layers=layers, slit=slit, permittivity=permittivity))
        run(case, case_folder(directory, name), stages=["mesh", "solve", "discover"])
    write_plan(directory, values, {})
    return directory, judge_study(directory, {}, SilentReporter())


def test_arrows_carry_the_current_of_the_gaps(small_study):
    directory, _ = small_study
    study = read_study(directory)
    fields, case = study.field(DEFAULT), study.cases[DEFAULT]
    at, density = current_density(study, study.path(DEFAULT) / "fields_half_charge.vtu")
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
    charges, slits = slit_charges(read_study(small_study[0]), "layers-20")
    assert slits == [1, 3, 5]
    end = {model: float(np.abs(values[:, -1]).max()) for model, (_, values) in charges.items()}
    assert end["NCM"] == pytest.approx(end["mPNP"], rel=0.1)


def test_a_campaign_of_too_few_conditions_has_no_law_and_the_page_says_so(small_study, study_page):
    with pytest.raises(InputError, match="at least 8"):
        update_campaign_law(read_study(small_study[0]))
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
    assert [claim.id for claim in claims] == sorted(STATEMENTS)
    for claim in claims:
        assert claim.verdict in ("reproduced", "refuted", "depends"), claim
        assert claim.value is not None
        assert np.isfinite(claim.value)
        assert claim.evidence
        assert all((directory / path).is_file() for path in claim.evidence)


def test_verdicts_follow_from_the_stored_files(small_study):
    directory, _ = small_study
    study, stored = read_study(directory), read_claims(directory / "claims.json")
    for question, claim in zip(QUESTIONS, stored, strict=True):
        again = judge(question, study, {})
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


def test_a_study_without_its_default_case_is_a_failed_run(tmp_path):
    broken = parse_case(
        SMALL.format(layers=4, slit="1.5 nm", permittivity=78.5).replace("profile_slits = [1]", "profile_slits = [9]")
    )
    with pytest.raises(RunError, match="default case"):
        run_study({DEFAULT: broken}, tmp_path)
    assert json.loads((tmp_path / "study.json").read_text())["failed"].keys() == {DEFAULT}


def test_no_study_in_the_folder(tmp_path):
    with pytest.raises(InputError, match="ionspice reproduce"):
        read_study(tmp_path)


@pytest.fixture(scope="module")
def study_page(small_study, tmp_path_factory):
    directory, _ = small_study
    return write_study_report(directory)


def test_the_report_shows_every_claim_with_its_verdict_and_number(small_study, study_page):
    _, claims = small_study
    text = study_page.read_text(encoding="utf-8")
    for claim in claims:
        assert f'class="verdict {claim.verdict}"' in text
        assert escape(claim.statement) in text
    assert text.count("<svg") >= 8
    assert not re.findall(r'(?:src|href)="(?!#|data:)', text)


def test_a_figure_whose_case_is_missing_is_named(study_page):
    text = study_page.read_text(encoding="utf-8")
    assert "A figure is left out" in text
    assert "slit-5nm" in text


@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_the_page_without_sideways_scrolling(study_page, tmp_path, width):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on the path")
    # headless Chromium has no window narrower than 500 px, a frame can be
    probe = tmp_path / "probe.html"
    probe.write_text(
        f"""<iframe id="f" style="width:{width}px;height:900px" srcdoc=""></iframe><p id="o"></p><script>
        const f = document.getElementById("f");
        f.onload = () => {{ const d = f.contentDocument.documentElement;
          document.getElementById("o").textContent = `wide ${{d.scrollWidth}} of ${{d.clientWidth}}`; }};
        f.srcdoc = {json.dumps(study_page.read_text(encoding="utf-8")).replace("</", "<\\/")};</script>""",
        encoding="utf-8",
    )
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000", "--dump-dom", probe.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    found = re.search(r"wide (\d+) of (\d+)", shown)
    assert found is not None
    assert int(found[1]) <= int(found[2])


def test_the_page_is_printed(study_page):
    if shutil.which("chromium") is None:
        pytest.skip("no Chromium on the path")
    assert (study_page.parent / "report.pdf").read_bytes().startswith(b"%PDF")
