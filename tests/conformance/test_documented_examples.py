"""The examples in AWS's own service models: each request made of a prepared account, and its response compared.

What an account must have before an example makes sense, and where the answer differs from what AWS printed, is in
``documented_examples.yaml``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import botocore
import pytest
import yaml

from tests.conformance.call_scripts import filled
from tests.conformance.over_the_wire import Wired
from tests.services.account import ACCOUNT, Client, TestAccount, an_account
from tests.services.iam.certificates import certificate, private_key
from tests.services.sts.identity_providers import Response, metadata

MODELS = {"iam": "2010-05-08", "sts": "2011-06-15", "organizations": "2016-11-28"}

PREPARED: Mapping[str, Any] = yaml.safe_load(
    Path(__file__).with_name("documented_examples.yaml").read_text(encoding="utf-8")
)

#: Members that came after the examples.
NEWER = {"SessionTokenSize", "SessionTokenUtilization"}

#: Members whose values nobody can foresee; that they are there is all that is asked.
DRAWN = {
    *("AccessKeyId", "SecretAccessKey", "SessionToken", "AssumedRoleId", "CertificateId", "CertificateBody"),
    *("UserId", "GroupId", "RoleId", "InstanceProfileId", "ServerCertificateId", "JobId", "PackedPolicySize"),
    *("AssumeRolePolicyDocument", "NameQualifier", "Fingerprint"),
}


def examples() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every example with its name: service and operation, and a number where an operation has several."""
    folder = Path(botocore.__file__).parent / "data"
    for service, version in MODELS.items():
        told = json.loads((folder / service / version / "examples-1.json").read_text(encoding="utf-8"))
        for operation, found in told["examples"].items():
            for number, example in enumerate(found, 1):
                yield f"{service}:{operation}" + (f":{number}" if len(found) > 1 else ""), example


EXAMPLES = dict(examples())


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_answer_is_that_of_the_example(name: str) -> None:
    example, prepared = EXAMPLES[name], PREPARED.get(name) or {}
    if "unlike" in prepared:
        pytest.skip(prepared["unlike"])
    world = World(prepared.get("account", ACCOUNT))
    world.run(prepared.get("prepare", ()))
    service, operation = name.split(":")[:2]
    given = {**renamed(example.get("input") or {}, prepared, world.saved), **prepared.get("parameters", {})}
    answer = world.call(service, {"operation": operation, "as": prepared.get("as", "root"), "parameters": given})
    world.keep(prepared, answer)
    expected = renamed(example.get("output") or {}, prepared, world.saved)
    for member, key in prepared.get("sorted", {}).items():
        expected, answer = (
            {**whole, member: sorted(whole[member], key=itemgetter(key))} for whole in (expected, answer)
        )
    found = dict(differences(expected, answer, ""))
    assert found.keys() == set(prepared.get("differs", ())), found


def test_every_preparation_is_of_an_example() -> None:
    assert not set(PREPARED) - {"shared"} - set(EXAMPLES)


class World:
    """An account and what was saved of its answers."""

    def __init__(self, account: str) -> None:
        self.account: TestAccount = an_account(account)
        self.wired = Wired(self.account)
        self.clients: dict[str, Client] = {"root": self.account.root}
        self.saved: dict[str, Any] = {
            "ACCOUNT": account,
            "CERTIFICATE": certificate("example"),
            "PRIVATE_KEY": private_key(),
            "METADATA": metadata("corp"),
            "RESPONSE": Response(
                role=f"arn:aws:iam::{account}:role/TestSaml",
                provider=f"arn:aws:iam::{account}:saml-provider/SAML-test",
            ).encoded(),
        }

    def run(self, steps: Iterable[Any]) -> None:
        """Make calls, one after the other."""
        for step in steps:
            if isinstance(step, list):
                self.run(step)
            elif "advance" in step:
                self.account.later(seconds=step["advance"])
            elif "open" in step:
                self.clients[filled(step["open"], self.saved)] = self.account.root_of(filled(step["open"], self.saved))
            else:
                service, _, operation = step["operation"].rpartition(":")
                self.keep(step, self.call(service, {**step, "operation": operation}))

    def keep(self, step: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Save what a step says of its answer, and sign in."""
        for name, path in step.get("save", {}).items():
            self.saved[name] = _at(answer, path)
        if "sign_in" in step:
            credentials = answer["Credentials"]
            self.clients[step["sign_in"]] = self.account.with_session(credentials)

    def call(self, service: str, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """One call; its answer."""
        name = filled(step.get("as", "root"), self.saved)
        if name not in self.clients:
            self.clients[name] = self.account.signed_in(name, create=False)
        parameters = {
            name: value for name, value in filled(step.get("parameters", {}), self.saved).items() if value is not None
        }
        return self.wired.call(self.clients[name], service, step["operation"], **parameters)


def renamed(value: Any, prepared: Mapping[str, Any], saved: Mapping[str, Any]) -> Any:
    """A part of an example with the ids that things have here in the place of AWS's."""
    names = {old: str(filled(new, saved)) for old, new in prepared.get("rename", {}).items()}

    def change(value: Any) -> Any:
        if isinstance(value, str):
            for old in sorted(names, key=len, reverse=True):
                value = value.replace(old, names[old])
            return value
        if isinstance(value, list):
            return [change(each) for each in value]
        if isinstance(value, dict):
            return {key: change(each) for key, each in value.items()}
        return value

    return change(value)


def differences(expected: Any, answer: Any, path: str) -> Iterator[tuple[str, str]]:
    """Where an answer is not as expected, and how."""
    match expected:
        case dict():
            for name in expected.keys() | answer.keys():
                where = f"{path}.{name}".lstrip(".")
                if name in NEWER:
                    continue
                if name not in answer or name not in expected:
                    yield where, "missing" if name in expected else f"unexpected: {answer[name]}"
                elif name not in DRAWN:
                    yield from differences(expected[name], answer[name], where)
        case list():
            if len(expected) != len(answer):
                yield path, f"{len(answer)} items: {answer}"
                return
            for index, (one, other) in enumerate(zip(expected, answer, strict=True)):
                yield from differences(one, other, f"{path}.{index}")
        case _ if not isinstance(answer, datetime) and expected != answer:
            yield path, f"{answer} instead of {expected}"


def _at(answer: Any, path: str) -> Any:
    for part in path.split("."):
        answer = answer[int(part)] if part.isdigit() else answer[part]
    return answer
