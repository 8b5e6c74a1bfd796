"""Whatever the bytes are: a template is read, or refused in one line with its place."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparekey.errors import InputError
from sparekey.template import (
    Environment,
    MapValue,
    Resolver,
    expand,
    load_template,
    read_json_text,
    references_of,
    to_document,
)

YAML = b"""\
Transform: AWS::LanguageExtensions
Parameters:
  L: {Type: CommaDelimitedList, Default: "a,b"}
  S: {Type: String, AllowedPattern: "[a-z]{1,3}", Default: abc}
  Open: {Type: String, AllowedValues: [a, b]}
Mappings: {M: {a: {b: c, d: [1, 2]}}}
Rules: {R: {Assertions: [{Assert: {"Fn::Contains": [[abc, d], !Ref S]}, AssertDescription: no}]}}
Conditions:
  A: !Equals [!Ref AWS::Region, us-east-1]
  B: !And [!Condition A, !Not [!Equals [!Ref Open, a]]]
  C: {"Fn::Or": [{"Condition": A}, {Condition: B}]}
Resources:
  Fn::ForEach::Keys:
  - N
  - !Ref L
  - Key${N}:
      Type: AWS::KMS::Key
      Condition: C
      Properties: {D: !Ref N, "Fn::ForEach::Y": [P, [Q], {"${P}": !Ref N}]}
  Role: &role {Type: AWS::IAM::Role, Properties: {RoleName: !Sub "a-${S}", Path: /b/}}
  Other: *role
  K:
    Type: AWS::KMS::Key
    DependsOn: Role
    Properties:
      X: !Select [1, !Split [",", "a,b"]]
      Y: !Join [":", [a, !FindInMap [M, a, b], !If [B, !Ref Role, !Ref AWS::NoValue]]]
      Z: {"Fn::ToJsonString": {a: !GetAtt Role.Arn, b: [1, !If [C, x, y]]}}
      V: [!Cidr [10.0.0.0/16, 3, 8], {"Fn::Length": !Ref L}, !Base64 x]
      W: !ImportValue {"Fn::Sub": "${AWS::StackName}-x"}
      KeyPolicy: !Sub |
        {"Version": "2012-10-17", "Statement": [{"Principal": {"AWS": "arn:aws:iam::${AWS::AccountId}:root"}}]}
Outputs: {O: {Value: !GetAtt K.Arn, Condition: A}}
"""
JSON = b"""\
{"Parameters": {"P": {"Type": "String", "Default": "x"}},
 "Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": true, "KeyPolicy": {"Statement": [
  {"Principal": {"AWS": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::1:root"]]}}}]}}}}}
"""
WORDS = (
    "!Ref |!Sub |!GetAtt |!If |!Foo |!!binary |Fn::If|Fn::Foo|Fn::ForEach::Z|Ref|Fn::Transform|Condition|"
    "Resources|AWS::NoValue|Type|Role|K|A|null|~|yes|012|1e5|${|${A.B}|{{resolve:ssm:x}}|{{resolve:|[]|{}"
)
SIGNS = (
    "{|}|[|]|\"|'|:|: |,|\n|  |\t|- |? |>\n|#|=|@|&a |*a|*role|<<: |---\n|"
    "...\n|%YAML 1.1\n|\r\n|\\|\\u12|\x00|”|\ufeff|\x85|\ue000"
)
PIECES = [piece.encode() for piece in (*WORDS.split("|"), *SIGNS.split("|"), "|\n")] + [b"\xff"]
ENVIRONMENTS = [
    Environment(),
    Environment(account="111122223333", region="us-east-1", stack_name="s"),
    Environment(partition="aws-cn", imports={"s-x": "y"}, ssm={"x": "z"}),
]


def use(data: bytes, environment: Environment) -> None:
    """Do with a template all that can be done."""
    template = expand(load_template(data, "t.yaml"), environment)
    resolver = Resolver(template, environment)
    for logical_id, resource in template.resources.items():
        for scenario in resolver.scenarios(logical_id):
            references_of(resource.node, scenario.resolver)
            if resource.properties is None:
                continue
            value = scenario.resolver.resolve(resource.properties)
            _, locate = to_document(value)
            assert locate(("KeyPolicy", "Statement", 0)) is not None
            if isinstance(value, MapValue) and "KeyPolicy" in value.items:
                read_json_text(value.items["KeyPolicy"], template.text)
    for output in template.outputs.values():
        resolver.resolve(output)


def answer(data: bytes, environment: Environment) -> None:
    """Use a template, or see it refused in one line with its place."""
    try:
        use(data, environment)
    except InputError as error:
        refusal = error
    else:
        return
    assert refusal.place is not None
    assert "\n" not in refusal.message


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A template with a few stretches cut, replaced, repeated or moved."""
    data = bytearray(draw(st.sampled_from([YAML, JSON])))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        other = draw(st.integers(0, len(data)))
        copied = data[other : other + draw(st.integers(0, 60))]
        data[start:end] = draw(st.sampled_from([*PIECES, b"", bytes(copied)]))
    return bytes(data)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)
@given(mutated(), st.sampled_from(ENVIRONMENTS))
def test_a_mutated_template_is_read_or_refused(data: bytes, environment: Environment) -> None:
    answer(data, environment)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    answer(data, ENVIRONMENTS[0])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_pieces_of_templates_are_read_or_refused(data: bytes) -> None:
    answer(b"Resources:\n  K:\n    Type: A\n    Properties:\n      X: " + data, ENVIRONMENTS[1])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("data", [YAML, JSON])
def test_the_templates_that_are_mutated_are_good(data: bytes, environment: Environment) -> None:
    use(data, environment)


@pytest.mark.parametrize("data", [YAML, JSON])
def test_a_truncated_template_is_read_or_refused(data: bytes) -> None:
    for end in range(0, len(data), 3):
        answer(data[:end], ENVIRONMENTS[0])
