"""Policy sets to decide on, in AWS's language and translated to Cedar's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparekey.policy import PolicySet, PolicyType, Principal, Request, RequestContext, parse_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/ci"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ACTIONS = (
    "Encrypt",
    "Decrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "DescribeKey",
    "GetKeyPolicy",
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "EnableKey",
    "DisableKey",
    "EnableKeyRotation",
    "DisableKeyRotation",
    "GetKeyRotationStatus",
    "ListGrants",
    "CreateGrant",
    "RevokeGrant",
    "TagResource",
)

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of one policy set, as JSON text."""

    key: str
    identity: tuple[str, ...]
    boundary: str
    scp: tuple[str, ...]

    def compile(self) -> PolicySet:
        """Parse all documents into a policy set."""
        return PolicySet(
            resource=parse_policy(self.key, type=PolicyType.KEY, name="key policy"),
            identity=tuple(parse_policy(text, name=f"policy {n}") for n, text in enumerate(self.identity)),
            boundary=parse_policy(self.boundary, type=PolicyType.BOUNDARY, name="boundary"),
            scp=tuple((parse_policy(text, type=PolicyType.SCP, name=f"SCP {n}"),) for n, text in enumerate(self.scp)),
        )

    @property
    def size(self) -> int:
        """Bytes of all documents together."""
        return sum(map(len, (self.key, self.boundary, *self.identity, *self.scp)))


def _document(statements: list[Json]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def _allow(sid: str, actions: object, resource: object = "*", **more: object) -> Json:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource, **more}


def _key_statements(count: int) -> list[Json]:
    """The account root, a Deny on insecure transport, and users of the key with conditions."""
    statements: list[Json] = [
        _allow("Root", "kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        {
            "Sid": "Tls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "kms:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    statements.extend(
        _allow(
            f"User{n}",
            ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/App{n}"},
            Condition={
                "StringEquals": {"kms:EncryptionContext:tenant": f"t{n}"},
                "StringLike": {"kms:ViaService": "s3.*.amazonaws.com"},
            },
        )
        for n in range(count - 2)
    )
    return statements


def _identity_statements(policy: int, count: int) -> list[Json]:
    """Statements on other services, and one that lets the role manage keys from inside the network."""
    services = ("s3", "sqs", "sns", "dynamodb", "logs", "ec2", "lambda", "ecr", "ssm", "iam")
    statements = []
    for n in range(count):
        service = services[n % len(services)]
        arn = f"arn:aws:{service}:eu-central-1:{ACCOUNT}:thing/{policy}/{n}/*"
        statements.append(_allow(f"S{policy}x{n}", [f"{service}:Get*", f"{service}:List*", f"{service}:Put*"], arn))
    statements[-1] = _allow(
        f"Keys{policy}",
        ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Encrypt", "kms:Decrypt"],
        f"arn:aws:kms:*:{ACCOUNT}:key/*",
        Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}},
    )
    return statements


def small() -> Documents:
    """A key policy of 6 statements, 3 identity policies of 10, a boundary and two SCP levels."""
    return _documents(6, 3, 10, 2)


def large() -> Documents:
    """A key policy of 100 statements (32 KB), ten managed policies of about 6 KB, a boundary, three SCP levels."""
    return _documents(100, 10, 36, 3)


def _documents(key: int, policies: int, statements: int, levels: int) -> Documents:
    region_guard: Json = {
        "Sid": "Regions",
        "Effect": "Deny",
        "NotAction": ["iam:*", "organizations:*", "sts:*"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}},
    }
    return Documents(
        key=_document(_key_statements(key)),
        identity=tuple(_document(_identity_statements(n, statements)) for n in range(policies)),
        boundary=_document([_allow("Ceiling", "*")]),
        scp=tuple(_document([_allow("Full", "*"), region_guard]) for _ in range(levels)),
    )


def requests(count: int) -> Iterator[Request]:
    """Requests that all differ: every action in turn, every one from another address and with another context."""
    principal = Principal.from_arn(SESSION)
    for n in range(count):
        values = {
            "aws:SourceIp": f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
            "aws:SecureTransport": "true",
            "aws:RequestedRegion": "eu-central-1",
            "kms:EncryptionContext:tenant": f"tenant-{n}",
        }
        yield Request(principal, f"kms:{ACTIONS[n % len(ACTIONS)]}", KEY, RequestContext(values))


def cedar(documents: Documents) -> str:
    """The same statements as Cedar policies: permit and forbid, one a statement.

    Cedar has no delegation, boundary or SCP levels, so this is the same amount of matching, not the same answer.
    """
    texts = (documents.key, *documents.identity, documents.boundary, *documents.scp)
    return "\n".join(_cedar_policy(s) for text in texts for s in json.loads(text)["Statement"])


def _cedar_policy(statement: Json) -> str:
    effect = "permit" if statement["Effect"] == "Allow" else "forbid"
    tests = []
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        names = principal["AWS"] if isinstance(principal["AWS"], list) else [principal["AWS"]]
        tests.append("(" + " || ".join(f'context.role == "{name}"' for name in names) + ")")
    actions = statement.get("Action", statement.get("NotAction"))
    patterns = actions if isinstance(actions, list) else [actions]
    listed = "(" + " || ".join(f'context.action like "{pattern}"' for pattern in patterns) + ")"
    tests.append(listed if "Action" in statement else f"!{listed}")
    tests.append(f'context.resource like "{statement["Resource"]}"')
    conditions = statement.get("Condition", {})
    for keys in conditions.values() if isinstance(conditions, dict) else ():
        for key, values in keys.items():
            wanted = values if isinstance(values, list) else [values]
            name = key.replace(":", "_")
            tests.append("(" + " || ".join(f'context.{name} like "{value}"' for value in wanted) + ")")
    return f"{effect}(principal, action, resource) when {{ {' && '.join(tests)} }};"
