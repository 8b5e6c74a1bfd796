"""Access key ids and the accounts they tell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparekey.services.directory.credentials import LONG_TERM, TEMPORARY, access_key_id, account_of, secret_access_key


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
