"""The decision: every policy type, the way to it, and what wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.naive.grants import grant_namings, issued_by
from tests.naive.principals import LIMITED_BY, Caller, Kind
from tests.naive.question import Question, read_question
from tests.naive.statements import Document, allowing, denied, documents, levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: What an account may be let do with another account's key.
ACROSS_ACCOUNTS = frozenset(
    {
        "kms:creategrant",
        "kms:decapsulate",
        "kms:decrypt",
        "kms:derivesharedsecret",
        "kms:describekey",
        "kms:encapsulate",
        "kms:encrypt",
        "kms:generatedatakey",
        "kms:generatedatakeypair",
        "kms:generatedatakeypairwithoutplaintext",
        "kms:generatedatakeywithoutplaintext",
        "kms:generatemac",
        "kms:getkeyrotationstatus",
        "kms:getpublickey",
        "kms:listgrants",
        "kms:reencryptfrom",
        "kms:reencryptto",
        "kms:retiregrant",
        "kms:revokegrant",
        "kms:sign",
        "kms:verify",
        "kms:verifymac",
    }
)


@dataclass(frozen=True)
class Result:
    """The outcome, and the policy types that deny explicitly."""

    outcome: str
    denying: frozenset[str] = frozenset()


def evaluate(case: Mapping[str, object]) -> Result:
    """Decide a case."""
    question = read_question(case)
    if question.action.lower() == "sts:getcalleridentity":
        return Result("allowed")
    denying = frozenset(type_ for type_, documents in layers(question) if denied(documents, question, type_))
    if denying:
        return Result("explicit_deny", denying)
    return Result("allowed" if guardrails_allow(question) and allowed(question) else "implicit_deny")


def layers(question: Question) -> Iterable[tuple[str, list[Document]]]:
    """The documents that apply, by policy type; a level of SCPs or RCPs does not matter to a Deny."""
    policies, caller = question.policies, question.caller
    for type_ in ("identity", "session"):
        yield type_, documents(policies.get(type_))
    for type_ in ("boundary", "endpoint"):
        yield type_, documents(policies.get(type_))
    if has_resource_policy(question):
        yield "resource", documents(policies.get("resource"))
    if scp_applies(caller):
        yield "scp", [document for level in levels(policies.get("scp")) for document in level]
    if caller.kind != Kind.SERVICE_LINKED_ROLE and question.action.lower() != "kms:retiregrant":
        yield "rcp", [document for level in levels(policies.get("rcp")) for document in level]


def has_resource_policy(question: Question) -> bool:
    """Whether the resource's own policy is asked: not for KMS actions on an alias or on no resource."""
    return question.about_key or not question.action.lower().startswith("kms:")


def scp_applies(caller: Caller) -> bool:
    """Whether service control policies bind a caller."""
    return caller.has_identity and caller.kind != Kind.SERVICE_LINKED_ROLE


def guardrails_allow(question: Question) -> bool:
    """Whether every SCP level and the VPC endpoint let the request through. RCPs allow whatever they do not deny."""
    limited = question.policies.get("scp") is not None and scp_applies(question.caller)
    if limited and not all(allowing(level, question, "scp") for level in levels(question.policies["scp"])):
        return False
    endpoint = question.policies.get("endpoint")
    return endpoint is None or bool(allowing(documents(endpoint), question, "endpoint"))


def own_policies_allow(question: Question, needed: frozenset[str]) -> bool:
    """Whether those of the caller's own policies that are needed allow the request."""
    caller, policies = question.caller, question.policies
    if caller.kind == Kind.ROOT_USER:
        return True
    if "identity" in needed and not allowing(documents(policies.get("identity")), question, "identity"):
        return False
    bounded = "boundary" in needed and policies.get("boundary") is not None
    if bounded and not allowing(documents(policies["boundary"]), question, "boundary"):
        return False
    if "session" in needed and documents(policies.get("session")):
        return bool(allowing(documents(policies["session"]), question, "session"))
    # Without a session policy a federated user may do nothing of what its user may.
    return "session" not in needed or caller.kind != Kind.FEDERATED_USER


EVERYTHING = frozenset({"identity", "boundary", "session"})


def allowed(question: Question) -> bool:
    """Whether something allows the request, no Deny standing against it."""
    caller = question.caller
    if question.action.lower().startswith("kms:"):
        if not question.about_key:
            return kms_without_key_allowed(question)
        return key_allowed(question) or granted(question)
    named = allowing(documents(question.policies.get("resource")), question, "resource")
    if not caller.has_identity:
        return bool(named)
    if caller.account != question.owner:
        return bool(named) and own_policies_allow(question, EVERYTHING)
    if any(own_policies_allow(question, LIMITED_BY[how]) for how in named):
        return True
    return not question.about_trust and own_policies_allow(question, EVERYTHING)


def kms_without_key_allowed(question: Question) -> bool:
    """Whether a KMS action that asks for no key is allowed: the caller's own policies decide, at home."""
    if ":alias/aws/" in question.resource and not question.action.lower().startswith("kms:list"):
        return False
    caller = question.caller
    return caller.has_identity and caller.account == question.owner and own_policies_allow(question, EVERYTHING)


def key_allowed(question: Question) -> bool:
    """Whether the key policy allows the request, itself or by delegating to the caller's own policies."""
    caller = question.caller
    if question.action.lower() == "kms:retiregrant":
        return False
    named = allowing(documents(question.policies.get("resource")), question, "resource")
    if not caller.has_identity:
        return bool(named)
    if caller.account != question.owner:
        known = question.action.lower() in ACROSS_ACCOUNTS
        return known and bool(named) and own_policies_allow(question, EVERYTHING)
    return any(own_policies_allow(question, LIMITED_BY[how]) for how in named)


def granted(question: Question) -> bool:
    """Whether a grant allows the request."""
    caller = question.caller
    for grant in question.grants:
        named = grant_namings(grant, question.action, caller, question.spelled, question.grant_request)
        issuer = issued_by(grant, question.owner)
        at_home = caller.account in (question.owner, issuer) or not caller.has_identity
        if any(own_policies_allow(question, LIMITED_BY[how] if at_home else EVERYTHING) for how in named):
            return True
        retires = question.action.lower() == "kms:retiregrant"
        if retires and caller.account == issuer and own_policies_allow(question, EVERYTHING):
            return True
    return False
