"""The account's alias, password policy, preferences and properties, and its summary."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from tests.services.account import ACCOUNT, allow, an_account, refused
from tests.services.iam.certificates import saml_metadata


def test_an_account_has_one_alias() -> None:
    account = an_account()
    assert account.root.iam.list_account_aliases() == {"AccountAliases": [], "IsTruncated": False}
    account.root.iam.create_account_alias(account_alias="example-corp")
    assert account.root.iam.list_account_aliases()["AccountAliases"] == ["example-corp"]
    account.root.iam.create_account_alias(account_alias="example")
    assert account.root.iam.list_account_aliases()["AccountAliases"] == ["example"]


def test_an_alias_is_given_to_one_account() -> None:
    account = an_account()
    other = account.root_of("210987654321")
    account.root.iam.create_account_alias(account_alias="example")
    with refused("EntityAlreadyExistsException", "The account alias example already exists."):
        other.iam.create_account_alias(account_alias="example")
    with refused("NoSuchEntityException"):
        other.iam.delete_account_alias(account_alias="example")
    account.root.iam.create_account_alias(account_alias="other")
    other.iam.create_account_alias(account_alias="example")
    other.iam.delete_account_alias(account_alias="example")
    account.root.iam.create_account_alias(account_alias="example")


def test_an_alias_is_no_account_id() -> None:
    with refused("ValidationError"):
        an_account().root.iam.create_account_alias(account_alias="210987654321")


def test_aws_default_password_policy_is_not_shown() -> None:
    account = an_account()
    message = f"The Password Policy with domain name {ACCOUNT} cannot be found."
    with refused("NoSuchEntityException", message):
        account.root.iam.get_account_password_policy()
    with refused("NoSuchEntityException"):
        account.root.iam.delete_account_password_policy()


def test_a_password_policy_without_parameters_has_aws_defaults() -> None:
    account = an_account()
    account.root.iam.update_account_password_policy()
    assert account.root.iam.get_account_password_policy() == {
        "PasswordPolicy": {
            "MinimumPasswordLength": 6,
            "RequireSymbols": False,
            "RequireNumbers": False,
            "RequireUppercaseCharacters": False,
            "RequireLowercaseCharacters": False,
            "AllowUsersToChangePassword": False,
            "ExpirePasswords": False,
        }
    }


def test_a_password_policy_is_set_as_a_whole_and_taken_away() -> None:
    account = an_account()
    account.root.iam.update_account_password_policy(
        minimum_password_length=14,
        require_symbols=True,
        require_numbers=True,
        require_uppercase_characters=True,
        require_lowercase_characters=True,
        allow_users_to_change_password=True,
        max_password_age=90,
        password_reuse_prevention=24,
        hard_expiry=True,
    )
    shown = account.root.iam.get_account_password_policy()["PasswordPolicy"]
    assert shown["ExpirePasswords"]
    assert (shown["MaxPasswordAge"], shown["PasswordReusePrevention"], shown["HardExpiry"]) == (90, 24, True)
    account.root.iam.update_account_password_policy(max_password_age=30)
    shown = account.root.iam.get_account_password_policy()["PasswordPolicy"]
    assert (shown["MinimumPasswordLength"], shown["MaxPasswordAge"]) == (6, 30)
    account.root.iam.delete_account_password_policy()
    with refused("NoSuchEntityException"):
        account.root.iam.get_account_password_policy()


def test_the_version_of_global_tokens_is_in_the_summary() -> None:
    account = an_account()
    assert account.root.iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 1
    account.root.iam.set_security_token_service_preferences(global_endpoint_token_version="v2Token")
    assert account.root.iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 2


def test_outbound_federation_keeps_its_issuer() -> None:
    account = an_account()
    with refused("FeatureDisabledException"):
        account.root.iam.get_outbound_web_identity_federation_info()
    with refused("FeatureDisabledException"):
        account.root.iam.disable_outbound_web_identity_federation()
    issuer = account.root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert issuer.startswith("https://")
    assert account.root.iam.get_outbound_web_identity_federation_info() == {
        "IssuerIdentifier": issuer,
        "JwtVendingEnabled": True,
    }
    with refused("FeatureEnabledException"):
        account.root.iam.enable_outbound_web_identity_federation()
    account.root.iam.disable_outbound_web_identity_federation()
    with refused("FeatureDisabledException"):
        account.root.iam.get_outbound_web_identity_federation_info()
    assert account.root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer


def test_properties_are_set_namespace_by_namespace() -> None:
    account = an_account()
    assert account.root.iam.get_account_properties() == {"Properties": {}}
    account.root.iam.put_account_properties(properties={"RoleManager/Enabled": "true"})
    account.root.iam.put_account_properties(properties={"Other/Name": "a"})
    account.root.iam.put_account_properties(properties={"RoleManager/Enabled": "false"})
    assert account.root.iam.get_account_properties() == {
        "Properties": {"RoleManager/Enabled": "false", "Other/Name": "a"}
    }


@pytest.mark.parametrize("properties", [{"A": "1"}, {"A/B/C": "1"}, {"A/": "1"}, {"/A": "1"}, {"A/B": "1", "C/D": "1"}])
def test_properties_have_one_namespace_and_a_name(properties: dict[str, str]) -> None:
    with refused("InvalidInputException"):
        an_account().root.iam.put_account_properties(properties=properties)


def test_policies_may_name_the_namespaces_of_properties() -> None:
    account = an_account()
    ann = account.signed_in(
        "ann",
        allow(
            ["iam:PutAccountProperties", "iam:GetAccountProperties"],
            "*",
            **{"ForAllValues:StringEquals": {"iam:AccountPropertyNamespaces": "RoleManager"}},
        ),
    )
    ann.iam.put_account_properties(properties={"RoleManager/Enabled": "true"})
    ann.iam.get_account_properties()
    with refused("AccessDenied"):
        ann.iam.put_account_properties(properties={"Other/Name": "a"})
    account.root.iam.put_account_properties(properties={"Other/Name": "a"})
    with refused("AccessDenied"):
        ann.iam.get_account_properties()


def test_the_account_properties_have_no_resource() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:GetAccountProperties", f"arn:aws:iam::{ACCOUNT}:root"))
    with refused("AccessDenied"):
        ann.iam.get_account_properties()


def test_the_summary_counts_what_there_is() -> None:
    account = an_account()
    account.signed_in("ann")
    account.root.iam.create_group(group_name="team")
    account.root.iam.create_virtual_mfa_device(virtual_mfa_device_name="phone")
    account.root.iam.create_saml_provider(name="idp", saml_metadata_document=saml_metadata())
    account.root.iam.create_open_id_connect_provider(url="https://example.com")
    summary = account.root.iam.get_account_summary()["SummaryMap"]
    counted = {name: count for name, count in summary.items() if not name.endswith("Quota") and count}
    assert counted == {
        "Users": 1,
        "Groups": 1,
        "MFADevices": 1,
        "Providers": 2,
        "AccountAccessKeysPresent": 1,
        "GlobalEndpointTokenVersion": 1,
    }
    assert summary["UsersQuota"] == 5000
    assert summary["AccessKeysPerUserQuota"] == 2


def test_the_summary_has_the_keys_that_iam_documents() -> None:
    model = get_session().get_service_model("iam")
    documented = set(model.shape_for("summaryKeyType").enum)
    assert set(an_account().root.iam.get_account_summary()["SummaryMap"]) == documented
