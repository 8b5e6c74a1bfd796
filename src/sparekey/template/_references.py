"""What ``Ref`` and ``Fn::GetAtt`` give: parameters, pseudo parameters, and the resources of the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.template._budget import ELEMENT
from sparekey.template._environment import partition_of, url_suffix_of
from sparekey.template._nodes import MappingNode, Node, member, refused
from sparekey.template._values import Concrete, Conditional, ListValue, NoValue, UnknownValue, Value
from sparekey.unknown import Unknown, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sparekey.errors import InputError
    from sparekey.source import Place
    from sparekey.template._document import Resource
    from sparekey.template._resolve import Resolver

Text = str | Unknown

ACCOUNT = Unknown(("the account id (--account)",))
REGION = Unknown(("the region (--region)",))
PARTITION = Unknown(("the partition (--partition)",))
STACK_NAME = Unknown(("the name of the stack",))


def account(resolver: Resolver) -> Text:
    """``AWS::AccountId``."""
    return resolver.bindings.get("AWS::AccountId") or resolver.environment.account or ACCOUNT


def region(resolver: Resolver) -> Text:
    """``AWS::Region``."""
    return _region(resolver) or REGION


def _region(resolver: Resolver) -> str | None:
    return resolver.bindings.get("AWS::Region") or resolver.environment.region


def partition(resolver: Resolver) -> Text:
    """``AWS::Partition``: as given, or the one the region is in."""
    return _partition(resolver) or PARTITION


def _partition(resolver: Resolver) -> str | None:
    given = resolver.bindings.get("AWS::Partition") or resolver.environment.partition
    name = _region(resolver)
    return given or (partition_of(name) if name else None)


def _stack_name(resolver: Resolver) -> Text:
    return resolver.environment.stack_name or STACK_NAME


def _stack_id(resolver: Resolver) -> Text:
    head = ("arn:", partition(resolver), ":cloudformation:", region(resolver), ":", account(resolver), ":stack/")
    return join((*head, _stack_name(resolver), "/", Unknown(("the id of the stack",), fresh=True)))


def _url_suffix(resolver: Resolver) -> Text:
    return url_suffix_of(_partition(resolver) or "") or PARTITION


_PSEUDO: Mapping[str, Callable[[Resolver], Text]] = {
    "AWS::AccountId": account,
    "AWS::Region": region,
    "AWS::Partition": partition,
    "AWS::StackName": _stack_name,
    "AWS::StackId": _stack_id,
    "AWS::URLSuffix": _url_suffix,
    "AWS::NotificationARNs": lambda _: Unknown(("the notification ARNs of the stack",)),
}
PSEUDO_PARAMETERS = frozenset({*_PSEUDO, "AWS::NoValue"})


class _Made(NamedTuple):
    """How a resource is named: the property with its name, its ARN, and which of them ``Ref`` gives."""

    name: str | None
    arn: str | None = None
    ref: str = "name"
    arn_attribute: str = "Arn"
    name_attribute: str | None = None


_MADE: Mapping[str, _Made] = {
    "AWS::IAM::Role": _Made("RoleName", "arn:{partition}:iam::{account}:role{path}{name}"),
    "AWS::IAM::User": _Made("UserName", "arn:{partition}:iam::{account}:user{path}{name}"),
    "AWS::IAM::Group": _Made("GroupName", "arn:{partition}:iam::{account}:group{path}{name}"),
    "AWS::IAM::InstanceProfile": _Made(
        "InstanceProfileName", "arn:{partition}:iam::{account}:instance-profile{path}{name}"
    ),
    "AWS::IAM::ManagedPolicy": _Made(
        "ManagedPolicyName", "arn:{partition}:iam::{account}:policy{path}{name}", "arn", "PolicyArn"
    ),
    "AWS::KMS::Key": _Made(None, "arn:{partition}:kms:{region}:{account}:key/{name}", name_attribute="KeyId"),
    "AWS::KMS::ReplicaKey": _Made(None, "arn:{partition}:kms:{region}:{account}:key/{name}", name_attribute="KeyId"),
    "AWS::KMS::Alias": _Made("AliasName"),
    "AWS::S3::Bucket": _Made("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SNS::Topic": _Made(
        "TopicName", "arn:{partition}:sns:{region}:{account}:{name}", "arn", "TopicArn", "TopicName"
    ),
    "AWS::SQS::Queue": _Made("QueueName", "arn:{partition}:sqs:{region}:{account}:{name}", "", "Arn", "QueueName"),
    "AWS::Lambda::Function": _Made("FunctionName", "arn:{partition}:lambda:{region}:{account}:function:{name}"),
    "AWS::DynamoDB::Table": _Made("TableName", "arn:{partition}:dynamodb:{region}:{account}:table/{name}"),
    "AWS::Logs::LogGroup": _Made("LogGroupName", "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"),
    "AWS::SSM::Parameter": _Made("Name"),
}


def reference_value(resolver: Resolver, name: str, node: Node) -> Value:
    """What ``Ref`` of a name gives.

    Raises:
        InputError: the template has no parameter or resource of that name.
    """
    place = resolver.place(node)
    if name == "AWS::NoValue":
        return NoValue(place, node)
    if name in resolver.bindings:
        return resolver.value(resolver.bindings[name], node)
    if name in _PSEUDO:
        text = _PSEUDO[name](resolver)
        if isinstance(text, str):
            return Concrete(text, place, node)
        return UnknownValue(text, place, node, reference=name)
    if name in resolver.parameters:
        given = resolver.parameters[name]
        if isinstance(given, Unknown):
            return UnknownValue(given, place, node, reference=name)
        if isinstance(given, tuple):
            resolver.budget.spend_text(ELEMENT * len(given), place)
            return ListValue(tuple(Concrete(item, place, node) for item in given), place, node)
        return resolver.value(given, node)
    resource = _resource(resolver, name, node)
    if isinstance(resource, Unknown):
        return UnknownValue(resource, place, node)
    return _made_value(resolver, resource, None, node)


def attribute_value(resolver: Resolver, logical_id: str, attribute: str, node: Node) -> Value:
    """What ``Fn::GetAtt`` of an attribute gives.

    Raises:
        InputError: the template has no resource of that name.
    """
    resource = _resource(resolver, logical_id, node)
    if isinstance(resource, Unknown):
        return UnknownValue(Unknown((f"`{logical_id}.{attribute}`",)), resolver.place(node), node)
    return _made_value(resolver, resource, attribute, node)


def _resource(resolver: Resolver, logical_id: str, node: Node) -> Resource | Unknown:
    """The resource of that name; unknown where a transform may make it."""
    template = resolver.template
    resource = template.resources.get(logical_id)
    if resource is None and not template.open_ended:
        names = [*template.resources, *template.parameters, *PSEUDO_PARAMETERS]
        raise unresolved(logical_id, names, resolver.place(node))
    if resource is not None and resolver.exists(logical_id) is False:
        return _not_made(resolver, resource, node)
    return resource or Unknown((f"`{logical_id}`, which a transform or a loop may make",))


def _not_made(resolver: Resolver, resource: Resource, node: Node) -> Unknown:
    """The error for a reference to a resource whose condition is false; unknown where that is only assumed."""
    if not resolver.assumptions:
        hint = f"`{resource.logical_id}` is not created: its condition `{resource.condition}` is false"
        raise unresolved(resource.logical_id, (), resolver.place(node), hint=hint)
    return Unknown((f"`{resource.logical_id}`, which is not created when `{resource.condition}` is false",))


def unresolved(
    name: str, known: Iterable[str], place: Place, block: str = "Resources", *, hint: str | None = None
) -> InputError:
    """The error for a name that the template does not have, with a hint at the one that may be meant."""
    if hint is None and ":" in name and "::" not in name:
        hint = f"write `${{!{name}}}` to leave `${{{name}}}` to IAM"
    if hint is None:
        from difflib import get_close_matches

        close = get_close_matches(name[:255], list(known), 1)
        hint = f"did you mean `{close[0]}`?" if close else None
    sentence = f"nresolved resource dependencies [{name}] in the {block} block of the template"
    sentence = f"U{sentence}" if block == "Outputs" else f"Template format error: U{sentence}"
    if block == "Conditions":
        sentence = (
            f"Template format error: Unresolved dependencies [{name}]. Cannot reference resources in the Conditions"
            " block of the template"
        )
    return refused(sentence, place, hint=hint)


def _made_value(resolver: Resolver, resource: Resource, attribute: str | None, node: Node) -> Value:
    """The ``Ref`` (attribute ``None``) or an attribute of a resource that this template makes."""
    text = _made_text(resolver, resource, attribute)
    place = resolver.place(node)
    if isinstance(text, str):
        return Concrete(text, place, node, resource.logical_id, attribute)
    return UnknownValue(text, place, node, resource.logical_id, attribute)


def _made_text(resolver: Resolver, resource: Resource, attribute: str | None) -> Text:
    """Its text, as far as it is known before the resource exists."""
    made = _MADE.get(resource.type)
    wanted = None
    if made is not None:
        wanted = (
            made.ref if attribute is None else {made.arn_attribute: "arn", made.name_attribute: "name"}.get(attribute)
        )
    if made is None or wanted not in ("name", "arn"):
        what = f"`{resource.logical_id}`" if attribute is None else f"`{resource.logical_id}.{attribute}`"
        return Unknown((what,))
    name = _name(resolver, resource, made)
    if wanted == "name" or made.arn is None:
        return name
    fillings: dict[str, Text] = {
        "partition": partition(resolver),
        "region": region(resolver),
        "account": account(resolver),
        "path": _property(resolver, resource, "Path") or "/",
        "name": name,
    }
    return join(fillings.get(piece, piece) for piece in made.arn.replace("}", "{").split("{"))


def _name(resolver: Resolver, resource: Resource, made: _Made) -> Text:
    """The name the template gives the resource, or one that CloudFormation makes up."""
    if made.name is None:
        # a replica has its primary's id, which somebody may know
        fresh = resource.type == "AWS::KMS::Key"
        return Unknown((f"the id of the new key `{resource.logical_id}`",), fresh=fresh)
    made_up = Unknown((f"the name CloudFormation gives `{resource.logical_id}`",), fresh=True)
    return _property(resolver, resource, made.name) or made_up


def _property(resolver: Resolver, resource: Resource, name: str) -> Text | None:
    """A property of a resource as text; ``None`` where the template gives none."""
    if not isinstance(resource.properties, MappingNode):
        return None
    node = member(resource.properties, name)
    if node is None:
        return None
    # a name may be made of another resource's, and so on
    value = resolver.within(f"{resource.logical_id}.{name}", node)
    match value:
        case Concrete():
            return value.text or None
        case UnknownValue() | Conditional():
            return value.unknown
        case _:
            return None
