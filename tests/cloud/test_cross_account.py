"""No account reads or changes what is another's, whatever names, ARNs and ids it gives."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest

from sparekey.errors import ServiceError
from sparekey.services.iam.paging import write_marker
from sparekey.services.operation import Operation
from tests.services.account import ACCOUNT, Client, allow, refused
from tests.services.world import EVERY, IDS, Saved, World, a_world, trust

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


#: The world, what is stored in it, and who calls.
Made = tuple[World, Saved, dict[str, Client]]


@pytest.fixture(scope="module")
def made() -> Made:
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
def test_a_stranger_reads_and_changes_nothing(made: Made, service: str, operation: Operation, who: str) -> None:
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


MARKERS = [each for each in EVERY if {"marker", "next_token"} & each[1].parameters and each[0] != "cloudtrail"]


@pytest.mark.parametrize(("service", "operation"), MARKERS, ids=[f"{s}:{each.name}" for s, each in MARKERS])
def test_a_made_up_marker_leads_to_nobody_elses_list(made: Made, service: str, operation: Operation) -> None:
    world, saved, callers = made
    world.restore(saved)
    before = repr(of_others(world.state()))
    parameters = world.parameters(service, operation)
    secrets = set(IDENTIFIER.findall(before)) - set(IDENTIFIER.findall(repr(parameters)))
    name = "marker" if "marker" in operation.parameters else "next_token"
    for places in ((ACCOUNT,), (ACCOUNT, "a"), ("", ""), ("0", "a"), ("\U0010ffff",), ("Local", "a"), ("a",) * 8):
        marker = write_marker(places) if service == "iam" else base64.urlsafe_b64encode(places[0].encode()).decode()
        try:
            told = repr(callers["a root user"].call(service, operation.name, **{**parameters, name: marker}))
        except ServiceError as error:
            told = error.message
        assert not [each for each in secrets if each in told]


def test_anothers_policies_cannot_be_used(made: Made) -> None:
    world, saved, callers = made
    world.restore(saved)
    theirs, iam, sts = str(world.values["policy_arn"]), callers["a root user"].iam, callers["a user"].sts
    iam.create_group(group_name="g")
    role = {"role_name": "r", "assume_role_policy_document": trust({"AWS": STRANGER})}
    arn = iam.create_role(**role)["Role"]["Arn"]
    uses: tuple[Callable[[], object], ...] = (
        lambda: iam.attach_user_policy(user_name="nobody", policy_arn=theirs),
        lambda: iam.attach_group_policy(group_name="g", policy_arn=theirs),
        lambda: iam.attach_role_policy(role_name="r", policy_arn=theirs),
        lambda: iam.put_user_permissions_boundary(user_name="nobody", permissions_boundary=theirs),
        lambda: iam.put_role_permissions_boundary(role_name="r", permissions_boundary=theirs),
        lambda: iam.create_user(user_name="bounded", permissions_boundary=theirs),
        lambda: iam.get_policy(policy_arn=theirs),
        lambda: iam.get_policy_version(policy_arn=theirs, version_id="v1"),
    )
    for use in uses:
        with refused("NoSuchEntityException"):
            use()
    with refused("ValidationError"):
        sts.assume_role(role_arn=arn, role_session_name="session", policy_arns=[{"arn": theirs}])
    with refused("ValidationError"):
        sts.get_federation_token(name="fed", policy_arns=[{"arn": theirs}])
