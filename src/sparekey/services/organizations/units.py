"""Organizational units, and the tree of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sparekey.services.directory.accounts import CHILDREN, PARENTS, UNITS, Organization, Unit
from sparekey.services.directory.identities import Reference
from sparekey.services.directory.organization import parents_of
from sparekey.services.operation import Call, Output, Tags, operation
from sparekey.services.organizations.attachments import attach_full_access, detach_all
from sparekey.services.organizations.errors import (
    ChildNotFoundException,
    DuplicateOrganizationalUnitException,
    OrganizationalUnitNotEmptyException,
    violated,
)
from sparekey.services.organizations.ids import random_id, unit_arn
from sparekey.services.organizations.membership import as_management, as_reader, check_parent, find_unit
from sparekey.services.organizations.paging import page
from sparekey.services.organizations.resources import child_target, parent_target, tag_context, unit_target
from sparekey.services.organizations.shapes import unit_shape
from sparekey.services.organizations.tagging import authorize_tags, given_tags

#: Units can be nested so deep under the root, and be so many.
DEEPEST: Final = 5
MOST: Final = 2000


@operation("organizations:CreateOrganizationalUnit", resource=parent_target, context=tag_context)
def create_organizational_unit(call: Call, *, parent_id: str, name: str, tags: Tags | None = None) -> Output:
    """Make a unit under the root or another unit.

    Raises:
        ParentNotFoundException: there is no such root or unit.
        DuplicateOrganizationalUnitException: the parent has one of that name.
        ConstraintViolationException: the tree is as deep, or the units as many, as they can be.
    """
    organization = as_management(call)
    authorize_tags(call, tags, parent_target(call, parent_id=parent_id))
    check_parent(call, organization, parent_id)
    own = organization.organization_id
    if parent_id != organization.root_id and len(parents_of(call.records, own, parent_id)) >= DEEPEST:
        # observed
        raise violated(
            "OU_DEPTH_LIMIT_EXCEEDED",
            "You cannot add an organizational unit to the specified parent because it would exceed the max depth "
            "allowed.",
        )
    if call.records.count(UNITS, own, limit=MOST) >= MOST:
        raise violated("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of OUs allowed in an organization.")
    _check_name(call, organization, parent_id, name)
    unit_id = random_id(call.entropy, f"ou-{organization.root_id[2:]}-", 8)
    unit = Unit(unit_id, name, unit_arn(organization, unit_id), given_tags(tags))
    call.records.put(UNITS, (own, unit_id), unit)
    call.records.put(PARENTS, (own, unit_id), Reference(parent_id))
    call.records.put(CHILDREN, (own, parent_id, unit_id), Reference("ORGANIZATIONAL_UNIT"))
    attach_full_access(call, organization, unit_id)
    return {"OrganizationalUnit": unit_shape(call, organization, unit)}


def _check_name(call: Call, organization: Organization, parent_id: str, name: str) -> None:
    if any(each.name == name for each in _units(call, organization, parent_id)):
        raise DuplicateOrganizationalUnitException("An OU with the same name already exists.")


def _units(call: Call, organization: Organization, parent_id: str) -> list[Unit]:
    """The units right under a parent, in the order of their ids."""
    own = organization.organization_id
    found = (call.records.get(UNITS, own, child) for child in children(call, organization, parent_id, "ou-"))
    return [unit for unit in found if unit is not None]


def children(call: Call, organization: Organization, parent_id: str, prefix: str = "") -> list[str]:
    """The ids of what is right under a parent, and begins with ``prefix``."""
    scanned = call.records.scan(CHILDREN, organization.organization_id, parent_id)
    return [key[2] for key, _ in scanned if key[2].startswith(prefix)]


@operation("organizations:UpdateOrganizationalUnit", resource=unit_target)
def update_organizational_unit(call: Call, *, organizational_unit_id: str, name: str | None = None) -> Output:
    """Rename a unit.

    Raises:
        OrganizationalUnitNotFoundException: there is no such unit.
        DuplicateOrganizationalUnitException: a sibling has the name.
    """
    organization = as_management(call)
    unit = find_unit(call, organization, organizational_unit_id)
    if name is not None and name != unit.name:
        above = parents_of(call.records, organization.organization_id, unit.unit_id)
        _check_name(call, organization, above[-1], name)
        unit = replace(unit, name=name)
        call.records.put(UNITS, (organization.organization_id, unit.unit_id), unit)
    return {"OrganizationalUnit": unit_shape(call, organization, unit)}


@operation("organizations:DeleteOrganizationalUnit", resource=unit_target)
def delete_organizational_unit(call: Call, *, organizational_unit_id: str) -> None:
    """Delete a unit without accounts and units.

    Raises:
        OrganizationalUnitNotFoundException: there is no such unit.
        OrganizationalUnitNotEmptyException: something is in it.
    """
    organization = as_management(call)
    own = organization.organization_id
    unit = find_unit(call, organization, organizational_unit_id)
    if call.records.count(CHILDREN, own, unit.unit_id, limit=1):
        raise OrganizationalUnitNotEmptyException(
            "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, "
            "and try the operation again."
        )
    detach_all(call, organization, unit.unit_id)
    parent = parents_of(call.records, own, unit.unit_id)[-1]
    call.records.delete(CHILDREN, own, parent, unit.unit_id)
    call.records.delete(PARENTS, own, unit.unit_id)
    call.records.delete(UNITS, own, unit.unit_id)


@operation("organizations:DescribeOrganizationalUnit", resource=unit_target)
def describe_organizational_unit(call: Call, *, organizational_unit_id: str) -> Output:
    """One unit.

    Raises:
        OrganizationalUnitNotFoundException: there is none of that id.
    """
    target = unit_target(call, organizational_unit_id=organizational_unit_id)
    organization = as_reader(call, "DescribeOrganizationalUnit", target)
    unit = find_unit(call, organization, organizational_unit_id)
    return {"OrganizationalUnit": unit_shape(call, organization, unit)}


@operation("organizations:ListOrganizationalUnitsForParent", resource=parent_target)
def list_organizational_units_for_parent(
    call: Call, *, parent_id: str, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """The units right under a root or unit.

    Raises:
        ParentNotFoundException: there is no such root or unit.
    """
    target = parent_target(call, parent_id=parent_id)
    organization = as_reader(call, "ListOrganizationalUnitsForParent", target)
    check_parent(call, organization, parent_id)
    return page(
        "OrganizationalUnits",
        _units(call, organization, parent_id),
        lambda unit: unit.unit_id,
        lambda unit: unit_shape(call, organization, unit),
        next_token=next_token,
        max_results=max_results,
    )


@operation("organizations:ListChildren", resource=parent_target)
def list_children(
    call: Call, *, parent_id: str, child_type: str, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """The ids of the units or of the accounts right under a root or unit.

    Raises:
        ParentNotFoundException: there is no such root or unit.
    """
    organization = as_reader(call, "ListChildren", parent_target(call, parent_id=parent_id))
    check_parent(call, organization, parent_id)
    units = child_type == "ORGANIZATIONAL_UNIT"
    found = [each for each in children(call, organization, parent_id) if each.startswith("ou-") == units]
    return page(
        "Children",
        found,
        str,
        lambda each: {"Id": each, "Type": child_type},
        next_token=next_token,
        max_results=max_results,
    )


@operation("organizations:ListParents", resource=child_target)
def list_parents(call: Call, *, child_id: str, next_token: str | None = None, max_results: int | None = None) -> Output:
    """The root or unit that a unit or account is right under; there is just one.

    Raises:
        ChildNotFoundException: there is no such unit or account.
    """
    organization = as_reader(call, "ListParents", child_target(call, child_id=child_id))
    parent = call.records.get(PARENTS, organization.organization_id, child_id)
    if parent is None:
        raise ChildNotFoundException("You specified a child that doesn't exist.")
    kind = "ROOT" if parent.name == organization.root_id else "ORGANIZATIONAL_UNIT"
    return page(
        "Parents",
        [parent.name],
        str,
        lambda each: {"Id": each, "Type": kind},
        next_token=next_token,
        max_results=max_results,
    )


OPERATIONS = (
    *(create_organizational_unit, update_organizational_unit, delete_organizational_unit),
    *(describe_organizational_unit, list_organizational_units_for_parent, list_children, list_parents),
)
