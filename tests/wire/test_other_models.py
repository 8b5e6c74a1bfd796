"""What no served service uses and others do: flattened lists and maps, names of their own, recursion, unions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sparekey.errors import ServiceError
from sparekey.wire import aws_json, aws_query, json_output, query_xml
from sparekey.wire.errors import MalformedInput, SerializationException
from sparekey.wire.forms import read_form
from sparekey.wire.messages import HttpRequest
from sparekey.wire.models import ServiceModel, load
from tests.wire.shapes import Values
from tests.wire.theirs import (
    Loader,
    TheirModel,
    create_parser,
    create_serializer,
    percent_encode_sequence,
    xform_name,
)

few = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

OTHERS = [
    ("sdb", "2009-04-15", "GetAttributes"),  # flattened lists under their elements' names
    ("sdb", "2009-04-15", "Select"),
    ("rds", "2014-10-31", "CreateDBCluster"),  # lists whose elements have names
    ("rds", "2014-10-31", "DescribeDBInstances"),
    ("sns", "2010-03-31", "Publish"),  # maps whose keys have names
    ("sns", "2010-03-31", "GetEndpointAttributes"),
    ("redshift", "2012-12-01", "DescribeClusters"),
]


def form_of(body: dict[str, Any]) -> dict[str, str]:
    return read_form(HttpRequest("POST", "/", "", {}, percent_encode_sequence(body).encode()))


@pytest.mark.parametrize(("service", "version", "operation"), OTHERS)
def test_requests_and_answers_of_other_query_services_round_trip(service: str, version: str, operation: str) -> None:
    model = load(service, version)
    theirs = TheirModel(Loader().load_service_model(service, "service-2", version), service)
    shapes = theirs.operation_model(operation)
    serializer = create_serializer("query", include_validation=False)
    parser = create_parser("query")
    each = model.operations[operation]
    assert each.input is not None
    assert each.output is not None
    read, write = aws_query.compile_input(model, operation, each.input), query_xml.compile_output(model, operation)

    @few
    @given(Values(model, inputs=True, xml=True).structure(model.shape(each.input)))
    def check_input(value: dict[str, Any]) -> None:
        body = serializer.serialize_to_request(dict(value), shapes)["body"]
        assert read(form_of(body)) == {xform_name(name): item for name, item in value.items()}

    @few
    @given(Values(model, inputs=False, xml=True).structure(model.shape(each.output)))
    def check_output(value: dict[str, Any]) -> None:
        answer = parser.parse({"status_code": 200, "headers": {}, "body": write(value, "r")}, shapes.output_shape)
        del answer["ResponseMetadata"]
        assert answer == value

    check_input()
    check_output()


SHAPES: dict[str, Any] = {
    "Text": {"type": "string"},
    "Number": {"type": "integer", "min": 1, "max": 9},
    "Flat": {"type": "list", "member": {"shape": "Text"}, "flattened": True},
    "FlatMap": {
        "type": "map",
        "flattened": True,
        "key": {"shape": "Text", "locationName": "Name"},
        "value": {"shape": "Text", "locationName": "Value"},
    },
    "NodeMap": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Node"}},
    "NodeList": {"type": "list", "member": {"shape": "Node"}},
    "Node": {
        "type": "structure",
        "required": ["Label"],
        "members": {
            "Label": {"shape": "Text", "locationName": "label"},
            "Size": {"shape": "Number"},
            "Sure": {"shape": "Sure"},
            "Below": {"shape": "NodeList"},
            "Named": {"shape": "NodeMap"},
            "Wide": {"shape": "Either"},
        },
    },
    "Either": {"type": "structure", "union": True, "members": {"One": {"shape": "Text"}, "Two": {"shape": "Text"}}},
    "Everything": {
        "type": "structure",
        "members": {
            "Tree": {"shape": "Node"},
            "Tags": {"shape": "Flat"},
            "Attributes": {"shape": "FlatMap"},
            "At": {"shape": "At"},
            "Weight": {"shape": "Weight"},
            "Key": {"shape": "Key"},
        },
    },
    "At": {"type": "timestamp"},
    "Sure": {"type": "boolean"},
    "Weight": {"type": "double", "min": 0.5},
    "Key": {"type": "blob", "max": 3},
    "Plain": {"type": "structure", "members": {}},
}


def made_up(protocol: str) -> dict[str, Any]:
    metadata = {"apiVersion": "2020-01-01", "protocol": protocol, "endpointPrefix": "x", "jsonVersion": "1.1"}
    metadata |= {"xmlNamespace": "urn:x", "targetPrefix": "X", "signatureVersion": "v4", "serviceId": "x"}
    put = {"name": "Put", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "Everything"}}
    put["output"] = {"shape": "Everything", **({"resultWrapper": "PutResult"} if protocol == "query" else {})}
    bare = {"name": "Bare", "http": {"method": "POST", "requestUri": "/"}, "output": {"shape": "Everything"}}
    return {"metadata": metadata, "operations": {"Put": put, "Bare": bare}, "shapes": SHAPES}


def test_a_made_up_query_service_round_trips() -> None:
    model = ServiceModel("made-up", made_up("query"))
    shapes = TheirModel(made_up("query"), "made-up").operation_model("Put")
    read, write = aws_query.compile_input(model, "Put", "Everything"), query_xml.compile_output(model, "Put")
    serializer = create_serializer("query", include_validation=False)
    parser = create_parser("query")

    @few
    @given(Values(model, inputs=True, xml=True).structure(model.shape("Everything")))
    def check(value: dict[str, Any]) -> None:
        body = serializer.serialize_to_request(dict(value), shapes)["body"]
        assert read(form_of(body)) == {xform_name(name): item for name, item in value.items()}

    @few
    @given(Values(model, inputs=False, xml=True).structure(model.shape("Everything")))
    def check_output(value: dict[str, Any]) -> None:
        answer = parser.parse({"status_code": 200, "headers": {}, "body": write(value, "r")}, shapes.output_shape)
        del answer["ResponseMetadata"]
        assert answer == value

    check()
    check_output()


def test_a_made_up_json_service_round_trips() -> None:
    model = ServiceModel("made-up", made_up("json"))
    shapes = TheirModel(made_up("json"), "made-up").operation_model("Put")
    read, write = aws_json.compile_input(model, "Put", "Everything"), json_output.compile_output(model, "Put")
    serializer = create_serializer("json", include_validation=False)
    parser = create_parser("json")

    @few
    @given(Values(model, inputs=True, xml=False).structure(model.shape("Everything")))
    def check(value: dict[str, Any]) -> None:
        body = serializer.serialize_to_request(dict(value), shapes)["body"]
        assert read(body) == {xform_name(name): item for name, item in value.items()}
        answer = parser.parse({"status_code": 200, "headers": {}, "body": write(value)}, shapes.output_shape)
        del answer["ResponseMetadata"]
        assert answer == value

    check()


def test_a_query_answer_without_a_result_wrapper_has_its_members_at_the_top() -> None:
    write = query_xml.compile_output(ServiceModel("made-up", made_up("query")), "Bare")
    assert write({"Tags": ["a", "b"]}, "r") == (
        b'<BareResponse xmlns="urn:x"><Tags>a</Tags><Tags>b</Tags>'
        b"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></BareResponse>"
    )


def test_an_operation_without_input_takes_no_parameters() -> None:
    query, in_json = ServiceModel("made-up", made_up("query")), ServiceModel("made-up", made_up("json"))
    assert aws_query.compile_input(query, "Bare", None)({"Action": "Bare", "Version": "2020-01-01"}) == {}
    assert aws_json.compile_input(in_json, "Bare", None)(b"{}") == {}
    with pytest.raises(ServiceError, match="the member Extra of made-up:Bare"):
        aws_query.compile_input(query, "Bare", None)({"Extra": "1"})


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"Tree.label": "a", "Tree.Wide.One": "1", "Tree.Wide.Two": "2"}, "exactly one member"),
        ({"Tree.label": "a", "Tree.Wide": ""}, None),
        ({"Attributes.1.Name": "a"}, "must have Name and Value"),
        ({"Attributes.1": "a"}, "must have Name and Value"),
        (
            {"Attributes.1.Name": "a", "Attributes.1.Value": "", "Attributes.2.Name": "a", "Attributes.2.Value": ""},
            "once",
        ),
        ({"Weight": "1e999"}, "'1e999' is not a valid double"),
        ({"Key": "***"}, "not a valid blob"),
        ({"At": "2026-13-01"}, "not a valid timestamp"),
        ({"Tree.label": "a", "Tree.label.b": "c"}, "has a value, and others below|is below one that has a value"),
        ({"Tree": "a"}, "Unexpected complex element termination"),
        ({"Weight.1": "a"}, "Start of list found where not expected"),
    ],
)
def test_malformed_parameters_are_refused(form: dict[str, str], message: str | None) -> None:
    read = aws_query.compile_input(ServiceModel("made-up", made_up("query")), "Put", "Everything")
    if message is None:
        assert read(form) == {"tree": {"Label": "a", "Wide": {}}}
        return
    with pytest.raises(MalformedInput, match=message):
        read(form)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"Tree":{"label":"a","Wide":{"One":"1","Two":"2"}}}', "Either must have exactly one member"),
        (b'{"Tree":{"label":1}}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"Tree":{"label":true}}', "TRUE_VALUE can not be converted to a String"),
        (b'{"Tree":{"label":"a","Size":false}}', "FALSE_VALUE can not be converted to an Integer"),
        (b'{"Tree":{"label":"a","Sure":1}}', "NUMBER_VALUE can not be converted to a Boolean"),
        (b'{"Tree":{"label":"a","Size":1.5}}', "NUMBER_VALUE can not be converted to an Integer"),
        (b'{"Tree":{"label":"a","Size":2147483648}}', "NUMBER_VALUE can not be converted to an Integer"),
        (b'{"Tree":"a"}', "STRING_VALUE can not be converted to a structure"),
        (b'{"Tree":[]}', "Start of list found where not expected"),
        (b'{"Tags":"a"}', "STRING_VALUE can not be converted to a list"),
        (b'{"Tags":{}}', "Start of structure or map found where not expected"),
        (b'{"Tags":[null]}', "NULL_VALUE can not be converted to a String"),
        (b'{"Attributes":[]}', "Start of list found where not expected"),
        (b'{"Weight":"1"}', "STRING_VALUE can not be converted to a Double"),
        (b'{"Weight":1e999}', "NUMBER_VALUE can not be converted to a Double"),
        (b'{"At":"yesterday"}', "STRING_VALUE can not be converted to a Timestamp"),
        (b'{"At":1e300}', "NUMBER_VALUE can not be converted to a Timestamp"),
        (b'{"Key":"***"}', "STRING_VALUE can not be converted to a Blob"),
        (b"[]", "Start of list found where not expected"),
        (b'"a"', ""),
        (b"{", ""),
        (b'{"Tree":1,"Tree":1}', ""),
        (b'{"Weight":NaN}', ""),
        (b'{"Tags":["\\ud800"]}', ""),
        (b'{"Tags":["\xff"]}', ""),
        (b'{"Tags":' + b"[" * 100_000 + b"]" * 100_000 + b"}", ""),
        (b'{"Weight":' + b"1" * 10_000 + b"}", ""),
    ],
)
def test_malformed_bodies_are_refused(body: bytes, message: str) -> None:
    read = aws_json.compile_input(ServiceModel("made-up", made_up("json")), "Put", "Everything")
    with pytest.raises(SerializationException) as refused:
        read(body)
    assert refused.value.message.startswith(message)
    assert bool(refused.value.message) == bool(message)


def test_a_flattened_list_that_is_empty_goes_by_its_own_name() -> None:
    read = aws_query.compile_input(load("sdb", "2009-04-15"), "GetAttributes", "GetAttributesRequest")
    given_form = {"DomainName": "a", "ItemName": "b"}
    assert read({**given_form, "AttributeNames": ""})["attribute_names"] == []
    with pytest.raises(MalformedInput, match="Unexpected list element termination"):
        read({**given_form, "AttributeNames": "c"})


def test_json_numbers_may_be_whole_in_any_spelling_and_times_may_be_texts() -> None:
    read = aws_json.compile_input(ServiceModel("made-up", made_up("json")), "Put", "Everything")
    assert read(b'{"Tree":{"label":"a","Size":2.0},"Tags":["\\u00e9"]}') == {
        "tree": {"Label": "a", "Size": 2},
        "tags": ["é"],
    }
    assert read(b'{"At":"2026-01-02T03:04:05Z"}') == read(b'{"At":1767323045}')


def test_a_null_member_is_absent_but_an_unknown_one_is_refused_all_the_same() -> None:
    read = aws_json.compile_input(ServiceModel("made-up", made_up("json")), "Put", "Everything")
    assert read(b'{"Tree":null,"__type":"x"}') == {}
    with pytest.raises(ServiceError, match="the member Extra of made-up:Put"):
        read(b'{"Extra":null}')
