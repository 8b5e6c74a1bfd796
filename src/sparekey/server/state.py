"""Opening a server's state: the store, the root key that seals its secrets, the clock, the default account."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sparekey.clock import MovableClock
from sparekey.cloud import Cloud
from sparekey.errors import InputError, system_reason
from sparekey.server.entropy import Entropy
from sparekey.storage.codec import UnreadableRecord
from sparekey.storage.interface import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.clock import Clock
    from sparekey.server.settings import Settings
    from sparekey.services.operation import Sealer
    from sparekey.storage.interface import Store

#: What lies in the state's folder.
DATABASE_FILE: Final = "sparekey.sqlite"
ROOT_KEY_FILE: Final = "root.key"


class MachineClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class State:
    """An open state: the cloud on its store, and the access key of the default account's root user.

    ``base_clock`` is the clock that an ephemeral server's clock moves away from; ``storage`` is the kind of store.
    """

    cloud: Cloud
    store: Store
    sealer: Sealer
    storage: str
    root_key: tuple[str, str]
    base_clock: Clock | None

    def close(self) -> None:
        """Flush, and let go of files and connections."""
        self.store.close()


def open_state(settings: Settings) -> State:
    """Open the state of a server, and make what is not there: folder, store, root key, default account.

    Raises:
        InputError: it cannot be opened.
    """
    base = MachineClock()
    try:
        store, sealer, storage = open_store(settings)
    except OSError as error:
        place = error.filename or settings.state
        raise InputError(f"cannot write `{place}`: {system_reason(error)}") from None
    clock = MovableClock(base) if settings.ephemeral else base
    cloud = Cloud(
        store,
        sealer=sealer,
        clock=clock,
        entropy=Entropy(),
        quotas=settings.quotas,
        oidc_keys=settings.oidc_keys,
    )
    try:
        with readable():
            root_key = cloud.open_account(settings.account, settings.root_key)
    except BaseException:
        store.close()
        raise
    return State(cloud, store, sealer, storage, root_key, base if settings.ephemeral else None)


@contextmanager
def readable() -> Iterator[None]:
    """Say in one line that the block cannot read what is stored: it is damaged, or cannot be reached.

    Raises:
        InputError: so it is.
    """
    try:
        yield
    except (StoreUnavailable, UnreadableRecord) as fault:
        raise InputError(f"cannot read the store: {fault}") from None


def make_folder(folder: str) -> None:
    """Make the state's folder, for its owner only, unless it is there.

    Raises:
        InputError: it cannot be made or written to.
    """
    try:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder `{folder}`: {system_reason(error)}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"cannot write into the folder `{folder}`: permission denied")
    if os.name == "posix" and Path(folder).stat().st_mode & stat.S_IWOTH:
        raise InputError(f"everybody can write into the folder `{folder}`", hint=f"chmod 700 {folder}")


def open_store(settings: Settings, *, make: bool = True) -> tuple[Store, Sealer, str]:
    """The store, what seals its secrets, and what kind of store it is; ``make``: what is not there is made.

    Raises:
        InputError: it cannot be opened, or is not there and not to be made.
    """
    if settings.ephemeral:
        from sparekey.storage.memory import MemoryStore
        from sparekey.storage.sealing import RootSealer

        return MemoryStore(), RootSealer(os.urandom(32)), "memory"
    from sparekey.storage import opening
    from sparekey.storage.root_key import open_sealer

    file = Path(settings.state, DATABASE_FILE)
    if not make and not settings.database and not file.exists():
        raise InputError(f"there is no state in `{settings.state}`", hint="start a server: `sparekey serve`")
    store = opening.open_store(settings.database or file)
    try:
        with readable():
            sealer = open_sealer(store, os.environ, Path(settings.state, ROOT_KEY_FILE))
    except BaseException:
        store.close()
        raise
    return store, sealer, "PostgreSQL" if settings.database else "SQLite"
