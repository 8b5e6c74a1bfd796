"""Entries of ``aws iam get-account-authorization-details`` as records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sparekey.arn import is_account_id
from sparekey.errors import InputError
from sparekey.services.directory.identities import LINKED_PATH, Group, LastUsed, Role, User
from sparekey.services.directory.instance_profiles import InstanceProfile
from sparekey.services.directory.policies import ManagedPolicy, PolicyVersion

if TYPE_CHECKING:
    from typing import NoReturn


@dataclass(frozen=True, slots=True)
class Entry:
    """A JSON object of a snapshot, and what to call it when something is wrong with it."""

    members: Mapping[str, object]
    label: str

    def wrong(self, what: str) -> NoReturn:
        """Refuse the entry.

        Raises:
            InputError: always.
        """
        raise InputError(f"{self.label}: {what}")

    def text(self, name: str) -> str:
        """A member that is text and must be there."""
        value = self.members.get(name)
        if not isinstance(value, str):
            self.wrong(f"`{name}` is missing" if value is None else f"`{name}` is no text")
        return value

    def optional(self, name: str) -> str | None:
        """A member that is text, if it is there."""
        return None if self.members.get(name) is None else self.text(name)

    def date(self, name: str) -> datetime:
        """A member that is a time and must be there."""
        value = self.members.get(name)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                self.wrong(f"`{name}` is no time: `{value}`")
        if not isinstance(value, datetime):
            self.wrong(f"`{name}` is missing" if value is None else f"`{name}` is no time")
        try:
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        except OverflowError:
            self.wrong(f"`{name}` is no time: `{value}`")

    def entries(self, name: str) -> Iterator[Entry]:
        """The objects of a list; nothing where the list is missing."""
        for index, value in enumerate(self.values(name)):
            label = f"{self.label}: `{name}` number {index + 1}"
            if not isinstance(value, Mapping):
                raise InputError(f"{label} is no JSON object")
            yield Entry(value, label)

    def values(self, name: str) -> Sequence[object]:
        """A member that is a list; empty where it is missing."""
        values = self.members.get(name)
        if values is not None and not isinstance(values, list | tuple):
            self.wrong(f"`{name}` is no list")
        return values or ()

    def document(self, name: str) -> str:
        """A policy document as text, given as text, in percent-encoding, or as an object."""
        value = self.members.get(name)
        if isinstance(value, Mapping):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        text = self.text(name)
        if text.lstrip().startswith("%"):
            text = unquote(text)
        try:
            parsed = json.loads(text)
        except ValueError:
            self.wrong(f"`{name}` is no JSON")
        if not isinstance(parsed, dict):
            self.wrong(f"`{name}` is no policy document")
        return text

    def inline(self, name: str) -> dict[str, str]:
        """Inline policies by their names."""
        return {each.text("PolicyName"): each.document("PolicyDocument") for each in self.entries(name)}

    def attached(self) -> tuple[str, ...]:
        """The ARNs of the attached managed policies."""
        return tuple(dict.fromkeys(each.text("PolicyArn") for each in self.entries("AttachedManagedPolicies")))

    def boundary(self) -> str | None:
        """The ARN of the permissions boundary, if there is one."""
        value = self.members.get("PermissionsBoundary")
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.wrong("`PermissionsBoundary` is no JSON object")
        return Entry(value, f"{self.label}: `PermissionsBoundary`").text("PermissionsBoundaryArn")

    def tags(self) -> dict[str, str]:
        """The tags."""
        return {each.text("Key"): each.optional("Value") or "" for each in self.entries("Tags")}

    def placed(self, resource_type: str, name_member: str) -> tuple[str, str, str]:
        """Name, path and ARN, which must agree."""
        name, path, arn = self.text(name_member), self.optional("Path") or "/", self.text("Arn")
        segments = arn.split(":", 5)
        if len(segments) != 6 or segments[0] != "arn" or not account_of(arn):
            self.wrong(f"`Arn` is no ARN of an account: `{arn}`")
        if segments[2] != "iam" or segments[5] != f"{resource_type}{path}{name}":
            self.wrong(f"`Arn` does not agree with its path and name: `{arn}`")
        return name, path, arn


def account_of(arn: str) -> str:
    """The account in an ARN; empty if there is none, as with AWS's own policies."""
    segments = arn.split(":", 5)
    account = segments[4] if len(segments) == 6 else ""
    return account if is_account_id(account) else ""


def user_of(entry: Entry) -> User:
    """A user of ``UserDetailList``."""
    name, path, arn = entry.placed("user", "UserName")
    return User(
        name=name,
        path=path,
        user_id=entry.text("UserId"),
        arn=arn,
        created=entry.date("CreateDate"),
        inline=entry.inline("UserPolicyList"),
        attached=entry.attached(),
        groups=tuple(dict.fromkeys(str(each) for each in entry.values("GroupList"))),
        boundary=entry.boundary(),
        tags=entry.tags(),
    )


def group_of(entry: Entry) -> Group:
    """A group of ``GroupDetailList``."""
    name, path, arn = entry.placed("group", "GroupName")
    return Group(
        name=name,
        path=path,
        group_id=entry.text("GroupId"),
        arn=arn,
        created=entry.date("CreateDate"),
        inline=entry.inline("GroupPolicyList"),
        attached=entry.attached(),
    )


def role_of(entry: Entry) -> Role:
    """A role of ``RoleDetailList``, whose trust policy is not bound yet."""
    name, path, arn = entry.placed("role", "RoleName")
    return Role(
        name=name,
        path=path,
        role_id=entry.text("RoleId"),
        arn=arn,
        created=entry.date("CreateDate"),
        trust=entry.document("AssumeRolePolicyDocument"),
        inline=entry.inline("RolePolicyList"),
        attached=entry.attached(),
        boundary=entry.boundary(),
        tags=entry.tags(),
        linked_service=path.removeprefix(LINKED_PATH).strip("/") if path.startswith(LINKED_PATH) else None,
    )


def last_used_of(entry: Entry) -> LastUsed | None:
    """When and where a role was last used, if it was."""
    value = entry.members.get("RoleLastUsed")
    if not isinstance(value, Mapping) or not value.get("LastUsedDate"):
        return None
    used = Entry(value, f"{entry.label}: `RoleLastUsed`")
    return LastUsed(used.date("LastUsedDate"), used.optional("Region") or "")


def instance_profile_of(entry: Entry) -> InstanceProfile:
    """An instance profile of a role's ``InstanceProfileList``."""
    name, path, arn = entry.placed("instance-profile", "InstanceProfileName")
    return InstanceProfile(
        name=name,
        path=path,
        profile_id=entry.text("InstanceProfileId"),
        arn=arn,
        created=entry.date("CreateDate"),
        roles=tuple(each.text("RoleName") for each in entry.entries("Roles")),
        tags=entry.tags(),
    )


def policy_of(entry: Entry) -> ManagedPolicy:
    """A customer managed policy of ``Policies``."""
    name, path, arn = entry.placed("policy", "PolicyName")
    versions = sorted((_version(each) for each in entry.entries("PolicyVersionList")), key=_number)
    default = entry.text("DefaultVersionId")
    if default not in (each.version_id for each in versions):
        entry.wrong(f"`PolicyVersionList` lacks the default version `{default}`")
    return ManagedPolicy(
        name=name,
        path=path,
        policy_id=entry.text("PolicyId"),
        arn=arn,
        created=entry.date("CreateDate"),
        updated=entry.date("UpdateDate"),
        default_version=default,
        versions=tuple(versions),
        next_version=_number(versions[-1]) + 1,
        description=entry.optional("Description"),
    )


def _version(entry: Entry) -> PolicyVersion:
    version = entry.text("VersionId")
    if version[:1] != "v" or not version[1:].isdecimal():
        entry.wrong(f"`VersionId` is none: `{version}`")
    return PolicyVersion(version, entry.document("Document"), entry.date("CreateDate"))


def _number(version: PolicyVersion) -> int:
    return int(version.version_id[1:])
