from __future__ import annotations

from unittest.mock import patch

import pytest

from sparekey.services.directory.providers import SIGNING_KEYS, SigningKey
from sparekey.storage.interface import StoreUnavailable
from tests.server.endpoint import ACCOUNT, KEY, Served, later


def test_health_tells_version_services_and_storage() -> None:
    answer = Served().page("GET", "/_sparekey/health")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json == {
        "status": "ok",
        "version": "1.2.3",
        "services": ["cloudtrail", "iam", "organizations", "sts"],
        "storage": "memory",
        "ephemeral": True,
    }
    assert Served(ephemeral=False).page("GET", "/_sparekey/health").json["ephemeral"] is False


def test_the_keys_of_an_accounts_issuer_are_published() -> None:
    served = Served()
    assert served.page("GET", f"/_sparekey/jwks/{ACCOUNT}").json == {"keys": []}
    key = SigningKey("one", "ES384", b"", '{"kty": "EC", "kid": "one"}', later(0))
    served.cloud.store.write(lambda records: records.put(SIGNING_KEYS, (ACCOUNT, "ES384"), key))
    assert served.page("GET", f"/_sparekey/jwks/{ACCOUNT}").json == {"keys": [{"kty": "EC", "kid": "one"}]}


def test_health_tells_that_the_store_is_gone() -> None:
    served = Served()
    with patch.object(served.store, "read", side_effect=StoreUnavailable("no answer")):
        answer = served.page("GET", "/_sparekey/health")
    assert (answer.status, answer.json) == (503, {"error": "the store is not available: no answer"})


def test_a_reset_wipes_everything_but_the_root_users_key() -> None:
    served = Served()
    key = served.new_user("ann")
    served.cloud.open_account("111111111111")
    served.page("POST", "/_sparekey/clock", b'{"advance": 3600}')
    assert served.page("POST", "/_sparekey/reset").json == {"reset": True}
    assert served.query("Action=ListUsers").status == 200
    assert "ann" not in served.query("Action=ListUsers").response.body.decode()
    assert served.query("Action=GetCallerIdentity", service="sts", key=key).error[1] == "InvalidClientTokenId"
    assert served.query("Action=GetCallerIdentity", service="sts", key=KEY).text("Account") == ACCOUNT


def test_the_clock_moves_for_tests() -> None:
    served = Served()
    assert served.page("POST", "/_sparekey/clock", b'{"advance": 90.5}').json == {
        "now": "2026-11-23T12:01:30.500000+00:00"
    }
    assert served.page("POST", "/_sparekey/clock", b'{"set": "2030-01-01T00:00:00Z"}').json["now"].startswith("2030")
    assert served.page("POST", "/_sparekey/clock", b'{"set": "2026-11-23T12:00:00"}').json["now"].startswith("2026")
    assert served.query("Action=ListUsers", at=later(0)).status == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"advance": "1"}', b'{"advance": true}', b'{"advance": 1, "set": "2030-01-01"}', b"\xff"],
)
def test_what_does_not_say_how_to_move_the_clock_is_refused(body: bytes) -> None:
    answer = Served().page("POST", "/_sparekey/clock", body)
    assert answer.status == 400
    assert '{"advance": SECONDS}' in answer.json["error"]


@pytest.mark.parametrize("body", [b'{"advance": 1e300}', b'{"set": "soon"}', b'{"set": "9999-12-31T23:59:59Z"}'])
def test_a_time_that_is_none_is_refused(body: bytes) -> None:
    answer = Served().page("POST", "/_sparekey/clock", body)
    assert answer.status == 400
    assert "not a time" in answer.json["error"]


@pytest.mark.parametrize("page", ["reset", "clock"])
def test_a_server_that_keeps_its_state_neither_forgets_nor_moves_time(page: str) -> None:
    served = Served(ephemeral=False)
    served.new_user("ann")
    answer = served.page("POST", f"/_sparekey/{page}", b'{"advance": 1}')
    assert answer.status == 403
    assert "--ephemeral" in answer.json["error"]
    assert served.query("Action=GetUser&UserName=ann").status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_sparekey/reset", 405),
        ("DELETE", "/_sparekey/health", 405),
        ("GET", "/_sparekey/nothing", 404),
        ("POST", "/_sparekey/", 404),
    ],
)
def test_other_pages_and_methods_are_refused(method: str, path: str, status: int) -> None:
    answer = Served().page(method, path)
    assert answer.status == status
    assert path in answer.json["error"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000"])
def test_pages_of_other_sites_may_not_reset(origin: str) -> None:
    answer = Served().page("POST", "/_sparekey/reset", origin=origin)
    assert answer.status == 403
    assert "may not call" in answer.json["error"]


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost:4566", True),
        ("iam.us-east-1.localhost:4566", True),
        ("127.0.0.1:4566", True),
        ("[::1]:4566", True),
        ("evil.example:4566", False),
        ("localhost.evil.example", False),
        ("x@localhost", False),
        ("", False),
    ],
)
def test_a_name_that_is_not_ours_may_not_reset(host: str, *, allowed: bool) -> None:
    answer = Served().page("POST", "/_sparekey/reset", host=host)
    assert answer.status == (200 if allowed else 403)


def test_a_server_for_other_machines_goes_by_any_name() -> None:
    served = Served(host=None)
    assert served.page("POST", "/_sparekey/reset", host="sparekey.internal").status == 200
    assert served.page("POST", "/_sparekey/reset", host="a", origin="http://b").status == 403
    assert served.page("POST", "/_sparekey/reset", host="a:1", origin="http://a:1").status == 200


def test_health_may_be_asked_under_any_name() -> None:
    assert Served().page("GET", "/_sparekey/health", host="sparekey:4566").status == 200
