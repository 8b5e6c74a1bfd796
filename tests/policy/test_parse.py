from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.policy._document import Condition, Effect, Fault, FaultCode, Policy, PolicyType
from sparekey.policy._faults import MOST_FAULTS
from sparekey.policy._parse import kms_answer, parse_policy
from sparekey.source import Path, Place
from sparekey.unknown import Unknown

ROOT = "arn:aws:iam::111111111111:root"
ALLOW: dict[str, object] = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
OPEN = Unknown(("parameter `P`",))


def key_policy(*statements: object, **elements: object) -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements), **elements}, type=PolicyType.KEY)


def with_elements(**elements: object) -> Policy:
    return key_policy({**ALLOW, **elements})


def refused(policy: Policy) -> list[str]:
    return [fault.message for fault in policy.faults if fault.refused]


def only_fault(policy: Policy) -> Fault:
    (fault,) = policy.faults
    return fault


# What is read


def test_a_text_is_read_with_every_element() -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [
                {
                    "Sid": "Enable IAM User Permissions",
                    "Effect": "Deny",
                    "NotPrincipal": {
                        "AWS": ["111111111111", "arn:aws:iam::111111111111:user/Ann"],
                        "Service": "logs.amazonaws.com",
                        "Federated": ["arn:aws:iam::111111111111:saml-provider/x"],
                    },
                    "NotAction": ["kms:Get*"],
                    "NotResource": "arn:aws:kms:*:*:key/*",
                    "Condition": {
                        "ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a", "b"]},
                        "Bool": {"aws:SecureTransport": True},
                        "NumericLessThan": {"kms:x": 1.50, "kms:y": 7},
                        "Null": {"aws:x": "true"},
                    },
                }
            ],
        }
    ).replace("1.5", "1.50")
    policy = parse_policy(text, type=PolicyType.KEY, name="the key policy", arn="arn:aws:x")
    assert policy.faults == ()
    assert (policy.version, policy.id, policy.name, policy.arn) == (
        *("2012-10-17", "key-default-1", "the key policy", "arn:aws:x"),
    )
    (statement,) = policy.statements
    assert (statement.sid, statement.effect, statement.index) == ("Enable IAM User Permissions", Effect.DENY, 0)
    assert statement.principal is None
    element = statement.not_principal
    assert element is not None
    assert element.aws == (ROOT, "arn:aws:iam::111111111111:user/Ann")
    assert (element.service, element.everyone) == (("logs.amazonaws.com",), False)
    assert element.federated == ("arn:aws:iam::111111111111:saml-provider/x",)
    assert (statement.action, statement.not_action) == (None, ("kms:Get*",))
    assert (statement.resource, statement.not_resource) == (None, ("arn:aws:kms:*:*:key/*",))
    assert statement.conditions == (
        Condition("StringLike", "aws:TagKeys", ("a", "b"), "ForAnyValue", if_exists=True),
        Condition("Bool", "aws:SecureTransport", ("true",)),
        Condition("NumericLessThan", "kms:x", ("1.50",)),
        Condition("NumericLessThan", "kms:y", ("7",)),
        Condition("Null", "aws:x", ("true",)),
    )


def test_a_lone_statement_stands_for_a_list() -> None:
    policy = parse_policy({"Statement": ALLOW}, type=PolicyType.KEY)
    assert policy.statements[0].path == ("Statement",)
    assert policy.version == "2008-10-17"


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}, {"AWS": ["*", ROOT]}])
def test_everyone_is_a_star(principal: object) -> None:
    element = with_elements(Principal=principal).statements[0].principal
    assert element is not None
    assert element.everyone
    assert "*" not in element.aws


def test_bytes_and_other_mappings_are_read_too() -> None:
    assert parse_policy(json.dumps({"Statement": ALLOW}).encode(), type=PolicyType.KEY).statements
    frozen = MappingProxyType({"Statement": (MappingProxyType(ALLOW),)})
    assert parse_policy(frozen, type=PolicyType.KEY).faults == ()


@pytest.mark.parametrize("value", [True, 5, 1.5, 10**20])
def test_a_condition_value_may_be_a_number_or_boolean(value: object) -> None:
    policy = with_elements(Condition={"StringEquals": {"kms:x": [value]}})
    assert policy.statements[0].conditions[0].values == (json.dumps(value),)
    assert policy.faults == ()


# Places


def test_places_are_those_of_the_text() -> None:
    text = '{"Version": "2012-10-17",\n "Statement": [\n  {"Effect": "Allow", "Principal": "*", "Action": 5}]}'
    policy = parse_policy(text, type=PolicyType.KEY, file="key.json")
    assert policy.place(policy.statements[0]) == Place("key.json", 3, 3)
    assert [(str(fault.place), fault.path) for fault in policy.faults] == [
        ("key.json:3:51", ("Statement", 0, "Action")),
        ("key.json:3:3", ("Statement", 0)),
    ]
    assert parse_policy("[]", name="policy").faults[0].place == Place("policy", 1, 1)


def test_places_of_data_are_the_callers() -> None:
    def locate(path: Path) -> Place:
        return Place("t.yaml", len(path), 1)

    policy = parse_policy({"Statement": [{**ALLOW, "Effect": "allow"}]}, type=PolicyType.KEY, locate=locate)
    assert only_fault(policy).place == Place("t.yaml", 3, 1)
    assert policy.place(policy.statements[0]) == Place("t.yaml", 2, 1)
    assert parse_policy("[", type=PolicyType.KEY, locate=locate).faults[0].place == Place("t.yaml", 0, 1)
    assert parse_policy({"Statement": 5}).faults[0].place is None


# What is no JSON


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "the document is empty", "p.json:1:1"),
        ("nonsense", "expected a value, found `nonsense`", "p.json:1:1"),
        ('"Version": "2012-10-17"}', "the document does not begin with `{`", "p.json:1:1"),
        ('{"Statement": [\n1,]}', "a comma stands before the closing `]`", "p.json:2:2"),
        ("{'a': 1}", "a text is quoted with `'`", "p.json:1:2"),
        ('{"a": NaN}', "`NaN` is no JSON number", "p.json:1:7"),
        ("[" * 100_000, "nested more than 200 levels deep", "p.json:1:201"),
        ('{"a":' * 100_000, "nested more than 200 levels deep", "p.json:1:1001"),
        (b"\xff\xfe{", "the byte 0xff is not UTF-8", "p.json:1:1"),
        ('{\n"é": "'.encode() + b'\xe9"}', "the byte 0xe9 is not UTF-8", "p.json:2:7"),
        (b"\xef\xbb\xbf{}", "the document begins with a byte order mark", "p.json:1:1"),
    ],
)
def test_what_is_no_json_is_named_with_its_place(text: str | bytes, message: str, place: str) -> None:
    policy = parse_policy(text, file="p.json")
    fault = only_fault(policy)
    assert message in fault.message
    assert (str(fault.place), fault.code, policy.statements) == (place, FaultCode.MALFORMED, ())


def test_a_typographic_quotation_mark_is_named_though_it_only_shows_later() -> None:
    text = '{"Statement": [{"Sid": "Allow administration of the key\u201d, "Effect": "Allow"}]}'
    first, second = parse_policy(text, file="p.json").faults
    assert "a typographic quotation mark `\u201d`" in first.message
    assert first.hint == 'replace it with `"`'
    assert str(first.place) == "p.json:1:56"
    assert "found `Effect`" in second.message


def test_a_typographic_quotation_mark_is_named_once_where_it_is_the_problem() -> None:
    assert "a typographic" in only_fault(parse_policy("{\u201cVersion\u201d: 1}")).message


def test_duplicate_keys_are_refused_wherever_they_stand() -> None:
    text = '{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", '
    text += '"Action": "kms:*", "Resource": "*", "Condition": {"Null": {"aws:x": "true", "aws:x": "false"}}}}'
    policy = parse_policy(text, type=PolicyType.KEY, file="p.json")
    assert [(fault.message, fault.path) for fault in policy.faults] == [
        ("the key `Version` stands twice in one mapping", ("Version",)),
        ("the key `aws:x` stands twice in one mapping", ("Statement", "Condition", "Null", "aws:x")),
    ]
    assert str(policy.faults[0].place) == "p.json:1:27"


# Faults of shape: every one is reported


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "the policy is null, not a mapping"),
        ([], "the policy is a list, not a mapping"),
        (5, "the policy is a number, not a mapping"),
        (True, "the policy is a Boolean, not a mapping"),
        ({1, 2}, "the policy is of type `set`, not a mapping"),
        ('"text"', "the policy is text, not a mapping"),
        ({}, "the policy has no Statement"),
        ({"Statement": []}, "the policy has an empty list of statements"),
        ({"Statement": ()}, "the policy has an empty list of statements"),
        ({"Statement": "x"}, "the statement is text, not a mapping"),
        ({"Statement": [ALLOW, None]}, "statement 2 is null, not a mapping"),
        ({"Statement": [[ALLOW]]}, "statement 1 is a list, not a mapping"),
        ({"Statement": ALLOW, "Version": "2012-10-18"}, "the Version is `2012-10-18`, not `2012-10-17`"),
        ({"Statement": ALLOW, "Version": 2012}, "the Version is a number, not"),
        ({"Statement": ALLOW, "Version": None}, "the Version is null, not"),
        ({"Statement": ALLOW, "Id": 5}, "the Id is a number, not text"),
        ({"Statement": ALLOW, "Statements": []}, "the policy has an unknown element `Statements`"),
        ({"Statement": ALLOW, 5: []}, "the policy has an unknown element `5`"),
    ],
)
def test_a_document_of_the_wrong_shape_is_refused(document: object, message: str) -> None:
    policy = parse_policy(document, type=PolicyType.KEY)
    assert message in only_fault(policy).message
    assert kms_answer(policy) == ("MalformedPolicyDocumentException", "")


@pytest.mark.parametrize(
    ("elements", "message", "hint"),
    [
        ({"Sid": 5}, "the Sid of statement 1 is a number, not text", None),
        ({"Effect": "allow"}, "the Effect of statement 1 is `allow`, not `Allow` or `Deny`", "write `Allow`"),
        ({"Effect": ["Allow"]}, "the Effect of statement 1 is a list, not", None),
        ({"Effect": ""}, "the Effect of statement 1 is ``, not", None),
        ({"Efect": "Allow"}, "statement 1 has an unknown element `Efect`", "write `Effect`"),
        ({"Zzz": 1}, "statement 1 has an unknown element `Zzz`", None),
        ({"NotAction": "kms:*"}, "statement 1 has both Action and NotAction", None),
        ({"NotResource": "*"}, "statement 1 has both Resource and NotResource", None),
        ({"NotPrincipal": "*"}, "statement 1 has both Principal and NotPrincipal", None),
        ({"Action": 5}, "the Action of statement 1 is or contains a number, not text", None),
        ({"Action": ["kms:*", {}]}, "the Action of statement 1 is or contains a mapping, not text", None),
        ({"Resource": None}, "the Resource of statement 1 is or contains null, not text", None),
        ({"Principal": 5}, "the Principal of statement 1 is a number; it needs to be `*` or a mapping", None),
        ({"Principal": ["*"]}, "the Principal of statement 1 is a list", 'write `{"AWS": …}` around it'),
        ({"Principal": ROOT}, f"the Principal of statement 1 is `{ROOT}`", 'write `{"AWS": …}` around it'),
        ({"Principal": {"aws": ROOT}}, "the Principal of statement 1 has an unknown key `aws`", "write `AWS`"),
        ({"Principal": {"AWS": [{}]}}, "a principal of statement 1 is a mapping, not text", None),
        ({"Principal": {"AWS": True}}, "a principal of statement 1 is a Boolean, not text", None),
        ({"Condition": []}, "the Condition of statement 1 is a list, not a mapping", None),
        ({"Condition": {"StringEqual": {}}}, "`StringEqual` in statement 1 is no condition operator", "StringEquals`"),
        ({"Condition": {"stringlikeifexists": {}}}, "is no condition operator", "write `StringLikeIfExists`"),
        ({"Condition": {"ForAll:Bool": {}}}, "`ForAll:Bool` in statement 1 is no", "set operators are `ForAllValues:`"),
        ({"Condition": {"NullIfExists": {}}}, "`NullIfExists` in statement 1 is no", "`Null` already asks"),
        ({"Condition": {"Qqqq": {}}}, "`Qqqq` in statement 1 is no condition operator", None),
        ({"Condition": {"Bool": "true"}}, "`Bool` in statement 1 holds text, not condition keys", None),
        ({"Condition": {"Bool": {"aws:x": None}}}, "a value of `aws:x` in statement 1 is null", None),
        ({"Condition": {"Bool": {"aws:x": [["true"]]}}}, "a value of `aws:x` in statement 1 is a list", None),
        ({"Condition": {"StringEquals": {"aws:x": float("nan")}}}, "is a number; it needs to be text", None),
    ],
)
def test_an_element_of_the_wrong_shape_is_refused(elements: dict[str, object], message: str, hint: str | None) -> None:
    policy = with_elements(**elements)
    fault = only_fault(policy)
    assert message in fault.message
    assert (hint or "") in (fault.hint or "")
    assert (fault.hint is None) == (hint is None)
    assert fault.code is FaultCode.MALFORMED


def test_every_fault_of_a_document_is_reported() -> None:
    statements = [{"Effekt": 1}, {**ALLOW, "Action": [1, "kms:*", None]}, {**ALLOW, "Principal": {"AWS": "x"}}]
    policy = parse_policy({"Statement": statements, "Version": 1, "X": 2}, type=PolicyType.KEY)
    assert [fault.path for fault in policy.faults] == [
        ("X",),
        ("Version",),
        ("Statement", 0, "Effekt"),
        ("Statement", 0),
        ("Statement", 0),
        ("Statement", 0),
        ("Statement", 0),
        ("Statement", 1, "Action", 0),
        ("Statement", 1, "Action", 2),
        ("Statement", 2, "Principal", "AWS"),
    ]


def test_an_unreadable_effect_or_operator_never_reads_as_if_it_were_fine() -> None:
    policy = with_elements(Effect="allow", Condition={"Foo": {"aws:x": "1"}})
    statement = policy.statements[0]
    assert isinstance(statement.effect, Unknown)
    assert statement.conditions == ()
    assert statement.unknown == (Unknown(("condition operator `Foo`, which does not exist",)),)


# What is not told


def test_an_open_document_or_list_may_hold_anything() -> None:
    assert parse_policy(OPEN).unknown == (OPEN,)
    assert parse_policy({"Statement": OPEN}).unknown == (OPEN,)
    assert parse_policy({"Statement": ALLOW, OPEN: 1}, type=PolicyType.KEY).unknown == (OPEN,)


def test_an_open_statement_may_say_anything() -> None:
    (statement,) = key_policy(OPEN).statements
    assert statement.effect is OPEN
    assert statement.principal is not None
    assert statement.principal.unknown == statement.action == statement.resource == statement.unknown == (OPEN,)
    (identity,) = parse_policy({"Statement": [OPEN]}).statements
    assert identity.principal is None
    (trust,) = parse_policy({"Statement": [OPEN]}, type=PolicyType.TRUST).statements
    assert trust.resource is None


@pytest.mark.parametrize("name", ["Effect", "Principal", "Action", "Resource", "Condition"])
def test_an_open_element_is_noted(name: str) -> None:
    policy = with_elements(**{name: OPEN})
    assert policy.faults == ()
    assert policy.statements[0].unknown == (OPEN,)


def test_open_parts_inside_an_element_stay_where_they_are() -> None:
    part = Unknown(("parameter `Role`",), ("arn:aws:iam::111111111111:role/", None))
    policy = with_elements(
        Sid=OPEN,
        Principal={"AWS": [part, OPEN], "Service": part, OPEN: "x"},
        Action=["kms:Get*", part],
        Resource=part,
        Condition={"StringEquals": {"aws:x": [OPEN, "a"], OPEN: "b"}, "Bool": OPEN, OPEN: {}},
    )
    statement = policy.statements[0]
    assert (policy.faults, statement.sid) == ((), OPEN)
    element = statement.principal
    assert element is not None
    assert (element.aws, element.service, element.unknown) == ((part,), (part,), (OPEN, OPEN))
    assert (statement.action, statement.resource) == (("kms:Get*", part), (part,))
    assert statement.conditions == (
        Condition("StringEquals", "aws:x", (OPEN, "a")),
        Condition("StringEquals", OPEN, ("b",)),
    )
    assert statement.unknown == (OPEN, OPEN)


def test_an_element_whose_name_is_open_is_noted() -> None:
    named: dict[object, object] = {OPEN: 1}
    named.update(ALLOW)
    assert key_policy(named).statements[0].unknown == (OPEN,)


def test_an_open_version_leaves_statements_with_variables_open() -> None:
    plain = {**ALLOW, "Sid": "plain"}
    variable = {**ALLOW, "Resource": "arn:aws:kms:*:*:key/${aws:username}"}
    condition = {**ALLOW, "Condition": {"StringEquals": {"aws:x": Unknown(("parameter `Q`",), ("a", None))}}}
    policy = key_policy(plain, variable, condition, Version=OPEN)
    assert [statement.unknown for statement in policy.statements] == [(), (OPEN,), (OPEN,)]
    assert policy.statements[1].effect is OPEN
    assert key_policy(plain, Id=OPEN).id == OPEN


# Hostile input


def test_ten_thousand_statements_are_read() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW] * 10_000})
    policy = parse_policy(text, type=PolicyType.KEY)
    assert (len(policy.statements), [fault.code for fault in policy.faults]) == (10_000, [FaultCode.TOO_LARGE])


@pytest.mark.parametrize("item", [5, {"Effekt": "Allow"}, {**ALLOW, "Condition": {"StringEqual": {"a": 1}}}])
def test_faults_beyond_measure_are_counted_and_not_listed(item: object) -> None:
    text = json.dumps({"Statement": [item] * 3_000})
    policy = parse_policy(text, type=PolicyType.KEY)
    assert len(policy.faults) <= MOST_FAULTS + 1
    assert policy.faults[-1].message.endswith("more faults are not listed")


def test_a_megabyte_in_one_text_is_read() -> None:
    for value in ("x" * 1_000_000, "*a" * 500_000, "${" * 500_000, "1" * 1_000_000):
        policy = with_elements(Sid=value, Resource=value, Condition={"StringLike": {"aws:x": value}})
        assert len(policy.statements) == 1
        assert max(len(fault.message) for fault in policy.faults) < 400


def test_cyclic_data_is_refused() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    assert refused(parse_policy({"Statement": cycle}, type=PolicyType.KEY)) == ["statement 1 is a list, not a mapping"]
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    assert len(refused(with_elements(Action=deep))) == 1


def test_huge_numbers_keep_their_digits() -> None:
    digits = "9" * 5000
    text = '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"NumericEquals": '
    policy = parse_policy(f'{text}{{"aws:x": {digits}}}}}}}}}')
    assert policy.faults == ()
    assert policy.statements[0].conditions[0].values == (digits,)
    assert "is a number" in refused(with_elements(Condition={"NumericEquals": {"aws:x": 10**5000}}))[0]


def test_lone_surrogates_do_no_harm() -> None:
    policy = parse_policy('{"Statement": {"Sid": "\\ud800", "Effect": "\\udfff"}}', type=PolicyType.KEY)
    assert all(fault.message.isprintable() for fault in policy.faults)
    assert parse_policy('{"Statement": "\ud800"}', type=PolicyType.KEY).malformed
    assert "U+D800" in refused(with_elements(Sid="\ud800"))[0]


_ANY = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["Allow", "*", "kms:*", ROOT, "2012-10-17", OPEN]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["Version", "Statement", "Effect", "Principal", "AWS", "Action", "Resource", "Condition"])
            | st.sampled_from(["Bool", "ForAllValues:ArnLike", "aws:x", "Sid", "NotAction", "Null", "IpAddress"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=10,
)


@given(_ANY, st.sampled_from([member for member in PolicyType if member is not PolicyType.GRANT]))
def test_whatever_is_given_is_read_or_refused(document: object, of_type: PolicyType) -> None:
    policy = parse_policy({"Statement": document}, type=of_type)
    kms_answer(policy)
    assert all("\n" not in fault.message for fault in policy.faults)
    try:
        text = json.dumps({"Statement": document}, allow_nan=False)
    except (TypeError, ValueError):
        return
    assert parse_policy(text, type=of_type).malformed == policy.malformed


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_whatever_bytes_are_given_are_read_or_refused(document: bytes | str) -> None:
    policy = parse_policy(document, type=PolicyType.KEY)
    assert policy.malformed
    assert all(fault.place is not None for fault in policy.faults)
