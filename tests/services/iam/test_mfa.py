"""MFA devices and the codes they show."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from sparekey.services.directory.one_time_codes import STEP, code_at, step_of
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, refused

SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"


class Phone:
    """An authenticator application that has read a device's seed."""

    def __init__(self, account: TestAccount, made: dict[str, Any]) -> None:
        self.account = account
        self.serial_number = made["SerialNumber"]
        self.seed = base64.b32decode(made["Base32StringSeed"])
        self.ahead = timedelta()

    def code(self, steps: int = 0) -> str:
        moment = self.account.clock.at + self.ahead
        return code_at(self.seed, step_of(moment) + steps)

    def codes(self) -> dict[str, str]:
        return {"authentication_code1": self.code(-1), "authentication_code2": self.code()}


def phone(account: TestAccount, name: str = "phone", **parameters: object) -> Phone:
    made = account.root.iam.create_virtual_mfa_device(virtual_mfa_device_name=name, **parameters)
    return Phone(account, made["VirtualMFADevice"])


def enabled(account: TestAccount, user_name: str = "ann") -> tuple[Client, Phone]:
    ann = account.signed_in(user_name, allow("*"))
    device = phone(account)
    account.root.iam.enable_mfa_device(user_name=user_name, serial_number=SERIAL, **device.codes())
    return ann, device


def test_a_new_device_shows_its_seed_once() -> None:
    account = an_account()
    made = account.root.iam.create_virtual_mfa_device(virtual_mfa_device_name="phone", path="/team/")
    device = made["VirtualMFADevice"]
    assert device["SerialNumber"] == f"arn:aws:iam::{ACCOUNT}:mfa/team/phone"
    assert len(base64.b32decode(device["Base32StringSeed"])) == 40
    assert device["QRCodePNG"].startswith(b"\x89PNG\r\n\x1a\n")
    listed = account.root.iam.list_virtual_mfa_devices()
    assert listed["VirtualMFADevices"] == [{"SerialNumber": device["SerialNumber"]}]


def test_a_name_is_given_once() -> None:
    account = an_account()
    phone(account)
    with refused("EntityAlreadyExistsException", "MFADevice entity at the same path and name already exists."):
        phone(account)
    phone(account, path="/other/")


def test_a_serial_number_has_256_characters_at_most() -> None:
    with refused("ValidationError"):
        phone(an_account(), name="a" * 240)


def test_two_codes_in_a_row_give_the_device_to_a_user() -> None:
    account = an_account()
    enabled(account)
    assert account.root.iam.list_mfa_devices(user_name="ann")["MFADevices"] == [
        {"UserName": "ann", "SerialNumber": SERIAL, "EnableDate": START}
    ]
    (listed,) = account.root.iam.list_virtual_mfa_devices(assignment_status="Assigned")["VirtualMFADevices"]
    assert listed["User"]["UserName"] == "ann"
    assert listed["EnableDate"] == START
    assert account.root.iam.list_virtual_mfa_devices(assignment_status="Unassigned")["VirtualMFADevices"] == []


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, -1), (-2, 0), (60, 61)])
def test_other_codes_do_not(first: int, second: int) -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    device = phone(account)
    with refused("InvalidAuthenticationCodeException", "Authentication code for device is not valid."):
        account.root.iam.enable_mfa_device(
            user_name="ann",
            serial_number=SERIAL,
            authentication_code1=device.code(first),
            authentication_code2=device.code(second),
        )


def test_a_device_belongs_to_one_user() -> None:
    account = an_account()
    _, device = enabled(account)
    account.root.iam.create_user(user_name="bob")
    account.later(minutes=1)
    with refused("EntityAlreadyExistsException", "MFA Device is already in use."):
        account.root.iam.enable_mfa_device(user_name="bob", serial_number=SERIAL, **device.codes())


def test_a_user_has_eight_devices_at_most() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    devices = [phone(account, name=f"phone{number}") for number in range(9)]
    for device in devices[:8]:
        account.root.iam.enable_mfa_device(user_name="ann", serial_number=device.serial_number, **device.codes())
    with refused("LimitExceededException"):
        account.root.iam.enable_mfa_device(
            user_name="ann", serial_number=devices[8].serial_number, **devices[8].codes()
        )


def test_a_hardware_device_that_aws_does_not_know_is_not_found() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    with refused("NoSuchEntityException"):
        account.root.iam.enable_mfa_device(
            user_name="ann", serial_number="GAHT12345678", authentication_code1="123456", authentication_code2="234567"
        )


def test_the_code_authenticates_a_session_once() -> None:
    account = an_account()
    ann, device = enabled(account)
    account.later(seconds=STEP)
    code = device.code()
    session = ann.sts.get_session_token(serial_number=SERIAL, token_code=code)
    assert account.with_session(session["Credentials"]).iam.get_user()["User"]["UserName"] == "ann"
    with refused("AccessDenied"):
        ann.sts.get_session_token(serial_number=SERIAL, token_code=code)
    account.later(seconds=STEP)
    ann.sts.get_session_token(serial_number=SERIAL, token_code=device.code())


def test_a_device_whose_clock_drifted_is_synchronized_again() -> None:
    account = an_account()
    ann, device = enabled(account)
    device.ahead = timedelta(minutes=5)
    account.later(minutes=10)
    with refused("AccessDenied"):
        ann.sts.get_session_token(serial_number=SERIAL, token_code=device.code())
    account.root.iam.resync_mfa_device(user_name="ann", serial_number=SERIAL, **device.codes())
    account.later(seconds=STEP)
    ann.sts.get_session_token(serial_number=SERIAL, token_code=device.code())


def test_codes_that_were_used_synchronize_nothing() -> None:
    account = an_account()
    _, device = enabled(account)
    with refused("InvalidAuthenticationCodeException"):
        account.root.iam.resync_mfa_device(user_name="ann", serial_number=SERIAL, **device.codes())


def test_only_the_users_own_device_is_synchronized_or_taken_away() -> None:
    account = an_account()
    _, device = enabled(account)
    account.root.iam.create_user(user_name="bob")
    with refused("NoSuchEntityException"):
        account.root.iam.resync_mfa_device(user_name="bob", serial_number=SERIAL, **device.codes())
    with refused("NoSuchEntityException"):
        account.root.iam.deactivate_mfa_device(user_name="bob", serial_number=SERIAL)


def test_a_device_is_deactivated_before_it_is_deleted() -> None:
    account = an_account()
    enabled(account)
    with refused("DeleteConflictException", "MFA VirtualDevice in use. Must deactivate first."):
        account.root.iam.delete_virtual_mfa_device(serial_number=SERIAL)
    account.root.iam.deactivate_mfa_device(user_name="ann", serial_number=SERIAL)
    assert account.root.iam.list_mfa_devices(user_name="ann")["MFADevices"] == []
    account.root.iam.delete_virtual_mfa_device(serial_number=SERIAL)
    assert account.root.iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    with refused("NoSuchEntityException"):
        account.root.iam.delete_virtual_mfa_device(serial_number=SERIAL)


def test_a_user_with_a_device_cannot_be_deleted() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="bob")
    device = phone(account)
    account.root.iam.enable_mfa_device(user_name="bob", serial_number=SERIAL, **device.codes())
    with refused("DeleteConflictException", "Cannot delete entity, must delete MFA device first."):
        account.root.iam.delete_user(user_name="bob")


def test_the_root_user_has_devices_of_its_own() -> None:
    account = an_account()
    device = phone(account)
    account.root.iam.enable_mfa_device(user_name="root", serial_number=SERIAL, **device.codes())
    assert account.root.iam.list_mfa_devices()["MFADevices"][0]["UserName"] == "root"
    (listed,) = account.root.iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert listed["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert account.root.iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    with refused("ValidationError"):
        account.root.iam.deactivate_mfa_device(serial_number=SERIAL)
    account.root.iam.deactivate_mfa_device(user_name="root", serial_number=SERIAL)
    assert account.root.iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0


def test_a_user_named_root_is_told_from_the_root_user() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="root")
    device = phone(account)
    account.root.iam.enable_mfa_device(user_name="root", serial_number=SERIAL, **device.codes())
    assert account.root.iam.list_mfa_devices()["MFADevices"] == []


def test_security_keys_are_registered_elsewhere() -> None:
    account = an_account()
    enabled(account)
    with refused("NoSuchEntityException"):
        account.root.iam.get_mfa_device(serial_number=SERIAL, user_name="ann")


def test_tags_of_a_device_are_listed_by_key() -> None:
    account = an_account()
    phone(account, tags=[{"Key": "b", "Value": "2"}])
    account.root.iam.tag_mfa_device(serial_number=SERIAL, tags=[{"Key": "a", "Value": "1"}])
    assert account.root.iam.list_mfa_device_tags(serial_number=SERIAL)["Tags"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]
    account.root.iam.untag_mfa_device(serial_number=SERIAL, tag_keys=["a", "absent"])
    assert account.root.iam.list_mfa_device_tags(serial_number=SERIAL)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_a_device_is_authorized_on_its_arn_and_tags() -> None:
    account = an_account()
    ann = account.signed_in(
        "ann",
        allow("iam:CreateVirtualMFADevice", f"arn:aws:iam::{ACCOUNT}:mfa/ann"),
        allow("iam:DeleteVirtualMFADevice", StringEquals={"aws:ResourceTag/team": "red"}),
    )
    made = ann.iam.create_virtual_mfa_device(virtual_mfa_device_name="ann")["VirtualMFADevice"]
    with refused("AccessDenied"):
        ann.iam.create_virtual_mfa_device(virtual_mfa_device_name="bob")
    with refused("AccessDenied"):
        ann.iam.delete_virtual_mfa_device(serial_number=made["SerialNumber"])
    account.root.iam.tag_mfa_device(serial_number=made["SerialNumber"], tags=[{"Key": "team", "Value": "red"}])
    ann.iam.delete_virtual_mfa_device(serial_number=made["SerialNumber"])


def test_making_a_device_with_tags_takes_permission_to_tag() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:CreateVirtualMFADevice"))
    with refused("AccessDenied"):
        ann.iam.create_virtual_mfa_device(virtual_mfa_device_name="ann", tags=[{"Key": "a", "Value": "1"}])


def test_devices_follow_a_renamed_user() -> None:
    account = an_account()
    enabled(account)
    account.root.iam.update_user(user_name="ann", new_user_name="anna")
    assert account.root.iam.list_mfa_devices(user_name="anna")["MFADevices"][0]["UserName"] == "anna"
    (listed,) = account.root.iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert listed["User"]["UserName"] == "anna"
