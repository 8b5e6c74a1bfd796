"""Which users and roles are below a path: an index, so that no list reads the whole account."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sparekey.services.directory.identities import PATHS, Reference, Role, User
from sparekey.services.iam.entities import kind_of
from sparekey.services.iam.paging import Page, page, paged, read_marker, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.services.iam.entities import InAccount
    from sparekey.services.operation import Call
    from sparekey.storage.interface import Key, Kind

T = TypeVar("T", User, Role)


def note_path(call: InAccount, identity: User | Role) -> None:
    """Note where a user or role is, now that it was made or moved; most are at ``/``, which says nothing."""
    if identity.path != "/":
        call.records.put(PATHS, _key(call, identity), Reference(identity.name))


def forget_path(call: InAccount, identity: User | Role) -> None:
    """Take back what :func:`note_path` noted."""
    if identity.path != "/":
        call.records.delete(PATHS, *_key(call, identity))


def _key(call: InAccount, identity: User | Role) -> Key:
    return (call.account, kind_of(identity).word, identity.path, identity.name.lower())


def page_below(
    call: Call, kind: Kind[T], word: str, path_prefix: str, *, marker: str | None = None, max_items: int | None = None
) -> Page[T]:
    """A page of users or roles (``word``) whose paths begin with a text: all by name, or those below a path by path.

    Raises:
        ValidationError: the marker is none that an earlier page gave.
    """
    if path_prefix == "/":
        return page(call, kind, call.account, marker=marker, max_items=max_items)
    after = read_marker(marker) if marker else (path_prefix,)
    return paged(_below(call, kind, word, path_prefix, after), max_items)


def _below(call: Call, kind: Kind[T], word: str, path_prefix: str, after: Key) -> Iterator[tuple[Key, T]]:
    """What is below a path, each with its place."""
    for key, _ in walk(call.records, PATHS, call.account, word, after=(call.account, word, *after)):
        _, _, path, name = key
        if not path.startswith(path_prefix):
            return
        found = call.records.get(kind, call.account, name)
        if found is not None:
            yield (path, name), found
