"""An argument parser that speaks as the rest of the command line does."""

from __future__ import annotations

import argparse
from functools import partial
from typing import NoReturn

from sparekey.errors import InputError


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are ours: one line, exit status 2."""

    def __init__(self, prog: str | None = None, description: str = "", epilog: str = "") -> None:
        """Take the texts of the help; of a width of its own, which only the help itself sets by the terminal."""
        width = partial(argparse.HelpFormatter, width=80)  # a formatter is made for each argument, to try it
        super().__init__(prog=prog, description=description, epilog=epilog, formatter_class=width)

    def format_help(self) -> str:
        """The help, as wide as the terminal: measuring that costs an import."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise the error for :func:`sparekey.cli.main.main` to print."""
        raise InputError(message, hint=f"`{self.prog} --help` shows the options")
