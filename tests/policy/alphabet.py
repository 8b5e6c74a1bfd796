"""The small alphabets that generated cases are made of, so that policies and requests often meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HOME, ABROAD = "111111111111", "222222222222"

KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/ffffabcd-12ab-34cd-56ef-1234567890ab"
ALIAS = f"arn:aws:kms:eu-west-1:{HOME}:alias/orders"
AWS_ALIAS = f"arn:aws:kms:eu-west-1:{HOME}:alias/aws/s3"
OBJECT = "arn:aws:s3:::orders/a/b:c"
ROLE = f"arn:aws:iam::{HOME}:role/Admin"
DEPLOY = f"arn:aws:iam::{HOME}:role/ops/Deploy"
ROLE_ABROAD = f"arn:aws:iam::{ABROAD}:role/Admin"
LINKED = f"arn:aws:iam::{HOME}:role/aws-service-role/mrk.kms.amazonaws.com/AWSServiceRoleForKeys"
USER = f"arn:aws:iam::{HOME}:user/Ann"
BOB = f"arn:aws:iam::{HOME}:user/ops/Bob"
USER_ABROAD = f"arn:aws:iam::{ABROAD}:user/Ann"
ROOT, ROOT_ABROAD = f"arn:aws:iam::{HOME}:root", f"arn:aws:iam::{ABROAD}:root"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/Admin/first"
SIBLING = f"arn:aws:sts::{HOME}:assumed-role/Admin/second"
DEPLOY_SESSION = f"arn:aws:sts::{HOME}:assumed-role/Deploy/first"
SESSION_ABROAD = f"arn:aws:sts::{ABROAD}:assumed-role/Admin/first"
LINKED_SESSION = f"arn:aws:sts::{HOME}:assumed-role/AWSServiceRoleForKeys/first"
FEDERATED = f"arn:aws:sts::{HOME}:federated-user/Fay"
SERVICE = "s3.amazonaws.com"

Caller = str | Mapping[str, str]

SESSION_CALLER: Caller = {"arn": SESSION, "role_arn": ROLE}
#: Callers, those at home more often.
CALLERS: Sequence[Caller] = (
    USER,
    SESSION_CALLER,
    {"arn": SIBLING, "role_arn": ROLE},
    {"arn": DEPLOY_SESSION, "role_arn": DEPLOY},
    BOB,
    ROOT,
    {"arn": FEDERATED, "user_arn": USER},
    {"arn": SESSION_ABROAD, "role_arn": ROLE_ABROAD},
    USER_ABROAD,
    ROOT_ABROAD,
    {"arn": LINKED_SESSION, "role_arn": LINKED, "kind": "service-linked-role"},
    SERVICE,
    "*",
)

#: Who may stand under ``AWS`` in a Principal element.
NAMED: Sequence[str] = (
    ROOT,
    USER,
    ROLE,
    SESSION,
    HOME,
    FEDERATED,
    DEPLOY,
    BOB,
    SIBLING,
    ROOT_ABROAD,
    ROLE_ABROAD,
    USER_ABROAD,
    SESSION_ABROAD,
    ABROAD,
    "*",
)

#: Actions, each with the resource it is asked on.
KEY_ACTIONS: Sequence[tuple[str, str]] = (
    ("kms:Decrypt", KEY),
    ("kms:PutKeyPolicy", KEY),
    ("KMS:encrypt", KEY),
    ("kms:GenerateDataKey", KEY),
    ("kms:DescribeKey", KEY),
    ("kms:CreateGrant", KEY),
    ("kms:RetireGrant", KEY),
    ("kms:Sign", KEY),
)
OTHER_ACTIONS: Sequence[tuple[str, str]] = (
    ("s3:GetObject", OBJECT),
    ("sts:AssumeRole", ROLE),
    ("kms:CreateKey", "*"),
    ("s3:ListAllMyBuckets", "*"),
    ("kms:CreateAlias", ALIAS),
    ("kms:UpdateAlias", AWS_ALIAS),
    ("iam:GetUser", USER),
    ("sts:GetCallerIdentity", "*"),
)

#: Patterns for Action and NotAction.
ACTION_PATTERNS: Sequence[str] = (
    "*",
    "kms:*",
    "s3:*",
    "sts:AssumeRole",
    "kms:Decrypt",
    "kms:PutKeyPolicy",
    "KMS:ENCRYPT",
    "kms:*Grant",
    "kms:De*",
    "kms:Put?eyPolicy",
    "s3:Get*",
    "iam:*",
    "kms:GenerateDataKey",
    "k*:*rypt",
    "*:*",
    "kms:Create*",
    "sts:*",
    "kms:List*",
    "kms: Decrypt",
    "kms:Decrypt, kms:Encrypt",
)

#: Patterns for Resource and NotResource outside of key policies.
RESOURCE_PATTERNS: Sequence[str] = (
    "*",
    KEY,
    f"arn:aws:kms:*:{HOME}:key/*",
    "arn:aws:s3:::orders/*",
    "arn:aws:kms:eu-west-1:${aws:PrincipalAccount}:key/*",
    "arn:aws:kms:*:*:*",
    OTHER_KEY,
    ROLE,
    "arn:aws:*:*:*:*",
    "arn:aws:s3:::orders/${aws:PrincipalTag/Team}/*",
    "arn:aws:s3:::orders/?/b*",
    "arn:aws:s3:::ord*",
    "arn:*",
    "arn:aws:s3",
    "arn:aws:k?s",
    "arn:aws:kms*",
    f"arn:aws:iam::{HOME}:role/*",
    f"arn:aws:iam::{HOME}:user/${{aws:username}}",
    f"arn:aws:kms:eu-west-1:{HOME}:alias/*",
    "arn:*:*:*:*:*/*",
)

TRUST_ACTION_PATTERNS: Sequence[str] = ("sts:AssumeRole", "sts:*", "sts:Assume*", "STS:aSSUMErOLE", "sts:TagSession")

TEXTS: Sequence[str] = ("a", "b", "A", "", "ab", "a/b", "a*", "*", "a*b", "*b", "aXb", "\U00010400", "true")
TEXT_OPERANDS: Sequence[str] = (
    "a",
    "b",
    "a*",
    "?",
    "*",
    "",
    "a?b",
    "A",
    "??",
    "\U00010428",
    "a${*}",
    "${*}",
    "*${*}",
    "${?}*",
    "${aws:PrincipalTag/Team}",
    "${aws:principaltag/team}*",
    "${aws:PrincipalTag/Team, 'a'}",
    "${aws:TagKeys}",
    "${aws:TagKeys, 'a'}",
    "${aws:username}",
    "${$}",
)
#: Texts that some ways of leaving letter case aside hold for equal, and others do not.
LETTERS: Sequence[str] = (
    "K",
    "\u212a",
    "s",
    "\u017f",
    "SS",
    "\u00df",
    "\u1e9e",
    "\u039f\u03a3",
    "\u03bf\u03c2",
    "\u03bf\u03c3",
    "A\u03a3\U00010400",
    "a\u03c3\U00010400",
    "A\U00010428",
    "a\U00010400",
    "\u0130",
    "i\u0307",
    "I",
)
NUMBERS: Sequence[str] = ("1", "2", "01", "1.0", "+1", "0.5", ".5", "1e0", "10", "9007199254740993", "", "NaN", "1x")
NUMBER_OPERANDS: Sequence[str] = ("1", "2", "1.", "10e-1", "0.50", "9007199254740992", "-1.0", "1.00000000000000000001")
DATES: Sequence[str] = (
    "2030-01-01T00:00:00Z",
    "2030-01-01",
    "1893456000",
    "2030-01-01T00:00:00.0009Z",
    "2030-01-01T00:00:00.001Z",
    "2029-12-31T23:00:00-01:00",
    "2030-01-01T00:00:00",
    "+1893456001",
    "2029-12-31T23:59:59Z",
    "2030-02-30T00:00:00Z",
    "",
    "soon",
)
DATE_OPERANDS: Sequence[str] = (
    "2030-01-01T00:00:00Z",
    "1893456000",
    "2030-01-01T00:00:00.001Z",
    "2030-01-01T01:00:00+01:00",
)
TRUTHS: Sequence[str] = ("true", "false", "TRUE", "yes", "", " true ")
TRUTH_OPERANDS: Sequence[str | bool] = ("true", "false", "True", True, False, "${aws:PrincipalTag/Team}")
ADDRESSES: Sequence[str] = (
    "192.0.2.1",
    "192.0.2.255",
    "192.0.3.0",
    "192.000.002.001",
    "2001:db8::1",
    "2001:DB8:0:0::5",
    "::ffff:192.0.2.1",
    "::FFFF:c000:201",
    "2001:db8:::1",
    "2001:db8::1:",
    "2001:db8:0:1::",
    "192.0.2.1/32",
    "192.0.513",
    "2001::db8::1",
    "",
    "not-an-ip",
)
NETWORKS: Sequence[str] = (
    "192.0.2.0/24",
    "192.0.2.5/24",
    "192.0.2.1",
    "0.0.0.0/0",
    "192.0.2.0/+24",
    "192.0.3.0/31",
    "::/0",
    "2001:db8::/64",
    "2001:db8::1",
    "2001:db8::1/128",
    "2001:db8::4/127",
    "::ffff:c000:200/120",
)
#: What only a session policy may hold; elsewhere a variable may bring a malformed ARN in.
MALFORMED_NETWORKS: Sequence[str] = ("2001:db8::5/64", "2001:db8::/129", "not-an-ip", "::ffff:192.0.2.0/120")
MALFORMED_NUMBERS: Sequence[str] = ("NaN", "", "1x")
MALFORMED_DATES: Sequence[str] = ("soon", "")
MALFORMED_ARNS: Sequence[str] = ("not-an-arn", "")
ARNS: Sequence[str] = (OBJECT, ROLE, USER, KEY, "arn:aws:s3:::ord\U00010400rs", "not-an-arn", "", "arn:aws:s3")
ARN_OPERANDS: Sequence[str] = (
    "arn:aws:s3:::orders/*",
    "arn:aws:iam::*:role/*",
    ROLE,
    USER,
    "arn:aws:*:*:*:*",
    f"arn:aws:iam::{HOME}:*/A??*",
    "arn:aws:iam::${aws:PrincipalAccount}:user/*",
    "arn:aws:s3:::ord??rs",
    "${aws:PrincipalTag/Team}",
    "arn:aws:s3*",
)
BINARIES: Sequence[str] = ("YQ==", "YQ", "YR==", " YQ== ", "Yg==", "")
BINARY_OPERANDS: Sequence[str] = ("YQ==", "Yg==")

#: A family of condition keys: those of one type, with what a request and a policy may hold for them.
TEXT_KEYS = (
    "aws:PrincipalTag/Team",
    "aws:RequestTag/team",
    "kms:ViaService",
    "kms:EncryptionContext:app",
    "aws:ResourceTag/team",
)
TAG_KEYS = ("aws:TagKeys", "kms:EncryptionContextKeys", "kms:ResourceAliases")
SETS: Sequence[tuple[str, ...]] = (
    ("a",),
    ("a", "b"),
    ("b",),
    (),
    ("",),
    ("", "a"),
    ("1", "2"),
    ("192.0.2.1", "x"),
    (USER, "a"),
    (USER, ROLE),
    ("2030-01-01", "soon"),
    ("true", "no"),
    ("YQ==",),
)
