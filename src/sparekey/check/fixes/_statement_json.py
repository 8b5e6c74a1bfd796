"""A statement of a policy as the JSON it came from, as far as every text of it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy import Condition, Statement
    from sparekey.policy._document import Text


def exempting(statement: Statement, arn: str) -> dict[str, object] | None:
    """Write a Deny of an identity-side policy that spares ``arn``; ``None`` where the statement is not fully told."""
    document = statement_json(statement)
    if document is None:
        return None
    conditions: dict[str, dict[str, object]] = {}
    spared = False
    for condition in statement.conditions:
        values: object = _plain(condition.values)
        negated = condition.operator in ("ArnNotLike", "ArnNotEquals", "StringNotEquals", "StringNotLike")
        if not spared and negated and str(condition.key).lower() == "aws:principalarn":
            values, spared = [*(str(value) for value in condition.values), arn], True
        conditions.setdefault(_operator(condition), {})[str(condition.key)] = values
    if not spared:
        conditions.setdefault("ArnNotEquals", {})["aws:PrincipalArn"] = arn
    return {**document, "Condition": conditions}


def statement_json(statement: Statement) -> dict[str, object] | None:
    """Write a statement without principals as plain data; ``None`` where it is not fully told."""
    if statement.unknown or not isinstance(statement.effect, str) or _holds_unknown(statement):
        return None
    document: dict[str, object] = {"Sid": str(statement.sid)} if statement.sid else {}
    document["Effect"] = str(statement.effect)
    for name, texts in (
        ("Action", statement.action),
        ("NotAction", statement.not_action),
        ("Resource", statement.resource),
        ("NotResource", statement.not_resource),
    ):
        if texts is not None:
            document[name] = _plain(texts)
    conditions: dict[str, dict[str, object]] = {}
    for condition in statement.conditions:
        conditions.setdefault(_operator(condition), {})[str(condition.key)] = _plain(condition.values)
    return {**document, "Condition": conditions} if conditions else document


def _holds_unknown(statement: Statement) -> bool:
    parts = (statement.action, statement.not_action, statement.resource, statement.not_resource)
    texts = [text for part in parts for text in part or ()]
    texts += [text for condition in statement.conditions for text in (condition.key, *condition.values)]
    return any(isinstance(text, Unknown) for text in texts)


def _operator(condition: Condition) -> str:
    qualifier = f"{condition.qualifier}:" if condition.qualifier else ""
    return f"{qualifier}{condition.operator}{'IfExists' if condition.if_exists else ''}"


def _plain(texts: tuple[Text, ...]) -> str | list[str]:
    return str(texts[0]) if len(texts) == 1 else [str(text) for text in texts]
