"""Keys that nobody can manage once they are made, or hardly anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level, Verdict
from sparekey.check._rule import Rule
from sparekey.check._settings import read_settings
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._lockout import Cause, diagnose
from sparekey.check.rules._questions import (
    administrators,
    call_for,
    named_principals,
    safety_decision,
    statements,
)
from sparekey.check.rules._wording import account_of, lasting_arn, root_principal
from sparekey.check.rules.principals import use_statement
from sparekey.policy import Decision, Effect, Outcome, authorize
from sparekey.template import MapValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView
    from sparekey.source import Place

_BYPASS = "BypassPolicyLockoutSafetyCheck"
_DENIED = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY)


def _bypass(view: KeyView) -> Place | None:
    """Where the template bypasses the safety check."""
    if not isinstance(view.properties, MapValue) or _BYPASS not in view.properties.items:
        return None
    settings = read_settings(view.resource.type, view.properties, {})
    return view.properties.key_places[_BYPASS] if settings.bypass is True else None


def _find_unmanageable(view: KeyView) -> Iterator[Finding]:
    place = _bypass(view)
    decision = safety_decision(view) if place else None
    if place is None or decision is None or decision.outcome not in _DENIED:
        return
    if not administrators(view):
        yield Finding(
            "SK115",
            Level.WARNING,
            "nobody will be able to change the key policy or to delete the key: the safety check is bypassed, and "
            "only AWS Support can restore access to such a key",
            place,
            view.logical_id,
            (f"allow `kms:*` to `AWS: {root_principal(view)}`, and remove `{_BYPASS}`",),
        )


_USE_ONLY = use_statement("arn:aws:iam::123456789012:role/Orders")

UNMANAGEABLE = Rule(
    id="SK115",
    name="unmanageable-key",
    level=Level.WARNING,
    summary="The key is made, and nobody can change its policy or delete it afterwards.",
    explanation="""\
The deployment passes, for the safety check is bypassed. The key then cannot be managed: nobody can change its
policy, schedule its deletion or add a grant, not even the root user. CloudFormation cannot update or delete the
resource either, and a rollback may fail. One report speaks of four days until AWS Support had restored access.

**Repair.** Let the account's root principal call `kms:*`, and do not bypass the check.

AWS: [Default key policy: reduces the risk of the KMS key becoming unmanageable](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#allow-iam-policies).
""",
    bad=key_template(_USE_ONLY, properties="BypassPolicyLockoutSafetyCheck: true\n"),
    good=key_template(ROOT_STATEMENT + _USE_ONLY),
    find=_find_unmanageable,
    causes=("C15",),
)


def _find_bypass(view: KeyView) -> Iterator[Finding]:
    if place := _bypass(view):
        yield Finding(
            "SK302",
            Level.WARNING,
            f"`{_BYPASS}` switches off the check that keeps the key manageable",
            place,
            view.logical_id,
            (f"remove it, and let `{lasting_arn(view)}` or the account's root principal change the key policy",),
        )


BYPASS = Rule(
    id="SK302",
    name="bypass-flag",
    level=Level.WARNING,
    summary="BypassPolicyLockoutSafetyCheck is set.",
    explanation="""\
With the flag KMS takes any key policy, also one that nobody can ever change. It makes the error message go away and
leaves its cause in place. The flag is meant for the rare case that a principal who is not the deployer shall be the
only administrator, and that one is known to exist. Many organizations deny it by a service control policy
(`kms:BypassPolicyLockoutSafetyCheck`; AWS Control Tower's CT.KMS.PV.3).

**Repair.** Remove the flag; let the deployer or the account's root principal call `kms:PutKeyPolicy`.

AWS: [kms:BypassPolicyLockoutSafetyCheck](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-bypass-policy-lockout-safety-check).
""",
    bad=key_template(properties="BypassPolicyLockoutSafetyCheck: true\n"),
    good=key_template(),
    find=_find_bypass,
    causes=("C15",),
)


def _lets_others_manage(view: KeyView) -> bool:
    """Whether the deciding statement stands for more than one principal: the account, everyone."""
    call = call_for(view, "kms:PutKeyPolicy")
    because = call.decision.because if call and call.decision.allowed else None
    element = because.statement.principal if because and because.statement else None
    return element is None or element.everyone or any(str(text).endswith(":root") for text in element.aws)


def _find_single(view: KeyView) -> Iterator[Finding]:
    if view.verdict is not Verdict.PASS or _lets_others_manage(view):
        return
    found = administrators(view)
    everyone = any(
        statement.principal and (statement.principal.everyone or statement.principal.unknown)
        for statement in statements(view)
        if statement.effect is Effect.ALLOW
    )
    if len({named.text for named in found}) == 1 and not found[0].text.endswith(":root") and not everyone:
        named = found[0]
        yield Finding(
            "SK301",
            Level.WARNING,
            f"`{named.text}` alone can manage the key: once it is deleted, nobody can",
            view.place(named.path),
            view.logical_id,
            (f"let the account delegate, too: a statement that allows `kms:*` to `AWS: {root_principal(view)}`",),
        )


SINGLE_ADMINISTRATOR = Rule(
    id="SK301",
    name="single-administrator",
    level=Level.WARNING,
    summary="One user or role alone can change the key policy.",
    explanation="""\
The deployment passes. When the one administrator is deleted, the key cannot be managed any more: KMS binds a user
or role to its unique id, so one of the same name made later is another principal, and even the root user has no
rights that the key policy does not give.

**Repair.** Add a statement for the account's root principal, which cannot be deleted; it delegates to IAM policies.
Where that is too wide, name a second administrator, or limit the statement by a condition on `aws:PrincipalArn`,
which compares names and survives a deletion.

AWS: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#allow-iam-policies).
""",
    bad=key_template(use_statement("arn:aws:iam::123456789012:user/Alice").replace("kms:Encrypt", "kms:Put*")),
    good=key_template(
        ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:user/Alice").replace("kms:Encrypt", "kms:Put*")
    ),
    find=_find_single,
    causes=("C15",),
)


def _find_foreign_administrators(view: KeyView) -> Iterator[Finding]:
    home = account_of(view)
    if all(named.arn.account == home for statement in statements(view) for named in named_principals(statement)):
        return
    decision, evidence, found = safety_decision(view), diagnose(view), administrators(view)
    explained = evidence is not None and evidence.cause is Cause.ACCOUNT
    if decision is None or decision.allowed or explained or not found:
        return
    if all(named.arn.account != home for named in found):
        yield Finding(
            "SK310",
            Level.WARNING,
            f"only principals of another account may change the key policy (`{found[0].text}`), and KMS lets nobody do "
            "that across accounts",
            view.place(found[0].path),
            view.logical_id,
            (f"name an administrator in the key's own account, best `AWS: {root_principal(view)}`",),
        )


FOREIGN_ADMINISTRATORS = Rule(
    id="SK310",
    name="foreign-administrators",
    level=Level.WARNING,
    summary="Only principals of another account are administrators of the key.",
    explanation="""\
`kms:PutKeyPolicy`, `kms:ScheduleKeyDeletion` and the other actions of key administrators work within the key's own
account only; a statement that gives them to another account has no effect. A key whose administrators are all
elsewhere cannot be managed.

**Repair.** Name an administrator in the account that owns the key. Other accounts can *use* the key.

AWS: [Allowing users in other accounts to use a KMS key](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html).
""",
    bad=key_template(
        """\
- Sid: Allow administration of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::210987654321:role/KeyAdministrators
  Action: kms:*
  Resource: "*"
""",
        properties="BypassPolicyLockoutSafetyCheck: true\n",
    ),
    good=key_template(
        ROOT_STATEMENT
        + """\
- Sid: Allow use of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::210987654321:role/Readers
  Action: kms:Decrypt
  Resource: "*"
"""
    ),
    find=_find_foreign_administrators,
    causes=("C04", "C15"),
)


def _find_session(view: KeyView) -> Iterator[Finding]:
    call = call_for(view, "kms:PutKeyPolicy")
    because = call.decision.because if call and call.decision.allowed else None
    statement = because.statement if because else None
    for named in named_principals(statement) if call and statement else ():
        is_session = ":assumed-role/" in named.text and named.text == view.deployer.principal.arn
        if call and is_session and not _covers_role(view, call.decision):
            yield Finding(
                "SK307",
                Level.WARNING,
                f"`{named.text}` is one session: the next deployment, under another session name, is locked out",
                view.place(named.path),
                view.logical_id,
                (f"name the role, `{lasting_arn(view)}`: it covers all of its sessions",),
            )


def _covers_role(view: KeyView, decision: Decision) -> bool:
    """Whether another session of the same role would be let pass, too."""
    request = decision.request
    other = replace(request.principal, arn=f"{request.principal.arn.rpartition('/')[0]}/another-session")
    policies = view.deployer.with_key_policy(view.policy)
    return authorize(replace(request, principal=other), policies).outcome is not Outcome.IMPLICIT_DENY


SESSION_ADMINISTRATOR = Rule(
    id="SK307",
    name="session-administrator",
    level=Level.WARNING,
    summary="A session is the administrator: the next deployment, under another session name, is locked out.",
    explanation="""\
The deployment passes, and the next one fails with *The new key policy will not allow you to update the key policy
in the future.*

The key policy names the session that deploys now, `assumed-role/ROLE/SESSION`. Session names usually differ by run,
by person or by pipeline job, and a session's ARN covers exactly one name.

**Repair.** Name the role's ARN, `arn:aws:iam::ACCOUNT:role/ROLE` with its path; it covers all sessions of the role.
CloudFormation's sessions of a service role are always named `AWSCloudFormation`; name the role there, too.

AWS: [Role session principals](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-role-session).
""",
    bad=key_template(
        use_statement("arn:aws:sts::123456789012:assumed-role/FederatedAccess/run-42").replace(
            "kms:Encrypt", "kms:Put*"
        )
    ),
    good=key_template(
        use_statement("arn:aws:iam::123456789012:role/FederatedAccess").replace("kms:Encrypt", "kms:Put*")
    ),
    find=_find_session,
    causes=("C07",),
    example_deployer="arn:aws:sts::123456789012:assumed-role/FederatedAccess/run-42",
)
