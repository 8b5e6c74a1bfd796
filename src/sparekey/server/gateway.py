"""One request, one answer: who signed it, what it asks, what the cloud says.

Errors of services become responses here and nowhere else, and so do faults of ours. In AWS's order: the operation is
found, the caller is authenticated, the parameters are checked, and then the caller is authorized, by the cloud.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

from sparekey import wire
from sparekey.arn import is_account_id
from sparekey.clock import MovableClock
from sparekey.cloud import Circumstances, is_anonymous
from sparekey.errors import InternalFailure, InvalidClientTokenId, ServiceError
from sparekey.policy import Principal, PrincipalKind
from sparekey.services.directory.identifiers import random_uuid
from sparekey.services.directory.record import home_region
from sparekey.services.operation import Caller
from sparekey.storage.interface import StoreUnavailable
from sparekey.wire import sigv4
from sparekey.wire.services import SERVICES

if TYPE_CHECKING:
    from datetime import datetime

    from sparekey.cloud import Cloud
    from sparekey.server.control import Control
    from sparekey.wire.messages import HttpRequest, HttpResponse

LOG: Final = logging.getLogger("sparekey.server")

#: A Region inside a host name: ``sts.eu-west-1.localhost``.
_HOST_REGION: Final = re.compile(r"\.([a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2})\.")

_ANYBODY: Final = Caller(Principal(PrincipalKind.ANONYMOUS, "", has_boundary=False))


class ServiceUnavailable(ServiceError):
    """The store cannot be reached, or gave up on a call; nothing was done, and clients try again."""

    code = "ServiceUnavailable"
    status = 503


class Gateway:
    """Answers requests from a cloud."""

    def __init__(
        self,
        cloud: Cloud,
        *,
        control: Control,
        account: str,
        unsafe_accept_any_credentials: bool = False,
    ) -> None:
        """Serve ``cloud``; ``account`` is whose root user unknown credentials stand for, if they may."""
        self._cloud = cloud
        self._control = control
        self._account = account
        self._unsafe = unsafe_accept_any_credentials

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer a request: an operation's output, an error of its service, or a page of ours."""
        if request.path.startswith("/_sparekey/"):
            return self._control.respond(request)
        request_id = random_uuid(self._cloud.entropy)
        route: wire.Route | None = None
        try:
            signature = sigv4.read_signature(request)
            route = wire.route(request, _service_hint(request, signature))
            caller = self._authenticate(request, signature, route)
            parameters = wire.decode(route, request)
            signed = None if caller is _ANYBODY else signature  # nobody has checked what it says then
            circumstances = self._circumstances(request, signed, route, request_id)
            output = self._cloud.invoke(caller, route.service, route.operation, parameters, circumstances)
            return wire.encode(route, output, request_id)
        except ServiceError as error:
            return wire.encode_error(route, request, error, request_id)
        except StoreUnavailable as error:
            LOG.warning("request %s: the store is not available: %s", request_id, error)
            unavailable = ServiceUnavailable("Service is unable to handle request.")
            return wire.encode_error(route, request, unavailable, request_id)
        except Exception:
            operation = f"{route.service}:{route.operation}" if route else "no operation"
            LOG.exception("request %s failed in %s", request_id, operation)
            failure = InternalFailure(f"An internal error occurred; the server's log has it as request {request_id}.")
            return wire.encode_error(route, request, failure, request_id)

    def refuse(self, request: HttpRequest, error: ServiceError) -> HttpResponse:
        """Answer a request that is not served: too large, too slow, too many."""
        return wire.encode_error(None, request, error, random_uuid(self._cloud.entropy))

    def _authenticate(self, request: HttpRequest, signature: sigv4.Signature | None, route: wire.Route) -> Caller:
        """Who sent a request.

        Raises:
            ServiceError: nobody signed it, or not as it must be.
        """
        if is_anonymous(route.service, route.operation):
            return _ANYBODY  # AWS does not look at a signature it may have
        if signature is None:
            json = route.protocol is wire.Protocol.JSON
            told = "Missing Authentication Token" if json else "Request is missing Authentication Token"
            raise sigv4.MissingAuthenticationToken(told)
        found = _HOST_REGION.search(request.headers.get("host", ""))
        sigv4.check_scope(signature, route.service, found.group(1) if found else None)
        try:
            secret, caller = self._cloud.credential(signature.access_key_id, signature.token)
        except InvalidClientTokenId:
            unsafe = self._unsafe and not _is_of_browser(request)
            stand_in = self._stand_in(signature.access_key_id) if unsafe else None
            if stand_in is None:
                raise
            return stand_in
        sigv4.verify(signature, request, secret, self._signing_time(signature))
        return caller

    def _signing_time(self, signature: sigv4.Signature) -> datetime:
        """The time that a signature is held against: of a clock that was moved, the time that clients sign by."""
        clock = self._cloud.clock
        now = clock.now()
        if isinstance(clock, MovableClock) and not sigv4.is_current(signature, now):
            return clock.unmoved()
        return now

    def _stand_in(self, access_key_id: str) -> Caller | None:
        """The root user that an unknown access key id stands for; ``None`` for one that was made here, some time."""
        from sparekey.services.directory.accounts import ACCOUNTS
        from sparekey.services.directory.callers import caller_of_root_user
        from sparekey.services.directory.credentials import ACCESS_KEYS
        from sparekey.services.directory.identifiers import account_of

        def known(account: str) -> bool:
            return self._cloud.store.read(lambda records: records.get(ACCOUNTS, account)) is not None

        made_for = account_of(access_key_id)
        if made_for is not None and known(made_for):
            return None
        if self._cloud.store.read(lambda records: records.get(ACCESS_KEYS, access_key_id)) is not None:
            return None
        account = access_key_id if is_account_id(access_key_id) and known(access_key_id) else self._account
        return caller_of_root_user(self._cloud.partition, account, access_key_id)

    def _circumstances(
        self, request: HttpRequest, signature: sigv4.Signature | None, route: wire.Route, request_id: str
    ) -> Circumstances:
        return Circumstances(
            region=home_region(route.service, signature.region if signature else "", self._cloud.partition),
            source_ip=request.source_ip,
            user_agent=request.headers.get("user-agent", ""),
            secure=request.secure,
            request_id=request_id,
        )


def _is_of_browser(request: HttpRequest) -> bool:
    """Whether a page in a browser sent a request: any page may reach loopback, and make up credentials."""
    return "origin" in request.headers or "sec-fetch-site" in request.headers


def _service_hint(request: HttpRequest, signature: sigv4.Signature | None) -> str | None:
    """The service in a signature's scope, where it helps to find the operation: where it is the only thing to tell.

    A request that names another service itself is found without it, and then refused for its scope, as AWS does.
    """
    if signature is None:
        return None
    entry = SERVICES.get(signature.service)
    speaks_query = wire.protocol_of(request) is wire.Protocol.QUERY
    return signature.service if entry is None or (speaks_query and entry.protocol is wire.Protocol.QUERY) else None
