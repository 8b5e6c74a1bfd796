"""What of a call goes into its record."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sparekey.cloud import Circumstances
from sparekey.cloud._record import record_of
from sparekey.cloud._running import Asking, Door, Running
from sparekey.errors import AccessDenied
from sparekey.policy import Grant, Policy, PolicySet, PolicyType, Principal, Request, authorize, parse_policy
from sparekey.services.directory.callers import caller_of
from sparekey.services.directory.record import CallOutcome, CallRecord
from sparekey.services.iam.errors import NoSuchEntityException
from sparekey.services.operation import ANY, Caller, Target
from sparekey.storage.sealing import RootSealer
from tests.services.account import Drawn, allow, deny
from tests.services.directory.some_sessions import ROLE_SESSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.errors import ServiceError
    from sparekey.policy import Decision

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANN = "arn:aws:iam::123456789012:user/ann"
ROLE = "arn:aws:iam::123456789012:role/app"
DOOR = Door(RootSealer(b"\x01" * 32), Drawn(), {}, "aws", lambda *_: None, {})
BY_ANN = Caller(Principal.from_arn(ANN), "AIDA1", "ann", "AKIA1")
NOBODY = Caller(Principal.from_arn("*"))


def recorded(
    *,
    decision: Decision | None = None,
    caller: Caller = BY_ANN,
    service: str = "iam",
    name: str = "CreateUser",
    parameters: Mapping[str, object] | None = None,
    target: Target = ANY,
    output: Mapping[str, object] | None = None,
    error: ServiceError | None = None,
) -> CallRecord:
    """The record of a call that was decided and answered so."""
    circumstances = Circumstances("eu-west-1", "127.0.0.1", "boto3", True, "r-1", ("cloudformation.amazonaws.com",))
    running = Running(DOOR, caller, service, name, parameters or {}, circumstances, NOW)
    running.asked, running.output = Asking("iam:CreateUser", target, decision), output
    return record_of(running, error)


def test_a_record_says_who_called_what_from_where() -> None:
    made = recorded(parameters={"user_name": "bob"})
    assert made == CallRecord(
        event_id=made.event_id,
        time=NOW,
        account="123456789012",
        region="us-east-1",
        service="iam",
        operation="CreateUser",
        read_only=False,
        outcome=CallOutcome.NOT_ASKED,
        action="iam:CreateUser",
        resource="*",
        principal=ANN,
        kind="iam-user",
        principal_account="123456789012",
        user_id="AIDA1",
        user_name="ann",
        access_key_id="AKIA1",
        source_ip="127.0.0.1",
        user_agent="boto3",
        secure=True,
        request_id="r-1",
        invoked_by="cloudformation.amazonaws.com",
        parameters='{"userName":"bob"}',
    )
    assert UUID(made.event_id).version == 4


def test_a_record_says_whose_session_called() -> None:
    session = replace(ROLE_SESSION, mfa_at=NOW, source_identity="eve", federated_provider="idp.example.com")
    made = recorded(caller=caller_of(session))
    assert (made.session_kind, made.session_issued, made.session_mfa) == ("assumed-role", session.issued, True)
    assert (made.source_identity, made.federated_provider) == ("eve", "idp.example.com")
    assert (made.issuer, made.issuer_id) == (session.parent_arn, session.parent)


def test_a_record_says_why_a_call_failed() -> None:
    made = recorded(error=AccessDenied("No."))
    assert (made.error_code, made.error_message) == ("AccessDenied", "No.")
    assert recorded(error=NoSuchEntityException("None.")).error_code == "NoSuchEntityException"


def test_a_record_has_the_answer_of_a_call_that_changed_something() -> None:
    answer = {"User": {"UserName": "bob"}}
    assert recorded(output=answer).response == '{"user":{"userName":"bob"}}'
    assert recorded(output=answer, name="GetUser").response == ""
    assert recorded(output=answer, error=AccessDenied()).response == ""


def test_secrets_are_hidden_by_the_service_s_own_model() -> None:
    made = recorded(name="CreateLoginProfile", parameters={"user_name": "ann", "password": "hunter2"})
    assert json.loads(made.parameters) == {"userName": "ann", "password": "HIDDEN_DUE_TO_SECURITY_REASONS"}


def test_a_call_that_nobody_signed_is_in_the_trail_of_the_resource_s_owner() -> None:
    assert recorded(caller=NOBODY, target=Target(ROLE)).account == "123456789012"
    assert recorded(caller=NOBODY, target=Target(ROLE, "999988887777")).account == "999988887777"
    assert recorded(caller=NOBODY).account == ""


def test_large_parameters_are_left_out() -> None:
    made = recorded(name="CreatePolicy", parameters={"policy_document": "x" * 100_000})
    assert json.loads(made.parameters) == {"omitted": True, "originalSize": 100_021}


def identity(text: str, name: str = "inline `p`") -> Policy:
    return parse_policy(text, type=PolicyType.IDENTITY, name=name)


def test_a_record_names_the_policy_and_statement_that_decided() -> None:
    request = Request(Principal.from_arn(ANN), "iam:CreateUser", "arn:aws:iam::123456789012:user/bob")
    made = recorded(decision=authorize(request, PolicySet((identity(allow("iam:*")),))))
    assert (made.outcome, made.policy, made.statement) == (CallOutcome.ALLOWED, "inline `p`", "#1")
    scp = parse_policy(
        deny("iam:CreateUser").replace('"Effect"', '"Sid": "NoUsers", "Effect"'),
        type=PolicyType.SCP,
        name="`guard`",
        arn="arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1",
    )
    made = recorded(decision=authorize(request, PolicySet((identity(allow("*")),), scp=((scp,),))))
    assert made.outcome is CallOutcome.EXPLICIT_DENY
    assert (made.policy_type, made.policy, made.statement) == ("service control policy", scp.arn, "NoUsers")


def test_a_record_names_the_statement_that_comes_nearest() -> None:
    request = Request(Principal.from_arn(ANN), "iam:CreateUser", "arn:aws:iam::123456789012:user/bob")
    near = identity(allow("iam:CreateUser", "arn:aws:iam::123456789012:user/eve"))
    made = recorded(decision=authorize(request, PolicySet((near,))))
    assert (made.outcome, made.policy, made.statement) == (CallOutcome.IMPLICIT_DENY, "", "")
    assert made.nearest.startswith("statement 1 of inline `p`: ")
    made = recorded(decision=authorize(request, PolicySet()))
    assert (made.outcome, made.nearest) == (CallOutcome.IMPLICIT_DENY, "")


def test_a_record_names_the_grant_that_allowed() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    request = Request(Principal.from_arn(ANN), "kms:Decrypt", key)
    statement = '{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"}'
    text = f'{{"Version":"2012-10-17","Statement":{statement}}}'
    policy = parse_policy(text, type=PolicyType.KEY, name="key policy")
    grant = Grant(ANN, frozenset(("Decrypt",)), name="reading")
    made = recorded(
        service="sts", name="AssumeRole", decision=authorize(request, PolicySet(resource=policy, grants=(grant,)))
    )
    assert (made.outcome, made.policy_type, made.policy, made.region) == (
        CallOutcome.ALLOWED,
        "grant",
        "reading",
        "eu-west-1",
    )
