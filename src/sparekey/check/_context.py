"""The request context of the calls a stack operation makes: the one place where we judge what KMS sees.

AWS documents that CloudFormation calls with a forwarded session of the caller, or with a session of the service role,
and that ``aws:ViaAWSService`` is true either way. What it does not document is marked "judged"; docs/fidelity.md lists
the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.policy import ABSENT, ContextValue, PrincipalKind, RequestContext
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: A context key that may be in the request or not, with any value.
NOT_TOLD = Unknown(())


class Row(NamedTuple):
    """What one context key holds in a call of CloudFormation.

    ``forwarded`` for a session forwarded from a role session, ``user`` from a user (root user included), ``role`` for a
    session of the service role.
    """

    key: str
    forwarded: ContextValue
    user: ContextValue
    role: ContextValue


def _same(key: str, value: ContextValue) -> Row:
    return Row(key, value, value, value)


_CLOUDFORMATION = "cloudformation.amazonaws.com"
#: A context key that no row names (and no call adds) is not in the request.
ROWS: tuple[Row, ...] = (
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html (forward access sessions)
    _same("aws:ViaAWSService", "true"),
    # With a service role AWS's pages conflict on aws:CalledVia: judged present
    _same("aws:CalledVia", (_CLOUDFORMATION,)),
    _same("aws:CalledViaFirst", _CLOUDFORMATION),
    _same("aws:CalledViaLast", _CLOUDFORMATION),
    # CloudFormation is no service that uses keys on a principal's behalf, so kms:ViaService is absent: judged
    _same("kms:ViaService", ABSENT),
    # A new key has no alias yet: judged
    _same("kms:ResourceAliases", ABSENT),
    _same("kms:RequestAlias", ABSENT),
    # Present (true or false) with temporary credentials only, and not in a service role's session: observed.
    # Whether a person signs in with MFA is not in the input. Judged: a forwarded session keeps it.
    Row("aws:MultiFactorAuthPresent", NOT_TOLD, NOT_TOLD, ABSENT),
    Row("aws:MultiFactorAuthAge", NOT_TOLD, NOT_TOLD, ABSENT),
    # AWS calls KMS over TLS only
    _same("aws:SecureTransport", "true"),
    # A principal calls, not a service for itself
    _same("aws:PrincipalIsAWSService", "false"),
    _same("aws:PrincipalServiceName", ABSENT),
    _same("aws:SourceAccount", ABSENT),
    _same("aws:SourceArn", ABSENT),
    # Of the caller's sign-in
    Row("aws:FederatedProvider", NOT_TOLD, ABSENT, ABSENT),
    Row("aws:SourceIdentity", NOT_TOLD, ABSENT, ABSENT),
    Row("aws:TokenIssueTime", NOT_TOLD, NOT_TOLD, NOT_TOLD),
    Row("saml:*", NOT_TOLD, ABSENT, ABSENT),
    Row("sts:*", NOT_TOLD, ABSENT, ABSENT),
    Row("accounts.google.com:*", NOT_TOLD, ABSENT, ABSENT),
    Row("cognito-identity.amazonaws.com:*", NOT_TOLD, ABSENT, ABSENT),
    Row("graph.facebook.com:*", NOT_TOLD, ABSENT, ABSENT),
    Row("www.amazon.com:*", NOT_TOLD, ABSENT, ABSENT),
    # Of the caller's compute
    Row("ec2:*", NOT_TOLD, ABSENT, ABSENT),
    Row("lambda:*", NOT_TOLD, ABSENT, ABSENT),
    Row("aws:Ec2InstanceSourceVpc", NOT_TOLD, ABSENT, ABSENT),
    Row("aws:Ec2InstanceSourcePrivateIPv4", NOT_TOLD, ABSENT, ABSENT),
    # Of the organization, the network and the moment: whatever --context does not tell
    _same("aws:PrincipalOrgID", NOT_TOLD),
    _same("aws:PrincipalOrgPaths", NOT_TOLD),
    _same("aws:ResourceOrgID", NOT_TOLD),
    _same("aws:ResourceOrgPaths", NOT_TOLD),
    _same("aws:SourceIp", NOT_TOLD),
    _same("aws:VpcSourceIp", NOT_TOLD),
    _same("aws:SourceVpc", NOT_TOLD),
    _same("aws:SourceVpcArn", NOT_TOLD),
    _same("aws:SourceVpce", NOT_TOLD),
    _same("aws:VpceAccount", NOT_TOLD),
    _same("aws:VpceOrgID", NOT_TOLD),
    _same("aws:VpceOrgPaths", NOT_TOLD),
    _same("aws:UserAgent", NOT_TOLD),
    _same("aws:Referer", NOT_TOLD),
    _same("aws:CurrentTime", NOT_TOLD),
    _same("aws:EpochTime", NOT_TOLD),
)

#: What differs when the caller calls CloudFormation or IAM itself (iam:PassRole).
_DIRECT: Mapping[str, ContextValue] = {
    "aws:ViaAWSService": "false",
    "aws:CalledVia": ABSENT,
    "aws:CalledViaFirst": ABSENT,
    "aws:CalledViaLast": ABSENT,
}


def stack_context(kind: PrincipalKind, *, service_role: bool) -> RequestContext:
    """Make the context of CloudFormation's calls for a principal."""
    session = kind in (PrincipalKind.ROLE_SESSION, PrincipalKind.FEDERATED_USER)
    values: dict[str, ContextValue] = {}
    unknown: list[str] = []
    for row in ROWS:
        value = row.role if service_role else row.forwarded if session else row.user
        if value is NOT_TOLD:
            unknown.append(row.key)
        elif value is not ABSENT:
            values[row.key] = value
    return RequestContext(values, tuple(unknown))


def direct_context(context: RequestContext) -> RequestContext:
    """Turn the context of a forwarded call into that of the caller's own."""
    return extend(context, _DIRECT)


def extend(context: RequestContext, more: Mapping[str, ContextValue], unknown: Iterable[str] = ()) -> RequestContext:
    """Add context keys, in place of those with the same name; names are compared without case."""
    lowered = {key.lower() for key in more}
    values = {key: value for key, value in context.values.items() if key.lower() not in lowered}
    return RequestContext({**values, **more}, (*context.unknown, *unknown))
