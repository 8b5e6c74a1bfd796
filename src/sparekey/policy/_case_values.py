"""Plain values of a case: mappings, lists and texts, each refused in one line where it is something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.policy._json_values import described, scalar_text
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy._document import Locate
    from sparekey.source import Path


class CaseValues:
    """Takes values of a case for what they must be.

    Every method raises :class:`~sparekey.errors.InputError` for a value that is something else; ``path`` is where the
    value stands in the case.
    """

    def __init__(self, locate: Locate) -> None:
        """Take what tells where the value at a path stands."""
        self.locate = locate

    def wrong(self, message: str, path: Path, *, hint: str | None = None) -> InputError:
        """The error for a value that cannot be read."""
        return InputError(message, self.locate(path), hint=hint)

    def mapping(
        self, value: object, path: Path, what: str, keys: tuple[str, ...] | None, remarks: tuple[str, ...] = ()
    ) -> Mapping[str, object]:
        """A mapping, with no keys but these (``None``: any) and remarks."""
        if not isinstance(value, Mapping):
            raise self.wrong(f"{what} must be a mapping, not {described(value)}", path)
        for key in value:
            if keys is not None and key not in keys and key not in remarks:
                raise self.wrong(f"{what} has no key `{key}`", (*path, str(key)), hint=f"known are: {', '.join(keys)}")
        return value

    def list(self, value: object, path: Path) -> list[object]:
        """A list."""
        if not isinstance(value, list):
            raise self.wrong(f"`{path[-1]}` must be a list, not {described(value)}", path)
        return value

    def text(self, value: object, path: Path) -> str:
        """A text; numbers and Booleans are taken as they are written."""
        text = value if isinstance(value, str) else scalar_text(value)
        if text is None:
            raise self.wrong(f"`{path[-1]}` must be a text, not {described(value)}", path)
        return str(text)

    def texts(self, value: object, path: Path) -> tuple[str, ...]:
        """One text, or a list of them."""
        if isinstance(value, str):
            return (value,)
        return tuple(self.text(text, (*path, at)) for at, text in enumerate(self.list(value, path)))

    def open_text(self, value: object, path: Path) -> str | Unknown:
        """A text, or ``{"unknown": "why"}``."""
        return unknown_in(value) or self.text(value, path)

    def texts_by_key(self, value: object, path: Path) -> dict[str, str]:
        """A mapping of texts."""
        told = self.mapping(value, path, f"`{path[-1]}`", None)
        return {key: self.text(text, (*path, key)) for key, text in told.items()}


def with_unknowns(value: object) -> object:
    """Put an :class:`~sparekey.unknown.Unknown` in place of each ``{"unknown": "why"}`` inside a document."""
    if isinstance(value, dict):
        return unknown_in(value) or {key: with_unknowns(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_unknowns(inner) for inner in value]
    return value


def unknown_in(value: object) -> Unknown | None:
    """Read ``{"unknown": "why"}``, with ``pieces`` for a text that is known in part; ``None`` for anything else."""
    if not isinstance(value, dict) or "unknown" not in value or not value.keys() <= {"unknown", "pieces"}:
        return None
    why, pieces = value["unknown"], value.get("pieces", [None])
    if not isinstance(why, str) or not isinstance(pieces, list) or not pieces:
        return None
    if not all(piece is None or isinstance(piece, str) for piece in pieces):
        return None
    return Unknown((why,), tuple(pieces))
