"""AWS managed policies: every one's name, path, dates and the document of its default version.

The data lie beside this module and are read when they are first asked for: ``managed_policies.tsv`` is the index,
``managed_policies.bin`` holds the documents; ``README.md`` here says where they come from.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_HERE = Path(__file__).parent
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class AwsManagedPolicy:
    """An AWS managed policy as one partition shows it.

    ``path`` begins and ends with a slash (``/job-function/``). ``policy_id`` is made from the name, because AWS's ids
    are not published: it is the same everywhere and looks like one (``ANPA…``). AWS shows older versions too; only the
    default one is kept here. The document is that of the partition ``aws``, with that partition's ARNs.
    """

    name: str
    path: str
    arn: str
    default_version: str
    created: datetime
    updated: datetime
    _place: tuple[int, int]

    @property
    def document(self) -> str:
        """The document of the default version, indented by two as AWS shows it."""
        return _document(*self._place)

    @property
    def policy_id(self) -> str:
        """A unique id in AWS's form."""
        return _policy_id(self.name)

    @property
    def versions(self) -> tuple[str, ...]:
        """The ids of the versions that are known here: the default one."""
        return (self.default_version,)


@lru_cache(maxsize=4096)
def find(arn: str) -> AwsManagedPolicy | None:
    """The AWS managed policy with an ARN of any partition; ``None`` where AWS has none by that ARN."""
    head, _, ending = arn.partition(":iam::aws:policy/")
    label, _, partition = head.partition(":")
    line = _index().get("/" + ending)
    if line is None or label != "arn" or not partition or ":" in partition:
        return None
    return _read(line, partition)


def every(partition: str = "aws") -> Iterator[AwsManagedPolicy]:
    """Every AWS managed policy, by name; the documents are read only when asked for."""
    for line in sorted(_index().values()):
        yield _read(line, partition)


def _read(line: str, partition: str) -> AwsManagedPolicy:
    from datetime import datetime

    name, path, version, created, updated, offset, length = line.split("\t")
    return AwsManagedPolicy(
        name=name,
        path=path,
        arn=f"arn:{partition}:iam::aws:policy{path}{name}",
        default_version=version,
        created=datetime.fromisoformat(created),
        updated=datetime.fromisoformat(updated),
        _place=(int(offset), int(length)),
    )


@lru_cache(maxsize=1)
def _index() -> Mapping[str, str]:
    """Path and name → line of the index."""
    lines = (_HERE / "managed_policies.tsv").read_text("utf-8").splitlines()[1:]
    index: dict[str, str] = {}
    for line in lines:
        name, path, _ = line.split("\t", 2)
        index[path + name] = line
    return index


@lru_cache(maxsize=64)
def _document(offset: int, length: int) -> str:
    with (_HERE / "managed_policies.bin").open("rb") as file:
        file.seek(offset)
        return zlib.decompress(file.read(length)).decode()


def _policy_id(name: str) -> str:
    from hashlib import sha256

    number = int.from_bytes(sha256(name.encode()).digest()[:11], "big")
    return "ANPA" + "".join(_BASE32[number >> shift & 31] for shift in range(0, 85, 5))
