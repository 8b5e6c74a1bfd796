"""No secret lies in the clear where it need not: not in files, not in the record, not in what the server prints."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.clients.endpoint import Endpoint, start
from tests.services.account import ACCOUNT, allow
from tests.services.iam.certificates import certificate, private_key, rsa_key, saml_metadata
from tests.services.world import trust

PASSWORDS = ("F1rst-Secret-Word!", "Sec0nd-Secret-Word!", "Th1rd-Secret-Word!", "Wr0ng-Secret-Word!", "N0t-Taken-Word!")


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    endpoint = start(tmp_path_factory.mktemp("state") / "kept")
    yield endpoint
    if endpoint.process.poll() is None:
        endpoint.kill()


def refused(call: Any, **parameters: Any) -> None:
    with pytest.raises(ClientError):
        call(**parameters)


def passwords(endpoint: Endpoint, key: dict[str, str]) -> list[str]:
    first, second, third, wrong, not_taken = PASSWORDS
    iam, own = endpoint.client("iam"), endpoint.client("iam", key)
    iam.create_login_profile(UserName="ann", Password=first)
    iam.update_login_profile(UserName="ann", Password=second)
    own.change_password(OldPassword=second, NewPassword=third)
    refused(own.change_password, OldPassword=wrong, NewPassword=not_taken)
    refused(iam.create_login_profile, UserName="nobody", Password=not_taken)
    return list(PASSWORDS)


def credentials(endpoint: Endpoint) -> list[str]:
    iam = endpoint.client("iam")
    seed = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    named = {"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"}
    made = iam.create_service_specific_credential(**named)["ServiceSpecificCredential"]
    again = iam.reset_service_specific_credential(
        UserName="ann", ServiceSpecificCredentialId=made["ServiceSpecificCredentialId"]
    )["ServiceSpecificCredential"]
    key = private_key()
    pair = {"CertificateBody": certificate("site"), "PrivateKey": key}
    iam.upload_server_certificate(ServerCertificateName="site", **pair)
    refused(iam.upload_server_certificate, ServerCertificateName="site", **pair)
    of_saml = rsa_key(5).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    iam.create_saml_provider(
        Name="Corp", SAMLMetadataDocument=saml_metadata(), AddPrivateKey=of_saml, AssertionEncryptionMode="Allowed"
    )
    return [
        seed["Base32StringSeed"].decode(),
        made["ServicePassword"],
        again["ServicePassword"],
        key.splitlines()[1],
        of_saml.splitlines()[3],
    ]


def sessions(endpoint: Endpoint, key: dict[str, str]) -> list[str]:
    role = f"arn:aws:iam::{ACCOUNT}:role/Worker"
    endpoint.client("iam").create_role(RoleName="Worker", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}))
    sts = endpoint.client("sts", key)
    made = [
        sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"],
        sts.get_session_token()["Credentials"],
        sts.get_federation_token(Name="fed")["Credentials"],
    ]
    refused(endpoint.client("iam", made[0]).list_users)
    refused(endpoint.client("iam", {**made[0], "SecretAccessKey": "x" * 40}).list_users)
    token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL3NlY3JldCJ9.c2VjcmV0c2ln"
    refused(sts.assume_role_with_web_identity, RoleArn=role, RoleSessionName="session", WebIdentityToken=token)
    assertion = "c2VjcmV0LWFzc2VydGlvbg=="
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/Corp"
    refused(sts.assume_role_with_saml, RoleArn=role, PrincipalArn=provider, SAMLAssertion=assertion)
    told = [each[name] for each in made for name in ("SecretAccessKey", "SessionToken")]
    return [*told, token, assertion]


def forms(secret: str) -> list[bytes]:
    """A secret as it may be written somewhere."""
    plain = secret.encode()
    escaped = secret.replace("/", "\\/"), secret.replace("+", "%2B").replace("/", "%2F")
    return [plain, base64.b64encode(plain), plain.hex().encode(), *(each.encode() for each in escaped)]


def events(endpoint: Endpoint) -> bytes:
    """The decision record in CloudTrail's shape."""
    pages = endpoint.client("cloudtrail", region="us-east-1").get_paginator("lookup_events").paginate()
    return b"".join(event["CloudTrailEvent"].encode() for page in pages for event in page["Events"])


def log(endpoint: Endpoint, *options: str) -> bytes:
    """The decision record as the command line shows it."""
    command = [sys.executable, "-m", "sparekey", "log", "-n", "1000", "--state", str(endpoint.state), *options]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_a_busy_day_leaves_no_secret_behind(endpoint: Endpoint) -> None:
    iam = endpoint.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=allow("*"))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    secrets = [endpoint.secret_access_key, key["SecretAccessKey"]]
    secrets += passwords(endpoint, key) + credentials(endpoint) + sessions(endpoint, key)
    everything = {"events": events(endpoint)}
    endpoint.process.terminate()
    everything["what the server printed"] = endpoint.process.communicate(timeout=30)[0].encode()
    everything.update({"the log": log(endpoint), "the log in JSON": log(endpoint, "--json")})
    for name in (b"CreateLoginProfile", b"ChangePassword", b"UploadServerCertificate"):
        assert name in everything["events"]
    for name in (b"AssumeRole", b"AssumeRoleWithSAML", b"GetSessionToken"):
        assert name in everything["the log"]
    for path in endpoint.state.iterdir():
        if path.name != "root.key":
            everything[path.name] = path.read_bytes()
    assert {"sparekey.sqlite", "sign-in.json"} <= everything.keys()
    root_key = Path(endpoint.state, "root.key").read_text().strip()
    for secret in (*secrets, root_key):
        assert [where for where, text in everything.items() for form in forms(secret) if form in text] == []
    if os.name == "posix":
        assert stat.S_IMODE(endpoint.state.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in endpoint.state.iterdir()} == {0o600}
