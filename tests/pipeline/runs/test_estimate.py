import pytest

from ionspice.pipeline import Case, parse_case
from ionspice.pipeline.runs.estimate import estimate


@pytest.mark.parametrize(
    ("layers", "unknowns", "memory"), [(6, 10_326, 311e6), (40, 66_222, 442e6), (160, 263_502, 895e6)]
)
def test_unknowns_and_memory_are_those_that_were_measured(layers, unknowns, memory):
    found = estimate(parse_case(f"[geometry]\nlayers = {layers}\n"))
    assert found.unknowns == pytest.approx(unknowns, rel=0.15)
    assert found.memory == pytest.approx(memory, rel=0.3)


def test_an_estimate_reads_like_a_sentence():
    assert "GB of memory" in str(estimate(Case()))


def test_long_runs_say_so_before_they_begin():
    assert not estimate(Case()).is_large
    assert estimate(parse_case("[drive]\ncycles = 20\n")).is_large


def test_the_nodes_of_an_own_mesh_give_its_size(tmp_path):
    mesh = tmp_path / "own.msh"
    mesh.touch()
    case = parse_case(f'[mesh]\nfile = "{mesh}"\n')
    assert estimate(case) is None
    assert estimate(case, 1000).unknowns == 3000
