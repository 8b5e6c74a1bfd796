"""What a server is told: read from options and the environment by the command line, and by nothing below."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 4566
DEFAULT_ACCOUNT: Final = "123456789012"
DEFAULT_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, or all together, may ask of a server process.

    ``body`` and ``headers`` are bytes, and so is ``bodies``, for all that are coming in at once. ``requests`` are
    served at once, in ``threads``; what is more is told to come again. ``connections`` may be open.
    ``header_seconds`` is how long a request's headers, or the next request on a connection, may take to come;
    ``body_seconds`` its body.
    """

    body: int = 8 * 1024 * 1024
    bodies: int = 256 * 1024 * 1024
    headers: int = 64 * 1024
    requests: int = 256
    connections: int = 1024
    threads: int = 64
    header_seconds: float = 60.0
    body_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server runs.

    ``host`` is an IP address. ``state`` is the folder of the state (its SQLite file and root key) and of the sign-in
    file; ``database`` is the URL of a PostgreSQL that holds the state instead. ``root_key`` is the access key of the
    default account's root user, if it was given. ``seeds`` are files with accounts to begin with.
    ``oidc_keys`` are JSON Web Key Sets of OpenID Connect providers, by their URLs without ``https://``.
    """

    state: str
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    database: str | None = None
    ephemeral: bool = False
    account: str = DEFAULT_ACCOUNT
    seeds: tuple[str, ...] = ()
    unsafe_accept_any_credentials: bool = False
    workers: int = 1
    tls_certificate: str | None = None
    tls_key: str | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    oidc_keys: Mapping[str, str] = field(default_factory=dict)
    root_key: tuple[str, str] | None = None
    limits: Limits = Limits()

    @property
    def endpoint(self) -> str:
        """The URL that clients use."""
        host = f"[{self.reached_at}]" if ":" in self.host else self.reached_at
        return f"{'https' if self.tls_certificate else 'http'}://{host}:{self.port}"

    @property
    def reached_at(self) -> str:
        """An address at which this machine reaches the server."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - where it is reached

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches the server; ``host`` is an address."""
        from ipaddress import ip_address

        return ip_address(self.host).is_loopback
