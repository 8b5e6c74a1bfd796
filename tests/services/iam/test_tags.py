"""Tags of users, roles, managed policies and instance profiles."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.services.account import ACCOUNT, TestAccount, allow, an_account, refused

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


class Kind(NamedTuple):
    """A kind of entities with tags, and how requests name the one that is there."""

    word: str
    named: dict[str, str]
    any_case: bool

    def tag(self, account: TestAccount, *tags: tuple[str, str]) -> None:
        getattr(account.root.iam, f"tag_{self.word}")(**self.named, tags=[{"Key": k, "Value": v} for k, v in tags])

    def untag(self, account: TestAccount, *keys: str) -> None:
        getattr(account.root.iam, f"untag_{self.word}")(**self.named, tag_keys=list(keys))

    def page(self, account: TestAccount, **parameters: object) -> Any:
        return getattr(account.root.iam, f"list_{self.word}_tags")(**self.named, **parameters)

    def tags(self, account: TestAccount) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.page(account)["Tags"]}


KINDS = [
    Kind("user", {"user_name": "it"}, any_case=True),
    Kind("role", {"role_name": "it"}, any_case=True),
    Kind("policy", {"policy_arn": f"arn:aws:iam::{ACCOUNT}:policy/it"}, any_case=False),
    Kind("instance_profile", {"instance_profile_name": "it"}, any_case=False),
]


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    account.root.iam.create_user(user_name="it")
    account.root.iam.create_role(role_name="it", assume_role_policy_document=TRUST)
    account.root.iam.create_policy(policy_name="it", policy_document=allow("s3:*"))
    account.root.iam.create_instance_profile(instance_profile_name="it")
    return account


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_added_changed_and_removed(account: TestAccount, kind: Kind) -> None:
    kind.tag(account, ("a", "1"), ("b", ""))
    kind.tag(account, ("a", "2"), ("c", "3"))
    assert kind.tags(account) == {"a": "2", "b": "", "c": "3"}
    kind.untag(account, "a", "never-there")
    assert kind.tags(account) == {"b": "", "c": "3"}


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_listed_by_key(account: TestAccount, kind: Kind) -> None:
    kind.tag(account, ("b", "1"), ("c", "2"), ("a", "3"))
    assert list(kind.tags(account)) == ["a", "b", "c"]


@pytest.mark.parametrize("kind", KINDS)
def test_whether_the_case_of_a_key_matters_depends_on_the_kind(account: TestAccount, kind: Kind) -> None:
    kind.tag(account, ("Department", "finance"))
    kind.tag(account, ("department", "hr"))
    both = {"Department": "finance", "department": "hr"}
    assert kind.tags(account) == ({"department": "hr"} if kind.any_case else both)
    kind.untag(account, "DEPARTMENT")
    assert kind.tags(account) == ({} if kind.any_case else both)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_stands_once_in_a_request(account: TestAccount, kind: Kind) -> None:
    with refused("InvalidInputException", "Duplicate tag keys found. Please note that Tag keys are case insensitive."):
        kind.tag(account, ("a", "1"), ("A" if kind.any_case else "a", "2"))


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_aws_are_reserved(account: TestAccount, kind: Kind) -> None:
    for key in ("aws:a", "AWS:a"):
        with refused("InvalidInputException"):
            kind.tag(account, (key, "1"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_entity_has_fifty_tags_at_most(account: TestAccount, kind: Kind) -> None:
    kind.tag(account, *((str(number), "") for number in range(50)))
    kind.tag(account, ("7", "again"))
    with refused("LimitExceededException", "The number of tags has reached the maximum limit."):
        kind.tag(account, ("one more", ""))


@pytest.mark.parametrize("kind", KINDS)
def test_tags_come_in_pages(account: TestAccount, kind: Kind) -> None:
    kind.tag(account, ("a", "1"), ("b" * 128, "2"), ("c", "3"))
    first = kind.page(account, max_items=2)
    assert len(first["Tags"]) == 2
    assert len(first["Marker"]) <= 320
    assert kind.page(account, max_items=2, marker=first["Marker"]) == {
        "Tags": [{"Key": "c", "Value": "3"}],
        "IsTruncated": False,
    }


def test_get_operations_show_the_tags(account: TestAccount) -> None:
    for kind in KINDS:
        kind.tag(account, ("a", "1"))
    iam, tags = account.root.iam, [{"Key": "a", "Value": "1"}]
    assert iam.get_user(user_name="it")["User"]["Tags"] == tags
    assert iam.get_role(role_name="it")["Role"]["Tags"] == tags
    assert iam.get_policy(policy_arn=KINDS[2].named["policy_arn"])["Policy"]["Tags"] == tags
    assert iam.get_instance_profile(instance_profile_name="it")["InstanceProfile"]["Tags"] == tags
