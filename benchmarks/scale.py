"""Every operation in an account with 100,000 users and 10,000 roles, beside the same in a small account.

Each operation runs through the door (authorization included) on SQLite, in a transaction that is undone, so that it
can run again and again. Both accounts hold something of everything, and more than a page of what is listed: lists then
show as much in both. Times are the fastest of several runs taken in turn.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.services.account import ACCOUNT, START, allow
from tests.services.world import EVERY, World, a_world, trust

from benchmarks.load import free_port, load
from benchmarks.signed_requests import signed_requests
from sparekey.cloud import Circumstances, Cloud
from sparekey.cloud._running import Running
from sparekey.errors import ServiceError
from sparekey.services.iam.seed import load_details
from sparekey.storage.sealing import RootSealer
from sparekey.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sparekey.services.operation import Caller
    from sparekey.storage.interface import Transaction

USERS, ROLES = 100_000, 10_000
#: More than a page of anything.
SMALL = 150
ROUNDS = 12
#: How much slower an operation may be.
MOST = 2.0
#: Reports on the whole account, which AWS makes while nobody waits.
WHOLE = {"iam:GenerateCredentialReport"}

ARN = f"arn:aws:iam::{ACCOUNT}"
READS = f"{ARN}:policy/team/Reads"
MADE = "2026-01-31T09:00:00+00:00"
READS_POLICY = {
    "PolicyName": "Reads",
    "PolicyId": "ANPASCALEREADSREADSRE",
    "Arn": READS,
    "Path": "/team/",
    "DefaultVersionId": "v1",
    "CreateDate": MADE,
    "UpdateDate": MADE,
    "PolicyVersionList": [{"VersionId": "v1", "Document": json.loads(allow("s3:Get*")), "CreateDate": MADE}],
}


class Undone(Exception):
    """Raised to undo what a call did."""


@dataclass
class Side:
    """An account of one size, and who calls."""

    world: World
    caller: Caller
    users: int
    roles: int

    @property
    def cloud(self) -> Cloud:
        """Its cloud."""
        return self.world.account.cloud

    def call(self, service: str, operation: str, parameters: Mapping[str, object]) -> None:
        """Run an operation, and undo it; that it is refused does not matter."""
        running = Running(
            self.cloud._door,  # noqa: SLF001 - what the door runs, without its commit
            self.caller,
            service,
            operation,
            parameters,
            Circumstances(source_ip="127.0.0.1", request_id="r-1"),
            self.world.account.clock.at,
        )

        def undone(records: Transaction) -> None:
            running.run(records)
            raise Undone

        with suppress(ServiceError, Undone):
            if running.changes:
                self.cloud.store.write(undone)
            else:
                self.cloud.store.read(running.run)


def details(users: int, roles: int) -> dict[str, object]:
    """An account as ``aws iam get-account-authorization-details`` prints it.

    Every user is in one of a hundred groups (a tenth in ``Crowd`` besides), every fourth has an inline policy, every
    tenth a managed one; every role trusts the account.
    """
    inline = [{"PolicyName": "own", "PolicyDocument": json.loads(allow("s3:GetObject", "arn:aws:s3:::bucket/*"))}]
    managed = [{"PolicyName": "Reads", "PolicyArn": READS}]
    groups = [f"group{number}" for number in range(100)]
    return {
        "UserDetailList": [
            {
                "Path": f"/unit{number % 7}/",
                "UserName": f"person{number:06}",
                "UserId": f"AIDASCALEUSER{number:08}",
                "Arn": f"{ARN}:user/unit{number % 7}/person{number:06}",
                "CreateDate": MADE,
                "GroupList": [groups[number % 100], *(["Crowd"] if number % 10 == 0 or users <= SMALL else [])],
                "AttachedManagedPolicies": managed if number % 10 == 1 or users <= SMALL else [],
                "UserPolicyList": inline if number % 4 == 0 else [],
                "Tags": [{"Key": "team", "Value": f"team{number % 20}"}],
            }
            for number in range(users)
        ],
        "GroupDetailList": [
            {
                "Path": "/",
                "GroupName": name,
                "GroupId": f"AGPASCALE{name.upper():0>12}",
                "Arn": f"{ARN}:group/{name}",
                "CreateDate": MADE,
                "GroupPolicyList": inline,
            }
            for name in (*groups, "Crowd")
        ],
        "RoleDetailList": [
            {
                "Path": "/",
                "RoleName": f"role{number:05}",
                "RoleId": f"AROASCALEROLE{number:08}",
                "Arn": f"{ARN}:role/role{number:05}",
                "CreateDate": MADE,
                "AssumeRolePolicyDocument": json.loads(trust({"AWS": ACCOUNT})),
                "RolePolicyList": inline,
                "AttachedManagedPolicies": managed if number % 5 == 0 or roles <= SMALL else [],
            }
            for number in range(roles)
        ],
    }


def account_of_size(path: Path, users: int, roles: int) -> Side:
    """Something of everything in an account, and so many users and roles besides."""
    world = a_world()
    caller = world.account.signed_in("caller", allow("*")).caller
    page = json.loads(json.dumps(details(users, roles)))
    store = SqliteStore(path)

    def put(records: Transaction) -> None:
        for kind, found in world.saved().items():
            for key, record in found:
                records.put(kind, key, record)

    store.write(put)
    store.write(lambda records: load_details(records, [page], now=START))
    account = world.account
    account.cloud = Cloud(
        store, sealer=RootSealer(b"\x01" * 32), clock=account.clock, entropy=os.urandom, quotas={"Users": 10**9}
    )
    return Side(world, caller, users, roles)


def timed(run: Callable[[], None]) -> float:
    """The seconds a call takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _anybody(side: Side) -> str:
    return f"person{random.randrange(side.users):06}"


def _any_role(side: Side) -> str:
    return f"role{random.randrange(side.roles):05}"


#: Calls about another user or role each time, which are seldom in memory; and lists of what is rare or large.
OTHERS: Mapping[str, tuple[str, str, Callable[[Side], Mapping[str, object]]]] = {
    "GetUser, any user": ("iam", "GetUser", lambda side: {"user_name": _anybody(side)}),
    "TagUser, any user": (
        "iam",
        "TagUser",
        lambda side: {"user_name": _anybody(side), "tags": [{"Key": "a", "Value": "b"}]},
    ),
    "DeleteUser, any user": ("iam", "DeleteUser", lambda side: {"user_name": _anybody(side)}),
    "CreateAccessKey, any user": ("iam", "CreateAccessKey", lambda side: {"user_name": _anybody(side)}),
    "AddUserToGroup, any user": (
        "iam",
        "AddUserToGroup",
        lambda side: {"user_name": _anybody(side), "group_name": "Staff"},
    ),
    "AssumeRole, any role": (
        "sts",
        "AssumeRole",
        lambda side: {"role_arn": f"{ARN}:role/{_any_role(side)}", "role_session_name": "session"},
    ),
    "SimulatePrincipalPolicy, any user": (
        "iam",
        "SimulatePrincipalPolicy",
        lambda side: {
            "policy_source_arn": f"{ARN}:user/unit{(at := random.randrange(side.users)) % 7}/person{at:06}",
            "action_names": ["s3:GetObject"],
        },
    ),
    "GetGroup, a tenth of all users": ("iam", "GetGroup", lambda _: {"group_name": "Crowd"}),
    "DeleteGroup, a tenth of all users": ("iam", "DeleteGroup", lambda _: {"group_name": "Crowd"}),
    "ListUsers, a path nobody is below": ("iam", "ListUsers", lambda _: {"path_prefix": "/nowhere/"}),
    "ListUsers, a path of a seventh": ("iam", "ListUsers", lambda _: {"path_prefix": "/unit3/", "max_items": 10}),
    "ListRoles, a path nobody is below": ("iam", "ListRoles", lambda _: {"path_prefix": "/nowhere/"}),
    "GetPolicy, attached to a tenth": ("iam", "GetPolicy", lambda _: {"policy_arn": READS}),
    "ListEntitiesForPolicy, roles": (
        "iam",
        "ListEntitiesForPolicy",
        lambda _: {"policy_arn": READS, "entity_filter": "Role"},
    ),
}


def questions(small: Side) -> Iterator[tuple[str, str, str, Callable[[Side], Mapping[str, object]]]]:
    """What is asked: a name, service, operation, and its parameters."""
    for service, operation in EVERY:
        parameters = small.world.parameters(service, operation)
        yield f"{service}:{operation.name}", service, operation.name, lambda _, told=parameters: told  # type: ignore[misc] # mypy knows no defaults of lambdas
    for name, (service, called, make) in OTHERS.items():
        yield name, service, called, make


def compare(small: Side, large: Side) -> None:
    """Print how long each operation takes in both accounts, slowest in proportion first."""
    rows = []
    for name, service, operation, make in questions(small):
        best = {id(small): 9e9, id(large): 9e9}
        for _ in range(ROUNDS):
            for side in (small, large):
                parameters = make(side)
                took = timed(lambda: side.call(service, operation, parameters))  # noqa: B023 - called at once
                best[id(side)] = min(best[id(side)], took)
                if took > 1:
                    break
        rows.append((best[id(large)] / best[id(small)], name, best[id(small)], best[id(large)]))
    rows.sort(reverse=True)
    over = [row for row in rows if row[0] > MOST and row[1] not in WHOLE]
    print(f"{len(rows)} operations; {len(over)} take more than {MOST:g} times as long as in a small account:\n")
    print(f"  {'operation':<48} {'small':>9} {'large':>9}  ratio")
    for ratio, name, few, many in rows[: max(len(over) + 10, 15)]:
        print(f"  {name:<48} {few * 1e6:6.0f} us {many * 1e6:6.0f} us {ratio:6.2f}")
    middle = sorted(row[0] for row in rows)[len(rows) // 2]
    print(f"  {'the middle of all':<48} {'':>9} {'':>9} {middle:6.2f}\n")


def started(state: Path, seed: Path) -> float:
    """The seconds from the start of a server on a state, with a seed, to its first answer to a signed call."""
    port, key = free_port(), ("AKIABENCHBENCHBENCHX", "benchmark/secret")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"SPAREKEY_ROOT_ACCESS_KEY_ID": key[0], "SPAREKEY_ROOT_SECRET_ACCESS_KEY": key[1]}
    request = signed_requests(port, key, "sts", ["Action=GetCallerIdentity"])
    command = ["-m", "sparekey", "serve", "--port", str(port), "--state", str(state), "--seed", str(seed)]
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, env=environment) as server:
        try:
            while time.perf_counter() - began < 300:
                with suppress(OSError):
                    if load(port, request, connections=1, count=1).refused == 0:
                        return time.perf_counter() - began
                time.sleep(0.002)
            raise TimeoutError("the server does not answer")
        finally:
            server.terminate()


def starts(folder: Path) -> None:
    """Print how long a server takes to start on accounts of both sizes: loading them, and when they are loaded."""
    for users, roles in ((SMALL, SMALL), (USERS, ROLES)):
        state, seed = folder / f"state-{users}", folder / f"{users}.json"
        seed.write_text(json.dumps({**details(users, roles), "Policies": [READS_POLICY]}))
        first = started(state, seed)
        again = min(started(state, seed) for _ in range(5))
        print(f"{users:,} users: first start, with a seed {first:.2f} s; next starts {again:.2f} s")
    print()


def run() -> None:
    """Print the tables."""
    print(f"## Scale: {USERS:,} users and {ROLES:,} roles, beside {SMALL} of each; SQLite\n")
    with ExitStack() as opened, TemporaryDirectory() as folder:
        starts(Path(folder))
        small = account_of_size(Path(folder, "small.sqlite"), SMALL, SMALL)
        large = account_of_size(Path(folder, "large.sqlite"), USERS, ROLES)
        for side in (small, large):
            opened.enter_context(closing(side.cloud.store))
        compare(small, large)
