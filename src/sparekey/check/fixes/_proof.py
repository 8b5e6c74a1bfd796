"""Who gains by a change of a key policy, decided by the policy engine for every kind of principal and KMS action."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sparekey.catalog._kms import KMS_ACTIONS
from sparekey.check.fixes._proposal import Proof
from sparekey.check.fixes._witnesses import ALLOW_ALL, Witness, circumstances, witnesses
from sparekey.policy import Effect, Outcome, PolicySet, PolicyType, Request, RequestContext, authorize, parse_policy
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy import Policy, Statement

_NOT_TOLD = RequestContext(unknown=("*",))
#: Allows everybody everything; a Deny beside it tells whom it covers.
_EVERYTHING = parse_policy(
    {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]},
    type=PolicyType.KEY,
    name="everything",
)
_DENIED = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY)


@dataclass(frozen=True, slots=True)
class NotProvedError(Exception):
    """Somebody else gains, or may gain for all that can be told; ``reason`` says who and what."""

    reason: str


def prove(before: Policy, after: Policy, administrators: frozenset[str], account: str, partition: str) -> Proof:
    """Prove that nobody but the administrators may do more under the new key policy than under the old.

    An old policy that KMS refuses counts as far as its statements are sound.

    Raises:
        NotProvedError: somebody else gains, or that cannot be told.
    """
    return _prove(_Document.of(before), _Document.of(after), administrators, account, partition)


@dataclass(frozen=True, slots=True)
class _Document:
    """A key policy, the same as another if it says the same."""

    version: str
    statements: tuple[Statement, ...]
    unknown: tuple[Unknown, ...]
    policy: Policy = field(compare=False)

    @classmethod
    def of(cls, policy: Policy) -> _Document:
        policy = sound(policy)
        return cls(policy.version, tuple(map(_bare, policy.statements)), policy.unknown, policy)


@lru_cache(maxsize=128)
def _prove(before: _Document, after: _Document, administrators: frozenset[str], account: str, partition: str) -> Proof:
    """Prove; kept, since each proof is asked for twice, and keys of a template often have the same policy."""
    comparison = _Comparison(before.policy, after.policy, account, partition)
    everybody = witnesses((before.policy, after.policy), account, partition)
    gainers: set[str] = set()
    for witness in everybody:
        for action in KMS_ACTIONS.values() if comparison.concerns(witness) else ():
            if not comparison.touches(witness, action):
                continue
            gains = comparison.gains(witness, action)
            if gains is False:
                continue
            if gains is None or not witness.is_one_of(administrators):
                what = f"`{action}` to {witness}"
                raise NotProvedError(f"it would also allow {what}" if gains else f"it may also allow {what}")
            gainers.update(arn for arn in administrators if witness.is_one_of((arn,)))
    people = len({witness.principal for witness in everybody})
    return Proof(tuple(sorted(gainers)), people, len(KMS_ACTIONS))


def sound(policy: Policy) -> Policy:
    """Leave out the statements of a policy for which KMS refuses it."""
    if not policy.malformed:
        return policy
    faulty = [fault.path for fault in policy.faults if fault.refused]
    kept = tuple(
        statement
        for statement in policy.statements
        if not any(statement.path and path[: len(statement.path)] == statement.path for path in faulty)
    )
    return replace(policy, statements=kept, faults=())


class _Comparison:
    """Two key policies, and what tells them apart: the Allows that come and the Denies that go."""

    def __init__(self, before: Policy, after: Policy, account: str, partition: str) -> None:
        same = before.version == after.version and before.unknown == after.unknown
        added = _without(after.statements, before.statements if same else ())
        removed = _without(before.statements, after.statements if same else ())
        allows = tuple(statement for statement in added if statement.effect is not Effect.DENY)
        denies = tuple(statement for statement in removed if statement.effect is not Effect.ALLOW)
        self._before, self._after = _Asked(before), _Asked(after)
        self._more = _Asked(replace(after, statements=allows))
        self._fewer = _Asked(replace(before, statements=(*_EVERYTHING.statements, *denies)))
        self._most = _Asked(replace(after, statements=tuple(map(_of_any_action, allows))))
        self._least = _Asked(replace(before, statements=(*_EVERYTHING.statements, *map(_of_any_action, denies))))
        self._resource = Unknown(
            ("the id of the key",), (f"arn:{partition}:kms:", None, f":{account}:key/", None), fresh=True
        )
        self._account = account
        self._contexts = tuple(circumstances((before, after)))

    def concerns(self, witness: Witness) -> bool:
        """Whether what comes or goes has to do with a principal at all, whatever the action.

        kms:Decrypt stands for all: no action is open to more principals.
        """
        return self._touches(witness, "kms:Decrypt", self._most, self._least)

    def touches(self, witness: Witness, action: str) -> bool:
        """Whether what comes or goes has to do with a call.

        An Allow that comes and does not apply, like a Deny that goes and did not, changes nothing for it.
        """
        return self._touches(witness, action, self._more, self._fewer)

    def _touches(self, witness: Witness, action: str, more: _Asked, fewer: _Asked) -> bool:
        if more.policy.statements and self._outcome(witness, action, more) not in _DENIED:
            return True
        only_allows = len(fewer.policy.statements) == 1
        return not only_allows and self._outcome(witness, action, fewer) is not Outcome.ALLOWED

    def gains(self, witness: Witness, action: str) -> bool | None:
        """Whether a call that was refused may pass now; ``None`` where that cannot be told."""
        after = self._outcome(witness, action, self._after)
        if after in _DENIED:
            return False
        before = self._outcome(witness, action, self._before)
        if before is not Outcome.UNDECIDED:
            return before is not Outcome.ALLOWED
        if after is Outcome.ALLOWED:
            return True
        return self._gains_somewhere(witness, action)

    def _gains_somewhere(self, witness: Witness, action: str) -> bool | None:
        """Compare in every circumstance that the conditions tell apart."""
        open_before = False
        for context in self._contexts:
            after = self._outcome(witness, action, self._after, context)
            before = self._outcome(witness, action, self._before, context)
            if after in _DENIED or before is Outcome.ALLOWED:
                continue
            if before in _DENIED or after is Outcome.ALLOWED:
                return True
            open_before = True
        return None if open_before else False

    def _outcome(self, witness: Witness, action: str, asked: _Asked, context: RequestContext = _NOT_TOLD) -> Outcome:
        request = Request(witness.principal, action, self._resource, context, resource_account=self._account)
        return authorize(request, asked.with_all if witness.powerful else asked.with_none).outcome


class _Asked:
    """A key policy as a request meets it, with identity policies that allow everything or nothing."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.with_all = PolicySet(identity=(ALLOW_ALL,), resource=policy)
        self.with_none = PolicySet(identity=(), resource=policy)


def _of_any_action(statement: Statement) -> Statement:
    return replace(statement, action=("*",), not_action=None)


def _without(statements: tuple[Statement, ...], others: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements that do not stand among others, whatever their place and name."""
    rest = [_bare(statement) for statement in others]
    kept = []
    for statement in statements:
        bare = _bare(statement)
        if bare in rest:
            rest.remove(bare)
        else:
            kept.append(statement)
    return tuple(kept)


def _bare(statement: Statement) -> Statement:
    return replace(statement, index=0, path=(), sid=None)
