"""``sparekey env``: sign a shell or an AWS profile in to a server, as the root user of its account."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Final

from sparekey.cli._parser import Parser
from sparekey.cli._server_options import add_place_options, default_region, default_state
from sparekey.errors import InputError
from sparekey.server.settings import DEFAULT_ACCOUNT, DEFAULT_PORT, DEFAULT_REGION, Settings
from sparekey.server.sign_in import SignIn, read_sign_in

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

_EPILOG: Final = """\
eval "$(sparekey env)" signs a POSIX shell in; in fish: sparekey env --shell fish | source; in PowerShell:
sparekey env --shell powershell | Invoke-Expression.
"""

#: Variables that would go before those that are set.
_UNSET: Final = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")


def run(arguments: list[str]) -> int:
    """Print what signs a shell in, or write a profile.

    Raises:
        InputError: an option is wrong, no server has been started, or a profile is not ours to overwrite.
    """
    options = _parser().parse_args(arguments)
    region = options.region or default_region(os.environ)
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}", region):
        raise InputError(f"`{region}` is no Region", hint="such as us-east-1")
    if options.force and not options.profile:
        raise InputError("`--force` overwrites a profile: it goes with `--profile`")
    sign_in = _signed_in(options)
    if options.profile:
        from sparekey.cli._profile import write_profile

        write_profile(options.profile, _profile(sign_in, region), os.environ, force=options.force)
        name = options.profile
        sys.stdout.write(f"profile {name} is written: aws --profile {name} sts get-caller-identity\n")
    else:
        sys.stdout.write(_SHELLS[options.shell](_variables(sign_in, region)))
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="sparekey env",
        description="Print the environment that signs AWS clients in to a server, as the root user of its account.",
        epilog=_EPILOG,
    )
    add_place_options(parser)
    parser.add_argument("--region", help="(default: $AWS_REGION, $AWS_DEFAULT_REGION or us-east-1)")
    parser.add_argument("--shell", choices=tuple(_SHELLS), default="sh", help="(default: sh)")
    parser.add_argument("--profile", metavar="NAME", help="write this AWS profile instead, for `aws --profile NAME`")
    parser.add_argument("--force", action="store_true", help="overwrite a profile of that name that is not sparekey's")
    return parser


def _signed_in(options: argparse.Namespace) -> SignIn:
    """How the root user signs in to the server that has this state.

    Raises:
        InputError: there is no such state.
    """
    from dataclasses import replace

    folder = options.state or default_state(os.environ)
    known = read_sign_in(folder)
    if known is None and not options.database:
        raise InputError(f"no server has been started with its state in `{folder}`", hint="start one: `sparekey serve`")
    known = known or SignIn(f"http://127.0.0.1:{DEFAULT_PORT}", DEFAULT_REGION, DEFAULT_ACCOUNT, 0)
    if known.access_key_id:
        return known
    from sparekey.server.sign_in import root_key_of
    from sparekey.server.state import open_store, readable

    store, sealer, _ = open_store(Settings(state=folder, database=options.database), make=False)
    try:
        with readable():
            key = root_key_of(store, sealer, known.account)
    finally:
        store.close()
    if key is None:
        raise InputError(f"the root user of account {known.account} has no access key")
    return replace(known, access_key_id=key[0], secret_access_key=key[1])


def _variables(sign_in: SignIn, region: str) -> dict[str, str]:
    variables = {
        "AWS_ENDPOINT_URL": sign_in.endpoint,
        "AWS_ACCESS_KEY_ID": sign_in.access_key_id,
        "AWS_SECRET_ACCESS_KEY": sign_in.secret_access_key,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
    return {**variables, "AWS_CA_BUNDLE": sign_in.certificate} if sign_in.certificate else variables


def _profile(sign_in: SignIn, region: str) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of a profile, and its credentials."""
    settings = {"region": region, "endpoint_url": sign_in.endpoint}
    if sign_in.certificate:
        settings["ca_bundle"] = sign_in.certificate
    return settings, {
        "aws_access_key_id": sign_in.access_key_id,
        "aws_secret_access_key": sign_in.secret_access_key,
    }


def _sh(variables: Mapping[str, str]) -> str:
    from shlex import quote

    lines = [f"export {name}={quote(value)}" for name, value in variables.items()]
    return "\n".join((*lines, f"unset {' '.join(_UNSET)}", ""))


def _fish(variables: Mapping[str, str]) -> str:
    quoted = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in variables.items()}
    lines = [f"set -gx {name} '{value}';" for name, value in quoted.items()]
    return "\n".join((*lines, *(f"set -e {name};" for name in _UNSET), ""))


def _powershell(variables: Mapping[str, str]) -> str:
    quoted = {name: value.replace("'", "''") for name, value in variables.items()}
    lines = [f"$env:{name} = '{value}'" for name, value in quoted.items()]
    return "\n".join((*lines, *(f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in _UNSET), ""))


def _json(variables: Mapping[str, str]) -> str:
    import json

    return json.dumps(variables, indent=2) + "\n"


_SHELLS: Final[Mapping[str, Callable[[Mapping[str, str]], str]]] = {
    "sh": _sh,
    "fish": _fish,
    "powershell": _powershell,
    "json": _json,
}
