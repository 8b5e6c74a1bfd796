"""Short ways to say a request and its policies in tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from sparekey.policy import (
    Decision,
    Grant,
    GrantConstraints,
    GrantRequest,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalKind,
    Request,
    RequestContext,
    authorize,
    parse_policy,
)
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy._request import ContextValue

ACCOUNT = "111122223333"
OTHER = "444455556666"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ALICE_ARN = f"arn:aws:iam::{ACCOUNT}:user/Alice"
BOB_ARN = f"arn:aws:iam::{ACCOUNT}:user/Bob"
DEPLOY_ARN = f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/run-1"
VISITOR_ARN = f"arn:aws:sts::{ACCOUNT}:federated-user/Visitor"
ERIN_ARN = f"arn:aws:iam::{OTHER}:user/Erin"

ALICE = Principal(PrincipalKind.IAM_USER, ALICE_ARN, ACCOUNT)
ERIN = Principal(PrincipalKind.IAM_USER, ERIN_ARN, OTHER)
SESSION = Principal(PrincipalKind.ROLE_SESSION, SESSION_ARN, ACCOUNT, role_arn=DEPLOY_ARN)
LINKED = Principal(PrincipalKind.SERVICE_LINKED_ROLE, SESSION_ARN, ACCOUNT, role_arn=DEPLOY_ARN)
VISITOR = Principal(PrincipalKind.FEDERATED_USER, VISITOR_ARN, ACCOUNT, user_arn=ALICE_ARN)
ROOT_USER = Principal(PrincipalKind.ROOT_USER, ROOT, ACCOUNT)
SERVICE = Principal(PrincipalKind.AWS_SERVICE, "logs.eu-west-1.amazonaws.com")
ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, "")

UNTOLD = Unknown(("what nobody told",))


def statement(effect: str, action: object = "kms:*", *, to: object = None, **more: object) -> dict[str, object]:
    """A statement on every resource; ``to`` is its Principal."""
    principal = {} if to is None else {"Principal": to}
    return {"Effect": effect, **principal, "Action": action, "Resource": "*", **more}


def allow(action: object = "kms:*", *, to: object = None, **more: object) -> dict[str, object]:
    """An Allow statement."""
    return statement("Allow", action, to=to, **more)


def deny(action: object = "kms:*", *, to: object = None, **more: object) -> dict[str, object]:
    """A Deny statement."""
    return statement("Deny", action, to=to, **more)


def aws(*principals: object) -> dict[str, object]:
    """A Principal element of AWS principals."""
    return {"AWS": list(principals)}


def policy(type_: PolicyType, *statements: object, arn: str | None = None, version: str = "2012-10-17") -> Policy:
    """A policy of a type."""
    document = {"Version": version, "Statement": list(statements)}
    return parse_policy(document, type=type_, name=f"the {type_.value}", arn=arn)


def key(*statements: object) -> Policy:
    """A key policy."""
    return policy(PolicyType.KEY, *statements)


def identity(*statements: object) -> tuple[Policy, ...]:
    """One identity-based policy."""
    return (policy(PolicyType.IDENTITY, *statements),)


def session(*statements: object) -> tuple[Policy, ...]:
    """One session policy."""
    return (policy(PolicyType.SESSION, *statements),)


def boundary(*statements: object) -> Policy:
    """A permissions boundary."""
    return policy(PolicyType.BOUNDARY, *statements)


def scp(*levels: list[dict[str, object]]) -> tuple[tuple[Policy, ...], ...]:
    """Levels of SCPs, one policy a level; an empty list of statements is a level without SCPs."""
    return tuple((policy(PolicyType.SCP, *level),) if level else () for level in levels)


def rcp(*statements: object) -> tuple[tuple[Policy, ...], ...]:
    """One level with one RCP."""
    return ((policy(PolicyType.RCP, *statements),),)


def grant(grantee: str, *operations: str, **more: object) -> Grant:
    """A grant; ``equals``, ``subset`` and ``source_arn`` are its constraints."""
    texts = cast("dict[str, Any]", more)
    constraints = GrantConstraints(texts.pop("equals", None), texts.pop("subset", None), texts.pop("source_arn", None))
    return Grant(grantee, frozenset(operations), constraints, **texts)


def changed(policies: PolicySet, **told: object) -> PolicySet:
    """The same set with other policies in some of its fields."""
    return replace(policies, **cast("dict[str, Any]", told))


def ask(
    principal: Principal,
    policies: PolicySet,
    action: str = "kms:Decrypt",
    resource: str | Unknown = KEY,
    context: Mapping[str, ContextValue] | None = None,
    unknown: tuple[str, ...] = (),
    owner: str | None = None,
    grant_request: GrantRequest | None = None,
) -> Decision:
    """Decide one request."""
    request = Request(principal, action, resource, RequestContext(context or {}, unknown), owner, grant_request)
    return authorize(request, policies)


DELEGATION = allow(to=aws(ROOT), Sid="Delegate")
ADMINISTRATOR = identity(allow("*", Sid="Administrator"))
SILENT = (allow("s3:*"),)
