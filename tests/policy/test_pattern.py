from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.policy._decision import Match
from sparekey.policy._glob import Automaton, Wild, split_wildcards, utf16_units
from sparekey.policy._pattern import compile_actions, compile_glob, compile_resources, read_operand
from sparekey.policy._request import ABSENT, ContextValue, Lookup
from sparekey.unknown import Unknown

KEY = "arn:aws:kms:eu-west-1:111111111111:key/1234abcd"
VERSION = "2012-10-17"


def context(**values: ContextValue) -> Lookup:
    named = {key.replace("_", ":"): value for key, value in values.items()}
    return lambda key: named.get(key, ABSENT)


EMPTY = context()


def covers(pattern: str | Unknown, resource: str | Unknown, lookup: Lookup = EMPTY, version: str = VERSION) -> Match:
    return compile_resources((pattern,), version)(resource, lookup)


# Wildcards


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*", ""),
        ("*", "anything"),
        ("**", "anything"),
        ("kms:*", "kms:"),
        ("kms:put*", "kms:putkeypolicy"),
        ("*key", "monkey"),
        ("a*b*c", "a/b:c"),
        ("a*b*c", "abbc"),
        ("*b*", "abc"),
        ("*a*", "abc"),
        ("a*b", "ab"),
        ("a?c", "abc"),
        ("a?c", "a:c"),
        ("?", "é"),
        ("??", "\U00010400"),
        ("a*?b", "a\U00010400b"),
        ("\U00010400?", "\U00010400x"),
        ("[a.+^$]", "[a.+^$]"),
        ("", ""),
    ],
)
def test_a_pattern_matches(pattern: str, text: str) -> None:
    assert compile_glob(pattern)(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", "x"),
        ("a", "A"),
        ("a*a", "a"),
        ("kms:put*", "kms:pu"),
        ("a*b*c", "acb"),
        ("a*bc*c", "abc"),
        ("a*a*c", "abc"),
        ("*ab*b*", "xxab"),
        ("a?c", "ac"),
        ("ab?", "bbx"),
        ("a[b]", "ab"),
        ("?", "\U00010400"),
        ("a?b", "a\U00010400b"),
        ("\U00010400?", "\U00010400\U00010428"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, text: str) -> None:
    assert not compile_glob(pattern)(text)


def test_case_is_ignored_on_demand() -> None:
    assert compile_glob("AWS:*Tag/*", ignore_case=True)("aws:principaltag/TEAM")
    assert not compile_glob("AWS:*")("aws:x")


@given(st.text("ab*?:", max_size=8), st.text("ab:", max_size=10))
def test_matching_agrees_with_a_regular_expression(pattern: str, text: str) -> None:
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    expected = re.fullmatch(expression, text) is not None
    assert compile_glob(pattern)(text) == expected
    assert Automaton(split_wildcards(pattern)).matches(text) == expected


@pytest.mark.parametrize("pattern", ["*a" * 5000 + "b", "*a?" * 5000 + "b", "?" * 100_000 + "*", "*" * 100_000 + "b"])
def test_a_pattern_made_to_explode_comes_to_an_answer(pattern: str) -> None:
    assert not compile_glob(pattern)("a" * 5000)


def test_characters_above_the_basic_plane_are_two_units() -> None:
    assert utf16_units("a\U00010400") == "a\ud801\udc00"
    assert utf16_units("\U00010000\U0001f511") == "\ud800\udc00\ud83d\udd11"
    assert utf16_units("é") == "é"


# Actions


def test_actions_are_compared_without_case() -> None:
    actions = compile_actions(("KMS:Put*", "kms:decrypt", "s3:*Object?x"))
    assert actions("kms:putkeypolicy") is Match.YES
    assert actions("kms:decrypt") is Match.YES
    assert actions("kms:decrypts") is Match.NO
    assert actions("s3:getobject1x") is Match.YES


def test_no_actions_match_nothing() -> None:
    assert compile_actions(())("kms:decrypt") is Match.NO


def test_every_action_is_matched_by_a_star() -> None:
    assert compile_actions(("kms:Get*", "*"))("s3:getobject") is Match.YES


@pytest.mark.parametrize(
    "garbled", ["s3: GetObject", "s3:GetObject, s3:PutObject", "s3:", "\u212ams:Decrypt", "${x}", "kms*", "s3?*", ""]
)
def test_a_garbled_action_matches_nothing(garbled: str) -> None:
    actions = compile_actions((garbled,))
    assert actions("s3:getobject") is Match.NO
    assert actions("kms:decrypt") is Match.NO


def test_an_action_known_in_part_matches_perhaps() -> None:
    actions = compile_actions((Unknown(("parameter `Verb`",), ("KMS:", None, "Key")), "s3:GetObject"))
    assert actions("kms:describekey") is Match.UNKNOWN
    assert actions("kms:encrypt") is Match.NO
    assert actions("s3:getobject") is Match.YES
    assert compile_actions((Unknown(("x",)),))("kms:encrypt") is Match.UNKNOWN


# Resources


@pytest.mark.parametrize(
    "pattern",
    [
        *("*", "**", KEY, "arn:aws:kms:eu-west-1:111111111111:key/*", "arn:aws:kms:*:111111111111:key/1234????"),
        *("arn:aws:kms:*", "arn:*", "arn:aws:k*:eu-west-1:111111111111:key/*", "arn:*:key/*"),
        *("arn:aws:k?s:eu-west-1:111111111111:key/*", "arn:aws:k??:eu-????-1:111111111111:key/*"),
    ],
)
def test_a_resource_is_covered(pattern: str) -> None:
    assert covers(pattern, KEY) is Match.YES


@pytest.mark.parametrize(
    "pattern",
    [
        *("", "key/*", "arn:aws:kms", "arn:aws:kms:eu-west-1:222222222222:key/*", KEY.upper(), "${kms:x}"),
        *("arn:aws:k*x:eu-west-1:111111111111:key/*", "arn:aws?kms:eu-west-1:111111111111:key/*"),
        *("arn:aws:k*west-1:111111111111:key/*", "arn:aws:k*west-1:111111111111:key/1234abcd"),
    ],
)
def test_a_resource_is_not_covered(pattern: str) -> None:
    assert covers(pattern, KEY) is Match.NO


def test_a_request_without_a_resource_is_covered_by_a_star_only() -> None:
    assert covers("*", "*") is Match.YES
    assert covers("arn:*", "*") is Match.NO
    assert covers("${aws:username}", "*", context(aws_username="*")) is Match.NO
    assert covers(Unknown(("parameter `Resource`",)), "*") is Match.UNKNOWN
    assert covers(Unknown(("parameter `Resource`",), ("arn:", None)), "*") is Match.NO
    assert covers(Unknown(("a new key",), (None,), fresh=True), "*") is Match.NO


def test_a_variable_is_filled_in_as_plain_text() -> None:
    pattern = "arn:aws:kms:eu-west-1:111111111111:key/${aws:username}"
    assert covers(pattern, KEY, context(aws_username="1234abcd")) is Match.YES
    assert covers(pattern, KEY, context(aws_username="*")) is Match.NO
    assert covers(pattern, pattern, context(aws_username="1234abcd")) is Match.NO


def test_a_variable_may_be_any_part_of_the_arn_or_the_whole() -> None:
    assert covers("arn:aws:${aws:x}:*:111111111111:key/*", KEY, context(aws_x="kms")) is Match.YES
    assert covers("arn:aws:k*:eu-*:111111111111:key/${aws:x}", KEY, context(aws_x="1234abcd")) is Match.YES
    assert covers("${aws:x}", KEY, context(aws_x=KEY)) is Match.YES
    assert covers("arn:aws:${aws:x}", KEY, context(aws_x="kms")) is Match.NO


def test_a_variable_without_a_value_matches_nothing() -> None:
    pattern = "arn:aws:kms:eu-west-1:111111111111:key/${aws:username}*"
    assert covers(pattern, KEY) is Match.NO
    assert covers(pattern, KEY, context(aws_username=("1234abcd",))) is Match.NO
    named = "arn:aws:kms:eu-west-1:111111111111:key/${aws:name}"
    either = compile_resources((pattern, named), VERSION)
    assert either(KEY, context(aws_name="1234abcd")) is Match.YES


def test_a_default_stands_in_for_an_absent_key_only() -> None:
    pattern = "arn:aws:kms:eu-west-1:111111111111:key/${aws:username, '1234abcd'}"
    assert covers(pattern, KEY) is Match.YES
    assert covers(pattern.replace("1234abcd", "other"), KEY) is Match.NO
    assert covers(pattern, KEY, context(aws_username="other")) is Match.NO
    assert covers(pattern, KEY, context(aws_username=("1234abcd",))) is Match.NO


def test_variable_names_are_compared_without_case() -> None:
    pattern = "arn:aws:kms:eu-west-1:111111111111:key/${AWS:UserName}"
    assert covers(pattern, KEY, context(aws_username="1234abcd")) is Match.YES


@pytest.mark.parametrize("version", ["2008-10-17", ""])
def test_an_old_version_takes_variables_for_text(version: str) -> None:
    pattern = "arn:aws:s3:::home/${aws:username}"
    assert covers(pattern, pattern, context(aws_username="Ann"), version) is Match.YES
    assert covers(pattern, "arn:aws:s3:::home/Ann", context(aws_username="Ann"), version) is Match.NO


def test_special_variables_are_the_characters_themselves() -> None:
    pattern = "arn:aws:s3:::b/${*}${?}${$}"
    assert covers(pattern, "arn:aws:s3:::b/*?$") is Match.YES
    assert covers(pattern, "arn:aws:s3:::b/xx$") is Match.NO


def test_an_unclosed_variable_is_text() -> None:
    assert covers("arn:aws:s3:::b/${x", "arn:aws:s3:::b/${x") is Match.YES


@pytest.mark.parametrize("body", ["", "'", "''", "x'y'", "a, 'b", "a, '", "AWS::AccountId"])
def test_a_garbled_variable_has_no_value(body: str) -> None:
    pattern = "arn:aws:s3:::${" + body + "}"
    assert covers(pattern, "arn:aws:s3:::x") is Match.NO
    assert covers(pattern, "arn:aws:s3:::") is Match.NO


def test_a_default_may_be_empty_and_hold_commas() -> None:
    assert covers("arn:aws:s3:::a${aws:x, ''}b", "arn:aws:s3:::ab") is Match.YES
    assert covers("arn:aws:s3:::${aws:x, 'a, b'}", "arn:aws:s3:::a, b") is Match.YES


# What is not told


def test_a_variable_that_is_not_told_matches_perhaps() -> None:
    pattern = "arn:aws:kms:eu-west-1:111111111111:key/${aws:username}"
    unknown = context(aws_username=Unknown(("context key `aws:username`",)))
    assert covers(pattern, KEY, unknown) is Match.UNKNOWN
    assert covers(pattern, "arn:aws:s3:::b/k", unknown) is Match.NO
    assert compile_resources((pattern, KEY), VERSION)(KEY, unknown) is Match.YES


def test_a_resource_pattern_known_in_part_matches_perhaps() -> None:
    pattern = Unknown(("parameter `Account`",), ("arn:aws:kms:eu-west-1:", None, ":key/*"))
    assert covers(pattern, KEY) is Match.UNKNOWN
    assert covers(pattern, "arn:aws:s3:::b/k") is Match.NO
    assert compile_resources((pattern, KEY), VERSION)(KEY, EMPTY) is Match.YES


def test_an_incomplete_arn_is_completed_on_demand() -> None:
    def completed(pattern: str | Unknown, lookup: Lookup = EMPTY) -> Match:
        return compile_resources((pattern,), VERSION, complete=True)(KEY, lookup)

    assert [completed(pattern) for pattern in ("arn:aws:kms", "arn:aws:s3", "kms", KEY)] == (
        [Match.YES, Match.NO, Match.NO, Match.YES]
    )
    assert completed("arn:aws:${aws:x}", context(aws_x="kms")) is Match.NO
    assert completed(Unknown(("x",), ("arn:", None, ":kms"))) is Match.UNKNOWN
    assert covers(Unknown(("x",), ("arn:", None, ":kms")), KEY) is Match.NO


def test_a_value_made_by_this_deployment_equals_no_known_text() -> None:
    made = Unknown(("the new role's name",), ("arn:aws:kms:eu-west-1:111111111111:key/", None), fresh=True)
    assert covers(made, KEY) is Match.NO
    assert covers(Unknown(made.hangs_on, (*made.pieces, "*"), fresh=True), KEY) is Match.UNKNOWN
    assert covers(KEY, made) is Match.NO
    assert covers("arn:aws:kms:eu-west-1:111111111111:key/*", made) is Match.YES
    assert covers("arn:aws:kms:eu-west-1:111111111111:key/12*", made) is Match.UNKNOWN
    assert covers(made, made) is Match.UNKNOWN
    assert covers("${aws:x}", made, context(aws_x=KEY)) is Match.NO
    assert covers("${aws:x}", made) is Match.NO


def test_a_resource_known_in_part_is_weighed_against_every_pattern() -> None:
    key = Unknown(("the new key's id",), ("arn:aws:kms:eu-west-1:111111111111:key/", None))
    assert compile_resources(("arn:aws:s3:::b", KEY), VERSION)(key, EMPTY) is Match.UNKNOWN
    assert compile_resources(("arn:aws:s3:::b", "arn:aws:kms:*:111111111111:key/?*"), VERSION)(key, EMPTY) is (
        Match.UNKNOWN
    )
    assert compile_resources((KEY, "*"), VERSION)(key, EMPTY) is Match.YES
    assert covers("arn:aws:s3:::b/*", key) is Match.NO


def test_a_variable_whose_name_is_not_told_may_become_anything() -> None:
    pattern = Unknown(("parameter `Tag`",), ("arn:aws:kms:eu-west-1:111111111111:${aws:PrincipalTag/", None, "}/x"))
    assert covers(pattern, KEY) is Match.UNKNOWN
    assert covers(pattern, "arn:aws:s3:::b") is Match.NO
    dollar = Unknown(("x",), ("arn:aws:s3:::a$", None))
    assert covers(dollar, "arn:aws:s3:::ab") is Match.UNKNOWN
    assert covers(dollar, "arn:aws:s3:::b") is Match.NO
    assert covers(Unknown(("x",), ("${aws:", None, "}")), KEY) is Match.UNKNOWN
    assert read_operand(dollar, wildcards=True, variables=False).parts == ("arn:aws:s3:::a$", Wild.HOLE)
    plain = Unknown(("x",), ("${aws:username}", None))
    assert read_operand(plain, wildcards=True, variables=False).parts == ("${aws:username}", Wild.HOLE)


def test_a_variable_that_is_told_is_filled_in_beside_what_is_not() -> None:
    ann = context(aws_username="Ann")
    home = Unknown(("parameter `Folder`",), ("arn:aws:s3:::${aws:username}/", None))
    assert covers(home, "arn:aws:s3:::Ann/1", ann) is Match.UNKNOWN
    assert covers(home, "arn:aws:s3:::Bob/1", ann) is Match.NO
    tagged = Unknown(("parameter `Tag`",), ("arn:aws:s3:::${aws:username}/${aws:PrincipalTag/", None))
    assert covers(tagged, "arn:aws:s3:::Ann/1", ann) is Match.UNKNOWN
    assert covers(tagged, "arn:aws:s3:::Bob/1", ann) is Match.NO


def test_a_very_long_pattern_is_not_weighed_against_holes() -> None:
    automaton = Automaton(("x" * 30_000, Wild.ANY))
    assert automaton.could_match(("y", Wild.HOLE))
    assert not automaton.must_match((Wild.HOLE,))


@given(
    pattern=st.lists(st.sampled_from(["a", "b", ":", "*", "?", None]), max_size=6),
    text=st.lists(st.sampled_from(["a", "b", ":", None]), max_size=6),
    fillings=st.lists(st.text("ab:*?", max_size=4), min_size=12, max_size=12),
)
def test_filling_the_holes_never_contradicts_the_open_answer(
    pattern: list[str | None], text: list[str | None], fillings: list[str]
) -> None:
    def known(pieces: list[str | None], values: list[str]) -> str:
        filling = iter(values)
        return "".join(next(filling) if piece is None else piece for piece in pieces)

    def opened(pieces: list[str | None], prefix: str) -> str | Unknown:
        return Unknown(("x",), (prefix, *pieces)) if None in pieces else prefix + known(pieces, [])

    prefix = "arn:aws:"
    answer = covers(opened(pattern, prefix), opened(text, prefix))
    plain = [filling.replace("*", "").replace("?", "") for filling in fillings[6:]]
    certain = covers(prefix + known(pattern, fillings[:6]), prefix + known(text, plain))
    assert answer in (Match.UNKNOWN, certain)
