"""From an access key id (and a session token) to the secret and the caller behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sparekey.errors import ExpiredToken, InvalidClientTokenId
from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.callers import caller_of, caller_of_root_user, caller_of_user
from sparekey.services.directory.credentials import ACCESS_KEY_SECRET, ACCESS_KEYS, AccessKey
from sparekey.services.directory.identities import ROLES, USERS, User
from sparekey.services.directory.sessions import Session, SessionKind
from sparekey.services.directory.tokens import open_session

if TYPE_CHECKING:
    from datetime import datetime

    from sparekey.services.operation import Caller, Sealer
    from sparekey.storage.interface import Transaction

_V = TypeVar("_V")

_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"


class Credential(NamedTuple):
    """What a signature is checked with, and who signed if it holds."""

    secret: str
    caller: Caller


class Credentials:
    """Finds credentials, and keeps what it worked out for as long as the records behind it stay the same."""

    def __init__(self, sealer: Sealer, partition: str = "aws", most: int = 50_000) -> None:
        """Unseal with ``sealer``; keep ``most`` long-term and as many temporary credentials."""
        self._sealer = sealer
        self._partition = partition
        self._most = most
        self._long_term: dict[str, tuple[AccessKey, User | None, Credential]] = {}
        self._temporary: dict[str, tuple[Session, Credential]] = {}

    def find(self, records: Transaction, access_key_id: str, token: str | None, now: datetime) -> Credential:
        """The credential of an access key id.

        Raises:
            InvalidClientTokenId: there is none, it is inactive, its account is closed or its principal is gone.
            ExpiredToken: the session is over.
        """
        found = self._session(records, access_key_id, token, now) if token else self._key(records, access_key_id)
        account = records.get(ACCOUNTS, found.caller.account)
        if account is None or account.status != "ACTIVE":
            raise InvalidClientTokenId(_INVALID)
        session = found.caller.session
        if session is not None and session.issued < account.created.replace(microsecond=0):
            raise InvalidClientTokenId(_INVALID)  # of an account of the same id, before everything was wiped
        return found

    def _key(self, records: Transaction, access_key_id: str) -> Credential:
        key = records.get(ACCESS_KEYS, access_key_id)
        if key is None or not key.active:
            raise InvalidClientTokenId(_INVALID)
        user = None if key.user is None else records.get(USERS, key.account, key.user.lower())
        if key.user is not None and user is None:
            raise InvalidClientTokenId(_INVALID)
        known = self._long_term.get(access_key_id)
        if known is not None and known[0] is key and known[1] is user:
            return known[2]
        secret = self._sealer.unseal(key.secret, ACCESS_KEY_SECRET).decode()
        made = Credential(secret, self._caller(key, user))
        _remember(self._long_term, access_key_id, (key, user, made), self._most)
        return made

    def _caller(self, key: AccessKey, user: User | None) -> Caller:
        if user is None:
            return caller_of_root_user(self._partition, key.account, key.access_key_id)
        return caller_of_user(user, key.account, key.access_key_id)

    def _session(self, records: Transaction, access_key_id: str, token: str, now: datetime) -> Credential:
        known = self._temporary.get(token)
        if known is None:
            known = self._open(token)
        session, credential = known
        if session.access_key_id != access_key_id:
            raise InvalidClientTokenId(_INVALID)
        if session.expires <= now:
            raise ExpiredToken(_EXPIRED)
        if not _parent_lives(records, session):
            raise InvalidClientTokenId(_INVALID)
        return credential

    def _open(self, token: str) -> tuple[Session, Credential]:
        try:
            session = open_session(self._sealer, token)
        except ValueError:
            raise InvalidClientTokenId(_INVALID) from None
        made = (session, Credential(session.secret_access_key, caller_of(session)))
        _remember(self._temporary, token, made, self._most)
        return made


def _parent_lives(records: Transaction, session: Session) -> bool:
    """Whether the role or user whose session this is still exists: one made anew under its name is another."""
    name = session.parent_arn.rpartition("/")[2].lower()
    match session.kind:
        case SessionKind.ASSUMED_ROLE:
            role = records.get(ROLES, session.account, name)
            return role is not None and role.role_id == session.parent
        case SessionKind.USER | SessionKind.FEDERATED_USER if session.parent != session.account:
            user = records.get(USERS, session.account, name)
            return user is not None and user.user_id == session.parent
        case _:
            return True


def _remember(known: dict[str, _V], key: str, value: _V, most: int) -> None:
    if len(known) >= most:
        known.clear()
    known[key] = value
