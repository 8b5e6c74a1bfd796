"""Do the principals that a key policy names exist? KMS refuses a policy that names one which does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sparekey.arn import Arn
from sparekey.template import Concrete, MapValue, Resolver
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.check._deployer import Deployer
    from sparekey.policy import Policy, Statement
    from sparekey.snapshot import Snapshot
    from sparekey.source import Path

#: Resource types that make a principal, and the property with its name (or with the service it is linked to).
_MAKERS = {
    "AWS::IAM::Role": ("role", "RoleName"),
    "AWS::IAM::User": ("user", "UserName"),
    "AWS::IAM::ServiceLinkedRole": ("service-linked role", "AWSServiceName"),
}


class NamedPrincipal(NamedTuple):
    """A principal that a key policy names in full: its ARN, the statement, and the path to it in the document."""

    text: str
    arn: Arn
    statement: Statement
    path: Path


class Existence(NamedTuple):
    """What is told about the principals of a key policy: those that do not exist, and those taken for granted."""

    missing: tuple[NamedPrincipal, ...]
    reason: str | None  # why the first missing one is not there
    assumed: tuple[str, ...]


NOBODY = Existence((), None, ())


def existence(
    policy: Policy,
    deployer: Deployer,
    snapshot: Snapshot,
    partition: str | None,
    made_here: Callable[[], frozenset[str]],
) -> Existence:
    """Look up the principals of a key policy.

    ``made_here`` lists the ARNs of the roles and users that the same template makes under names of their own: they
    exist by the time the key is made. ``partition`` is that of the deployment: a principal of another does not exist.
    """
    missing: list[NamedPrincipal] = []
    reason: str | None = None
    assumed: dict[str, None] = {}
    for named in named_principals(policy):
        if partition is not None and named.arn.partition != partition:
            reason = reason or f"`{named.text}` belongs to partition `{named.arn.partition}`, not to `{partition}`"
            missing.append(named)
        elif _lacks_reserved_path(named.arn) and named.text not in snapshot.identities:
            reason = reason or f"`{named.text}` lacks the path of a role of IAM Identity Center (`{_RESERVED_PATH}…`)"
            missing.append(named)
        elif (there := _exists(named, deployer, snapshot, made_here)) is False:
            reason = reason or f"`{named.text}` is not among the users and roles of account {named.arn.account}"
            missing.append(named)
        elif there is None:
            assumed[named.text] = None
    assumed.update(dict.fromkeys(_open_names(policy)))
    return Existence(tuple(missing), reason, tuple(assumed))


#: How a name that is missing can be given: worth saying where the verdict hangs on it.
_OPTION = re.compile(r" \(--[^)]*\)")


def _open_names(policy: Policy) -> Iterator[str]:
    """List the principals whose names are not told in full; those that this deployment makes exist by then."""
    for statement in policy.statements:
        for element in (statement.principal, statement.not_principal):
            for text in (*element.aws, *element.unknown) if element else ():
                if isinstance(text, Unknown) and not text.fresh:
                    yield _OPTION.sub("", str(text).replace("`", ""))


#: The name of every role that IAM Identity Center makes begins so, and it has this path.
_RESERVED_NAME, _RESERVED_PATH = "AWSReservedSSO_", "aws-reserved/sso.amazonaws.com/"


def _lacks_reserved_path(arn: Arn) -> bool:
    kind, _, rest = arn.resource.partition("/")
    return kind == "role" and rest.rpartition("/")[2].startswith(_RESERVED_NAME) and not rest.startswith(_RESERVED_PATH)


def named_principals(policy: Policy) -> Iterator[NamedPrincipal]:
    """List the accounts, users, roles and sessions that a policy names in full."""
    for statement in policy.statements:
        for name, element in (("Principal", statement.principal), ("NotPrincipal", statement.not_principal)):
            for index, text in enumerate(element.aws if element else ()):
                if not isinstance(text, str):
                    continue
                try:
                    arn = Arn.parse(text)
                except ValueError:
                    continue
                if arn.service in ("iam", "sts"):
                    yield NamedPrincipal(text, arn, statement, (*statement.path, name, "AWS", index))


def _exists(
    named: NamedPrincipal, deployer: Deployer, snapshot: Snapshot, made_here: Callable[[], frozenset[str]]
) -> bool | None:
    """Whether a principal exists; ``None`` where the snapshot does not tell."""
    kind, _, rest = named.arn.resource.partition("/")
    account = named.arn.account
    if kind not in ("user", "role", "assumed-role"):
        return True  # accounts and federated users are never looked up; what no principal can be, the parser refuses
    acting = (deployer.principal.arn, deployer.principal.role_arn, deployer.caller.arn, deployer.caller.role_arn)
    if named.text in snapshot.identities or named.text in acting:
        return True
    if kind == "assumed-role":  # of a session, only the role is looked up
        role = rest.partition("/")[0]
        if snapshot.role_named(account, role) or named.text.rpartition("/")[0] in _session_prefixes(deployer):
            return True
        prefix, ending = f"arn:{named.arn.partition}:iam::{account}:role/", f"/{role}"
        made = any(arn.startswith(prefix) and arn.endswith(ending) for arn in made_here())
    else:
        made = named.text in made_here() or f"{named.text.rpartition('/')[0]}/" in made_here()
    return True if made else False if account in snapshot.complete else None


def _session_prefixes(deployer: Deployer) -> set[str]:
    return {principal.arn.rpartition("/")[0] for principal in (deployer.principal, deployer.caller)}


def principals_made(resolver: Resolver, partition: str | None, account: str) -> frozenset[str]:
    """List the ARNs of the users and roles that a template makes under names that are told.

    The name of a service-linked role is the service's own affair: of one, the ARN is listed up to its name.
    """
    made = set()
    head = f"arn:{partition or 'aws'}:iam::{account}:"
    for resource in resolver.template.resources.values():
        if resource.type not in _MAKERS or resource.properties is None or resolver.exists(resource.logical_id) is False:
            continue
        properties = resolver.resolve(resource.properties)
        if not isinstance(properties, MapValue):
            continue
        kind, property_name = _MAKERS[resource.type]
        name, path = properties.items.get(property_name), properties.items.get("Path")
        if isinstance(name, Concrete) and kind == "service-linked role":
            made.add(f"{head}role/aws-service-role/{name.text}/")
        elif isinstance(name, Concrete) and (path is None or isinstance(path, Concrete)):
            made.add(f"{head}{kind}{path.text if path else '/'}{name.text}")
    return frozenset(made)
