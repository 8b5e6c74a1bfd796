"""Every operation of every service asks for its action: without it nothing happens, with it alone it does its work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sparekey.errors import AccessDenied, ServiceError
from sparekey.services.directory.identities import USERS
from sparekey.services.operation import ANY, Operation, Target
from sparekey.storage.interface import Transaction
from tests.services.account import ACCOUNT, Client, allow, deny
from tests.services.world import EVERY, IDS, RED, Saved, World, a_world

#: What nobody is denied, or decided by a role's trust policy alone.
FREE = {"sts:GetCallerIdentity", "sts:GetSessionToken", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"}

every_operation = pytest.mark.parametrize(("service", "operation"), EVERY, ids=IDS)


@pytest.fixture(scope="module")
def made() -> tuple[World, Saved]:
    world = a_world()
    world.account.signed_in("eve")
    return world, world.saved()


@pytest.fixture
def world(made: tuple[World, Saved]) -> World:
    found, saved = made
    found.restore(saved)
    return found


def eve(world: World, *policies: str) -> Client:
    """A user with these policies and no others, whatever IAM would say of them."""

    def put(records: Transaction) -> None:
        found = records.get(USERS, ACCOUNT, "eve")
        assert found is not None
        inline = {f"p{number}": policy for number, policy in enumerate(policies)}
        records.put(USERS, (ACCOUNT, "eve"), replace(found, inline=inline))

    world.account.cloud.store.write(put)
    key = world.root.iam.list_access_keys(user_name="eve")["AccessKeyMetadata"][0]["AccessKeyId"]
    return world.account.with_key(key)


def outcome(
    client: Client, service: str, operation: Operation, parameters: Mapping[str, object]
) -> ServiceError | None:
    """What comes of a call: an error, or nothing."""
    try:
        client.call(service, operation.name, **parameters)
    except ServiceError as error:
        return error
    return None


def is_refused(error: ServiceError | None) -> bool:
    return isinstance(error, AccessDenied)


@every_operation
def test_who_is_allowed_nothing_is_refused_by_the_action_and_changes_nothing(
    world: World, service: str, operation: Operation
) -> None:
    name = f"{service}:{operation.name}"
    caller = eve(world)
    before = world.state()
    error = outcome(caller, service, operation, world.parameters(service, operation))
    if name in FREE:
        assert not is_refused(error)
    else:
        assert error is not None
        assert f" is not authorized to perform: {name} on resource: " in error.message
    assert world.state() == before


#: Actions that an operation asks for besides its own.
MORE = {"iam:AddRoleToInstanceProfile": "iam:PassRole"}

#: Operations that ask for their action on several resources: the one named first, and others.
SEVERAL = {
    *("iam:UpdateUser", "iam:UpdateGroup", "iam:UpdateServerCertificate"),
    *("organizations:AttachPolicy", "organizations:DetachPolicy", "organizations:MoveAccount"),
}


#: Refused without a reason, as AWS does.
WITHOUT_REASON = {"sts:AssumeRoot"}


def target_of(world: World, service: str, operation: Operation) -> Target:
    """What an operation acts on, as the door sees it."""
    from sparekey.cloud import Circumstances
    from sparekey.cloud._running import Running

    if operation.resource is None:
        return ANY
    cloud, parameters = world.account.cloud, world.parameters(service, operation)
    running = Running(
        cloud._door, eve(world).caller, service, operation.name, parameters, Circumstances(), world.account.clock.at
    )
    resolve = operation.resource
    return cloud.store.read(lambda records: resolve(running._call(records), **parameters))


def called(world: World, service: str, operation: Operation, *policies: str, **changed: object) -> ServiceError | None:
    """What comes of a call by a user with these policies and no others: an error, or nothing."""
    name = f"{service}:{operation.name}"
    more = [allow(MORE[name], "*")] if name in MORE else []
    caller = eve(world, *policies, *more)
    return outcome(caller, service, operation, {**world.parameters(service, operation), **changed})


@every_operation
def test_who_is_allowed_the_action_alone_is_not_refused(world: World, service: str, operation: Operation) -> None:
    error = called(world, service, operation, allow(f"{service}:{operation.name}"))
    assert not is_refused(error), error


def statement(**elements: object) -> str:
    """A policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [elements]})


@every_operation
def test_to_be_allowed_it_on_the_resource_is_enough(world: World, service: str, operation: Operation) -> None:
    target = target_of(world, service, operation)
    if not target.arn.startswith("arn:") or f"{service}:{operation.name}" in SEVERAL:
        return  # it takes none or several
    error = called(world, service, operation, allow(f"{service}:{operation.name}", target.arn))
    assert not is_refused(error), error


@every_operation
def test_to_be_allowed_it_on_all_else_is_not_enough(world: World, service: str, operation: Operation) -> None:
    name = f"{service}:{operation.name}"
    if name in FREE:
        return  # nothing is asked
    target = target_of(world, service, operation)
    if not target.arn.startswith("arn:"):
        policy = allow(name, f"arn:aws:iam::{ACCOUNT}:user/*")
    else:
        policy = statement(Effect="Allow", Action=name, NotResource=target.arn)
    error = called(world, service, operation, policy)
    assert is_refused(error), error
    assert error is not None
    assert f" is not authorized to perform: {name} on resource: " in error.message


@every_operation
def test_a_deny_wins_over_all(world: World, service: str, operation: Operation) -> None:
    name = f"{service}:{operation.name}"
    if name in FREE:
        return  # nothing is asked
    caller = eve(world, allow("*"), deny(name))
    before = world.state()
    reason = "" if name in WITHOUT_REASON else " with an explicit deny in an identity-based policy"
    with pytest.raises(AccessDenied, match=f"not authorized to perform: {name} on resource: .*{reason}$"):
        caller.call(service, operation.name, **world.parameters(service, operation))
    assert world.state() == before


TAGGED = [each for each in EVERY if each[1].resource is not None]


@pytest.mark.parametrize(("service", "operation"), TAGGED, ids=[f"{s}:{each.name}" for s, each in TAGGED])
def test_conditions_see_the_tags_of_what_it_acts_on(world: World, service: str, operation: Operation) -> None:
    if not target_of(world, service, operation).tags:
        return  # it has no tags
    name = f"{service}:{operation.name}"
    blue: dict[str, Any] = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    red: dict[str, Any] = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    assert is_refused(called(world, service, operation, allow("*"), deny(name, **blue)))
    assert is_refused(called(world, service, operation, allow(name, **red)))
    assert not is_refused(called(world, service, operation, allow(name, **blue), deny(name, **red)))


WITH_TAGS = [each for each in EVERY if "tags" in each[1].parameters]


@pytest.mark.parametrize(("service", "operation"), WITH_TAGS, ids=[f"{s}:{each.name}" for s, each in WITH_TAGS])
def test_conditions_see_the_tags_that_are_given(world: World, service: str, operation: Operation) -> None:
    name = f"{service}:{operation.name}"
    conditions: tuple[dict[str, Any], ...] = (
        {"StringEquals": {"aws:RequestTag/colour": "red"}},
        {"StringEquals": {"aws:RequestTag/COLOUR": "red"}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": "colour"}},
    )
    for refused in conditions:
        error = called(world, service, operation, allow("*"), deny(name, **refused), tags=RED)
        assert is_refused(error), (refused, error)
        error = called(world, service, operation, allow("*"), deny(tagging(name), **refused), tags=RED)
        assert is_refused(error), (tagging(name), refused, error)
    assert is_refused(called(world, service, operation, allow(name), deny(tagging(name)), tags=RED))
    assert not is_refused(called(world, service, operation, allow([name, tagging(name)]), tags=RED))


def tagging(name: str) -> str:
    """The action that an operation asks for because of tags."""
    service, _, operation = name.partition(":")
    if service == "organizations":
        return "organizations:TagResource"
    if service == "sts":
        return "sts:TagGetWebIdentityToken" if operation == "GetWebIdentityToken" else "sts:TagSession"
    kind = operation.removeprefix("Create").removeprefix("Upload").removeprefix("Virtual").removeprefix("Tag")
    return f"iam:Tag{kind}"


NAMED = [
    each for each in EVERY if {"user_name", "role_name", "group_name", "instance_profile_name"} & each[1].parameters
]


@pytest.mark.parametrize(("service", "operation"), NAMED, ids=[f"{s}:{each.name}" for s, each in NAMED])
def test_names_in_other_letters_are_decided_on_what_is_stored(world: World, service: str, operation: Operation) -> None:
    name = f"{service}:{operation.name}"
    target = target_of(world, service, operation)
    if target.arn == "*" or operation.name.startswith(("Create", "Upload")) or name in SEVERAL:
        return  # it names nothing that is there, or several resources
    parameters = world.parameters(service, operation)
    names = ("user_name", "role_name", "group_name", "instance_profile_name")
    shouted = {key: str(value).upper() for key, value in parameters.items() if key in names}
    assert is_refused(called(world, service, operation, allow("*"), deny(name, target.arn), **shouted))
    assert not is_refused(called(world, service, operation, allow(name, target.arn), **shouted))


#: Operations that mean the caller where no user is named.
OF_CALLER = [
    pytest.param(service, each, id=each.name)
    for service, each in EVERY
    if service == "iam" and ("user_name" in (each.function.__kwdefaults__ or {}) or each.name == "ChangePassword")
]


@pytest.mark.parametrize(("service", "operation"), OF_CALLER)
def test_without_a_user_name_it_is_about_the_caller(world: World, service: str, operation: Operation) -> None:
    name, own = f"{service}:{operation.name}", f"arn:aws:iam::{ACCOUNT}:user/eve"
    parameters = {key: value for key, value in world.parameters(service, operation).items() if key != "user_name"}
    for policies, refused in (
        ((allow(name, own),), False),
        ((allow("*"), deny(name, own)), True),
        ((statement(Effect="Allow", Action=name, NotResource=own),), True),
    ):
        error = outcome(eve(world, *policies), service, operation, parameters)
        assert is_refused(error) == refused, error
