"""KMS grants: which of them let a caller call an operation."""

from __future__ import annotations

from collections.abc import Mapping

from tests.naive.language import Value, text_list
from tests.naive.principals import Caller, Kind, Named, namings

Grant = Mapping[str, object]
Context = Mapping[str, Value]
ENCRYPTION_CONTEXT = "kms:encryptioncontext:"


def grant_namings(grant: Grant, action: str, caller: Caller, context: Context, request: Grant | None) -> set[Named]:
    """How a grant names a caller whom it lets call an action; empty where it lets it not."""
    operation = action.split(":", 1)[1].lower()
    if operation == "retiregrant":
        return retirement_namings(grant, caller)
    constraints = mapping(grant.get("constraints"))
    if not lists(grant, operation) or not source_fits(constraints, context):
        return set()
    if operation == "creategrant":
        if request is None or not covers(grant, request):
            return set()
    elif operation != "describekey" and not encryption_context_fits(constraints, context):
        return set()
    grantee = str(grant["grantee"])
    if caller.kind == Kind.AWS_SERVICE and "SourceArn" not in constraints:
        return set()
    return namings(grantee, caller)


def retirement_namings(grant: Grant, caller: Caller) -> set[Named]:
    """Who may retire a grant: its retiring principal, and its grantee if that is among its operations.

    The account that made it may as well; that is no matter of the grant's own and stands in ``may_retire_as_issuer``.
    """
    found = set()
    if grant.get("retiring_principal"):
        found |= namings(str(grant["retiring_principal"]), caller)
    if lists(grant, "retiregrant"):
        found |= namings(str(grant["grantee"]), caller)
    return found


def lists(grant: Grant, operation: str) -> bool:
    """Whether an operation is among those of a grant."""
    return operation in [text.lower() for text in text_list(grant.get("operations"))]


def source_fits(constraints: Mapping[str, object], context: Context) -> bool:
    """Whether the request comes from the resource that the grant is made for."""
    if "SourceArn" not in constraints:
        return True
    given = [value for key, value in context.items() if key.lower() == "aws:sourcearn"]
    return given == [constraints["SourceArn"]]


def encryption_context_fits(constraints: Mapping[str, object], context: Context) -> bool:
    """Whether the request's encryption context is what the grant asks for, letter by letter."""
    given = {
        key[len(ENCRYPTION_CONTEXT) :]: value
        for key, value in context.items()
        if key.lower().startswith(ENCRYPTION_CONTEXT) and value is not None
    }
    exactly, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    if exactly is not None and given != mapping(exactly):
        return False
    return subset is None or all(given.get(key) == value for key, value in mapping(subset).items())


def covers(parent: Grant, child: Grant) -> bool:
    """Whether a grant lets its grantee make another: no operation more, and constraints at least as strict."""
    if not all(lists(parent, operation.lower()) for operation in text_list(child.get("Operations"))):
        return False
    wanted, given = mapping(parent.get("constraints")), mapping(child.get("Constraints"))
    if "SourceArn" in wanted and given.get("SourceArn") != wanted["SourceArn"]:
        return False
    if "EncryptionContextEquals" in wanted:
        return given.get("EncryptionContextEquals") == wanted["EncryptionContextEquals"]
    if "EncryptionContextSubset" in wanted:
        narrower = given.get("EncryptionContextEquals", given.get("EncryptionContextSubset"))
        if narrower is None:
            return False
        return mapping(wanted["EncryptionContextSubset"]).items() <= mapping(narrower).items()
    return True


def issued_by(grant: Grant, owner: str) -> str:
    """The account whose principal made a grant: the key's own, unless it says otherwise."""
    return str(grant.get("issuing_account") or owner)


def mapping(value: object) -> Mapping[str, object]:
    """Read a mapping that may be missing."""
    return value if isinstance(value, Mapping) else {}
