"""The account summary: how much of what there is, and the quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.certificates import SERVER_CERTIFICATES, SIGNING_CERTIFICATES
from sparekey.services.directory.credentials import DEVICES_OF_USER, KEYS_OF_USER, LOGIN_PROFILES, MFA_DEVICES
from sparekey.services.directory.providers import OIDC_PROVIDERS, SAML_PROVIDERS
from sparekey.services.directory.settings import TOKEN_PREFERENCES
from sparekey.services.iam.access_keys import KEYS_PER_USER
from sparekey.services.iam.quotas import counted, quota
from sparekey.services.iam.resources import nothing
from sparekey.services.iam.signing_certificates import CERTIFICATES_PER_USER
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from sparekey.services.operation import Call, Output

#: What is counted as it is made and deleted, each with a quota of its own.
_COUNTED = ("Users", "Groups", "Roles", "Policies", "InstanceProfiles", "PolicyVersionsInUse")

#: Quotas of single entities.
_QUOTAS = (
    "GroupsPerUser",
    "UserPolicySize",
    "GroupPolicySize",
    "RolePolicySize",
    "AssumeRolePolicySize",
    "AttachedPoliciesPerUser",
    "AttachedPoliciesPerGroup",
    "AttachedPoliciesPerRole",
    "PolicySize",
    "VersionsPerPolicy",
)


@operation("iam:GetAccountSummary", resource=nothing)
def get_account_summary(call: Call) -> Output:
    """Count what the account has of IAM's entities, and name the quotas."""
    records, account = call.records, call.account
    preferences = records.get(TOKEN_PREFERENCES, account)
    summary = {
        "ServerCertificates": records.count(SERVER_CERTIFICATES, account),
        "ServerCertificatesQuota": call.quotas["ServerCertificates"],
        "SigningCertificatesPerUserQuota": CERTIFICATES_PER_USER,
        "AccessKeysPerUserQuota": KEYS_PER_USER,
        "MFADevices": records.count(MFA_DEVICES, account),
        "MFADevicesInUse": records.count(DEVICES_OF_USER, account),
        "AccountMFAEnabled": records.count(DEVICES_OF_USER, account, "", limit=1),
        "AccountAccessKeysPresent": records.count(KEYS_OF_USER, account, "", limit=1),
        "AccountPasswordPresent": records.count(LOGIN_PROFILES, account, "", limit=1),
        "AccountSigningCertificatesPresent": records.count(SIGNING_CERTIFICATES, account, "", limit=1),
        "Providers": records.count(SAML_PROVIDERS, account) + records.count(OIDC_PROVIDERS, account),
        "GlobalEndpointTokenVersion": preferences.global_endpoint_version if preferences else 1,
    }
    for name in _COUNTED:
        summary[name] = counted(call, name)
    for name in (*_COUNTED, *_QUOTAS):
        summary[f"{name}Quota"] = quota(call, name)
    return {"SummaryMap": summary}


OPERATIONS = (get_account_summary,)
