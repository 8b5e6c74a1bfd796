from __future__ import annotations

from tests.services.account import ACCOUNT, allow, deny, refused
from tests.services.organizations.an_organization import an_organization


def test_the_root_units_accounts_and_policies_have_tags() -> None:
    organization = an_organization()
    made = organization.calls.create_organizational_unit(
        parent_id=organization.root_id, name="unit", tags=[{"Key": "a", "Value": "0"}]
    )
    unit = made["OrganizationalUnit"]["Id"]
    member = organization.member(tags=[{"Key": "a", "Value": "0"}])
    for resource in (organization.root_id, unit, member, organization.policy(deny("*"))):
        tags = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
        organization.calls.tag_resource(resource_id=resource, tags=tags)
        shown = organization.calls.list_tags_for_resource(resource_id=resource)["Tags"]
        assert shown == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
        organization.calls.untag_resource(resource_id=resource, tag_keys=["a", "none"])
        shown = organization.calls.list_tags_for_resource(resource_id=resource)["Tags"]
        assert shown == [{"Key": "b", "Value": "2"}]


def test_what_does_not_exist_has_no_tags() -> None:
    organization = an_organization()
    for resource in ("111122223333", "ou-abcd-12345678", "r-none", "p-12345678", "rp-1234"):
        with refused("TargetNotFoundException", "You specified a target that doesn't exist."):
            organization.calls.list_tags_for_resource(resource_id=resource)
        with refused("TargetNotFoundException"):
            organization.calls.tag_resource(resource_id=resource, tags=[{"Key": "a", "Value": ""}])


def test_tags_that_aws_refuses_are_refused() -> None:
    organization = an_organization()
    cases = [
        ([{"Key": "a", "Value": ""}, {"Key": "a", "Value": "1"}], "InvalidInputException", "DUPLICATE_TAG_KEY"),
        ([{"Key": "aws:a", "Value": ""}], "InvalidInputException", "INVALID_SYSTEM_TAGS_PARAMETER"),
        (
            [{"Key": f"k{number}", "Value": ""} for number in range(51)],
            "ConstraintViolationException",
            "MAX_TAG_LIMIT_EXCEEDED",
        ),
    ]
    for tags, shape, reason in cases:
        with refused(shape) as caught:
            organization.calls.tag_resource(resource_id=ACCOUNT, tags=tags)
        assert caught.value.members["Reason"] == reason
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    organization.calls.tag_resource(resource_id=ACCOUNT, tags=many)
    with refused("ConstraintViolationException"):
        organization.calls.tag_resource(resource_id=ACCOUNT, tags=[{"Key": "another", "Value": ""}])


def test_making_something_with_tags_needs_the_permission_to_tag() -> None:
    organization = an_organization()
    ann = organization.account.signed_in("ann", allow(["organizations:Create*"]))
    tags = [{"Key": "team", "Value": "x"}]
    ann.organizations.create_organizational_unit(parent_id=organization.root_id, name="plain")
    with refused("AccessDenied") as caught:
        ann.organizations.create_organizational_unit(parent_id=organization.root_id, name="tagged", tags=tags)
    assert "organizations:TagResource" in caught.value.message
    with refused("AccessDenied"):
        ann.organizations.create_account(email="x@example.com", account_name="x", tags=tags)
    only = {"StringEquals": {"aws:RequestTag/team": "x"}}
    bob = organization.account.signed_in("bob", allow(["organizations:*"], "*", **only))
    bob.organizations.create_organizational_unit(parent_id=organization.root_id, name="tagged", tags=tags)


def test_tags_of_a_resource_decide() -> None:
    organization = an_organization()
    member = organization.member(tags=[{"Key": "team", "Value": "x"}])
    other = organization.member("other")
    only = {"StringEquals": {"aws:ResourceTag/team": "x"}}
    ann = organization.account.signed_in("ann", allow("organizations:DescribeAccount", "*", **only))
    ann.organizations.describe_account(account_id=member)
    with refused("AccessDenied"):
        ann.organizations.describe_account(account_id=other)
