"""The actions of AWS KMS.

Provenance: Service Authorization Reference, "Actions, resources, and condition keys for AWS Key Management Service",
as of 2026-09-26; Encapsulate and Decapsulate and the cross-account column from the API reference (botocore 1.44.5),
which is ahead of it.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

from typing import Final

#: Actions on a key that a principal of another account can call, if its own account lets it.
CROSS_ACCOUNT_ACTIONS: Final = (
    "CreateGrant",
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "Verify",
    "VerifyMac",
)

#: Actions on a key that only principals of the key's own account can call.
ACCOUNT_ACTIONS: Final = (
    "CancelKeyDeletion",
    "CreateAlias",
    "DeleteAlias",
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "GetKeyLastUsage",
    "GetKeyPolicy",
    "GetParametersForImport",
    "ImportKeyMaterial",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListResourceTags",
    "PutKeyPolicy",
    "ReplicateKey",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "SynchronizeMultiRegionKey",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
    "UpdatePrimaryRegion",
)

#: Actions without a resource (``*``): IAM policies alone allow them, a key policy cannot.
IAM_ONLY_ACTIONS: Final = (
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateKey",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "GenerateRandom",
    "ListAliases",
    "ListKeys",
    "ListRetirableGrants",
    "UpdateCustomKeyStore",
)

#: Every action as ``kms:name`` in lower case, as actions are compared, with its name as AWS writes it.
KMS_ACTIONS: Final = {
    f"kms:{name}".lower(): f"kms:{name}" for name in (*CROSS_ACCOUNT_ACTIONS, *ACCOUNT_ACTIONS, *IAM_ONLY_ACTIONS)
}
