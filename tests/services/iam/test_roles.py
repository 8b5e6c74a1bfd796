"""Roles and their trust policies."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from sparekey.services.directory.identities import LAST_USED, LastUsed
from tests.services.account import TestAccount, allow, an_account, refused

EC2 = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


def trusting(*principals: str) -> str:
    """A trust policy for principals of type AWS."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trusted(role: dict[str, Any]) -> list[str]:
    """The principals of type AWS that a role's trust policy shows."""
    named = json.loads(unquote(role["AssumeRolePolicyDocument"]))["Statement"][0]["Principal"]["AWS"]
    return named if isinstance(named, list) else [named]


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def test_create_role_leaves_out_description_and_duration(account: TestAccount) -> None:
    role = account.root.iam.create_role(
        role_name="r", path="/p/", assume_role_policy_document=EC2, description="d", max_session_duration=7200
    )["Role"]
    assert set(role) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert role["Arn"] == f"arn:aws:iam::{account.account_id}:role/p/r"
    assert role["RoleId"].startswith("AROA")


def test_create_role_shows_boundary_and_tags(account: TestAccount) -> None:
    role = account.root.iam.create_role(
        role_name="r",
        assume_role_policy_document=EC2,
        permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
        tags=[{"Key": "a", "Value": "b"}],
    )["Role"]
    assert role["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    }
    assert role["Tags"] == [{"Key": "a", "Value": "b"}]


def test_get_role_shows_everything(account: TestAccount) -> None:
    account.root.iam.create_role(role_name="r", assume_role_policy_document=EC2)
    role = account.root.iam.get_role(role_name="R")["Role"]
    assert role["MaxSessionDuration"] == 3600
    assert role["RoleLastUsed"] == {}
    assert not {"Tags", "Description", "PermissionsBoundary"} & set(role)


def test_lists_leave_out_boundary_tags_and_last_use(account: TestAccount) -> None:
    account.root.iam.create_role(
        role_name="r",
        assume_role_policy_document=EC2,
        description="d",
        permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
        tags=[{"Key": "a", "Value": "b"}],
    )
    (role,) = account.root.iam.list_roles(path_prefix="/")["Roles"]
    assert role["Description"] == "d"
    assert role["MaxSessionDuration"] == 3600
    assert not {"Tags", "RoleLastUsed", "PermissionsBoundary"} & set(role)


def test_a_document_comes_back_percent_encoded_as_it_was_given(account: TestAccount) -> None:
    given = EC2.replace('"Effect"', ' "Sid": "a",\n "Effect"')
    account.root.iam.create_role(role_name="r", assume_role_policy_document=given)
    encoded = account.root.iam.get_role(role_name="r")["Role"]["AssumeRolePolicyDocument"]
    assert not set(encoded) & set('{}": ,\n')
    assert unquote(encoded) == given


def test_the_account_as_principal_is_echoed_as_given(account: TestAccount) -> None:
    role = account.root.iam.create_role(role_name="r", assume_role_policy_document=trusting(account.account_id))
    assert trusted(role["Role"]) == [account.account_id]


def test_a_trust_policy_that_is_no_json_is_refused(account: TestAccount) -> None:
    with refused("MalformedPolicyDocumentException", "This policy contains invalid Json"):
        account.root.iam.create_role(role_name="r", assume_role_policy_document="{not json}")


def test_a_trust_policy_has_so_many_characters_and_no_more(account: TestAccount) -> None:
    long = EC2.replace("ec2", 2048 * "e")
    with refused("LimitExceededException", "Cannot exceed quota for ACLSizePerRole: 2048"):
        account.root.iam.create_role(role_name="r", assume_role_policy_document=long)


def test_white_space_in_a_trust_policy_does_not_count(account: TestAccount) -> None:
    account.root.iam.create_role(role_name="r", assume_role_policy_document=EC2.replace("{", "{" + 3000 * " "))


def test_a_role_name_is_taken_in_any_letter_case(account: TestAccount) -> None:
    account.root.iam.create_role(role_name="r", assume_role_policy_document=EC2)
    with refused("EntityAlreadyExistsException", "Role with name R already exists."):
        account.root.iam.create_role(role_name="R", assume_role_policy_document=EC2)


def test_only_aws_makes_roles_below_its_own_path(account: TestAccount) -> None:
    with refused("InvalidInputException"):
        account.root.iam.create_role(
            role_name="r", path="/aws-service-role/x.amazonaws.com/", assume_role_policy_document=EC2
        )


def test_a_role_that_is_not_there_cannot_be_found(account: TestAccount) -> None:
    with refused("NoSuchEntityException", "The role with name gone cannot be found."):
        account.root.iam.get_role(role_name="gone")


def test_a_role_can_be_updated(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_role(role_name="r", assume_role_policy_document=EC2, description="d")
    assert iam.update_role(role_name="r", max_session_duration=7200) == {}
    role = iam.get_role(role_name="r")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("d", 7200)
    iam.update_role(role_name="r", description="")
    assert iam.get_role(role_name="r")["Role"]["Description"] == ""


def test_update_role_description_shows_neither_duration_nor_boundary_nor_tags(account: TestAccount) -> None:
    account.root.iam.create_role(
        role_name="r", assume_role_policy_document=EC2, tags=[{"Key": "a", "Value": "b"}], max_session_duration=7200
    )
    role = account.root.iam.update_role_description(role_name="r", description="new")["Role"]
    assert role["Description"] == "new"
    assert not {"MaxSessionDuration", "Tags", "PermissionsBoundary", "RoleLastUsed"} & set(role)


def test_a_role_shows_when_and_where_it_was_last_used(account: TestAccount) -> None:
    account.root.iam.create_role(role_name="R", assume_role_policy_document=EC2)
    account.later(hours=1)
    used = LastUsed(account.clock.at, "eu-central-1", "sts")
    account.cloud.store.write(lambda records: records.put(LAST_USED, (account.account_id, "role/r"), used))
    role = account.root.iam.get_role(role_name="r")["Role"]
    assert role["RoleLastUsed"] == {"LastUsedDate": account.clock.at, "Region": "eu-central-1"}
    account.later(days=401)
    assert account.root.iam.get_role(role_name="r")["Role"]["RoleLastUsed"] == {}


def test_the_last_use_of_an_earlier_role_of_that_name_is_not_shown(account: TestAccount) -> None:
    used = LastUsed(account.clock.at, "eu-central-1", "sts")
    account.later(hours=1)
    account.root.iam.create_role(role_name="r", assume_role_policy_document=EC2)
    account.cloud.store.write(lambda records: records.put(LAST_USED, (account.account_id, "role/r"), used))
    assert account.root.iam.get_role(role_name="r")["Role"]["RoleLastUsed"] == {}


def test_a_role_with_instance_profiles_or_policies_cannot_be_deleted(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_role(role_name="r", assume_role_policy_document=EC2)
    iam.create_instance_profile(instance_profile_name="p")
    iam.add_role_to_instance_profile(instance_profile_name="p", role_name="r")
    iam.attach_role_policy(role_name="r", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_role_policy(role_name="r", policy_name="p", policy_document=allow("s3:*"))
    with refused("DeleteConflictException", "Cannot delete entity, must remove roles from instance profile first."):
        iam.delete_role(role_name="r")
    iam.remove_role_from_instance_profile(instance_profile_name="p", role_name="r")
    with refused("DeleteConflictException", "Cannot delete entity, must detach all policies first."):
        iam.delete_role(role_name="r")
    iam.detach_role_policy(role_name="r", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("DeleteConflictException", "Cannot delete entity, must delete policies first."):
        iam.delete_role(role_name="r")
    iam.delete_role_policy(role_name="r", policy_name="p")
    iam.delete_role(role_name="r")
    assert iam.list_roles()["Roles"] == []


def test_a_boundary_goes_with_its_role(account: TestAccount) -> None:
    iam = account.root.iam
    policy = iam.create_policy(policy_name="p", policy_document=allow("s3:*"))["Policy"]["Arn"]
    iam.create_role(role_name="r", assume_role_policy_document=EC2, permissions_boundary=policy)
    iam.delete_role(role_name="r")
    iam.delete_policy(policy_arn=policy)


def test_an_account_has_so_many_roles_and_no_more() -> None:
    account = an_account(Roles=1)
    account.root.iam.create_role(role_name="a", assume_role_policy_document=EC2)
    with refused("LimitExceededException", "Cannot exceed quota for RolesPerAccount: 1"):
        account.root.iam.create_role(role_name="b", assume_role_policy_document=EC2)


def test_a_principal_that_does_not_exist_is_refused(account: TestAccount) -> None:
    ghost = f"arn:aws:iam::{account.account_id}:user/ghost"
    with refused("MalformedPolicyDocumentException", f'Invalid principal in policy: "AWS":"{ghost}"'):
        account.root.iam.create_role(role_name="r", assume_role_policy_document=trusting(ghost))


@pytest.mark.parametrize("kind", ["user/team/ann", "user/ANN", "role/q", "role/x/ann"])
def test_a_principal_must_be_named_with_its_own_path_and_spelling(account: TestAccount, kind: str) -> None:
    account.root.iam.create_user(user_name="ann")
    account.root.iam.create_role(role_name="ann", assume_role_policy_document=EC2)
    with refused("MalformedPolicyDocumentException"):
        account.root.iam.create_role(
            role_name="r", assume_role_policy_document=trusting(f"arn:aws:iam::{account.account_id}:{kind}")
        )


def test_principals_of_accounts_that_are_not_here_are_taken_as_they_are(account: TestAccount) -> None:
    far = "arn:aws:iam::999988887777:user/far"
    role = account.root.iam.create_role(role_name="r", assume_role_policy_document=trusting(far))["Role"]
    assert trusted(role) == [far]


def test_principals_of_another_account_here_are_looked_up_there(account: TestAccount) -> None:
    other = account.root_of("999988887777")
    far = "arn:aws:iam::999988887777:user/far"
    with refused("MalformedPolicyDocumentException"):
        account.root.iam.create_role(role_name="r", assume_role_policy_document=trusting(far))
    other.iam.create_user(user_name="far")
    account.root.iam.create_role(role_name="r", assume_role_policy_document=trusting(far))
    other.iam.update_user(user_name="far", new_path="/away/")
    role = account.root.iam.get_role(role_name="r")["Role"]
    assert trusted(role) == ["arn:aws:iam::999988887777:user/away/far"]


def test_a_deleted_principal_is_shown_by_its_unique_id_and_does_not_come_back(account: TestAccount) -> None:
    iam = account.root.iam
    user = iam.create_user(user_name="ann")["User"]
    iam.create_role(role_name="r", assume_role_policy_document=trusting(user["Arn"], account.account_id))
    iam.delete_user(user_name="ann")
    assert trusted(iam.get_role(role_name="r")["Role"]) == [user["UserId"], account.account_id]
    iam.create_user(user_name="ann")
    assert trusted(iam.get_role(role_name="r")["Role"]) == [user["UserId"], account.account_id]
    shown = unquote(iam.get_role(role_name="r")["Role"]["AssumeRolePolicyDocument"])
    with refused("MalformedPolicyDocumentException", f'Invalid principal in policy: "AWS":"{user["UserId"]}"'):
        iam.update_assume_role_policy(role_name="r", policy_document=shown)


def test_a_renamed_principal_is_shown_by_its_new_arn(account: TestAccount) -> None:
    iam = account.root.iam
    user = iam.create_user(user_name="ann")["User"]
    iam.create_role(role_name="r", assume_role_policy_document=trusting(user["Arn"]))
    iam.update_user(user_name="ann", new_user_name="bob")
    iam.create_user(user_name="ann")
    assert trusted(iam.get_role(role_name="r")["Role"]) == [f"arn:aws:iam::{account.account_id}:user/bob"]


def test_the_unique_id_of_somebody_who_is_there_is_shown_as_the_arn(account: TestAccount) -> None:
    user = account.root.iam.create_user(user_name="ann")["User"]
    role = account.root.iam.create_role(role_name="r", assume_role_policy_document=trusting(user["UserId"]))["Role"]
    assert trusted(role) == [user["Arn"]]


def test_a_session_of_a_deleted_role_is_shown_by_the_roles_unique_id(account: TestAccount) -> None:
    iam = account.root.iam
    base = iam.create_role(role_name="base", path="/p/", assume_role_policy_document=EC2)["Role"]
    session = f"arn:aws:sts::{account.account_id}:assumed-role/base/work"
    iam.create_role(role_name="r", assume_role_policy_document=trusting(session))
    assert trusted(iam.get_role(role_name="r")["Role"]) == [session]
    iam.delete_role(role_name="base")
    assert trusted(iam.get_role(role_name="r")["Role"]) == [f"{base['RoleId']}:work"]


def test_a_session_of_no_role_is_refused(account: TestAccount) -> None:
    session = f"arn:aws:sts::{account.account_id}:assumed-role/base/work"
    with refused("MalformedPolicyDocumentException"):
        account.root.iam.create_role(role_name="r", assume_role_policy_document=trusting(session))


def assuming(account: TestAccount, name: str) -> object:
    ann = account.signed_in(name, allow("sts:AssumeRole"), create=False)
    return ann.sts.assume_role(role_arn=f"arn:aws:iam::{account.account_id}:role/r", role_session_name="work")


def test_a_user_made_anew_under_the_name_of_a_principal_is_not_trusted(account: TestAccount) -> None:
    iam = account.root.iam
    arn = iam.create_user(user_name="ann")["User"]["Arn"]
    iam.create_role(role_name="r", assume_role_policy_document=trusting(arn))
    iam.delete_user(user_name="ann")
    iam.create_user(user_name="ann")
    with refused("AccessDenied"):
        assuming(account, "ann")


def test_a_renamed_principal_is_still_trusted_and_who_takes_its_name_is_not(account: TestAccount) -> None:
    iam = account.root.iam
    arn = iam.create_user(user_name="ann")["User"]["Arn"]
    iam.create_role(role_name="r", assume_role_policy_document=trusting(arn))
    iam.update_user(user_name="ann", new_user_name="bob", new_path="/moved/")
    iam.create_user(user_name="ann")
    assuming(account, "bob")
    with refused("AccessDenied"):
        assuming(account, "ann")


def test_other_principals_stay_as_they_are_beside_one_that_is_gone(account: TestAccount) -> None:
    iam = account.root.iam
    user = iam.create_user(user_name="ann")["User"]
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:a": "true"}},
        },
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.create_role(role_name="r", assume_role_policy_document=document)
    iam.delete_user(user_name="ann")
    shown = json.loads(unquote(iam.get_role(role_name="r")["Role"]["AssumeRolePolicyDocument"]))
    assert shown["Statement"] == [{**statements[0], "Principal": {"AWS": user["UserId"]}}, *statements[1:]]


def test_a_new_trust_policy_looks_its_principals_up_anew(account: TestAccount) -> None:
    iam = account.root.iam
    arn = iam.create_user(user_name="ann")["User"]["Arn"]
    iam.create_role(role_name="r", assume_role_policy_document=trusting(arn))
    iam.delete_user(user_name="ann")
    iam.create_user(user_name="ann")
    iam.update_assume_role_policy(role_name="r", policy_document=trusting(arn))
    assert trusted(iam.get_role(role_name="r")["Role"]) == [arn]
