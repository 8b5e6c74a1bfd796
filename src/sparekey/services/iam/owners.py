"""Whose credentials a request is about: a user's, or those of the account's root user."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import ValidationError
from sparekey.policy import PrincipalKind
from sparekey.services.directory.identities import USERS, User
from sparekey.services.directory.sessions import SessionKind
from sparekey.services.iam.errors import NoSuchEntityException
from sparekey.services.iam.names import find_user

if TYPE_CHECKING:
    from sparekey.services.operation import Call

#: What answers call the root user where its name is asked for. (The credential report writes ``<root_account>``.)
ROOT_NAME = "root"


class Owner(NamedTuple):
    """The owner of credentials: a user, or with ``None`` the root user."""

    user: User | None

    @property
    def key(self) -> str:
        """The lower-cased name that keys hold; empty for the root user."""
        return self.user.name.lower() if self.user else ""

    @property
    def user_id(self) -> str:
        """The unique id that keys hold; empty for the root user."""
        return self.user.user_id if self.user else ""

    @property
    def name(self) -> str:
        """The friendly name that answers show."""
        return self.user.name if self.user else ROOT_NAME


def name_of_owner(call: Call, user_name: str | None) -> str | None:
    """The name of the user a request is about: the one it gives, else the caller's own; ``None`` for the root user.

    Raises:
        ValidationError: no name is given, and neither a user nor the root user calls.
    """
    if user_name is None and call.caller.principal.kind is not PrincipalKind.ROOT_USER:
        if call.caller.name is None:
            raise _unnamed()
        return call.caller.name
    return user_name


def owner_of(call: Call, user_name: str | None) -> Owner:
    """The user of that name; without a name whoever signed: the user itself, or the root user.

    Raises:
        NoSuchEntityException: there is no such user.
        ValidationError: no name is given, and neither a user nor the root user calls.
    """
    name = name_of_owner(call, user_name)
    return Owner(None if name is None else find_user(call, name))


def sign_in_owner(call: Call, user_name: str | None) -> Owner:
    """Like :func:`owner_of`, for what the root user signs in with: only an AssumeRoot session may leave out the name.

    Raises:
        NoSuchEntityException: there is no such user.
        ValidationError: no name is given, and neither a user nor an AssumeRoot session calls.
    """
    session = call.caller.session
    of_root = call.caller.principal.kind is PrincipalKind.ROOT_USER
    if user_name is None and of_root and (session is None or session.kind is not SessionKind.ROOT):
        raise _unnamed()
    return owner_of(call, user_name)


def _unnamed() -> ValidationError:
    return ValidationError("Must specify userName when calling with non-User credentials")


def named_owner(call: Call, user_name: str) -> Owner:
    """The user of that name, or the root user if the root user calls and names itself.

    Raises:
        NoSuchEntityException: there is no such user.
    """
    found = call.records.get(USERS, call.account, user_name.lower())
    if found is None and user_name == ROOT_NAME and call.caller.principal.kind is PrincipalKind.ROOT_USER:
        return Owner(None)
    return Owner(found or find_user(call, user_name))


def not_found(what: str, name: str) -> NoSuchEntityException:
    """The error for a credential that is not there: ``The Access Key with id AKIA… cannot be found.``."""
    return NoSuchEntityException(f"The {what} {name} cannot be found.")
