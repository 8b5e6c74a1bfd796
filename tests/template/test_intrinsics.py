from __future__ import annotations

import pytest

from sparekey.source import Place
from sparekey.template import Concrete, Conditional, Environment, ListValue, NoValue, UnknownValue
from sparekey.unknown import Unknown
from tests.template._templates import (
    HERE,
    load,
    plain,
    properties,
    refusal,
    refusal_of,
    resolver,
    value_of,
    with_property,
)

PARAMETERS = """
Parameters:
  Open: {Type: String}
  Text: {Type: String, Default: abc}
  Index: {Type: Number, Default: 1}
  List: {Type: CommaDelimitedList, Default: "a, b,c"}
  OpenList: {Type: CommaDelimitedList}
Mappings:
  M:
    eu-central-1: {one: first, list: [a, b], account: 012345678901, number: 5}
    us-east-1: {one: second}
Conditions:
  IsOpen: !Equals [!Ref Open, x]
  Always: !Equals [a, a]
  Never: !Equals [a, b]
"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Text", "abc"),
        ("{Ref: Text}", "abc"),
        ("!Ref Index", "1"),
        ("!Ref List", ["a", "b", "c"]),
        ("!Ref AWS::Region", "eu-central-1"),
        ("!Ref AWS::AccountId", "111122223333"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::StackName", "app"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("{a: 1, b: !Ref AWS::NoValue}", {"a": 1}),
        ("!Join ['-', [a, b]]", "a-b"),
        ("!Join ['-', [a, !Ref AWS::NoValue, b]]", "a-b"),
        ("!Join ['', []]", ""),
        ("!Join ['-', !Ref List]", "a-b-c"),
        ("!Join ['-', [true, 5, 1.50, 012345678901]]", "true-5-1.50-012345678901"),
        ("{'Fn::Join': ['', [arn, ':', {Ref: 'AWS::Partition'}]]}", "arn:aws"),
        ("!Split [',', 'a,b,']", ["a", "b", ""]),
        ("!Split ['||', 'a||b']", ["a", "b"]),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', !Ref List]", "a"),
        ("!Select [!Ref Index, [a, !Ref AWS::NoValue, b]]", "b"),
        ("!Select [1, !Split [':', 'a:b']]", "b"),
        ("!Select [0, [[x, y]]]", ["x", "y"]),
        ("!FindInMap [M, !Ref AWS::Region, one]", "first"),
        ("!FindInMap [M, us-east-1, one]", "second"),
        ("!FindInMap [M, eu-central-1, list]", ["a", "b"]),
        ("!FindInMap [M, eu-central-1, number]", 5),
        ("!Join ['', [!FindInMap [M, eu-central-1, account]]]", "012345678901"),
        ("!If [Always, a, b]", "a"),
        ("!If [Never, a, b]", "b"),
        ("{'Fn::If': [Never, a, {Ref: Text}]}", "abc"),
        ("{a: !If [Never, a, !Ref AWS::NoValue], b: 1}", {"b": 1}),
        ("!Base64 abc", "YWJj"),
        ("{'Fn::Base64': !Sub 'x${Text}'}", "eGFiYw=="),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("!Cidr [!Ref OpenList, 1, 8]", Unknown(("parameter `OpenList`",))),
        ("!Cidr ['2001:db8::/48', 1, 64]", ["2001:db8::/64"]),
        ("!ImportValue 'a-b'", "imported"),
        ("!ImportValue {'Fn::Sub': '${AWS::StackName}-c'}", "also"),
        ("'{{resolve:ssm:/a}}'", "from ssm"),
        ("'x-{{resolve:ssm:/a:3}}-y'", "x-from ssm-y"),
        ("!Join ['', ['{{resolve:ssm:', /a, '}}']]", "from ssm"),
    ],
)
def test_a_function_of_what_is_known_is_known(expression: str, value: object) -> None:
    here = Environment(
        account="111122223333",
        region="eu-central-1",
        stack_name="app",
        imports={"a-b": "imported", "app-c": "also"},
        ssm={"/a": "from ssm"},
    )
    assert plain(expression, PARAMETERS, here) == value


@pytest.mark.parametrize(
    ("expression", "hangs_on", "pieces"),
    [
        ("!Ref Open", ["parameter `Open`"], (None,)),
        ("!Ref OpenList", ["parameter `OpenList`"], (None,)),
        ("!Ref AWS::AccountId", ["the account id (--account)"], (None,)),
        ("!Ref AWS::Region", ["the region (--region)"], (None,)),
        ("!Ref AWS::Partition", ["the partition (--partition)"], (None,)),
        ("!Ref AWS::URLSuffix", ["the partition (--partition)"], (None,)),
        ("!Ref AWS::StackName", ["the name of the stack"], (None,)),
        ("!Ref AWS::NotificationARNs", ["the notification ARNs of the stack"], (None,)),
        ("!Join ['', [a, !Ref Open, b]]", ["parameter `Open`"], ("a", None, "b")),
        ("!Join [',', !Ref OpenList]", ["parameter `OpenList`"], (None,)),
        ("!Join [',', !If [IsOpen, [a], [b]]]", ["parameter `Open`"], (None,)),
        ("!Join [',', [a, !If [IsOpen, b, !Ref AWS::NoValue]]]", ["parameter `Open`"], (None,)),
        ("!Join [',', [a, !If [IsOpen, b, c]]]", ["parameter `Open`"], ("a,", None)),
        ("!Split [',', !Ref Open]", ["parameter `Open`"], (None,)),
        ("!Select [0, !Ref OpenList]", ["parameter `OpenList`"], (None,)),
        ("!Select [!Ref Open, [a]]", ["parameter `Open`"], (None,)),
        ("!Select [0, [!If [IsOpen, a, !Ref AWS::NoValue], b]]", ["parameter `Open`"], (None,)),
        ("!FindInMap [M, !Ref Open, one]", ["parameter `Open`"], (None,)),
        ("!FindInMap [M, !Ref AWS::Region, one]", ["the region (--region)"], (None,)),
        ("!If [IsOpen, a, b]", ["parameter `Open`"], (None,)),
        ("!Base64 {Ref: Open}", ["parameter `Open`"], (None,)),
        ("!Cidr [10.0.0.0/16, 2]", ["the bits of each block of `Fn::Cidr`"], (None,)),
        ("!GetAZs ''", ["the availability zones of the region"], (None,)),
        ("!GetAZs eu-west-1", ["the availability zones of `eu-west-1`"], (None,)),
        ("!ImportValue Admin", ["the import `Admin` (--import Admin=…)"], (None,)),
        (
            "!ImportValue {'Fn::Sub': 'a-${Open}'}",
            ["the import `a-<parameter `Open`>` (--import)", "parameter `Open`"],
            (None,),
        ),
        ("!GetStackOutput {StackName: s, OutputName: o}", ["the output `o` of stack `s`"], (None,)),
        ("{'Fn::Transform': {Name: 'AWS::Include'}}", ["what the macro `AWS::Include` returns"], (None,)),
        ("!Transform {Name: Mine}", ["what the macro `Mine` returns"], (None,)),
        ("!Transform []", ["what a macro returns"], (None,)),
        ("{a: b, 'Fn::Transform': {Name: Mine}}", ["what a macro returns"], (None,)),
        ("'{{resolve:ssm:/a}}'", ["the dynamic reference `{{resolve:ssm:/a}}` (--ssm /a=…)"], (None,)),
        (
            "'a{{resolve:secretsmanager:s:SecretString:k}}b'",
            ["the dynamic reference `{{resolve:secretsmanager:s:SecretString:k}}`"],
            ("a", None, "b"),
        ),
        ("'{{resolve:ssm-secure:/a}}'", ["the dynamic reference `{{resolve:ssm-secure:/a}}`"], (None,)),
    ],
)
def test_a_function_of_what_is_unknown_names_it(
    expression: str, hangs_on: list[str], pieces: tuple[str | None, ...]
) -> None:
    unknown = plain(expression, PARAMETERS, Environment())
    assert isinstance(unknown, Unknown)
    assert list(unknown.hangs_on) == hangs_on
    assert unknown.pieces == pieces


def test_an_open_if_keeps_both_branches() -> None:
    value = value_of("!If [IsOpen, a, !Ref AWS::NoValue]", PARAMETERS)
    assert isinstance(value, Conditional)
    assert value.condition == "IsOpen"
    assert isinstance(value.if_true, Concrete)
    assert isinstance(value.if_false, NoValue)
    assert value.unknown.hangs_on == ("parameter `Open`",)
    assert value.end == (value.place.line, value.place.column + len("!If [IsOpen, a, !Ref AWS::NoValue]"))


def test_what_a_function_gives_stands_where_the_function_stands() -> None:
    for expression in ("!Ref Text", "!FindInMap [M, us-east-1, one]", "!Select [0, [a]]", "!ImportValue x"):
        value = value_of(expression, PARAMETERS)
        assert value.place.column == 10
        assert value.end == (value.place.line, 10 + len(expression))


def test_the_branch_that_is_taken_stands_where_it_is_written() -> None:
    value = value_of("!If [Always, a, b]", PARAMETERS)
    assert value.place.column == 10 + len("!If [Always, ")


def test_a_list_keeps_the_places_of_its_elements() -> None:
    value = value_of("[a, !Ref Text]", PARAMETERS)
    assert isinstance(value, ListValue)
    assert [item.place.column for item in value.items] == [11, 14]


def test_the_same_node_is_resolved_once() -> None:
    made = resolver(with_property("!Join ['', [a, b]]"))
    node = made.template.resources["K"].properties
    assert node is not None
    assert made.resolve(node) is made.resolve(node)


def test_an_unknown_parameter_says_which_it_is() -> None:
    value = value_of("!Ref Open", PARAMETERS)
    assert isinstance(value, UnknownValue)
    assert value.reference == "Open"


GET_ATT = (
    "CloudFormation refuses this template: Template error: every Fn::GetAtt object requires two non-empty parameters,"
    " the resource name and the resource attribute"
)
JOIN = (
    "CloudFormation refuses this template: Template error: every Fn::Join object requires two parameters, (1) a string"
    " delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as"
    " Fn::GetAZs) to be joined."
)
SPLIT = (
    "CloudFormation refuses this template: Template error: every Fn::Split object requires two parameters, (1) a string"
    " delimiter and (2) a string to be split or a function that returns a string to be split."
)
SELECT = (
    "CloudFormation refuses this template: Template error: Fn::Select requires a list argument with two elements: an"
    " integer index and a list"
)
IF = "CloudFormation refuses this template: Template error: Fn::If requires a list argument with three elements"
FIND = (
    "CloudFormation refuses this template: Template error: every Fn::FindInMap object requires three parameters, the"
    " map name, map key and the attribute for return value"
)
UNRESOLVED = "CloudFormation refuses this template: Template format error: Unresolved resource dependencies [{}] in the Resources block of the template"  # noqa: E501 - AWS's sentence


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("!Ref Nowhere", UNRESOLVED.format("Nowhere")),
        ("!GetAtt Nowhere.Arn", UNRESOLVED.format("Nowhere")),
        ("!Sub '${Nowhere}'", UNRESOLVED.format("Nowhere")),
        ("!Sub '${Nowhere.Arn}'", UNRESOLVED.format("Nowhere")),
        ("!Ref [a]", "`Ref` takes the name of a parameter or resource"),
        ("{Ref: !Sub a}", "`Ref` takes the name of a parameter or resource"),
        ("!GetAtt Text", GET_ATT),
        ("!GetAtt [Text]", GET_ATT),
        ("!GetAtt {a: b}", GET_ATT),
        ("!GetAtt [!Sub Text, Arn]", GET_ATT),
        ("!Join a", JOIN),
        ("!Join [a]", JOIN),
        ("!Join [a, b]", JOIN),
        ("!Join [[a], [b]]", JOIN),
        ("!Join [a, [[b]]]", JOIN),
        ("!Join [a, [{b: c}]]", JOIN),
        ("{'Fn::Join': !Split [a, b]}", JOIN),
        ("!Split [a]", SPLIT),
        ("!Split ['', a]", SPLIT),
        ("!Split [a, [b]]", SPLIT),
        ("!Select [a]", SELECT),
        ("!Select [2, [a, b]]", SELECT),
        ("!Select [-1, [a, b]]", SELECT),
        ("!Select [x, [a, b]]", SELECT),
        ("!Select [0, a]", SELECT),
        ("!If [Always, a]", IF),
        ("!If Always", IF),
        ("!If [[Always], a, b]", "`Fn::If` takes the name of a condition first"),
        ("!If [!Equals [a, a], a, b]", "`Fn::If` takes the name of a condition first"),
        (
            "!If [Maybe, a, b]",
            "CloudFormation refuses this template: Template error: unresolved condition dependency Maybe in Fn::If",
        ),
        ("!FindInMap [M, a]", FIND),
        ("!FindInMap [M, a, b, {DefaultValue: c}]", FIND),
        ("!FindInMap M", FIND),
        (
            "!FindInMap [M, a, b]",
            "CloudFormation refuses this template: Template error: Unable to get mapping for M::a::b",
        ),
        (
            "!FindInMap [N, a, b]",
            "CloudFormation refuses this template: Template error: Unable to get mapping for N::a::b",
        ),
        ("!FindInMap [M, [a], b]", "a list stands where a text is needed"),
        ("!Base64 [a]", "a list stands where a text is needed"),
        ("{'Fn::Base64': {a: b}}", "a mapping stands where a text is needed"),
        ("!Cidr [10.0.0.0/16]", "`Fn::Cidr` takes an address block, a count and the bits of each block"),
        ("!Cidr [10.0.0.0/16, 300, 8]", "`Fn::Cidr` can not make 300 blocks of 8 bits in `10.0.0.0/16`"),
        ("!Cidr [10.0.0.0/24, 2, 8]", "`Fn::Cidr` can not make 2 blocks of 8 bits in `10.0.0.0/24`"),
        ("!Cidr [10.0.0.0/24, 2, 64]", "`Fn::Cidr` can not make 2 blocks of 64 bits in `10.0.0.0/24`"),
        ("!Cidr [x, 2, 8]", "`Fn::Cidr` can not make 2 blocks of 8 bits in `x`"),
        ("!GetStackOutput a", "`Fn::GetStackOutput` takes a mapping with StackName and OutputName"),
        ("!GetStackOutput {StackName: a}", "`Fn::GetStackOutput` takes a mapping with StackName and OutputName"),
        ("!Equals [a, b]", "`Fn::Equals` stands outside the Conditions section"),
        ("!Condition Always", "`Condition` stands outside the Conditions section"),
        ("!Foo a", "`!Foo` is no function that CloudFormation knows"),
        ("{'Fn::Foo': a}", "`Fn::Foo` is no function that CloudFormation knows"),
        ("{'Fn::If': [Always, a, b], c: d}", "`Fn::If` stands beside other keys"),
        ("{'Fn::Contains': [[a], a]}", "`Fn::Contains` is no function that CloudFormation knows"),
        ("{'Fn::Length': [a]}", "`Fn::Length` needs the language extensions"),
    ],
)
def test_a_function_with_wrong_arguments_is_refused(expression: str, message: str) -> None:
    assert refusal_of(expression, PARAMETERS) == message


def test_a_function_without_short_form_is_told_apart() -> None:
    error = refusal(with_property("!Length [a]"))
    assert error.message == "`!Length` is no function that CloudFormation knows"
    assert error.hint == "it has no short form: write `Fn::Length:`"


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("!Ref Textt", "did you mean `Text`?"),
        ("!Ref Aws::AccountId", "did you mean `AWS::AccountId`?"),
        ("!Sub '${aws:username}'", "write `${!aws:username}` to leave `${aws:username}` to IAM"),
        ("!Ref Zzzzzzz", None),
    ],
)
def test_a_name_that_is_not_there_is_hinted_at(expression: str, hint: str | None) -> None:
    assert refusal(with_property(expression, PARAMETERS)).hint == hint


@pytest.mark.parametrize(
    "transform", ["AWS::Serverless-2016-10-31", "[Mine]", "{Name: 'AWS::Include', Parameters: {}}"]
)
def test_what_a_transform_may_make_is_unknown(transform: str) -> None:
    sections = f"{PARAMETERS}Transform: {transform}\n"
    for expression in ("!Ref FnRole", "!GetAtt FnRole.Arn", "!If [Maybe, a, b]", "!FindInMap [N, a, b]"):
        assert isinstance(plain(expression, sections), Unknown)


def test_a_function_that_a_macro_may_know_is_unknown_to_us() -> None:
    error = refusal_of("!Foo a", "Transform: Mine")
    assert error == "`Fn::Foo` is no function that CloudFormation knows"


def test_a_resource_that_is_not_created_can_not_be_referred_to() -> None:
    text = with_property("!Ref R", PARAMETERS) + "  R: {Type: A, Condition: Never}\n"
    error = refusal(text)
    assert error.message == UNRESOLVED.format("R")
    assert error.hint == "`R` is not created: its condition `Never` is false"
    assert error.place == Place("t.yaml", error.place.line if error.place else 0, 10)


def test_a_resource_that_is_not_created_can_be_referred_to_in_a_branch_that_is_not_taken() -> None:
    text = with_property("!If [Never, !Ref R, a]", PARAMETERS) + "  R: {Type: A, Condition: Never}\n"
    assert isinstance(properties(text, HERE).items["X"], Concrete)


def test_a_mapping_that_a_macro_includes_is_unknown() -> None:
    sections = "Mappings: {M: {'Fn::Transform': {Name: 'AWS::Include'}}, N: {a: {'Fn::Transform': {Name: Mine}}}}"
    assert plain("!FindInMap [M, a, b]", sections) == Unknown(("what the macro `AWS::Include` returns",))


def test_notes_say_what_is_passed_over() -> None:
    text = with_property("{'Fn::Transform': {Name: 'AWS::Include'}}", "Transform: AWS::Serverless-2016-10-31")
    assert load(text).notes == (
        "the transform `AWS::Serverless-2016-10-31` is not run: what it adds or changes is not seen",
        "`Fn::Transform` is not run: what it returns is unknown (line 6)",
    )
