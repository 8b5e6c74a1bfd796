"""``sparekey simulate``: decide one request, or a stream of them, against given policies."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from sparekey.cli._files import POLICIES, read_file
from sparekey.errors import InputError

if TYPE_CHECKING:
    from sparekey.cli._cases import Case
    from sparekey.policy import Decision

_USAGE = """\
usage: sparekey simulate [FILE] [--jsonl] [--format text|json] [--explain]

Decide whether a request may pass: key policies, grants, boundaries, session policies and SCPs together, offline.

FILE holds one case, or a list of cases, as JSON or YAML: a request with every policy that applies to it. Without a
FILE, or with `-`, the case is read from standard input. The format is in docs/reference/simulate.md.

options:
  --jsonl           FILE is a stream: one case a line, as JSON; one JSON answer a line
  --format FORMAT   text (default) or json
  --explain         add what each policy type said, statement by statement, and the near misses
  -h, --help        show this help

exit status: 0 allowed, 1 denied or undecided (any of the cases), 2 bad input; with --jsonl 0, or 2 if a line was bad
"""

_FORMATS = ("text", "json")


class _Options(NamedTuple):
    file: str = "-"
    jsonl: bool = False
    format: str = "text"
    explain: bool = False


def run(arguments: list[str]) -> int:
    """Decide the case or cases that the arguments name.

    Returns:
        The exit status: 0 allowed, 1 denied or undecided, 2 a line of the stream is bad.

    Raises:
        InputError: an option that does not exist, or a case that cannot be read.
    """
    if "-h" in arguments or "--help" in arguments:
        sys.stdout.write(_USAGE)
        return 0
    options = _read(arguments)
    if options.jsonl:
        from sparekey.cli._stream import answer_stream

        return answer_stream(options.file, explain=options.explain)
    return _run_cases(options)


def _read(arguments: list[str]) -> _Options:
    options = _Options()
    files: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument == "--jsonl":
            options = options._replace(jsonl=True)
        elif argument == "--explain":
            options = options._replace(explain=True)
        elif name == "--format":
            options = options._replace(format=value if equals else next(rest, ""))
        elif argument.startswith("-") and argument != "-":
            raise InputError(f"`sparekey simulate` has no option `{argument}`", hint="see `sparekey simulate --help`")
        else:
            files.append(argument)
    if options.format not in _FORMATS:
        raise InputError(f"there is no format `{options.format}`", hint=f"one of: {', '.join(_FORMATS)}")
    if len(files) > 1:
        raise InputError(f"`sparekey simulate` reads one file, and `{files[1]}` is the second")
    return options._replace(file=files[0]) if files else options


def _run_cases(options: _Options) -> int:
    from sparekey.cli._cases import read_cases
    from sparekey.policy import Outcome

    data = read_file(options.file, POLICIES)
    file = "<stdin>" if options.file == "-" else options.file
    cases, many = read_cases(data, file)
    decided = [(case, _decide(case)) for case in cases]
    if options.format == "json":
        _write_json(decided, many=many, explain=options.explain)
    else:
        _write_text(decided, data, many=many, explain=options.explain)
    return 0 if all(decision.outcome is Outcome.ALLOWED for _, decision in decided) else 1


def _decide(case: Case) -> Decision:
    from sparekey.policy import authorize, read_simulation

    if not isinstance(case.data, dict):
        raise InputError("a case must be a mapping", case.locate(()), hint="see docs/reference/simulate.md")
    return authorize(*read_simulation(case.data, locate=case.locate))


def _id(case: Case) -> object:
    return case.data.get("id") if isinstance(case.data, dict) else None


def _write_json(decided: list[tuple[Case, Decision]], *, many: bool, explain: bool) -> None:
    import json

    from sparekey.cli._answers import answer

    answers = [answer(decision, _id(case), explain=explain) for case, decision in decided]
    sys.stdout.write(json.dumps(answers if many else answers[0], indent=2, default=str) + "\n")


def _write_text(decided: list[tuple[Case, Decision]], data: bytes, *, many: bool, explain: bool) -> None:
    from sparekey.cli._simulate_text import Page

    page = Page(data.decode("utf-8-sig").splitlines(), colour=sys.stdout.isatty(), explain=explain)
    for number, (case, decision) in enumerate(decided):
        heading = str(_id(case) or f"case {number + 1}") if many else None
        text = ("\n" if number else "") + page.render(decision, heading)
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
