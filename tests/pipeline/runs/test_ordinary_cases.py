"""The main job on ordinary cases (examples/cases), from the case file to the report: `make slow`."""

import math
from pathlib import Path

import pytest

from ionspice.pipeline.report.sections.circuit import model_errors
from ionspice.pipeline.results.files import read_run
from ionspice.pipeline.results.measures import ratio_spread
from ionspice.pipeline.results.rails import MODEL

CASES = sorted((Path(__file__).parents[3] / "examples" / "cases").glob("*.toml"))


@pytest.mark.slow
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_ordinary_case_ends_with_a_report_and_a_circuit_that_holds(ionspice, path, tmp_path):
    done = ionspice("run", path, "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report.html").is_file()
    run = read_run(tmp_path)
    errors = {model: error.rms for model, error in model_errors(run).items()}
    best = min(errors["NCM"], errors[MODEL])
    assert best < (0.015 if run.case.drive.build().swing <= 0.3 else 0.025)
    spread = ratio_spread(run.curves)
    if math.isnan(spread) or spread > 1.2:
        assert best < errors["TLM"]


def test_there_are_cases_of_every_kind():
    assert len(CASES) >= 11
