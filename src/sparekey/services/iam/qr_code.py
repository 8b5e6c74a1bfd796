"""QR codes as PNG images: what an authenticator application reads from a screen.

ISO/IEC 18004, byte mode, error correction level L, versions 1 to 40.
"""

from __future__ import annotations

import struct
import zlib
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Rows of modules; ``True`` is dark.
Matrix = list[list[bool]]

# Level L, by version: error correction codewords of each block, and how many blocks there are.
_CORRECTION: Final = (
    *(7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28),
    *(28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30),
)
_BLOCKS: Final = (
    *(1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8),
    *(8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25),
)

_LEVEL_L: Final = 0b01
_BYTE_MODE: Final = 0b0100
_FILLERS: Final = (0xEC, 0x11)

_MASKS: Final[tuple[Callable[[int, int], bool], ...]] = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, _: row % 2 == 0,
    lambda _, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)

#: Light modules around the code, as the standard wants them; pixels a module is wide.
_QUIET: Final = 4
_SCALE: Final = 4


def qr_png(text: str) -> bytes:
    """The QR code of a text as a PNG image.

    Raises:
        ValueError: the text is too long for any QR code.
    """
    return _png(qr_matrix(text))


def qr_matrix(text: str, mask: int | None = None) -> Matrix:
    """The modules of the QR code of a text, in the smallest version it fits in.

    Without ``mask`` the one of the eight is taken that leaves the fewest patterns that disturb scanners.

    Raises:
        ValueError: the text is too long for any QR code.
    """
    data = text.encode()
    version = _version(len(data))
    fixed = _function_patterns(version)
    bits = _bits(_interleaved(_data_codewords(data, version), version))
    if mask is not None:
        return _drawn(fixed, bits, mask)
    return min((_drawn(fixed, bits, each) for each in range(len(_MASKS))), key=_penalty)


def _codewords(version: int) -> int:
    """How many codewords a version has room for, data and error correction together."""
    modules = (16 * version + 128) * version + 64
    if version > 1:
        alignments = version // 7 + 2
        modules -= (25 * alignments - 10) * alignments - 55
    if version > 6:
        modules -= 36
    return modules // 8


def _capacity(version: int) -> int:
    """How many data codewords a version holds."""
    return _codewords(version) - _CORRECTION[version - 1] * _BLOCKS[version - 1]


def _version(size: int) -> int:
    for version in range(1, len(_BLOCKS) + 1):
        if size <= _capacity(version) - (2 if version < 10 else 3):
            return version
    raise ValueError("the text is too long for a QR code")


def _data_codewords(data: bytes, version: int) -> bytes:
    length_bits = 8 if version < 10 else 16
    bits = f"{_BYTE_MODE:04b}{len(data):0{length_bits}b}" + "".join(f"{byte:08b}" for byte in data) + "0000"
    bits = bits[: _capacity(version) * 8]
    bits += "0" * (-len(bits) % 8)
    words = bytearray(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    for number in range(_capacity(version) - len(words)):
        words.append(_FILLERS[number % 2])
    return bytes(words)


def _interleaved(words: bytes, version: int) -> bytes:
    """Data codewords with those of error correction, the blocks' words one by one in turn."""
    count = _BLOCKS[version - 1]
    short, longer = divmod(len(words), count)
    blocks: list[bytes] = []
    at = 0
    for number in range(count):
        size = short + (number >= count - longer)
        blocks.append(words[at : at + size])
        at += size
    corrections = [_remainder(block, _CORRECTION[version - 1]) for block in blocks]
    mixed = bytearray()
    for index in range(short + 1):
        mixed.extend(block[index] for block in blocks if index < len(block))
    for index in range(_CORRECTION[version - 1]):
        mixed.extend(correction[index] for correction in corrections)
    return bytes(mixed)


def _multiply(left: int, right: int) -> int:
    """The product in the field of 256 elements over x⁸ + x⁴ + x³ + x² + 1."""
    product = 0
    for bit in range(7, -1, -1):
        product = (product << 1) ^ (product >> 7) * 0x11D
        product ^= (right >> bit & 1) * left
    return product


def _generator(degree: int) -> list[int]:
    """The Reed-Solomon generator polynomial without its leading one, highest power first."""
    polynomial = [0] * (degree - 1) + [1]
    root = 1
    for _ in range(degree):
        polynomial = [
            _multiply(each, root) ^ (polynomial[index + 1] if index + 1 < degree else 0)
            for index, each in enumerate(polynomial)
        ]
        root = _multiply(root, 2)
    return polynomial


def _remainder(block: bytes, degree: int) -> bytes:
    generator = _generator(degree)
    remainder = [0] * degree
    for byte in block:
        factor = byte ^ remainder[0]
        remainder = [each ^ _multiply(generator[index], factor) for index, each in enumerate((*remainder[1:], 0))]
    return bytes(remainder)


def _bits(words: bytes) -> list[bool]:
    return [bool(word >> bit & 1) for word in words for bit in range(7, -1, -1)]


def _alignments(version: int) -> list[int]:
    """Where the centres of alignment patterns are, in rows and in columns."""
    if version == 1:
        return []
    count = version // 7 + 2
    step = (version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
    last = version * 4 + 10
    return [6, *(last - step * back for back in range(count - 2, -1, -1))]


def _function_patterns(version: int) -> list[list[bool | None]]:
    """The modules that are the same in every code of a version; ``None`` is where data goes.

    Format bits are reserved as light ones.
    """
    size = version * 4 + 17
    modules: list[list[bool | None]] = [[None] * size for _ in range(size)]
    for at in range(size):
        modules[6][at] = modules[at][6] = at % 2 == 0
    for row, column in ((3, 3), (3, size - 4), (size - 4, 3)):
        _draw_rings(modules, row, column, 4)
    centres = _alignments(version)
    for row in centres:
        for column in centres:
            if (row, column) not in ((6, 6), (6, size - 7), (size - 7, 6)):
                _draw_rings(modules, row, column, 2)
    for row, column in _format_places(size):
        modules[row][column] = False
    modules[size - 8][8] = True
    if version > 6:
        _draw_version(modules, version)
    return modules


def _draw_rings(modules: list[list[bool | None]], row: int, column: int, reach: int) -> None:
    """Draw a finder pattern (with the light border around it, reach 4) or an alignment pattern (reach 2)."""
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if 0 <= row + down < len(modules) and 0 <= column + right < len(modules):
                distance = max(abs(down), abs(right))
                modules[row + down][column + right] = distance not in ((2, 4) if reach == 4 else (1,))


def _draw_version(modules: list[list[bool | None]], version: int) -> None:
    remainder = version
    for _ in range(12):
        remainder = (remainder << 1) ^ (remainder >> 11) * 0x1F25
    bits = version << 12 | remainder
    far = len(modules) - 11
    for number in range(18):
        dark = bool(bits >> number & 1)
        modules[number // 3][far + number % 3] = modules[far + number % 3][number // 3] = dark


def _format_places(size: int) -> Iterator[tuple[int, int]]:
    """Where the fifteen format bits are, lowest first: around the first finder pattern, then at the other two."""
    yield from ((row, 8) for row in (0, 1, 2, 3, 4, 5, 7, 8))
    yield from ((8, column) for column in (7, 5, 4, 3, 2, 1, 0))
    yield from ((8, size - 1 - at) for at in range(8))
    yield from ((size - 7 + at, 8) for at in range(7))


def _drawn(fixed: Sequence[Sequence[bool | None]], bits: Sequence[bool], mask: int) -> Matrix:
    size = len(fixed)
    modules: Matrix = [[bool(each) for each in row] for row in fixed]
    masked = _MASKS[mask]
    stream = iter(bits)
    for row, column in _zigzag(size):
        if fixed[row][column] is None:
            modules[row][column] = next(stream, False) ^ masked(row, column)
    format_bits = _format(mask)
    for number, (row, column) in enumerate(_format_places(size)):
        modules[row][column] = bool(format_bits >> number % 15 & 1)
    return modules


def _zigzag(size: int) -> Iterator[tuple[int, int]]:
    """The order data is laid out in: two columns at a time from the right, up and down in turn."""
    upward = True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for row in range(size - 1, -1, -1) if upward else range(size):
            yield row, right
            yield row, right - 1
        upward = not upward


def _format(mask: int) -> int:
    data = _LEVEL_L << 3 | mask
    remainder = data
    for _ in range(10):
        remainder = (remainder << 1) ^ (remainder >> 9) * 0x537
    return (data << 10 | remainder) ^ 0x5412


def _penalty(modules: Matrix) -> int:
    """How much a code disturbs scanners: long runs, blocks of one colour, patterns like finders, too dark or light."""
    size = len(modules)
    lines = [*modules, *([row[at] for row in modules] for at in range(size))]
    penalty = 0
    for line in lines:
        runs = (sum(1 for _ in run) for _, run in groupby(line))
        penalty += sum(run - 2 for run in runs if run >= 5)
        text = "".join("1" if dark else "0" for dark in line)
        penalty += 40 * sum(
            text.startswith(finder, at) for at in range(size - 10) for finder in ("10111010000", "00001011101")
        )
    for upper, lower in pairwise(modules):
        penalty += 3 * sum(upper[at] == upper[at + 1] == lower[at] == lower[at + 1] for at in range(size - 1))
    dark = sum(map(sum, modules))
    return penalty + 10 * (abs(dark * 20 - size * size * 10) // (size * size))


def _png(modules: Matrix) -> bytes:
    side = (len(modules) + 2 * _QUIET) * _SCALE
    quiet = [False] * _QUIET
    blank = [False] * (len(modules) + 2 * _QUIET)
    rows = bytearray()
    for line in (*[blank] * _QUIET, *([*quiet, *row, *quiet] for row in modules), *[blank] * _QUIET):
        pixels = "".join(("0" if dark else "1") * _SCALE for dark in line)
        packed = int(pixels + "0" * (-side % 8), 2).to_bytes(-(-side // 8))
        rows.extend((b"\0" + packed) * _SCALE)  # each line begins with its filter: none
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
