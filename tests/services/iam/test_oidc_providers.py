"""OpenID Connect providers."""

from __future__ import annotations

import pytest

from tests.services.account import ACCOUNT, START, TestAccount, allow, an_account, refused

URL = "https://token.actions.githubusercontent.com"
ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
THUMBPRINT = "6938FD4D98BAB03FAADB97B34396831E3780AEA1"


def with_provider(**parameters: object) -> TestAccount:
    account = an_account()
    given = {"url": URL, "client_id_list": ["sts.amazonaws.com"], **parameters}
    assert account.root.iam.create_open_id_connect_provider(**given)["OpenIDConnectProviderArn"] == ARN
    return account


def test_a_provider_is_made_and_read() -> None:
    account = with_provider(thumbprint_list=[THUMBPRINT], tags=[{"Key": "a", "Value": "1"}])
    assert account.root.iam.get_open_id_connect_provider(open_id_connect_provider_arn=ARN) == {
        "Url": "token.actions.githubusercontent.com",
        "ClientIDList": ["sts.amazonaws.com"],
        "ThumbprintList": [THUMBPRINT.lower()],
        "CreateDate": START,
        "Tags": [{"Key": "a", "Value": "1"}],
    }
    assert account.root.iam.list_open_id_connect_providers() == {"OpenIDConnectProviderList": [{"Arn": ARN}]}


def test_an_arn_keeps_the_path_of_the_url() -> None:
    made = an_account().root.iam.create_open_id_connect_provider(url="https://oidc.eks.amazonaws.com/id/EXAMPLE")
    assert made["OpenIDConnectProviderArn"].endswith(":oidc-provider/oidc.eks.amazonaws.com/id/EXAMPLE")


def test_a_url_is_given_once() -> None:
    account = with_provider()
    with refused("EntityAlreadyExistsException", f"Provider with url {URL} already exists."):
        account.root.iam.create_open_id_connect_provider(url=URL)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "example.com",
        "https://",
        "https://example.com:8443",
        "https://example.com:port",
        "https://example.com/?a=1",
        "https://example.com/#a",
        "https://user@example.com",
        "https://example.com/a b",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with refused("ValidationError", "Invalid Open ID Connect Provider URL"):
        an_account().root.iam.create_open_id_connect_provider(url=url)


def test_an_account_has_a_hundred_providers_at_most() -> None:
    account = an_account()
    for number in range(100):
        account.root.iam.create_open_id_connect_provider(url=f"https://example.com/{number}")
    with refused("LimitExceededException"):
        account.root.iam.create_open_id_connect_provider(url=URL)


def test_client_ids_are_added_and_removed_without_a_word() -> None:
    account = with_provider()
    for _ in range(2):
        account.root.iam.add_client_id_to_open_id_connect_provider(open_id_connect_provider_arn=ARN, client_id="app")

    def clients() -> list[str]:
        answer = account.root.iam.get_open_id_connect_provider(open_id_connect_provider_arn=ARN)
        listed: list[str] = answer["ClientIDList"]
        return listed

    assert clients() == ["sts.amazonaws.com", "app"]
    for _ in range(2):
        account.root.iam.remove_client_id_from_open_id_connect_provider(
            open_id_connect_provider_arn=ARN, client_id="app"
        )
    assert clients() == ["sts.amazonaws.com"]


def test_a_provider_has_a_hundred_client_ids_at_most() -> None:
    account = with_provider(client_id_list=[str(number) for number in range(100)])
    with refused("LimitExceededException"):
        account.root.iam.add_client_id_to_open_id_connect_provider(open_id_connect_provider_arn=ARN, client_id="app")


def test_thumbprints_are_replaced() -> None:
    account = with_provider(thumbprint_list=[THUMBPRINT])
    update = account.root.iam.update_open_id_connect_provider_thumbprint
    update(open_id_connect_provider_arn=ARN, thumbprint_list=["a" * 40, "b" * 40])
    shown = account.root.iam.get_open_id_connect_provider(open_id_connect_provider_arn=ARN)
    assert shown["ThumbprintList"] == ["a" * 40, "b" * 40]
    with refused("InvalidInputException", "Thumbprint list must contain fewer than 5 entries."):
        update(open_id_connect_provider_arn=ARN, thumbprint_list=["a" * 40] * 6)
    with refused("InvalidInputException"):
        update(open_id_connect_provider_arn=ARN, thumbprint_list=["x" * 40])


def test_deleting_a_provider_twice_does_not_matter() -> None:
    account = with_provider()
    for _ in range(2):
        account.root.iam.delete_open_id_connect_provider(open_id_connect_provider_arn=ARN)
    with refused("NoSuchEntityException", f"OpenIDConnect Provider not found for arn {ARN}"):
        account.root.iam.get_open_id_connect_provider(open_id_connect_provider_arn=ARN)


def test_an_arn_of_something_else_is_refused() -> None:
    account = an_account()
    for operation in (
        account.root.iam.get_open_id_connect_provider,
        account.root.iam.delete_open_id_connect_provider,
    ):
        with refused("InvalidInputException"):
            operation(open_id_connect_provider_arn=f"arn:aws:iam::{ACCOUNT}:user/idp")


def test_a_provider_of_another_account_is_not_found() -> None:
    account = with_provider()
    foreign = ARN.replace(ACCOUNT, "210987654321")
    with refused("NoSuchEntityException"):
        account.root.iam.get_open_id_connect_provider(open_id_connect_provider_arn=foreign)
    account.root.iam.delete_open_id_connect_provider(open_id_connect_provider_arn=foreign)
    account.root.iam.get_open_id_connect_provider(open_id_connect_provider_arn=ARN)


def test_tags_are_put_on_and_taken_off() -> None:
    account = with_provider()
    account.root.iam.tag_open_id_connect_provider(
        open_id_connect_provider_arn=ARN, tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    )
    account.root.iam.untag_open_id_connect_provider(open_id_connect_provider_arn=ARN, tag_keys=["b"])
    listed = account.root.iam.list_open_id_connect_provider_tags(open_id_connect_provider_arn=ARN)
    assert listed["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_provider_is_authorized_on_its_arn() -> None:
    ann = an_account().signed_in(
        "ann", allow("iam:CreateOpenIDConnectProvider", ARN, StringEquals={"aws:RequestTag/a": "1"})
    )
    with refused("AccessDenied"):
        ann.iam.create_open_id_connect_provider(url=URL)
    with refused("AccessDenied"):  # nor may it tag
        ann.iam.create_open_id_connect_provider(url=URL, tags=[{"Key": "a", "Value": "1"}])
