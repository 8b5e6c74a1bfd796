"""Records come back from their bytes as they were, and what is no record of its kind is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparekey.storage.codec import UnreadableRecord, codec_of
from sparekey.storage.compact_json import compact
from sparekey.storage.interface import Kind
from tests.storage.records import (
    NOTES,
    ROWS,
    THINGS,
    Colour,
    Note,
    Point,
    Row,
    Thing,
    kinds_of_the_directory,
    values_of,
)

MOMENT = datetime(2025, 1, 31, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize("kind", kinds_of_the_directory(), ids=lambda kind: kind.name)
@settings(max_examples=30)
@given(data=st.data())
def test_every_kind_of_the_directory_comes_back_as_it_was(kind: Kind[Any], data: st.DataObject) -> None:
    record = data.draw(values_of(kind.record))
    codec = codec_of(kind)
    assert codec.decode(codec.encode(record)) == record


@given(record=values_of(Thing))
def test_members_of_every_form_come_back_as_they_were(record: Thing) -> None:
    codec = codec_of(THINGS)
    again = codec.decode(codec.encode(record))
    assert again == record
    assert codec.encode(again) == codec.encode(record)


def test_what_is_stored_can_be_read_by_a_person() -> None:
    assert codec_of(NOTES).encode(Note("héllo", 3)) == b'[1,{"text":"h\\u00e9llo","number":3}]'


def test_moments_are_kept_to_the_microsecond_in_utc() -> None:
    codec = codec_of(THINGS)
    at = codec.decode(codec.encode(Thing("a", at=MOMENT))).at
    assert at == MOMENT
    assert at is not None
    assert at.tzinfo is UTC


def test_a_member_with_a_default_that_is_not_stored_gets_it() -> None:
    assert codec_of(NOTES).decode(b'[1,{"text":"a"}]') == Note("a", 0)
    assert codec_of(THINGS).decode(b'[1,{"name":"a"}]') == Thing("a")


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (b'[1,{"text":"a","colour":"red"}]', "colour"),
        (b'[2,{"text":"a"}]', "layout 2"),
        (b'[0,{"text":"a"}]', "layout 0"),
        (b"[1]", "cannot be read"),
        (b"7", "cannot be read"),
        (b"\xff\xfe\xfd", "cannot be read"),
        (b'[1,{"text"', "cannot be read"),
    ],
)
def test_what_is_no_record_of_the_kind_is_refused(stored: bytes, said: str) -> None:
    with pytest.raises(UnreadableRecord, match=said):
        codec_of(NOTES).decode(stored)


@pytest.mark.parametrize(
    "stored",
    [
        b"[1,{}]",
        b'[1,{"name":"a","at":"yesterday"}]',
        b'[1,{"name":"a","colour":"blue"}]',
        b'[1,{"name":"a","blob":"?"}]',
        b'[1,{"name":"a","pair":["a"]}]',
        b'[1,{"name":"a","mixed":{"k":7}}]',
    ],
)
def test_a_damaged_member_is_refused(stored: bytes) -> None:
    with pytest.raises(UnreadableRecord, match=r"test\.thing"):
        codec_of(THINGS).decode(stored)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": 7}, r"test\.thing\.name: expected str, got int"),
        ({"size": True}, r"\.size: expected int, got bool"),
        ({"size": "7"}, r"\.size: expected int, got str"),
        ({"flag": 1}, r"\.flag: expected bool, got int"),
        ({"ratio": float("nan")}, r"\.ratio: expected a finite float"),
        ({"ratio": True}, r"\.ratio: expected a finite float, got bool"),
        ({"blob": "text"}, r"\.blob: expected bytes, got str"),
        ({"at": MOMENT.replace(tzinfo=None)}, r"\.at: expected an aware datetime"),
        ({"at": "now"}, r"\.at: expected datetime \| None, got str"),
        ({"colour": "red"}, r"\.colour: expected Colour \| None, got str"),
        ({"points": [Point(1, 2)]}, r"\.points: expected tuple\[Point, \.\.\.\], got list"),
        ({"points": (Point("1", 2),)}, r"\.points\.x: expected int, got str"),  # type: ignore[arg-type] # on purpose
        ({"points": (7,)}, r"\.points: expected Point, got int"),
        ({"pair": ("a",)}, r"\.pair: expected tuple\[str, int\], got tuple"),
        ({"tags": [("a", "b")]}, r"\.tags: expected Mapping\[str, str\], got list"),
        ({"tags": {1: "b"}}, r"\.tags: expected Mapping\[str, str\]"),
        ({"mixed": {"a": ["b"]}}, r"\.mixed: expected str \| tuple"),
        ({"mode": "dim"}, r"\.mode: expected one of"),
    ],
)
def test_a_value_that_its_annotation_does_not_allow_is_not_stored(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        codec_of(THINGS).encode(replace(Thing("a"), **change))


def test_a_record_of_another_class_is_not_stored() -> None:
    with pytest.raises(TypeError, match=r"test\.note: expected Note, got Point"):
        codec_of(NOTES).encode(Point(1, 2))  # type: ignore[arg-type] # on purpose


def test_a_whole_number_is_a_float_where_one_is_wanted() -> None:
    codec = codec_of(THINGS)
    assert codec.decode(codec.encode(Thing("a", ratio=2))).ratio == 2.0


def test_older_layouts_are_brought_up_step_by_step() -> None:
    def name_becomes_text(members: dict[str, object]) -> dict[str, object]:
        return {"text": members.pop("name"), **members}

    def number_is_doubled(members: dict[str, object]) -> dict[str, object]:
        return {**members, "number": int(str(members["number"])) * 2}

    codec = codec_of(Kind("test.note", Note, (name_becomes_text, number_is_doubled)))
    assert codec.decode(b'[1,{"name":"a","number":2}]') == Note("a", 4)
    assert codec.decode(b'[2,{"text":"a","number":2}]') == Note("a", 4)
    assert codec.decode(b'[3,{"text":"a","number":2}]') == Note("a", 2)
    assert codec.encode(Note("a", 2)) == b'[3,{"text":"a","number":2}]'


def test_a_named_tuple_is_a_row_that_can_be_read_by_a_person() -> None:
    row = Row("ann", MOMENT, colour=Colour.RED)
    stored = codec_of(ROWS).encode(row)
    assert stored == b'[1,["ann","2025-01-31T09:00:00.123456+00:00","red",0,null]]'
    assert codec_of(ROWS).decode(stored) == row


@given(row=values_of(Row))
def test_rows_come_back_as_they_were(row: Row) -> None:
    codec = codec_of(ROWS)
    again = codec.decode(codec.encode(row))
    assert again == row
    assert list(map(type, again)) == list(map(type, row))


def test_a_row_of_a_release_before_gets_the_defaults() -> None:
    assert codec_of(ROWS).decode(b'[1,["ann","2025-01-31T09:00:00+00:00"]]').size == 0


@pytest.mark.parametrize("stored", [b'[1,["ann"]]', b'[1,["ann",7]]', b'[1,["ann","2025-01-31",null,0,null,1]]'])
def test_a_damaged_row_is_refused(stored: bytes) -> None:
    with pytest.raises(UnreadableRecord, match=r"test\.row"):
        codec_of(ROWS).decode(stored)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": 7}, r"test\.row\.name: expected str, got int"),
        ({"size": True}, r"\.size: expected int, got bool"),
        ({"at": "now"}, r"\.at: expected an aware datetime, got str"),
        ({"at": MOMENT.replace(tzinfo=None)}, r"expected an aware datetime, got datetime"),
        ({"colour": "red"}, r"\.colour: expected Colour \| None, got str"),
    ],
)
def test_a_value_that_a_row_does_not_allow_is_not_stored(change: dict[str, Any], said: str) -> None:
    codec, row = codec_of(ROWS), Row("ann", MOMENT)
    codec.encode(row)
    with pytest.raises(TypeError, match=said):
        codec.encode(row._replace(**change))
    with pytest.raises(TypeError, match="expected Row, got tuple"):
        codec.encode(tuple(row))  # type: ignore[arg-type] # on purpose


def test_a_row_grows_at_its_end_alone_and_has_plain_members() -> None:
    with pytest.raises(TypeError, match="grows at its end alone"):
        codec_of(Kind("test.row", Row, (dict,)))
    with pytest.raises(TypeError, match="its members must be plain"):
        codec_of(Kind("test.row", NotPlain))


class NotPlain(NamedTuple):
    blob: bytes


class Plain(Enum):
    ONE = 1


@pytest.mark.parametrize(
    "annotation",
    [object, Plain, list[str], dict[int, str], tuple[()], str | bytes, Point | dict[str, str], Literal[b"a"]],
)
def test_an_annotation_that_cannot_be_stored_is_refused_when_it_is_first_used(annotation: Any) -> None:
    record: type[Any] = dataclass(frozen=True)(type("Odd", (), {"__annotations__": {"member": annotation}}))
    with pytest.raises(TypeError, match="cannot"):
        codec_of(Kind("test.odd", record))


def test_json_is_compact_with_and_without_the_encoder_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"a": [1, True, None, "é"], "b": {}}
    written = compact(repr)(value)
    monkeypatch.setattr("json.encoder.c_make_encoder", None)
    assert compact(repr)(value) == written == '{"a":[1,true,null,"\\u00e9"],"b":{}}'
