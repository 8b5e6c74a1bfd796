"""An organization to test with: a management account, and member accounts that are made when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.services.account import ACCOUNT, Client, Service, TestAccount, an_account

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"


@dataclass
class TestOrganization:
    """An organization with service control policies enabled."""

    __test__ = False

    account: TestAccount
    root_id: str
    organization_id: str

    @property
    def calls(self) -> Service:
        """Organizations, called by the management account's root user."""
        return self.account.root.organizations

    def member(self, name: str = "dev", **parameters: Any) -> str:
        """Make a member account; its id."""
        asked = self.calls.create_account(email=f"{name}@example.com", account_name=name, **parameters)
        request = asked["CreateAccountStatus"]["Id"]
        found = self.calls.describe_create_account_status(create_account_request_id=request)["CreateAccountStatus"]
        return str(found["AccountId"])

    def root_of(self, account_id: str) -> Client:
        """The root user of a member account."""
        return self.account.root_of(account_id)

    def unit(self, name: str, parent: str | None = None) -> str:
        """Make a unit; its id."""
        made = self.calls.create_organizational_unit(parent_id=parent or self.root_id, name=name)
        return str(made["OrganizationalUnit"]["Id"])

    def policy(self, content: str, name: str = "guard", kind: str = SCP) -> str:
        """Make a policy; its id."""
        made = self.calls.create_policy(content=content, description="", name=name, type=kind)
        return str(made["Policy"]["PolicySummary"]["Id"])

    def attached(self, content: str, target: str, name: str = "guard", kind: str = SCP) -> str:
        """Make a policy and attach it; its id."""
        policy = self.policy(content, name, kind)
        self.calls.attach_policy(policy_id=policy, target_id=target)
        return policy


def an_organization(*types: str, **quotas: int) -> TestOrganization:
    """A fresh organization; ``types`` of policies are enabled, service control policies unless told otherwise."""
    account = an_account(ACCOUNT, **quotas)
    calls = account.root.organizations
    made = calls.create_organization()["Organization"]
    root = calls.list_roots()["Roots"][0]["Id"]
    for each in types or (SCP,):
        calls.enable_policy_type(root_id=root, policy_type=each)
    return TestOrganization(account, root, made["Id"])
