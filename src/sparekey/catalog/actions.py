"""What the Service Authorization Reference says of each service: actions, resource types and condition keys.

The data lie beside this module and are read service by service, when one is first asked for: ``actions.tsv`` is the
index, ``actions.bin`` holds the services; ``README.md`` here says where they come from.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

import json
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = Path(__file__).parent


class ActionResource(NamedTuple):
    """A resource type that an action is authorized on.

    ``required`` types are in every request; ``condition_keys`` and ``dependent_actions`` come with this type only.
    """

    name: str
    required: bool
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


class Action(NamedTuple):
    """An action of a service. Without ``resources`` it is asked on ``*`` only.

    ``access_level`` is ``List``, ``Read``, ``Write``, ``Permissions management`` or ``Tagging``.
    """

    service: str
    name: str
    access_level: str
    resources: tuple[ActionResource, ...]
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


class ResourceType(NamedTuple):
    """A resource type: its ARN with ``${…}`` where it varies, and the condition keys its resources bring along."""

    name: str
    arn: str
    condition_keys: tuple[str, ...]


class Service(NamedTuple):
    """A service: its actions by lower-cased name, resource types by name, and condition keys with their types.

    Condition keys are as documented, ``aws:ResourceTag/${TagKey}`` included; their types are ``String``,
    ``ArrayOfString``, ``Bool``, ``Numeric``, ``Date``, ``ARN``, ``ArrayOfARN``, ``IPAddress`` and the like.
    """

    prefix: str
    name: str
    actions: Mapping[str, Action]
    resource_types: Mapping[str, ResourceType]
    condition_keys: Mapping[str, str]


def prefixes() -> frozenset[str]:
    """The prefixes of all services, such as ``iam``."""
    return frozenset(_index())


@lru_cache(maxsize=512)
def find_service(prefix: str) -> Service | None:
    """What is documented of a service; ``None`` where there is none with this prefix (in lower case)."""
    line = _index().get(prefix)
    if line is None:
        return None
    name, offset, length = line
    with (_HERE / "actions.bin").open("rb") as file:
        file.seek(offset)
        actions, types, keys = json.loads(zlib.decompress(file.read(length)))
    return Service(
        prefix,
        name,
        {each[0].lower(): _action(prefix, each) for each in actions},
        {type_: ResourceType(type_, arn, tuple(more)) for type_, arn, more in types},
        dict(keys),
    )


def find_action(action: str) -> Action | None:
    """An action by its name (``iam:CreateUser``, compared without case); ``None`` where AWS documents none."""
    prefix, _, name = action.lower().partition(":")
    service = find_service(prefix)
    return service.actions.get(name) if service else None


def _action(prefix: str, each: list[object]) -> Action:
    name, level, resources, keys, dependent = each
    return Action(
        prefix,
        str(name),
        str(level),
        tuple(
            ActionResource(type_, bool(required), tuple(more), tuple(others))
            for type_, required, more, others in resources  # type: ignore[attr-defined]  # a list of lists
        ),
        tuple(keys),  # type: ignore[arg-type]  # a list of texts
        tuple(dependent),  # type: ignore[arg-type]  # a list of texts
    )


@lru_cache(maxsize=1)
def _index() -> Mapping[str, tuple[str, int, int]]:
    lines = (_HERE / "actions.tsv").read_text("utf-8").splitlines()[1:]
    index: dict[str, tuple[str, int, int]] = {}
    for line in lines:
        prefix, name, offset, length = line.split("\t")
        index[prefix] = (name, int(offset), int(length))
    return index
