"""One key that cannot be made, and what is asked about ways to change that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sparekey.check._safety import named_in
from sparekey.check.fixes._expressions import principal_expression
from sparekey.check.fixes._page import Page
from sparekey.check.fixes._style import read_style
from sparekey.policy import Outcome, PrincipalKind, authorize, parse_policy
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sparekey.check._deployer import Deployer
    from sparekey.check._finding import Call
    from sparekey.check._view import KeyView
    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._site import Site
    from sparekey.check.fixes._survey import Branch, Circumstances
    from sparekey.check.fixes._text import Edit
    from sparekey.policy import Decision, Policy, Statement

DENIED = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY)

#: The calls that the policy of the new key decides.
ON_THE_KEY = ("kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:DisableKey")


def called(statement: Statement) -> str:
    """Name a statement in the middle of a sentence."""
    return f"statement {statement.label}" if statement.sid else statement.label


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change of the template that may cure a key.

    ``write`` makes the edits (it may raise ``NotEditableError``) on ``page``, or where the key policy is written;
    ``edits`` holds them once they are made. ``change`` says in words what they do, ``cause`` names the class of field
    reports. ``administrators`` are the ARNs (``*`` for any text in them) of those who may gain by it; ``corrects``
    tells that it repairs statements that KMS refuses, by which whoever they name may gain. Of candidates that cure, the
    lowest ``rank`` is chosen, then the smallest.
    """

    write: Callable[[], Iterable[Edit]]
    change: str
    cause: str
    administrators: frozenset[str] = frozenset()
    rank: int = 0
    corrects: bool = False
    assumptions: tuple[str, ...] = ()
    page: Page | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def order(self) -> tuple[int, int]:
        """What candidates are tried by."""
        return self.rank, sum(edit.size for edit in self.edits)


@dataclass(frozen=True, slots=True)
class Name:
    """How a key policy names the deployer: an ARN, or all of the account under a condition on ``aws:PrincipalArn``."""

    arn: str
    pattern: str | None = None
    assumption: str | None = None

    @property
    def administrators(self) -> frozenset[str]:
        """Who gains by it."""
        return frozenset((self.pattern or self.arn,))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return (self.assumption,) if self.assumption else ()


@dataclass(frozen=True)
class Case:
    """A key in a branch where making it fails."""

    circumstances: Circumstances
    branch: Branch
    view: KeyView

    @property
    def deployer(self) -> Deployer:
        """Who deploys."""
        return self.circumstances.deployer

    @property
    def root(self) -> str:
        """The ARN that stands for the account."""
        return f"arn:{self.circumstances.partition}:iam::{self.circumstances.account}:root"

    @cached_property
    def page(self) -> Page:
        """The template's text, for edits to the key beside its policy, and to other resources."""
        template = self.view.template
        style = read_style(template.text, template.root, self.view.resource.node, json=template.format == "json")
        return Page(template.text, template.root, style)

    @cached_property
    def denied(self) -> tuple[Call, ...]:
        """The calls that fail for sure."""
        return tuple(call for call in self.branch.report.calls if call.decision.outcome in DENIED)

    @cached_property
    def denied_on_the_key(self) -> tuple[Call, ...]:
        """The calls that fail and that the key policy has a say in."""
        return tuple(call for call in self.denied if call.action in ON_THE_KEY)

    @property
    def identity_told(self) -> bool:
        """Whether the deployer's identity policies are known in full."""
        return not self.circumstances.granted and not isinstance(self.deployer.policies.identity, Unknown)


@dataclass(frozen=True)
class PolicyCase(Case):
    """A case whose key policy is written in the template, so that it can be changed."""

    site: Site
    policy: Policy

    def decide(self, policy: Policy, deployer: Deployer | None = None) -> list[Decision]:
        """Decide the calls that fail, under another key policy."""
        deployer = deployer or self.deployer
        principal = named_in(policy, deployer.principal)
        policies = deployer.with_key_policy(policy)
        return [
            authorize(replace(call.decision.request, principal=principal), policies) for call in self.denied_on_the_key
        ]

    def cured_with(self, statement: Statement, instead: Statement | None = None, *, with_iam: bool = False) -> bool:
        """Whether the calls that fail would pass with one statement more, or one in place of another.

        ``with_iam`` asks whether they would pass if the deployer's identity policies allowed them on top.
        """
        if not self.denied_on_the_key:
            return False
        kept = self.policy.statements
        changed = tuple(statement if known is instead else known for known in kept) if instead else (*kept, statement)
        deployer = self._with_allowing_policies if with_iam else self.deployer
        return all(found.allowed for found in self.decide(replace(self.policy, statements=changed), deployer))

    @cached_property
    def _with_allowing_policies(self) -> Deployer:
        policies = self.deployer.policies
        actions = [call.action for call in self.denied_on_the_key]
        allow = parse_policy({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
        identity = policies.identity if isinstance(policies.identity, tuple) else ()
        session = (*policies.session, allow) if isinstance(policies.session, tuple) else policies.session
        return replace(self.deployer, policies=replace(policies, identity=(*identity, allow), session=session))

    @cached_property
    def name(self) -> Name:
        """How to name the deployer in a key policy."""
        principal = self.deployer.principal
        if principal.kind is PrincipalKind.ROOT_USER:
            return Name(self.root)
        if isinstance(principal.role_arn, str):
            return Name(principal.role_arn)
        if principal.role_arn is None:
            return Name(principal.arn)
        return self._unknown_path(str(principal.role_arn.pieces[-1] or "").rpartition("/")[2])

    def _unknown_path(self, role: str) -> Name:
        """Name a role whose path is not told: roles of IAM Identity Center never stand without one."""
        prefix = f"{self.root.removesuffix(':root')}:role/"
        if role.startswith("AWSReservedSSO_"):
            return Name(self.root, f"{prefix}aws-reserved/sso.amazonaws.com/*{role}")
        return Name(prefix + role, assumption=f"role `{role}` has no path (give `--iam`)")

    def written(self, arn: str) -> Tree:
        """Write an ARN as the template would."""
        style, here = self.site.page.style, self.circumstances
        return principal_expression(arn, style, self.view, account=here.account, partition=here.partition)
