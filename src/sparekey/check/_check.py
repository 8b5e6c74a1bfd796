"""The check: for every KMS key of a template, what CloudFormation and KMS will answer, and what the rules say."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sparekey.check._branches import merge
from sparekey.check._creation import REGION, Plan, entrance
from sparekey.check._deployment import Outlook, deploy
from sparekey.check._finding import Finding, KeyReport, TemplateReport, Verdict
from sparekey.check._ignore import WITHOUT_REASON, Ignore, read_ignores, suppress, without_reason
from sparekey.check._key_policy import is_text, name_of, parse_text, policy_value
from sparekey.check._principals import NOBODY, existence, principals_made
from sparekey.check._quote import quotations
from sparekey.check._settings import KEY_TYPES, KeySettings, read_settings
from sparekey.check._twins import Twin, written
from sparekey.check._verdict import Judgement, listed
from sparekey.check._view import KeyView
from sparekey.policy import PolicyType, parse_policy
from sparekey.template import Environment, MapValue, Resolver, Resource, Scenario, Template, Value, to_document
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sparekey.check._deployer import Deployer
    from sparekey.check._rule import Rule
    from sparekey.policy import Policy
    from sparekey.snapshot import Snapshot
    from sparekey.source import Place

#: Where stacks are deployed unless somebody says otherwise, by partition.
_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def check_template(
    template: Template,
    *,
    environment: Environment,
    deployer: Deployer,
    snapshot: Snapshot,
    rules: Iterable[Rule] | None = None,
) -> TemplateReport:
    """Tell for every KMS key of a template what deploying it does, and what the rules find.

    ``rules`` are all of them if left out. The account and partition that ``environment`` does not tell are the
    deployer's. A Region that it does not tell stays open; where a verdict hangs on it, the check assumes the
    partition's usual one and says so.

    Raises:
        InputError: the template uses an intrinsic function in a way CloudFormation refuses, or the parameters do not
            fit.
    """
    if rules is None:
        from sparekey.check.rules import RULES

        rules = RULES
    environment = environment._replace(
        account=environment.account or deployer.principal.account,
        partition=environment.known_partition or deployer.principal.partition,
    )
    check = _Check(template, environment, deployer, snapshot, tuple(rules))
    ignores = read_ignores(template.metadata, check.resolver)
    findings = tuple(check.without_reason(ignores))
    keys = tuple(check.key(resource, ignores) for resource in template.resources.values() if resource.type in KEY_TYPES)
    lines = template.text.split("\n")
    quoted = quotations(template.file, lines, keys, findings)
    kept = sorted({number for numbers in quoted.values() for number in numbers})
    source = {number: lines[number - 1].rstrip("\r") for number in kept}
    return TemplateReport(template.file, keys, findings, template.notes, source, quoted)


class _Check:
    """One template in one environment, with what its keys share."""

    def __init__(
        self,
        template: Template,
        environment: Environment,
        deployer: Deployer,
        snapshot: Snapshot,
        rules: tuple[Rule, ...],
    ) -> None:
        self.template = template
        self.environment = environment
        self.deployer = deployer
        self.snapshot = snapshot
        self.rules = rules
        self.resolver = Resolver(template, environment)
        self.partition = environment.partition or "aws"
        self.entrance = tuple(entrance(deployer, environment))
        self._made: frozenset[str] | None = None
        self._plans: dict[KeySettings, Plan] = {}
        self._twins: dict[tuple[str, KeySettings], Twin] = {}
        self._there: _Check | None = None

    def key(self, resource: Resource, ignores: tuple[Ignore, ...]) -> KeyReport:
        """Report on one key, over all branches of the template's conditions."""
        report = self.merged(resource)
        if report.verdict is Verdict.UNDECIDED and any(REGION.hangs_on[0] in name for name in report.hangs_on):
            report = self._in_usual_region(resource) or report
        own = read_ignores(resource.metadata, self.resolver)
        if not (ignores or own):
            return report
        found = (*report.findings, *self.without_reason(own, resource.logical_id))
        return replace(report, findings=suppress(found, (*ignores, *own)))

    def without_reason(self, ignores: Iterable[Ignore], logical_id: str = "") -> Iterable[Finding]:
        """Say which entries give no reason, if the rule for it is among those asked for."""
        asked = any(rule.id == WITHOUT_REASON for rule in self.rules)
        return without_reason(ignores, logical_id) if asked else ()

    def _in_usual_region(self, resource: Resource) -> KeyReport | None:
        """Try again in the Region most stacks are deployed in; ``None`` if that decides nothing."""
        region = _REGIONS.get(self.environment.partition or "", "us-east-1")
        if self._there is None:
            there = self.environment._replace(region=region)
            self._there = _Check(self.template, there, self.deployer, self.snapshot, self.rules)
        report = self._there.merged(resource)
        if report.verdict is Verdict.UNDECIDED or (report.verdict is Verdict.NOT_CREATED and report.event):
            return None  # no key is impossible for a Region that is only assumed
        return replace(report, assumptions=(*report.assumptions, f"the region is {region} (give `--region`)"))

    def merged(self, resource: Resource) -> KeyReport:
        """Report on one key by its properties, over all branches."""
        scenarios = self.resolver.scenarios(resource.logical_id)
        branches = [self._branch(resource, scenario) for scenario in scenarios]
        return merge(branches, tuple(self._conditions(scenarios)) if len(branches) > 1 else ())

    def _conditions(self, scenarios: tuple[Scenario, ...]) -> Iterator[str]:
        """Name the conditions that tell branches apart, and what decides each."""
        for name in dict.fromkeys(name for scenario in scenarios for name in scenario.resolver.assumptions):
            if len({scenario.resolver.assumptions.get(name) for scenario in scenarios}) > 1:
                holds = self.resolver.condition(name)
                told = f" ({listed(holds.hangs_on)})" if isinstance(holds, Unknown) and holds.hangs_on else ""
                yield f"condition `{name}`{told}"

    def _branch(self, resource: Resource, scenario: Scenario) -> KeyReport:
        """Report on one key in one branch."""
        resolver = scenario.resolver
        exists = resolver.exists(resource.logical_id)
        if exists is False:
            message = f"not created: condition `{resource.condition}` is false"
            return _report(resource, scenario, Outlook(Judgement(Verdict.NOT_CREATED, message)), ())
        properties = resolver.resolve(resource.properties) if resource.properties else _nothing(resource)
        value = policy_value(properties)
        policy, outlook = self._outlook(value, self._plan(resource, properties), resource, resolver)
        if isinstance(exists, Unknown):
            outlook = _if_created(outlook, exists)
        view = KeyView(
            self.template, resource, resolver, self.environment, properties, policy, value, self.deployer,
            self.snapshot, outlook.judgement.verdict, outlook.calls, outlook.judgement.hangs_on, outlook.existence,
        )  # fmt: skip
        findings = dict.fromkeys(finding for rule in self.rules for finding in rule.find(view))
        report = _report(resource, scenario, outlook, tuple(findings))
        if policy is None or not (findings or report.verdict.level):
            return report
        return replace(report, statements=tuple(_statements(policy)))

    def _outlook(
        self, value: Value | None, plan: Plan, resource: Resource, resolver: Resolver
    ) -> tuple[Policy | None, Outlook]:
        """The key policy, and what the deployment answers: once for all keys that are twins."""
        if value is None:
            return None, deploy(plan, self.entrance, None, NOBODY)
        name = name_of(resource.logical_id)
        if is_text(value):
            return self._decided(parse_text(value, name, self.template, self.partition), plan, resolver)
        document, locate = to_document(value)
        likeness = (written(document), plan.settings)
        if twin := self._twins.get(likeness):
            policy = replace(twin.policy, name=name, locate=locate)
            return policy, twin.named(policy, self.deployer)
        policy = parse_policy(document, type=PolicyType.KEY, name=name, locate=locate, partition=self.partition)
        policy, outlook = self._decided(policy, plan, resolver)
        if twin := Twin.of(policy, outlook):
            self._twins[likeness] = twin
        return policy, outlook

    def _decided(self, policy: Policy, plan: Plan, resolver: Resolver) -> tuple[Policy, Outlook]:
        made = partial(self._made_here, resolver)
        there = existence(policy, self.deployer, self.snapshot, self.environment.partition, made)
        return policy, deploy(plan, self.entrance, policy, there)

    def _plan(self, resource: Resource, properties: Value) -> Plan:
        """What is to be created; keys with the same settings share it."""
        settings = read_settings(resource.type, properties, self.deployer.stack_tags)
        plan = self._plans.get(settings)
        if plan is None:
            plan = self._plans[settings] = Plan(self.deployer, self.environment, settings)
        return plan

    def _made_here(self, resolver: Resolver) -> frozenset[str]:
        if self._made is None:
            self._made = principals_made(resolver, self.environment.partition, self.environment.account or "")
        return self._made


def _report(resource: Resource, scenario: Scenario, outlook: Outlook, findings: tuple[Finding, ...]) -> KeyReport:
    judgement = outlook.judgement
    return KeyReport(
        logical_id=resource.logical_id,
        resource_type=resource.type,
        verdict=judgement.verdict,
        message=judgement.message,
        place=resource.place,
        event=judgement.event,
        deciding_statement=judgement.statement,
        calls=outlook.calls,
        hangs_on=judgement.hangs_on,
        assumptions=outlook.assumptions,
        findings=findings,
        hints=judgement.hints,
        condition=scenario.description,
        call=judgement.call,
    )


def _statements(policy: Policy) -> Iterator[Place]:
    """Where the statements of a key policy begin."""
    return (place for statement in policy.statements if (place := policy.place(statement)))


def _if_created(outlook: Outlook, exists: Unknown) -> Outlook:
    """Take back a refusal of a key of which it is not told whether it is created at all."""
    judgement = outlook.judgement
    if judgement.verdict is Verdict.PASS:
        return outlook
    hangs_on = tuple(dict.fromkeys((*judgement.hangs_on, *exists.hangs_on)))
    message = f"if the key is created at all, {judgement.message}"
    taken_back = judgement._replace(verdict=Verdict.UNDECIDED, message=message, event=None, hangs_on=hangs_on)
    return outlook._replace(judgement=taken_back)


def _nothing(resource: Resource) -> MapValue:
    """The properties of a resource that has none."""
    return MapValue({}, {}, resource.place, resource.node)
