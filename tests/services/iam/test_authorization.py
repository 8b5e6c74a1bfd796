"""Every operation of IAM is authorized, on the stored ARN and with IAM's own condition keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.services.account import TestAccount, allow, an_account, deny, refused

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def arn(account: TestAccount, resource: str) -> str:
    return f"arn:aws:iam::{account.account_id}:{resource}"


def test_names_are_authorized_on_the_stored_spelling_and_path(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_user(user_name="User", path="/a/")
    iam.create_group(group_name="Group", path="/a/")
    iam.create_role(role_name="Role", path="/a/", assume_role_policy_document=TRUST)
    iam.create_instance_profile(instance_profile_name="Profile", path="/a/")
    ann = account.signed_in(
        "ann",
        allow("iam:GetUser", arn(account, "user/a/User")),
        allow("iam:GetGroup", arn(account, "group/a/Group")),
        allow("iam:GetRole", arn(account, "role/a/Role")),
        allow("iam:GetInstanceProfile", arn(account, "instance-profile/a/Profile")),
    )
    ann.iam.get_user(user_name="USER")
    ann.iam.get_group(group_name="GROUP")
    ann.iam.get_role(role_name="ROLE")
    ann.iam.get_instance_profile(instance_profile_name="PROFILE")


def test_a_moved_user_escapes_a_policy_on_the_old_arn(account: TestAccount) -> None:
    account.root.iam.create_user(user_name="user", path="/a/")
    ann = account.signed_in("ann", allow("iam:GetUser", arn(account, "user/a/user")))
    ann.iam.get_user(user_name="user")
    account.root.iam.update_user(user_name="user", new_path="/b/")
    with refused("AccessDenied"):
        ann.iam.get_user(user_name="user")


def test_creation_is_authorized_on_the_requested_path(account: TestAccount) -> None:
    ann = account.signed_in(
        "ann",
        allow("iam:CreateUser", arn(account, "user/created/*")),
        allow("iam:CreateGroup", arn(account, "group/created/*")),
        allow("iam:CreateRole", arn(account, "role/created/*")),
        allow("iam:CreatePolicy", arn(account, "policy/created/*")),
        allow("iam:CreateInstanceProfile", arn(account, "instance-profile/created/*")),
    )
    ann.iam.create_user(user_name="u", path="/created/")
    ann.iam.create_group(group_name="g", path="/created/")
    ann.iam.create_role(role_name="r", path="/created/", assume_role_policy_document=TRUST)
    ann.iam.create_policy(policy_name="p", path="/created/", policy_document=allow("s3:*"))
    ann.iam.create_instance_profile(instance_profile_name="i", path="/created/")
    with refused("AccessDenied") as caught:
        ann.iam.create_user(user_name="u", path="/blocked/")
    assert f"iam:CreateUser on resource: {arn(account, 'user/blocked/u')} because" in caught.value.message


def test_what_is_not_there_is_authorized_before_it_is_looked_up(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    denieds: list[Callable[[], object]] = [
        lambda: ann.iam.get_user(user_name="gone"),
        lambda: ann.iam.get_group(group_name="gone"),
        lambda: ann.iam.get_role(role_name="gone"),
        lambda: ann.iam.get_instance_profile(instance_profile_name="gone"),
        lambda: ann.iam.get_policy(policy_arn=arn(account, "policy/gone")),
        lambda: ann.iam.get_policy(policy_arn="no arn of a policy at all"),
        lambda: ann.iam.put_user_policy(user_name="gone", policy_name="p", policy_document=allow("s3:*")),
        lambda: ann.iam.put_role_policy(role_name="gone", policy_name="p", policy_document=allow("s3:*")),
        ann.iam.get_account_authorization_details,
    ]
    for denied in denieds:
        with refused("AccessDenied"):
            denied()


def test_lists_are_authorized_on_all_below_a_path(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("iam:ListUsers", arn(account, "user/team/*")))
    ann.iam.list_users(path_prefix="/team/")
    with refused(
        "AccessDenied",
        f"User: {ann.arn} is not authorized to perform: iam:ListUsers on resource: {arn(account, 'user/')} "
        "because no identity-based policy allows the iam:ListUsers action",
    ):
        ann.iam.list_users()
    with refused(
        "AccessDenied",
        f"User: {ann.arn} is not authorized to perform: iam:ListPolicies on resource: policy path / "
        "because no identity-based policy allows the iam:ListPolicies action",
    ):
        ann.iam.list_policies()


def test_policies_are_listed_by_whom_is_allowed_to(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("iam:ListPolicies"))
    assert ann.iam.list_policies(max_items=1)["Policies"]


def test_a_rename_is_authorized_at_both_places(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_user(user_name="user", path="/a/")
    iam.create_group(group_name="group", path="/a/")
    ann = account.signed_in(
        "ann",
        allow("iam:UpdateUser", [arn(account, "user/a/*"), arn(account, "user/b/*")]),
        allow("iam:UpdateGroup", [arn(account, "group/a/*"), arn(account, "group/b/*")]),
    )
    with refused("AccessDenied"):
        ann.iam.update_user(user_name="user", new_path="/c/")
    with refused("AccessDenied"):
        ann.iam.update_group(group_name="group", new_path="/c/")
    ann.iam.update_user(user_name="user", new_path="/b/")
    ann.iam.update_group(group_name="group", new_path="/b/")


TAGS = [{"Key": "team", "Value": "a"}]


MADE = {
    "user": {"user_name": "made"},
    "role": {"role_name": "made", "assume_role_policy_document": TRUST},
    "policy": {"policy_name": "made", "policy_document": allow("s3:*")},
    "instance_profile": {"instance_profile_name": "made"},
}


@pytest.mark.parametrize("word", MADE)
def test_making_something_with_tags_needs_the_right_to_tag(account: TestAccount, word: str) -> None:
    kind = "".join(part.capitalize() for part in word.split("_"))
    ann = account.signed_in("ann", allow(f"iam:Create{kind}"))
    bob = account.signed_in("bob", allow([f"iam:Create{kind}", f"iam:Tag{kind}"]))
    with refused("AccessDenied") as caught:
        getattr(ann.iam, f"create_{word}")(**MADE[word], tags=TAGS)
    assert f"perform: iam:Tag{kind} on" in caught.value.message
    getattr(bob.iam, f"create_{word}")(**MADE[word], tags=TAGS)


def test_conditions_see_the_tags_of_a_request(account: TestAccount) -> None:
    ann = account.signed_in(
        "ann",
        allow("iam:CreateUser", "*", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
        allow("iam:TagUser", StringEquals={"aws:RequestTag/team": "a"}),
        allow("iam:UntagUser", "*", **{"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}),
    )
    with refused("AccessDenied"):
        ann.iam.create_user(user_name="u", tags=[{"Key": "team", "Value": "b"}])
    with refused("AccessDenied"):
        ann.iam.create_user(user_name="u", tags=[{"Key": "other", "Value": "a"}])
    ann.iam.create_user(user_name="u", tags=TAGS)
    with refused("AccessDenied"):
        ann.iam.untag_user(user_name="u", tag_keys=["other"])
    with refused("AccessDenied"):
        ann.iam.untag_user(user_name="u", tag_keys=[])
    ann.iam.untag_user(user_name="u", tag_keys=["team"])


@pytest.mark.parametrize("key", ["iam:ResourceTag/team", "aws:ResourceTag/team"])
def test_conditions_see_the_tags_of_the_entity(account: TestAccount, key: str) -> None:
    iam = account.root.iam
    ann = account.signed_in("ann", allow(["iam:Get*", "iam:List*"], StringEquals={key: "a"}))
    for name, tags in (("mine", TAGS), ("other", [{"Key": "team", "Value": "b"}])):
        iam.create_user(user_name=name, tags=tags)
        iam.create_role(role_name=name, assume_role_policy_document=TRUST, tags=tags)
        iam.create_policy(policy_name=name, policy_document=allow("s3:*"), tags=tags)
        iam.create_instance_profile(instance_profile_name=name, tags=tags)
    ann.iam.get_user(user_name="mine")
    ann.iam.list_role_tags(role_name="mine")
    ann.iam.get_policy(policy_arn=arn(account, "policy/mine"))
    ann.iam.get_instance_profile(instance_profile_name="mine")
    denieds: list[Callable[[], object]] = [
        lambda: ann.iam.get_user(user_name="other"),
        lambda: ann.iam.list_role_tags(role_name="other"),
        lambda: ann.iam.get_policy(policy_arn=arn(account, "policy/other")),
        lambda: ann.iam.get_instance_profile(instance_profile_name="other"),
    ]
    for denied in denieds:
        with refused("AccessDenied"):
            denied()


def test_conditions_see_which_policy_is_attached(account: TestAccount) -> None:
    attach = ["iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy", "iam:DetachUserPolicy"]
    ann = account.signed_in("ann", allow(attach, ArnEquals={"iam:PolicyARN": READ_ONLY}))
    account.root.iam.create_role(role_name="r", assume_role_policy_document=TRUST)
    account.root.iam.create_group(group_name="g")
    uses: list[Callable[[str], object]] = [
        lambda policy: ann.iam.attach_user_policy(user_name="ann", policy_arn=policy),
        lambda policy: ann.iam.attach_role_policy(role_name="r", policy_arn=policy),
        lambda policy: ann.iam.attach_group_policy(group_name="g", policy_arn=policy),
        lambda policy: ann.iam.detach_user_policy(user_name="ann", policy_arn=policy),
    ]
    for use in uses:
        use(READ_ONLY)
        with refused("AccessDenied"):
            use(ADMINISTRATOR)


def test_a_delegated_administrator_makes_only_bounded_principals(account: TestAccount) -> None:
    """The pattern of https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html."""
    bounded = {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}
    actions = [
        *("iam:CreateUser", "iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:DetachUserPolicy"),
        *("iam:DeleteUserPolicy", "iam:PutUserPermissionsBoundary", "iam:CreateRole", "iam:PutRolePolicy"),
        *("iam:AttachRolePolicy", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary"),
    ]
    zoe = account.signed_in(
        "zoe",
        allow(actions, "*", **bounded),
        deny(["iam:DeleteUserPermissionsBoundary", "iam:DeleteRolePermissionsBoundary"]),
    )
    iam = zoe.iam
    with refused("AccessDenied"):
        iam.create_user(user_name="free")
    with refused("AccessDenied"):
        iam.create_user(user_name="other", permissions_boundary=ADMINISTRATOR)
    iam.create_user(user_name="bound", permissions_boundary=READ_ONLY)
    iam.put_user_policy(user_name="bound", policy_name="p", policy_document=allow("*"))
    iam.attach_user_policy(user_name="bound", policy_arn=ADMINISTRATOR)
    iam.delete_user_policy(user_name="bound", policy_name="p")
    iam.detach_user_policy(user_name="bound", policy_arn=ADMINISTRATOR)
    iam.create_role(role_name="bound", assume_role_policy_document=TRUST, permissions_boundary=READ_ONLY)
    iam.put_role_policy(role_name="bound", policy_name="p", policy_document=allow("*"))
    iam.delete_role_policy(role_name="bound", policy_name="p")
    iam.put_role_permissions_boundary(role_name="bound", permissions_boundary=READ_ONLY)
    with refused("AccessDenied"):
        iam.put_user_permissions_boundary(user_name="bound", permissions_boundary=ADMINISTRATOR)
    with refused("AccessDenied"):
        iam.put_role_permissions_boundary(role_name="bound", permissions_boundary=ADMINISTRATOR)
    with refused("AccessDenied"):
        iam.delete_user_permissions_boundary(user_name="bound")
    with refused("AccessDenied"):
        iam.put_user_policy(user_name="zoe", policy_name="p", policy_document=allow("*"))
    with refused("AccessDenied"):
        iam.attach_user_policy(user_name="zoe", policy_arn=ADMINISTRATOR)


def test_a_restricted_user_cannot_make_itself_administrator(account: TestAccount) -> None:
    root = account.root.iam
    root.create_group(group_name="admins")
    root.attach_group_policy(group_name="admins", policy_arn=ADMINISTRATOR)
    root.create_role(role_name="admin", assume_role_policy_document=TRUST)
    root.attach_role_policy(role_name="admin", policy_arn=ADMINISTRATOR)
    own = root.create_policy(policy_name="own", policy_document=allow("iam:ListUsers"))["Policy"]["Arn"]
    root.create_policy_version(policy_arn=own, policy_document=allow("*"))
    root.create_instance_profile(instance_profile_name="i")
    eve = account.signed_in("eve", allow(["iam:Get*", "iam:List*"]))
    root.attach_user_policy(user_name="eve", policy_arn=own)
    trust_eve = TRUST.replace('"Service":"ec2.amazonaws.com"', f'"AWS":"{eve.arn}"')
    iam = eve.iam
    escalatings: list[Callable[[], object]] = [
        lambda: iam.put_user_policy(user_name="eve", policy_name="p", policy_document=allow("*")),
        lambda: iam.attach_user_policy(user_name="eve", policy_arn=ADMINISTRATOR),
        lambda: iam.add_user_to_group(group_name="admins", user_name="eve"),
        lambda: iam.create_policy_version(policy_arn=own, policy_document=allow("*"), set_as_default=True),
        lambda: iam.set_default_policy_version(policy_arn=own, version_id="v2"),
        lambda: iam.update_assume_role_policy(role_name="admin", policy_document=trust_eve),
        lambda: iam.create_role(role_name="mine", assume_role_policy_document=trust_eve),
        lambda: iam.add_role_to_instance_profile(instance_profile_name="i", role_name="admin"),
        lambda: iam.delete_user_permissions_boundary(user_name="eve"),
        lambda: iam.put_group_policy(group_name="admins", policy_name="p", policy_document=allow("*")),
        lambda: iam.create_user(user_name="other"),
        lambda: iam.create_access_key(user_name="root"),
        lambda: iam.update_user(user_name="eve", new_path="/admins/"),
    ]
    for escalating in escalatings:
        with refused("AccessDenied"):
            escalating()
    assert root.list_groups_for_user(user_name="eve")["Groups"] == []


def test_a_boundary_holds_even_against_administrator_access(account: TestAccount) -> None:
    bob = account.signed_in("bob")
    account.root.iam.put_user_permissions_boundary(user_name="bob", permissions_boundary=READ_ONLY)
    account.root.iam.attach_user_policy(user_name="bob", policy_arn=ADMINISTRATOR)
    bob.iam.list_users()
    with refused("AccessDenied") as caught:
        bob.iam.delete_user_permissions_boundary(user_name="bob")
    assert "because no permissions boundary allows the iam:DeleteUserPermissionsBoundary action" in caught.value.message
