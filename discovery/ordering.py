"""Order by numbers whose last bits depend on the processor: those that differ by less are equal."""

from collections.abc import Callable, Iterable
from math import inf, isnan
from typing import Any

#: relative difference below which two numbers are equal
_EQUAL = 1e-9


def ranked[T](items: Iterable[T], number: Callable[[T], float], tie: Callable[[T], Any] = lambda item: 0) -> list[T]:
    """Return items by a number, smallest first.

    Args:
        items: what is ordered.
        number: of an item; NaN comes last.
        tie: orders items whose numbers are equal to 1e-9 of that of the first of them; else they keep their order.
    """
    numbers = [(inf if isnan(value) else value, k, item) for k, item in enumerate(items) for value in (number(item),)]
    runs: list[list[tuple[int, T]]] = []
    first = -inf
    for value, k, item in sorted(numbers, key=lambda entry: entry[:2]):
        if not runs or value > first + _EQUAL * abs(first):
            runs.append([])
            first = value
        runs[-1].append((k, item))
    return [item for run in runs for _, item in sorted(run, key=lambda entry: (tie(entry[1]), entry[0]))]


def lowest[T](items: Iterable[T], number: Callable[[T], float], tie: Callable[[T], Any] = lambda item: 0) -> T:
    """Return the first of `ranked`."""
    return ranked(items, number, tie)[0]
