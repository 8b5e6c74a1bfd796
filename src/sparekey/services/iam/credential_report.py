"""The credential report: every user with its credentials, as comma-separated values.

A report is made at once, so nobody meets ``ReportInProgress``; as on AWS, a new one is made only when the last one is
four hours old, and that one cannot be read any more.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.certificates import SIGNING_CERTIFICATES, SigningCertificate
from sparekey.services.directory.credentials import (
    ACCESS_KEYS,
    DEVICES_OF_USER,
    KEY_LAST_USED,
    KEYS_OF_USER,
    LOGIN_PROFILES,
    AccessKey,
    LoginProfile,
)
from sparekey.services.directory.identities import USERS, User
from sparekey.services.directory.settings import CREDENTIAL_REPORTS, PASSWORD_POLICIES, CredentialReport
from sparekey.services.iam.errors import CredentialReportExpiredException, CredentialReportNotPresentException
from sparekey.services.iam.names import arn
from sparekey.services.iam.resources import nothing
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sparekey.services.operation import Call, Output

#: How long a report can be read, and how long no other is made.
FRESH: Final = timedelta(hours=4)

COLUMNS: Final = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)

_ROOT: Final = "<root_account>"
_NONE: Final = "N/A"
_UNKNOWN: Final = "no_information"
_UNSUPPORTED: Final = "not_supported"


@operation("iam:GenerateCredentialReport", resource=nothing)
def generate_credential_report(call: Call) -> Output:
    """Make the account's credential report, unless there is a fresh one."""
    report = call.records.get(CREDENTIAL_REPORTS, call.account)
    if report is not None and call.now < report.generated + FRESH:
        return {"State": "COMPLETE"}
    made = CredentialReport(report_text(call).encode(), call.now)
    call.records.put(CREDENTIAL_REPORTS, (call.account,), made)
    return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}


@operation("iam:GetCredentialReport", resource=nothing)
def get_credential_report(call: Call) -> Output:
    """Read the account's credential report."""
    report = call.records.get(CREDENTIAL_REPORTS, call.account)
    if report is None:
        raise CredentialReportNotPresentException("Report not found. Generate a new credential report.")
    if call.now >= report.generated + FRESH:
        raise CredentialReportExpiredException("Credential report expired. Generate a new credential report.")
    return {"Content": report.content, "ReportFormat": "text/csv", "GeneratedTime": report.generated}


class _Credentials(NamedTuple):
    """All credentials of an account by their owners: lower-cased names (keys, devices) or ids (the others)."""

    keys: Mapping[str, list[AccessKey]]
    devices: frozenset[str]
    profiles: Mapping[str, LoginProfile]
    certificates: Mapping[str, list[SigningCertificate]]


def report_text(call: Call) -> str:
    """The report of the moment, with its header; lines end as IAM's do, and the last one has no end."""
    credentials = _gather(call)
    policy = call.records.get(PASSWORD_POLICIES, call.account)
    max_age = timedelta(days=policy.max_age) if policy and policy.max_age else None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(_root_row(call, credentials))
    for _, user in call.records.scan(USERS, call.account):
        writer.writerow(_row(call, user, credentials, max_age))
    return text.getvalue().rstrip("\n")


def _gather(call: Call) -> _Credentials:
    keys: dict[str, list[AccessKey]] = defaultdict(list)
    for key, reference in call.records.scan(KEYS_OF_USER, call.account):
        found = call.records.get(ACCESS_KEYS, reference.name)
        if found is not None:
            keys[key[1]].append(found)
    for each in keys.values():
        each.sort(key=lambda each: each.created)
    certificates: dict[str, list[SigningCertificate]] = defaultdict(list)
    for key, certificate in call.records.scan(SIGNING_CERTIFICATES, call.account):
        certificates[key[1]].append(certificate)
    return _Credentials(
        keys,
        frozenset(key[1] for key, _ in call.records.scan(DEVICES_OF_USER, call.account)),
        {key[1]: profile for key, profile in call.records.scan(LOGIN_PROFILES, call.account)},
        certificates,
    )


def _root_row(call: Call, credentials: _Credentials) -> list[str]:
    account = call.records.get(ACCOUNTS, call.account)
    return [
        _ROOT,
        arn(call, "root"),
        _time(account.created if account else call.now),
        _UNSUPPORTED,
        _UNKNOWN,
        _UNSUPPORTED,
        _UNSUPPORTED,
        _truth("" in credentials.devices),
        *_key_columns(call, credentials.keys.get("", [])),
        *_certificate_columns(credentials.certificates.get("", [])),
    ]


def _row(call: Call, user: User, credentials: _Credentials, max_age: timedelta | None) -> list[str]:
    name = user.name.lower()
    profile = credentials.profiles.get(user.user_id)
    password = ["false", _NONE, _NONE, _NONE]
    if profile is not None:
        password = [
            "true",
            _UNKNOWN,
            _time(profile.changed),
            _time(profile.changed + max_age) if max_age else _NONE,
        ]
    return [
        user.name,
        user.arn,
        _time(user.created),
        *password,
        _truth(name in credentials.devices),
        *_key_columns(call, credentials.keys.get(name, [])),
        *_certificate_columns(credentials.certificates.get(user.user_id, [])),
    ]


def _key_columns(call: Call, keys: list[AccessKey]) -> Iterator[str]:
    for key in (*keys, None, None)[:2]:
        if key is None:
            yield from ("false", _NONE, _NONE, _NONE, _NONE)
            continue
        used = call.records.get(KEY_LAST_USED, key.access_key_id)
        yield from (_truth(key.active), _time(key.created))
        yield from (_time(used.at), used.region or _NONE, used.service or _NONE) if used else (_NONE, _NONE, _NONE)


def _certificate_columns(certificates: list[SigningCertificate]) -> Iterator[str]:
    for certificate in (*sorted(certificates, key=lambda each: each.uploaded), None, None)[:2]:
        if certificate is None:
            yield from ("false", _NONE)
        else:
            yield from (_truth(certificate.active), _time(certificate.uploaded))


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


OPERATIONS = (generate_credential_report, get_credential_report)
