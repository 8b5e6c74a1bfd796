"""Which policies apply to a caller."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from sparekey.policy import Outcome, PolicySet, Principal, PrincipalKind, Request, authorize
from sparekey.services.directory.accounts import (
    ACCOUNTS,
    ORGANIZATION_POLICIES,
    ORGANIZATIONS,
    PARENTS,
    POLICY_TARGETS,
    Account,
    Organization,
    OrganizationPolicy,
    PolicyTargets,
)
from sparekey.services.directory.applicable import Parts, guardrails, identity_parts, policies_of
from sparekey.services.directory.identities import GROUPS, ROLES, USERS, Group, Reference, Role, User
from sparekey.services.directory.organization import RCP, SCP
from sparekey.services.directory.policies import POLICIES, ManagedPolicy, PolicyVersion
from sparekey.services.directory.sessions import Session, SessionKind
from sparekey.services.operation import Caller
from sparekey.storage.interface import Transaction
from sparekey.storage.memory import MemoryStore

T = TypeVar("T")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ACCOUNT = "111122223333"
ORG = "o-exampleorg"


def allow(action: str = "s3:GetObject") -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})


def user(name: str = "ann", **members: Any) -> User:
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return replace(User(name, "/", f"AIDA{name.upper()}", arn, NOW), **members)


def group(name: str, **members: Any) -> Group:
    return replace(Group(name, "/", f"AGPA{name}", f"arn:aws:iam::{ACCOUNT}:group/{name}", NOW), **members)


def role(name: str = "deploy", path: str = "/", **members: Any) -> Role:
    arn = f"arn:aws:iam::{ACCOUNT}:role{path}{name}"
    return replace(Role(name, path, f"AROA{name.upper()}", arn, NOW, "{}"), **members)


def managed(name: str, document: str, *older: str) -> ManagedPolicy:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/team/{name}"
    versions = tuple(PolicyVersion(f"v{number}", text, NOW) for number, text in enumerate((*older, document), 1))
    return ManagedPolicy(name, "/team/", f"ANPA{name}", arn, NOW, NOW, f"v{len(versions)}", versions)


def session(kind: SessionKind, arn: str, parent: str, parent_arn: str, **members: Any) -> Session:
    made = Session(kind, ACCOUNT, arn, "U", "ASIA1", "secret", NOW, NOW + timedelta(hours=1), parent, parent_arn)
    return replace(made, **members)


class Directory:
    """A store to put records into and to ask."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.write(lambda records: records.put(ACCOUNTS, (ACCOUNT,), Account(ACCOUNT, NOW)))

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self.store.write(work)

    def keep(self, *records_: User | Group | Role | ManagedPolicy) -> None:
        def work(records: Transaction) -> None:
            for record in records_:
                key = (ACCOUNT, record.name.lower())
                match record:
                    case User():
                        records.put(USERS, key, record)
                    case Group():
                        records.put(GROUPS, key, record)
                    case Role():
                        records.put(ROLES, key, record)
                    case ManagedPolicy():
                        records.put(POLICIES, key, record)

        self.write(work)

    def parts(self, caller: Caller) -> Parts:
        return self.store.read(lambda records: identity_parts(records, caller))

    def policies(self, caller: Caller, owner: str = "") -> PolicySet:
        return self.store.read(lambda records: policies_of(records, caller, owner))


@pytest.fixture
def directory() -> Directory:
    return Directory()


def of_user(name: str = "ann", user_id: str | None = None) -> Caller:
    principal = Principal(PrincipalKind.IAM_USER, f"arn:aws:iam::{ACCOUNT}:user/{name}", ACCOUNT)
    return Caller(principal, f"AIDA{name.upper()}" if user_id is None else user_id, name)


def of_role(name: str = "deploy", **members: Any) -> Caller:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/me"
    parent_arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    made = session(SessionKind.ASSUMED_ROLE, arn, f"AROA{name.upper()}", parent_arn, **members)
    return Caller(Principal.from_arn(arn), f"AROA{name.upper()}:me", session=made)


ROOT = Caller(Principal.from_arn(f"arn:aws:iam::{ACCOUNT}:root"), ACCOUNT)


def names(parts: Parts) -> list[str]:
    return [policy.name for policy in parts.identity]


def test_a_user_has_its_inline_and_managed_policies_and_those_of_its_groups(directory: Directory) -> None:
    policy = managed("Reads", allow())
    directory.keep(policy, group("ops", inline={"OfGroup": allow()}))
    directory.keep(user(inline={"Own": allow()}, attached=(policy.arn,), groups=("ops", "gone"), tags={"team": "a"}))
    parts = directory.parts(of_user())
    assert names(parts) == [
        "inline policy `Own` of `user/ann`",
        f"`{policy.arn}`",
        "inline policy `OfGroup` of `group/ops`",
    ]
    assert [each.arn for each in parts.identity] == [None, policy.arn, None]
    assert parts.tags == {"team": "a"}
    assert parts.exists
    assert parts.boundary is None
    assert parts.session is None


def test_an_aws_managed_policy_comes_from_the_catalog(directory: Directory) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    directory.keep(user(attached=(arn,)))
    (policy,) = directory.parts(of_user()).identity
    assert policy.arn == arn
    assert policy.statements


def test_the_default_version_of_a_managed_policy_counts(directory: Directory) -> None:
    policy = managed("Reads", allow("s3:New"), allow("s3:Old"))
    directory.keep(policy, user(attached=(policy.arn,)))
    assert directory.parts(of_user()).identity[0].statements[0].action == ("s3:New",)
    directory.keep(replace(policy, default_version="v1"))
    assert directory.parts(of_user()).identity[0].statements[0].action == ("s3:Old",)


def test_a_managed_policy_that_is_gone_allows_nothing(directory: Directory) -> None:
    elsewhere = f"arn:aws:iam::{ACCOUNT}:policy/other/Reads"
    arns = (f"arn:aws:iam::{ACCOUNT}:policy/Gone", elsewhere, "arn:aws:iam::aws:policy/Gone", "no-arn")
    directory.keep(managed("Reads", allow()), user(attached=arns, boundary=arns[0]))
    parts = directory.parts(of_user())
    assert all(policy.statements == () for policy in parts.identity)
    assert parts.boundary is not None
    assert parts.boundary.statements == ()


def test_a_user_that_is_gone_or_another_one_by_now_does_not_exist(directory: Directory) -> None:
    assert not directory.parts(of_user()).exists
    directory.keep(user())
    assert directory.parts(of_user()).exists
    assert not directory.parts(of_user(user_id="AIDASOMEBODYELSE")).exists


def test_a_document_that_aws_would_not_have_stored_allows_nothing_for_sure(directory: Directory) -> None:
    directory.keep(user(inline={"Broken": "{", "Fine": allow("*")}))
    policies = directory.policies(of_user())
    request = Request(of_user().principal, "s3:GetObject", "arn:aws:s3:::b/k")
    assert authorize(request, policies).outcome is Outcome.UNDECIDED


def test_a_role_session_has_the_roles_policies_and_boundary(directory: Directory) -> None:
    boundary = managed("Limits", allow("s3:*"))
    directory.keep(boundary, role(inline={"Own": allow()}, boundary=boundary.arn, tags={"Team": "a", "env": "dev"}))
    parts = directory.parts(of_role(tags={"team": "b"}))
    assert names(parts) == ["inline policy `Own` of `role/deploy`"]
    assert parts.boundary is not None
    assert parts.boundary.arn == boundary.arn
    assert parts.tags == {"env": "dev", "team": "b"}  # the session's tag takes the place of the role's


def test_session_policies_are_documents_and_live_managed_policies(directory: Directory) -> None:
    policy = managed("Reads", allow())
    directory.keep(policy, role())
    caller = of_role(policies=(allow("s3:*"),), policy_arns=(policy.arn,))
    session_policies = directory.parts(caller).session
    assert session_policies is not None
    assert [each.name for each in session_policies] == ["the session policy", f"`{policy.arn}`"]
    directory.keep(managed("Reads", allow("s3:Changed")))
    assert directory.parts(caller).session != session_policies


def test_a_session_whose_managed_policy_is_gone_may_do_nothing(directory: Directory) -> None:
    directory.keep(role(inline={"All": allow("*")}))
    caller = of_role(policy_arns=(f"arn:aws:iam::{ACCOUNT}:policy/Gone",))
    request = Request(caller.principal, "s3:GetObject", "arn:aws:s3:::b/k")
    assert authorize(request, directory.policies(caller)).outcome is Outcome.IMPLICIT_DENY


def test_a_role_made_anew_does_not_revive_old_sessions(directory: Directory) -> None:
    directory.keep(role(inline={"All": allow("*")}))
    assert directory.parts(of_role()).exists
    directory.keep(replace(role(), role_id="AROANEW"))
    assert not directory.parts(of_role()).exists
    assert not directory.parts(of_role("nobody")).exists


def test_a_role_without_a_session_is_the_one_its_principal_names(directory: Directory) -> None:
    directory.keep(role("linked", "/aws-service-role/x.amazonaws.com/", inline={"Own": allow()}))
    known = Principal.from_arn(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/linked")
    assert names(directory.parts(Caller(known))) == ["inline policy `Own` of `role/linked`"]
    unnamed = Principal.from_arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/linked/me")
    assert names(directory.parts(Caller(unnamed))) == ["inline policy `Own` of `role/linked`"]
    assert not directory.parts(Caller(unnamed, "AROAOTHER:me")).exists


def test_a_federated_user_has_the_policies_of_the_user_behind_it(directory: Directory) -> None:
    directory.keep(user(inline={"Own": allow()}, tags={"a": "1"}))
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    made = session(SessionKind.FEDERATED_USER, arn, "AIDAANN", user().arn, policies=(allow(),), tags={"b": "2"})
    parts = directory.parts(Caller(Principal.from_arn(arn), f"{ACCOUNT}:bob", session=made))
    assert names(parts) == ["inline policy `Own` of `user/ann`"]
    assert parts.session is not None
    assert parts.tags == {"a": "1", "b": "2"}


def test_a_federated_user_of_the_root_user_may_what_its_session_policies_allow(directory: Directory) -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    made = session(SessionKind.FEDERATED_USER, arn, ACCOUNT, ROOT.principal.arn, policies=(allow("s3:*"),))
    caller = Caller(Principal.from_arn(arn), f"{ACCOUNT}:bob", session=made)
    policies = directory.policies(caller)
    for action, outcome in (("s3:GetObject", Outcome.ALLOWED), ("sqs:SendMessage", Outcome.IMPLICIT_DENY)):
        assert authorize(Request(caller.principal, action, "*"), policies).outcome is outcome
    gone = replace(made, account="999999999999", parent="999999999999")
    assert not directory.parts(replace(caller, session=gone)).exists
    assert not directory.parts(replace(caller, session=None)).exists


def test_the_root_user_has_no_policies_but_those_of_a_task(directory: Directory) -> None:
    assert directory.parts(ROOT) == Parts()
    task = "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
    made = session(SessionKind.ROOT, ROOT.principal.arn, ACCOUNT, ROOT.principal.arn, task_policy=task)
    parts = directory.parts(replace(ROOT, session=made))
    assert [policy.arn for policy in parts.identity] == [task]
    assert parts.session is None
    unknown = replace(ROOT, session=replace(made, task_policy="arn:aws:iam::aws:policy/root-task/Unknown"))
    request = Request(ROOT.principal, "s3:GetObject", "*")
    assert authorize(request, directory.policies(unknown)).outcome is Outcome.EXPLICIT_DENY
    stranger = Principal.from_arn("arn:aws:iam::999999999999:root")
    assert not directory.parts(Caller(stranger, "999999999999")).exists


def test_services_and_anonymous_callers_carry_nothing(directory: Directory) -> None:
    for text in ("ec2.amazonaws.com", "*"):
        caller = Caller(Principal.from_arn(text))
        assert directory.parts(caller) == Parts()
        assert directory.policies(caller).scp is None


def test_what_has_not_changed_is_handed_out_again(directory: Directory) -> None:
    directory.keep(user(inline={"Own": allow()}, groups=("ops",)), group("ops"))
    caller = of_user()
    first = directory.policies(caller)
    assert directory.policies(caller) is first
    assert directory.policies(caller, ACCOUNT) is not first  # asked for an owner by name
    directory.keep(group("ops", inline={"New": allow()}))
    second = directory.policies(caller)
    assert second is not first
    assert len(second.identity) == 2 if isinstance(second.identity, tuple) else False


def test_another_store_with_the_same_names_is_another_directory() -> None:
    first, second = Directory(), Directory()
    first.keep(user(inline={"Own": allow("s3:A")}))
    second.keep(user(inline={"Own": allow("s3:B")}))
    assert first.parts(of_user()).identity[0].statements[0].action == ("s3:A",)
    assert second.parts(of_user()).identity[0].statements[0].action == ("s3:B",)
    assert first.parts(of_user()).identity[0].statements[0].action == ("s3:A",)


def deny(action: str, principal: str | None = None) -> str:
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"} | ({"Principal": principal} if principal else {})
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def organize(directory: Directory, *types: str) -> None:
    """root → unit → account, with a policy of each type at the unit and AWS's own everywhere."""
    policies = {
        "p-scp": OrganizationPolicy("p-scp", "arn:scp", "NoDelete", SCP, deny("s3:DeleteObject")),
        "p-rcp": OrganizationPolicy("p-rcp", "arn:rcp", "NoPut", RCP, deny("s3:PutObject", "*")),
    }

    def work(records: Transaction) -> None:
        records.put(ACCOUNTS, (ACCOUNT,), Account(ACCOUNT, NOW, organization=ORG))
        records.put(ACCOUNTS, ("999999999999",), Account("999999999999", NOW, organization=ORG))
        arn = f"arn:aws:organizations::999999999999:organization/{ORG}"
        made = Organization(ORG, arn, "r-1", "999999999999", "a@example.com", NOW, policy_types=types)
        records.put(ORGANIZATIONS, (ORG,), made)
        records.put(PARENTS, (ORG, ACCOUNT), Reference("ou-1"))
        records.put(PARENTS, (ORG, "ou-1"), Reference("r-1"))
        for policy in policies.values():
            records.put(ORGANIZATION_POLICIES, (ORG, policy.policy_id), policy)
        full = ("p-FullAWSAccess", "p-RCPFullAWSAccess")
        for target in ("r-1", ACCOUNT):
            records.put(POLICY_TARGETS, (ORG, target), PolicyTargets(full))
        records.put(POLICY_TARGETS, (ORG, "ou-1"), PolicyTargets((*full, "p-scp", "p-rcp", "p-gone")))

    directory.write(work)


def test_an_account_in_no_organization_has_no_guardrails(directory: Directory) -> None:
    assert directory.store.read(lambda records: guardrails(records, ACCOUNT)) == (None, None)
    assert directory.store.read(lambda records: guardrails(records, "404404404404")) == (None, None)


def test_guardrails_stand_level_by_level_root_first(directory: Directory) -> None:
    organize(directory, SCP, RCP)
    scp, rcp = directory.store.read(lambda records: guardrails(records, ACCOUNT))
    assert scp is not None
    assert rcp is not None
    own = "arn:aws:organizations::aws:policy"
    full = f"{own}/service_control_policy/p-FullAWSAccess"
    assert [[policy.arn for policy in level] for level in scp] == [[full], [full, "arn:scp"], [full]]
    full = f"{own}/resource_control_policy/p-RCPFullAWSAccess"
    assert [[policy.arn for policy in level] for level in rcp] == [[full], [full, "arn:rcp"], [full]]
    assert scp[1][1].name == "`NoDelete`"


def test_a_policy_type_that_is_not_enabled_limits_nothing(directory: Directory) -> None:
    organize(directory, SCP)
    assert directory.store.read(lambda records: guardrails(records, ACCOUNT)).rcp is None


def test_scps_limit_member_accounts_and_never_the_management_account(directory: Directory) -> None:
    organize(directory, SCP, RCP)
    directory.keep(user(inline={"All": allow("*")}))
    policies = directory.policies(of_user())
    principal = of_user().principal
    denied = authorize(Request(principal, "s3:DeleteObject", "arn:aws:s3:::b/k"), policies)
    assert denied.message is not None
    assert denied.message.endswith("with an explicit deny in a service control policy: arn:scp")
    assert directory.store.read(lambda records: guardrails(records, "999999999999")) == (None, None)


def test_rcps_are_those_of_the_account_that_owns_the_resource(directory: Directory) -> None:
    organize(directory, SCP, RCP)
    stranger = Caller(Principal.from_arn("arn:aws:iam::999999999999:root"), "999999999999")
    assert directory.policies(stranger, ACCOUNT).rcp is not None
    assert directory.policies(stranger, ACCOUNT).scp is None
    assert directory.policies(stranger).rcp is None


def test_an_organization_that_is_gone_limits_nothing_and_a_broken_way_up_ends(directory: Directory) -> None:
    organize(directory, SCP)
    directory.write(lambda records: records.delete(PARENTS, ORG, "ou-1"))
    scp = directory.store.read(lambda records: guardrails(records, ACCOUNT)).scp
    assert scp is not None
    assert len(scp) == 2
    directory.write(lambda records: records.delete(ORGANIZATIONS, ORG))
    assert directory.store.read(lambda records: guardrails(records, ACCOUNT)) == (None, None)
