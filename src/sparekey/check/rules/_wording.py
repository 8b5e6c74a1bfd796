"""How findings name the deployer and write corrections in the template's own style."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparekey.check._view import KeyView

_ROOT = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"


def deployer(view: KeyView) -> str:
    """The principal KMS sees, in backticks; with its role where the session came from CloudFormation."""
    arn = f"`{view.deployer.principal.arn}`"
    return f"the service role's session {arn}" if view.deployer.service_role else arn


def identity(view: KeyView) -> str:
    """What carries the deployer's IAM policies: the service role, the role, or the user."""
    arn = f"`{lasting_arn(view)}`"
    return f"the service role {arn}" if view.deployer.service_role else arn


def lasting_arn(view: KeyView) -> str:
    """The ARN to name the deployer by in a key policy: the role, not one of its sessions.

    A session's ARN does not tell the path of its role; one of IAM Identity Center is known but for its Region.
    """
    principal = view.deployer.principal
    if isinstance(principal.role_arn, str):
        return principal.role_arn
    name = principal.arn.partition(":assumed-role/")[2].partition("/")[0]
    if not name:
        return principal.arn
    path = "aws-reserved/sso.amazonaws.com/REGION/" if name.startswith("AWSReservedSSO_") else ""
    return f"arn:{partition_of(view)}:iam::{principal.account}:role/{path}{name}"


def root_principal(view: KeyView) -> str:
    """The account's root principal, written as this template writes such things."""
    text = view.template.text
    if not any(sign in text for sign in ("AWS::AccountId", "AWS::Partition", "!Sub", "Fn::Sub")):
        return f"arn:{partition_of(view)}:iam::{account_of(view)}:root"
    return in_style(view, _ROOT)


def in_style(view: KeyView, text: str) -> str:
    """A text with ``${…}`` in it, as an intrinsic function of the template's format."""
    return f'{{"Fn::Sub": "{text}"}}' if view.template.format == "json" else f"!Sub {text}"


def account_of(view: KeyView) -> str:
    """The account the template is deployed to (INVARIANT: the check fills it in)."""
    return view.environment.account or view.deployer.principal.account


def partition_of(view: KeyView) -> str:
    """The partition the template is deployed to (INVARIANT: the check fills it in)."""
    return view.environment.known_partition or "aws"


def listed(texts: list[str]) -> str:
    """A list of names in backticks, at most three of them."""
    shown = [f"`{text}`" for text in texts[:3]]
    return ", ".join(shown) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
