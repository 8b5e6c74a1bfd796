"""Session tags: what a request brings, and what a role chain hands on.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.services.operation import keys_of_tags
from sparekey.services.sts.errors import InvalidParameterValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.policy import ContextValue
    from sparekey.services.directory.sessions import Session
    from sparekey.services.operation import Tags

_DUPLICATE: Final = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
_NOT_REQUESTED: Final = "The specified transitive tag key must be included in the requested tags."
_CONFLICT: Final = (
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
    "calling session."
)
_RESERVED: Final = "Tag keys that begin with aws: are reserved for AWS."  # our own words: AWS's are not known


class SessionTags(NamedTuple):
    """The tags of a new session, and the keys of those that go on in a chain."""

    tags: Mapping[str, str]
    transitive: tuple[str, ...] = ()


def inherited(session: Session | None) -> SessionTags:
    """The transitive tags of the session that makes a request."""
    if session is None or not session.transitive:
        return SessionTags({})
    going_on = {key.lower() for key in session.transitive}
    tags = {key: value for key, value in session.tags.items() if key.lower() in going_on}
    return SessionTags(tags, tuple(tags))


def session_tags(tags: Tags, transitive_keys: Sequence[str], session: Session | None = None) -> SessionTags:
    """The tags of the session a request asks for: those of the calling session that are transitive, and its own.

    Raises:
        InvalidParameterValue: two keys are equal but for case, a transitive key is not among the tags, a tag would
            replace one that is handed on, or a key is reserved.
    """
    own = {tag["Key"]: tag["Value"] for tag in tags}
    lowered = {key.lower(): key for key in own}
    if len(lowered) != len(tags):
        raise InvalidParameterValue(_DUPLICATE)
    if any(key.startswith("aws:") for key in lowered):
        raise InvalidParameterValue(_RESERVED)
    if not lowered.keys() >= {key.lower() for key in transitive_keys}:
        raise InvalidParameterValue(_NOT_REQUESTED)
    handed_on = inherited(session)
    if not lowered.keys().isdisjoint(key.lower() for key in handed_on.tags):
        raise InvalidParameterValue(_CONFLICT)
    named = (lowered[key.lower()] for key in transitive_keys)
    return SessionTags({**handed_on.tags, **own}, tuple(dict.fromkeys((*handed_on.transitive, *named))))


def tag_keys(tags: Tags, transitive_keys: Sequence[str], session: Session | None = None) -> dict[str, ContextValue]:
    """The condition keys that session tags give a request: ``aws:RequestTag/…``, ``aws:TagKeys``, and the transitive.

    Tags that a chain hands on are among the transitive keys; they are ``aws:PrincipalTag/…`` of the caller already.
    """
    keys = keys_of_tags(tags)
    transitive = (*inherited(session).transitive, *transitive_keys)
    if transitive:
        keys["sts:TransitiveTagKeys"] = tuple(dict.fromkeys(transitive))
    return keys
