from __future__ import annotations

import json

import pytest

from sparekey.policy._document import Fault, FaultCode, Policy, PolicyType
from sparekey.policy._parse import kms_answer, parse_policy
from sparekey.policy._validate import wholly_open
from sparekey.unknown import Unknown

ROOT = "arn:aws:iam::111111111111:root"
KEY: dict[str, object] = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
IDENTITY: dict[str, object] = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
TRUST: dict[str, object] = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
RCP: dict[str, object] = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}
GOOD: dict[PolicyType, dict[str, object]] = {
    PolicyType.KEY: KEY,
    PolicyType.IDENTITY: IDENTITY,
    PolicyType.BOUNDARY: IDENTITY,
    PolicyType.SESSION: IDENTITY,
    PolicyType.SCP: IDENTITY,
    PolicyType.RCP: RCP,
    PolicyType.TRUST: TRUST,
    PolicyType.RESOURCE: KEY,
    PolicyType.ENDPOINT: KEY,
}
OF_IAM = (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION)
WITH_PRINCIPAL = (PolicyType.KEY, PolicyType.TRUST, PolicyType.RESOURCE, PolicyType.ENDPOINT)

MALFORMED = ("MalformedPolicyDocumentException", "")
NO_PRINCIPAL = ("MalformedPolicyDocumentException", "Policy contains a statement with no principal.")
INVALID_PRINCIPALS = (
    "MalformedPolicyDocumentException",
    "Policy contains a statement with one or more invalid principals.",
)


def policy(of: PolicyType, *statements: object, version: str = "2012-10-17") -> Policy:
    return parse_policy({"Version": version, "Statement": list(statements)}, type=of)


def changed(of: PolicyType, **elements: object) -> Policy:
    """A good statement of a policy type with some elements changed; ``...`` leaves one out."""
    statement = {**GOOD[of], **elements}
    return policy(of, {name: value for name, value in statement.items() if value is not ...})


def only(found: Policy) -> Fault:
    (fault,) = found.faults
    return fault


@pytest.mark.parametrize("of", GOOD)
def test_a_good_statement_has_no_fault(of: PolicyType) -> None:
    assert policy(of, GOOD[of]).faults == ()


# What KMS answers: the table of key-policy validation


@pytest.mark.parametrize("size", [32768, 32769])
def test_a_key_policy_of_more_than_32_kb_is_too_large(size: int) -> None:
    empty = json.dumps({"Statement": {**KEY, "Sid": ""}}, separators=(",", ":"))
    sid = "x" * (size - len(empty))
    text = json.dumps({"Statement": {**KEY, "Sid": sid}}, separators=(",", ":"))
    for document in (text, text.encode(), {"Statement": {**KEY, "Sid": sid}}):
        answer = kms_answer(parse_policy(document, type=PolicyType.KEY))
        assert answer == (None if size == 32768 else ("LimitExceededException", ""))
        assert kms_answer(parse_policy(document, type=PolicyType.RESOURCE)) is None


def test_the_known_part_of_an_open_policy_can_be_too_large() -> None:
    sid = Unknown(("parameter `P`",), ("x" * 40_000, None))
    assert kms_answer(changed(PolicyType.KEY, Sid=sid)) == ("LimitExceededException", "")


@pytest.mark.parametrize("text", ["\u0142", "\u201c", "\u3042", "\U0001f511"])
def test_a_character_beyond_latin_1_is_refused_by_the_api(text: str) -> None:
    for document in (
        {"Statement": {**KEY, "Sid": text}},
        {"Statement": {**KEY, "Condition": {"StringEquals": {f"kms:EncryptionContext:{text}": "x"}}}},
        json.dumps({"Statement": {**KEY, "Sid": text}}, ensure_ascii=False),
    ):
        found = parse_policy(document, type=PolicyType.KEY)
        answer = kms_answer(found)
        assert answer is not None
        assert answer[0] == "ValidationException"
        assert "Member must satisfy regular expression pattern" in answer[1]


def test_characters_of_latin_1_and_escaped_ones_are_taken() -> None:
    assert kms_answer(changed(PolicyType.KEY, Sid="Schl\u00fcssel \x7f\t")) is None
    escaped = json.dumps({"Statement": {**KEY, "Sid": "\u0142"}})
    assert kms_answer(parse_policy(escaped, type=PolicyType.KEY)) is None
    assert parse_policy({"Statement": {**IDENTITY, "Condition": {"StringEquals": {"aws:x": "\u0142"}}}}).faults == ()


def test_a_malformed_document_is_refused_without_a_message() -> None:
    assert kms_answer(parse_policy("{", type=PolicyType.KEY)) == MALFORMED
    assert kms_answer(policy(PolicyType.KEY)) == MALFORMED
    assert kms_answer(policy(PolicyType.KEY, KEY, version="2012-10-18")) == MALFORMED


@pytest.mark.parametrize("principal", [..., {}, {"AWS": []}, {"AWS": [], "Service": []}])
def test_a_statement_without_a_principal_is_refused(principal: object) -> None:
    found = changed(PolicyType.KEY, Principal=principal)
    assert kms_answer(found) == NO_PRINCIPAL
    assert only(found).code is FaultCode.NO_PRINCIPAL
    assert only(found).path == (("Statement", 0) if principal is ... else ("Statement", 0, "Principal"))


@pytest.mark.parametrize(
    "principal",
    [
        *("*", {"AWS": "*"}, {"AWS": ROOT}, {"AWS": "111111111111"}, {"AWS": ["111111111111", ROOT]}),
        {"AWS": "arn:aws:iam::111111111111:user/team/Ann"},
        {"AWS": "arn:aws-us-gov:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"},
        {"AWS": "arn:aws:sts::111111111111:assumed-role/Role/Session"},
        {"AWS": "arn:aws:sts::111111111111:federated-user/Bob"},
        {"Service": ["logs.eu-west-1.amazonaws.com", "delivery.logs.amazonaws.com"]},
        {"Federated": "arn:aws:iam::111111111111:saml-provider/x"},
        {"AWS": [], "Service": "logs.amazonaws.com"},
    ],
)
def test_a_principal_is_taken(principal: object) -> None:
    assert changed(PolicyType.KEY, Principal=principal).faults == ()
    assert changed(PolicyType.KEY, Principal=..., NotPrincipal=principal, Effect="Deny").faults == ()


@pytest.mark.parametrize(
    ("principal", "says", "hint"),
    [
        ({"AWS": "arn:aws:iam:111111111111:root"}, "the Region is empty", None),
        ({"AWS": "arn:aws::111111111111:root"}, "is the service, `iam`, missing?", None),
        ({"AWS": "arn:aws:iam::111111111111:group/x"}, "which is never a principal", "name the users or a role"),
        ({"AWS": "arn:aws:iam::111111111111:role/*"}, "has a wildcard", "compare `aws:PrincipalArn` with `ArnLike`"),
        ({"AWS": "arn:aws:sts::111111111111:assumed-role/R/*"}, "has a wildcard", "`aws:PrincipalArn`"),
        (
            {"AWS": "AIDAABCDEFGHIJKLMNOP"},
            "is the unique id of a principal that was deleted",
            "put the principal's ARN",
        ),
        ({"AWS": "AROAABCDEFGHIJKLMNOP"}, "is the unique id of a principal that was deleted", "or remove it"),
        ({"AWS": "arn:aws:iam::${AWS::AccountId}:root"}, "that nothing fills in", "put `Fn::Sub` (`!Sub`)"),
        ({"AWS": "arn:aws:iam::1111:root"}, "needs a 12-digit account id", None),
        ({"AWS": "arn:aws:iam::111111111111:instance-profile/x"}, "an instance profile, not its role", None),
        ({"AWS": f" {ROOT}"}, "is not an ARN", "remove the white space around it"),
        ({"AWS": "Ann"}, "is not an ARN", None),
        ({"AWS": ""}, "is not an ARN", None),
        ({"AWS": "logs.amazonaws.com"}, "is not an ARN", "service principals belong under `Service`"),
        ({"Service": ROOT}, "is not the name of an AWS service", "ARNs and accounts belong under `AWS`"),
        ({"Service": "*"}, "is not the name of an AWS service", None),
        ({"Federated": "accounts.google.com"}, "is not the ARN of a SAML or OIDC identity provider", None),
        ({"CanonicalUser": "79a5"}, "a canonical user id is for Amazon S3 only", "use an ARN under `AWS`"),
    ],
)
def test_an_invalid_principal_is_refused(principal: object, says: str, hint: str | None) -> None:
    found = changed(PolicyType.KEY, Principal=principal)
    fault = only(found)
    assert kms_answer(found) == INVALID_PRINCIPALS
    assert fault.code is FaultCode.INVALID_PRINCIPALS
    assert says in fault.message
    assert (hint or "") in (fault.hint or "")


def test_an_account_id_without_quotation_marks_is_taken_with_a_word() -> None:
    found = changed(PolicyType.KEY, Principal={"AWS": 111111111111})
    element = found.statements[0].principal
    assert element is not None
    assert element.aws == (ROOT,)
    assert (only(found).code, kms_answer(found)) == (FaultCode.SUSPICIOUS, None)
    assert kms_answer(changed(PolicyType.KEY, Principal={"AWS": 11111111111})) == INVALID_PRINCIPALS


def test_stored_policies_of_other_types_may_name_deleted_principals() -> None:
    for of in (PolicyType.TRUST, PolicyType.RESOURCE):
        found = changed(of, Principal={"AWS": "AROAABCDEFGHIJKLMNOP", "Federated": "accounts.google.com"})
        assert only(found).code is FaultCode.SUSPICIOUS
    oai = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
    assert changed(PolicyType.RESOURCE, Principal={"AWS": oai, "CanonicalUser": "79a5"}).faults == ()
    assert changed(PolicyType.TRUST, Principal={"Service": "no-service"}).faults[0].code is FaultCode.SUSPICIOUS


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("kms:EncryptionContext:Name", "encryption context"),
        ("KMS:encryptioncontext:x", "encryption context"),
        ("aws:RequestTag/team", "tag"),
    ],
)
def test_for_all_values_on_a_single_valued_key_is_overly_permissive(key: str, what: str) -> None:
    found = changed(PolicyType.KEY, Condition={"ForAllValues:StringEquals": {key: "x"}})
    assert kms_answer(found) == (
        "OverlyPermissiveCondition",
        (
            "Using the ForAllValues set operator with a single-valued condition key matches requests without the "
            f"specified {what} or with an unspecified {what}. To fix, remove ForAllValues."
        ),
    )
    assert changed(PolicyType.KEY, Condition={"ForAnyValue:StringEquals": {key: "x"}}).faults == ()
    assert changed(PolicyType.IDENTITY, Condition={"ForAllValues:StringEquals": {key: "x"}}).faults == ()


@pytest.mark.parametrize("key", ["kms:EncryptionContextKeys", "aws:TagKeys", "kms:GrantOperations"])
def test_for_all_values_on_a_multivalued_key_is_fine(key: str) -> None:
    assert changed(PolicyType.KEY, Condition={"ForAllValues:StringEquals": {key: "x"}}).faults == ()


def test_faults_are_answered_in_the_order_kms_looks_for_them() -> None:
    permissive = {**KEY, "Condition": {"ForAllValues:StringEquals": {"aws:RequestTag/x": "y"}}}
    invalid = {**KEY, "Principal": {"AWS": "x"}}
    nobody = {name: value for name, value in KEY.items() if name != "Principal"}
    malformed = {**KEY, "Effect": "allow"}
    large = {**KEY, "Sid": "x" * 40_000}
    statements = [permissive]
    for further, answer in (
        (invalid, INVALID_PRINCIPALS),
        (nobody, NO_PRINCIPAL),
        (malformed, MALFORMED),
        (large, ("LimitExceededException", "")),
    ):
        statements.append(further)
        assert kms_answer(policy(PolicyType.KEY, *statements)) == answer


@pytest.mark.parametrize("element", ["Action", "Resource"])
@pytest.mark.parametrize("value", [..., []])
def test_a_statement_without_action_or_resource_has_no_effect(element: str, value: object) -> None:
    found = changed(PolicyType.KEY, **{element: value})
    assert only(found).code is FaultCode.WITHOUT_EFFECT
    assert "no effect" in only(found).message
    assert (kms_answer(found), found.malformed) == (None, False)


@pytest.mark.parametrize("element", ["NotAction", "NotResource"])
def test_an_empty_list_of_exceptions_is_refused(element: str) -> None:
    found = changed(PolicyType.KEY, **{element.removeprefix("Not"): ..., element: []})
    assert kms_answer(found) == MALFORMED


def test_key_policies_take_sids_with_spaces_and_twice() -> None:
    statement = {**KEY, "Sid": "Allow use of the key"}
    found = policy(PolicyType.KEY, statement, statement, {**KEY, "Sid": ""}, {**KEY, "Sid": ""})
    assert only(found).code is FaultCode.SUSPICIOUS
    assert only(found).path == ("Statement", 1, "Sid")


@pytest.mark.parametrize("action", ["kms=GenerateDataKey", "kms:ViaService", "nonsense:Action"])
def test_kms_takes_any_action(action: str) -> None:
    assert kms_answer(changed(PolicyType.KEY, Action=["kms:*", action])) is None


def test_kms_takes_any_resource_and_condition_key() -> None:
    found = changed(
        PolicyType.KEY,
        Resource=["arn:aws:dynamodb:eu-west-1:111111111111:table/x", "key/1234"],
        Condition={"StringEquals": {"kms:foo": "x", "foo": "x", "aws:RequestTag/a b": "x"}},
    )
    assert kms_answer(found) is None
    assert [fault.code for fault in found.faults] == [FaultCode.SUSPICIOUS] * 2


# What is accepted and will not do what it looks like


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("s3: GetObject", "it contains white space"),
        ("s3:GetObject, s3:PutObject", "one text holds one action"),
        ("s3:", "nothing stands after the colon"),
        (":GetObject", "nothing stands before the colon"),
        ("kms=Encrypt", "it has no service prefix"),
        ("kms:Encrypt:", "it is not of the form `service:Action`"),
        ("\u212ams:Encrypt", "(U+212A) is no character of an action"),
        ("kms:\uff25ncrypt", "(U+FF25) is no character of an action"),
        ("kms:${Verb}", "`${…}` is not filled in here"),
        ("", "it has no service prefix"),
    ],
)
def test_a_garbled_action_is_suspicious(action: str, says: str) -> None:
    found = changed(PolicyType.RESOURCE, Action=["kms:Encrypt", action])
    assert says in only(found).message
    assert (only(found).code, only(found).path) == (FaultCode.SUSPICIOUS, ("Statement", 0, "Action", 1))


@pytest.mark.parametrize(
    "action", ["*", "**", "kms:*", "KMS:Get*", "s3:Get?bject", "*:Get*", "a4b:X", "execute-api:Invoke"]
)
def test_a_sound_action_is_not_suspicious(action: str) -> None:
    assert changed(PolicyType.IDENTITY, Action=action).faults == ()


@pytest.mark.parametrize(
    "elements",
    [
        {"Resource": "arn:aws:kms:*:${AWS::AccountId}:key/*"},
        {"Condition": {"StringEquals": {"kms:CallerAccount": "${AWS::AccountId}"}}},
        {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${AWS::AccountId}:role/*"}}},
    ],
)
def test_a_parameter_left_literally_is_suspicious(elements: dict[str, object]) -> None:
    fault = only(changed(PolicyType.KEY, **elements))
    assert (fault.code, "CloudFormation parameter that was not filled in" in fault.message) == (
        FaultCode.SUSPICIOUS,
        True,
    )
    assert "!Sub" in (fault.hint or "")


def test_a_variable_under_an_old_version_is_suspicious() -> None:
    statement = {**IDENTITY, "Resource": "arn:aws:s3:::home/${aws:username}"}
    assert policy(PolicyType.IDENTITY, statement).faults == ()
    fault = only(policy(PolicyType.IDENTITY, statement, version="2008-10-17"))
    assert (fault.code, fault.hint) == (FaultCode.SUSPICIOUS, 'add `"Version": "2012-10-17"` to the policy')


# IAM's own grammar


@pytest.mark.parametrize("of", OF_IAM)
def test_iam_takes_alphanumeric_and_unique_sids_only(of: PolicyType) -> None:
    assert only(changed(of, Sid="Allow it")).code is FaultCode.MALFORMED
    assert policy(of, {**IDENTITY, "Sid": "A1"}, {**IDENTITY, "Sid": "A1"}).malformed
    assert not policy(of, {**IDENTITY, "Sid": ""}, {**IDENTITY, "Sid": ""}).malformed


@pytest.mark.parametrize("of", [*OF_IAM, PolicyType.SCP])
@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_policies_of_identities_take_no_principal(of: PolicyType, element: str) -> None:
    found = changed(of, **{element: {"AWS": ROOT}})
    assert only(found).code is FaultCode.MALFORMED
    assert element in only(found).message
    assert only(found).path == ("Statement", 0, element)


@pytest.mark.parametrize("of", WITH_PRINCIPAL)
def test_policies_of_resources_need_a_principal(of: PolicyType) -> None:
    assert only(changed(of, Principal=...)).code is FaultCode.NO_PRINCIPAL


@pytest.mark.parametrize("of", [PolicyType.IDENTITY, PolicyType.SCP, PolicyType.RCP, PolicyType.ENDPOINT])
@pytest.mark.parametrize("element", ["Action", "Resource"])
def test_policies_of_identities_need_action_and_resource(of: PolicyType, element: str) -> None:
    assert f"neither {element} nor Not{element}" in only(changed(of, **{element: ...})).message
    assert changed(of, **{element: []}).malformed


@pytest.mark.parametrize("of", OF_IAM)
def test_iam_refuses_actions_without_a_prefix_and_resources_that_are_no_arns(of: PolicyType) -> None:
    assert only(changed(of, Action="GetObject")).code is FaultCode.MALFORMED
    assert only(changed(of, Resource="key/*")).code is FaultCode.MALFORMED
    assert only(changed(of, Condition={"StringEquals": {"foo": "x"}})).code is FaultCode.MALFORMED
    assert changed(of, Resource=["*", "${aws:x}", "arn:aws:s3:::b/*"]).faults == ()


def test_session_policies_take_no_incomplete_arns() -> None:
    assert changed(PolicyType.SESSION, Resource="arn:aws:sqs").malformed
    assert changed(PolicyType.IDENTITY, Resource="arn:aws:sqs").faults == ()


BAD_VALUES = [
    ("NumericEquals", "NaN"),
    ("DateEquals", "not-a-date"),
    ("ArnLike", "not-an-arn"),
    ("IpAddress", "192.0.2.0/33"),
    ("IpAddress", "2001:db8::5/64"),
    ("IpAddress", "::ffff:192.0.2.1"),
    ("NumericEquals", "${aws:x}"),
]


@pytest.mark.parametrize(("operator", "value"), BAD_VALUES)
def test_a_malformed_value_is_refused_when_a_policy_is_stored(operator: str, value: str) -> None:
    for of in (PolicyType.IDENTITY, PolicyType.KEY, PolicyType.SCP):
        fault = only(changed(of, Condition={operator: {"aws:x": [value]}}))
        assert (fault.code, fault.path[-1]) == (FaultCode.MALFORMED, 0)


@pytest.mark.parametrize(("operator", "value"), BAD_VALUES)
def test_a_malformed_value_passes_in_a_session_policy(operator: str, value: str) -> None:
    assert only(changed(PolicyType.SESSION, Condition={operator: {"aws:x": value}})).code is FaultCode.SUSPICIOUS


@pytest.mark.parametrize("of", OF_IAM)
def test_bad_base64_is_refused_everywhere(of: PolicyType) -> None:
    assert only(changed(of, Condition={"BinaryEquals": {"aws:x": "no-binary"}})).code is FaultCode.MALFORMED


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("Bool", "yes"),
        ("Null", "TRUE"),
        ("IpAddress", "192.0.2.5/24"),
        ("IpAddress", "2001:db8:::1/128"),
        ("DateLessThan", "1893456000"),
        ("NumericLessThan", "1."),
        ("ArnLike", "${aws:x}"),
        ("ArnLike", "arn:aws:iam::*:role/*"),
        ("ArnLike", "*:*:*:*:*:*"),
        ("BinaryEquals", "YQ=="),
    ],
)
def test_a_sound_value_is_stored(operator: str, value: str) -> None:
    assert changed(PolicyType.IDENTITY, Condition={operator: {"aws:x": value}}).faults == ()


@pytest.mark.parametrize("value", ["*", "arn:aws:s3"])
def test_a_short_arn_value_is_suspicious(value: str) -> None:
    fault = only(changed(PolicyType.IDENTITY, Condition={"ArnLike": {"aws:SourceArn": value}}))
    assert (fault.code, "cannot be evaluated" in fault.message) == (FaultCode.SUSPICIOUS, True)


def test_a_trust_policy_has_no_resource_and_is_about_sts() -> None:
    assert only(changed(PolicyType.TRUST, Resource="*")).code is FaultCode.MALFORMED
    assert only(changed(PolicyType.TRUST, Action="kms:Decrypt")).code is FaultCode.SUSPICIOUS
    for action in ("STS:AssumeRole", "sts:*", "*"):
        assert changed(PolicyType.TRUST, Action=action).faults == ()


# Resource control policies


@pytest.mark.parametrize(
    "elements",
    [
        {"Effect": "Allow"},
        {"Action": "*"},
        {"Action": "iam:CreateUser"},
        {"Principal": {"AWS": "111111111111"}},
        {"Principal": ["*"]},
        {"Principal": {"AWS": ["*"]}},
        {"Principal": ...},
        {"Principal": ..., "NotPrincipal": "*"},
        {"Action": ..., "NotAction": "kms:*"},
    ],
)
def test_a_resource_control_policy_refuses(elements: dict[str, object]) -> None:
    found = changed(PolicyType.RCP, **elements)
    assert found.malformed
    assert all(fault.code is FaultCode.MALFORMED for fault in found.faults)


@pytest.mark.parametrize(
    "elements",
    [
        {"Principal": {"AWS": "*"}},
        {"Action": ["KMS:Decrypt", "sqs:Nonsense"]},
        {"Resource": ..., "NotResource": "arn:aws:sqs:*:*:x"},
        {"Effect": "Allow", "Action": "*"},
        {"Principal": Unknown(("parameter `P`",))},
        {"Action": [Unknown(("parameter `P`",), ("s3:", None))]},
    ],
)
def test_a_resource_control_policy_takes(elements: dict[str, object]) -> None:
    assert changed(PolicyType.RCP, **elements).faults == ()


def test_wholly_open_texts_are_told_from_those_known_in_part() -> None:
    assert wholly_open(Unknown(("x",)))
    assert not wholly_open(Unknown(("x",), ("a", None)))
    assert not wholly_open("a")
