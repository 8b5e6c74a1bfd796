"""What a signed SAML assertion says, as AWS reads it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.services.sts.errors import ExpiredTokenException, InvalidIdentityTokenException
from sparekey.services.sts.federated_sessions import is_session_name
from sparekey.services.sts.saml_signature import ASSERTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.sts.saml_signature import Element

#: Where responses are posted to, and by what name AWS may be among the audience; each Region has its own endpoint too.
_ENDPOINT = re.compile(r"https://(?:[a-z0-9-]+\.)?signin\.aws\.amazon\.com/saml(?:/acs/[A-Za-z0-9]+)?")
_AUDIENCE: Final = "urn:amazon:webservices"
_ATTRIBUTES: Final = "https://aws.amazon.com/SAML/Attributes/"
_FORMATS: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:"

#: How long after it was issued an assertion may be handed in.
_REDEEMABLE: Final = timedelta(minutes=5)
_STALE: Final = "Token must be redeemed within 5 minutes of issuance"
_OVER: Final = "Response has expired"
_EARLY: Final = "Token is not yet valid"  # our own words
_AUDIENCE_MISSING: Final = "Response does not contain the required audience."
_SUBJECT: Final = "Your request included an invalid SAML response."


class SamlAssertion(NamedTuple):
    """A SAML assertion. ``attributes`` maps attribute names to their values; ``ends`` is SessionNotOnOrAfter."""

    issuer: str
    subject: str
    subject_type: str
    recipient: str
    attributes: Mapping[str, tuple[str, ...]]
    ends: datetime | None = None

    def of_aws(self, name: str) -> tuple[str, ...]:
        """The values of one of AWS's attributes (``Role``, ``RoleSessionName``, …)."""
        return self.attributes.get(f"{_ATTRIBUTES}{name}", ())

    def pairs(self) -> set[frozenset[str]]:
        """The pairs of a role and a provider that the user may choose from, in whatever order they are written."""
        return {frozenset(part.strip() for part in value.split(",")) for value in self.of_aws("Role")}

    def session_name(self) -> str:
        """The name of the session.

        Raises:
            InvalidIdentityTokenException: there is none, or it is not of the form AWS asks for.
        """
        name = _single(self.of_aws("RoleSessionName"))
        if name is None:
            raise InvalidIdentityTokenException("RoleSessionName is required in AuthnResponse")
        if not is_session_name(name):
            raise InvalidIdentityTokenException("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
        return name

    def source_identity(self) -> str | None:
        """The source identity; ``None`` if the provider gives none."""
        return _single(self.of_aws("SourceIdentity"))

    def tags(self) -> list[dict[str, str]]:
        """The session tags, as requests give them."""
        prefix = f"{_ATTRIBUTES}PrincipalTag:"
        return [
            {"Key": name.removeprefix(prefix), "Value": values[0] if values else ""}
            for name, values in self.attributes.items()
            if name.startswith(prefix)
        ]

    def shortened(self, seconds: int, now: datetime) -> int:
        """How long a session of so many seconds may last: the identity provider may shorten it.

        Raises:
            ExpiredTokenException: the provider's own session is over.
        """
        asked = _single(self.of_aws("SessionDuration"))
        if asked is not None and asked.isdecimal():
            seconds = min(seconds, int(asked))
        if self.ends is not None:
            seconds = min(seconds, int((self.ends - now).total_seconds()))
        if seconds <= 0:
            raise ExpiredTokenException(_OVER)
        return seconds


def _single(values: tuple[str, ...]) -> str | None:
    return values[0] if len(values) == 1 else None


def read_assertion(assertion: Element, now: datetime) -> SamlAssertion:
    """Read a signed assertion, for whom and when it is meant included.

    Raises:
        InvalidIdentityTokenException: it is not for AWS, or lacks what AWS needs.
        ExpiredTokenException: it is too old.
    """
    _check_time(assertion, now)
    _check_audience(assertion)
    subject = assertion.find(f"{ASSERTION}Subject/{ASSERTION}NameID")
    if subject is None or not _text(subject):
        raise InvalidIdentityTokenException(_SUBJECT)
    statement = assertion.find(f"{ASSERTION}AuthnStatement")
    ends = "" if statement is None else statement.get("SessionNotOnOrAfter", "")
    issuer = assertion.find(f"{ASSERTION}Issuer")
    return SamlAssertion(
        issuer="" if issuer is None else _text(issuer),
        subject=_text(subject),
        subject_type=subject.get("Format", "").removeprefix(_FORMATS),
        recipient=_recipient(assertion, now),
        attributes=_attributes(assertion),
        ends=_moment(ends) if ends else None,
    )


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _moment(text: str) -> datetime:
    """A time of the assertion.

    Raises:
        InvalidIdentityTokenException: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidIdentityTokenException(_SUBJECT) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _check_time(assertion: Element, now: datetime) -> None:
    issued = _moment(assertion.get("IssueInstant", ""))
    if now - issued > _REDEEMABLE:
        raise ExpiredTokenException(_STALE)
    if issued - now > _REDEEMABLE:
        raise InvalidIdentityTokenException(_EARLY)
    conditions = assertion.find(f"{ASSERTION}Conditions")
    if conditions is not None:
        _check_window(conditions, now)


def _check_window(element: Element, now: datetime) -> None:
    before, after = element.get("NotBefore", ""), element.get("NotOnOrAfter", "")
    if before and now < _moment(before):
        raise InvalidIdentityTokenException(_EARLY)
    if after and now >= _moment(after):
        raise ExpiredTokenException(_OVER)


def _check_audience(assertion: Element) -> None:
    """Each audience restriction must name AWS, and there must be one."""
    restrictions = assertion.findall(f"{ASSERTION}Conditions/{ASSERTION}AudienceRestriction")
    for restriction in restrictions:
        named = [_text(each) for each in restriction.findall(f"{ASSERTION}Audience")]
        if not any(each == _AUDIENCE or _ENDPOINT.fullmatch(each) for each in named):
            raise InvalidIdentityTokenException(_AUDIENCE_MISSING)
    if not restrictions:
        raise InvalidIdentityTokenException(_AUDIENCE_MISSING)


def _recipient(assertion: Element, now: datetime) -> str:
    """The endpoint the assertion is meant for: exactly one bearer confirmation must name it and an end."""
    confirmations = assertion.findall(f"{ASSERTION}Subject/{ASSERTION}SubjectConfirmation")
    found = [each for each in confirmations if each.get("Method") == "urn:oasis:names:tc:SAML:2.0:cm:bearer"]
    told = found[0].find(f"{ASSERTION}SubjectConfirmationData") if len(found) == 1 else None
    if told is None or not told.get("NotOnOrAfter", "") or not _ENDPOINT.fullmatch(told.get("Recipient", "")):
        raise InvalidIdentityTokenException(_SUBJECT)
    _check_window(told, now)
    return told.get("Recipient", "")


def _attributes(assertion: Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for attribute in assertion.findall(f"{ASSERTION}AttributeStatement/{ASSERTION}Attribute"):
        values = tuple(_text(value) for value in attribute.findall(f"{ASSERTION}AttributeValue"))
        found[attribute.get("Name", "")] = values
    return found
