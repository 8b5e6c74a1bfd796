"""AssumeRole.

The door asks for ``sts:AssumeRole`` on the role; passing tags or a source identity, or handing them on in a role chain,
asks for ``sts:TagSession`` and ``sts:SetSourceIdentity`` too, under the same condition keys.

``ProvidedContexts`` is not taken: its assertions are encrypted by IAM Identity Center for AWS alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.errors import AccessDenied
from sparekey.policy import PrincipalKind
from sparekey.services.directory.sessions import SessionKind
from sparekey.services.operation import operation
from sparekey.services.sts.errors import not_authorized
from sparekey.services.sts.mfa import authenticate
from sparekey.services.sts.session_policies import read_session_policies
from sparekey.services.sts.session_tags import session_tags, tag_keys
from sparekey.services.sts.trusting_roles import (
    Wanted,
    account_of_role,
    begin_session,
    check_duration,
    find_role,
    role_target,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Output, Tags, Target

_NO_ROOT: Final = "Roles may not be assumed by root accounts."


def role_to_assume(call: Call, *, role_arn: str, **_: object) -> Target:
    """The role a request names.

    Raises:
        ValidationError: the text is no ARN.
        AccessDenied: the caller is a root user, whatever policies say.
    """
    target = role_target(call, role_arn)
    if call.caller.principal.kind is PrincipalKind.ROOT_USER:
        raise AccessDenied(_NO_ROOT)
    return target


def request_keys(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    tags: Tags = (),
    transitive_tag_keys: Sequence[str] = (),
    external_id: str | None = None,
    source_identity: str | None = None,
    serial_number: str | None = None,
    **_: object,
) -> dict[str, ContextValue]:
    """The condition keys of a request to assume a role. One that names an MFA device counts as authenticated."""
    keys = tags_of(role_target(call, role_arn)) | tag_keys(tags, transitive_tag_keys, call.caller.session)
    keys["sts:RoleSessionName"] = role_session_name
    if external_id is not None:
        keys["sts:ExternalId"] = external_id
    identity = _source_identity(call, source_identity)
    if identity is not None:
        keys["sts:SourceIdentity"] = identity
    if serial_number is not None:
        keys["aws:MultiFactorAuthPresent"] = "true"
        keys["aws:MultiFactorAuthAge"] = "0"
    return keys


def authenticated_keys(
    call: Call, *, serial_number: str | None = None, token_code: str | None = None, **parameters: object
) -> Mapping[str, ContextValue]:
    """The condition keys of a request whose MFA code, if it has one, is checked and used up.

    Raises:
        AccessDenied: the code is wrong.
    """
    authenticate(call, serial_number, token_code)
    return request_keys(call, serial_number=serial_number, **parameters)  # type: ignore[arg-type]  # as the wire checked


def _source_identity(call: Call, asked: str | None) -> str | None:
    """The source identity of the new session: the calling session's, if it has one, cannot be changed."""
    session = call.caller.session
    return session.source_identity if session is not None and session.source_identity else asked


@operation(
    "sts:AssumeRole",
    resource=role_to_assume,
    context=authenticated_keys,
    changes=False,
    changes_with=("serial_number",),
)
def assume_role(  # noqa: PLR0913 - the members of the API
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    policy_arns: Sequence[Mapping[str, str]] = (),
    policy: str | None = None,
    duration_seconds: int = 3600,
    tags: Tags = (),
    transitive_tag_keys: Sequence[str] = (),
    external_id: str | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    source_identity: str | None = None,
    minimum_session_token_size: int = 0,
) -> Output:
    """Give temporary credentials of a role that trusts the caller.

    Sessions of a role carry no MFA information, whether or not MFA was used to assume it.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    """
    del token_code
    target = role_to_assume(call, role_arn=role_arn)
    keys = request_keys(
        call,
        role_arn=role_arn,
        role_session_name=role_session_name,
        tags=tags,
        transitive_tag_keys=transitive_tag_keys,
        external_id=external_id,
        source_identity=source_identity,
        serial_number=serial_number,
    )
    wanted_tags = session_tags(tags, transitive_tag_keys, call.caller.session)
    identity = _source_identity(call, source_identity)
    _authorize(call, target, keys, tagging=bool(wanted_tags.tags), identifying=identity is not None)
    if source_identity not in (None, identity):
        raise not_authorized(call, "sts:SetSourceIdentity", target.arn)
    role = find_role(call, role_arn)
    if role is None:
        raise not_authorized(call, "sts:AssumeRole", target.arn)
    session = call.caller.session
    check_duration(role, duration_seconds, chained=session is not None)  # even a session of the user's own, as observed
    chained = session is not None and session.kind is SessionKind.ASSUMED_ROLE
    policies = read_session_policies(call, account_of_role(role_arn), policy, policy_arns)
    return begin_session(
        call,
        role,
        Wanted(
            role_session_name,
            duration_seconds,
            policies,
            wanted_tags,
            identity,
            chained,
            minimum_token_size=minimum_session_token_size,
        ),
    )


def _authorize(
    call: Call, target: Target, keys: Mapping[str, ContextValue], *, tagging: bool, identifying: bool
) -> None:
    """Ask what the door has not: it lets AWS services pass, but trust policies do not."""
    if call.caller.principal.kind is PrincipalKind.AWS_SERVICE:
        call.authorize("sts:AssumeRole", target, keys)
    if tagging:
        call.authorize("sts:TagSession", target, keys)
    if identifying:
        call.authorize("sts:SetSourceIdentity", target, keys)
