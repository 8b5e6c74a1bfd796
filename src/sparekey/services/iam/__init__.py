"""AWS Identity and Access Management: users, groups, roles, policies and credentials of an account.

The table below says which module has which operations. What they share: ``names`` and ``entities`` (finding and writing
users, groups, roles), ``resources`` (what authorization sees of a request), ``documents`` and ``trust`` (policies on
their way in and out), ``shapes`` (records as answers), ``paging``, ``paths``, ``tagging``, ``quotas``, ``owners``,
``owned``. ``simulation_*`` belong to ``simulation``; ``subjects``, ``accesses`` and ``granted_services`` to the reports
of last accesses. ``seed`` and ``seed_entries`` load snapshots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sparekey.services.operation import Operation

__all__ = ["OPERATIONS"]

#: The operations that are built, by the modules they are in. A module is imported when the first of its operations is
#: called: a server that is asked for one need not wait for all.
_MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "access_keys": (
        "CreateAccessKey",
        "ListAccessKeys",
        "UpdateAccessKey",
        "DeleteAccessKey",
        "GetAccessKeyLastUsed",
    ),
    "account": (
        "CreateAccountAlias",
        "DeleteAccountAlias",
        "ListAccountAliases",
        "UpdateAccountPasswordPolicy",
        "GetAccountPasswordPolicy",
        "DeleteAccountPasswordPolicy",
        "SetSecurityTokenServicePreferences",
        "EnableOutboundWebIdentityFederation",
        "DisableOutboundWebIdentityFederation",
        "GetOutboundWebIdentityFederationInfo",
        "GetAccountProperties",
        "PutAccountProperties",
    ),
    "attachments": (
        "AttachUserPolicy",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "DetachUserPolicy",
        "DetachGroupPolicy",
        "DetachRolePolicy",
        "ListAttachedUserPolicies",
        "ListAttachedGroupPolicies",
        "ListAttachedRolePolicies",
        "ListEntitiesForPolicy",
    ),
    "boundaries": (
        "PutUserPermissionsBoundary",
        "PutRolePermissionsBoundary",
        "DeleteUserPermissionsBoundary",
        "DeleteRolePermissionsBoundary",
    ),
    "context_keys": (
        "GetContextKeysForCustomPolicy",
        "GetContextKeysForPrincipalPolicy",
    ),
    "credential_report": (
        "GenerateCredentialReport",
        "GetCredentialReport",
    ),
    "delegation": (
        "CreateDelegationRequest",
        "AssociateDelegationRequest",
        "GetDelegationRequest",
        "ListDelegationRequests",
        "UpdateDelegationRequest",
        "AcceptDelegationRequest",
        "RejectDelegationRequest",
        "GetHumanReadableSummary",
    ),
    "details": ("GetAccountAuthorizationDetails",),
    "groups": (
        "CreateGroup",
        "GetGroup",
        "ListGroups",
        "UpdateGroup",
        "DeleteGroup",
        "AddUserToGroup",
        "RemoveUserFromGroup",
        "ListGroupsForUser",
    ),
    "inline": (
        "PutUserPolicy",
        "PutGroupPolicy",
        "PutRolePolicy",
        "GetUserPolicy",
        "GetGroupPolicy",
        "GetRolePolicy",
        "ListUserPolicies",
        "ListGroupPolicies",
        "ListRolePolicies",
        "DeleteUserPolicy",
        "DeleteGroupPolicy",
        "DeleteRolePolicy",
    ),
    "instance_profiles": (
        "CreateInstanceProfile",
        "GetInstanceProfile",
        "ListInstanceProfiles",
        "ListInstanceProfilesForRole",
        "AddRoleToInstanceProfile",
        "RemoveRoleFromInstanceProfile",
        "DeleteInstanceProfile",
    ),
    "last_accessed": (
        "GenerateServiceLastAccessedDetails",
        "GetServiceLastAccessedDetails",
        "GetServiceLastAccessedDetailsWithEntities",
        "ListPoliciesGrantingServiceAccess",
    ),
    "linked_roles": (
        "CreateServiceLinkedRole",
        "DeleteServiceLinkedRole",
        "GetServiceLinkedRoleDeletionStatus",
    ),
    "login_profiles": (
        "CreateLoginProfile",
        "GetLoginProfile",
        "UpdateLoginProfile",
        "DeleteLoginProfile",
        "ChangePassword",
    ),
    "mfa": (
        "CreateVirtualMFADevice",
        "EnableMFADevice",
        "ResyncMFADevice",
        "DeactivateMFADevice",
        "DeleteVirtualMFADevice",
        "GetMFADevice",
        "ListMFADevices",
        "ListVirtualMFADevices",
        "ListMFADeviceTags",
        "TagMFADevice",
        "UntagMFADevice",
    ),
    "oidc_providers": (
        "CreateOpenIDConnectProvider",
        "GetOpenIDConnectProvider",
        "ListOpenIDConnectProviders",
        "UpdateOpenIDConnectProviderThumbprint",
        "AddClientIDToOpenIDConnectProvider",
        "RemoveClientIDFromOpenIDConnectProvider",
        "DeleteOpenIDConnectProvider",
        "ListOpenIDConnectProviderTags",
        "TagOpenIDConnectProvider",
        "UntagOpenIDConnectProvider",
    ),
    "organization_access": (
        "GenerateOrganizationsAccessReport",
        "GetOrganizationsAccessReport",
    ),
    "policies": (
        "CreatePolicy",
        "GetPolicy",
        "DeletePolicy",
        "ListPolicies",
    ),
    "policy_versions": (
        "CreatePolicyVersion",
        "GetPolicyVersion",
        "ListPolicyVersions",
        "SetDefaultPolicyVersion",
        "DeletePolicyVersion",
    ),
    "roles": (
        "CreateRole",
        "GetRole",
        "ListRoles",
        "UpdateRole",
        "UpdateRoleDescription",
        "UpdateAssumeRolePolicy",
        "DeleteRole",
    ),
    "root_access": (
        "ListOrganizationsFeatures",
        "EnableOrganizationsRootCredentialsManagement",
        "DisableOrganizationsRootCredentialsManagement",
        "EnableOrganizationsRootSessions",
        "DisableOrganizationsRootSessions",
    ),
    "saml_providers": (
        "CreateSAMLProvider",
        "GetSAMLProvider",
        "ListSAMLProviders",
        "UpdateSAMLProvider",
        "DeleteSAMLProvider",
        "ListSAMLProviderTags",
        "TagSAMLProvider",
        "UntagSAMLProvider",
    ),
    "server_certificates": (
        "UploadServerCertificate",
        "GetServerCertificate",
        "ListServerCertificates",
        "UpdateServerCertificate",
        "DeleteServerCertificate",
        "ListServerCertificateTags",
        "TagServerCertificate",
        "UntagServerCertificate",
    ),
    "service_credentials": (
        "CreateServiceSpecificCredential",
        "ListServiceSpecificCredentials",
        "ResetServiceSpecificCredential",
        "UpdateServiceSpecificCredential",
        "DeleteServiceSpecificCredential",
    ),
    "signing_certificates": (
        "UploadSigningCertificate",
        "ListSigningCertificates",
        "UpdateSigningCertificate",
        "DeleteSigningCertificate",
    ),
    "simulation": (
        "SimulateCustomPolicy",
        "SimulatePrincipalPolicy",
    ),
    "ssh_keys": (
        "UploadSSHPublicKey",
        "GetSSHPublicKey",
        "ListSSHPublicKeys",
        "UpdateSSHPublicKey",
        "DeleteSSHPublicKey",
    ),
    "summary": ("GetAccountSummary",),
    "tags": (
        "TagUser",
        "TagRole",
        "TagPolicy",
        "TagInstanceProfile",
        "UntagUser",
        "UntagRole",
        "UntagPolicy",
        "UntagInstanceProfile",
        "ListUserTags",
        "ListRoleTags",
        "ListPolicyTags",
        "ListInstanceProfileTags",
    ),
    "users": (
        "CreateUser",
        "GetUser",
        "ListUsers",
        "UpdateUser",
        "DeleteUser",
    ),
}


class Operations(Mapping[str, "Operation"]):
    """Operations by name."""

    def __init__(self, modules: Mapping[str, tuple[str, ...]]) -> None:
        """Find operations in modules of this package."""
        self._module_of = {name: module for module, names in modules.items() for name in names}
        self._found: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        """The operation of that name; ``KeyError`` if it is not built."""
        if name not in self._found:
            self._load(self._module_of[name])
        return self._found[name]

    def _load(self, module: str) -> None:
        from importlib import import_module

        operations: tuple[Operation, ...] = import_module(f"{__name__}.{module}").OPERATIONS
        self._found.update({each.name: each for each in operations})

    def __iter__(self) -> Iterator[str]:
        """The names, without importing anything."""
        return iter(self._module_of)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._module_of)


#: Every operation of IAM that is built, by name.
OPERATIONS: Final = Operations(_MODULES)
