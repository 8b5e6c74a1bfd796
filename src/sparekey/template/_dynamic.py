"""Dynamic references: ``{{resolve:ssm:…}}``, ``{{resolve:ssm-secure:…}}``, ``{{resolve:secretsmanager:…}}``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sparekey.unknown import Unknown, join

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCE = re.compile(r"\{\{resolve:([a-z-]+):([^{}]*)\}\}")


def with_dynamic_references(text: str, ssm: Mapping[str, str]) -> str | Unknown:
    """A text whose dynamic references are unknown, each by its name; those to SSM parameters as far as given."""
    parts: list[str | Unknown] = []
    position = 0
    for found in _REFERENCE.finditer(text):
        parts.append(text[position : found.start()])
        position = found.end()
        service, name = found[1], found[2]
        given = ssm.get(name, ssm.get(name.partition(":")[0])) if service == "ssm" else None
        hint = f" (--ssm {name.partition(':')[0]}=…)" if service == "ssm" else ""
        parts.append(Unknown((f"the dynamic reference `{found[0]}`{hint}",)) if given is None else given)
    parts.append(text[position:])
    return join(parts)
