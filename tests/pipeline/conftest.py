from pathlib import Path

import pytest

from ionspice.pipeline import Case, parse_case, run

#: three layers on a coarse mesh: the cheapest case that has inner elements
TINY = """
[geometry]
layers = 3
sheet_length = "4 nm"
edge_gap = "1.5 nm"
open_length = "3 nm"
[drive]
half_cycle = "100 ns"
[mesh]
wall_spacing = "0.15 nm"
growth = 1.8
[solver]
tolerance = 0.02
steps_per_ramp = 10
[circuit]
layers = [3, 6]
"""


@pytest.fixture(scope="session")
def tiny_case() -> Case:
    return parse_case(TINY)


@pytest.fixture(scope="session")
def solved_folder(tiny_case, tmp_path_factory) -> Path:
    """A folder with mesh and fields of the tiny case; not to be changed."""
    return run(tiny_case, tmp_path_factory.mktemp("solved"), stages=["mesh", "solve"])


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("case") / "tiny.toml"
    path.write_text(TINY)
    return path
