"""Identifiers in AWS's forms, and the accounts that access key ids tell."""

from __future__ import annotations

import os
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sparekey.services.directory.identifiers import (
    LONG_TERM,
    TEMPORARY,
    access_key_id,
    account_of,
    random_uuid,
    secret_access_key,
)


def test_uuids_are_random_ones() -> None:
    made = {random_uuid(os.urandom) for _ in range(200)}
    assert len(made) == 200
    assert all(str(UUID(each)) == each and UUID(each).version == 4 for each in made)


def test_a_uuid_is_made_of_the_entropy_that_is_given() -> None:
    assert random_uuid(lambda count: b"\x5a" * count) == "5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a"


def test_the_account_of_a_published_key_id_is_read_from_it() -> None:
    # https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489
    assert account_of("ASIAQNZGKIQY56JQ7WML") == "029608264753"


@given(account=st.integers(0, 10**12 - 1), random=st.binary(min_size=5, max_size=5))
def test_a_key_id_tells_its_account(account: int, random: bytes) -> None:
    made = access_key_id(TEMPORARY, f"{account:012d}", lambda _: random)
    assert len(made) == 20
    assert made.startswith("ASIA")
    assert account_of(made) == f"{account:012d}"


def test_key_ids_from_before_2019_tell_nothing() -> None:
    assert account_of("AKIAIOSFODNN7EXAMPLE") is None


def test_other_texts_tell_nothing() -> None:
    made = access_key_id(LONG_TERM, "123456789012", bytes)
    for text in ("", "AKIA", "AKIA1", "test", made + "AAAAAAAA", "AKIA7777777777777777"):
        assert account_of(text) is None


def test_a_secret_has_forty_characters() -> None:
    assert secret_access_key(bytes) == "A" * 40
