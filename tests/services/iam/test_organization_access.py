"""Organizations access reports."""

from __future__ import annotations

from typing import Any

from tests.services.account import ACCOUNT, Client, allow, an_account, deny, refused
from tests.services.organizations.an_organization import RCP, TestOrganization, an_organization


def report(client: Client, path: str, policy: str | None = None, **parameters: object) -> dict[str, Any]:
    given = {"organizations_policy_id": policy} if policy else {}
    job = client.iam.generate_organizations_access_report(entity_path=path, **given)["JobId"]
    answer: dict[str, Any] = client.iam.get_organizations_access_report(job_id=job, **parameters)
    return answer


def root_path(organization: TestOrganization) -> str:
    return f"{organization.organization_id}/{organization.root_id}"


def test_a_report_tells_which_account_last_accessed_a_service() -> None:
    organization = an_organization()
    first, second = organization.member("one"), organization.member("two")
    organization.root_of(first).iam.list_users()
    organization.account.later(minutes=1)
    organization.root_of(second).iam.list_users()
    answer = report(organization.account.root, root_path(organization), max_items=1000)
    details = {each["ServiceNamespace"]: each for each in answer["AccessDetails"]}
    assert answer["NumberOfServicesAccessible"] == len(details)
    assert details["iam"]["EntityPath"] == f"{root_path(organization)}/{second}"
    assert details["iam"]["LastAuthenticatedTime"] == organization.account.clock.at
    assert details["iam"]["Region"] == "us-east-1"
    assert details["iam"]["TotalAuthenticatedEntities"] == 2
    assert "LastAuthenticatedTime" not in details["s3"]
    assert answer["NumberOfServicesNotAccessed"] < len(details)


def test_a_report_is_about_the_accounts_at_or_under_an_entity() -> None:
    organization = an_organization()
    unit = organization.unit("dev")
    inner = organization.unit("inner", unit)
    member = organization.member()
    organization.calls.move_account(
        account_id=member, source_parent_id=organization.root_id, destination_parent_id=inner
    )
    organization.root_of(member).iam.list_users()
    for path in (f"{root_path(organization)}/{unit}", f"{root_path(organization)}/{unit}/{inner}/{member}/"):
        answer = report(organization.account.root, path, sort_key="LAST_AUTHENTICATED_TIME_DESCENDING")
        assert answer["AccessDetails"][0]["EntityPath"] == f"{root_path(organization)}/{unit}/{inner}/{member}"
        assert answer["AccessDetails"][0]["TotalAuthenticatedEntities"] == 1


def test_only_services_that_every_level_leaves_are_in_a_report() -> None:
    organization = an_organization()
    unit = organization.unit("dev")
    organization.attached(allow(["iam:*", "kms:*"]), unit)
    organization.attached(deny("kms:*"), unit, "no-keys")
    organization.calls.detach_policy(policy_id="p-FullAWSAccess", target_id=unit)
    answer = report(organization.account.root, f"{root_path(organization)}/{unit}")
    assert [each["ServiceNamespace"] for each in answer["AccessDetails"]] == ["iam"]


def test_a_report_may_be_about_one_policy() -> None:
    organization = an_organization()
    policy = organization.policy(allow(["s3:*", "iam:*", "kms:*"]))
    answer = report(organization.account.root, root_path(organization), policy, sort_key="SERVICE_NAMESPACE_DESCENDING")
    assert [each["ServiceNamespace"] for each in answer["AccessDetails"]] == ["s3", "kms", "iam"]
    answer = report(
        organization.account.root, root_path(organization), policy, sort_key="LAST_AUTHENTICATED_TIME_ASCENDING"
    )
    assert answer["AccessDetails"][-1]["ServiceNamespace"] == "iam"


def test_reports_that_cannot_be_made_say_why() -> None:
    organization = an_organization()
    root = organization.account.root
    path = root_path(organization)
    assert report(organization.root_of(organization.member()), path)["ErrorDetails"]["Code"] == "AccessDenied"
    assert report(root, f"{path}/ou-none-12345678")["JobStatus"] == "FAILED"
    assert report(root, f"{path}/ou-none-12345678")["ErrorDetails"]["Code"] == "InvalidInput"
    assert report(root, path, "p-none12345")["ErrorDetails"]["Code"] == "InvalidInput"
    without = an_organization(RCP)
    failed = report(without.account.root, root_path(without))
    assert failed["ErrorDetails"]["Code"] == "PolicyTypeNotEnabled"
    other = without.attached(
        '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}',
        without.root_id,
        kind=RCP,
    )
    without.calls.enable_policy_type(root_id=without.root_id, policy_type="SERVICE_CONTROL_POLICY")
    assert report(without.account.root, root_path(without), other)["ErrorDetails"]["Code"] == "InvalidInput"


def test_an_account_outside_organizations_has_no_report() -> None:
    failed = report(an_account().root, "o-1234567890/r-1234")
    assert failed["JobStatus"] == "FAILED"


def test_a_report_is_read_within_a_week() -> None:
    account = an_account()
    job = account.root.iam.generate_organizations_access_report(entity_path="o-1234567890/r-1234")["JobId"]
    account.later(days=7)
    with refused("NoSuchEntityException"):
        account.root.iam.get_organizations_access_report(job_id=job)


def test_policies_may_name_the_path_and_the_policy() -> None:
    account = an_account()
    ann = account.signed_in(
        "ann",
        allow(
            "iam:GenerateOrganizationsAccessReport",
            f"arn:aws:iam::{ACCOUNT}:access-report/o-1234567890/r-1234",
            StringEquals={"iam:OrganizationsPolicyId": "p-12345678"},
        ),
    )
    given = {"entity_path": "o-1234567890/r-1234", "organizations_policy_id": "p-12345678"}
    ann.iam.generate_organizations_access_report(**given)
    with refused("AccessDenied"):
        ann.iam.generate_organizations_access_report(entity_path="o-1234567890/r-1234")
    with refused("AccessDenied"):
        ann.iam.generate_organizations_access_report(**{**given, "entity_path": "o-1234567890/r-4321"})
