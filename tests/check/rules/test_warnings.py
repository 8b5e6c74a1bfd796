"""What passes now and hurts later."""

from __future__ import annotations

import pytest

from sparekey.check import Level, Verdict
from sparekey.template import Environment
from tests.check.rules.checked import ALICE, ROOT_STATEMENT, Given, check, found, key, key_template

BYPASS = "BypassPolicyLockoutSafetyCheck: true\n"
SLR = "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


def rules(
    statements: str, *, properties: str = "", resources: str = "", top: str = "", deployer: str = ALICE
) -> list[str]:
    report = key(key_template(statements, properties=properties, resources=resources, top=top), deployer=deployer)
    return [finding.rule for finding in report.findings]


def allow(principal: str, action: str = "kms:*", more: str = "") -> str:
    return f'- Effect: Allow\n  Principal: {{AWS: {principal}}}\n  Action: {action}\n  Resource: "*"\n{more}'


def test_two_administrators_are_enough() -> None:
    assert rules(allow(f'"{ALICE}"')) == ["SK301"]
    assert rules(allow(f'["{ALICE}", "arn:aws:iam::123456789012:role/Admin"]')) == []
    assert rules(allow(f'"{ALICE}"') + allow('"arn:aws:iam::123456789012:role/Admin"', "kms:PutKeyPolicy")) == []


def test_the_same_administrator_twice_is_one() -> None:
    assert rules(allow(f'"{ALICE}"') + allow(f'"{ALICE}"', "kms:PutKeyPolicy")) == ["SK301"]


def test_an_administrator_through_everyone_is_not_the_only_one() -> None:
    account = "  Condition: {StringEquals: {kms:CallerAccount: '123456789012'}}\n"
    assert rules(allow(f'"{ALICE}"') + allow('"*"', more=account)) == []


def test_a_bypassed_check_of_a_sound_policy_is_a_flag_and_no_more() -> None:
    assert rules(ROOT_STATEMENT, properties=BYPASS) == ["SK302"]
    assert rules(ROOT_STATEMENT, properties="BypassPolicyLockoutSafetyCheck: 'false'\n") == []


def test_a_bypassed_check_with_another_administrator_leaves_the_key_manageable() -> None:
    assert rules(allow('"arn:aws:iam::123456789012:role/Admin"'), properties=BYPASS) == ["SK302"]


def test_a_bypassed_check_of_no_key_policy_is_a_flag_and_no_more() -> None:
    text = f"Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      {BYPASS}"
    assert [finding.rule for finding in key(text).findings] == ["SK302"]


@pytest.mark.parametrize(
    ("condition", "open_to_all"),
    [
        ("", True),
        ("StringEquals: {aws:PrincipalArn: 'arn:aws:iam::123456789012:role/R'}", False),
        ("StringLike: {aws:PrincipalArn: '*'}", True),
        ("StringNotEquals: {kms:CallerAccount: '210987654321'}", True),
        ("StringEquals: {aws:PrincipalAccount: '123456789012'}", False),
        ("Bool: {aws:SecureTransport: true}", True),
    ],
)
def test_only_a_condition_on_who_asks_narrows_everyone(condition: str, open_to_all: bool) -> None:
    more = f"  Condition: {{{condition}}}\n" if condition else ""
    assert ("SK303" in rules(ROOT_STATEMENT + allow('"*"', "kms:Decrypt", more))) is open_to_all


def test_allow_with_not_principal_is_everyone_else() -> None:
    statement = f'- Effect: Allow\n  NotPrincipal: {{AWS: "{ALICE}"}}\n  Action: "*"\n  Resource: "*"\n'
    assert "SK303" in rules(ROOT_STATEMENT + statement)


def test_deny_for_everyone_lets_nobody_in() -> None:
    deny = '- Effect: Deny\n  Principal: "*"\n  Action: kms:Decrypt\n  Resource: "*"\n'
    assert rules(ROOT_STATEMENT + deny) == []


def test_a_session_beside_its_role_is_no_trap() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/Deploy/run-42"
    assert "SK307" in rules(allow(session), deployer=session)
    both = allow(session) + allow("arn:aws:iam::123456789012:role/Deploy")
    assert "SK307" not in rules(both, deployer=session)


def test_a_session_of_the_service_role_is_a_trap_like_any() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/Deploy/AWSCloudFormation"
    given = Given(role_arn="arn:aws:iam::123456789012:role/ci/Deploy")
    (finding,) = found(key_template(allow(session)), "SK307", given=given)
    assert "`arn:aws:iam::123456789012:role/ci/Deploy`" in finding.hints[0]


def test_another_resource_is_told_once() -> None:
    dynamodb = ROOT_STATEMENT.replace('"*"', "arn:aws:dynamodb:eu-west-1:123456789012:table/T")
    assert rules(dynamodb) == ["SK102"]
    assert rules(ROOT_STATEMENT + dynamodb.replace("Sid: Enable", "Sid: Other")) == ["SK308"]


def test_a_statement_without_action_has_no_effect() -> None:
    statement = f'- Effect: Allow\n  Principal: {{AWS: "{ALICE}"}}\n  Resource: "*"\n'
    assert rules(ROOT_STATEMENT + statement) == ["SK308"]


@pytest.mark.parametrize(
    ("action", "hint"),
    [
        ("kms:GenerateDatakeys", "did you mean `kms:GenerateDataKey`?"),
        ("kms:ReEncrypt", "did you mean `kms:ReEncrypt*`?"),
        ("s3:GetObject", None),
        ("kms:ViaService", None),
        ("kms:Xyz*", None),
    ],
)
def test_an_action_that_kms_does_not_have_is_told(action: str, hint: str | None) -> None:
    (finding,) = found(key_template(ROOT_STATEMENT + allow(f'"{ALICE}"', f"[kms:Decrypt, {action}]")), "SK309")
    assert finding.hints == ((hint,) if hint else ())


@pytest.mark.parametrize(
    "action", ["kms:*", '"*"', "KMS:decrypt", "kms:GenerateDataKey*", "kms:Describe?ey", "kms:CreateKey"]
)
def test_an_action_of_kms_is_passed_over(action: str) -> None:
    assert rules(ROOT_STATEMENT + allow(f'"{ALICE}"', action)) == []


def test_administration_across_accounts_is_told_where_nothing_else_is_given() -> None:
    other = '"arn:aws:iam::210987654321:root"'
    assert rules(ROOT_STATEMENT + allow(other, "[kms:PutKeyPolicy, kms:TagResource]")) == ["SK305"]
    assert rules(ROOT_STATEMENT + allow(other, "[kms:PutKeyPolicy, kms:Decrypt]")) == []
    assert rules(ROOT_STATEMENT + allow(f'[{other}, "{ALICE}"]', "kms:PutKeyPolicy")) == []


def test_administrators_elsewhere_are_told_beside_the_lockout_they_cause() -> None:
    assert rules(allow('"arn:aws:iam::210987654321:role/Admin"')) == ["SK101", "SK310"]
    assert rules(allow('"210987654321"')) == ["SK104"]


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ("KeySpec: HMAC_256\nKeyUsage: GENERATE_VERIFY_MAC\nEnableKeyRotation: true\n", "`HMAC_256`"),
        ("Origin: EXTERNAL\nEnableKeyRotation: true\n", "`Origin: EXTERNAL`"),
    ],
)
def test_rotation_is_refused_for_keys_that_cannot_rotate(properties: str, told: str) -> None:
    report = key(key_template(properties=properties))
    assert report.verdict is Verdict.NOT_CREATED
    (finding,) = report.findings
    assert told in finding.message
    assert (finding.rule, finding.place.line) == ("SK311", 4 + properties.count("\n"))


def test_rotation_of_an_ordinary_key_is_fine() -> None:
    assert rules(ROOT_STATEMENT, properties="EnableKeyRotation: true\n") == []


def test_a_replica_beside_its_primary_is_told_at_the_primarys_arn() -> None:
    template = key_template(properties="PrimaryKeyArn: arn:aws:kms:us-east-1:123456789012:key/mrk-1\n")
    template = template.replace("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
    (report,) = check(template, environment=Environment(region="us-east-1")).keys
    (finding,) = (finding for finding in report.findings if finding.level is Level.ERROR)
    assert (finding.rule, finding.place.line, finding.place.column) == ("SK316", 5, 22)
    assert finding.message.endswith("us-east-1 cannot have a replica because it contains the primary")


def test_a_replica_without_properties_has_no_primary_to_stand_beside() -> None:
    assert "SK316" not in {finding.rule for finding in key("Resources: {R: {Type: AWS::KMS::ReplicaKey}}").findings}


@pytest.mark.parametrize(
    ("text", "told"),
    [("210987654321", True), ('"210987654321"', False), ("012345670123", True), ("!Ref AWS::AccountId", False)],
)
def test_an_account_id_without_quotation_marks_is_a_number(text: str, told: bool) -> None:
    assert ("SK312" in rules(ROOT_STATEMENT + allow(text, "kms:Decrypt"))) is told


def test_a_number_in_a_condition_matters_only_with_a_leading_zero() -> None:
    def of(text: str) -> str:
        return ROOT_STATEMENT + allow(
            '"*"', "kms:Decrypt", f"  Condition: {{StringEquals: {{kms:CallerAccount: {text}}}}}\n"
        )

    assert rules(of("210987654321")) == []
    assert "SK312" in rules(of("012345678901"))


def test_a_service_linked_role_that_is_known_or_made_here_is_passed_over() -> None:
    statements = ROOT_STATEMENT + allow(SLR, "kms:Decrypt")
    assert rules(statements) == ["SK313"]
    made = "Linked:\n  Type: AWS::IAM::ServiceLinkedRole\n  Properties: {AWSServiceName: autoscaling.amazonaws.com}\n"
    assert "SK313" not in rules(statements, resources=made)


def test_a_role_of_this_template_is_told_in_each_form() -> None:
    named = "Role:\n  Type: AWS::IAM::Role\n  Properties: {RoleName: R, AssumeRolePolicyDocument: {}}\n"
    nameless = "Role:\n  Type: AWS::IAM::Role\n  Properties: {AssumeRolePolicyDocument: {}}\n"
    for resources in (named, nameless):
        for principal in ("!GetAtt Role.Arn", "!Sub '${Role.Arn}'"):
            statements = ROOT_STATEMENT + allow(principal, "kms:Decrypt")
            if (resources, principal) != (named, "!Sub '${Role.Arn}'"):
                assert rules(statements, resources=resources) == ["SK113"], (resources, principal)


def test_roles_behind_conditions_are_told_too() -> None:
    role = "Role:\n  Type: AWS::IAM::Role\n  Properties: {AssumeRolePolicyDocument: {}}\n"
    top = "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\n"
    statements = ROOT_STATEMENT + allow("!If [C, !GetAtt Role.Arn, !Ref AWS::AccountId]", "kms:Decrypt")
    (report,) = check(key_template(statements, resources=role, top=top)).keys
    assert [finding.rule for finding in report.findings] == ["SK113"]


def test_a_literal_substitution_is_told_by_what_the_template_has() -> None:
    def of(text: str) -> list[str]:
        more = f"  Condition: {{StringEquals: {{aws:PrincipalTag/team: '{text}'}}}}\n"
        return rules(
            ROOT_STATEMENT + allow(f'"{ALICE}"', "kms:Decrypt", more),
            top="Parameters: {Team: {Type: String, Default: a}}\n",
        )

    assert of("${Team}") == ["SK306"]
    assert of("${AWS::Region}") == ["SK306"]
    assert of("${OrdersKey.Arn}") == ["SK306"]
    assert of("${aws:PrincipalTag/group}") == []
    assert of("${Unheard}") == []


def test_a_literal_substitution_in_an_action_is_told_once() -> None:
    assert rules(ROOT_STATEMENT + allow(f'"{ALICE}"', '"kms:${AWS::Region}"')) == ["SK306"]


def test_arns_of_another_partition_are_told_outside_principals() -> None:
    more = (
        "  Condition: {ArnLike: {aws:PrincipalArn: ['arn:aws:iam::*:role/R', 'arn:aws', 'arn:aws*:iam::*:role/R']}}\n"
    )
    text = key_template(ROOT_STATEMENT + allow("!Ref AWS::AccountId", "kms:Decrypt", more))
    deployer = "arn:aws-cn:iam::123456789012:user/Alice"
    assert [finding.message.split("`")[1] for finding in found(text, "SK304", deployer=deployer)] == [
        "arn:aws:iam::*:role/R"
    ]
    assert found(text, "SK304") == []


def test_a_garbled_action_is_told_once() -> None:
    assert rules(ROOT_STATEMENT + allow(f'"{ALICE}"', '["kms=Decrypt", "kms:Encrypt, kms:Decrypt"]')) == [
        "SK314",
        "SK314",
    ]


def test_a_macro_is_told_at_the_first_key_only() -> None:
    second = key_template(top="Transform: [Macro, AWS::LanguageExtensions]\n") + "  Second:\n    Type: AWS::KMS::Key\n"
    first, other = check(second).keys
    assert [finding.rule for finding in first.findings] == ["SK002"]
    assert other.findings == ()


def test_an_undecided_parameter_is_told_with_its_option() -> None:
    text = key_template(allow("!Ref Admin"), top="Parameters: {Admin: {Type: String}}\n")
    (report,) = check(text).keys
    (finding,) = report.findings
    assert finding.rule == "SK001"
    assert "parameter `Admin`" in finding.message
    assert finding.hints == ("give `--parameters NAME=VALUE`",)
    (report,) = check(text, environment=Environment(parameters={"Admin": ALICE})).keys
    assert [finding.rule for finding in report.findings] == ["SK301"]


def test_an_administrator_at_home_beside_one_elsewhere_is_enough() -> None:
    admins = '["arn:aws:iam::210987654321:role/Admin", "arn:aws:iam::123456789012:role/Admin"]'
    assert rules(allow(admins), properties=BYPASS) == ["SK302"]


def test_the_arn_of_a_nameless_role_put_together_by_hand_is_told() -> None:
    role = "Role:\n  Type: AWS::IAM::Role\n  Properties: {AssumeRolePolicyDocument: {}}\n"
    statements = ROOT_STATEMENT + allow("!Sub 'arn:aws:iam::${AWS::AccountId}:role/${Role}'", "kms:Decrypt")
    (finding,) = found(key_template(statements, resources=role), "SK113")
    assert "a principal (the name CloudFormation gives `Role`)" in finding.message


def test_a_reference_to_what_is_no_principal_is_passed_over() -> None:
    key_ = "Other:\n  Type: AWS::KMS::Key\n"
    statements = ROOT_STATEMENT + allow("!Ref Other", "kms:Decrypt")
    report = check(key_template(statements, resources=key_)).keys[0]
    assert "SK113" not in [finding.rule for finding in report.findings]


def test_a_key_without_properties_is_passed_over() -> None:
    assert key("Resources:\n  Key:\n    Type: AWS::KMS::Key\n").findings == ()


def test_an_empty_key_policy_is_malformed_and_no_more() -> None:
    text = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: {Version: 2012-10-17}\n"
    assert {finding.rule for finding in key(text).findings} == {"SK114"}


def test_more_conditions_than_can_be_told_apart_stay_open() -> None:
    names = [f"C{number}" for number in range(7)]
    top = "Parameters:\n" + "".join(f"  P{name}: {{Type: String}}\n" for name in names)
    top += "Conditions:\n" + "".join(f"  {name}: !Equals [!Ref P{name}, yes]\n" for name in names)
    principals = "".join(f"- !If [{name}, 210987654321, !GetAtt Role.Arn]\n" for name in names)
    statement = (
        "- !If\n  - C0\n  - Effect: Allow\n    Principal:\n      AWS:\n"
        + "".join(f"        {line}\n" for line in principals.splitlines())
        + '    Action: kms:Decrypt\n    Resource: "*"\n  - !Ref AWS::NoValue\n'
    )
    role = "Role:\n  Type: AWS::IAM::Role\n  Properties: {AssumeRolePolicyDocument: {}}\n"
    (report,) = check(key_template(ROOT_STATEMENT + statement, top=top, resources=role)).keys
    assert {"SK113", "SK312"} <= {finding.rule for finding in report.findings}


def undecided(text: str, deployer: str = ALICE) -> tuple[str, ...]:
    """The hints of SK001."""
    (report,) = check(text, deployer=deployer).keys
    return next(finding.hints for finding in report.findings if finding.rule == "SK001")


def test_an_undecided_verdict_says_which_context_keys_to_give() -> None:
    conditional = ROOT_STATEMENT + "  Condition:\n    Bool: {aws:MultiFactorAuthPresent: true}\n"
    assert undecided(key_template(conditional)) == ("give `--context aws:MultiFactorAuthPresent=VALUE`",)


def test_what_a_transform_makes_is_found_in_the_processed_template() -> None:
    made = key_template(allow("!GetAtt AppRole.Arn"), top="Transform: AWS::Serverless-2016-10-31\n")
    assert undecided(made) == (
        "check the processed template: `aws cloudformation get-template --template-stage Processed`",
    )


def test_no_option_tells_what_a_federated_users_session_may_do() -> None:
    hints = undecided(key_template(ROOT_STATEMENT), deployer="arn:aws:sts::123456789012:federated-user/Alice")
    assert any("no option tells what its session policy allows" in hint for hint in hints)


def test_a_partition_is_corrected_with_the_pseudo_parameters_the_template_uses() -> None:
    template = key_template(allow("!Sub 'arn:aws:iam::${AWS::AccountId}:root'"))
    (report,) = check(template, deployer="arn:aws-us-gov:iam::123456789012:user/Alice").keys
    (finding,) = (finding for finding in report.findings if finding.rule == "SK105")
    assert finding.hints == ("write `!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root`",)


def test_what_systems_manager_knows_is_told_by_its_option() -> None:
    top = "Parameters: {Admin: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /admin}}\n"
    assert undecided(key_template(allow("!Ref Admin"), top=top)) == ("give `--ssm NAME=VALUE`",)


@pytest.mark.parametrize(
    ("statements", "iam", "hint"),
    [
        (
            ROOT_STATEMENT,
            '{"Statement": {"Effect": "Allow", "Action": ["kms:CreateKey", "kms:Put*"], "Resource": "*"}}',
            f"allow `kms:EnableKeyRotation` in an IAM policy of `{ALICE}`: the key policy delegates to these",
        ),
        (
            ROOT_STATEMENT
            + '- {Sid: NoRotation, Effect: Deny, Principal: "*", Action: kms:EnableKey*, Resource: "*"}\n',
            None,
            f"exempt `{ALICE}` from `NoRotation`, which denies it `kms:EnableKeyRotation`",
        ),
        (
            allow(ALICE, "kms:Put*"),
            None,
            f"allow `kms:EnableKeyRotation` to `{ALICE}` in the key policy, in the statement for administrators",
        ),
    ],
)
def test_a_refused_call_on_the_new_key_is_cured_where_it_is_refused(
    statements: str, iam: str | None, hint: str
) -> None:
    template = key_template(statements, properties="EnableKeyRotation: true\n")
    (report,) = check(template, given=Given(iam=iam) if iam else None).keys
    (finding,) = (finding for finding in report.findings if finding.rule == "SK116")
    assert finding.hints == (hint,)
