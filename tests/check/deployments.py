"""Deployments for the tests: a template with one key, who deploys it, and what is told about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparekey.check import check_template, make_deployer
from sparekey.snapshot import Snapshot, read_scps, read_snapshot
from sparekey.template import Environment, load_template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.check import Deployer, KeyReport, Rule, TemplateReport
    from sparekey.policy import ContextValue

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/Alice"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/Deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/alice"


def statement(principal: object, action: object = "kms:*", effect: str = "Allow", **more: object) -> dict[str, object]:
    """A statement about `*`; a text as principal is an ARN."""
    element = {"AWS": principal} if isinstance(principal, str) and principal != "*" else principal
    return {"Effect": effect, "Principal": element, "Action": action, "Resource": "*", **more}


def document(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def iam_allow(*actions: str, **more: object) -> dict[str, object]:
    return document({"Effect": "Allow", "Action": list(actions), "Resource": "*", **more})


EVERYTHING = iam_allow("*")
DELEGATING = document(statement(ROOT))


def key(policy: object = None, **properties: object) -> dict[str, object]:
    """A template with one key named `Key`."""
    if policy is not None:
        properties["KeyPolicy"] = policy
    return {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}


def replica(policy: object, **properties: object) -> dict[str, object]:
    primary = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-0123456789abcdef0123456789abcdef"
    members = {"PrimaryKeyArn": primary, "KeyPolicy": policy, **properties}
    return {"Resources": {"Key": {"Type": "AWS::KMS::ReplicaKey", "Properties": members}}}


def user(name: str, *policies: object, **more: object) -> dict[str, object]:
    """A user of a snapshot with inline policies."""
    return {
        "Path": "/",
        "UserName": name,
        "UserId": f"AIDA{name.upper()}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "UserPolicyList": _inline(policies),
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        **more,
    }


def role(
    name: str, *policies: object, path: str = "/", service: str = "cloudformation.amazonaws.com", **more: object
) -> dict[str, object]:
    """A role of a snapshot with inline policies; it trusts a service."""
    trust = document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
    return {
        "Path": path,
        "RoleName": name,
        "RoleId": f"AROA{name.upper()}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
        "AssumeRolePolicyDocument": trust,
        "RolePolicyList": _inline(policies),
        "AttachedManagedPolicies": [],
        "Tags": [],
        **more,
    }


def _inline(policies: Sequence[object]) -> list[object]:
    return [{"PolicyName": f"p{index}", "PolicyDocument": policy} for index, policy in enumerate(policies)]


def account(*identities: Mapping[str, object], **more: object) -> dict[str, object]:
    """A page of `aws iam get-account-authorization-details`."""
    users = [identity for identity in identities if "UserName" in identity]
    roles = [identity for identity in identities if "RoleName" in identity]
    return {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": roles, "Policies": [], **more}


def snapshot_of(*contents: object) -> Snapshot:
    return read_snapshot((f"iam{index}.json", json.dumps(each).encode()) for index, each in enumerate(contents))


def deployer_of(
    caller: str = ALICE,
    *,
    role_arn: str | None = None,
    iam: Sequence[object] = (),
    scp: Sequence[object] = (),
    context: Mapping[str, ContextValue] | None = None,
    stack_tags: Mapping[str, str] | None = None,
) -> tuple[Deployer, Snapshot]:
    """A deployer; every document of `scp` is a level."""
    snapshot = snapshot_of(*iam)
    levels = read_scps([[(f"scp{n}.json", json.dumps(level).encode())] for n, level in enumerate(scp)]) if scp else None
    found = make_deployer(
        caller, service_role=role_arn, snapshot=snapshot, scp=levels, context=context, stack_tags=stack_tags
    )
    return found, snapshot


def check(
    template: object,
    caller: str = ALICE,
    *,
    role_arn: str | None = None,
    iam: Sequence[object] = (EVERYTHING,),
    scp: Sequence[object] = (),
    context: Mapping[str, ContextValue] | None = None,
    stack_tags: Mapping[str, str] | None = None,
    environment: Environment | None = None,
    rules: Sequence[Rule] = (),
) -> TemplateReport:
    """Check a template (a mapping, or text) without rules. `iam` holds snapshot pages and plain documents."""
    text = template if isinstance(template, str) else json.dumps(template, indent=1)
    deployer, snapshot = deployer_of(
        caller, role_arn=role_arn, iam=iam, scp=scp, context=context, stack_tags=stack_tags
    )
    return check_template(
        load_template(text.encode(), "template"),
        environment=environment or Environment(region="eu-west-1"),
        deployer=deployer,
        snapshot=snapshot,
        rules=rules,
    )


def check_key(template: object, caller: str = ALICE, **options: object) -> KeyReport:
    (report,) = check(template, caller, **options).keys  # type: ignore[arg-type]  # handed on as they are
    return report
