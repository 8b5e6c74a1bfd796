"""Reading the corpus: each file once, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

import pytest
import yaml

CORPUS = Path(__file__).resolve().parents[2] / "corpus"

Case = Mapping[str, object]


@cache
def load(path: Path) -> object:
    """Read one YAML file of the corpus."""
    return cast("object", yaml.load(path.read_bytes(), yaml.CSafeLoader))


def items(folder: str) -> Iterator[tuple[str, Case]]:
    """The cases of every list in a folder of the corpus, each with the name of its file."""
    for path in sorted((CORPUS / folder).glob("*.yaml")):
        for case in cast("Sequence[Case]", load(path)):
            yield path.stem, case


def parameters(folder: str) -> list[object]:
    """The cases of a folder as pytest parameters, named by file and id."""
    return [pytest.param(case, id=f"{file}:{case['id']}") for file, case in items(folder)]


def sidecars(folder: str) -> list[tuple[Path, Case]]:
    """The templates of a folder, each with the case in its sidecar."""
    return [(template_of(path), cast("Case", load(path))) for path in sorted((CORPUS / folder).glob("*.case.yaml"))]


def template_of(sidecar: Path) -> Path:
    """The template that a sidecar is about: the file of the same name, or of the same stem."""
    name = sidecar.name.removesuffix(".case.yaml")
    exact = sidecar.with_name(name)
    if exact.is_file():
        return exact
    (found,) = (path for path in sidecar.parent.glob(f"{name}.*") if not path.name.endswith(".case.yaml"))
    return found


def mapping(case: Case, key: str) -> Mapping[str, object]:
    """A member of a case that is a mapping; empty where the case has none."""
    return cast("Mapping[str, object]", case.get(key) or {})


def texts(case: Case, key: str) -> list[str]:
    """A member of a case that is a list of texts; empty where the case has none."""
    return [str(text) for text in cast("Sequence[object]", case.get(key) or [])]
