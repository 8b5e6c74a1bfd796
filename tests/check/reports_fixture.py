"""Reports put together by hand: what the report formats are tested with."""

from __future__ import annotations

from dataclasses import replace

from sparekey.check import Call, Finding, KeyReport, Level, TemplateReport, Verdict
from sparekey.policy import (
    Decision,
    Effect,
    Examined,
    Layer,
    Match,
    Outcome,
    Policy,
    PolicyType,
    Principal,
    PrincipalKind,
    Request,
    Statement,
)
from sparekey.source import Place

FILE = "templates/orders.yaml"
HOSTILE = 'a:b,c%d\r\n::error::"<&>\x1b[31m\x00\ud800'
EVENT = 'Resource handler returned message: "The new key policy will not allow you …"'


class Decided(Decision):
    """A decision whose layers are given."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        statement = Statement(0, Effect.ALLOW, sid="Admin", path=("Statement", 0))
        policy = Policy(PolicyType.KEY, "the key policy of `OrdersKey`", (statement,), locate=lambda _: at(12))
        plain = Policy(PolicyType.SCP, "scp.json", (replace(statement, sid=None),))
        return (
            Layer(PolicyType.SCP, "allows", (Examined(plain, plain.statements[0], Match.YES, "it applies"),)),
            Layer(PolicyType.KEY, "silent", (Examined(policy, statement, Match.NO, "principal differs"),)),
            Layer(PolicyType.IDENTITY, "unknown", note="not told"),
            Layer(PolicyType.BOUNDARY, "absent"),
        )

    @property
    def message(self) -> str:
        return "User: … is not authorized to perform: kms:PutKeyPolicy"


def at(line: int, column: int = 11, file: str = FILE) -> Place:
    return Place(file, line, column)


def call(outcome: Outcome = Outcome.IMPLICIT_DENY, action: str = "kms:PutKeyPolicy") -> Call:
    principal = Principal(PrincipalKind.IAM_USER, "arn:aws:iam::123456789012:user/Alice", "123456789012")
    return Call(action, Decided(outcome, Request(principal, action, "*")))


def key(verdict: Verdict, *findings: Finding, condition: str | None = None) -> KeyReport:
    return KeyReport(
        "OrdersKey",
        "AWS::KMS::Key",
        verdict,
        f"the verdict is {verdict.value}",
        at(3, 3),
        event=EVENT if verdict is Verdict.LOCKOUT else None,
        calls=(call(Outcome.ALLOWED, "kms:CreateKey"), call()),
        findings=findings,
        condition=condition,
    )


ERROR = Finding("SK101", Level.ERROR, "no administrator", at(9), "OrdersKey", ("name Alice", "or the account"))
WARNING = Finding("SK302", Level.WARNING, "bypass flag", at(5, 7), "OrdersKey")
NOTE = Finding("SK002", Level.NOTE, "transform", at(3, 3), "OrdersKey")
SUPPRESSED = Finding("SK301", Level.WARNING, "single", at(9), "OrdersKey", suppressed="a test key")
LINES = {3: "  OrdersKey:", 5: "      Bypass: true", 9: "          - Sid: Admin", 12: "            Effect: Allow"}


def report(*keys: KeyReport, path: str = FILE, findings: tuple[Finding, ...] = ()) -> TemplateReport:
    return TemplateReport(path, keys, findings, ("`Macro` is passed over",), LINES)


def lockout() -> TemplateReport:
    return report(key(Verdict.LOCKOUT, ERROR, WARNING, NOTE, SUPPRESSED))


def hostile() -> TemplateReport:
    place = Place(f"dir/{HOSTILE}.yaml", 1, 1)
    finding = Finding("SK101", Level.ERROR, HOSTILE, place, HOSTILE, (HOSTILE,), None)
    suppressed = replace(finding, rule="SK301", suppressed=HOSTILE)
    bad = replace(key(Verdict.LOCKOUT, finding, suppressed), logical_id=HOSTILE, message=HOSTILE, place=place)
    return TemplateReport(f"dir/{HOSTILE}.yaml", (bad,), (), (HOSTILE,), {1: HOSTILE})
