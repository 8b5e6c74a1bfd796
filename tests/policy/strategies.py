"""Strategies that generate decision cases in the format of ``sparekey simulate``.

Everything is drawn from small alphabets. A case is drawn with a focus, which tells what of it is rich and what is
kept so simple that the rest decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.policy import alphabet
from tests.policy.conditions_strategy import draw_context
from tests.policy.documents_strategy import (
    About,
    Document,
    control_document,
    endpoint_document,
    identity_document,
    levels,
    resource_document,
)
from tests.policy.draws import chance, pick, some_of

if TYPE_CHECKING:
    from collections.abc import Sequence

Case = dict[str, object]

ALLOW_ALL: Document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN_ENDPOINT: Document = {
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


@st.composite
def condition_cases(draw: st.DrawFn) -> Case:
    """Cases in which conditions decide."""
    caller = pick(draw, (alphabet.USER, alphabet.SESSION_CALLER))
    action, resource = pick(draw, (*alphabet.KEY_ACTIONS[:3], *alphabet.OTHER_ACTIONS[:2]))
    about = About(caller, action, resource, conditions=85, denies=25, near=96)
    policies: Case = {"identity": [ALLOW_ALL]}
    session = not isinstance(caller, str) and chance(draw, 60)
    if session:
        policies["session"] = [identity_document(draw, about, session=True)]
    elif chance(draw, 75):
        policies["identity"] = [identity_document(draw, about) for _ in range(1 + chance(draw, 20))]
    if about.is_key or about.is_trust or chance(draw, 25):
        root = without_resource(delegating()) if about.is_trust else delegating()
        policies["resource"] = resource_document(draw, about) if chance(draw, 25) else root
    return case(caller, action, resource, draw_context(draw, 65), policies)


@st.composite
def principal_cases(draw: st.DrawFn) -> Case:
    """Cases in which it decides who is named where."""
    caller = pick(draw, alphabet.CALLERS)
    action, resource = draw_request(draw, caller)
    about = About(caller, action, resource, statements=4, conditions=8, near=70)
    policies = own_policies(draw, about)
    if about.is_key or about.is_trust or chance(draw, 60):
        policies["resource"] = resource_document(draw, about)
    if about.resource == "*" or "alias/" in about.resource:
        policies.pop("resource", None)
    drawn = case(caller, action, resource, draw_context(draw, 30), policies)
    if resource == alphabet.OBJECT or (about.is_key and chance(draw, 5)):
        drawn["resource_owner"] = pick(draw, (alphabet.HOME, alphabet.ABROAD))
    return drawn


@st.composite
def guardrail_cases(draw: st.DrawFn) -> Case:
    """Cases in which SCPs, RCPs, boundaries, session policies and endpoints have a say."""
    caller = pick(draw, alphabet.CALLERS)
    action, resource = draw_request(draw, caller)
    about = About(caller, action, resource, conditions=30, denies=12, near=85)
    policies = own_policies(draw, about)
    if about.is_key or about.is_trust:
        policies["resource"] = resource_document(draw, about) if chance(draw, 30) else open_to(about)
    if chance(draw, 60):
        choices = (ALLOW_ALL, identity_document(draw, about), ALLOW_ALL)
        policies["scp"] = levels(draw, choices, 3)
    if chance(draw, 50):
        policies["rcp"] = levels(draw, (control_document(draw, about),), 2)
    if chance(draw, 30):
        policies["endpoint"] = endpoint_document(draw, about) if chance(draw, 60) else OPEN_ENDPOINT
    drawn = case(caller, action, resource, draw_context(draw, 50), policies)
    if resource == alphabet.OBJECT:
        drawn["resource_owner"] = pick(draw, (alphabet.HOME, alphabet.ABROAD))
    return drawn


@st.composite
def grant_cases(draw: st.DrawFn) -> Case:
    """Cases in which the grants on a key decide."""
    caller = pick(draw, alphabet.CALLERS[:-1])
    action, resource = pick(draw, alphabet.KEY_ACTIONS)
    about = About(caller, action, resource, conditions=10, denies=8, near=60)
    policies = own_policies(draw, about)
    policies["resource"] = resource_document(draw, about) if chance(draw, 30) else narrow_key_policy(draw)
    if chance(draw, 10):
        policies["scp"] = levels(draw, (ALLOW_ALL, identity_document(draw, about)), 2)
    pairs = pick(draw, ENCRYPTION_CONTEXTS)
    context: Case = {f"kms:EncryptionContext:{key}": value for key, value in pairs.items()}
    if chance(draw, 60):
        context["aws:SourceArn"] = pick(draw, (alphabet.OBJECT, alphabet.ROLE))
    drawn = case(caller, action, resource, context, policies)
    drawn["grants"] = [draw_grant(draw, about) for _ in range(1 + chance(draw, 40) + chance(draw, 20))]
    if action == "kms:CreateGrant" and chance(draw, 90):
        asked: Case = {"Operations": some_of(draw, GRANT_OPERATIONS[:4], 2)}
        constraints = draw_constraints(draw)
        drawn["grant_request"] = asked | ({"Constraints": constraints} if constraints else {})
    return drawn


def cases() -> st.SearchStrategy[Case]:
    """Cases of every focus."""
    return st.one_of(principal_cases(), guardrail_cases(), grant_cases(), condition_cases())


def case(caller: alphabet.Caller, action: str, resource: str, context: Case, policies: Case) -> Case:
    """Put a case together."""
    drawn: Case = {"principal": caller, "action": action, "resource": resource}
    return drawn | {"context": context, "policies": policies}


def draw_request(draw: st.DrawFn, caller: alphabet.Caller) -> tuple[str, str]:
    """Draw an action and the resource it is asked on; mostly keys. A root user assumes no roles."""
    actions = alphabet.KEY_ACTIONS if chance(draw, 55) else alphabet.OTHER_ACTIONS
    found = pick(draw, actions)
    is_root = isinstance(caller, str) and caller.endswith(":root")
    return alphabet.KEY_ACTIONS[0] if is_root and found[0] == "sts:AssumeRole" else found


def own_policies(draw: st.DrawFn, about: About) -> Case:
    """Draw the policies of the caller itself, as far as its kind has them."""
    caller = about.caller
    policies: Case = {}
    if caller in (alphabet.SERVICE, "*", alphabet.ROOT, alphabet.ROOT_ABROAD):
        return policies
    if chance(draw, 75):
        policies["identity"] = [ALLOW_ALL] if chance(draw, 60) else [identity_document(draw, about)]
    if chance(draw, 25):
        policies["boundary"] = identity_document(draw, about)
    is_session = not isinstance(caller, str)
    if is_session and chance(draw, 35):
        policies["session"] = [identity_document(draw, about, session=True)]
    elif is_session and chance(draw, 20):
        policies["session"] = [ALLOW_ALL]
    return policies


def open_to(about: About) -> Document:
    """A resource-based policy that leaves the caller to its own policies and the guardrails."""
    names: Sequence[str] = about.names
    account = next((name for name in names if name.endswith(":root")), alphabet.ROOT)
    document = delegating(account)
    if not isinstance(about.caller, str) or about.caller.startswith("arn:"):
        return without_resource(document) if about.is_trust else document
    named = {"Effect": "Allow", "Principal": "*", "Action": "*"}
    return {"Version": "2012-10-17", "Statement": [named if about.is_trust else named | {"Resource": "*"}]}


def without_resource(document: Document) -> Document:
    """A trust policy out of a key policy: its statements have no resources."""
    statements = document["Statement"]
    assert isinstance(statements, list)
    kept = [{name: value for name, value in statement.items() if name != "Resource"} for statement in statements]
    return document | {"Statement": kept}


def narrow_key_policy(draw: st.DrawFn) -> Document:
    """A key policy that delegates little, so that grants matter."""
    document = delegating(pick(draw, (alphabet.ROOT, alphabet.ROOT_ABROAD)))
    statements = document["Statement"]
    assert isinstance(statements, list)
    actions = pick(draw, (["kms:CreateGrant", "kms:RetireGrant"], ["kms:PutKeyPolicy"], ["kms:*"]))
    return document | {"Statement": [statement | {"Action": actions} for statement in statements]}


def draw_grant(draw: st.DrawFn, about: About) -> Case:
    """Draw a grant."""
    near = about.action.split(":")[1]
    operations = some_of(draw, GRANT_OPERATIONS, 3)
    if chance(draw, 60) and near in GRANT_OPERATIONS:
        operations.append(near)
    grant: Case = {"grantee": draw_grantee(draw, about), "operations": operations}
    constraints = draw_constraints(draw)
    if grant["grantee"] == alphabet.SERVICE:
        constraints = {"SourceArn": alphabet.OBJECT}
        grant["retiring_principal"] = alphabet.ROLE
    if constraints:
        grant["constraints"] = constraints
    if chance(draw, 30):
        grant["retiring_principal"] = draw_grantee(draw, about)
    if chance(draw, 40):
        grant["issuing_account"] = pick(draw, (alphabet.HOME, alphabet.ABROAD))
    return grant


def draw_grantee(draw: st.DrawFn, about: About) -> str:
    """Draw a grantee, mostly one that is the caller, its role or its user."""
    if about.caller == alphabet.SERVICE and chance(draw, 75):
        return alphabet.SERVICE
    exact = [name for name in about.names if name.startswith("arn:")]
    if exact and chance(draw, 75):
        return pick(draw, exact)
    return pick(draw, [name for name in alphabet.NAMED if name.startswith("arn:")])


def draw_constraints(draw: st.DrawFn) -> Case:
    """Draw the constraints of a grant."""
    constraints: Case = {}
    if chance(draw, 35):
        kind = pick(draw, ("EncryptionContextSubset", "EncryptionContextEquals"))
        constraints[kind] = dict(pick(draw, ENCRYPTION_CONTEXTS))
    if chance(draw, 12):
        constraints["SourceArn"] = pick(draw, (alphabet.OBJECT, alphabet.ROLE))
    return constraints
