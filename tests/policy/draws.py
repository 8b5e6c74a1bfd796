"""Choices that generated cases are made of.

They are read off a string of random bytes, which Hypothesis draws in one piece: drawn one by one, it would spend more
than half of its examples on repeating choices of others. Zeros are the simplest choices, so that shrinking works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

#: More bytes than a case has choices; behind them there are zeros.
SIZE = 400


class Source:
    """A string of bytes, read from the front."""

    def __init__(self, data: bytes) -> None:
        """Begin at the front."""
        self.data = data
        self.at = 0

    def number(self, limit: int) -> int:
        """Choose a number from 0 up to a limit (of at most 256) that is not among them."""
        self.at += 1
        return self.data[self.at - 1] * limit // 256 if self.at <= len(self.data) else 0


def built(build: Callable[[Source], T]) -> st.SearchStrategy[T]:
    """The strategy that builds values from choices."""
    return st.binary(min_size=SIZE, max_size=SIZE).map(lambda data: build(Source(data)))


def pick(source: Source, choices: Sequence[T]) -> T:
    """Choose one of several; the first is the simplest."""
    return choices[source.number(len(choices))]


def chance(source: Source, percent: int) -> bool:
    """Choose whether something is to happen that happens so often; that it does not is the simpler."""
    return source.number(100) >= 100 - percent


def some_of(source: Source, choices: Sequence[T], most: int) -> list[T]:
    """Choose one or a few of several."""
    return [pick(source, choices) for _ in range(1 + source.number(most))]


def one_or_list(source: Source, choices: Sequence[T], most: int = 2) -> T | list[T]:
    """Choose one value, or a list of a few, as policy documents hold either."""
    found = some_of(source, choices, most)
    return found[0] if len(found) == 1 and chance(source, 70) else found
