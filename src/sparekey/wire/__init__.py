"""Bytes to calls and back, by botocore's service models; no sockets. The only package that imports botocore.

``route`` finds the operation a request asks for, ``decode`` its parameters; ``encode`` and ``encode_error`` answer.
``sigv4`` verifies signatures. Protocols: AWS JSON (``aws_json``, ``json_output``) and AWS Query (``forms``,
``aws_query``, ``query_xml``). ``constraints`` speaks of broken shapes in AWS's words; where AWS was seen to differ
from its models, ``recorded`` has it. ``describe`` tells what the models know.
"""

from sparekey.wire.answers import decode, encode, encode_error, error_code
from sparekey.wire.describe import (
    error_names,
    input_members,
    operation_names,
    required_members,
    sensitive_names,
    service_names,
)
from sparekey.wire.errors import MismatchedOutput
from sparekey.wire.messages import HttpRequest, HttpResponse
from sparekey.wire.route import Route, protocol_of, route
from sparekey.wire.services import Protocol

__all__ = [
    "HttpRequest",
    "HttpResponse",
    "MismatchedOutput",
    "Protocol",
    "Route",
    "decode",
    "encode",
    "encode_error",
    "error_code",
    "error_names",
    "input_members",
    "operation_names",
    "protocol_of",
    "required_members",
    "route",
    "sensitive_names",
    "service_names",
]
