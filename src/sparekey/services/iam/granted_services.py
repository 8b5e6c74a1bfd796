"""Which services policies let an identity access at all: what last-accessed reports are about.

Only permissions policies count, as on AWS. A service counts if an Allow statement covers one of its actions, whatever
resources and conditions it names, and no Deny statement without conditions denies that action on all resources.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sparekey.catalog import actions
from sparekey.policy import Effect, Match, compile_actions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sparekey.policy import Policy, Statement


def granted_services(policies: Iterable[Policy]) -> tuple[str, ...]:
    """The namespaces (``s3``) of the services that policies grant access to, in order."""
    statements = [statement for policy in policies for statement in policy.statements]
    allows = [covers(each) for each in statements if each.effect is Effect.ALLOW]
    denies = [covers(each) for each in statements if each.effect is Effect.DENY and _of_everything(each)]
    if not allows:
        return ()
    return tuple(service for service in sorted(actions.prefixes()) if _grants(service, allows, denies))


def granting(policies: Iterable[Policy], service: str) -> bool:
    """Whether policies grant access to one service."""
    statements = [statement for policy in policies for statement in policy.statements]
    allows = [covers(each) for each in statements if each.effect is Effect.ALLOW]
    denies = [covers(each) for each in statements if each.effect is Effect.DENY and _of_everything(each)]
    return service in actions.prefixes() and _grants(service, allows, denies)


def _grants(service: str, allows: list[Callable[[str], bool]], denies: list[Callable[[str], bool]]) -> bool:
    return any(
        any(allowed(action) for allowed in allows) and not any(denied(action) for denied in denies)
        for action in _actions_of(service)
    )


@lru_cache(maxsize=512)
def _actions_of(service: str) -> tuple[str, ...]:
    found = actions.find_service(service)
    return tuple(f"{service}:{name}" for name in found.actions) if found else ()


def covers(statement: Statement) -> Callable[[str], bool]:
    """Tells whether a statement's Action or NotAction covers an action, given in lower case."""
    if statement.action is not None:
        listed, wanted = _listed(statement.action), Match.YES
    else:
        listed, wanted = _listed(statement.not_action or ()), Match.NO
    return lambda action: listed(action) is wanted


#: The test of a list of action patterns, made once.
_listed: Final = lru_cache(maxsize=4096)(compile_actions)


def _of_everything(statement: Statement) -> bool:
    """Whether a statement applies to all resources under all circumstances."""
    return not statement.conditions and statement.resource is not None and "*" in statement.resource
