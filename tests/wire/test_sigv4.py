from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.errors import ServiceError
from sparekey.wire.canonical_request import canonical_query
from sparekey.wire.messages import HttpRequest
from sparekey.wire.sigv4 import (
    HeadersNotSigned,
    IncompleteSignature,
    RequestExpired,
    Signature,
    SignatureDoesNotMatch,
    check_scope,
    read_signature,
    signing_key,
    verify,
)
from tests.wire.signed import HOST, KEY_ID, NOW, SECRET, signed

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)
TOKEN = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWL=="


def accept(request: HttpRequest, *, secret: str = SECRET, now: object = NOW, service: str = "iam") -> Signature:
    signature = read_signature(request)
    assert signature is not None
    check_scope(signature, service)
    verify(signature, request, secret, now)  # type: ignore[arg-type]  # a datetime
    return signature


def refused(request: HttpRequest, **how: object) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        accept(request, **how)  # type: ignore[arg-type]  # as accept takes them
    return caught.value


# AWS's published test vectors: secret, scope (us-east-1, `service`) and time are the same in all; what differs is here.
VECTORS = {
    "vanilla": ("GET", "/", "", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "a header repeated": (
        "GET",
        "/",
        "",
        {"my-header1": "value2,value2,value1"},
        b"",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    "values in their order": (
        "GET",
        "/",
        "",
        {"my-header1": "value4,value1,value3,value2"},
        b"",
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
    ),
    "spaces in values": (
        "GET",
        "/",
        "",
        {"my-header1": " value1", "my-header2": ' "a   b   c"'},
        b"",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "unreserved characters in the path": (
        "GET",
        "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "",
        {},
        b"",
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ),
    "UTF-8 in the path": (
        "GET",
        "/ሴ",
        "",
        {},
        b"",
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ),
    "parameters out of order": (
        "GET",
        "/",
        "Param2=value2&Param1=value1",
        {},
        b"",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "UTF-8 in the query": (
        "GET",
        "/",
        "ሴ=bar",
        {},
        b"",
        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    ),
    "reserved characters in the query": (
        "POST",
        "/",
        "%40%23%24%25%5E=&%2B=%2F%2C%3F%3E%3C%60%22%3B%3A%5C%7C%5D%5B%7B%7D",
        {},
        b"",
        "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e",
    ),
    "a parameter without a value": (
        "POST",
        "/",
        "p",
        {},
        b"",
        "e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b",
    ),
    "a header's case": (
        "POST",
        "/",
        "",
        {"my-header1": "VALUE1"},
        b"",
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    "a form": (
        "POST",
        "/",
        "",
        {"content-type": "application/x-www-form-urlencoded"},
        b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_that_aws_published_are_accepted(name: str) -> None:
    method, path, query, headers, body, signature = VECTORS[name]
    all_headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z", **headers}
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/service/aws4_request,"
        f" SignedHeaders={';'.join(sorted(all_headers))}, Signature={signature}"
    )
    request = HttpRequest(method, path, query, {**all_headers, "authorization": authorization}, body)
    assert accept(request, service="service").access_key_id == KEY_ID


def test_a_dot_segment_is_normalized_before_it_is_signed() -> None:
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z", "authorization": authorization}
    for path in ("/example/..", "/foo/bar/../..", "//", "/./", "/.", ""):
        accept(HttpRequest("GET", path, "", headers, b""), service="service")


def test_a_derived_signing_key_is_that_of_the_documentation() -> None:
    key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20120215", "us-east-1", "iam")
    assert key.hex() == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"


def test_what_a_signature_says_is_read() -> None:
    signature = accept(signed(body=b"Action=GetUser", token=TOKEN, headers={"Content-Type": "text/plain"}))
    assert signature == Signature(
        KEY_ID,
        "20150830",
        "us-east-1",
        "iam",
        "aws4_request",
        "20150830T123600Z",
        ("content-type", "host", "x-amz-date", "x-amz-security-token"),
        signature.signature,
        TOKEN,
        None,
    )
    assert not signature.presigned
    presigned = accept(signed("GET", query="Action=GetUser", token=TOKEN, expires=60))
    assert (presigned.presigned, presigned.token, presigned.expires) == (True, TOKEN, 60)


SEGMENTS = st.text(st.sampled_from("ab.~-_!*'()+=,;:@&$ %é字"), max_size=6)
NAMES = st.text(st.sampled_from("abAB12 -_.~+&=/%é字"), min_size=1, max_size=5)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, object]:
    from urllib.parse import quote

    path = "/" + "/".join(quote(s, safe="~") for s in draw(st.lists(SEGMENTS, max_size=4)))
    query = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in draw(st.lists(st.tuples(NAMES, st.one_of(st.just(""), NAMES)), max_size=4))
    )
    names = st.sampled_from(["X-Amz-Target", "X-Amz-Meta-A", "Content-Type", "Accept", "my_header", "Zoo"])
    values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
    return {
        "method": draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"])),
        "path": path,
        "query": query,
        "headers": draw(st.dictionaries(names, values, max_size=4)),
        "body": draw(st.binary(max_size=40)),
        "region": draw(st.sampled_from(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"])),
        "token": draw(st.sampled_from([None, TOKEN])),
    }


@given(requests(), st.sampled_from(["iam", "sts", "kms", "s3"]))
def test_whatever_botocore_signs_in_a_header_is_accepted(parts: dict[str, object], service: str) -> None:
    request = signed(**parts, service=service)  # type: ignore[arg-type]  # the parts are signed's
    accept(request, service=service)
    assert refused(request, service=service, secret="another").message == MISMATCH


@given(requests(), st.sampled_from(["iam", "sts", "s3"]))
def test_whatever_botocore_presigns_is_accepted(parts: dict[str, object], service: str) -> None:
    names = {name: value for name, _, value in (p.partition("=") for p in str(parts["query"]).split("&"))}
    query = "&".join(f"{name}={value}" for name, value in names.items() if name)
    request = signed(**{**parts, "body": b"", "query": query}, service=service, expires=900)  # type: ignore[arg-type]  # same
    accept(request, service=service)
    assert refused(request, service=service, secret="another").message == MISMATCH


def tampered(text: str) -> list[str]:
    return [f"{text[:at]}{chr(ord(text[at]) ^ 1)}{text[at + 1 :]}" for at in range(len(text))]


def test_no_byte_can_be_changed() -> None:
    request = signed("POST", "/a/b", "one=1&two=2", {"X-Amz-Target": "T.Op"}, b"payload", token=TOKEN)
    accept(request)
    changed = [request._replace(method=method) for method in tampered(request.method)]
    changed += [request._replace(path=path) for path in tampered(request.path)]
    changed += [request._replace(query=query) for query in tampered(request.query)]
    changed += [request._replace(body=body.encode()) for body in tampered(request.body.decode())]
    for name, value in request.headers.items():
        changed += [request._replace(headers={**request.headers, name: text}) for text in tampered(value)]
    # Another key id is another credential, which is looked up; the secret of it is not this one.
    credential = len(request.headers["authorization"].partition(KEY_ID)[0])
    for each in changed:
        at = next(
            (n for n, c in enumerate(each.headers["authorization"]) if c != request.headers["authorization"][n]), 0
        )
        if not credential <= at < credential + len(KEY_ID):
            assert refused(each).code in ("SignatureDoesNotMatch", "IncompleteSignature"), each


def test_no_byte_of_a_presigned_url_can_be_changed() -> None:
    request = signed("GET", "/", "Action=GetCallerIdentity&Version=2011-06-15", service="sts", expires=60, token=TOKEN)
    accept(request, service="sts")
    start = request.query.index(KEY_ID)
    for at, query in enumerate(tampered(request.query)):
        changed = request._replace(query=query)
        if start <= at < start + len(KEY_ID) or canonical_query(query) == canonical_query(request.query):
            continue  # another credential; or another way to write the same
        assert refused(changed, service="sts").code in ("SignatureDoesNotMatch", "IncompleteSignature"), query


@pytest.mark.parametrize("service", ["iam", "kms"])
def test_a_clock_may_be_fifteen_minutes_wrong_and_no_more(service: str) -> None:
    request = signed(service=service)
    quarter = timedelta(minutes=15)
    accept(request, now=NOW + quarter, service=service)
    accept(request, now=NOW - quarter, service=service)
    late = refused(request, now=NOW + quarter + timedelta(seconds=1), service=service)
    assert isinstance(late, SignatureDoesNotMatch)
    assert late.message == (
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)"
    )
    early = refused(request, now=NOW - quarter - timedelta(seconds=1), service=service)
    assert early.message == (
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)"
    )


def test_a_presigned_url_is_good_for_fifteen_minutes_whatever_it_says() -> None:
    for expires in (1, 900, 604800):
        request = signed("GET", service="sts", expires=expires)
        accept(request, service="sts", now=NOW + timedelta(minutes=15))
        assert "Signature expired" in refused(request, service="sts", now=NOW + timedelta(minutes=16)).message


def test_a_presigned_url_of_s3_is_good_for_as_long_as_it_says() -> None:
    week = signed("GET", "/bucket/key", service="s3", expires=604800)
    accept(week, service="s3", now=NOW + timedelta(days=7))
    expired = refused(week, service="s3", now=NOW + timedelta(days=7, seconds=1))
    assert isinstance(expired, RequestExpired)
    assert isinstance(
        refused(signed("GET", service="s3", expires=1), service="s3", now=NOW + timedelta(2 / 86400)), RequestExpired
    )


def test_a_date_header_stands_in_for_x_amz_date() -> None:
    request = signed(headers={"Date": "now"})
    assert request.headers["date"] == "Sun, 30 Aug 2015 12:36:00 -0000"
    assert "x-amz-date" not in request.headers
    assert accept(request).timestamp == "20150830T123600Z"


def header(authorization: str, **more: str) -> HttpRequest:
    return HttpRequest("POST", "/", "", {"host": HOST, "authorization": authorization, **more}, b"")


SCOPE = f"Credential={KEY_ID}/20150830/us-east-1/iam/aws4_request"
DATED = {"x-amz-date": "20150830T123600Z"}


@pytest.mark.parametrize(
    ("authorization", "headers", "message"),
    [
        (
            "eyJhbGci",
            {},
            (
                "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature'"
                " parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires"
                " existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=eyJhbGci"
            ),
        ),
        (
            f"AWS4-HMAC-SHA256 {SCOPE}",
            DATED,
            (
                "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders'"
                f" parameter. Authorization=AWS4-HMAC-SHA256 {SCOPE}"
            ),
        ),
        (
            "Bearer abc",
            DATED,
            "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/20150830/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0",
            DATED,
            (
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got"
                " 'a/b/20150830/us-east-1/iam/aws4_request'"
            ),
        ),
        (
            f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=x-amz-date, Signature=0",
            DATED,
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=accept;host, Signature=0",
            DATED,
            "'accept' is named as a SignedHeader, but it does not exist in the HTTP request. ",
        ),
        (
            f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature=0",
            {"x-amz-date": "1442252505"},
            "Date must be in ISO-8601 'basic format'. Got '1442252505'. See http://en.wikipedia.org/wiki/ISO_8601",
        ),
        (
            f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature=0",
            {"x-amz-date": "20150830T129900Z"},
            "Date must be in ISO-8601 'basic format'. Got '20150830T129900Z'. See http://en.wikipedia.org/wiki/ISO_8601",
        ),
        (
            f"AWS4-ECDSA-P256-SHA256 {SCOPE}, SignedHeaders=host, Signature=0",
            DATED,
            "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
        ),
        (
            f"AWS4-HMAC-SHA256 {SCOPE}, {SCOPE}",
            DATED,
            f"Authorization header has 'Credential' twice. Authorization=AWS4-HMAC-SHA256 {SCOPE}, {SCOPE}",
        ),
    ],
)
def test_what_an_authorization_header_lacks_is_told(authorization: str, headers: dict[str, str], message: str) -> None:
    error = refused(header(authorization, **headers))
    assert isinstance(error, IncompleteSignature)
    assert error.message == message


@pytest.mark.parametrize(
    ("scope", "timestamp", "message"),
    [
        ("20150830/us-east-1/sts/aws4_request", None, "Credential should be scoped to correct service: 'iam'. "),
        ("20150830/nowhere/iam/aws4_request", None, "Credential should be scoped to a valid region. "),
        ("20150830/aws-global/iam/aws4_request", None, "Credential should be scoped to a valid region. "),
        (
            "20150830/us-east-1/iam/aws5_request",
            None,
            "Credential should be scoped with a valid terminator: 'aws4_request'. ",
        ),
        (
            "20150829/us-east-1/iam/aws4_request",
            None,
            (
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829'"
                " != '20150830', from '20150830T123600Z'."
            ),
        ),
        (
            "20150830/nowhere/sts/aws4_request",
            None,
            "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'iam'. ",
        ),
    ],
)
def test_a_signature_of_another_scope_is_refused(scope: str, timestamp: str | None, message: str) -> None:
    error = refused(header(f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders=host, Signature=0", **DATED))
    assert isinstance(error, SignatureDoesNotMatch)
    assert error.message == message


def test_the_region_of_a_host_must_be_that_of_the_scope() -> None:
    signature = accept(signed(region="eu-west-1"))
    check_scope(signature, "iam", "eu-west-1")
    with pytest.raises(SignatureDoesNotMatch, match="valid region"):
        check_scope(signature, "iam", "us-east-1")


def test_a_request_without_a_signature_has_none() -> None:
    assert read_signature(HttpRequest("POST", "/", "", {"host": HOST}, b"Action=GetUser")) is None
    assert read_signature(HttpRequest("GET", "/", "Action=GetUser&X-Amz-Other=1", {"host": HOST}, b"")) is None


def test_a_request_signed_twice_is_refused() -> None:
    request = signed("GET", expires=60)
    twice = request._replace(headers={**request.headers, **signed("GET").headers})
    assert "Only one auth mechanism allowed" in refused(twice).message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("X-Amz-Signature=", "X-Amz-Sig="), "AWS query-string parameters must include 'X-Amz-Signature'."),
        (("X-Amz-Expires=60", "X-Amz-Expires=604801"), "X-Amz-Expires must be less than a week"),
        (("X-Amz-Expires=60", "X-Amz-Expires=-1"), "X-Amz-Expires should be a number"),
        (("X-Amz-Expires=60", "X-Amz-Date=20150830T123600Z"), "'X-Amz-Date' stands twice"),
    ],
)
def test_what_a_presigned_url_lacks_is_told(change: tuple[str, str], message: str) -> None:
    request = signed("GET", expires=60)
    error = refused(request._replace(query=request.query.replace(*change)))
    assert isinstance(error, IncompleteSignature)
    assert message in error.message


def test_the_body_of_s3_may_be_unsigned_and_no_other() -> None:
    headers = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    request = signed("PUT", "/b/k", "", headers, b"body", service="kms")
    assert refused(request, service="kms").message == MISMATCH
    presigned = signed("PUT", "/b/k", service="s3", expires=60)
    accept(presigned._replace(body=b"anything"), service="s3")
    told = signed("PUT", "/b/k", "", {}, b"body", service="s3")
    assert refused(told._replace(body=b"another"), service="s3").message == MISMATCH


def test_s3_refuses_amz_headers_that_are_not_signed() -> None:
    request = signed("PUT", "/b/k", "", {}, b"body", service="s3")
    more = request._replace(headers={**request.headers, "x-amz-acl": "public-read"})
    assert isinstance(refused(more, service="s3"), HeadersNotSigned)
    other = signed()
    accept(other._replace(headers={**other.headers, "x-amz-target": "T.Op"}))
