from __future__ import annotations

import pytest

from sparekey.errors import NotImplementedHere, ValidationError
from sparekey.wire.constraints import InvalidInputException, check_input
from sparekey.wire.models import ServiceModel
from tests.wire.requests import TARGETS, call, decoded, in_json
from tests.wire.test_other_models import made_up


def refusal(service: str, operation: str, body: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        decoded(in_json(f"{TARGETS[service]}.{operation}", body), service)
    return refused.value.message


def query_refusal(service: str, operation: str, **parameters: str) -> str:
    with pytest.raises(ValidationError) as refused:
        decoded(call(service, operation, parameters), service)
    return refused.value.message


def test_all_violations_are_gathered_in_the_order_of_the_model() -> None:
    assert refusal("kms", "TagResource", b'{"KeyId":"","Tags":[{"TagKey":"","TagValue":"a"},{"TagKey":"a"}]}') == (
        "3 validation errors detected: "
        "Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; "
        "Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; "
        "Value null at 'tags.2.member.tagValue' failed to satisfy constraint: Member must not be null"
    )


def test_what_is_missing_is_null() -> None:
    assert query_refusal("sts", "AssumeRole") == (
        "2 validation errors detected: "
        "Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
        "Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null"
    )


def test_what_texts_in_a_list_break_is_said_of_the_list() -> None:
    message = refusal("kms", "CreateGrant", b'{"KeyId":"a","GranteePrincipal":"b","Operations":["Encrypt","Fly"]}')
    assert message.startswith(
        "1 validation error detected: Value '[Encrypt, Fly]' at 'operations' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must satisfy enum value set: [Decrypt, Encrypt, "
    )
    grant = b'{"KeyId":"a","GranteePrincipal":"b","Operations":[],"GrantTokens":["",""]}'
    assert "Value '[, ]' at 'grantTokens' failed to satisfy constraint: Member must satisfy constraint: [" in refusal(
        "kms", "CreateGrant", grant
    )


def test_the_constraints_of_a_lists_elements_are_listed_greatest_length_first() -> None:
    message = query_refusal("iam", "GetContextKeysForCustomPolicy", **{"PolicyInputList.member.1": ""})
    assert message == (
        "1 validation error detected: Value at 'policyInputList' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must have length less than or equal to 131072, "
        "Member must have length greater than or equal to 1, "
        "Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+]"
    )


def test_a_list_that_is_too_long_is_not_shown_when_it_holds_structures() -> None:
    tags = {f"Tags.member.{number}.{part}": "a" for number in range(1, 52) for part in ("Key", "Value")}
    assert query_refusal("iam", "TagUser", UserName="a", **tags) == (
        "1 validation error detected: Value at 'tags' failed to satisfy constraint: "
        "Member must have length less than or equal to 50"
    )


def test_blobs_and_sensitive_members_are_not_shown() -> None:
    assert refusal("kms", "Encrypt", b'{"KeyId":"a","Plaintext":""}') == (
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )
    assert query_refusal(
        "sts", "AssumeRoleWithWebIdentity", RoleArn="a" * 20, RoleSessionName="ab", WebIdentityToken="a"
    ) == (
        "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: "
        "Member must have length greater than or equal to 4"
    )


def test_iam_has_sentences_of_its_own_for_names_and_paths() -> None:
    assert query_refusal("iam", "GetUser", UserName="a b") == (
        "The specified value for userName is invalid. "
        "It must contain only alphanumeric characters and/or the following: +=,.@_-"
    )
    assert query_refusal("iam", "CreateUser", UserName="a", Path="//").startswith("The specified value for path is ")
    assert query_refusal("iam", "ListUsers", PathPrefix="a").startswith(
        "The specified value for pathPrefix is invalid."
    )


def test_a_broken_length_is_named_before_iams_own_sentences() -> None:
    assert query_refusal("iam", "GetUser", UserName="") == (
        "1 validation error detected: Value at 'userName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )


@pytest.mark.parametrize("path", ["/", "/team/", "/a//b/"])
def test_good_paths(path: str) -> None:
    assert decoded(call("iam", "CreateUser", {"UserName": "a", "Path": path}), "iam")["path"] == path


@pytest.mark.parametrize("path", ["/team", "team/", "//", "/a b/", "/\x7f/", "/é/", "/a\n/", "/a/\n"])
def test_bad_paths(path: str) -> None:
    assert query_refusal("iam", "CreateUser", UserName="a", Path=path)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", "INPUT_REQUIRED"),
        (b'{"AccountId":"1"}', "INVALID_PATTERN"),
    ],
)
def test_organizations_says_it_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidInputException) as refused:
        decoded(in_json(f"{TARGETS['organizations']}.DescribeAccount", body), "organizations")
    assert refused.value.members == {"Reason": reason}
    assert refused.value.message.startswith("You ")


def test_the_length_of_a_text_counts_characters() -> None:
    value = "\U0001f511" * 256
    tags = b'{"KeyId":"a","Tags":[{"TagKey":"a","TagValue":"%s"}]}'
    assert decoded(in_json("TrentService.TagResource", tags % value.encode()), "kms")
    assert "256" in refusal("kms", "TagResource", tags % (value + "a").encode())


def test_numbers_have_a_least_and_a_greatest_value() -> None:
    assert "Value '0' at 'limit'" in refusal("kms", "ListKeys", b'{"Limit":0}')
    assert query_refusal("sts", "GetSessionToken", DurationSeconds="899") == (
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 900"
    )


def test_a_value_far_too_long_is_not_matched_against_its_pattern_besides() -> None:
    assert query_refusal("sts", "AssumeRole", RoleArn="a" * 20, RoleSessionName=":" * 5000).startswith(
        "1 validation error detected: "
    )


SHAPES = {
    "Short": {"type": "string", "min": 2, "max": 3, "pattern": "[a-z]+"},
    "Map": {"type": "map", "key": {"shape": "Short"}, "value": {"shape": "Short"}},
    "Part": {"type": "structure", "members": {"Name": {"shape": "Short"}, "Flag": {"shape": "Flag"}}},
    "Parts": {"type": "map", "key": {"shape": "Flag"}, "value": {"shape": "Part"}},
    "Free": {"type": "map", "key": {"shape": "Flag"}, "value": {"shape": "Nothing"}},
    "Lists": {"type": "list", "member": {"shape": "Shorts"}, "max": 1},
    "Shorts": {"type": "list", "member": {"shape": "Short"}, "max": 2},
    "Nothings": {"type": "list", "member": {"shape": "Nothing"}, "min": 1},
    "Nothing": {"type": "structure", "members": {"Flag": {"shape": "Flag"}}},
    "Flag": {"type": "boolean"},
    "Odd": {"type": "string", "pattern": "(?<=a)b"},
    "Everything": {
        "type": "structure",
        "members": {
            "Map": {"shape": "Map"},
            "Parts": {"shape": "Parts"},
            "Free": {"shape": "Free"},
            "Lists": {"shape": "Lists"},
            "Nothings": {"shape": "Nothings"},
            "ODD": {"shape": "Odd"},
        },
    },
}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Map": {"ab": "a", "abcd": "abc"}}, "2 validation errors detected: Value '{ab=a, abcd=abc}' at 'map' failed"),
        ({"Map": {"a": "ab"}}, "at 'map' failed to satisfy constraint: Map keys must satisfy constraint: [Member must"),
        ({"Map": {"ab": "A"}}, "Map value must satisfy constraint: [Member must have length less than or equal to 3, "),
        ({"Parts": {"k": {"Name": "ABC"}}}, "Value 'ABC' at 'parts.k.member.name' failed to satisfy constraint: "),
        ({"Lists": [["a"], ["ab", "bc", "cd"]]}, "3 validation errors detected: Value at 'lists' failed"),
        ({"Lists": [["a"]]}, "Value '[a]' at 'lists.1.member' failed to satisfy constraint: Member must satisfy "),
        ({"Nothings": []}, "Value at 'nothings' failed to satisfy constraint: Member must have length greater "),
        ({"Free": {"k": {"Flag": True}}, "Map": {"ab": "cd"}, "Nothings": [{}]}, None),
    ],
)
def test_maps_lists_of_lists_and_what_is_in_them(value: dict[str, object], message: str | None) -> None:
    model = ServiceModel("made-up", made_up("json") | {"shapes": SHAPES})
    check = check_input(model, model.shape("Everything"), {name: name for name in model.shape("Everything").members})
    if message is None:
        check(value)
        return
    with pytest.raises(ValidationError) as refused:
        check(value)
    assert message in refused.value.message


def test_a_member_whose_pattern_cannot_be_read_is_refused() -> None:
    model = ServiceModel("made-up", made_up("json") | {"shapes": SHAPES})
    check = check_input(model, model.shape("Everything"), {name: name for name in model.shape("Everything").members})
    with pytest.raises(NotImplementedHere, match="cannot check a pattern"):
        check({"ODD": "ab"})


def test_truth_values_print_as_java_prints_them() -> None:
    shapes = SHAPES | {"Part": {"type": "map", "key": {"shape": "Short"}, "value": {"shape": "Flag"}}}
    shapes["Everything"] = {"type": "structure", "members": {"Part": {"shape": "Part"}, "No": {"shape": "Flag"}}}
    model = ServiceModel("made-up", made_up("json") | {"shapes": shapes})
    check = check_input(model, model.shape("Everything"), {"Part": "part", "No": "no"})
    with pytest.raises(ValidationError, match=r"Value '\{a=true\}' at 'part'"):
        check({"part": {"a": True}})


def test_a_structure_without_constraints_is_taken_as_it_is() -> None:
    model = ServiceModel("made-up", made_up("json") | {"shapes": SHAPES})
    check_input(model, model.shape("Nothing"), {"Flag": "flag"})({"flag": False})
