from __future__ import annotations

import pytest

from sparekey.template import Concrete, Environment, UnknownValue, partition_of
from sparekey.unknown import Unknown
from tests.template._templates import HERE, NOWHERE, properties, refusal, with_property


def referred(expression: str, resource: str, environment: Environment = HERE) -> Concrete | UnknownValue:
    """What an expression gives that refers to a resource ``R``."""
    text = with_property(expression, "Parameters: {Open: {Type: String}}") + f"  R: {resource}\n"
    value = properties(text, environment).items["X"]
    assert isinstance(value, Concrete | UnknownValue)
    assert value.resource == "R"
    return value


@pytest.mark.parametrize(
    ("expression", "resource", "text"),
    [
        ("!GetAtt R.Arn", "{Type: AWS::IAM::Role, Properties: {RoleName: r}}", "arn:aws:iam::111122223333:role/r"),
        (
            "!GetAtt R.Arn",
            "{Type: AWS::IAM::Role, Properties: {RoleName: r, Path: /a/b/}}",
            "arn:aws:iam::111122223333:role/a/b/r",
        ),
        (
            "!GetAtt [R, Arn]",
            "{Type: AWS::IAM::User, Properties: {UserName: !Sub 'u-${AWS::Region}'}}",
            "arn:aws:iam::111122223333:user/u-eu-central-1",
        ),
        ("!Ref R", "{Type: AWS::IAM::Role, Properties: {RoleName: r}}", "r"),
        ("!Ref R", "{Type: AWS::IAM::User, Properties: {UserName: u}}", "u"),
        ("!Ref R", "{Type: AWS::IAM::Group, Properties: {GroupName: g}}", "g"),
        ("!GetAtt R.Arn", "{Type: AWS::IAM::Group, Properties: {GroupName: g}}", "arn:aws:iam::111122223333:group/g"),
        (
            "!Ref R",
            "{Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: m}}",
            "arn:aws:iam::111122223333:policy/m",
        ),
        ("!Ref R", "{Type: AWS::KMS::Alias, Properties: {AliasName: alias/a}}", "alias/a"),
        ("!GetAtt R.Arn", "{Type: AWS::S3::Bucket, Properties: {BucketName: b}}", "arn:aws:s3:::b"),
        ("!Ref R", "{Type: AWS::SNS::Topic, Properties: {TopicName: t}}", "arn:aws:sns:eu-central-1:111122223333:t"),
        ("!GetAtt R.TopicName", "{Type: AWS::SNS::Topic, Properties: {TopicName: t}}", "t"),
        (
            "!GetAtt R.Arn",
            "{Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /l}}",
            "arn:aws:logs:eu-central-1:111122223333:log-group:/l:*",
        ),
    ],
)
def test_a_resource_with_a_name_of_its_own_is_known(expression: str, resource: str, text: str) -> None:
    value = referred(expression, resource)
    assert isinstance(value, Concrete)
    assert value.value == text


@pytest.mark.parametrize(
    ("expression", "resource", "unknown"),
    [
        (
            "!GetAtt R.Arn",
            "{Type: AWS::IAM::Role}",
            Unknown(("the name CloudFormation gives `R`",), ("arn:aws:iam::111122223333:role/", None), fresh=True),
        ),
        (
            "!GetAtt R.Arn",
            "{Type: AWS::IAM::Role, Properties: {Path: /p/}}",
            Unknown(("the name CloudFormation gives `R`",), ("arn:aws:iam::111122223333:role/p/", None), fresh=True),
        ),
        (
            "!GetAtt R.Arn",
            "{Type: AWS::IAM::Role, Properties: {RoleName: !Ref AWS::NoValue}}",
            Unknown(("the name CloudFormation gives `R`",), ("arn:aws:iam::111122223333:role/", None), fresh=True),
        ),
        (
            "!GetAtt R.Arn",
            "{Type: AWS::IAM::Role, Properties: {RoleName: !Ref Open}}",
            Unknown(("parameter `Open`",), ("arn:aws:iam::111122223333:role/", None)),
        ),
        ("!GetAtt R.RoleId", "{Type: AWS::IAM::Role}", Unknown(("`R.RoleId`",))),
        ("!Ref R", "{Type: AWS::IAM::Role}", Unknown(("the name CloudFormation gives `R`",), fresh=True)),
        ("!Ref R", "{Type: AWS::KMS::Key}", Unknown(("the id of the new key `R`",), fresh=True)),
        ("!GetAtt R.KeyId", "{Type: AWS::KMS::Key}", Unknown(("the id of the new key `R`",), fresh=True)),
        (
            "!GetAtt R.Arn",
            "{Type: AWS::KMS::Key}",
            Unknown(("the id of the new key `R`",), ("arn:aws:kms:eu-central-1:111122223333:key/", None), fresh=True),
        ),
        (
            "!GetAtt R.Arn",
            "{Type: AWS::KMS::ReplicaKey}",
            Unknown(("the id of the new key `R`",), ("arn:aws:kms:eu-central-1:111122223333:key/", None)),
        ),
        ("!Ref R", "{Type: Custom::Thing}", Unknown(("`R`",))),
        ("!GetAtt R.Anything", "{Type: Custom::Thing}", Unknown(("`R.Anything`",))),
        ("!GetAtt R.Outputs.Role", "{Type: AWS::CloudFormation::Stack}", Unknown(("`R.Outputs.Role`",))),
        ("!Sub '${R.Outputs.Role}'", "{Type: AWS::CloudFormation::Stack}", Unknown(("`R.Outputs.Role`",))),
        ("!Ref R", "{Type: AWS::SQS::Queue, Properties: {QueueName: q}}", Unknown(("`R`",))),
    ],
)
def test_what_is_made_by_the_deployment_is_unknown_and_says_so(
    expression: str, resource: str, unknown: Unknown
) -> None:
    value = referred(expression, resource)
    assert isinstance(value, UnknownValue)
    assert value.unknown == unknown


def test_a_role_of_an_unknown_account_keeps_what_is_known() -> None:
    value = referred("!GetAtt R.Arn", "{Type: AWS::IAM::Role, Properties: {RoleName: r}}", NOWHERE)
    assert isinstance(value, UnknownValue)
    assert value.unknown == Unknown(
        ("the partition (--partition)", "the account id (--account)"), ("arn:", None, ":iam::", None, ":role/r")
    )


def test_names_that_hang_on_each_other_are_unknown() -> None:
    text = (
        "Conditions: {C: !Equals [!Ref P, a]}\nParameters: {P: {Type: String}}\nResources:\n"
        "  K: {Type: AWS::KMS::Key, Properties: {X: !Ref A}}\n"
        "  A: {Type: AWS::IAM::Role, Condition: C, Properties: {RoleName: !Ref B}}\n"
        "  B: {Type: AWS::IAM::Role, Condition: C, Properties: {RoleName: !Ref A}}\n"
    )
    value = properties(text).items["X"]
    assert isinstance(value, UnknownValue)
    assert value.unknown.hangs_on == ("`A.RoleName`",)


def test_a_long_chain_of_names_stays_within_bounds() -> None:
    roles = "".join(f"  R{n}: {{Type: AWS::IAM::Role, Properties: {{RoleName: !Ref R{n + 1}}}}}\n" for n in range(400))
    text = with_property("!Ref R0") + roles + "  R400: {Type: AWS::IAM::Role, Properties: {RoleName: r}}\n"
    assert isinstance(properties(text).items["X"], UnknownValue)


@pytest.mark.parametrize("properties_", ["[]", "{RoleName: [a]}"])
def test_a_name_that_is_no_text_is_not_taken(properties_: str) -> None:
    text = with_property("!Ref R") + f"  R: {{Type: AWS::IAM::Role, Properties: {properties_}}}\n"
    if properties_ == "[]":
        assert refusal(text).message == "the Properties of resource `R` are not a mapping"
    else:
        assert isinstance(properties(text).items["X"], UnknownValue)


def test_the_stack_id_keeps_what_is_known() -> None:
    value = properties(with_property("!Ref AWS::StackId")).items["X"]
    assert isinstance(value, UnknownValue)
    assert value.unknown.pieces == ("arn:aws:cloudformation:eu-central-1:111122223333:stack/app/", None)
    assert value.unknown.fresh


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-central-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ],
)
def test_the_partition_follows_from_the_region(region: str, partition: str, suffix: str) -> None:
    assert partition_of(region) == partition
    text = with_property("!Sub '${AWS::Partition} ${AWS::URLSuffix}'")
    value = properties(text, Environment(region=region)).items["X"]
    assert isinstance(value, Concrete)
    assert value.value == f"{partition} {suffix}"
    assert Environment(region=region).known_partition == partition


def test_a_partition_that_is_given_wins() -> None:
    environment = Environment(region="eu-central-1", partition="aws-cn")
    value = properties(with_property("!Ref AWS::Partition"), environment).items["X"]
    assert isinstance(value, Concrete)
    assert value.value == "aws-cn"
    assert environment.known_partition == "aws-cn"
    assert Environment().known_partition is None
