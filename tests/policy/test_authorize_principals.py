"""Whom a Principal or NotPrincipal element names, and what a principal implies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparekey.policy import ABSENT, Outcome, PolicySet, PolicyType, Principal, PrincipalKind
from sparekey.policy._context import implied_by, implied_for, may_hold
from sparekey.policy._evaluate import could_be, overlap
from sparekey.policy._request import Request, RequestContext
from sparekey.unknown import Unknown
from tests.policy.building import (
    ACCOUNT,
    ADMINISTRATOR,
    ALICE,
    ALICE_ARN,
    ANONYMOUS,
    BOB_ARN,
    DEPLOY_ARN,
    ERIN,
    KEY,
    LINKED,
    OTHER,
    ROOT,
    ROOT_USER,
    SERVICE,
    SESSION,
    SESSION_ARN,
    VISITOR,
    VISITOR_ARN,
    allow,
    ask,
    aws,
    boundary,
    changed,
    identity,
    key,
    policy,
    session,
)

ALLOWED, EXPLICIT, IMPLICIT = Outcome.ALLOWED, Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY
UNDECIDED = Outcome.UNDECIDED
PATHLESS = Principal.from_arn(SESSION_ARN)
EVERYONE = (ALICE, SESSION, LINKED, VISITOR, ROOT_USER, ERIN, SERVICE, ANONYMOUS)


def grants(named: object, caller: Principal) -> Outcome:
    """The outcome for a caller that needs nothing but to be named."""
    policies = PolicySet(ADMINISTRATOR, key(allow(to=named)), session=session(allow("*")))
    return ask(caller, policies).outcome


@pytest.mark.parametrize(
    ("named", "callers"),
    [
        ("*", EVERYONE),
        (aws("*"), EVERYONE),
        (aws(ROOT), (ALICE, SESSION, LINKED, VISITOR, ROOT_USER)),
        (aws(ACCOUNT), (ALICE, SESSION, LINKED, VISITOR, ROOT_USER)),
        (aws(ALICE_ARN), (ALICE, VISITOR)),
        (aws(DEPLOY_ARN), (SESSION, LINKED)),
        (aws(SESSION_ARN), (SESSION, LINKED)),
        (aws(VISITOR_ARN), (VISITOR,)),
        (aws(OTHER), (ERIN,)),
        ({"Service": "logs.eu-west-1.amazonaws.com"}, (SERVICE,)),
        ({"Service": "logs.amazonaws.com"}, ()),
        (aws(SESSION_ARN.replace("run-1", "run-2")), ()),
        (aws(ALICE_ARN.replace("Alice", "alice")), ()),
        (aws(ALICE_ARN.replace("arn:aws:", "arn:aws-cn:")), ()),
        (aws("AIDAEXAMPLEEXAMPLEEXA"), ()),
    ],
)
def test_a_principal_element_names_exactly(named: object, callers: tuple[Principal, ...]) -> None:
    element = {"Principal": named}
    if named == aws("AIDAEXAMPLEEXAMPLEEXA"):
        queue = policy(PolicyType.RESOURCE, allow("*") | element)
        assert ask(ERIN, PolicySet(ADMINISTRATOR, queue), "sqs:SendMessage", "*", owner=ACCOUNT).outcome is IMPLICIT
        return
    for caller in EVERYONE:
        assert grants(named, caller) is (ALLOWED if caller in callers else IMPLICIT), caller


def test_an_account_is_named_in_the_partition_of_its_principals() -> None:
    chinese = Principal.from_arn(ALICE_ARN.replace("arn:aws:", "arn:aws-cn:"))
    delegating = PolicySet(ADMINISTRATOR, key(allow(to=aws(ROOT.replace("arn:aws:", "arn:aws-cn:")))))
    assert ask(chinese, delegating).outcome is ALLOWED
    assert ask(chinese, PolicySet(ADMINISTRATOR, key(allow(to=aws(ROOT))))).outcome is IMPLICIT


def test_a_role_names_its_session_though_the_path_is_not_told() -> None:
    assert grants(aws(DEPLOY_ARN), PATHLESS) is ALLOWED
    assert grants(aws(f"arn:aws:iam::{ACCOUNT}:role/Deploy"), PATHLESS) is ALLOWED
    assert grants(aws(f"arn:aws:iam::{ACCOUNT}:role/ci/Deployer"), PATHLESS) is IMPLICIT
    assert grants(aws(f"arn:aws:iam::{ACCOUNT}:role/ci/ReDeploy"), PATHLESS) is IMPLICIT
    assert grants(aws(f"arn:aws:iam::{OTHER}:role/ci/Deploy"), PATHLESS) is IMPLICIT
    assert grants(aws(f"arn:aws:iam::{ACCOUNT}:role/Deploy"), SESSION) is IMPLICIT


def test_a_role_that_stands_for_any_session_may_be_the_one_that_is_named() -> None:
    any_session = Principal.from_arn(DEPLOY_ARN)
    assert grants(aws(DEPLOY_ARN), any_session) is ALLOWED
    silent_boundary = PolicySet(ADMINISTRATOR, key(allow(to=aws(SESSION_ARN))), boundary=boundary(allow("s3:*")))
    decision = ask(any_session, silent_boundary)
    assert decision.outcome is UNDECIDED
    assert decision.hangs_on == (f"the session name of `{DEPLOY_ARN}`",)
    elsewhere = ask(any_session, PolicySet(ADMINISTRATOR, key(allow(to=aws(SESSION_ARN.replace("Deploy", "Other"))))))
    assert elsewhere.outcome is IMPLICIT


def test_a_role_whose_path_is_not_told_stands_for_any_of_its_sessions() -> None:
    role = replace(Principal.from_arn(DEPLOY_ARN), role_arn=Unknown(("the path of the role",)))
    assert grants(aws(DEPLOY_ARN), role) is ALLOWED
    assert grants(aws(SESSION_ARN), role) is UNDECIDED
    assert grants(aws(SESSION_ARN.replace("Deploy", "Other")), role) is IMPLICIT


def test_a_federated_user_may_be_any_user_of_its_account() -> None:
    visitor = Principal.from_arn(VISITOR_ARN)
    decision = ask(visitor, PolicySet(ADMINISTRATOR, key(allow(to=aws(ALICE_ARN))), session=session(allow("*"))))
    assert (decision.outcome, decision.hangs_on) == (UNDECIDED, (f"the user behind `{VISITOR_ARN}`",))
    anyone = ask(replace(visitor, user_arn=None), PolicySet(resource=key(allow(to=aws(ALICE_ARN)))))
    assert anyone.outcome is IMPLICIT  # without a session policy it makes no difference
    assert grants(aws(f"arn:aws:iam::{OTHER}:user/Alice"), visitor) is IMPLICIT
    nobody = replace(visitor, user_arn=None)
    decision = ask(nobody, PolicySet(ADMINISTRATOR, key(allow(to=aws(ALICE_ARN))), session=session(allow("*"))))
    assert (decision.outcome, decision.hangs_on) == (UNDECIDED, (f"the user behind `{VISITOR_ARN}`",))


class TestUnknownPrincipals:
    def test_a_principal_that_is_not_told_may_be_the_caller(self) -> None:
        admin = Unknown(("parameter `Admin`",))
        decision = ask(ALICE, PolicySet(resource=key(allow(to={"AWS": admin}))))
        assert (decision.outcome, decision.hangs_on) == (UNDECIDED, ("parameter `Admin`",))

    def test_what_is_known_of_it_can_rule_the_caller_out(self) -> None:
        def outcome(caller: Principal, *pieces: str | None) -> Outcome:
            admin = Unknown(("parameter `Admin`",), pieces)
            return ask(caller, PolicySet(resource=key(allow(to={"AWS": admin})))).outcome

        assert outcome(ALICE, f"arn:aws:iam::{ACCOUNT}:role/", None) is IMPLICIT
        assert outcome(ALICE, f"arn:aws:iam::{ACCOUNT}:user/", None) is UNDECIDED
        assert outcome(ALICE, None, "/Bob") is IMPLICIT
        assert outcome(ALICE, "arn:", None, ":user/", None, "ice") is UNDECIDED
        assert outcome(ALICE, "arn:", None, ":group/", None, "ice") is IMPLICIT
        assert outcome(PATHLESS, f"arn:aws:iam::{ACCOUNT}:role/", None) is UNDECIDED
        assert outcome(PATHLESS, f"arn:aws:iam::{ACCOUNT}:user/", None) is IMPLICIT
        assert outcome(SERVICE, "arn:", None) is IMPLICIT
        assert outcome(ANONYMOUS, "arn:", None) is IMPLICIT

    def test_a_text_that_may_be_a_star_may_name_everyone(self) -> None:
        admin = Unknown(("parameter `Prefix`",), (None, "*"))
        assert ask(ANONYMOUS, PolicySet(resource=key(allow(to={"AWS": admin})))).outcome is UNDECIDED

    def test_a_role_that_is_not_told_in_full_does_not_delegate_to_its_account(self) -> None:
        some_role = Unknown(("parameter `Role`",), (f"arn:aws:iam::{ACCOUNT}:role/", None))
        assert ask(ALICE, PolicySet(ADMINISTRATOR, key(allow(to={"AWS": some_role})))).outcome is IMPLICIT

    def test_an_account_id_that_is_not_told_may_be_the_callers(self) -> None:
        some_account = Unknown(("parameter `Account`",), ("1111", None))
        decision = ask(ALICE, PolicySet(ADMINISTRATOR, key(allow(to={"AWS": some_account}))))
        assert decision.outcome is UNDECIDED

    def test_a_service_that_is_not_told_may_be_the_caller(self) -> None:
        some = Unknown(("parameter `Service`",), (None, ".amazonaws.com"))
        assert ask(SERVICE, PolicySet(resource=key(allow(to={"Service": some})))).outcome is UNDECIDED

    def test_what_this_deployment_makes_is_nobody_who_exists(self) -> None:
        made = Unknown(("role `New`",), (f"arn:aws:iam::{ACCOUNT}:role/", None), fresh=True)
        assert ask(SESSION, PolicySet(resource=key(allow(to={"AWS": made})))).outcome is IMPLICIT
        assert ask(PATHLESS, PolicySet(resource=key(allow(to={"AWS": made})))).outcome is IMPLICIT

    def test_a_whole_element_that_is_not_told_may_name_anybody(self) -> None:
        whole = Unknown(("parameter `Principals`",))
        for caller in EVERYONE:
            policies = PolicySet(ADMINISTRATOR, key(allow(to=whole)), session=session(allow("*")))
            assert ask(caller, policies).hangs_on == ("parameter `Principals`",)

    def test_a_canonical_user_may_be_the_callers_account(self) -> None:
        element = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
        bucket = policy(PolicyType.RESOURCE, allow("s3:*", to=element))
        decision = ask(ERIN, PolicySet(ADMINISTRATOR, bucket), "s3:GetObject", "arn:aws:s3:::b/o", owner=ACCOUNT)
        assert decision.outcome is UNDECIDED
        assert "canonical user" in decision.hangs_on[0]

    def test_known_texts_fit_the_holes_or_do_not(self) -> None:
        def fits(text: str, *pieces: str | None) -> bool:
            return could_be(Unknown((), pieces), text)

        assert fits("abc", None)
        assert fits("abc", "abc")
        assert not fits("abc", "ab")
        assert fits("abcabc", "a", None, "ca", None, "c")
        assert not fits("abc", "abc", None, "c")
        assert not fits("abc", "a", None, "x", None, "c")
        assert not could_be(Unknown((), fresh=True), "abc")

    def test_a_hole_may_be_empty(self) -> None:
        assert could_be(Unknown((), ("a", None, "b")), "ab")
        assert could_be(Unknown((), (None, "a", None)), "a")

    def test_known_texts_stand_one_after_the_other(self) -> None:
        def fits(text: str, *pieces: str | None) -> bool:
            return could_be(Unknown((), pieces), text)

        assert fits("abca", None, "a", None, "b", None)
        assert fits("abab", None, "b", None, "b", None)
        assert not fits("ab", None, "b", None, "b", None)
        assert not fits("ab", None, "b", None, "a", None)
        assert not fits("abc", "ab", None, "b", None)
        assert not fits("abc", None, "b", None, "bc")

    def test_texts_known_in_part_overlap_where_nothing_known_contradicts(self) -> None:
        def both(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> bool:
            found = overlap(Unknown((), one), Unknown((), other))
            assert overlap(Unknown((), other), Unknown((), one)) is found
            return found

        assert both(("a", None), ("ab", None, "c"))
        assert both((None, "c"), ("ab", None))
        assert both((None, "x", None), (None, "c"))
        assert both((None,), ("ab", None, "c"))
        assert not both(("a", None), ("b", None))
        assert not both((None, "x"), (None, "y"))
        assert not overlap(Unknown((), fresh=True), Unknown(()))
        assert not could_be(Unknown((), fresh=True), "abc")


class TestNotPrincipal:
    def denied_unless(self, *listed: object, caller: Principal, **told: object) -> Outcome:
        everyone = allow("*", to="*")
        exempting = {"Effect": "Deny", "NotPrincipal": aws(*listed), "Action": "*", "Resource": "*"}
        policies = PolicySet(identity(allow("*")), key(everyone, exempting), session=session(allow("*")))
        return ask(caller, changed(policies, **told)).outcome

    def test_the_listed_user_is_spared(self) -> None:
        assert self.denied_unless(ALICE_ARN, caller=ALICE) is ALLOWED
        assert self.denied_unless(BOB_ARN, caller=ALICE) is EXPLICIT
        assert self.denied_unless(ROOT, caller=ALICE) is EXPLICIT

    def test_a_session_is_spared_by_its_role(self) -> None:
        assert self.denied_unless(DEPLOY_ARN, caller=SESSION) is ALLOWED
        assert self.denied_unless(DEPLOY_ARN, SESSION_ARN, ROOT, caller=SESSION) is ALLOWED
        assert self.denied_unless(SESSION_ARN, ROOT, caller=SESSION) is EXPLICIT
        assert self.denied_unless(ROOT, caller=SESSION) is EXPLICIT
        assert self.denied_unless(DEPLOY_ARN, caller=PATHLESS) is ALLOWED

    def test_a_federated_user_is_spared_by_its_user(self) -> None:
        assert self.denied_unless(ALICE_ARN, caller=VISITOR) is ALLOWED
        assert self.denied_unless(VISITOR_ARN, ROOT, caller=VISITOR) is EXPLICIT
        assert self.denied_unless(ALICE_ARN, caller=Principal.from_arn(VISITOR_ARN)) is UNDECIDED

    def test_the_root_user_is_spared_by_its_account(self) -> None:
        assert self.denied_unless(ROOT, caller=ROOT_USER) is ALLOWED

    def test_services_and_anonymous_callers_are_spared_by_name_only(self) -> None:
        assert self.denied_unless(ROOT, caller=SERVICE) is EXPLICIT
        assert self.denied_unless(ROOT, caller=ANONYMOUS) is EXPLICIT
        listed = {"Effect": "Deny", "NotPrincipal": {"Service": SERVICE.arn}, "Action": "*", "Resource": "*"}
        assert ask(SERVICE, PolicySet(resource=key(allow(to="*"), listed))).outcome is ALLOWED
        assert ask(ALICE, PolicySet(resource=key(allow(to="*"), listed))).outcome is EXPLICIT

    def test_a_principal_with_a_boundary_is_never_spared(self) -> None:
        assert self.denied_unless(ALICE_ARN, caller=replace(ALICE, has_boundary=True)) is EXPLICIT
        assert self.denied_unless(ALICE_ARN, caller=ALICE, boundary=boundary(allow("*"))) is EXPLICIT
        assert self.denied_unless(ALICE_ARN, caller=replace(ALICE, has_boundary=False)) is ALLOWED

    def test_whether_there_is_a_boundary_may_not_be_told(self) -> None:
        listed = {"Effect": "Deny", "NotPrincipal": aws(ALICE_ARN), "Action": "*", "Resource": "*"}
        policies = PolicySet(resource=key(allow(to="*"), listed), boundary=Unknown(("the boundary of Alice",)))
        decision = ask(ALICE, policies)
        assert decision.outcome is UNDECIDED
        assert f"whether `{ALICE_ARN}` has a permissions boundary" in decision.hangs_on

    def test_everyone_listed_spares_everyone(self) -> None:
        assert self.denied_unless("*", caller=ALICE) is ALLOWED

    def test_a_name_that_is_not_told_may_spare(self) -> None:
        admin = Unknown(("parameter `Admin`",))
        assert self.denied_unless(admin, caller=ALICE) is UNDECIDED

    @pytest.mark.parametrize("caller", [ALICE, SESSION, ROOT_USER, SERVICE, ANONYMOUS])
    def test_with_allow_it_admits_whoever_is_not_listed(self, caller: Principal) -> None:
        rest = {"Effect": "Allow", "NotPrincipal": aws(BOB_ARN), "Action": "*", "Resource": "*"}
        assert ask(caller, PolicySet(resource=key(rest))).outcome is ALLOWED

    @pytest.mark.parametrize("listed", [ALICE_ARN, VISITOR_ARN, ROOT])
    def test_with_allow_any_of_the_callers_names_shuts_it_out(self, listed: str) -> None:
        rest = {"Effect": "Allow", "NotPrincipal": aws(listed), "Action": "*", "Resource": "*"}
        assert ask(VISITOR, PolicySet(resource=key(rest))).outcome is IMPLICIT

    def test_with_allow_a_listed_provider_may_shut_out(self) -> None:
        provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/Corp"}
        rest = {"Effect": "Allow", "NotPrincipal": provider, "Action": "*", "Resource": "*"}
        queue = policy(PolicyType.RESOURCE, rest)
        assert ask(ANONYMOUS, PolicySet(resource=queue), "sqs:SendMessage", "*", owner=ACCOUNT).outcome is UNDECIDED


#: What a principal implies, as far as it is known (an Unknown has pieces).
IMPLIED = [
    (ALICE, {"arn": ALICE_ARN, "type": "User", "username": "Alice", "userid": (None,)}),
    (SESSION, {"arn": DEPLOY_ARN, "type": "AssumedRole", "userid": (None, ":run-1")}),
    (LINKED, {"arn": DEPLOY_ARN, "type": "AssumedRole", "userid": (None, ":run-1")}),
    (VISITOR, {"arn": VISITOR_ARN, "type": "FederatedUser", "userid": f"{ACCOUNT}:Visitor"}),
    (ROOT_USER, {"arn": ROOT, "type": "Account", "userid": ACCOUNT}),
]


@pytest.mark.parametrize(("principal", "implied"), IMPLIED)
def test_a_principal_implies_context_keys(principal: Principal, implied: dict[str, object]) -> None:
    values = implied_for("kms:decrypt", implied_by(principal))
    identifier = values["aws:userid"]
    assert values["aws:principalarn"] == implied["arn"]
    assert values["aws:principaltype"] == implied["type"]
    assert values.get("aws:username") == implied.get("username")
    assert (identifier.pieces if isinstance(identifier, Unknown) else identifier) == implied["userid"]
    assert values["aws:principalaccount"] == values["kms:calleraccount"] == ACCOUNT
    assert values["aws:principalisawsservice"] == "false"


def test_what_services_and_anonymous_callers_imply() -> None:
    service = implied_by(SERVICE)
    assert service["aws:principalisawsservice"] == "true"
    assert service["aws:principalservicename"] == SERVICE.arn
    names = service["aws:principalservicenameslist"]
    assert isinstance(names, Unknown)
    assert names.hangs_on == (f"the service principal names of `{SERVICE.arn}`",)
    assert "aws:principalarn" not in service
    assert implied_by(ANONYMOUS) == {"aws:principaltype": "Anonymous", "aws:userid": "anonymous"}


def test_the_callers_account_is_a_key_of_kms_requests_about_keys() -> None:
    values = implied_by(ALICE)
    assert "kms:calleraccount" in implied_for("kms:decrypt", values)
    assert "kms:calleraccount" not in implied_for("kms:listkeys", values)
    assert "kms:calleraccount" not in implied_for("s3:getobject", values)
    assert "kms:calleraccount" not in implied_for("kms:decrypt", implied_by(SERVICE))


def test_a_session_of_an_unnamed_role_implies_a_role_in_part() -> None:
    role = implied_by(replace(PATHLESS, role_arn=None))["aws:principalarn"]
    assert isinstance(role, Unknown)
    assert role.pieces == (f"arn:aws:iam::{ACCOUNT}:role/", None, "Deploy")
    nameless = Principal(PrincipalKind.ROLE_SESSION, DEPLOY_ARN, ACCOUNT)
    assert implied_by(nameless)["aws:principalarn"] == DEPLOY_ARN
    identifier = implied_by(nameless)["aws:userid"]
    assert isinstance(identifier, Unknown)
    assert identifier.pieces == (None,)


def test_what_the_request_tells_wins_over_what_the_principal_implies() -> None:
    condition = {"Condition": {"StringEquals": {"aws:PrincipalType": "Odd"}}}
    policies = PolicySet(resource=key(allow(to=aws(ALICE_ARN), **condition)))
    assert ask(ALICE, policies).outcome is IMPLICIT
    assert ask(ALICE, policies, context={"AWS:principalTYPE": "Odd"}).outcome is ALLOWED
    assert ask(ALICE, policies, context={"aws:PrincipalType": ABSENT}).outcome is IMPLICIT
    assert ask(ALICE, policies, unknown=("aws:*",)).outcome is IMPLICIT  # the principal tells


def test_a_key_that_is_known_to_be_absent_is_shown_as_such() -> None:
    assert repr(ABSENT) == "ABSENT"


def test_families_of_keys_that_are_not_told() -> None:
    def held(*patterns: str) -> bool:
        return may_hold(Request(ALICE, "kms:Decrypt", KEY, RequestContext({}, patterns)), "kms:encryptioncontext:")

    assert held("kms:*")
    assert held("*")
    assert held("kms:EncryptionContext:app")
    assert not held("aws:*", "kms:RequestAlias")
