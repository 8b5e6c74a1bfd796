"""AWS's AccessDenied sentences, word for word."""

from __future__ import annotations

import pytest

from sparekey.policy import PolicySet, PolicyType, Principal
from tests.policy.building import (
    ACCOUNT,
    ADMINISTRATOR,
    ALICE,
    ALICE_ARN,
    ANONYMOUS,
    BOB_ARN,
    DELEGATION,
    DEPLOY_ARN,
    ERIN,
    ERIN_ARN,
    KEY,
    OTHER,
    ROOT_USER,
    SERVICE,
    SESSION,
    SILENT,
    UNTOLD,
    VISITOR,
    allow,
    ask,
    aws,
    boundary,
    changed,
    deny,
    identity,
    key,
    policy,
    rcp,
    scp,
    session,
)

EVERYTHING = allow("*")
ENDPOINT = policy(PolicyType.ENDPOINT, allow("s3:*", to="*"))
DENYING_ENDPOINT = policy(PolicyType.ENDPOINT, EVERYTHING | {"Principal": "*"}, deny(to="*"))

CONTEXT_PHRASES = [
    pytest.param(
        PolicySet(identity(*SILENT), key(DELEGATION)),
        "because no identity-based policy allows the kms:Decrypt action",
        id="the key policy allows the account, IAM is silent",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(allow(to=aws(BOB_ARN)))),
        "because no resource-based policy allows the kms:Decrypt action",
        id="the key policy neither allows nor delegates",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), boundary(*SILENT)),
        "because no permissions boundary allows the kms:Decrypt action",
        id="boundary silent",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), session=session(*SILENT)),
        "because no session policy allows the kms:Decrypt action",
        id="session policy silent",
    ),
    pytest.param(
        PolicySet(identity(*SILENT), key(allow(to=aws(DEPLOY_ARN))), session=session(*SILENT)),
        "because no session policy allows the kms:Decrypt action",
        id="role named, identity and session silent",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), endpoint=ENDPOINT),
        "because no VPC endpoint policy allows the kms:Decrypt action",
        id="VPC endpoint policy silent",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), scp=scp([*SILENT])),
        "with an explicit deny in a service control policy",
        id="SCP silent",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), scp=scp([EVERYTHING, deny()])),
        "with an explicit deny in a service control policy",
        id="SCP denies",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), rcp=rcp(deny(to="*"))),
        "with an explicit deny in a resource control policy",
        id="RCP denies",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION, deny(to="*"))),
        "with an explicit deny in a resource-based policy",
        id="key policy denies",
    ),
    pytest.param(
        PolicySet(identity(EVERYTHING, deny()), key(DELEGATION)),
        "with an explicit deny in an identity-based policy",
        id="identity-based policy denies",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), boundary(EVERYTHING, deny())),
        "with an explicit deny in a permissions boundary",
        id="boundary denies",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), session=session(EVERYTHING, deny())),
        "with an explicit deny in a session policy",
        id="session policy denies",
    ),
    pytest.param(
        PolicySet(ADMINISTRATOR, key(DELEGATION), endpoint=DENYING_ENDPOINT),
        "with an explicit deny in a VPC endpoint policy",
        id="VPC endpoint policy denies",
    ),
]


@pytest.mark.parametrize(("policies", "phrase"), CONTEXT_PHRASES)
def test_the_policy_type_is_named(policies: PolicySet, phrase: str) -> None:
    message = ask(SESSION, policies).message
    assert message == f"User: {SESSION.arn} is not authorized to perform: kms:Decrypt on resource: {KEY} {phrase}"


@pytest.mark.parametrize(
    ("caller", "name"),
    [
        (ALICE, ALICE_ARN),
        (SESSION, f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/run-1"),
        (VISITOR, f"arn:aws:sts::{ACCOUNT}:federated-user/Visitor"),
        (ROOT_USER, f"arn:aws:iam::{ACCOUNT}:root"),
        (SERVICE, SERVICE.arn),
        (ANONYMOUS, "anonymous"),
    ],
)
def test_the_caller_is_named(caller: Principal, name: str) -> None:
    message = ask(caller, PolicySet(resource=key(allow(to=aws(BOB_ARN))))).message
    assert message == (
        f"User: {name} is not authorized to perform: kms:Decrypt on resource: {KEY} "
        "because no resource-based policy allows the kms:Decrypt action"
    )


@pytest.mark.parametrize("action", ["kms:CreateKey", "kms:ListKeys", "kms:GenerateRandom", "kms:ListAliases"])
def test_an_action_without_a_resource_is_on_everything(action: str) -> None:
    assert ask(ALICE, PolicySet(), action, "*").message == (
        f"User: {ALICE_ARN} is not authorized to perform: {action} on resource: * "
        f"because no identity-based policy allows the {action} action"
    )


def test_tagging_at_creation_names_no_resource() -> None:
    assert ask(ALICE, PolicySet(), "kms:TagResource", "*").message == (
        f"User: {ALICE_ARN} is not authorized to perform: kms:TagResource "
        "because no identity-based policy allows the kms:TagResource action"
    )


class TestAcrossAccounts:
    HIDDEN = (
        f"User: {ERIN_ARN} is not authorized to perform: kms:Decrypt on this resource because the resource does not "
        "exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies "
        "access"
    )

    def test_the_key_is_not_named(self) -> None:
        assert ask(ERIN, PolicySet(resource=key(allow(to=aws(ERIN_ARN))))).message == (
            f"User: {ERIN_ARN} is not authorized to perform: kms:Decrypt on this resource "
            "because no identity-based policy allows the kms:Decrypt action"
        )

    def test_the_owners_side_does_not_tell_whether_the_key_exists(self) -> None:
        assert ask(ERIN, PolicySet(ADMINISTRATOR, key(DELEGATION))).message == self.HIDDEN
        denying = key(allow(to=aws(OTHER)), deny(to="*"))
        assert ask(ERIN, PolicySet(ADMINISTRATOR, denying)).message == self.HIDDEN

    def test_other_services_name_the_resource(self) -> None:
        message = ask(ERIN, PolicySet(ADMINISTRATOR), "s3:GetObject", "arn:aws:s3:::orders/1", owner=ACCOUNT).message
        assert message == (
            f"User: {ERIN_ARN} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::orders/1 "
            "because no resource-based policy allows the s3:GetObject action"
        )


@pytest.mark.parametrize(
    ("type_", "field", "arn"),
    [
        (PolicyType.IDENTITY, "identity", f"arn:aws:iam::{ACCOUNT}:policy/P"),
        (PolicyType.BOUNDARY, "boundary", f"arn:aws:iam::{ACCOUNT}:policy/B"),
        (PolicyType.SCP, "scp", f"arn:aws:organizations::{OTHER}:policy/o-x/service_control_policy/p-x"),
    ],
)
def test_an_explicit_deny_names_the_policy_that_has_an_arn(type_: PolicyType, field: str, arn: str) -> None:
    denying = policy(type_, EVERYTHING, deny(), arn=arn)
    told: object = {"identity": (denying,), "boundary": denying, "scp": ((denying,),)}[field]
    message = ask(ALICE, changed(PolicySet(resource=key(DELEGATION)), **{field: told})).message
    assert message is not None
    assert message.endswith(f"with an explicit deny in {'an' if field == 'identity' else 'a'} {type_.value}: {arn}")


def test_what_is_allowed_or_undecided_has_no_message() -> None:
    assert ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION))).message is None
    assert ask(ALICE, PolicySet(UNTOLD, key(DELEGATION))).message is None


def test_an_alias_is_named_as_it_is() -> None:
    alias = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/orders"
    message = ask(ALICE, PolicySet(), "kms:UpdateAlias", alias).message
    assert message is not None
    assert f"on resource: {alias} because no identity-based policy" in message
