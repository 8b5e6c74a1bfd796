"""Server certificates. No service here uses them, so nothing keeps one from being deleted.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.services.directory.certificates import (
    SERVER_CERTIFICATE_KEY,
    SERVER_CERTIFICATES,
    ServerCertificate,
)
from sparekey.services.iam.errors import EntityAlreadyExistsException, LimitExceededException
from sparekey.services.iam.names import arn, unique_id
from sparekey.services.iam.owners import not_found
from sparekey.services.iam.paging import page
from sparekey.services.iam.resources import removed_tags, request_tags, under
from sparekey.services.iam.tagging import listed_tags, retagged, tag_list, tag_member, tagged, untagged
from sparekey.services.iam.x509 import check_chain, check_key_pair, read_certificate, read_private_key
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.services.operation import Call, Output, Tags


def certificate(call: Call, *, server_certificate_name: str, **_: object) -> Target:
    """The server certificate a request names."""
    found = call.records.get(SERVER_CERTIFICATES, call.account, server_certificate_name.lower())
    if found is None:
        return Target(arn(call, f"server-certificate/{server_certificate_name}"))
    return Target(found.arn, tags=found.tags)


def new_certificate(call: Call, *, server_certificate_name: str, path: str = "/", **_: object) -> Target:
    """The server certificate a request would make."""
    return Target(arn(call, f"server-certificate{path}{server_certificate_name}"))


@operation("iam:UploadServerCertificate", resource=new_certificate, context=request_tags)
def upload_server_certificate(
    call: Call,
    *,
    server_certificate_name: str,
    certificate_body: str,
    private_key: str,
    path: str = "/",
    certificate_chain: str | None = None,
    tags: Tags | None = None,
) -> Output:
    """Keep a certificate with its private key, which nobody can read back."""
    target = new_certificate(call, server_certificate_name=server_certificate_name, path=path)
    if tags:
        call.authorize("iam:TagServerCertificate", target, request_tags(call, tags=tags))
    read = read_certificate(certificate_body)
    check_key_pair(read, read_private_key(private_key))
    if certificate_chain is not None:
        check_chain(read, certificate_chain)
    limit = call.quotas["ServerCertificates"]
    _free_name(call, server_certificate_name)
    if call.records.count(SERVER_CERTIFICATES, call.account, limit=limit) >= limit:
        raise LimitExceededException(f"Cannot exceed quota for ServerCertificatesPerAccount: {limit}")
    made = ServerCertificate(
        name=server_certificate_name,
        path=path,
        certificate_id=unique_id(call, "ASCA"),
        arn=target.arn,
        body=certificate_body.strip(),
        private_key=call.sealer.seal(private_key.encode(), SERVER_CERTIFICATE_KEY),
        uploaded=call.now,
        expires=read.not_valid_after_utc,
        chain=certificate_chain.strip() if certificate_chain else None,
        tags=tagged({}, tags),
    )
    call.records.put(SERVER_CERTIFICATES, (call.account, made.name.lower()), made)
    return {"ServerCertificateMetadata": _metadata(made), **tag_member(made.tags)}


@operation("iam:GetServerCertificate", resource=certificate)
def get_server_certificate(call: Call, *, server_certificate_name: str) -> Output:
    """Read a server certificate and its chain."""
    found = _find(call, server_certificate_name)
    shown: dict[str, object] = {
        "ServerCertificateMetadata": _metadata(found),
        "CertificateBody": found.body,
        "Tags": tag_list(found.tags),
    }
    if found.chain:
        shown["CertificateChain"] = found.chain
    return {"ServerCertificate": shown}


@operation("iam:ListServerCertificates", resource=under("server-certificate"))
def list_server_certificates(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the server certificates whose path begins with a prefix."""
    keep = None if path_prefix == "/" else lambda each: each.path.startswith(path_prefix)
    found = page(call, SERVER_CERTIFICATES, call.account, marker=marker, max_items=max_items, keep=keep)
    return {"ServerCertificateMetadataList": [_metadata(each) for each in found.items], **found.members}


@operation("iam:UpdateServerCertificate", resource=certificate)
def update_server_certificate(
    call: Call,
    *,
    server_certificate_name: str,
    new_path: str | None = None,
    new_server_certificate_name: str | None = None,
) -> None:
    """Rename or move a server certificate; the caller must be allowed it under the old name and the new."""
    found = _find(call, server_certificate_name)
    name, path = new_server_certificate_name or found.name, new_path or found.path
    target = new_certificate(call, server_certificate_name=name, path=path)
    if target.arn != found.arn:
        call.authorize("iam:UpdateServerCertificate", target._replace(tags=found.tags))
    if name.lower() != found.name.lower():
        _free_name(call, name)
        call.records.delete(SERVER_CERTIFICATES, call.account, found.name.lower())
    moved = replace(found, name=name, path=path, arn=target.arn)
    call.records.put(SERVER_CERTIFICATES, (call.account, name.lower()), moved)


@operation("iam:DeleteServerCertificate", resource=certificate)
def delete_server_certificate(call: Call, *, server_certificate_name: str) -> None:
    """Delete a server certificate."""
    found = _find(call, server_certificate_name)
    call.records.delete(SERVER_CERTIFICATES, call.account, found.name.lower())


@operation("iam:ListServerCertificateTags", resource=certificate)
def list_server_certificate_tags(
    call: Call, *, server_certificate_name: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the tags of a server certificate, by key."""
    return listed_tags(_find(call, server_certificate_name).tags, marker, max_items)


@operation("iam:TagServerCertificate", resource=certificate, context=request_tags)
def tag_server_certificate(call: Call, *, server_certificate_name: str, tags: Tags) -> None:
    """Put tags on a server certificate."""
    found = _find(call, server_certificate_name)
    changed = replace(found, tags=retagged(found.tags, tags))
    call.records.put(SERVER_CERTIFICATES, (call.account, found.name.lower()), changed)


@operation("iam:UntagServerCertificate", resource=certificate, context=removed_tags)
def untag_server_certificate(call: Call, *, server_certificate_name: str, tag_keys: Sequence[str]) -> None:
    """Take tags off a server certificate."""
    found = _find(call, server_certificate_name)
    changed = replace(found, tags=untagged(found.tags, tag_keys))
    call.records.put(SERVER_CERTIFICATES, (call.account, found.name.lower()), changed)


def _find(call: Call, name: str) -> ServerCertificate:
    found = call.records.get(SERVER_CERTIFICATES, call.account, name.lower())
    if found is None:
        raise not_found("Server Certificate with name", name)
    return found


def _free_name(call: Call, name: str) -> None:
    if call.records.get(SERVER_CERTIFICATES, call.account, name.lower()) is not None:
        raise EntityAlreadyExistsException(f"The Server Certificate with name {name} already exists.")


def _metadata(found: ServerCertificate) -> dict[str, object]:
    return {
        "Path": found.path,
        "ServerCertificateName": found.name,
        "ServerCertificateId": found.certificate_id,
        "Arn": found.arn,
        "UploadDate": found.uploaded,
        "Expiration": found.expires,
    }


OPERATIONS = (
    upload_server_certificate,
    get_server_certificate,
    list_server_certificates,
    update_server_certificate,
    delete_server_certificate,
    list_server_certificate_tags,
    tag_server_certificate,
    untag_server_certificate,
)
