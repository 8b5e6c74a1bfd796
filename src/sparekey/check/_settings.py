"""What a template asks of KMS for one key, besides its key policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sparekey.arn import Arn
from sparekey.policy import ABSENT, ContextValue
from sparekey.template import MapValue, Value, to_document
from sparekey.unknown import Unknown

KEY = "AWS::KMS::Key"
REPLICA = "AWS::KMS::ReplicaKey"
KEY_TYPES = (KEY, REPLICA)


class KeySettings(NamedTuple):
    """The properties of an ``AWS::KMS::Key`` or ``AWS::KMS::ReplicaKey``, with the resource handler's defaults.

    ``tags`` are the stack's and the key's own, as pairs; ``Unknown`` where it is not told which there are.
    ``bypass`` is ``None`` where the template does not set the flag. ``primary`` is the ARN of a replica's primary key.
    """

    resource_type: str
    enabled: bool | Unknown = True
    rotation: bool | Unknown = False
    rotation_period: str | Unknown = "365"
    key_spec: str | Unknown = "SYMMETRIC_DEFAULT"
    key_usage: str | Unknown = "ENCRYPT_DECRYPT"
    origin: str | Unknown = "AWS_KMS"
    multi_region: bool | Unknown = False
    bypass: bool | Unknown | None = None
    tags: tuple[tuple[str, str | Unknown], ...] | Unknown = ()
    primary: str | Unknown | None = None

    @property
    def tagged(self) -> bool | Unknown:
        """Whether the call that makes the key carries tags."""
        return self.tags if isinstance(self.tags, Unknown) else bool(self.tags)

    @property
    def asymmetric_or_external(self) -> bool | Unknown:
        """Whether the resource handler refuses rotation for the key."""
        if isinstance(self.key_spec, str) and self.key_spec != "SYMMETRIC_DEFAULT":
            return True
        if isinstance(self.origin, str) and self.origin == "EXTERNAL":
            return True
        return next((value for value in (self.key_spec, self.origin) if isinstance(value, Unknown)), False)

    @property
    def operation(self) -> str:
        """The KMS operation that takes the key policy."""
        return "ReplicateKey" if self.resource_type == REPLICA else "CreateKey"

    @property
    def primary_region(self) -> str | Unknown | None:
        """The Region in the primary key's ARN, ``Unknown`` by what tells it; ``None`` where none is to be seen."""
        if isinstance(self.primary, Unknown):
            head = self.primary.pieces[0]
            parts = head.split(":") if head else []
            if len(parts) == 4 and not parts[3] and self.primary.hangs_on:
                return Unknown(self.primary.hangs_on[:1])
            return parts[3] or None if len(parts) > 4 else None
        try:
            return Arn.parse(self.primary).region or None if self.primary else None
        except ValueError:
            return None


def read_settings(resource_type: str, properties: Value | None, stack_tags: Mapping[str, str]) -> KeySettings:
    """Read the properties of a key. A property of a wrong type is taken as not told: CloudFormation has its own say."""
    items = properties.items if isinstance(properties, MapValue) else {}
    data = {name: to_document(value)[0] for name, value in items.items() if name != "KeyPolicy"}
    tags = _tags(data.get("Tags"), stack_tags)
    if resource_type == REPLICA:
        primary = _text("PrimaryKeyArn", data, "")
        told = Unknown((f"the primary key `{primary}`",))
        return KeySettings(
            resource_type, _flag("Enabled", data, default=True), key_spec=told, key_usage=told, origin=told,
            multi_region=True, tags=tags, primary=primary,
        )  # fmt: skip
    return KeySettings(
        resource_type,
        enabled=_flag("Enabled", data, default=True),
        rotation=_flag("EnableKeyRotation", data, default=False),
        rotation_period=_text("RotationPeriodInDays", data, "365"),
        key_spec=_text("KeySpec", data, "SYMMETRIC_DEFAULT"),
        key_usage=_text("KeyUsage", data, "ENCRYPT_DECRYPT"),
        origin=_text("Origin", data, "AWS_KMS"),
        multi_region=_flag("MultiRegion", data, default=False),
        bypass=_flag("BypassPolicyLockoutSafetyCheck", data, default=False)
        if "BypassPolicyLockoutSafetyCheck" in data
        else None,
        tags=tags,
    )


def _flag(name: str, data: Mapping[str, object], *, default: bool) -> bool | Unknown:
    """Read a boolean; CloudFormation takes the texts ``true`` and ``false`` for one, too."""
    value = data.get(name, default)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value if isinstance(value, bool | Unknown) else Unknown((f"property `{name}`",))


def _text(name: str, data: Mapping[str, object], default: str) -> str | Unknown:
    value = data.get(name, default)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str | Unknown) else Unknown((f"property `{name}`",))


def _tags(value: object, stack_tags: Mapping[str, str]) -> tuple[tuple[str, str | Unknown], ...] | Unknown:
    """Read ``Tags``, over the tags of the stack."""
    if value is None:
        return tuple(stack_tags.items())
    if isinstance(value, Unknown):
        return value
    tags: dict[str, str | Unknown] = dict(stack_tags)
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, Unknown):
            return entry
        if not isinstance(entry, Mapping):
            return Unknown(("property `Tags`",))
        key = entry.get("Key")
        if not isinstance(key, str):
            return key if isinstance(key, Unknown) else Unknown(("property `Tags`",))
        text = entry.get("Value")
        tags[key] = text if isinstance(text, str | Unknown) else str(text if text is not None else "")
    return tuple(tags.items())


def key_context(settings: KeySettings) -> dict[str, ContextValue]:
    """The context keys that tell the kind of the key, of CreateKey's request and of every call on the key."""
    multi = settings.multi_region
    kind = "REPLICA" if settings.resource_type == REPLICA else "PRIMARY"
    return {
        "kms:KeySpec": settings.key_spec,
        "kms:KeyUsage": settings.key_usage,
        "kms:KeyOrigin": settings.origin,
        "kms:CustomerMasterKeySpec": settings.key_spec,  # the old names of the two
        "kms:CustomerMasterKeyUsage": settings.key_usage,
        "kms:MultiRegion": _boolean(multi),
        "kms:MultiRegionKeyType": multi if isinstance(multi, Unknown) else kind if multi else ABSENT,
    }


def tag_context(settings: KeySettings, prefix: str) -> tuple[dict[str, ContextValue], tuple[str, ...]]:
    """The tags as context keys (``aws:RequestTag`` and ``aws:TagKeys``, or ``aws:ResourceTag``); what is not told."""
    tags = settings.tags
    request = prefix == "aws:RequestTag"
    if isinstance(tags, Unknown):
        return ({"aws:TagKeys": tags} if request else {}), (f"{prefix}/*",)
    values: dict[str, ContextValue] = {f"{prefix}/{key}": value for key, value in tags}
    if tags and request:
        values["aws:TagKeys"] = tuple(key for key, _ in tags)
    return values, ()


def bypass_context(settings: KeySettings) -> dict[str, ContextValue]:
    """The bypass flag as a context key: present only where the template sets it."""
    if settings.bypass is None:
        return {}
    return {"kms:BypassPolicyLockoutSafetyCheck": _boolean(settings.bypass)}


def _boolean(value: bool | Unknown) -> str | Unknown:
    return value if isinstance(value, Unknown) else "true" if value else "false"
