"""What a rule is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sparekey.check._finding import Finding, Level
    from sparekey.check._view import KeyView

#: An identity policy that allows everything: what the deployer of an example carries, unless it says otherwise.
ADMINISTRATOR_ACCESS = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


class Given(NamedTuple):
    """What an example is checked with besides its template and ``--as``: the content of ``--iam`` and ``--scp``.

    ``role_arn`` is the service role, ``iam`` and ``scp`` are JSON texts; ``None`` is an option not given.
    """

    iam: str | None = ADMINISTRATOR_ACCESS
    scp: str | None = None
    role_arn: str | None = None


class Rule(NamedTuple):
    """One thing the check can say, with its documentation.

    ``id`` is ``SK`` and three digits: SK0xx the input, SK1xx why the deployer is locked out or refused, SK2xx what
    KMS refuses in the document, SK3xx what will hurt later. ``causes`` are the classes of field reports (C01 … C16)
    it covers. ``explanation`` is Markdown; ``bad`` and ``good`` are small templates (YAML), and the tests prove that
    the rule finds the one and is silent on the other. ``example_deployer`` is the principal these are checked with,
    ``bad_given`` and ``good_given`` are the other circumstances.
    """

    id: str
    name: str
    level: Level
    summary: str
    explanation: str
    bad: str
    good: str
    find: Callable[[KeyView], Iterable[Finding]]
    causes: tuple[str, ...] = ()
    example_deployer: str = "arn:aws:iam::123456789012:user/Alice"
    bad_given: Given = Given()
    good_given: Given = Given()
