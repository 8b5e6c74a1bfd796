"""A server that is killed under load keeps what it acknowledged, and nothing half-done.

Rounds: `SPAREKEY_KILL_ROUNDS` (three unless told otherwise). Each round starts a server on the state of the round
before, lets several clients write, kills the server with SIGKILL at a moment drawn by chance, and looks at what is
there.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from tests.clients.endpoint import Endpoint, running, start

ROUNDS = int(os.environ.get("SPAREKEY_KILL_ROUNDS", "3"))
WRITERS = 4


@dataclass
class Written:
    """What the clients were told is done, and what they asked for when the server died."""

    users: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    enough: threading.Event = field(default_factory=threading.Event)
    goal: int = 0

    def done(self, where: set[str], name: str) -> None:
        where.add(name)
        if len(self.users) + len(self.members) >= self.goal:
            self.enough.set()


def write(endpoint: Endpoint, written: Written, prefix: str) -> None:
    """Make users and put them into a group until the server is gone."""
    iam = endpoint.client("iam")
    try:
        for number in range(1_000_000):
            name = f"{prefix}-{number}"
            written.asked.add(name)
            iam.create_user(UserName=name, Tags=[{"Key": "of", "Value": prefix}])
            written.done(written.users, name)
            iam.add_user_to_group(GroupName="all", UserName=name)
            written.done(written.members, name)
    except (HTTPClientError, BotoCoreError):
        pass
    finally:
        written.enough.set()


def everything(client: Any, operation: str, member: str, **parameters: str) -> list[Any]:
    return [each for page in client.get_paginator(operation).paginate(**parameters) for each in page[member]]


def look(endpoint: Endpoint, users: set[str], members: set[str], asked: set[str]) -> None:
    """Compare what is there with what was acknowledged; both ends of every membership must be there."""
    iam = endpoint.client("iam")
    there = {user["UserName"] for user in everything(iam, "list_users", "Users")}
    assert users <= there, f"lost: {sorted(users - there)}"
    assert there <= asked, f"never asked for: {sorted(there - asked)}"
    of_group = {user["UserName"] for user in everything(iam, "get_group", "Users", GroupName="all")}
    assert members <= of_group, f"lost: {sorted(members - of_group)}"
    details = everything(iam, "get_account_authorization_details", "UserDetailList")
    assert {user["UserName"] for user in details if user["GroupList"]} == of_group
    assert all(user["Tags"] for user in details)


@pytest.fixture(params=["sqlite", "postgresql"])
def options(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    if request.param == "sqlite":
        yield ()
    else:
        yield ("--database", request.getfixturevalue("database_url"))


def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(options: tuple[str, ...], tmp_path: Path) -> None:
    state, chance = tmp_path / "state", random.Random(1)  # noqa: S311 - the moments to kill at
    quotas = ("--quota", "Users=1000000")
    users: set[str] = set()
    members: set[str] = set()
    asked: set[str] = set()
    with running(state, *options, *quotas) as first:
        first.client("iam").create_group(GroupName="all")
    for number in range(ROUNDS):
        endpoint = start(state, *options, *quotas)
        look(endpoint, users, members, asked)
        written = Written(goal=chance.randrange(1, 60))
        threads = [
            threading.Thread(target=write, args=(endpoint, written, f"r{number}-w{writer}"))
            for writer in range(WRITERS)
        ]
        for thread in threads:
            thread.start()
        written.enough.wait()
        endpoint.kill()
        for thread in threads:
            thread.join()
        users |= written.users
        members |= written.members
        asked |= written.asked
    assert users
    with running(state, *options, *quotas) as last:
        look(last, users, members, asked)


def test_two_servers_on_one_database_lose_no_update(options: tuple[str, ...], tmp_path: Path) -> None:
    with running(tmp_path / "state", *options) as one, running(tmp_path / "state", *options) as two:
        iam = one.client("iam")
        iam.create_user(UserName="shared")
        refused: list[str] = []

        def tag(endpoint: Endpoint, prefix: str) -> None:
            client = endpoint.client("iam")
            for number in range(20):
                try:
                    client.tag_user(UserName="shared", Tags=[{"Key": f"{prefix}{number}", "Value": "x"}])
                except ClientError as error:
                    refused.append(error.response["Error"]["Code"])

        threads = [threading.Thread(target=tag, args=(each, name)) for each, name in ((one, "a"), (two, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not refused
        assert len(everything(iam, "list_user_tags", "Tags", UserName="shared")) == 40


def test_a_key_deleted_at_one_server_is_refused_at_the_other(options: tuple[str, ...], tmp_path: Path) -> None:
    with running(tmp_path / "state", *options) as one, running(tmp_path / "state", *options) as two:
        iam = one.client("iam")
        iam.create_user(UserName="gone")
        key = iam.create_access_key(UserName="gone")["AccessKey"]
        at_two = two.client("sts", key)
        assert answers(at_two, lambda code: code is None)
        iam.delete_access_key(UserName="gone", AccessKeyId=key["AccessKeyId"])
        assert answers(at_two, lambda code: code == "InvalidClientTokenId")


def answers(client: Any, expected: Callable[[str | None], bool], tries: int = 500) -> bool:
    """Whether the client's calls come to answer as expected; the staleness bound is a fraction of a second."""
    for _ in range(tries):
        try:
            client.get_caller_identity()
            code = None
        except ClientError as error:
            code = error.response["Error"]["Code"]
        if expected(code):
            return True
    return False
