"""Requests signed by botocore, the independent check, as the server gets them."""

from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sparekey.wire.messages import HttpRequest

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
HOST = "iam.us-east-1.localhost:4566"


def signed(
    method: str = "POST",
    path: str = "/",
    query: str = "",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    service: str = "iam",
    region: str = "us-east-1",
    token: str | None = None,
    at: datetime = NOW,
    expires: int | None = None,
    secret: str = SECRET,
    key_id: str = KEY_ID,
    host: str = HOST,
) -> HttpRequest:
    """A request signed in its headers, or in its query if ``expires`` is given."""
    url = f"http://{host}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method, url, headers={"Host": host, **(headers or {})}, data=body)
    request.context["payload_signing_enabled"] = True
    credentials = Credentials(key_id, secret, token)
    s3 = service == "s3"
    with patch("botocore.auth.get_current_datetime", return_value=at.replace(tzinfo=None)):
        if expires is None:
            (S3SigV4Auth if s3 else SigV4Auth)(credentials, service, region).add_auth(request)
        else:
            auth = S3SigV4QueryAuth if s3 else SigV4QueryAuth
            auth(credentials, service, region, expires=expires).add_auth(request)
    parts = urlsplit(request.url)
    values: dict[str, str] = {}
    for name, value in request.headers.items():
        lowered = name.lower()
        values[lowered] = f"{values[lowered]},{value}" if lowered in values else str(value)
    return HttpRequest(method, parts.path or "/", parts.query, values, body)
