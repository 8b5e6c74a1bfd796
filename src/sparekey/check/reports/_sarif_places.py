"""SARIF locations: relative URIs with forward slashes, regions with a start and an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparekey.check.reports._problems import tidy_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.source import Place


@dataclass(frozen=True, slots=True)
class Places:
    """Writes the places of one template's report; ``lines`` are its source lines, as far as they are kept."""

    path: str
    lines: Mapping[int, str]
    root: str | None = None

    def location(self, place: Place, logical_id: str = "", message: str = "") -> dict[str, object]:
        """Write a SARIF ``location``."""
        location: dict[str, object] = {
            "physicalLocation": {"artifactLocation": self.artifact(place.file), "region": self.region(place)}
        }
        if logical_id:
            location["logicalLocations"] = [{"name": logical_id, "kind": "resource"}]
        if message:
            location["message"] = {"text": message}
        return location

    def region(self, place: Place) -> dict[str, int]:
        """Write a SARIF ``region`` that ends with the line; its ``endColumn`` is the first one after it."""
        text = self.lines.get(place.line, "").rstrip() if place.file == self.path else ""
        return {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.line,
            "endColumn": max(len(text), place.column) + 1,
        }

    def artifact(self, path: str) -> dict[str, str]:
        """Write a SARIF ``artifactLocation``: relative to the root where the file lies below it."""
        from urllib.parse import quote

        path = tidy_path(path)
        if self.root is not None:
            root = tidy_path(self.root).rstrip("/") + "/"
            path = path.removeprefix(root)
        absolute = path.startswith("/") or path[1:3] == ":/"
        quoted = quote(path.encode("utf-8", "surrogatepass"), safe="/")
        if absolute:
            return {"uri": f"file://{quoted}" if path.startswith("/") else f"file:///{path[:2]}{quoted[4:]}"}
        return {"uri": quoted, "uriBaseId": "%SRCROOT%"}
