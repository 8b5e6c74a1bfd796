"""Documents on their way into IAM. What AWS was seen to say stands in corpus/iam; here are our own choices."""

from __future__ import annotations

import json

import pytest

from sparekey.catalog import managed_policies
from sparekey.services.iam.documents import DocumentKind, checked
from tests.services.account import refused

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
STS_ONLY = "AssumeRole policy may only specify STS AssumeRole actions."


def policy(*, version: str | None = "2012-10-17", **elements: object) -> str:
    """An identity-based policy of one statement; an element that is ``None`` is left out."""
    return whole({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements, version)


def trust(**elements: object) -> str:
    """A trust policy of one statement."""
    return whole({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"} | elements)


def whole(statement: dict[str, object], version: str | None = "2012-10-17") -> str:
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": version, "Statement": [kept]} if version else {"Statement": [kept]})


TAKEN = {
    "an ARN without its end": policy(Resource="arn:aws:codebuild:*"),
    "an ARN that names nothing": policy(Resource="arn:aws:s3:::"),
    "an ARN of a service alone": policy(Resource="arn:aws:s3*"),
    "AWS's own account": policy(Action="iam:*", Resource="arn:aws:iam::aws:policy/*"),
    "every IAM resource": policy(Action="iam:*", Resource=["arn:aws:iam::111122223333:*", "arn:aws:iam::*:root"]),
    "a variable in a name": policy(Resource="arn:aws:iam::*:user/${aws:username}", Action="iam:*"),
    "an access point in a Region": policy(Resource="arn:aws:s3:us-east-1:111122223333:accesspoint/ap"),
    "all actions": policy(Action="*"),
    "all but some": policy(Action=None, NotAction="iam:*", Resource=None, NotResource="arn:aws:s3:::b"),
    "an action nobody has": policy(Action="coffee:Make"),
    "no Sid": policy(Sid=""),
    "a hosted zone": policy(Resource="arn:aws:route53:::hostedzone/Z1"),
    "a condition": policy(Condition={"ForAllValues:StringLike": {"aws:TagKeys": ["a", "b"]}}),
    "an older version": policy(version="2008-10-17"),
    "an id": json.dumps(
        {"Version": "2012-10-17", "Id": "x", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
    ),
}

REFUSED = {
    "a list": ("[]", SYNTAX),
    "a number for nothing": ('{"Version":NaN}', SYNTAX),
    "a key twice": ('{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}', SYNTAX),
    "an unknown element": ('{"Rules":[]}', SYNTAX),
    "an unknown version": (policy(version="2020-01-01"), SYNTAX),
    "an id that is no text": ('{"Id":1,"Statement":[]}', SYNTAX),
    "no statements": ('{"Statement":[]}', SYNTAX),
    "a statement that is a text": ('{"Statement":["x"]}', SYNTAX),
    "an unknown element of a statement": (policy(Actions="s3:*"), SYNTAX),
    "a Sid that is no text": (policy(Sid=1), SYNTAX),
    "both Action and NotAction": (policy(NotAction="s3:*"), SYNTAX),
    "an action that is no text": (policy(Action=[1]), SYNTAX),
    "a condition that is a list": (policy(Condition=[]), SYNTAX),
    "an unknown operator": (policy(Condition={"StringIs": {"aws:username": "x"}}), SYNTAX),
    "a number that is none": (policy(Condition={"NumericEquals": {"s3:max-keys": "x"}}), SYNTAX),
    "a condition key without prefix": (policy(Condition={"StringEquals": {"username": "x"}}), VENDOR),
    "no actions": (policy(Action=[]), "Policy statement must contain actions."),
    "NotPrincipal": (policy(NotPrincipal="*"), "Policy document should not specify a principal."),
    "an empty action": (policy(Action=""), VENDOR),
    "an action without a name": (policy(Action="s3:"), VENDOR),
    "a vendor that is none": (policy(Action="s_3:Get"), "Vendor s_3 is not valid"),
    "a variable for a resource": (policy(Resource="${aws:x}"), 'Resource ${aws:x} must be in ARN format or "*".'),
    "a partition alone": (
        policy(Resource="arn:aws"),
        "Resource vendor must be fully qualified and cannot contain regexes.",
    ),
    "no partition": (policy(Resource="arn::s3:::b"), 'Partition "" is not valid for resource "arn::s3:::b".'),
    "a bucket in a Region": (
        policy(Resource="arn:aws:s3:us-east-1::b"),
        "Resource arn:aws:s3:us-east-1::b can not contain region information.",
    ),
}

TRUSTED = {
    "several principals": trust(
        Principal={"AWS": ["111122223333", "arn:aws:iam::111122223333:user/ann"], "Service": "ec2.amazonaws.com"}
    ),
    "the unique id of one that is gone": trust(Principal={"AWS": "AIDAJQABLZS4A3QDU576Q"}),
    "a web identity": trust(Principal={"Federated": "accounts.google.com"}, Action="sts:AssumeRoleWithWebIdentity"),
    "a provider": trust(
        Principal={"Federated": "arn:aws:iam::111122223333:saml-provider/P"}, Action="sts:AssumeRoleWithSAML"
    ),
    "session tags": trust(Action=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]),
    "all of STS": trust(Action="sts:*"),
    "two statements without ids": json.dumps(
        {"Version": "2012-10-17", "Statement": 2 * json.loads(trust(Sid=""))["Statement"]}
    ),
}

DISTRUSTED = {
    "a list": ("[]", "This policy contains invalid Json"),
    "an unknown version": ('{"Version":"2020-01-01"}', "The policy must contain a valid version string"),
    "nothing": ("{}", "Missing required field Statement"),
    "no statements": ('{"Statement":[]}', "Could not parse the policy: Statement is empty!"),
    "a statement that is a text": ('{"Statement":["x"]}', "Syntax error at position (1,15)"),
    "no Effect": (trust(Effect=None), "Missing required field Effect"),
    "another Effect": (trust(Effect="allow"), "Invalid effect: allow"),
    "no Principal": (trust(Principal=None), "Missing required field Principal"),
    "no Action": (trust(Action=None), "Missing required field Action"),
    "NotPrincipal": (trust(Principal=None, NotPrincipal="*"), "Has prohibited field NotPrincipal"),
    "NotResource": (trust(NotResource="*"), "Has prohibited field NotResource"),
    "an unknown element": (trust(Actions="sts:*"), "Unknown field Actions"),
    "an unknown kind of principal": (trust(Principal={"User": "ann"}), "Unknown field User"),
    "a principal that is a text": (trust(Principal="ann"), "Syntax error at position (1,74)"),
    "a principal that is a number": (trust(Principal={"AWS": [1.5]}), "Syntax error at position (1,83)"),
    "an action that is a number": (trust(Action=1), "Syntax error at position (1,109)"),
    "no actions": (trust(Action=[]), "Syntax error at position (1,109)"),
    "both Action and NotAction": (trust(NotAction="sts:*"), "Syntax error at position (1,140)"),
    "a condition that is a list": (trust(Condition=[]), "Syntax error at position (1,140)"),
    "NotAction": (trust(Action=None, NotAction="sts:*"), STS_ONLY),
    "every action": (trust(Action="*"), STS_ONLY),
    "another action of STS": (trust(Action="sts:GetFederationToken"), STS_ONLY),
    "a canonical user": (trust(Principal={"CanonicalUser": "x"}), 'Invalid principal in policy: "CANONICALUSER":"x"'),
    "a name": (trust(Principal={"AWS": "ann"}), 'Invalid principal in policy: "AWS":"ann"'),
    "an access key": (
        trust(Principal={"AWS": "AKIAIOSFODNN7EXAMPLE"}),
        'Invalid principal in policy: "AWS":"AKIAIOSFODNN7EXAMPLE"',
    ),
    "an unknown operator": (trust(Condition={"StringIs": {"aws:x": "y"}}), "Invalid Condition type : StringIs"),
    "a number that is none": (
        trust(Condition={"NumericEquals": {"aws:MultiFactorAuthAge": "x"}}),
        "Syntax error at position (1,185)",
    ),
    "a Sid twice": (
        json.dumps({"Version": "2012-10-17", "Statement": 2 * json.loads(trust(Sid="A"))["Statement"]}),
        "The Statement Ids in the policy are not unique",
    ),
}


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_a_policy_that_iam_takes_is_stored_as_it_is(text: str) -> None:
    assert checked(text, DocumentKind.IDENTITY) == text


@pytest.mark.parametrize(("text", "message"), [pytest.param(*each, id=name) for name, each in REFUSED.items()])
def test_a_policy_that_iam_refuses_is_refused_in_one_sentence(text: str, message: str) -> None:
    with refused("MalformedPolicyDocumentException", message):
        checked(text, DocumentKind.IDENTITY)


@pytest.mark.parametrize("text", TRUSTED.values(), ids=TRUSTED)
def test_a_trust_policy_that_iam_takes_is_stored_as_it_is(text: str) -> None:
    assert checked(text, DocumentKind.TRUST) == text


@pytest.mark.parametrize(("text", "message"), [pytest.param(*each, id=name) for name, each in DISTRUSTED.items()])
def test_a_trust_policy_that_iam_refuses_is_refused_in_one_sentence(text: str, message: str) -> None:
    with refused("MalformedPolicyDocumentException", message):
        checked(text, DocumentKind.TRUST)


def test_resources_belong_to_the_partition_of_the_account() -> None:
    checked(policy(Resource="arn:aws-cn:s3:::b"), DocumentKind.IDENTITY, partition="aws-cn")
    with refused("MalformedPolicyDocumentException", 'Partition "aws" is not valid for resource "arn:aws:s3:::b".'):
        checked(policy(Resource="arn:aws:s3:::b"), DocumentKind.IDENTITY, partition="aws-cn")


def test_a_document_nested_too_deep_is_no_json() -> None:
    with refused("MalformedPolicyDocumentException", SYNTAX):
        checked("[" * 100_000, DocumentKind.IDENTITY)


def test_aws_managed_policies_would_be_taken_but_one() -> None:
    refused_names = []
    for each in managed_policies.every():
        try:
            checked(each.document, DocumentKind.MANAGED)
        except Exception:  # noqa: BLE001 - whichever it is, its name is what is asked
            refused_names.append(each.name)
    assert refused_names == ["AmazonTimestreamInfluxDBServiceRolePolicy"]  # a variable in place of the account
