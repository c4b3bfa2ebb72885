import pytest

from ionspice.pipeline import Case, parse_case
from ionspice.pipeline.runs.estimate import estimate


@pytest.mark.parametrize(
    ("layers", "unknowns", "memory"), [(6, 10_887, 306e6), (40, 72_087, 448e6), (160, 288_087, 1032e6)]
)
def test_unknowns_and_memory_are_those_that_were_measured(layers, unknowns, memory):
    found = estimate(parse_case(f"[geometry]\nlayers = {layers}\n"))
    assert found.unknowns == pytest.approx(unknowns, rel=0.15)
    assert found.memory == pytest.approx(memory, rel=0.3)


def test_an_estimate_reads_like_a_sentence():
    assert "GB of memory" in str(estimate(Case()))
