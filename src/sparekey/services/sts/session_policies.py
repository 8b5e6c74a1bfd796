"""Session policies as requests give them, and the room they take together with session tags.

AWS packs both into a binary form it does not describe and tells how much of the allotted space that takes. Our
judgement: the policy without insignificant white space, the policy ARNs, and the tags' keys and values are counted in
UTF-8 bytes, of which :data:`ALLOTTED` are allowed. AWS's own example, a policy of 106 characters, is 6 % of both.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.errors import ValidationError
from sparekey.services.directory.carried import managed_document
from sparekey.services.directory.remembered import Reads
from sparekey.services.sts.errors import PackedPolicyTooLargeException
from sparekey.services.sts.session_documents import check_session_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.services.operation import Call

#: Bytes that session policies and session tags may take together.
ALLOTTED: Final = 2048
#: Characters of an inline session policy and the ARNs of managed ones, as they are given.
LARGEST_PLAIN: Final = 2048
MOST_ARNS: Final = 10


class SessionPolicies(NamedTuple):
    """What limits a session: the inline policy (none or one document) and the ARNs of managed policies."""

    documents: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()


def read_session_policies(
    call: Call, account: str, policy: str | None, policy_arns: Sequence[Mapping[str, str]]
) -> SessionPolicies:
    """The session policies of a request; managed ones must be the account's (the role's, the user's) or AWS's own.

    Raises:
        MalformedPolicyDocumentException: the inline policy breaks the grammar.
        ValidationError: too many, too long, or an ARN of no managed policy.
    """
    arns = tuple(each.get("arn", "") for each in policy_arns)
    if len(arns) > MOST_ARNS:
        raise _too_long("policyArns", MOST_ARNS)
    if len(policy or "") + sum(map(len, arns)) > LARGEST_PLAIN:
        raise _too_long("policy", LARGEST_PLAIN)
    if policy is not None:
        check_session_policy(policy)
    reads = Reads(call.records)
    for arn in arns:
        owner = arn.split(":", 5)[4:5]
        if owner not in ([account], ["aws"]) or managed_document(reads, arn) is None:
            raise ValidationError(f"{arn} is invalid")
    return SessionPolicies((policy,) if policy is not None else (), arns)


def _too_long(member: str, most: int) -> ValidationError:
    return ValidationError(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {most}"
    )


def packed_size(policies: SessionPolicies, tags: Mapping[str, str]) -> int:
    """How much of the allotted space session policies and session tags take, in percent.

    Raises:
        PackedPolicyTooLargeException: more than there is.
    """
    texts = [json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False) for text in policies.documents]
    taken = sum(
        len(text.encode("utf-8", "surrogatepass")) for text in (*texts, *policies.arns, *tags.keys(), *tags.values())
    )
    percent = -(-100 * taken // ALLOTTED)
    if percent > 100 and (policies.documents or policies.arns):
        raise PackedPolicyTooLargeException(
            f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
        )
    if percent > 100:
        raise PackedPolicyTooLargeException(f"Packed size of session tags consumes {percent}% of allotted space.")
    return percent
