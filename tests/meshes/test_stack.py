import pytest

from ionspice.core import InputError
from ionspice.meshes import SlitStack


def test_default_stack_is_the_documented_case():
    stack = SlitStack()
    assert stack.slits == 5
    assert stack.strip_width == pytest.approx(6e-9)
    assert stack.sheet_front(5) == pytest.approx(5 * 1.84e-9)


def test_gaps_alternate_between_the_sides_and_the_last_sheet_is_closed():
    stack = SlitStack(layers=3)
    assert stack.gap_interval(0) == pytest.approx((0.0, 1e-9))
    assert stack.gap_interval(1) == pytest.approx((5e-9, 6e-9))
    assert stack.gap_interval(2) == (0.0, 0.0)


def test_one_layer_is_refused():
    with pytest.raises(InputError, match="layers = 1 leaves no slit"):
        SlitStack(layers=1)


@pytest.mark.parametrize("key", ["slit", "sheet_length", "sheet_thickness", "edge_gap", "open_length"])
@pytest.mark.parametrize("value", [0.0, -1e-9, float("nan")])
def test_sizes_must_be_positive(key, value):
    with pytest.raises(InputError, match=f"{key} = .* must be greater than 0"):
        SlitStack(**{key: value})
