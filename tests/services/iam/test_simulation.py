"""The policy simulator, through the door. What AWS was seen to answer stands in corpus/iam/policy-simulation.yaml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sparekey.services.iam.simulation_positions import statement_positions, statement_spans
from sparekey.services.iam.simulation_resources import asked_resource, is_foreign, template_of
from tests.services.account import ACCOUNT, TestAccount, allow, an_account, deny, refused

OBJECT = "arn:aws:s3:::bucket/key"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
READ = allow("s3:GetObject")


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def resource_policy(effect: str = "Allow", principal: object = "*", action: str = "s3:GetObject") -> str:
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def custom(account: TestAccount, *policies: str, action: str = "s3:GetObject", **parameters: Any) -> Mapping[str, Any]:
    """The one result of a simulation of documents."""
    answer = account.root.iam.simulate_custom_policy(
        policy_input_list=list(policies), action_names=[action], **parameters
    )
    result: Mapping[str, Any]
    (result,) = answer["EvaluationResults"]
    return result


def of(account: TestAccount, arn: str, action: str = "s3:GetObject", **parameters: Any) -> Mapping[str, Any]:
    """The one result of a simulation of an entity's policies."""
    answer = account.root.iam.simulate_principal_policy(policy_source_arn=arn, action_names=[action], **parameters)
    result: Mapping[str, Any]
    (result,) = answer["EvaluationResults"]
    return result


def sources(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(each["SourcePolicyId"], each["SourcePolicyType"]) for each in result["MatchedStatements"]]


def entry(name: str, kind: str, *values: str) -> dict[str, object]:
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}


def test_a_deny_is_the_only_statement_that_is_named(account: TestAccount) -> None:
    result = custom(account, READ, deny("s3:*"))
    assert result["EvalDecision"] == "explicitDeny"
    assert sources(result) == [("PolicyInputList.2", "IAM Policy")]


def test_every_statement_that_allows_is_named(account: TestAccount) -> None:
    assert sources(custom(account, READ, READ, allow("sqs:*"))) == [
        ("PolicyInputList.1", "IAM Policy"),
        ("PolicyInputList.2", "IAM Policy"),
    ]


def test_where_nothing_allows_nothing_is_named(account: TestAccount) -> None:
    result = custom(account, allow("sqs:*"))
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MatchedStatements"] == []


def test_a_user_is_simulated_with_its_groups_policies_and_its_boundary(account: TestAccount) -> None:
    iam = account.root.iam
    boundary = iam.create_policy(policy_name="Limits", policy_document=allow("s3:Get*"))["Policy"]["Arn"]
    shared = iam.create_policy(policy_name="Shared", policy_document=READ)["Policy"]["Arn"]
    iam.create_group(group_name="ops")
    iam.put_group_policy(group_name="ops", policy_name="Inline", policy_document=allow("s3:*"))
    iam.attach_group_policy(group_name="ops", policy_arn=shared)
    iam.create_user(user_name="ann", permissions_boundary=boundary)
    iam.add_user_to_group(group_name="ops", user_name="ann")
    result = of(account, ANN)
    assert sources(result) == [("group_ops_Inline", "IAM Policy"), ("Shared", "IAM Policy")]
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    result = of(account, ANN, "s3:PutObject")
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    result = of(account, ANN, "s3:PutObject", policy_exclusion_list=[{"PolicyType": "permission-boundary"}])
    assert result["EvalDecision"] == "allowed"
    assert "PermissionsBoundaryDecisionDetail" not in result
    replaced = of(account, ANN, permissions_boundary_policy_input_list=[deny("s3:*")], resource_arns=[OBJECT])
    assert sources(replaced) == [("PermissionsBoundaryPolicyInputList.1", "Permissions Boundary Policy")]
    (specific,) = replaced["ResourceSpecificResults"]
    assert specific["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_a_role_and_a_group_can_be_simulated(account: TestAccount) -> None:
    iam = account.root.iam
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
        }
    )
    iam.create_role(role_name="deploy", assume_role_policy_document=trust)
    iam.put_role_policy(role_name="deploy", policy_name="P", policy_document=READ)
    assert sources(of(account, f"arn:aws:iam::{ACCOUNT}:role/deploy")) == [("role_deploy_P", "IAM Policy")]
    iam.create_group(group_name="ops")
    iam.put_group_policy(group_name="ops", policy_name="P", policy_document=READ)
    assert sources(of(account, f"arn:aws:iam::{ACCOUNT}:group/ops")) == [("group_ops_P", "IAM Policy")]


@pytest.mark.parametrize(
    ("identifier", "left"),
    [
        ({"PolicyType": "inline"}, ["Mine", "ReadOnlyAccess"]),
        ({"PolicyType": "aws-managed"}, ["user_ann_Own", "Mine"]),
        ({"PolicyType": "user-managed"}, ["user_ann_Own", "ReadOnlyAccess"]),
        ({"PolicyType": "rcp"}, ["user_ann_Own", "Mine", "ReadOnlyAccess"]),
        ({"PolicyArn": "arn:aws:iam::aws:policy/Read*"}, ["user_ann_Own", "Mine"]),
        ({"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/M?ne"}, ["user_ann_Own", "ReadOnlyAccess"]),
        (
            {"InlinePolicyIdentifier": {"PolicyName": "Own", "AttachmentType": "user", "AttachmentName": "a*"}},
            ["Mine", "ReadOnlyAccess"],
        ),
        (
            {"InlinePolicyIdentifier": {"PolicyName": "Own", "AttachmentType": "group", "AttachmentName": "ann"}},
            ["user_ann_Own", "Mine", "ReadOnlyAccess"],
        ),
    ],
)
def test_policies_can_be_left_out(account: TestAccount, identifier: Mapping[str, object], left: list[str]) -> None:
    iam = account.root.iam
    iam.create_user(user_name="ann")
    iam.put_user_policy(user_name="ann", policy_name="Own", policy_document=READ)
    mine = iam.create_policy(policy_name="Mine", policy_document=READ)["Policy"]["Arn"]
    for arn in (mine, "arn:aws:iam::aws:policy/ReadOnlyAccess"):
        iam.attach_user_policy(user_name="ann", policy_arn=arn)
    result = of(account, ANN, policy_exclusion_list=[identifier])
    assert list(dict.fromkeys(name for name, _ in sources(result))) == left


@pytest.mark.parametrize(
    "identifier",
    [
        {},
        {"PolicyType": "inline", "PolicyArn": "arn:aws:iam::aws:policy/Read*"},
        {"PolicyArn": "arn:aws:iam::aws:policy/*Read*"},
        {"PolicyArn": "arn:aws:s3:::a-bucket-of-some-name"},
        {"InlinePolicyIdentifier": {"PolicyName": "P", "AttachmentType": "user", "AttachmentName": "*a*"}},
    ],
)
def test_what_identifies_no_policy_is_refused(account: TestAccount, identifier: Mapping[str, object]) -> None:
    account.root.iam.create_user(user_name="ann")
    with refused("InvalidInputException"):
        of(account, ANN, policy_exclusion_list=[identifier])


def test_the_organizations_scps_are_part_of_the_answer(account: TestAccount) -> None:
    levels = [
        {"ServiceControlPolicyInputList": [allow("*")]},
        {"ServiceControlPolicyInputList": [allow("s3:*"), allow("sqs:*")]},
    ]
    result = custom(account, allow("*"), ordered_organization_policy_input_list=levels, resource_arns=[OBJECT])
    assert result["EvalDecision"] == "allowed"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    assert "OrganizationsDecisionDetail" not in result["ResourceSpecificResults"][0]
    levels.append({"ServiceControlPolicyInputList": [deny("s3:*")]})
    result = custom(account, allow("*"), ordered_organization_policy_input_list=levels, resource_arns=[OBJECT])
    assert result["EvalDecision"] == "explicitDeny"
    assert result["MatchedStatements"] == []
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    assert "EvalDecisionDetails" not in result


def test_missing_context_keys_are_those_of_statements_on_the_action(account: TestAccount) -> None:
    conditional = allow(
        ["s3:GetObject"], "arn:aws:s3:::${aws:username}/${*}", StringLike={"s3:prefix": "${aws:userid}"}
    )
    other = allow("sqs:*", Bool={"aws:SecureTransport": "true"})
    result = custom(account, conditional, other, READ, resource_arns=[OBJECT])
    assert result["EvalDecision"] == "allowed"
    assert result["MissingContextValues"] == ["s3:prefix", "aws:userid", "aws:username"]
    entries = [entry("S3:Prefix", "string", "x"), entry("aws:userid", "string", "AIDA")]
    result = custom(account, conditional, resource_arns=[OBJECT], context_entries=entries, caller_arn=ANN)
    assert result["MissingContextValues"] == []


def test_variables_of_the_older_version_are_no_context_keys(account: TestAccount) -> None:
    old = '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","NotAction":"sqs:*","Resource":"${aws:username}"}]}'
    assert custom(account, old)["MissingContextValues"] == []


def test_a_user_knows_its_own_name_and_id(account: TestAccount) -> None:
    user = account.root.iam.create_user(user_name="ann")["User"]
    same = {"StringEquals": {"aws:username": "ann", "aws:userid": user["UserId"], "aws:PrincipalArn": ANN}}
    account.root.iam.put_user_policy(
        user_name="ann", policy_name="Own", policy_document=allow("s3:GetObject", "*", **same)
    )
    assert of(account, ANN)["EvalDecision"] == "allowed"
    as_bob = of(account, ANN, caller_arn=f"arn:aws:iam::{ACCOUNT}:user/bob")
    assert as_bob["EvalDecision"] == "implicitDeny"


def test_nobody_in_particular_has_no_name(account: TestAccount) -> None:
    named = allow("s3:GetObject", StringLike={"aws:PrincipalArn": "*"})
    assert custom(account, named)["MissingContextValues"] == ["aws:PrincipalArn"]
    assert custom(account, named)["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("numeric", "1.5e3", "many"),
        ("boolean", "True", "yes"),
        ("ip", "192.0.2.0/24", "home"),
        ("binary", "QmluYXJ5", "not base64"),
        ("date", "2026-11-23T00:00:00Z", "today"),
        ("date", "1700000000", "1,7"),
    ],
)
def test_context_values_are_of_their_type(account: TestAccount, kind: str, good: str, bad: str) -> None:
    custom(account, READ, context_entries=[entry("x:y", kind, good), entry("x:z", f"{kind}List", good, good)])
    for name in (kind, f"{kind}List"):
        with refused("InvalidInputException", f"Invalid context value for key x:yz: expected {kind} format."):
            custom(account, READ, context_entries=[entry("x:yz", name, bad)])


def test_a_list_of_values_is_compared_element_by_element(account: TestAccount) -> None:
    listed = allow("s3:GetObject", "*", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}})
    for values, decision in ((["a"], "allowed"), (["a", "c"], "implicitDeny")):
        entries = [entry("aws:TagKeys", "stringList", *values)]
        assert custom(account, listed, context_entries=entries)["EvalDecision"] == decision
    with refused("InvalidInputException", "Context key string expected a single value, but received 0."):
        custom(account, listed, context_entries=[{"ContextKeyName": "aws:TagKeys", "ContextKeyType": "string"}])


def test_across_accounts_each_type_of_policy_tells_its_part(account: TestAccount) -> None:
    theirs: dict[str, Any] = {"resource_arns": [OBJECT], "caller_arn": ANN, "resource_owner": "999999999999"}
    result = custom(account, allow("sqs:*"), resource_policy=resource_policy(), **theirs)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    assert result["ResourceSpecificResults"][0]["EvalDecisionDetails"] == result["EvalDecisionDetails"]
    limits = [allow("s3:*")]
    result = custom(account, READ, permissions_boundary_policy_input_list=limits, **theirs)
    assert result["EvalDecisionDetails"] == {
        "IAM Policy": "allowed",
        "Resource Policy": "implicitDeny",
        "Permissions Boundary Policy": "allowed",
    }


def test_a_resource_policy_that_names_the_callers_account_names_the_caller(account: TestAccount) -> None:
    mine: dict[str, Any] = {"resource_arns": [OBJECT], "caller_arn": ANN}
    for principal in ({"AWS": ACCOUNT}, {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}):
        result = custom(account, allow("sqs:*"), resource_policy=resource_policy(principal=principal), **mine)
        assert result["EvalDecision"] == "allowed"
        assert sources(result) == [("ResourcePolicy", "Resource Policy")]
    result = custom(account, READ, resource_policy=resource_policy("Deny", {"AWS": ANN}), **mine)
    assert result["EvalDecision"] == "explicitDeny"


def test_kms_is_simulated_without_the_key_policy_that_nobody_gave(account: TestAccount) -> None:
    use = allow("kms:Decrypt", KEY)
    assert custom(account, use, action="kms:Decrypt", resource_arns=[KEY])["EvalDecision"] == "allowed"
    foreign = KEY.replace(ACCOUNT, "999999999999")
    result = custom(account, allow("kms:*"), action="kms:Decrypt", resource_arns=[foreign])
    assert result["EvalDecision"] == "implicitDeny"


def test_a_resource_of_another_account_may_be_foreign_to_the_action(account: TestAccount) -> None:
    queue = "arn:aws:sqs:us-east-1:999999999999:queue"
    result = custom(account, allow("*"), resource_arns=[queue, OBJECT])
    assert [each["EvalResourceDecision"] for each in result["ResourceSpecificResults"]] == ["implicitDeny", "allowed"]
    assert result["EvalDecisionDetails"] == {}


@pytest.mark.parametrize("caller", [f"arn:aws:iam::{ACCOUNT}:root", "ann", f"arn:aws:sts::{ACCOUNT}:assumed-role/R/S"])
def test_a_simulated_caller_is_a_user_group_or_role(account: TestAccount, caller: str) -> None:
    with refused("InvalidInputException"):
        custom(account, READ, caller_arn=caller)


def test_resource_policies_name_users_only(account: TestAccount) -> None:
    for kind in ("role", "group"):
        arn = f"arn:aws:iam::{ACCOUNT}:{kind}/x"
        assert custom(account, READ, caller_arn=arn)["EvalDecision"] == "allowed"
        with refused("InvalidInputException"):
            custom(account, READ, caller_arn=arn, resource_policy=resource_policy(), resource_arns=[OBJECT])


@pytest.mark.parametrize(
    "parameters",
    [
        {"policy_input_list": ["{"]},
        {"action_names": ["s3:Get Object"]},
        {"action_names": ["s3:Get*"]},
        {"resource_owner": "somebody"},
        {"permissions_boundary_policy_input_list": [READ, READ]},
        {"resource_policy": "{", "caller_arn": ANN, "resource_arns": [OBJECT]},
        {"resource_handling_option": "EC2-Moon"},
        {"resource_handling_option": "EC2-VPC-EBS", "resource_arns": ["arn:aws:ec2:us-east-1::image/ami-1"]},
    ],
)
def test_what_makes_no_sense_is_refused(account: TestAccount, parameters: dict[str, Any]) -> None:
    with refused("InvalidInputException"):
        account.root.iam.simulate_custom_policy(
            **{"policy_input_list": [READ], "action_names": ["s3:GetObject"]} | parameters
        )


def test_an_ec2_scenario_wants_its_resources(account: TestAccount) -> None:
    types = ("instance/i-1", "image/ami-1", "security-group/sg-1", "network-interface/eni-1", "volume/vol-1")
    owners = {"image/ami-1": ""}
    arns = [f"arn:aws:ec2:us-east-1:{owners.get(each, ACCOUNT)}:{each}" for each in types]
    result = custom(
        account, allow("ec2:*"), action="ec2:RunInstances", resource_arns=arns, resource_handling_option="EC2-VPC-EBS"
    )
    assert result["EvalDecision"] == "allowed"
    assert len(result["ResourceSpecificResults"]) == 5


def test_results_come_in_pages(account: TestAccount) -> None:
    def page(**more: object) -> Mapping[str, Any]:
        names = ["s3:GetObject", "s3:PutObject", "s3:GetObject"]
        answer: Mapping[str, Any] = account.root.iam.simulate_custom_policy(
            policy_input_list=[READ], action_names=names, max_items=2, **more
        )
        return answer

    first = page()
    assert first["IsTruncated"]
    rest = page(marker=first["Marker"])
    assert not rest["IsTruncated"]
    names = [each["EvalActionName"] for answer in (first, rest) for each in answer["EvaluationResults"]]
    assert names == ["s3:GetObject", "s3:PutObject", "s3:GetObject"]


def test_asking_about_an_entity_needs_the_permission_on_that_entity(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow(["iam:SimulatePrincipalPolicy", "iam:GetContextKeysForPrincipalPolicy"], ANN))
    ann.iam.simulate_principal_policy(policy_source_arn=ANN, action_names=["s3:GetObject"])
    ann.iam.get_context_keys_for_principal_policy(policy_source_arn=ANN)
    account.root.iam.create_user(user_name="bob")
    for name in ("bob", "nobody"):
        with refused("AccessDenied"):
            ann.iam.simulate_principal_policy(
                policy_source_arn=f"arn:aws:iam::{ACCOUNT}:user/{name}", action_names=["s3:GetObject"]
            )


def test_an_entity_of_another_account_is_not_there(account: TestAccount) -> None:
    with refused("NoSuchEntityException", "Unable to retrieve specified IAM entity."):
        of(account, "arn:aws:iam::999999999999:user/ann")


def test_the_context_keys_of_an_entity_are_those_of_all_its_policies(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_user(user_name="ann")
    for number, key in enumerate(("aws:username", "aws:CurrentTime")):
        document = allow("s3:*", StringLike={key: "*"})
        iam.put_user_policy(user_name="ann", policy_name=f"P{number}", policy_document=document)
    keys = iam.get_context_keys_for_principal_policy(
        policy_source_arn=ANN, policy_input_list=[allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team, 'none'}")]
    )
    assert keys == {"ContextKeyNames": ["aws:username", "aws:CurrentTime", "aws:PrincipalTag/team"]}


@pytest.mark.parametrize("text", ["[]", "{", '{"Version":"2012-10-17"}', '{"Statement":[1]}'])
def test_context_keys_are_those_of_policies(account: TestAccount, text: str) -> None:
    with refused("InvalidInputException", "Syntax errors in policy."):
        account.root.iam.get_context_keys_for_custom_policy(policy_input_list=[text])


def test_context_keys_of_statements_that_name_what_they_leave_out(account: TestAccount) -> None:
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"a:b","NotResource":"arn:aws:s3:::${aws:x}"}}'
    )
    answer = account.root.iam.get_context_keys_for_custom_policy(policy_input_list=[text])
    assert answer == {"ContextKeyNames": ["aws:x"]}


def test_statements_stand_from_behind_what_precedes_them_to_their_brace() -> None:
    text = '{\n  "Statement" : [\n    {"a": 1} , {}\n  ],\n  "Version": "x"\n}'
    spans = statement_spans(text)
    assert [text[start:end] for start, end in spans] == ['\n    {"a": 1}', " , {}"]
    assert statement_positions(text)[0] == ({"Line": 2, "Column": 18}, {"Line": 3, "Column": 13})
    alone = '{"Version":"x","Statement":{"a":[]}}'
    ((start, end),) = statement_spans(alone)
    assert alone[start:end] == '"a":[]}'
    assert statement_spans("{}") == ()
    assert statement_spans('{"Statement":[]}') == ()


def test_resources_fit_an_action_by_the_form_of_their_arns() -> None:
    assert not is_foreign("s3:GetObject", OBJECT)
    assert is_foreign("s3:GetObject", "arn:aws:s3:::bucket")
    assert is_foreign("s3:ListBucket", OBJECT)
    assert not is_foreign("s3:GetObject", "arn:aws:s3:::*")
    assert not is_foreign("coffee:Make", "arn:aws:coffee:::pot")
    assert not is_foreign("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/path/to/role")


def test_an_action_without_resources_is_asked_on_everything() -> None:
    assert asked_resource("iam:GetAccountSummary", OBJECT) == "*"
    assert asked_resource("s3:GetObject", OBJECT) == OBJECT
    assert asked_resource("coffee:Make", OBJECT) == OBJECT


def test_a_resource_is_shown_as_the_template_of_its_type() -> None:
    assert template_of("kms:Decrypt", KEY) == "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"
    assert template_of("kms:Decrypt", OBJECT) == "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"
    assert template_of("kms:Decrypt", "*") == "*"
    assert template_of("iam:GetAccountSummary", OBJECT) == "*"


def test_a_page_ends_where_too_much_would_have_to_be_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.services.iam.simulation.MOST_WEIGHED", 100)
    actions = [f"s3:Get{number}" for number in range(5)]
    objects = [f"arn:aws:s3:::bucket/{number}" for number in range(20)]
    asked: dict[str, Any] = {"policy_input_list": [READ, READ], "action_names": actions, "resource_arns": objects}
    simulate = an_account().root.iam.simulate_custom_policy
    first = simulate(**asked)
    assert len(first["EvaluationResults"]) == 2
    second = simulate(**asked, marker=first["Marker"])
    assert [each["EvalActionName"] for each in second["EvaluationResults"]] == actions[2:4]
    with refused("InvalidInputException"):
        simulate(**{**asked, "policy_input_list": [READ] * 6})


def test_patterns_that_could_match_in_many_ways_take_no_time(account: TestAccount) -> None:
    pattern = "*?" * 30 + "z9"
    account.root.iam.create_user(user_name="ann")
    account.root.iam.put_user_policy(user_name="ann", policy_name="p", policy_document=allow(f"s3:{pattern}"))
    account.root.iam.generate_service_last_accessed_details(arn=ANN)
    for ending, decision in (("z9", "allowed"), ("z", "implicitDeny")):
        result = custom(account, allow(f"s3:{pattern}"), action=f"s3:{'a' * 60}{ending}")
        assert result["EvalDecision"] == decision
