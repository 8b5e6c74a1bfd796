"""What each policy type's grammar refuses or ought to be told about, and what KMS answers to a document.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sparekey.arn import is_account_id
from sparekey.policy._document import Effect, FaultCode, Policy, PolicyType, PrincipalElement, Statement, Text
from sparekey.policy._faults import CharacterFault, named
from sparekey.policy._json_places import shown
from sparekey.policy._operators import OPERATORS
from sparekey.policy._pattern import WITH_VARIABLES
from sparekey.policy._principal import is_service_name, is_unique_id, read_principal_arn
from sparekey.policy._values import is_base64, read_moment, read_network, read_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparekey.policy._grammar import Scope
    from sparekey.source import Path


_ALPHANUMERIC: Final = re.compile(r"[A-Za-z0-9]*")
_ACTION: Final = re.compile(r"\*+|[A-Za-z0-9*?_.-]+:[A-Za-z0-9*?_.-]+")
_KEY: Final = re.compile(r"[\x21-\x7e]+")

#: Services whose actions an RCP has been seen to refuse.
_OUTSIDE_RCPS: Final = ("iam",)

_LEFT_LITERALLY: Final = "put `Fn::Sub` (`!Sub`) before the text, so that CloudFormation fills it in"


def check_sid(scope: Scope, sid: str, path: Path) -> None:
    """IAM wants alphanumeric Sids; key policies and other resource-based policies take spaces."""
    if scope.grammar.of_iam and not _ALPHANUMERIC.fullmatch(sid):
        message = f"the Sid `{shown(sid)}` of {named(path)} has characters other than letters and digits"
        scope.faults.malformed(message, path, hint="IAM takes A-Z, a-z and 0-9 only")


def check_unique_sids(scope: Scope, sids: list[tuple[str, Path]]) -> None:
    """IAM refuses two statements with one Sid; KMS accepts them, and messages cannot tell them apart."""
    seen: set[str] = set()
    for sid, path in sids:
        if sid and sid in seen:
            message = f"the Sid `{shown(sid)}` of {named(path)} is another statement's as well"
            if scope.grammar.of_iam:
                scope.faults.malformed(message, path)
            else:
                scope.faults.suspicious(message, path, hint="give each statement a Sid of its own")
        seen.add(sid)


def check_action(scope: Scope, action: str, path: Path) -> None:
    """Find garbled actions, and those a policy type does not take."""
    grammar = scope.grammar
    prefix, colon, _ = action.partition(":")
    if grammar.of_iam and not colon and action.strip("*"):
        message = f"the action `{shown(action)}` has no service prefix"
        scope.faults.malformed(message, path, hint="write `service:Action`, such as `kms:Decrypt`")
    elif scope.type is PolicyType.TRUST and "NotAction" not in path and prefix.lower() != "sts" and "*" not in prefix:
        message = f"a trust policy is about STS actions, and `{shown(action)}` is none"
        scope.faults.suspicious(message, path, hint="use `sts:AssumeRole` or another `sts:` action")
    elif not _ACTION.fullmatch(action):
        message = f"the action `{shown(action)}` matches nothing: {_garbled(action)}"
        scope.faults.suspicious(message, path, hint=_LEFT_LITERALLY if "${" in action else None)


def _garbled(action: str) -> str:
    if "${" in action:
        return "`${…}` is not filled in here"
    if not action.isascii():
        look_alike = next(character for character in action if character > "\x7f")
        return f"`{shown(look_alike)}` (U+{ord(look_alike):04X}) is no character of an action"
    if "," in action:
        return "one text holds one action, so list them in `[…]`"
    if any(character.isspace() for character in action):
        return "it contains white space"
    prefix, colon, name = action.partition(":")
    if not colon:
        return "it has no service prefix (`service:Action`)"
    if not prefix or not name:
        return f"nothing stands {'before' if not prefix else 'after'} the colon"
    return "it is not of the form `service:Action`"


def check_resource(scope: Scope, resource: str, path: Path) -> None:
    """Find resources that are neither ARNs nor ``*``."""
    check_literal_variables(scope, resource, path)
    if resource.startswith(("*", "${")):
        return
    if not resource.startswith("arn:"):
        message = f"the resource `{shown(resource)}` is neither an ARN nor `*`"
        if scope.grammar.of_iam:
            scope.faults.malformed(message, path)
        else:
            hint = "in a key policy, `*` is this key" if scope.type is PolicyType.KEY else None
            scope.faults.suspicious(f"{message}, so it matches nothing", path, hint=hint)
    elif scope.type is PolicyType.SESSION and resource.count(":") < 5 and not resource.endswith("*"):
        message = f"the resource `{shown(resource)}` has fewer than the six segments of an ARN"
        scope.faults.malformed(message, path, hint="session policies take no incomplete ARNs")


def check_literal_variables(scope: Scope, text: str, path: Path) -> None:
    """Find ``${…}`` that nobody will fill in."""
    if "${" not in text:
        return
    if "${AWS::" in text:
        message = f"`{shown(text)}` holds a CloudFormation parameter that was not filled in"
        scope.faults.suspicious(message, path, hint=_LEFT_LITERALLY)
    elif scope.version != WITH_VARIABLES:
        message = f"`{shown(text)}` is plain text: policy variables need `Version` `{WITH_VARIABLES}`"
        scope.faults.suspicious(message, path, hint=f'add `"Version": "{WITH_VARIABLES}"` to the policy')


def check_principal(scope: Scope, key: str, principal: str, path: Path) -> None:
    """Check one principal under ``AWS``, ``Service``, ``Federated`` or ``CanonicalUser``."""
    match key:
        case "AWS":
            _check_aws_principal(scope, principal, path)
        case "Service" if not is_service_name(principal):
            message = f"`{shown(principal)}` is not the name of an AWS service, such as `logs.amazonaws.com`"
            hint = "ARNs and accounts belong under `AWS`" if principal.startswith("arn:") else None
            _refuse_in_key_policy(scope, message, path, hint)
        case "Federated" if not re.search(r":(?:saml|oidc)-provider/", principal):
            if scope.type is PolicyType.KEY:
                message = f"`{shown(principal)}` is not the ARN of a SAML or OIDC identity provider"
                scope.faults.add(FaultCode.INVALID_PRINCIPALS, message, path)
        case "CanonicalUser" if scope.type in (PolicyType.KEY, PolicyType.TRUST):
            message = "a canonical user id is for Amazon S3 only"
            scope.faults.add(FaultCode.INVALID_PRINCIPALS, message, path, hint="use an ARN under `AWS`")
        case _:
            pass


def _check_aws_principal(scope: Scope, principal: str, path: Path) -> None:
    if is_account_id(principal) or ":iam::cloudfront:user/" in principal:
        return
    if is_unique_id(principal):
        message = f"`{shown(principal)}` is the unique id of a principal that was deleted: it matches nobody"
        _refuse_in_key_policy(scope, message, path, "put the principal's ARN there, or remove it")
        return
    try:
        read_principal_arn(principal)
    except ValueError as error:
        scope.faults.add(FaultCode.INVALID_PRINCIPALS, str(error), path, hint=_principal_hint(principal))


def _principal_hint(principal: str) -> str | None:
    if "${" in principal:
        return _LEFT_LITERALLY
    if principal.strip() != principal:
        return "remove the white space around it"
    if "*" in principal or "?" in principal:
        return "name the account, and compare `aws:PrincipalArn` with `ArnLike` in a Condition"
    if ":group/" in principal:
        return "name the users or a role; a group is never a principal"
    return "service principals belong under `Service`" if is_service_name(principal) else None


def _refuse_in_key_policy(scope: Scope, message: str, path: Path, hint: str | None) -> None:
    """KMS refuses such a principal when a policy is put; elsewhere a stored policy may well show it."""
    code = FaultCode.INVALID_PRINCIPALS if scope.type is PolicyType.KEY else FaultCode.SUSPICIOUS
    scope.faults.add(code, message, path, hint=hint)


def check_condition_key(scope: Scope, qualifier: str | None, key: str, path: Path) -> None:
    """Find keys without a prefix, and set operators that let everything through."""
    lowered = key.lower()
    if ":" not in key or not _KEY.fullmatch(key.partition("/")[0]):
        message = f"`{shown(key)}` is not a condition key: they look like `aws:SourceArn`"
        if scope.grammar.of_iam and ":" not in key:
            scope.faults.malformed(message, path)
        else:
            scope.faults.suspicious(message, path)
    if qualifier == "ForAllValues" and scope.type is PolicyType.KEY:
        what = "encryption context" if lowered.startswith("kms:encryptioncontext:") else ""
        what = "tag" if lowered.startswith("aws:requesttag/") else what
        if what:
            scope.faults.add(
                FaultCode.OVERLY_PERMISSIVE_CONDITION,
                "Using the ForAllValues set operator with a single-valued condition key matches requests without the "
                f"specified {what} or with an unspecified {what}. To fix, remove ForAllValues.",
                path,
            )


def check_condition_value(scope: Scope, operator: str, value: str, path: Path) -> None:
    """Check that a value is what its operator compares."""
    kind = OPERATORS[operator].kind
    if OPERATORS[operator].variables:
        check_literal_variables(scope, value, path)
    message = f"`{operator}` compares {_COMPARED[kind]}, and `{shown(value)}` is none" if kind in _COMPARED else ""
    if kind == "arn":
        _check_arn_value(scope, value, path, message)
    elif (kind in _READERS and _READERS[kind](value) is None) or (kind == "base64" and not is_base64(value)):
        if scope.grammar.literals or kind == "base64":
            scope.faults.malformed(message, path)
        else:
            scope.faults.suspicious(f"{message}: it is never equal", path)


_COMPARED: Final = {
    "number": "numbers",
    "date": "dates",
    "address": "IP address ranges",
    "base64": "base64 texts",
    "arn": "ARNs",
}
_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "number": read_number,
    "date": read_moment,
    "address": read_network,
}


def _check_arn_value(scope: Scope, value: str, path: Path, message: str) -> None:
    if (scope.version == WITH_VARIABLES and "${" in value) or (value.startswith("arn:") and value.count(":") >= 5):
        return
    if scope.grammar.literals and not value.startswith(("arn:", "*", "?")):
        scope.faults.malformed(message, path)
    elif not (value.startswith(("*", "?")) and value.count(":") >= 5):
        scope.faults.suspicious(f"{message}: the condition cannot be evaluated", path)


def check_statement(scope: Scope, statement: Statement) -> None:
    """Check what a statement has and lacks as a whole."""
    grammar, path, faults = scope.grammar, statement.path, scope.faults
    where = named(path)
    for element, missing in (
        ("Action", statement.action is None and statement.not_action is None),
        ("Resource", statement.resource is None and statement.not_resource is None and grammar.resource != "forbidden"),
    ):
        if missing and grammar.resource == "inert":
            hint = f'add `"{element}": "{"kms:*" if element == "Action" else "*"}"`, or what is meant'
            faults.add(FaultCode.WITHOUT_EFFECT, f"{where} has no {element}, so it has no effect", path, hint=hint)
        elif missing:
            faults.malformed(f"{where} has neither {element} nor Not{element}", path)
    if scope.type is PolicyType.RCP:
        _check_rcp(scope, statement)


def _check_rcp(scope: Scope, statement: Statement) -> None:
    """An RCP denies named services' actions to everyone; only AWS's own RCPFullAWSAccess allows, and everything."""
    faults, path, where = scope.faults, statement.path, named(statement.path)
    if statement.effect is Effect.ALLOW:
        everything = (statement.action, statement.resource, statement.conditions) == (("*",), ("*",), ())
        if not everything:
            faults.malformed(f"{where} allows, and a resource control policy can only deny", path)
        return
    if statement.not_action is not None:
        faults.malformed(f"{where} has NotAction, which a resource control policy does not take", path)
    for action in statement.action or ():
        prefix = action.partition(":")[0].lower() if isinstance(action, str) else ""
        if prefix == "*" or prefix in _OUTSIDE_RCPS:
            faults.malformed(f"a resource control policy does not take the action `{shown(str(action))}`", path)


def check_everyone(scope: Scope, element: PrincipalElement | None, raw: object, path: Path) -> None:
    """An RCP names everyone: ``"*"`` or ``{"AWS": "*"}``, and not as a list."""
    if element is not None and (raw in ("*", {"AWS": "*"}) or element.unknown):
        return
    message = f"{named(path)} of a resource control policy needs the Principal `*`"
    scope.faults.malformed(message, path, hint="narrow it down with Condition keys such as `aws:PrincipalOrgID`")


#: What KMS says of each kind of fault, in the order it looks for them.
_KMS_ANSWERS: Final = (
    (FaultCode.TOO_LARGE, "LimitExceededException", ""),
    (FaultCode.MALFORMED, "MalformedPolicyDocumentException", ""),
    (FaultCode.NO_PRINCIPAL, "MalformedPolicyDocumentException", "Policy contains a statement with no principal."),
    (
        FaultCode.INVALID_PRINCIPALS,
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    ),
)


#: The API's own check of the text, which comes before all others; AWS also quotes the policy in it.
_NOT_THE_PATTERN: Final = (
    "1 validation error detected: Value at 'policy' failed to satisfy constraint: "
    r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+"
)


def kms_answer(policy: Policy) -> tuple[str, str] | None:
    """The error code and message KMS gives for a document; ``None`` where it takes it.

    The message is empty where KMS gives none: for malformed documents, and (not recorded) for those too large.
    """
    if not policy.faults:
        return None
    if any(isinstance(fault, CharacterFault) for fault in policy.faults):
        return "ValidationException", _NOT_THE_PATTERN
    for code, error, message in _KMS_ANSWERS:
        if any(fault.code is code for fault in policy.faults):
            return error, message
    for fault in policy.faults:
        if fault.code is FaultCode.OVERLY_PERMISSIVE_CONDITION:
            return "OverlyPermissiveCondition", fault.message
    return None


def wholly_open(text: Text) -> bool:
    """Whether nothing is known of a text, so that it may stand for a list as well."""
    return not isinstance(text, str) and not any(text.pieces)
