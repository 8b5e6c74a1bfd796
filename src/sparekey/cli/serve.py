"""``sparekey serve``: an AWS account on this machine."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.arn import is_account_id
from sparekey.cli._oidc_keys import read_oidc_keys
from sparekey.cli._parser import Parser
from sparekey.cli._server_options import add_place_options, default_state
from sparekey.cli.main import warn
from sparekey.errors import InputError, printable, system_reason
from sparekey.server.settings import DEFAULT_ACCOUNT, DEFAULT_HOST, DEFAULT_PORT, DEFAULT_REGION, Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from sparekey.server.sign_in import SignIn
    from sparekey.server.state import State

_EPILOG: Final = """\
environment: SPAREKEY_STATE is the folder of --state. SPAREKEY_ROOT_ACCESS_KEY_ID and SPAREKEY_ROOT_SECRET_ACCESS_KEY
give the root user's key pair; else one is made at the first start. `sparekey env` signs a shell in.
"""

#: More processes than this are a slip of the hand.
MOST_WORKERS: Final = 64

_UNSAFE: Final = (
    "UNSAFE: any credentials are accepted (--unsafe-accept-any-credentials): whoever signs with an access key that does"
    " not exist is the root user of account {account}"
)


def run(arguments: list[str]) -> int:
    """Serve until told to stop.

    Raises:
        InputError: an option is wrong, the port is taken, or the state cannot be opened.
    """
    gc.disable()  # what is made until the server listens stays until the end
    try:
        return _run(arguments)
    finally:
        gc.enable()


def _run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    settings = _settings(options, os.environ)
    _refuse_remote(settings, allowed=options.allow_remote)
    settings = replace(settings, port=_claim_port(settings.host, settings.port))
    from sparekey.server.state import make_folder, open_state

    texts = _texts(settings.seeds)
    make_folder(settings.state)
    state = open_state(settings)
    try:
        _seed(settings, state, texts)
    except BaseException:
        state.close()
        raise
    if settings.unsafe_accept_any_credentials:
        warn(_UNSAFE.format(account=settings.account))
    _serve(settings, state)
    return 0


def _texts(names: tuple[str, ...]) -> dict[str, bytes]:
    """The seed files by their names."""
    if not names:
        return {}
    from sparekey.cli._files import POLICIES, read_file

    return {name: read_file(name, POLICIES) for name in names}


def _seed(settings: Settings, state: State, texts: dict[str, bytes]) -> None:
    """Load accounts to begin with; what was loaded at an earlier start is left as it is now."""
    if not texts:
        return
    from sparekey.services.iam.seed_once import load_once

    now = state.cloud.clock.now()
    seeded = state.store.write(lambda records: load_once(records, texts, now=now))
    for warning in seeded.warnings:
        warn(warning)
    if seeded.accounts and settings.account not in seeded.accounts:
        others = ", ".join(seeded.accounts)
        warn(f"the seeds are of account {others}, whose root user has no access key: `--account` names the account")


def _serve(settings: Settings, state: State) -> None:
    from sparekey.server.sign_in import remove_sign_in, write_sign_in
    from sparekey.server.worker import serve

    sign_in = _sign_in(settings, state)
    storage, access_key_id = state.storage, state.root_key[0]

    def listening() -> None:
        write_sign_in(settings.state, sign_in)
        sys.stdout.write(_welcome(settings, storage, access_key_id))
        sys.stdout.flush()

    try:
        serve(settings, state, listening)
    finally:
        if settings.ephemeral:
            remove_sign_in(settings.state, os.getpid())


def _sign_in(settings: Settings, state: State) -> SignIn:
    from sparekey.server.sign_in import SignIn

    key_id, secret = state.root_key if settings.ephemeral else ("", "")
    certificate = os.path.abspath(settings.tls_certificate) if settings.tls_certificate else ""  # noqa: PTH100 - a text
    return SignIn(settings.endpoint, DEFAULT_REGION, settings.account, os.getpid(), key_id, secret, certificate)


def _welcome(settings: Settings, storage: str, access_key_id: str) -> str:
    """What is printed when requests are taken."""
    from sparekey import __version__

    folder = printable(settings.state)
    kept = "in memory: gone when the server stops" if settings.ephemeral else f"{storage}, {folder}"
    if settings.database:
        kept = f"{storage}; sign-in file in {folder}"
    place = "" if settings.state == default_state(os.environ) else f" --state {_quoted(settings.state)}"
    place += f" --database {_quoted(_without_password(settings.database))}" if settings.database else ""
    return (
        f"sparekey {__version__} serves AWS account {settings.account} at {settings.endpoint}\n"
        f"  state    {kept}\n"
        f"  root     access key {access_key_id}\n"
        f'  sign in  eval "$(sparekey env{place})"\n'
        f"  stop     Ctrl-C\n"
    )


def _quoted(text: str) -> str:
    from shlex import quote

    return quote(text)


def _without_password(url: str) -> str:
    """A database's URL to show: output is kept in places where a password does not belong."""
    import re

    return re.sub(r"(//[^/@:]*:)[^/@]*(?=@)|(\bpassword=)[^&\s]*", r"\1\2***", url)


def _parser() -> Parser:
    parser = Parser(
        prog="sparekey serve",
        description="Serve an AWS account on this machine: IAM, STS and Organizations for stock clients.",
        epilog=_EPILOG,
    )
    where = parser.add_argument_group("where it listens")
    where.add_argument("--host", default=DEFAULT_HOST, help=f"an IP address of this machine (default: {DEFAULT_HOST})")
    where.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"0 takes any that is free (default: {DEFAULT_PORT})"
    )
    where.add_argument("--tls-certificate", metavar="FILE", help="serve https with this certificate chain (PEM)")
    where.add_argument("--tls-key", metavar="FILE", help="the certificate's private key (PEM)")
    where.add_argument(
        "--allow-remote", action="store_true", help="let other machines in: needed, with TLS, beyond loopback"
    )
    where.add_argument("--workers", type=int, default=1, metavar="N", help="processes that serve (default: 1)")
    kept = parser.add_argument_group("what it keeps")
    add_place_options(kept)
    kept.add_argument("--ephemeral", action="store_true", help="keep the state in memory; tests can reset it")
    account = parser.add_argument_group("the account")
    account.add_argument("--account", default=DEFAULT_ACCOUNT, metavar="ID", help=f"(default: {DEFAULT_ACCOUNT})")
    account.add_argument("--seed", action="append", default=[], metavar="FILE",
                         help="begin with the output of `aws iam get-account-authorization-details`")  # fmt: skip
    account.add_argument("--quota", action="append", default=[], metavar="NAME=N", help="another quota of an account")
    account.add_argument("--oidc-keys", action="append", default=[], metavar="URL=FILE",
                         help="the keys of an OpenID Connect provider, a JSON Web Key Set")  # fmt: skip
    account.add_argument("--unsafe-accept-any-credentials", action="store_true",
                         help="take whoever signs with an unknown access key for the root user")  # fmt: skip
    return parser


def _settings(options: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    if not 0 <= options.port <= 65535:
        raise InputError(f"`--port {options.port}` is no port", hint="ports are 1 to 65535; 0 takes any that is free")
    if not is_account_id(options.account):
        raise InputError(f"`--account {options.account}` is no account id", hint="an account id has twelve digits")
    if options.workers < 1:
        raise InputError("`--workers` is at least 1")
    if options.workers > MOST_WORKERS:
        raise InputError(f"`--workers` is at most {MOST_WORKERS}")
    if options.ephemeral and (options.database or options.workers > 1):
        other = "--database" if options.database else "--workers"
        raise InputError(f"`--ephemeral` keeps the state in the memory of one process, and does not go with `{other}`")
    if bool(options.tls_certificate) != bool(options.tls_key):
        raise InputError("`--tls-certificate` and `--tls-key` are given together")
    _check_tls(options.tls_certificate, options.tls_key)
    return Settings(
        state=options.state or default_state(environment),
        host=_address(options.host),
        port=options.port,
        database=options.database,
        ephemeral=options.ephemeral,
        account=options.account,
        seeds=tuple(options.seed),
        unsafe_accept_any_credentials=options.unsafe_accept_any_credentials,
        workers=options.workers,
        tls_certificate=options.tls_certificate,
        tls_key=options.tls_key,
        quotas=_quotas(options.quota),
        oidc_keys=read_oidc_keys(options.oidc_keys),
        root_key=_root_key(environment),
    )


def _root_key(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """The root user's key pair, if the environment has it."""
    names = ("SPAREKEY_ROOT_ACCESS_KEY_ID", "SPAREKEY_ROOT_SECRET_ACCESS_KEY")
    key_id, secret = (environment.get(name, "") for name in names)
    if not key_id and not secret:
        return None
    if not key_id or not secret:
        raise InputError(f"`{names[0]}` and `{names[1]}` are given together")
    if not (16 <= len(key_id) <= 128 and key_id.isascii() and key_id.replace("_", "a").isalnum()):
        raise InputError(f"`{names[0]}` is no access key id", hint="it has 16 to 128 letters, digits and underscores")
    if not secret.isprintable() or secret.strip() != secret:
        raise InputError(f"`{names[1]}` is no secret access key")
    return key_id, secret


def _quotas(texts: list[str]) -> dict[str, int]:
    if not texts:
        return {}
    from sparekey.services.directory.quotas import QUOTAS

    quotas = {}
    for text in texts:
        name, _, number = text.partition("=")
        if name not in QUOTAS:
            raise InputError(f"there is no quota `{name}`", hint=f"one of: {', '.join(sorted(QUOTAS))}")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise InputError(f"`--quota {text}`: this is no `NAME=N`")
        quotas[name] = int(number)
    return quotas


def _address(host: str) -> str:
    """The IP address that ``--host`` gives; no name but ``localhost`` is looked up.

    Raises:
        InputError: it is none.
    """
    from ipaddress import ip_address

    try:
        return str(ip_address("127.0.0.1" if host == "localhost" else host.strip("[]")))
    except ValueError:
        raise InputError(f"`--host {host}` is no IP address", hint="such as 127.0.0.1 or ::1") from None


def _refuse_remote(settings: Settings, *, allowed: bool) -> None:
    """Refuse to listen where other machines reach us, unless told so, and then only with TLS."""
    if settings.loopback:
        return
    if not allowed:
        raise InputError(
            f"`{settings.host}` can be reached from other machines",
            hint="`--allow-remote` with `--tls-certificate` and `--tls-key` lets them in",
        )
    if not settings.tls_certificate:
        raise InputError("`--allow-remote` needs TLS: secrets would cross the network in the clear",
                         hint="give `--tls-certificate` and `--tls-key`")  # fmt: skip
    if settings.unsafe_accept_any_credentials:
        raise InputError("`--unsafe-accept-any-credentials` does not go with `--allow-remote`")


def _check_tls(certificate: str | None, key: str | None) -> None:
    """Refuse a certificate or key that cannot be used, before anything is started."""
    if not certificate or not key:
        return
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        told = (error.reason or str(error)).lower().replace("_", " ")
        raise InputError(f"cannot use certificate `{certificate}` with key `{key}`: {told}") from None
    except OSError as error:
        name = next((name for name in (certificate, key) if not os.access(name, os.R_OK)), certificate)
        raise InputError(f"cannot read `{name}`: {system_reason(error)}") from None


def _claim_port(host: str, port: int) -> int:
    """The port to listen on, which nobody else does.

    Raises:
        InputError: somebody does, or we may not.
    """
    import errno
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                hint = "another server runs there; `--port` takes another, `--port 0` any that is free"
                raise InputError(f"port {port} is in use", hint=hint) from None
            raise InputError(f"cannot listen on {host} port {port}: {system_reason(error)}") from None
        return int(probe.getsockname()[1])
