"""A call that makes the key is refused before or after KMS weighs the key policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Call, Finding, Level, Verdict
from sparekey.check._rule import Given, Rule
from sparekey.check.rules._examples import key_template
from sparekey.check.rules._wording import identity, lasting_arn
from sparekey.check.rules.identity_side import first_refused, guardrail_denies
from sparekey.policy import Outcome, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView
    from sparekey.source import Place

#: Why the deployment makes a call.
_REASONS = {
    "kms:CreateKey": "every key is made with it",
    "kms:ReplicateKey": "a replica key is made with it",
    "kms:TagResource": "the key or the stack has tags",
    "kms:EnableKeyRotation": "the key asks for rotation",
    "kms:DisableKey": "the key is made with `Enabled: false`",
    "iam:PassRole": "the stack is deployed with a service role",
    "sts:AssumeRole": "the stack is deployed with a service role",
}

#: Calls that the new key's own policy decides.
_ON_THE_NEW_KEY = ("kms:EnableKeyRotation", "kms:DisableKey")


def _find_denied(view: KeyView) -> Iterator[Finding]:
    call = first_refused(view) if view.verdict is Verdict.ACCESS_DENIED else None
    if call is None or guardrail_denies(call.decision):
        return
    who = identity(view)
    if call.action == "iam:PassRole":
        who = f"`{view.deployer.caller.arn}`"
    elif call.action == "sts:AssumeRole":
        who = "CloudFormation"
    message = f"{who} is not allowed `{call.action}` ({_REASONS.get(call.action, 'the deployment makes that call')})"
    yield Finding("SK116", Level.ERROR, message, _place(view, call), view.logical_id, tuple(_hints(view, call)))


def _place(view: KeyView, call: Call) -> Place:
    because = call.decision.because
    if call.action in _ON_THE_NEW_KEY and because and because.policy is view.policy and because.place:
        return because.place
    return view.resource.place


def _hints(view: KeyView, call: Call) -> Iterator[str]:
    if call.action == "sts:AssumeRole":
        yield "let `cloudformation.amazonaws.com` call `sts:AssumeRole` in the trust policy of the role"
    elif call.action == "iam:PassRole":
        yield f"allow `iam:PassRole` on `{view.deployer.service_role}` in an IAM policy of `{view.deployer.caller.arn}`"
    elif call.action in _ON_THE_NEW_KEY:
        yield _hint_on_the_new_key(view, call)
    else:
        yield f"allow `{call.action}` in an IAM policy of {identity(view)}: a key policy cannot give it"


def _hint_on_the_new_key(view: KeyView, call: Call) -> str:
    because = call.decision.because
    if call.decision.outcome is Outcome.EXPLICIT_DENY and because and because.statement:
        return f"exempt `{lasting_arn(view)}` from {because.statement.label}, which denies it `{call.action}`"
    if call.decision.policy_type is PolicyType.IDENTITY:
        return f"allow `{call.action}` in an IAM policy of {identity(view)}: the key policy delegates to these"
    return f"allow `{call.action}` to `{lasting_arn(view)}` in the key policy, in the statement for administrators"


_ALL_BUT_TAGS = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["kms:CreateKey", "kms:PutKeyPolicy"], "Resource": "*"}
]}"""

ACCESS_DENIED = Rule(
    id="SK116",
    name="access-denied",
    level=Level.ERROR,
    summary="The deployer is not allowed a call that makes the key: CreateKey, TagResource, EnableKeyRotation, …",
    explanation="""\
CloudFormation shows *Access denied for operation 'CreateKey'*, or *Encountered a permissions error performing a
tagging operation*, and hides IAM's reason.

To make a key CloudFormation calls `kms:CreateKey`; also `kms:TagResource` if the resource *or the stack* has tags;
then `kms:EnableKeyRotation` and `kms:DisableKey` if the template asks for them. The first two are allowed by IAM
policies alone, whatever the key policy says. The other two are calls on the new key, so its own key policy decides
them. With a service role, its policies count, and who calls CloudFormation needs `iam:PassRole`.

**Repair.** Add the action to the IAM policy of the deployer or its service role; for the calls on the new key, to
the administrator statement of the key policy.

AWS: [Permissions to create a KMS key](https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html#create-key-permissions),
[Tagging permission errors](https://repost.aws/knowledge-center/cloudformation-tagging-permission-error).
""",
    bad=key_template(properties="Tags:\n  - Key: team\n    Value: orders\n"),
    good=key_template(),
    bad_given=Given(iam=_ALL_BUT_TAGS),
    good_given=Given(iam=_ALL_BUT_TAGS),
    find=_find_denied,
    causes=("C16",),
)
