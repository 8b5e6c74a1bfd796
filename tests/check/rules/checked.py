"""Checks a template for a rule's test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check import check_template, make_deployer
from sparekey.check._rule import ADMINISTRATOR_ACCESS, Given, Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.snapshot import Snapshot, read_scps, read_snapshot
from sparekey.template import Environment, load_template

if TYPE_CHECKING:
    from sparekey.check import Finding, KeyReport, TemplateReport

ALICE = "arn:aws:iam::123456789012:user/Alice"
ROLE = "arn:aws:iam::123456789012:role/Deploy"


def check(
    text: str,
    *,
    deployer: str = ALICE,
    given: Given | None = None,
    environment: Environment | None = None,
) -> TemplateReport:
    given = given or Given()
    template = load_template(text.encode(), "template.yaml")
    snapshot = read_snapshot([("iam.json", given.iam.encode())]) if given.iam else Snapshot()
    scp = read_scps([[("scp.json", given.scp.encode())]]) if given.scp else None
    found = make_deployer(deployer, service_role=given.role_arn, snapshot=snapshot, scp=scp)
    return check_template(template, environment=environment or Environment(), deployer=found, snapshot=snapshot)


def check_example(rule: Rule, *, good: bool) -> KeyReport:
    given = rule.good_given if good else rule.bad_given
    (key,) = check(rule.good if good else rule.bad, deployer=rule.example_deployer, given=given).keys
    return key


def key(text: str, *, deployer: str = ALICE, given: Given | None = None) -> KeyReport:
    (found,) = check(text, deployer=deployer, given=given).keys
    return found


def found(text: str, rule: str, *, deployer: str = ALICE, given: Given | None = None) -> list[Finding]:
    return [finding for finding in key(text, deployer=deployer, given=given).findings if finding.rule == rule]


__all__ = [
    "ADMINISTRATOR_ACCESS",
    "ALICE",
    "ROLE",
    "ROOT_STATEMENT",
    "Given",
    "check",
    "check_example",
    "found",
    "key",
    "key_template",
]
