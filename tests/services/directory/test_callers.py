"""Who calls with the credentials of a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sparekey.policy import PrincipalKind
from sparekey.services.directory.callers import caller_of, refused_for_session, session_context
from sparekey.services.directory.sessions import Session, SessionKind
from tests.services.directory.some_sessions import NOW, ROLE_SESSION, ROOT, USER_SESSION


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
