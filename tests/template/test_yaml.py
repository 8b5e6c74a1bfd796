from __future__ import annotations

import pytest

from sparekey.source import Place
from sparekey.template import Concrete
from tests.template._templates import load, plain, properties, refusal, value_of, with_property


def test_every_value_keeps_its_line_and_column() -> None:
    value = value_of("some text")
    assert value.place == Place("t.yaml", 6, 10)
    assert value.end == (6, 19)


def test_a_short_form_begins_at_its_tag() -> None:
    assert value_of("!Sub 'a'").place == Place("t.yaml", 6, 10)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("'2012-10-17'", "2012-10-17"),
        ("2012-10-17 10:00:00", "2012-10-17 10:00:00"),
        ("=", "="),
        ("yes", True),
        ("Off", False),
        ("true", True),
        ("'true'", "true"),
        ("y", "y"),
        ("12", 12),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e5", "1e5"),
        ("123456789012", 123456789012),
        ("012345678901", "012345678901"),
        ("0653", "0653"),
        ("0x1F", "0x1F"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("9" * 50, "9" * 50),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("|\n        a\n        b", "a\nb\n"),
        (">-\n        a\n        b", "a b"),
    ],
)
def test_a_scalar_is_read_as_cloudformation_reads_it(written: str, value: object) -> None:
    assert plain(written) == value


def test_a_number_keeps_its_text() -> None:
    value = value_of("1.50")
    assert isinstance(value, Concrete)
    assert (value.value, value.text) == (1.5, "1.50")


@pytest.mark.parametrize("written", ["012345678901", "0653"])
def test_an_unquoted_number_with_leading_zeros_says_what_it_is_read_as(written: str) -> None:
    value = value_of(written)
    assert isinstance(value, Concrete)
    assert (value.value, value.reads_as) == (written, int(written))


def test_a_quoted_number_with_leading_zeros_is_text() -> None:
    value = value_of("'012345678901'")
    assert isinstance(value, Concrete)
    assert value.reads_as is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resources:\n\tK: 1\n", "2:1: YAML not well-formed: found character that cannot start any token"),
        ("Resources:\n  K: [1\n", "3:1: YAML not well-formed: did not find expected ',' or ']'"),
        ('a:\n  b: "c\n  d: e\n', "2:6: YAML not well-formed: the quoted text that begins here does not end"),
        ("a: 1\n---\nb: 2\n", "2:1: the file holds several YAML documents, a template is one"),
        ("a: *nowhere\n", "1:4: YAML not well-formed: found undefined alias"),
        ("a: &x 1\nb: &x 2\n", "2:4: YAML not well-formed: second occurrence"),
        ("a: b\x01\n", "1:5: YAML not well-formed: control characters are not allowed"),
        ("a: !x!y z\n", "1:4: YAML not well-formed: found undefined tag handle"),
        ("? [a]\n: b\n", "1:3: a key is not a plain text"),
        ("? !Ref a\n: b\n", "1:3: a key is not a plain text"),
        ("a: !!binary YQ==\n", "1:4: CloudFormation does not read the YAML tag `!!binary`"),
        ("a: !!set {b, c}\n", "1:4: CloudFormation does not read the YAML tag `!!set`"),
        ("a: !<tag:x> b\n", "1:4: CloudFormation does not read the YAML tag `tag:x`"),
    ],
)
def test_broken_yaml_is_refused_with_its_place(text: str, message: str) -> None:
    assert str(refusal(text)) == f"t.yaml:{message}"


def test_a_tab_in_the_indentation_is_hinted_at() -> None:
    assert refusal("Resources:\n  K:\n  \t Type: x\n").hint == "YAML indents with spaces, not with tabs"


@pytest.mark.parametrize(
    ("line", "column"), [('    Description: "a key”', 24), ('    Description: "a key”\n    Other: "x"', 24)]
)
def test_a_typographic_quotation_mark_is_named_with_its_place(line: str, column: int) -> None:
    error = refusal(f"Resources:\n  K:\n    Type: AWS::KMS::Key\n{line}\n")
    mark = 'the typographic quotation mark `”` stands where `"` is needed'
    assert str(error) == f"t.yaml:4:{column}: YAML not well-formed: {mark}"


def test_a_key_that_stands_twice_is_refused_with_both_places() -> None:
    error = refusal("Resources:\n  K: {Type: A}\n  K: {Type: B}\n")
    assert str(error) == "t.yaml:3:3: the key `K` stands here again; it is already at line 2, column 3"


def test_the_first_of_several_faults_is_told() -> None:
    error = refusal("Resources:\n  K: {Type: A, Type: B}\n  L: {a: 1, a: 2}\n")
    assert error.place == Place("t.yaml", 2, 16)


def test_a_numeric_key_is_refused_in_cloudformations_words() -> None:
    error = refusal("Mappings: {M: {123456789012: {a: b}}}\nResources: {K: {Type: A}}\n")
    sentence = "Template format error: map keys must be strings; received numeric [123456789012] instead"
    assert error.message == f"CloudFormation refuses this template: {sentence}"
    assert error.hint == 'put the key in quotes: `"123456789012"`'


@pytest.mark.parametrize("text", ["[" * 50_000 + "]" * 50_000, "- " * 50_000 + "a", "a: " + "{a: " * 5_000])
def test_deep_nesting_is_refused(text: str) -> None:
    assert refusal(text).message == "the template nests deeper than 100 levels"


def test_aliases_are_read_and_noted() -> None:
    text = with_property("{<<: *common, b: 2}", "Metadata:\n  M: &common {a: 1, b: 1}")
    assert properties(text).items.keys() == {"X"}
    assert plain("{<<: *common, b: 2}", "Metadata:\n  M: &common {a: 1, b: 1}") == {"b": 2, "a": 1}
    assert load(text).notes == (
        "YAML aliases are not allowed in CloudFormation templates; `aws cloudformation package` writes them out",
    )


def test_a_merge_of_several_mappings_takes_the_first() -> None:
    sections = "Metadata:\n  M: &m {a: 1}\n  N: &n {a: 2, c: 3}"
    assert plain("{<<: [*m, *n]}", sections) == {"a": 1, "c": 3}


def test_an_anchor_without_alias_is_not_noted() -> None:
    assert load("Resources:\n  K: &k {Type: A}\n").notes == ()


def test_aliases_that_explode_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert refusal("\n".join(lines)).message == "the YAML aliases stand for more than a template can hold"


def test_a_long_chain_of_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 500))]
    assert refusal("\n".join(lines)).message == "the YAML aliases stand for more than a template can hold"


def test_an_alias_within_what_it_stands_for_is_refused() -> None:
    assert str(refusal("a: &a [b, *a]")) == "t.yaml:1:4: a YAML alias stands within what it stands for"
