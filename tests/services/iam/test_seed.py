"""Loading snapshots of accounts."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.errors import InputError
from sparekey.services.iam.seed import Seeded, load_details
from sparekey.snapshot import read_snapshot
from tests.services.account import ACCOUNT, START, TestAccount, allow, an_account, refused

SNAPSHOTS = Path(__file__).parents[3] / "corpus" / "snapshots"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
EC2 = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


def seeded(account: TestAccount, *pages: object) -> Seeded:
    return account.cloud.store.write(lambda records: load_details(records, pages, now=START))


def details(account: TestAccount, account_id: str = ACCOUNT, **parameters: object) -> dict[str, Any]:
    shown = account.root_of(account_id).iam.get_account_authorization_details(max_items=1000, **parameters)
    assert not shown["IsTruncated"]
    return dict(shown)


def as_printed(value: object) -> Any:
    """An answer as JSON, the way ``aws`` prints it: times as text."""
    return json.loads(json.dumps(value, default=lambda each: each.isoformat()))


def decoded(value: object) -> object:
    """An answer with its documents as objects, the way botocore decodes them."""
    if isinstance(value, list):
        return [decoded(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _document(key, each) for key, each in value.items()}
    return value


def _document(key: str, value: object) -> object:
    return json.loads(unquote(value)) if key.endswith("Document") and isinstance(value, str) else decoded(value)


def an_interesting_account() -> TestAccount:
    account = an_account()
    iam = account.root.iam
    policy = iam.create_policy(policy_name="P", path="/p/", policy_document=allow("s3:*"), description="d")
    arn = policy["Policy"]["Arn"]
    account.later(days=1)
    iam.create_policy_version(policy_arn=arn, policy_document=allow("s3:Get*"), set_as_default=True)
    iam.create_policy_version(policy_arn=arn, policy_document=allow("s3:Put*"))
    iam.delete_policy_version(policy_arn=arn, version_id="v1")
    iam.create_group(group_name="G", path="/team/")
    iam.attach_group_policy(group_name="G", policy_arn=READ_ONLY)
    iam.create_user(user_name="Ann", path="/team/", tags=[{"Key": "a", "Value": "b"}], permissions_boundary=arn)
    iam.put_user_policy(user_name="Ann", policy_name="in", policy_document=allow("s3:List*", "arn:aws:s3:::100%25"))
    iam.add_user_to_group(group_name="G", user_name="Ann")
    trust = EC2.replace('"Service":"ec2.amazonaws.com"', f'"AWS":"arn:aws:iam::{ACCOUNT}:user/team/Ann"')
    iam.create_role(role_name="R", assume_role_policy_document=trust, tags=[{"Key": "c", "Value": ""}])
    iam.attach_role_policy(role_name="R", policy_arn=arn)
    iam.create_instance_profile(instance_profile_name="I", path="/i/")
    iam.add_role_to_instance_profile(instance_profile_name="I", role_name="R")
    iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")
    return account


@pytest.mark.parametrize("form", [as_printed, decoded, lambda value: as_printed(decoded(value)), copy.copy])
def test_what_the_server_answers_loads_and_comes_back_the_same(form: Callable[[object], object]) -> None:
    before = details(an_interesting_account())
    account = an_account()
    assert seeded(account, form(before)) == Seeded((ACCOUNT,))
    assert decoded(details(account)) == decoded(before)


def test_pages_load_together() -> None:
    source, account = an_interesting_account(), an_account()
    pages, marker = [], None
    while True:
        page = source.root.iam.get_account_authorization_details(max_items=2, marker=marker)
        pages.append(page)
        if not page["IsTruncated"]:
            break
        marker = page["Marker"]
    seeded(account, pages)
    assert details(account) == details(source)


def test_a_loaded_account_works_on() -> None:
    source, account = an_interesting_account(), an_account()
    seeded(account, details(source))
    iam = account.root.iam
    account.signed_in("Ann", create=False)
    policy = f"arn:aws:iam::{ACCOUNT}:policy/p/P"
    assert iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:*"))["PolicyVersion"][
        "VersionId"
    ] == ("v4")
    shown = iam.get_policy(policy_arn=policy)["Policy"]
    assert (shown["AttachmentCount"], shown["PermissionsBoundaryUsageCount"]) == (1, 1)
    with refused("DeleteConflictException"):
        iam.delete_group(group_name="g")
    with refused("DeleteConflictException"):
        iam.delete_role(role_name="R")
    with refused("UnmodifiableEntityException"):
        iam.delete_role(role_name="AWSServiceRoleForECS")
    iam.update_user(user_name="Ann", new_user_name="Bob")
    assert f"{ACCOUNT}%3Auser%2Fteam%2FBob" in iam.get_role(role_name="R")["Role"]["AssumeRolePolicyDocument"]
    assert [user["UserName"] for user in iam.get_group(group_name="G")["Users"]] == ["Bob"]


def test_tallies_count_what_was_loaded() -> None:
    account = an_account(Users=1, Roles=2, Groups=1, Policies=1, InstanceProfiles=1)
    seeded(account, details(an_interesting_account()))
    iam = account.root.iam
    fulls: list[Callable[[], object]] = [
        lambda: iam.create_user(user_name="x"),
        lambda: iam.create_group(group_name="x"),
        lambda: iam.create_role(role_name="x", assume_role_policy_document=EC2),
        lambda: iam.create_policy(policy_name="x", policy_document=allow("s3:*")),
        lambda: iam.create_instance_profile(instance_profile_name="x"),
    ]
    for full in fulls:
        with refused("LimitExceededException"):
            full()


def test_loading_again_changes_nothing() -> None:
    source, account = details(an_interesting_account()), an_account()
    seeded(account, source)
    account.root.iam.update_user(user_name="Ann", new_user_name="Bob")
    account.root.iam.delete_user_policy(user_name="Bob", policy_name="in")
    now = details(account)
    assert seeded(account, source) == Seeded((ACCOUNT,))
    assert details(account) == now


def test_several_accounts_load_at_once() -> None:
    account = an_account()
    pages = [json.loads((SNAPSHOTS / name).read_text("utf-8")) for name in ("shop.json", "payments-encoded.json")]
    assert seeded(account, *pages).accounts == ("111122223333", "444455556666")
    assert details(account, "111122223333")["RoleDetailList"]
    assert details(account, "444455556666")["RoleDetailList"]
    assert details(account)["RoleDetailList"] == []


@pytest.mark.parametrize("names", [["shop.json"], ["payments-encoded.json"], ["ledger-1.json", "ledger-2.json"]])
def test_a_snapshot_keeps_ids_arns_dates_and_documents(names: list[str]) -> None:
    account = an_account()
    pages = [json.loads((SNAPSHOTS / name).read_text("utf-8")) for name in names]
    (account_id,) = seeded(account, *pages).accounts
    shown = as_printed(decoded(details(account, account_id)))
    again = an_account()
    seeded(again, shown)
    assert as_printed(decoded(details(again, account_id))) == shown
    for page in pages:
        for role in page.get("RoleDetailList", ()):
            loaded = next(each for each in shown["RoleDetailList"] if each["Arn"] == role["Arn"])
            assert loaded["RoleId"] == role["RoleId"]
            assert datetime.fromisoformat(loaded["CreateDate"]) == datetime.fromisoformat(role["CreateDate"])


def test_what_the_server_answers_is_a_snapshot_for_checks() -> None:
    snapshot = read_snapshot([("details.json", json.dumps(as_printed(details(an_interesting_account()))).encode())])
    assert snapshot.complete == {ACCOUNT}
    user = snapshot.identities[f"arn:aws:iam::{ACCOUNT}:user/team/Ann"]
    assert len(user.policies) == 2
    assert user.boundary is not None
    assert snapshot.role_named(ACCOUNT, "R") is not None


SMALL: dict[str, Any] = {
    "UserDetailList": [
        {
            "UserName": "ann",
            "Path": "/",
            "UserId": "AIDAAAAAAAAAAAAAAAAAA",
            "Arn": f"arn:aws:iam::{ACCOUNT}:user/ann",
            "CreateDate": "2024-01-01T00:00:00Z",
            "GroupList": ["g"],
            "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/p"}],
        }
    ],
    "GroupDetailList": [
        {
            "GroupName": "g",
            "Path": "/",
            "GroupId": "AGPAAAAAAAAAAAAAAAAAA",
            "Arn": f"arn:aws:iam::{ACCOUNT}:group/g",
            "CreateDate": "2024-01-01T00:00:00+00:00",
        }
    ],
    "RoleDetailList": [
        {
            "RoleName": "r",
            "Path": "/",
            "RoleId": "AROAAAAAAAAAAAAAAAAAA",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/r",
            "CreateDate": "2024-01-01T00:00:00",
            "AssumeRolePolicyDocument": json.loads(EC2),
            "RoleLastUsed": {"LastUsedDate": "2026-10-01T00:00:00Z", "Region": "eu-central-1"},
            "InstanceProfileList": [
                {
                    "InstanceProfileName": "i",
                    "Path": "/",
                    "InstanceProfileId": "AIPAAAAAAAAAAAAAAAAAA",
                    "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/i",
                    "CreateDate": "2024-01-01T00:00:00Z",
                    "Roles": [{"RoleName": "r"}],
                }
            ],
        }
    ],
    "Policies": [
        {
            "PolicyName": "p",
            "Path": "/",
            "PolicyId": "ANPAAAAAAAAAAAAAAAAAA",
            "Arn": f"arn:aws:iam::{ACCOUNT}:policy/p",
            "DefaultVersionId": "v1",
            "CreateDate": "2024-01-01T00:00:00Z",
            "UpdateDate": "2024-01-01T00:00:00Z",
            "PolicyVersionList": [
                {"VersionId": "v1", "CreateDate": "2024-01-01T00:00:00Z", "Document": json.loads(EC2)}
            ],
        },
        {"PolicyName": "ReadOnlyAccess", "Arn": READ_ONLY},
    ],
}


def test_a_role_keeps_when_it_was_last_used() -> None:
    account = an_account()
    seeded(account, SMALL)
    used = account.root.iam.get_role(role_name="r")["Role"]["RoleLastUsed"]
    assert used == {"LastUsedDate": datetime(2026, 10, 1, tzinfo=UTC), "Region": "eu-central-1"}


def test_the_same_entry_may_come_twice() -> None:
    account = an_account()
    seeded(account, SMALL, SMALL)
    assert len(details(account)["UserDetailList"]) == 1


def _at(document: Any, path: tuple[object, ...]) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


USER, ROLE, POLICY = ("UserDetailList", 0), ("RoleDetailList", 0), ("Policies", 0)
GONE = object()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((*USER, "UserId"), GONE, f"`arn:aws:iam::{ACCOUNT}:user/ann`: `UserId` is missing"),
        ((*USER, "UserId"), 7, f"`arn:aws:iam::{ACCOUNT}:user/ann`: `UserId` is no text"),
        ((*USER, "CreateDate"), GONE, f"`arn:aws:iam::{ACCOUNT}:user/ann`: `CreateDate` is missing"),
        ((*USER, "CreateDate"), "soon", f"`arn:aws:iam::{ACCOUNT}:user/ann`: `CreateDate` is no time: `soon`"),
        (
            (*USER, "CreateDate"),
            "9999-12-31T23:59:59-14:00",
            f"`arn:aws:iam::{ACCOUNT}:user/ann`: `CreateDate` is no time: `9999-12-31 23:59:59-14:00`",
        ),
        ((*USER, "CreateDate"), 7, f"`arn:aws:iam::{ACCOUNT}:user/ann`: `CreateDate` is no time"),
        ((*USER, "Arn"), GONE, "page 1: `UserDetailList` number 1: `Arn` is missing"),
        ((*USER, "Arn"), "ann", "`ann`: `Arn` is no ARN of an account: `ann`"),
        (
            (*USER, "Path"),
            "/p/",
            "`{0}`: `Arn` does not agree with its path and name: `{0}`".format(f"arn:aws:iam::{ACCOUNT}:user/ann"),
        ),
        ((*USER, "GroupList"), ["h"], f"`arn:aws:iam::{ACCOUNT}:user/ann`: its group `h` is missing"),
        ((*USER, "GroupList"), "h", f"`arn:aws:iam::{ACCOUNT}:user/ann`: `GroupList` is no list"),
        (
            (*USER, "AttachedManagedPolicies", 0, "PolicyArn"),
            f"arn:aws:iam::{ACCOUNT}:policy/q",
            f"`arn:aws:iam::{ACCOUNT}:user/ann`: its policy `arn:aws:iam::{ACCOUNT}:policy/q` is missing",
        ),
        (
            (*USER, "AttachedManagedPolicies", 0),
            "q",
            f"`arn:aws:iam::{ACCOUNT}:user/ann`: `AttachedManagedPolicies` number 1 is no JSON object",
        ),
        (
            (*USER, "PermissionsBoundary"),
            {"PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/q"},
            f"`arn:aws:iam::{ACCOUNT}:user/ann`: its policy `arn:aws:iam::{ACCOUNT}:policy/q` is missing",
        ),
        (
            (*USER, "PermissionsBoundary"),
            "q",
            f"`arn:aws:iam::{ACCOUNT}:user/ann`: `PermissionsBoundary` is no JSON object",
        ),
        (
            (*USER, "UserPolicyList"),
            [{"PolicyName": "p", "PolicyDocument": "%7B"}],
            f"`arn:aws:iam::{ACCOUNT}:user/ann`: `UserPolicyList` number 1: `PolicyDocument` is no JSON",
        ),
        (
            (*ROLE, "AssumeRolePolicyDocument"),
            "[]",
            f"`arn:aws:iam::{ACCOUNT}:role/r`: `AssumeRolePolicyDocument` is no policy document",
        ),
        (
            (*ROLE, "InstanceProfileList", 0, "Roles", 0, "RoleName"),
            "q",
            f"`arn:aws:iam::{ACCOUNT}:instance-profile/i`: its role `q` is missing",
        ),
        (
            (*POLICY, "DefaultVersionId"),
            "v2",
            f"`arn:aws:iam::{ACCOUNT}:policy/p`: `PolicyVersionList` lacks the default version `v2`",
        ),
        (
            (*POLICY, "PolicyVersionList", 0, "VersionId"),
            "one",
            f"`arn:aws:iam::{ACCOUNT}:policy/p`: `PolicyVersionList` number 1: `VersionId` is none: `one`",
        ),
    ],
)
def test_an_entry_that_is_wrong_is_told_and_nothing_is_loaded(
    path: tuple[object, ...], value: object, message: str
) -> None:
    broken = copy.deepcopy(SMALL)
    if value is GONE:
        del _at(broken, path)[path[-1]]
    else:
        _at(broken, path)[path[-1]] = value
    account = an_account()
    with pytest.raises(InputError) as caught:
        seeded(account, broken)
    assert str(caught.value) == message
    assert all(not details(account)[name] for name in ("UserDetailList", "GroupDetailList", "Policies"))


@pytest.mark.parametrize("page", [[], {}, {"Statement": []}, "text", 7, [[]]])
def test_something_else_is_no_snapshot(page: object) -> None:
    if page == []:
        assert seeded(an_account(), page) == Seeded(())
        return
    with pytest.raises(InputError, match="is no output of `aws iam get-account-authorization-details`"):
        seeded(an_account(), page)


def test_two_different_entries_of_one_name_contradict() -> None:
    other = copy.deepcopy(SMALL)
    other["UserDetailList"][0]["UserId"] = "AIDAB"
    with pytest.raises(InputError, match="is there twice, and not the same"):
        seeded(an_account(), SMALL, other)


@pytest.mark.parametrize("there", ["user", "policy", "profile"])
def test_a_snapshot_does_not_overwrite_others_of_the_same_name(there: str) -> None:
    account = an_account()
    iam = account.root.iam
    match there:
        case "user":
            iam.create_user(user_name="ANN")
        case "policy":
            iam.create_policy(policy_name="P", policy_document=allow("s3:*"))
        case _:
            iam.create_instance_profile(instance_profile_name="I")
    before = details(account)
    with pytest.raises(InputError, match="another of that name is there already"):
        seeded(account, SMALL)
    assert details(account) == before


def test_an_aws_managed_policy_that_is_not_known_grants_nothing_and_is_told() -> None:
    unknown = copy.deepcopy(SMALL)
    arn = "arn:aws:iam::aws:policy/Brandnew"
    unknown["UserDetailList"][0]["AttachedManagedPolicies"][0]["PolicyArn"] = arn
    account = an_account()
    assert seeded(account, unknown).warnings == (f"`{arn}` is not known here and grants nothing",)
    ann = account.signed_in("ann", create=False)
    with refused("AccessDenied"):
        ann.iam.list_users()


def test_a_policy_or_group_of_an_earlier_snapshot_is_found() -> None:
    account = an_account()
    first = {name: SMALL[name] for name in ("GroupDetailList", "Policies")}
    seeded(account, first)
    seeded(account, {"UserDetailList": SMALL["UserDetailList"]})
    assert [user["UserName"] for user in account.root.iam.get_group(group_name="g")["Users"]] == ["ann"]


names = st.text("abcXYZ019+=,.@_-", min_size=1, max_size=12)
paths = st.sampled_from(["/", "/team/", "/a/b/"])
documents = st.sampled_from([allow("s3:*"), allow(["s3:Get*", "sqs:*"], "arn:aws:s3:::ä%20/*"), allow("kms:Decrypt")])
few = st.lists(names, unique_by=str.lower, max_size=3)
tags = st.dictionaries(names, names, max_size=3)


@st.composite
def accounts(draw: st.DrawFn) -> TestAccount:
    """An account with some of everything."""
    account = an_account()
    iam = account.root.iam
    policies = [READ_ONLY]
    for name in draw(few):
        made = iam.create_policy(policy_name=name, path=draw(paths), policy_document=draw(documents))
        policies.append(made["Policy"]["Arn"])
        if draw(st.booleans()):
            iam.create_policy_version(
                policy_arn=policies[-1], policy_document=draw(documents), set_as_default=draw(st.booleans())
            )
    groups = draw(few)
    for name in groups:
        iam.create_group(group_name=name, path=draw(paths))
    boundary = st.none() | st.sampled_from(policies)
    for name in draw(few):
        own = [{"Key": key, "Value": value} for key, value in draw(tags).items()]
        distinct = list({tag["Key"].lower(): tag for tag in own}.values())
        iam.create_user(user_name=name, path=draw(paths), permissions_boundary=draw(boundary), tags=distinct)
        for group in draw(st.lists(st.sampled_from(groups), unique=True)) if groups else ():
            iam.add_user_to_group(group_name=group, user_name=name)
        for policy in draw(st.lists(st.sampled_from(policies), unique=True)):
            iam.attach_user_policy(user_name=name, policy_arn=policy)
        for inline in draw(few):
            iam.put_user_policy(user_name=name, policy_name=inline, policy_document=draw(documents))
    for name in draw(few):
        iam.create_role(
            role_name=name, path=draw(paths), assume_role_policy_document=EC2, permissions_boundary=draw(boundary)
        )
        if draw(st.booleans()):
            iam.create_instance_profile(instance_profile_name=name)
            iam.add_role_to_instance_profile(instance_profile_name=name, role_name=name)
    return account


@given(accounts())
def test_every_account_comes_back_the_same(source: TestAccount) -> None:
    before = details(source)
    loaded = an_account()
    seeded(loaded, as_printed(before))
    assert details(loaded) == before
    indexes = ("iam.attachment", "iam.boundary-use", "iam.group-member", "iam.unique-id", "iam.tally")
    assert contents(loaded, indexes) == contents(source, indexes)


def contents(account: TestAccount, kinds: tuple[str, ...]) -> dict[str, list[object]]:
    """What the store holds under the kinds of these names."""
    from sparekey.services.directory import identities, policies, tallies
    from sparekey.storage.interface import Kind, Transaction

    known = [value for module in (identities, policies, tallies) for value in vars(module).values()]
    named: dict[str, Kind[object]] = {each.name: each for each in known if isinstance(each, Kind)}

    def read(records: Transaction) -> dict[str, list[object]]:
        return {name: list(records.scan(named[name], ACCOUNT)) for name in kinds}

    return account.cloud.store.read(read)
