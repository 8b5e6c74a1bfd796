"""Where AWS's answers differ from its service models; each row was recorded from AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: (service, shape) → the order in which AWS lists an enum. Values it did not list then follow in the model's order.
ENUM_ORDERS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("kms", "KeySpec"): (
        *("RSA_2048", "ECC_NIST_P384", "ECC_NIST_P256", "ECC_NIST_P521", "HMAC_384", "RSA_3072"),
        *("ECC_SECG_P256K1", "RSA_4096", "SYMMETRIC_DEFAULT", "HMAC_256", "HMAC_224", "HMAC_512"),
    ),
    ("kms", "KeyUsageType"): ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"),
    ("kms", "MacAlgorithmSpec"): ("HMAC_SHA_384", "HMAC_SHA_256", "HMAC_SHA_224", "HMAC_SHA_512"),
    ("cloudformation", "Capability"): ("CAPABILITY_AUTO_EXPAND", "CAPABILITY_NAMED_IAM", "CAPABILITY_IAM"),
}

_STACK_NAME: Final = "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"

#: (service, shape) → the pattern AWS enforces and prints, where the model has none or another.
PATTERNS: Final[Mapping[tuple[str, str], str]] = {
    ("cloudformation", "StackName"): _STACK_NAME,
    ("cloudformation", "StackNameOrId"): _STACK_NAME,
}

#: (service, shape) → the greatest length AWS enforces, where the model has none.
MAXIMA: Final[Mapping[tuple[str, str], int]] = {("cloudformation", "TemplateBody"): 51200}

_NAME: Final = (
    "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
)

#: (service, the model's pattern) → what AWS says, without the usual frame, of a value that breaks it.
SENTENCES: Final[Mapping[tuple[str, str], str]] = {
    ("iam", "[\\w+=,.@-]+"): _NAME,
    ("iam", "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"): (
        "The specified value for {} is invalid. It must begin and end with / "
        "and contain only alphanumeric characters and/or / characters."
    ),
    ("iam", "\\u002F[\\u0021-\\u007F]*"): (
        "The specified value for {} is invalid. It must begin with the / character "
        "and contain only alphanumeric characters and/or / characters."
    ),
}
