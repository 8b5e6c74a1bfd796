"""Login profiles: the passwords of users.

A user may sign in nowhere here; what is kept is what the API shows and changes. A session of the root user that
AssumeRoot made may make, read and delete a member account's root password.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.errors import AccessDenied, ValidationError
from sparekey.services.directory.credentials import LOGIN_PROFILES, LoginProfile
from sparekey.services.iam.errors import (
    EntityAlreadyExistsException,
    InvalidUserTypeException,
    NoSuchEntityException,
)
from sparekey.services.iam.names import find_user
from sparekey.services.iam.owners import Owner, owner_of, sign_in_owner
from sparekey.services.iam.passwords import REMEMBERED, check_password, granted_to_users, matches, seal_password
from sparekey.services.iam.resources import about, user
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from sparekey.services.operation import Call, Output


@operation("iam:CreateLoginProfile", **about(user))
def create_login_profile(
    call: Call,
    *,
    user_name: str | None = None,
    password: str | None = None,
    password_reset_required: bool = False,
) -> Output:
    """Give a user a password. An AssumeRoot session lets a member account's root user set one, and gives none."""
    owner = sign_in_owner(call, user_name)
    if call.records.get(LOGIN_PROFILES, call.account, owner.user_id) is not None:
        raise EntityAlreadyExistsException(f"Login Profile for user {owner.name} already exists.")
    if owner.user is None:
        return _recover_root(call, owner, password)
    if password is None:
        raise ValidationError("Password is required.")
    check_password(call, password)
    sealed = seal_password(call, password)
    profile = LoginProfile(sealed, call.now, call.now, password_reset_required)
    call.records.put(LOGIN_PROFILES, (call.account, owner.user_id), profile)
    return {"LoginProfile": _shown(owner, profile)}


def _recover_root(call: Call, owner: Owner, password: str | None) -> Output:
    """Let the root user of a member account set a password again; it does so by mail, so none is known here."""
    if password is not None:
        raise ValidationError("Password must be omitted when the request is made with an AssumeRoot session.")
    profile = LoginProfile(seal_password(call, call.entropy(32).hex()), call.now, call.now, reset_required=True)
    call.records.put(LOGIN_PROFILES, (call.account, owner.user_id), profile)
    return {"LoginProfile": _shown(owner, profile)}


@operation("iam:GetLoginProfile", **about(user))
def get_login_profile(call: Call, *, user_name: str | None = None) -> Output:
    """Tell whether a user has a password, and since when."""
    owner = sign_in_owner(call, user_name)
    return {"LoginProfile": _shown(owner, _find(call, owner))}


@operation("iam:UpdateLoginProfile", **about(user))
def update_login_profile(
    call: Call, *, user_name: str, password: str | None = None, password_reset_required: bool | None = None
) -> None:
    """Give a user another password, or have the user set one at the next sign-in."""
    owner = Owner(find_user(call, user_name))
    profile = _find(call, owner)
    if password is not None:
        profile = _changed(call, profile, password)
    if password_reset_required is not None:
        profile = replace(profile, reset_required=password_reset_required)
    call.records.put(LOGIN_PROFILES, (call.account, owner.user_id), profile)


@operation("iam:DeleteLoginProfile", **about(user))
def delete_login_profile(call: Call, *, user_name: str | None = None) -> None:
    """Take a user's password away."""
    owner = sign_in_owner(call, user_name)
    _find(call, owner)
    call.records.delete(LOGIN_PROFILES, call.account, owner.user_id)


def own_password(call: Call, **_: object) -> Target:
    """The user that calls; an account that lets all its users change their passwords allows them to."""
    target = Target(call.caller.principal.arn) if call.caller.name is None else user(call)
    return target._replace(policy=granted_to_users(call, "iam:ChangePassword"))


@operation("iam:ChangePassword", **about(own_password))
def change_password(call: Call, *, old_password: str, new_password: str) -> None:
    """Change the password of the user that calls; an expired one can be changed here even under ``HardExpiry``."""
    if call.caller.name is None:
        raise InvalidUserTypeException("Only IAM Users can change their own password.")
    owner = owner_of(call, None)
    profile = _find(call, owner)
    if not matches(call, old_password, profile.password):
        raise AccessDenied("The old password was incorrect.")
    changed = replace(_changed(call, profile, new_password), reset_required=False)
    call.records.put(LOGIN_PROFILES, (call.account, owner.user_id), changed)


def _changed(call: Call, profile: LoginProfile, password: str) -> LoginProfile:
    earlier = (profile.password, *profile.previous)
    check_password(call, password, earlier)
    return replace(
        profile, password=seal_password(call, password), changed=call.now, previous=earlier[: REMEMBERED - 1]
    )


def _find(call: Call, owner: Owner) -> LoginProfile:
    profile = call.records.get(LOGIN_PROFILES, call.account, owner.user_id)
    if profile is None:
        raise NoSuchEntityException(f"Login Profile for User {owner.name} cannot be found.")
    return profile


def _shown(owner: Owner, profile: LoginProfile) -> dict[str, object]:
    return {
        "UserName": owner.name,
        "CreateDate": profile.created,
        "PasswordResetRequired": profile.reset_required,
    }


OPERATIONS = (create_login_profile, get_login_profile, update_login_profile, delete_login_profile, change_password)
