"""QR codes. What is expected here was drawn by another encoder."""

from __future__ import annotations

import hashlib
import struct
import zlib

import pytest

from sparekey.services.iam.qr_code import qr_matrix, qr_png

SPAREKEY = """\
#######.##..#.#######
#.....#..#..#.#.....#
#.###.#.#.#.#.#.###.#
#.###.#.#..#..#.###.#
#.###.#.###...#.###.#
#.....#.......#.....#
#######.#.#.#.#######
.........##..........
####..#.#.#..#..###.#
.###...##...#.#.#.###
##..#.####..####.#.##
######.#.#..##.###..#
...##.#..#.#.........
........###..#..##.#.
#######...#..#####...
#.....#....####.###..
#.###.#..#.#..#.#.#..
#.###.#.###..#.....#.
#.###.#.####.#.......
#.....#.#.###.##....#
#######.##.##..##.#.."""


def drawn(text: str, mask: int | None = None) -> str:
    return "\n".join("".join("#" if dark else "." for dark in row) for row in qr_matrix(text, mask))


def test_a_short_text_fits_in_the_smallest_version() -> None:
    assert drawn("sparekey", 3) == SPAREKEY


@pytest.mark.parametrize(
    ("text", "mask", "expected"),
    [
        ("sparekey", 0, "d218abeef2f6e6b2"),
        ("a" * 17, 1, "f340a346cde8a9da"),  # fills version 1
        ("a" * 18, 2, "842c1b91f86a7a10"),
        ("otpauth://" * 15, 3, "b827121e7fa78c10"),  # version 7 tells its number
        ("otpauth://" * 15, 4, "f3270c806241f025"),
        ("k" * 300, 5, "36bd5e942465a89a"),  # blocks of two sizes
        ("k" * 1000, 6, "75b0a3ec95b7af42"),
        ("k" * 2953, 7, "3fa2b76c3be27e4f"),  # fills version 40
    ],
)
def test_codes_are_those_of_the_standard(text: str, mask: int, expected: str) -> None:
    assert hashlib.sha256(drawn(text, mask).encode()).hexdigest()[:16] == expected


def test_without_a_mask_one_of_the_eight_is_taken() -> None:
    assert drawn("sparekey") in {drawn("sparekey", mask) for mask in range(8)}


def test_a_text_that_fits_in_no_code_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr_matrix("k" * 2954)


def test_the_image_shows_each_module_as_a_square_within_a_quiet_zone() -> None:
    image = qr_png("sparekey")
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    chunks = {}
    at = 8
    while at < len(image):
        (size,) = struct.unpack_from(">I", image, at)
        kind, content = image[at + 4 : at + 8], image[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", image, at + 8 + size) == (zlib.crc32(kind + content),)
        chunks[kind] = content
        at += size + 12
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (116, 116, 1, 0, 0, 0, 0)
    rows = zlib.decompress(chunks[b"IDAT"])
    lines = [rows[start + 1 : start + 16] for start in range(0, len(rows), 16)]
    pixels = ["".join(f"{byte:08b}" for byte in line) for line in lines]
    shown = [pixels[row * 4][16:100:4].replace("0", "#").replace("1", ".") for row in range(4, 25)]
    assert "\n".join(shown) == drawn("sparekey")
    assert set(pixels[0][:116]) == {"1"}
