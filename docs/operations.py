"""Write ``docs/reference/operations.md``, which operations are served, from the code: ``python docs/operations.py``.

A test holds the page to it. What is not built is told by the service models of botocore, so that the page names its
release; with another one, only what is built is compared.
"""

from __future__ import annotations

import sys
import textwrap
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "reference" / "operations.md"

WIDTH = 120

TITLES = {
    "cloudtrail": "AWS CloudTrail",
    "iam": "AWS Identity and Access Management",
    "organizations": "AWS Organizations",
    "sts": "AWS Security Token Service",
}

#: Why something is not built, where a sentence helps.
REASONS = {
    ("iam", "AcquireRole"): "AWS services own role templates, and publish none",
    ("iam", "GetRoleTemplateVersion"): "AWS services own role templates, and publish none",
    ("iam", "SendDelegationToken"): "the token goes to a topic of the partner's, and nobody here could take it",
}


def page() -> str:
    """The page as it should be."""
    from sparekey.cloud import SERVICES

    return "\n".join((introduction(), *(section(service) for service in SERVICES)))


def introduction() -> str:
    """What stands above the sections."""
    return f"""# Operations

Every operation that `sparekey serve` knows. One that is not built is refused by its name (`NotImplemented`, HTTP status
501), and so is a parameter that an operation does not take: nothing is pretended. The lists of what is not built are
those of botocore {version("botocore")}; `python docs/operations.py` writes this page.
"""


def section(service: str) -> str:
    """A service's operations: those that are built, and those that are not."""
    there = built(service)
    missing = missing_of(service)
    lines = [f"## {TITLES[service]}", "", f"{len(there)} of {len(there) + len(missing)} operations.", ""]
    lines += [*textwrap.wrap(", ".join(f"`{name}`" for name in there), WIDTH), ""]
    if missing:
        lines += ["Not built:", ""]
        for name in missing:
            reason = REASONS.get((service, name))
            lines.append(f"- `{name}`: {reason}" if reason else f"- `{name}`")
        lines.append("")
    return "\n".join(lines)


def built(service: str) -> list[str]:
    """The names of the operations of a service that are built."""
    from sparekey.cloud import operations_of

    return sorted(operations_of(service))


def missing_of(service: str) -> list[str]:
    """The names of the operations of a service that are not built."""
    from sparekey.wire.models import service_model

    return sorted(set(service_model(service).operations) - set(built(service)))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
