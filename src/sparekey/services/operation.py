"""Operations: functions of a call and of keyword parameters named as the API names them, in snake case.

An operation says, beside its function, what the door must know before it runs: the resource it acts on and the
service's own context keys, both worked out from the call and its parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from sparekey.policy import ContextValue, Policy, Principal
    from sparekey.services.directory.sessions import Session
    from sparekey.storage.interface import Transaction

#: The members of an operation's output shape under AWS's names; blobs are bytes, timestamps aware datetimes.
Output = Mapping[str, object]

#: ``[{"Key": …, "Value": …}]`` as clients send them; structures inside parameters keep AWS's member names.
Tags = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call: the principal, and what its credentials say.

    ``user_id`` is ``aws:userid`` (``AIDA…``, ``AROA…:session``, the account id for its root user, ``ACCOUNT:name`` for
    a federated user). ``name`` is the user's friendly name. ``session`` is set for temporary credentials.
    ``access_key_id`` is empty for a call that an AWS service or nobody makes. ``source`` holds the context keys by
    which an AWS service says for what it calls (``aws:SourceArn``, ``aws:SourceAccount``).
    """

    principal: Principal
    user_id: str = ""
    name: str | None = None
    access_key_id: str = ""
    session: Session | None = None
    source: Mapping[str, ContextValue] = field(default_factory=dict, hash=False)

    @property
    def account(self) -> str:
        """The caller's account; empty for an AWS service or an anonymous caller."""
        return self.principal.account


class Target(NamedTuple):
    """The resource an operation acts on, as authorization sees it.

    ``arn`` is the ARN of the stored resource (or the one the request would make), or ``*``. ``account`` owns it; empty
    means the account of the call. ``policy`` is its resource-based policy, ``tags`` what ``aws:ResourceTag/…`` shows.
    """

    arn: str = "*"
    account: str = ""
    policy: Policy | None = None
    tags: Mapping[str, str] = MappingProxyType({})


ANY: Final = Target()


class Sealer(Protocol):
    """Encrypts what must not lie in the store, or travel in a token, in the clear."""

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """Encrypt and authenticate ``secret``; only the same ``purpose`` opens it."""
        ...

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what :meth:`seal` made.

        Raises:
            ValueError: it was not made here, for this purpose, or it was changed.
        """
        ...


class Authorize(Protocol):
    """Asks the engine whether the caller of a call may do something more than what the door asked already."""

    def __call__(self, action: str, target: Target, context: Mapping[str, ContextValue] = ...) -> None:
        """Return if it may.

        Raises:
            AccessDenied: it may not; the message names the layer.
        """
        ...


class Invoke(Protocol):
    """Calls an operation of another service through the door, as ``caller``, in a savepoint."""

    def __call__(
        self, caller: Caller, service: str, operation: str, *, account: str = "", region: str = "", **parameters: object
    ) -> Output:
        """Return the operation's output; ``account`` and ``region`` default to those of the running call."""
        ...


class Call(NamedTuple):
    """The call being served.

    ``account`` and ``region`` are where the operation runs (the caller's account, unless a service says otherwise).
    ``now`` is one moment for the whole call. ``entropy(n)`` gives n random bytes. ``quotas`` are the account's.
    ``oidc_keys`` are JSON Web Key Sets of OpenID Connect providers, by their URLs without ``https://``.
    """

    caller: Caller
    account: str
    region: str
    records: Transaction
    now: datetime
    request_id: str
    entropy: Callable[[int], bytes]
    sealer: Sealer
    authorize: Authorize
    invoke: Invoke
    quotas: Mapping[str, int]
    note: Callable[..., None]  # note(kind, key, record): Store.append, for what is not state
    source_ip: str = ""
    partition: str = "aws"
    oidc_keys: Mapping[str, str] = MappingProxyType({})


def keys_of_tags(tags: Tags | None, removed: Sequence[str] = ()) -> dict[str, ContextValue]:
    """``aws:RequestTag/…`` and ``aws:TagKeys``: the tags that a request brings, and the keys of those it takes away."""
    given = tags or ()
    keys: dict[str, ContextValue] = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in given}
    named = (*(tag["Key"] for tag in given), *removed)
    return {**keys, "aws:TagKeys": named} if named else keys


Resolve = Callable[..., Target]
Context = Callable[..., Mapping[str, "ContextValue"]]

#: Operations whose names begin so do not change state, unless their decorator says otherwise.
READING: Final = ("Get", "List", "Describe", "Simulate", "Lookup", "Decode")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service, as the door runs it.

    ``parameters`` are the names the function takes (snake case): any other member of the input shape is refused by
    name. ``action`` is what the caller must be allowed; ``None`` for what AWS never denies (``sts:GetCallerIdentity``)
    or what authorizes itself. ``anonymous``: callable without credentials (``AssumeRoleWithSAML``).
    ``changes_with``: a reading operation changes state if one of these parameters is given (an MFA code counts once).
    """

    name: str
    function: Callable[..., Output | None]
    action: str | None
    resource: Resolve | None
    context: Context | None
    changes: bool
    anonymous: bool
    parameters: frozenset[str]
    changes_with: frozenset[str] = frozenset()

    def changes_given(self, parameters: Mapping[str, object]) -> bool:
        """Whether a call with these parameters may change state."""
        return self.changes or not self.changes_with.isdisjoint(parameters)


def operation(
    action: str,
    *,
    resource: Resolve | None = None,
    context: Context | None = None,
    changes: bool | None = None,
    changes_with: tuple[str, ...] = (),
    authorized: bool = True,
    anonymous: bool = False,
) -> Callable[[Callable[..., Output | None]], Operation]:
    """Make an operation of a function; ``action`` is ``service:Name``, and ``Name`` the operation's name on the wire.

    ``resource(call, **parameters)`` gives the :class:`Target`; without it, the action is asked on ``*``. It must not
    fail on what does not exist, but give the ARN the request means: AWS authorizes before it looks.
    ``context(call, **parameters)`` gives the service's condition keys (``iam:PolicyARN``, ``aws:RequestTag/…``); both
    take the function's parameters that they name, by name, and swallow the others with ``**_``. ``changes_with`` are
    the parameters with which an operation that says ``changes=False`` changes state all the same.
    """
    name = action.partition(":")[2]

    def made(function: Callable[..., Output | None]) -> Operation:
        code = function.__code__
        return Operation(
            name=name,
            function=function,
            action=action if authorized else None,
            resource=resource,
            context=context,
            changes=not name.startswith(READING) if changes is None else changes,
            anonymous=anonymous,
            parameters=frozenset(code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]),
            changes_with=frozenset(changes_with),
        )

    return made


def table(*operations: Operation) -> Mapping[str, Operation]:
    """Operations by name.

    Raises:
        ValueError: two have the same name.
    """
    by_name = {each.name: each for each in operations}
    if len(by_name) != len(operations):
        raise ValueError("two operations have the same name")
    return by_name
