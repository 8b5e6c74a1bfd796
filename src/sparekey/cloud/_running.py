"""One call, and the calls it makes in turn: authorization, operation, savepoints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.cloud._authorization import decide, refusal
from sparekey.cloud._services import operations_of
from sparekey.errors import AccessDenied, NotImplementedHere
from sparekey.policy import PrincipalKind
from sparekey.services.directory.callers import refused_for_session
from sparekey.services.operation import ANY, Call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sparekey.cloud._context import Circumstances
    from sparekey.policy import ContextValue, Decision
    from sparekey.services.operation import Caller, Operation, Output, Sealer, Target
    from sparekey.storage.interface import Transaction


@dataclass(frozen=True, slots=True)
class Door:
    """What every call needs and no call changes."""

    sealer: Sealer
    entropy: Callable[[int], bytes]
    quotas: Mapping[str, int]
    partition: str
    append: Callable[..., None]
    oidc_keys: Mapping[str, str]


class Asking(NamedTuple):
    """What the engine was asked, for the record: what refused the call, else what was asked first."""

    action: str = ""
    target: Target = ANY
    decision: Decision | None = None


_NOTHING: Final = Asking()


@dataclass(slots=True)
class Running:
    """A call on its way through the door."""

    door: Door
    caller: Caller
    service: str
    name: str
    parameters: Mapping[str, object]
    circumstances: Circumstances
    now: datetime
    account: str = ""
    nested: tuple[Running, ...] = ()
    asked: Asking = _NOTHING
    output: Output | None = None
    operation: Operation = field(init=False)
    changes: bool = field(init=False)

    def __post_init__(self) -> None:
        """Find the operation, and refuse by name what is not built."""
        self.operation = _operation(self.service, self.name)
        self.changes = self.operation.changes_given(self.parameters)
        self.account = self.account or self.caller.account
        if not self.operation.parameters.issuperset(self.parameters):
            unknown = self.parameters.keys() - self.operation.parameters
            names = ", ".join(f"`{name}`" for name in sorted(unknown))
            raise NotImplementedHere(f"sparekey does not implement {names} of {self.service}:{self.name}")

    def run(self, records: Transaction) -> Output:
        """Authorize and run; may be run again from the start if the transaction collided."""
        self.nested, self.asked = (), _NOTHING
        self._refuse_session()
        operation, parameters = self.operation, self.parameters
        call = self._call(records)
        if operation.action is not None and self.caller.principal.kind is not PrincipalKind.AWS_SERVICE:
            target = operation.resource(call, **parameters) if operation.resource else ANY
            context = operation.context(call, **parameters) if operation.context else {}
            call.authorize(operation.action, target, context)
        self.output = operation.function(call, **parameters) or {}
        return self.output

    def _refuse_session(self) -> None:
        """Refuse what AWS lets no session of this kind call, whatever its policies say."""
        if self.caller.session is not None:
            refused = refused_for_session(self.caller.session, self.service, self.name)
            if refused is not None:
                raise refused
        if self.caller.principal.kind is PrincipalKind.ANONYMOUS and not self.operation.anonymous:
            raise AccessDenied(f"User: anonymous is not authorized to perform: {self.service}:{self.name}")

    def _call(self, records: Transaction) -> Call:
        door = self.door

        def authorize(action: str, target: Target, context: Mapping[str, ContextValue] = {}) -> None:
            self._authorize(records, action, target, context)

        def invoke(
            caller: Caller, service: str, operation: str, *, account: str = "", region: str = "", **parameters: object
        ) -> Output:
            return self._invoke(records, caller, service, operation, account, region, parameters)

        return Call(
            caller=self.caller,
            account=self.account,
            region=self.circumstances.region,
            records=records,
            now=self.now,
            request_id=self.circumstances.request_id,
            entropy=door.entropy,
            sealer=door.sealer,
            authorize=authorize,
            invoke=invoke,
            quotas=door.quotas,
            note=door.append,
            source_ip=self.circumstances.source_ip,
            partition=door.partition,
            oidc_keys=door.oidc_keys,
        )

    def _authorize(
        self, records: Transaction, action: str, target: Target, context: Mapping[str, ContextValue]
    ) -> None:
        if not target.account and self.account != self.caller.account:
            target = target._replace(account=self.account)
        decision = decide(records, self.caller, action, target, context, self.circumstances, self.now)
        refused = refusal(decision)
        if refused is not None or not self.asked.action:
            self.asked = Asking(action, target, decision)
        if refused is not None:
            raise refused

    def _invoke(
        self,
        records: Transaction,
        caller: Caller,
        service: str,
        operation: str,
        account: str,
        region: str,
        parameters: Mapping[str, object],
    ) -> Output:
        circumstances = self.circumstances._replace(
            region=region or self.circumstances.region,
            called_via=(*self.circumstances.called_via, f"{self.service}.amazonaws.com"),
        )
        inner = Running(
            self.door, caller, service, operation, parameters, circumstances, self.now, account or self.account
        )
        self.nested += (inner,)
        with records.savepoint():
            return inner.run(records)


def _operation(service: str, name: str) -> Operation:
    found = operations_of(service).get(name)
    if found is None:
        raise NotImplementedHere(f"sparekey does not implement {service}:{name}")
    return found
