"""The second act of the demo: a stock client (botocore) calls a server as the root user, as Dave and as a role.

The environment signs it in. Every call is printed with its answer; one that is answered otherwise than expected ends
the demo with 1.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = "arn:aws:iam::123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": f"{ROOT}:user/Dave"}, "Action": "sts:AssumeRole"},
}
BOUNDED = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 1})


def main() -> int:
    """Play the act."""
    root = Caller("root")
    show("Who is the root user?")
    root.call("sts", "get_caller_identity", "Arn")
    show("What may Dave do? The simulator asks the engine that decided step 8")
    root.call(
        "iam",
        "simulate_principal_policy",
        "EvaluationResults[].[EvalActionName, EvalDecision]",
        PolicySourceArn=f"{ROOT}:user/Dave",
        ActionNames=["kms:CreateKey", "kms:PutKeyPolicy"],
    )
    show("Dave gets an access key, and signs in")
    dave = Caller("Dave", root.call("iam", "create_access_key", "AccessKey", shown="UserName", UserName="Dave"))
    dave.call("sts", "get_caller_identity", "Arn")
    show("He would like to be an administrator")
    dave.call(
        "iam",
        "attach_user_policy",
        refused="AccessDenied",
        UserName="Dave",
        PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess",
    )
    show("With a wrong secret he is nobody")
    wrong = Caller("Dave?", {**dave.key, "SecretAccessKey": "wrong"})
    wrong.call("sts", "get_caller_identity", refused="SignatureDoesNotMatch")
    show("A role that trusts him, with AWS's SecurityAudit policy: he may look around for an hour, and no more")
    root.call("iam", "create_role", "Role.Arn", RoleName="Audit", AssumeRolePolicyDocument=json.dumps(TRUST))
    root.call("iam", "attach_role_policy", RoleName="Audit", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    assumed = dave.call(
        "sts", "assume_role", "Credentials", shown="Expiration", RoleArn=f"{ROOT}:role/Audit", RoleSessionName="Dave"
    )
    audit = Caller("Audit/Dave", assumed)
    audit.call("iam", "list_users", "Users[].UserName")
    audit.call("iam", "delete_user", refused="AccessDenied", UserName="Alice")
    return 0


class Caller:
    """A principal that calls, by its credentials; the root user's are those of the environment."""

    def __init__(self, name: str, key: dict[str, Any] | None = None) -> None:
        """Sign in."""
        self.name = name
        self.key = key or {}
        self.session = botocore.session.get_session()
        if key:
            self.session.set_credentials(key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken"))

    def call(
        self,
        service: str,
        operation: str,
        wanted: str = "",
        *,
        shown: str = "",
        refused: str | None = None,
        **parameters: Any,
    ) -> Any:
        """Call, print what was called and answered, and give the part of the answer that is wanted."""
        import jmespath

        given = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
        sys.stdout.write(f"  {self.name}: {service}.{operation}({_short(given)})\n")
        try:
            answer = getattr(self.session.create_client(service, config=BOUNDED), operation)(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            sys.stdout.write(f"    {code}: {error.response['Error']['Message']}\n")
            if code != refused:
                sys.exit(f"demo: `{refused or 'an answer'}` was expected")
            return {}
        if refused:
            sys.exit(f"demo: `{refused}` was expected")
        found = jmespath.search(wanted, answer) if wanted else None
        if found is not None:
            sys.stdout.write(f"    {_plain(found[shown] if shown else found)}\n")
        return found


def show(title: str) -> None:
    """Say what comes."""
    sys.stdout.write(f"\n{title}\n")


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:90]}…"


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(": ".join(each) if isinstance(each, list) else str(each) for each in value)
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
