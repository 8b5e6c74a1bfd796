"""The few ways in which generated cases draw."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

PERCENT = st.integers(min_value=0, max_value=99)


@cache
def numbers(limit: int) -> st.SearchStrategy[int]:
    """The numbers from 0 up to a limit that is not among them."""
    return st.integers(min_value=0, max_value=limit - 1)


def pick(draw: st.DrawFn, choices: Sequence[T]) -> T:
    """Draw one of several; the first is the simplest."""
    return choices[draw(numbers(len(choices)))]


def chance(draw: st.DrawFn, percent: int) -> bool:
    """Draw whether something is to happen that happens so often; that it does not is the simpler."""
    return draw(PERCENT) >= 100 - percent


def some_of(draw: st.DrawFn, choices: Sequence[T], most: int) -> list[T]:
    """Draw one or a few of several."""
    return [pick(draw, choices) for _ in range(1 + draw(numbers(most)))]


def one_or_list(draw: st.DrawFn, choices: Sequence[T], most: int = 2) -> T | list[T]:
    """Draw one value, or a list of a few, as policy documents hold either."""
    found = some_of(draw, choices, most)
    return found[0] if len(found) == 1 and chance(draw, 70) else found
