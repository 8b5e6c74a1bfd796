from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.policy._condition import compile_conditions, explain_conditions
from sparekey.policy._decision import Match
from sparekey.policy._document import Condition, Text
from sparekey.policy._operators import OPERATORS, lower_case
from sparekey.policy._request import ABSENT, ContextValue, Lookup
from sparekey.unknown import Unknown

YES, NO, UNKNOWN, INVALID = Match.YES, Match.NO, Match.UNKNOWN, Match.INVALID
NEW = "2012-10-17"
ROLE = "arn:aws:iam::111111111111:role/team/Admin"
UNTOLD = Unknown(("context key `aws:x`",))


def of(**values: ContextValue) -> Lookup:
    named = {f"aws:{key}": value for key, value in values.items()}
    return lambda key: named.get(key, ABSENT)


def condition(operator: str, *values: Text, key: Text = "aws:x") -> Condition:
    qualifier, _, rest = operator.rpartition(":")
    base = rest.removesuffix("IfExists")
    return Condition(base, key, values, qualifier or None, base != rest)


def match(operator: str, values: object, value: ContextValue, **others: ContextValue) -> Match:
    listed = tuple(values) if isinstance(values, list) else (values,)
    return compile_conditions((condition(operator, *listed),), NEW)(of(x=value, **others))


NEGATIONS = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}
VALUES = {
    "text": ("a", "b"),
    "number": ("1", "2"),
    "date": ("2030-01-01", "2030-01-02"),
    "boolean": ("true", "false"),
    "base64": ("YQ==", "Yg=="),
    "address": ("192.0.2.1", "192.0.2.2"),
    "arn": (ROLE, "arn:aws:s3:::b"),
}


# Every operator


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_compares_the_value(operator: str) -> None:
    low, high = VALUES[OPERATORS[operator].kind]
    expected = {
        **dict.fromkeys(OPERATORS, (YES, NO)),
        **dict.fromkeys(NEGATIONS.values(), (NO, YES)),
        **dict.fromkeys(("NumericLessThan", "DateLessThan"), (NO, NO)),
        **dict.fromkeys(("NumericGreaterThan", "DateGreaterThan"), (NO, YES)),
        **dict.fromkeys(("NumericGreaterThanEquals", "DateGreaterThanEquals"), (YES, YES)),
    }[operator]
    assert (match(operator, low, low), match(operator, low, high)) == expected


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_missing_key_matches_negated_operators_only(operator: str) -> None:
    value = VALUES[OPERATORS[operator].kind][0]
    assert match(operator, value, ABSENT) is (YES if operator in NEGATIONS.values() else NO)
    assert match(operator, value, ()) is (YES if operator in NEGATIONS.values() else NO)
    assert match(f"{operator}IfExists", value, ABSENT) is YES
    assert match(f"ForAllValues:{operator}", value, ABSENT) is YES
    assert match(f"ForAnyValue:{operator}", value, ABSENT) is NO
    assert match(f"ForAnyValue:{operator}", value, "") is NO
    assert match(f"ForAllValues:{operator}", value, ()) is YES
    assert match(f"ForAllValues:{operator}", value, "") is YES
    assert match(f"ForAllValues:{operator}", value, ("", "")) is YES


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_multivalued_key_never_matches_a_plain_operator(operator: str) -> None:
    value, other = VALUES[OPERATORS[operator].kind]
    for values in ((value,), (other,), (value, other)):
        assert match(operator, value, values) is NO
        assert match(f"{operator}IfExists", value, values) is NO


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_value_that_is_not_told_leaves_it_open(operator: str) -> None:
    value = VALUES[OPERATORS[operator].kind][0]
    assert match(operator, value, UNTOLD) is UNKNOWN
    assert match(f"ForAnyValue:{operator}", value, UNTOLD) is UNKNOWN
    assert match(operator, UNTOLD, VALUES[OPERATORS[operator].kind][1]) in (UNKNOWN, YES)


@pytest.mark.parametrize("operator", OPERATORS)
def test_no_values_match_nothing(operator: str) -> None:
    asked = VALUES[OPERATORS[operator].kind][0]
    assert match(operator, [], asked) is (YES if operator in NEGATIONS.values() else NO)
    assert match(operator, [], Unknown(("x",), ("arn:", None))) in ((YES, UNKNOWN) if "Not" in operator else (NO,))


@pytest.mark.parametrize(("positive", "negated"), NEGATIONS.items())
def test_several_values_are_ored_and_nored(positive: str, negated: str) -> None:
    first, second = VALUES[OPERATORS[positive].kind]
    assert match(positive, [first, second], second) is YES
    assert match(negated, [first, second], second) is NO
    assert match(negated, [first], second) is YES


def test_conditions_are_anded() -> None:
    both = (condition("StringEquals", "a"), condition("StringEquals", "b", key="aws:Y"))
    assert compile_conditions(both, NEW)(of(x="a", y="b")) is YES
    assert compile_conditions(both, NEW)(of(x="a", y="c")) is NO
    assert compile_conditions(both, NEW)(of(x=UNTOLD, y="c")) is NO
    assert compile_conditions(both, NEW)(of(x=UNTOLD, y="b")) is UNKNOWN
    assert compile_conditions((), NEW)(of()) is YES


def test_a_false_condition_decides_before_one_that_cannot_be_evaluated() -> None:
    broken = condition("ArnLike", "no-arn", key="aws:Y")
    lookup = of(x="a", y=ROLE)
    assert compile_conditions((broken, condition("StringEquals", "b")), NEW)(lookup) is NO
    assert compile_conditions((broken, condition("StringEquals", "a")), NEW)(lookup) is INVALID
    assert compile_conditions((broken, broken, condition("StringEquals", "a")), NEW)(of(x=UNTOLD, y=ROLE)) is UNKNOWN
    assert compile_conditions((condition("StringEquals", "a"), broken), NEW)(of(x=UNTOLD, y=ROLE)) is UNKNOWN


def test_an_unknown_key_may_ask_for_anything() -> None:
    open_key = condition("StringEquals", "a", key=Unknown(("parameter `Tag`",), ("aws:RequestTag/", None)))
    assert compile_conditions((open_key,), NEW)(of()) is UNKNOWN


def test_key_names_are_compared_without_case() -> None:
    assert compile_conditions((condition("StringEquals", "a", key="AWS:X"),), NEW)(of(x="a")) is YES


# Sets


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAnyValue:StringEquals", ("team", "env"), YES),
        ("ForAnyValue:StringEquals", ("env",), NO),
        ("ForAllValues:StringEquals", ("team",), YES),
        ("ForAllValues:StringEquals", ("team", "env"), NO),
        ("ForAnyValue:StringNotEquals", ("team", "env"), YES),
        ("ForAnyValue:StringNotEquals", ("team",), NO),
        ("ForAllValues:StringNotEquals", ("env", "x"), YES),
        ("ForAllValues:StringNotEquals", ("env", "team"), NO),
        ("ForAnyValue:StringEquals", "team", YES),
        ("ForAllValues:StringEquals", ("team", ""), NO),
    ],
)
def test_set_operators_look_at_every_element(operator: str, values: ContextValue, expected: Match) -> None:
    assert match(operator, "team", values) is expected


@pytest.mark.parametrize("qualifier", ["ForAnyValue", "ForAllValues"])
def test_set_operators_fill_in_variables(qualifier: str) -> None:
    operator = f"{qualifier}:StringEquals"
    assert match(operator, "${aws:y}", ("team",), y="team") is YES
    assert match(operator, "${aws:y}", ("team",), y="env") is NO
    assert match(operator, "${aws:y}", Unknown(("x",), ("a", None)), y="b") is NO


def test_for_any_value_if_exists_holds_without_the_key() -> None:
    assert match("ForAnyValue:StringEqualsIfExists", "a", ABSENT) is YES
    assert match("ForAnyValue:StringEqualsIfExists", "a", ()) is YES
    assert match("ForAnyValue:StringEqualsIfExists", "a", "b") is NO


def test_a_set_that_is_not_told_still_passes_where_anything_would() -> None:
    assert match("ForAllValues:StringLike", "*", UNTOLD) is YES
    assert match("ForAllValues:StringLike", "a*", UNTOLD) is UNKNOWN
    assert match("ForAllValues:StringLike", "a*", Unknown(("x",), ("b", None))) is NO
    assert match("ForAnyValue:StringLike", "a*", Unknown(("x",), ("a", None))) is YES


def test_a_set_that_this_deployment_makes_may_be_empty() -> None:
    made = Unknown(("the new tags",), (None,), fresh=True)
    assert match("ForAllValues:StringEquals", "a", made) is UNKNOWN
    assert match("ForAnyValue:StringNotEquals", "a", made) is UNKNOWN
    assert match("ForAnyValue:StringEqualsIfExists", "a", made) is UNKNOWN


@pytest.mark.parametrize("operator", ["StringNotEquals", "StringEqualsIfExists"])
def test_a_value_that_this_deployment_makes_may_be_absent_or_multivalued(operator: str) -> None:
    assert match(operator, "a", Unknown(("the new tag",), (None,), fresh=True)) is UNKNOWN


def test_an_element_that_is_open_leaves_the_set_open_though_a_later_one_matches() -> None:
    assert match("ForAllValues:StringEquals", [UNTOLD, "b"], ("a", "b")) is UNKNOWN
    assert match("ForAnyValue:StringNotEquals", [UNTOLD, "b"], ("a", "b")) is UNKNOWN


def test_a_malformed_arn_ends_the_walk_through_a_set() -> None:
    good, other = ROLE, "arn:aws:s3:::b"
    assert match("ForAnyValue:ArnLike", [ROLE, "no-arn"], (good, other)) is YES
    assert match("ForAnyValue:ArnLike", [ROLE, "no-arn"], (other, good)) is INVALID
    assert match("ForAllValues:ArnNotLike", [ROLE, "no-arn"], (good, other)) is NO


# Null


@pytest.mark.parametrize(
    ("values", "value", "expected"),
    [
        ("true", ABSENT, YES),
        ("true", (), YES),
        ("true", "", NO),
        ("true", "a", NO),
        ("false", ABSENT, NO),
        ("false", ("a",), YES),
        ("TRUE", ABSENT, YES),
        ("yes", "a", YES),
        (["true", "false"], UNTOLD, YES),
        ("true", UNTOLD, UNKNOWN),
        ("true", Unknown(("x",), ("a", None)), NO),
        (UNTOLD, "a", UNKNOWN),
        (["true", UNTOLD], UNTOLD, UNKNOWN),
        ([], "a", NO),
    ],
)
def test_null_asks_whether_the_key_is_absent(values: object, value: ContextValue, expected: Match) -> None:
    assert match("Null", values, value) is expected


# Texts


def test_string_equals_takes_wildcards_for_characters() -> None:
    assert match("StringEquals", "a*", "ab") is NO
    assert match("StringEquals", "a*", "a*") is YES
    assert match("StringEquals", "", "") is YES


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("PrOd", "prod", True),
        ("I", "\u0131", False),
        ("i", "\u0130", False),
        ("\u0130", "i\u0307", True),
        ("K", "\u212a", True),
        ("s", "\u017f", False),
        ("\u00df", "\u1e9e", True),
        ("\u00df", "SS", False),
        ("\u03a3", "\u03c3", True),
        ("\u03a3", "\u03c2", False),
        ("\u039f\u03a3", "\u03bf\u03c2", True),
        ("\u039f\u03a3", "\u03bf\u03c3", False),
        ("\u039f\u03a3\u0391", "\u03bf\u03c3\u03b1", True),
        ("\u0130\u03a3", "i\u0307\u03c2", True),
        ("\U00010400", "\U00010428", False),
        ("A\u03a3\U00010400", "a\u03c3\U00010400", True),
        ("\U00010400\u03a3", "\U00010400\u03c2", True),
    ],
)
def test_ignoring_case_compares_lower_cased_texts(left: str, right: str, same: bool) -> None:
    assert match("StringEqualsIgnoreCase", left, right) is (YES if same else NO)
    assert match("StringNotEqualsIgnoreCase", left, right) is (NO if same else YES)


@given(st.text())
def test_lower_casing_never_fails_and_is_stable(text: str) -> None:
    assert lower_case(lower_case(text)) == lower_case(text)


def test_a_sigma_beside_what_is_not_told_leaves_it_open() -> None:
    assert match("StringEqualsIgnoreCase", "\u039f\u03a3", Unknown(("x",), ("\u03a3", None))) is UNKNOWN
    assert match("StringEqualsIgnoreCase", "OK", Unknown(("x",), ("o", None))) is UNKNOWN
    assert match("StringEqualsIgnoreCase", "OK", Unknown(("x",), ("x", None))) is NO


def test_variables_are_filled_in_first_and_as_plain_text() -> None:
    assert match("StringEquals", "${aws:y}", "a", y="a") is YES
    assert match("StringLike", "${aws:y}?", "ab", y="a") is YES
    assert match("StringLike", "${aws:y}", "ab", y="a*") is NO
    assert match("StringEqualsIgnoreCase", "${aws:y}", "\u03bf\u03c2", y="\u039f\u03a3") is YES
    assert match("ArnLike", "arn:aws:iam::${aws:y}:role/*", ROLE, y="111111111111") is YES


def test_a_boolean_may_be_a_variable() -> None:
    for told, asked, expected in (("true", "true", YES), ("true", "false", NO), ("no", "false", YES)):
        assert match("Bool", "${aws:y}", asked, y=told) is expected
    for asked in ("true", "false"):
        assert match("Bool", "${aws:y}", asked, y=UNTOLD) is UNKNOWN


def test_a_variable_without_a_value_matches_the_negated_operator() -> None:
    for operator, value in (("StringEquals", "a"), ("StringLike", "a"), ("ArnLike", ROLE)):
        assert match(operator, "${aws:y}", value) is NO
        assert match(operator, "${aws:y, 'a'}", value, y=("a",)) is NO
        assert match(NEGATIONS[operator], "${aws:y}", value) is YES
    assert match("Bool", "${aws:y}", "true") is NO


def test_a_variable_that_is_not_told_leaves_it_open() -> None:
    unknown = Unknown(("context key `aws:y`",), ("b", None))
    assert match("StringEquals", "a${aws:y}", "abc", y=unknown) is UNKNOWN
    assert match("StringEquals", "a${aws:y}", "acc", y=unknown) is NO
    assert match("StringNotEquals", "a${aws:y}", "acc", y=unknown) is YES
    assert match("Bool", "${aws:y}", "true", y=UNTOLD) is UNKNOWN
    assert match("Bool", "${aws:y}", "true", y="TRUE") is YES
    assert match("Bool", ["${aws:y}"], "false", y="x") is YES


def test_old_versions_know_no_variables() -> None:
    plain = compile_conditions((condition("StringEquals", "${aws:y}"),), "2008-10-17")
    assert plain(of(x="${aws:y}", y="a")) is YES
    assert plain(of(x="a", y="a")) is NO


@pytest.mark.parametrize("operator", ["NumericEquals", "DateEquals", "IpAddress", "BinaryEquals"])
def test_typed_operators_know_no_variables(operator: str) -> None:
    value = VALUES[OPERATORS[operator].kind][0]
    assert match(operator, "${aws:y}", value, y=value) is NO


def test_known_pieces_of_a_value_decide_where_they_can() -> None:
    begins = Unknown(("x",), ("b", None))
    assert match("StringLike", "a*", begins) is NO
    assert match("StringLike", "b*", begins) is YES
    assert match("StringLike", ["a*", "bc*"], begins) is UNKNOWN
    assert match("StringNotLike", "a*", begins) is YES
    assert match("StringEquals", "bc", begins) is UNKNOWN
    assert match("StringEquals", "c", begins) is NO
    assert match("StringEquals", "a", Unknown(("x",), ("b", None, "d"))) is NO
    assert match("StringEquals", "${aws:y}", begins, y="bc") is UNKNOWN
    assert match("StringEquals", "${aws:y}", begins) is NO


def test_a_known_value_decides_in_a_mixed_list() -> None:
    assert match("StringEquals", [UNTOLD, "a"], "a") is YES
    assert match("StringNotEquals", [UNTOLD, "a"], "a") is NO
    assert match("StringNotEquals", [UNTOLD, "a"], "b") is UNKNOWN
    assert match("NumericEquals", [UNTOLD, "1"], "1.0") is YES
    assert match("NumericEquals", [UNTOLD, "1"], "no-number") is NO
    assert match("BinaryEquals", [UNTOLD, "YQ=="], "YQ==") is YES
    assert match("BinaryEquals", [UNTOLD], "YQ==") is UNKNOWN
    assert match("IpAddress", [UNTOLD, "192.0.2.0/24"], "192.0.2.7") is YES
    assert match("IpAddress", [UNTOLD], "no-address") is NO
    assert match("Bool", [UNTOLD, "true"], "true") is YES
    assert match("Bool", ["false", "true"], Unknown(("x",), ("t", None))) is YES
    assert match("Bool", "true", Unknown(("x",), ("t", None))) is UNKNOWN


def test_a_value_this_deployment_makes_equals_no_known_text() -> None:
    made = Unknown(("the new role",), ("arn:aws:iam::111111111111:role/", None), fresh=True)
    for operator in ("StringEquals", "StringLike", "ArnEquals"):
        assert match(operator, made, ROLE) is NO
        assert match(operator, ROLE, made) is NO
        assert match(NEGATIONS[operator], made, ROLE) is YES
    assert match("ArnLike", "arn:aws:iam::111111111111:role/*", made) is YES
    assert match("ArnLike", "arn:aws:iam::222222222222:role/*", made) is NO
    assert match("StringEquals", made, made) is UNKNOWN
    assert match("ArnEquals", Unknown(("the new role's id",), (None,), fresh=True), ROLE) is UNKNOWN


# ARNs


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (ROLE, ROLE, YES),
        ("arn:aws:iam::*:role/*", ROLE, YES),
        ("arn:aws:iam::?11111111111:role/*", ROLE, YES),
        ("arn:aws:iam::?11111111111:role/*", ROLE.replace("111111111111", "11111111111"), NO),
        ("arn:aws:x:eu-*-1:111111111111:y", "arn:aws:x:eu-west-1:111111111111:y", YES),
        ("arn:aws:x:eu-*-1:111111111111:y", "arn:aws:x:eu-west-2:111111111111:y", NO),
        ("arn:aws:logs:*:*:log-group:app:*", "arn:aws:logs:eu-west-1:111111111111:log-group:app:x:y", YES),
        ("arn:aws:logs:*:*:log-group:app:*", "arn:aws:logs:eu-west-1:111111111111:log-group:other:x", NO),
        ("*:*:*:*:*:*", ROLE, YES),
        ("arn:aws:i*:111111111111:role/team:x:*", ROLE, NO),
        ("arn:aws:iam::111111111111:role/*", "arn:aws:iam::111111111111:role/a:b/c", YES),
        ("arn:aws:x:*:111122223333:finance/*", "arn:aws:x:us-east-2:999999999999:store/abc:111122223333:finance/d", NO),
        ("arn:aws:s3:::b/??", "arn:aws:s3:::b/\U00010400", YES),
        ("arn:aws:iam::111111111111:ROLE/*", ROLE, NO),
        (ROLE, "no-arn", NO),
        (ROLE, "", NO),
        (ROLE, "arn:aws:iam", NO),
        ("no-arn", "no-arn", NO),
        ("no-arn", ROLE, INVALID),
        ("no:arn:a:b:c:d", ROLE, INVALID),
        ("", ROLE, INVALID),
        ("*", ROLE, INVALID),
        ("arn:aws:iam::1", ROLE, INVALID),
        (["no-arn", ROLE], ROLE, INVALID),
        ([ROLE, "no-arn"], ROLE, YES),
        (["arn:aws:s3:::b", "no-arn"], ROLE, INVALID),
        ("${aws:y}", ROLE, INVALID),
        ("${aws:y}", "no-arn", NO),
    ],
)
def test_arns_are_compared_by_segments(pattern: object, value: str, expected: Match) -> None:
    negated = {YES: NO, NO: YES, INVALID: INVALID}[expected]
    if not value.startswith("arn:") or value.count(":") < 5:
        negated = NO  # a value that is no ARN matches neither
    for positive in ("ArnLike", "ArnEquals"):
        assert match(positive, pattern, value, y="no-arn") is expected
        assert match(NEGATIONS[positive], pattern, value, y="no-arn") is negated


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("arn:aws:iam::*:role/*", Unknown(("x",), ("arn:aws:iam::111111111111:role/", None)), YES),
        ("arn:aws:iam::*:user/*", Unknown(("x",), ("arn:aws:iam::111111111111:role/", None)), NO),
        (ROLE, Unknown(("x",), ("arn:aws:iam::111111111111:role/", None, "Admin")), UNKNOWN),
        ("arn:aws:iam::*:role/*", Unknown(("x",), ("arn:", None)), UNKNOWN),
        ("arn:aws:iam::*:role/*", Unknown(("x",), ("ar", None)), UNKNOWN),
        ("arn:aws:iam::*:role/*", Unknown(("x",), ("no-arn", None)), NO),
        ("no-arn", Unknown(("x",), ("arn:aws:iam::111111111111:role/", None)), INVALID),
        ("no-arn", Unknown(("x",), ("arn:", None)), UNKNOWN),
        (Unknown(("x",), ("arn:aws:iam::", None, ":role/*")), ROLE, UNKNOWN),
        (Unknown(("x",), ("arn:aws:iam::", None, ":user/*")), ROLE, NO),
        ([UNTOLD, ROLE], ROLE, UNKNOWN),
        ([ROLE, UNTOLD], ROLE, YES),
        ([UNTOLD, "no-arn"], ROLE, UNKNOWN),
        ([Unknown(("x",), ("arn:aws:s3:::", None)), ROLE], ROLE, YES),
        ("${aws:y}", ROLE, UNKNOWN),
    ],
)
def test_arns_known_in_part_decide_where_they_can(pattern: object, value: ContextValue, expected: Match) -> None:
    assert match("ArnLike", pattern, value, y=UNTOLD) is expected


def test_an_arn_known_in_part_is_compared_with_variables_filled_in() -> None:
    role = Unknown(("x",), ("arn:aws:iam::111111111111:role/", None))
    assert match("ArnLike", "arn:aws:iam::${aws:y}:role/*", role, y="111111111111") is YES
    assert match("ArnLike", "arn:aws:iam::${aws:y}:role/*", role, y="222222222222") is NO


def test_a_text_that_surely_is_an_arn_matches_the_negated_operator() -> None:
    role = Unknown(("the partition",), ("arn:", None, ":iam::111111111111:role/A"))
    assert match("ArnNotLike", "arn:aws:iam::111111111111:user/B", role) is YES


# Numbers, dates, base64, addresses: the readings have tests of their own


@pytest.mark.parametrize("text", ["1", "01", "+1", "1.0", "1e0", "1."])
def test_numbers_compare_by_value(text: str) -> None:
    assert match("NumericEquals", text, "1") is YES
    assert match("NumericEquals", "1", text) is YES


def test_numbers_are_exact() -> None:
    assert match("NumericLessThan", "9007199254740993", "9007199254740992") is YES
    assert match("NumericEquals", "0.1", "0.10000000000000000001") is NO


@pytest.mark.parametrize(("operator", "value"), [("NumericEquals", "1"), ("DateEquals", "2030-01-01")])
def test_what_has_no_reading_is_equal_to_nothing(operator: str, value: str) -> None:
    for bad in ("no", "", "NaN"):
        assert match(operator, value, bad) is NO
        assert match(operator, bad, value) is NO
        assert match(operator, bad, bad) is NO
        assert match(NEGATIONS[operator], value, bad) is YES
        assert match(NEGATIONS[operator], bad, value) is YES


@pytest.mark.parametrize("text", ["yes", "1", "", " true ", "False"])
def test_only_true_is_true(text: str) -> None:
    assert match("Bool", "true", text) is NO
    assert match("Bool", "false", text) is YES
    assert match("Bool", text, "false") is YES
    assert match("Bool", "TRUE", "True") is YES


def test_an_address_that_cannot_be_read_matches_neither_operator() -> None:
    assert match("IpAddress", "192.0.2.0/24", "no-address") is NO
    assert match("NotIpAddress", "192.0.2.0/24", "no-address") is NO
    assert match("NotIpAddress", "no-range", "192.0.2.1") is YES
    assert match("NotIpAddress", "192.0.2.0/24", Unknown(("x",), ("192.", None))) is UNKNOWN


# Explanations


@pytest.mark.parametrize(
    ("checked", "lookup", "expected", "sentence"),
    [
        (
            [condition("StringEquals", "a", "b")],
            of(x="c"),
            NO,
            "needs `aws:x` to match `a` or `b`, but the request has `c`",
        ),
        (
            [condition("StringNotEqualsIfExists", "a")],
            of(x="a"),
            NO,
            "`StringNotEqualsIfExists` needs `aws:x` not to match",
        ),
        ([condition("StringEquals", "a")], of(), NO, "but the request does not have it"),
        ([condition("Null", "true")], of(x="a"), NO, "`Null` needs `aws:x` to be absent, but the request has `a`"),
        ([condition("Null", "false")], of(), NO, "to be present, but the request does not have it"),
        ([condition("Null", "true")], of(x=("a", "b")), NO, "to be absent, but the request has `a` or `b`"),
        ([condition("StringEquals", "a")], of(x=("a", "b")), NO, "`aws:x` is multivalued"),
        ([condition("ForAnyValue:StringEquals", "c")], of(x=("a", "b")), NO, "but the request has `a` or `b`"),
        ([condition("StringEquals", "a")], of(x=UNTOLD), UNKNOWN, "and the request's value is not told"),
        ([condition("StringEquals", "ab")], of(x=Unknown(("y",), ("a", None))), UNKNOWN, "the request has `a<y>`"),
        ([condition("ArnLike", "no-arn")], of(x=ROLE), INVALID, "cannot be evaluated: `no-arn` is no ARN"),
        ([condition("Null", UNTOLD)], of(x="a"), UNKNOWN, "to be <<context key `aws:x`>>"),
        ([condition("Null")], of(x="a"), NO, "neither absent nor present"),
        ([condition("StringEquals")], of(x="a"), NO, "any of no values"),
        ([condition("StringEquals", *"bcde")], of(x="a" * 200), NO, "`b` or `c` or `d` or 1 more"),
        ([condition("StringEquals", "a", key=UNTOLD)], of(), UNKNOWN, "which key that is is not told"),
        ([condition("StringEquals", "a")], of(x="a"), YES, "every condition holds"),
        ([], of(), YES, "there is no condition"),
    ],
)
def test_the_condition_that_decides_is_named_with_both_values(
    checked: list[Condition], lookup: Lookup, expected: Match, sentence: str
) -> None:
    answer, reason, _ = explain_conditions(tuple(checked), NEW, lookup)
    assert answer is expected
    assert sentence in reason


def test_an_explanation_names_what_it_hangs_on() -> None:
    checked = (
        condition("StringEquals", "${aws:y}", Unknown(("parameter `P`",))),
        condition("Null", "true", key="aws:z"),
        condition("StringEquals", "a", key=Unknown(("parameter `K`",))),
    )
    lookup = of(x="a", y=Unknown(("context key `aws:y`",)), z=Unknown(("context key `aws:z`",)))
    answer, _, hangs_on = explain_conditions(checked, NEW, lookup)
    assert answer is UNKNOWN
    assert hangs_on == ("context key `aws:y`", "parameter `P`", "context key `aws:z`", "parameter `K`")


def test_a_false_condition_is_named_though_an_earlier_one_is_open() -> None:
    checked = (condition("StringEquals", "a"), condition("StringEquals", "b", key="aws:y"))
    answer, reason, hangs_on = explain_conditions(checked, NEW, of(x=UNTOLD, y="c"))
    assert (answer, hangs_on) == (NO, ())
    assert "`aws:y`" in reason


# Soundness: deciding what is open never contradicts the open answer

_PLAIN = ("a", "b", "A", "", "ab", "1", "1.0", "2", "true", "false", "YQ==", "192.0.2.1", "10.0.0.0/8", "*", "a*")
_ARNS = ("arn:aws:s3:::b", "arn:aws:s3:::*", "arn:aws:iam::1:role/x", "no-arn")
_TEXTS = st.sampled_from((*_PLAIN, *_ARNS, "2030-01-01", "${aws:y}", "?b", "\u03a3"))
_PIECES = st.lists(st.one_of(st.none(), _TEXTS), min_size=1, max_size=3)


@st.composite
def _open_text(draw: st.DrawFn) -> Text:
    pieces = draw(_PIECES)
    if None in pieces:
        return Unknown(("x",), tuple(pieces))
    return "".join(piece for piece in pieces if piece is not None)


def _filled(text: Text, draw: st.DrawFn) -> str:
    if isinstance(text, str):
        return text
    return "".join(draw(_TEXTS) if piece is None else piece for piece in text.pieces)


def _decided(value: ContextValue, draw: st.DrawFn) -> ContextValue:
    if not isinstance(value, Unknown):
        return value
    if any(value.pieces):
        return _filled(value, draw)
    return draw(st.one_of(st.just(ABSENT), _TEXTS, st.lists(_TEXTS, max_size=3).map(tuple)))


@given(data=st.data())
def test_deciding_what_is_open_never_contradicts_the_open_answer(data: st.DataObject) -> None:
    draw: st.DrawFn = data.draw  # type: ignore[assignment]  # the same but for its label
    operator = draw(st.sampled_from([*OPERATORS, "Null"]))
    if operator != "Null":
        operator = draw(st.sampled_from(["", "ForAllValues:", "ForAnyValue:"])) + operator
        operator += draw(st.sampled_from(["", "IfExists"]))
    values = draw(st.lists(_open_text(), max_size=3))
    held: dict[str, ContextValue] = {
        key: draw(st.one_of(_open_text(), st.just(ABSENT), st.lists(_TEXTS, max_size=3).map(tuple))) for key in "xy"
    }
    open_answer = compile_conditions((condition(operator, *values),), NEW)(of(**held))
    known = [_filled(value, draw) for value in values]
    told = {key: _decided(value, draw) for key, value in held.items()}
    answer = compile_conditions((condition(operator, *known),), NEW)(of(**told))
    assert open_answer in (UNKNOWN, answer), (operator, values, held, known, told)
    assert explain_conditions((condition(operator, *values),), NEW, of(**held))[0] is open_answer
