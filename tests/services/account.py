"""An account to test with: calls go through the door, as clients' do.

account = an_account()
account.root.iam.create_user(user_name="ann")
ann = account.signed_in("ann")             # a user with an access key of its own
with refused("NoSuchEntityException"):
    account.root.iam.get_user(user_name="bob")
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore import xform_name

from sparekey.clock import FixedClock
from sparekey.cloud import Circumstances, Cloud, operations_of
from sparekey.errors import ServiceError
from sparekey.services.operation import Caller
from sparekey.storage.memory import MemoryStore
from sparekey.storage.sealing import RootSealer

ACCOUNT = "123456789012"
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Drawn:
    """Random bytes that are the same in every run."""

    count: int = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return hashlib.shake_256(self.count.to_bytes(8, "big")).digest(size)


@dataclass(frozen=True)
class Service:
    """One service, called by one principal: ``service.create_user(user_name="ann")``."""

    client: Client
    name: str

    def __getattr__(self, operation: str) -> Any:
        if operation.startswith("__"):
            raise AttributeError(operation)

        def called(**parameters: object) -> Any:
            return self.client.call(self.name, operation, **parameters)

        return called


@dataclass(frozen=True)
class Client:
    """A principal's way to call: ``client.iam.list_users()``."""

    account: TestAccount
    caller: Caller
    circumstances: Circumstances = field(default_factory=lambda: Circumstances(source_ip="127.0.0.1", request_id="r-1"))

    @property
    def iam(self) -> Service:
        return Service(self, "iam")

    @property
    def sts(self) -> Service:
        return Service(self, "sts")

    @property
    def organizations(self) -> Service:
        return Service(self, "organizations")

    @property
    def cloudtrail(self) -> Service:
        return Service(self, "cloudtrail")

    @property
    def arn(self) -> str:
        return self.caller.principal.arn

    def call(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        name = operation if operation[:1].isupper() else _wire_name(service, operation)
        return self.account.cloud.invoke(self.caller, service, name, parameters, self.circumstances)


@dataclass
class TestAccount:
    """A cloud with one account in memory, and a clock that stands still until it is set."""

    __test__ = False

    cloud: Cloud
    clock: FixedClock
    root: Client
    account_id: str

    def with_key(self, access_key_id: str, token: str | None = None) -> Client:
        """A client that signs with an access key."""
        return Client(self, self.cloud.credential(access_key_id, token).caller)

    def with_session(self, credentials: Mapping[str, Any]) -> Client:
        """A client that signs with what STS answered as ``Credentials``."""
        return self.with_key(credentials["AccessKeyId"], credentials["SessionToken"])

    def signed_in(self, user_name: str, *policies: str, create: bool = True) -> Client:
        """A user with an access key; made first, with inline policies (JSON texts), unless told otherwise."""
        if create:
            self.root.iam.create_user(user_name=user_name)
        for number, document in enumerate(policies):
            self.root.iam.put_user_policy(user_name=user_name, policy_name=f"inline-{number}", policy_document=document)
        key = self.root.iam.create_access_key(user_name=user_name)["AccessKey"]
        return self.with_key(key["AccessKeyId"])

    def root_of(self, account_id: str) -> Client:
        """The root user of another account of the same cloud (opened, if it is not there)."""
        return self.with_key(self.cloud.open_account(account_id)[0])

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.clock.at += timedelta(**by)


def an_account(account_id: str = ACCOUNT, **quotas: int) -> TestAccount:
    """A fresh account in memory."""
    clock = FixedClock(START)
    store = MemoryStore()
    cloud = Cloud(store, sealer=RootSealer(b"\x01" * 32), clock=clock, entropy=Drawn(), quotas=quotas)
    account = TestAccount(cloud, clock, None, account_id)  # type: ignore[arg-type]  # filled in the next line
    account.root = account.with_key(cloud.open_account(account_id)[0])
    return account


@contextmanager
def refused(shape: str, message: str | None = None) -> Iterator[pytest.ExceptionInfo[ServiceError]]:
    """Expect a service error by the name of its class, and (if given) exactly this message."""
    with pytest.raises(ServiceError) as caught:
        yield caught
    assert type(caught.value).__name__ == shape, caught.value
    if message is not None:
        assert caught.value.message == message


def allow(action: str | list[str], resource: str | list[str] = "*", **condition: object) -> str:
    """A policy document that allows."""
    return document("Allow", action, resource, **condition)


def deny(action: str | list[str], resource: str | list[str] = "*", **condition: object) -> str:
    """A policy document that denies."""
    return document("Deny", action, resource, **condition)


def document(effect: str, action: str | list[str], resource: str | list[str] = "*", **condition: object) -> str:
    """A policy document of one statement; ``condition`` is its Condition element."""
    statement: dict[str, object] = {"Effect": effect, "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _wire_name(service: str, operation: str) -> str:
    """The operation whose name in snake case this is."""
    names = {xform_name(name): name for name in operations_of(service)}
    return names.get(operation, "".join(part.capitalize() for part in operation.split("_")))
