"""KMS grants: whom they name, which calls they allow, and who may retire them.

A grant only allows. It names its grantee like a key policy names a principal, so the same limits apply: an implicit
deny of a boundary or session policy limits a grant to the role, not a grant to the exact session.
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.policy._context import may_hold
from sparekey.policy._decision import Match
from sparekey.policy._document import PrincipalElement
from sparekey.policy._evaluate import Caller, NamedRange, Principals
from sparekey.policy._request import ABSENT, Grant, GrantConstraints, Lookup, Request
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The operations a grant can allow; PutKeyPolicy is not among them, so no grant passes the lockout safety check.
GRANTABLE = frozenset(
    [
        "decrypt",
        "encrypt",
        "generatedatakey",
        "generatedatakeywithoutplaintext",
        "reencryptfrom",
        "reencryptto",
        "sign",
        "verify",
        "getpublickey",
        "creategrant",
        "retiregrant",
        "describekey",
        "generatedatakeypair",
        "generatedatakeypairwithoutplaintext",
        "generatemac",
        "verifymac",
        "derivesharedsecret",
        "encapsulate",
        "decapsulate",
    ]
)

_CONTEXT_KEY = "kms:encryptioncontext:"


def names(principal: str, caller: Caller) -> NamedRange:
    """How a grantee or retiring principal names the caller."""
    if ":" in principal or principal.isdigit():
        return Principals(PrincipalElement(aws=(principal,))).name(caller)
    return Principals(PrincipalElement(service=(principal,))).name(caller)


def covers(grant: Grant, operation: str) -> bool:
    """Whether the grant lists an operation (in lower case) that a grant can allow."""
    return operation in GRANTABLE and operation in {listed.lower() for listed in grant.operations}


def allows(grant: Grant, operation: str, request: Request, lookup: Lookup) -> Match:
    """Whether the constraints of a grant that lists the operation (in lower case) let this request pass."""
    constraints = grant.constraints
    if operation == "retiregrant":
        return Match.YES
    found = _source_arn(constraints, lookup)
    if operation == "creategrant":
        return _both(found, _passes_on(grant, request))
    if operation == "describekey":
        return found
    return _both(found, _encryption_context(constraints, request))


def _both(one: Match, other: Match) -> Match:
    if Match.NO in (one, other):
        return Match.NO
    return Match.UNKNOWN if Match.UNKNOWN in (one, other) else Match.YES


def _source_arn(constraints: GrantConstraints, lookup: Lookup) -> Match:
    if constraints.source_arn is None:
        return Match.YES
    value = lookup("aws:sourcearn")
    if isinstance(value, Unknown):
        return Match.UNKNOWN
    return Match.YES if value == constraints.source_arn else Match.NO


def _encryption_context(constraints: GrantConstraints, request: Request) -> Match:
    """Weigh the request's encryption context, pair by pair and case-sensitively, against the constraint."""
    equals, subset = constraints.encryption_context_equals, constraints.encryption_context_subset
    if equals is None and subset is None:
        return Match.YES
    given = {
        key[len(_CONTEXT_KEY) :]: value
        for key, value in request.context.values.items()
        if key.lower().startswith(_CONTEXT_KEY)
    }
    more = may_hold(request, _CONTEXT_KEY)
    found = Match.YES
    for required in (equals or {}, subset or {}):
        for key, value in required.items():
            told = given.get(key)
            if isinstance(told, Unknown) or (told is None and more):
                found = Match.UNKNOWN
            elif told != value:
                return Match.NO
    if equals is None:
        return found
    surplus = [value for key, value in given.items() if key not in equals and value is not ABSENT]
    if any(not isinstance(value, Unknown) for value in surplus):
        return Match.NO
    return Match.UNKNOWN if more or surplus else found


def _passes_on(grant: Grant, request: Request) -> Match:
    """Whether a grant lets its grantee make the grant that is asked for: no more operations, constraints as tight."""
    child = request.grant_request
    if child is None:
        return Match.UNKNOWN
    parent = grant.constraints
    tight = (
        child.operations <= grant.operations
        and _as_tight(parent, child.constraints)
        and (parent.source_arn is None or parent.source_arn == child.constraints.source_arn)
    )
    return Match.YES if tight else Match.NO


def _as_tight(parent: GrantConstraints, child: GrantConstraints) -> bool:
    equals, subset = child.encryption_context_equals, child.encryption_context_subset
    if parent.encryption_context_equals is not None and equals != parent.encryption_context_equals:
        return False
    if parent.encryption_context_subset is None:
        return True
    return any(_includes(pairs, parent.encryption_context_subset) for pairs in (equals, subset))


def _includes(pairs: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    return pairs is not None and wanted.items() <= pairs.items()
