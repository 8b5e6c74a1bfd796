"""Delegation requests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.account import ACCOUNT, START, TestAccount, allow, an_account, refused

PARTNER = "210987654321"
CHANNEL = f"arn:aws:sns:us-east-1:{PARTNER}:requests"
TEMPLATE = f"arn:aws:iam:::delegation-template/{PARTNER}/read"


def requested(account: TestAccount, workflow: str = "workflow-1", **parameters: object) -> str:
    made = account.root_of(PARTNER).iam.create_delegation_request(
        description="Read your buckets",
        permissions={
            "PolicyTemplateArn": TEMPLATE,
            "Parameters": [{"Name": "bucket", "Values": ["a", "b"], "Type": "stringList"}],
        },
        requestor_workflow_id=workflow,
        notification_channel=CHANNEL,
        session_duration=3600,
        **parameters,
    )
    assert made["ConsoleDeepLink"].endswith(made["DelegationRequestId"])
    return str(made["DelegationRequestId"])


def shown(account: TestAccount, request: str) -> dict[str, Any]:
    answer = account.root.iam.get_delegation_request(delegation_request_id=request)
    found: dict[str, Any] = answer["DelegationRequest"]
    return found


def test_a_request_can_be_read_by_any_account_until_it_has_an_owner() -> None:
    account = an_account()
    request = requested(account, request_message="please", redirect_url="https://example.com")
    found = shown(account, request)
    assert (found["State"], found["RequestorId"], found["CreateDate"]) == ("UNASSIGNED", PARTNER, START)
    assert found["Permissions"] == {
        "PolicyTemplateArn": TEMPLATE,
        "Parameters": [{"Name": "bucket", "Values": ["a", "b"], "Type": "stringList"}],
    }
    assert (found["RequestMessage"], found["RedirectUrl"]) == ("please", "https://example.com")
    account.root.iam.associate_delegation_request(delegation_request_id=request)
    for other in ("333333333333", PARTNER):
        with refused("AccessDenied"):
            account.root_of(other).iam.get_delegation_request(delegation_request_id=request)


def test_a_workflow_makes_one_request() -> None:
    account = an_account()
    requested(account)
    with refused("EntityAlreadyExistsException"):
        requested(account)


def test_a_request_goes_from_owner_to_administrator_to_acceptance() -> None:
    account = an_account()
    request = requested(account)
    ann = account.signed_in("ann", allow("iam:AssociateDelegationRequest"))
    ann.iam.associate_delegation_request(delegation_request_id=request)
    assert (shown(account, request)["State"], shown(account, request)["OwnerId"]) == ("ASSIGNED", ann.arn)
    ann.iam.update_delegation_request(delegation_request_id=request, notes="for you")
    found = shown(account, request)
    assert (found["State"], found["Notes"], found["OwnerAccountId"]) == ("PENDING_APPROVAL", "for you", ACCOUNT)
    account.root.iam.accept_delegation_request(delegation_request_id=request)
    found = shown(account, request)
    assert (found["State"], found["ApproverId"]) == ("ACCEPTED", f"arn:aws:iam::{ACCOUNT}:root")


def test_the_owner_may_read_and_update_its_request_without_a_policy() -> None:
    account = an_account()
    request = requested(account)
    ann = account.signed_in("ann", allow("iam:AssociateDelegationRequest"))
    with refused("AccessDenied"):
        ann.iam.get_delegation_request(delegation_request_id=request)
    ann.iam.associate_delegation_request(delegation_request_id=request)
    ann.iam.get_delegation_request(delegation_request_id=request)
    ann.iam.update_delegation_request(delegation_request_id=request)
    with refused("AccessDenied"):
        ann.iam.accept_delegation_request(delegation_request_id=request)


def test_a_rejected_request_stays_rejected() -> None:
    account = an_account()
    request = requested(account)
    account.root.iam.associate_delegation_request(delegation_request_id=request)
    account.root.iam.reject_delegation_request(delegation_request_id=request, notes="no")
    assert (shown(account, request)["State"], shown(account, request)["RejectionReason"]) == ("REJECTED", "no")
    for operation in (
        account.root.iam.accept_delegation_request,
        account.root.iam.update_delegation_request,
        account.root.iam.associate_delegation_request,
    ):
        with refused("InvalidInputException"):
            operation(delegation_request_id=request)


def test_an_accepted_request_may_be_rejected() -> None:
    account = an_account()
    request = requested(account)
    account.root.iam.associate_delegation_request(delegation_request_id=request)
    account.root.iam.accept_delegation_request(delegation_request_id=request)
    account.root.iam.reject_delegation_request(delegation_request_id=request)
    assert shown(account, request)["State"] == "REJECTED"


def test_a_request_for_an_account_is_that_accounts_only() -> None:
    account = an_account()
    request = requested(account, owner_account_id="333333333333")
    for other in (ACCOUNT, PARTNER):
        client = account.root_of(other)
        for operation in (client.iam.associate_delegation_request, client.iam.accept_delegation_request):
            with refused("AccessDenied"):
                operation(delegation_request_id=request)
    account.root_of("333333333333").iam.associate_delegation_request(delegation_request_id=request)


def test_a_request_expires_when_nobody_acts() -> None:
    account = an_account()
    request = requested(account)
    account.later(days=7)
    assert shown(account, request)["State"] == "EXPIRED"
    with refused("InvalidInputException"):
        account.root.iam.associate_delegation_request(delegation_request_id=request)


def test_requests_with_owners_are_listed() -> None:
    account = an_account()
    first, second = requested(account), requested(account, "workflow-2")
    requested(account, "workflow-3", owner_account_id=ACCOUNT)
    ann = account.signed_in("ann", allow("iam:AssociateDelegationRequest"))
    ann.iam.associate_delegation_request(delegation_request_id=first)
    account.root.iam.associate_delegation_request(delegation_request_id=second)
    everything = account.root.iam.list_delegation_requests()
    assert {each["DelegationRequestId"] for each in everything["DelegationRequests"]} == {first, second}
    assert everything["isTruncated"] is False
    own = account.root.iam.list_delegation_requests(owner_id=ann.arn)
    assert [each["DelegationRequestId"] for each in own["DelegationRequests"]] == [first]


def test_a_check_of_permissions_is_never_sure() -> None:
    account = an_account()
    request = requested(account)
    answer = account.root.iam.get_delegation_request(delegation_request_id=request, delegation_permission_check=True)
    assert (answer["PermissionCheckStatus"], answer["PermissionCheckResult"]) == ("COMPLETE", "UNSURE")


def test_requests_are_not_summarized() -> None:
    account = an_account()
    request = requested(account)
    arn = f"arn:aws:iam::{ACCOUNT}:delegation-request/{request}"
    answer = account.root.iam.get_human_readable_summary(entity_arn=arn, locale="de")
    assert answer == {"SummaryState": "NOT_SUPPORTED", "Locale": "de"}
    with refused("InvalidInputException"):
        account.root.iam.get_human_readable_summary(entity_arn=f"arn:aws:iam::{ACCOUNT}:user/{request}")
    with refused("NoSuchEntityException"):
        account.root.iam.get_human_readable_summary(entity_arn=f"{arn}0")


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"NumericLessThanEquals": {"iam:DelegationDuration": "3600"}}, True),
        ({"NumericLessThan": {"iam:DelegationDuration": "3600"}}, False),
        ({"StringEquals": {"iam:NotificationChannel": CHANNEL}}, True),
        ({"ArnEquals": {"iam:TemplateArn": "arn:aws:iam:::delegation-template/other"}}, False),
    ],
)
def test_policies_may_name_what_a_partner_asks_for(condition: dict[str, object], allowed: bool) -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:CreateDelegationRequest", "*", **condition))
    given = {
        "description": "d",
        "permissions": {"PolicyTemplateArn": TEMPLATE},
        "requestor_workflow_id": "workflow",
        "notification_channel": CHANNEL,
        "session_duration": 3600,
    }
    if allowed:
        ann.iam.create_delegation_request(**given)
    else:
        with refused("AccessDenied"):
            ann.iam.create_delegation_request(**given)


def test_policies_may_name_the_owner_whose_requests_are_listed() -> None:
    account = an_account()
    ann = account.signed_in(
        "ann", allow("iam:ListDelegationRequests", ArnEquals={"iam:DelegationRequestOwner": "${aws:PrincipalArn}"})
    )
    ann.iam.list_delegation_requests(owner_id=ann.arn)
    with refused("AccessDenied"):
        ann.iam.list_delegation_requests()


def test_a_token_is_not_sent() -> None:
    account = an_account()
    with refused("NotImplementedHere", "sparekey does not implement iam:SendDelegationToken"):
        account.root.iam.send_delegation_token(delegation_request_id=requested(account))
