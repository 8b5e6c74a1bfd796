"""Inline policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from tests.services.account import TestAccount, allow, an_account, refused

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


class Kind(NamedTuple):
    """One of the three kinds of entities with inline policies, under the name ``it``."""

    word: str
    size: int

    def call(self, account: TestAccount, verb: str, **parameters: object) -> Any:
        operation: Callable[..., Any] = getattr(account.root.iam, verb.format(self.word))
        return operation(**{f"{self.word}_name": "it"}, **parameters)


KINDS = [Kind("user", 2048), Kind("group", 5120), Kind("role", 10240)]


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    account.root.iam.create_user(user_name="it")
    account.root.iam.create_group(group_name="it")
    account.root.iam.create_role(role_name="it", assume_role_policy_document=TRUST)
    return account


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_is_put_shown_listed_and_deleted(account: TestAccount, kind: Kind) -> None:
    kind.call(account, "put_{}_policy", policy_name="p", policy_document=allow("s3:GetObject"))
    shown = kind.call(account, "get_{}_policy", policy_name="p")
    assert shown[f"{kind.word.capitalize()}Name"] == "it"
    assert shown["PolicyName"] == "p"
    assert unquote(shown["PolicyDocument"]) == allow("s3:GetObject")
    assert kind.call(account, "list_{}_policies") == {"PolicyNames": ["p"], "IsTruncated": False}
    kind.call(account, "delete_{}_policy", policy_name="p")
    assert kind.call(account, "list_{}_policies")["PolicyNames"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_another_spelling_overwrites_and_the_first_one_is_listed(account: TestAccount, kind: Kind) -> None:
    kind.call(account, "put_{}_policy", policy_name="Mixed", policy_document=allow("s3:GetObject"))
    kind.call(account, "put_{}_policy", policy_name="MIXED", policy_document=allow("s3:PutObject"))
    assert kind.call(account, "list_{}_policies")["PolicyNames"] == ["Mixed"]
    shown = kind.call(account, "get_{}_policy", policy_name="mixed")
    assert shown["PolicyName"] == "mixed"
    assert unquote(shown["PolicyDocument"]) == allow("s3:PutObject")
    kind.call(account, "delete_{}_policy", policy_name="mIXED")
    assert kind.call(account, "list_{}_policies")["PolicyNames"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_that_is_not_there_cannot_be_found(account: TestAccount, kind: Kind) -> None:
    sentence = f"The {kind.word} policy with name p cannot be found."
    for verb in ("get_{}_policy", "delete_{}_policy"):
        with refused("NoSuchEntityException", sentence):
            kind.call(account, verb, policy_name="p")


@pytest.mark.parametrize("kind", KINDS)
def test_all_inline_policies_together_have_so_many_characters_and_no_more(account: TestAccount, kind: Kind) -> None:
    empty = len("".join(allow("s3:GetObject", "arn:aws:s3:::").split()))
    half = allow("s3:GetObject", "arn:aws:s3:::" + (kind.size // 2 - empty) * "b")
    kind.call(account, "put_{}_policy", policy_name="a", policy_document=half)
    kind.call(account, "put_{}_policy", policy_name="b", policy_document=half.replace(" ", " \n\t "))
    with refused("LimitExceededException", f"Maximum policy size of {kind.size} bytes exceeded for {kind.word} it"):
        kind.call(account, "put_{}_policy", policy_name="b", policy_document=half.replace("bb", "bbb", 1))
    with refused("LimitExceededException"):
        kind.call(account, "put_{}_policy", policy_name="c", policy_document=allow("s3:*"))


@pytest.mark.parametrize("kind", KINDS)
def test_names_come_in_pages(account: TestAccount, kind: Kind) -> None:
    for name in "abc":
        kind.call(account, "put_{}_policy", policy_name=name, policy_document=allow("s3:*"))
    first = kind.call(account, "list_{}_policies", max_items=2)
    last = kind.call(account, "list_{}_policies", max_items=2, marker=first["Marker"])
    assert [*first["PolicyNames"], *last["PolicyNames"]] == ["a", "b", "c"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_that_is_no_json_is_refused(account: TestAccount, kind: Kind) -> None:
    with refused("MalformedPolicyDocumentException"):
        kind.call(account, "put_{}_policy", policy_name="p", policy_document="{not json}")


@pytest.mark.parametrize("kind", KINDS)
def test_an_entity_that_is_not_there_has_no_policies(account: TestAccount, kind: Kind) -> None:
    operation = getattr(account.root.iam, f"list_{kind.word}_policies")
    with refused("NoSuchEntityException", f"The {kind.word} with name gone cannot be found."):
        operation(**{f"{kind.word}_name": "gone"})


def test_percent_signs_in_a_document_survive(account: TestAccount) -> None:
    document = allow("s3:GetObject", "arn:aws:s3:::b/100%25%20~*-_.é")
    account.root.iam.put_user_policy(user_name="it", policy_name="p", policy_document=document)
    encoded = account.root.iam.get_user_policy(user_name="it", policy_name="p")["PolicyDocument"]
    assert unquote(encoded) == document
    assert "100%2525%2520~%2A-_." in encoded
