"""The recorded documents of the corpus, given to the checks of the service that takes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from sparekey.errors import ServiceError
from sparekey.services.iam.documents import DocumentKind, checked
from sparekey.services.organizations.documents import check_document
from sparekey.services.sts.session_documents import check_session_policy
from tests.conformance.corpus import Case, items

#: The check of each type of policy.
CHECKS: Mapping[str, Callable[[str], object]] = {
    "identity-based policy": lambda text: checked(text, DocumentKind.IDENTITY),
    "session policy": check_session_policy,
    "resource control policy": lambda text: check_document("RESOURCE_CONTROL_POLICY", text),
}
CASES = [case for file, case in items("documents") if file == "policy-validation"]


@pytest.mark.parametrize("case", [pytest.param(case, id=str(case["id"])) for case in CASES])
def test_a_document_is_taken_or_refused_as_recorded(case: Case) -> None:
    check = CHECKS[str(case["type"])]
    text = str(case["text"]) if "text" in case else json.dumps(case["document"])
    if case["expect"] == "accepted":
        check(text)
        return
    with pytest.raises(ServiceError) as refused:
        check(text)
    assert type(refused.value).__name__.removesuffix("Exception") == str(case["code"]).removesuffix("Exception")
    if "message" in case:
        assert refused.value.message == case["message"]
