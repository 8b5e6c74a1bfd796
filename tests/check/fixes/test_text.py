"""Text, edits, and the diff between two texts."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.check.fixes._text import (
    Edit,
    apply_edits,
    indentation_of,
    line_end,
    line_start,
    newline_of,
    next_line,
    unified_diff,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_edits_are_carried_out_in_the_order_of_the_text() -> None:
    assert apply_edits("abcd", [Edit(2, 3, "X"), Edit(0, 0, "<"), Edit(2, 2, "1"), Edit(4, 4, ">")]) == "<ab1Xd>"


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply_edits("abcd", [Edit(0, 2, ""), Edit(1, 3, "")])


def test_the_size_of_an_edit_counts_what_goes_and_what_comes() -> None:
    assert Edit(1, 3, "xyz").size == 5


@pytest.mark.parametrize(
    ("text", "newline"), [("a\nb\r\n", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb", "\r"), ("a", "\n"), ("", "\n")]
)
def test_the_line_end_of_a_text_is_that_of_its_first_line(text: str, newline: str) -> None:
    assert newline_of(text) == newline


def test_lines_are_found_whatever_ends_them() -> None:
    text = "ab\r\n\tcd\re"
    assert [line_start(text, at) for at in (0, 1, 5, 9)] == [0, 0, 4, 8]
    assert [line_end(text, at) for at in (0, 5, 8)] == [2, 7, 9]
    assert [next_line(text, at) for at in (0, 5, 8)] == [4, 8, 9]
    assert indentation_of(text, 6) == "\t"


def test_a_diff_marks_a_missing_final_newline_as_diff_does() -> None:
    assert unified_diff("t.yaml", "a\nb", "a\nc\n") == (
        "--- a/t.yaml\n+++ b/t.yaml\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
    )


def test_a_diff_names_an_absolute_path_as_it_is() -> None:
    assert unified_diff("/x/t.yaml", "a\n", "b\n").startswith("--- /x/t.yaml\n+++ /x/t.yaml\n")


def test_a_diff_of_the_same_text_is_empty() -> None:
    assert unified_diff("t", "a\n", "a\n") == ""


lines = st.lists(st.text(st.sampled_from("ab\r\x0b\x85 \u2028é"), max_size=3), max_size=6)


@given(lines, lines, st.booleans(), st.booleans())
def test_the_diff_applied_to_the_old_text_gives_the_new_one(
    old: list[str], new: list[str], old_ends: bool, new_ends: bool
) -> None:
    before, after = ("\n".join(part) + "\n" * ends for part, ends in ((old, old_ends), (new, new_ends)))
    assert apply_diff(before, unified_diff("t", before, after)) == after


def apply_diff(text: str, diff: str) -> str:
    """Apply a unified diff the way its format says."""
    if not diff:
        return text
    source, out, at = text.split("\n"), [], 0
    rows = diff.split("\n")[2:-1]
    for number, row in enumerate(rows):
        ends = rows[number + 1 : number + 2] != ["\\ No newline at end of file"]
        if row.startswith("@@"):
            start, _, length = row.split(" ")[1][1:].partition(",")
            first = int(start) - (length != "0")
            out += [f"{line}\n" for line in source[at:first]]
            at = first
        elif row[:1] in (" ", "-"):
            assert source[at] == row[1:]
            at += 1
        if row[:1] in (" ", "+"):
            out.append(row[1:] + "\n" * ends)
    rest = "\n".join(source[at:])
    return "".join(out) + rest


def test_git_applies_the_diff(tmp_path: Path) -> None:
    before, after = "a\r\nb\r\nc", "a\r\nx\r\nc\r\nd"
    (tmp_path / "t.yaml").write_bytes(before.encode())
    (tmp_path / "p").write_bytes(("why: because\n" + unified_diff("t.yaml", before, after)).encode())
    subprocess.run(
        ["git", "apply", "p"],
        cwd=tmp_path,
        check=True,
        env={"GIT_DIR": str(tmp_path / "none"), "PATH": "/usr/bin:/bin"},
    )
    assert (tmp_path / "t.yaml").read_bytes() == after.encode()
