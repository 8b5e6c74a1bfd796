"""Whether the principals of a key policy exist."""

from __future__ import annotations

import pytest

from sparekey.check import Verdict
from tests.check.deployments import (
    ACCOUNT,
    ALICE,
    DEPLOY,
    EVERYTHING,
    ROOT,
    SESSION,
    account,
    check_key,
    document,
    key,
    role,
    statement,
    user,
)

KNOWN = account(
    user("Alice", EVERYTHING), user("Bob"), role("Deploy", EVERYTHING), role("App", path="/service/"), role("Ops")
)


def naming(principal: object) -> dict[str, object]:
    return key(document(statement(ROOT), statement({"AWS": principal}, "kms:Decrypt")))


def arn(resource: str, service: str = "iam", owner: str = ACCOUNT) -> str:
    return f"arn:aws:{service}::{owner}:{resource}"


@pytest.mark.parametrize(
    "principal",
    [
        arn("user/Bob"),
        arn("role/service/App"),
        arn("assumed-role/App/any-session", "sts"),
        arn("federated-user/Anyone", "sts"),
        ROOT,
        "999999999999",
        "*",
    ],
)
def test_principals_of_the_snapshot_exist_and_nothing_is_assumed(principal: str) -> None:
    report = check_key(naming(principal), iam=[KNOWN])
    assert report.verdict is Verdict.PASS
    assert not any("exist" in assumption for assumption in report.assumptions)


@pytest.mark.parametrize(
    "principal",
    [
        arn("user/Nobody"),
        arn("user/bob"),
        arn("role/App"),  # its path is missing
        arn("assumed-role/Nobody/session", "sts"),
    ],
)
def test_principals_that_the_complete_snapshot_lacks_do_not_exist(principal: str) -> None:
    report = check_key(naming(principal), iam=[KNOWN])
    assert report.verdict is Verdict.INVALID_PRINCIPAL
    assert f"`{principal}` is not among the users and roles of account {ACCOUNT}" in report.message
    assert report.deciding_statement is not None
    assert report.deciding_statement.label == "statement 2"


@pytest.mark.parametrize(
    "principal", [arn("role/Partner", owner="999999999999"), arn("assumed-role/X/s", "sts", "999999999999")]
)
def test_principals_of_accounts_that_are_not_given_are_assumed(principal: str) -> None:
    report = check_key(naming(principal), iam=[KNOWN])
    assert report.verdict is Verdict.PASS
    assert f"`{principal}` exists (give `--iam`)" in report.assumptions


def test_a_role_of_iam_identity_center_has_its_path() -> None:
    name = "AWSReservedSSO_Admin_0123456789abcdef"
    report = check_key(naming(arn(f"role/{name}")))
    assert report.verdict is Verdict.INVALID_PRINCIPAL
    assert "lacks the path of a role of IAM Identity Center (`aws-reserved/sso.amazonaws.com/…`)" in report.message
    with_path = arn(f"role/aws-reserved/sso.amazonaws.com/eu-west-1/{name}")
    assert check_key(naming(with_path)).verdict is Verdict.PASS


@pytest.mark.parametrize("principal", ["Alice", "arn:aws:s3:::bucket"])
def test_what_is_no_principal_at_all_is_the_parsers_affair(principal: str) -> None:
    report = check_key(naming(principal), iam=[KNOWN])
    assert report.verdict is Verdict.INVALID_PRINCIPAL
    assert "is not among" not in report.message


def test_several_assumptions_are_one_sentence() -> None:
    names = [arn("user/X"), arn("user/Y"), arn("user/X")]
    assumptions = check_key(naming(names)).assumptions
    assert f"`{names[0]}`, `{names[1]}` exist (give `--iam`)" in assumptions


def test_a_principal_whose_name_is_told_in_part_is_assumed() -> None:
    template = naming({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Name}"})
    template["Parameters"] = {"Name": {"Type": "String"}}
    report = check_key(template, iam=[KNOWN])
    assert report.verdict is Verdict.PASS
    assert f"`arn:aws:iam::{ACCOUNT}:role/<parameter Name>` exists (give `--iam`)" in report.assumptions


def test_a_missing_principal_of_not_principal_is_refused_too() -> None:
    deny = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [ROOT, ALICE, arn("user/X")]},
        "Action": "kms:Get*",
        "Resource": "*",
    }
    report = check_key(key(document(statement(ROOT), deny)), iam=[KNOWN])
    assert report.verdict is Verdict.INVALID_PRINCIPAL


def test_whoever_deploys_exists() -> None:
    assert not any("exists" in text for text in check_key(naming(ALICE)).assumptions)
    assert not any("exists" in text for text in check_key(naming(SESSION), SESSION).assumptions)
    other = SESSION.replace("alice", "bob")
    assert not any("exists" in text for text in check_key(naming(other), SESSION).assumptions)
    assert not any("exists" in text for text in check_key(naming(DEPLOY), role_arn=DEPLOY).assumptions)


@pytest.mark.parametrize(
    ("resource", "principal"),
    [
        ({"Type": "AWS::IAM::Role", "Properties": {"RoleName": "New"}}, arn("role/New")),
        ({"Type": "AWS::IAM::Role", "Properties": {"RoleName": "New", "Path": "/x/"}}, arn("role/x/New")),
        ({"Type": "AWS::IAM::Role", "Properties": {"RoleName": "New"}}, arn("assumed-role/New/s", "sts")),
        ({"Type": "AWS::IAM::User", "Properties": {"UserName": "New"}}, arn("user/New")),
        (
            {"Type": "AWS::IAM::ServiceLinkedRole", "Properties": {"AWSServiceName": "ecs.amazonaws.com"}},
            arn("role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
        ),
    ],
)
def test_principals_that_the_template_makes_exist_by_then(resource: dict[str, object], principal: str) -> None:
    template = naming(principal)
    template["Resources"]["New"] = resource  # type: ignore[index]  # a plain mapping
    report = check_key(template, iam=[KNOWN])
    assert report.verdict is Verdict.PASS
    assert not any("exist" in assumption for assumption in report.assumptions)


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::IAM::Role"},
        {"Type": "AWS::IAM::Role", "Properties": {}},
        {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Ref": "P"}}},
        {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "New", "Path": {"Ref": "P"}}},
        {"Type": "AWS::IAM::Role", "Properties": {"Ref": "P"}},
        {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "New"}, "Condition": "Never"},
        {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "New"}},
    ],
)
def test_principals_that_the_template_does_not_surely_make_do_not_count(resource: dict[str, object]) -> None:
    template = naming(arn("role/New"))
    template["Resources"]["New"] = resource  # type: ignore[index]  # a plain mapping
    template["Parameters"] = {"P": {"Type": "String"}}
    template["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
    assert check_key(template, iam=[KNOWN]).verdict is Verdict.INVALID_PRINCIPAL


def test_the_arn_of_a_role_of_the_template_is_that_role() -> None:
    template = naming({"Fn::GetAtt": ["New", "Arn"]})
    template["Resources"]["New"] = {"Type": "AWS::IAM::Role", "Properties": {}}  # type: ignore[index]  # plain
    report = check_key(template, iam=[KNOWN])
    assert report.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "principal", [arn("root").replace("aws:", "aws-cn:"), arn("user/Alice").replace("aws:", "aws-cn:")]
)
def test_a_principal_of_another_partition_is_not_valid(principal: str) -> None:
    report = check_key(naming(principal), iam=[KNOWN])
    assert report.verdict is Verdict.INVALID_PRINCIPAL
    assert report.message.endswith(f"`{principal}` belongs to partition `aws-cn`, not to `aws`")


def test_a_principal_of_which_nothing_is_told_is_assumed_to_exist() -> None:
    assumptions = check_key(naming({"Fn::ImportValue": "App"})).assumptions
    assert "`<the import App>` exists (give `--iam`)" in assumptions
