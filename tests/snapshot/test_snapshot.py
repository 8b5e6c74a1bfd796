"""Accounts as `aws iam get-account-authorization-details` shows them, and plain documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from sparekey.errors import InputError
from sparekey.policy import PolicyType
from sparekey.snapshot import Snapshot, read_snapshot
from sparekey.source import Place
from tests.check.deployments import ACCOUNT, EVERYTHING, account, document, role, user

if TYPE_CHECKING:
    from sparekey.policy import Policy

ALICE = f"arn:aws:iam::{ACCOUNT}:user/Alice"
READ = document({"Sid": "Read", "Effect": "Allow", "Action": "kms:Get*", "Resource": "*"})


def read(*contents: object) -> Snapshot:
    return read_snapshot((f"{index}.json", json.dumps(each).encode()) for index, each in enumerate(contents))


def sids(policies: tuple[Policy, ...]) -> list[str]:
    return [str(statement.sid) for policy in policies for statement in policy.statements]


def allow(sid: str) -> dict[str, object]:
    return document({"Sid": sid, "Effect": "Allow", "Action": "*", "Resource": "*"})


def managed(arn: str, text: object, **more: object) -> dict[str, object]:
    versions = [
        {"VersionId": "v1", "IsDefaultVersion": False, "Document": allow("Old")},
        {"VersionId": "v2", "IsDefaultVersion": True, "Document": text},
    ]  # fmt: skip
    return {"PolicyName": arn.rpartition("/")[2], "Arn": arn, "PolicyVersionList": versions, **more}


def attached(*arns: str) -> list[dict[str, str]]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


@pytest.mark.parametrize("encode", [lambda text: text, json.dumps, lambda text: quote(json.dumps(text))])
def test_documents_are_objects_texts_or_percent_encoded(encode: object) -> None:
    assert callable(encode)
    found = read(account(user("Alice", encode(READ)))).identities[ALICE]
    assert sids(found.policies) == ["Read"]
    assert found.policies[0].name == "inline policy `p0` of `user/Alice`"
    assert found.policies[0].type is PolicyType.IDENTITY


def test_a_statement_of_a_document_knows_its_place_in_the_page() -> None:
    page = json.dumps(account(user("Alice", READ)), indent=1)
    (policy,) = read_snapshot([("page.json", page.encode())]).identities[ALICE].policies
    place = policy.place(policy.statements[0])
    assert place is not None
    assert page.split("\n")[place.line].strip().startswith('"Sid": "Read"')


def test_a_document_that_is_text_stands_where_the_text_begins() -> None:
    page = json.dumps(account(user("Alice", json.dumps(READ))), indent=1)
    (policy,) = read_snapshot([("page.json", page.encode())]).identities[ALICE].policies
    place = policy.place(policy.statements[0])
    assert place is not None
    assert '"PolicyDocument"' in page.split("\n")[place.line - 1]


def test_a_user_has_the_policies_of_its_groups_and_attached_ones_in_their_default_version() -> None:
    group_arn, own_arn = f"arn:aws:iam::{ACCOUNT}:policy/Group", f"arn:aws:iam::{ACCOUNT}:policy/Own"
    page = account(user("Alice", READ, GroupList=["Admins"], AttachedManagedPolicies=attached(own_arn)))
    page["GroupDetailList"] = [
        {
            "GroupName": "Admins",
            "Arn": f"arn:aws:iam::{ACCOUNT}:group/Admins",
            "GroupPolicyList": [{"PolicyName": "g", "PolicyDocument": allow("G")}],
            "AttachedManagedPolicies": attached(group_arn),
        }
    ]  # fmt: skip
    named = {
        arn: document({"Sid": arn[-3:], "Effect": "Allow", "Action": "*", "Resource": "*"})
        for arn in (group_arn, own_arn)
    }
    page["Policies"] = [managed(arn, text) for arn, text in named.items()]
    found = read(page).identities[ALICE]
    assert sids(found.policies) == ["Read", "Own", "G", "oup"]
    assert found.policies[1].arn == own_arn
    assert found.policies[2].name == "inline policy `g` of `group/Admins`"


def test_a_group_that_is_not_there_leaves_its_policies_unknown() -> None:
    (policy,) = read(account(user("Alice", GroupList=["Gone"]))).identities[ALICE].policies
    assert policy.unknown[0].hangs_on == ("the policies of `group/Gone`",)


def test_boundary_trust_tags_and_id_are_read() -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/Limit"
    limited = role(
        "Deploy", READ, path="/ci/", PermissionsBoundary={"PermissionsBoundaryArn": boundary},
        Tags=[{"Key": "team", "Value": "shop"}, {"Key": "empty"}],
    )  # fmt: skip
    page = account(limited, Policies=[managed(boundary, READ)])
    found = read(page).identities[f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"]
    assert found.boundary is not None
    assert found.boundary.type is PolicyType.BOUNDARY
    assert found.trust is not None
    assert found.trust.type is PolicyType.TRUST
    assert found.trust.name == "trust policy of `role/Deploy`"
    assert found.tags == {"team": "shop", "empty": ""}
    assert found.unique_id == "AROADEPLOY"


def test_a_user_has_no_trust_policy_and_may_have_no_boundary() -> None:
    found = read(account(user("Alice"))).identities[ALICE]
    assert (found.trust, found.boundary, found.unique_id) == (None, None, "AIDAALICE")


@pytest.mark.parametrize(("partition", "name"), [("aws", "AdministratorAccess"), ("aws-cn", "PowerUserAccess")])
def test_aws_managed_policies_are_known(partition: str, name: str) -> None:
    arn = f"arn:{partition}:iam::aws:policy/{name}"
    (policy,) = read(account(user("Alice", AttachedManagedPolicies=attached(arn)))).identities[ALICE].policies
    assert policy.arn == arn
    assert policy.statements
    assert not policy.faults


def test_the_text_in_the_snapshot_wins_over_what_is_known() -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    page = account(user("Alice", AttachedManagedPolicies=attached(arn)), Policies=[managed(arn, READ)])
    assert sids(read(page).identities[ALICE].policies) == ["Read"]


def test_any_other_policy_that_is_not_there_is_unknown_and_named() -> None:
    arn = "arn:aws:iam::aws:policy/NewerThanTheCatalog"
    (policy,) = read(account(user("Alice", AttachedManagedPolicies=attached(arn)))).identities[ALICE].policies
    assert policy.unknown[0].hangs_on == (f"the document of `{arn}`, which the snapshot lacks",)


def test_a_policy_without_a_default_version_is_unknown() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/P"
    page = account(
        user("Alice", AttachedManagedPolicies=attached(arn)), Policies=[{"Arn": arn, "PolicyVersionList": []}]
    )
    (policy,) = read(page).identities[ALICE].policies
    assert policy.unknown


@pytest.mark.parametrize("broken", ["{", {"Statement": [{"Effect": "Maybe"}]}, None])
def test_a_document_that_iam_would_not_have_stored_is_unknown_and_not_empty(broken: object) -> None:
    (policy,) = read(account(user("Alice", broken))).identities[ALICE].policies
    assert not policy.statements
    assert policy.unknown[0].hangs_on[0].startswith("the document of inline policy `p0` of `user/Alice`")


# pages


def test_several_pages_make_one_account() -> None:
    first = account(user("Alice"), IsTruncated=True, Marker="m")
    second = account(role("Deploy"), IsTruncated=False)
    for snapshot in (
        read(first, second),
        read([first, second]),
        read_snapshot([("all", (json.dumps(first) + "\n" + json.dumps(second)).encode())]),
    ):
        assert set(snapshot.identities) == {ALICE, f"arn:aws:iam::{ACCOUNT}:role/Deploy"}
        assert len(snapshot.identities) == 2
        assert snapshot.complete == {ACCOUNT}
        assert snapshot.warnings == ()


def test_pages_that_stop_before_the_end_are_not_complete_and_warned_of() -> None:
    snapshot = read(account(user("Alice"), IsTruncated=True))
    assert snapshot.complete == frozenset()
    assert snapshot.warnings == (f"the snapshot of account {ACCOUNT} stops before its end (`IsTruncated`)",)


def test_a_page_of_roles_only_is_not_complete() -> None:
    page = account(role("Deploy"))
    del page["UserDetailList"]
    assert read(page).complete == frozenset()


def test_small_first_letters_are_read_too() -> None:
    detail = {"arn": ALICE, "userName": "Alice", "userId": "AIDA1", "userPolicyList": [{"policyDocument": READ}]}
    found = read({"userDetailList": [detail], "roleDetailList": []})
    assert sids(found.identities[ALICE].policies) == ["Read"]
    assert found.complete == {ACCOUNT}


def test_policies_that_a_tool_filed_under_roles_are_policies() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/P"
    page = account(user("Alice", AttachedManagedPolicies=attached(arn)))
    page["RoleDetailList"] = [managed(arn, READ)]
    found = read(page)
    assert arn not in found.identities
    assert sids(found.identities[ALICE].policies) == ["Read"]


def test_a_role_is_found_by_account_and_name_whatever_its_path() -> None:
    snapshot = read(account(role("Deploy", path="/ci/"), user("Deploy")))
    found = snapshot.role_named(ACCOUNT, "Deploy")
    assert found is not None
    assert found.arn == f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"
    assert snapshot.role_named("999999999999", "Deploy") is None
    assert snapshot.role_named(ACCOUNT, "eploy") is None


def test_an_identity_is_read_once() -> None:
    identities = read(account(user("Alice", READ))).identities
    assert identities[ALICE] is identities[ALICE]
    assert identities.get("arn:aws:iam::1:user/Nobody") is None


# plain documents


@pytest.mark.parametrize(
    "content",
    [
        READ,
        {"RoleName": "R", "PolicyName": "P", "PolicyDocument": READ},
        {"UserName": "U", "PolicyName": "P", "PolicyDocument": json.dumps(READ)},
        {"PolicyVersion": {"Document": READ, "VersionId": "v1"}},
        [READ],
    ],
)
def test_a_plain_document_is_the_deployers(content: object) -> None:
    snapshot = read(content)
    assert snapshot.deployer_policies is not None
    assert sids(snapshot.deployer_policies) == ["Read"]
    assert snapshot.deployer_policies[0].name == "`0.json`"
    assert snapshot.complete == frozenset()
    place = snapshot.deployer_policies[0].place(snapshot.deployer_policies[0].statements[0])
    assert place is not None
    assert place.file == "0.json"


def test_a_document_that_only_deserves_a_remark_is_taken() -> None:
    snapshot = read(document({"Effect": "Allow", "Action": "s3: GetObject", "Resource": "*"}))
    assert snapshot.deployer_policies is not None
    assert snapshot.deployer_policies[0].faults


def test_documents_and_accounts_may_be_given_together() -> None:
    snapshot = read(account(user("Alice")), READ, EVERYTHING)
    assert snapshot.deployer_policies is not None
    assert len(snapshot.deployer_policies) == 2
    assert ALICE in snapshot.identities


def test_nothing_given_is_nothing_known() -> None:
    snapshot = read()
    assert snapshot.deployer_policies is None
    assert not snapshot.identities


# what is not readable


@pytest.mark.parametrize("content", [{}, {"a": 1}, [], "text", 1, {"PolicyDocument": 1}, {"PolicyVersion": {"x": 1}}])
def test_what_is_neither_is_an_error(content: object) -> None:
    with pytest.raises(InputError, match="this is neither") as error:
        read(content)
    assert error.value.place == Place("0.json", 1, 1)


def test_a_malformed_document_of_the_deployer_is_an_error_at_its_place() -> None:
    text = '{"Version": "2012-10-17",\n "Statement": [{"Effect": "Permit", "Action": "*", "Resource": "*"}]}'
    with pytest.raises(InputError) as error:
        read_snapshot([("mine.json", text.encode())])
    assert error.value.place == Place("mine.json", 2, 27)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ({"UserDetailList": {}}, "`UserDetailList` is no list"),
        ({"UserDetailList": [1]}, "this entry is no JSON object"),
        ({"UserDetailList": [{"UserName": "x"}]}, "`Arn` is missing"),
        ({"RoleDetailList": [{"Arn": 1}]}, "`Arn` is no text"),
        ({"GroupDetailList": [{"Arn": "arn:aws:iam::1:group/x"}]}, "`GroupName` is missing"),
        ([account(), 1], "this entry is no JSON object"),
    ],
)
def test_a_page_of_the_wrong_shape_is_an_error(page: object, message: str) -> None:
    with pytest.raises(InputError) as error:
        read(page)
    assert error.value.message == message
    assert error.value.place is not None


def test_a_detail_of_the_wrong_shape_is_an_error_when_it_is_read() -> None:
    snapshot = read(account(user("Alice", PermissionsBoundary="text")))
    with pytest.raises(InputError, match="this entry is no JSON object"):
        snapshot.identities[ALICE]


def test_a_list_of_groups_of_the_wrong_shape_names_none() -> None:
    assert read(account(user("Alice", GroupList="Admins"))).identities[ALICE].policies == ()


def test_a_group_that_claims_to_be_in_itself_is_read_once() -> None:
    arn = "arn:aws:iam::111122223333:user/Alice"
    page = {
        "UserDetailList": [{"Arn": arn, "UserName": "Alice", "GroupList": ["Staff", "Staff"]}],
        "GroupDetailList": [
            {"Arn": "arn:aws:iam::111122223333:group/Staff", "GroupName": "Staff", "GroupList": ["Staff"],
             "GroupPolicyList": [{"PolicyName": "P", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}]},
        ],
    }  # fmt: skip
    snapshot = read_snapshot([("a.json", json.dumps(page).encode())])
    assert len(snapshot.identities[arn].policies) == 1
