import json
import re
import shutil
import subprocess

import pytest
from markupsafe import escape

from ionspice.pipeline.study.files import read_study
from ionspice.pipeline.study.judge import untested
from ionspice.pipeline.study.measures import Measured, read_measures
from ionspice.pipeline.study.report import build_study_page
from ionspice.pipeline.study.rules import RULES


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


def test_a_mistake_in_a_picture_is_not_taken_for_a_missing_number(small_study):
    directory, claims = small_study
    found = read_measures(directory / "measures.json")
    broken = found | {"open_flux": Measured(numbers={}, evidence=("x",))}
    with pytest.raises(KeyError):
        build_study_page(read_study(directory), claims, broken)


def test_claims_without_numbers_leave_their_pictures_out(small_study):
    directory, _ = small_study
    found = read_measures(directory / "measures.json")
    nothing = {name: Measured(missing="ngspice is gone") for name in found}
    none = [untested(rule, "ngspice is gone") for rule in RULES.values()]
    page = build_study_page(read_study(directory), none, nothing)
    missing = [line for section in page.sections for line in section.missing]
    assert sum("left out: ngspice is gone" in line for line in missing) == 16  # figures and tables
    assert "14 untested" in page.lead
