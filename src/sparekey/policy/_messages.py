"""AWS's AccessDenied sentence.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from sparekey.policy._decision import Decision, Outcome
from sparekey.policy._document import PolicyType
from sparekey.policy._request import PrincipalKind, Request

_RESOURCE_BASED = (PolicyType.KEY, PolicyType.TRUST, PolicyType.RESOURCE)

#: What KMS says across accounts, where the owner's side does not allow: it does not even tell whether the key exists.
_HIDDEN = (
    "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based "
    "policy explicitly denies access"
)


#: Actions of STS whose implicit denies give no reason; AssumeRoot gives none at all.
_WITHOUT_REASON = frozenset(("sts:assumerole", "sts:assumeroot", "sts:setsourceidentity", "sts:tagsession"))


def access_denied(decision: Decision) -> str | None:
    """The sentence of AWS's AccessDenied error; ``None`` when the request is allowed or undecided."""
    if decision.outcome not in (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY):
        return None
    request = decision.request
    who = "anonymous" if request.principal.kind is PrincipalKind.ANONYMOUS else request.principal.arn
    parts = (f"User: {who} is not authorized to perform: {request.action}", _on(request), _context(decision))
    return " ".join(part for part in parts if part)


def _across_accounts(request: Request) -> bool:
    """Whether KMS hides the key from the caller: it belongs to another account."""
    account = request.principal.account
    return request.action.startswith("kms:") and bool(account) and request.owner != account


def _on(request: Request) -> str:
    if request.action == "kms:TagResource" and request.resource == "*":  # asked by CreateKey with tags
        return ""
    return "on this resource" if _across_accounts(request) else f"on resource: {request.resource}"


def _context(decision: Decision) -> str:
    policy_type = decision.policy_type or PolicyType.IDENTITY
    action = decision.request.action.lower()
    if action in _WITHOUT_REASON and (decision.outcome is Outcome.IMPLICIT_DENY or action == "sts:assumeroot"):
        return ""
    if policy_type in _RESOURCE_BASED and _across_accounts(decision.request):
        return _HIDDEN
    words = PolicyType.RESOURCE.value if policy_type in _RESOURCE_BASED else policy_type.value
    if decision.outcome is Outcome.EXPLICIT_DENY or policy_type is PolicyType.SCP:
        arn = decision.because.policy.arn if decision.because and decision.because.policy else None
        article = "an" if words[0] in "aeiou" else "a"
        return f"with an explicit deny in {article} {words}" + (f": {arn}" if arn else "")
    return f"because no {words} allows the {decision.request.action} action"
