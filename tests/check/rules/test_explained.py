"""Whatever a key policy looks like: a bad verdict is explained, and a good one is not spoiled."""

from __future__ import annotations

import json
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from sparekey.check import Level, Verdict
from sparekey.check.reports import FORMATS, render
from sparekey.errors import InputError
from tests.check.rules.checked import ALICE, Given, check

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::123456789012:root"], "Service": "logs.amazonaws.com"},
            "Action": ["kms:*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:CallerAccount": ["123456789012"]}},
        },
        {"Effect": "Deny", "NotPrincipal": {"AWS": ALICE}, "NotAction": "kms:Decrypt", "NotResource": "arn:aws:s3:::o"},
    ],
}
JUNK: st.SearchStrategy[object] = st.sampled_from(
    [
        *(None, True, 1, "", "*", "arn:", "${AWS::AccountId}", "nobody", "allow", [], {}, ["*"], {"AWS": []}),
        *(123456789012, "AROAEXAMPLEEXAMPLE234", "arn:aws:iam::123456789012:role/*", "arn:aws:iam::210987654321:root"),
        *({"Ref": "AWS::NoValue"}, {"Ref": "Told"}, {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}),
    ]
)
PATHS = st.sampled_from(
    [
        *(("Statement",), ("Version",), ("Statement", 0), ("Statement", 1)),
        *(("Statement", 0, name) for name in ("Effect", "Principal", "Action", "Resource", "Condition")),
        *(("Statement", 1, name) for name in ("Effect", "NotPrincipal", "NotAction", "NotResource")),
        *(("Statement", 0, "Principal", "AWS"), ("Statement", 0, "Principal", "AWS", 0), ("Statement", 0, "Action", 0)),
        *(("Statement", 0, "Condition", "StringEquals"), ("Statement", 1, "NotPrincipal", "AWS")),
    ]
)
CIRCUMSTANCES = st.sampled_from([Given(), Given(iam=None), Given(role_arn="arn:aws:iam::123456789012:role/Deploy")])
DEPLOYERS = st.sampled_from([ALICE, "arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:assumed-role/R/S"])


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(st.tuples(PATHS, JUNK), min_size=1, max_size=3), CIRCUMSTANCES, DEPLOYERS, st.booleans())
def test_a_bad_verdict_is_explained_and_a_good_one_is_not_spoiled(
    changes: list[tuple[tuple[str | int, ...], object]], circumstances: Given, deployer: str, bypass: bool
) -> None:
    policy: object = deepcopy(POLICY)
    for path, junk in changes:
        put(policy, path, junk)
    properties = {"KeyPolicy": policy, "BypassPolicyLockoutSafetyCheck": bypass}
    template = {
        "Parameters": {"Told": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "Told"}, "x"]}},
        "Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}},
    }
    try:
        report = check(json.dumps(template), deployer=deployer, given=circumstances)
    except InputError:  # CloudFormation refuses the template
        return
    for key in report.keys:
        errors = {finding.rule for finding in key.findings if finding.level is Level.ERROR}
        if key.verdict in (Verdict.LOCKOUT, Verdict.ACCESS_DENIED):
            assert len(errors) == 1
        elif key.verdict.level is Level.ERROR:
            assert errors
        elif key.verdict is Verdict.PASS:
            assert not errors
    for name in FORMATS:
        assert render(name, [report]) or name == "github"


def put(value: object, path: tuple[str | int, ...], junk: object) -> None:
    """Set a value deep inside; a path that an earlier change took away leads nowhere."""
    step, *rest = path
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        if rest:
            put(value[step], tuple(rest), junk)
        else:
            value[step] = deepcopy(junk)
    elif isinstance(value, dict):
        if rest:
            put(value.get(step), tuple(rest), junk)
        else:
            value[step] = deepcopy(junk)
