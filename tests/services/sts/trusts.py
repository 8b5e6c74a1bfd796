"""Roles to assume, and the policies that let one."""

from __future__ import annotations

import json
from typing import Any

from tests.services.account import ACCOUNT, Client, TestAccount

ROLES = f"arn:aws:iam::{ACCOUNT}:role/"


def trust(principal: Any, *actions: str, **condition: object) -> str:
    """A trust policy of one statement: `principal` is its Principal, or the ARN (or account) under `AWS`."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": principal} if isinstance(principal, str) else principal,
        "Action": list(actions or ("sts:AssumeRole",)),
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def a_role(account: TestAccount, name: str, trust_policy: str, *policies: str, **more: Any) -> str:
    """Make a role with inline policies; its ARN."""
    root = account.root
    arn: str = root.iam.create_role(role_name=name, assume_role_policy_document=trust_policy, **more)["Role"]["Arn"]
    for number, document in enumerate(policies):
        root.iam.put_role_policy(role_name=name, policy_name=f"inline-{number}", policy_document=document)
    return arn


def in_role(client: Client, role_arn: str, session: str = "session", **more: Any) -> Client:
    """The client after it has assumed a role."""
    answer = client.sts.assume_role(role_arn=role_arn, role_session_name=session, **more)
    return client.account.with_session(answer["Credentials"])
