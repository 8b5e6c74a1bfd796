"""Who deploys: the principal that CloudFormation's calls are made as, and what limits it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from sparekey.arn import Arn
from sparekey.check._context import extend, stack_context
from sparekey.errors import InputError
from sparekey.policy import (
    ContextValue,
    Effect,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalKind,
    RequestContext,
    Statement,
)
from sparekey.snapshot import Identity, Snapshot
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The name CloudFormation gives to the sessions of a service role.
SESSION_NAME = "AWSCloudFormation"

_FORMS = (
    "the ARN of a user, role, role session, federated user or root user, such as `arn:aws:iam::123456789012:user/Alice`"
)


@dataclass(frozen=True, slots=True)
class Deployer:
    """The identity behind a stack operation.

    ``caller`` calls CreateStack; ``principal`` is what KMS sees: the caller itself (forwarded session), or the
    session ``assumed-role/NAME/AWSCloudFormation`` of ``service_role``. ``policies`` are the principal's identity
    policies, boundary, session policies and SCPs; ``caller_policies`` the caller's, for iam:PassRole.
    ``context`` holds the context keys of the calls, ``caller_context`` those of the caller's own calls.
    ``trust`` is the service role's trust policy; ``None`` without a service role, or where the role does not exist.
    ``stack_tags`` are the tags of the stack operation, which reach every key.
    ``assumptions`` is what an allowed call takes for granted.
    """

    principal: Principal
    caller: Principal
    policies: PolicySet
    caller_policies: PolicySet
    context: RequestContext
    service_role: str | None = None
    caller_context: RequestContext = field(default_factory=RequestContext)
    trust: Policy | Unknown | None = None
    stack_tags: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The ARN a user knows the principal by: the service role's, else the principal's own."""
        return self.service_role or self.principal.arn

    def with_key_policy(self, policy: Policy | Unknown | None) -> PolicySet:
        """The policies that apply to a call on a key that carries ``policy``."""
        return self.policies.with_resource(policy)


def make_deployer(
    caller: str,
    *,
    service_role: str | None = None,
    snapshot: Snapshot | None = None,
    scp: tuple[tuple[Policy, ...], ...] | None = None,
    context: Mapping[str, ContextValue] | None = None,
    stack_tags: Mapping[str, str] | None = None,
) -> Deployer:
    """Find out what is told about a caller (``--as``) and the service role it passes (``--role-arn``).

    A level of ``scp`` whose policies allow nothing is taken to hold ``FullAWSAccess`` too, as AWS attaches it; the
    deployer's assumptions say so.

    Raises:
        InputError: one of the ARNs is none, or is not what it should be; or the snapshot shows that the caller does
            not exist.
    """
    told = _Told(snapshot or Snapshot(), scp, context or {}, stack_tags or {})
    calling = _Known.of(_caller(caller), told.snapshot)
    if calling.gone and (service_role or told.snapshot.deployer_policies is None):
        raise _missing(calling.principal, told.snapshot)
    if service_role is None:
        return _deployer(calling, calling, told)
    acting = _Known.of(_service_session(service_role, calling.principal), told.snapshot)
    return _deployer(calling, acting, told, service_role)


class _Told(NamedTuple):
    """What the options tell besides the ARNs."""

    snapshot: Snapshot
    scp: tuple[tuple[Policy, ...], ...] | None
    context: Mapping[str, ContextValue]
    stack_tags: Mapping[str, str]


class _Known(NamedTuple):
    """A principal, and what the snapshot has about it; ``gone`` if the snapshot shows that it does not exist."""

    principal: Principal
    identity: Identity | None
    gone: bool

    @classmethod
    def of(cls, principal: Principal, snapshot: Snapshot) -> _Known:
        identity = _identity(principal, snapshot)
        gone = identity is None and principal.account in snapshot.complete and principal.kind in _IN_A_SNAPSHOT
        if identity is not None:
            boundary = identity.boundary is not None
            if principal.kind is PrincipalKind.IAM_USER:
                principal = replace(principal, has_boundary=boundary)
            else:
                principal = replace(principal, has_boundary=boundary, role_arn=identity.arn)
        return cls(principal, identity, gone)


_IN_A_SNAPSHOT = (PrincipalKind.IAM_USER, PrincipalKind.ROLE_SESSION, PrincipalKind.SERVICE_LINKED_ROLE)


def _deployer(calling: _Known, acting: _Known, told: _Told, service_role: str | None = None) -> Deployer:
    principal = acting.principal
    scp, assumptions = _levels(told.scp, principal)
    if service_role is None and principal.kind is PrincipalKind.ROLE_SESSION:
        session = "the session" if ":assumed-role/" in principal.arn else "the session of"
        assumptions.append(f"{session} `{principal.arn}` was made without a session policy")
    documents = told.snapshot.deployer_policies
    return Deployer(
        principal=principal,
        caller=calling.principal,
        policies=_policies(acting, documents, scp),
        caller_policies=_policies(calling, None if service_role else documents, scp),
        context=_context(acting, told.context, service_role=bool(service_role)),
        service_role=service_role,
        caller_context=_context(calling, told.context, service_role=False),
        trust=_trust(acting, service_role, documents),
        stack_tags=told.stack_tags,
        assumptions=tuple(assumptions),
    )


def _trust(acting: _Known, service_role: str | None, documents: tuple[Policy, ...] | None) -> Policy | Unknown | None:
    """The service role's trust policy; none if it does not exist (documents given for it say that it will)."""
    if service_role is None or (acting.gone and documents is None):
        return None
    known = acting.identity.trust if acting.identity else None
    return known or Unknown((f"the trust policy of `{service_role}`",))


#: AWS attaches this policy to every level by itself.
_FULL_ACCESS = Policy(
    PolicyType.SCP,
    "`FullAWSAccess`",
    (Statement(0, Effect.ALLOW, action=("*",), resource=("*",)),),
    version="2012-10-17",
    arn="arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
)


def _levels(
    scp: tuple[tuple[Policy, ...], ...] | None, principal: Principal
) -> tuple[tuple[tuple[Policy, ...], ...] | None, list[str]]:
    """The levels of service control policies, and what is taken for granted about them."""
    if scp is None:
        limited = principal.kind is not PrincipalKind.SERVICE_LINKED_ROLE
        return None, [f"no service control policy limits account {principal.account} (give `--scp`)"] if limited else []
    levels: list[tuple[Policy, ...]] = []
    assumptions: list[str] = []
    for number, level in enumerate(scp, 1):
        if any(statement.effect is not Effect.DENY for policy in level for statement in policy.statements):
            levels.append(level)
        else:
            levels.append((*level, _FULL_ACCESS))
            assumptions.append(
                f"`FullAWSAccess` is attached at level {number} of the service control policies, "
                "since none given for it allows anything"
            )
    return tuple(levels), assumptions


def _policies(
    known: _Known, documents: tuple[Policy, ...] | None, scp: tuple[tuple[Policy, ...], ...] | None
) -> PolicySet:
    """Gather the policies of a principal; what the snapshot does not have is unknown, not empty."""
    principal, identity = known.principal, known.identity
    session: Unknown | None = None
    if principal.kind is PrincipalKind.FEDERATED_USER:  # GetFederationToken gives nothing without a session policy
        session = Unknown((f"the session policies of `{principal.arn}`",))
    if principal.kind is PrincipalKind.ROOT_USER:
        return PolicySet(scp=scp)
    if identity is not None:
        policies = (*identity.policies, *(documents or ()))
        return PolicySet(identity=policies, boundary=identity.boundary, session=session, scp=scp)
    if documents is not None:
        return PolicySet(identity=documents, session=session, scp=scp)
    arn = owner(principal)
    return PolicySet(
        identity=Unknown((f"the identity policies of `{arn}`",)),
        boundary=Unknown((f"the permissions boundary of `{arn}`",)),
        session=session,
        scp=scp,
    )


def owner(principal: Principal) -> str:
    """The ARN whose identity policies count: the user, or the role behind a session."""
    if principal.role_arn is not None:
        return str(principal.role_arn) if isinstance(principal.role_arn, str) else _role_of(principal.arn)
    return principal.arn


def _role_of(session: str) -> str:
    """Name the role of a session whose path is not told: the session's ARN without its name."""
    return session.rpartition("/")[0] if ":assumed-role/" in session else session


def _context(known: _Known, given: Mapping[str, ContextValue], *, service_role: bool) -> RequestContext:
    """The context of a principal's calls, with what the snapshot tells about it: its tags, its unique id."""
    identity, kind, arn = known.identity, known.principal.kind, known.principal.arn
    context = stack_context(kind, service_role=service_role)
    if kind is PrincipalKind.ROOT_USER:
        return extend(context, given)
    values: dict[str, ContextValue] = {}
    if identity is not None:
        values = {f"aws:PrincipalTag/{key}": value for key, value in identity.tags.items()}
        if identity.unique_id and kind is PrincipalKind.IAM_USER:
            values["aws:userid"] = identity.unique_id
        elif identity.unique_id and ":assumed-role/" in arn:
            values["aws:userid"] = f"{identity.unique_id}:{arn.rpartition('/')[2]}"
    all_told = identity is not None and (kind is PrincipalKind.IAM_USER or service_role)  # else: session tags
    unknown = ([] if all_told else ["aws:PrincipalTag/*"]) + ([] if "aws:userid" in values else ["aws:userid"])
    return extend(extend(context, values, unknown), given)


def _identity(principal: Principal, snapshot: Snapshot) -> Identity | None:
    if principal.kind is PrincipalKind.IAM_USER:
        return snapshot.identities.get(principal.arn)
    if isinstance(principal.role_arn, str):
        return snapshot.identities.get(principal.role_arn)
    if principal.role_arn is not None:
        return snapshot.role_named(principal.account, str(principal.role_arn.pieces[-1] or "").lstrip("/"))
    return None


def _caller(text: str) -> Principal:
    try:
        principal = Principal.from_arn(text)
    except ValueError as error:
        raise InputError(f"`--as`: {error}", hint=f"give {_FORMS}") from None
    if principal.kind in (PrincipalKind.AWS_SERVICE, PrincipalKind.ANONYMOUS):
        raise InputError(f"`--as {text}`: only a principal of an account can deploy a template", hint=f"give {_FORMS}")
    return principal


def _service_session(role: str, caller: Principal) -> Principal:
    """Make the session that CloudFormation opens for a service role."""
    try:
        arn = Arn.parse(role)
    except ValueError as error:
        raise InputError(f"`--role-arn`: {error}") from None
    kind, _, name = arn.resource.partition("/")
    if arn.service != "iam" or kind != "role" or not name:
        hint = f"give a role ARN such as `arn:aws:iam::{caller.account or '123456789012'}:role/Deploy`"
        raise InputError(f"`--role-arn {role}` is not the ARN of a role", hint=hint)
    if arn.account != caller.account:
        raise InputError(
            f"the service role `{role}` and the caller `{caller.arn}` belong to different accounts",
            hint="a role can be passed within its own account only",
        )
    session = f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{name.rpartition('/')[2]}/{SESSION_NAME}"
    return replace(Principal.from_arn(session), role_arn=role)


def _missing(principal: Principal, snapshot: Snapshot) -> InputError:
    arn = owner(principal)
    name = arn.rpartition("/")[2].lower()
    near = [known for known in snapshot.identities if known.rpartition("/")[2].lower() == name]
    hint = f"did you mean `{near[0]}`?" if near else None
    return InputError(f"`{arn}` is not among the users and roles of account {principal.account}", hint=hint)
