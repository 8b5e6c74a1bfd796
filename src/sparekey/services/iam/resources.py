"""What authorization sees of a request to IAM: the entity it acts on, and IAM's own condition keys.

IAM authorizes on the ARN of the stored entity, whatever letter case its name was given in, and on the ARN the request
would make where there is none.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sparekey.errors import ServiceError
from sparekey.services.directory.identities import GROUPS, ROLES, USERS
from sparekey.services.directory.instance_profiles import INSTANCE_PROFILES
from sparekey.services.iam.names import (
    arn,
    group_arn,
    instance_profile_arn,
    policy_arn,
    role_arn,
    stored_policy,
    user_arn,
)
from sparekey.services.iam.owners import name_of_owner
from sparekey.services.operation import ANY, Target, keys_of_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Context, Resolve, Tags

    Keys = Mapping[str, ContextValue]


class About(TypedDict):
    """Keywords of :func:`sparekey.services.operation.operation`."""

    resource: Resolve
    context: Context | None


def about(resource: Resolve, *contexts: Context) -> About:
    """What an operation acts on, for its decorator: ``@operation("iam:GetUser", **about(user))``.

    ``contexts`` add condition keys. Those of ``iam:ResourceTag/…`` are the target's tags, which the door knows.
    """
    if len(contexts) < 2:
        return About(resource=resource, context=contexts[0] if contexts else None)

    def context(call: Call, **parameters: object) -> Keys:
        keys: dict[str, ContextValue] = {}
        for each in contexts:
            keys.update(each(call, **parameters))
        return keys

    return About(resource=resource, context=context)


# Targets


def user(call: Call, *, user_name: str | None = None, **_: object) -> Target:
    """The user a request names; the caller itself (a user, or the root user) where it names none.

    Raises:
        ValidationError: no name is given, and neither a user nor the root user calls: said before authorization.
    """
    name = name_of_owner(call, user_name)
    if name is None:
        return Target(call.caller.principal.arn)
    found = call.records.get(USERS, call.account, name.lower())
    return Target(user_arn(call, "/", name)) if found is None else Target(found.arn, tags=found.tags)


def new_user(call: Call, *, user_name: str, path: str = "/", **_: object) -> Target:
    """The user a request would make."""
    return Target(user_arn(call, path, user_name))


def group(call: Call, *, group_name: str, **_: object) -> Target:
    """The group a request names."""
    found = call.records.get(GROUPS, call.account, group_name.lower())
    return Target(group_arn(call, "/", group_name) if found is None else found.arn)


def new_group(call: Call, *, group_name: str, path: str = "/", **_: object) -> Target:
    """The group a request would make."""
    return Target(group_arn(call, path, group_name))


def role(call: Call, *, role_name: str, **_: object) -> Target:
    """The role a request names."""
    found = call.records.get(ROLES, call.account, role_name.lower())
    return Target(role_arn(call, "/", role_name)) if found is None else Target(found.arn, tags=found.tags)


def new_role(call: Call, *, role_name: str, path: str = "/", **_: object) -> Target:
    """The role a request would make."""
    return Target(role_arn(call, path, role_name))


def policy(call: Call, *, policy_arn: str, **_: object) -> Target:
    """The managed policy a request names."""
    try:
        found = stored_policy(call, policy_arn)
    except ServiceError:  # no ARN of a policy; the operation says so
        found = None
    return Target(policy_arn, call.account, tags={} if found is None else found.tags)


def new_policy(call: Call, *, policy_name: str, path: str = "/", **_: object) -> Target:
    """The managed policy a request would make."""
    return Target(policy_arn(call, path, policy_name))


def instance_profile(call: Call, *, instance_profile_name: str, **_: object) -> Target:
    """The instance profile a request names."""
    found = call.records.get(INSTANCE_PROFILES, call.account, instance_profile_name.lower())
    if found is None:
        return Target(instance_profile_arn(call, "/", instance_profile_name))
    return Target(found.arn, tags=found.tags)


def new_instance_profile(call: Call, *, instance_profile_name: str, path: str = "/", **_: object) -> Target:
    """The instance profile a request would make."""
    return Target(instance_profile_arn(call, path, instance_profile_name))


def under(resource_type: str) -> Resolve:
    """What a List operation acts on: all of a type below a path, such as ``arn:aws:iam::111122223333:user/team/``."""

    def listed(call: Call, *, path_prefix: str = "/", **_: object) -> Target:
        return Target(arn(call, f"{resource_type}{path_prefix}"))

    return listed


def nothing(_call: Call, **_: object) -> Target:
    """No resource: ``*``."""
    return ANY


# Condition keys


def attached_policy(_call: Call, *, policy_arn: str, **_: object) -> Keys:
    """``iam:PolicyARN``: the managed policy that is attached or detached."""
    return {"iam:PolicyARN": policy_arn}


def requested_boundary(_call: Call, *, permissions_boundary: str | None = None, **_: object) -> Keys:
    """``iam:PermissionsBoundary``: the boundary a request asks for."""
    return {} if permissions_boundary is None else {"iam:PermissionsBoundary": permissions_boundary}


def boundary_of_user(call: Call, *, user_name: str, **_: object) -> Keys:
    """``iam:PermissionsBoundary``: the boundary that the user has."""
    found = call.records.get(USERS, call.account, user_name.lower())
    return _boundary(None if found is None else found.boundary)


def boundary_of_role(call: Call, *, role_name: str, **_: object) -> Keys:
    """``iam:PermissionsBoundary``: the boundary that the role has."""
    found = call.records.get(ROLES, call.account, role_name.lower())
    return _boundary(None if found is None else found.boundary)


def _boundary(arn_of_policy: str | None) -> Keys:
    return {} if arn_of_policy is None else {"iam:PermissionsBoundary": arn_of_policy}


def request_tags(_call: Call, *, tags: Tags | None = None, **_: object) -> Keys:
    """``aws:RequestTag/…`` and ``aws:TagKeys``: the tags a request brings."""
    return keys_of_tags(tags)


def removed_tags(_call: Call, *, tag_keys: Sequence[str] = (), **_: object) -> Keys:
    """``aws:TagKeys``: the keys of the tags a request takes away."""
    return keys_of_tags((), tag_keys)


def linked_service(_call: Call, *, aws_service_name: str, **_: object) -> Keys:
    """``iam:AWSServiceName``: the service a service-linked role is for."""
    return {"iam:AWSServiceName": aws_service_name}


def passed_to(service: str, **more: str) -> Keys:
    """The keys of ``iam:PassRole``: ``iam:PassedToService`` and, given by name, ``iam:AssociatedResourceArn``."""
    keys: dict[str, ContextValue] = {"iam:PassedToService": service}
    keys.update({f"iam:{key}": value for key, value in more.items()})
    return keys
