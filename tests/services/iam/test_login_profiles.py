"""Login profiles and the password policies they are held to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.callers import caller_of
from sparekey.services.directory.credentials import LOGIN_PROFILES
from sparekey.services.directory.sessions import Session, SessionKind
from sparekey.storage.interface import Transaction
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, deny, refused

GOOD = "Correct-Horse7"


def with_user(**policy: object) -> TestAccount:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    if policy:
        account.root.iam.update_account_password_policy(**policy)
    return account


def with_password(*policies: str, password: str = GOOD) -> tuple[TestAccount, Client]:
    account = an_account()
    ann = account.signed_in("ann", *policies)
    account.root.iam.create_login_profile(user_name="ann", password=password)
    return account, ann


def test_a_password_is_made_shown_and_taken_away() -> None:
    account = with_user()
    shown = {"UserName": "ann", "CreateDate": START, "PasswordResetRequired": True}
    made = account.root.iam.create_login_profile(user_name="ann", password=GOOD, password_reset_required=True)
    assert made == {"LoginProfile": shown}
    assert account.root.iam.get_login_profile(user_name="ANN") == {"LoginProfile": shown}
    account.root.iam.delete_login_profile(user_name="ann")
    with refused("NoSuchEntityException", "Login Profile for User ann cannot be found."):
        account.root.iam.get_login_profile(user_name="ann")


def test_a_user_has_one_password() -> None:
    account = with_user()
    account.root.iam.create_login_profile(user_name="ann", password=GOOD)
    with refused("EntityAlreadyExistsException", "Login Profile for user ann already exists."):
        account.root.iam.create_login_profile(user_name="ann", password=GOOD)


def test_a_password_must_be_given() -> None:
    with refused("ValidationError"):
        with_user().root.iam.create_login_profile(user_name="ann")


def test_a_password_is_stored_neither_in_the_clear_nor_twice_alike() -> None:
    account = an_account()
    stored: list[bytes] = []
    for name in ("ann", "bob"):
        account.root.iam.create_user(user_name=name)
        account.root.iam.create_login_profile(user_name=name, password=GOOD)

    def read(records: Transaction) -> None:
        for _, profile in records.scan(LOGIN_PROFILES, ACCOUNT):
            stored.append(account.cloud.sealer.unseal(profile.password, "iam.login-password"))

    account.cloud.store.read(read)
    assert GOOD.encode() not in stored[0]
    assert stored[0] != stored[1]


def test_a_user_with_a_password_cannot_be_deleted() -> None:
    account = with_user()
    account.root.iam.create_login_profile(user_name="ann", password=GOOD)
    with refused("DeleteConflictException", "Cannot delete entity, must delete login profile first."):
        account.root.iam.delete_user(user_name="ann")


def test_a_password_follows_a_renamed_user() -> None:
    account = with_user()
    account.root.iam.create_login_profile(user_name="ann", password=GOOD)
    account.root.iam.update_user(user_name="ann", new_user_name="anna")
    assert account.root.iam.get_login_profile(user_name="anna")["LoginProfile"]["UserName"] == "anna"


@pytest.mark.parametrize("password", ["Sh0rt-!", "alllowercase", "lowercase7777", "12345678"])
def test_aws_default_wants_eight_characters_of_three_sorts(password: str) -> None:
    with refused("PasswordPolicyViolationException"):
        with_user().root.iam.create_login_profile(user_name="ann", password=password)


@pytest.mark.parametrize("password", ["Abcdef77", "abcde-77", "ABCDE-77", "Abcdef-!"])
def test_aws_default_takes_any_three_sorts(password: str) -> None:
    with_user().root.iam.create_login_profile(user_name="ann", password=password)


def test_aws_default_refuses_the_accounts_name() -> None:
    account = with_user()

    def name(records: Transaction) -> None:
        found = records.get(ACCOUNTS, ACCOUNT)
        assert found is not None
        records.put(ACCOUNTS, (ACCOUNT,), replace(found, name="Example-Corp1", email="root@Example1.com"))

    account.cloud.store.write(name)
    for password in ("example-corp1", "Root@example1.com"):
        with refused("PasswordPolicyViolationException"):
            account.root.iam.create_login_profile(user_name="ann", password=password)


@pytest.mark.parametrize(
    ("policy", "password", "message"),
    [
        ({"minimum_password_length": 12}, "Abc-7777777", "Password should have a minimum length of 12"),
        ({"require_uppercase_characters": True}, "abc-77", "Password should have at least one uppercase letter"),
        ({"require_lowercase_characters": True}, "ABC-77", "Password should have at least one lowercase letter"),
        ({"require_numbers": True}, "Abc-def", "Password should have at least one number"),
        ({"require_symbols": True}, "Abcdef7 ", "Password should have at least one symbol"),
    ],
)
def test_the_accounts_policy_says_what_a_password_must_have(
    policy: dict[str, object], password: str, message: str
) -> None:
    account = with_user(**policy)
    with refused("PasswordPolicyViolationException", message):
        account.root.iam.create_login_profile(user_name="ann", password=password)
    account.root.iam.create_login_profile(user_name="ann", password="Correct-Horse7")


def test_the_accounts_policy_replaces_aws_default() -> None:
    account = with_user(minimum_password_length=6)
    account.root.iam.create_login_profile(user_name="ann", password="aaaaaa")


def test_an_update_changes_the_password_or_asks_for_another() -> None:
    account, ann = with_password(allow("iam:ChangePassword"))
    account.root.iam.update_login_profile(user_name="ann", password="Battery-Staple8")
    with refused("AccessDenied", "The old password was incorrect."):
        ann.iam.change_password(old_password=GOOD, new_password="Third-Word9")
    account.root.iam.update_login_profile(user_name="ann", password_reset_required=True)
    assert account.root.iam.get_login_profile(user_name="ann")["LoginProfile"]["PasswordResetRequired"]
    ann.iam.change_password(old_password="Battery-Staple8", new_password="Third-Word9")
    assert not account.root.iam.get_login_profile(user_name="ann")["LoginProfile"]["PasswordResetRequired"]


def test_an_update_needs_a_password_to_change() -> None:
    with refused("NoSuchEntityException", "Login Profile for User ann cannot be found."):
        with_user().root.iam.update_login_profile(user_name="ann", password=GOOD)


def test_a_user_changes_its_own_password_with_permission_only() -> None:
    account, ann = with_password()
    with refused("AccessDenied"):
        ann.iam.change_password(old_password=GOOD, new_password="Third-Word9")
    permission = allow("iam:ChangePassword", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")
    account.root.iam.put_user_policy(user_name="ann", policy_name="own", policy_document=permission)
    ann.iam.change_password(old_password=GOOD, new_password="Third-Word9")


def test_the_account_may_let_all_users_change_their_passwords() -> None:
    account, ann = with_password()
    account.root.iam.update_account_password_policy(allow_users_to_change_password=True)
    ann.iam.change_password(old_password=GOOD, new_password="third-word")
    assert ann.iam.get_account_password_policy()["PasswordPolicy"]["AllowUsersToChangePassword"]


def test_a_deny_wins_over_what_the_account_lets_all_users_do() -> None:
    account, ann = with_password(deny(["iam:ChangePassword", "iam:GetAccountPasswordPolicy"]))
    account.root.iam.update_account_password_policy(allow_users_to_change_password=True)
    with refused("AccessDenied"):
        ann.iam.change_password(old_password=GOOD, new_password="third-word")
    with refused("AccessDenied"):
        ann.iam.get_account_password_policy()


def test_a_changed_password_is_held_to_the_policy_and_to_earlier_ones() -> None:
    account, ann = with_password(allow("iam:ChangePassword"))
    account.root.iam.update_account_password_policy(minimum_password_length=10, password_reuse_prevention=2)
    with refused("PasswordPolicyViolationException", "Password should have a minimum length of 10"):
        ann.iam.change_password(old_password=GOOD, new_password="short")
    with refused("PasswordPolicyViolationException"):
        ann.iam.change_password(old_password=GOOD, new_password=GOOD)
    ann.iam.change_password(old_password=GOOD, new_password="second-password")
    with refused("PasswordPolicyViolationException"):
        ann.iam.change_password(old_password="second-password", new_password=GOOD)
    ann.iam.change_password(old_password="second-password", new_password="third-password")
    ann.iam.change_password(old_password="third-password", new_password=GOOD)


def test_an_expired_password_can_be_changed_by_call_even_under_hard_expiry() -> None:
    account, ann = with_password(allow("iam:ChangePassword"))
    account.root.iam.update_account_password_policy(max_password_age=1, hard_expiry=True)
    account.later(days=2)
    ann.iam.change_password(old_password=GOOD, new_password="Third-Word9")


def test_only_users_change_their_own_passwords() -> None:
    with refused("InvalidUserTypeException"):
        an_account().root.iam.change_password(old_password=GOOD, new_password=GOOD)


def test_a_user_without_a_password_has_none_to_change() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:ChangePassword"))
    with refused("NoSuchEntityException"):
        ann.iam.change_password(old_password=GOOD, new_password=GOOD)


def assumed_root(account: TestAccount) -> Client:
    session = Session(
        SessionKind.ROOT,
        ACCOUNT,
        f"arn:aws:iam::{ACCOUNT}:root",
        ACCOUNT,
        "ASIAIOSFODNN7EXAMPLE",
        "secret",
        START,
        START.replace(year=2027),
        ACCOUNT,
        f"arn:aws:iam::{ACCOUNT}:root",
    )
    return Client(account, caller_of(session))


def test_an_assumed_root_session_lets_the_root_user_set_a_password_again() -> None:
    account = an_account()
    root = assumed_root(account)
    with refused("NoSuchEntityException"):
        root.iam.get_login_profile()
    with refused("ValidationError"):
        root.iam.create_login_profile(password=GOOD)
    assert root.iam.create_login_profile()["LoginProfile"]["UserName"] == "root"
    assert account.root.iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    root.iam.delete_login_profile()
    assert account.root.iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 0


def test_the_root_user_itself_makes_no_password_by_call() -> None:
    iam = an_account().root.iam
    for call in (lambda: iam.create_login_profile(password=GOOD), iam.get_login_profile, iam.delete_login_profile):
        with refused("ValidationError"):
            call()
