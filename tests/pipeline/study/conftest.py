import pytest

from ionspice.core.stages import run_chain
from ionspice.pipeline.campaigns.campaign import case_folder
from ionspice.pipeline.cases.case import parse_case
from ionspice.pipeline.runs.runner import run, stages_until
from ionspice.pipeline.study.claims import read_claims
from ionspice.pipeline.study.conditions import DEFAULT
from ionspice.pipeline.study.stages import LAST_OF_CASE, StudyInputs, reproduction

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


@pytest.fixture(scope="session")
def small_inputs() -> StudyInputs:
    """A study of two slit widths and a deeper stack, coarse enough to take seconds."""
    values = {
        DEFAULT: (4, "1.5 nm", 78.5),
        "slit-3nm": (4, "3 nm", 78.5),
        "permittivity-60": (4, "1.5 nm", 60.0),
        "layers-20": (6, "1.5 nm", 78.5),
    }
    return StudyInputs(
        cases={
            name: parse_case(SMALL.format(layers=layers, slit=slit, permittivity=permittivity))
            for name, (layers, slit, permittivity) in values.items()
        }
    )


@pytest.fixture(scope="session")
def small_study(small_inputs, tmp_path_factory):
    """The folder of the small study and its claims; not to be changed."""
    directory = tmp_path_factory.mktemp("study")
    for name, case in small_inputs.cases.items():  # in this process, which saves the start of others
        run(case, case_folder(directory, name), stages=stages_until(LAST_OF_CASE))
    run_chain(reproduction(), small_inputs, directory)
    return directory, read_claims(directory / "claims.json")


@pytest.fixture(scope="session")
def study_page(small_study):
    return small_study[0] / "report.html"


@pytest.fixture
def broken_case():
    """A case whose profiles lie across a slit that it does not have."""
    text = SMALL.format(layers=4, slit="1.5 nm", permittivity=78.5)
    return parse_case(text.replace("profile_slits = [1]", "profile_slits = [9]"))
