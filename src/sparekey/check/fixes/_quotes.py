"""Typographic quotation marks in place of straight ones: a word processor's gift to templates."""

from __future__ import annotations

_TYPOGRAPHIC = "“”„‟"
_OPENS_AFTER = " \t\n\r[{,:(-"


def straightened(text: str) -> str:
    """Put straight quotation marks where a string begins or ends with a typographic one.

    Marks inside a string stay: one ends a string only if what follows on its line makes sense outside of strings.
    """
    json = text.lstrip()[:1] == "{"
    characters = list(text)
    opened = ""  # the mark that began the string we are in
    at = 0
    while at < len(text):
        character = text[at]
        if opened and character == "\\":
            at += 1
        elif opened and (character == '"' or (character in _TYPOGRAPHIC and _ends(text, at, opened))):
            characters[at], opened = '"', ""
        elif not opened and (character == '"' or (json and character in _TYPOGRAPHIC)):
            opened = character if json or not at or text[at - 1] in _OPENS_AFTER else ""
            characters[at] = '"' if opened else character
        elif opened and not json and character == "\n":
            opened = ""
        at += 1
    return "".join(characters)


def _ends(text: str, at: int, opened: str) -> bool:
    """Whether a string ends here: something outside of strings follows, and the straight marks behind are in pairs."""
    end = text.find("\n", at)
    rest = text[at + 1 : end if end >= 0 else len(text)].strip()
    paired = opened in _TYPOGRAPHIC or rest.count('"') % 2 == 0
    return paired and (not rest or rest[0] in ",:}]#")
