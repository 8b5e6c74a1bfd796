"""The recorded decisions about IAM's own calls, once more through the door: who is there, what it calls, what it hears.

``test_decisions.py`` asks the engine. Here the user or role is made with the recorded policy, the entity the call is
about with the recorded path, and the call is made over the wire.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.corpus import Case, items
from tests.conformance.over_the_wire import Wired
from tests.services.account import Client, TestAccount, an_account

#: Of KMS, which is not served yet; and of a session whose managed policy is followed in corpus/sts/sessions.yaml.
ELSEWHERE = {"kms-mr-create-with-slr-deny", "sts-managed-session-v1"}

CASES = [case for file, case in items("decisions") if file == "iam-authz" and case["id"] not in ELSEWHERE]

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


@pytest.mark.parametrize("case", [pytest.param(case, id=str(case["id"])) for case in CASES])
def test_the_door_decides_as_recorded(case: Case) -> None:
    account = an_account()
    caller = the_caller(account, case)
    operation = str(case["action"]).partition(":")[2]
    make_entity(account, str(case["resource"]), creates=operation.startswith("Create"))
    told = Wired(account).code(caller, "iam", operation, **parameters(account, case))
    assert (told == "AccessDenied") == (case["expect"] != "allowed"), told


def the_caller(account: TestAccount, case: Case) -> Client:
    """The user or role session of a case, with its policies."""
    policies: Any = case["policies"]
    documents = [json.dumps(each) for each in policies["identity"]]
    if ":assumed-role/" not in str(case["principal"]):
        return account.signed_in("caller", *documents)
    who = account.signed_in("who")
    trust = TRUST.replace('"Service": "ec2.amazonaws.com"', f'"AWS": "{who.arn}"')
    arn = account.root.iam.create_role(role_name="caller", assume_role_policy_document=trust)["Role"]["Arn"]
    for number, document in enumerate(documents):
        account.root.iam.put_role_policy(role_name="caller", policy_name=f"p{number}", policy_document=document)
    return account.with_session(who.sts.assume_role(role_arn=arn, role_session_name="one")["Credentials"])


def make_entity(account: TestAccount, arn: str, *, creates: bool) -> None:
    """What the call is about, under its recorded path and name; nothing for a call that makes it."""
    if arn == "*" or creates:
        return
    kind, _, rest = arn.split(":", 5)[5].partition("/")
    path, _, name = rest.rpartition("/")
    iam, path = account.root.iam, f"/{path}/"
    match kind:
        case "user":
            iam.create_user(user_name=name, path=path)
            iam.create_access_key(user_name=name)
        case "group":
            iam.create_group(group_name=name, path=path)
        case "role":
            iam.create_role(role_name=name, path=path, assume_role_policy_document=TRUST)
        case _:
            iam.create_instance_profile(instance_profile_name=name, path=path)


def parameters(account: TestAccount, case: Case) -> dict[str, str]:
    """The recorded parameters. (What an operation does not take, such as a path to find a role by, is left out.)"""
    operation, resource = str(case["action"]).partition(":")[2], str(case["resource"])
    if resource == "*":
        return {}
    kind, _, rest = resource.split(":", 5)[5].partition("/")
    path, _, name = rest.rpartition("/")
    if operation == "GetAccessKeyLastUsed":
        (key,) = account.root.iam.list_access_keys(user_name=name)["AccessKeyMetadata"]
        return {"AccessKeyId": key["AccessKeyId"]}
    member = {"user": "UserName", "group": "GroupName", "role": "RoleName"}.get(kind, "InstanceProfileName")
    if operation.startswith("Create"):
        return {member: name, "Path": f"/{path}/"}
    return {member: name.upper() if "uppercase" in str(case["id"]) else name}


#: Recorded with live calls of TagUser, whose tags are the context keys, by a session with a session policy.
TAGGING = [
    case
    for _, case in items("decisions")
    if case["action"] == "iam:TagUser" and "recorded" in case and not case.get("simulator")
]


@pytest.fixture(scope="module")
def tagging() -> tuple[TestAccount, Client]:
    """An account with a user to tag, and a user that may assume the role of the recordings."""
    account = an_account()
    account.root.iam.create_user(user_name="target")
    who = account.signed_in("who")
    trust = TRUST.replace('"Service": "ec2.amazonaws.com"', f'"AWS": "{who.arn}"')
    account.root.iam.create_role(role_name="Caller", assume_role_policy_document=trust)
    return account, who


@pytest.mark.parametrize("case", [pytest.param(case, id=str(case["id"])) for case in TAGGING])
def test_conditions_hold_for_live_calls_as_recorded(tagging: tuple[TestAccount, Client], case: Case) -> None:
    account, who = tagging
    wired = Wired(account)
    policies: Any = case["policies"]
    (identity,), (session,) = policies["identity"], policies["session"]
    account.root.iam.put_role_policy(role_name="Caller", policy_name="tags", policy_document=json.dumps(identity))
    role = f"arn:aws:iam::{account.account_id}:role/Caller"
    answer = wired.call(who, "sts", "AssumeRole", RoleArn=role, RoleSessionName="session", Policy=json.dumps(session))
    account.root.iam.untag_user(user_name="target", tag_keys=list(tags_of(account)))
    caller = account.with_session(answer["Credentials"])
    told = wired.code(caller, "iam", "TagUser", UserName="target", Tags=requested_tags(case))
    assert told == ("AccessDenied" if case["expect"] != "allowed" else "" if requested_tags(case) else "InvalidInput")


def tags_of(account: TestAccount) -> list[str]:
    return [each["Key"] for each in account.root.iam.list_user_tags(user_name="target")["Tags"]]


def requested_tags(case: Case) -> list[dict[str, str]]:
    """The tags of the recorded request; none where it had an empty list."""
    context: Any = case.get("context") or {}
    prefix = "aws:RequestTag/"
    return [
        {"Key": name.removeprefix(prefix), "Value": value}
        for name, value in context.items()
        if name.startswith(prefix) and value is not None
    ]


def test_every_recording_of_tags_is_called() -> None:
    assert len(TAGGING) == 475
