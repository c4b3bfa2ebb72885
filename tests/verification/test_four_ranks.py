"""Four ranks, more than the small stack needs, agree with one; two and three are in tests/fem/test_ranks.py."""

from ionspice.core.observables import load_observables
from tests.fem.support import mpiexec
from tests.fem.test_ranks import RUN, assert_same


def test_four_ranks_agree_to_one_part_in_hundred_million(small_mesh, small_run, tmp_path):
    done = mpiexec(4, RUN, small_mesh, tmp_path, 1e9, "fresh")
    assert done.returncode == 0, done.stderr
    run = load_observables(tmp_path / "observables.nc")
    assert run.attrs["ranks"] == 4
    assert_same(run, small_run, 1e-8)
