"""Groups and their members."""

from __future__ import annotations

from dataclasses import replace

from sparekey.services.directory.identities import GROUPS, MEMBERS, UNIQUE_IDS, USERS, Group, Reference
from sparekey.services.iam.entities import keep, rename_uses
from sparekey.services.iam.errors import DeleteConflictException, EntityAlreadyExistsException
from sparekey.services.iam.names import checked_path, find_group, find_user, group_arn, register_id, unique_id
from sparekey.services.iam.paging import below, listed, page
from sparekey.services.iam.quotas import give_room, hold, make_room
from sparekey.services.iam.resources import about, group, new_group, under, user
from sparekey.services.iam.shapes import listed_user, shown_group
from sparekey.services.operation import Call, Output, Target, operation


@operation("iam:CreateGroup", resource=new_group)
def create_group(call: Call, *, group_name: str, path: str = "/") -> Output:
    """Make a group without members."""
    checked_path(path)
    if call.records.get(GROUPS, call.account, group_name.lower()) is not None:
        raise _exists(group_name)
    made = Group(
        name=group_name,
        path=path,
        group_id=unique_id(call, "AGPA"),
        arn=group_arn(call, path, group_name),
        created=call.now,
    )
    make_room(call, "Groups", made.group_id)
    keep(call, made)
    register_id(call, made.group_id, made.arn)
    return {"Group": shown_group(made)}


@operation("iam:GetGroup", resource=group)
def get_group(call: Call, *, group_name: str, marker: str | None = None, max_items: int | None = None) -> Output:
    """Show a group and its members."""
    found = find_group(call, group_name)
    members = page(call, MEMBERS, call.account, found.name.lower(), marker=marker, max_items=max_items)
    users = [listed_user(find_user(call, each.name)) for each in members.items]
    return {"Group": shown_group(found), "Users": users, **members.members}


@operation("iam:ListGroups", resource=under("group"))
def list_groups(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the groups whose paths begin with a text."""
    found = page(call, GROUPS, call.account, marker=marker, max_items=max_items, keep=below(path_prefix))
    return {"Groups": [shown_group(each) for each in found.items], **found.members}


@operation("iam:UpdateGroup", resource=group)
def update_group(
    call: Call, *, group_name: str, new_path: str | None = None, new_group_name: str | None = None
) -> None:
    """Rename or move a group. Its unique id, policies and members stay its own."""
    old = find_group(call, group_name)
    name, path = new_group_name or old.name, checked_path(new_path or old.path)
    if name.lower() != old.name.lower() and call.records.get(GROUPS, call.account, name.lower()) is not None:
        raise _exists(name)
    new = replace(old, name=name, path=path, arn=group_arn(call, path, name))
    if new == old:
        return
    # who moves a group must be allowed to at both places
    call.authorize("iam:UpdateGroup", Target(new.arn))
    if name != old.name:
        call.records.delete(GROUPS, call.account, old.name.lower())
        _rename(call, old, new)
    keep(call, new)
    register_id(call, new.group_id, new.arn)


def _rename(call: Call, old: Group, new: Group) -> None:
    """Let the members and policies of a group know its new name."""
    for key, member in list(call.records.scan(MEMBERS, call.account, old.name.lower())):
        call.records.delete(MEMBERS, *key)
        call.records.put(MEMBERS, (call.account, new.name.lower(), key[2]), member)
        found = call.records.get(USERS, call.account, key[2])
        if found is not None:
            groups = tuple(new.name if each == old.name else each for each in found.groups)
            keep(call, replace(found, groups=groups))
    rename_uses(call, old, new)


@operation("iam:DeleteGroup", resource=group)
def delete_group(call: Call, *, group_name: str) -> None:
    """Delete a group that has no members and policies left."""
    gone = find_group(call, group_name)
    if call.records.count(MEMBERS, call.account, gone.name.lower(), limit=1):
        raise DeleteConflictException("Cannot delete entity, must remove users from group first.")
    if gone.attached:
        raise DeleteConflictException("Cannot delete entity, must detach all policies first.")
    if gone.inline:
        raise DeleteConflictException("Cannot delete entity, must delete policies first.")
    call.records.delete(GROUPS, call.account, gone.name.lower())
    call.records.delete(UNIQUE_IDS, call.account, gone.group_id)
    give_room(call, "Groups", gone.group_id)


@operation("iam:AddUserToGroup", resource=group)
def add_user_to_group(call: Call, *, group_name: str, user_name: str) -> None:
    """Make a user a member of a group; that it is one already does not matter."""
    found, member = find_group(call, group_name), find_user(call, user_name)
    if found.name in member.groups:
        return
    hold(call, "GroupsPerUser", len(member.groups) + 1)
    keep(call, replace(member, groups=(*member.groups, found.name)))
    key = (call.account, found.name.lower(), member.name.lower())
    call.records.put(MEMBERS, key, Reference(member.name))


@operation("iam:RemoveUserFromGroup", resource=group)
def remove_user_from_group(call: Call, *, group_name: str, user_name: str) -> None:
    """End a user's membership in a group; that it is no member does not matter."""
    found, member = find_group(call, group_name), find_user(call, user_name)
    if found.name in member.groups:
        keep(call, replace(member, groups=tuple(each for each in member.groups if each != found.name)))
        call.records.delete(MEMBERS, call.account, found.name.lower(), member.name.lower())


@operation("iam:ListGroupsForUser", **about(user))
def list_groups_for_user(
    call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the groups that a user is a member of."""
    names = listed(find_user(call, user_name).groups, str, marker=marker, max_items=max_items)
    return {"Groups": [shown_group(find_group(call, each)) for each in names.items], **names.members}


def _exists(group_name: str) -> EntityAlreadyExistsException:
    return EntityAlreadyExistsException(f"Group with name {group_name} already exists.")


OPERATIONS = (
    create_group,
    get_group,
    list_groups,
    update_group,
    delete_group,
    add_user_to_group,
    remove_user_from_group,
    list_groups_for_user,
)
