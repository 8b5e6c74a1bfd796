"""The rules of combination: which policies must allow, and which deny."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparekey.policy import Outcome, PolicySet, PolicyType, Principal
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
    LINKED,
    OTHER,
    ROOT,
    ROOT_USER,
    SERVICE,
    SESSION,
    SESSION_ARN,
    SILENT,
    VISITOR,
    VISITOR_ARN,
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

ALLOWED, EXPLICIT, IMPLICIT = Outcome.ALLOWED, Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY
BUCKET = "arn:aws:s3:::orders/invoice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"
EVERYTHING = allow("*")

#: Which implicit denies limit a direct grant: who is named, who calls, and what must allow.
LIMITS = [
    pytest.param(aws(ALICE_ARN), ALICE, set(), id="an IAM user"),
    pytest.param(aws(DEPLOY_ARN), SESSION, {"boundary", "session"}, id="a role"),
    pytest.param(aws(SESSION_ARN), SESSION, set(), id="a role session"),
    pytest.param(aws(VISITOR_ARN), VISITOR, set(), id="a federated-user session"),
    pytest.param(aws(ALICE_ARN), VISITOR, {"boundary", "session"}, id="the user of a federated session"),
    pytest.param("*", ALICE, set(), id="everyone, a user calls"),
    pytest.param("*", SESSION, set(), id="everyone, a session calls"),
    pytest.param(aws(ROOT), ALICE, {"identity", "boundary"}, id="the account, a user calls"),
    pytest.param(aws(ROOT), SESSION, {"identity", "boundary", "session"}, id="the account, a session calls"),
    pytest.param(aws(ACCOUNT), SESSION, {"identity", "boundary", "session"}, id="the account by its id"),
    pytest.param(aws(ROOT), VISITOR, {"identity", "boundary", "session"}, id="the account, a federated user calls"),
]


@pytest.mark.parametrize("silent", ["identity", "boundary", "session"])
@pytest.mark.parametrize(("named", "caller", "limits"), LIMITS)
def test_a_silent_policy_limits_only_what_the_table_says(
    named: object, caller: Principal, limits: set[str], silent: str
) -> None:
    policies = PolicySet(
        identity=identity(*SILENT) if silent == "identity" else ADMINISTRATOR,
        boundary=boundary(*SILENT) if silent == "boundary" else boundary(EVERYTHING),
        session=session(*SILENT) if silent == "session" else session(EVERYTHING),
        resource=key(allow(to=named)),
    )
    if caller is ALICE:  # a user has no session policy
        policies = replace(policies, session=None)
    decision = ask(caller, policies)
    assert decision.outcome is (IMPLICIT if silent in limits else ALLOWED)
    if silent in limits:
        assert decision.policy_type is {
            "identity": PolicyType.IDENTITY,
            "boundary": PolicyType.BOUNDARY,
            "session": PolicyType.SESSION,
        }.get(silent)


@pytest.mark.parametrize(("named", "caller", "limits"), LIMITS)
@pytest.mark.parametrize("denying", ["identity", "boundary", "session", "resource", "scp", "rcp", "endpoint"])
def test_an_explicit_deny_anywhere_wins(named: object, caller: Principal, limits: set[str], denying: str) -> None:
    del limits
    stop = deny(Sid="Stop")
    stop_all = deny(to="*", Sid="Stop")
    policies = PolicySet(
        identity=identity(EVERYTHING, *([stop] if denying == "identity" else [])),
        boundary=boundary(EVERYTHING, *([stop] if denying == "boundary" else [])),
        session=session(EVERYTHING, *([stop] if denying == "session" else [])),
        resource=key(allow(to=named), *([stop_all] if denying == "resource" else [])),
        scp=scp([EVERYTHING, *([stop] if denying == "scp" else [])]),
        rcp=rcp(stop_all) if denying == "rcp" else None,
        endpoint=policy(PolicyType.ENDPOINT, allow("*", to="*"), *([stop_all] if denying == "endpoint" else [])),
    )
    decision = ask(caller, policies)
    assert decision.outcome is EXPLICIT
    assert decision.because is not None
    assert decision.because.statement is not None
    assert decision.because.statement.sid == "Stop"


def test_explicit_denies_are_named_in_the_order_of_aws() -> None:
    named = []
    stops: dict[str, object] = {
        "identity": identity(EVERYTHING, deny()),
        "resource": key(DELEGATION, deny(to="*")),
        "session": session(EVERYTHING, deny()),
        "boundary": boundary(EVERYTHING, deny()),
        "endpoint": policy(PolicyType.ENDPOINT, allow("*", to="*"), deny(to="*")),
        "rcp": rcp(deny(to="*")),
        "scp": scp([EVERYTHING, deny()]),
    }
    policies = PolicySet(resource=key(DELEGATION))
    for field, stop in stops.items():
        policies = changed(policies, **{field: stop})
        named.append(ask(SESSION, policies).policy_type)
    assert named == [
        PolicyType.IDENTITY,
        PolicyType.KEY,
        PolicyType.SESSION,
        PolicyType.BOUNDARY,
        PolicyType.ENDPOINT,
        PolicyType.RCP,
        PolicyType.SCP,
    ]


class TestKeys:
    def test_an_identity_based_allow_is_void_without_delegation(self) -> None:
        decision = ask(ALICE, PolicySet(ADMINISTRATOR, key(allow(to=aws(BOB_ARN)))))
        assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.KEY)

    def test_a_key_without_a_key_policy_lets_nobody_in(self) -> None:
        decision = ask(ALICE, PolicySet(ADMINISTRATOR))
        assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.KEY)

    def test_delegation_and_an_identity_based_allow_let_a_user_in(self) -> None:
        decision = ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION)))
        assert decision.outcome is ALLOWED
        assert decision.because is not None
        assert decision.because.policy_type is PolicyType.IDENTITY
        assert decision.delegated_by is not None
        assert decision.delegated_by.statement is not None
        assert decision.delegated_by.statement.sid == "Delegate"

    def test_the_root_user_needs_no_more_than_the_account_principal(self) -> None:
        decision = ask(ROOT_USER, PolicySet(resource=key(DELEGATION)))
        assert decision.outcome is ALLOWED
        assert decision.because is not None
        assert decision.because.policy_type is PolicyType.KEY

    def test_the_root_user_is_not_exempt_from_the_key_policy(self) -> None:
        decision = ask(ROOT_USER, PolicySet(resource=key(allow(to=aws(ALICE_ARN)))))
        assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.KEY)

    @pytest.mark.parametrize("missing", ["Action", "Resource"])
    def test_a_statement_without_action_or_resource_has_no_effect(self, missing: str) -> None:
        inert = {name: value for name, value in allow(to=aws(ALICE_ARN)).items() if name != missing}
        assert ask(ALICE, PolicySet(resource=key(inert))).outcome is IMPLICIT
        assert ask(ALICE, PolicySet(resource=key(DELEGATION | {"Principal": aws(ALICE_ARN)}, inert))).allowed

    def test_a_resource_other_than_the_key_does_not_cover_it(self) -> None:
        elsewhere = allow(to=aws(ALICE_ARN)) | {"Resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}
        assert ask(ALICE, PolicySet(resource=key(elsewhere))).outcome is IMPLICIT

    @pytest.mark.parametrize("action", ["kms:CreateKey", "kms:ListKeys", "kms:ListAliases", "kms:GenerateRandom"])
    def test_account_wide_actions_ask_identity_based_policies_only(self, action: str) -> None:
        policies = PolicySet(ADMINISTRATOR, key(allow(to=aws(BOB_ARN)), deny(to="*")))
        assert ask(ALICE, policies, action, "*").outcome is ALLOWED
        nothing = ask(ALICE, PolicySet(resource=key(allow(to="*"))), action, "*")
        assert (nothing.outcome, nothing.policy_type) == (IMPLICIT, PolicyType.IDENTITY)

    def test_account_wide_actions_are_allowed_by_the_identity_based_statement(self) -> None:
        because = ask(ALICE, PolicySet(ADMINISTRATOR), "kms:CreateKey", "*").because
        assert because is not None
        assert because.statement is not None
        assert because.statement.sid == "Administrator"

    def test_account_wide_actions_are_not_for_services_and_anonymous_callers(self) -> None:
        policies = PolicySet(ADMINISTRATOR, key(allow(to="*")))
        assert ask(SERVICE, policies, "kms:CreateKey", "*").outcome is IMPLICIT
        assert ask(ANONYMOUS, policies, "kms:CreateKey", "*").outcome is IMPLICIT

    def test_an_alias_is_a_matter_of_identity_based_policies(self) -> None:
        alias = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/orders"
        policies = PolicySet(ADMINISTRATOR)
        assert [ask(ALICE, policies, "kms:UpdateAlias", alias).outcome for _ in range(2)] == [ALLOWED] * 2
        assert ask(ERIN, PolicySet(ADMINISTRATOR), "kms:UpdateAlias", alias).outcome is IMPLICIT

    @pytest.mark.parametrize("action", ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"])
    def test_nobody_changes_an_alias_of_aws(self, action: str) -> None:
        alias = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/s3"
        decision = ask(ALICE, PolicySet(ADMINISTRATOR), action, alias)
        assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.IDENTITY)

    def test_what_was_asked_about_one_alias_does_not_show_for_the_next(self) -> None:
        def outcomes(policies: PolicySet, *asked: tuple[Principal, str]) -> list[Outcome]:
            return [ask(caller, policies, "kms:UpdateAlias", alias).outcome for caller, alias in asked]

        own, theirs, reserved = (
            f"arn:aws:kms:eu-west-1:{path}"
            for path in (f"{ACCOUNT}:alias/a", f"{OTHER}:alias/a", f"{ACCOUNT}:alias/aws/a")
        )
        around = [(ALICE, alias) for alias in (own, theirs, own, reserved, own)]
        assert outcomes(PolicySet(ADMINISTRATOR), *around) == [ALLOWED, IMPLICIT, ALLOWED, IMPLICIT, ALLOWED]
        guarded = PolicySet(ADMINISTRATOR, scp=scp([deny()]))
        assert outcomes(guarded, (SESSION, own), (LINKED, own), (SESSION, own)) == [EXPLICIT, ALLOWED, EXPLICIT]

    def test_a_request_on_no_key_at_all_asks_no_key_policy(self) -> None:
        assert ask(ALICE, PolicySet(ADMINISTRATOR), "kms:DescribeKey", "*").outcome is ALLOWED


class TestAcrossAccounts:
    def test_both_sides_must_allow(self) -> None:
        for named in (aws(ERIN_ARN), aws(OTHER), "*"):
            assert ask(ERIN, PolicySet(ADMINISTRATOR, key(allow(to=named)))).outcome is ALLOWED
            own_side = ask(ERIN, PolicySet(identity(*SILENT), key(allow(to=named))))
            assert (own_side.outcome, own_side.policy_type) == (IMPLICIT, PolicyType.IDENTITY)
        key_side = ask(ERIN, PolicySet(ADMINISTRATOR, key(DELEGATION)))
        assert (key_side.outcome, key_side.policy_type) == (IMPLICIT, PolicyType.KEY)

    @pytest.mark.parametrize(("named", "deciding"), [(ERIN_ARN, "Theirs"), ("*", "Theirs"), (OTHER, "Administrator")])
    def test_the_key_policy_decides_unless_it_only_delegates(self, named: str, deciding: str) -> None:
        because = ask(ERIN, PolicySet(ADMINISTRATOR, key(allow(to=aws(named), Sid="Theirs")))).because
        assert because is not None
        assert because.statement is not None
        assert because.statement.sid == deciding

    @pytest.mark.parametrize("limit", ["boundary", "session"])
    def test_boundary_and_session_policy_limit_even_an_exact_session(self, limit: str) -> None:
        caller = Principal.from_arn(f"arn:aws:sts::{OTHER}:assumed-role/Deploy/run-1")
        silent = {"boundary": boundary(*SILENT), "session": session(*SILENT)}
        named = PolicySet(ADMINISTRATOR, key(allow(to=aws(caller.arn))))
        policies = changed(named, **{limit: silent[limit]})
        assert ask(caller, policies).outcome is IMPLICIT

    @pytest.mark.parametrize("action", ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource"])
    def test_some_operations_never_cross_accounts(self, action: str) -> None:
        policies = PolicySet(ADMINISTRATOR, key(allow(to=aws(ERIN_ARN))))
        assert ask(ERIN, policies, action).outcome is IMPLICIT
        assert ask(ERIN, policies, "kms:GetKeyRotationStatus").outcome is ALLOWED

    def test_the_root_user_of_the_other_account_needs_no_identity_based_policy(self) -> None:
        caller = Principal.from_arn(f"arn:aws:iam::{OTHER}:root")
        assert ask(caller, PolicySet(resource=key(allow(to=aws(OTHER))))).outcome is ALLOWED


class TestOtherServices:
    def test_either_side_suffices_in_one_account(self) -> None:
        bucket = policy(PolicyType.RESOURCE, allow("s3:*", to=aws(ALICE_ARN)))
        assert ask(ALICE, PolicySet(resource=bucket), "s3:GetObject", BUCKET, owner=ACCOUNT).outcome is ALLOWED
        assert ask(ALICE, PolicySet(identity(*SILENT)), "s3:GetObject", BUCKET).outcome is ALLOWED
        neither = ask(ALICE, PolicySet(), "s3:GetObject", BUCKET)
        assert (neither.outcome, neither.policy_type) == (IMPLICIT, PolicyType.IDENTITY)

    def test_the_account_principal_alone_grants_nothing(self) -> None:
        bucket = policy(PolicyType.RESOURCE, allow("s3:*", to=aws(ROOT)))
        decision = ask(ALICE, PolicySet(resource=bucket), "s3:GetObject", BUCKET)
        assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.IDENTITY)

    def test_the_root_user_may_do_everything_in_its_account(self) -> None:
        decision = ask(ROOT_USER, PolicySet(), "s3:GetObject", BUCKET)
        assert (decision.outcome, decision.because) == (ALLOWED, None)

    def test_across_accounts_both_sides_must_allow(self) -> None:
        bucket = policy(PolicyType.RESOURCE, allow("s3:*", to=aws(ERIN_ARN)))
        assert ask(ERIN, PolicySet(ADMINISTRATOR, bucket), "s3:GetObject", BUCKET, owner=ACCOUNT).allowed
        assert not ask(ERIN, PolicySet((), bucket), "s3:GetObject", BUCKET, owner=ACCOUNT).allowed
        assert not ask(ERIN, PolicySet(ADMINISTRATOR), "s3:GetObject", BUCKET, owner=ACCOUNT).allowed

    def test_a_role_needs_its_trust_policy_even_in_its_own_account(self) -> None:
        trust = policy(PolicyType.TRUST, {"Effect": "Allow", "Principal": aws(ALICE_ARN), "Action": "sts:AssumeRole"})
        assert ask(ALICE, PolicySet(resource=trust), "sts:AssumeRole", ROLE).outcome is ALLOWED
        alone = ask(ALICE, PolicySet(ADMINISTRATOR), "sts:AssumeRole", ROLE)
        assert (alone.outcome, alone.policy_type) == (IMPLICIT, PolicyType.TRUST)

    def test_who_one_is_may_always_be_asked(self) -> None:
        policies = PolicySet(identity(deny("*")), scp=scp([deny("*")]))
        decision = ask(ALICE, policies, "sts:GetCallerIdentity", "*")
        assert (decision.outcome, decision.because) == (ALLOWED, None)

    def test_a_provider_lets_in_those_who_came_through_it(self) -> None:
        provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/Corp"
        trust = policy(
            PolicyType.TRUST,
            {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML"},
            {"Effect": "Deny", "Principal": {"Federated": provider + "2"}, "Action": "sts:*"},
        )

        def outcome(came_through: dict[str, str]) -> Outcome:
            policies = PolicySet(resource=trust)
            return ask(ANONYMOUS, policies, "sts:AssumeRoleWithSAML", ROLE, dict(came_through)).outcome

        assert outcome({"aws:FederatedProvider": provider}) is ALLOWED
        assert outcome({"aws:FederatedProvider": provider + "2"}) is EXPLICIT
        assert outcome({"aws:FederatedProvider": "elsewhere"}) is IMPLICIT
        assert outcome({}) is IMPLICIT


class TestGuardrails:
    def test_every_level_of_scps_must_allow(self) -> None:
        for levels in ([[EVERYTHING], [*SILENT]], [[], [EVERYTHING]], [[EVERYTHING], []]):
            decision = ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION), scp=scp(*levels)))
            assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.SCP)
        assert ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION), scp=scp([EVERYTHING], [EVERYTHING]))).allowed

    def test_within_a_level_one_policy_that_allows_is_enough(self) -> None:
        level = (*scp([*SILENT])[0], *scp([EVERYTHING])[0])
        assert ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION), scp=(level,))).allowed

    @pytest.mark.parametrize("caller", [ALICE, SESSION, VISITOR, ROOT_USER])
    def test_scps_bind_every_principal_of_the_account(self, caller: Principal) -> None:
        policies = PolicySet(ADMINISTRATOR, key(allow(to="*")), scp=scp([deny()]))
        assert ask(caller, policies).policy_type is PolicyType.SCP

    @pytest.mark.parametrize("caller", [LINKED, SERVICE, ANONYMOUS])
    def test_scps_do_not_bind_service_linked_roles_services_and_anonymous_callers(self, caller: Principal) -> None:
        assert ask(caller, PolicySet(ADMINISTRATOR, key(allow(to="*")), scp=scp([deny()]))).outcome is ALLOWED

    @pytest.mark.parametrize("caller", [ALICE, ERIN, SESSION, ROOT_USER, SERVICE, ANONYMOUS])
    def test_rcps_bind_whoever_calls(self, caller: Principal) -> None:
        policies = PolicySet(ADMINISTRATOR, key(allow(to="*")), rcp=rcp(deny(to="*")))
        assert ask(caller, policies).policy_type is PolicyType.RCP

    def test_rcps_need_not_allow(self) -> None:
        assert ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION), rcp=((), ()))).allowed

    def test_rcps_do_not_bind_service_linked_roles(self) -> None:
        assert ask(LINKED, PolicySet(ADMINISTRATOR, key(DELEGATION), rcp=rcp(deny(to="*")))).allowed

    def test_an_endpoint_policy_must_allow(self) -> None:
        def through(*statements: object) -> Outcome:
            endpoint = policy(PolicyType.ENDPOINT, *statements)
            return ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION), endpoint=endpoint)).outcome

        assert through(allow("*", to="*")) is ALLOWED
        assert through(allow("*", to=aws(ROOT))) is ALLOWED
        assert through(allow("*", to=aws(BOB_ARN))) is IMPLICIT
        assert through(allow("s3:*", to="*")) is IMPLICIT

    def test_a_boundary_limits_what_identity_based_policies_grant(self) -> None:
        decision = ask(ALICE, PolicySet(identity(*SILENT), boundary=boundary(allow("kms:*"))), "s3:GetObject", BUCKET)
        assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.BOUNDARY)

    def test_a_federated_user_without_a_session_policy_may_do_nothing_by_itself(self) -> None:
        for told in (None, ()):
            decision = ask(VISITOR, PolicySet(ADMINISTRATOR, key(DELEGATION), session=told))
            assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.SESSION)

    def test_an_empty_list_of_session_policies_is_none(self) -> None:
        assert ask(SESSION, PolicySet(ADMINISTRATOR, key(DELEGATION), session=())).allowed


class TestConditions:
    def test_a_deny_on_another_resource_does_not_apply(self) -> None:
        elsewhere = deny() | {"Resource": "arn:aws:kms:*:*:key/other"}
        assert ask(ALICE, PolicySet(identity(EVERYTHING, elsewhere), key(DELEGATION))).outcome is ALLOWED

    def test_a_deny_that_does_not_apply_does_not_hide_the_statements_after_it(self) -> None:
        elsewhere = deny(to="*") | {"Resource": "arn:aws:kms:*:*:key/other"}
        assert ask(ALICE, PolicySet(resource=key(elsewhere, allow(to=aws(ALICE_ARN))))).outcome is ALLOWED

    @pytest.mark.parametrize(
        "passed_over",
        [
            {"Resource": "arn:aws:kms:*:*:key/other"},
            {"Condition": {"StringEquals": {"aws:PrincipalType": "Nobody"}}},
        ],
        ids=["another resource", "a false condition"],
    )
    def test_a_statement_that_does_not_allow_does_not_hide_the_next(self, passed_over: dict[str, object]) -> None:
        second = allow(Sid="Second") | {"Resource": KEY}
        policies = PolicySet(identity(allow() | passed_over, second), key(DELEGATION))
        because = ask(ALICE, policies).because
        assert because is not None
        assert because.statement is not None
        assert because.statement.sid == "Second"

    @pytest.mark.parametrize(
        "passed_over",
        [
            {"Resource": "arn:aws:kms:*:*:key/other"},
            {"Condition": {"StringEquals": {"aws:PrincipalType": "Nobody"}}},
        ],
        ids=["another resource", "a false condition"],
    )
    def test_a_statement_that_does_not_deny_does_not_hide_the_next(self, passed_over: dict[str, object]) -> None:
        policies = PolicySet(identity(EVERYTHING, deny() | passed_over, deny(Sid="Second")), key(DELEGATION))
        because = ask(ALICE, policies).because
        assert because is not None
        assert because.statement is not None
        assert because.statement.sid == "Second"

    def test_a_condition_aws_cannot_evaluate_does_not_grant_but_denies(self) -> None:
        broken = {"Condition": {"ArnLike": {"aws:SourceArn": "no-arn"}}}
        source = {"aws:SourceArn": "arn:aws:s3:::orders"}
        granted = PolicySet(session=session(allow(**broken)), resource=key(allow(to=aws(DEPLOY_ARN))))
        assert ask(SESSION, granted, context=dict(source)).outcome is IMPLICIT
        denied = PolicySet(session=session(EVERYTHING, deny(**broken)), resource=key(allow(to=aws(DEPLOY_ARN))))
        assert ask(SESSION, denied, context=dict(source)).outcome is EXPLICIT

    def test_actions_compare_without_case_and_look_alikes_are_none(self) -> None:
        policies = PolicySet(identity(allow("KMS:dEcRyPt")), key(DELEGATION))
        assert ask(ALICE, policies, "kms:DECRYPT").outcome is ALLOWED
        assert ask(ALICE, policies, "\u212ams:Decrypt").outcome is IMPLICIT
        every = PolicySet(identity(allow("KMS:Op*")), key(DELEGATION))
        assert ask(ALICE, every, "KMS:OP\u00c9RATION").outcome is ALLOWED

    def test_not_action_and_not_resource_cover_the_rest(self) -> None:
        rest = {"Effect": "Allow", "NotAction": "kms:Encrypt", "NotResource": "arn:aws:kms:*:*:key/other"}
        assert ask(ALICE, PolicySet(identity(rest), key(DELEGATION))).outcome is ALLOWED
        assert ask(ALICE, PolicySet(identity(rest), key(DELEGATION)), "kms:Encrypt").outcome is IMPLICIT

    def test_what_one_request_asked_does_not_show_in_the_next(self) -> None:
        mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
        policies = PolicySet(identity(allow(**mfa)), key(DELEGATION))
        with_mfa, without = {"aws:MultiFactorAuthPresent": "true"}, {"aws:MultiFactorAuthPresent": "false"}
        outcomes = [ask(ALICE, policies, context=dict(context)).outcome for context in (with_mfa, without, with_mfa)]
        assert outcomes == [ALLOWED, IMPLICIT, ALLOWED]

    def test_two_principals_with_one_arn_are_told_apart(self) -> None:
        listed = key(DELEGATION, {"Effect": "Deny", "NotPrincipal": aws(ALICE_ARN), "Action": "*", "Resource": "*"})
        policies = PolicySet(ADMINISTRATOR, listed)
        bounded = replace(ALICE, has_boundary=True)
        assert [ask(caller, policies).outcome for caller in (ALICE, bounded, ALICE)] == [ALLOWED, EXPLICIT, ALLOWED]


def test_the_memory_for_requests_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.policy._compile.MEMORY", 3)
    policies = PolicySet(ADMINISTRATOR, key(DELEGATION, allow("kms:Op1", to=aws(BOB_ARN))))
    for number in range(10):
        assert ask(ALICE, policies, f"kms:Op{number}").outcome is ALLOWED
    assert len(policies._plans.made) <= 3  # type: ignore[union-attr]  # made by the first request


def test_ten_thousand_statements_are_answered() -> None:
    names = [f"arn:aws:iam::{ACCOUNT}:user/u{number}" for number in range(10_000)]
    queue = (allow(f"sqs:Op{at % 50}", to=aws(name)) for at, name in enumerate(names))
    policies = PolicySet(resource=policy(PolicyType.RESOURCE, *queue))
    assert ask(Principal.from_arn(names[9_949]), policies, "sqs:Op49", "*").outcome is ALLOWED
    assert ask(Principal.from_arn(names[9_949]), policies, "sqs:Op48", "*").outcome is IMPLICIT


def test_the_owner_of_a_resource_is_read_from_its_arn() -> None:
    statement = allow(Condition={"StringEquals": {"aws:ResourceAccount": ACCOUNT}})
    assert ask(ALICE, PolicySet(identity(statement), key(DELEGATION)), resource=KEY).allowed


def test_a_request_about_no_resource_has_no_owner() -> None:
    statement = allow(Condition={"Null": {"aws:ResourceAccount": "true"}})
    assert ask(ALICE, PolicySet(identity(statement)), "kms:ListKeys", "*", owner=ACCOUNT).allowed
