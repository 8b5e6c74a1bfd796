"""Requests a second of ``sparekey serve``, signed and authorized, beside its own web server and another emulator.

What answers an empty 200 is the same web server; moto's server, if it is installed, checks neither signatures nor
policies. All run on loopback with one load process, and are taken in turn.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from botocore.session import get_session

from benchmarks.load import Load, free_port, load, wait_for
from benchmarks.signed_requests import signed_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[1]
ROUNDS = 3
COUNT = 1500
FEW = 300  # for what answers a few hundred times a second
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"},
    }
)
_ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
_EMPTY = "an empty 200"
_numbers = count()


@dataclass(frozen=True)
class Target:
    """A running server: its port, and the key pair that requests are signed with."""

    name: str
    port: int
    key: tuple[str, str]
    requests: int = COUNT


def run() -> None:
    """Print the tables."""
    print(f"## Endpoint: signed requests a second on loopback, one load process, best of {ROUNDS} runs taken in turn\n")
    with ExitStack() as running, TemporaryDirectory() as folder:
        targets = [
            running.enter_context(_sparekey("sparekey", Path(folder, "one"))),
            running.enter_context(_sparekey("sparekey, 2 processes", Path(folder, "two"), "--workers", "2")),
            running.enter_context(_empty()),
        ]
        if find_spec("moto") is not None:
            targets.append(running.enter_context(_moto()))
        targets = [target if target.name == _EMPTY else _prepare(target) for target in targets]
        for operation, (service, body) in _OPERATIONS.items():
            for connections in (1, 8, 64):
                _side_by_side(operation, service, body, connections, targets)


def _who(_: int) -> str:
    return "Action=GetCallerIdentity"


def _get_user(_: int) -> str:
    return "Action=GetUser&UserName=bench"


def _create_user(number: int) -> str:
    return f"Action=CreateUser&UserName=user{number}"


def _assume_role(_: int) -> str:
    return "Action=AssumeRole&RoleSessionName=bench&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fbench"


_OPERATIONS: Mapping[str, tuple[str, Callable[[int], str]]] = {
    "GetCallerIdentity": ("sts", _who),
    "GetUser": ("iam", _get_user),
    "CreateUser": ("iam", _create_user),
    "AssumeRole": ("sts", _assume_role),
}


def _side_by_side(
    operation: str, service: str, body: Callable[[int], str], connections: int, targets: Sequence[Target]
) -> None:
    best: dict[str, Load] = {}
    for _ in range(ROUNDS):
        for target in targets:
            bodies = [body(next(_numbers)) for _ in range(target.requests)]
            requests = signed_requests(target.port, target.key, service, bodies)
            try:
                found = load(target.port, requests, connections=connections, count=target.requests)
            except OSError as error:
                raise SystemExit(f"{target.name}: {error}") from None
            if target.name not in best or found.rate > best[target.name].rate:
                best[target.name] = found
    print(f"{operation}, {connections} client{'s' * (connections > 1)}")
    own = best["sparekey"].rate
    for name, found in best.items():
        ratio = "" if name == "sparekey" else f"  sparekey/this {own / found.rate:.2f}"
        print(f"  {name:<24}{found}{ratio}")
    print()


def _prepare(target: Target) -> Target:
    """Make a user, allowed everything by a policy, whose key signs from now on, and a role to assume."""
    session = get_session()
    session.set_credentials(*target.key)
    iam = session.create_client("iam", "us-east-1", endpoint_url=f"http://127.0.0.1:{target.port}")
    iam.create_user(UserName="bench")
    iam.put_user_policy(UserName="bench", PolicyName="all", PolicyDocument=_ALLOW)
    iam.create_role(RoleName="bench", AssumeRolePolicyDocument=_TRUST)
    key = iam.create_access_key(UserName="bench")["AccessKey"]
    return replace(target, key=(key["AccessKeyId"], key["SecretAccessKey"]))


@contextmanager
def _process(name: str, command: Sequence[str], port: int, key: tuple[str, str], requests: int) -> Iterator[Target]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.update(SPAREKEY_ROOT_ACCESS_KEY_ID=key[0], SPAREKEY_ROOT_SECRET_ACCESS_KEY=key[1])
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, *command], stdout=quiet, stderr=quiet, env=environment) as started:
        try:
            wait_for(port)
            yield Target(name, port, key, requests)
        finally:
            started.terminate()


KEY = ("AKIABENCHBENCHBENCHX", "benchmark/secret")


@contextmanager
def _sparekey(name: str, state: Path, *options: str) -> Iterator[Target]:
    port = free_port()
    command = ["-m", "sparekey", "serve", "--port", str(port), "--state", str(state), "--quota", "Users=900000000"]
    with _process(name, [*command, *options], port, KEY, COUNT) as target:
        yield target


@contextmanager
def _empty() -> Iterator[Target]:
    port = free_port()
    with _process(_EMPTY, ["-m", "benchmarks.web_servers.empty", str(port)], port, KEY, COUNT) as target:
        yield target


@contextmanager
def _moto() -> Iterator[Target]:
    port = free_port()
    command = ["-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _process("moto", command, port, KEY, FEW) as target:
        yield target
