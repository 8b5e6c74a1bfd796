"""Where the grammars of the policy types differ.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from sparekey.policy._document import PolicyType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy._faults import Faults


class Grammar(NamedTuple):
    """Where the policy types differ.

    ``principal``: whether a statement must, must not, or may only as ``*`` have a Principal. ``resource``: likewise;
    ``inert`` means that a statement without Action or Resource is accepted and without effect. ``of_iam``: IAM's own
    rules hold for Sids, action prefixes and resources. ``literals``: malformed values of typed operators are refused.
    """

    principal: Literal["required", "forbidden", "everyone"]
    resource: Literal["required", "forbidden", "inert"] = "required"
    of_iam: bool = False
    literals: bool = True


GRAMMARS: Mapping[PolicyType, Grammar] = {
    PolicyType.IDENTITY: Grammar("forbidden", of_iam=True),
    PolicyType.BOUNDARY: Grammar("forbidden", of_iam=True),
    PolicyType.SESSION: Grammar("forbidden", of_iam=True, literals=False),
    PolicyType.SCP: Grammar("forbidden"),
    PolicyType.RCP: Grammar("everyone"),
    PolicyType.KEY: Grammar("required", resource="inert"),
    PolicyType.TRUST: Grammar("required", resource="forbidden"),
    PolicyType.RESOURCE: Grammar("required", resource="inert"),  # a repository policy of ECR has no Resource
    PolicyType.ENDPOINT: Grammar("required"),
}


class Scope(NamedTuple):
    """What the checks of one document share; ``partition`` is the one that bare account ids belong to."""

    type: PolicyType
    version: str
    faults: Faults
    partition: str = "aws"

    @property
    def grammar(self) -> Grammar:
        """The grammar of the document's type."""
        return GRAMMARS[self.type]
