"""The decision: every policy type, the way to it, and what wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.naive.conditions import BROKEN, conditions_hold
from tests.naive.grants import Grant, grant_namings, issued_by, mapping
from tests.naive.language import Lookup, Value, action_matches, resource_matches, text_list
from tests.naive.principals import LIMITED_BY, Caller, Kind, Named, excepted, named_in, read_caller

Document = Mapping[str, object]
Statement = Mapping[str, object]

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


@dataclass(frozen=True)
class Question:
    """A case, read: who asks for what on which resource, with which context, under which policies."""

    caller: Caller
    action: str
    resource: str
    owner: str
    context: Mapping[str, Value]
    policies: Mapping[str, object]
    grants: tuple[Grant, ...]
    grant_request: Grant | None
    has_boundary: bool

    def lookup(self, key: str) -> Value:
        """The value of a condition key, named in any case."""
        return self.context.get(key.lower())

    @property
    def about_key(self) -> bool:
        """Whether it is about a KMS key, so that the key's policy has a say."""
        return self.action.lower().startswith("kms:") and ":key/" in self.resource

    @property
    def about_trust(self) -> bool:
        """Whether it is about a role that is to be assumed."""
        return self.action.lower().startswith("sts:assume")


def evaluate(case: Mapping[str, object]) -> Result:
    """Decide a case."""
    question = read_question(case)
    if question.action.lower() == "sts:getcalleridentity":
        return Result("allowed")
    denying = frozenset(type_ for type_, documents in layers(question) if denied(documents, question, type_))
    if denying:
        return Result("explicit_deny", denying)
    return Result("allowed" if guardrails_allow(question) and allowed(question) else "implicit_deny")


def read_question(case: Mapping[str, object]) -> Question:
    """Read a case and add the context keys that follow from its principal."""
    caller = read_caller(case["principal"])
    resource = str(case["resource"])
    owner = str(case.get("resource_owner") or account_of(resource) or caller.account)
    policies = mapping(case.get("policies"))
    context: dict[str, Value] = dict(implied_context(caller, str(case["action"])))
    spelled: dict[str, Value] = {}
    for key, value in mapping(case.get("context")).items():
        told = None if value is None else tuple(text_list(value)) if isinstance(value, list) else text_list(value)[0]
        context[key.lower()] = told
        spelled[key] = told
    more = mapping(case["principal"])
    grants = case.get("grants") or []
    assert isinstance(grants, list)
    return Question(
        caller=caller,
        action=str(case["action"]),
        resource=resource,
        owner=owner,
        # Grants look at the encryption context as it is spelled; conditions at every key in lower case.
        context=context | spelled,
        policies=policies,
        grants=tuple(grants),
        grant_request=mapping(case["grant_request"]) if case.get("grant_request") is not None else None,
        has_boundary=bool(more.get("has_boundary")) or policies.get("boundary") is not None,
    )


def account_of(resource: str) -> str:
    """The account in an ARN, if there is one."""
    parts = resource.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def implied_context(caller: Caller, action: str) -> Mapping[str, str]:
    """The context keys that the principal itself brings."""
    types = {
        Kind.ROOT_USER: "Account",
        Kind.IAM_USER: "User",
        Kind.ROLE_SESSION: "AssumedRole",
        Kind.SERVICE_LINKED_ROLE: "AssumedRole",
        Kind.FEDERATED_USER: "FederatedUser",
        Kind.ANONYMOUS: "Anonymous",
    }
    implied = {"aws:principaltype": types[caller.kind]} if caller.kind in types else {}
    if caller.has_identity:
        implied["aws:principalarn"] = caller.role or caller.arn
        implied["aws:principalaccount"] = caller.account
        if action.lower().startswith("kms:"):
            implied["kms:calleraccount"] = caller.account
    if caller.kind == Kind.IAM_USER:
        implied["aws:username"] = caller.arn.rsplit("/", 1)[1]
    return implied


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
    if not covers_action(statement, question.action):
        return False
    trust = type_ == "resource" and question.about_trust
    if not trust and not covers_resource(statement, question.resource, version, question.lookup):
        return False
    block = mapping(statement.get("Condition"))
    return conditions_hold({name: mapping(keys) for name, keys in block.items()}, version, question.lookup)


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
    if "session" in needed and policies.get("session") is not None:
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
        named = grant_namings(grant, question.action, caller, question.context, question.grant_request)
        issuer = issued_by(grant, question.owner)
        at_home = caller.account in (question.owner, issuer) or not caller.has_identity
        if any(own_policies_allow(question, LIMITED_BY[how] if at_home else EVERYTHING) for how in named):
            return True
        retires = question.action.lower() == "kms:retiregrant"
        if retires and caller.account == issuer and own_policies_allow(question, EVERYTHING):
            return True
    return False
