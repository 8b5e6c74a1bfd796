"""Principals as the template would write them: with its intrinsic functions where it uses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml.nodes import ScalarNode

from sparekey.arn import Arn
from sparekey.check.fixes._nodes import walk
from sparekey.check.fixes._render import Call
from sparekey.template import Concrete, MapValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sparekey.check._view import KeyView
    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._style import Style
    from sparekey.template import Template

#: The resource types that make a principal, with the property that names it.
_MAKERS = {"AWS::IAM::Role": ("role", "RoleName"), "AWS::IAM::User": ("user", "UserName")}


def principal_expression(arn: str, style: Style, view: KeyView, *, account: str, partition: str) -> Tree:
    """Write the ARN of a principal: ``!GetAtt`` of what the template makes itself, else with its pseudo parameters."""
    logical_id = made_here(view, account, partition).get(arn)
    if logical_id and not style.substituted and not reaches(view.template, logical_id, view.logical_id):
        return Call("Fn::GetAtt", [logical_id, "Arn"])
    return arn_expression(arn, style, account=account, partition=partition)


def arn_expression(arn: str, style: Style, *, account: str, partition: str) -> Tree:
    """Write an ARN with ``AWS::AccountId`` and ``AWS::Partition`` where the template uses these."""
    parts = Arn.parse(arn)
    names = [
        Call("Ref", "AWS::Partition") if style.partition and parts.partition == partition else parts.partition,
        parts.service,
        parts.region,
        Call("Ref", "AWS::AccountId") if style.account and parts.account == account else parts.account,
        parts.resource,
    ]
    if all(isinstance(name, str) for name in names):
        return arn
    if style.join and not style.substituted:
        return Call("Fn::Join", [":", ["arn", *names]])
    text = ":".join(("arn", *(name if isinstance(name, str) else f"${{{name.argument}}}" for name in names)))
    return text if style.substituted else Call("Fn::Sub", text)


def made_here(view: KeyView, account: str, partition: str) -> Mapping[str, str]:
    """Map the ARNs of the users and roles that the template makes under names that are told to their logical IDs."""
    made: dict[str, str] = {}
    for resource in view.template.resources.values():
        maker = _MAKERS.get(resource.type)
        if maker is None or resource.properties is None or view.resolver.exists(resource.logical_id) is not True:
            continue
        properties = view.resolver.resolve(resource.properties)
        if isinstance(properties, MapValue):
            name, path = properties.items.get(maker[1]), properties.items.get("Path")
            if isinstance(name, Concrete) and (path is None or isinstance(path, Concrete)):
                text = f"{maker[0]}{path.text if path else '/'}{name.text}"
                made[f"arn:{partition}:iam::{account}:{text}"] = resource.logical_id
    return made


def reaches(template: Template, start: str, target: str) -> bool:
    """Whether a resource mentions another one, directly or through others; a reference back would close a circle."""
    seen = {start}
    waiting = [start]
    while waiting:
        for name in _mentioned(template, waiting.pop()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return target in seen


def _mentioned(template: Template, logical_id: str) -> Iterator[str]:
    for node in walk(template.resources[logical_id].node):
        if isinstance(node, ScalarNode):
            for word in re.findall(r"\w+", node.value):
                if word in template.resources:
                    yield word
