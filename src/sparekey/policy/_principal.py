"""Principal ARNs: which identity a text names, and what to say of a text that names none.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sparekey.arn import is_account_id
from sparekey.policy._json_places import shown
from sparekey.policy._request import Principal, PrincipalKind
from sparekey.unknown import Unknown

PARTITIONS = frozenset(("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"))

_UNIQUE_ID = re.compile(r"(?:A(?:BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|PKA|ROA|SCA|SIA))[A-Z0-9]{12,124}(?::.*)?")
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH_AND_NAME = re.compile(r"(?:[\x21-\x7e]*/)?[\w+=,.@-]+", re.ASCII)
_SERVICE = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|amazon\.com|aws\.internal"
    r"|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)

#: What an ARN of IAM names, for messages on those that are no principal.
_NOT_PRINCIPALS = {
    "group": "a user group, which is never a principal",
    "policy": "a policy",
    "instance-profile": "an instance profile, not its role",
    "mfa": "an MFA device",
    "saml-provider": "a SAML identity provider, not the role its users assume",
    "oidc-provider": "an OIDC identity provider, not the role its users assume",
    "server-certificate": "a server certificate",
}


class PrincipalArn(NamedTuple):
    """An ARN that can be a principal: its kind is ``root``, ``user``, ``role``, ``assumed-role`` or ``federated-user``.

    ``name`` is the user's or role's name, without its path; ``session`` the session's name, for an assumed role.
    """

    partition: str
    account: str
    kind: str
    path: str = "/"
    name: str = ""
    session: str = ""


def is_unique_id(text: str) -> bool:
    """Whether a text is a unique id such as ``AROA…`` (a role) or ``AIDA…`` (a user)."""
    return _UNIQUE_ID.fullmatch(text) is not None


def is_service_name(text: str) -> bool:
    """Whether a text has the form of a service principal's name, such as ``kms.amazonaws.com``."""
    return _SERVICE.fullmatch(text) is not None


def read_principal_arn(text: str) -> PrincipalArn:
    """Read the ARN of a root user, user, role, role session or federated user.

    Raises:
        ValueError: the text is no such ARN, in one sentence for the user.
    """
    quoted = f"`{shown(text)}`"
    if "${" in text:
        raise ValueError(f"{quoted} holds a `${{…}}` that nothing fills in")
    segments = text.split(":", 5)
    if segments[0] != "arn":
        raise ValueError(_no_arn(text, quoted))
    if len(segments) < 6:
        raise ValueError(f"{quoted} is not an ARN: it has {len(segments)} segments, and needs six{_short(segments)}")
    _, partition, service, region, account, resource = segments
    if partition not in PARTITIONS:
        raise ValueError(f"{quoted} names the partition `{shown(partition)}`, which does not exist")
    if service not in ("iam", "sts"):
        raise ValueError(f"{quoted} is an ARN of `{shown(service)}`, not of an identity (`iam` or `sts`)")
    if region:
        raise ValueError(f"{quoted} names the Region `{shown(region)}`: identities have none, so leave it empty (`::`)")
    if not is_account_id(account):
        raise ValueError(f"{quoted} needs a 12-digit account id in place of `{shown(account)}`")
    if "*" in resource or "?" in resource:
        raise ValueError(f"{quoted} has a wildcard, which no identity has in its name")
    return _read_resource(partition, account, service, resource, quoted)


def _no_arn(text: str, quoted: str) -> str:
    if is_account_id(text):
        return f"{quoted} is an account, not an identity: give `arn:aws:iam::{text}:root`, or the ARN of a user or role"
    if is_unique_id(text):
        what = "an access key id" if text[:4] in ("AKIA", "ASIA") else "a unique id"
        return f"{quoted} is {what}: give the ARN of the identity, as `aws sts get-caller-identity` prints it"
    return f"{quoted} is not an ARN: identities look like `arn:aws:iam::123456789012:role/Name`"


def _short(segments: list[str]) -> str:
    if len(segments) == 5 and segments[2] in ("iam", "sts") and is_account_id(segments[3]):
        return f" (the Region is empty: `arn:{segments[1]}:{segments[2]}::{segments[3]}:{shown(segments[4])}`)"
    if len(segments) == 5 and is_account_id(segments[3] or segments[2]):
        return " (is the service, `iam`, missing?)"
    return ""


def _read_resource(partition: str, account: str, service: str, resource: str, quoted: str) -> PrincipalArn:
    kind, _, names = resource.partition("/")
    if service == "iam" and resource == "root":
        return PrincipalArn(partition, account, "root")
    if service == "iam" and kind in ("user", "role"):
        if not _PATH_AND_NAME.fullmatch(names):
            raise ValueError(f"{quoted} does not end in the name of a {kind}")
        path, _, name = names.rpartition("/")
        return PrincipalArn(partition, account, kind, f"/{path}/" if path else "/", name)
    if service == "sts" and kind == "assumed-role":
        role, _, session = names.partition("/")
        if "/" in session:
            raise ValueError(f"{quoted} holds a role path: a session's ARN is `assumed-role/ROLE/SESSION`, without it")
        if not _NAME.fullmatch(role) or not _NAME.fullmatch(session):
            raise ValueError(f"{quoted} needs the form `assumed-role/ROLE/SESSION`")
        return PrincipalArn(partition, account, kind, "", role, session)
    if service == "sts" and kind == "federated-user" and _NAME.fullmatch(names):
        return PrincipalArn(partition, account, kind, "", names)
    raise ValueError(f"{quoted} names {_what(service, kind)}")


def _what(service: str, kind: str) -> str:
    if kind in _NOT_PRINCIPALS:
        return _NOT_PRINCIPALS[kind]
    if kind in ("user", "role", "root"):
        return "no identity: users, roles and root are of the service `iam`"
    if kind in ("assumed-role", "federated-user"):
        return "no identity: sessions are of the service `sts`, and have a name"
    return f"no identity of `{service}`"


def principal_from_arn(text: str) -> Principal:
    """Read a principal from the ARN of a root user, user, role, role session or federated user, or a service's name.

    A role's ARN stands for a session of that role whose name is not told. ``*`` or nothing is the anonymous caller.

    Raises:
        ValueError: the text is none of these, in one sentence for the user.
    """
    if text in ("", "*"):
        return Principal(PrincipalKind.ANONYMOUS, "", has_boundary=False)
    if is_service_name(text):
        return Principal(PrincipalKind.AWS_SERVICE, text, has_boundary=False)
    arn = read_principal_arn(text)
    match arn.kind:
        case "root":
            return Principal(PrincipalKind.ROOT_USER, text, arn.account, has_boundary=False)
        case "user":
            return Principal(PrincipalKind.IAM_USER, text, arn.account)
        case "federated-user":
            user = Unknown((f"the user behind `{text}`",), (f"arn:{arn.partition}:iam::{arn.account}:", None))
            return Principal(PrincipalKind.FEDERATED_USER, text, arn.account, user_arn=user)
        case _:
            return Principal(_role_kind(arn), text, arn.account, role_arn=_role_arn(text, arn))


def _role_kind(arn: PrincipalArn) -> PrincipalKind:
    linked = arn.name.startswith("AWSServiceRoleFor") and (not arn.path or arn.path.startswith("/aws-service-role/"))
    return PrincipalKind.SERVICE_LINKED_ROLE if linked else PrincipalKind.ROLE_SESSION


def _role_arn(text: str, arn: PrincipalArn) -> str | Unknown:
    """The role behind a session. A session's ARN leaves the role's path out; AWS's own roles have known ones."""
    if arn.kind == "role":
        return text
    roles = f"arn:{arn.partition}:iam::{arn.account}:role/"
    pieces: tuple[str | None, ...] = (roles, None, arn.name)
    if arn.name.startswith("AWSReservedSSO_"):
        pieces = (f"{roles}aws-reserved/sso.amazonaws.com/", None, arn.name)
    elif arn.name.startswith("AWSServiceRoleFor"):
        pieces = (f"{roles}aws-service-role/", None, f"/{arn.name}")
    return Unknown((f"the path of role `{arn.name}`",), pieces)
