"""``sparekey log``: the decision record in the terminal."""

from __future__ import annotations

import os
import sys
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from sparekey.cli._log_endpoint import Credentials, EndpointSource
from sparekey.cli._log_sources import Follower, StoreSource
from sparekey.cli._log_text import json_of, text_of
from sparekey.cli._parser import Parser
from sparekey.cli._server_options import add_place_options, default_region, default_state
from sparekey.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from sparekey.cli._log_sources import Line, Source
    from sparekey.storage.interface import Store

#: How many calls are shown unless told otherwise, and how long to wait between two looks.
SHOWN: Final = 20
WAIT: Final = 0.5

_DESCRIPTION: Final = """\
Show every call with its principal, action, resource and outcome; for a refused one, the policy that decided and what to
change. Times are UTC.
"""

_EPILOG: Final = """\
The record is read from the state itself, whether a server runs or not. A server started with --ephemeral keeps it in
memory: there, and with --endpoint, cloudtrail:LookupEvents is asked, which shows one account and Region. --endpoint
signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
"""


def run(arguments: list[str]) -> int:
    """Print the record, and follow it if told to.

    Raises:
        InputError: an option is wrong, or the record cannot be read.
    """
    options = _parser().parse_args(arguments)
    if options.n < 0:
        raise InputError(f"`-n {options.n}` is less than nothing")
    source, close = _source(options, os.environ)
    keep = _filter(options)
    written = json_of if options.json else text_of
    try:
        if not options.follow:
            _write(source.newest(None, options.n, keep) if options.n else [], written)
            return 0
        follower = Follower(source, keep)
        _write(follower.begin(options.n), written)
        while True:
            time.sleep(WAIT)
            _write(follower.more(), written)
    finally:
        close()


def _write(lines: list[Line], written: Callable[[Line], str]) -> None:
    sys.stdout.write("".join(map(written, lines)))
    sys.stdout.flush()


def _filter(options: argparse.Namespace) -> Callable[[Line], bool]:
    """Whether a call is to be shown."""

    def keep(line: Line) -> bool:
        if options.denied and not line.denied:
            return False
        if options.principal and not _matches(line.principal, options.principal):
            return False
        wanted = options.operation
        return not wanted or any(fnmatchcase(name, wanted) for name in (line.operation, _name(line.operation)))

    return keep


def _matches(principal: str, wanted: str) -> bool:
    """Whether an ARN is wanted: as a whole (``*`` and ``?`` allowed), or by the name it ends with."""
    names = (principal, principal.rpartition(":")[2], principal.rpartition("/")[2])
    return any(fnmatchcase(name, wanted) for name in names)


def _name(operation: str) -> str:
    return operation.partition(":")[2]


def _source(options: argparse.Namespace, environment: Mapping[str, str]) -> tuple[Source, Callable[[], None]]:
    """Where the record is read from, and how to let go of it."""
    if options.endpoint:
        if options.state or options.database:
            raise InputError("`--endpoint` does not go with `--state` and `--database`")
        return _endpoint(options, environment), _nothing
    folder = options.state or default_state(environment)
    if not options.database:
        running = _ephemeral(options, folder)
        if running is not None:
            return running, _nothing
    store = _open_store(folder, options.database)
    return StoreSource(store), store.close


def _nothing() -> None:
    """Nothing is held open."""


def _endpoint(options: argparse.Namespace, environment: Mapping[str, str]) -> Source:
    key_id, secret = environment.get("AWS_ACCESS_KEY_ID", ""), environment.get("AWS_SECRET_ACCESS_KEY", "")
    if not key_id or not secret:
        raise InputError("there are no credentials to sign with", hint='`eval "$(sparekey env)"` signs a shell in')
    if not options.endpoint.startswith(("http://", "https://")):
        raise InputError(f"`--endpoint {options.endpoint}` is no URL", hint="such as `http://127.0.0.1:4566`")
    region = options.region or default_region(environment)
    credentials = Credentials(key_id, secret, environment.get("AWS_SESSION_TOKEN", ""))
    return EndpointSource(options.endpoint, region, credentials, environment.get("AWS_CA_BUNDLE", ""))


def _ephemeral(options: argparse.Namespace, folder: str) -> Source | None:
    """The ephemeral server of a state's folder, if one runs."""
    from sparekey.server.sign_in import read_sign_in

    sign_in = read_sign_in(folder)
    if sign_in is None or not sign_in.secret_access_key:
        return None
    credentials = Credentials(sign_in.access_key_id, sign_in.secret_access_key)
    return EndpointSource(sign_in.endpoint, options.region or sign_in.region, credentials, sign_in.certificate)


def _open_store(folder: str, database: str | None) -> Store:
    from pathlib import Path

    from sparekey.server.state import DATABASE_FILE
    from sparekey.storage.opening import open_store

    path = Path(folder, DATABASE_FILE)
    if not database and not path.is_file():
        raise InputError(f"there is no state in `{folder}`", hint="`sparekey serve` makes one; `--state` names another")
    return open_store(database or path)


def _parser() -> Parser:
    parser = Parser(prog="sparekey log", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("-f", "--follow", action="store_true", help="go on, and show calls as they come")
    parser.add_argument(
        "-n", type=int, default=SHOWN, metavar="N", help=f"begin with the last N calls (default: {SHOWN})"
    )
    where = parser.add_argument_group("where the record is")
    add_place_options(where)
    where.add_argument("--endpoint", metavar="URL", help="ask this server")
    where.add_argument("--region", metavar="REGION", help="of a server that is asked (default: us-east-1)")
    what = parser.add_argument_group("what is shown")
    what.add_argument("--denied", action="store_true", help="only calls that authorization refused")
    what.add_argument(
        "--principal", metavar="ARN", help="only calls of this principal: an ARN or a name; * and ? match"
    )
    what.add_argument("--operation", metavar="NAME", help="only calls of this: `CreateUser`, `iam:*`")
    what.add_argument("--json", action="store_true", help="a JSON object a line")
    return parser
