"""Running the corpus's call scripts: steps against a fresh account, each with what AWS answers.

A step may be called `as` root (the default), a user or a session made by an earlier step, and may `save` parts of its
answer under names that later steps use as `$NAME`. `advance` moves time by seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from botocore import xform_name

from sparekey.errors import ServiceError
from sparekey.wire import error_code
from tests.services.account import ACCOUNT, Client, TestAccount, an_account

CORPUS = Path(__file__).parents[2] / "corpus"
#: the services whose call scripts are run, each in the folder of its name
SCRIPTED = ("iam", "sts", "organizations")


def scripts() -> list[tuple[str, Mapping[str, Any]]]:
    """Every call script with its service."""
    found = []
    for service in SCRIPTED:
        for path in sorted((CORPUS / service).glob("*.yaml")):
            content = yaml.safe_load(path.read_text("utf-8"))
            found += [(service, item) for item in content if "steps" in item]
    return found


def run_script(service: str, item: Mapping[str, Any]) -> None:
    """Run a script; an answer that is not AWS's fails the test, naming the step."""
    account = an_account()
    clients: dict[str, Client] = {"root": account.root}
    saved: dict[str, Any] = {"ACCOUNT": ACCOUNT}
    for number, step in enumerate(item["steps"], 1):
        where = f"{item['id']}, step {number} ({step.get('operation', 'advance')})"
        if "advance" in step:
            account.later(seconds=step["advance"])
            continue
        answer, error = _call(service, _client(account, clients, step.get("as", "root")), step, saved)
        expected = filled(step.get("expect", {}), saved)
        assert (error is not None) == ("code" in expected), f"{where}: {error or answer}"
        if error is not None:
            called = step["operation"].rpartition(":")[0] or service
            assert error_code(called, error) == expected["code"], f"{where}: {error_code(called, error)}: {error}"
            if "message" in expected:
                assert error.message == expected["message"], where
            continue
        compare(answer, expected.get("output", {}), where)
        for name, path in step.get("save", {}).items():
            saved[name] = _at(answer, path)
        if "sign_in" in step:
            credentials = _at(answer, step["sign_in"].get("from", "Credentials"))
            clients[step["sign_in"]["name"]] = account.with_key(
                credentials["AccessKeyId"], credentials.get("SessionToken")
            )


def _client(account: TestAccount, clients: dict[str, Client], name: str) -> Client:
    if name not in clients:
        clients[name] = account.signed_in(name, create=False)
    return clients[name]


def _call(
    service: str, client: Client, step: Mapping[str, Any], saved: Mapping[str, Any]
) -> tuple[Mapping[str, Any], ServiceError | None]:
    called, _, operation = step["operation"].rpartition(":")
    parameters = {xform_name(name): value for name, value in filled(step.get("parameters", {}), saved).items()}
    try:
        return client.call(called or service, operation, **parameters), None
    except ServiceError as error:
        return {}, error


def filled(value: Any, saved: Mapping[str, Any]) -> Any:
    """A value with what was saved in the place of `$NAME`, whole or inside a text."""
    if isinstance(value, str):
        if value.startswith("$") and value[1:] in saved:
            return saved[value[1:]]
        for name in sorted(saved, key=len, reverse=True):
            value = value.replace(f"${name}", str(saved[name])) if f"${name}" in value else value
        return value
    if isinstance(value, list):
        return [filled(each, saved) for each in value]
    if isinstance(value, dict):
        return {key: filled(each, saved) for key, each in value.items()}
    return value


def compare(answer: Any, expected: Any, where: str) -> None:
    """What is expected must be in the answer; `present` and `absent` say just that, a list must be whole."""
    match expected:
        case dict():
            for key, value in expected.items():
                there = isinstance(answer, Mapping) and answer.get(key) is not None
                assert there == (value != "absent"), f"{where}: `{key}` is {'not ' * (not there)}there: {answer}"
                if value not in ("present", "absent"):
                    compare(answer[key], value, f"{where}, {key}")
        case list():
            assert len(answer) == len(expected), f"{where}: {answer}"
            for index, value in enumerate(expected):
                compare(answer[index], value, f"{where}[{index}]")
        case _:
            shown = answer.isoformat() if isinstance(answer, datetime) and isinstance(expected, str) else answer
            assert shown == expected, where


def _at(answer: Any, path: str) -> Any:
    for part in path.split("."):
        answer = answer[int(part)] if part.isdigit() else answer[part]
    return answer
