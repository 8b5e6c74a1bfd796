"""Policy documents: from JSON text or plain data to :class:`Policy`, with every fault and its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sparekey.policy._document import FaultCode, Locate, Policy, PolicyType, Statement, Text
from sparekey.policy._elements import open_statement, read_statement
from sparekey.policy._faults import Faults, named
from sparekey.policy._grammar import Scope
from sparekey.policy._json_places import TYPOGRAPHIC_QUOTES, JsonPlaces, Problem, shown, typographic
from sparekey.policy._json_values import JsonNumber, described, is_text, listed
from sparekey.policy._validate import check_unique_sids, kms_answer
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.source import Path, Place

__all__ = ["kms_answer", "parse_policy"]

VERSIONS: Final = ("2012-10-17", "2008-10-17")
_TOP_LEVEL: Final = ("Version", "Id", "Statement")

#: KMS's limit on a key policy, in bytes.
LARGEST_KEY_POLICY: Final = 32768

# What the API models of KMS and IAM take in a document: tab, line ends, and U+0020 to U+00FF.
_OUTSIDE: Final = re.compile(r"[^\t\n\r\x20-\xff]")
_TYPOGRAPHIC: Final = re.compile(f"[{TYPOGRAPHIC_QUOTES}]")

_NOTHING: Final = object()


def parse_policy(
    document: str | bytes | object,
    *,
    type: PolicyType = PolicyType.IDENTITY,  # noqa: A002 -- AWS's own word for it
    name: str = "policy",
    file: str | None = None,
    locate: Locate | None = None,
    arn: str | None = None,
    partition: str = "aws",
) -> Policy:
    """Read a policy document. It never raises for a bad one: see :attr:`Policy.faults`.

    A text (or UTF-8 bytes) is JSON. Any other object is plain data: mappings, lists, texts, numbers, Booleans and
    ``None``, with :class:`~sparekey.unknown.Unknown` for each leaf or subtree that is not told. ``locate`` finds
    places in the source; without it, a JSON text's own places are used, under the name ``file`` (or ``name``).
    ``partition`` is where the policy is used: a bare account id under Principal stands for a root ARN of it.
    """
    if isinstance(document, str | bytes):
        return _parse_text(document, type, name, file or name, locate, arn, partition)
    place_of = locate or _nowhere
    faults = Faults(place_of)
    if type is PolicyType.KEY:
        _check_data(document, faults)
    return _read_document(document, type, name, place_of, arn, faults, partition)


def _nowhere(_path: Path) -> Place | None:
    return None


def _parse_text(
    document: str | bytes,
    type_: PolicyType,
    name: str,
    file: str,
    locate: Locate | None,
    arn: str | None,
    partition: str,
) -> Policy:
    text = document if isinstance(document, str) else document.decode("utf-8", "replace")
    places = JsonPlaces(text, file)
    faults = Faults(locate or places)

    def at(offset: int) -> Place | None:
        return locate(()) if locate else places.at(offset)

    if isinstance(document, bytes) and not _is_utf8(document, faults, at):
        data = _NOTHING
    else:
        data = _load(text, type_, places, faults, at)
    if type_ is PolicyType.KEY:
        size = len(document) if isinstance(document, bytes) else len(text.encode("utf-8", "surrogatepass"))
        _check_size(size, faults)
        if data is not _NOTHING:
            _check_characters(text, faults, at)
    return _read_document(data, type_, name, locate or places, arn, faults, partition)


def _is_utf8(document: bytes, faults: Faults, at: Callable[[int], Place | None]) -> bool:
    try:
        document.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = len(document[: error.start].decode("utf-8"))
        hint = "save it as UTF-8"
        faults.malformed(f"the byte 0x{document[error.start]:02x} is not UTF-8", (), hint=hint, place=at(offset))
        return False
    return True


def _load(
    text: str, type_: PolicyType, places: JsonPlaces, faults: Faults, at: Callable[[int], Place | None]
) -> object:
    """Read JSON the fast way; only where something is wrong is the text gone through for its places."""
    duplicates = False

    def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal duplicates
        result = dict(pairs)
        duplicates |= len(result) != len(pairs)
        return result

    try:
        data: object = json.loads(
            text, object_pairs_hook=mapping, parse_int=JsonNumber, parse_float=JsonNumber, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        problem = places.problem or Problem(0, "the document is no JSON")
        quote = _TYPOGRAPHIC.search(text)
        if quote and quote.start() < problem.offset:  # it has swallowed what follows
            message, hint = typographic(quote.group())
            faults.malformed(message, (), hint=hint, place=at(quote.start()))
        message = f"the {type_.value} is a text that is not JSON: {problem.message}"
        faults.malformed(
            message if problem.unexpected else problem.message, (), hint=problem.hint, place=at(problem.offset)
        )
        return _NOTHING
    if duplicates:
        for path, key, offset in places.duplicates:
            message = f"the key `{shown(key)}` stands twice in one mapping"
            faults.malformed(message, (*path, key), hint="keep one of the two", place=at(offset))
    return data


def _no_number(name: str) -> object:
    raise ValueError(name)


def _check_size(size: int, faults: Faults) -> None:
    if size > LARGEST_KEY_POLICY:
        message = f"the key policy has {size} bytes, and KMS takes {LARGEST_KEY_POLICY}"
        faults.add(FaultCode.TOO_LARGE, message, (), hint="shorten it: merge statements, or use wildcards in actions")


def _check_characters(text: str, faults: Faults, at: Callable[[int], Place | None]) -> None:
    first = _OUTSIDE.search(text)
    if first is not None:
        message, hint = _strange(first.group())
        faults.strange_character(message, (), hint=hint, place=at(first.start()))


def _strange(character: str) -> tuple[str, str | None]:
    if character in TYPOGRAPHIC_QUOTES:
        return typographic(character)
    return f"`{shown(character)}` (U+{ord(character):04X}) is no character KMS takes in a key policy", None


def _check_data(document: object, faults: Faults) -> None:
    """Check size and characters of a key policy as CloudFormation sends it: compact, and not escaped."""
    try:
        text = _ENCODER.encode(document)
    except (TypeError, ValueError, RecursionError):
        return  # it holds something that is no JSON, which the reading of its elements names
    _check_size(len(text.encode("utf-8", "surrogatepass")), faults)
    if _OUTSIDE.search(text) is None:
        return
    for path, leaf in _texts_of(document):
        strange = _OUTSIDE.search(leaf.replace("\x7f", ""))
        if strange is not None and strange.group() > "\xff":
            message, hint = _strange(strange.group())
            faults.strange_character(message, path, hint=hint)


def _known(value: object) -> object:
    """What is known of an open text; other things that are no JSON count nothing."""
    if isinstance(value, Unknown):
        return "".join(piece for piece in value.pieces if piece)
    return dict(value) if isinstance(value, Mapping) else ""


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_known)


def _texts_of(document: object) -> Iterator[tuple[Path, str]]:
    """Every text of an acyclic document with its path; keys stand at the path of their value."""
    waiting: list[tuple[Path, object]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if isinstance(key, str):
                    yield (*path, key), key
                waiting.append(((*path, str(key)), inner))
        elif isinstance(value, list | tuple):
            waiting.extend(((*path, index), inner) for index, inner in enumerate(value))


def _read_document(
    data: object, type_: PolicyType, name: str, locate: Locate, arn: str | None, faults: Faults, partition: str
) -> Policy:
    if isinstance(data, Unknown):
        return Policy(type_, name, (), unknown=(data,), faults=faults.all(), arn=arn, locate=locate)
    if not isinstance(data, Mapping):
        if data is not _NOTHING:
            faults.malformed(f"the policy is {described(data)}, not a mapping", ())
        return Policy(type_, name, (), faults=faults.all(), arn=arn, locate=locate)
    _check_names(data, faults)
    version, open_version = _version(data, faults)
    scope = Scope(type_, version, faults, partition)
    statements, unknown = _statements(scope, data, open_version)
    check_unique_sids(scope, [(s.sid, (*s.path, "Sid")) for s in statements if isinstance(s.sid, str)])
    return Policy(
        type_,
        name,
        statements,
        version=version,
        id=_id(data, faults),
        faults=faults.all(),
        unknown=(*unknown, *(key for key in data if isinstance(key, Unknown))),
        arn=arn,
        locate=locate,
    )


def _check_names(data: Mapping[object, object], faults: Faults) -> None:
    for key in data:
        if key not in _TOP_LEVEL and not isinstance(key, Unknown):
            close = faults.nearest(str(key), _TOP_LEVEL)
            message = f"the policy has an unknown element `{shown(str(key))}`"
            faults.malformed(message, (str(key),), hint=f"write `{close}`" if close else None)


def _version(data: Mapping[object, object], faults: Faults) -> tuple[str, Unknown | None]:
    """The Version, and what leaves it open, if anything: without one, policy variables are plain text."""
    version = data.get("Version", VERSIONS[1])
    if isinstance(version, Unknown):
        return VERSIONS[0], version
    if isinstance(version, str) and version in VERSIONS:
        return version, None
    what = f"`{shown(version)}`" if isinstance(version, str) else described(version)
    faults.malformed(f"the Version is {what}, not `{VERSIONS[0]}` or `{VERSIONS[1]}`", ("Version",))
    return VERSIONS[0], None


def _id(data: Mapping[object, object], faults: Faults) -> Text | None:
    value = data.get("Id")
    if "Id" not in data or is_text(value):
        return value if isinstance(value, str | Unknown) else None
    faults.malformed(f"the Id is {described(value)}, not text", ("Id",))
    return None


def _statements(
    scope: Scope, data: Mapping[object, object], open_version: Unknown | None
) -> tuple[tuple[Statement, ...], tuple[Unknown, ...]]:
    value = data.get("Statement")
    if isinstance(value, Unknown):
        return (), (value,)
    if "Statement" not in data or value in ([], ()):
        problem = "has no Statement" if "Statement" not in data else "has an empty list of statements"
        scope.faults.malformed(f"the policy {problem}", ("Statement",) if "Statement" in data else ())
        return (), ()
    statements: list[Statement] = []
    for index, (item, path) in enumerate(listed(value, ("Statement",))):
        if isinstance(item, Unknown):
            statements.append(open_statement(scope, item, index, path))
        elif isinstance(item, Mapping):
            statement = read_statement(scope, item, index, path)
            if open_version is not None and _may_have_variables(statement):
                statement = open_statement(scope, open_version, index, path)
            statements.append(statement)
        else:
            scope.faults.malformed(f"{named(path)} is {described(item)}, not a mapping", path)
    return tuple(statements), ()


def _may_have_variables(statement: Statement) -> bool:
    texts = [*(statement.resource or ()), *(statement.not_resource or ())]
    texts += [value for condition in statement.conditions for value in condition.values]
    return any(isinstance(text, Unknown) or "${" in text for text in texts)
