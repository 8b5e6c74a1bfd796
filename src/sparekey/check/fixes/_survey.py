"""The check, asked for what a fix needs: each key in each branch of the template's conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sparekey.check._check import check_template
from sparekey.check._finding import Level, Verdict
from sparekey.check._principals import existence, principals_made
from sparekey.check._rule import Rule
from sparekey.check._settings import KEY_TYPES
from sparekey.policy import PolicySet, PolicyType, parse_policy
from sparekey.template import load_template
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.check._deployer import Deployer
    from sparekey.check._finding import KeyReport, TemplateReport
    from sparekey.check._principals import NamedPrincipal
    from sparekey.check._view import KeyView
    from sparekey.policy import Policy
    from sparekey.snapshot import Snapshot
    from sparekey.template import Environment, Template

#: The calls that identity policies alone allow, whatever a key policy says.
IAM_ONLY = ("kms:CreateKey", "kms:ReplicateKey", "kms:TagResource")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a template is checked with.

    ``granted`` tells that identity policies of the deployer are taken for granted, as far as no key policy can do
    without them.
    """

    environment: Environment
    deployer: Deployer
    snapshot: Snapshot
    granted: bool = False

    @property
    def account(self) -> str:
        """The account of the stack."""
        return self.environment.account or self.deployer.principal.account

    @property
    def partition(self) -> str:
        """The partition of the stack."""
        return self.environment.known_partition or self.deployer.principal.partition


@dataclass(frozen=True, slots=True)
class Branch:
    """One key in one branch of the template's conditions. ``view`` is ``None`` where the key is not created."""

    report: KeyReport
    view: KeyView | None

    @property
    def fails(self) -> bool:
        """Whether deploying it fails for sure."""
        verdict = self.report.verdict
        refused_by_handler = verdict is Verdict.NOT_CREATED and self.report.event is not None
        return refused_by_handler or verdict not in (Verdict.PASS, Verdict.NOT_CREATED, Verdict.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the check says about a template, key by key and branch by branch."""

    template: Template
    report: TemplateReport
    branches: tuple[Branch, ...]

    def of(self, logical_id: str) -> tuple[Branch, ...]:
        """The branches of one key."""
        return tuple(branch for branch in self.branches if branch.report.logical_id == logical_id)


def survey(text: str, file: str, circumstances: Circumstances, only: str | None = None) -> Survey:
    """Check a text; ``only`` names the one key to look at.

    Raises:
        InputError: the text is no template.
    """
    template = _loaded(text, file)
    if only is not None:
        kept = {
            name: resource
            for name, resource in template.resources.items()
            if name == only or resource.type not in KEY_TYPES
        }
        template = replace(template, resources=kept)
    views: dict[tuple[str, tuple[tuple[str, bool], ...]], KeyView] = {}

    def collect(view: KeyView) -> tuple[()]:
        views[view.logical_id, tuple(view.resolver.assumptions.items())] = view
        return ()

    collector = Rule("", "", Level.NOTE, "", "", "", "", collect)
    report = check_template(
        template,
        environment=circumstances.environment,
        deployer=circumstances.deployer,
        snapshot=circumstances.snapshot,
        rules=(collector,),
    )
    branches = tuple(branch for key in report.keys for branch in _branches(key, [*views.values()]))
    return Survey(template, report, branches)


@lru_cache(maxsize=2)
def _loaded(text: str, file: str) -> Template:
    """Parse a text; the last two are kept, since the search looks at one text several times."""
    return load_template(text.encode(), file)


def _branches(key: KeyReport, views: list[KeyView]) -> list[Branch]:
    """Pair the reports of a key's branches with what was seen in them; both are in the order of the scenarios."""
    seen = iter([view for view in views if view.logical_id == key.logical_id])
    reports = key.branches or (key,)
    return [Branch(report, next(seen, None) if _looked_at(report) else None) for report in reports]


def _looked_at(report: KeyReport) -> bool:
    return report.verdict is not Verdict.NOT_CREATED or report.event is not None


def missing_principals(view: KeyView, policy: Policy, here: Circumstances) -> tuple[NamedPrincipal, ...]:
    """List the principals that a key's policy names and that do not exist."""

    def made() -> frozenset[str]:
        return principals_made(view.resolver, here.partition, here.account)

    return existence(policy, here.deployer, here.snapshot, here.partition, made).missing


def taken_for_granted(circumstances: Circumstances) -> Circumstances:
    """Give the deployer identity policies that allow what no key policy can, where its own are not told.

    What they may say on top is not taken for granted: the key policy must do without.
    """
    deployer = circumstances.deployer
    if not isinstance(deployer.policies.identity, Unknown):
        return circumstances
    return replace(circumstances, deployer=replace(deployer, policies=_granted(deployer.policies)), granted=True)


def _granted(policies: PolicySet) -> PolicySet:
    least = parse_policy(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [*IAM_ONLY], "Resource": "*"}]},
        type=PolicyType.IDENTITY,
        name="the identity policies as far as they are taken for granted",
    )
    boundary = None if isinstance(policies.boundary, Unknown) else policies.boundary
    session = (least,) if isinstance(policies.session, Unknown) else policies.session
    return replace(policies, identity=(least,), boundary=boundary, session=session)
