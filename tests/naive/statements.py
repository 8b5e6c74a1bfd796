"""Statements: which of them apply to a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.naive.conditions import BROKEN, conditions_hold
from tests.naive.grants import mapping
from tests.naive.language import Lookup, action_matches, resource_matches, text_list
from tests.naive.principals import Named, excepted, named_in

if TYPE_CHECKING:
    from tests.naive.question import Question

Document = Mapping[str, object]
Statement = Mapping[str, object]


def documents(value: object) -> list[Document]:
    """Read one document, a list of them, or none."""
    if value is None:
        return []
    return [mapping(item) for item in value] if isinstance(value, list) else [mapping(value)]


def levels(value: object) -> list[list[Document]]:
    """Read the levels of an organization."""
    return [documents(level) for level in value] if isinstance(value, list) else []


def statements(document: Document) -> list[Statement]:
    """The statements of a document, which may hold a single one without a list."""
    return documents(document.get("Statement"))


def denied(policies: list[Document], question: Question, type_: str) -> bool:
    """Whether some Deny statement applies, be it that its conditions cannot be evaluated."""
    return any(
        statement["Effect"] == "Deny"
        and principal_namings(statement, question, type_)
        and covers_request(statement, document, question, type_) in (True, BROKEN)
        for document in policies
        for statement in statements(document)
    )


def allowing(policies: list[Document], question: Question, type_: str) -> set[Named]:
    """How the Allow statements that apply name the caller; empty where none applies."""
    return {
        named
        for document in policies
        for statement in statements(document)
        if statement["Effect"] == "Allow" and covers_request(statement, document, question, type_) is True
        for named in principal_namings(statement, question, type_)
    }


def principal_namings(statement: Statement, question: Question, type_: str) -> set[Named]:
    """How a statement names the caller; a statement of a policy type without principals names everyone."""
    if "NotPrincipal" in statement:
        denies = statement["Effect"] == "Deny"
        element = statement["NotPrincipal"]
        out = excepted(element, question.caller, denies=denies, has_boundary=question.has_boundary)
        return set() if out else {Named.EVERYONE}
    if "Principal" in statement:
        return named_in(statement["Principal"], question.caller)
    return set() if type_ == "resource" else {Named.EVERYONE}


def covers_request(statement: Statement, document: Document, question: Question, type_: str) -> bool | str:
    """Whether a statement's action, resource and conditions fit the request."""
    version = str(document.get("Version", "2008-10-17"))
    lookup = question.lookup_in_key_policy if type_ == "resource" and question.about_key else question.lookup
    if not covers_action(statement, question.action):
        return False
    trust = type_ == "resource" and question.about_trust
    if not trust and not covers_resource(statement, question.resource, version, lookup):
        return False
    block = mapping(statement.get("Condition"))
    return conditions_hold({name: mapping(keys) for name, keys in block.items()}, version, lookup)


def covers_action(statement: Statement, action: str) -> bool:
    """Whether Action covers, or NotAction does not exclude, an action."""
    if "NotAction" in statement:
        return not any(action_matches(text, action) for text in text_list(statement["NotAction"]))
    return any(action_matches(text, action) for text in text_list(statement.get("Action")))


def covers_resource(statement: Statement, resource: str, version: str, lookup: Lookup) -> bool:
    """Whether Resource covers, or NotResource does not exclude, a resource."""
    if "NotResource" in statement:
        return not any(
            resource_matches(text, resource, version, lookup) for text in text_list(statement["NotResource"])
        )
    return any(resource_matches(text, resource, version, lookup) for text in text_list(statement.get("Resource")))
