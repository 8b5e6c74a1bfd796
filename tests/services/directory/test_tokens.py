"""Session tokens."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.services.directory.sessions import SESSION_TOKEN
from sparekey.services.directory.tokens import open_session, seal_session
from sparekey.storage.sealing import RootSealer
from tests.services.directory.some_sessions import NOW, ROLE_SESSION

SEALER = RootSealer(b"\x01" * 32)
TEXTS = st.text(max_size=20)


@given(
    policies=st.lists(TEXTS, max_size=2),
    tags=st.dictionaries(TEXTS, TEXTS, max_size=3),
    context=st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, min_size=1, max_size=2).map(tuple), max_size=3),
    mfa=st.booleans(),
    chained=st.booleans(),
    source=st.none() | st.text(min_size=1, max_size=8),
    size=st.integers(0, 4096),
)
def test_a_token_opens_to_the_session_it_was_made_of(
    policies: list[str],
    tags: dict[str, str],
    context: dict[str, str | tuple[str, ...]],
    mfa: bool,
    chained: bool,
    source: str | None,
    size: int,
) -> None:
    session = replace(
        ROLE_SESSION,
        policies=tuple(policies),
        policy_arns=tuple(policies),
        tags=tags,
        transitive=tuple(tags),
        context=context,
        mfa_at=NOW if mfa else None,
        chained=chained,
        source_identity=source,
        federated_provider=source,
        task_policy=source,
    )
    token = seal_session(SEALER, session, minimum_size=size)
    assert open_session(SEALER, token) == session
    assert len(token) >= size


def test_a_token_that_was_changed_does_not_open() -> None:
    token = seal_session(SEALER, ROLE_SESSION)
    raw = bytearray(b64decode(token))
    for position in (0, len(raw) // 2, len(raw) - 1):
        raw[position] ^= 1
        with pytest.raises(ValueError):  # noqa: PT011 - any will do
            open_session(SEALER, b64encode(bytes(raw)).decode())
        raw[position] ^= 1


@pytest.mark.parametrize("token", ["", "nonsense", "é" * 40, "AAAA", "!" * 64])
def test_what_is_no_token_does_not_open(token: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any will do
        open_session(SEALER, token)


def test_a_token_of_another_root_key_does_not_open() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any will do
        open_session(RootSealer(b"\x03" * 32), seal_session(SEALER, ROLE_SESSION))


def test_a_token_of_another_layout_does_not_open() -> None:
    token = b64encode(SEALER.seal(b"\x03{}", SESSION_TOKEN)).decode()
    with pytest.raises(ValueError, match="another release"):
        open_session(SEALER, token)


def test_a_token_does_not_show_what_is_in_it() -> None:
    assert b"Deploy" not in b64decode(seal_session(SEALER, ROLE_SESSION))


def test_long_session_policies_survive_the_token() -> None:
    policies = tuple(f'{{"Version":"2012-10-17","Statement":[],"Id":"{number}{"x" * 900}"}}' for number in range(3))
    session = replace(ROLE_SESSION, policies=policies)
    assert open_session(SEALER, seal_session(SEALER, session)) == session
