"""Which cause explains a lockout, where several statements come near."""

from __future__ import annotations

import pytest

from sparekey.check import Level, Verdict
from sparekey.template import Environment
from tests.check.rules.checked import ALICE, Given, check, found, key, key_template

SSO = "AWSReservedSSO_Admin_0123456789abcdef"
SESSION = "arn:aws:sts::123456789012:assumed-role/Deploy/run-42"
ONLY_CREATE = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}]}'
)


def allow(principal: str, action: str = "kms:*", *, sid: str = "S", more: str = "") -> str:
    return (
        f'- Sid: {sid}\n  Effect: Allow\n  Principal:\n    AWS: {principal}\n  Action: {action}\n  Resource: "*"\n'
        f"{more}"
    )


def cause(statements: str, *, deployer: str = ALICE, given: Given | None = None) -> str:
    report = key(key_template(statements), deployer=deployer, given=given)
    assert report.verdict is Verdict.LOCKOUT, (report.verdict, report.message)
    (only,) = {finding.rule for finding in report.findings if finding.level is Level.ERROR}
    return only


ROOT = "arn:aws:iam::123456789012:root"
CAROL = "arn:aws:iam::123456789012:user/Carol"

CASES = {
    "services only": (
        '- Effect: Allow\n  Principal: {Service: logs.amazonaws.com}\n  Action: kms:*\n  Resource: "*"\n',
        "SK101",
    ),
    "the deployer may only use the key": (allow(ALICE, "kms:Decrypt"), "SK101"),
    "use for the deployer, administration for another": (allow(ALICE, "kms:Decrypt") + allow(CAROL), "SK101"),
    "the account with a list of uses": (allow(ROOT, "[kms:Encrypt, kms:Decrypt]"), "SK102"),
    "uses for the account, administration for another": (allow(ROOT, "kms:Decrypt") + allow(CAROL), "SK101"),
    "an administrator's list without PutKeyPolicy": (allow(ALICE, "kms:ScheduleKeyDeletion"), "SK102"),
    "NotAction that leaves PutKeyPolicy out": (
        allow(ROOT).replace("Action: kms:*", "NotAction: kms:PutKeyPolicy"),
        "SK102",
    ),
    "NotResource that leaves the key out": (allow(ROOT).replace('Resource: "*"', 'NotResource: "*"'), "SK102"),
    "another Resource and a false condition": (
        allow(ROOT, more="  Condition: {StringEquals: {kms:ViaService: s3}}\n").replace('"*"', "arn:aws:s3:::orders"),
        "SK102",
    ),
    "no Action at all": (allow(ROOT).replace("  Action: kms:*\n", ""), "SK102"),
    "no Resource at all": (allow(ROOT).replace('  Resource: "*"\n', ""), "SK102"),
    "the user of another account": (allow("arn:aws:iam::210987654321:user/Alice"), "SK104"),
    "another account's id": (allow('"210987654321"'), "SK104"),
    "another account's id beside use of the key": (allow(ALICE, "kms:Decrypt") + allow('"210987654321"'), "SK104"),
    "a condition nearer than another administrator": (
        allow(CAROL) + allow(ROOT, more="  Condition: {StringEquals: {kms:ViaService: s3.us-east-1.amazonaws.com}}\n"),
        "SK109",
    ),
    "NotPrincipal with Deny": (
        allow(ROOT) + f'- Effect: Deny\n  NotPrincipal: {{AWS: "{CAROL}"}}\n  Action: kms:*\n  Resource: "*"\n',
        "SK110",
    ),
}


@pytest.mark.parametrize(("statements", "rule"), CASES.values(), ids=CASES)
def test_the_most_precise_cause_explains_a_lockout(statements: str, rule: str) -> None:
    assert cause(statements) == rule


def test_a_session_of_the_deployers_role_is_told_from_another_role() -> None:
    assert cause(allow("arn:aws:sts::123456789012:assumed-role/Deploy/run-41"), deployer=SESSION) == "SK107"
    assert cause(allow("arn:aws:sts::123456789012:assumed-role/Other/run-42"), deployer=SESSION) == "SK101"


def test_a_role_without_its_path_is_told_where_the_deployers_is_known() -> None:
    role = "arn:aws:iam::123456789012:role/ci/Deploy"
    assert cause(allow("arn:aws:iam::123456789012:role/Deploy"), deployer=role) == "SK106"


def test_the_full_arn_of_an_identity_center_role_is_hinted_at() -> None:
    session = f"arn:aws:sts::123456789012:assumed-role/{SSO}/erin"
    (finding,) = found(key_template(allow(f"arn:aws:iam::123456789012:role/{SSO}")), "SK106", deployer=session)
    assert finding.hints[0].endswith(f"`arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/REGION/{SSO}`")


def test_a_wildcard_in_an_arn_is_told_with_the_condition_that_takes_its_place() -> None:
    (finding,) = found(key_template(allow("arn:aws:iam::123456789012:role/*")), "SK106")
    assert "holds a wildcard" in finding.message
    assert "ArnLike" in finding.hints[0]


def test_a_partition_beside_the_deployers_is_an_invalid_principal() -> None:
    text = key_template(allow("!Sub arn:aws:iam::${AWS::AccountId}:user/Alice") + allow("!Ref AWS::AccountId"))
    (finding,) = found(text, "SK105", deployer="arn:aws-cn:iam::123456789012:user/Alice")
    assert finding.hints == ("write `!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/Alice`",)


def test_the_service_roles_policies_are_named_not_the_callers() -> None:
    role = "arn:aws:iam::123456789012:role/Deploy"
    given = Given(iam=ONLY_CREATE, role_arn=role)
    (finding,) = found(key_template(), "SK108", given=given)
    assert f"those of the service role `{role}` do not allow" in finding.message
    assert finding.hints == (
        f"leave the key policy alone: allow `kms:CreateKey` and `kms:PutKeyPolicy` in an IAM policy of `{role}`",
    )


def test_neither_the_caller_nor_the_service_role_named_is_no_administrator() -> None:
    given = Given(role_arn="arn:aws:iam::123456789012:role/Deploy")
    assert cause(allow(CAROL), given=given) == "SK101"


def test_an_explicit_deny_in_iam_is_a_guardrail() -> None:
    deny = '{"Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*"}'
    document = (
        f'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "*", "Resource": "*"}}, {deny}]}}'
    )
    (finding,) = found(key_template(), "SK111", given=Given(iam=document))
    assert finding.message.startswith("an identity-based policy (statement 2 of `iam.json`, iam.json:1:")


def test_an_scp_that_does_not_allow_says_so() -> None:
    scp = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    (finding,) = found(key_template(), "SK111", given=Given(scp=scp))
    assert finding.message == f"a service control policy does not allow `kms:CreateKey` to `{ALICE}`"
    assert all("leave `KeyPolicy` out" not in hint for hint in finding.hints)


def test_the_hint_of_a_lockout_is_written_as_the_template_writes() -> None:
    yaml = found(
        key_template(allow(CAROL) + allow("!Sub arn:aws:iam::${AWS::AccountId}:role/R", "kms:Decrypt")), "SK101"
    )
    assert "`AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root`" in yaml[0].hints[0]
    principal = '{"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:user/Carol"}}'
    statement = f'{{"Effect": "Allow", "Principal": {principal}, "Action": "kms:*", "Resource": "*"}}'
    properties = f'{{"KeyPolicy": {{"Statement": [{statement}]}}}}'
    json = f'{{"Resources": {{"Key": {{"Type": "AWS::KMS::Key", "Properties": {properties}}}}}}}'
    (finding,) = found(json, "SK101")
    assert '{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}' in finding.hints[0]
    (finding,) = found(key_template(allow(CAROL)), "SK101")
    assert "`AWS: arn:aws:iam::123456789012:root`" in finding.hints[0]


def test_the_finding_stands_at_the_nearest_statement() -> None:
    (finding,) = found(key_template(allow(CAROL, "kms:Decrypt") + allow(ALICE, "kms:ScheduleKeyDeletion")), "SK102")
    assert (finding.place.line, finding.place.column) == (18, 21)


def test_a_lockout_in_one_branch_only_says_which() -> None:
    text = key_template(
        allow("!If [Live, !Ref Other, !Ref AWS::AccountId]"),
        top='Parameters: {Stage: {Type: String}, Other: {Type: String, Default: "210987654321"}}\n'
        "Conditions: {Live: !Equals [!Ref Stage, live]}\n",
    )
    (report,) = check(text).keys
    assert report.verdict is Verdict.UNDECIDED
    assert [finding.rule for finding in report.findings] == ["SK104"]
    assert "when" in report.findings[0].message
    (report,) = check(text, environment=Environment(parameters={"Stage": "test"})).keys
    assert (report.verdict, report.findings) == (Verdict.PASS, ())


def test_an_scp_that_leaves_put_key_policy_out_is_a_guardrail_too() -> None:
    scp = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}]}'
    (finding,) = found(key_template(), "SK111", given=Given(scp=scp))
    assert finding.message == f"a service control policy does not allow `kms:PutKeyPolicy` to `{ALICE}`"
    assert finding.hints[-1].startswith("or leave `KeyPolicy` out")


def test_the_statement_for_the_caller_is_found_among_others() -> None:
    given = Given(role_arn="arn:aws:iam::123456789012:role/Deploy")
    assert cause(allow(CAROL, "kms:Decrypt") + allow(ALICE), given=given) == "SK108"


def test_nothing_is_made_up_about_statements_of_a_malformed_document() -> None:
    statement = allow('"arn:aws:iam::210987654321:root"', "kms:PutKeyPolicy").replace('"*"', "arn:aws:s3:::orders")
    report = key(key_template(statement + allow(ALICE, sid="T").replace("Allow", "allow")))
    assert [finding.rule for finding in report.findings] == ["SK114"]
