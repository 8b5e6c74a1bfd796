"""Random bytes are given out once."""

from __future__ import annotations

from sparekey.server.entropy import SMALL, Entropy


def test_no_bytes_are_given_twice() -> None:
    entropy = Entropy()
    drawn = [entropy(SMALL) for _ in range(1000)]
    assert len(set(drawn)) == 1000
    assert {len(each) for each in drawn} == {SMALL}


def test_as_many_bytes_are_given_as_are_asked_for() -> None:
    entropy = Entropy()
    assert [len(entropy(size)) for size in (0, 1, 5, 16, 17, 32)] == [0, 1, 5, 16, 17, 32]
