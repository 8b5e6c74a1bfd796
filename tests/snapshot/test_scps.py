"""Service control policies by level."""

from __future__ import annotations

import json

import pytest

from sparekey.errors import InputError
from sparekey.policy import PolicyType
from sparekey.snapshot import read_scps
from sparekey.source import Place
from tests.check.deployments import document

DENY = document({"Sid": "No", "Effect": "Deny", "Action": "kms:*", "Resource": "*"})
ARN = "arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-b"
DESCRIBED = {"Policy": {"PolicySummary": {"Id": "p-b", "Arn": ARN, "Name": "No"}, "Content": json.dumps(DENY)}}


def file(content: object, name: str = "scp.json") -> tuple[str, bytes]:
    return name, json.dumps(content).encode()


@pytest.mark.parametrize(
    ("content", "arn"),
    [(DENY, None), (DESCRIBED, ARN), (DESCRIBED["Policy"], ARN), ({"Content": json.dumps(DENY)}, None), ([DENY], None)],
)
def test_documents_and_descriptions_are_read(content: object, arn: str | None) -> None:
    (((policy,)),) = read_scps([[file(content)]])
    assert policy.type is PolicyType.SCP
    assert policy.arn == arn
    assert policy.name == f"`{arn or 'scp.json'}`"
    assert [statement.sid for statement in policy.statements] == ["No"]
    place = policy.place(policy.statements[0])
    assert place is not None
    assert place.file == "scp.json"


def test_levels_keep_their_order_and_hold_several_policies() -> None:
    levels = read_scps([[file(DENY, "a"), file(DENY, "b")], [], [("c", (json.dumps(DENY) * 2).encode())]])
    assert [[policy.name for policy in level] for level in levels] == [["`a`", "`b`"], [], ["`c`", "`c`"]]


def test_a_list_of_summaries_is_an_error() -> None:
    with pytest.raises(InputError, match="neither a policy document nor `aws organizations describe-policy` output"):
        read_scps([[file({"Policies": [{"Id": "p-b"}]})]])


def test_a_policy_that_organizations_would_refuse_is_an_error() -> None:
    wrong = document({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"})
    with pytest.raises(InputError) as error:
        read_scps([[file(wrong)]])
    assert error.value.place is not None
    assert error.value.place.file == "scp.json"


def test_content_that_is_no_json_is_an_error_at_the_content() -> None:
    with pytest.raises(InputError) as error:
        read_scps([[file({"Policy": {"Content": "{"}})]])
    assert error.value.place == Place("scp.json", 1, 24)
