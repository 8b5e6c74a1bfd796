"""Ways to more rights than one was given: none of them leads anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sparekey.errors import ServiceError
from sparekey.policy import PrincipalKind
from tests.services.account import ACCOUNT, Client, TestAccount, allow, an_account, deny, refused
from tests.services.organizations.an_organization import SCP, an_organization
from tests.services.world import ARN, PASSWORD, RED, Saved, World, a_world, trust

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUSTED = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
CODES = {"authentication_code1": "123456", "authentication_code2": "654321"}


@pytest.fixture(scope="module")
def made() -> tuple[World, Saved]:
    world = a_world()
    return world, world.saved()


@pytest.fixture
def world(made: tuple[World, Saved]) -> World:
    found, saved = made
    found.restore(saved)
    return found


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def a_role(account: TestAccount, name: str, *policies: str, **parameters: Any) -> str:
    """A role that the account trusts, with inline policies; its ARN."""
    iam = account.root.iam
    document = trust({"AWS": account.account_id}, TRUSTED)
    arn = iam.create_role(role_name=name, assume_role_policy_document=document, **parameters)["Role"]["Arn"]
    for number, policy in enumerate(policies):
        iam.put_role_policy(role_name=name, policy_name=f"p{number}", policy_document=policy)
    return str(arn)


def in_role(client: Client, arn: str, **parameters: Any) -> Client:
    """The client in a session of a role."""
    made = client.sts.assume_role(role_arn=arn, role_session_name="session", **parameters)
    return client.account.with_session(made["Credentials"])


# Names and ARNs that look like others


@pytest.mark.parametrize("path", ["/a:role/aws-service-role/", "//aws-service-role/", "/x/aws-service-role/"])
def test_a_role_whose_path_looks_like_a_service_linked_ones_is_limited_by_scps(path: str) -> None:
    organization = an_organization(SCP)
    member = organization.member("dev")
    account, root = organization.account, organization.root_of(member)
    iam = root.iam
    iam.create_user(user_name="eve")
    iam.put_user_policy(user_name="eve", policy_name="p", policy_document=allow("*"))
    eve = account.with_key(iam.create_access_key(user_name="eve")["AccessKey"]["AccessKeyId"])
    document = trust({"AWS": member})
    arn = eve.iam.create_role(role_name="AWSServiceRoleForMe", path=path, assume_role_policy_document=document)
    eve.iam.attach_role_policy(role_name="AWSServiceRoleForMe", policy_arn=ADMINISTRATOR)
    organization.attached(deny("iam:CreateUser"), member)
    session = in_role(eve, arn["Role"]["Arn"])
    assert session.caller.principal.kind is PrincipalKind.ROLE_SESSION
    with refused("AccessDenied") as caught:
        session.iam.create_user(user_name="more")
    assert "explicit deny in a service control policy" in caught.value.message


@pytest.mark.parametrize("path", ["/aws-service-role/", "/aws-service-role/ecs.amazonaws.com/"])
def test_nobody_makes_a_service_linked_role_by_its_path(account: TestAccount, path: str) -> None:
    with refused("InvalidInputException"):
        a_role(account, "mine", path=path)


def test_a_user_whose_path_looks_like_a_policys_is_no_policy(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_policy(policy_name="Admin", policy_document=allow("*"))
    arn = iam.create_user(user_name="Admin", path="/a:policy/")["User"]["Arn"]
    job = iam.generate_service_last_accessed_details(arn=arn)["JobId"]
    assert iam.get_service_last_accessed_details(job_id=job)["ServicesLastAccessed"] == []


def test_tags_that_differ_by_case_only_open_nothing(account: TestAccount) -> None:
    for number, order in enumerate(([("team", "red"), ("Team", "blue")], [("Team", "blue"), ("team", "red")])):
        tags = [{"Key": key, "Value": value} for key, value in order]
        may = {"StringEquals": {"aws:RequestTag/team": "blue"}}
        may_not = {"StringEquals": {"aws:RequestTag/team": "red"}}
        actions = ["iam:CreatePolicy", "iam:TagPolicy"]
        policies: list[list[str]] = [[allow(actions, "*", **may)], [allow("*"), deny(actions, "*", **may_not)]]
        for each, documents in enumerate(policies):
            user = account.signed_in(f"u{number}{each}", *documents)
            with refused("AccessDenied"):
                user.iam.create_policy(policy_name="p", policy_document=allow("*"), tags=tags)
        arn = account.root.iam.create_policy(policy_name=f"p{number}", policy_document=allow("*"), tags=tags)["Policy"]
        owner = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
        of_red = {"StringEquals": {"iam:ResourceTag/team": "red"}}
        policies = [[allow("iam:*", "*", **owner)], [allow("iam:*"), deny("iam:*", "*", **of_red)]]
        for each, documents in enumerate(policies):
            user = account.signed_in(f"r{number}{each}", *documents)
            with refused("AccessDenied"):
                user.iam.get_policy(policy_arn=arn["Arn"])


# Credentials of others


OF_ANN: dict[str, Callable[[World, Client, dict[str, str]], object]] = {
    "UpdateAccessKey": lambda w, me, who: me.iam.update_access_key(
        access_key_id=w.values["access_key_id"], status="Inactive", **who
    ),
    "DeleteAccessKey": lambda w, me, who: me.iam.delete_access_key(access_key_id=w.values["access_key_id"], **who),
    "DeactivateMFADevice": lambda w, me, who: me.iam.deactivate_mfa_device(
        serial_number=w.values["serial_number"], **who
    ),
    "UpdateSigningCertificate": lambda w, me, who: me.iam.update_signing_certificate(
        certificate_id=w.values["certificate_id"], status="Inactive", **who
    ),
    "DeleteSigningCertificate": lambda w, me, who: me.iam.delete_signing_certificate(
        certificate_id=w.values["certificate_id"], **who
    ),
    "ResetServiceSpecificCredential": lambda w, me, who: me.iam.reset_service_specific_credential(
        service_specific_credential_id=w.values["service_specific_credential_id"], **who
    ),
    "UpdateServiceSpecificCredential": lambda w, me, who: me.iam.update_service_specific_credential(
        service_specific_credential_id=w.values["service_specific_credential_id"], status="Inactive", **who
    ),
    "DeleteServiceSpecificCredential": lambda w, me, who: me.iam.delete_service_specific_credential(
        service_specific_credential_id=w.values["service_specific_credential_id"], **who
    ),
}


@pytest.mark.parametrize("name", OF_ANN)
@pytest.mark.parametrize("who", [{"user_name": "eve"}, {"user_name": "EVE"}, {}])
def test_what_is_anothers_is_not_reached_through_ones_own_name(world: World, name: str, who: dict[str, str]) -> None:
    eve = world.account.signed_in("eve", allow("iam:*", f"{ARN}:user/eve"))
    before = world.state()
    with refused("NoSuchEntityException"):
        OF_ANN[name](world, eve, who)
    with refused("AccessDenied"):
        OF_ANN[name](world, eve, {"user_name": "ann"})
    assert world.state() == before


def test_what_needs_a_name_is_not_reached_through_ones_own(world: World) -> None:
    eve, values = world.account.signed_in("eve", allow("iam:*", f"{ARN}:user/eve")), world.values
    mine = {"user_name": "eve"}
    before = world.state()
    with refused("NoSuchEntityException"):
        eve.iam.resync_mfa_device(serial_number=values["serial_number"], **mine, **CODES)
    for operation in ("get_ssh_public_key", "update_ssh_public_key", "delete_ssh_public_key"):
        more = {"get": {"encoding": "SSH"}, "update": {"status": "Inactive"}}.get(operation.partition("_")[0], {})
        with refused("NoSuchEntityException"):
            getattr(eve.iam, operation)(ssh_public_key_id=values["ssh_public_key_id"], **mine, **more)
    with refused("EntityAlreadyExistsException"):
        eve.iam.enable_mfa_device(serial_number=values["serial_number"], **mine, **CODES)
    with refused("AccessDenied"):  # the credentials of all users
        eve.iam.list_service_specific_credentials(all_users=True)
    with refused("AccessDenied"):
        eve.iam.list_mfa_devices(user_name="root")
    with refused("AccessDenied"):  # to another name, which policies may be about
        eve.iam.update_user(user_name="eve", new_user_name="ann2")
    assert world.state() == before


# Service-linked roles

LINKED = "AWSServiceRoleForECS"
LINKED_OPERATIONS: dict[str, Callable[[Client], object]] = {
    "PutRolePolicy": lambda c: c.iam.put_role_policy(role_name=LINKED, policy_name="p", policy_document=allow("*")),
    "AttachRolePolicy": lambda c: c.iam.attach_role_policy(role_name=LINKED, policy_arn=ADMINISTRATOR),
    "DetachRolePolicy": lambda c: c.iam.detach_role_policy(
        role_name=LINKED, policy_arn="arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
    ),
    "DeleteRolePolicy": lambda c: c.iam.delete_role_policy(role_name=LINKED, policy_name="p"),
    "DeleteRole": lambda c: c.iam.delete_role(role_name=LINKED),
    "UpdateAssumeRolePolicy": lambda c: c.iam.update_assume_role_policy(
        role_name=LINKED, policy_document=trust({"AWS": ACCOUNT})
    ),
    "PutRolePermissionsBoundary": lambda c: c.iam.put_role_permissions_boundary(
        role_name=LINKED, permissions_boundary=ADMINISTRATOR
    ),
    "DeleteRolePermissionsBoundary": lambda c: c.iam.delete_role_permissions_boundary(role_name=LINKED),
    "AddRoleToInstanceProfile": lambda c: c.iam.add_role_to_instance_profile(
        role_name=LINKED, instance_profile_name="Empty"
    ),
    "UpdateRole": lambda c: c.iam.update_role(role_name=LINKED, max_session_duration=43200),
}


@pytest.mark.parametrize("name", LINKED_OPERATIONS)
def test_not_even_an_administrator_changes_a_service_linked_role(world: World, name: str) -> None:
    admin = world.account.signed_in("admin", allow("*"))
    before = world.state()
    with refused("UnmodifiableEntityException"):
        LINKED_OPERATIONS[name](admin)
    assert world.state() == before


def test_nobody_assumes_a_service_linked_role(world: World) -> None:
    admin = world.account.signed_in("admin", allow("*"))
    with refused("AccessDenied"):
        in_role(admin, f"{ARN}:role/aws-service-role/ecs.amazonaws.com/{LINKED}")


# Sessions


def test_a_session_policy_limits_an_administrator_and_cannot_be_taken_off(account: TestAccount) -> None:
    arn = a_role(account, "Admin", allow("*"))
    ann = account.signed_in("ann", allow("sts:AssumeRole", arn))
    session = in_role(ann, arn, policy=allow("iam:List*"))
    session.iam.list_users()
    with refused("AccessDenied") as caught:
        session.iam.create_user(user_name="more")
    assert "because no session policy allows" in caught.value.message
    with refused("AccessDenied"):
        in_role(session, arn)


def test_a_federated_user_without_session_policies_may_do_nothing(world: World) -> None:
    account = world.account
    for caller in (account.root, account.signed_in("admin", allow("*"))):
        nobody = account.with_session(caller.sts.get_federation_token(name="fed")["Credentials"])
        with refused("AccessDenied"):
            nobody.organizations.describe_organization()
        with refused("InvalidClientTokenId"):
            nobody.iam.list_users()
        with refused("AccessDenied"):
            in_role(nobody, str(world.values["role_arn"]))


def test_a_federated_user_has_no_more_than_its_user(world: World) -> None:
    user = world.account.signed_in("fay", allow("sts:GetFederationToken"), allow("organizations:Describe*"))
    made = user.sts.get_federation_token(name="fed", policy=allow("*"))["Credentials"]
    session = world.account.with_session(made)
    session.organizations.describe_organization()
    with refused("AccessDenied"):
        session.organizations.list_accounts()


def test_a_chain_keeps_source_identity_and_transitive_tags(account: TestAccount) -> None:
    first, second = a_role(account, "First", allow("sts:*")), a_role(account, "Second", allow("iam:*"))
    ann = account.signed_in("ann", allow("sts:*"))
    session = in_role(
        ann,
        first,
        source_identity="ann",
        tags=[{"Key": "team", "Value": "a"}],
        transitive_tag_keys=["team"],
    )
    with refused("AccessDenied"):
        in_role(session, second, source_identity="bob")
    for key in ("team", "TEAM"):
        with refused("InvalidParameterValue"):
            in_role(session, second, tags=[{"Key": key, "Value": "b"}])
    chained = in_role(session, second)
    assert chained.caller.session is not None
    assert (chained.caller.session.source_identity, chained.caller.session.tags) == ("ann", {"team": "a"})
    with refused("ValidationError"):
        in_role(session, second, duration_seconds=3601)


def answer_of(call: Callable[[], object]) -> str:
    """``done``, or the name of the error."""
    try:
        call()
    except ServiceError as error:
        return type(error).__name__
    return "done"


TASKS = {
    "IAMAuditRootUserCredentials": {"ListAccessKeys", "GetUser", "ListMFADevices"},
    "IAMDeleteRootUserCredentials": {"ListAccessKeys", "GetUser", "ListMFADevices", "DeleteAccessKey"},
    "IAMCreateRootUserPassword": {"CreateLoginProfile"},
    "S3UnlockBucketPolicy": set(),
    "SQSUnlockQueuePolicy": set(),
}


@pytest.mark.parametrize("task", TASKS)
def test_a_root_session_does_its_task_for_the_root_user_and_nothing_else(world: World, task: str) -> None:
    member = str(world.values["target_principal"])
    root = world.account.root_of(member)
    root.iam.create_user(user_name="bob")
    root.iam.create_login_profile(user_name="bob", password=PASSWORD)
    admin = world.account.signed_in("admin", allow("*"))
    made = admin.sts.assume_root(
        target_principal=member, task_policy_arn={"arn": f"arn:aws:iam::aws:policy/root-task/{task}"}
    )
    session = world.account.with_session(made["Credentials"])
    tried: dict[str, Callable[[], object]] = {
        "ListAccessKeys": session.iam.list_access_keys,
        "GetUser": session.iam.get_user,
        "ListMFADevices": session.iam.list_mfa_devices,
        "CreateLoginProfile": session.iam.create_login_profile,
        "DeleteAccessKey": lambda: session.iam.delete_access_key(access_key_id=root.caller.access_key_id),
        "CreateAccessKey": session.iam.create_access_key,
        "ListUsers": session.iam.list_users,
        "GetUser of bob": lambda: session.iam.get_user(user_name="bob"),
        "GetLoginProfile of bob": lambda: session.iam.get_login_profile(user_name="bob"),
        "DeleteLoginProfile of bob": lambda: session.iam.delete_login_profile(user_name="bob"),
        "CreateUser": lambda: session.iam.create_user(user_name="more"),
        "LeaveOrganization": session.organizations.leave_organization,
        "AssumeRole": lambda: in_role(session, f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"),
        "GetFederationToken": lambda: session.sts.get_federation_token(name="fed"),
        "GetSessionToken": session.sts.get_session_token,
    }
    answers = {name: answer_of(call) for name, call in tried.items()}
    assert {name for name, answer in answers.items() if answer == "done"} == TASKS[task]
    assert set(answers.values()) <= {"done", "AccessDenied"}


# Boundaries and guardrails


def test_a_boundary_binds_whoever_it_is_on_even_what_it_makes_for_itself(account: TestAccount) -> None:
    iam = account.root.iam
    limit = iam.create_policy(policy_name="Limit", policy_document=allow(["iam:*", "sts:*"]))["Policy"]["Arn"]
    eve = account.signed_in("eve", allow("*"), deny("iam:DeleteUserPermissionsBoundary"))
    iam.put_user_permissions_boundary(user_name="eve", permissions_boundary=limit)
    eve.iam.attach_user_policy(user_name="eve", policy_arn=ADMINISTRATOR)
    with refused("AccessDenied") as caught:
        eve.organizations.create_organization()
    assert "because no permissions boundary allows" in caught.value.message
    with refused("AccessDenied"):
        eve.iam.delete_user_permissions_boundary(user_name="EVE")


def test_a_policy_in_use_as_a_boundary_cannot_be_deleted_and_made_anew(account: TestAccount) -> None:
    iam = account.root.iam
    limit = iam.create_policy(policy_name="Limit", policy_document=allow("iam:*"))["Policy"]["Arn"]
    eve = account.signed_in("eve", allow("*"))
    iam.put_user_permissions_boundary(user_name="eve", permissions_boundary=limit)
    with refused("DeleteConflictException"):
        eve.iam.delete_policy(policy_arn=limit)


def test_to_pass_a_role_to_one_service_is_not_to_pass_it_to_another(account: TestAccount) -> None:
    iam = account.root.iam
    a_role(account, "Machine", path="/app/", tags=RED)
    iam.create_instance_profile(instance_profile_name="i")
    actions = "iam:AddRoleToInstanceProfile"
    to_lambda: dict[str, Any] = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    blue: dict[str, Any] = {"StringEquals": {"iam:ResourceTag/colour": "blue"}}
    policies = (
        allow("iam:PassRole", "*", **to_lambda),
        allow("iam:PassRole", "*", **blue),
        allow("iam:PassRole", f"{ARN}:role/Machine"),
    )
    for number, policy in enumerate(policies):
        user = account.signed_in(f"u{number}", allow(actions), policy)
        with refused("AccessDenied") as caught:
            user.iam.add_role_to_instance_profile(instance_profile_name="i", role_name="MACHINE")
        assert f"perform: iam:PassRole on resource: {ARN}:role/app/Machine" in caught.value.message
    to_ec2: dict[str, Any] = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    may = account.signed_in("may", allow(actions), allow("iam:PassRole", f"{ARN}:role/app/Machine", **to_ec2))
    may.iam.add_role_to_instance_profile(instance_profile_name="i", role_name="machine")


def test_a_member_account_reads_and_changes_nothing_of_its_organization() -> None:
    organization = an_organization(SCP)
    member = organization.root_of(organization.member("dev"))
    other = organization.member("other")
    calls = member.organizations
    policy = organization.policy(json.dumps(json.loads(allow("*"))))
    tried: list[Callable[[], object]] = [
        calls.list_accounts,
        calls.list_roots,
        lambda: calls.describe_account(account_id=other),
        lambda: calls.describe_policy(policy_id=policy),
        lambda: calls.update_policy(policy_id=policy, content=allow("*")),
        lambda: calls.detach_policy(policy_id="p-FullAWSAccess", target_id=other),
        lambda: calls.attach_policy(policy_id=policy, target_id=organization.root_id),
        lambda: calls.disable_policy_type(root_id=organization.root_id, policy_type=SCP),
        lambda: calls.move_account(
            account_id=other, source_parent_id=organization.root_id, destination_parent_id=organization.root_id
        ),
        lambda: calls.close_account(account_id=other),
        lambda: calls.remove_account_from_organization(account_id=other),
        lambda: calls.create_account(email="x@example.com", account_name="x"),
        lambda: calls.register_delegated_administrator(account_id=other, service_principal="iam.amazonaws.com"),
        lambda: calls.put_resource_policy(content=allow("*")),
        lambda: calls.tag_resource(resource_id=other, tags=RED),
        calls.delete_organization,
    ]
    for call in tried:
        with refused("AccessDeniedException"):
            call()
    with refused("AccessDenied"):  # not even a way in
        in_role(member, f"arn:aws:iam::{other}:role/OrganizationAccountAccessRole")
