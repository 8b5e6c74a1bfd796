"""The global condition keys of a call, worked out one by one when a condition asks.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.policy import PrincipalKind
from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.applicable import identity_parts
from sparekey.services.directory.callers import session_context
from sparekey.services.directory.organization import path_of
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Caller, Target
    from sparekey.storage.interface import Transaction


class Circumstances(NamedTuple):
    """How a call came in: what its context keys say beside the caller and the resource.

    ``called_via`` are the AWS services in whose name the call is made, first one first.
    """

    region: str = "us-east-1"
    source_ip: str = ""
    user_agent: str = ""
    secure: bool = False
    request_id: str = ""
    called_via: tuple[str, ...] = ()


class Asked(NamedTuple):
    """One question to the engine: whose circumstances the condition keys are about."""

    caller: Caller
    target: Target
    owner: str
    circumstances: Circumstances
    now: datetime
    records: Transaction


#: How the keys for the tags of the resource begin: IAM has a key of its own besides.
_RESOURCE_TAGS: Final = ("aws:resourcetag/", "iam:resourcetag/")


class Keys:
    """Finds the global condition keys (in lower case) of one question; ``None`` where the request has none.

    ``used`` tells whether any was looked for: else the answer hangs on none of them.
    """

    __slots__ = ("_asked", "_of_session", "used")

    def __init__(self, asked: Asked) -> None:
        """Answer for ``asked``."""
        self._asked = asked
        self._of_session: dict[str, ContextValue] | None = None
        self.used = False

    def find(self, key: str) -> ContextValue | None:
        """What a key holds."""
        self.used = True
        asked = self._asked
        known = _KEYS.get(key)
        if known is not None:
            return known(asked)
        if key.startswith(_RESOURCE_TAGS):
            return _tag(asked.target.tags, key.partition("/")[2])
        if self._of_session is None:
            session = asked.caller.session
            found = {**asked.caller.source, **(session_context(session, asked.now) if session else {})}
            self._of_session = {name.lower(): value for name, value in found.items()}
        value = self._of_session.get(key)
        if value is None and key.startswith("aws:principaltag/"):  # a session's tag wins over its role's
            return _tag(identity_parts(asked.records, asked.caller).tags, key.removeprefix("aws:principaltag/"))
        return value


def _tag(tags: Mapping[str, str], lowered: str) -> ContextValue | None:
    """A tag's value; tag keys are compared without case in condition keys.

    Of several that differ by nothing else, AWS's condition keys show one, it is not said which: it is not told.
    """
    found = {value for name, value in tags.items() if name.lower() == lowered}
    if len(found) > 1:
        return Unknown((f"which of the tags `{lowered}` counts",))
    return next(iter(found), None)


def _organization(asked: Asked, account: str) -> str | None:
    found = asked.records.get(ACCOUNTS, account) if account else None
    return found.organization if found else None


def _paths(asked: Asked, account: str) -> tuple[str, ...] | None:
    organization = _organization(asked, account)
    return (path_of(asked.records, organization, account),) if organization else None


def _resource_owner(asked: Asked) -> str:
    return asked.owner if asked.target.arn != "*" else ""


def _is_service(asked: Asked) -> bool:
    return asked.caller.principal.kind is PrincipalKind.AWS_SERVICE


def _via(asked: Asked, index: int) -> str | None:
    return asked.circumstances.called_via[index] if asked.circumstances.called_via else None


_KEYS: Mapping[str, Callable[[Asked], ContextValue | None]] = {
    "aws:currenttime": lambda asked: asked.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "aws:epochtime": lambda asked: str(int(asked.now.timestamp())),
    "aws:requestedregion": lambda asked: asked.circumstances.region,
    "aws:sourceip": lambda asked: None if asked.circumstances.called_via else asked.circumstances.source_ip or None,
    "aws:useragent": lambda asked: asked.circumstances.user_agent or None,
    "aws:securetransport": lambda asked: "true" if asked.circumstances.secure else "false",
    "aws:userid": lambda asked: asked.caller.user_id or None,
    "aws:username": lambda asked: asked.caller.name,
    "aws:viaawsservice": lambda asked: "true" if asked.circumstances.called_via else "false",
    "aws:calledvia": lambda asked: asked.circumstances.called_via or None,
    "aws:calledviafirst": lambda asked: _via(asked, 0),
    "aws:calledvialast": lambda asked: _via(asked, -1),
    "aws:principalorgid": lambda asked: None if _is_service(asked) else _organization(asked, asked.caller.account),
    "aws:principalorgpaths": lambda asked: None if _is_service(asked) else _paths(asked, asked.caller.account),
    "aws:resourceorgid": lambda asked: _organization(asked, _resource_owner(asked)),
    "aws:resourceorgpaths": lambda asked: _paths(asked, _resource_owner(asked)),
    "aws:resourceaccount": lambda asked: _resource_owner(asked) or None,
}
