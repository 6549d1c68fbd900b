"""Sorting rows of which some lack the figure that decides: they come last, whichever way the others go."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def in_order(items: Iterable[T], value: Callable[[T], Any], *, falling: bool = False) -> list[T]:
    """Items by a value; those without one (None) come last either way, equal ones stay as they were.

    Args:
        items: What to sort.
        value: Gives what decides of each: all numbers, or all words.
        falling: Whether the greatest comes first.
    """
    pairs = [(value(item), item) for item in items]
    known = sorted((pair for pair in pairs if pair[0] is not None), key=lambda pair: pair[0], reverse=falling)
    return [item for _, item in known] + [item for found, item in pairs if found is None]
