"""Policy documents as values: immutable, each statement with its place in the source.

Wherever a template leaves text open, a ``Text`` is an :class:`~sparekey.unknown.Unknown` in place of a string.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sparekey.source import Path, Place
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy._compile import CompiledPolicy

#: A piece of text in a policy, which a template may leave open.
Text = str | Unknown

#: Finds where the value at a path of the document stands; ``None`` where the document has no source text.
Locate = Callable[[Path], Place | None]


class Effect(StrEnum):
    """What a statement does when it applies."""

    ALLOW = "Allow"
    DENY = "Deny"


class PolicyType(StrEnum):
    """The kinds of policies AWS evaluates, in the words of its AccessDenied messages."""

    SCP = "service control policy"
    RCP = "resource control policy"
    ENDPOINT = "VPC endpoint policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"
    KEY = "key policy"  # a resource-based policy with KMS's rules; AWS's messages call it resource-based
    TRUST = "trust policy"  # a resource-based policy with STS's rules
    IDENTITY = "identity-based policy"
    GRANT = "grant"


class FaultCode(StrEnum):
    """What is wrong with a document, and by that what KMS says about it."""

    MALFORMED = "malformed"  # not JSON, unknown element, wrong type, unknown operator, invalid Effect or Version, …
    NO_PRINCIPAL = "no_principal"
    INVALID_PRINCIPALS = "invalid_principals"
    TOO_LARGE = "too_large"
    OVERLY_PERMISSIVE_CONDITION = "overly_permissive_condition"
    WITHOUT_EFFECT = "without_effect"  # accepted, and worth a word: a statement that can never apply
    SUSPICIOUS = "suspicious"  # accepted, and worth a word: a garbled action, look-alike characters, …


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a policy document: what, where (path in the document, place in the file), and what to change."""

    code: FaultCode
    message: str
    path: Path
    place: Place | None = None
    hint: str | None = None

    @property
    def refused(self) -> bool:
        """Whether AWS refuses the whole document for it."""
        return self.code not in (FaultCode.WITHOUT_EFFECT, FaultCode.SUSPICIOUS)


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """The Principal or NotPrincipal element.

    ``everyone`` is ``"*"`` or ``{"AWS": "*"}``. The lists hold what stands under the element's keys; a 12-digit
    account id under ``AWS`` is already written as the account's ``:root`` ARN. ``unknown`` holds parts the template
    leaves open entirely (the whole element, or a whole key of it): there may be any principals in them.
    """

    everyone: bool = False
    aws: tuple[Text, ...] = ()
    service: tuple[Text, ...] = ()
    federated: tuple[Text, ...] = ()
    canonical_user: tuple[Text, ...] = ()
    unknown: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One ``operator: {key: values}`` of a Condition element.

    ``operator`` is the base operator in AWS's spelling (``StringEquals``), ``qualifier`` the set operator before it,
    ``key`` the condition key as written.
    """

    operator: str
    key: Text
    values: tuple[Text, ...]
    qualifier: str | None = None  # "ForAllValues" | "ForAnyValue"
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. An element that is absent is ``None``; an empty list stays an empty tuple.

    ``unknown`` lists what the template leaves open so that the statement cannot be read: its mere presence, its
    effect, or a whole element. A statement with ``unknown`` parts never matches for sure, but it fails to match for
    sure if a part that is known fails. An element that is wholly open is represented by the ``Unknown`` in ``unknown``
    and by ``(Unknown,)`` in its own field.
    """

    index: int
    effect: Effect | Unknown
    sid: Text | None = None
    principal: PrincipalElement | None = None
    not_principal: PrincipalElement | None = None
    action: tuple[Text, ...] | None = None
    not_action: tuple[Text, ...] | None = None
    resource: tuple[Text, ...] | None = None
    not_resource: tuple[Text, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    path: Path = ()

    @property
    def label(self) -> str:
        """The Sid, or ``statement N`` counted from 1."""
        return f"`{self.sid}`" if self.sid else f"statement {self.index + 1}"


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Policy:
    """A policy document: parsed, with its faults. Compared and cached by identity.

    ``version`` is the Version element, or ``2008-10-17`` where it is missing: then policy variables are plain text.
    ``name`` is how messages name it (``key policy of `Key```, an ARN, a file). ``unknown`` is set when the
    document as a whole, or its list of statements, is left open: any statement may be in it.
    """

    type: PolicyType
    name: str
    statements: tuple[Statement, ...]
    version: str = "2008-10-17"
    id: Text | None = None
    faults: tuple[Fault, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    arn: str | None = None
    locate: Locate = field(default=lambda _path: None, repr=False)
    _compiled: CompiledPolicy | None = field(default=None, init=False, repr=False)

    @property
    def malformed(self) -> bool:
        """Whether AWS refuses to store this document (any fault that is more than a remark)."""
        return any(fault.refused for fault in self.faults)

    def place(self, statement: Statement) -> Place | None:
        """Where a statement of this policy stands in its file."""
        return self.locate(statement.path)
