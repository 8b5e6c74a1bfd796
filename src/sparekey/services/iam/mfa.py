"""MFA devices: virtual ones with real one-time codes; those AWS knows by a hardware serial number must be seeded.

FIDO security keys are registered in AWS's console only, so there is none here: the condition keys ``iam:FIDO-…`` and
``iam:RegisterSecurityKey`` are absent from every request, as they are for virtual devices on AWS, and GetMFADevice,
which takes FIDO security keys only, finds nothing.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sparekey.errors import ValidationError
from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.credentials import DEVICES_OF_USER, MFA_DEVICES, MFA_SEED, MfaDevice
from sparekey.services.directory.identities import USERS, Reference
from sparekey.services.directory.one_time_codes import step_of, step_of_pair
from sparekey.services.iam.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    InvalidAuthenticationCodeException,
    LimitExceededException,
    NoSuchEntityException,
)
from sparekey.services.iam.names import arn
from sparekey.services.iam.owners import Owner, named_owner, owner_of, sign_in_owner
from sparekey.services.iam.paging import page
from sparekey.services.iam.resources import about, nothing, removed_tags, request_tags, user
from sparekey.services.iam.shapes import listed_user
from sparekey.services.iam.tagging import listed_tags, retagged, tag_member, tagged, untagged
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.services.operation import Call, Output, Tags

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
DEVICES_PER_USER: Final = 8

#: Raw bytes of a seed; 64 characters in base32, as AWS's are.
_SEED_SIZE: Final = 40
#: Characters of a serial number.
_LONGEST: Final = 256
_ISSUER: Final = "Amazon Web Services"


def device(call: Call, *, serial_number: str, **_: object) -> Target:
    """The MFA device a request names by its serial number, which is the ARN of a virtual one."""
    found = call.records.get(MFA_DEVICES, call.account, serial_number)
    named = serial_number if serial_number.startswith("arn:") else arn(call, f"mfa/{serial_number}")
    return Target(named, call.account, tags=found.tags if found else {})


def new_device(call: Call, *, virtual_mfa_device_name: str, path: str = "/", **_: object) -> Target:
    """The virtual MFA device a request would make."""
    return Target(arn(call, f"mfa{path}{virtual_mfa_device_name}"))


@operation("iam:CreateVirtualMFADevice", resource=new_device, context=request_tags)
def create_virtual_mfa_device(
    call: Call, *, virtual_mfa_device_name: str, path: str = "/", tags: Tags | None = None
) -> Output:
    """Make a virtual MFA device that belongs to nobody yet; its seed is shown this once."""
    from sparekey.services.iam.qr_code import qr_png

    serial_number = arn(call, f"mfa{path}{virtual_mfa_device_name}")
    if len(serial_number) > _LONGEST:
        raise ValidationError(f"The serial number {serial_number} is longer than {_LONGEST} characters.")
    if tags:
        call.authorize("iam:TagMFADevice", Target(serial_number), request_tags(call, tags=tags))
    seed = call.entropy(_SEED_SIZE)
    made = MfaDevice(serial_number, call.sealer.seal(seed, MFA_SEED), call.now, tags=tagged({}, tags))
    if not call.records.add(MFA_DEVICES, (call.account, serial_number), made):
        raise EntityAlreadyExistsException("MFADevice entity at the same path and name already exists.")
    encoded = base64.b32encode(seed).decode()
    return {
        "VirtualMFADevice": {
            "SerialNumber": serial_number,
            "Base32StringSeed": encoded.encode(),
            "QRCodePNG": qr_png(otpauth_uri(virtual_mfa_device_name, _account_name(call), encoded)),
            **tag_member(made.tags),
        }
    }


def otpauth_uri(device_name: str, account_name: str, seed: str) -> str:
    """What the QR code of a virtual device says to the application that shows its codes."""
    label = quote(f"{_ISSUER}:{device_name}@{account_name}", safe=":@")
    return f"otpauth://totp/{label}?secret={seed}&issuer={quote(_ISSUER)}"


def _account_name(call: Call) -> str:
    account = call.records.get(ACCOUNTS, call.account)
    return account.alias if account and account.alias else call.account


@operation("iam:EnableMFADevice", **about(user))
def enable_mfa_device(
    call: Call, *, user_name: str, serial_number: str, authentication_code1: str, authentication_code2: str
) -> None:
    """Give a user an MFA device, on two codes in a row that it shows."""
    owner = named_owner(call, user_name)
    found = _find(call, serial_number)
    if found.user is not None:
        raise EntityAlreadyExistsException("MFA Device is already in use.")
    if call.records.count(DEVICES_OF_USER, call.account, owner.key, limit=DEVICES_PER_USER) >= DEVICES_PER_USER:
        raise LimitExceededException(f"Cannot exceed quota for MFADevicesPerUser: {DEVICES_PER_USER}")
    synchronized = _synchronized(call, found, authentication_code1, authentication_code2)
    enabled = replace(synchronized, user=owner.user.name if owner.user else "", enabled=call.now)
    call.records.put(MFA_DEVICES, (call.account, serial_number), enabled)
    call.records.put(DEVICES_OF_USER, (call.account, owner.key, serial_number), Reference(serial_number))


@operation("iam:ResyncMFADevice", **about(user))
def resync_mfa_device(
    call: Call, *, user_name: str, serial_number: str, authentication_code1: str, authentication_code2: str
) -> None:
    """Find out, by two codes in a row, how far the clock of a user's MFA device is off."""
    found = _of_owner(call, named_owner(call, user_name), serial_number)
    synchronized = _synchronized(call, found, authentication_code1, authentication_code2)
    call.records.put(MFA_DEVICES, (call.account, serial_number), synchronized)


@operation("iam:DeactivateMFADevice", **about(user))
def deactivate_mfa_device(call: Call, *, serial_number: str, user_name: str | None = None) -> None:
    """Take an MFA device away from its user; a virtual one stays, and belongs to nobody."""
    owner = sign_in_owner(call, None) if user_name is None else named_owner(call, user_name)
    found = _of_owner(call, owner, serial_number)
    call.records.put(MFA_DEVICES, (call.account, serial_number), replace(found, user=None, enabled=None))
    call.records.delete(DEVICES_OF_USER, call.account, owner.key, serial_number)


@operation("iam:DeleteVirtualMFADevice", resource=device)
def delete_virtual_mfa_device(call: Call, *, serial_number: str) -> None:
    """Delete a virtual MFA device that belongs to nobody."""
    found = _find(call, serial_number)
    if found.user is not None:
        raise DeleteConflictException("MFA VirtualDevice in use. Must deactivate first.")
    call.records.delete(MFA_DEVICES, call.account, serial_number)


@operation("iam:GetMFADevice", **about(user))
def get_mfa_device(_call: Call, *, serial_number: str, user_name: str | None = None) -> Output:
    """Tell about a FIDO security key of a user; there is none."""
    del user_name
    raise _missing(serial_number)


@operation("iam:ListMFADevices", **about(user))
def list_mfa_devices(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the MFA devices of a user."""
    owner = owner_of(call, None) if user_name is None else named_owner(call, user_name)
    found = page(call, DEVICES_OF_USER, call.account, owner.key, marker=marker, max_items=max_items)
    devices = (call.records.get(MFA_DEVICES, call.account, each.name) for each in found.items)
    members = [
        {"UserName": owner.name, "SerialNumber": each.serial_number, "EnableDate": each.enabled}
        for each in devices
        if each is not None
    ]
    return {"MFADevices": members, **found.members}


@operation("iam:ListVirtualMFADevices", resource=nothing)
def list_virtual_mfa_devices(
    call: Call, *, assignment_status: str = "Any", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the virtual MFA devices of the account: those of users, those of nobody, or all."""

    def keep(each: MfaDevice) -> bool:
        return assignment_status == "Any" or (each.user is not None) == (assignment_status == "Assigned")

    found = page(call, MFA_DEVICES, call.account, marker=marker, max_items=max_items, keep=keep)
    return {"VirtualMFADevices": [_shown(call, each) for each in found.items], **found.members}


@operation("iam:ListMFADeviceTags", resource=device)
def list_mfa_device_tags(
    call: Call, *, serial_number: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the tags of a virtual MFA device, by key."""
    return listed_tags(_find(call, serial_number).tags, marker, max_items)


@operation("iam:TagMFADevice", resource=device, context=request_tags)
def tag_mfa_device(call: Call, *, serial_number: str, tags: Tags) -> None:
    """Put tags on a virtual MFA device."""
    found = _find(call, serial_number)
    changed = replace(found, tags=retagged(found.tags, tags))
    call.records.put(MFA_DEVICES, (call.account, serial_number), changed)


@operation("iam:UntagMFADevice", resource=device, context=removed_tags)
def untag_mfa_device(call: Call, *, serial_number: str, tag_keys: Sequence[str]) -> None:
    """Take tags off a virtual MFA device."""
    found = _find(call, serial_number)
    changed = replace(found, tags=untagged(found.tags, tag_keys))
    call.records.put(MFA_DEVICES, (call.account, serial_number), changed)


def _synchronized(call: Call, found: MfaDevice, first: str, second: str) -> MfaDevice:
    """The device with what two codes in a row tell of its clock.

    Raises:
        InvalidAuthenticationCodeException: it shows no such codes about now.
    """
    step = step_of_pair(call.sealer.unseal(found.seed, MFA_SEED), first, second, call.now)
    if step is None or step <= found.last_step:
        raise InvalidAuthenticationCodeException("Authentication code for device is not valid.")
    return replace(found, last_step=step, drift=step - step_of(call.now))


def _find(call: Call, serial_number: str) -> MfaDevice:
    found = call.records.get(MFA_DEVICES, call.account, serial_number)
    if found is None:
        raise _missing(serial_number)
    return found


def _of_owner(call: Call, owner: Owner, serial_number: str) -> MfaDevice:
    found = _find(call, serial_number)
    if call.records.get(DEVICES_OF_USER, call.account, owner.key, serial_number) is None:
        raise _missing(serial_number)
    return found


def _missing(serial_number: str) -> NoSuchEntityException:
    return NoSuchEntityException(f"MFADevice with serial number {serial_number} does not exist.")


def _shown(call: Call, each: MfaDevice) -> dict[str, object]:
    shown: dict[str, object] = {"SerialNumber": each.serial_number}
    if each.user is None:
        return shown
    if each.enabled:
        shown["EnableDate"] = each.enabled
    if not each.user:
        account = call.records.get(ACCOUNTS, call.account)
        since = account.created if account else each.created
        shown["User"] = {"UserId": call.account, "Arn": arn(call, "root"), "CreateDate": since}
    elif (found := call.records.get(USERS, call.account, each.user.lower())) is not None:
        shown["User"] = listed_user(found)
    return shown


OPERATIONS = (
    create_virtual_mfa_device,
    enable_mfa_device,
    resync_mfa_device,
    deactivate_mfa_device,
    delete_virtual_mfa_device,
    get_mfa_device,
    list_mfa_devices,
    list_virtual_mfa_devices,
    list_mfa_device_tags,
    tag_mfa_device,
    untag_mfa_device,
)
