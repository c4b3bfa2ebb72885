"""Numbers that differ by last bits are equal, and something sturdier orders them."""

from math import inf, nan

from ionspice.discovery.ordering import lowest, ranked

LAST_BITS = 1.0 + 1e-14


def test_last_bits_do_not_order():
    for numbers in ({"b": 1.0, "a": LAST_BITS, "c": 0.5}, {"b": LAST_BITS, "a": 1.0, "c": 0.5}):
        assert ranked(numbers, numbers.__getitem__, tie=str) == ["c", "a", "b"]
        assert ranked(numbers, numbers.__getitem__) == ["c", "b", "a"]
        assert lowest(numbers, lambda name: -numbers[name], tie=str) == "a"  # noqa: B023


def test_runs_of_close_numbers_do_not_chain():
    numbers = [1.0 + 0.6e-9 * k for k in range(4)]
    assert ranked(numbers, float, tie=lambda number: -number) == [numbers[k] for k in (1, 0, 3, 2)]


def test_infinite_numbers_come_last():
    assert ranked([nan, inf, 2.0, -1.0], float)[:2] == [-1.0, 2.0]
