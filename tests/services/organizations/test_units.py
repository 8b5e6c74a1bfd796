from __future__ import annotations

from typing import TYPE_CHECKING

from tests.services.account import ACCOUNT, refused
from tests.services.organizations.an_organization import SCP, an_organization

if TYPE_CHECKING:
    import pytest


def test_units_make_a_tree() -> None:
    organization = an_organization()
    top = organization.unit("teams")
    below = organization.unit("payments", top)
    described = organization.calls.describe_organizational_unit(organizational_unit_id=below)["OrganizationalUnit"]
    assert described == {
        "Id": below,
        "Arn": f"arn:aws:organizations::{ACCOUNT}:ou/{organization.organization_id}/{below}",
        "Name": "payments",
        "Path": f"{organization.organization_id}/{organization.root_id}/{top}/{below}/",
    }
    assert below.startswith(f"ou-{organization.root_id[2:]}-")
    listed = organization.calls.list_organizational_units_for_parent(parent_id=top)["OrganizationalUnits"]
    assert [each["Id"] for each in listed] == [below]
    assert organization.calls.list_parents(child_id=below)["Parents"] == [{"Id": top, "Type": "ORGANIZATIONAL_UNIT"}]
    assert organization.calls.list_parents(child_id=top)["Parents"] == [{"Id": organization.root_id, "Type": "ROOT"}]
    children = organization.calls.list_children(parent_id=organization.root_id, child_type="ORGANIZATIONAL_UNIT")
    assert children["Children"] == [{"Id": top, "Type": "ORGANIZATIONAL_UNIT"}]
    accounts = organization.calls.list_children(parent_id=organization.root_id, child_type="ACCOUNT")["Children"]
    assert accounts == [{"Id": ACCOUNT, "Type": "ACCOUNT"}]


def test_units_are_nested_five_deep_at_most() -> None:
    organization = an_organization()
    parent = organization.root_id
    for depth in range(5):
        parent = organization.unit(f"level {depth}", parent)
    with refused(
        "ConstraintViolationException",
        "You cannot add an organizational unit to the specified parent because it would exceed the max depth allowed.",
    ) as caught:
        organization.unit("too deep", parent)
    assert caught.value.members["Reason"] == "OU_DEPTH_LIMIT_EXCEEDED"


def test_units_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.services.organizations.units.MOST", 1)
    organization = an_organization()
    organization.unit("one")
    with refused("ConstraintViolationException") as caught:
        organization.unit("two")
    assert caught.value.members["Reason"] == "OU_NUMBER_LIMIT_EXCEEDED"


def test_two_units_of_one_parent_have_different_names() -> None:
    organization = an_organization()
    one = organization.unit("one")
    two = organization.unit("two")
    organization.unit("one", two)
    with refused("DuplicateOrganizationalUnitException"):
        organization.unit("one")
    with refused("DuplicateOrganizationalUnitException"):
        organization.calls.update_organizational_unit(organizational_unit_id=two, name="one")
    renamed = organization.calls.update_organizational_unit(organizational_unit_id=one, name="first")
    assert renamed["OrganizationalUnit"]["Name"] == "first"
    same = organization.calls.update_organizational_unit(organizational_unit_id=one)
    assert same["OrganizationalUnit"]["Name"] == "first"


def test_a_unit_is_deleted_when_it_is_empty() -> None:
    organization = an_organization()
    top = organization.unit("top")
    below = organization.unit("below", top)
    with refused("OrganizationalUnitNotEmptyException"):
        organization.calls.delete_organizational_unit(organizational_unit_id=top)
    policy = organization.attached(a_policy(), below)
    organization.calls.delete_organizational_unit(organizational_unit_id=below)
    organization.calls.delete_policy(policy_id=policy)
    organization.calls.delete_organizational_unit(organizational_unit_id=top)
    for operation in ("delete_organizational_unit", "describe_organizational_unit", "update_organizational_unit"):
        with refused("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist."):
            getattr(organization.calls, operation)(organizational_unit_id=top)


def a_policy() -> str:
    return '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}'


def test_a_new_unit_has_full_access_attached() -> None:
    organization = an_organization()
    attached = organization.calls.list_policies_for_target(target_id=organization.unit("new"), filter=SCP)["Policies"]
    assert [each["Name"] for each in attached] == ["FullAWSAccess"]


def test_parents_and_children_that_do_not_exist_are_named() -> None:
    organization = an_organization()
    with refused("ParentNotFoundException", "You specified a parent that doesn't exist."):
        organization.unit("x", "ou-abcd-12345678")
    for operation in ("list_organizational_units_for_parent", "list_accounts_for_parent"):
        with refused("ParentNotFoundException"):
            getattr(organization.calls, operation)(parent_id="r-none")
    with refused("ParentNotFoundException"):
        organization.calls.list_children(parent_id="r-none", child_type="ACCOUNT")
    with refused("ChildNotFoundException", "You specified a child that doesn't exist."):
        organization.calls.list_parents(child_id="111122223333")
