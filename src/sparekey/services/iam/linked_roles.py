"""Service-linked roles: roles that AWS services make for themselves, and that only they assume."""

from __future__ import annotations

import json
import re

from sparekey.errors import NotImplementedHere
from sparekey.services.directory.identifiers import random_uuid
from sparekey.services.directory.identities import DELETION_TASKS, LINKED_PATH, ROLES, Reference, Role
from sparekey.services.iam.errors import InvalidInputException, NoSuchEntityException
from sparekey.services.iam.linked_services import LINKED_SERVICES
from sparekey.services.iam.names import role_arn, unique_id
from sparekey.services.iam.resources import about, linked_service, role
from sparekey.services.iam.roles import add_role, remove_role
from sparekey.services.iam.shapes import created_role
from sparekey.services.operation import Call, Output, Target, operation

_TASK_ID = re.compile(r"task(/aws-service-role/[^/]+/)([^/]+)/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _role_name(aws_service_name: str, custom_suffix: str | None) -> str:
    """The name of a service's role.

    Raises:
        NotImplementedHere: it is not known here.
        InvalidInputException: the service takes no suffix.
    """
    service = LINKED_SERVICES.get(aws_service_name)
    if service is None:
        raise NotImplementedHere(f"sparekey knows no service-linked role of `{aws_service_name}`")
    if custom_suffix is not None and not service.suffix:
        raise InvalidInputException(f"Custom suffix is not allowed for {aws_service_name}")
    return f"AWSServiceRoleFor{service.role}" + (f"_{custom_suffix}" if custom_suffix else "")


def _new_role(call: Call, *, aws_service_name: str, custom_suffix: str | None = None, **_: object) -> Target:
    """The role a request would make."""
    service = LINKED_SERVICES.get(aws_service_name)
    name = f"AWSServiceRoleFor{service.role if service else '*'}" + (f"_{custom_suffix}" if custom_suffix else "")
    return Target(role_arn(call, f"{LINKED_PATH}{aws_service_name}/", name))


@operation("iam:CreateServiceLinkedRole", **about(_new_role, linked_service))
def create_service_linked_role(
    call: Call, *, aws_service_name: str, description: str | None = None, custom_suffix: str | None = None
) -> Output:
    """Make the role of an AWS service, with the policy and the trust policy AWS gives it."""
    name = _role_name(aws_service_name, custom_suffix)
    if call.records.get(ROLES, call.account, name.lower()) is not None:
        raise InvalidInputException(
            f"Service role name {name} has been taken in this account, please try a different suffix."
        )
    path = f"{LINKED_PATH}{aws_service_name}/"
    policy = LINKED_SERVICES[aws_service_name].policy
    made = Role(
        name=name,
        path=path,
        role_id=unique_id(call, "AROA"),
        arn=role_arn(call, path, name),
        created=call.now,
        trust=_trust(aws_service_name),
        description=description,
        attached=(f"arn:{call.partition}:iam::aws:policy{LINKED_PATH}{policy}",),
        linked_service=aws_service_name,
    )
    add_role(call, made)
    call.records.delete(DELETION_TASKS, call.account, name.lower())
    return {"Role": created_role(call, made)}


def _trust(aws_service_name: str) -> str:
    statement = {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [aws_service_name]}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


@operation("iam:DeleteServiceLinkedRole", **about(role))
def delete_service_linked_role(call: Call, *, role_name: str) -> Output:
    """Delete a service-linked role. It is gone at once; asked again, the task that deleted it is named again."""
    key = (call.account, role_name.lower())
    gone, task = call.records.get(ROLES, *key), call.records.get(DELETION_TASKS, *key)
    if gone is None and task is not None:
        return {"DeletionTaskId": task.name}
    if gone is None or gone.linked_service is None:
        raise NoSuchEntityException(f"The role with name {role_name} cannot be found.")
    task = Reference(f"task{gone.path}{gone.name}/{random_uuid(call.entropy)}")
    remove_role(call, gone)
    call.records.put(DELETION_TASKS, key, task)
    return {"DeletionTaskId": task.name}


def _deleted_role(call: Call, *, deletion_task_id: str, **_: object) -> Target:
    """The role a deletion task is about."""
    found = _TASK_ID.fullmatch(deletion_task_id)
    return Target(role_arn(call, found[1], found[2]) if found else role_arn(call, LINKED_PATH, "*"))


@operation("iam:GetServiceLinkedRoleDeletionStatus", resource=_deleted_role)
def get_service_linked_role_deletion_status(call: Call, *, deletion_task_id: str) -> Output:
    """Tell how far the deletion of a service-linked role is: done."""
    found = _TASK_ID.fullmatch(deletion_task_id)
    if found is None:
        raise InvalidInputException("Invalid task id")
    task = call.records.get(DELETION_TASKS, call.account, found[2].lower())
    if task is None or task.name != deletion_task_id:
        raise NoSuchEntityException("Cannot find deletion status for given id.")
    return {"Status": "SUCCEEDED"}


OPERATIONS = (
    create_service_linked_role,
    delete_service_linked_role,
    get_service_linked_role_deletion_status,
)
