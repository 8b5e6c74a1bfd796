"""Requests signed with Signature Version 4 by botocore, ready to be sent: signing them is not what is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.load import raw

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}


def signed_requests(port: int, key: tuple[str, str], service: str, bodies: Iterable[str]) -> list[bytes]:
    """Requests of a Query service to a server on loopback; bodies are without ``Version``."""
    host = f"127.0.0.1:{port}"
    signer = SigV4Auth(Credentials(*key), service, "us-east-1")
    made = []
    for body in bodies:
        data = f"{body}&Version={VERSIONS[service]}".encode()
        headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        request = AWSRequest("POST", f"http://{host}/", headers=headers, data=data)
        signer.add_auth(request)
        made.append(raw("POST", "/", list(request.headers.items()), data))
    return made
