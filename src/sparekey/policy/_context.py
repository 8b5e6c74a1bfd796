"""What a context key holds for one request: what was given, what the principal implies, what is not told."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sparekey.policy._pattern import compile_glob
from sparekey.policy._request import ABSENT, ContextValue, Lookup, Principal, PrincipalKind, Request
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: ``aws:PrincipalType`` as AWS documents it; an AWS service's calls carry none.
_PRINCIPAL_TYPES = {
    PrincipalKind.ROOT_USER: "Account",
    PrincipalKind.IAM_USER: "User",
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.SERVICE_LINKED_ROLE: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ANONYMOUS: "Anonymous",
}

#: KMS actions whose requests do not carry ``kms:CallerAccount``.
_ACCOUNTLESS = frozenset(("kms:generaterandom", "kms:listaliases", "kms:listkeys", "kms:listretirablegrants"))


def context_lookup(
    request: Request, owner: str, implied: Mapping[str, ContextValue], spelling: Callable[[str], str]
) -> Lookup:
    """Make the lookup for one request; explicit context wins over what the principal implies.

    ``spelling`` turns a lower-cased key back into the way the policies write it, to name it to the user.
    """
    context = request.context
    given = context.lowered
    unknown = context.unknown
    others = context.others

    def lookup(key: str) -> ContextValue:
        value = given.get(key)
        if value is None and others is not None:
            value = others(key)
        if value is not None:
            return value
        value = implied.get(key)
        if value is not None:
            return value
        if key == "aws:resourceaccount" and owner and request.resource != "*":
            return owner
        if unknown and _covers(unknown)(key):
            return Unknown((f"context key `{spelling(key)}`",))
        return ABSENT

    return lookup


def may_hold(request: Request, prefix: str) -> bool:
    """Whether the request may hold further keys of a family (``kms:encryptioncontext:``) that are not told."""
    return any(
        prefix.startswith(pattern.lower().partition("*")[0]) or pattern.lower().startswith(prefix)
        for pattern in request.context.unknown
    )


@lru_cache(maxsize=256)
def _covers(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    matchers = [compile_glob(pattern.lower()) for pattern in patterns]
    return lambda key: any(matches(key) for matches in matchers)


def implied_for(action: str, implied: dict[str, ContextValue]) -> dict[str, ContextValue]:
    """What the principal implies for an action (in lower case): ``kms:CallerAccount`` is a key of KMS's requests."""
    account = implied.get("aws:principalaccount")
    if account is None or not action.startswith("kms:") or action in _ACCOUNTLESS:
        return implied
    return implied | {"kms:calleraccount": account}


def implied_by(principal: Principal) -> dict[str, ContextValue]:
    """The context keys that follow from who the principal is, under lower-cased keys."""
    kind = principal.kind
    implied: dict[str, ContextValue] = {}
    if kind in _PRINCIPAL_TYPES:
        implied["aws:principaltype"] = _PRINCIPAL_TYPES[kind]
    if kind is PrincipalKind.ANONYMOUS:
        return implied | {"aws:userid": "anonymous"}
    implied["aws:principalisawsservice"] = "true" if kind is PrincipalKind.AWS_SERVICE else "false"
    if kind is PrincipalKind.AWS_SERVICE:
        names = Unknown((f"the service principal names of `{principal.arn}`",))
        return implied | {"aws:principalservicename": principal.arn, "aws:principalservicenameslist": names}
    implied["aws:principalaccount"] = principal.account
    implied["aws:principalarn"] = _principal_arn(principal)
    return implied | _identifiers(principal)


def _principal_arn(principal: Principal) -> str | Unknown:
    """The ``aws:PrincipalArn`` of a principal: for a session, the ARN of its role."""
    if principal.kind in (PrincipalKind.ROLE_SESSION, PrincipalKind.SERVICE_LINKED_ROLE):
        return role_of(principal)
    return principal.arn


def role_of(principal: Principal) -> str | Unknown:
    """The role behind a session; the session's ARN does not tell the role's path."""
    if principal.role_arn:
        return principal.role_arn
    prefix, _, names = principal.arn.partition(":assumed-role/")
    if not names:
        return principal.arn
    role = names.split("/", 1)[0]
    return Unknown((f"the path of role `{role}`",), (f"{prefix.replace(':sts:', ':iam:')}:role/", None, role))


def _identifiers(principal: Principal) -> dict[str, ContextValue]:
    """``aws:userid`` and ``aws:username``; unique ids are never told."""
    name = principal.arn.rpartition("/")[2]
    match principal.kind:
        case PrincipalKind.ROOT_USER:
            return {"aws:userid": principal.account}
        case PrincipalKind.FEDERATED_USER:
            return {"aws:userid": f"{principal.account}:{name}"}
        case PrincipalKind.IAM_USER:
            return {"aws:userid": Unknown((f"the unique id of `{principal.arn}`",)), "aws:username": name}
        case _:
            pieces = (None, f":{name}") if ":assumed-role/" in principal.arn else (None,)
            return {"aws:userid": Unknown((f"the unique id of the role of `{principal.arn}`",), pieces)}
