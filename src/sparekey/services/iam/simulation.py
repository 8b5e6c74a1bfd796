"""The policy simulator: SimulateCustomPolicy and SimulatePrincipalPolicy, answered by the engine of live calls.

Two peculiarities of AWS's simulator are kept, because they are recorded: a resource of a type that is foreign to the
action is denied, and an Allow to the root of the caller's own account needs no identity-based policy. Where a recorded
answer of the simulator differs from recorded live calls (``NumericNotEquals`` with a value that is no number), the
answer is that of live calls.

Not held against the policies: whether a ``ResourcePolicy`` is one that all the resources can have.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sparekey.policy import Policy, PolicyType, Principal, PrincipalKind, RequestContext
from sparekey.services.directory.applicable import guardrails
from sparekey.services.directory.identities import User
from sparekey.services.iam.errors import InvalidInputException
from sparekey.services.iam.paging import DEFAULT_ITEMS, listed
from sparekey.services.iam.simulation_request import (
    account_of_owner,
    check_actions,
    checked_resources,
    context_of,
    simulated_caller,
)
from sparekey.services.iam.simulation_results import Simulation, evaluation_result
from sparekey.services.iam.simulation_sources import (
    BOUNDARY_POLICY,
    IAM_POLICY,
    Source,
    boundary_source,
    carried_sources,
    entity_target,
    given,
    leaves_out_scps,
    resource_source,
    source_entity,
)
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from sparekey.services.operation import Call, Output

Entries = Sequence[Mapping[str, object]]

#: One answer weighs so many statements for all its actions and resources; AWS's limit is not documented.
MOST_WEIGHED: Final = 100_000

_LISTS: Final = ("PolicyInputList", "PermissionsBoundaryPolicyInputList")


@operation("iam:SimulateCustomPolicy")
def simulate_custom_policy(  # noqa: PLR0913 - the members of the API
    call: Call,
    *,
    policy_input_list: Sequence[str],
    action_names: Sequence[str],
    permissions_boundary_policy_input_list: Sequence[str] = (),
    ordered_organization_policy_input_list: Entries | None = None,
    resource_arns: Sequence[str] | None = None,
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: Entries = (),
    resource_handling_option: str | None = None,
    max_items: int | None = None,
    marker: str | None = None,
) -> Output:
    """Decide hypothetical requests under the policies that are given.

    Raises:
        InvalidInputException: one of the parameters makes no sense.
    """
    check_actions(action_names)
    resources = checked_resources(resource_arns, resource_handling_option)
    caller = simulated_caller(call, caller_arn)
    simulation = Simulation(
        caller,
        account_of_owner(resource_owner, caller),
        RequestContext(context_of(context_entries, caller, known=caller_arn is not None)),
        tuple(given(policy_input_list, _LISTS[0], PolicyType.IDENTITY, IAM_POLICY)),
        _given_boundary(permissions_boundary_policy_input_list),
        _resource(resource_policy, caller if caller_arn else None, resources),
        _given_levels(ordered_organization_policy_input_list),
    )
    return _page(simulation, action_names, resources, max_items, marker)


@operation("iam:SimulatePrincipalPolicy", resource=entity_target)
def simulate_principal_policy(  # noqa: PLR0913 - the members of the API
    call: Call,
    *,
    policy_source_arn: str,
    action_names: Sequence[str],
    policy_input_list: Sequence[str] = (),
    permissions_boundary_policy_input_list: Sequence[str] = (),
    policy_exclusion_list: Entries = (),
    resource_arns: Sequence[str] | None = None,
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: Entries = (),
    resource_handling_option: str | None = None,
    max_items: int | None = None,
    marker: str | None = None,
) -> Output:
    """Decide hypothetical requests of a user, group or role under its policies, boundary and SCPs.

    Raises:
        NoSuchEntityException: there is no such user, group or role.
        InvalidInputException: one of the parameters makes no sense.
    """
    entity = source_entity(call, policy_source_arn)
    check_actions(action_names)
    resources = checked_resources(resource_arns, resource_handling_option)
    caller = simulated_caller(call, caller_arn or entity.arn)
    context = context_of(context_entries, caller, known=True)
    if isinstance(entity, User) and caller.arn == entity.arn and not isinstance(context.get("aws:userid"), str):
        context["aws:userid"] = entity.user_id
    own = carried_sources(call, entity, policy_exclusion_list)
    scp = None if leaves_out_scps(policy_exclusion_list) else guardrails(call.records, call.account).scp
    simulation = Simulation(
        caller,
        account_of_owner(resource_owner, caller),
        RequestContext(context),
        (*own, *given(policy_input_list, _LISTS[0], PolicyType.IDENTITY, IAM_POLICY)),
        _given_boundary(permissions_boundary_policy_input_list) or boundary_source(call, entity, policy_exclusion_list),
        _resource(resource_policy, caller, resources),
        scp,
    )
    return _page(simulation, action_names, resources, max_items, marker)


def _page(
    simulation: Simulation,
    action_names: Sequence[str],
    resources: tuple[str, ...],
    max_items: int | None,
    marker: str | None,
) -> Output:
    """A page of results: of fewer than asked for, where each takes long.

    Raises:
        InvalidInputException: even one takes too long.
    """
    weight = len(resources) * max(1, simulation.statements)
    if weight > MOST_WEIGHED:
        raise InvalidInputException(f"More than {MOST_WEIGHED} statements are to be weighed for each action.")
    fitting = min(max_items or DEFAULT_ITEMS, MOST_WEIGHED // weight)
    page = listed(enumerate(action_names), lambda each: str(each[0]), marker=marker, max_items=fitting)
    results = [evaluation_result(simulation, action, resources) for _, action in page.items]
    return {"EvaluationResults": results, **page.members}


def _given_boundary(texts: Sequence[str]) -> Source | None:
    if len(texts) > 1:
        raise InvalidInputException("Only one permissions boundary policy can be simulated.")
    found = given(texts, _LISTS[1], PolicyType.BOUNDARY, BOUNDARY_POLICY)
    return found[0] if found else None


def _given_levels(levels: Entries | None) -> tuple[tuple[Policy, ...], ...] | None:
    if not levels:
        return None
    found: list[tuple[Policy, ...]] = []
    for number, level in enumerate(levels, start=1):
        texts = level.get("ServiceControlPolicyInputList")
        if not isinstance(texts, list | tuple) or not texts:
            message = f"Organization policy at index {number} must contain at least one service control policy"
            raise InvalidInputException(message)
        found.append(tuple(each.policy for each in given(texts, "SCP", PolicyType.SCP, "SCP")))
    return tuple(found)


def _resource(text: str | None, caller: Principal | None, resources: tuple[str, ...]) -> Source | None:
    """The resource-based policy, which needs a user as the caller to name, and resources to stand for."""
    if text is None:
        return None
    if caller is None:
        raise InvalidInputException("Invalid caller - Caller cannot be null or empty.")
    if "*" in resources:
        raise InvalidInputException("Invalid Entity Arn: * does not clearly define entity type and name.")
    if caller.kind is not PrincipalKind.IAM_USER or ":user/" not in caller.arn:
        raise InvalidInputException("Simulation of resource-based policies is supported for IAM users only.")
    return resource_source(text, PolicyType.RESOURCE)


OPERATIONS = (simulate_custom_policy, simulate_principal_policy)
