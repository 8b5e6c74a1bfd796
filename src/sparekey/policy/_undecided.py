"""What an undecided answer hangs on, in the user's words, most decisive first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.policy._authorize import OPEN, allowing, denying, find_plan, walk
from sparekey.policy._compile import Entry, compiled
from sparekey.policy._context import context_lookup
from sparekey.policy._document import PolicyType
from sparekey.policy._examine import Circumstances, examine, whom_it_names
from sparekey.policy._plan import Plan, Way, plans_of
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sparekey.policy._decision import Because
    from sparekey.policy._policies import PolicySet
    from sparekey.policy._request import Lookup, Request

#: How a type of policy is called where the input says no more than that it is not told.
_WORDS = {
    PolicyType.SCP: "the service control policies",
    PolicyType.RCP: "the resource control policies",
    PolicyType.ENDPOINT: "the VPC endpoint policy",
    PolicyType.BOUNDARY: "the permissions boundary of {caller}",
    PolicyType.SESSION: "the session policies of {caller}",
    PolicyType.IDENTITY: "the identity policies of {caller}",
    PolicyType.GRANT: "the grants on the key",
}


def hangs_on(request: Request, policies: PolicySet) -> tuple[str, ...]:
    """Name what would decide: first what must allow (the shortest way first), then what must not deny."""
    owner = request.owner
    plans = plans_of(policies)
    plan = find_plan(request, owner, plans)
    lookup = context_lookup(request, owner, plan.implied, plans.spelling)
    return tuple(dict.fromkeys(_Open(request, policies, plan, lookup).names()))


class _Open:
    """The parts of one undecided answer that are open."""

    def __init__(self, request: Request, policies: PolicySet, plan: Plan, lookup: Lookup) -> None:
        self.request = request
        self.policies = policies
        self.plan = plan
        self.lookup = lookup
        self._allowing: set[PolicyType] = set()

    def names(self) -> Iterator[str]:
        ways = [(walk(way, self.plan, self.request, self.lookup)[0], way) for way in self.plan.ways]
        if all(because is None or because is OPEN for because, _ in ways):
            open_ways = [list(self._way(way)) for because, way in ways if because is OPEN]
            for names in sorted(open_ways, key=len):
                yield from names
        for _, entries in self.plan.guards:
            yield from self._entries(entries)
        yield from self._entries(self.plan.denies, denies=True)

    def _way(self, way: Way) -> Iterator[str]:
        resource = self.request.resource
        if not _sure(allowing(way.entries, resource, self.lookup)):
            yield from self._entries(way.entries)
            for grant, sure in way.grants:
                yield (
                    f"the constraints of the grant to `{grant.grantee}`"
                    if sure
                    else f"to whom `{grant.grantee}` refers"
                )
        for _, entries in way.needs:
            if allowing(entries, resource, self.lookup) is OPEN:
                yield from self._entries(entries)

    def _entries(self, entries: Iterable[Entry], *, denies: bool = False) -> Iterator[str]:
        apply = denying if denies else allowing
        for entry in entries:
            if apply((entry,), self.request.resource, self.lookup) is not OPEN:
                continue
            because = entry[3]
            if because.statement is None or because.policy is None:
                yield from self._untold(entry, denies=denies)
            else:
                statement = compiled(because.policy).statements[because.statement.index]
                examined = examine(statement, Circumstances.of(self.request, self.plan, self.lookup))
                yield from examined.hangs_on or whom_it_names(statement.statement, self.plan.caller)

    def _untold(self, entry: Entry, *, denies: bool) -> Iterator[str]:
        """Name policies that are not told at all; what must allow is not named again for what it must not deny."""
        because = entry[3]
        if because.policy is not None:
            yield from (name for part in because.policy.unknown for name in part.hangs_on)
            return
        if not denies:
            self._allowing.add(because.policy_type)
        elif because.policy_type in self._allowing:
            return
        verb = "not denying" if denies else "allowing"
        for name in self._called(because.policy_type):
            yield f"{name} {verb} {self.request.action}"

    def _called(self, policy_type: PolicyType) -> tuple[str, ...]:
        told = {
            PolicyType.SCP: self.policies.scp,
            PolicyType.RCP: self.policies.rcp,
            PolicyType.ENDPOINT: self.policies.endpoint,
            PolicyType.BOUNDARY: self.policies.boundary,
            PolicyType.SESSION: self.policies.session,
            PolicyType.IDENTITY: self.policies.identity,
            PolicyType.GRANT: self.policies.grants,
        }.get(policy_type, self.policies.resource)
        if isinstance(told, Unknown) and told.hangs_on:
            return told.hangs_on
        if policy_type in _WORDS:
            return (_WORDS[policy_type].format(caller=self.request.principal.arn.rpartition(":")[2]),)
        return ("the key policy" if self.plan.keyed else "the resource-based policy",)


def _sure(because: Because | None) -> bool:
    return because is not None and because is not OPEN
