"""Credentials: what lets in, for how long, and what is left of it when what it is of is gone."""

from __future__ import annotations

import json

import pytest

from sparekey.cloud import Cloud, Credential
from sparekey.cloud._credentials import Credentials
from sparekey.services.directory.identities import USERS
from sparekey.storage.interface import Transaction
from sparekey.storage.memory import MemoryStore
from sparekey.storage.sealing import RootSealer
from tests.services.account import ACCOUNT, Client, Drawn, TestAccount, allow, an_account, refused
from tests.services.world import trust

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Worker"


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    make_role(account)
    return account


def make_role(account: TestAccount, principal: str = ACCOUNT) -> None:
    iam = account.root.iam
    iam.create_role(role_name="Worker", assume_role_policy_document=trust({"AWS": principal}))
    iam.put_role_policy(role_name="Worker", policy_name="p", policy_document=allow("*"))


def delete_role(account: TestAccount) -> None:
    account.root.iam.delete_role_policy(role_name="Worker", policy_name="p")
    account.root.iam.delete_role(role_name="Worker")


def delete_user(account: TestAccount, name: str) -> None:
    iam = account.root.iam
    for key in iam.list_access_keys(user_name=name)["AccessKeyMetadata"]:
        iam.delete_access_key(user_name=name, access_key_id=key["AccessKeyId"])
    for policy in iam.list_user_policies(user_name=name)["PolicyNames"]:
        iam.delete_user_policy(user_name=name, policy_name=policy)
    iam.delete_user(user_name=name)


def a_session(client: Client) -> dict[str, str]:
    return dict(client.sts.assume_role(role_arn=ROLE, role_session_name="session")["Credentials"])


def test_a_token_belongs_to_its_own_access_key(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:*"))
    role, own = a_session(ann), ann.sts.get_session_token()["Credentials"]
    long_term = str(ann.caller.access_key_id)
    for key, token in (
        (own["AccessKeyId"], role["SessionToken"]),
        (role["AccessKeyId"], own["SessionToken"]),
        (long_term, role["SessionToken"]),
        (role["AccessKeyId"], None),
        (role["AccessKeyId"], ""),
        (role["AccessKeyId"], role["SessionToken"].swapcase()),
        (role["AccessKeyId"], role["SessionToken"][:-8]),
        (role["AccessKeyId"], "\ud800"),
    ):
        with refused("InvalidClientTokenId"):
            account.with_key(key, token)


def test_a_deleted_roles_sessions_are_over_even_for_one_of_its_name(account: TestAccount) -> None:
    made = a_session(account.signed_in("ann", allow("sts:*")))
    held = account.with_session(made)
    held.iam.list_users()
    delete_role(account)
    for _ in range(2):
        with refused("InvalidClientTokenId"):
            account.with_session(made)
        with refused("AccessDenied"):  # a request that was let in a moment before
            held.iam.list_users()
        if not account.root.iam.list_roles()["Roles"]:
            make_role(account)


def test_a_deleted_users_sessions_are_over_even_for_one_of_its_name(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("*"))
    session = ann.sts.get_session_token()["Credentials"]
    federated = ann.sts.get_federation_token(name="fed", policy=allow("*"))["Credentials"]
    delete_user(account, "ann")
    account.signed_in("ann", allow("*"))
    for made in (session, federated):
        with refused("InvalidClientTokenId"):
            account.with_session(made)
    with refused("InvalidClientTokenId"):
        account.with_key(ann.caller.access_key_id)


def test_a_trust_policy_knows_its_user_by_more_than_the_name(account: TestAccount) -> None:
    delete_role(account)
    ann = account.signed_in("ann", allow("sts:AssumeRole"))
    make_role(account, ann.arn)
    account.root.iam.update_user(user_name="ann", new_user_name="anna", new_path="/new/")
    a_session(account.with_key(ann.caller.access_key_id))  # it follows the user
    stranger = account.signed_in("ann", allow("*"))
    with refused("AccessDenied"):
        a_session(stranger)
    delete_user(account, "anna")
    account.root.iam.create_user(user_name="anna", path="/new/")
    again = account.signed_in("anna", allow("*"), create=False)
    with refused("AccessDenied"):
        a_session(again)
    document = account.root.iam.get_role(role_name="Worker")["Role"]["AssumeRolePolicyDocument"]
    assert "AIDA" in document
    assert "user" not in document


def test_sessions_from_before_a_moment_can_be_revoked(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:*"))
    old = a_session(ann)
    account.later(seconds=10)
    moment = account.clock.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    condition = {"DateLessThan": {"aws:TokenIssueTime": moment}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    account.root.iam.put_role_policy(
        role_name="Worker",
        policy_name="AWSRevokeOlderSessions",
        policy_document=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    with refused("AccessDenied"):
        account.with_session(old).iam.list_users()
    account.with_session(a_session(ann)).iam.list_users()


def test_a_session_ends_when_the_clock_says_so(account: TestAccount) -> None:
    made = a_session(account.signed_in("ann", allow("sts:*")))
    account.later(seconds=3599)
    account.with_session(made)
    account.later(seconds=1)
    with refused("ExpiredToken"):
        account.with_session(made)


def test_another_server_does_not_know_a_token() -> None:
    account = an_account()
    made = account.root.sts.get_session_token()["Credentials"]
    for root_key, other_account in ((2, ACCOUNT), (1, "210987654321")):
        store = MemoryStore()
        cloud = Cloud(store, sealer=RootSealer(bytes([root_key]) * 32), clock=account.clock, entropy=Drawn())
        cloud.open_account(other_account)
        with refused("InvalidClientTokenId"):
            cloud.credential(made["AccessKeyId"], made["SessionToken"])


def test_no_session_outlives_a_wipe(account: TestAccount) -> None:
    sessions = [
        account.root.sts.get_session_token()["Credentials"],
        account.root.sts.get_federation_token(name="fed", policy=allow("*"))["Credentials"],
        a_session(account.signed_in("ann", allow("sts:*"))),
    ]
    account.later(seconds=1)
    account.cloud.store.wipe()
    account.root = account.with_key(account.cloud.open_account(ACCOUNT)[0])
    make_role(account)
    for made in sessions:
        with refused("InvalidClientTokenId"):
            account.with_session(made)


def test_a_key_of_a_user_that_is_not_there_lets_nobody_in(account: TestAccount) -> None:
    key = account.signed_in("ann").caller.access_key_id
    account.cloud.store.write(lambda records: records.delete(USERS, ACCOUNT, "ann"))
    with refused("InvalidClientTokenId"):
        account.with_key(key)


def test_more_credentials_than_are_remembered_let_in_all_the_same(account: TestAccount) -> None:
    credentials = Credentials(account.cloud.sealer, most=1)
    keys = [account.signed_in(name).caller.access_key_id for name in ("ann", "bob")]
    for key in (*keys, *keys):

        def find(records: Transaction, key: str = key) -> Credential:
            return credentials.find(records, key, None, account.clock.at)

        assert account.cloud.store.read(find).caller.access_key_id == key


def test_a_session_may_not_call_what_no_session_of_its_kind_may(account: TestAccount) -> None:
    session = account.with_session(account.signed_in("ann", allow("*")).sts.get_session_token()["Credentials"])
    with refused("InvalidClientTokenId"):
        session.iam.list_users()
