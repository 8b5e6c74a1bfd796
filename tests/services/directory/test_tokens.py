"""Session tokens."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.policy import PrincipalKind
from sparekey.services.directory.sessions import SESSION_TOKEN, Session, SessionKind
from sparekey.services.directory.tokens import (
    caller_of,
    open_session,
    refused_for_session,
    seal_session,
    session_context,
)
from sparekey.storage.sealing import RootSealer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SEALER = RootSealer(b"\x01" * 32)
ROLE_SESSION = Session(
    kind=SessionKind.ASSUMED_ROLE,
    account="123456789012",
    arn="arn:aws:sts::123456789012:assumed-role/Deploy/one",
    user_id="AROAEXAMPLE:one",
    access_key_id="ASIAEXAMPLE",
    secret_access_key="secret",
    issued=NOW,
    expires=NOW + timedelta(hours=1),
    parent="AROAEXAMPLE",
    parent_arn="arn:aws:iam::123456789012:role/team/Deploy",
)
USER_SESSION = replace(
    ROLE_SESSION,
    kind=SessionKind.USER,
    arn="arn:aws:iam::123456789012:user/team/ann",
    user_id="AIDAEXAMPLE",
    parent="AIDAEXAMPLE",
    parent_arn="arn:aws:iam::123456789012:user/team/ann",
)
ROOT = "arn:aws:iam::123456789012:root"
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
        open_session(RootSealer(b"\x02" * 32), seal_session(SEALER, ROLE_SESSION))


def test_a_token_of_another_layout_does_not_open() -> None:
    token = b64encode(SEALER.seal(b"\x02{}", SESSION_TOKEN)).decode()
    with pytest.raises(ValueError, match="another release"):
        open_session(SEALER, token)


def test_a_token_does_not_show_what_is_in_it() -> None:
    assert b"Deploy" not in b64decode(seal_session(SEALER, ROLE_SESSION))


def test_the_caller_behind_a_role_s_session_has_the_role_with_its_path() -> None:
    caller = caller_of(ROLE_SESSION)
    assert caller.principal.kind is PrincipalKind.ROLE_SESSION
    assert caller.principal.role_arn == "arn:aws:iam::123456789012:role/team/Deploy"
    assert (caller.user_id, caller.name, caller.access_key_id) == ("AROAEXAMPLE:one", None, "ASIAEXAMPLE")


def test_sessions_of_service_linked_roles_are_of_a_kind_of_their_own() -> None:
    arn = "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    assert caller_of(replace(ROLE_SESSION, parent_arn=arn)).principal.kind is PrincipalKind.SERVICE_LINKED_ROLE


def test_the_caller_behind_a_user_s_session_is_the_user() -> None:
    caller = caller_of(USER_SESSION)
    assert caller.principal.kind is PrincipalKind.IAM_USER
    assert (caller.principal.arn, caller.name) == (USER_SESSION.arn, "ann")


@pytest.mark.parametrize("kind", [SessionKind.USER, SessionKind.ROOT])
def test_the_caller_behind_a_root_session_is_the_root_user(kind: SessionKind) -> None:
    caller = caller_of(replace(ROLE_SESSION, kind=kind, arn=ROOT))
    assert (caller.principal.kind, caller.name) == (PrincipalKind.ROOT_USER, None)


def test_the_caller_behind_a_federated_session_knows_its_user() -> None:
    session = replace(USER_SESSION, kind=SessionKind.FEDERATED_USER)
    assert caller_of(session).principal.user_arn == USER_SESSION.parent_arn


def test_the_context_of_a_session_says_when_and_how_it_was_made() -> None:
    session = replace(
        ROLE_SESSION,
        tags={"team": "red"},
        source_identity="ann",
        federated_provider="arn:aws:iam::123456789012:saml-provider/Corp",
        context={"saml:sub": "ann"},
    )
    assert session_context(session, NOW) == {
        "aws:TokenIssueTime": "2026-11-23T12:00:00Z",
        "aws:userid": "AROAEXAMPLE:one",
        "aws:MultiFactorAuthPresent": "false",
        "aws:FederatedProvider": "arn:aws:iam::123456789012:saml-provider/Corp",
        "aws:SourceIdentity": "ann",
        "aws:PrincipalTag/team": "red",
        "saml:sub": "ann",
    }


def test_the_context_of_a_user_s_session_tells_the_age_of_its_mfa() -> None:
    context = session_context(replace(USER_SESSION, mfa_at=NOW), NOW + timedelta(seconds=61.5))
    assert context["aws:MultiFactorAuthPresent"] == "true"
    assert context["aws:MultiFactorAuthAge"] == "61"
    assert context["aws:username"] == "ann"


def test_the_context_of_a_root_session_says_so() -> None:
    context = session_context(replace(ROLE_SESSION, kind=SessionKind.ROOT, arn=ROOT), NOW)
    assert context["aws:AssumedRoot"] == "true"


CANNOT = "Cannot call {} with session credentials"
INVALID = "The security token included in the request is invalid"


@pytest.mark.parametrize(
    ("session", "service", "operation", "message"),
    [
        (ROLE_SESSION, "iam", "ListUsers", None),
        (ROLE_SESSION, "sts", "AssumeRole", None),
        (ROLE_SESSION, "sts", "GetSessionToken", CANNOT),
        (ROLE_SESSION, "sts", "GetFederationToken", CANNOT),
        (USER_SESSION, "s3", "ListBuckets", None),
        (USER_SESSION, "iam", "ListUsers", INVALID),
        (USER_SESSION, "sts", "AssumeRole", None),
        (USER_SESSION, "sts", "GetCallerIdentity", None),
        (USER_SESSION, "sts", "GetAccessKeyInfo", CANNOT),
        (replace(USER_SESSION, mfa_at=NOW), "iam", "ListUsers", None),
        (replace(USER_SESSION, mfa_at=NOW), "sts", "GetAccessKeyInfo", CANNOT),
        (replace(USER_SESSION, kind=SessionKind.FEDERATED_USER), "iam", "ListUsers", INVALID),
        (replace(USER_SESSION, kind=SessionKind.FEDERATED_USER), "sts", "AssumeRole", CANNOT),
        (replace(USER_SESSION, kind=SessionKind.FEDERATED_USER), "sts", "GetCallerIdentity", None),
        (replace(USER_SESSION, kind=SessionKind.FEDERATED_USER), "kms", "ListKeys", None),
    ],
)
def test_some_sessions_are_refused_whatever_policies_say(
    session: Session, service: str, operation: str, message: str | None
) -> None:
    found = refused_for_session(session, service, operation)
    assert (found and found.message) == (message and message.format(operation))
