"""The one door: every call of every client, service and stack goes through :meth:`Cloud.invoke`.

A call runs in one transaction: its resource is resolved, the policies that apply are gathered, the engine is asked, the
operation runs, and all of it is committed or nothing is. Whatever came of it goes into the decision record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sparekey.cloud._account import open_account
from sparekey.cloud._credentials import Credential, Credentials
from sparekey.cloud._running import Door, Running
from sparekey.cloud._trail import Trail
from sparekey.services.directory.quotas import QUOTAS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from sparekey.clock import Clock
    from sparekey.cloud._context import Circumstances
    from sparekey.services.operation import Caller, Output, Sealer
    from sparekey.storage.interface import Store, Transaction

T = TypeVar("T")


class Cloud:
    """An AWS as a value: accounts with their state, and the door in front of it."""

    def __init__(
        self,
        store: Store,
        *,
        sealer: Sealer,
        clock: Clock,
        entropy: Callable[[int], bytes],
        quotas: Mapping[str, int] | None = None,
        partition: str = "aws",
        oidc_keys: Mapping[str, str] | None = None,
    ) -> None:
        """Serve what is in ``store``; secrets are sealed with ``sealer``, ids and keys drawn from ``entropy``.

        ``oidc_keys`` are JSON Web Key Sets of OpenID Connect providers, by their URLs without ``https://``.
        """
        self.store = store
        self.clock = clock
        self.sealer = sealer
        self.entropy = entropy
        self.partition = partition
        self._credentials = Credentials(sealer, partition)
        self._door = Door(
            sealer=sealer,
            entropy=entropy,
            quotas={**QUOTAS, **(quotas or {})},
            partition=partition,
            append=store.append,
            oidc_keys=oidc_keys or {},
        )
        self._trail = Trail(store)

    def credential(self, access_key_id: str, token: str | None = None) -> Credential:
        """The secret and the caller behind an access key id (and session token).

        Raises:
            InvalidClientTokenId: it does not exist, is inactive, or its principal or account is gone.
            ExpiredToken: the session is over.
        """
        now = self.clock.now()
        return self.store.read(lambda records: self._credentials.find(records, access_key_id, token, now))

    def invoke(
        self,
        caller: Caller,
        service: str,
        operation: str,
        parameters: Mapping[str, object],
        circumstances: Circumstances,
    ) -> Output:
        """Run an operation for a caller, if it may; ``parameters`` are named as the operation's keywords.

        Raises:
            ServiceError: AWS's answer: ``AccessDenied``, a refusal of the operation, or that it is not built.
        """
        running = Running(self._door, caller, service, operation, parameters, circumstances, self.clock.now())
        return self._trail.keep(running)

    def open_account(self, account: str, root_key: tuple[str, str] | None = None) -> tuple[str, str]:
        """Make an account unless it is there; the access key of its root user, made or given as (id, secret)."""
        now = self.clock.now()

        def work(records: Transaction) -> tuple[str, str]:
            return open_account(records, account, root_key, self.sealer, self.entropy, now)

        return self.store.write(work)

    def move_clock(self, by: timedelta) -> None:
        """Move time, where the clock can be moved.

        Raises:
            TypeError: the clock shows the machine's time.
        """
        from sparekey.clock import MovableClock

        if not isinstance(self.clock, MovableClock):
            raise TypeError("the clock shows the machine's time and cannot be moved")
        self.clock.move(by)
