"""What IAM says of an identity-based policy document that it does not take, in its own sentences.

Where its sentence is not known from a recording, a report or the documentation, the choice is ours:
``docs/fidelity.md`` lists those. The order of the checks is partly recorded, partly ours as well.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

from sparekey.policy import PolicyType, parse_policy
from sparekey.services.documents.texts import (
    ELEMENTS,
    TOP_LEVEL,
    VERSIONS,
    Refused,
    listed,
    load,
    texts,
)

SYNTAX: Final = "Syntax errors in policy."
LEGACY: Final = "The policy failed legacy parsing"
VENDOR: Final = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
_SID: Final = (
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
)
_IAM_PATHS: Final = (
    *("user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/"),
    *("sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/"),
)
_ALPHANUMERIC: Final = re.compile(r"[0-9A-Za-z]*")
_VENDOR: Final = re.compile(r"[A-Za-z0-9.-]+")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9*?-]*")

#: Resources of S3 that have a Region and an account, unlike buckets and objects.
_REGIONAL_IN_S3: Final = ("accesspoint", "accessgrants", "job/", "storage-lens", "async-request")


def check_identity_document(text: str, *, managed: bool = False, partition: str = "aws") -> None:
    """Check an identity-based policy; ``managed``: it is to be a managed policy's, which needs the newer Version.

    Raises:
        Refused: IAM does not take it.
    """
    if text[:1].isspace():
        raise Refused(LEGACY)
    data = load(text, SYNTAX)
    statements = _statements(data)
    document = cast("Mapping[str, object]", data)
    if managed and document.get("Version") != VERSIONS[0]:
        raise Refused("Policy document must be version 2012-10-17 or greater.")
    check_elements(statements)
    _check_order(document)
    check_sids(statements)
    for statement in statements:
        for action in texts(statement, "Action", "NotAction"):
            check_action(action)
        for resource in texts(statement, "Resource", "NotResource"):
            check_resource(resource, partition)
        _check_condition_keys(statement)
    if parse_policy(data, type=PolicyType.IDENTITY).malformed:  # literals of condition operators, and all else
        raise Refused(SYNTAX)


def _statements(data: object) -> list[Mapping[str, object]]:
    """The statements of a document whose elements have the right types."""
    if not isinstance(data, dict) or not data.keys() <= TOP_LEVEL:
        raise Refused(SYNTAX)
    if data.get("Version", VERSIONS[0]) not in VERSIONS or not isinstance(data.get("Id", ""), str):
        raise Refused(SYNTAX)
    statements = listed(data.get("Statement", []))
    if not statements or not all(map(_is_statement, statements)):
        raise Refused(SYNTAX)
    return cast("list[Mapping[str, object]]", statements)


def _is_statement(statement: object) -> bool:
    if not isinstance(statement, dict) or not statement.keys() <= ELEMENTS:
        return False
    if statement.get("Effect") not in ("Allow", "Deny") or not isinstance(statement.get("Sid", ""), str):
        return False
    for name in ("Action", "Resource"):
        if name in statement and f"Not{name}" in statement:
            return False
        for element in (name, f"Not{name}"):
            if element in statement and not all(isinstance(each, str) for each in listed(statement[element])):
                return False
    return _is_condition(statement.get("Condition", {}))


def _is_condition(condition: object) -> bool:
    return isinstance(condition, dict) and all(isinstance(keys, dict) for keys in condition.values())


def _check_order(document: Mapping[str, object]) -> None:
    """The older of IAM's parsers wants the Version before a Statement that is no list."""
    elements = list(document)
    if isinstance(document["Statement"], dict) and elements.index("Statement") < (
        elements.index("Version") if "Version" in elements else -1
    ):
        raise Refused(LEGACY)


def check_elements(statements: Iterable[Mapping[str, object]]) -> None:
    """Check what each statement has and lacks as a whole.

    Raises:
        Refused: a statement has a principal, or lacks actions or resources.
    """
    for statement in statements:
        if "Principal" in statement or "NotPrincipal" in statement:
            raise Refused("Policy document should not specify a principal.")
        if not listed(statement.get("Action", statement.get("NotAction", []))):
            raise Refused("Policy statement must contain actions.")
        if not listed(statement.get("Resource", statement.get("NotResource", []))):
            raise Refused("Policy statement must contain resources.")


def check_sids(statements: Iterable[Mapping[str, object]]) -> None:
    """Check the statements' ids.

    Raises:
        Refused: one is not alphanumeric, or stands twice.
    """
    seen: set[str] = set()
    for statement in statements:
        sid = str(statement.get("Sid", ""))
        if not _ALPHANUMERIC.fullmatch(sid):
            raise Refused(_SID)
        if sid and sid in seen:
            raise Refused("Statement IDs (SID) in a single policy must be unique.")
        seen.add(sid)


def check_action(action: str) -> None:
    """Check that an action names its service.

    Raises:
        Refused: it does not.
    """
    if action == "*":
        return
    vendor, colon, name = action.partition(":")
    if not colon or not vendor or not name:
        raise Refused(VENDOR)
    if ":" in name:
        raise Refused("Actions/Condition can contain only one colon.")
    if "*" in vendor or "?" in vendor:
        raise Refused("Action vendors (e.g., aws, ec2, etc.) must not contain wildcards.")
    if not _VENDOR.fullmatch(vendor):
        raise Refused(f"Vendor {vendor} is not valid")


def check_resource(resource: str, partition: str = "aws") -> None:
    """Check that a resource is ``*`` or an ARN as IAM wants it.

    Raises:
        Refused: it is not.
    """
    if resource == "*":
        return
    if not resource.startswith("arn:"):
        raise Refused(f'Resource {resource} must be in ARN format or "*".')
    segments = resource.split(":", 5)
    if segments[1] not in (partition, "*"):
        raise Refused(f'Partition "{segments[1]}" is not valid for resource "{resource}".')
    service = segments[2] if len(segments) > 2 else ""
    if not _VENDOR.fullmatch(service) and not (len(segments) == 3 and re.fullmatch(r"[A-Za-z0-9.-]+\*", service)):
        raise Refused("Resource vendor must be fully qualified and cannot contain regexes.")
    if len(segments) < 6:
        if resource.endswith("*"):  # the wildcard stands for what is missing
            return
        raise Refused(LEGACY)
    _, _, _, region, account, named = segments
    if not _ACCOUNT.fullmatch(account):
        raise Refused(LEGACY)
    _check_places(resource, service, region, account, named)


def _check_places(resource: str, service: str, region: str, account: str, named: str) -> None:
    """Check Region and account where a service has none, and the paths of IAM."""
    if service == "iam":
        if region:
            raise Refused(f"IAM resource {resource} cannot contain region information.")
        if named not in ("*", "root") and not named.startswith(_IAM_PATHS):
            paths = ", ".join(_IAM_PATHS)
            raise Refused(f'IAM resource path must either be "*", root, or start with {paths}.')
    elif service == "route53" or (service == "s3" and not named.startswith(_REGIONAL_IN_S3)):
        if region not in ("", "*"):
            raise Refused(f"Resource {resource} can not contain region information.")
        if service == "route53" and account not in ("", "*"):
            raise Refused(f"Resource {resource} cannot contain an account id.")


def _check_condition_keys(statement: Mapping[str, object]) -> None:
    for keys in cast("Mapping[str, Mapping[str, object]]", statement.get("Condition", {})).values():
        if not all(":" in key for key in keys):
            raise Refused(VENDOR)
