"""The command line: one file per command, imported only when it runs."""

from __future__ import annotations

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
}

_USAGE = """\
usage: sparekey COMMAND [OPTIONS]

Predict AWS KMS key-policy lockouts before you deploy.

commands:
{commands}

`sparekey COMMAND --help` shows the options of a command.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit status: 0 nothing found, 1 findings, 2 usage or unreadable input.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_USAGE.format(commands="\n".join(f"  {name:<10}{line}" for name, line in COMMANDS.items())))
        return 0 if arguments else 2
    if arguments[0] in ("-V", "--version"):
        from sparekey import __version__

        sys.stdout.write(f"sparekey {__version__}\n")
        return 0
    return _run(arguments[0], arguments[1:])


def _run(command: str, arguments: list[str]) -> int:
    """Import the command and run it; what a user gave wrong becomes one line on standard error."""
    if command not in COMMANDS:
        sys.stderr.write(f"sparekey: error: there is no command `{command}`; one of: {', '.join(COMMANDS)}\n")
        return 2
    from importlib import import_module

    from sparekey.errors import InputError

    try:
        status: int = import_module(f"sparekey.cli.{command}").run(arguments)
        sys.stdout.flush()
    except InputError as error:
        say(error)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def say(error: InputError) -> None:
    """Print what a user gave wrong, on standard error."""
    prefix = f"{error.place}: error: " if error.place else "sparekey: error: "
    sys.stderr.write(f"{prefix}{error.message}\n" + (f"  hint: {error.hint}\n" if error.hint else ""))


if __name__ == "__main__":
    sys.exit(main())
