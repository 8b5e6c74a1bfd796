"""An organization with something of everything in its management account, and a way to call each operation about it.

world = a_world()
world.parameters("iam", OPERATIONS["AttachUserPolicy"])      # {"user_name": "ann", "policy_arn": "arn:aws:iam::…"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from sparekey.cloud import SERVICES, operations_of
from sparekey.services import directory
from sparekey.services.directory.one_time_codes import code_at, step_of
from sparekey.services.operation import Operation
from sparekey.storage.interface import Key, Kind, Transaction
from sparekey.wire import required_members
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow
from tests.services.iam.certificates import certificate, private_key, saml_metadata, ssh_key
from tests.services.organizations.an_organization import RCP, SCP, TestOrganization, an_organization

ARN: Final = f"arn:aws:iam::{ACCOUNT}"
TAGS: Final = [{"Key": "team", "Value": "blue"}]
RED: Final = [{"Key": "colour", "Value": "red"}]
PASSWORD: Final = "Correct-Horse-1"
FULL: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def trust(principal: Mapping[str, object], action: str | list[str] = "sts:AssumeRole") -> str:
    """A trust policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


#: Operations on what a user has, which name no user where they mean the caller.
OF_A_USER: Final = (
    *("UpdateAccessKey", "DeleteAccessKey", "ListAccessKeys", "GetUser", "GetLoginProfile", "DeleteLoginProfile"),
    *("CreateAccessKey", "DeactivateMFADevice", "ListMFADevices", "GetMFADevice", "ListSSHPublicKeys"),
    *("ListServiceSpecificCredentials", "ResetServiceSpecificCredential", "UpdateServiceSpecificCredential"),
    *("DeleteServiceSpecificCredential", "ListSigningCertificates", "UploadSigningCertificate"),
    *("UpdateSigningCertificate", "DeleteSigningCertificate"),
)

#: What is stored: keys and records in order, by their kinds.
Saved = dict[Kind[Any], list[tuple[Key, Any]]]

KINDS: Final = [
    value
    for module in iter_modules(directory.__path__, f"{directory.__name__}.")
    for value in vars(import_module(module.name)).values()
    if isinstance(value, Kind)
]

#: Every operation, as (service, operation).
EVERY: Final = [(service, each) for service in SERVICES for each in operations_of(service).values()]
IDS: Final = [f"{service}:{each.name}" for service, each in EVERY]


@dataclass
class World:
    """An organization's management account with users, groups, roles, policies, devices, providers and certificates.

    Everything that can have tags has ``team=blue``. ``values`` are parameters of that name; ``special`` those of one
    operation where it needs others.
    """

    __test__ = False

    organization: TestOrganization
    values: dict[str, object] = field(default_factory=dict)
    special: dict[str, dict[str, object]] = field(default_factory=dict)
    seeds: dict[str, bytes] = field(default_factory=dict)

    @property
    def account(self) -> TestAccount:
        return self.organization.account

    @property
    def root(self) -> Client:
        return self.account.root

    def parameters(self, service: str, operation: Operation, *, also: tuple[str, ...] = ()) -> dict[str, object]:
        """The required parameters of an operation (and ``also``), about what is there."""
        special = self.special.get(f"{service}:{operation.name}", {})
        names = {*required_members(service, operation.name), *also} & operation.parameters
        return {**{name: self.values[name] for name in names if name not in special}, **special}

    def state(self) -> Saved:
        """All that is stored, but the record of calls and what is noted in passing."""
        passing = ("record.", "iam.access-key-last-used", "iam.last-used", "iam.last-access")
        return {kind: found for kind, found in self.saved().items() if not kind.name.startswith(passing)}

    def codes(self, device: str = "phone") -> tuple[str, str]:
        """Two codes in a row that an MFA device shows now."""
        step, seed = step_of(self.account.clock.now()), self.seeds[device]
        return code_at(seed, step), code_at(seed, step + 1)

    def saved(self) -> Saved:
        """All that is stored, to come back to."""
        return self.account.cloud.store.read(lambda records: {each: list(records.scan(each)) for each in KINDS})

    def restore(self, saved: Saved) -> None:
        """Come back to what was stored."""

        def put(records: Transaction) -> None:
            for kind, found in saved.items():
                for key, record in found:
                    records.put(kind, key, record)

        self.account.cloud.store.wipe()
        self.account.cloud.store.write(put)


def a_world() -> World:
    """Make it."""
    organization = an_organization(SCP, RCP)
    world = World(organization)
    _users(world)
    _policies(world)
    _roles(world)
    _devices(world)
    _credentials(world)
    _providers(world)
    _organization(world)
    _texts(world)
    _special(world)
    return world


def _users(world: World) -> None:
    iam = world.root.iam
    iam.create_user(user_name="ann", path="/team/", tags=TAGS)
    iam.create_group(group_name="Staff", path="/team/")
    iam.add_user_to_group(group_name="Staff", user_name="ann")
    iam.create_login_profile(user_name="ann", password=PASSWORD)
    world.values.update(user_name="ann", group_name="Staff")


def _policies(world: World) -> None:
    iam = world.root.iam
    made = iam.create_policy(policy_name="Reads", path="/team/", policy_document=allow("s3:Get*"), tags=TAGS)
    arn = made["Policy"]["Arn"]
    iam.create_policy_version(policy_arn=arn, policy_document=allow("s3:List*"))
    for kind in ("user", "group"):
        getattr(iam, f"attach_{kind}_policy")(**{f"{kind}_name": world.values[f"{kind}_name"]}, policy_arn=arn)
        getattr(iam, f"put_{kind}_policy")(
            **{f"{kind}_name": world.values[f"{kind}_name"]}, policy_name="inline", policy_document=allow("s3:*")
        )
    iam.put_user_permissions_boundary(user_name="ann", permissions_boundary=arn)
    world.values.update(policy_arn=arn, policy_name="inline", version_id="v2", permissions_boundary=arn)


def _roles(world: World) -> None:
    iam = world.root.iam
    policy = trust({"AWS": ACCOUNT}, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
    iam.create_role(role_name="Deploy", path="/team/", assume_role_policy_document=policy, tags=TAGS)
    iam.attach_role_policy(role_name="Deploy", policy_arn=world.values["policy_arn"])
    iam.put_role_policy(role_name="Deploy", policy_name="inline", policy_document=allow("s3:*"))
    iam.put_role_permissions_boundary(role_name="Deploy", permissions_boundary=world.values["policy_arn"])
    iam.create_role(role_name="Spare", assume_role_policy_document=policy)
    iam.create_instance_profile(instance_profile_name="Machine", path="/team/", tags=TAGS)
    iam.create_instance_profile(instance_profile_name="Empty", path="/team/", tags=TAGS)
    iam.add_role_to_instance_profile(instance_profile_name="Machine", role_name="Deploy")
    linked = iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")["Role"]["RoleName"]
    world.values.update(role_name="Deploy", role_arn=f"{ARN}:role/team/Deploy", instance_profile_name="Machine")
    world.special["iam:DeleteServiceLinkedRole"] = {"role_name": linked}


def _devices(world: World) -> None:
    import base64

    iam = world.root.iam
    made = iam.create_virtual_mfa_device(virtual_mfa_device_name="phone", path="/team/", tags=TAGS)["VirtualMFADevice"]
    world.seeds["phone"] = base64.b32decode(made["Base32StringSeed"])
    world.account.later(seconds=-90)
    first, second = world.codes()
    iam.enable_mfa_device(
        user_name="ann",
        serial_number=made["SerialNumber"],
        authentication_code1=first,
        authentication_code2=second,
    )
    world.account.clock.at = START
    other = iam.create_virtual_mfa_device(virtual_mfa_device_name="other", tags=TAGS)["VirtualMFADevice"]
    world.seeds["other"] = base64.b32decode(other["Base32StringSeed"])
    world.values["serial_number"] = made["SerialNumber"]
    world.special["iam:DeleteVirtualMFADevice"] = {"serial_number": other["SerialNumber"]}


def _credentials(world: World) -> None:
    iam = world.root.iam
    key = iam.create_access_key(user_name="ann")["AccessKey"]
    service = iam.create_service_specific_credential(user_name="ann", service_name="codecommit.amazonaws.com")
    signing = iam.upload_signing_certificate(user_name="ann", certificate_body=certificate("signing"))
    ssh = iam.upload_ssh_public_key(user_name="ann", ssh_public_key_body=ssh_key())
    iam.upload_server_certificate(
        server_certificate_name="site",
        path="/team/",
        certificate_body=certificate("site"),
        private_key=private_key(),
        tags=TAGS,
    )
    world.values.update(
        access_key_id=key["AccessKeyId"],
        service_specific_credential_id=service["ServiceSpecificCredential"]["ServiceSpecificCredentialId"],
        certificate_id=signing["Certificate"]["CertificateId"],
        ssh_public_key_id=ssh["SSHPublicKey"]["SSHPublicKeyId"],
        server_certificate_name="site",
    )


def _providers(world: World) -> None:
    iam = world.root.iam
    saml = iam.create_saml_provider(name="Corp", saml_metadata_document=saml_metadata(), tags=TAGS)
    oidc = iam.create_open_id_connect_provider(url="https://id.example.com", client_id_list=["app"], tags=TAGS)
    world.values.update(
        saml_provider_arn=saml["SAMLProviderArn"],
        open_id_connect_provider_arn=oidc["OpenIDConnectProviderArn"],
    )
    iam.create_account_alias(account_alias="spare-account")
    iam.update_account_password_policy(minimum_password_length=8)
    iam.enable_outbound_web_identity_federation()
    world.values["job_id"] = iam.generate_service_last_accessed_details(arn=f"{ARN}:user/team/ann")["JobId"]


def _organization(world: World) -> None:
    organizations, tree = world.root.organizations, world.organization
    member = tree.member("dev", tags=TAGS)
    unit = organizations.create_organizational_unit(parent_id=tree.root_id, name="Prod", tags=TAGS)
    unit_id = unit["OrganizationalUnit"]["Id"]
    policy = organizations.create_policy(content=FULL, description="", name="guard", type=SCP, tags=TAGS)
    policy_id = policy["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(policy_id=policy_id, target_id=unit_id)
    organizations.tag_resource(resource_id=tree.root_id, tags=TAGS)
    organizations.enable_aws_service_access(service_principal="iam.amazonaws.com")
    organizations.register_delegated_administrator(account_id=member, service_principal="iam.amazonaws.com")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": member},
        "Action": "organizations:ListPolicies",
        "Resource": "*",
    }
    resource_policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    organizations.put_resource_policy(content=resource_policy, tags=TAGS)
    stranger = "999999999999"
    world.account.cloud.open_account(stranger)
    invited = organizations.invite_account_to_organization(target={"Type": "ACCOUNT", "Id": stranger}, tags=TAGS)
    world.root.iam.enable_organizations_root_credentials_management()
    world.root.iam.enable_organizations_root_sessions()
    path = f"{tree.organization_id}/{tree.root_id}/{member}"
    report = world.root.iam.generate_organizations_access_report(entity_path=path)["JobId"]
    world.special["iam:GetOrganizationsAccessReport"] = {"job_id": report}
    asked = organizations.list_create_account_status()["CreateAccountStatuses"][0]["Id"]
    world.values.update(
        account_id=member,
        child_id=member,
        create_account_request_id=asked,
        destination_parent_id=unit_id,
        encoding="SSH",
        entity_path=path,
        handshake_id=invited["Handshake"]["Id"],
        organizational_unit_id=unit_id,
        parent_id=tree.root_id,
        policy_id=policy_id,
        resource_id=unit_id,
        resource_policy=resource_policy,
        root_id=tree.root_id,
        source_parent_id=tree.root_id,
        target={"Type": "EMAIL", "Id": "somebody@example.com"},
        target_id=unit_id,
        target_principal=member,
    )


def _texts(world: World) -> None:
    delegation = world.root.iam.create_delegation_request(
        description="access",
        permissions={"PolicyTemplateArn": "arn:aws:iam:::delegation-template/example"},
        requestor_workflow_id="first",
        notification_channel="arn:aws:sns:us-east-1:123456789012:topic",
        session_duration=3600,
    )["DelegationRequestId"]
    first, second = world.codes()
    world.values.update(
        account_alias="spare-account",
        account_name="new",
        action_names=["s3:GetObject"],
        arn=f"{ARN}:user/team/ann",
        assume_role_policy_document=trust({"AWS": ACCOUNT}),
        audience=["app"],
        authentication_code1=first,
        authentication_code2=second,
        aws_service_name="autoscaling.amazonaws.com",
        certificate_body=certificate("another", key=1),
        child_type="ACCOUNT",
        client_id="app",
        content=FULL,
        delegation_request_id=delegation,
        deletion_task_id="task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/1234",
        description="of use",
        email="new@example.com",
        encoded_message="nonsense",
        entity_arn=f"{ARN}:delegation-request/{delegation}",
        filter="SERVICE_CONTROL_POLICY",
        global_endpoint_token_version="v2Token",
        name="fresh",
        new_password="Another-Horse-2",
        notification_channel="arn:aws:sns:us-east-1:123456789012:topic",
        old_password=PASSWORD,
        password="Another-Horse-2",
        permissions={"PolicyTemplateArn": "arn:aws:iam:::delegation-template/example"},
        policy_document=allow("s3:PutObject"),
        policy_input_list=[allow("s3:GetObject")],
        policy_source_arn=f"{ARN}:user/team/ann",
        policy_type=SCP,
        principal_arn=world.values["saml_provider_arn"],
        private_key=private_key(1),
        properties={"example/flag": "on"},
        requestor_workflow_id="second",
        role_session_name="session",
        saml_assertion="bm9uc2Vuc2U=",
        saml_metadata_document=saml_metadata(),
        service_name="codecommit.amazonaws.com",
        service_namespace="s3",
        service_namespaces=["s3"],
        service_principal="iam.amazonaws.com",
        session_duration=3600,
        signing_algorithm="RS256",
        ssh_public_key_body=ssh_key(1),
        status="Inactive",
        tag_keys=["team"],
        tags=RED,
        task_policy_arn={"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"},
        thumbprint_list=["a" * 40],
        type=SCP,
        url="https://other.example.com",
        virtual_mfa_device_name="new",
        web_identity_token="e30.e30.e30",
    )


def _special(world: World) -> None:
    iam, organizations = world.root.iam, world.root.organizations
    spare: dict[str, object] = {"role_name": "Spare"}
    iam.create_group(group_name="Idle")
    iam.create_user(user_name="idle", tags=TAGS)
    unused = iam.create_policy(policy_name="Unused", policy_document=allow("s3:*"), tags=TAGS)["Policy"]["Arn"]
    loose = organizations.create_policy(content=FULL, description="", name="loose", type=SCP, tags=TAGS)
    loose_id = loose["Policy"]["PolicySummary"]["Id"]
    member = world.organization.member("test")
    empty = organizations.create_organizational_unit(parent_id=world.organization.root_id, name="Empty", tags=TAGS)
    world.account.later(days=5)
    iam.generate_credential_report()
    first, second = world.codes()
    world.values.update(authentication_code1=first, authentication_code2=second)
    of_ann: dict[str, object] = {"user_name": "ann"}
    for name in OF_A_USER:
        world.special[f"iam:{name}"] = of_ann
    world.special.update(
        {
            "iam:DeleteGroup": {"group_name": "Idle"},
            "iam:DeleteUser": {"user_name": "idle"},
            "iam:DeletePolicy": {"policy_arn": unused},
            "iam:CreateLoginProfile": {"user_name": "idle", "password": PASSWORD},
            "iam:EnableMFADevice": {
                "user_name": "idle",
                "serial_number": world.special["iam:DeleteVirtualMFADevice"]["serial_number"],
                "authentication_code1": world.codes("other")[0],
                "authentication_code2": world.codes("other")[1],
            },
            "iam:UpdateAssumeRolePolicy": {"policy_document": trust({"AWS": ACCOUNT})},
            "organizations:AttachPolicy": {"policy_id": loose_id},
            "organizations:DeletePolicy": {"policy_id": loose_id},
            "organizations:DeleteOrganizationalUnit": {"organizational_unit_id": empty["OrganizationalUnit"]["Id"]},
            "organizations:DescribeEffectivePolicy": {"policy_type": "TAG_POLICY"},
            "organizations:EnablePolicyType": {"policy_type": "TAG_POLICY"},
            "organizations:ListAccountsWithInvalidEffectivePolicy": {"policy_type": "TAG_POLICY"},
            "organizations:ListEffectivePolicyValidationErrors": {"policy_type": "TAG_POLICY", "account_id": member},
            "organizations:RegisterDelegatedAdministrator": {"account_id": member},
            "organizations:RemoveAccountFromOrganization": {"account_id": member},
            "organizations:PutResourcePolicy": {"content": world.values["resource_policy"]},
            "iam:AddRoleToInstanceProfile": {"instance_profile_name": "Empty", **spare},
            "iam:CreateGroup": {"group_name": "New"},
            "iam:CreateAccountAlias": {"account_alias": "another-alias"},
            "iam:CreateInstanceProfile": {"instance_profile_name": "New"},
            "iam:CreatePolicy": {"policy_name": "New"},
            "iam:CreateRole": {"role_name": "New"},
            "iam:CreateUser": {"user_name": "new"},
            "iam:DeleteRole": spare,
            "iam:DeleteInstanceProfile": {"instance_profile_name": "Empty"},
            "iam:UpdateUser": {"new_user_name": "renamed"},
            "iam:UpdateGroup": {"new_group_name": "Renamed"},
            "iam:UpdateServerCertificate": {"new_server_certificate_name": "renamed"},
            "iam:UploadServerCertificate": {"server_certificate_name": "new"},
            "organizations:CreatePolicy": {"name": "other"},
        }
    )
