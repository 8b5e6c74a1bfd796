"""AssumeRoot: a short session of a member account's root user, for one of five tasks.

Who may is decided by identity-based policies of the caller, on the member's root user, and by the organization: the
caller's account manages it or is its delegated administrator for IAM, and root sessions are on. Every refusal reads the
same, without a reason, as AWS's do.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.arn import is_account_id
from sparekey.errors import ValidationError
from sparekey.policy import PrincipalKind
from sparekey.services.directory.accounts import ACCOUNTS, DELEGATIONS, ORGANIZATIONS
from sparekey.services.directory.sessions import Session, SessionKind
from sparekey.services.directory.settings import ROOT_FEATURES, ROOT_SESSIONS
from sparekey.services.operation import Target, operation
from sparekey.services.sts.errors import not_authorized
from sparekey.services.sts.issued import access_key, credentials, lifetime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Output

_LONGEST: Final = 900
_TASKS: Final = (
    "IAMAuditRootUserCredentials",
    "IAMCreateRootUserPassword",
    "IAMDeleteRootUserCredentials",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
)


def _account(target_principal: str) -> str:
    """The member account a request means, by its id or its root user's ARN.

    Raises:
        ValidationError: the text is neither.
    """
    segments = target_principal.split(":", 5)
    of_root = len(segments) == 6 and segments[0] == "arn" and segments[2] == "iam" and segments[5] == "root"
    account = segments[4] if of_root else target_principal
    if not is_account_id(account):
        raise ValidationError(f"{target_principal} is invalid")
    return account


def member_root(call: Call, *, target_principal: str, **_: object) -> Target:
    """The root user of the member account, which no resource-based policy protects: the caller's own account decides.

    Raises:
        ValidationError: the text names no account.
        AccessDenied: the caller is a root user, or the organization does not let it.
    """
    account = _account(target_principal)
    target = Target(f"arn:{call.partition}:iam::{account}:root", call.caller.account)
    if call.caller.principal.kind is PrincipalKind.ROOT_USER or not _is_let(call, account):
        raise not_authorized(call, "sts:AssumeRoot", target.arn)
    return target


def task_keys(
    _call: Call, *, target_principal: str, task_policy_arn: Mapping[str, str], **_: object
) -> Mapping[str, ContextValue]:
    """``sts:TaskPolicyArn``, and whose the root user is."""
    return {"sts:TaskPolicyArn": task_policy_arn.get("arn", ""), "aws:ResourceAccount": _account(target_principal)}


def _is_let(call: Call, member: str) -> bool:
    """Whether the organization lets principals of the caller's account begin root sessions in a member account."""
    records, own = call.records, call.caller.account
    account, other = records.get(ACCOUNTS, own), records.get(ACCOUNTS, member)
    if account is None or other is None or account.organization is None or account.organization != other.organization:
        return False
    organization = records.get(ORGANIZATIONS, account.organization)
    features = records.get(ROOT_FEATURES, account.organization)
    if organization is None or features is None or ROOT_SESSIONS not in features.enabled:
        return False
    delegated = records.get(DELEGATIONS, account.organization, own, "iam.amazonaws.com") is not None
    return (organization.management_account == own or delegated) and member != organization.management_account


@operation("sts:AssumeRoot", resource=member_root, context=task_keys, changes=False)
def assume_root(
    call: Call,
    *,
    target_principal: str,
    task_policy_arn: Mapping[str, str],
    duration_seconds: int = _LONGEST,
    minimum_session_token_size: int = 0,
) -> Output:
    """Give temporary credentials of a member account's root user that the task's policy limits."""
    account = _account(target_principal)
    task = task_policy_arn.get("arn", "")
    if task not in {f"arn:{call.partition}:iam::aws:policy/root-task/{name}" for name in _TASKS}:
        raise ValidationError(f"{task} is invalid")
    issued, expires = lifetime(call, duration_seconds)
    key_id, secret = access_key(call, account)
    caller = call.caller
    session = Session(
        kind=SessionKind.ROOT,
        account=account,
        arn=f"arn:{call.partition}:iam::{account}:root",
        user_id=account,
        access_key_id=key_id,
        secret_access_key=secret,
        issued=issued,
        expires=expires,
        parent=caller.user_id,
        parent_arn=caller.principal.arn,
        source_identity=caller.session.source_identity if caller.session else None,
        task_policy=task,
    )
    answer = credentials(call, session, minimum_session_token_size)
    if session.source_identity:
        answer["SourceIdentity"] = session.source_identity
    return answer
