"""Who deploys, and the context of the calls."""

from __future__ import annotations

import pytest

from sparekey.check._context import ROWS, direct_context, extend, stack_context
from sparekey.check._deployer import owner
from sparekey.errors import InputError
from sparekey.policy import ABSENT, PrincipalKind, RequestContext
from sparekey.unknown import Unknown
from tests.check.deployments import (
    ACCOUNT,
    ALICE,
    DEPLOY,
    EVERYTHING,
    ROOT,
    SESSION,
    account,
    deployer_of,
    document,
    iam_allow,
    role,
    user,
)

FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/Bob"
KNOWN = account(
    user("Alice", EVERYTHING, Tags=[{"Key": "team", "Value": "shop"}]),
    role("Deploy", EVERYTHING, path="/ci/", Tags=[{"Key": "env", "Value": "prod"}]),
    role("Plain", EVERYTHING),
)
DEPLOY_WITH_PATH = f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"


# principals


def test_a_user_deploys_as_itself() -> None:
    deployer, _ = deployer_of(iam=[KNOWN])
    assert deployer.principal is deployer.caller
    assert (deployer.principal.kind, deployer.name, deployer.service_role) == (PrincipalKind.IAM_USER, ALICE, None)
    assert deployer.principal.has_boundary is False


def test_a_service_role_deploys_as_its_session() -> None:
    deployer, _ = deployer_of(role_arn=DEPLOY_WITH_PATH, iam=[KNOWN])
    assert deployer.principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/AWSCloudFormation"
    assert deployer.principal.role_arn == DEPLOY_WITH_PATH
    assert deployer.name == DEPLOY_WITH_PATH
    assert deployer.caller.arn == ALICE


def test_the_role_behind_a_session_is_found_with_its_path() -> None:
    deployer, _ = deployer_of(SESSION, iam=[KNOWN])
    assert deployer.principal.role_arn == DEPLOY_WITH_PATH
    assert isinstance(deployer.policies.identity, tuple)


def test_without_a_snapshot_the_path_of_a_sessions_role_is_open() -> None:
    deployer, _ = deployer_of(SESSION)
    assert isinstance(deployer.principal.role_arn, Unknown)
    assert owner(deployer.principal) == f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy"


def test_a_role_stands_for_a_session_of_it() -> None:
    deployer, _ = deployer_of(DEPLOY)
    assert deployer.principal.kind is PrincipalKind.ROLE_SESSION
    assert deployer.principal.role_arn == DEPLOY


@pytest.mark.parametrize("arn", ["kms.amazonaws.com", "*"])
def test_services_and_anonymous_callers_deploy_nothing(arn: str) -> None:
    with pytest.raises(InputError, match="only a principal of an account can deploy") as error:
        deployer_of(arn)
    assert "give the ARN of a user" in (error.value.hint or "")


@pytest.mark.parametrize("arn", ["Alice", "arn:aws:iam::1:user/x", "arn:aws:s3:::bucket", ACCOUNT])
def test_what_is_no_principal_is_an_error(arn: str) -> None:
    with pytest.raises(InputError, match="`--as`"):
        deployer_of(arn)


@pytest.mark.parametrize(
    "arn", [ALICE, f"arn:aws:sts::{ACCOUNT}:assumed-role/R/S", f"arn:aws:iam::{ACCOUNT}:role/", "Deploy"]
)
def test_a_service_role_is_the_arn_of_a_role(arn: str) -> None:
    with pytest.raises(InputError, match="`--role-arn"):
        deployer_of(role_arn=arn)


def test_a_service_role_belongs_to_the_callers_account() -> None:
    with pytest.raises(InputError, match="belong to different accounts") as error:
        deployer_of(role_arn="arn:aws:iam::999999999999:role/Deploy")
    assert error.value.hint == "a role can be passed within its own account only"


def test_a_caller_that_the_snapshot_lacks_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="is not among the users and roles") as error:
        deployer_of(f"arn:aws:iam::{ACCOUNT}:user/alice", iam=[KNOWN])
    assert error.value.hint == f"did you mean `{ALICE}`?"
    with pytest.raises(InputError) as error:
        deployer_of(f"arn:aws:sts::{ACCOUNT}:assumed-role/Nobody/s", iam=[KNOWN])
    assert error.value.hint is None


def test_a_caller_that_the_snapshot_lacks_passes_no_role_whatever_is_given_for_the_role() -> None:
    with pytest.raises(InputError, match="is not among the users and roles"):
        deployer_of(f"arn:aws:iam::{ACCOUNT}:user/Nobody", role_arn=DEPLOY, iam=[KNOWN, EVERYTHING])


def test_documents_given_for_a_role_that_the_snapshot_lacks_say_that_it_will_exist() -> None:
    deployer, _ = deployer_of(role_arn=f"arn:aws:iam::{ACCOUNT}:role/New", iam=[KNOWN, EVERYTHING])
    assert isinstance(deployer.trust, Unknown)


def test_documents_given_for_a_caller_that_the_snapshot_lacks_are_its_policies() -> None:
    deployer, _ = deployer_of(f"arn:aws:iam::{ACCOUNT}:user/New", iam=[KNOWN, EVERYTHING])
    assert isinstance(deployer.policies.identity, tuple)
    assert len(deployer.policies.identity) == 1


# policies


def test_documents_are_added_to_what_the_snapshot_has() -> None:
    deployer, _ = deployer_of(iam=[KNOWN, iam_allow("kms:*")])
    assert isinstance(deployer.policies.identity, tuple)
    assert len(deployer.policies.identity) == 2


def test_documents_are_the_service_roles_and_not_the_callers() -> None:
    deployer, _ = deployer_of(role_arn=DEPLOY, iam=[EVERYTHING])
    assert isinstance(deployer.policies.identity, tuple)
    assert isinstance(deployer.caller_policies.identity, Unknown)


def test_without_a_snapshot_policies_and_boundary_are_unknown() -> None:
    policies = deployer_of(SESSION)[0].policies
    assert policies.identity == Unknown((f"the identity policies of `arn:aws:sts::{ACCOUNT}:assumed-role/Deploy`",))
    assert policies.boundary == Unknown((f"the permissions boundary of `arn:aws:sts::{ACCOUNT}:assumed-role/Deploy`",))
    assert policies.session is None


def test_the_root_user_has_no_identity_policies() -> None:
    policies = deployer_of(ROOT)[0].policies
    assert (policies.identity, policies.boundary) == ((), None)


def test_the_session_policies_of_a_federated_user_are_unknown() -> None:
    policies = deployer_of(FEDERATED, iam=[EVERYTHING])[0].policies
    assert policies.session == Unknown((f"the session policies of `{FEDERATED}`",))


def test_a_boundary_is_taken_from_the_snapshot() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/Limit"
    limited = user("Alice", EVERYTHING, PermissionsBoundary={"PermissionsBoundaryArn": arn})
    deployer, _ = deployer_of(iam=[account(limited)])
    assert deployer.principal.has_boundary is True
    assert deployer.policies.boundary is not None


def test_a_service_role_that_is_not_told_may_trust_cloudformation() -> None:
    deployer, _ = deployer_of(role_arn=DEPLOY)
    assert deployer.trust == Unknown((f"the trust policy of `{DEPLOY}`",))
    assert deployer_of()[0].trust is None


# service control policies


def test_without_service_control_policies_their_absence_is_assumed() -> None:
    deployer, _ = deployer_of()
    assert deployer.policies.scp is None
    assert f"no service control policy limits account {ACCOUNT} (give `--scp`)" in deployer.assumptions


def test_service_linked_roles_are_limited_by_none() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    assert not any("service control" in text for text in deployer_of(arn)[0].assumptions)


def test_a_level_that_allows_nothing_is_taken_to_hold_full_access_too() -> None:
    deny = document({"Effect": "Deny", "Action": "kms:DeleteAlias", "Resource": "*"})
    deployer, _ = deployer_of(scp=[iam_allow("*"), deny])
    assert isinstance(deployer.policies.scp, tuple)
    assert [len(level) for level in deployer.policies.scp] == [1, 2]
    (assumption,) = deployer.assumptions
    assert assumption == (
        "`FullAWSAccess` is attached at level 2 of the service control policies, since none given for it allows "
        "anything"
    )


def test_a_session_is_assumed_to_have_no_session_policy() -> None:
    assert f"the session `{SESSION}` was made without a session policy" in deployer_of(SESSION)[0].assumptions
    assert not any("session policy" in text for text in deployer_of(role_arn=DEPLOY)[0].assumptions)


# the context of the calls


def test_a_forwarded_call_of_a_user() -> None:
    context = deployer_of(iam=[KNOWN])[0].context
    assert context.values["aws:ViaAWSService"] == "true"
    assert context.values["aws:CalledVia"] == ("cloudformation.amazonaws.com",)
    assert context.values["aws:CalledViaFirst"] == "cloudformation.amazonaws.com"
    assert context.values["aws:PrincipalTag/team"] == "shop"
    assert context.values["aws:userid"] == "AIDAALICE"
    assert {"aws:MultiFactorAuthPresent", "aws:SourceIp", "aws:PrincipalOrgID", "aws:CurrentTime"} <= set(
        context.unknown
    )
    assert not {"kms:ViaService", "kms:ResourceAliases", "aws:PrincipalTag/*", "saml:*"} & set(context.unknown)


def test_a_call_of_a_service_role() -> None:
    context = deployer_of(role_arn=f"arn:aws:iam::{ACCOUNT}:role/Plain", iam=[KNOWN])[0].context
    assert context.values["aws:ViaAWSService"] == "true"
    assert context.values["aws:CalledVia"] == ("cloudformation.amazonaws.com",)
    assert context.values["aws:userid"] == "AROAPLAIN:AWSCloudFormation"
    assert "aws:MultiFactorAuthPresent" not in {*context.unknown, *context.values}
    assert "aws:PrincipalTag/*" not in context.unknown


def test_a_session_may_carry_tags_of_its_own() -> None:
    context = deployer_of(SESSION, iam=[KNOWN])[0].context
    assert context.values["aws:PrincipalTag/env"] == "prod"
    assert context.values["aws:userid"] == "AROADEPLOY:alice"
    assert "aws:PrincipalTag/*" in context.unknown


def test_an_id_that_the_snapshot_lacks_is_not_told() -> None:
    nameless = {name: value for name, value in role("Deploy", EVERYTHING).items() if name != "RoleId"}
    assert "aws:userid" in deployer_of(SESSION, iam=[account(nameless)])[0].context.unknown


def test_tags_that_are_not_told_are_unknown() -> None:
    context = deployer_of()[0].context
    assert {"aws:PrincipalTag/*", "aws:userid"} <= set(context.unknown)


def test_the_root_user_has_no_tags() -> None:
    assert "aws:PrincipalTag/*" not in deployer_of(ROOT)[0].context.unknown


def test_a_context_that_is_given_wins_whatever_its_spelling() -> None:
    context = deployer_of(context={"AWS:viaawsservice": "false", "aws:SourceVpc": ABSENT})[0].context
    assert context.values["AWS:viaawsservice"] == "false"
    assert "aws:ViaAWSService" not in context.values
    assert context.values["aws:SourceVpc"] is ABSENT


def test_the_callers_own_call_is_no_forwarded_one() -> None:
    context = direct_context(stack_context(PrincipalKind.IAM_USER, service_role=False))
    assert context.values["aws:ViaAWSService"] == "false"
    assert context.values["aws:CalledVia"] is ABSENT


def test_every_row_of_the_table_is_there_once() -> None:
    keys = [row.key.lower() for row in ROWS]
    assert len(keys) == len(set(keys))


def test_more_keys_take_the_place_of_those_with_the_same_name() -> None:
    found = extend(RequestContext({"a:B": "1", "a:C": "2"}, ("x:*",)), {"A:b": "3"}, ("y:*",))
    assert (found.values, found.unknown) == ({"a:C": "2", "A:b": "3"}, ("x:*", "y:*"))
