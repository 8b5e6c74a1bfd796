"""AssumeRole."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from sparekey.services.directory.accounts import ACCOUNTS
from tests.services.account import ACCOUNT, START, TestAccount, allow, an_account, deny, refused
from tests.services.sts.trusts import ROLES, a_role, in_role, trust

OTHER = "999999999999"


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def denial(who: str, action: str, arn: str) -> str:
    return f"User: {who} is not authorized to perform: {action} on resource: {arn}"


def test_a_role_that_trusts_the_user_itself_can_be_assumed_without_any_identity_based_policy(
    account: TestAccount,
) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "Deploy", trust(ann.arn), path="/team/")
    answer = ann.sts.assume_role(role_arn=role, role_session_name="one")
    role_id = account.root.iam.get_role(role_name="Deploy")["Role"]["RoleId"]
    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role_id}:one",
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/one",
    }
    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert len(credentials["AccessKeyId"]) == 20
    assert len(credentials["SecretAccessKey"]) == 40
    assert credentials["Expiration"] == START + timedelta(hours=1)
    assert "PackedPolicySize" not in answer
    assert "SourceIdentity" not in answer


def test_the_session_acts_as_the_role(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "Deploy", trust(ann.arn), allow("iam:ListUsers"))
    session = in_role(ann, role)
    assert session.sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/session"
    assert len(session.iam.list_users()["Users"]) == 1
    with refused("AccessDenied"):
        session.iam.list_roles()


def test_a_trust_policy_that_names_the_account_leaves_it_to_identity_based_policies(account: TestAccount) -> None:
    role = a_role(account, "Deploy", trust(ACCOUNT))
    ann, bob = account.signed_in("ann", allow("sts:AssumeRole", role)), account.signed_in("bob")
    in_role(ann, role)
    with refused("AccessDenied", denial(bob.arn, "sts:AssumeRole", role)):
        in_role(bob, role)


def test_a_role_that_does_not_exist_is_refused_like_one_that_does_not_trust(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:*"))
    a_role(account, "Closed", trust(f"arn:aws:iam::{ACCOUNT}:root", "sts:TagSession"), path="/team/")
    for name in ("Closed", "team/Closed", "Missing"):
        with refused("AccessDenied", denial(ann.arn, "sts:AssumeRole", f"{ROLES}{name}")):
            in_role(ann, f"{ROLES}{name}")


def test_an_explicit_deny_wins(account: TestAccount) -> None:
    ann = account.signed_in("ann", deny("sts:AssumeRole"))
    role = a_role(account, "Deploy", trust(ann.arn))
    with refused("AccessDenied") as caught:
        in_role(ann, role)
    assert caught.value.message.endswith("with an explicit deny in an identity-based policy")


def test_across_accounts_both_sides_must_allow(account: TestAccount) -> None:
    root = account.root_of(OTHER)
    root.iam.create_user(user_name="eve")
    key = root.iam.create_access_key(user_name="eve")["AccessKey"]
    eve = account.with_key(key["AccessKeyId"])
    role = a_role(account, "Shared", trust(eve.arn))
    with refused("AccessDenied", denial(eve.arn, "sts:AssumeRole", role)):
        in_role(eve, role)
    root.iam.put_user_policy(user_name="eve", policy_name="p", policy_document=allow("sts:AssumeRole", role))
    session = in_role(eve, role)
    assert session.caller.account == ACCOUNT
    assert account.cloud.store.read(lambda records: records.get(ACCOUNTS, OTHER)) is not None


def test_the_root_user_may_not_assume_roles(account: TestAccount) -> None:
    role = a_role(account, "Deploy", trust(ACCOUNT))
    with refused("AccessDenied", "Roles may not be assumed by root accounts."):
        in_role(account.root, role)


@pytest.mark.parametrize(
    "arn",
    [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
    ],
)
def test_what_is_no_arn_is_invalid(account: TestAccount, arn: str) -> None:
    ann = account.signed_in("ann", allow("sts:*"))
    with refused("ValidationError", f"{arn} is invalid"):
        in_role(ann, arn)


@pytest.mark.parametrize(
    ("key", "value", "given"),
    [
        ("sts:ExternalId", "secret-1", {"external_id": "secret-1"}),
        ("sts:RoleSessionName", "session", {}),
        ("iam:ResourceTag/team", "red", {}),
        ("aws:ResourceTag/team", "red", {}),
    ],
)
def test_the_trust_policy_sees_what_the_request_says(
    account: TestAccount, key: str, value: str, given: dict[str, Any]
) -> None:
    ann = account.signed_in("ann")
    tags = [{"Key": "team", "Value": "red"}]
    role = a_role(account, "Right", trust(ann.arn, StringEquals={key: value}), tags=tags)
    wrong = a_role(account, "Wrong", trust(ann.arn, StringEquals={key: "other"}), tags=tags)
    in_role(ann, role, **given)
    with refused("AccessDenied"):
        in_role(ann, wrong, **given)


def test_a_session_lasts_no_longer_than_the_role_lets(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "Deploy", trust(ann.arn), max_session_duration=7200)
    answer = ann.sts.assume_role(role_arn=role, role_session_name="one", duration_seconds=7200)
    assert answer["Credentials"]["Expiration"] == START + timedelta(hours=2)
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    with refused("ValidationError", message):
        in_role(ann, role, duration_seconds=7201)


def test_a_session_ends_by_the_clock(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "Deploy", trust(ann.arn))
    credentials = ann.sts.assume_role(role_arn=role, role_session_name="one", duration_seconds=900)["Credentials"]
    account.later(seconds=899)
    account.with_session(credentials)
    account.later(seconds=1)
    with refused("ExpiredToken", "The security token included in the request is expired"):
        account.with_session(credentials)


def a_chain(account: TestAccount, **first: Any) -> tuple[Any, str]:
    """A session of a first role, and a second role that trusts it, for tags and source identities too."""
    ann = account.signed_in("ann")
    passing = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
    one = a_role(account, "One", trust(ann.arn, *passing), allow(list(passing)))
    two = a_role(account, "Two", trust(one, *passing), max_session_duration=43200)
    return in_role(ann, one, **first), two


def test_a_chained_session_lasts_an_hour_at_most(account: TestAccount) -> None:
    session, two = a_chain(account)
    in_role(session, two, duration_seconds=3600)
    message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    with refused("ValidationError", message):
        in_role(session, two, duration_seconds=3601)


def test_a_user_s_own_session_is_held_to_an_hour_too(account: TestAccount) -> None:
    """https://github.com/mmmorris1975/aws-runas/issues/11"""
    ann = account.signed_in("ann")
    role = a_role(account, "Deploy", trust(ann.arn), max_session_duration=7200)
    session = account.with_session(ann.sts.get_session_token()["Credentials"])
    in_role(session, role, duration_seconds=3600)
    with refused("ValidationError") as caught:
        in_role(session, role, duration_seconds=7200)
    assert "role chaining" in caught.value.message


def test_session_tags_need_a_permission_of_their_own(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:*"))
    plain = a_role(account, "Plain", trust(ann.arn))
    tagging = a_role(account, "Tagging", trust(ann.arn, "sts:AssumeRole", "sts:TagSession"))
    tags = [{"Key": "team", "Value": "red"}]
    with refused("AccessDenied", denial(ann.arn, "sts:TagSession", plain)):
        in_role(ann, plain, tags=tags)
    answer = ann.sts.assume_role(role_arn=tagging, role_session_name="one", tags=tags)
    assert answer["PackedPolicySize"] == 1
    session = account.with_session(answer["Credentials"]).caller.session
    assert session is not None
    assert session.tags == {"team": "red"}


def test_the_trust_policy_sees_the_tags_of_the_request(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    condition = {"aws:RequestTag/team": "red"}
    keys = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"], "sts:TransitiveTagKeys": ["team"]}}
    role = a_role(account, "R", trust(ann.arn, "sts:AssumeRole", "sts:TagSession", StringEquals=condition, **keys))
    red, blue = {"Key": "team", "Value": "red"}, {"Key": "team", "Value": "blue"}
    in_role(ann, role, tags=[red], transitive_tag_keys=["team"])
    for tags in ([blue], [red, {"Key": "more", "Value": "x"}]):
        with refused("AccessDenied"):
            in_role(ann, role, tags=tags)


def test_a_session_tag_wins_over_the_role_s_tag(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    red = {"aws:PrincipalTag/team": "red"}
    role = a_role(
        account,
        "R",
        trust(ann.arn, "sts:AssumeRole", "sts:TagSession"),
        allow("iam:ListUsers", StringEquals=red),
        tags=[{"Key": "Team", "Value": "blue"}],
    )
    in_role(ann, role, tags=[{"Key": "team", "Value": "red"}]).iam.list_users()
    with refused("AccessDenied"):
        in_role(ann, role).iam.list_users()


def test_transitive_tags_go_on_in_a_chain(account: TestAccount) -> None:
    tags = [{"Key": "star", "Value": "1"}, {"Key": "moon", "Value": "1"}]
    session, two = a_chain(account, tags=tags, transitive_tag_keys=["star"])
    further = in_role(session, two, tags=[{"Key": "sun", "Value": "2"}]).caller.session
    assert further is not None
    assert further.tags == {"star": "1", "sun": "2"}
    assert further.transitive == ("star",)


def test_handing_tags_on_needs_the_permission_to_tag(account: TestAccount) -> None:
    session, _ = a_chain(account, tags=[{"Key": "star", "Value": "1"}], transitive_tag_keys=["star"])
    three = a_role(account, "Three", trust(f"{ROLES}One"))
    with refused("AccessDenied", denial(session.arn, "sts:TagSession", three)):
        in_role(session, three)


@pytest.mark.parametrize(
    ("tags", "transitive", "message"),
    [
        (["a", "A"], [], "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
        (["a"], ["b"], "The specified transitive tag key must be included in the requested tags."),
        (["aws:a"], [], "Tag keys that begin with aws: are reserved for AWS."),
        (
            ["STAR"],
            ["STAR"],
            (
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
                "from the calling session."
            ),
        ),
    ],
)
def test_tags_that_do_not_go_together_are_refused(
    account: TestAccount, tags: list[str], transitive: list[str], message: str
) -> None:
    session, two = a_chain(account, tags=[{"Key": "star", "Value": "1"}], transitive_tag_keys=["star"])
    with refused("InvalidParameterValue", message):
        in_role(session, two, tags=[{"Key": key, "Value": "x"} for key in tags], transitive_tag_keys=transitive)


def test_a_transitive_key_may_be_written_in_another_case(account: TestAccount) -> None:
    session, _ = a_chain(account, tags=[{"Key": "Star", "Value": "1"}], transitive_tag_keys=["STAR"])
    assert session.caller.session.transitive == ("Star",)


def test_a_source_identity_needs_a_permission_of_its_own(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:*"))
    plain = a_role(account, "Plain", trust(ann.arn))
    setting = a_role(account, "Setting", trust(ann.arn, "sts:AssumeRole", "sts:SetSourceIdentity"))
    with refused("AccessDenied", denial(ann.arn, "sts:SetSourceIdentity", plain)):
        in_role(ann, plain, source_identity="ann")
    answer = ann.sts.assume_role(role_arn=setting, role_session_name="one", source_identity="ann")
    assert answer["SourceIdentity"] == "ann"


def test_a_source_identity_stays_in_a_chain_and_cannot_be_changed(account: TestAccount) -> None:
    session, two = a_chain(account, source_identity="ann")
    further = in_role(session, two).caller.session
    assert further is not None
    assert further.source_identity == "ann"
    in_role(session, two, source_identity="ann")
    with refused("AccessDenied", denial(session.arn, "sts:SetSourceIdentity", two)):
        in_role(session, two, source_identity="bob")


def test_the_trust_policy_sees_both_source_identities_of_a_chain(account: TestAccount) -> None:
    session, _ = a_chain(account, source_identity="ann")
    both = {"aws:SourceIdentity": "ann", "sts:SourceIdentity": "ann"}
    three = a_role(account, "Three", trust(f"{ROLES}One", "sts:AssumeRole", "sts:SetSourceIdentity", StringEquals=both))
    in_role(session, three)


def test_session_policies_limit_the_session(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "R", trust(ann.arn), allow("iam:List*"))
    answer = ann.sts.assume_role(role_arn=role, role_session_name="s", policy=allow("iam:ListUsers"))
    assert answer["PackedPolicySize"] == 5
    session = account.with_session(answer["Credentials"])
    session.iam.list_users()
    with refused("AccessDenied") as caught:
        session.iam.list_roles()
    assert caught.value.message.endswith("because no session policy allows the iam:ListRoles action")


def test_managed_session_policies_are_what_they_are_when_the_session_acts(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "R", trust(ann.arn), allow("iam:List*"))
    policy = account.root.iam.create_policy(policy_name="p", policy_document=allow("iam:List*"))["Policy"]["Arn"]
    session = in_role(ann, role, policy_arns=[{"arn": policy}])
    session.iam.list_users()
    account.root.iam.create_policy_version(
        policy_arn=policy, policy_document=deny("iam:ListUsers"), set_as_default=True
    )
    with refused("AccessDenied"):
        session.iam.list_users()


def test_a_session_of_a_deleted_role_is_no_good(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "R", trust(ann.arn))
    credentials = ann.sts.assume_role(role_arn=role, role_session_name="s")["Credentials"]
    account.root.iam.delete_role(role_name="R")
    with refused("InvalidClientTokenId"):
        account.with_session(credentials)


def test_the_token_is_at_least_as_large_as_asked(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "R", trust(ann.arn))
    answer = ann.sts.assume_role(role_arn=role, role_session_name="s", minimum_session_token_size=2048)
    size = len(answer["Credentials"]["SessionToken"])
    assert 2048 <= size <= 2060
    assert answer["SessionTokenSize"] == size
    assert answer["SessionTokenUtilization"] == 51
    assert account.with_session(answer["Credentials"]).caller.session


def test_assume_role_shows_in_the_record(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "R", trust(ann.arn))
    in_role(ann, role)
    account.cloud.store.flush()
    events = account.root.cloudtrail.lookup_events()["Events"]
    assert any(json.loads(event["CloudTrailEvent"])["eventName"] == "AssumeRole" for event in events)
