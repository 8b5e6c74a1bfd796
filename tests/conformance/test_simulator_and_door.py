"""SimulatePrincipalPolicy foretells what the door does: for users and roles with any policies at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import event, given, settings
from hypothesis import strategies as st

from sparekey.errors import ServiceError
from tests.services.account import Client, TestAccount, allow
from tests.services.organizations.an_organization import an_organization

#: What a statement may be about; ACCOUNT stands for the account's id.
ACTIONS = ["*", "iam:*", "iam:Get*", "iam:?etUser", "iam:GetUser", "IAM:getrole", "iam:TagUser", "s3:*"]
RESOURCES = [
    "*",
    "arn:aws:iam::ACCOUNT:user/team/bob",
    "arn:aws:iam::ACCOUNT:user/*",
    "arn:aws:iam::*:user/team/?ob",
    "arn:aws:iam::ACCOUNT:role/*",
    "arn:aws:iam::ACCOUNT:user/${aws:PrincipalTag/team}/*",
    "arn:aws:iam::ACCOUNT:user/${aws:username}",
    "arn:aws:iam::999999999999:user/*",
]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"StringEquals": {"aws:username": "ann"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*/caller"}},
    {"StringEquals": {"aws:PrincipalTag/team": "team"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "team"}},
    {"StringEquals": {"aws:ResourceTag/colour": "blue"}},
    {"StringEquals": {"iam:ResourceTag/colour": "${aws:ResourceTag/colour}"}},
    {"StringEqualsIfExists": {"aws:RequestTag/colour": "red"}},
    {"ForAnyValue:StringEquals": {"aws:TagKeys": ["colour", "size"]}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["size"]}},
    {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"DateLessThan": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}},
    {"Null": {"aws:TagKeys": "true"}},
]


class Call(NamedTuple):
    """A call, and what the simulator must be told of it."""

    operation: str
    resource: str
    parameters: dict[str, Any]
    context: dict[str, str | list[str]]


CALLS = [
    Call("GetUser", "user/team/bob", {"user_name": "BOB"}, {"aws:ResourceTag/colour": "blue"}),
    Call("GetUser", "user/caller", {"user_name": "caller"}, {}),
    Call("GetRole", "role/team/deploy", {"role_name": "deploy"}, {}),
    Call("GetAccountSummary", "*", {}, {}),
    Call(
        "TagUser",
        "user/team/bob",
        {"user_name": "bob", "tags": [{"Key": "colour", "Value": "red"}]},
        {"aws:ResourceTag/colour": "blue", "aws:RequestTag/colour": "red", "aws:TagKeys": ["colour"]},
    ),
]

statements = st.builds(
    lambda effect, negated, actions, elsewhere, resources, condition: {
        "Effect": effect,
        "NotAction" if negated else "Action": actions,
        "NotResource" if elsewhere else "Resource": resources,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sampled_from([False, False, False, True]),
    st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2),
    st.sampled_from([False, False, False, True]),
    st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2),
    st.sampled_from(CONDITIONS),
)
documents = st.lists(statements, min_size=1, max_size=3).map(
    lambda found: json.dumps({"Version": "2012-10-17", "Statement": found})
)
guards = st.builds(
    lambda effect, action: json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": effect, "Action": action, "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Action": "iam:Simulate*",
                    "Resource": "*",
                },  # the simulator is asked within the account
            ],
        }
    ),
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["iam:*User", "iam:Get*", "iam:TagUser", "s3:*"]),
)


@dataclass(frozen=True)
class Principal:
    """A user or role, and the policies that reach it."""

    kind: str
    inline: list[str]
    managed: list[str]
    of_group: list[str]
    boundary: str | None
    guards: list[str]
    replaces: bool


principals = st.builds(
    Principal,
    st.sampled_from(["user", "role"]),
    st.lists(documents, max_size=2),
    st.lists(documents, max_size=1),
    st.lists(documents, max_size=1),
    st.none() | documents,
    st.lists(guards, max_size=1),
    st.booleans(),
)


@settings(max_examples=150)
@given(principals)
def test_the_simulator_answers_what_the_door_does(principal: Principal) -> None:
    account, root, caller = made(principal)
    for call in CALLS:
        told = simulated(root, account, principal, call)
        heard = called(caller, call)
        event(f"{call.operation}: {told}")
        assert (told == "allowed") == (heard == ""), (call.operation, told, heard)
        if "service control policy" not in heard:  # one that is silent is said to deny
            assert (told == "explicitDeny") == ("explicit deny" in heard), (call.operation, told, heard)


def called(caller: Client, call: Call) -> str:
    """What the door says: nothing where it lets the call pass."""
    try:
        caller.call("iam", call.operation, **call.parameters)
    except ServiceError as error:
        return error.message if type(error).__name__ == "AccessDenied" else ""
    return ""


def simulated(root: Client, account: str, principal: Principal, call: Call) -> str:
    """What the simulator says of the same request, told of its context."""
    context: dict[str, str | list[str]] = {
        "aws:SourceIp": "127.0.0.1",
        "aws:SecureTransport": "false",
        "aws:CurrentTime": "2026-11-23T12:00:00Z",
        "aws:PrincipalTag/team": "team",
        **call.context,
    }
    if "aws:ResourceTag/colour" in call.context:
        context["iam:ResourceTag/colour"] = call.context["aws:ResourceTag/colour"]
    entries = [
        {
            "ContextKeyName": name,
            "ContextKeyType": "string" if isinstance(value, str) else "stringList",
            "ContextKeyValues": [value] if isinstance(value, str) else value,
        }
        for name, value in context.items()
    ]
    answer = root.iam.simulate_principal_policy(
        policy_source_arn=f"arn:aws:iam::{account}:{principal.kind}/caller",
        action_names=[f"iam:{call.operation}"],
        resource_arns=[f"arn:aws:iam::{account}:{call.resource}" if call.resource != "*" else "*"],
        context_entries=entries,
    )
    return str(answer["EvaluationResults"][0]["EvalDecision"])


def made(principal: Principal) -> tuple[str, Client, Client]:
    """A member account with the principal in it: its id, its root user, and the principal's own client."""
    organization = an_organization()
    account = organization.member()
    root = organization.root_of(account)
    tags = [{"Key": "team", "Value": "team"}]
    root.iam.create_user(user_name="bob", path="/team/", tags=[{"Key": "colour", "Value": "blue"}])
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
    root.iam.create_role(role_name="deploy", path="/team/", assume_role_policy_document=trust)
    if principal.kind == "user":
        root.iam.create_user(user_name="caller", tags=tags)
    else:
        root.iam.create_role(role_name="caller", assume_role_policy_document=trust, tags=tags)
        root.iam.create_user(user_name="who")
        root.iam.put_user_policy(user_name="who", policy_name="all", policy_document=allow("*"))
    caller = signed_in(organization.account, root, principal, account)
    _give(root, principal, account)
    for number, document in enumerate(principal.guards):
        organization.attached(document, account, name=f"guard-{number}")
        if principal.replaces:
            organization.calls.detach_policy(policy_id="p-FullAWSAccess", target_id=account)
    return account, root, caller


def _give(root: Client, principal: Principal, account: str) -> None:
    """Give the principal its policies."""
    of = {f"{principal.kind}_name": "caller"}

    def call(operation: str, **parameters: object) -> None:
        getattr(root.iam, operation.format(principal.kind))(**parameters)

    for number, document in enumerate(principal.inline):
        text = document.replace("ACCOUNT", account)
        call("put_{}_policy", **of, policy_name=f"inline-{number}", policy_document=text)
    for number, document in enumerate([*principal.managed, *([principal.boundary] if principal.boundary else [])]):
        text = document.replace("ACCOUNT", account)
        arn = root.iam.create_policy(policy_name=f"managed-{number}", policy_document=text)["Policy"]["Arn"]
        if number < len(principal.managed):
            call("attach_{}_policy", **of, policy_arn=arn)
        else:
            call("put_{}_permissions_boundary", **of, permissions_boundary=arn)
    if principal.kind == "user" and principal.of_group:
        root.iam.create_group(group_name="staff")
        root.iam.add_user_to_group(group_name="staff", user_name="caller")
        for document in principal.of_group:
            text = document.replace("ACCOUNT", account)
            root.iam.put_group_policy(group_name="staff", policy_name="p", policy_document=text)


def signed_in(account: TestAccount, root: Client, principal: Principal, account_id: str) -> Client:
    """The principal's client: a user's key, or a session of the role."""
    name = "caller" if principal.kind == "user" else "who"
    key = root.iam.create_access_key(user_name=name)["AccessKey"]
    client = account.with_key(key["AccessKeyId"])
    if principal.kind == "user":
        return client
    role = f"arn:aws:iam::{account_id}:role/caller"
    return account.with_session(client.sts.assume_role(role_arn=role, role_session_name="one")["Credentials"])
