"""GetWebIdentityToken: an account's own ID tokens, for services outside AWS.

An account has one signing key an algorithm, made when it is first asked for and kept sealed. The issuer's key set is
:func:`sparekey.services.directory.providers.published_keys`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sparekey.errors import ValidationError
from sparekey.policy import PrincipalKind
from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.applicable import identity_parts
from sparekey.services.directory.identifiers import random_uuid
from sparekey.services.directory.organization import path_of
from sparekey.services.directory.providers import SIGNING_KEY, SIGNING_KEYS, SigningKey
from sparekey.services.directory.settings import OUTBOUND_FEDERATION
from sparekey.services.operation import ANY, operation
from sparekey.services.sts.errors import (
    JWTPayloadSizeExceededException,
    OutboundWebIdentityFederationDisabledException,
    SessionDurationEscalationException,
    not_authorized,
)
from sparekey.services.sts.session_tags import session_tags, tag_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Output, Tags

#: The largest claims of a token, in bytes of JSON: our judgement, AWS names no number.
LARGEST_PAYLOAD: Final = 8192
_CLAIMS: Final = "https://sts.amazonaws.com/"
_DISABLED: Final = "Outbound web identity federation is disabled for this account."
_ESCALATION: Final = "The requested token duration would extend the session beyond its original expiration time."
_TOO_LARGE: Final = "The requested token payload size exceeds the maximum allowed size."


def token_keys(
    _call: Call,
    *,
    audience: Sequence[str],
    signing_algorithm: str,
    duration_seconds: int = 300,
    tags: Tags = (),
    **_: object,
) -> Mapping[str, ContextValue]:
    """The condition keys of a request for a token."""
    return {
        "sts:IdentityTokenAudience": tuple(audience),
        "sts:SigningAlgorithm": signing_algorithm,
        "sts:DurationSeconds": str(duration_seconds),
        **tag_keys(tags, ()),
    }


@operation("sts:GetWebIdentityToken", context=token_keys, changes=True)
def get_web_identity_token(
    call: Call, *, audience: Sequence[str], signing_algorithm: str, duration_seconds: int = 300, tags: Tags = ()
) -> Output:
    """Say in a signed token who calls."""
    federation = call.records.get(OUTBOUND_FEDERATION, call.account)
    if federation is None or not federation.enabled:
        raise OutboundWebIdentityFederationDisabledException(_DISABLED)
    if signing_algorithm not in _MAKERS:
        raise ValidationError(
            f"1 validation error detected: Value '{signing_algorithm}' at 'signingAlgorithm' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{', '.join(_MAKERS)}]"
        )
    if call.caller.principal.kind is PrincipalKind.ROOT_USER:
        raise not_authorized(call, "sts:GetWebIdentityToken", "*")
    wanted = session_tags(tags, ()).tags
    if wanted:
        keys = token_keys(
            call, audience=audience, signing_algorithm=signing_algorithm, duration_seconds=duration_seconds, tags=tags
        )
        call.authorize("sts:TagGetWebIdentityToken", ANY, keys)
    issued = call.now.replace(microsecond=0)
    expires = issued + timedelta(seconds=duration_seconds)
    if call.caller.session is not None and expires > call.caller.session.expires:
        raise SessionDurationEscalationException(_ESCALATION)
    claims = {
        "iss": federation.issuer,
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "sub": _subject(call),
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        "jti": random_uuid(call.entropy),
        _CLAIMS: _own_claims(call, wanted),
    }
    if len(json.dumps(claims, separators=(",", ":"))) > LARGEST_PAYLOAD:
        raise JWTPayloadSizeExceededException(_TOO_LARGE)
    return {"WebIdentityToken": _signed(call, claims, signing_algorithm), "Expiration": expires}


def _subject(call: Call) -> str:
    """The identity behind the caller: the role of a session, the user of a federated session."""
    session = call.caller.session
    return call.caller.principal.arn if session is None else session.parent_arn


def _own_claims(call: Call, request_tags: Mapping[str, str]) -> dict[str, object]:
    """AWS's claims about the caller; those that say nothing are left out."""
    account = call.records.get(ACCOUNTS, call.caller.account)
    organization = account.organization if account is not None else None
    session = call.caller.session
    claims: dict[str, object] = {
        "aws_account": call.caller.account,
        "source_region": call.region,
        "org_id": organization,
        "ou_path": path_of(call.records, organization, call.caller.account) if organization else None,
        "principal_tags": dict(identity_parts(call.records, call.caller).tags),
        "principal_id": call.caller.principal.arn,
        "original_session_exp": session.expires.strftime("%Y-%m-%dT%H:%M:%SZ") if session else None,
        "federated_provider": session.federated_provider if session else None,
        "source_identity": session.source_identity if session else None,
        "request_tags": dict(request_tags),
    }
    return {name: value for name, value in claims.items() if value}


def _signed(call: Call, claims: Mapping[str, object], algorithm: str) -> str:
    import jwt
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    key = call.records.get(SIGNING_KEYS, call.account, algorithm)
    if key is None:
        key = _made(call, algorithm)
        call.records.put(SIGNING_KEYS, (call.account, algorithm), key)
    private = load_der_private_key(call.sealer.unseal(key.private, SIGNING_KEY), None)
    return jwt.encode(dict(claims), private, algorithm, headers={"kid": key.key_id})  # type: ignore[arg-type]  # of its kind


def _made(call: Call, algorithm: str) -> SigningKey:
    """A fresh key; the cryptographic library draws it, as it takes no randomness from elsewhere."""
    private, public = _MAKERS[algorithm]()
    key_id = random_uuid(call.entropy)
    told = json.dumps({**json.loads(public), "kid": key_id, "alg": algorithm, "use": "sig"}, sort_keys=True)
    return SigningKey(key_id, algorithm, call.sealer.seal(private, SIGNING_KEY), told, call.now)


def _rsa_key() -> tuple[bytes, str]:
    """A private key of RSA in PKCS #8, and the public one as JSON Web Key."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from jwt.algorithms import RSAAlgorithm

    key = rsa.generate_private_key(65537, 2048)
    return _pkcs8(key), RSAAlgorithm.to_jwk(key.public_key())


def _ec_key() -> tuple[bytes, str]:
    """A private key on P-384 in PKCS #8, and the public one as JSON Web Key."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from jwt.algorithms import ECAlgorithm

    key = ec.generate_private_key(ec.SECP384R1())
    return _pkcs8(key), ECAlgorithm.to_jwk(key.public_key())


def _pkcs8(key: PrivateKeyTypes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


_MAKERS: Final[Mapping[str, Callable[[], tuple[bytes, str]]]] = {"RS256": _rsa_key, "ES384": _ec_key}
