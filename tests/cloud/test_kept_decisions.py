"""A decision is given again only where nothing it hangs on can have changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparekey.cloud import Circumstances
from sparekey.cloud._authorization import _kept
from tests.services.account import ACCOUNT, TestAccount, allow, an_account, deny, refused

ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"


@pytest.fixture
def account() -> TestAccount:
    _kept.cache_clear()
    return an_account()


def kept() -> int:
    """How many places for decisions are filled."""
    return len(_kept(ANN, "iam:GetUser", ANN, ACCOUNT))


def test_an_allowed_decision_is_kept_until_a_policy_changes(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("iam:GetUser"))
    for _ in range(2):
        ann.iam.get_user(user_name="ann")
        assert kept() == 1
    account.root.iam.put_user_policy(user_name="ann", policy_name="stop", policy_document=deny("iam:*"))
    for _ in range(2):
        with refused("AccessDenied"):
            ann.iam.get_user(user_name="ann")


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_what_a_condition_had_a_part_in_is_asked_again(account: TestAccount, effect: str) -> None:
    condition: dict[str, object] = {
        "IpAddress" if effect == "Allow" else "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}
    }
    policies = [allow("iam:GetUser", "*", **condition)]
    if effect == "Deny":
        policies = [allow("iam:GetUser"), deny("iam:GetUser", "*", **condition)]
    inside = replace(account.signed_in("ann", *policies), circumstances=Circumstances(source_ip="10.1.2.3"))
    outside = replace(inside, circumstances=Circumstances(source_ip="192.0.2.1"))
    for _ in range(2):
        inside.iam.get_user(user_name="ann")
        with refused("AccessDenied"):
            outside.iam.get_user(user_name="ann")
    assert kept() == 0


def test_tags_of_the_resource_are_looked_at_again(account: TestAccount) -> None:
    team: dict[str, object] = {"StringEquals": {"iam:ResourceTag/team": "blue"}}
    ann = account.signed_in("ann", allow("iam:GetUser", "*", **team))
    account.root.iam.tag_user(user_name="ann", tags=[{"Key": "team", "Value": "blue"}])
    ann.iam.get_user(user_name="ann")
    account.root.iam.untag_user(user_name="ann", tag_keys=["team"])
    with refused("AccessDenied"):
        ann.iam.get_user(user_name="ann")


def test_a_denied_decision_is_not_kept(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    with refused("AccessDenied"):
        ann.iam.get_user(user_name="ann")
    assert kept() == 0
