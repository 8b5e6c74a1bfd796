"""No account reads or changes what is another's, whatever names, ARNs and ids it gives."""

from __future__ import annotations

import re

import pytest

from sparekey.errors import ServiceError
from sparekey.services.operation import Operation
from tests.services.account import ACCOUNT, Client, allow
from tests.services.world import EVERY, IDS, Saved, World, a_world

INVITED, STRANGER = "999999999999", "888888888888"

#: What an account that is invited to an organization may read and do.
INVITATIONS = {
    *("organizations:AcceptHandshake", "organizations:DeclineHandshake", "organizations:DescribeHandshake"),
    "organizations:ListHandshakesForAccount",
}

#: What is anybody's, until somebody takes it.
ANYBODYS = {"iam:AssociateDelegationRequest"}

#: Everything by which something of the account could be told.
IDENTIFIER = re.compile(
    r"\b(?:A(?:IDA|ROA|GPA|NPA|IPA|KIA|SCA|PKA|CCA)[A-Z2-7]{12,}|[a-z]+-[a-z0-9]{4,}-[a-z0-9]{8,}|[or]-[a-z0-9]{4,}"
    rf"|p-[a-z0-9]{{8,}}|arn:aws:[a-z]+::{ACCOUNT}:[\w/+=,.@-]+)\b"
)


@pytest.fixture(scope="module")
def made() -> tuple[World, Saved, dict[str, Client]]:
    world = a_world()
    stranger = world.account.root_of(STRANGER)
    callers = {"a root user": stranger, "invited": world.account.root_of(INVITED)}
    for name, policy in (("a user", allow("*")), ("nobody", allow("s3:GetObject"))):
        stranger.iam.create_user(user_name=name.replace(" ", "-"))
        stranger.iam.put_user_policy(user_name=name.replace(" ", "-"), policy_name="p", policy_document=policy)
        key = stranger.iam.create_access_key(user_name=name.replace(" ", "-"))["AccessKey"]["AccessKeyId"]
        callers[name] = world.account.with_key(key)
    return world, world.saved(), callers


def of_others(state: Saved) -> set[tuple[str, tuple[str, ...], str]]:
    """What is stored of others than the stranger."""
    return {
        (kind.name, key, repr(record))
        for kind, found in state.items()
        for key, record in found
        if not set(key) & {STRANGER, INVITED} and STRANGER not in repr(record) and INVITED not in repr(record)
    }


@pytest.mark.parametrize("who", ["a root user", "a user", "nobody", "invited"])
@pytest.mark.parametrize(("service", "operation"), EVERY, ids=IDS)
def test_a_stranger_reads_and_changes_nothing(
    made: tuple[World, Saved, dict[str, Client]], service: str, operation: Operation, who: str
) -> None:
    world, saved, callers = made
    world.restore(saved)
    before = of_others(world.state())
    name = f"{service}:{operation.name}"
    parameters = world.parameters(service, operation)
    try:
        told = repr(callers[who].call(service, operation.name, **parameters))
    except ServiceError as error:
        told = error.message
    may = name in ANYBODYS or (who == "invited" and name in INVITATIONS)
    if not may:
        assert before <= of_others(world.state())
        secrets = set(IDENTIFIER.findall(repr(before))) - set(IDENTIFIER.findall(repr(parameters)))
        assert not [each for each in secrets if each in told]
