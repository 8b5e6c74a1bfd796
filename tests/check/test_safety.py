"""The lockout safety check, asked directly."""

from __future__ import annotations

import pytest

from sparekey.check._safety import lockout_check, named_in
from sparekey.policy import Decision, Outcome, PolicyType, Principal, RequestContext, parse_policy
from sparekey.unknown import Unknown
from tests.check.deployments import (
    ACCOUNT,
    ALICE,
    DELEGATING,
    DEPLOY,
    EVERYTHING,
    ROOT,
    SESSION,
    account,
    deployer_of,
    document,
    iam_allow,
    role,
    statement,
)

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CREATE_ONLY = iam_allow("kms:CreateKey")


def ask(
    policy: object, caller: str = ALICE, *, iam: object = EVERYTHING, context: RequestContext | None = None
) -> Decision:
    deployer, _ = deployer_of(caller, iam=[iam])
    parsed = parse_policy(policy, type=PolicyType.KEY, name="the key policy")
    return lockout_check(deployer, parsed, KEY, context or deployer.context)


def test_it_is_an_ordinary_request_for_put_key_policy() -> None:
    decision = ask(DELEGATING)
    assert decision.outcome is Outcome.ALLOWED
    assert decision.request.action == "kms:PutKeyPolicy"
    assert decision.request.resource == KEY
    assert decision.request.context.values["kms:PolicyName"] == "default"


def test_the_bypass_flag_is_absent_from_the_simulated_request() -> None:
    sound = document(
        statement(ALICE, "kms:PutKeyPolicy", Condition={"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}})
    )
    assert ask(sound).outcome is Outcome.ALLOWED
    with_flag = RequestContext({"kms:BypassPolicyLockoutSafetyCheck": "false"})
    assert ask(sound, context=with_flag).outcome is Outcome.ALLOWED
    guard = statement(
        "*", "kms:PutKeyPolicy", "Deny", Condition={"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}
    )
    assert ask(document(statement(ROOT), guard)).outcome is Outcome.ALLOWED


@pytest.mark.parametrize(
    ("statements", "with_iam", "without_iam"),
    [
        ([statement(ROOT)], True, False),
        ([statement(ROOT, ["kms:Describe*", "kms:Get*"])], False, False),
        ([statement(ALICE, "kms:PutKeyPolicy")], True, True),
        ([statement(ALICE, "kms:Describe*")], False, False),
        ([statement("*")], True, True),
        ([statement("*", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})], True, True),
        ([statement("*", Condition={"StringEquals": {"kms:CallerAccount": "999999999999"}})], False, False),
        ([statement("*", Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}})], False, False),
        ([statement(ROOT, Condition={"StringEquals": {"aws:PrincipalType": "Account"}})], False, False),
        ([statement(ROOT, Condition={"ArnLike": {"aws:PrincipalArn": ROOT}})], False, False),
        ([statement(ROOT), statement("*", "kms:PutKeyPolicy", "Deny")], False, False),
        ([statement({"Service": "logs.amazonaws.com"})], False, False),
        ([statement("arn:aws:iam::999999999999:root")], False, False),
        ([statement({"AWS": ACCOUNT})], True, False),
    ],
)  # fmt: skip
def test_the_decision_matrix_for_a_user(statements: list[object], *, with_iam: bool, without_iam: bool) -> None:
    policy = document(*statements)
    assert ask(policy).allowed is with_iam
    assert ask(policy, iam=CREATE_ONLY).allowed is without_iam


def test_deny_with_not_principal_spares_only_those_it_lists() -> None:
    def policy(*spared: str) -> object:
        deny = {"Effect": "Deny", "NotPrincipal": {"AWS": list(spared)}, "Action": "kms:*", "Resource": "*"}
        return document(statement(ROOT), deny)

    assert not ask(policy(ROOT)).allowed
    assert ask(policy(ROOT, ALICE)).allowed


# roles whose path is not told


def principal_of(session: str) -> Principal:
    return deployer_of(session, iam=[EVERYTHING])[0].principal


def test_the_role_a_policy_names_is_the_sessions_own_whatever_its_path() -> None:
    named = f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"
    policy = parse_policy(document(statement(named)), type=PolicyType.KEY)
    assert named_in(policy, principal_of(SESSION)).role_arn == named
    assert ask(document(statement(named)), SESSION).outcome is Outcome.ALLOWED


def test_a_role_in_not_principal_is_the_sessions_own_too() -> None:
    policy = parse_policy(
        document({"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, DEPLOY]}, "Action": "*", "Resource": "*"}),
        type=PolicyType.KEY,
    )
    assert named_in(policy, principal_of(SESSION)).role_arn == DEPLOY


@pytest.mark.parametrize(
    "named",
    [
        f"arn:aws:iam::{ACCOUNT}:role/Other",
        "arn:aws:iam::999999999999:role/Deploy",
        f"arn:aws:iam::{ACCOUNT}:user/Deploy",
        "Deploy",
        Unknown(("parameter `P`",)),
    ],
)
def test_any_other_principal_tells_nothing_of_the_role(named: object) -> None:
    policy = parse_policy(document(statement({"AWS": named}), statement({"Service": "x"})), type=PolicyType.KEY)
    assert isinstance(named_in(policy, principal_of(SESSION)).role_arn, Unknown)


def test_a_role_that_is_told_stays() -> None:
    deployer, _ = deployer_of(SESSION, iam=[account(role("Deploy", EVERYTHING, path="/ci/"))])
    policy = parse_policy(document(statement(DEPLOY)), type=PolicyType.KEY)
    assert named_in(policy, deployer.principal).role_arn == f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"
    assert lockout_check(deployer, policy, KEY, deployer.context).outcome is Outcome.IMPLICIT_DENY
