"""Which resources an action is about, by what the catalog says of it.

The simulator denies an action on a resource of a type the action has nothing to do with, whatever the policies say
(recorded). An action of which the catalog knows nothing is asked on whatever is given.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sparekey.catalog.actions import find_action, find_service

if TYPE_CHECKING:
    from sparekey.catalog.actions import ResourceType

_PLACEHOLDER: Final = re.compile(r"\$\{[^}]*\}")


def is_foreign(action: str, resource: str) -> bool:
    """Whether a resource is of none of the types an action is authorized on; patterns are given the benefit."""
    if resource == "*" or "*" in resource or "?" in resource:
        return False
    types = _types(action.lower())
    return bool(types) and not any(_pattern(each.arn).fullmatch(resource) for each in types)


def asked_resource(action: str, resource: str) -> str:
    """What the policies are asked about: ``*`` for an action that no resource narrows down."""
    known = find_action(action)
    return "*" if known is not None and not known.resources else resource


def template_of(action: str, resource: str) -> str:
    """The ARN of the resource's type with ``${…}`` where it varies; ``*`` where the action has none."""
    types = _types(action.lower())
    fitting = [each.arn for each in types if _pattern(each.arn).fullmatch(resource)]
    if resource == "*" or not types:
        return "*"
    return (fitting or [types[0].arn])[0]


@lru_cache(maxsize=512)
def _types(action: str) -> tuple[ResourceType, ...]:
    """The resource types of an action, those that it requires first."""
    known = find_action(action)
    service = find_service(known.service) if known else None
    if known is None or service is None:
        return ()
    ordered = sorted(known.resources, key=lambda each: not each.required)
    return tuple(service.resource_types[each.name] for each in ordered if each.name in service.resource_types)


@lru_cache(maxsize=2048)
def _pattern(template: str) -> re.Pattern[str]:
    """An ARN's template as a pattern. What varies ends where the next literal character stands.

    The last part may hold anything, but a slash where nothing of it is literal: a bucket's name is no object's.
    """
    first, *others = _PLACEHOLDER.split(template)
    resource = template.split(":", 5)[-1]
    alone = resource.startswith("${") and resource.count("${") == 1
    pieces = [re.escape(first)]
    for literal in others:
        until_the_end = "[^/]*" if alone else ".*"
        pieces.append(f"[^{re.escape(literal[0])}]*" if literal else until_the_end)
        pieces.append(re.escape(literal))
    return re.compile("".join(pieces))
