"""The policies of a simulation, each with what the simulator calls it.

A managed policy is called by its name, an inline one ``user_alice_PolicyName``, one given with the request
``PolicyInputList.1`` (all read off answers of AWS).
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.policy import Policy, PolicyType, parse_policy
from sparekey.services.directory.carried import carried, friendly_name, managed_document
from sparekey.services.directory.identities import GROUPS, ROLES, USERS, Group, Role, User
from sparekey.services.directory.remembered import Reads
from sparekey.services.documents.identity import SYNTAX
from sparekey.services.iam.errors import InvalidInputException, NoSuchEntityException
from sparekey.services.operation import Target

if TYPE_CHECKING:
    from sparekey.services.directory.carried import Carried
    from sparekey.services.operation import Call

Identifier = Mapping[str, object]

IAM_POLICY: Final = "IAM Policy"
BOUNDARY_POLICY: Final = "Permissions Boundary Policy"
RESOURCE_POLICY: Final = "Resource Policy"

_MANAGED_ARN: Final = re.compile(r"arn:[a-z-]+:iam::(?:[0-9]{12}|aws):policy/[^*]*\*?[^*]*")


class Source(NamedTuple):
    """A policy with its text, and the ``SourcePolicyId`` and ``SourcePolicyType`` the simulator gives it."""

    policy: Policy
    text: str
    policy_id: str
    policy_type: str


def source_entity(call: Call, arn: str) -> User | Group | Role:
    """The user, group or role an ARN names; its path does not matter.

    Raises:
        InvalidInputException: the ARN is none of a user, group or role.
        NoSuchEntityException: there is none of that name in the account.
    """
    segments = arn.split(":", 5)
    kind, _, name = segments[5].partition("/") if len(segments) == 6 else ("", "", "")
    if segments[0] != "arn" or kind not in ("user", "group", "role") or segments[2] != "iam" or not name:
        raise InvalidInputException(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    key = friendly_name(arn).lower()
    found: User | Group | Role | None = None
    if segments[4] == call.account:
        match kind:
            case "user":
                found = call.records.get(USERS, call.account, key)
            case "group":
                found = call.records.get(GROUPS, call.account, key)
            case _:
                found = call.records.get(ROLES, call.account, key)
    if found is None:
        raise NoSuchEntityException("Unable to retrieve specified IAM entity.")
    return found


def entity_target(call: Call, *, policy_source_arn: str, **_: object) -> Target:
    """What a question about an entity's policies acts on: the stored entity."""
    try:
        return Target(source_entity(call, policy_source_arn).arn)
    except (InvalidInputException, NoSuchEntityException):
        return Target(policy_source_arn)


def given(texts: Sequence[str], parameter: str, policy_type: PolicyType, source_type: str) -> list[Source]:
    """The policies a request brings, called by the parameter and counted from one.

    Raises:
        InvalidInputException: one of them is no policy.
    """
    return [
        _source(text, f"{parameter}.{number}", policy_type, source_type) for number, text in enumerate(texts, start=1)
    ]


def _source(text: str, policy_id: str, policy_type: PolicyType, source_type: str) -> Source:
    policy = parse_policy(text, type=policy_type, name=policy_id)
    if policy.malformed:
        raise InvalidInputException(SYNTAX)
    return Source(policy, text, policy_id, source_type)


def resource_source(text: str, policy_type: PolicyType) -> Source:
    """The resource-based policy of a request.

    Raises:
        InvalidInputException: it is no policy.
    """
    return _source(text, "ResourcePolicy", policy_type, RESOURCE_POLICY)


def carried_sources(call: Call, entity: User | Group | Role, excluded: Sequence[Identifier] = ()) -> list[Source]:
    """The policies an entity carries, but those a request leaves out.

    Raises:
        InvalidInputException: one of the identifiers is none.
    """
    identifiers = [_checked(identifier) for identifier in excluded]
    return [
        Source(each.policy, each.text, _policy_id(each), IAM_POLICY)
        for each in carried(Reads(call.records), entity)
        if not any(_identifies(identifier, each) for identifier in identifiers)
    ]


def boundary_source(call: Call, entity: User | Group | Role, excluded: Sequence[Identifier] = ()) -> Source | None:
    """The permissions boundary of an entity, unless a request leaves it out."""
    arn = None if isinstance(entity, Group) else entity.boundary
    if arn is None or any(each.get("PolicyType") == "permission-boundary" for each in excluded):
        return None
    text = managed_document(Reads(call.records), arn)
    return None if text is None else _source(text, friendly_name(arn), PolicyType.BOUNDARY, BOUNDARY_POLICY)


def leaves_out_scps(excluded: Iterable[Identifier]) -> bool:
    """Whether a request leaves out the SCPs."""
    return any(each.get("PolicyType") == "scp" for each in excluded)


def _policy_id(each: Carried) -> str:
    kind, name = each.owner
    return each.policy_name if each.policy.arn else f"{kind}_{name}_{each.policy_name}"


def _checked(identifier: Identifier) -> Identifier:
    """An identifier of policies to leave out, if it is one; the sentences are ours."""
    if len(identifier) != 1:
        members = "PolicyType, PolicyArn, or InlinePolicyIdentifier"
        raise InvalidInputException(f"Specify exactly one of {members} in each policy identifier.")
    arn = identifier.get("PolicyArn")
    if isinstance(arn, str) and not _MANAGED_ARN.fullmatch(arn):
        raise InvalidInputException(f"Invalid policy identifier: {arn}")
    inline = identifier.get("InlinePolicyIdentifier")
    if isinstance(inline, Mapping) and str(inline["AttachmentName"]).count("*") > 1:
        raise InvalidInputException(f"Invalid policy identifier: {inline['AttachmentName']}")
    return identifier


def _identifies(identifier: Identifier, each: Carried) -> bool:
    arn = each.policy.arn
    ((member, value),) = identifier.items()
    if member == "PolicyType":
        kind = "inline" if arn is None else "aws-managed" if ":iam::aws:" in arn else "user-managed"
        return value == kind
    if member == "PolicyArn":
        return arn is not None and _matches(str(value), arn)
    if not isinstance(value, Mapping) or arn is not None:
        return False
    kind, name = each.owner
    same = (value["PolicyName"], value["AttachmentType"]) == (each.policy_name, kind)
    return same and _matches(str(value["AttachmentName"]), name)


def _matches(pattern: str, text: str) -> bool:
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
