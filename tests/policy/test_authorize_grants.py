"""KMS grants: whom they let do what, and who may retire them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sparekey.policy import (
    ABSENT,
    Decision,
    Grant,
    GrantConstraints,
    GrantRequest,
    Outcome,
    PolicySet,
    PolicyType,
    Principal,
)
from sparekey.unknown import Unknown
from tests.policy.building import (
    ACCOUNT,
    ADMINISTRATOR,
    ALICE,
    ALICE_ARN,
    DELEGATION,
    DEPLOY_ARN,
    ERIN,
    ERIN_ARN,
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
    grant,
    identity,
    key,
    rcp,
    session,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy._request import ContextValue

ALLOWED, EXPLICIT, IMPLICIT = Outcome.ALLOWED, Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY
UNDECIDED = Outcome.UNDECIDED
ERINS_SESSION = Principal.from_arn(f"arn:aws:sts::{OTHER}:assumed-role/Deploy/run-1")
APP = {"app": "orders"}
APP_KEY: Mapping[str, ContextValue] = {"kms:EncryptionContext:app": "orders"}


def with_grants(*grants: Grant, **told: object) -> PolicySet:
    """Grants on a key that delegates to its account, for a caller without identity-based policies."""
    return changed(PolicySet(resource=key(DELEGATION), grants=grants), **told)


def outcome(decision: Decision) -> tuple[Outcome, PolicyType | None]:
    """The outcome and the type of policy that decides it."""
    return decision.outcome, decision.policy_type


@pytest.mark.parametrize(
    ("grantee", "caller", "limits"),
    [
        (ALICE_ARN, ALICE, set()),
        (SESSION_ARN, SESSION, set()),
        (VISITOR_ARN, VISITOR, set()),
        (DEPLOY_ARN, SESSION, {"boundary", "session"}),
        (ALICE_ARN, VISITOR, {"boundary", "session"}),
        (ROOT, SESSION, {"identity", "boundary", "session"}),
        (ACCOUNT, SESSION, {"identity", "boundary", "session"}),
        (ROOT, ROOT_USER, set()),
    ],
)
def test_a_grant_is_limited_like_a_key_policy_that_names_its_grantee(
    grantee: str, caller: Principal, limits: set[str]
) -> None:
    policies = with_grants(grant(grantee, "Decrypt"), identity=ADMINISTRATOR, session=session(allow("*")))
    allowed = ask(caller, policies)
    assert allowed.outcome is ALLOWED
    silent = {"identity": identity(*SILENT), "boundary": boundary(*SILENT), "session": session(*SILENT)}
    only_by_grant = replace(policies, resource=key(allow(to=aws(ERIN_ARN))))
    for limit, policy in silent.items():
        if limit != "session" or caller not in (ALICE, ROOT_USER):
            decision = ask(caller, changed(only_by_grant, **{limit: policy}))
            assert decision.outcome is (IMPLICIT if limit in limits else ALLOWED), limit


def test_the_deciding_grant_is_told() -> None:
    found = grant(SESSION_ARN, "Decrypt")
    because = ask(SESSION, with_grants(found)).because
    assert because is not None
    assert (because.policy_type, because.grant, because.place) == (PolicyType.GRANT, found, None)


def test_a_grant_lets_nobody_else_and_nothing_else_pass() -> None:
    policies = with_grants(grant(SESSION_ARN, "Decrypt"))
    sibling = replace(SESSION, arn=SESSION_ARN.replace("run-1", "run-2"))
    assert outcome(ask(sibling, policies)) == (IMPLICIT, PolicyType.IDENTITY)
    assert outcome(ask(SESSION, policies, "kms:Encrypt")) == (IMPLICIT, PolicyType.IDENTITY)
    assert ask(SESSION, with_grants(grant(SESSION_ARN, "PutKeyPolicy")), "kms:PutKeyPolicy").outcome is IMPLICIT


def test_an_explicit_deny_wins_over_a_grant() -> None:
    policies = with_grants(grant(SESSION_ARN, "Decrypt"), session=session(allow("*"), deny("kms:*")))
    assert outcome(ask(SESSION, policies)) == (EXPLICIT, PolicyType.SESSION)
    guarded = with_grants(grant(SESSION_ARN, "Decrypt", "RetireGrant"), rcp=rcp(deny(to="*")))
    assert outcome(ask(SESSION, guarded)) == (EXPLICIT, PolicyType.RCP)
    assert ask(SESSION, guarded, "kms:RetireGrant").outcome is ALLOWED


def test_a_grant_to_a_service_holds_for_its_source_only() -> None:
    source = "arn:aws:logs:eu-west-1:111122223333:log-group:orders"
    policies = with_grants(grant(SERVICE.arn, "Decrypt", "DescribeKey", source_arn=source))
    for action in ("kms:Decrypt", "kms:DescribeKey"):
        assert ask(SERVICE, policies, action, context={"aws:SourceArn": source}).outcome is ALLOWED
        assert ask(SERVICE, policies, action, context={"aws:SourceArn": source + "2"}).outcome is IMPLICIT
        assert ask(SERVICE, policies, action).outcome is IMPLICIT
        assert ask(SERVICE, policies, action, unknown=("aws:*",)).outcome is UNDECIDED


class TestEncryptionContext:
    @pytest.mark.parametrize(
        ("context", "equals", "subset"),
        [
            (APP_KEY, ALLOWED, ALLOWED),
            ({"KMS:ENCRYPTIONCONTEXT:app": "orders"}, ALLOWED, ALLOWED),
            ({**APP_KEY, "kms:EncryptionContext:stage": "live"}, IMPLICIT, ALLOWED),
            ({**APP_KEY, "kms:EncryptionContext:stage": ABSENT}, ALLOWED, ALLOWED),
            ({"kms:EncryptionContext:App": "orders"}, IMPLICIT, IMPLICIT),
            ({"kms:EncryptionContext:app": "Orders"}, IMPLICIT, IMPLICIT),
            ({"kms:EncryptionContext:app": ("orders",)}, IMPLICIT, IMPLICIT),
            ({"kms:EncryptionContext:app": ABSENT}, IMPLICIT, IMPLICIT),
            ({}, IMPLICIT, IMPLICIT),
            ({"kms:EncryptionContext:app": Unknown(("the app",))}, UNDECIDED, UNDECIDED),
            ({**APP_KEY, "kms:EncryptionContext:stage": Unknown(("the stage",))}, UNDECIDED, ALLOWED),
        ],
    )
    def test_pairs_compare_exactly(self, context: Mapping[str, ContextValue], equals: Outcome, subset: Outcome) -> None:
        assert ask(SESSION, with_grants(grant(SESSION_ARN, "Decrypt", equals=APP)), context=context).outcome is equals
        assert ask(SESSION, with_grants(grant(SESSION_ARN, "Decrypt", subset=APP)), context=context).outcome is subset

    def test_pairs_that_are_not_told_leave_it_open(self) -> None:
        exact = with_grants(grant(SESSION_ARN, "Decrypt", equals=APP))
        some = with_grants(grant(SESSION_ARN, "Decrypt", subset=APP))
        assert ask(SESSION, some, unknown=("kms:EncryptionContext:*",)).outcome is UNDECIDED
        assert ask(SESSION, some, context=APP_KEY, unknown=("kms:EncryptionContext:*",)).outcome is ALLOWED
        decision = ask(SESSION, exact, context=APP_KEY, unknown=("kms:EncryptionContext:*",))
        assert (decision.outcome, decision.hangs_on) == (
            UNDECIDED,
            (f"the constraints of the grant to `{SESSION_ARN}`",),
        )

    def test_it_is_not_asked_to_describe_a_key_or_retire_a_grant(self) -> None:
        policies = with_grants(grant(SESSION_ARN, "DescribeKey", "RetireGrant", equals=APP))
        assert ask(SESSION, policies, "kms:DescribeKey").outcome is ALLOWED
        assert ask(SESSION, policies, "kms:RetireGrant").outcome is ALLOWED


class TestMakingGrants:
    PARENT = grant(SESSION_ARN, "CreateGrant", "Decrypt", subset={"department": "IT"})
    OTHER_PARENT = grant(SESSION_ARN, "Encrypt", subset={"project": "orders"})

    def child(self, *operations: str, **constraints: object) -> Outcome:
        made = GrantRequest(frozenset(operations), GrantConstraints(**constraints))  # type: ignore[arg-type]  # mappings
        policies = with_grants(self.PARENT, self.OTHER_PARENT)
        return ask(SESSION, policies, "kms:CreateGrant", grant_request=made).outcome

    def test_a_child_has_at_most_the_operations_of_one_parent(self) -> None:
        both = {"department": "IT", "project": "orders"}
        assert self.child("Decrypt", encryption_context_equals=both) is ALLOWED
        assert self.child("Encrypt", encryption_context_equals=both) is IMPLICIT
        assert self.child("Decrypt", "Encrypt", encryption_context_equals=both) is IMPLICIT
        assert self.child("CreateGrant", "Decrypt", encryption_context_equals=both) is ALLOWED

    def test_a_child_is_at_least_as_constrained(self) -> None:
        assert self.child("Decrypt") is IMPLICIT
        assert self.child("Decrypt", encryption_context_subset={"department": "IT"}) is ALLOWED
        assert self.child("Decrypt", encryption_context_subset={"department": "IT", "x": "y"}) is ALLOWED
        assert self.child("Decrypt", encryption_context_subset={"department": "HR"}) is IMPLICIT

    def test_a_parent_with_exact_pairs_passes_on_exactly_those(self) -> None:
        parent = grant(SESSION_ARN, "CreateGrant", "Decrypt", equals=APP)

        def child(**constraints: object) -> Outcome:
            made = GrantRequest(frozenset({"Decrypt"}), GrantConstraints(**constraints))  # type: ignore[arg-type]  # mappings
            return ask(SESSION, with_grants(parent), "kms:CreateGrant", grant_request=made).outcome

        assert child(encryption_context_equals=APP) is ALLOWED
        assert child(encryption_context_equals={**APP, "x": "y"}) is IMPLICIT
        assert child(encryption_context_subset=APP) is IMPLICIT

    def test_a_parent_with_a_source_passes_it_on(self) -> None:
        parent = grant(SESSION_ARN, "CreateGrant", "Decrypt", source_arn="arn:aws:s3:::orders")
        context = {"aws:SourceArn": "arn:aws:s3:::orders"}
        for source, expected in (("arn:aws:s3:::orders", ALLOWED), (None, IMPLICIT)):
            made = GrantRequest(frozenset({"Decrypt"}), GrantConstraints(source_arn=source))
            found = ask(SESSION, with_grants(parent), "kms:CreateGrant", context=dict(context), grant_request=made)
            assert found.outcome is expected

    def test_a_child_that_is_not_told_leaves_it_open(self) -> None:
        assert ask(SESSION, with_grants(self.PARENT), "kms:CreateGrant").outcome is UNDECIDED


class TestAcrossAccounts:
    THEIRS = ERINS_SESSION.arn

    @pytest.mark.parametrize("operation", ["DescribeKey", "RetireGrant"])
    def test_a_grant_by_the_keys_owner_needs_the_callers_side_too(self, operation: str) -> None:
        owners = grant(self.THEIRS, operation)
        action = f"kms:{operation}"
        assert outcome(ask(ERINS_SESSION, with_grants(owners), action)) == (IMPLICIT, PolicyType.IDENTITY)
        assert ask(ERINS_SESSION, with_grants(owners, identity=ADMINISTRATOR), action).outcome is ALLOWED
        limited = with_grants(owners, identity=ADMINISTRATOR, session=session(*SILENT))
        assert outcome(ask(ERINS_SESSION, limited, action)) == (IMPLICIT, PolicyType.SESSION)

    @pytest.mark.parametrize("issuer", [OTHER, f"arn:aws:iam::{OTHER}:root"])
    def test_a_grant_by_the_callers_own_account_acts_as_at_home(self, issuer: str) -> None:
        own = grant(self.THEIRS, "DescribeKey", issuing_account=issuer)
        assert ask(ERINS_SESSION, with_grants(own), "kms:DescribeKey").outcome is ALLOWED
        silent = with_grants(own, session=session(*SILENT))
        assert ask(ERINS_SESSION, silent, "kms:DescribeKey").outcome is ALLOWED

    def test_a_grant_to_the_role_names_the_session_policy_first(self) -> None:
        for issuer in (OTHER, ACCOUNT):
            to_role = grant(f"arn:aws:iam::{OTHER}:role/Deploy", "Encrypt", issuing_account=issuer)
            decision = ask(ERINS_SESSION, with_grants(to_role, session=session(*SILENT)), "kms:Encrypt")
            assert outcome(decision) == (IMPLICIT, PolicyType.SESSION)


class TestRetiring:
    def test_the_retiring_principal_may(self) -> None:
        policies = with_grants(grant(ERIN_ARN, "Decrypt", retiring_principal=ALICE_ARN))
        assert ask(ALICE, policies, "kms:RetireGrant").outcome is ALLOWED

    def test_the_grantee_may_if_it_is_listed(self) -> None:
        assert ask(ALICE, with_grants(grant(ALICE_ARN, "RetireGrant")), "kms:RetireGrant").outcome is ALLOWED
        decision = ask(ALICE, with_grants(grant(ALICE_ARN, "Decrypt")), "kms:RetireGrant")
        assert outcome(decision) == (IMPLICIT, PolicyType.IDENTITY)

    def test_the_account_that_made_it_may_and_delegates_in_iam(self) -> None:
        made = with_grants(grant(ERIN_ARN, "Decrypt"))
        assert ask(ROOT_USER, made, "kms:RetireGrant").outcome is ALLOWED
        assert ask(ALICE, replace(made, identity=ADMINISTRATOR), "kms:RetireGrant").outcome is ALLOWED
        assert ask(ALICE, made, "kms:RetireGrant").outcome is IMPLICIT
        elsewhere = with_grants(grant(ERIN_ARN, "Decrypt", issuing_account=OTHER), identity=ADMINISTRATOR)
        assert ask(ALICE, elsewhere, "kms:RetireGrant").outcome is IMPLICIT
        assert ask(ERIN, elsewhere, "kms:RetireGrant").outcome is ALLOWED

    def test_an_allow_in_the_key_policy_does_not_help_but_a_deny_works(self) -> None:
        allowed = PolicySet(ADMINISTRATOR, key(allow(to=aws(ALICE_ARN))))
        assert outcome(ask(ALICE, allowed, "kms:RetireGrant")) == (IMPLICIT, PolicyType.KEY)
        denied = with_grants(grant(ALICE_ARN, "RetireGrant"), resource=key(DELEGATION, deny("kms:*", to="*")))
        assert outcome(ask(ALICE, denied, "kms:RetireGrant")) == (EXPLICIT, PolicyType.KEY)


class TestUnknownGrants:
    UNTOLD = Unknown(("the grants on the key",))

    def test_they_may_allow_what_a_grant_can_allow(self) -> None:
        policies = PolicySet(resource=key(DELEGATION), grants=self.UNTOLD)
        decision = ask(ALICE, policies)
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("the grants on the key allowing kms:Decrypt",))
        assert ask(ALICE, policies, "kms:PutKeyPolicy").outcome is IMPLICIT
        assert ask(ERIN, policies).outcome is UNDECIDED

    def test_they_never_deny(self) -> None:
        policies = PolicySet(ADMINISTRATOR, key(DELEGATION), grants=self.UNTOLD)
        assert ask(ALICE, policies).outcome is ALLOWED

    def test_a_grantee_that_may_be_the_caller_leaves_it_open(self) -> None:
        any_session = Principal.from_arn(DEPLOY_ARN)
        decision = ask(any_session, with_grants(grant(SESSION_ARN, "Decrypt")))
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, (f"to whom `{SESSION_ARN}` refers",))

    def test_they_concern_kms_only(self) -> None:
        policies = PolicySet(grants=(grant(ALICE_ARN, "Decrypt"),))
        assert ask(ALICE, policies, "s3:GetObject", "arn:aws:s3:::b/o").outcome is IMPLICIT
        service = PolicySet(resource=key(allow(to=aws(ALICE_ARN))), grants=self.UNTOLD)
        assert ask(SERVICE, service).outcome is UNDECIDED
