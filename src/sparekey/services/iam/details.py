"""``GetAccountAuthorizationDetails``: all users, groups, roles and policies of an account, with their relations.

Every list is there even if it is empty, and so is ``RoleLastUsed``; descriptions of roles, session durations and the
tags of policies and instance profiles have no place in this answer at AWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.services.directory.identities import GROUPS, ROLES, USERS, Group, Role, User
from sparekey.services.directory.instance_profiles import INSTANCE_PROFILES, PROFILES_OF_ROLE
from sparekey.services.directory.policies import ATTACHMENTS, BOUNDARY_USES, POLICIES, ManagedPolicy
from sparekey.services.iam import aws_managed
from sparekey.services.iam.attachments import attached_members
from sparekey.services.iam.documents import encoded
from sparekey.services.iam.paging import paged, read_marker, walk
from sparekey.services.iam.policies import listed_policy
from sparekey.services.iam.policy_versions import shown_version
from sparekey.services.iam.resources import nothing
from sparekey.services.iam.shapes import bare_role, boundary_member, listed_instance_profile, role_last_used
from sparekey.services.iam.tagging import tag_list
from sparekey.services.operation import Call, Output, operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sparekey.services.iam.entities import Identity
    from sparekey.storage.interface import Key

    Members = dict[str, object]


class Section(NamedTuple):
    """A part of the answer: its word in ``Filter``, the list it goes to, and what is in it behind a place."""

    entity_type: str
    member: str
    entries: Callable[[Call, str], Iterator[tuple[str, Members]]]


def _users(call: Call, after: str) -> Iterator[tuple[str, Members]]:
    for key, user in walk(call.records, USERS, call.account, after=_behind(call, after)):
        yield key[1], _user(user)


def _groups(call: Call, after: str) -> Iterator[tuple[str, Members]]:
    for key, group in walk(call.records, GROUPS, call.account, after=_behind(call, after)):
        yield key[1], _group(group)


def _roles(call: Call, after: str) -> Iterator[tuple[str, Members]]:
    for key, role in walk(call.records, ROLES, call.account, after=_behind(call, after)):
        yield key[1], _role(call, role)


def _own_policies(call: Call, after: str) -> Iterator[tuple[str, Members]]:
    for key, policy in walk(call.records, POLICIES, call.account, after=_behind(call, after)):
        yield key[1], _policy(call, policy)


def _aws_policies(call: Call, after: str) -> Iterator[tuple[str, Members]]:
    """AWS's own policies that something in the account uses."""
    for policy_arn in used_aws_policies(call):
        policy = aws_managed.find(policy_arn) if policy_arn > after else None
        if policy is not None:
            yield policy_arn, _policy(call, policy)


#: In the order in which they are paged through.
SECTIONS: Final = (
    Section("User", "UserDetailList", _users),
    Section("Group", "GroupDetailList", _groups),
    Section("Role", "RoleDetailList", _roles),
    Section("LocalManagedPolicy", "Policies", _own_policies),
    Section("AWSManagedPolicy", "Policies", _aws_policies),
)


@operation("iam:GetAccountAuthorizationDetails", resource=nothing)
def get_account_authorization_details(
    call: Call,
    *,
    filter: Sequence[str] = (),  # noqa: A002 - the name of the member
    marker: str | None = None,
    max_items: int | None = None,
) -> Output:
    """Show the account's users, groups, roles and policies, or those of the given types."""
    place = read_marker(marker) if marker else ()
    shown = paged(_entries(call, frozenset(filter), place), max_items)
    members: dict[str, list[Members]] = {section.member: [] for section in SECTIONS}
    for member, entry in shown.items:
        members[member].append(entry)
    return {**members, **shown.members}


def _entries(call: Call, wanted: frozenset[str], place: Key) -> Iterator[tuple[Key, tuple[str, Members]]]:
    """The entries behind a place, each with its own place and the list it belongs to."""
    words = [section.entity_type for section in SECTIONS]
    word, after = place if len(place) == 2 and place[0] in words else (words[0], "")
    for section in SECTIONS[words.index(word) :]:
        if not wanted or section.entity_type in wanted:
            for name, entry in section.entries(call, after):
                yield (section.entity_type, name), (section.member, entry)
        after = ""


def _behind(call: Call, name: str) -> Key | None:
    return (call.account, name) if name else None


def used_aws_policies(call: Call) -> list[str]:
    """The ARNs of AWS's own policies that are attached in the account or bound something, in order."""
    found: set[str] = set()
    for uses in (ATTACHMENTS, BOUNDARY_USES):
        last = f"arn:{call.partition}:iam::aws:policy/"
        while True:
            # from one policy to the next, however many entities use each
            some = list(call.records.scan(uses, call.account, after=(call.account, last, "~", "~"), limit=1))
            if not some or ":iam::aws:" not in some[0][0][1]:
                break
            last = some[0][0][1]
            found.add(last)
    return sorted(found)


def _inline(documents: Mapping[str, str]) -> list[Members]:
    return [{"PolicyName": name, "PolicyDocument": encoded(text)} for name, text in documents.items()]


def _attached(identity: Identity) -> list[dict[str, str]]:
    return [attached_members(each) for each in identity.attached]


def _user(user: User) -> Members:
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": user.arn,
        "CreateDate": user.created,
        "UserPolicyList": _inline(user.inline),
        "GroupList": list(user.groups),
        "AttachedManagedPolicies": _attached(user),
        **boundary_member(user.boundary),
        "Tags": tag_list(user.tags),
    }


def _group(group: Group) -> Members:
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.group_id,
        "Arn": group.arn,
        "CreateDate": group.created,
        "GroupPolicyList": _inline(group.inline),
        "AttachedManagedPolicies": _attached(group),
    }


def _role(call: Call, role: Role) -> Members:
    profiles = [
        call.records.get(INSTANCE_PROFILES, call.account, key[2])
        for key, _ in call.records.scan(PROFILES_OF_ROLE, call.account, role.name.lower())
    ]
    return {
        **bare_role(call, role),
        "InstanceProfileList": [listed_instance_profile(call, each) for each in profiles if each is not None],
        "RolePolicyList": _inline(role.inline),
        "AttachedManagedPolicies": _attached(role),
        **boundary_member(role.boundary),
        "Tags": tag_list(role.tags),
        "RoleLastUsed": role_last_used(call, role),
    }


def _policy(call: Call, policy: ManagedPolicy) -> Members:
    members = listed_policy(call, policy)
    if policy.description is not None:
        members["Description"] = policy.description
    members["PolicyVersionList"] = [
        {"Document": encoded(each.document), **shown_version(policy, each)} for each in reversed(policy.versions)
    ]
    return members


OPERATIONS = (get_account_authorization_details,)
