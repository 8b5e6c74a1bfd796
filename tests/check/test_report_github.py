from sparekey.check import Verdict
from sparekey.check.reports.github import render
from tests.check.reports_fixture import hostile, key, lockout, report


def test_each_finding_is_one_workflow_command_with_its_place() -> None:
    lines = render([lockout()]).splitlines()
    assert lines[0].startswith(
        "::error file=templates/orders.yaml,line=9,col=11,title=SK101 OrdersKey::no administrator"
    )
    assert lines[1] == "::warning file=templates/orders.yaml,line=5,col=7,title=SK302 OrdersKey::bypass flag"
    assert lines[2].startswith("::notice file=templates/orders.yaml,line=3,col=3,")


def test_a_suppressed_finding_is_left_out() -> None:
    assert "SK301" not in render([lockout()])


def test_hints_follow_the_message_on_escaped_lines() -> None:
    assert "%0Ahint: name Alice%0Ahint: or the account\n" in render([lockout()])


def test_a_passing_key_says_nothing() -> None:
    assert render([report(key(Verdict.PASS))]) == ""


def test_a_verdict_that_no_finding_explains_is_reported() -> None:
    assert render([report(key(Verdict.TOO_LARGE))]) == (
        "::error file=templates/orders.yaml,line=3,col=3,title=verdict-too_large OrdersKey::the verdict is too_large\n"
    )


def test_hostile_names_can_not_start_a_command_or_a_property() -> None:
    text = render([hostile()])
    assert text.count("\n") == 1
    head, _, message = text.removeprefix("::error ").partition("::")
    assert head.count(",") == 3
    assert head.count(":") == 0
    assert "\r" not in text
    assert message.startswith("a:b,c%25d%0D%0A::error::")
