"""Proposals for templates, with the options of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from sparekey.check._check import check_template
from sparekey.check.fixes import Proposal, propose
from sparekey.cli._parser import Parser
from sparekey.cli.deployment import Deployment, add_arguments, read_deployment
from sparekey.template import load_template

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sparekey.check._finding import Verdict

CORPUS = Path(__file__).parents[3] / "corpus"
BAD = CORPUS / "templates" / "bad"


def deployment(*options: str) -> Deployment:
    parser = Parser(prog="sparekey", description="", epilog="")
    add_arguments(parser)
    return read_deployment(parser.parse_args(["-", *options]))


def proposal(text: str, *options: str, administrator: str = "auto", file: str = "t.yaml") -> Proposal:
    told = deployment(*options)
    return propose(
        load_template(text.encode(), file),
        environment=told.environment,
        deployer=told.deployer,
        snapshot=told.snapshot,
        administrator=administrator,
    )


def verdicts(text: str, *options: str) -> dict[str, Verdict]:
    told = deployment(*options)
    report = check_template(
        load_template(text.encode(), "t.yaml"),
        environment=told.environment,
        deployer=told.deployer,
        snapshot=told.snapshot,
        rules=(),
    )
    return {key.logical_id: key.verdict for key in report.keys}


@dataclass(frozen=True, eq=False)
class Case:
    """A case of corpus/templates/bad."""

    name: str
    template: Path
    options: tuple[str, ...]
    class_: str
    expect: dict[str, dict[str, str]]


def bad_cases() -> Iterable[Case]:
    for file in sorted(BAD.glob("*.case.yaml")):
        case = yaml.safe_load(file.read_text())
        name = file.name.removesuffix(".case.yaml")
        template = next(path for path in (BAD / f"{name}.yaml", BAD / f"{name}.json") if path.exists())
        options = [str(option) for option in case["options"]]
        for option in ("iam", "scp"):
            if case.get(option):
                options += [f"--{option}", *(str((BAD / path).resolve()) for path in case[option])]
        yield Case(name, template, tuple(options), case["class"], case["expect"])
