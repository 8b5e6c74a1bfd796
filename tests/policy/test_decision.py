"""The reasons a decision carries."""

from __future__ import annotations

import json

import pytest

from sparekey.policy import Effect, Match, Outcome, PolicySet, PolicyType, Principal, parse_policy
from sparekey.unknown import Unknown
from tests.policy.building import (
    ACCOUNT,
    ADMINISTRATOR,
    ALICE,
    ALICE_ARN,
    ANONYMOUS,
    BOB_ARN,
    DELEGATION,
    DEPLOY_ARN,
    KEY,
    LINKED,
    ROOT,
    ROOT_USER,
    SERVICE,
    SESSION,
    SESSION_ARN,
    SILENT,
    UNTOLD,
    VISITOR,
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


def says(principal: Principal, policies: PolicySet, action: str = "kms:Decrypt", resource: str = KEY) -> dict[str, str]:
    """What each layer says, with its note."""
    return {
        layer.policy_type.value: f"{layer.says} {layer.note}".strip()
        for layer in ask(principal, policies, action, resource).layers
    }


class TestTheDecidingStatement:
    def test_it_has_its_place_in_the_source(self) -> None:
        text = json.dumps({"Version": "2012-10-17", "Statement": [DELEGATION, deny(to="*", Sid="Stop")]}, indent=1)
        policies = PolicySet(ADMINISTRATOR, parse_policy(text, type=PolicyType.KEY, file="key.json"))
        because = ask(ALICE, policies).because
        assert because is not None
        assert because.place is not None
        line = text.splitlines()[because.place.line - 1]
        assert (because.place.file, line.strip()) == ("key.json", "{")
        assert '"Deny"' in text.splitlines()[because.place.line]

    def test_a_direct_grant_is_decided_by_the_key_policy(self) -> None:
        decision = ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION, allow(to=aws(ALICE_ARN), Sid="Alice"))))
        assert decision.because is not None
        assert decision.because.statement is not None
        assert (decision.because.statement.sid, decision.policy_type) == ("Alice", PolicyType.KEY)
        assert decision.delegated_by is None

    def test_nothing_is_delegated_where_nothing_is_allowed(self) -> None:
        assert ask(ALICE, PolicySet(resource=key(DELEGATION))).delegated_by is None
        assert ask(ALICE, PolicySet(ADMINISTRATOR), "s3:GetObject", "arn:aws:s3:::b/o").delegated_by is None

    def test_an_implicit_deny_is_nobodys_statement(self) -> None:
        decision = ask(ALICE, PolicySet(resource=key(DELEGATION)))
        assert (decision.because, decision.policy_type) == (None, PolicyType.IDENTITY)


class TestLayers:
    def test_every_type_says_what_it_has_to_say(self) -> None:
        policies = PolicySet(
            identity(*SILENT),
            key(DELEGATION),
            boundary(allow("*")),
            session(allow("*"), deny("kms:*")),
            scp([allow("*")], [*SILENT]),
            rcp(deny(to="*", Condition={"Bool": {"aws:PrincipalIsAWSService": "true"}})),
            policy(PolicyType.ENDPOINT, allow("*", to="*")),
            (grant(DEPLOY_ARN, "Encrypt"),),
        )
        found = [(layer.policy_type, layer.says, layer.note) for layer in ask(SESSION, policies).layers]
        assert found == [
            (PolicyType.SCP, "allows", "level 1 of 2"),
            (PolicyType.SCP, "silent", "level 2 of 2"),
            (PolicyType.RCP, "allows", "level 1 of 1"),
            (PolicyType.ENDPOINT, "allows", ""),
            (PolicyType.KEY, "allows", f"delegates to account {ACCOUNT}"),
            (PolicyType.IDENTITY, "silent", ""),
            (PolicyType.BOUNDARY, "allows", ""),
            (PolicyType.SESSION, "denies", ""),
            (PolicyType.GRANT, "silent", ""),
        ]

    def test_what_does_not_apply_says_why(self) -> None:
        assert says(LINKED, PolicySet(ADMINISTRATOR, key(DELEGATION), scp=scp([deny()])))["service control policy"] == (
            "absent does not apply to service-linked roles"
        )
        service = says(SERVICE, PolicySet(ADMINISTRATOR, key(allow(to="*"))))
        assert service["identity-based policy"] == "absent does not apply to an AWS service"
        assert says(ANONYMOUS, PolicySet())["permissions boundary"] == "absent does not apply to an anonymous caller"
        account_wide = says(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION)), "kms:CreateKey", "*")
        assert account_wide["resource-based policy"] == "absent kms:CreateKey asks identity-based policies only"
        assert says(ALICE, PolicySet(ADMINISTRATOR))["key policy"] == (
            "absent every KMS key has a key policy, and none was given"
        )
        assert says(VISITOR, PolicySet(resource=key(DELEGATION)))["session policy"].startswith(
            "silent a federated user"
        )

    def test_what_does_not_limit_says_so(self) -> None:
        direct = says(ALICE, PolicySet(identity(*SILENT), key(allow(to=aws(ALICE_ARN)))))
        assert direct["identity-based policy"] == "silent does not limit what names the caller itself"
        assert direct["key policy"] == "allows names the caller"
        root = says(ROOT_USER, PolicySet(resource=key(DELEGATION)))
        assert root["identity-based policy"] == "silent does not limit the root user"

    def test_what_is_not_told_says_so(self) -> None:
        untold = PolicySet(UNTOLD, key(DELEGATION), grants=UNTOLD)
        assert says(ALICE, untold)["identity-based policy"] == "unknown what nobody told"
        assert says(ALICE, untold)["grant"] == "unknown what nobody told"
        partly = parse_policy({"Version": "2012-10-17", "Statement": Unknown(("parameter `S`",))})
        assert says(ALICE, PolicySet((partly,), key(DELEGATION)))["identity-based policy"] == "unknown"
        effect = allow() | {"Effect": Unknown(("condition `C`",))}
        assert says(ALICE, PolicySet(identity(effect), key(DELEGATION)))["identity-based policy"] == "unknown"
        when = allow(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
        layers = ask(ALICE, PolicySet(identity(when), key(DELEGATION)), unknown=("aws:*",)).layers
        assert [layer.says for layer in layers if layer.policy_type is PolicyType.IDENTITY] == ["unknown"]

    def test_grants_say_whom_they_let_pass(self) -> None:
        policies = PolicySet(resource=key(DELEGATION), grants=(grant(SESSION_ARN, "Decrypt"),))
        assert says(SESSION, policies)["grant"] == f"allows to `{SESSION_ARN}`"
        any_session = Principal.from_arn(DEPLOY_ARN)
        assert says(any_session, policies)["grant"] == "unknown"

    def test_a_condition_aws_cannot_evaluate_denies(self) -> None:
        broken = deny(Condition={"ArnLike": {"aws:SourceArn": "no-arn"}})
        decision = ask(
            ALICE,
            PolicySet(ADMINISTRATOR, key(DELEGATION), session=session(allow("*"), broken)),
            context={"aws:SourceArn": "arn:aws:s3:::orders"},
        )
        assert [layer.says for layer in decision.layers if layer.policy_type is PolicyType.SESSION] == ["denies"]


class TestNearMisses:
    def test_the_nearest_comes_first(self) -> None:
        decision = ask(
            ALICE,
            PolicySet(
                resource=key(
                    allow("kms:List*", to=aws(BOB_ARN), Sid="Far"),
                    allow(to=aws(BOB_ARN), Sid="Bob"),
                    allow("kms:List*", to=aws(BOB_ARN), Sid="Remote") | {"Resource": "arn:aws:kms:*:*:key/other"},
                )
            ),
        )
        assert [(miss.statement.sid, miss.passed) for miss in decision.near_misses] == [("Bob", 3), ("Far", 2)]
        assert decision.near_misses[0].reason == f"it names `{BOB_ARN}`, not `{ALICE_ARN}`"

    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            (allow("kms:Encrypt", to=aws(ALICE_ARN)), "its Action `kms:Encrypt` does not cover `kms:Decrypt`"),
            (
                {"Effect": "Allow", "Principal": aws(ALICE_ARN), "NotAction": "kms:D*", "Resource": "*"},
                "its NotAction `kms:D*` covers `kms:Decrypt`",
            ),
            (
                allow(to=aws(ALICE_ARN)) | {"Resource": ["arn:aws:kms:*:*:key/a", "arn:aws:kms:*:*:key/b"]},
                f"its Resource `arn:aws:kms:*:*:key/a`, `arn:aws:kms:*:*:key/b` does not cover `{KEY}`",
            ),
            (
                {"Effect": "Allow", "Principal": aws(ALICE_ARN), "Action": "*", "NotResource": "*"},
                f"its NotResource `*` covers `{KEY}`",
            ),
            (
                {"Effect": "Allow", "NotPrincipal": aws(ALICE_ARN), "Action": "*", "Resource": "*"},
                f"its NotPrincipal leaves out `{ALICE_ARN}`",
            ),
        ],
    )
    def test_each_element_says_why_it_does_not_cover_the_request(self, statement: object, reason: str) -> None:
        misses = ask(ALICE, PolicySet(resource=key(statement))).near_misses
        assert [miss.reason for miss in misses] == [reason]

    def test_a_false_condition_shows_both_values(self) -> None:
        condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
        policies = PolicySet(resource=key(allow(to=aws(ALICE_ARN), Condition=condition)))
        reason = ask(ALICE, policies, context={"aws:RequestedRegion": "us-east-1"}).near_misses[0].reason
        assert "`eu-west-1`" in reason
        assert "`us-east-1`" in reason

    def test_several_reasons_stand_side_by_side(self) -> None:
        misses = ask(ALICE, PolicySet(resource=key(allow("kms:Encrypt", to=aws(BOB_ARN))))).near_misses
        assert misses[0].reason == (
            f"it names `{BOB_ARN}`, not `{ALICE_ARN}`; its Action `kms:Encrypt` does not cover `kms:Decrypt`"
        )

    def test_long_lists_are_cut_short(self) -> None:
        names = [f"arn:aws:iam::{ACCOUNT}:user/u{number}" for number in range(5)]
        reason = ask(ALICE, PolicySet(resource=key(allow(to=aws(*names))))).near_misses[0].reason
        assert "and 2 more" in reason

    def test_an_anonymous_caller_has_no_name_to_show(self) -> None:
        reason = ask(ANONYMOUS, PolicySet(resource=key(allow(to=aws(BOB_ARN))))).near_misses[0].reason
        assert reason == f"it names `{BOB_ARN}`, not an anonymous caller"

    def test_nothing_undoes_an_explicit_deny(self) -> None:
        assert ask(ALICE, PolicySet(resource=key(deny(to="*"), allow(to=aws(BOB_ARN))))).near_misses == ()

    def test_an_allowed_request_nearly_met_a_deny(self) -> None:
        nearly = deny(to=aws(BOB_ARN), Sid="Nearly")
        decision = ask(ALICE, PolicySet(ADMINISTRATOR, key(DELEGATION, nearly)))
        assert [miss.statement.sid for miss in decision.near_misses] == ["Nearly"]

    def test_an_undecided_answer_shows_the_statements_that_may_apply(self) -> None:
        maybe = allow(to={"AWS": Unknown(("parameter `Admin`",))}, Sid="Maybe")
        misses = ask(ALICE, PolicySet(resource=key(maybe))).near_misses
        assert [(miss.statement.sid, miss.match, miss.hangs_on) for miss in misses] == [
            ("Maybe", Match.UNKNOWN, ("parameter `Admin`",))
        ]
        assert misses[0].reason == "whether it names the caller hangs on parameter `Admin`"

    def test_only_silent_policies_have_near_misses(self) -> None:
        decision = ask(ALICE, PolicySet(identity(*SILENT), key(DELEGATION, allow(to=aws(BOB_ARN)))))
        assert {miss.policy.type for miss in decision.near_misses} == {PolicyType.IDENTITY}

    def test_actions_that_are_not_told_are_named(self) -> None:
        maybe = allow(to=aws(ALICE_ARN)) | {"Action": Unknown(("parameter `Actions`",))}
        assert ask(ALICE, PolicySet(resource=key(maybe))).near_misses[0].reason == (
            "its actions hang on parameter `Actions`"
        )

    def test_an_old_policy_has_no_variables_to_name(self) -> None:
        made = Unknown(("the id of the key",), ("arn:aws:kms:eu-west-1:111122223333:key/", None))
        old = policy(PolicyType.IDENTITY, allow("*") | {"Resource": KEY}, version="2008-10-17")
        decision = ask(ALICE, PolicySet((old,), key(DELEGATION)), resource=made)
        assert decision.near_misses[0].reason == "its resources hang on the id of the key"

    def test_a_statement_that_can_have_no_effect_says_so(self) -> None:
        inert = {"Effect": "Allow", "Principal": aws(ALICE_ARN), "Action": "*"}
        layer = next(found for found in ask(ALICE, PolicySet(resource=key(inert))).layers if found.examined)
        assert layer.examined[0].reason == "it has no Action or no Resource, so it has no effect"

    def test_a_provider_is_weighed_like_a_name(self) -> None:
        provider = {"Federated": "arn:aws:iam::111122223333:saml-provider/Corp"}
        trust = policy(PolicyType.TRUST, {"Effect": "Allow", "Principal": provider, "Action": "sts:*"})
        role = "arn:aws:iam::111122223333:role/R"
        elsewhere = ask(ANONYMOUS, PolicySet(resource=trust), "sts:AssumeRoleWithSAML", role)
        assert elsewhere.near_misses[0].reason.startswith("it names `arn:aws:iam::111122223333:saml-provider/Corp`")
        untold = ask(ANONYMOUS, PolicySet(resource=trust), "sts:AssumeRoleWithSAML", role, unknown=("aws:*",))
        assert untold.hangs_on == ("context key `aws:FederatedProvider`",)
        assert untold.near_misses[0].statement.effect is Effect.ALLOW
        assert "the identity provider" in untold.near_misses[0].reason
        condition = {"Condition": {"StringEquals": {"SAML:aud": "here"}}}
        meant = {"Effect": "Allow", "Principal": provider, "Action": "sts:*", **condition}
        context = {"aws:FederatedProvider": provider["Federated"], "SAML:aud": "there"}
        conditional = PolicySet(resource=policy(PolicyType.TRUST, meant))
        through = ask(ANONYMOUS, conditional, "sts:AssumeRoleWithSAML", role, dict(context))
        assert through.near_misses[0].reason.startswith("`StringEquals` needs `SAML:aud`")


class TestRenamed:
    def test_a_decision_holds_for_the_same_policy_under_another_name(self) -> None:
        mine, twin = key(allow(to=aws(ALICE_ARN))), key(allow(to=aws(ALICE_ARN)))
        decision = ask(ALICE, PolicySet(resource=mine))
        renamed = decision.renamed(mine, PolicySet(resource=twin))
        assert renamed.because is not None
        assert (renamed.because.policy, renamed.outcome) == (twin, decision.outcome)
        silent = ask(ALICE, PolicySet(resource=mine), "s3:GetObject", "arn:aws:s3:::b/o")
        assert silent.renamed(mine, PolicySet(resource=twin)).because is None

    def test_a_policy_that_had_no_part_in_it_changes_nothing(self) -> None:
        decision = ask(ALICE, PolicySet(resource=key(allow(to=aws(ALICE_ARN)))))
        assert decision.renamed(key(DELEGATION), PolicySet(resource=key(DELEGATION))) is decision


def test_malformed_policies_are_refused() -> None:
    broken = parse_policy({"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}, name="the policy of Bob")
    for field in ("identity", "session"):
        with pytest.raises(ValueError, match="the policy of Bob is malformed"):
            changed(PolicySet(), **{field: (broken,)})
    with pytest.raises(ValueError, match="malformed"):
        PolicySet(boundary=broken)
    with pytest.raises(ValueError, match="malformed"):
        PolicySet(scp=((broken,),))


def test_decisions_and_policies_are_shown_without_their_inner_parts() -> None:
    decision = ask(ALICE, PolicySet(resource=key(allow(to=aws(ROOT)))))
    assert "_policies" not in repr(decision)
    assert decision.outcome is Outcome.IMPLICIT_DENY
