"""Users: made, shown, renamed and deleted."""

from __future__ import annotations

from dataclasses import replace

from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.identities import LAST_USED, MEMBERS, UNIQUE_IDS, USERS, Reference, User
from sparekey.services.directory.policies import BOUNDARY_USES
from sparekey.services.iam.boundaries import checked_boundary
from sparekey.services.iam.entities import forget_use, keep, note_use, rename_uses
from sparekey.services.iam.errors import DeleteConflictException, EntityAlreadyExistsException
from sparekey.services.iam.names import checked_path, find_user, register_id, unique_id, user_arn
from sparekey.services.iam.owned import first_conflict, move_credentials
from sparekey.services.iam.owners import owner_of
from sparekey.services.iam.paths import forget_path, note_path, page_below
from sparekey.services.iam.quotas import give_room, make_room
from sparekey.services.iam.resources import about, new_user, request_tags, requested_boundary, under, user
from sparekey.services.iam.shapes import listed_user, whole_user
from sparekey.services.iam.tagging import tagged
from sparekey.services.operation import Call, Output, Tags, Target, operation


@operation("iam:CreateUser", **about(new_user, requested_boundary, request_tags))
def create_user(
    call: Call,
    *,
    user_name: str,
    path: str = "/",
    permissions_boundary: str | None = None,
    tags: Tags = (),
) -> Output:
    """Make a user without credentials and without permissions."""
    checked_path(path)
    if tags:
        call.authorize("iam:TagUser", Target(user_arn(call, path, user_name)), request_tags(call, tags=tags))
    own_tags = tagged({}, tags, any_case=True)
    if call.records.get(USERS, call.account, user_name.lower()) is not None:
        raise _exists(user_name)
    made = User(
        name=user_name,
        path=path,
        user_id=unique_id(call, "AIDA"),
        arn=user_arn(call, path, user_name),
        created=call.now,
        boundary=checked_boundary(call, permissions_boundary),
        tags=own_tags,
    )
    make_room(call, "Users", made.user_id)
    keep(call, made)
    register_id(call, made.user_id, made.arn)
    note_path(call, made)
    if made.boundary is not None:
        note_use(call, BOUNDARY_USES, made.boundary, made)
    return {"User": whole_user(made)}


@operation("iam:GetUser", **about(user))
def get_user(call: Call, *, user_name: str | None = None) -> Output:
    """Show a user; the caller itself if no name is given."""
    owner = owner_of(call, user_name)
    return {"User": _root_user(call) if owner.user is None else whole_user(owner.user)}


def _root_user(call: Call) -> dict[str, object]:
    """The account's root user, which has neither path nor name."""
    account = call.records.get(ACCOUNTS, call.account)
    members: dict[str, object] = {"UserId": call.account, "Arn": call.caller.principal.arn}
    if account is not None:
        members["CreateDate"] = account.created
    return members


@operation("iam:ListUsers", resource=under("user"))
def list_users(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the users whose paths begin with a text."""
    found = page_below(call, USERS, "user", path_prefix, marker=marker, max_items=max_items)
    return {"Users": [listed_user(each) for each in found.items], **found.members}


@operation("iam:UpdateUser", **about(user))
def update_user(call: Call, *, user_name: str, new_path: str | None = None, new_user_name: str | None = None) -> None:
    """Rename or move a user. Its unique id, credentials, policies and groups stay its own."""
    old = find_user(call, user_name)
    name, path = new_user_name or old.name, checked_path(new_path or old.path)
    if name.lower() != old.name.lower() and call.records.get(USERS, call.account, name.lower()) is not None:
        raise _exists(name)
    new = replace(old, name=name, path=path, arn=user_arn(call, path, name))
    if new == old:
        return
    # who moves a user must be allowed to at both places
    call.authorize("iam:UpdateUser", Target(new.arn, tags=new.tags))
    if name != old.name:
        call.records.delete(USERS, call.account, old.name.lower())
        _rename(call, old, new)
    forget_path(call, old)
    note_path(call, new)
    keep(call, new)
    register_id(call, new.user_id, new.arn)


def _rename(call: Call, old: User, new: User) -> None:
    """Let everything that knows a user by its name know the new one."""
    for group_name in old.groups:
        call.records.delete(MEMBERS, call.account, group_name.lower(), old.name.lower())
        call.records.put(MEMBERS, (call.account, group_name.lower(), new.name.lower()), Reference(new.name))
    rename_uses(call, old, new)
    move_credentials(call, old, new)
    used = call.records.get(LAST_USED, call.account, f"user/{old.name.lower()}")
    if used is not None:
        call.records.delete(LAST_USED, call.account, f"user/{old.name.lower()}")
        call.records.put(LAST_USED, (call.account, f"user/{new.name.lower()}"), used)


@operation("iam:DeleteUser", **about(user))
def delete_user(call: Call, *, user_name: str) -> None:
    """Delete a user that has no credentials, policies and groups left; a boundary goes with it."""
    gone = find_user(call, user_name)
    if gone.groups:
        raise DeleteConflictException("Cannot delete entity, must remove users from group first.")
    if gone.attached:
        raise DeleteConflictException("Cannot delete entity, must detach all policies first.")
    if gone.inline:
        raise DeleteConflictException("Cannot delete entity, must delete policies first.")
    conflict = first_conflict(call, gone)
    if conflict is not None:
        raise DeleteConflictException(conflict)
    call.records.delete(USERS, call.account, gone.name.lower())
    call.records.delete(UNIQUE_IDS, call.account, gone.user_id)
    forget_path(call, gone)
    call.records.delete(LAST_USED, call.account, f"user/{gone.name.lower()}")
    if gone.boundary is not None:
        forget_use(call, BOUNDARY_USES, gone.boundary, gone)
    give_room(call, "Users", gone.user_id)


def _exists(user_name: str) -> EntityAlreadyExistsException:
    return EntityAlreadyExistsException(f"User with name {user_name} already exists.")


OPERATIONS = (create_user, get_user, list_users, update_user, delete_user)
