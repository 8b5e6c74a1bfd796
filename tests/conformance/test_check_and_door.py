"""What ``check --iam`` makes of a running account's snapshot is what the account's own door decides.

The lockout safety check asks whether the deployer may call kms:PutKeyPolicy under the new key policy. For any user or
role, and any key policy, the answer from GetAccountAuthorizationDetails and that from the server's records agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from sparekey.check import make_deployer
from sparekey.cloud import Circumstances
from sparekey.cloud._authorization import decide
from sparekey.policy import Outcome, PolicyType, Request, authorize, parse_policy
from sparekey.services.operation import Target
from sparekey.snapshot import Snapshot, read_scps, read_snapshot
from tests.conformance.over_the_wire import Wired
from tests.conformance.test_simulator_and_door import Principal, made
from tests.services.account import Client, TestAccount, allow

KEY = "arn:aws:kms:us-east-1:ACCOUNT:key/1234abcd-12ab-34cd-56ef-1234567890ab"

statements = st.builds(
    lambda effect, action, resource, condition: {
        "Effect": effect,
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sampled_from(["*", "kms:*", "kms:Put*", "KMS:putkeypolicy", "kms:Get*", "iam:*"]),
    st.sampled_from(["*", KEY, "arn:aws:kms:*:ACCOUNT:key/*", "arn:aws:kms:*:*:alias/*"]),
    st.sampled_from(
        [
            {},
            {},
            {"StringEquals": {"aws:PrincipalTag/team": "team"}},
            {"StringEquals": {"aws:username": "caller"}},
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
            {"Bool": {"aws:ViaAWSService": "true"}},
            {"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}},
            {"StringEquals": {"kms:CallerAccount": "ACCOUNT"}},
            {"IpAddress": {"aws:SourceIp": "127.0.0.1"}},
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        ]
    ),
)
documents = st.lists(statements, min_size=1, max_size=2).map(
    lambda found: json.dumps({"Version": "2012-10-17", "Statement": found})
)
key_policies = st.lists(
    st.builds(
        lambda effect, principal, action: {
            "Effect": effect,
            "Principal": principal,
            "Action": action,
            "Resource": "*",
        },
        st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        st.sampled_from(
            [
                "*",
                {"AWS": "ACCOUNT"},
                {"AWS": "arn:aws:iam::ACCOUNT:root"},
                {"AWS": "CALLER"},
                {"AWS": "arn:aws:iam::ACCOUNT:user/bob"},
                {"AWS": "arn:aws:sts::ACCOUNT:assumed-role/caller/one"},
                {"AWS": "999999999999"},
            ]
        ),
        st.sampled_from(["kms:*", "kms:Put*", "kms:Encrypt"]),
    ),
    min_size=1,
    max_size=2,
).map(lambda found: json.dumps({"Version": "2012-10-17", "Statement": found}))
guards = st.sampled_from(
    [allow("*"), allow("kms:*"), allow(["kms:Get*", "iam:*"]), allow("*").replace("Allow", "Deny")]
)
principals = st.builds(
    Principal,
    st.sampled_from(["user", "role"]),
    st.lists(documents, max_size=2),
    st.lists(documents, max_size=1),
    st.lists(documents, max_size=1),
    st.none() | documents,
    st.just([]),
    st.just(value=False),
)


@settings(max_examples=150)
@given(principals, key_policies, st.none() | guards)
def test_a_snapshot_decides_as_the_account_does(principal: Principal, key_policy: str, guard: str | None) -> None:
    account_id, root, caller = made(principal)
    snapshot = read_snapshot([("details.json", json.dumps(printed(details(root))).encode())])
    if guard is not None:
        attach(root.account, account_id, guard)
    named = f"arn:aws:iam::{account_id}:{principal.kind}/caller"
    policy = key_policy.replace("ACCOUNT", account_id).replace("CALLER", named)
    foretold = told_by(snapshot, caller.arn, account_id, policy, guard)
    decided = decided_by(root.account, caller, account_id, policy)
    event(f"{foretold} and {decided}")
    assert decided is not Outcome.UNDECIDED
    assert foretold in (decided, Outcome.UNDECIDED)


def told_by(snapshot: Snapshot, caller: str, account: str, policy: str, guard: str | None) -> Outcome:
    """What the check says, who knows the account by its snapshot."""
    scp = None if guard is None else read_scps([[("root.json", allow("*").encode())], [("guard.json", guard.encode())]])
    deployer = make_deployer(caller, snapshot=snapshot, scp=scp)
    request = Request(
        deployer.principal, "kms:PutKeyPolicy", KEY.replace("ACCOUNT", account), deployer.context, account
    )
    return authorize(request, deployer.with_key_policy(parse_policy(policy, type=PolicyType.KEY))).outcome


def decided_by(account: TestAccount, caller: Client, account_id: str, policy: str) -> Outcome:
    """What the door says, which has the records; the call comes from CloudFormation."""
    key = parse_policy(policy, type=PolicyType.KEY)
    target = Target(KEY.replace("ACCOUNT", account_id), account_id, key)
    via = Circumstances(source_ip="127.0.0.1", called_via=("cloudformation.amazonaws.com",))
    own = {"kms:CallerAccount": account_id}
    now = account.clock.now()
    return account.cloud.store.read(
        lambda records: decide(records, caller.caller, "kms:PutKeyPolicy", target, own, via, now)
    ).outcome


def attach(account: TestAccount, target: str, guard: str) -> None:
    """Let this be the one SCP of an account."""
    calls = account.root.organizations
    made = calls.create_policy(content=guard, description="", name="guard", type="SERVICE_CONTROL_POLICY")
    calls.attach_policy(policy_id=made["Policy"]["PolicySummary"]["Id"], target_id=target)
    calls.detach_policy(policy_id="p-FullAWSAccess", target_id=target)


def details(root: Client) -> Mapping[str, Any]:
    """The account as the AWS CLI gets it, page by page."""
    wired, pages = Wired(root.account), []
    marker: dict[str, str] = {}
    while True:
        page = wired.call(root, "iam", "GetAccountAuthorizationDetails", MaxItems=3, **marker)
        pages.append(page)
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    names = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    return {name: [each for page in pages for each in page[name]] for name in names}


def printed(value: Any) -> Any:
    """An answer as the AWS CLI prints it: times as texts."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [printed(each) for each in value]
    return {name: printed(each) for name, each in value.items()} if isinstance(value, dict) else value
