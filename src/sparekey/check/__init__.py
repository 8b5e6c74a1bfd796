"""The check: predicts what CloudFormation and KMS answer when a template is deployed, key by key.

:func:`check_template` takes a template, the :class:`Deployer` that :func:`make_deployer` finds out about, and a
snapshot of the account; it returns a :class:`TemplateReport`. Rules explain what it finds (``sparekey.check.rules``),
reports write it down (``sparekey.check.reports``), fixes repair it (``sparekey.check.fixes``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Call, Finding, KeyReport, Level, Statement, TemplateReport, Verdict

if TYPE_CHECKING:
    from sparekey.check._check import check_template
    from sparekey.check._deployer import Deployer, make_deployer
    from sparekey.check._rule import Rule
    from sparekey.check._view import KeyView

__all__ = [
    "Call",
    "Deployer",
    "Finding",
    "KeyReport",
    "KeyView",
    "Level",
    "Rule",
    "Statement",
    "TemplateReport",
    "Verdict",
    "check_template",
    "make_deployer",
]

#: Where the names live that are imported when they are first asked for.
_LATER = {
    "Deployer": "_deployer",
    "KeyView": "_view",
    "Rule": "_rule",
    "check_template": "_check",
    "make_deployer": "_deployer",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: a report needs no engine."""
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
