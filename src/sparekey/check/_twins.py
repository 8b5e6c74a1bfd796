"""Keys with the same key policy and the same settings are decided once: large templates repeat themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sparekey.check._finding import Call, Verdict
from sparekey.check._verdict import shown_statement

if TYPE_CHECKING:
    from sparekey.check._deployer import Deployer
    from sparekey.check._deployment import Outlook
    from sparekey.policy import Policy
    from sparekey.policy import Statement as PolicyStatement


_ENCODER = json.JSONEncoder(default=lambda part: f"\0{part!r}")


class Twin(NamedTuple):
    """A key policy without faults, what deploying it answers, and which of its statements the judgement shows."""

    policy: Policy
    outlook: Outlook
    deciding: PolicyStatement | None

    @classmethod
    def of(cls, policy: Policy, outlook: Outlook) -> Twin | None:
        """Keep an answer for the keys to come, if it is no refusal (whose words are about this one key)."""
        shown = outlook.judgement.statement
        if policy.faults or outlook.judgement.verdict not in (Verdict.PASS, Verdict.UNDECIDED):
            return None
        named = [found for found in policy.statements if shown and shown.label == found.label]
        deciding = [found for found in named if shown == shown_statement(policy, found)]
        return cls(policy, outlook, deciding[0] if deciding else None)

    def named(self, own: Policy, deployer: Deployer) -> Outlook:
        """The same answer for a key whose policy ``own`` says the same under another name, in another place."""
        policies, judgement = deployer.with_key_policy(own), self.outlook.judgement
        calls = tuple(Call(call.action, call.decision.renamed(self.policy, policies)) for call in self.outlook.calls)
        decisive = next(
            (new for old, new in zip(self.outlook.calls, calls, strict=True) if old is judgement.call), None
        )
        statement = shown_statement(own, self.deciding) if self.deciding else judgement.statement
        return self.outlook._replace(judgement=judgement._replace(call=decisive, statement=statement), calls=calls)


def written(document: object) -> str:
    """A document as text that no other document has."""
    return _ENCODER.encode(document)
