"""Nobody but the administrators gains: the proof finds whoever does, and says so when it cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparekey.catalog._kms import KMS_ACTIONS
from sparekey.check.fixes._proof import NotProvedError, prove, sound
from sparekey.check.fixes._witnesses import ALLOW_ALL, Witness, circumstances, witnesses
from sparekey.policy import (
    ABSENT,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    RequestContext,
    authorize,
    parse_policy,
)
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.check.fixes._proposal import Proof

ACCOUNT = "111111111111"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ALICE, BOB = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("Alice", "Bob"))
DEPLOY, OTHER = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("ci/Deploy", "Other"))

Plain = dict[str, object]


def statement(principal: object, action: object = "kms:*", effect: str = "Allow", **more: object) -> Plain:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def policy(*statements: Plain, version: str = "2012-10-17") -> Policy:
    return parse_policy({"Version": version, "Statement": [*statements]}, type=PolicyType.KEY, name="key policy")


def proof(before: Policy, after: Policy, *administrators: str) -> Proof:
    return prove(before, after, frozenset(administrators), ACCOUNT, "aws")


def test_a_statement_for_the_administrator_lets_nobody_else_gain() -> None:
    before = policy(statement({"AWS": ALICE}))
    after = policy(statement({"AWS": ALICE}), statement({"AWS": DEPLOY}))
    found = proof(before, after, DEPLOY)
    assert found.administrators == (DEPLOY,)
    assert found.actions == len(KMS_ACTIONS)
    assert str(found).startswith(f"proved: nobody but `{DEPLOY}` gained anything ({len(KMS_ACTIONS)} KMS actions of ")


def test_a_statement_for_the_account_lets_those_gain_whose_own_policies_allow_it() -> None:
    found = proof(policy(), policy(statement({"AWS": ACCOUNT})), ROOT)
    assert str(found).startswith(f"proved: nobody but principals of account {ACCOUNT} whose IAM policies allow it ")


def test_the_order_of_statements_and_their_names_change_nothing() -> None:
    one, two = statement({"AWS": ALICE}, Sid="one"), statement({"AWS": BOB}, Sid="two")
    assert proof(policy(one, two), policy({**two, "Sid": "2"}, one)).administrators == ()
    assert str(proof(policy(one), policy(one))).startswith("proved: nobody gained anything ")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (
            statement({"AWS": ALICE}),
            statement({"AWS": [ALICE, DEPLOY, BOB]}),
            f"also allow `kms:CreateGrant` to `{BOB}`",
        ),
        (statement({"AWS": ALICE}), statement("*"), "also allow"),
        (
            statement({"AWS": [DEPLOY, BOB]}, "kms:Decrypt"),
            statement({"AWS": [DEPLOY, BOB]}, ["kms:Decrypt", "kms:PutKeyPolicy"]),
            f"also allow `kms:PutKeyPolicy` to `{BOB}`",
        ),
        (
            statement({"Service": "s3.amazonaws.com"}, "kms:Decrypt"),
            statement({"Service": ["s3.amazonaws.com", "ec2.amazonaws.com"]}, "kms:Decrypt"),
            "also allow `kms:Decrypt` to `ec2.amazonaws.com`",
        ),
        (
            statement({"AWS": ALICE}),
            statement({"AWS": "arn:aws:iam::222222222222:root"}),
            "also allow `kms:CreateGrant` to `arn:aws:iam::222222222222:root`",
        ),
        (
            statement({"AWS": ALICE}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
            statement("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
            "also allow",
        ),
        (
            statement({"AWS": BOB}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            statement({"AWS": BOB}),
            f"also allow `kms:CreateGrant` to `{BOB}`",
        ),
    ],
)
def test_another_who_gains_is_named(before: Plain, after: Plain, reason: str) -> None:
    with pytest.raises(NotProvedError) as caught:
        proof(policy(before), policy(after), DEPLOY)
    assert reason in caught.value.reason


def deny(**more: object) -> Plain:
    return statement("*", "kms:PutKeyPolicy", "Deny", **more)


def test_an_exemption_from_a_deny_lets_only_the_exempted_gain() -> None:
    exempt = {"ArnNotEquals": {"aws:PrincipalArn": DEPLOY}}
    allow = statement({"AWS": [ALICE, DEPLOY]})
    found = proof(policy(allow, deny()), policy(allow, deny(Condition=exempt)), DEPLOY)
    assert found.administrators == (DEPLOY,)


def test_a_deny_that_goes_lets_everybody_gain_whom_it_covered() -> None:
    allow = statement({"AWS": [ALICE, DEPLOY]})
    with pytest.raises(NotProvedError, match="would also allow `kms:PutKeyPolicy`"):
        proof(policy(allow, deny()), policy(allow), DEPLOY)


def test_a_deny_with_a_condition_is_compared_in_every_circumstance() -> None:
    network = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    allow = statement({"AWS": [ALICE, DEPLOY]}, Condition={"StringLike": {"kms:ViaService": "s3.*"}})
    spared = {**network, "ArnNotEquals": {"aws:PrincipalArn": DEPLOY}}
    before = policy(allow, deny(Condition=network))
    assert proof(before, policy(allow, deny(Condition=spared)), DEPLOY).administrators == (DEPLOY,)
    with pytest.raises(NotProvedError, match="would also allow"):
        proof(before, policy(allow, deny(Condition={"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}})), DEPLOY)


def test_a_statement_that_is_not_told_in_full_proves_nothing_when_it_changes() -> None:
    somebody = Unknown(("parameter `Admin`",))
    before = policy(statement({"AWS": [DEPLOY, somebody]}, "kms:Decrypt"))
    after = policy(statement({"AWS": [DEPLOY, somebody]}, ["kms:Decrypt", "kms:PutKeyPolicy"]))
    with pytest.raises(NotProvedError, match="may also allow"):
        proof(before, after, DEPLOY)
    unchanged = statement({"AWS": somebody}, "kms:Decrypt")
    assert proof(policy(unchanged), policy(unchanged, statement({"AWS": DEPLOY})), DEPLOY).administrators == (DEPLOY,)


def test_a_deny_that_is_not_told_in_full_may_hide_a_gain() -> None:
    allow = statement({"AWS": [ALICE, DEPLOY]})
    somebody = Unknown(("parameter `Spared`",))
    old: Plain = {"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, somebody]}, "Action": "kms:*", "Resource": "*"}
    new = {**old, "NotPrincipal": {"AWS": [ROOT, somebody, DEPLOY]}}
    with pytest.raises(NotProvedError, match="may also allow"):
        proof(policy(allow, old), policy(allow, new), DEPLOY)


def test_a_policy_that_kms_refuses_counts_as_far_as_it_is_sound() -> None:
    faulty = policy(statement({"AWS": ALICE}), {**statement({"AWS": BOB}), "Effect": "allow"})
    assert [found.principal for found in sound(faulty).statements] == [faulty.statements[0].principal]
    corrected = policy(statement({"AWS": ALICE}), statement({"AWS": BOB}))
    assert proof(faulty, corrected, BOB).administrators == (BOB,)
    with pytest.raises(NotProvedError, match="Bob"):
        proof(faulty, corrected)


def test_variables_come_alive_with_the_version() -> None:
    named = statement({"AWS": BOB}, Condition={"StringEquals": {"aws:username": "${aws:username}"}})
    with pytest.raises(NotProvedError, match="Bob"):
        proof(policy(named, version="2008-10-17"), policy(named))


def test_a_pattern_stands_for_those_whose_arn_it_fits() -> None:
    pattern = f"arn:aws:iam::{ACCOUNT}:role/sso/*Admin"
    condition = {"ArnLike": {"aws:PrincipalArn": pattern}}
    found = proof(policy(), policy(statement({"AWS": ROOT}, Condition=condition)), pattern)
    assert found.administrators == (pattern,)


def test_the_witnesses_are_everybody_named_and_one_of_each_kind_that_is_not() -> None:
    named = policy(
        statement({"AWS": [DEPLOY, "arn:aws:iam::222222222222:root"], "Service": "logs.amazonaws.com"}),
        statement("*", Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/x/*"}}),
        statement("*", Condition={"StringLike": {"aws:PrincipalArn": "arn:x", "aws:SourceArn": "arn:aws:s3:::b"}}),
        statement({"AWS": "AROAEXAMPLE"}),
    )  # fmt: skip
    found = {str(witness) for witness in witnesses([named], ACCOUNT, "aws")}
    assert found >= {
        f"`{DEPLOY}`", "`logs.amazonaws.com`", "`unlisted.amazonaws.com`", "an anonymous caller", f"`{ROOT}`",
        f"`arn:aws:iam::{ACCOUNT}:role/x/x`", "`arn:aws:iam::222222222222:role/unlisted`",
        "`arn:aws:iam::999999999998:user/unlisted`", f"`arn:aws:sts::{ACCOUNT}:federated-user/unlisted`",
    }  # fmt: skip


def test_circumstances_take_every_value_that_a_condition_names() -> None:
    condition = {"StringLike": {"kms:ViaService": "s3.*"}, "ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}
    named = policy(statement("*", Condition=condition))
    values = {tuple(context.values.items()) for context in circumstances([named])}
    assert len(values) == 9
    assert (("kms:viaservice", "s3.x"), ("aws:tagkeys", ("a",))) in values
    assert (("kms:viaservice", ABSENT), ("aws:tagkeys", "another")) in values


def test_circumstances_lie_on_both_sides_of_every_bound() -> None:
    condition = {
        "IpAddress": {"aws:SourceIp": ["192.0.2.0/25", "no network"]},
        "NumericLessThan": {"kms:RotationPeriodInDays": "90"},
        "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
    }
    named = parse_policy({"Statement": [statement("*", Condition=condition)]}, type=PolicyType.ENDPOINT)
    found: dict[str, set[object]] = {}
    for context in circumstances([named]):
        for key, value in context.values.items():
            found.setdefault(key, set()).add(value)
    assert found["aws:sourceip"] >= {"192.0.2.0", "192.0.2.127", "203.0.113.77"}
    assert found["kms:rotationperiodindays"] >= {"90", "-1000000000", "1000000000000"}
    assert "2030-01-01T00:00:00Z" in found["aws:currenttime"]


principals = st.sampled_from([ALICE, BOB, DEPLOY, OTHER, ROOT, "arn:aws:iam::222222222222:root"])
elements = st.one_of(
    st.just("*"), st.lists(principals, min_size=1, max_size=2, unique=True).map(lambda arns: {"AWS": arns})
)
actions = st.lists(st.sampled_from(["kms:*", "kms:Decrypt", "kms:PutKeyPolicy"]), min_size=1, max_size=2)
conditions = st.sampled_from(
    [
        {},
        {"StringEquals": {"kms:ViaService": "s3"}},
        {"StringNotEquals": {"kms:ViaService": ["s3", "sns"]}},
        {"ArnNotEquals": {"aws:PrincipalArn": DEPLOY}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}, "Null": {"kms:ViaService": "true"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    ]
)
statements = st.builds(
    lambda key, element, action, effect, condition: {
        key if effect == "Deny" else "Principal": element,
        "Effect": effect,
        "Action": action,
        "Resource": "*",
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Principal", "Principal", "NotPrincipal"]),
    elements,
    actions,
    st.sampled_from(["Allow", "Allow", "Deny"]),
    conditions,
)
documents = st.lists(statements, max_size=3)

EVERYBODY = [
    Principal.from_arn(arn)
    for arn in (
        ALICE,
        BOB,
        DEPLOY,
        OTHER,
        ROOT,
        "arn:aws:iam::222222222222:role/R",
        f"arn:aws:iam::{ACCOUNT}:user/X",
        "*",
    )
]
CONTEXTS = [
    RequestContext({"kms:ViaService": service, "aws:MultiFactorAuthPresent": mfa})
    for service in (ABSENT, "s3", "sns", "other")
    for mfa in (ABSENT, "true", "false")
]


@settings(max_examples=150, deadline=None)
@given(st.lists(statements, min_size=1, max_size=2), documents, documents, st.sampled_from([(), (DEPLOY,), (ROOT,)]))
def test_what_is_proved_holds_for_every_request(
    kept: list[Plain], old: list[Plain], new: list[Plain], administrators: tuple[str, ...]
) -> None:
    before, after = policy(*kept, *old), policy(*kept, *new)
    try:
        proof(before, after, *administrators)
    except NotProvedError:
        return
    for principal in EVERYBODY:
        for identity in ((), (ALLOW_ALL,)) if principal.account else ((),):
            if Witness(principal, bool(identity)).is_one_of(administrators):
                continue
            for action in ("kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateGrant"):
                for context in CONTEXTS:
                    request = Request(principal, action, f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k", context)
                    if authorize(request, PolicySet(identity=identity, resource=after)).allowed:
                        assert authorize(request, PolicySet(identity=identity, resource=before)).allowed
