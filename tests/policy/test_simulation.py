"""Reading simulated cases, and what is said of those that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparekey.errors import InputError
from sparekey.policy import ABSENT, Outcome, Policy, PolicySet, PolicyType, PrincipalKind, authorize, read_simulation
from sparekey.source import Place
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy._request import Request
    from sparekey.source import Path

ALICE = "arn:aws:iam::111122223333:user/Alice"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STATEMENT = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
DOCUMENT = {"Version": "2012-10-17", "Statement": [STATEMENT]}
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}],
}
TEXT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}'


def case(**more: object) -> dict[str, object]:
    """A case about Alice."""
    return {"principal": ALICE, "action": "kms:Decrypt", "resource": KEY, **more}


def read(**more: object) -> tuple[Request, PolicySet]:
    """Read a case about Alice."""
    return read_simulation(case(**more))


def refusal(given: dict[str, object]) -> str:
    """What is said of a case that cannot be read."""
    with pytest.raises(InputError) as caught:
        read_simulation(given, locate=lambda path: Place(".".join(map(str, path)), 1, 1))
    return str(caught.value)


class TestTheRequest:
    def test_a_case_is_a_request_and_its_policies(self) -> None:
        request, policies = read(policies={"identity": [DOCUMENT], "resource": KEY_POLICY}, id=7, note="why not")
        assert (request.principal.arn, request.action, request.resource) == (ALICE, "kms:Decrypt", KEY)
        assert authorize(request, policies).outcome is Outcome.ALLOWED

    @pytest.mark.parametrize(
        ("principal", "kind"),
        [
            ("*", PrincipalKind.ANONYMOUS),
            ("kms.amazonaws.com", PrincipalKind.AWS_SERVICE),
            ("arn:aws:iam::111122223333:root", PrincipalKind.ROOT_USER),
            ("arn:aws:sts::111122223333:assumed-role/R/S", PrincipalKind.ROLE_SESSION),
            ({"arn": ALICE}, PrincipalKind.IAM_USER),
            ({"kind": "anonymous"}, PrincipalKind.ANONYMOUS),
            (
                {"arn": "arn:aws:sts::111122223333:assumed-role/R/S", "kind": "service-linked-role"},
                PrincipalKind.SERVICE_LINKED_ROLE,
            ),
        ],
    )
    def test_a_principal_is_a_name_or_a_mapping(self, principal: object, kind: PrincipalKind) -> None:
        assert read_simulation(case() | {"principal": principal})[0].principal.kind is kind

    def test_a_principal_may_tell_more_than_its_arn(self) -> None:
        session = "arn:aws:sts::111122223333:assumed-role/R/S"
        role = "arn:aws:iam::111122223333:role/path/R"
        principal = read_simulation(
            case() | {"principal": {"arn": session, "role_arn": role, "user_arn": ALICE, "has_boundary": True}}
        )[0].principal
        assert (principal.role_arn, principal.user_arn, principal.has_boundary) == (role, ALICE, True)
        untold = read_simulation(case() | {"principal": {"arn": session, "role_arn": {"unknown": "the role"}}})
        assert untold[0].principal.role_arn == Unknown(("the role",))

    def test_context_values_are_texts_lists_absent_or_not_told(self) -> None:
        told = {
            "aws:SourceIp": "192.0.2.1",
            "aws:TagKeys": ["a", 1],
            "aws:MultiFactorAuthPresent": None,
            "aws:SecureTransport": True,
            "kms:RotationPeriodInDays": 365,
            "kms:RequestAlias": {"unknown": "the alias"},
            "aws:PrincipalArn": {"unknown": "the path", "pieces": ["arn:aws:iam::111122223333:role/", None]},
        }
        request, _ = read(context=told, unknown_context=["aws:PrincipalTag/*"])
        assert request.context.values == {
            "aws:SourceIp": "192.0.2.1",
            "aws:TagKeys": ("a", "1"),
            "aws:MultiFactorAuthPresent": ABSENT,
            "aws:SecureTransport": "true",
            "kms:RotationPeriodInDays": "365",
            "kms:RequestAlias": Unknown(("the alias",)),
            "aws:PrincipalArn": Unknown(("the path",), ("arn:aws:iam::111122223333:role/", None)),
        }
        assert request.context.unknown == ("aws:PrincipalTag/*",)

    def test_the_owner_may_be_told(self) -> None:
        assert read(resource_owner=444455556666)[0].owner == "444455556666"
        assert read(resource="*")[0].owner == "111122223333"
        assert read(resource={"unknown": "the key", "pieces": ["arn:aws:kms:r:999999999999:key/", None]})[0].owner == (
            "999999999999"
        )
        assert read(resource={"unknown": "the key"})[0].owner == "111122223333"


class TestThePolicies:
    def test_every_type_has_its_place(self) -> None:
        endpoint = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
        denying = {**STATEMENT, "Effect": "Deny", "Principal": "*"}
        rcp = {"Version": "2012-10-17", "Statement": [denying]}
        _, policies = read(
            policies={
                "identity": [DOCUMENT, DOCUMENT],
                "session": DOCUMENT,
                "boundary": TEXT,
                "resource": KEY_POLICY,
                "scp": [[DOCUMENT], [DOCUMENT, DOCUMENT]],
                "rcp": [[rcp]],
                "endpoint": endpoint,
            }
        )
        assert isinstance(policies.identity, tuple)
        assert isinstance(policies.scp, tuple)
        assert [found.name for found in policies.identity] == ["identity-based policy 1", "identity-based policy 2"]
        assert [[found.name for found in level] for level in policies.scp] == [
            ["service control policy 1.1"],
            ["service control policy 2.1", "service control policy 2.2"],
        ]
        told = [one for one in (policies.boundary, policies.resource, policies.endpoint) if isinstance(one, Policy)]
        assert [one.type for one in told] == [PolicyType.BOUNDARY, PolicyType.KEY, PolicyType.ENDPOINT]

    def test_what_is_missing_is_none(self) -> None:
        _, policies = read()
        assert (policies.identity, policies.grants) == ((), ())
        others = (policies.resource, policies.boundary, policies.session, policies.scp, policies.rcp, policies.endpoint)
        assert others == (None,) * 6

    def test_each_may_be_untold(self) -> None:
        untold = {"unknown": "nobody said"}
        fields = ("identity", "session", "boundary", "resource", "scp", "rcp", "endpoint")
        _, policies = read(policies=dict.fromkeys(fields, untold), grants=untold)
        told = [getattr(policies, field) for field in (*fields, "grants")]
        assert told == [Unknown(("nobody said",))] * 8

    def test_a_document_may_be_untold_in_part(self) -> None:
        document = {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Action": {"unknown": "which"}}]}
        request, policies = read(policies={"identity": [document], "resource": KEY_POLICY})
        assert authorize(request, policies).hangs_on == ("which",)

    @pytest.mark.parametrize(
        "odd",
        [{"unknown": "x", "pieces": [1]}, {"unknown": ["x"]}, {"unknown": "x", "pieces": []}, {"unknown": "x", "y": 1}],
    )
    def test_a_mapping_that_only_looks_untold_is_none(self, odd: object) -> None:
        assert refusal(case() | {"resource": odd}) == "resource:1:1: `resource` must be a text, not a mapping"

    def test_a_document_may_come_with_its_name_and_arn(self) -> None:
        arn = "arn:aws:iam::111122223333:policy/P"
        _, policies = read(
            policies={"identity": [{"document": DOCUMENT, "arn": arn}, {"document": TEXT, "name": "P2"}]}
        )
        assert isinstance(policies.identity, tuple)
        assert [(found.name, found.arn) for found in policies.identity] == [(arn, arn), ("P2", None)]

    @pytest.mark.parametrize(
        ("action", "resource", "type_"),
        [
            ("kms:Decrypt", KEY, PolicyType.KEY),
            ("sts:GetCallerIdentity", KEY, PolicyType.KEY),
            ("sts:AssumeRole", "arn:aws:iam::111122223333:role/R", PolicyType.TRUST),
            ("s3:GetObject", "arn:aws:s3:::b/o", PolicyType.RESOURCE),
        ],
    )
    def test_the_resource_tells_what_kind_of_policy_it_has(self, action: str, resource: str, type_: PolicyType) -> None:
        statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*"}
        if type_ is not PolicyType.TRUST:
            statement["Resource"] = "*"
        told = case(policies={"resource": {"Statement": [statement]}}) | {"action": action, "resource": resource}
        found = read_simulation(told)[1].resource
        assert isinstance(found, Policy)
        assert found.type is type_

    def test_statements_have_their_places_in_the_case(self) -> None:
        def place_of(path: Path) -> Place | None:
            return Place("case.yaml", 7, 3) if path == ("policies", "resource", "Statement", 0) else None

        request, policies = read_simulation(
            case(policies={"resource": {**KEY_POLICY, "Statement": [_naming(ALICE)]}}), locate=place_of
        )
        because = authorize(request, policies).because
        assert because is not None
        assert because.place == Place("case.yaml", 7, 3)

    def test_an_account_id_stands_for_the_callers_partition(self) -> None:
        told = case(policies={"resource": KEY_POLICY}) | {"principal": "arn:aws-cn:iam::111122223333:root"}
        assert authorize(*read_simulation(told)).outcome is Outcome.ALLOWED


def _naming(arn: str) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "kms:*", "Resource": "*"}


class TestGrants:
    def test_a_grant_has_its_grantee_operations_and_constraints(self) -> None:
        told = {
            "grantee": ALICE,
            "operations": ["Decrypt"],
            "constraints": {"EncryptionContextEquals": {"a": "b"}, "SourceArn": "arn:aws:s3:::orders"},
            "retiring_principal": ALICE,
            "issuing_account": "111122223333",
            "name": "mine",
        }
        grants = read(grants=[told])[1].grants
        assert isinstance(grants, tuple)
        (grant,) = grants
        assert (grant.grantee, grant.operations, grant.name) == (ALICE, frozenset({"Decrypt"}), "mine")
        assert grant.constraints.encryption_context_equals == {"a": "b"}
        assert grant.constraints.encryption_context_subset is None
        assert grant.constraints.source_arn == "arn:aws:s3:::orders"
        assert (grant.retiring_principal, grant.issuing_account) == (ALICE, "111122223333")

    def test_what_a_new_grant_would_allow(self) -> None:
        request, _ = read(
            grant_request={"Operations": ["Decrypt"], "Constraints": {"EncryptionContextSubset": {"a": "b"}}}
        )
        assert request.grant_request is not None
        assert request.grant_request.operations == {"Decrypt"}
        assert request.grant_request.constraints.encryption_context_subset == {"a": "b"}


REFUSALS = [
    (case(polices={}), "polices:1:1: a case has no key `polices`"),
    ({"principal": ALICE, "action": "kms:Decrypt"}, ":1:1: the case has no `resource`"),
    (case() | {"action": "Decrypt"}, "action:1:1: `Decrypt` is not an action"),
    (case() | {"action": "kms:*"}, "action:1:1: `kms:*` is not an action"),
    (case() | {"action": ["kms:Decrypt"]}, "action:1:1: `action` must be a text, not a list"),
    (case() | {"principal": 5}, "principal:1:1: `principal` must be a mapping, not a number"),
    (case() | {"principal": {"kind": "person"}}, "principal.kind:1:1: `person` is no kind of principal"),
    (case() | {"principal": {"name": "x"}}, "principal.name:1:1: `principal` has no key `name`"),
    (case(context=[]) | {"context": ["a"]}, "context:1:1: `context` must be a mapping, not a list"),
    (case(grants=[5]), "grants.0:1:1: a grant must be a mapping, not a number"),
    (case(context={"a": {"b": "c"}}), "context.a:1:1: `a` must be a text, not a mapping"),
    (case(context={"a": [None]}), "context.a.0:1:1: `0` must be a text, not null"),
    (case(unknown_context={"a": 1}), "unknown_context:1:1: `unknown_context` must be a list, not a mapping"),
    (case(policies={"key": {}}), "policies.key:1:1: `policies` has no key `key`"),
    (case(policies={"resource": [KEY_POLICY]}), "policies.resource:1:1: `resource` is one policy document, not a list"),
    (case(policies={"scp": [DOCUMENT]}), "policies.scp:1:1: `scp` is a list of levels, each a list of policies"),
    (case(policies={"rcp": "all"}), "policies.rcp:1:1: `rcp` is a list of levels, each a list of policies"),
    (case(policies={"identity": [{"document": {}, "id": 1}]}), "has no key `id`"),
    (case(grants={"a": 1}), "grants:1:1: `grants` must be a list, not a mapping"),
    (case(grants=[{"grantee": ALICE}]), "grants.0:1:1: the grant has no `operations`"),
    (case(grants=[{"grantee": ALICE, "operations": {}}]), "`operations` must be a list, not a mapping"),
    (case(grant_request={"operations": []}), "grant_request.operations:1:1: `grant_request` has no key `operations`"),
]


@pytest.mark.parametrize(("given", "message"), REFUSALS)
def test_what_cannot_be_read_is_refused_with_its_place(given: dict[str, object], message: str) -> None:
    assert message in refusal(given)


def test_a_principal_that_is_none_is_refused() -> None:
    assert refusal(case() | {"principal": "Alice"}).startswith("principal:1:1: `Alice` is not an ARN")


def test_a_policy_aws_would_refuse_is_refused_with_the_place_of_its_fault() -> None:
    broken = {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps", "Action": "kms:*", "Resource": "*"}]}
    message = refusal(case(policies={"identity": [broken]}))
    assert message.startswith("policies.identity.0.Statement.0.Effect:1:1: identity-based policy: ")
    in_text = refusal(case(policies={"boundary": "{"}))
    assert in_text.startswith("policies.boundary:1:1: permissions boundary: ")


def test_one_operation_needs_no_list() -> None:
    grants = read(grants=[{"grantee": ALICE, "operations": "Decrypt"}])[1].grants
    assert isinstance(grants, tuple)
    assert grants[0].operations == {"Decrypt"}


def test_known_keys_are_hinted_at() -> None:
    with pytest.raises(InputError) as caught:
        read_simulation(case(polices={}))
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("known are: principal, action, resource, ")
    assert "contradicted" not in caught.value.hint
