"""Run a command on a terminal of its own and type an answer to its first question: `terminal.py ANSWER COMMAND…`."""

from __future__ import annotations

import os
import pty
import sys


def main(answer: str, command: list[str]) -> int:
    """Show what the command shows; its exit status."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)  # noqa: S606 - the command of the test
    shown = b""
    try:
        while b":" not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, f"{answer}\n".encode())
        while block := os.read(terminal, 65536):
            shown += block
    except OSError:  # the other end is closed: the command ended
        pass
    sys.stdout.buffer.write(shown)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
