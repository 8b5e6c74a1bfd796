"""TOTP, with the test vectors of RFC 6238 (SHA-1, the last six of eight digits)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sparekey.services.directory.credentials import MFA_DEVICES, MFA_SEED, MfaDevice
from sparekey.services.directory.one_time_codes import SEARCHED, STEP, code_at, step_of, step_of_pair, use_code
from sparekey.storage.interface import Transaction
from sparekey.storage.memory import MemoryStore
from sparekey.storage.sealing import RootSealer

SEED = b"12345678901234567890"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SEALER = RootSealer(b"\x02" * 32)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert code_at(SEED, step_of(datetime.fromtimestamp(seconds, UTC))) == code


@pytest.mark.parametrize("off", [0, 1, -1, SEARCHED, -SEARCHED])
def test_two_codes_in_a_row_tell_how_far_a_clock_is_off(off: int) -> None:
    step = step_of(NOW) + off
    assert step_of_pair(SEED, code_at(SEED, step - 1), code_at(SEED, step), NOW) == step


def test_codes_of_a_clock_too_far_off_tell_nothing() -> None:
    step = step_of(NOW) + SEARCHED + 1
    assert step_of_pair(SEED, code_at(SEED, step - 1), code_at(SEED, step), NOW) is None


def tried(device: MfaDevice | None, *codes: str, user: str = "ann", now: datetime = NOW) -> list[bool]:
    store = MemoryStore()
    if device is not None:
        made = device
        store.write(lambda records: records.put(MFA_DEVICES, ("1", "phone"), made))

    def work(records: Transaction) -> list[bool]:
        return [
            use_code(records, SEALER, account="1", serial_number="phone", user=user, code=code, now=now)
            for code in codes
        ]

    return store.write(work)


def device(**members: object) -> MfaDevice:
    given = {"user": "Ann", "enabled": NOW, **members}
    return MfaDevice("phone", SEALER.seal(SEED, MFA_SEED), NOW, **given)  # type: ignore[arg-type]  # named by tests


def test_a_code_is_taken_once_and_one_step_early_or_late() -> None:
    here = step_of(NOW)
    codes = [code_at(SEED, here + off) for off in (-2, -1, -1, 0, 1, 2)]
    assert tried(device(), *codes) == [False, True, False, True, True, False]


def test_a_device_that_is_ahead_shows_later_codes() -> None:
    code = code_at(SEED, step_of(NOW) + 10)
    assert tried(device(drift=10), code) == [True]
    assert tried(device(drift=10), code, now=NOW + timedelta(seconds=2 * STEP)) == [False]


def test_only_a_device_of_the_user_itself_counts() -> None:
    code = code_at(SEED, step_of(NOW))
    assert tried(None, code) == [False]
    assert tried(device(), code, user="bob") == [False]
    assert tried(device(user=None), code) == [False]
    assert tried(device(enabled=None), code) == [False]
    assert tried(device(user=""), code, user="") == [True]
