"""Strategies that generate decision cases in the format of ``sparekey simulate``.

Everything is drawn from small alphabets. Each kind of case is rich in something, and so simple in the rest that it
decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.policy import alphabet
from tests.policy.conditions_strategy import condition_block, draw_context
from tests.policy.documents_strategy import (
    About,
    Document,
    control_document,
    document,
    endpoint_document,
    identity_document,
    levels,
    resource_document,
)
from tests.policy.draws import Source, chance, pick, some_of
from tests.policy.texts_strategy import comparison_case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Case = dict[str, object]

ALLOW_ALL: Document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN_TO_ALL: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
GRANT_OPERATIONS = ("Decrypt", "Encrypt", "DescribeKey", "CreateGrant", "RetireGrant", "GenerateDataKey", "Sign")
ENCRYPTION_CONTEXTS: tuple[dict[str, str], ...] = (
    {"app": "a"},
    {"app": "a", "Env": "b"},
    {"app": "b"},
    {},
    {"App": "a"},
)


def delegating(account_root: str = alphabet.ROOT) -> Document:
    """The key policy that leaves everything to the identity policies of an account."""
    named = {"Effect": "Allow", "Principal": {"AWS": account_root}, "Action": "*"}
    return {"Version": "2012-10-17", "Statement": [named | {"Resource": "*"}]}


def condition_case(source: Source) -> Case:
    """A case in which conditions decide: those of one statement, or of a few."""
    caller = pick(source, (alphabet.USER, alphabet.SESSION_CALLER))
    action, resource = pick(source, (*alphabet.KEY_ACTIONS[:3], *alphabet.OTHER_ACTIONS[:2]))
    about = About(caller, action, resource, conditions=85, denies=25, near=96)
    session = caller == alphabet.SESSION_CALLER and chance(source, 60)
    if chance(source, 70):
        drawn = conditional_document(source, session=session)
    else:
        drawn = identity_document(source, about, session=session)
    policies: Case = {"identity": [ALLOW_ALL], "session": [drawn]} if session else {"identity": [drawn]}
    if about.is_key or about.is_trust or chance(source, 15):
        root = trusting(delegating()) if about.is_trust else delegating()
        policies["resource"] = resource_document(source, about) if chance(source, 15) else root
    return case(caller, action, resource, draw_context(source, policies), policies)


def conditional_document(source: Source, *, session: bool) -> Document:
    """Draw a document in which nothing but conditions decides: under Allow, or under Deny beside an Allow."""
    conditional: Case = {"Effect": pick(source, ("Allow", "Deny")), "Action": "*", "Resource": "*"}
    conditional["Condition"] = condition_block(source, 2, session=session)
    statements = [conditional]
    if conditional["Effect"] == "Deny":
        statements.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    return document(source, statements)


def principal_case(source: Source) -> Case:
    """A case in which it decides who is named where."""
    caller = pick(source, alphabet.CALLERS)
    action, resource = draw_request(source, caller)
    about = About(caller, action, resource, statements=4, conditions=8, near=70)
    policies = own_policies(source, about)
    if about.is_key or about.is_trust or chance(source, 60):
        policies["resource"] = resource_document(source, about)
    if about.resource == "*" or "alias/" in about.resource:
        policies.pop("resource", None)
    drawn = case(caller, action, resource, draw_context(source, policies), policies)
    if resource == alphabet.OBJECT or (about.is_key and chance(source, 5)):
        drawn["resource_owner"] = pick(source, (alphabet.HOME, alphabet.ABROAD))
    return drawn


def guardrail_case(source: Source) -> Case:
    """A case in which SCPs, RCPs, boundaries, session policies and endpoints have a say."""
    caller = pick(source, alphabet.CALLERS)
    action, resource = draw_request(source, caller)
    about = About(caller, action, resource, conditions=30, denies=12, near=85)
    policies = own_policies(source, about)
    if about.is_key or about.is_trust:
        policies["resource"] = resource_document(source, about) if chance(source, 30) else open_to(about)
    if chance(source, 60):
        choices = (ALLOW_ALL, identity_document(source, about), ALLOW_ALL)
        policies["scp"] = levels(source, choices, 3)
    if chance(source, 50):
        policies["rcp"] = levels(source, (control_document(source, about),), 2)
    if chance(source, 30):
        policies["endpoint"] = endpoint_document(source, about) if chance(source, 60) else OPEN_TO_ALL
    drawn = case(caller, action, resource, draw_context(source, policies), policies)
    if resource == alphabet.OBJECT:
        drawn["resource_owner"] = pick(source, (alphabet.HOME, alphabet.ABROAD))
    return drawn


def grant_case(source: Source) -> Case:
    """A case in which the grants on a key decide."""
    caller = pick(source, alphabet.CALLERS[:-1])
    action, resource = pick(source, alphabet.KEY_ACTIONS)
    about = About(caller, action, resource, conditions=10, denies=25, near=60)
    policies = own_policies(source, about)
    policies["resource"] = resource_document(source, about) if chance(source, 30) else narrow_key_policy(source)
    if chance(source, 10):
        policies["scp"] = levels(source, (ALLOW_ALL, identity_document(source, about)), 2)
    context = draw_context(source, policies)
    for key in [key for key in context if key.lower() in ("kms:encryptioncontext:app", "aws:sourcearn")]:
        del context[key]
    context |= {f"kms:EncryptionContext:{key}": value for key, value in pick(source, ENCRYPTION_CONTEXTS).items()}
    if chance(source, 60):
        context["aws:SourceArn"] = pick(source, (alphabet.OBJECT, alphabet.ROLE))
    drawn = case(caller, action, resource, context, policies)
    grants = [draw_grant(source, about) for _ in range(1 + chance(source, 40) + chance(source, 20))]
    drawn["grants"] = grants
    if action == "kms:CreateGrant":
        drawn["grant_request"] = draw_grant_request(source, grants[0])
    return drawn


def any_case(source: Source) -> Case:
    """A case of some kind."""
    return pick(source, tuple(KINDS.values()))(source)


def case(caller: alphabet.Caller, action: str, resource: str, context: Case, policies: Case) -> Case:
    """Put a case together."""
    drawn: Case = {"principal": caller, "action": action, "resource": resource}
    return drawn | {"context": context, "policies": policies}


def draw_request(source: Source, caller: alphabet.Caller) -> tuple[str, str]:
    """Draw an action and the resource it is asked on; mostly keys. A root user assumes no roles."""
    actions = alphabet.KEY_ACTIONS if chance(source, 55) else alphabet.OTHER_ACTIONS
    found = pick(source, actions)
    is_root = isinstance(caller, str) and caller.endswith(":root")
    return alphabet.KEY_ACTIONS[0] if is_root and found[0] == "sts:AssumeRole" else found


def own_policies(source: Source, about: About) -> Case:
    """Draw the policies of the caller itself, as far as its kind has them."""
    caller = about.caller
    policies: Case = {}
    if caller in (alphabet.SERVICE, "*", alphabet.ROOT, alphabet.ROOT_ABROAD):
        return policies
    if chance(source, 75):
        policies["identity"] = [ALLOW_ALL] if chance(source, 60) else [identity_document(source, about)]
    if chance(source, 25):
        policies["boundary"] = identity_document(source, about)
    is_session = not isinstance(caller, str)
    if is_session and chance(source, 35):
        policies["session"] = [identity_document(source, about, session=True)]
    elif is_session and chance(source, 20):
        policies["session"] = [ALLOW_ALL]
    return policies


def open_to(about: About) -> Document:
    """A resource-based policy that leaves the caller to its own policies and the guardrails."""
    names: Sequence[str] = about.names
    account = next((name for name in names if name.endswith(":root")), alphabet.ROOT)
    outside = isinstance(about.caller, str) and not about.caller.startswith("arn:")
    policy = OPEN_TO_ALL if outside else delegating(account)
    return trusting(policy) if about.is_trust else policy


def trusting(policy: Document) -> Document:
    """A trust policy out of a key policy: its statements are about STS, and have no resources."""
    statements = policy["Statement"]
    assert isinstance(statements, list)
    kept = [{name: statement[name] for name in ("Effect", "Principal")} for statement in statements]
    return policy | {"Statement": [statement | {"Action": "sts:*"} for statement in kept]}


def narrow_key_policy(source: Source) -> Document:
    """A key policy that delegates little, so that grants matter."""
    policy = delegating(pick(source, (alphabet.ROOT, alphabet.ROOT_ABROAD)))
    statements = policy["Statement"]
    assert isinstance(statements, list)
    actions = pick(source, (["kms:CreateGrant", "kms:RetireGrant"], ["kms:PutKeyPolicy"], ["kms:*"]))
    return policy | {"Statement": [statement | {"Action": actions} for statement in statements]}


def draw_grant(source: Source, about: About) -> Case:
    """Draw a grant."""
    near = about.action.split(":")[1]
    operations = some_of(source, GRANT_OPERATIONS, 3)
    if chance(source, 60) and near in GRANT_OPERATIONS:
        operations.append(near)
    grant: Case = {"grantee": draw_grantee(source, about), "operations": operations}
    constraints = draw_constraints(source)
    if grant["grantee"] == alphabet.SERVICE:
        constraints = {"SourceArn": alphabet.OBJECT}
        grant["retiring_principal"] = alphabet.ROLE
    if constraints:
        grant["constraints"] = constraints
    if chance(source, 30):
        grant["retiring_principal"] = draw_grantee(source, about)
    if chance(source, 40):
        grant["issuing_account"] = pick(source, (alphabet.HOME, alphabet.ABROAD, "333333333333"))
    return grant


def draw_grant_request(source: Source, parent: Case) -> Case:
    """Draw what a new grant is to allow, mostly near what the grant of its maker does."""
    operations = parent["operations"]
    assert isinstance(operations, list)
    asked: Case = {"Operations": some_of(source, operations if chance(source, 75) else GRANT_OPERATIONS[:4], 2)}
    kept = parent.get("constraints", {}) if chance(source, 40) else {}
    assert isinstance(kept, dict)
    constraints = kept | draw_constraints(source)
    if len(constraints.keys() & {"EncryptionContextEquals", "EncryptionContextSubset"}) == 2:
        del constraints["EncryptionContextSubset"]
    return asked | ({"Constraints": constraints} if constraints else {})


def draw_grantee(source: Source, about: About) -> str:
    """Draw a grantee, mostly one that is the caller, its role or its user."""
    if about.caller == alphabet.SERVICE and chance(source, 75):
        return alphabet.SERVICE
    exact = [name for name in about.names if name.startswith("arn:")]
    if exact and chance(source, 75):
        return pick(source, exact)
    return pick(source, [name for name in alphabet.NAMED if name.startswith("arn:")])


def draw_constraints(source: Source) -> Case:
    """Draw the constraints of a grant."""
    constraints: Case = {}
    if chance(source, 35):
        kind = pick(source, ("EncryptionContextSubset", "EncryptionContextEquals"))
        constraints[kind] = dict(pick(source, ENCRYPTION_CONTEXTS))
    if chance(source, 12):
        constraints["SourceArn"] = pick(source, (alphabet.OBJECT, alphabet.ROLE))
    return constraints


#: The kinds of cases, by what decides in them.
KINDS: Mapping[str, Callable[[Source], Case]] = {
    "principals": principal_case,
    "guardrails": guardrail_case,
    "grants": grant_case,
    "conditions": condition_case,
    "comparisons": comparison_case,
}
