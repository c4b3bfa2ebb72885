import pytest

from ionspice.core import InputError
from ionspice.meshes import MeshGrading


@pytest.mark.parametrize("length", [0.17e-9, 0.75e-9, 2e-9, 10e-9])
@pytest.mark.parametrize("growth", [1.0, 1.1, 1.3])
def test_the_first_cell_is_at_most_the_wall_spacing(length, growth):
    grading = MeshGrading(wall_spacing=0.05e-9, growth=growth)
    cells = grading.cells(length)
    progression = sum(growth**k for k in range(cells))
    assert length / progression <= 0.05e-9 * (1 + 1e-9)


def test_a_length_covered_exactly_takes_no_extra_cell():
    grading = MeshGrading(wall_spacing=1e-9, growth=2.0)
    assert grading.cells(7e-9) == 3


def test_refining_by_two_halves_the_wall_cell_and_doubles_the_cells():
    coarse = MeshGrading(growth=1.3)
    fine = coarse.refined(2)
    assert fine.wall_spacing == pytest.approx(coarse.wall_spacing / 2)
    assert fine.cells(2e-9) == pytest.approx(2 * coarse.cells(2e-9), abs=1)


def test_cells_along_sheets_grow_faster():
    assert MeshGrading(growth=1.15).along.growth == pytest.approx(1.6)
    assert MeshGrading(growth=1.0).along.growth == 1.0
    assert MeshGrading(growth=1.3).along.growth == 1.6
    assert MeshGrading(growth=3.0).along.growth == 3.0


@pytest.mark.parametrize(("key", "value"), [("wall_spacing", 0.0), ("growth", 0.9), ("growth", 5.0)])
def test_numbers_out_of_range_are_refused(key, value):
    with pytest.raises(InputError, match=f"{key} = "):
        MeshGrading(**{key: value})
