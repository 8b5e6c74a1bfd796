"""Reads a request and its policies from plain data: the input of ``sparekey simulate`` and ``corpus/decisions``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.policy._case_values import CaseValues, unknown_in, with_unknowns
from sparekey.policy._compile import remember
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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.source import Path
    from sparekey.unknown import Unknown

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


class CaseReader(CaseValues):
    """Reads one case; ``locate`` tells where its values stand."""

    def __init__(self, locate: Locate, principals: dict[object, Principal] | None = None) -> None:
        """Take the places, and the principals that have been read before, where many cases are read."""
        super().__init__(locate)
        self._partition = "aws"
        self._principals = {} if principals is None else principals

    def request(self, case: object) -> Request:
        """Read who asks for what, under which circumstances."""
        told = self.mapping(case, (), "a case", KEYS, REMARKS)
        for key in ("principal", "action", "resource"):
            if key not in told:
                raise self.wrong(f"the case has no `{key}`", ())
        action = self.text(told["action"], ("action",))
        service, _, name = action.partition(":")
        if not service or not name or "*" in action:
            raise self.wrong(f"`{action}` is not an action", ("action",), hint="write it as `kms:Decrypt`")
        resource = self.open_text(told["resource"], ("resource",))
        owner = told.get("resource_owner")
        return Request(
            self._principal(told["principal"]),
            action,
            resource,
            self._context(told),
            None if owner is None else self.text(owner, ("resource_owner",)),
            self._grant_request(told.get("grant_request")),
        )

    def policies(self, case: object, request: Request) -> PolicySet:
        """Read the policies and grants that apply to a request."""
        told = self.mapping(case, (), "a case", KEYS, REMARKS)
        self._partition = request.principal.partition
        policies = self.mapping(told.get("policies") or {}, ("policies",), "`policies`", _POLICY_KEYS)
        return PolicySet(
            identity=self._documents(policies, "identity", PolicyType.IDENTITY) or (),
            resource=self._document(policies, "resource", resource_type(request)),
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
        unknown = unknown_in(value)
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
            raise self.wrong(f"`{key}` is one policy document, not a list", ("policies", key))
        return unknown_in(value) or self._policy(value, ("policies", key), of, of.value)

    def _levels(
        self, told: Mapping[str, object], key: str, of: PolicyType
    ) -> tuple[tuple[Policy, ...], ...] | Unknown | None:
        value = told.get(key)
        if value is None:
            return None
        unknown = unknown_in(value)
        if unknown is not None:
            return unknown
        if not isinstance(value, list) or not all(isinstance(level, list) for level in value):
            hint = f"write `{key}: [[<policy>, …], …]`, the organization's root first"
            raise self.wrong(f"`{key}` is a list of levels, each a list of policies", ("policies", key), hint=hint)
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
            wrapped = self.mapping(value, path, f"the {name}", ("document", "name", "arn"))
            arn = None if wrapped.get("arn") is None else self.text(wrapped["arn"], (*path, "arn"))
            name = self.text(wrapped["name"], (*path, "name")) if "name" in wrapped else arn or name
            value, path = wrapped["document"], (*path, "document")
        locate = self.locate
        policy = parse_policy(
            value if isinstance(value, str) else with_unknowns(value),
            type=of,
            name=name,
            locate=lambda inner: locate(path if isinstance(value, str) else (*path, *inner)),
            arn=arn,
            partition=self._partition,
        )
        for fault in policy.faults:
            if fault.refused:
                raise InputError(f"{name}: {fault.message}", fault.place or locate(path), hint=fault.hint)
        return policy

    # --- grants

    def _grants(self, value: object) -> tuple[Grant, ...] | Unknown:
        if value is None:
            return ()
        unknown = unknown_in(value)
        if unknown is not None:
            return unknown
        return tuple(self._grant(entry, ("grants", at)) for at, entry in enumerate(self.list(value, ("grants",))))

    def _grant(self, value: object, path: Path) -> Grant:
        keys = ("grantee", "operations", "constraints", "retiring_principal", "issuing_account", "name")
        told = self.mapping(value, path, "a grant", keys)
        for key in ("grantee", "operations"):
            if key not in told:
                raise self.wrong(f"the grant has no `{key}`", path)
        texts = {key: self.text(told[key], (*path, key)) for key in keys[3:] if told.get(key) is not None}
        return Grant(
            self.text(told["grantee"], (*path, "grantee")),
            frozenset(self.texts(told["operations"], (*path, "operations"))),
            self._constraints(told.get("constraints"), (*path, "constraints")),
            texts.get("retiring_principal"),
            texts.get("issuing_account"),
            texts.get("name"),
        )

    def _constraints(self, value: object, path: Path) -> GrantConstraints:
        keys = ("EncryptionContextEquals", "EncryptionContextSubset", "SourceArn")
        told = self.mapping(value or {}, path, "`constraints`", keys)
        contexts = {key: self.texts_by_key(told[key], (*path, key)) for key in keys[:2] if told.get(key) is not None}
        source = told.get("SourceArn")
        return GrantConstraints(
            contexts.get("EncryptionContextEquals"),
            contexts.get("EncryptionContextSubset"),
            None if source is None else self.text(source, (*path, "SourceArn")),
        )

    def _grant_request(self, value: object) -> GrantRequest | None:
        if value is None:
            return None
        path: Path = ("grant_request",)
        told = self.mapping(value, path, "`grant_request`", ("Operations", "Constraints"))
        operations = self.texts(told.get("Operations", []), (*path, "Operations"))
        return GrantRequest(frozenset(operations), self._constraints(told.get("Constraints"), (*path, "Constraints")))

    # --- the request

    def _principal(self, value: object) -> Principal:
        key = value if isinstance(value, str) else tuple(value.items()) if isinstance(value, dict) else None
        try:
            known = self._principals.get(key)
        except TypeError:  # a part that is not told
            return self._read_principal(value)
        if known is None:
            known = self._read_principal(value)
            remember(self._principals, key, known)
        return known

    def _read_principal(self, value: object) -> Principal:
        path: Path = ("principal",)
        if isinstance(value, str):
            return self._principal_from(value, path)
        keys = ("arn", "kind", "role_arn", "user_arn", "has_boundary")
        told = self.mapping(value, path, "`principal`", keys)
        principal = self._principal_from(self.text(told.get("arn", "*"), (*path, "arn")), path)
        boundary = told.get("has_boundary")
        return replace(
            principal,
            kind=self._kind_of(told["kind"], (*path, "kind")) if "kind" in told else principal.kind,
            role_arn=self.open_text(told["role_arn"], (*path, "role_arn"))
            if "role_arn" in told
            else principal.role_arn,
            user_arn=self.open_text(told["user_arn"], (*path, "user_arn"))
            if "user_arn" in told
            else principal.user_arn,
            has_boundary=principal.has_boundary if boundary is None else bool(boundary),
        )

    def _kind_of(self, value: object, path: Path) -> PrincipalKind:
        kind = self.text(value, path)
        if kind not in list(PrincipalKind):
            raise self.wrong(f"`{kind}` is no kind of principal", path, hint=f"one of: {', '.join(PrincipalKind)}")
        return PrincipalKind(kind)

    def _principal_from(self, text: str, path: Path) -> Principal:
        try:
            return Principal.from_arn(text)
        except ValueError as error:
            raise self.wrong(str(error), path) from None

    def _context(self, case: Mapping[str, object]) -> RequestContext:
        told = self.mapping(case.get("context") or {}, ("context",), "`context`", None)
        values = {
            key: value if type(value) is str else self._value(value, ("context", key)) for key, value in told.items()
        }
        patterns = case.get("unknown_context")
        return RequestContext(values, () if patterns is None else self.texts(patterns, ("unknown_context",)))

    def _value(self, value: object, path: Path) -> ContextValue:
        if value is None:
            return ABSENT
        if isinstance(value, list):
            return tuple(self.text(text, (*path, at)) for at, text in enumerate(value))
        return self.open_text(value, path)


def resource_type(request: Request) -> PolicyType:
    """What kind of policy hangs on the resource."""
    action, resource = request.action.lower(), str(request.resource).split(":", 5)
    if action.startswith("kms:") or resource[2:3] == ["kms"]:
        return PolicyType.KEY
    if action.startswith("sts:assume") or (resource[2:3] == ["iam"] and resource[-1].startswith("role/")):
        return PolicyType.TRUST
    return PolicyType.RESOURCE
