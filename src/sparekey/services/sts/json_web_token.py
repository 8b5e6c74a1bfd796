"""OpenID Connect ID tokens, checked with the keys of the identity provider they name.

Keys come with the provider's record or are given to the server; nothing is fetched. Only signatures with RSA or
elliptic-curve keys count, so a token that is not signed, or signed with a shared secret, is refused whatever it says.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.services.sts.errors import ExpiredTokenException, InvalidIdentityTokenException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.directory.providers import OidcProvider

#: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
ALGORITHMS: Final = frozenset(("RS256", "RS384", "RS512", "ES256", "ES384", "ES512"))

#: How far a provider's clock may be ahead, in seconds; AWS does not say.
_AHEAD: Final = 300
_NO_JWT: Final = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
_NO_KEY: Final = (
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
    "documentation for requirements"
)
_BAD_SIGNATURE: Final = "The web identity token that was passed could not be validated by AWS."  # our own words
_AUDIENCE: Final = "Incorrect token audience"


class IdToken(NamedTuple):
    """An ID token that has not been checked yet: its text, its header and its claims."""

    text: str
    header: Mapping[str, object]
    claims: Mapping[str, object]

    def claim(self, name: str) -> str:
        """A claim that must be a text.

        Raises:
            InvalidIdentityTokenException: it is missing, or something else.
        """
        value = self.claims.get(name)
        if not isinstance(value, str) or not value:
            raise InvalidIdentityTokenException(f"Missing a required claim: {name}")
        return value

    def moment(self, name: str) -> int:
        """A claim that must be a time: whole seconds.

        Raises:
            InvalidIdentityTokenException: it is missing, or something else.
        """
        value = self.claims.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidIdentityTokenException(f"Missing a required claim: {name}")
        return value

    @property
    def audience(self) -> tuple[str, ...]:
        """For whom the token is meant.

        Raises:
            InvalidIdentityTokenException: it does not say.
        """
        value = self.claims.get("aud")
        if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            return tuple(value)
        return (self.claim("aud"),)

    @property
    def party(self) -> str | None:
        """The authorized party (``azp``): the client the token was issued to, where it is not the audience."""
        value = self.claims.get("azp")
        return value if isinstance(value, str) and value else None


def read_id_token(text: str) -> IdToken:
    """Read an ID token; what it says is not to be believed before :func:`check_id_token`.

    Raises:
        InvalidIdentityTokenException: it is none, or signed in a way that does not count.
    """
    import jwt

    try:
        header = jwt.get_unverified_header(text)
        claims = jwt.decode(text, options={"verify_signature": False})
    except (jwt.exceptions.PyJWTError, ValueError, RecursionError):
        raise InvalidIdentityTokenException(_NO_JWT) from None
    if str(header.get("alg")) not in ALGORITHMS or "crit" in header:
        raise InvalidIdentityTokenException(_NO_JWT)
    return IdToken(text, header, claims)


def check_id_token(token: IdToken, provider: OidcProvider, now: datetime) -> None:
    """Check that a provider signed a token, for one of its clients, and that its time has come and is not over.

    Raises:
        InvalidIdentityTokenException: it did not, or not for them.
        ExpiredTokenException: it is over.
    """
    _check_signature(token, provider)
    seconds = int(now.astimezone(UTC).timestamp())
    expires = token.moment("exp")
    if seconds >= expires:
        raise ExpiredTokenException(
            f"Token expired: current date/time {seconds} must be before the expiration date/time {expires}"
        )
    if token.moment("iat") > seconds + _AHEAD or ("nbf" in token.claims and token.moment("nbf") > seconds + _AHEAD):
        raise InvalidIdentityTokenException("Token is not yet valid")
    clients = {token.party} if token.party is not None else set(token.audience)
    if clients.isdisjoint(provider.client_ids):
        raise InvalidIdentityTokenException(_AUDIENCE)


def _check_signature(token: IdToken, provider: OidcProvider) -> None:
    import jwt

    algorithm = str(token.header["alg"])
    found = False
    for key in _keys(provider):
        kid = token.header.get("kid")
        if (kid is not None and key.get("kid") != kid) or key.get("use", "sig") != "sig":
            continue
        found = True
        try:
            known = jwt.PyJWK(dict(key), algorithm=algorithm)
            jwt.api_jws.decode(token.text, known, algorithms=[algorithm])
        except (jwt.exceptions.PyJWTError, ValueError, TypeError, KeyError):
            continue
        return
    raise InvalidIdentityTokenException(_BAD_SIGNATURE if found else _NO_KEY)


def _keys(provider: OidcProvider) -> list[dict[str, object]]:
    """The keys of a provider's JSON Web Key Set; none where it has no readable one."""
    try:
        document = json.loads(provider.keys or "{}")
    except ValueError:
        return []
    keys = document.get("keys") if isinstance(document, dict) else None
    return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
