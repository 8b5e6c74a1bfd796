"""Reads a request and its policies from plain data: the input of ``sparekey simulate`` and ``corpus/decisions``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.policy._document import Locate, Policy, PolicyType
from sparekey.policy._parse import parse_policy
from sparekey.policy._policies import PolicySet
from sparekey.policy._request import (
    ABSENT,
    ContextValue,
    Grant,
    GrantConstraints,
    GrantRequest,
    Principal,
    PrincipalKind,
    Request,
    RequestContext,
)
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.source import Path

#: What a case says about the request and its policies.
KEYS = (
    "principal",
    "action",
    "resource",
    "resource_owner",
    "context",
    "unknown_context",
    "policies",
    "grants",
    "grant_request",
)

#: What a case may say besides, to its readers and to the tests.
REMARKS = (
    "id",
    "source",
    "recorded",
    "evidence",
    "expect",
    "note",
    "because",
    "message",
    "message_contains",
    "hangs_on_contains",
    "also",
    "simulator",
    "contradicted_by_documentation",
    "contradicted_by_live",
)

_POLICY_KEYS = ("identity", "session", "boundary", "resource", "scp", "rcp", "endpoint")


def read_simulation(case: Mapping[str, object], *, locate: Locate | None = None) -> tuple[Request, PolicySet]:
    """Read one case: a request, and every policy that applies to it.

    Args:
        case: plain data in the format of ``docs/reference/simulate.md``.
        locate: tells where the value at a path of the case stands, for errors and for the places of statements.

    Raises:
        InputError: the case is no such data, or holds a policy that AWS would refuse.
    """
    reader = CaseReader(locate or (lambda _path: None))
    request = reader.request(case)
    return request, reader.policies(case, request)


class CaseReader:
    """Reads cases; ``locate`` tells where the values of the case at hand stand."""

    def __init__(self, locate: Locate, parse: Callable[..., Policy] = parse_policy) -> None:
        """Take the places, and what reads one policy document (a cache, where many cases share policies)."""
        self.locate = locate
        self._parse = parse

    def request(self, case: object) -> Request:
        """Read who asks for what, under which circumstances."""
        told = self._mapping(case, (), "a case", (*KEYS, *REMARKS))
        for key in ("principal", "action", "resource"):
            if key not in told:
                raise self._wrong(f"the case has no `{key}`", ())
        action = self._text(told["action"], ("action",))
        service, _, name = action.partition(":")
        if not service or not name or "*" in action:
            raise self._wrong(f"`{action}` is not an action", ("action",), hint="write it as `kms:Decrypt`")
        resource = self._open_text(told["resource"], ("resource",))
        owner = told.get("resource_owner")
        return Request(
            self._principal(told["principal"]),
            action,
            resource,
            self._context(told),
            None if owner is None else self._text(owner, ("resource_owner",)),
            self._grant_request(told.get("grant_request")),
        )

    def policies(self, case: object, request: Request) -> PolicySet:
        """Read the policies and grants that apply to a request."""
        told = self._mapping(case, (), "a case", (*KEYS, *REMARKS))
        policies = self._mapping(told.get("policies") or {}, ("policies",), "`policies`", _POLICY_KEYS)
        return PolicySet(
            identity=self._documents(policies, "identity", PolicyType.IDENTITY) or (),
            resource=self._document(policies, "resource", _resource_type(request)),
            boundary=self._document(policies, "boundary", PolicyType.BOUNDARY),
            session=self._documents(policies, "session", PolicyType.SESSION),
            scp=self._levels(policies, "scp", PolicyType.SCP),
            rcp=self._levels(policies, "rcp", PolicyType.RCP),
            endpoint=self._document(policies, "endpoint", PolicyType.ENDPOINT),
            grants=self._grants(told.get("grants")),
        )

    # --- policies

    def _documents(self, told: Mapping[str, object], key: str, of: PolicyType) -> tuple[Policy, ...] | Unknown | None:
        value = told.get(key)
        if value is None:
            return None
        path: Path = ("policies", key)
        unknown = _unknown(value)
        if unknown is not None:
            return unknown
        if not isinstance(value, list):
            return (self._policy(value, path, of, of.value),)
        return tuple(
            self._policy(document, (*path, index), of, f"{of.value} {index + 1}" if len(value) > 1 else of.value)
            for index, document in enumerate(value)
        )

    def _document(self, told: Mapping[str, object], key: str, of: PolicyType) -> Policy | Unknown | None:
        value = told.get(key)
        if value is None:
            return None
        if isinstance(value, list):
            raise self._wrong(f"`{key}` is one policy document, not a list", ("policies", key))
        return _unknown(value) or self._policy(value, ("policies", key), of, of.value)

    def _levels(
        self, told: Mapping[str, object], key: str, of: PolicyType
    ) -> tuple[tuple[Policy, ...], ...] | Unknown | None:
        value = told.get(key)
        if value is None:
            return None
        unknown = _unknown(value)
        if unknown is not None:
            return unknown
        if not isinstance(value, list) or not all(isinstance(level, list) for level in value):
            hint = f"write `{key}: [[<policy>, …], …]`, the organization's root first"
            raise self._wrong(f"`{key}` is a list of levels, each a list of policies", ("policies", key), hint=hint)
        return tuple(
            tuple(
                self._policy(document, ("policies", key, at, index), of, f"{of.value} {at + 1}.{index + 1}")
                for index, document in enumerate(level)
            )
            for at, level in enumerate(value)
        )

    def _policy(self, value: object, path: Path, of: PolicyType, name: str) -> Policy:
        arn: str | None = None
        if isinstance(value, dict) and "document" in value:
            wrapped = self._mapping(value, path, f"the {name}", ("document", "name", "arn"))
            arn = None if wrapped.get("arn") is None else self._text(wrapped["arn"], (*path, "arn"))
            name = self._text(wrapped["name"], (*path, "name")) if "name" in wrapped else arn or name
            value, path = wrapped["document"], (*path, "document")
        locate = self.locate
        policy = self._parse(
            value if isinstance(value, str) else with_unknowns(value),
            type=of,
            name=name,
            locate=lambda inner: locate(path if isinstance(value, str) else (*path, *inner)),
            arn=arn,
        )
        for fault in policy.faults:
            if fault.refused:
                raise InputError(f"{name}: {fault.message}", fault.place or locate(path), hint=fault.hint)
        return policy

    # --- grants

    def _grants(self, value: object) -> tuple[Grant, ...] | Unknown:
        if value is None:
            return ()
        unknown = _unknown(value)
        if unknown is not None:
            return unknown
        return tuple(self._grant(entry, ("grants", at)) for at, entry in enumerate(self._list(value, ("grants",))))

    def _grant(self, value: object, path: Path) -> Grant:
        keys = ("grantee", "operations", "constraints", "retiring_principal", "issuing_account", "name")
        told = self._mapping(value, path, "a grant", keys)
        for key in ("grantee", "operations"):
            if key not in told:
                raise self._wrong(f"the grant has no `{key}`", path)
        texts = {key: self._text(told[key], (*path, key)) for key in keys[3:] if told.get(key) is not None}
        return Grant(
            self._text(told["grantee"], (*path, "grantee")),
            frozenset(self._texts(told["operations"], (*path, "operations"))),
            self._constraints(told.get("constraints"), (*path, "constraints")),
            texts.get("retiring_principal"),
            texts.get("issuing_account"),
            texts.get("name"),
        )

    def _constraints(self, value: object, path: Path) -> GrantConstraints:
        keys = ("EncryptionContextEquals", "EncryptionContextSubset", "SourceArn")
        told = self._mapping(value or {}, path, "`constraints`", keys)
        contexts = {
            key: {name: self._text(text, (*path, key, name)) for name, text in self._pairs(told[key], (*path, key))}
            for key in keys[:2]
            if told.get(key) is not None
        }
        source = told.get("SourceArn")
        return GrantConstraints(
            contexts.get("EncryptionContextEquals"),
            contexts.get("EncryptionContextSubset"),
            None if source is None else self._text(source, (*path, "SourceArn")),
        )

    def _grant_request(self, value: object) -> GrantRequest | None:
        if value is None:
            return None
        path: Path = ("grant_request",)
        told = self._mapping(value, path, "`grant_request`", ("Operations", "Constraints"))
        operations = self._texts(told.get("Operations", []), (*path, "Operations"))
        return GrantRequest(frozenset(operations), self._constraints(told.get("Constraints"), (*path, "Constraints")))

    # --- the request

    def _principal(self, value: object) -> Principal:
        path: Path = ("principal",)
        if isinstance(value, str):
            return self._principal_from(value, path)
        keys = ("arn", "kind", "role_arn", "user_arn", "has_boundary")
        told = self._mapping(value, path, "`principal`", keys)
        principal = self._principal_from(self._text(told.get("arn", "*"), (*path, "arn")), path)
        boundary = told.get("has_boundary")
        return replace(
            principal,
            kind=self._kind_of(told["kind"], (*path, "kind")) if "kind" in told else principal.kind,
            role_arn=self._open_text(told["role_arn"], (*path, "role_arn"))
            if "role_arn" in told
            else principal.role_arn,
            user_arn=self._open_text(told["user_arn"], (*path, "user_arn"))
            if "user_arn" in told
            else principal.user_arn,
            has_boundary=principal.has_boundary if boundary is None else bool(boundary),
        )

    def _kind_of(self, value: object, path: Path) -> PrincipalKind:
        kind = self._text(value, path)
        if kind not in list(PrincipalKind):
            raise self._wrong(f"`{kind}` is no kind of principal", path, hint=f"one of: {', '.join(PrincipalKind)}")
        return PrincipalKind(kind)

    def _principal_from(self, text: str, path: Path) -> Principal:
        try:
            return Principal.from_arn(text)
        except ValueError as error:
            raise self._wrong(str(error), path) from None

    def _context(self, case: Mapping[str, object]) -> RequestContext:
        told = self._mapping(case.get("context") or {}, ("context",), "`context`", None)
        values = {key: self._value(value, ("context", key)) for key, value in told.items()}
        patterns = case.get("unknown_context")
        return RequestContext(values, () if patterns is None else self._texts(patterns, ("unknown_context",)))

    def _value(self, value: object, path: Path) -> ContextValue:
        if value is None:
            return ABSENT
        if isinstance(value, list):
            return tuple(self._text(text, (*path, at)) for at, text in enumerate(value))
        return self._open_text(value, path)

    # --- plain values

    def _mapping(self, value: object, path: Path, what: str, keys: tuple[str, ...] | None) -> Mapping[str, object]:
        if not isinstance(value, Mapping):
            raise self._wrong(f"{what} must be a mapping, not {_kind(value)}", path)
        for key in value:
            if keys is not None and key not in keys:
                hint = f"known are: {', '.join(known for known in keys if known not in REMARKS)}"
                raise self._wrong(f"{what} has no key `{key}`", (*path, str(key)), hint=hint)
        return value

    def _pairs(self, value: object, path: Path) -> list[tuple[str, object]]:
        return list(self._mapping(value, path, f"`{path[-1]}`", None).items())

    def _list(self, value: object, path: Path) -> list[object]:
        if not isinstance(value, list):
            raise self._wrong(f"`{path[-1]}` must be a list, not {_kind(value)}", path)
        return value

    def _texts(self, value: object, path: Path) -> tuple[str, ...]:
        if isinstance(value, str):
            return (value,)
        return tuple(self._text(text, (*path, at)) for at, text in enumerate(self._list(value, path)))

    def _open_text(self, value: object, path: Path) -> str | Unknown:
        return _unknown(value) or self._text(value, path)

    def _text(self, value: object, path: Path) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        raise self._wrong(f"`{path[-1]}` must be a text, not {_kind(value)}", path)

    def _wrong(self, message: str, path: Path, *, hint: str | None = None) -> InputError:
        return InputError(message, self.locate(path), hint=hint)


def with_unknowns(value: object) -> object:
    """Put an :class:`~sparekey.unknown.Unknown` in place of each ``{"unknown": "why"}`` inside a document."""
    if isinstance(value, dict):
        return _unknown(value) or {key: with_unknowns(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_unknowns(inner) for inner in value]
    return value


def _unknown(value: object) -> Unknown | None:
    """Read ``{"unknown": "why"}``, with ``pieces`` for a text that is known in part."""
    if not isinstance(value, dict) or "unknown" not in value or not value.keys() <= {"unknown", "pieces"}:
        return None
    why, pieces = value["unknown"], value.get("pieces", [None])
    if not isinstance(why, str) or not isinstance(pieces, list):
        return None
    if not pieces or not all(piece is None or isinstance(piece, str) for piece in pieces):
        return None
    return Unknown((why,), tuple(pieces))


def _resource_type(request: Request) -> PolicyType:
    """What kind of policy hangs on the resource."""
    action, resource = request.action.lower(), str(request.resource).split(":", 5)
    if action.startswith("kms:") or resource[2:3] == ["kms"]:
        return PolicyType.KEY
    if action.startswith("sts:assume") or (resource[2:3] == ["iam"] and resource[-1].startswith("role/")):
        return PolicyType.TRUST
    return PolicyType.RESOURCE


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "a mapping"
