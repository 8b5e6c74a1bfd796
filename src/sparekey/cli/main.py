"""The command line: one file per command, imported only when it runs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.errors import InputError

#: Each command's module under ``sparekey.cli`` and its one line in ``sparekey --help``.
COMMANDS = {
    "check": "predict what KMS answers when a template is deployed",
    "fix": "propose the smallest edit that lets the deployment pass",
    "simulate": "decide one request, or a stream of them, against given policies",
    "rule": "explain a rule",
    "serve": "serve an AWS account on this machine",
    "env": "sign a shell or an AWS profile in to a server",
    "log": "show who called what, and which policy decided",
}

_USAGE = """\
usage: sparekey COMMAND [OPTIONS]

Predict AWS KMS key-policy lockouts before you deploy, and serve an AWS account that really refuses.

commands:
{commands}

`sparekey COMMAND --help` shows the options of a command.
"""


#: The most of a message that is shown: input that it quotes may be long.
_LONGEST = 800


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit status: 0 nothing found, 1 findings, 2 usage or unreadable input, 70 an error in sparekey itself.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if argv is None and arguments[:1] == ["check"]:
        _forgo_collection()
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_output()
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last net: a user gets one line, never a traceback
        return _failed(error)
    return status


def _run(arguments: list[str]) -> int:
    """Import the command and run it; what a user gave wrong becomes one line on standard error."""
    _prepare_streams()
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_USAGE.format(commands="\n".join(f"  {name:<10}{line}" for name, line in COMMANDS.items())))
        return 0 if arguments else 2
    command, *rest = arguments
    if command in ("-V", "--version"):
        from sparekey import __version__

        sys.stdout.write(f"sparekey {__version__}\n")
        return 0
    from importlib import import_module

    from sparekey.errors import InputError

    if command not in COMMANDS:
        say(InputError(f"there is no command `{command}`; one of: {', '.join(COMMANDS)}"))
        return 2
    try:
        status: int = import_module(f"sparekey.cli.{command}").run(rest)
    except InputError as error:
        say(error)
        return 2
    return status


def _forgo_collection() -> None:
    """Do not look for cycles among a large template: a third of the time of a process that ends soon anyway."""
    import atexit
    import gc

    gc.disable()
    atexit.register(gc.freeze)  # the search at the end of the process, too


def _prepare_streams() -> None:
    """Make every text writable, and stand in for streams that the caller closed (``>&-``)."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - it stays open
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _abandon_output() -> None:
    """Send what is still to be written nowhere: whoever reads standard output has gone (``| head``)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _failed(error: Exception) -> int:
    """Say in one line what stopped the command: a file, a standard output that is full, or an error of our own."""
    from sparekey.errors import InputError, printable

    if isinstance(error, OSError) and error.strerror:
        what = f"cannot read `{error.filename}`" if error.filename else "cannot write the output"
        say(InputError(f"{what}: {error.strerror[:1].lower()}{error.strerror[1:]}"))
        if not error.filename:
            _abandon_output()
        return 2
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    asked = "please report it; SPAREKEY_TRACEBACK=1 shows where"
    sys.stderr.write(f"sparekey: internal error: {printable(_shortened(what))} ({asked})\n")
    if os.environ.get("SPAREKEY_TRACEBACK"):
        from traceback import print_exception

        print_exception(error)
    return 70


def say(error: InputError) -> None:
    """Print what a user gave wrong, on standard error, in one line and perhaps another with a hint."""
    from sparekey.errors import printable

    place = f"{printable(error.place.file)}:{error.place.line}:{error.place.column}" if error.place else "sparekey"
    hint = f"  hint: {printable(_shortened(error.hint))}\n" if error.hint else ""
    sys.stderr.write(f"{place}: error: {printable(_shortened(error.message))}\n{hint}")


def put_out(text: str, output: str | None) -> None:
    """Write a report to standard output, or to the file of ``--output``, line endings as they are.

    Raises:
        InputError: the file cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        return
    from pathlib import Path

    from sparekey.errors import InputError, system_reason

    try:
        Path(output).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"cannot write `{output}`: {system_reason(error)}") from None


def warn(text: str) -> None:
    """Print a warning on standard error, in one line."""
    from sparekey.errors import printable

    sys.stderr.write(f"sparekey: warning: {printable(_shortened(text))}\n")


def _shortened(text: str) -> str:
    """A text without its middle, if it is a long one."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST * 3 // 4]} … {text[-_LONGEST // 4 :]}"


if __name__ == "__main__":
    sys.exit(main())
