from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.services.account import ACCOUNT, START, allow, an_account, refused
from tests.services.organizations.an_organization import SCP, TestOrganization, an_organization

if TYPE_CHECKING:
    from tests.services.account import Client

GUEST = "999988887777"


def invited(organization: TestOrganization, account_id: str = GUEST, **parameters: object) -> tuple[Client, str]:
    """Invite an account that is in no organization; its root user, and the handshake's id."""
    root = organization.root_of(account_id)
    target = {"Type": "ACCOUNT", "Id": account_id}
    handshake = organization.calls.invite_account_to_organization(target=target, **parameters)["Handshake"]
    return root, handshake["Id"]


def test_an_invited_account_joins_by_accepting() -> None:
    organization = an_organization()
    root, handshake = invited(organization, notes="welcome", tags=[{"Key": "team", "Value": "guests"}])
    described = root.organizations.describe_handshake(handshake_id=handshake)["Handshake"]
    own = organization.organization_id
    assert described == {
        "Id": handshake,
        "Arn": f"arn:aws:organizations::{ACCOUNT}:handshake/{own}/invite/{handshake}",
        "Parties": [{"Id": own, "Type": "ORGANIZATION"}, {"Id": GUEST, "Type": "ACCOUNT"}],
        "State": "OPEN",
        "RequestedTimestamp": START,
        "ExpirationTimestamp": START + timedelta(days=15),
        "Action": "INVITE",
        "Resources": [
            {
                "Type": "ORGANIZATION",
                "Value": own,
                "Resources": [
                    {"Type": "MASTER_EMAIL", "Value": f"{ACCOUNT}@accounts.example.com"},
                    {"Type": "MASTER_NAME", "Value": ACCOUNT},
                    {"Type": "ORGANIZATION_FEATURE_SET", "Value": "ALL"},
                ],
            },
            {"Type": "ACCOUNT", "Value": GUEST},
            {"Type": "NOTES", "Value": "welcome"},
        ],
    }
    for listed in (
        root.organizations.list_handshakes_for_account(),
        organization.calls.list_handshakes_for_organization(),
    ):
        assert [each["Id"] for each in listed["Handshakes"]] == [handshake]
    accepted = root.organizations.accept_handshake(handshake_id=handshake)["Handshake"]
    assert accepted["State"] == "ACCEPTED"
    account = organization.calls.describe_account(account_id=GUEST)["Account"]
    assert (account["JoinedMethod"], account["Paths"]) == ("INVITED", [f"{own}/{organization.root_id}/{GUEST}/"])
    assert organization.calls.list_tags_for_resource(resource_id=GUEST)["Tags"] == [{"Key": "team", "Value": "guests"}]
    attached = organization.calls.list_policies_for_target(target_id=GUEST, filter=SCP)["Policies"]
    assert [each["Name"] for each in attached] == ["FullAWSAccess"]
    root.organizations.leave_organization()


def test_an_account_is_invited_by_its_email_address_too() -> None:
    organization = an_organization()
    root = organization.root_of(GUEST)
    target = {"Type": "EMAIL", "Id": f"{GUEST}@accounts.example.com"}
    handshake = organization.calls.invite_account_to_organization(target=target)["Handshake"]
    assert handshake["Parties"][1] == {"Id": target["Id"], "Type": "EMAIL"}
    root.organizations.accept_handshake(handshake_id=handshake["Id"])
    organization.calls.describe_account(account_id=GUEST)
    stranger = {"Type": "EMAIL", "Id": "nobody@example.com"}
    organization.calls.invite_account_to_organization(target=stranger)
    with refused("DuplicateHandshakeException"):
        organization.calls.invite_account_to_organization(target=stranger)


def test_a_known_email_address_stands_for_its_account() -> None:
    organization = an_organization()
    member = organization.member("dev")
    with refused("HandshakeConstraintViolationException"):
        organization.calls.invite_account_to_organization(target={"Type": "EMAIL", "Id": "dev@example.com"})
    organization.account.later(days=5)
    organization.calls.remove_account_from_organization(account_id=member)
    organization.calls.invite_account_to_organization(target={"Type": "EMAIL", "Id": "dev@example.com"})
    assert len(organization.root_of(member).organizations.list_handshakes_for_account()["Handshakes"]) == 1


def test_a_handshake_is_answered_once() -> None:
    organization = an_organization()
    root, handshake = invited(organization)
    with refused("AccessDeniedException"):
        organization.calls.accept_handshake(handshake_id=handshake)
    with refused("AccessDeniedException"):
        organization.calls.decline_handshake(handshake_id=handshake)
    with refused("AccessDeniedException"):
        root.organizations.cancel_handshake(handshake_id=handshake)
    declined = root.organizations.decline_handshake(handshake_id=handshake)["Handshake"]
    assert declined["State"] == "DECLINED"
    with refused("HandshakeAlreadyInStateException"):
        root.organizations.decline_handshake(handshake_id=handshake)
    with refused("InvalidHandshakeTransitionException"):
        root.organizations.accept_handshake(handshake_id=handshake)
    with refused("InvalidHandshakeTransitionException"):
        organization.calls.cancel_handshake(handshake_id=handshake)
    _, second = invited(organization)
    assert organization.calls.cancel_handshake(handshake_id=second)["Handshake"]["State"] == "CANCELED"


def test_a_handshake_expires_and_is_forgotten() -> None:
    organization = an_organization()
    root, handshake = invited(organization)
    with refused("DuplicateHandshakeException"):
        invited(organization)
    organization.account.later(days=15)
    described = root.organizations.describe_handshake(handshake_id=handshake)["Handshake"]
    assert described["State"] == "EXPIRED"
    with refused("InvalidHandshakeTransitionException"):
        root.organizations.accept_handshake(handshake_id=handshake)
    organization.account.later(days=31)
    with refused("HandshakeNotFoundException"):
        root.organizations.describe_handshake(handshake_id=handshake)
    assert root.organizations.list_handshakes_for_account()["Handshakes"] == []


def test_a_handshake_is_nobody_elses_business() -> None:
    organization = an_organization()
    _, handshake = invited(organization)
    stranger = organization.root_of("111122223333")
    for operation in ("describe_handshake", "accept_handshake", "decline_handshake", "cancel_handshake"):
        with refused("HandshakeNotFoundException"):
            getattr(stranger.organizations, operation)(handshake_id=handshake)
    with refused("HandshakeNotFoundException"):
        stranger.organizations.describe_handshake(handshake_id="h-unknown0")


def test_who_is_in_an_organization_cannot_join_another() -> None:
    organization = an_organization()
    with refused("HandshakeConstraintViolationException") as caught:
        invited(organization, organization.member())
    assert caught.value.members["Reason"] == "ALREADY_IN_AN_ORGANIZATION"
    root, handshake = invited(organization)
    root.organizations.create_organization()
    with refused("HandshakeConstraintViolationException"):
        root.organizations.accept_handshake(handshake_id=handshake)


def test_an_invitation_ends_with_its_organization() -> None:
    organization = an_organization()
    root, handshake = invited(organization)
    organization.calls.delete_organization()
    with refused("HandshakeNotFoundException"):
        root.organizations.accept_handshake(handshake_id=handshake)
    assert root.organizations.list_handshakes_for_account()["Handshakes"] == []


def test_what_cannot_be_invited_is_refused() -> None:
    organization = an_organization()
    cases = [
        ({"Type": "ACCOUNT", "Id": "111122223333"}, "INVALID_PARTY_TYPE_TARGET"),
        ({"Type": "ACCOUNT", "Id": "ann"}, "INVALID_PARTY_TYPE_TARGET"),
        ({"Type": "ORGANIZATION", "Id": "o-1234567890"}, "INVALID_PARTY_TYPE_TARGET"),
        ({"Type": "EMAIL", "Id": "ann"}, "INVALID_EMAIL_ADDRESS_TARGET"),
    ]
    for target, reason in cases:
        with refused("InvalidInputException") as caught:
            organization.calls.invite_account_to_organization(target=target)
        assert caught.value.members["Reason"] == reason


def test_handshakes_are_filtered_by_one_attribute() -> None:
    organization = an_organization()
    _, handshake = invited(organization)
    for wanted, found in (({"ActionType": "INVITE"}, [handshake]), ({"ActionType": "ENABLE_ALL_FEATURES"}, [])):
        answer = organization.calls.list_handshakes_for_organization(filter=wanted)
        assert [each["Id"] for each in answer["Handshakes"]] == found
    with refused("InvalidInputException") as caught:
        organization.calls.list_handshakes_for_organization(
            filter={"ActionType": "INVITE", "ParentHandshakeId": handshake}
        )
    assert caught.value.members["Reason"] == "MAX_LIMIT_EXCEEDED_FILTER"


def test_all_features_are_enabled_when_every_invited_account_agrees() -> None:
    account = an_account()
    calls = account.root.organizations
    calls.create_organization(feature_set="CONSOLIDATED_BILLING")
    organization = TestOrganization(account, calls.list_roots()["Roots"][0]["Id"], "")
    root, handshake = invited(organization)
    root.organizations.accept_handshake(handshake_id=handshake)
    request = calls.enable_all_features()["Handshake"]
    assert (request["Action"], request["State"]) == ("ENABLE_ALL_FEATURES", "REQUESTED")
    with refused("HandshakeConstraintViolationException") as caught:
        calls.enable_all_features()
    assert caught.value.members["Reason"] == "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION"
    with refused("InvalidHandshakeTransitionException"):
        calls.accept_handshake(handshake_id=request["Id"])
    asked = root.organizations.list_handshakes_for_account(filter={"ActionType": "ENABLE_ALL_FEATURES"})["Handshakes"]
    assert asked[0]["Resources"][-1] == {"Type": "PARENT_HANDSHAKE", "Value": request["Id"]}
    root.organizations.accept_handshake(handshake_id=asked[0]["Id"])
    children = calls.list_handshakes_for_organization(filter={"ParentHandshakeId": request["Id"]})["Handshakes"]
    approval = next(each for each in children if each["Action"] == "APPROVE_ALL_FEATURES")
    calls.accept_handshake(handshake_id=approval["Id"])
    assert calls.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    assert calls.describe_handshake(handshake_id=request["Id"])["Handshake"]["State"] == "ACCEPTED"
    with refused("HandshakeConstraintViolationException") as caught:
        calls.enable_all_features()
    assert caught.value.members["Reason"] == "ORGANIZATION_ALREADY_HAS_ALL_FEATURES"


def test_without_invited_accounts_the_management_account_agrees_alone() -> None:
    account = an_account()
    calls = account.root.organizations
    calls.create_organization(feature_set="CONSOLIDATED_BILLING")
    request = calls.enable_all_features()["Handshake"]
    calls.accept_handshake(handshake_id=request["Id"])
    assert calls.describe_organization()["Organization"]["FeatureSet"] == "ALL"


def test_an_organization_without_room_is_not_joined() -> None:
    organization = an_organization(Accounts=2)
    root, handshake = invited(organization)
    organization.member("dev")
    with refused("HandshakeConstraintViolationException") as caught:
        root.organizations.accept_handshake(handshake_id=handshake)
    assert caught.value.members["Reason"] == "ACCOUNT_NUMBER_LIMIT_EXCEEDED"
    assert root.organizations.describe_handshake(handshake_id=handshake)["Handshake"]["State"] == "OPEN"


def accepting_user(organization: TestOrganization) -> Client:
    """A user of the guest account who may accept handshakes, and nothing else."""
    iam = organization.root_of(GUEST).iam
    iam.create_user(user_name="ann")
    may = allow("organizations:AcceptHandshake")
    iam.put_user_policy(user_name="ann", policy_name="accept", policy_document=may)
    return organization.account.with_key(iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"])


def test_who_joins_may_make_the_service_linked_role() -> None:
    organization = an_organization()
    root, handshake = invited(organization)
    user = accepting_user(organization)
    with refused("AccessDeniedForDependencyException"):
        user.organizations.accept_handshake(handshake_id=handshake)
    root.organizations.accept_handshake(handshake_id=handshake)


def test_joining_for_bills_alone_asks_for_no_service_linked_role() -> None:
    account = an_account()
    calls = account.root.organizations
    calls.create_organization(feature_set="CONSOLIDATED_BILLING")
    organization = TestOrganization(account, calls.list_roots()["Roots"][0]["Id"], "")
    _, handshake = invited(organization)
    accepting_user(organization).organizations.accept_handshake(handshake_id=handshake)
    organization.calls.describe_account(account_id=GUEST)
