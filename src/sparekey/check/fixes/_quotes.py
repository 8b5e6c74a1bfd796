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
    inside = False
    at = 0
    while at < len(text):
        character = text[at]
        if inside and character == "\\":
            at += 1
        elif inside and (character == '"' or (character in _TYPOGRAPHIC and _ends_a_string(text, at))):
            characters[at], inside = '"', False
        elif not inside and (character == '"' or (json and character in _TYPOGRAPHIC)):
            inside = json or not at or text[at - 1] in _OPENS_AFTER
            characters[at] = '"' if inside else character
        elif inside and not json and character == "\n":
            inside = False
        at += 1
    return "".join(characters)


def _ends_a_string(text: str, at: int) -> bool:
    end = text.find("\n", at)
    rest = text[at + 1 : end if end >= 0 else len(text)].strip()
    return rest.count('"') % 2 == 0 and (not rest or rest[0] in ",:}]#")
