"""Telling what a file of ``--iam`` or ``--scp`` holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.policy import Policy, PolicyType
from sparekey.snapshot._account import Snapshot
from sparekey.snapshot._details import LISTS, Detail, Details, Identities, truncated
from sparekey.snapshot._json import Source, read_values

if TYPE_CHECKING:
    from sparekey.source import Path

_NO_IAM = "this is neither `aws iam get-account-authorization-details` output nor a policy document"
_NO_SCP = "this is neither a policy document nor `aws organizations describe-policy` output"


def read_snapshot(pages: Iterable[tuple[str, bytes]]) -> Snapshot:
    """Read files (name, content) of ``aws iam get-account-authorization-details``, and plain policy documents.

    An account is complete if its pages hold users and roles and do not stop before the end. A plain policy document
    (also inside ``get-role-policy``, ``get-user-policy`` or ``get-policy-version`` output) is the deployer's.

    Raises:
        InputError: a file is no JSON, or holds something else; with its place.
    """
    details, documents = Details(), []
    seen: dict[str, list[Detail]] = {}
    for file, data in pages:
        for value, source in read_values(file, data):
            for page in _objects(value, source, _NO_IAM):
                if any(page.get(name)[0] is not None for name in LISTS):
                    for account in details.add(page):
                        seen.setdefault(account, []).append(page)
                else:
                    documents.append(_deployer_policy(page))
    cut = sorted(account for account, pages_of in seen.items() if truncated(pages_of))
    return Snapshot(
        identities=Identities(details),
        complete=frozenset(account for account, found in seen.items() if account not in cut and _whole(found)),
        deployer_policies=tuple(documents) or None,
        warnings=tuple(f"the snapshot of account {account} stops before its end (`IsTruncated`)" for account in cut),
    )


def read_scps(levels: Iterable[Iterable[tuple[str, bytes]]]) -> tuple[tuple[Policy, ...], ...]:
    """Read service control policies: for each level, root first, the files (name, content) with its policies.

    A file holds policy documents or the output of ``aws organizations describe-policy``.

    Raises:
        InputError: a file is no JSON, holds something else, or a policy that Organizations would refuse.
    """
    return tuple(tuple(_level(files)) for files in levels)


def _level(files: Iterable[tuple[str, bytes]]) -> Iterator[Policy]:
    for file, data in files:
        for value, source in read_values(file, data):
            for page in _objects(value, source, _NO_SCP):
                yield _scp(page)


def _scp(page: Detail) -> Policy:
    outer, path = page.get("Policy")
    policy = page.child(outer, path) if isinstance(outer, Mapping) else page
    content, path = policy.get("Content")
    if content is None:
        return _given(page, (), PolicyType.SCP, None, _NO_SCP)
    summary, place = policy.get("PolicySummary")
    arn = policy.child(summary, place).text("Arn") if summary is not None else None
    return _given(policy, path, PolicyType.SCP, arn, _NO_SCP)


def _deployer_policy(page: Detail) -> Policy:
    version, path = page.get("PolicyVersion")
    if isinstance(version, Mapping):
        return _given(page, (*path, "Document"), PolicyType.IDENTITY, None, _NO_IAM)
    document, path = page.get("PolicyDocument")
    return _given(page, path if document is not None else (), PolicyType.IDENTITY, None, _NO_IAM)


def _given(page: Detail, path: Path, kind: PolicyType, arn: str | None, otherwise: str) -> Policy:
    """Parse a document somebody gave on purpose: if AWS would refuse it, that is an error and not an unknown."""
    from sparekey.policy import parse_policy

    source = page.source
    value: object = page.value
    for segment in path[len(page.path) :]:
        value = value.get(segment) if isinstance(value, Mapping) and isinstance(segment, str) else None
    text = isinstance(value, str)
    if not text and not (isinstance(value, Mapping) and "Statement" in value):
        raise InputError(otherwise, source.place(page.path))
    base = path or page.path
    policy = parse_policy(
        value,
        type=kind,
        name=f"`{arn or source.file}`",
        file=source.file,
        locate=(lambda _path: source.place(base)) if text else (lambda inner: source.place((*base, *inner))),
        arn=arn,
    )
    for fault in policy.faults:
        if fault.refused:
            raise InputError(fault.message, fault.place or source.place(base), hint=fault.hint)
    return policy


def _objects(value: object, source: Source, otherwise: str) -> Iterator[Detail]:
    """List the objects of a value: itself, or the items of a list."""
    if isinstance(value, Mapping):
        yield Detail(value, source)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield Detail({}, source).child(item, (index,))
    else:
        raise InputError(otherwise, source.place(()))


def _whole(pages: Iterable[Detail]) -> bool:
    """Whether users and roles were both asked for (a page made with ``--filter`` lacks one)."""
    found = list(pages)
    return all(any(page.get(name)[0] is not None for page in found) for name in ("UserDetailList", "RoleDetailList"))
