"""Identifiers in AWS's forms."""

from __future__ import annotations

import os
from uuid import UUID

from sparekey.services.directory.identifiers import random_uuid


def test_uuids_are_random_ones() -> None:
    made = {random_uuid(os.urandom) for _ in range(200)}
    assert len(made) == 200
    assert all(str(UUID(each)) == each and UUID(each).version == 4 for each in made)


def test_a_uuid_is_made_of_the_entropy_that_is_given() -> None:
    assert random_uuid(lambda count: b"\x5a" * count) == "5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a"
