"""Correct principals that stand in a key policy under a wrong name."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from yaml.nodes import MappingNode, SequenceNode

from sparekey.arn import Arn
from sparekey.check._finding import Verdict
from sparekey.check.fixes._case import Candidate, called
from sparekey.check.fixes._edit import add_values, append_entry, remove_item, replace_value
from sparekey.check.fixes._expressions import arn_expression
from sparekey.check.fixes._nodes import entry
from sparekey.check.fixes._render import Call
from sparekey.check.fixes._splice import spliced
from sparekey.check.fixes._survey import missing_principals
from sparekey.check.rules._questions import administers
from sparekey.policy import Effect, FaultCode, PrincipalElement
from sparekey.template import Concrete, MapValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.nodes import Node

    from sparekey.check.fixes._case import PolicyCase
    from sparekey.check.fixes._page import Page
    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._site import Site
    from sparekey.check.fixes._text import Edit
    from sparekey.policy import Statement
    from sparekey.source import Path

#: Quotation marks that a word processor puts around a text, and the white space copied along.
QUOTES = "“”„‟«»‘’‚‛\"' \t\r\n"  # noqa: RUF001 - typographic quotation marks are what is looked for

#: An ARN of IAM that has lost a colon, or the service before it.
_GARBLED = re.compile(
    r"arn:(aws[a-z-]*):+(?:iam|sts)?:*(\d{12}|\$\{AWS::AccountId\}):((?:root|user/|role/).*)", re.DOTALL
)


#: What follows ``role/aws-service-role/``: the service, the role's name, and a suffix.
_SERVICE_LINKED = re.compile(r"([^/]+)/AWSServiceRoleFor([^/_]+)(?:_(.+))?")


class Named(NamedTuple):
    """A principal as a statement names it: its text, the statement, the element's name, and its path."""

    text: str
    statement: Statement
    element: str
    path: Path


class Correction(NamedTuple):
    """What should stand there, and the class of field reports. ``tree`` is how to write it, if not as usual."""

    arn: str
    cause: str
    tree: Tree | None = None


def principals(case: PolicyCase) -> Iterator[Candidate]:
    """Propose the right name of a principal that does not exist, or is not the one that was meant."""
    if case.branch.report.verdict is Verdict.INVALID_PRINCIPAL:
        for named in _refused(case):
            for correction in corrections(case, named):
                yield _corrected(case, named, correction)
            yield from _under_a_pattern(case, named)
            yield from _taken_out(case.site, named)
            yield from _made_first(case, named)
        return
    for statement in case.policy.statements:
        element = statement.principal
        for named in _principals_of(statement) if element and statement.effect is Effect.ALLOW else ():
            for correction in corrections(case, named):
                aws = tuple(correction.arn if text == named.text else text for text in element.aws) if element else ()
                if case.cured_with(replace(statement, principal=PrincipalElement(aws=aws)), statement):
                    yield _corrected(case, named, correction)


def _principals_of(statement: Statement) -> Iterator[Named]:
    for name, element in (("Principal", statement.principal), ("NotPrincipal", statement.not_principal)):
        for index, text in enumerate(element.aws if element else ()):
            if isinstance(text, str):
                yield Named(text, statement, name, (*statement.path, name, "AWS", index))


def _refused(case: PolicyCase) -> Iterator[Named]:
    """List the principals for which KMS refuses the policy."""
    faulty = [fault.path for fault in case.policy.faults if fault.code is FaultCode.INVALID_PRINCIPALS]
    missing = (
        {named.path for named in missing_principals(case.view, case.policy, case.circumstances)}
        if not faulty
        else set()
    )
    for statement in case.policy.statements:
        for named in _principals_of(statement):
            if named.path in missing or any(path in (named.path, named.path[:-1]) for path in faulty):
                yield named


def _corrected(case: PolicyCase, named: Named, correction: Correction) -> Candidate:
    """Propose the principal that was meant."""
    return Candidate(
        partial(_replaced, case, named, correction),
        f"name `{correction.arn}` in place of `{named.text}` in {called(named.statement)}",
        correction.cause,
        frozenset((correction.arn,)),
        corrects=case.policy.malformed,
    )


def _replaced(case: PolicyCase, named: Named, correction: Correction) -> list[Edit]:
    node = case.site.at(named.path)
    tree = correction.tree if correction.tree is not None else _spliced(case, node, named.text, correction)
    return replace_value(case.site.page, node, tree)


def _spliced(case: PolicyCase, node: Node, old: str, correction: Correction) -> Tree:
    """Write the correction with the words that stand there, or as the template writes principals elsewhere."""
    here, style = case.circumstances, case.site.page.style
    if correction.cause == "C05":
        style = replace(style, partition=style.partition or style.account)
    text = spliced(node, old, correction.arn, style, partition=here.partition, account=here.account)
    if text is not None:
        return text
    if correction.cause == "C05" and not style.substituted:
        return arn_expression(correction.arn, style, account=here.account, partition=here.partition)
    return case.written(correction.arn)


def corrections(case: PolicyCase, named: Named) -> Iterator[Correction]:
    """Guess what was meant by a principal; whatever is proposed of it is checked and proved afterwards."""
    account, partition = case.circumstances.account, case.circumstances.partition
    text = named.text.strip(QUOTES)
    if "${AWS::" in text:
        told = text.replace("${AWS::AccountId}", account).replace("${AWS::Partition}", partition)
        if "${" not in told:
            yield Correction(told, "C14", Call("Fn::Sub", text))
        return
    garbled = _GARBLED.fullmatch(text)
    if garbled and not text.startswith(f"arn:{garbled[1]}:{'sts' if ':sts:' in text else 'iam'}::"):
        yield Correction(f"arn:{garbled[1]}:iam::{garbled[2]}:{garbled[3]}", "C14")
        return
    try:
        arn = Arn.parse(text)
    except ValueError:
        return
    if text != named.text:
        yield Correction(text, "C14")
    yield from _elsewhere(case, named, arn)
    yield from _of_the_deployer(case, arn)
    yield from _of_the_same_name(case, arn)


def _elsewhere(case: PolicyCase, named: Named, arn: Arn) -> Iterator[Correction]:
    """The account or partition is not that of the stack, and nobody elsewhere can administer its keys."""
    here = arn
    cause = "C05"
    if arn.account != case.circumstances.account and administers(case.view, named.statement):
        here, cause = here._replace(account=case.circumstances.account), "C04"
    if arn.partition != case.circumstances.partition:
        here, cause = here._replace(partition=case.circumstances.partition), "C05"
    if here == arn:
        return
    yield Correction(str(here), cause)


def _of_the_deployer(case: PolicyCase, arn: Arn) -> Iterator[Correction]:
    """It is another ARN of the deployer: a session of its role, its role without the path or with a wildcard."""
    name = case.name
    if name.pattern or ":role/" not in name.arn:
        return
    kind, _, rest = arn.resource.partition("/")
    role = name.arn.rpartition("/")[2]
    if arn.service == "sts" and kind == "assumed-role" and rest.partition("/")[0] == role:
        yield Correction(name.arn, "C07")
    elif kind == "role" and str(arn) != name.arn:
        sso = role.startswith("AWSReservedSSO_")
        if rest.rpartition("/")[2] == role or ("*" in rest and fnmatchcase(name.arn, str(arn))):
            yield Correction(name.arn, "C06" if sso else "C12")


def _of_the_same_name(case: PolicyCase, arn: Arn) -> Iterator[Correction]:
    """A user or role of that name exists under another path, or in another spelling; or the template makes it."""
    kind, _, rest = arn.resource.partition("/")
    if kind not in ("user", "role"):
        return
    wanted = rest.rpartition("/")[2].lower()
    known = [
        other
        for other in case.circumstances.snapshot.identities
        if other != str(arn)
        and other.startswith(f"arn:{arn.partition}:iam::{arn.account}:{kind}/")
        and other.rpartition("/")[2].lower() == wanted
    ]
    if len(known) == 1:
        yield Correction(known[0], "C12")
    for resource in case.view.template.resources.values():
        if resource.type == f"AWS::IAM::{kind.title()}" and (meant := _meant(case, resource.logical_id, rest)):
            made = str(arn._replace(resource=f"{kind}/{meant}"))
            yield Correction(made, "C12", Call("Fn::GetAtt", [resource.logical_id, "Arn"]))


def _meant(case: PolicyCase, logical_id: str, name: str) -> str | None:
    """The role or user of the template that an ARN can only mean, as path and name; ``None`` for another.

    One under a name of its own is meant by that name, whatever the path; one without by its logical ID.
    """
    from sparekey.check.fixes._expressions import reaches

    if reaches(case.view.template, logical_id, case.view.logical_id):
        return None
    properties = case.view.template.resources[logical_id].properties
    resolved = case.view.resolver.resolve(properties) if properties is not None else None
    items = resolved.items if isinstance(resolved, MapValue) else {}
    own, path = items.get("RoleName") or items.get("UserName"), items.get("Path")
    if own is None:
        return name if name == logical_id else None
    if not isinstance(own, Concrete) or own.text.lower() != name.rpartition("/")[2].lower():
        return None
    return f"{path.text.lstrip('/') if isinstance(path, Concrete) else ''}{own.text}"


def _under_a_pattern(case: PolicyCase, named: Named) -> Iterator[Candidate]:
    """Propose the account under a condition for the deployer's role, whose path is not told in full."""
    pattern, statement = case.name.pattern, named.statement
    if pattern is None or statement.conditions or statement.principal != PrincipalElement(aws=(named.text,)):
        return
    if fnmatchcase(pattern.rpartition("/*")[2], named.text.rpartition("/")[2]):
        yield Candidate(
            partial(_conditional, case, named, pattern),
            f"name the account under `ArnLike` `{pattern}` in place of `{named.text}` in {called(statement)}",
            "C06",
            case.name.administrators,
            assumptions=case.name.assumptions,
        )


def _conditional(case: PolicyCase, named: Named, pattern: str) -> list[Edit]:
    page, statement = case.site.page, case.site.mapping_at(named.statement.path)
    condition: Tree = {"ArnLike": {"aws:PrincipalArn": case.written(pattern)}}
    named_here = replace_value(page, case.site.at(named.path), case.written(case.root))
    return [*named_here, *append_entry(page, statement, "Condition", condition)]


def _taken_out(site: Site, named: Named) -> Iterator[Candidate]:
    """Propose to name the others only."""
    sequence = site.node(named.path[:-1])
    if isinstance(sequence, SequenceNode):
        yield Candidate(
            partial(remove_item, site.page, sequence, site.at(named.path)),
            f"take `{named.text}` out of {called(named.statement)}",
            "C12",
            rank=8,
            assumptions=(f"nobody is meant to be `{named.text}`; if somebody is, make it before the key",),
        )


def _made_first(case: PolicyCase, named: Named) -> Iterator[Candidate]:
    """Propose to make a service-linked role in the same template, before the key."""
    prefix = f"{case.root.removesuffix(':root')}:role/aws-service-role/"
    found = _SERVICE_LINKED.fullmatch(named.text.removeprefix(prefix))
    resources = entry(case.view.template.root, "Resources")
    if not found or resources is None or not named.text.startswith(prefix):
        return
    service, name, suffix = found.groups()
    logical_id = re.sub(r"[^A-Za-z0-9]", "", name) + "ServiceLinkedRole"
    properties: Tree = {"AWSServiceName": service, **({"CustomSuffix": suffix} if suffix else {})}
    role: Tree = {"Type": "AWS::IAM::ServiceLinkedRole", "Properties": properties}
    yield Candidate(
        partial(_role_before_key, case.page, resources[1], case.view.resource.node, logical_id, role),
        f"make the service-linked role `{named.text}` (`{logical_id}`) before the key",
        "C12",
        frozenset((named.text,)),
        rank=1,
        assumptions=(f"`{case.deployer.name}` may call `iam:CreateServiceLinkedRole`",),
        page=case.page,
    )


def _role_before_key(page: Page, resources: Node, key: MappingNode, logical_id: str, role: Tree) -> list[Edit]:
    """Put a resource behind the others, and let the key depend on it."""
    added = append_entry(page, resources, logical_id, role) if isinstance(resources, MappingNode) else []
    depends_on = entry(key, "DependsOn")
    if depends_on is not None:
        return add_values(page, depends_on[1], logical_id) + added
    return append_entry(page, key, "DependsOn", logical_id) + added  # the key may be what stands last
