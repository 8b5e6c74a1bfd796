"""What is not told: an answer is decided only if no way of filling in the blanks contradicts it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparekey.policy import ABSENT, Outcome, PolicySet, PolicyType, Principal, authorize, parse_policy
from sparekey.policy._request import Request, RequestContext
from sparekey.unknown import Unknown
from tests.policy.building import (
    ADMINISTRATOR,
    ALICE,
    ALICE_ARN,
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
    UNTOLD,
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
    policy,
    rcp,
    scp,
    session,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy._request import ContextValue

ALLOWED, EXPLICIT, IMPLICIT = Outcome.ALLOWED, Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY
UNDECIDED = Outcome.UNDECIDED


class TestPoliciesThatAreNotTold:
    def test_identity_based_policies_may_allow_what_the_key_policy_delegates(self) -> None:
        untold = Unknown(("the identity policies of role/Deploy",))
        decision = ask(SESSION, PolicySet(untold, key(DELEGATION)), "kms:PutKeyPolicy")
        assert decision.outcome is UNDECIDED
        assert decision.hangs_on == ("the identity policies of role/Deploy allowing kms:PutKeyPolicy",)
        assert (decision.because, decision.message, decision.allowed) == (None, None, False)

    def test_identity_based_policies_may_deny_what_the_key_policy_grants(self) -> None:
        decision = ask(ALICE, PolicySet(Unknown(()), key(allow(to=aws(ALICE_ARN)))))
        assert decision.outcome is UNDECIDED
        assert decision.hangs_on == ("the identity policies of user/Alice not denying kms:Decrypt",)

    def test_identity_based_policies_do_not_matter_if_the_key_policy_lets_nobody_in(self) -> None:
        decision = ask(ALICE, PolicySet(UNTOLD, key(allow(to=aws(BOB_ARN)))))
        assert (decision.outcome, decision.policy_type, decision.hangs_on) == (IMPLICIT, PolicyType.KEY, ())

    def test_an_explicit_deny_stands_whatever_is_not_told(self) -> None:
        policies = PolicySet(UNTOLD, key(deny(to="*", Sid="Stop")), UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD)
        decision = ask(ALICE, policies)
        assert decision.outcome is EXPLICIT
        assert decision.because is not None
        assert decision.because.statement is not None
        assert decision.because.statement.sid == "Stop"

    @pytest.mark.parametrize(
        ("field", "named"),
        [
            ("boundary", "the permissions boundary of user/Alice allowing kms:Decrypt"),
            ("session", "the session policies of user/Alice allowing kms:Decrypt"),
            ("scp", "the service control policies allowing kms:Decrypt"),
            ("rcp", "the resource control policies not denying kms:Decrypt"),
            ("endpoint", "the VPC endpoint policy allowing kms:Decrypt"),
            ("resource", "the key policy allowing kms:Decrypt"),
            ("identity", "the identity policies of user/Alice allowing kms:Decrypt"),
        ],
    )
    def test_each_type_is_named(self, field: str, named: str) -> None:
        policies = changed(PolicySet(ADMINISTRATOR, key(DELEGATION)), **{field: Unknown(())})
        decision = ask(ALICE, policies)
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, (named,))

    def test_another_services_policy_is_named_as_such(self) -> None:
        decision = ask(ALICE, PolicySet(resource=Unknown(())), "s3:GetObject", "arn:aws:s3:::orders/1")
        assert decision.hangs_on == ("the resource-based policy allowing s3:GetObject",)

    def test_what_must_allow_comes_before_what_must_not_deny(self) -> None:
        policies = PolicySet(Unknown(("the identity",)), key(DELEGATION), rcp=Unknown(("the RCPs",)))
        assert ask(ALICE, policies).hangs_on == (
            "the identity allowing kms:Decrypt",
            "the RCPs not denying kms:Decrypt",
        )

    def test_the_shortest_way_comes_first(self) -> None:
        admin = Unknown(("parameter `Admin`",))
        policies = PolicySet(
            Unknown(("the identity",)), key(allow(to={"AWS": [ROOT, admin]})), boundary=Unknown(("the boundary",))
        )
        assert ask(ALICE, policies).hangs_on == (
            "parameter `Admin`",
            "the identity allowing kms:Decrypt",
            "the boundary allowing kms:Decrypt",
        )

    def test_a_missing_scp_allow_decides_though_identity_is_not_told(self) -> None:
        decision = ask(ALICE, PolicySet(UNTOLD, key(DELEGATION), scp=scp([*SILENT])))
        assert (decision.outcome, decision.policy_type) == (IMPLICIT, PolicyType.SCP)

    def test_an_scp_that_is_not_told_does_not_concern_a_service_linked_role(self) -> None:
        assert ask(LINKED, PolicySet(ADMINISTRATOR, key(DELEGATION), scp=UNTOLD)).outcome is ALLOWED

    def test_a_policy_of_which_the_statements_are_not_told_may_say_anything(self) -> None:
        part = parse_policy({"Version": "2012-10-17", "Statement": Unknown(("parameter `Statements`",))})
        decision = ask(ALICE, PolicySet((*identity(*SILENT), part), key(DELEGATION)))
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("parameter `Statements`",))
        whole = parse_policy(Unknown(("import `KeyPolicy`",)), type=PolicyType.KEY)
        decision = ask(ALICE, PolicySet(ADMINISTRATOR, whole))
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("import `KeyPolicy`",))
        endpoint = replace(whole, type=PolicyType.ENDPOINT)
        assert ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION), endpoint=endpoint)).outcome is UNDECIDED


class TestStatementsThatAreNotTold:
    def test_an_effect_that_is_not_told_may_be_either(self) -> None:
        either = allow(to=aws(ALICE_ARN)) | {"Effect": Unknown(("condition `IsProd`",))}
        for statements in ((either,), (DELEGATION, either)):
            decision = ask(ALICE, PolicySet(ADMINISTRATOR, key(*statements)))
            assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("condition `IsProd`",))
        maybe = allow() | {"Effect": Unknown(("condition `IsProd`",))}
        assert ask(ALICE, PolicySet(identity(maybe), key(DELEGATION))).hangs_on == ("condition `IsProd`",)

    def test_an_element_that_is_not_told_may_cover_the_request(self) -> None:
        for element in ("Action", "Resource"):
            partly = allow(to=aws(ALICE_ARN)) | {element: Unknown((f"parameter `{element}`",))}
            decision = ask(ALICE, PolicySet(resource=key(partly)))
            assert (decision.outcome, decision.hangs_on) == (UNDECIDED, (f"parameter `{element}`",))

    def test_a_deny_of_actions_that_are_not_told_may_deny(self) -> None:
        partly = deny(to="*") | {"Action": Unknown(("parameter `Action`",), ("kms:", None))}
        decision = ask(ALICE, PolicySet(resource=key(allow(to=aws(ALICE_ARN)), partly)))
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("parameter `Action`",))

    def test_a_key_that_no_untold_family_holds_is_absent(self) -> None:
        network = allow(to=aws(ALICE_ARN), Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})
        assert ask(ALICE, PolicySet(resource=key(network)), unknown=("kms:*",)).outcome is IMPLICIT

    def test_an_element_that_is_known_rules_the_statement_out(self) -> None:
        elsewhere = allow("kms:Encrypt", to=aws(ALICE_ARN)) | {"Resource": Unknown(("parameter `Resource`",))}
        assert ask(ALICE, PolicySet(resource=key(elsewhere))).outcome is IMPLICIT

    def test_a_condition_on_a_key_that_is_not_told_is_named_as_it_is_written(self) -> None:
        network = allow(to=aws(ALICE_ARN), Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})
        decision = ask(ALICE, PolicySet(resource=key(network)), unknown=("aws:*",))
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("context key `aws:SourceIp`",))

    def test_a_key_the_policies_do_not_spell_is_named_as_it_is_looked_up(self) -> None:
        own = allow("*") | {"Resource": "arn:aws:s3:::orders/${aws:PrincipalTag/Team}/*"}
        decision = ask(ALICE, PolicySet(identity(own)), "s3:GetObject", "arn:aws:s3:::orders/red/1", unknown=("aws:*",))
        assert decision.outcome is UNDECIDED
        assert decision.hangs_on[0].lower() == "context key `aws:principaltag/team`"

    def test_a_resource_that_is_not_told_in_full_may_be_covered(self) -> None:
        made = Unknown(("the id of the key",), ("arn:aws:kms:eu-west-1:111122223333:key/", None))
        one = identity(allow() | {"Resource": KEY})
        every = identity(allow() | {"Resource": "arn:aws:kms:*:*:key/*"})
        assert ask(ALICE, PolicySet(every, key(DELEGATION)), resource=made).outcome is ALLOWED
        decision = ask(ALICE, PolicySet(one, key(DELEGATION)), resource=made)
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("the id of the key",))
        assert ask(ERIN, PolicySet(every, key(DELEGATION)), resource=made).policy_type is PolicyType.KEY

    def test_a_resource_that_may_be_excepted_leaves_a_deny_of_the_rest_open(self) -> None:
        excepted = Unknown(("parameter `Key`",), ("arn:aws:kms:eu-west-1:111122223333:key/", None))
        rest = {"Effect": "Deny", "Action": "kms:*", "NotResource": excepted}
        decision = ask(ALICE, PolicySet(identity(allow(), rest), key(DELEGATION)))
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("parameter `Key`",))

    def test_an_action_that_may_be_excepted_leaves_a_deny_of_the_rest_open(self) -> None:
        rest = {"Effect": "Deny", "NotAction": Unknown(("parameter `Verb`",), ("kms:", None)), "Resource": "*"}
        decision = ask(ALICE, PolicySet(identity(allow(), rest), key(DELEGATION)))
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("parameter `Verb`",))

    def test_a_condition_beside_a_resource_that_is_not_told(self) -> None:
        made = Unknown(("the id of the key",), ("arn:aws:kms:eu-west-1:111122223333:key/", None))
        never = deny(Condition={"StringEquals": {"aws:PrincipalType": "Nobody"}}) | {"Resource": KEY}
        policies = PolicySet(identity(allow(), never), key(DELEGATION))
        assert ask(ALICE, policies, resource=made).outcome is ALLOWED
        always = deny(Condition={"StringEquals": {"aws:PrincipalType": "User"}}) | {"Resource": KEY}
        decision = ask(ALICE, PolicySet(identity(allow(), always), key(DELEGATION)), resource=made)
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("the id of the key",))

    def test_a_provider_that_is_not_told_may_be_the_one_the_caller_came_through(self) -> None:
        some = {"Federated": [Unknown(("parameter `Provider`",), ("arn:aws:iam::111122223333:saml-provider/", None))]}
        told = {"Federated": "arn:aws:iam::111122223333:saml-provider/Corp"}
        role = "arn:aws:iam::111122223333:role/Deploy"
        corp = {"aws:FederatedProvider": "arn:aws:iam::111122223333:saml-provider/Corp"}

        def outcome(
            named: object, context: Mapping[str, ContextValue], unknown: tuple[str, ...] = (), **more: object
        ) -> Outcome:
            statement = {"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRoleWithSAML", **more}
            trust = PolicySet(resource=policy(PolicyType.TRUST, statement))
            anonymous = Principal.from_arn("*")
            return ask(anonymous, trust, "sts:AssumeRoleWithSAML", role, context, unknown).outcome

        condition = {"StringEquals": {"SAML:aud": "here"}}
        assert outcome(some, dict(corp)) is UNDECIDED
        assert outcome(some, {}) is IMPLICIT
        assert outcome(told, {}, ("aws:*",)) is UNDECIDED
        assert outcome(some, {**corp, "SAML:aud": "here"}, Condition=condition) is UNDECIDED
        assert outcome(told, {**corp, "SAML:aud": "here"}, Condition=condition) is ALLOWED
        assert outcome(told, dict(corp), Condition=condition) is IMPLICIT


NAMED = [aws(ROOT), aws(ALICE_ARN), aws(DEPLOY_ARN), aws(SESSION_ARN), aws(VISITOR_ARN), aws(ERIN_ARN), aws(OTHER), "*"]
ACTIONS = ["kms:Decrypt", "kms:PutKeyPolicy"]
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
NO_MFA = {"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
ALIAS = {"Condition": {"StringLike": {"kms:RequestAlias": "alias/o*"}}}
CALLERS = [ALICE, SESSION, VISITOR, ROOT_USER, ERIN, LINKED, SERVICE]

effects = st.sampled_from([allow, deny])
actions = st.sampled_from([*ACTIONS, "kms:*", "s3:*"])
conditions = st.sampled_from([{}, {}, MFA, NO_MFA, ALIAS])
unnamed = st.builds(lambda effect, action, more: effect(action, **more), effects, actions, conditions)
named = st.builds(lambda statement, to: {**statement, "Principal": to}, unnamed, st.sampled_from(NAMED))
#: For each type of policy: what it may be filled in with.
FILLINGS = {
    "identity": st.lists(unnamed, max_size=2).map(lambda found: identity(*found) if found else ()),
    "resource": st.lists(named, min_size=1, max_size=3).map(lambda found: key(*found)),
    "boundary": st.one_of(st.none(), st.lists(unnamed, min_size=1, max_size=2).map(lambda found: boundary(*found))),
    "session": st.one_of(st.none(), st.lists(unnamed, min_size=1, max_size=2).map(lambda found: session(*found))),
    "scp": st.one_of(st.none(), st.lists(unnamed, max_size=2).map(lambda found: scp(found, [allow("*")]))),
    "rcp": st.one_of(st.none(), st.builds(lambda action, more: rcp(deny(action, to="*", **more)), actions, conditions)),
    "endpoint": st.one_of(
        st.none(), st.lists(named, min_size=1, max_size=2).map(lambda found: policy(PolicyType.ENDPOINT, *found))
    ),
    "grants": st.sampled_from([(), (grant(SESSION_ARN, "Decrypt"),), (grant(ERIN_ARN, "Decrypt", subset={"a": "b"}),)]),
}
CONTEXT: dict[str, list[ContextValue]] = {
    "aws:MultiFactorAuthPresent": ["true", "false", ABSENT],
    "kms:RequestAlias": ["alias/orders", "alias/x", ABSENT],
    "kms:EncryptionContext:a": ["b", ABSENT],
}


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_filling_in_the_blanks_never_contradicts_a_decided_answer(data: st.DataObject) -> None:
    fillings = {field: data.draw(filling) for field, filling in FILLINGS.items()}
    blank = data.draw(st.sets(st.sampled_from(sorted(FILLINGS)), max_size=3))
    untold_keys = data.draw(st.sets(st.sampled_from(sorted(CONTEXT))))
    by_pattern = data.draw(st.booleans())
    values = {name: data.draw(st.sampled_from(choices)) for name, choices in CONTEXT.items() if name not in untold_keys}
    caller, action = data.draw(st.sampled_from(CALLERS)), data.draw(st.sampled_from(ACTIONS))

    told = {field: UNTOLD if field in blank else filling for field, filling in fillings.items()}
    unknown = tuple(untold_keys) if by_pattern else ()
    open_values = {} if by_pattern else dict.fromkeys(untold_keys, UNTOLD)
    context = RequestContext({**values, **open_values}, unknown)
    decision = authorize(Request(caller, action, KEY, context), changed(PolicySet(), **told))

    assert (decision.outcome is UNDECIDED) == bool(decision.hangs_on)
    completions = itertools.product(*(CONTEXT[name] for name in sorted(untold_keys)))
    for completion in completions:
        filled = RequestContext({**values, **dict(zip(sorted(untold_keys), completion, strict=True))})
        final = authorize(Request(caller, action, KEY, filled), changed(PolicySet(), **fillings))
        assert final.outcome is not UNDECIDED
        if decision.outcome is ALLOWED:
            assert final.outcome is ALLOWED
        elif decision.outcome is EXPLICIT:
            assert final.outcome is EXPLICIT
        elif decision.outcome is IMPLICIT:
            assert final.outcome is not ALLOWED
