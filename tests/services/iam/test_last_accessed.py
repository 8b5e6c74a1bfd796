"""Service last accessed details, from the decision record."""

from __future__ import annotations

from typing import Any

import pytest

from sparekey.policy import PolicyType, parse_policy
from sparekey.services.iam.granted_services import granted_services, granting
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, deny, refused

IAM_AND_STS = allow(["iam:Get*", "sts:*", "s3:GetObject"])


def report(client: Client, arn: str, granularity: str = "SERVICE_LEVEL") -> dict[str, dict[str, Any]]:
    job = client.iam.generate_service_last_accessed_details(arn=arn, granularity=granularity)["JobId"]
    answer = client.iam.get_service_last_accessed_details(job_id=job)
    assert answer["JobStatus"] == "COMPLETED"
    assert answer["JobType"] == granularity
    return {each["ServiceNamespace"]: each for each in answer["ServicesLastAccessed"]}


def entities(client: Client, arn: str, service: str) -> list[dict[str, Any]]:
    job = client.iam.generate_service_last_accessed_details(arn=arn)["JobId"]
    answer = client.iam.get_service_last_accessed_details_with_entities(job_id=job, service_namespace=service)
    listed: list[dict[str, Any]] = answer["EntityDetailsList"]
    return listed


def used(account: TestAccount, *names: str) -> None:
    """Users that have called IAM, a minute apart."""
    for name in names:
        account.later(minutes=1)
        account.signed_in(name, IAM_AND_STS).iam.get_user()


def test_a_users_report_lists_the_services_it_has_access_to() -> None:
    account = an_account()
    ann = account.signed_in("ann", IAM_AND_STS)
    account.later(minutes=5)
    ann.iam.get_user()
    shown = report(account.root, ann.arn)
    assert list(shown) == ["iam", "s3", "sts"]
    assert shown["iam"]["LastAuthenticated"] == account.clock.at
    assert shown["iam"]["LastAuthenticatedEntity"] == ann.arn
    assert shown["iam"]["LastAuthenticatedRegion"] == "us-east-1"
    assert shown["iam"]["TotalAuthenticatedEntities"] == 1
    assert set(shown["s3"]) == {"ServiceName", "ServiceNamespace", "TotalAuthenticatedEntities"}
    assert shown["s3"]["ServiceName"] == "Amazon S3"


def test_attempts_that_were_denied_count() -> None:
    account = an_account()
    ann = account.signed_in("ann", IAM_AND_STS)
    with refused("AccessDenied"):
        ann.iam.list_users()
    assert "LastAuthenticated" in report(account.root, ann.arn)["iam"]


def test_an_action_level_report_lists_operations() -> None:
    account = an_account()
    ann = account.signed_in("ann", IAM_AND_STS)
    ann.iam.get_user()
    account.later(minutes=1)
    ann.iam.get_account_summary()
    ann.iam.get_user()
    shown = report(account.root, ann.arn, "ACTION_LEVEL")["iam"]["TrackedActionsLastAccessed"]
    assert [each["ActionName"] for each in shown] == ["GetAccountSummary", "GetUser"]
    assert {each["LastAccessedTime"] for each in shown} == {account.clock.at}


def test_a_roles_report_is_about_its_sessions() -> None:
    account = an_account()
    trust = allow("sts:AssumeRole").replace('"Resource": "*"', f'"Principal": {{"AWS": "{ACCOUNT}"}}')
    role = account.root.iam.create_role(role_name="Reader", assume_role_policy_document=trust)["Role"]["Arn"]
    account.root.iam.put_role_policy(role_name="Reader", policy_name="read", policy_document=allow("iam:*"))
    ann = account.signed_in("ann", allow("sts:AssumeRole"))
    credentials = ann.sts.assume_role(role_arn=role, role_session_name="s")["Credentials"]
    account.with_session(credentials).iam.list_users()
    shown = report(account.root, role)
    assert shown["iam"]["LastAuthenticatedEntity"] == role


def test_a_groups_report_is_about_its_members() -> None:
    account = an_account()
    group = account.root.iam.create_group(group_name="team")["Group"]["Arn"]
    account.root.iam.put_group_policy(group_name="team", policy_name="read", policy_document=allow("iam:*"))
    used(account, "ann", "bob")
    account.root.iam.create_user(user_name="eve")
    for name in ("ann", "bob", "eve"):
        account.root.iam.add_user_to_group(group_name="team", user_name=name)
    shown = report(account.root, group)["iam"]
    assert shown["TotalAuthenticatedEntities"] == 2
    assert shown["LastAuthenticatedEntity"].endswith("user/bob")
    listed = entities(account.root, group, "iam")
    assert [each["EntityInfo"]["Name"] for each in listed] == ["bob", "ann", "eve"]
    assert listed[0]["EntityInfo"]["Type"] == "USER"
    assert "LastAuthenticated" not in listed[2]


def test_a_policys_report_is_about_all_it_is_attached_to() -> None:
    account = an_account()
    policy = account.root.iam.create_policy(policy_name="read", policy_document=allow("iam:*"))["Policy"]["Arn"]
    trust = allow("sts:AssumeRole").replace('"Resource": "*"', f'"Principal": {{"AWS": "{ACCOUNT}"}}')
    account.root.iam.create_role(role_name="Reader", assume_role_policy_document=trust)
    account.root.iam.create_group(group_name="team")
    used(account, "ann", "bob")
    account.root.iam.add_user_to_group(group_name="team", user_name="bob")
    account.root.iam.attach_user_policy(user_name="ann", policy_arn=policy)
    account.root.iam.attach_group_policy(group_name="team", policy_arn=policy)
    account.root.iam.attach_role_policy(role_name="Reader", policy_arn=policy)
    listed = entities(account.root, policy, "iam")
    assert [each["EntityInfo"]["Name"] for each in listed] == ["bob", "ann", "Reader"]
    assert listed[2]["EntityInfo"]["Type"] == "ROLE"


def test_a_service_outside_the_report_has_no_entities() -> None:
    account = an_account()
    ann = account.signed_in("ann", IAM_AND_STS)
    with refused("NoSuchEntityException"):
        entities(account.root, ann.arn, "ec2")


def test_a_long_report_comes_in_pages() -> None:
    account = an_account()
    ann = account.signed_in("ann", IAM_AND_STS)
    job = account.root.iam.generate_service_last_accessed_details(arn=ann.arn)["JobId"]
    first = account.root.iam.get_service_last_accessed_details(job_id=job, max_items=2)
    second = account.root.iam.get_service_last_accessed_details(job_id=job, max_items=2, marker=first["Marker"])
    shown = [each["ServiceNamespace"] for each in (*first["ServicesLastAccessed"], *second["ServicesLastAccessed"])]
    assert shown == ["iam", "s3", "sts"]


def test_a_report_is_read_by_who_asked_for_it_within_a_week() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:*"))
    job = ann.iam.generate_service_last_accessed_details(arn=ann.arn)["JobId"]
    with refused("NoSuchEntityException"):
        account.root.iam.get_service_last_accessed_details(job_id=job)
    account.later(days=7)
    with refused("NoSuchEntityException"):
        ann.iam.get_service_last_accessed_details(job_id=job)
    ann.iam.generate_service_last_accessed_details(arn=ann.arn)


@pytest.mark.parametrize(
    ("arn", "shape"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/nobody", "NoSuchEntityException"),
        (f"arn:aws:iam::{ACCOUNT}:group/nobody", "NoSuchEntityException"),
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "NoSuchEntityException"),
        (f"arn:aws:iam::{ACCOUNT}:policy/nothing", "NoSuchEntityException"),
        (f"arn:aws:iam::{ACCOUNT}:mfa/phone", "InvalidInputException"),
        ("arn:aws:s3:::bucket/with/some/name", "InvalidInputException"),
    ],
)
def test_only_users_groups_roles_and_policies_have_reports(arn: str, shape: str) -> None:
    with refused(shape):
        an_account().root.iam.generate_service_last_accessed_details(arn=arn)


def test_reports_are_authorized_on_the_arn_they_are_about() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:GenerateServiceLastAccessedDetails", f"arn:aws:iam::{ACCOUNT}:user/ann"))
    account.root.iam.create_group(group_name="team")
    ann.iam.generate_service_last_accessed_details(arn=ann.arn)
    with refused("AccessDenied"):
        ann.iam.generate_service_last_accessed_details(arn=f"arn:aws:iam::{ACCOUNT}:group/team")


def test_policies_that_grant_access_are_listed_service_by_service() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:*"))
    account.root.iam.create_group(group_name="team")
    account.root.iam.put_group_policy(group_name="team", policy_name="keys", policy_document=allow("kms:Decrypt"))
    account.root.iam.add_user_to_group(group_name="team", user_name="ann")
    account.root.iam.attach_user_policy(user_name="ann", policy_arn="arn:aws:iam::aws:policy/AdministratorAccess")
    answer = account.root.iam.list_policies_granting_service_access(arn=ann.arn, service_namespaces=["iam", "kms"])
    assert answer["IsTruncated"] is False
    administrator = {
        "PolicyName": "AdministratorAccess",
        "PolicyType": "MANAGED",
        "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
    }
    inline = {"PolicyName": "inline-0", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "ann"}
    of_group = {"PolicyName": "keys", "PolicyType": "INLINE", "EntityType": "GROUP", "EntityName": "team"}
    assert answer["PoliciesGrantingServiceAccess"] == [
        {"ServiceNamespace": "iam", "Policies": [inline, administrator]},
        {"ServiceNamespace": "kms", "Policies": [administrator, of_group]},
    ]


def services(*documents: str) -> tuple[str, ...]:
    return granted_services(parse_policy(each, type=PolicyType.IDENTITY, name="p") for each in documents)


def test_everything_is_every_service() -> None:
    assert len(services(allow("*"))) > 300


def test_nothing_is_no_service() -> None:
    assert services() == ()
    assert services(deny("iam:*")) == ()


def test_an_action_that_no_service_has_grants_nothing() -> None:
    assert services(allow(["iam:Fly", "nowhere:*"])) == ()


def test_patterns_cover_the_services_they_match() -> None:
    assert services(allow("kms:En?rypt")) == ("kms",)
    assert services(allow("k?s:Decrypt")) == ("kms",)


def test_a_pattern_of_many_wildcards_costs_no_more_than_another() -> None:
    wildcards = "*e" * 40  # minutes for a matcher that goes back
    assert services(allow(f"iam:{wildcards}*no")) == ()
    assert services(allow(["kms:Decrypt", f"{wildcards}*no"])) == ("kms",)


def test_a_full_deny_takes_a_service_away_and_a_partial_one_does_not() -> None:
    assert services(allow(["iam:GetUser", "kms:*"]), deny("iam:*")) == ("kms",)
    assert services(allow("iam:GetUser"), deny("iam:*", "arn:aws:iam::*:user/a")) == ("iam",)
    assert services(allow("iam:GetUser"), deny("iam:*", Bool={"aws:SecureTransport": "false"})) == ("iam",)


def test_all_but_some_actions() -> None:
    document = allow("iam:*").replace('"Action"', '"NotAction"')
    assert "iam" not in services(document)
    assert "kms" in services(document)


def test_one_service_is_asked_for() -> None:
    policy = parse_policy(allow("iam:GetUser"), type=PolicyType.IDENTITY, name="p")
    assert granting([policy], "iam")
    assert not granting([policy], "kms")
    assert not granting([policy], "nowhere")


def test_the_clock_of_a_report_is_the_calls() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:*"))
    job = account.root.iam.generate_service_last_accessed_details(arn=ann.arn)["JobId"]
    answer = account.root.iam.get_service_last_accessed_details(job_id=job)
    assert (answer["JobCreationDate"], answer["JobCompletionDate"]) == (START, START)
