"""What is proposed for a template, and how it is written."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from sparekey.check.fixes import KeyFix, Proposal, Status
from sparekey.check.fixes._administrators import ADMINISTRATION
from tests.check.fixes.deployments import CORPUS, proposal, verdicts
from tests.check.fixes.pages import Data, Looks, data_of, documents, looks

if TYPE_CHECKING:
    from pathlib import Path

SHOP = str(CORPUS / "snapshots" / "shop.json")
ADMINISTRATOR = str(CORPUS / "snapshots" / "policies" / "administrator.json")
DEPLOY = "arn:aws:iam::111122223333:role/Deploy"
AS_DEPLOY = ("--as", DEPLOY, "--iam", ADMINISTRATOR)


def key_policy(*statements: str, properties: str = "") -> str:
    lines = "\n".join(
        f"          {line}" if line else "" for text in statements for line in text.strip("\n").split("\n")
    )
    return f"""\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:{properties}
      KeyPolicy:
        Version: 2012-10-17
        Statement:
{lines}
"""


OTHERS_ONLY = """
- Sid: Use
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::111122223333:role/Other
  Action: kms:Decrypt
  Resource: "*"
"""


def only(found: Proposal) -> KeyFix:
    (key,) = found.keys
    return key


def statements_of(text: str) -> list[Data]:
    data: Data = data_of(text)
    for step in ("Resources", "Key", "Properties", "KeyPolicy", "Statement"):
        assert isinstance(data, dict)
        data = data[step]
    assert isinstance(data, list)
    return data


@pytest.mark.parametrize(
    ("options", "administrator", "principal", "action"),
    [
        (AS_DEPLOY, "auto", "arn:aws:iam::111122223333:root", "kms:*"),
        (AS_DEPLOY, "account", "arn:aws:iam::111122223333:root", "kms:*"),
        (AS_DEPLOY, "deployer", DEPLOY, [*ADMINISTRATION]),
        (("--as", DEPLOY), "auto", DEPLOY, [*ADMINISTRATION]),
        (("--as", DEPLOY), "deployer", DEPLOY, [*ADMINISTRATION]),
        (("--as", DEPLOY), "account", "arn:aws:iam::111122223333:root", "kms:*"),
        (("--as", "arn:aws:iam::111122223333:root"), "auto", "arn:aws:iam::111122223333:root", "kms:*"),
    ],
)
def test_a_new_statement_names_whom_the_iam_policies_and_the_user_suggest(
    options: tuple[str, ...], administrator: str, principal: str, action: Data
) -> None:
    found = proposal(key_policy(OTHERS_ONLY), *options, administrator=administrator)
    assert only(found).status is Status.PROPOSED
    *before, added = statements_of(found.after)
    assert len(before) == 1
    assert isinstance(added, dict)
    assert added["Principal"] == {"AWS": principal}
    assert added["Action"] == action
    assert bool(only(found).attachments) is (administrator == "account" and "--iam" not in options)


def test_what_hangs_on_identity_policies_that_are_not_given_stays_open() -> None:
    key = only(proposal(key_policy(OTHERS_ONLY), "--as", DEPLOY))
    assert (key.before, key.after) == ("lockout", "undecided")
    assert len(key.hangs_on) == 1
    assert "allowing `kms:CreateKey` and not denying `kms:PutKeyPolicy`" in key.hangs_on[0]


def test_a_default_policy_needs_identity_policies_that_allow_what_it_delegates() -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    found = proposal(key_policy(root), "--as", DEPLOY)
    key = only(found)
    assert (key.before, key.after, found.diff) == ("undecided", "pass", "")
    (attachment,) = key.attachments
    assert attachment.attach_to == DEPLOY
    assert attachment.statement == {"Effect": "Allow", "Action": ["kms:CreateKey", "kms:PutKeyPolicy"], "Resource": "*"}
    assert attachment.why.endswith("unless its policies do so already")


def test_a_key_that_passes_needs_nothing() -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    found = proposal(key_policy(root), *AS_DEPLOY)
    assert only(found).status is Status.NOTHING
    assert found.nothing_to_do
    assert found.cured_by_edits


def test_a_key_that_hangs_on_a_parameter_is_left_alone() -> None:
    text = key_policy(OTHERS_ONLY.replace("arn:aws:iam::111122223333:role/Other", "!Ref Admin").replace("Decrypt", "*"))
    found = proposal("Parameters: {Admin: {Type: String}}\n" + text, *AS_DEPLOY)
    assert only(found).status is Status.UNDECIDED
    assert only(found).hangs_on == ("parameter `Admin`",)
    assert found.nothing_to_do


def test_a_role_that_the_template_makes_is_named_by_its_attribute() -> None:
    role = "  Deploy:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: Deploy\n"
    text = key_policy(OTHERS_ONLY) + role
    assert "AWS: !GetAtt Deploy.Arn\n" in proposal(text, "--as", DEPLOY).after
    circle = text + "      Tags: [{Key: k, Value: !Ref Key}]\n"
    assert "AWS: arn:aws:iam::111122223333:role/Deploy\n" in proposal(circle, "--as", DEPLOY).after


@pytest.mark.parametrize(
    ("description", "written"),
    [
        ("x", "arn:aws:iam::111122223333:role/Deploy"),
        ("!Ref AWS::AccountId", "!Sub arn:aws:iam::${AWS::AccountId}:role/Deploy"),
        ("!Ref AWS::Partition", "!Sub arn:${AWS::Partition}:iam::111122223333:role/Deploy"),
        ('!Sub "${AWS::AccountId}"', '!Sub "arn:aws:iam::${AWS::AccountId}:role/Deploy"'),
        ("!Join ['', [!Ref AWS::AccountId]]", '!Join [":", [arn, aws, iam, "", !Ref AWS::AccountId, role/Deploy]]'),
    ],
)
def test_pseudo_parameters_are_used_where_the_template_uses_them(description: str, written: str) -> None:
    text = key_policy(OTHERS_ONLY, properties=f"\n      Description: {description}")
    assert f"              AWS: {written}\n" in proposal(text, "--as", DEPLOY).after


def test_long_functions_are_written_long() -> None:
    text = key_policy(OTHERS_ONLY, properties="\n      Description:\n        Ref: AWS::AccountId")
    written = "              AWS:\n                Fn::Sub: arn:aws:iam::${AWS::AccountId}:role/Deploy\n"
    assert written in proposal(text, "--as", DEPLOY).after


def test_a_sid_that_is_taken_gets_a_number() -> None:
    taken = OTHERS_ONLY.replace("Use", "Enable IAM User Permissions")
    found = proposal(key_policy(taken, taken.replace("Permissions", "Permissions 2")), *AS_DEPLOY)
    assert "- Sid: Enable IAM User Permissions 3\n" in found.after


def test_a_new_statement_has_its_elements_in_the_order_of_the_one_above() -> None:
    found = proposal(
        key_policy("- Resource: '*'\n  Action: kms:Decrypt\n  Principal: {Service: s3.amazonaws.com}\n  Effect: Allow"),
        *AS_DEPLOY,
    )
    added = statements_of(found.after)[1]
    assert isinstance(added, dict)
    assert list(added) == ["Sid", "Resource", "Action", "Principal", "Effect"]


def test_an_administrator_is_named_beside_the_one_that_is_there() -> None:
    admin = OTHERS_ONLY.replace("kms:Decrypt", "kms:*")
    for options in (AS_DEPLOY, ("--as", DEPLOY)):
        found = proposal(key_policy(admin), *options)
        assert statements_of(found.after)[0] == {
            "Sid": "Use",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::111122223333:role/Other", DEPLOY]},
            "Action": "kms:*",
            "Resource": "*",
        }
        proof = only(found).proof
        assert proof is not None
        assert proof.administrators == (DEPLOY,)


def test_actions_for_the_deployer_alone_are_completed() -> None:
    lacking = OTHERS_ONLY.replace("Other", "Deploy").replace("kms:Decrypt", "[kms:Get*, kms:ScheduleKeyDeletion]")
    found = proposal(key_policy(lacking), *AS_DEPLOY)
    assert "Action: [kms:Get*, kms:ScheduleKeyDeletion, kms:PutKeyPolicy]\n" in found.after


def test_an_administrator_statement_is_completed_with_the_calls_it_lacks() -> None:
    lacking = OTHERS_ONLY.replace("Other", "Deploy").replace("kms:Decrypt", "[kms:Put*, kms:Get*]")
    found = proposal(key_policy(lacking, properties="\n      EnableKeyRotation: true"), *AS_DEPLOY)
    assert "Action: [kms:Put*, kms:Get*, kms:EnableKeyRotation]\n" in found.after
    assert len(statements_of(found.after)) == 1


DELEGATING_LITTLE = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "[kms:Describe*, kms:List*]")


def test_what_the_account_delegates_is_completed() -> None:
    found = proposal(key_policy(DELEGATING_LITTLE), *AS_DEPLOY)
    assert "Action: [kms:Describe*, kms:List*, kms:PutKeyPolicy]\n" in found.after
    assert len(statements_of(found.after)) == 1


def test_the_account_does_not_gain_where_administrators_are_named() -> None:
    administrator = OTHERS_ONLY.replace("kms:Decrypt", "kms:*").replace("Use", "Admin")
    found = proposal(key_policy(DELEGATING_LITTLE, administrator), *AS_DEPLOY)
    assert "Action: [kms:Describe*, kms:List*]\n" in found.after
    proof = only(found).proof
    assert proof is not None
    assert proof.administrators == (DEPLOY,)


def test_others_in_a_statement_do_not_gain_by_its_completion() -> None:
    lacking = (
        OTHERS_ONLY.replace("kms:Decrypt", "kms:ScheduleKeyDeletion")
        .replace("arn:aws:iam::111122223333:role/Other", f"[{DEPLOY}, arn:aws:iam::111122223333:role/Other]")
    )  # fmt: skip
    found = proposal(key_policy(lacking), "--as", DEPLOY)
    assert len(statements_of(found.after)) == 2
    proof = only(found).proof
    assert proof is not None
    assert proof.administrators == (DEPLOY,)


def test_a_deny_is_lifted_and_an_allow_added_where_both_are_missing() -> None:
    deny = "- {Effect: Deny, Principal: '*', Action: kms:PutKeyPolicy, Resource: '*'}"
    found = proposal(key_policy(deny), "--as", DEPLOY)
    assert [change.cause for change in only(found).changes] == ["C10", "C01"]
    first = statements_of(found.after)[0]
    assert isinstance(first, dict)
    assert first["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": DEPLOY}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            "{StringLike: {aws:PrincipalTag/x: y*}}",
            {"StringLike": {"aws:PrincipalTag/x": "y*"}, "ArnNotEquals": {"aws:PrincipalArn": DEPLOY}},
        ),
        (
            "{StringNotLike: {AWS:principalarn: [a]}}",
            {"StringNotLike": {"AWS:principalarn": ["a", DEPLOY]}},
        ),
        (
            "{ArnNotEquals: {aws:SourceArn: 'arn:aws:s3:::b'}}",
            {"ArnNotEquals": {"aws:SourceArn": "arn:aws:s3:::b", "aws:PrincipalArn": DEPLOY}},
        ),
    ],
)
def test_a_deny_with_a_condition_exempts_the_deployer_in_it(condition: str, expected: Data) -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    deny = f"- {{Effect: Deny, Principal: '*', Action: kms:*, Resource: '*', Condition: {condition}}}"
    found = proposal(key_policy(root, deny), *AS_DEPLOY, "--context", "aws:PrincipalTag/x=yes")
    second = statements_of(found.after)[1]
    assert isinstance(second, dict)
    assert second["Condition"] == expected


def test_a_session_whose_role_has_no_known_path_is_named_with_an_assumption() -> None:
    found = proposal(key_policy(OTHERS_ONLY), "--as", "arn:aws:sts::111122223333:assumed-role/Deploy/run")
    assert f"AWS: {DEPLOY}\n" in found.after
    assert "role `Deploy` has no path (give `--iam`)" in only(found).assumptions


def test_an_sso_role_without_a_known_path_is_named_by_a_condition() -> None:
    role = "AWSReservedSSO_Admin_0123456789abcdef"
    found = proposal(key_policy(OTHERS_ONLY), "--as", f"arn:aws:sts::111122223333:assumed-role/{role}/a@example.com")
    added = statements_of(found.after)[1]
    assert isinstance(added, dict)
    pattern = f"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*{role}"
    assert added["Condition"] == {"ArnLike": {"aws:PrincipalArn": pattern}}
    key = only(found)
    assert key.after == "pass"
    assert "permission set" in key.attachments[0].why
    assert key.proof is not None
    assert key.proof.administrators == (pattern,)


@pytest.mark.parametrize("written", ["AWSReservedSSO_Admin_0123456789abcdef", "AWSReservedSSO_Admin_*"])
def test_an_sso_role_without_its_path_gives_way_to_the_account_under_a_condition(written: str) -> None:
    role = "AWSReservedSSO_Admin_0123456789abcdef"
    lacking = OTHERS_ONLY.replace("Other", written).replace("kms:Decrypt", "kms:*")
    found = proposal(key_policy(lacking), "--as", f"arn:aws:sts::111122223333:assumed-role/{role}/a@example.com")
    pattern = f"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*{role}"
    assert statements_of(found.after) == [
        {
            "Sid": "Use",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "kms:*",
            "Resource": "*",
            "Condition": {"ArnLike": {"aws:PrincipalArn": pattern}},
        }
    ]
    assert [change.cause for change in only(found).changes] == ["C06"]


def test_each_branch_of_an_open_condition_is_repaired() -> None:
    text = """\
Parameters: {Stage: {Type: String}}
Conditions: {IsLive: !Equals [!Ref Stage, live]}
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: !If
        - IsLive
        - Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/A"}, Action: "*", Resource: "*"}]
        - Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/B"}, Action: "*", Resource: "*"}]
"""
    found = proposal(text, *AS_DEPLOY)
    assert only(found).after == "pass"
    assert len(only(found).changes) == 2
    assert found.after.count(DEPLOY) == 2


def test_a_policy_behind_an_alias_is_repaired_for_both_keys() -> None:
    text = key_policy(OTHERS_ONLY).replace("KeyPolicy:", "KeyPolicy: &policy") + (
        "  Second:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: *policy\n"
    )
    found = proposal(text, "--as", DEPLOY)
    assert [key.status for key in found.keys] == [Status.PROPOSED, Status.PROPOSED]
    assert found.after.count("Allow administration of the key") == 1
    assert found.keys[1].changes[0].text.startswith("the edits for another key reach this one too")


def test_a_key_that_passes_is_not_changed_through_an_alias() -> None:
    text = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - &use
            Effect: Allow
            Principal: {AWS: &who [arn:aws:iam::111122223333:role/Other]}
            Action: kms:*
            Resource: "*"
  Second:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: {AWS: *who}, Action: kms:Decrypt, Resource: "*"}
          - {Effect: Allow, Principal: {AWS: arn:aws:iam::111122223333:role/Deploy}, Action: kms:Put*, Resource: "*"}
"""
    found = proposal(text, *AS_DEPLOY)
    assert found.diff == ""
    assert {key.status for key in found.keys} == {Status.REFUSED}
    assert "do more together than each alone: it would also allow `kms:Decrypt`" in str(found.keys[0].reason)


def sharing(first: str, second: str) -> str:
    """Two keys whose second policy refers to a list that the first one holds."""
    return f"""\
Resources:
  First:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
{first}
  Second:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
{second}
"""


ALLOW_WHO = """
          - Effect: Allow
            Principal: {AWS: WHO}
            Action: kms:*
            Resource: "*"
""".strip("\n")
DENY_WHO = ALLOW_WHO.replace("Allow", "Deny")
ALLOW_DEPLOY = ALLOW_WHO.replace("WHO", DEPLOY)
WHO = "&who [arn:aws:iam::111122223333:role/Other]"


def test_an_edit_that_locks_another_key_is_not_proposed() -> None:
    text = sharing(ALLOW_WHO.replace("WHO", WHO), DENY_WHO.replace("WHO", "*who") + "\n" + ALLOW_DEPLOY)
    found = proposal(text, *AS_DEPLOY)
    assert [(key.status, key.before) for key in found.keys] == [("refused", "lockout"), ("refused", "pass")]
    assert str(found.keys[0].reason).endswith("key `Second` would become lockout")


def test_an_edit_that_undoes_another_is_not_proposed() -> None:
    text = sharing(DENY_WHO.replace("WHO", WHO), ALLOW_WHO.replace("WHO", "*who"))
    found = proposal(text, *AS_DEPLOY)
    assert {key.status for key in found.keys} == {Status.REFUSED}
    assert str(found.keys[0].reason).endswith("key `First` would still fail")


EMBEDDED = '{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:root"},"Action":"kms:*","Resource":"*"}}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"'{EMBEDDED}'", f"'{EMBEDDED.replace('::1:', '::111122223333:')}'"),
        (
            '"' + EMBEDDED.replace('"', '\\"') + '"',
            '"' + EMBEDDED.replace("::1:", "::111122223333:").replace('"', '\\"') + '"',
        ),
        (f"|\n        {EMBEDDED}", f"|\n        {EMBEDDED.replace('::1:', '::111122223333:')}"),
        (
            "\n        Fn::Sub: '" + EMBEDDED.replace("::1:", "::999988887777:") + "'",
            "\n        Fn::Sub: '" + EMBEDDED.replace("::1:", "::${AWS::AccountId}:") + "'",
        ),
        (
            "!Sub |-\n        " + EMBEDDED.replace("::1:", "::999988887777:"),
            "!Sub |-\n        " + EMBEDDED.replace("::1:", "::${AWS::AccountId}:"),
        ),
    ],
)  # fmt: skip
def test_a_policy_in_a_text_is_repaired_inside_it(before: str, after: str) -> None:
    text = f"Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: {before}\n"
    text += "      Enabled: true\n"
    text = text.replace("::1:", "::999988887777:")
    found = proposal(text, *AS_DEPLOY)
    assert only(found).reason is None
    assert found.after == text.replace(before.replace("::1:", "::999988887777:"), after)


@pytest.mark.parametrize(
    "before", [f">-\n        {EMBEDDED}", f"!Join ['', ['{EMBEDDED}']]", "!Base64 x", "'{nonsense'", "'[1]'"]
)
def test_a_policy_in_a_text_that_cannot_be_kept_is_left_alone(before: str) -> None:
    text = f"Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: {before}\n"
    text = text.replace("::1:", "::999988887777:")
    found = proposal(text, *AS_DEPLOY)
    assert only(found).status is Status.REFUSED
    assert only(found).reason
    assert found.diff == ""


def test_too_large_a_policy_is_for_its_author_to_shorten() -> None:
    long = OTHERS_ONLY.replace("Use", "U" * 40_000)
    key = only(proposal(key_policy(long), *AS_DEPLOY))
    assert (key.status, key.before) == (Status.REFUSED, "too_large")
    assert key.reason == "statements have to go, and only you know which"


def test_rotation_is_left_off_where_the_key_cannot_rotate() -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    text = key_policy(root, properties="\n      KeySpec: RSA_2048 # signs\n      EnableKeyRotation: true # why not")
    found = proposal(text, *AS_DEPLOY)
    assert found.after == text.replace("EnableKeyRotation: true #", "EnableKeyRotation: false #")


@pytest.mark.parametrize(
    ("statement", "before", "after"),
    [
        ("- {Effect: Allow, Principal: 'arn:aws:iam::111122223333:root', Action: kms:*, Resource: '*'}",
         "Principal: 'arn:aws:iam::111122223333:root'", "Principal: {AWS: 'arn:aws:iam::111122223333:root'}"),
        ("- Effect: Allow\n  Principal: 'arn:aws:iam::111122223333:root'\n  Action: kms:*\n  Resource: '*'",
         "Principal: 'arn:aws:iam::111122223333:root'\n",
         "Principal:\n              AWS: 'arn:aws:iam::111122223333:root'\n"),
        ("- Effect: Allow\n  Principal: {aws: 'arn:aws:iam::111122223333:root'}\n  Action: kms:*\n  Resource: '*'",
         "aws: 'arn", "AWS: 'arn"),
        ("- Effect: Allow\n  Principals: {AWS: 'arn:aws:iam::111122223333:root'}\n  Action: kms:*\n  Resource: '*'",
         "Principals:", "Principal:"),
        ("- Effect: Alow\n  Principal: {AWS: 'arn:aws:iam::111122223333:root'}\n  Action: kms:*\n  Resource: '*'",
         "Effect: Alow", "Effect: Allow"),
        ("- Effect: Allow\n  Principal: {AWS: “arn:aws:iam::111122223333:root”}\n  Action: kms:*\n  Resource: '*'",
         "“arn:aws:iam::111122223333:root”", "arn:aws:iam::111122223333:root"),
        ("- Effect: Allow\n  Principal: {AWS: '111122223333'}\n  Action: kms=PutKeyPolicy\n  Resource: '*'",
         "kms=PutKeyPolicy", "kms:PutKeyPolicy"),
        ("- Effect: Allow\n  Principal: {AWS: 'arn:aws:iam::111122223333:root'}\n  Action: kms:*",
         "Action: kms:*\n", "Action: kms:*\n            Resource: '*'\n"),
        ("- {Effect: Allow, Principal: [{AWS: 'arn:aws:iam::111122223333:root'}], Action: kms:*, Resource: '*'}",
         "[{AWS: 'arn:aws:iam::111122223333:root'}]", "{AWS: 'arn:aws:iam::111122223333:root'}"),
        (("- Effect: Allow\n  Principal:\n  - AWS: 'arn:aws:iam::111122223333:root'\n  - Service: s3.amazonaws.com\n"
         "  Action: kms:*\n  Resource: '*'"),
         "            - AWS: 'arn:aws:iam::111122223333:root'\n            - Service:",
         "              AWS: 'arn:aws:iam::111122223333:root'\n              Service:"),
        (("- Effect: Allow\n  Principal: [s3.amazonaws.com]\n  Action: kms:Decrypt\n  Resource: '*'\n"
         "- {Effect: Allow, Principal: {AWS: '111122223333'}, Action: kms:*, Resource: '*'}"),
         "[s3.amazonaws.com]", "{Service: [s3.amazonaws.com]}"),
        ("- Effect: Allow\n  Principal:\n    - '111122223333'\n  Action: kms:*\n  Resource: '*'",
         "              - '111122223333'", "              AWS:\n              - '111122223333'"),
        ("- Effect: Allow\n  Principal:\n    - AWS:\n      - '111122223333'\n  Action: kms:*\n  Resource: '*'",
         "              - AWS:", "                AWS:"),
        ("- Effect: Allow\n  Principal: {AWS: ' arn:aws:iam::111122223333:root'}\n  Action: kms:*\n  Resource: '*'",
         "' arn:", "'arn:"),
        ("- Effect: Allow\n  Principal: {AWS: 'arn:aws::111122223333:root'}\n  Action: kms:*\n  Resource: '*'",
         "arn:aws::1", "arn:aws:iam::1"),
    ],
)  # fmt: skip
def test_what_can_only_have_been_meant_is_written(statement: str, before: str, after: str) -> None:
    text = key_policy(statement)
    found = proposal(text, *AS_DEPLOY)
    assert found.after == text.replace(before, after), only(found)
    assert {change.cause for change in only(found).changes} <= {"C14"}


def test_forallvalues_goes_where_kms_asks_for_it() -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    use = OTHERS_ONLY + "  Condition:\n    ForAllValues:StringEquals:\n      kms:EncryptionContext:a: b\n"
    found = proposal(key_policy(root, use), *AS_DEPLOY)
    assert found.after == key_policy(root, use.replace("ForAllValues:", ""))


def test_a_statement_without_principal_is_for_the_deployer_if_it_administers() -> None:
    text = key_policy("- Effect: Allow\n  Principal: {AWS: []}\n  Action: kms:*\n  Resource: '*'")
    found = proposal(text, *AS_DEPLOY)
    assert statements_of(found.after) == [
        {"Effect": "Allow", "Principal": {"AWS": DEPLOY}, "Action": "kms:*", "Resource": "*"}
    ]
    missing = key_policy("- Effect: Allow\n  Action: kms:*\n  Resource: '*'")
    assert only(proposal(missing, *AS_DEPLOY)).after == "pass"


def test_a_statement_without_principal_goes_if_it_does_not_administer() -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    empty = "- Effect: Allow\n  Principal: {AWS: []}\n  Action: kms:Decrypt\n  Resource: '*'\n"
    assert proposal(key_policy(root, empty), *AS_DEPLOY).after == key_policy(root)


def test_a_statement_alone_without_principal_is_left_to_its_author() -> None:
    text = key_policy("- Effect: Allow\n  Principal: {AWS: []}\n  Action: kms:Decrypt\n  Resource: '*'")
    key = only(proposal(text, *AS_DEPLOY))
    assert key.status is Status.REFUSED
    assert key.reason is not None
    assert "the list holds nothing else" in key.reason


def test_a_principal_made_under_its_own_name_is_referred_to() -> None:
    text = (
        key_policy(
            OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*"),
            OTHERS_ONLY.replace("role/Other", "role/Worker"),
        )
        + "  Worker:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {}\n"
    )
    found = proposal(text, "--as", "arn:aws:sts::111122223333:assumed-role/Deploy/pipeline", "--iam", SHOP)
    assert found.after == text.replace("AWS: arn:aws:iam::111122223333:role/Worker", "AWS: !GetAtt Worker.Arn")


def test_a_role_of_the_template_gets_its_path_by_its_attribute() -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    text = (
        key_policy(root, OTHERS_ONLY)
        + "  Role:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: Other, Path: /ci/}\n"
    )
    found = proposal(text, "--as", "arn:aws:sts::111122223333:assumed-role/Deploy/pipeline", "--iam", SHOP)
    assert "AWS: !GetAtt Role.Arn\n" in found.after
    assert only(found).after == "pass"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Action: kms*", "Action: kms:*"),
        ("Action: kms:PutKeyPolcy", "Action: kms:PutKeyPolicy"),
        ("Action: [kms:Get*, kms:PutKeypolicies]", "Action: [kms:Get*, kms:PutKeyPolicy]"),
    ],
)
def test_an_action_with_a_slip_is_corrected(before: str, after: str) -> None:
    slip = OTHERS_ONLY.replace("role/Other", "root").replace("Action: kms:Decrypt", before)
    found = proposal(key_policy(slip), *AS_DEPLOY)
    assert f"  {after}\n" in found.after
    assert [change.cause for change in only(found).changes] == ["C14"]


def test_an_action_that_means_nothing_near_is_left_as_it_is() -> None:
    slip = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "[kms:Decrypt, kms:Encrypted, kms:Xyzzy]")
    found = proposal(key_policy(slip), *AS_DEPLOY)
    assert "[kms:Decrypt, kms:Encrypted, kms:Xyzzy, kms:PutKeyPolicy]" in found.after


def test_nobody_is_guessed_for_a_principal_that_does_not_exist() -> None:
    text = key_policy(
        OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*"),
        OTHERS_ONLY.replace("role/Other", "role/Gone"),
    )
    key = only(proposal(text, "--as", "arn:aws:sts::111122223333:assumed-role/Deploy/pipeline", "--iam", SHOP))
    assert (key.status, key.before) == (Status.REFUSED, "invalid_principal")
    assert key.reason == "it is not told which principal is meant instead"


def test_a_service_linked_role_with_a_suffix_is_made_and_waited_for() -> None:
    role = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_batch"
    text = (
        key_policy(
            OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*"),
            OTHERS_ONLY.replace("role/Other", f"role/{role}"),
        ).replace("    Properties:\n", "    DependsOn: Topic\n    Properties:\n")
        + "  Topic: {Type: AWS::SNS::Topic}\n"
    )
    found = proposal(text, "--as", "arn:aws:sts::111122223333:assumed-role/Deploy/pipeline", "--iam", SHOP)
    data: Data = data_of(found.after)
    assert isinstance(data, dict)
    resources = data["Resources"]
    assert isinstance(resources, dict)
    assert resources["AutoScalingServiceLinkedRole"] == {
        "Type": "AWS::IAM::ServiceLinkedRole",
        "Properties": {"AWSServiceName": "autoscaling.amazonaws.com", "CustomSuffix": "batch"},
    }
    key = resources["Key"]
    assert isinstance(key, dict)
    assert key["DependsOn"] == ["Topic", "AutoScalingServiceLinkedRole"]


def test_a_service_linked_role_is_made_for_a_key_that_stands_last() -> None:
    role = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    text = key_policy(root, OTHERS_ONLY.replace("role/Other", f"role/{role}"))
    found = proposal(text, "--as", "arn:aws:sts::111122223333:assumed-role/Deploy/pipeline", "--iam", SHOP)
    data: Data = data_of(found.after)
    assert isinstance(data, dict)
    resources = data["Resources"]
    assert isinstance(resources, dict)
    assert list(resources) == ["Key", "AutoScalingServiceLinkedRole"]
    key = resources["Key"]
    assert isinstance(key, dict)
    assert key["DependsOn"] == "AutoScalingServiceLinkedRole"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("arn:aws:iam::${AWS::AccountId}:role/${Name}", "it is not told which principal is meant instead"),
        ("not-an-arn", "it is not told which principal is meant instead"),
    ],
)
def test_a_principal_that_means_nothing_is_left_to_its_author(text: str, reason: str) -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    use = OTHERS_ONLY.replace("arn:aws:iam::111122223333:role/Other", f'"{text}"')
    key = only(proposal(key_policy(root, use), *AS_DEPLOY))
    assert (key.status, key.reason) == (Status.REFUSED, reason)


def test_a_partition_in_a_joined_text_is_corrected() -> None:
    joined = OTHERS_ONLY.replace(
        "arn:aws:iam::111122223333:role/Other", "!Join ['', ['arn:aws:iam::', !Ref AWS::AccountId, ':root']]"
    ).replace("kms:Decrypt", "kms:*")
    options = ("--as", "arn:aws-cn:iam::111122223333:role/Deploy", "--iam", ADMINISTRATOR)
    found = proposal(key_policy(joined), *options)
    assert "AWS: !Join [':', [arn, !Ref AWS::Partition, iam, '', !Ref AWS::AccountId, root]]\n" in found.after


def test_a_statement_under_a_function_is_not_given_a_condition() -> None:
    root = OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*")
    deny = "- {Effect: Deny, Principal: '*', Action: kms:*, Resource: '*', Condition: !If [Live, {}, {}]}"
    text = "Conditions: {Live: !Equals [a, a]}\n" + key_policy(root, deny)
    assert only(proposal(text, *AS_DEPLOY)).after == "pass"


YAML_HEAD = """\
Parameters: {Readers: {Type: CommaDelimitedList, Default: ''}}
Conditions: {Has: !Not [!Equals [!Join ['', !Ref Readers], '']]}
"""
JSON_HEAD = """\
{"Parameters": {"Readers": {"Type": "CommaDelimitedList", "Default": ""}},
"Conditions": {"Has": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Readers"}]}, ""]}]}},
"""
YAML_USE = "{Sid: R, Effect: Allow, Principal: {AWS: WHO}, Action: 'a:b', Resource: '*'}"
JSON_USE = '{"Sid": "R", "Effect": "Allow", "Principal": {"AWS": WHO}, "Action": "a:b", "Resource": "*"}'


def two_statements(head: str, second: str) -> str:
    first = '{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}'
    policy = f'{{"Statement": [{first}, {second}]}}'
    resources = f'{{"Key": {{"Type": "AWS::KMS::Key", "Properties": {{"KeyPolicy": {policy}}}}}}}'
    return f'{head}"Resources": {resources}' + ("}" if head.startswith("{") else "")


@pytest.mark.parametrize(
    ("head", "use", "who", "after"),
    [
        (
            YAML_HEAD, YAML_USE, "!If [Has, !Ref Readers, !Ref AWS::NoValue]",
            "!If [Has, " + YAML_USE.replace("WHO", "!Ref Readers") + ", !Ref AWS::NoValue]",
        ),
        (
            JSON_HEAD, JSON_USE, '{"Fn::If": ["Has", {"Ref": "Readers"}, []]}',
            '{"Fn::If": ["Has", ' + JSON_USE.replace("WHO", '{"Ref": "Readers"}') + ', {"Ref": "AWS::NoValue"}]}',
        ),
        (
            JSON_HEAD.replace("Fn::Not", "Fn::And").replace('""]}]', '""]}, {"Fn::Equals": ["a", "a"]}]'), JSON_USE,
            '{"Fn::If": ["Has", {"Ref": "AWS::NoValue"}, {"Ref": "Readers"}]}',
            '{"Fn::If": ["Has", {"Ref": "AWS::NoValue"}, ' + JSON_USE.replace("WHO", '{"Ref": "Readers"}') + "]}",
        ),
    ],
)  # fmt: skip
def test_a_statement_that_names_nobody_in_one_case_is_left_out_there(head: str, use: str, who: str, after: str) -> None:
    found = proposal(two_statements(head, use.replace("WHO", who)), *AS_DEPLOY)
    assert only(found).after == "pass"
    assert found.after == two_statements(head, after)


@pytest.mark.parametrize(
    "who", ["!If [Has, [], !Ref AWS::NoValue]", "!If [Has, x,\n []]", "!Split [',', '']", "!If [Has,\n [x], []]"]
)
def test_a_principal_that_names_nobody_in_another_way_is_left_to_its_author(who: str) -> None:
    key = only(proposal(two_statements(YAML_HEAD, YAML_USE.replace("WHO", who)), *AS_DEPLOY))
    assert key.status in (Status.REFUSED, Status.PROPOSED)


def test_a_statement_in_long_form_is_left_out_where_it_names_nobody() -> None:
    text = (
        "Parameters: {Readers: {Type: CommaDelimitedList, Default: ''}}\n"
        "Conditions:\n  None:\n    Fn::Equals: [{Fn::Join: ['', {Ref: Readers}]}, '']\n"
    ) + key_policy(
        OTHERS_ONLY.replace("role/Other", "root").replace("kms:Decrypt", "kms:*"),
        "- Sid: Readers\n  Effect: Allow\n  Principal:\n    AWS: {Fn::If: [None, [], {Ref: Readers}]}\n"
        "  Action: kms:Decrypt\n  Resource: '*'",
    )
    found = proposal(text, *AS_DEPLOY)
    assert only(found).after == "pass"
    assert (
        "          - Fn::If:\n            - None\n            - Ref: AWS::NoValue\n            - Sid: Readers\n"
        "              Effect: Allow\n              Principal:\n                AWS: {Ref: Readers}\n"
    ) in found.after


def test_line_edits_tell_what_goes_and_what_comes() -> None:
    found = proposal(key_policy(OTHERS_ONLY.replace("kms:Decrypt", "kms:*")), *AS_DEPLOY)
    (edit,) = found.line_edits
    assert (edit.line, len(edit.removed), len(edit.added)) == (11, 1, 3)


def template(document: dict[str, Data], look: Looks) -> str:
    if look.kind.startswith("flow"):
        inner = look.write(document).replace("Outer:", "      KeyPolicy:", 1)
        head = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n".replace("\n", look.newline)
        return head + inner.replace(look.newline + "}", look.newline + "      }")
    return look.write({"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document}}}})


@settings(max_examples=60, deadline=None)
@given(documents, looks)
def test_whatever_a_template_looks_like_it_passes_with_what_is_proposed(document: dict[str, Data], look: Looks) -> None:
    document = deepcopy(document)
    del document["After"]
    text = template(document, look)
    if verdicts(text, *AS_DEPLOY)["Key"] == "pass":
        return
    found = proposal(text, *AS_DEPLOY)
    key = only(found)
    if key.status is Status.REFUSED:  # a Deny for everyone is a decision we may not be able to lift
        assert key.reason
        return
    assert verdicts(found.after, *AS_DEPLOY)["Key"] == "pass"
    assert found.after.endswith("\n") == text.endswith("\n")
    assert found.after.count("\n") == found.after.count(look.newline)
    if any(change.text.startswith("take `") for change in key.changes):  # and what stands beside it
        return
    assert found.after.count("# why: it is so") == text.count("# why: it is so")
    assert found.after.count("# about the item above") == text.count("# about the item above")


def test_no_file_is_read_or_written_by_a_proposal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    proposal(key_policy(OTHERS_ONLY), "--as", DEPLOY)
    assert list(tmp_path.iterdir()) == []
