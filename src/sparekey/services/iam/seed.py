"""Loading accounts from snapshots: what ``aws iam get-account-authorization-details`` printed becomes records.

Unique ids, ARNs, paths, dates, versions, boundaries, tags, memberships, instance profiles and last use stay as they
were. What the snapshot does not hold (credentials, descriptions and session durations of roles) is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from sparekey.errors import InputError
from sparekey.services.directory import tallies
from sparekey.services.directory.accounts import ACCOUNTS, Account
from sparekey.services.directory.identities import (
    GROUPS,
    LAST_USED,
    MEMBERS,
    ROLES,
    UNIQUE_IDS,
    USERS,
    Group,
    LastUsed,
    Reference,
    Role,
    User,
)
from sparekey.services.directory.instance_profiles import INSTANCE_PROFILES, PROFILES_OF_ROLE, InstanceProfile
from sparekey.services.directory.policies import ATTACHMENTS, BOUNDARY_USES, POLICIES, ManagedPolicy
from sparekey.services.iam import aws_managed
from sparekey.services.iam.entities import boundaries_of, keep, kind_of, of_same_name, unique_id_of, uses_named
from sparekey.services.iam.paths import note_path
from sparekey.services.iam.seed_entries import (
    Entry,
    account_of,
    group_of,
    instance_profile_of,
    last_used_of,
    policy_of,
    role_of,
    user_of,
)
from sparekey.services.iam.trust import known_principals

if TYPE_CHECKING:
    from sparekey.services.iam.entities import Identity
    from sparekey.storage.interface import Kind, Transaction

T = TypeVar("T")

#: The lists of a page.
_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


class Seeded(NamedTuple):
    """What was loaded: the accounts, and what a reader of the log should know."""

    accounts: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Contents:
    """The records of one account in a snapshot, by lower-cased names (policies by ARN)."""

    account: str
    records: Transaction
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    policies: dict[str, ManagedPolicy] = field(default_factory=dict)
    profiles: dict[str, InstanceProfile] = field(default_factory=dict)
    last_used: dict[str, LastUsed] = field(default_factory=dict)
    counted: dict[str, list[str]] = field(default_factory=dict)
    bare: bool = False

    def count(self, what: str, identifier: str) -> None:
        """Count one more of something, in the end."""
        self.counted.setdefault(what, []).append(identifier)


def load_details(records: Transaction, pages: Iterable[object], *, now: datetime) -> Seeded:
    """Write what snapshots hold; ``pages`` are parsed JSON, of one or more accounts.

    What is there already by its unique id is left as it is, so that the same snapshot can be given at every start.

    Raises:
        InputError: something is missing, contradictory, or in the way of what is there; the transaction must not be
            committed then.
    """
    accounts: dict[str, Contents] = {}
    for entry, name in _entries(pages):
        _take(entry, name, accounts, records)
    warnings: dict[str, None] = {}
    for contents in accounts.values():
        warnings.update(dict.fromkeys(_check(contents)))
        if records.get(ACCOUNTS, contents.account) is None:
            records.put(ACCOUNTS, (contents.account,), Account(contents.account, now))
        contents.bare = _is_bare(contents)
    new = [role for contents in accounts.values() for role in _write(contents)]
    for contents, role in new:  # when every principal is there
        bound = known_principals(records, contents.account, role.trust)
        if bound:
            keep(contents, replace(role, bound=bound))
    for contents in accounts.values():
        for what, identifiers in contents.counted.items():
            tallies.add_all(records, contents.account, what, identifiers)
    return Seeded(tuple(accounts), tuple(warnings))


def _is_bare(contents: Contents) -> bool:
    """Whether an account has no users, groups and roles: then none has to be looked for."""
    records, account = contents.records, contents.account
    kinds = cast("tuple[Kind[object], ...]", (USERS, GROUPS, ROLES, UNIQUE_IDS))
    return not any(records.count(kind, account, limit=1) for kind in kinds)


def _entries(pages: Iterable[object]) -> Iterator[tuple[Entry, str]]:
    for number, page in enumerate(_flat(pages)):
        if not isinstance(page, Mapping) or not any(name in page for name in _LISTS):
            raise InputError(f"page {number + 1} is no output of `aws iam get-account-authorization-details`")
        whole = Entry(page, f"page {number + 1}")
        for name in _LISTS:
            for entry in whole.entries(name):
                yield Entry(entry.members, _label(entry)), name


def _flat(pages: Iterable[object]) -> Iterator[object]:
    for page in pages:
        if isinstance(page, list):
            yield from page
        else:
            yield page


def _label(entry: Entry) -> str:
    arn = entry.members.get("Arn")
    return f"`{arn}`" if isinstance(arn, str) else entry.label


def _take(entry: Entry, name: str, accounts: dict[str, Contents], records: Transaction) -> None:
    """Read an entry into the contents of its account."""
    arn = entry.text("Arn")
    account = account_of(arn)
    if name == "Policies" and not account:
        return  # AWS's own, which the catalog has
    contents = accounts.setdefault(account, Contents(account, records))
    match name:
        case "UserDetailList":
            user = user_of(entry)
            _once(contents.users, user.name.lower(), user, entry)
        case "GroupDetailList":
            group = group_of(entry)
            _once(contents.groups, group.name.lower(), group, entry)
        case "RoleDetailList":
            role = role_of(entry)
            _once(contents.roles, role.name.lower(), role, entry)
            used = last_used_of(entry)
            if used is not None:
                contents.last_used[role.name.lower()] = used
            for each in entry.entries("InstanceProfileList"):
                profile = instance_profile_of(each)
                _once(contents.profiles, profile.name.lower(), profile, each)
        case _:
            policy = policy_of(entry)
            _once(contents.policies, policy.arn, policy, entry)


def _once(found: dict[str, T], key: str, record: T, entry: Entry) -> None:
    """Keep a record; the same may come twice, on overlapping pages."""
    if found.setdefault(key, record) != record:
        entry.wrong("is there twice, and not the same")


def _check(contents: Contents) -> Iterator[str]:
    """Hold the relations of an account to what there is; what is missing but harmless is worth a warning.

    Raises:
        InputError: an identity has a policy or is in a group that is nowhere.
    """
    records, account = contents.records, contents.account
    for identity in _identities(contents):
        for policy_arn in (*identity.attached, *boundaries_of(identity)):
            if not account_of(policy_arn):
                if aws_managed.find(policy_arn) is None:
                    yield f"`{policy_arn}` is not known here and grants nothing"
            elif policy_arn not in contents.policies and not _stored(records, account, policy_arn):
                raise InputError(f"`{identity.arn}`: its policy `{policy_arn}` is missing")
    for user in contents.users.values():
        for name in user.groups:
            if name.lower() not in contents.groups and records.get(GROUPS, account, name.lower()) is None:
                raise InputError(f"`{user.arn}`: its group `{name}` is missing")


def _identities(contents: Contents) -> Iterator[Identity]:
    yield from contents.users.values()
    yield from contents.groups.values()
    yield from contents.roles.values()


def _stored(records: Transaction, account: str, policy_arn: str) -> bool:
    found = records.get(POLICIES, account, policy_arn.rpartition("/")[2].lower())
    return found is not None and found.arn == policy_arn


def _write(contents: Contents) -> list[tuple[Contents, Role]]:
    """Write an account's new records and what finds them; the roles among them."""
    for policy in contents.policies.values():
        _write_policy(contents, policy)
    new = [each for each in _identities(contents) if _write_identity(contents, each)]
    for profile in contents.profiles.values():
        _write_profile(contents, profile)
    return [(contents, each) for each in new if isinstance(each, Role)]


def _write_policy(contents: Contents, policy: ManagedPolicy) -> None:
    records, key = contents.records, (contents.account, policy.name.lower())
    there = records.get(POLICIES, *key)
    if there is not None:
        _same(there.policy_id, policy.policy_id, policy.arn)
        return
    records.put(POLICIES, key, policy)
    contents.count("Policies", policy.policy_id)
    for _ in policy.versions:
        contents.count("PolicyVersionsInUse", policy.policy_id)


def _write_identity(contents: Contents, identity: Identity) -> bool:
    """Write a user, group or role; whether it was not there."""
    records, account, name = contents.records, contents.account, identity.name.lower()
    identifier = unique_id_of(identity)
    if not contents.bare:
        there = of_same_name(contents, identity)
        if there is not None:
            _same(unique_id_of(there), identifier, identity.arn)
            return False
        if records.get(UNIQUE_IDS, account, identifier) is not None:
            return False  # renamed since
    keep(contents, identity)
    records.put(UNIQUE_IDS, (account, identifier), Reference(identity.arn))
    if not isinstance(identity, Group):
        note_path(contents, identity)
    kind = kind_of(identity)
    contents.count(kind.quota, identifier)
    for uses, policy_arns in ((ATTACHMENTS, identity.attached), (BOUNDARY_USES, boundaries_of(identity))):
        for policy_arn in policy_arns:
            records.put(uses, (account, policy_arn, kind.word, name), Reference(identity.name))
            contents.count(uses_named(uses, policy_arn), identifier)
    if isinstance(identity, User):
        for group_name in identity.groups:
            records.put(MEMBERS, (account, group_name.lower(), name), Reference(identity.name))
    if isinstance(identity, Role) and name in contents.last_used:
        records.put(LAST_USED, (account, f"role/{name}"), contents.last_used[name])
    return True


def _write_profile(contents: Contents, profile: InstanceProfile) -> None:
    records, account, name = contents.records, contents.account, profile.name.lower()
    there = records.get(INSTANCE_PROFILES, account, name)
    if there is not None:
        _same(there.profile_id, profile.profile_id, profile.arn)
        return
    for role_name in profile.roles:
        if records.get(ROLES, account, role_name.lower()) is None:
            raise InputError(f"`{profile.arn}`: its role `{role_name}` is missing")
        records.put(PROFILES_OF_ROLE, (account, role_name.lower(), name), Reference(profile.name))
    records.put(INSTANCE_PROFILES, (account, name), profile)
    contents.count("InstanceProfiles", profile.profile_id)


def _same(there: str, given: str, arn: str) -> None:
    if there != given:
        raise InputError(f"`{arn}`: another of that name is there already (`{there}`)")
