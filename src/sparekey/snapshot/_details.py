"""Pages of ``aws iam get-account-authorization-details``, and the identities in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import InputError
from sparekey.policy import Policy, PolicyType
from sparekey.snapshot._account import Identity
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.snapshot._json import Source
    from sparekey.source import Path, Place

#: The lists of a page.
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


class Detail(NamedTuple):
    """A JSON object of a page, with its way back to the file. The first letter of a key may be a small one."""

    value: Mapping[str, object]
    source: Source
    path: Path = ()

    def get(self, key: str) -> tuple[object, Path]:
        """Return the value of a key (``None`` where it is missing) and its path."""
        name = key if key in self.value else key[:1].lower() + key[1:]
        return self.value.get(name), (*self.path, name)

    def text(self, key: str) -> str | None:
        """Return a member that is text, or ``None``."""
        value, path = self.get(key)
        if value is not None and not isinstance(value, str):
            raise InputError(f"`{key}` is no text", self.source.place(path))
        return value

    def required(self, key: str) -> str:
        """Return a member that is text and must be there."""
        if (text := self.text(key)) is None:
            raise InputError(f"`{key}` is missing", self.source.place(self.path))
        return text

    def entries(self, key: str) -> Iterator[Detail]:
        """Return the objects of a list; nothing where the list is missing."""
        values, path = self.get(key)
        if values is None:
            return
        if not isinstance(values, list):
            raise InputError(f"`{key}` is no list", self.source.place(path))
        for index, value in enumerate(values):
            yield self.child(value, (*path, index))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list; whatever else is in it is left out."""
        values, _ = self.get(key)
        return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()

    def child(self, value: object, path: Path) -> Detail:
        """Make the detail of an object inside this one."""
        if not isinstance(value, Mapping):
            raise InputError("this entry is no JSON object", self.source.place(path))
        return Detail(value, self.source, path)


@dataclass(frozen=True, eq=False, slots=True)
class Details:
    """Everything found in the pages, not parsed yet: an account may hold thousands of policies, a deployer has few."""

    identities: dict[str, Detail] = field(default_factory=dict)
    groups: dict[tuple[str, str], Detail] = field(default_factory=dict)
    policies: dict[str, Detail] = field(default_factory=dict)

    def add(self, page: Detail) -> set[str]:
        """Take in a page; return the accounts it speaks of."""
        accounts: set[str] = set()
        for name in LISTS:
            for detail in page.entries(name):
                accounts.add(self._add_entry(name, detail))
        return {account for account in accounts if account.isdigit()}

    def _add_entry(self, name: str, detail: Detail) -> str:
        arn = detail.required("Arn")
        account = (arn.split(":", 5) + [""] * 5)[4]
        if name == "Policies" or detail.get("PolicyVersionList")[0] is not None:  # some tools file policies under roles
            self.policies[arn] = detail
        elif name == "GroupDetailList":
            self.groups[account, detail.required("GroupName")] = detail
        else:
            self.identities[arn] = detail
        return account

    def identity(self, arn: str) -> Identity:
        """Read one user or role with all its policies."""
        detail = self.identities[arn]
        kind, _, name = arn.split(":", 5)[5].rpartition("/")
        owner = f"{kind.partition('/')[0]}/{name}"
        user = detail.get("UserName")[0] is not None
        return Identity(
            arn=arn,
            unique_id=detail.text("UserId" if user else "RoleId"),
            policies=tuple(self._policies(detail, owner)),
            boundary=self._boundary(detail),
            trust=self._trust(detail, owner),
            tags={tag.required("Key"): tag.text("Value") or "" for tag in detail.entries("Tags")},
        )

    def _policies(self, detail: Detail, owner: str) -> Iterator[Policy]:
        for inline in ("UserPolicyList", "RolePolicyList", "GroupPolicyList"):
            for entry in detail.entries(inline):
                name = f"inline policy `{entry.text('PolicyName') or ''}` of `{owner}`"
                yield document(entry, "PolicyDocument", name, PolicyType.IDENTITY)
        for entry in detail.entries("AttachedManagedPolicies"):
            yield self._managed(entry.required("PolicyArn"), PolicyType.IDENTITY)
        account = detail.required("Arn").split(":")[4]
        if detail.get("GroupName")[0] is not None:
            return  # a group is in no group
        for group in dict.fromkeys(detail.texts("GroupList")):
            if members := self.groups.get((account, group)):
                yield from self._policies(members, f"group/{group}")
            else:
                yield unknown_policy(f"the policies of `group/{group}`", PolicyType.IDENTITY)

    def _boundary(self, detail: Detail) -> Policy | None:
        boundary, path = detail.get("PermissionsBoundary")
        if boundary is None:
            return None
        return self._managed(detail.child(boundary, path).required("PermissionsBoundaryArn"), PolicyType.BOUNDARY)

    def _trust(self, detail: Detail, owner: str) -> Policy | None:
        if detail.get("AssumeRolePolicyDocument")[0] is None:
            return None
        partition = detail.required("Arn").split(":")[1]
        name = f"trust policy of `{owner}`"
        return document(detail, "AssumeRolePolicyDocument", name, PolicyType.TRUST, partition=partition)

    def _managed(self, arn: str, kind: PolicyType) -> Policy:
        """Read a managed policy's default version, from the pages or from what is known of AWS's own."""
        if detail := self.policies.get(arn):
            for version in detail.entries("PolicyVersionList"):
                if version.get("IsDefaultVersion")[0] is True:
                    return document(version, "Document", f"`{arn}`", kind, arn)
        elif (known := _aws_managed(arn)) is not None:
            from sparekey.policy import parse_policy

            return parse_policy(known, type=kind, name=f"`{arn}`", arn=arn)
        return unknown_policy(f"the document of `{arn}`, which the snapshot lacks", kind, arn)


class Identities(Mapping[str, Identity]):
    """The identities of the pages by ARN, each read when it is asked for."""

    def __init__(self, details: Details) -> None:
        """Stand in front of the details."""
        self._details = details
        self._read: dict[str, Identity] = {}

    def __getitem__(self, arn: str) -> Identity:
        """Read a user or role."""
        if arn not in self._read:
            self._read[arn] = self._details.identity(arn)
        return self._read[arn]

    def __contains__(self, arn: object) -> bool:
        """Whether a user or role is there, without reading it."""
        return arn in self._details.identities

    def __iter__(self) -> Iterator[str]:
        """List the ARNs."""
        return iter(self._details.identities)

    def __len__(self) -> int:
        """Count the users and roles."""
        return len(self._details.identities)


def document(
    detail: Detail, key: str, name: str, kind: PolicyType, arn: str | None = None, *, partition: str = "aws"
) -> Policy:
    """Parse the policy document under a key: an object, JSON text, or JSON text in percent-encoding.

    A document that IAM would not have stored (a page cut short, an edited file) makes its policy unknown, not empty.
    """
    from sparekey.policy import parse_policy

    value, path = detail.get(key)
    locate = _locator(detail.source, path)
    if isinstance(value, str):
        value, locate = _unquoted(value), _at(detail.source, path)
    if value is None:
        return unknown_policy(f"the document of {name}", kind, arn)
    policy = parse_policy(
        value, type=kind, name=name, file=detail.source.file, locate=locate, arn=arn, partition=partition
    )
    if policy.malformed:
        fault = next(fault for fault in policy.faults if fault.refused)
        return unknown_policy(f"the document of {name}, which cannot be read ({fault.message})", kind, arn)
    return policy


def unknown_policy(hangs_on: str, kind: PolicyType, arn: str | None = None) -> Policy:
    """Make a policy of which nothing but its name is told: any statement may be in it."""
    return Policy(kind, hangs_on, (), unknown=(Unknown((hangs_on,)),), arn=arn)


def _locator(source: Source, base: Path) -> Callable[[Path], Place | None]:
    return lambda path: source.place((*base, *path))


def _at(source: Source, path: Path) -> Callable[[Path], Place | None]:
    return lambda _path: source.place(path)


def _unquoted(text: str) -> str:
    """Undo percent-encoding, which JSON text never begins with."""
    if not text.lstrip().startswith("%"):
        return text
    from urllib.parse import unquote

    return unquote(text)


def _aws_managed(arn: str) -> object | None:
    """The document of an AWS managed policy; ``None`` where the catalog has none by that ARN."""
    if ":iam::aws:policy/" not in arn:
        return None
    import json

    from sparekey.catalog import managed_policies

    policy = managed_policies.find(arn)
    return None if policy is None else json.loads(policy.document)


def truncated(pages: Iterable[Detail]) -> bool:
    """Whether the pages stop before the end: none of them is a last one."""
    return all(page.get("IsTruncated")[0] is True for page in pages)
