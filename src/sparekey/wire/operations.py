"""Operations compiled: each once, when it is first called."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sparekey.wire import aws_json, aws_query, json_output, query_xml
from sparekey.wire.models import service_model
from sparekey.wire.services import SERVICES, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparekey.wire.messages import HttpRequest


class CompiledOperation(NamedTuple):
    """An operation as two functions: of a request's parameters or body, and of an output and a request id."""

    read: Callable[[HttpRequest, Mapping[str, str]], dict[str, object]]
    write: Callable[[Mapping[str, object] | None, str], bytes]


@cache
def compiled(service: str, operation: str) -> CompiledOperation:
    """The functions of an operation of a served service.

    Raises:
        KeyError: there is none of that name.
    """
    model = service_model(service)
    shape = model.operations[operation].input
    if SERVICES[service].protocol is Protocol.QUERY:
        read_form = aws_query.compile_input(model, operation, shape)
        return CompiledOperation(lambda _, form: read_form(form), query_xml.compile_output(model, operation))
    read_body = aws_json.compile_input(model, operation, shape)
    write_body = json_output.compile_output(model, operation)
    return CompiledOperation(lambda request, _: read_body(request.body), lambda output, _: write_body(output))
