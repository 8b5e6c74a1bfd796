"""Decisions per second on one core, cold and warm, beside Cedar's engine; and how cost grows."""

from __future__ import annotations

import json
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from benchmarks.measure import Figure, in_turn, noise
from benchmarks.policies import KEY, SESSION, Documents, cedar, large, requests, small
from sparekey.policy import Decision, PolicySet, PolicyType, Principal, Request, RequestContext, authorize, parse_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COUNT = 4000


def run() -> None:
    """Print the tables."""
    print(f"## Decisions: {COUNT} requests that all differ, none decided twice within a run\n")
    for name, documents, aim, aim_compile in (("small", small(), 100_000, 10), ("large", large(), 40_000, 50)):
        _side_by_side(name, documents, aim, aim_compile)
    _growth()


def _side_by_side(name: str, documents: Documents, aim: int, aim_compile: int) -> None:
    policies = documents.compile()
    batch = list(requests(COUNT))
    first = batch[0]
    runs: dict[str, Callable[[], object]] = {
        "compile": lambda: authorize(first, documents.compile()),
        "cold": lambda: _decide(documents.compile(), batch[:200]),
        "warm": lambda: _decide(policies, batch),
    }
    runs.update(_cedar_runs(documents, batch))
    figures = in_turn(runs)
    print(f"{name}: {documents.size / 1024:.0f} KB of policies; aim {aim:,}/s warm, {aim_compile} ms to compile")
    print(f"  parse, compile and decide once  {figures['compile'].best * 1e3:8.1f} ms")
    print(f"  200 requests from cold          {200 / figures['cold'].best:8,.0f} decisions/s, compile included")
    print(f"  warm                            {COUNT / figures['warm'].best:8,.0f} decisions/s")
    _print_cedar(figures)
    print(f"  {noise(figures)}\n")


def _decide(policies: PolicySet, batch: list[Request]) -> int:
    return sum(authorize(request, policies).allowed for request in batch)


def _cedar_runs(documents: Documents, batch: list[Request]) -> Mapping[str, Callable[[], object]]:
    """Cedar on the translated statements, its policies and entities parsed beforehand."""
    if find_spec("cedarpy") is None:
        print("cedarpy is not installed: left out")
        return {}
    module = import_module("cedarpy")
    text = cedar(documents)
    parsed = module.PolicySet.from_str(text)
    entities = module.Entities.from_json_str("[]")
    asked = [_cedar_request(request) for request in batch[:1000]]
    return {
        "cedar compile": lambda: module.PolicySet.from_str(text),
        "cedar": lambda: [module.is_authorized(each, parsed, entities) for each in asked],
        "cedar batch": lambda: module.is_authorized_batch(asked, parsed, entities),
    }


def _cedar_request(request: Request) -> dict[str, object]:
    context = {key.replace(":", "_"): value for key, value in request.context.values.items()}
    facts = {
        "role": SESSION,
        "action": request.action,
        "resource": KEY,
        "kms_ViaService": "s3.eu-central-1.amazonaws.com",
    }
    return {"principal": 'User::"a"', "action": 'Action::"b"', "resource": 'Key::"c"', "context": {**context, **facts}}


def _print_cedar(figures: Mapping[str, Figure]) -> None:
    if "cedar" not in figures:
        return
    single, batch = 1000 / figures["cedar"].best, 1000 / figures["cedar batch"].best
    warm = COUNT / figures["warm"].best
    print(f"  Cedar (Rust), call by call      {single:8,.0f} decisions/s   sparekey/Cedar {warm / single:.2f}")
    print(f"  Cedar (Rust), in batches        {batch:8,.0f} decisions/s   sparekey/Cedar {warm / batch:.2f}")
    print(f"  Cedar compile                   {figures['cedar compile'].best * 1e3:8.1f} ms")


def _growth() -> None:
    print("## Growth: one policy of N statements, parsed, compiled and asked once; then asked again\n")
    request = Request(Principal.from_arn(SESSION), "kms:Decrypt", KEY, RequestContext({"aws:SourceIp": "10.0.0.1"}))
    before = 0.0
    for count in (100, 1_000, 10_000):
        text = _many(count)
        runs: dict[str, Callable[[], object]] = {
            "cold": partial(_decide_cold, request, text),
            "warm": partial(authorize, request, _set_of(text)),
        }
        figures = in_turn(runs, 5)
        cold, warm = figures["cold"].best, figures["warm"].best
        ratio = f"  x{cold / before:.1f} for x10 statements" if before else ""
        size = f"{count:>6,} statements, {len(text) / 1024:7,.0f} KB"
        print(f"  {size}: cold {cold * 1e3:8.1f} ms, warm {warm * 1e6:8.1f} µs{ratio}")
        before = cold
    print()


def _decide_cold(request: Request, text: str) -> Decision:
    return authorize(request, _set_of(text))


def _many(count: int) -> str:
    statement = {"Effect": "Allow", "Action": ["s3:Get*", "kms:Decrypt"]}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {**statement, "Sid": f"S{n}", "Resource": f"arn:aws:kms:*:*:key/{n}-*"} for n in range(count)
            ],
        }
    )


def _set_of(text: str) -> PolicySet:
    root = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}
    key = parse_policy({"Version": "2012-10-17", "Statement": root}, type=PolicyType.KEY, name="key policy")
    return PolicySet(identity=(parse_policy(text, name="many"),), resource=key)
