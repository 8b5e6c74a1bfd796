"""AWS's AccessDenied sentences, layer by layer, as clients read them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.conformance.over_the_wire import Refusal, Wired
from tests.services.account import Client, allow, deny
from tests.services.organizations.an_organization import RCP, SCP, TestOrganization, an_organization

ALL, NO_USERS = allow("*"), deny("iam:*User*")
SILENT = allow("s3:*")


@dataclass
class Place:
    """A member account of an organization with service and resource control policies, and its root user."""

    organization: TestOrganization
    account_id: str
    root: Client

    @property
    def wired(self) -> Wired:
        return Wired(self.organization.account)

    def user(self, *policies: str, name: str = "ann", boundary: str = "") -> Client:
        """A user of the member account with inline policies, and with a boundary."""
        iam = self.root.iam
        iam.create_user(user_name=name)
        for number, document in enumerate(policies):
            iam.put_user_policy(user_name=name, policy_name=f"p{number}", policy_document=document)
        if boundary:
            iam.put_user_permissions_boundary(user_name=name, permissions_boundary=self.managed(boundary, "limit"))
        key = iam.create_access_key(user_name=name)["AccessKey"]
        return self.organization.account.with_key(key["AccessKeyId"])

    def managed(self, document: str, name: str) -> str:
        """A managed policy of the member account; its ARN."""
        made = self.root.iam.create_policy(policy_name=name, policy_document=document)
        return str(made["Policy"]["Arn"])

    def session(self, document: str, **parameters: object) -> Client:
        """A session of a role with this policy."""
        who = self.user(allow("sts:*"), name="who")
        arn = self.role(trust(who.arn))
        self.root.iam.put_role_policy(role_name="Deploy", policy_name="p", policy_document=document)
        answer = who.sts.assume_role(role_arn=arn, role_session_name="one", **parameters)
        return self.organization.account.with_session(answer["Credentials"])

    def role(self, document: str) -> str:
        """A role of the member account with this trust policy; its ARN."""
        made = self.root.iam.create_role(role_name="Deploy", path="/team/", assume_role_policy_document=document)
        return str(made["Role"]["Arn"])

    def refusal(self, caller: Client) -> Refusal:
        """What a caller hears who asks for the user ``bob``, who does not exist."""
        return self.wired.refusal(caller, "iam", "GetUser", UserName="bob")

    def says(self, who: str, context: str) -> Refusal:
        """The refusal of that call."""
        what = f"perform: iam:GetUser on resource: arn:aws:iam::{self.account_id}:user/bob"
        return Refusal(403, "AccessDenied", f"User: {who} is not authorized to {what} {context}")


def trust(*arns: str, effect: str = "Allow", denied: str = "") -> str:
    """A trust policy for these principals, with a Deny for another."""
    statements = [{"Effect": effect, "Principal": {"AWS": list(arns)}, "Action": "sts:AssumeRole"}]
    if denied:
        statements.append({"Effect": "Deny", "Principal": {"AWS": [denied]}, "Action": "sts:AssumeRole"})
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def place() -> Place:
    organization = an_organization(SCP, RCP)
    member = organization.member("dev")
    return Place(organization, member, organization.root_of(member))


SILENCE = "because no {} allows the iam:GetUser action"
DENIAL = "with an explicit deny in {}"


def test_identity_based_policies_are_silent(place: Place) -> None:
    ann = place.user(SILENT)
    assert place.refusal(ann) == place.says(ann.arn, SILENCE.format("identity-based policy"))


def test_an_inline_policy_denies(place: Place) -> None:
    ann = place.user(ALL, NO_USERS)
    assert place.refusal(ann) == place.says(ann.arn, DENIAL.format("an identity-based policy"))


def test_a_managed_policy_denies_and_is_named(place: Place) -> None:
    ann = place.user(ALL)
    arn = place.managed(NO_USERS, "no-users")
    place.root.iam.attach_user_policy(user_name="ann", policy_arn=arn)
    assert place.refusal(ann) == place.says(ann.arn, DENIAL.format(f"an identity-based policy: {arn}"))


def test_a_group_s_policy_denies(place: Place) -> None:
    ann = place.user(ALL)
    place.root.iam.create_group(group_name="staff")
    place.root.iam.put_group_policy(group_name="staff", policy_name="p", policy_document=NO_USERS)
    place.root.iam.add_user_to_group(group_name="staff", user_name="ann")
    assert place.refusal(ann) == place.says(ann.arn, DENIAL.format("an identity-based policy"))


def test_a_boundary_is_silent(place: Place) -> None:
    ann = place.user(ALL, boundary=SILENT)
    assert place.refusal(ann) == place.says(ann.arn, SILENCE.format("permissions boundary"))


def test_a_boundary_denies_and_is_named(place: Place) -> None:
    ann = place.user(ALL, boundary=NO_USERS)
    arn = f"arn:aws:iam::{place.account_id}:policy/limit"
    assert place.refusal(ann) == place.says(ann.arn, DENIAL.format(f"a permissions boundary: {arn}"))


def session_arn(place: Place) -> str:
    """The path of the role is not part of it."""
    return f"arn:aws:sts::{place.account_id}:assumed-role/Deploy/one"


def test_a_session_policy_is_silent(place: Place) -> None:
    session = place.session(ALL, policy=SILENT)
    assert place.refusal(session) == place.says(session_arn(place), SILENCE.format("session policy"))


def test_identity_based_policies_are_named_before_a_session_policy_that_is_silent_too(place: Place) -> None:
    # inferred; recorded for KMS grants to a role, for which identity-based policies are not asked
    session = place.session(SILENT, policy=SILENT)
    assert place.refusal(session) == place.says(session_arn(place), SILENCE.format("identity-based policy"))


def test_a_session_policy_denies(place: Place) -> None:
    session = place.session(ALL, policy=NO_USERS)
    assert place.refusal(session) == place.says(session_arn(place), DENIAL.format("a session policy"))


def test_a_managed_session_policy_denies_and_is_named(place: Place) -> None:
    arn = place.managed(NO_USERS, "no-users")
    session = place.session(ALL, policy_arns=[{"arn": arn}])
    assert place.refusal(session) == place.says(session_arn(place), DENIAL.format(f"a session policy: {arn}"))


def test_a_service_control_policy_denies_and_is_named(place: Place) -> None:
    ann = place.user(ALL)
    policy = place.organization.attached(NO_USERS, place.account_id)
    arn = place.organization.calls.describe_policy(policy_id=policy)["Policy"]["PolicySummary"]["Arn"]
    assert place.refusal(ann) == place.says(ann.arn, DENIAL.format(f"a service control policy: {arn}"))
    assert place.refusal(place.root) == place.says(place.root.arn, DENIAL.format(f"a service control policy: {arn}"))


def test_a_service_control_policy_is_silent(place: Place) -> None:
    ann = place.user(ALL)
    place.organization.attached(SILENT, place.account_id)
    place.organization.calls.detach_policy(policy_id="p-FullAWSAccess", target_id=place.account_id)
    assert place.refusal(ann) == place.says(ann.arn, DENIAL.format("a service control policy"))


def test_one_policy_type_is_named_though_several_deny(place: Place) -> None:
    ann = place.user(ALL, NO_USERS, boundary=NO_USERS)
    policy = place.organization.attached(NO_USERS, place.account_id)
    arn = place.organization.calls.describe_policy(policy_id=policy)["Policy"]["PolicySummary"]["Arn"]
    assert place.refusal(ann) == place.says(ann.arn, DENIAL.format(f"a service control policy: {arn}"))
    place.organization.calls.detach_policy(policy_id=policy, target_id=place.account_id)
    limit = f"arn:aws:iam::{place.account_id}:policy/limit"
    assert place.refusal(ann) == place.says(ann.arn, DENIAL.format(f"a permissions boundary: {limit}"))


def test_a_federated_user_of_organizations_is_named_by_its_own_arn(place: Place) -> None:
    ann = place.user(ALL)
    answer = ann.sts.get_federation_token(name="web", policy=SILENT)
    web = place.organization.account.with_session(answer["Credentials"])
    refusal = place.wired.refusal(web, "organizations", "DescribeOrganization")
    assert refusal == Refusal(
        400,
        "AccessDeniedException",
        f"User: arn:aws:sts::{place.account_id}:federated-user/web is not authorized to perform: "
        "organizations:DescribeOrganization on resource: * because no session policy allows the "
        "organizations:DescribeOrganization action",
    )


# Roles


def assumes(place: Place, caller: Client, role: str) -> Refusal:
    """What a caller hears who would assume a role."""
    return place.wired.refusal(caller, "sts", "AssumeRole", RoleArn=role, RoleSessionName="one")


def may_not_assume(caller: Client, role: str, context: str = "") -> Refusal:
    sentence = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"
    return Refusal(403, "AccessDenied", f"{sentence} {context}".rstrip())


def test_a_trust_policy_is_silent_without_a_reason(place: Place) -> None:
    ann = place.user(ALL)
    role = place.role(trust(place.user(name="other").arn))
    assert assumes(place, ann, role) == may_not_assume(ann, role)


def test_a_trust_policy_denies(place: Place) -> None:
    ann = place.user(ALL)
    role = place.role(trust(place.account_id, denied=ann.arn))
    assert assumes(place, ann, role) == may_not_assume(ann, role, DENIAL.format("a resource-based policy"))


def test_an_identity_based_policy_denies_a_role(place: Place) -> None:
    ann = place.user(ALL, deny("sts:*"))
    role = place.role(trust(ann.arn))
    assert assumes(place, ann, role) == may_not_assume(ann, role, DENIAL.format("an identity-based policy"))


def test_a_role_of_another_account_trusts_and_the_caller_may_not(place: Place) -> None:
    management = place.organization.account
    boss = management.signed_in("boss", SILENT)
    role = place.role(trust(boss.arn))
    assert assumes(place, boss, role) == may_not_assume(boss, role)


def test_a_role_of_another_account_does_not_trust(place: Place) -> None:
    boss = place.organization.account.signed_in("boss", ALL)
    role = place.role(trust(place.user(name="other").arn))
    assert assumes(place, boss, role) == may_not_assume(boss, role)


def test_a_role_that_does_not_exist_reads_like_one_that_does_not_trust(place: Place) -> None:
    boss = place.organization.account.signed_in("boss", ALL)
    role = f"arn:aws:iam::{place.account_id}:role/nobody"
    assert assumes(place, boss, role) == may_not_assume(boss, role)


def test_a_resource_control_policy_denies_strangers_and_is_named(place: Place) -> None:
    boss = place.organization.account.signed_in("boss", ALL)
    role = place.role(trust(boss.arn))
    document = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}]}'
    )
    policy = place.organization.attached(document, place.account_id, kind=RCP)
    arn = place.organization.calls.describe_policy(policy_id=policy)["Policy"]["PolicySummary"]["Arn"]
    expected = may_not_assume(boss, role, DENIAL.format(f"a resource control policy: {arn}"))
    assert assumes(place, boss, role) == expected


# Further actions


def test_handing_a_role_on_is_refused_in_the_name_of_pass_role(place: Place) -> None:
    ann = place.user(allow("iam:AddRoleToInstanceProfile"))
    role = place.role(trust(ann.arn))
    place.root.iam.create_instance_profile(instance_profile_name="machine")
    refusal = place.wired.refusal(
        ann, "iam", "AddRoleToInstanceProfile", InstanceProfileName="machine", RoleName="Deploy"
    )
    assert refusal.message == (
        f"User: {ann.arn} is not authorized to perform: iam:PassRole on resource: {role} because no identity-based "
        "policy allows the iam:PassRole action"
    )


def test_lists_are_refused_on_the_path_they_are_of(place: Place) -> None:
    ann = place.user(SILENT)
    sentence = (
        "User: {} is not authorized to perform: iam:{} on resource: {} because no identity-based policy allows the "
        "iam:{} action"
    )
    own = f"arn:aws:iam::{place.account_id}"
    for operation, resource in (
        ("ListUsers", f"{own}:user/"),
        ("ListRoles", f"{own}:role/"),
        ("ListPolicies", "policy path /"),
        ("GetAccountSummary", "*"),
        ("ListAccountAliases", "*"),
    ):
        refusal = place.wired.refusal(ann, "iam", operation)
        assert refusal.message == sentence.format(ann.arn, operation, resource, operation)
