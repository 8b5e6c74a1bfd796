"""The texts of stack events, word for word."""

from sparekey.check import _event as event


def test_a_lockout_reads_as_it_was_seen_in_stack_events() -> None:
    assert event.refused_by_kms("MalformedPolicyDocumentException", event.LOCKOUT, "CreateKey") == (
        'Resource handler returned message: "The new key policy will not allow you to update the key policy in the '
        'future. (Service: Kms, Status Code: 400, Request ID: <uuid>) (SDK Attempt Count: 1)" (RequestToken: <uuid>, '
        "HandlerErrorCode: InvalidRequest)"
    )


def test_an_exception_without_a_message_is_named_by_the_handler() -> None:
    assert event.refused_by_kms("MalformedPolicyDocumentException", "", "ReplicateKey") == (
        'Resource handler returned message: "ReplicateKey failed due to MalformedPolicyDocumentException '
        '(Service: Kms, Status Code: 400, Request ID: <uuid>) (SDK Attempt Count: 1)" (RequestToken: <uuid>, '
        "HandlerErrorCode: InvalidRequest)"
    )


def test_a_document_over_the_quota_is_a_service_limit() -> None:
    assert event.refused_by_kms("LimitExceededException", "too long", "CreateKey").endswith(
        "HandlerErrorCode: ServiceLimitExceeded)"
    )


def test_a_denied_call_hides_its_reason() -> None:
    assert event.access_denied("kms:CreateKey") == (
        "Resource handler returned message: \"Access denied for operation 'CreateKey'.\" (RequestToken: <uuid>, "
        "HandlerErrorCode: AccessDenied)"
    )


def test_denied_tagging_has_a_text_of_its_own() -> None:
    assert event.access_denied("kms:TagResource") == (
        'Resource handler returned message: "Encountered a permissions error performing a tagging operation, please '
        "add required tag permissions. See "
        "https://repost.aws/knowledge-center/cloudformation-tagging-permission-error for how "
        'to resolve. Resource handler returned message: "Unauthorized tagging operation"" (RequestToken: <uuid>, '
        "HandlerErrorCode: UnauthorizedTaggingOperation)"
    )


def test_refused_rotation_is_the_handlers_own_sentence() -> None:
    assert event.refused_by_handler(event.ROTATION, "InvalidRequest") == (
        'Resource handler returned message: "Invalid request provided: You cannot set the EnableKeyRotation property '
        'to true on asymmetric or external keys." (RequestToken: <uuid>, HandlerErrorCode: InvalidRequest)'
    )


def test_an_unusable_service_role_is_named() -> None:
    role = "arn:aws:iam::123456789012:role/Deploy"
    assert event.cannot_assume(role) == f"Role {role} is invalid or cannot be assumed"
