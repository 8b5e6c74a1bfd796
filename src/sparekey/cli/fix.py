"""``sparekey fix``: propose the smallest edit that lets a deployment pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.check.fixes import Proposal, propose, straightened
from sparekey.cli._files import templates
from sparekey.cli._parser import Parser
from sparekey.cli.deployment import Deployment, add_arguments, read_deployment
from sparekey.cli.main import put_out, say, warn
from sparekey.errors import InputError, system_reason
from sparekey.template import Template, load_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EPILOG = (
    "exit status: 0 nothing to do, or everything done with --write; 1 something is proposed or left to do; "
    "2 wrong usage or unreadable input"
)
_BYTE_ORDER_MARK = "\ufeff"


def run(arguments: list[str]) -> int:
    """Propose edits, print them, and with ``--write`` carry them out.

    Returns:
        0 if there is nothing to do (any more), 1 if there is, 2 if a template cannot be read.

    Raises:
        InputError: an option is wrong, or another file cannot be read or written.
    """
    options = _parser().parse_args(arguments)
    if options.write and "-" in options.templates:
        raise InputError("`--write` has no file to write to when the template comes from standard input (`-`)")
    deployment = read_deployment(options)
    for warning in deployment.warnings:
        warn(warning)
    loaded = list(_load(options.templates))
    proposals: list[Proposal] = []
    unreadable = 0
    for file in loaded:
        try:
            proposals.append(_propose(file, deployment, alone=len(loaded) == 1, administrator=options.administrator))
        except InputError as error:
            say(error)
            unreadable += 1
    if options.write:
        for proposal in proposals:
            _write_back(proposal)
    if proposals or not unreadable:
        _report(proposals, options.format, options.output, written=options.write)
    if unreadable:
        return 2
    done = all(proposal.nothing_to_do or (options.write and proposal.cured_by_edits) for proposal in proposals)
    return 0 if done else 1


def _parser() -> Parser:
    parser = Parser(
        prog="sparekey fix",
        description="Propose the smallest edit by which every KMS key of a CloudFormation template can be made.",
        epilog=_EPILOG,
    )
    add_arguments(parser)
    output = parser.add_argument_group("what is proposed")
    output.add_argument(
        "--write", action="store_true", help="carry the edits out in the files, instead of showing a diff"
    )
    output.add_argument(
        "--format", choices=("text", "json"), default="text", help="the form of the proposal (default: text)"
    )
    output.add_argument("--output", metavar="FILE", help="write the proposal to a file")
    output.add_argument(
        "--administrator",
        choices=("auto", "account", "deployer"),
        default="auto",
        help="whom a new statement names: the account, whose IAM policies then decide, or the deployer (default: auto)",
    )
    return parser


def _load(names: Sequence[str]) -> Iterator[tuple[str, bytes] | InputError]:
    """Read the templates; one that cannot be read is an error among the others."""
    for name in names:
        try:
            yield from templates(name)
        except InputError as error:
            yield error


def _propose(
    file: tuple[str, bytes] | InputError, deployment: Deployment, *, alone: bool, administrator: str
) -> Proposal:
    """Propose for one template; one that typographic quotation marks make unreadable is read without them."""
    if isinstance(file, InputError):
        raise file
    name, data = file
    template, original = _read(name, data)
    proposal = propose(
        template,
        environment=deployment.environment_of(template, alone=alone),
        deployer=deployment.deployer,
        snapshot=deployment.snapshot,
        administrator=administrator,
    )
    if original == template.text:
        return proposal
    note = "straight quotation marks take the place of typographic ones, which made the template unreadable"
    return replace(proposal, before=original, notes=(*proposal.notes, note))


def _read(name: str, data: bytes) -> tuple[Template, str]:
    """Parse a template; also return its text as it is in the file."""
    try:
        template = load_template(data, name)
    except InputError:
        try:
            original = data.decode("utf-8-sig")
            template = load_template(straightened(original).encode(), name)
        except (InputError, UnicodeDecodeError):
            pass
        else:
            return template, original
        raise
    return template, template.text


def _write_back(proposal: Proposal) -> None:
    """Put the new text in the file's place at once, with the file's mode and byte order mark."""
    if proposal.before == proposal.after:
        return
    import os
    import tempfile
    from pathlib import Path

    target = Path(proposal.path).resolve()
    try:
        mark = _BYTE_ORDER_MARK.encode() if target.read_bytes().startswith(_BYTE_ORDER_MARK.encode()) else b""
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        new = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(mark + proposal.after.encode())
                stream.flush()
                os.fsync(stream.fileno())
            new.chmod(target.stat().st_mode & 0o7777)
            new.replace(target)
        except OSError:
            new.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"cannot write `{proposal.path}`: {system_reason(error)}") from None


def _report(proposals: Sequence[Proposal], form: str, output: str | None, *, written: bool) -> None:
    from sparekey.check.fixes.report import render_json, render_text

    text = render_json(proposals) if form == "json" else render_text(proposals, written=written)
    put_out(text, output)
