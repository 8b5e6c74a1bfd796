"""AssumeRoleWithSAML: an identity provider's signed assertion in place of credentials.

What AWS does not tell is our judgement: clocks of provider and server may not differ but for the five minutes within
which an assertion must be handed in; encrypted assertions are refused by name.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Final

from sparekey.errors import AccessDenied
from sparekey.services.directory.providers import SAML_PROVIDERS
from sparekey.services.operation import operation
from sparekey.services.sts.errors import InvalidIdentityTokenException
from sparekey.services.sts.federated_sessions import Asked, Presented, assume_for_provider
from sparekey.services.sts.saml_assertion import read_assertion
from sparekey.services.sts.saml_keys import LASTING, name_qualifier, saml_keys
from sparekey.services.sts.saml_signature import metadata_of, parse_xml, signed_assertion
from sparekey.services.sts.trusting_roles import account_of_role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.services.directory.providers import SamlProvider
    from sparekey.services.operation import Call, Output
    from sparekey.services.sts.saml_assertion import SamlAssertion

_ACTION: Final = "sts:AssumeRoleWithSAML"


@operation("sts:AssumeRoleWithSAML", authorized=False, anonymous=True, changes=False)
def assume_role_with_saml(
    call: Call,
    *,
    role_arn: str,
    principal_arn: str,
    saml_assertion: str,
    policy_arns: Sequence[Mapping[str, str]] = (),
    policy: str | None = None,
    duration_seconds: int = 3600,
    minimum_session_token_size: int = 0,
) -> Output:
    """Give temporary credentials of a role that trusts the identity provider whose assertion this is."""
    account, provider = _find_provider(call, principal_arn)
    assertion = _read(call, provider, saml_assertion)
    account_of_role(role_arn)
    if frozenset((role_arn, principal_arn)) not in assertion.pairs():
        raise AccessDenied(f"Not authorized to perform {_ACTION}")
    keys = saml_keys(assertion, account, provider.name)
    presented = Presented(
        provider=provider.arn,
        session_name=assertion.session_name(),
        keys=keys,
        lasting={key: keys[key] for key in LASTING},
        tags=assertion.tags(),
        transitive=assertion.of_aws("TransitiveTagKeys"),
        source_identity=assertion.source_identity(),
    )

    def shortened(seconds: int) -> int:
        return assertion.shortened(seconds, call.now)

    asked = Asked(duration_seconds, policy, policy_arns, minimum_session_token_size, shortened)
    return {
        **assume_for_provider(call, _ACTION, role_arn, presented, asked),
        "Subject": assertion.subject,
        "SubjectType": assertion.subject_type,
        "Issuer": assertion.issuer,
        "Audience": assertion.recipient,
        "NameQualifier": name_qualifier(assertion.issuer, account, provider.name),
    }


def _find_provider(call: Call, arn: str) -> tuple[str, SamlProvider]:
    """The provider of an ARN, and its account.

    Raises:
        InvalidIdentityTokenException: there is none.
    """
    account = account_of_role(arn)
    provider = call.records.get(SAML_PROVIDERS, account, arn.rpartition("/")[2])
    if provider is None or provider.arn != arn:
        raise InvalidIdentityTokenException("Specified provider doesn't exist")
    return account, provider


def _read(call: Call, provider: SamlProvider, encoded: str) -> SamlAssertion:
    """The assertion in an encoded response.

    Raises:
        InvalidIdentityTokenException: it is not the provider's, not for AWS, or not readable.
        ExpiredTokenException: it is too old.
    """
    try:
        document = b64decode("".join(encoded.split()), validate=True)
    except ValueError:
        raise InvalidIdentityTokenException("Invalid base64 SAMLResponse") from None
    response = parse_xml(document)
    entity_id, certificates = metadata_of(provider.metadata)
    assertion = read_assertion(signed_assertion(response, certificates, call.now), call.now)
    if assertion.issuer != entity_id:
        raise InvalidIdentityTokenException("Issuer not present in specified provider")
    return assertion
