"""Whatever the SDK raises or a server says, a store raises its own errors and shows no secret."""

from __future__ import annotations

import inspect
import pickle
import socket
import ssl
import threading
import traceback
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.exceptions
import pytest
import urllib3.exceptions
from botocore import auth
from botocore.parsers import ResponseParserError

from jobtui_core.errors import (
    ConfigurationError,
    StoreDeniedError,
    StoreError,
    StoreUnavailableError,
)
from jobtui_core.stores.s3 import S3Store
from tests.core.stores.s3.conftest import KEY, SECRET, TOKEN
from tests.core.stores.s3.sdk import refusal
from tests.servers.seaweed import READER, WRITER

SIGNED = "https://user:password@server/bucket?X-Amz-Credential=AKID&X-Amz-Signature=abc"
SECRETS = (KEY, SECRET, TOKEN, "password", "X-Amz-Signature")

CALLS = {
    "read": lambda store: store.read("a"),
    "read_part": lambda store: store.read("a", 1, 2),
    "write": lambda store: store.write("a", b"x"),
    "write_if_absent": lambda store: store.write_if_absent("a", b"x"),
    "delete": lambda store: store.delete("a"),
    "delete_all": lambda store: store.delete_all(["a", "b"]),
    "copy": lambda store: store.copy("a", "b"),
    "list": lambda store: list(store.list()),
    "stat": lambda store: store.stat("a"),
}


def classes() -> list[type[Exception]]:
    """All that botocore may raise, and what may come from beneath it."""
    found = [
        one
        for one in vars(botocore.exceptions).values()
        if inspect.isclass(one) and issubclass(one, Exception) and not issubclass(one, Warning)
    ]
    beneath = [
        urllib3.exceptions.ProtocolError, ResponseParserError, ConnectionResetError, TimeoutError,
        socket.gaierror, ValueError, KeyError, AttributeError,
    ]  # fmt: skip
    return [*dict.fromkeys(found), *beneath]


def made(cls: type[Exception]) -> Exception:
    """Make one, with secrets wherever it repeats what it is told."""
    error = cls.__new__(cls)
    Exception.__init__(error, f"{SIGNED} {KEY} {SECRET} {TOKEN}")
    if issubclass(cls, botocore.exceptions.ClientError):
        error.response = {"Error": {"Code": "Whatever", "Message": SIGNED}}
    return error


def whole_text(error: BaseException) -> str:
    return "\n".join(
        [repr(error), str(error), *traceback.format_exception(error), repr(vars(error))]
    )


@pytest.mark.parametrize("cls", classes(), ids=lambda cls: cls.__name__)
def test_whatever_the_sdk_raises_a_store_raises_its_own(server, store, cls):
    server.answers(store, lambda asked: made(cls))
    with pytest.raises(StoreError) as seen:
        store.read("a")
    error = seen.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert str(error).startswith("s3://bucket/base cannot be read: ")
    assert "\n" not in str(error)
    assert not any(secret in whole_text(error) for secret in SECRETS)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "response",
    [
        refusal(403, "AccessDenied", SIGNED),
        refusal(500, "InternalError", KEY),
        refusal(418, "<&", TOKEN),
        botocore.exceptions.EndpointConnectionError(endpoint_url=SIGNED),
        RuntimeError(SECRET),
    ],
    ids=["403", "500", "418", "connection", "bug"],
)
def test_every_call_raises_errors_of_its_own_alone(server, store, call, response):
    def respond(_asked):
        if not isinstance(response, Exception):
            response.raw.seek(0)
        return response

    server.answers(store, respond)
    with pytest.raises(StoreError) as seen:
        CALLS[call](store)
    assert "s3://bucket/base cannot be " in str(seen.value)
    assert not any(secret in whole_text(seen.value) for secret in SECRETS)
    again = pickle.loads(pickle.dumps(seen.value))
    assert (type(again), str(again)) == (type(seen.value), str(seen.value))


DENIED = {
    ("InvalidAccessKeyId", 403): "does not know the access key",
    ("SignatureDoesNotMatch", 403): "secret does not belong to the access key",
    ("AccessDenied", 403): "lack the permission, or are wrong (s3:GetObject",
    ("ExpiredToken", 400): "have expired: get new ones",
    ("TokenRefreshRequired", 400): "have expired: get new ones",
    ("InvalidToken", 400): "session token is not valid",
    ("RequestTimeTooSkewed", 403): "clock and the server's differ too much",
    ("AuthorizationHeaderMalformed", 400): "in another region",
    ("PermanentRedirect", 301): "in another region",
    ("AllAccessDisabled", 403): "was disabled",
    ("KMS.DisabledException", 400): "encryption key is disabled",
}
UNAVAILABLE = {
    ("SlowDown", 503): "says to slow down",
    ("InternalError", 500): "internal error",
    ("RequestTimeout", 400): "waited too long",
    ("NobodyKnows", 502): "answers NobodyKnows",
    ("TooManyRequests", 429): "answers TooManyRequests",
}
OTHER = {
    ("InvalidObjectState", 403): "in an archive",
    ("NobodyKnows", 400): "answers NobodyKnows",
    ("QuotaExceeded", 403): "bucket is full",
}


@pytest.mark.parametrize(
    ("kind", "code", "status", "words"),
    [
        *((StoreDeniedError, *case, words) for case, words in DENIED.items()),
        *((StoreUnavailableError, *case, words) for case, words in UNAVAILABLE.items()),
        *((StoreError, *case, words) for case, words in OTHER.items()),
    ],
)
def test_each_code_has_its_sentence(server, store, kind, code, status, words):
    # With where the bucket is said to be, the SDK looks no further for it.
    region = {"x_amz_bucket_region": "us-east-1"}
    server.answers(store, lambda asked: refusal(status, code, "message of the server", **region))
    with pytest.raises(StoreError) as seen:
        store.read("a")
    assert type(seen.value) is kind
    assert words in str(seen.value)
    assert "bucket" in str(seen.value)
    assert "message of the server" not in str(seen.value)


SDK = [
    (botocore.exceptions.NoCredentialsError(), StoreDeniedError, "no credentials were found"),
    (
        botocore.exceptions.PartialCredentialsError(provider="env", cred_var="x"),
        StoreDeniedError,
        "a part of the credentials is missing",
    ),
    (
        botocore.exceptions.SSLError(endpoint_url="u", error="CERTIFICATE_VERIFY_FAILED"),
        StoreDeniedError,
        "certificate of http://server.invalid:1 is not trusted",
    ),
    (
        botocore.exceptions.SSLError(endpoint_url="u", error="WRONG_VERSION_NUMBER"),
        StoreUnavailableError,
        "no safe connection",
    ),
    (
        botocore.exceptions.ReadTimeoutError(endpoint_url="u", error="e"),
        StoreUnavailableError,
        "http://server.invalid:1 does not answer in time",
    ),
    (
        botocore.exceptions.UnauthorizedSSOTokenError(),
        StoreDeniedError,
        "the login that gives the credentials is missing or over",
    ),
]


@pytest.mark.parametrize(("error", "kind", "words"), SDK, ids=lambda one: type(one).__name__)
def test_errors_of_the_sdk_have_theirs(server, store, error, kind, words):
    server.answers(store, lambda asked: error)
    with pytest.raises(StoreError) as seen:
        store.read("a")
    assert type(seen.value) is kind
    assert words in str(seen.value)


def test_a_profile_that_is_not_there_is_named_by_where_it_is_set(alone):
    with pytest.raises(StoreDeniedError, match="no such profile: check AWS_PROFILE"):
        S3Store("s3://bucket", profile="nobody").read("a")


def test_no_credentials_at_all_is_said_without_a_request(alone, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    store = S3Store("s3://bucket", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(StoreDeniedError, match="no credentials were found: set AWS_PROFILE"):
        store.read("a")
    assert sum(store.requests.values()) == 0


def test_an_endpoint_with_a_password_is_refused_without_repeating_it(alone, monkeypatch):
    with pytest.raises(ConfigurationError, match="without a user") as seen:
        S3Store("s3://bucket", endpoint_url="http://user:password@host:1")
    assert "password@" not in repr(seen.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://user:hidden@127.0.0.1:9")
    with pytest.raises(StoreError) as seen:
        S3Store("s3://bucket", retries=0).read("a")
    assert "hidden" not in whole_text(seen.value)


# ------------------------------------------------------------------- as a real server says it


def as_one(monkeypatch, server, identity):
    for name, value in server.environment(identity).items():
        monkeypatch.setenv(name, value)


def test_wrong_keys_are_told_apart_from_wrong_secrets(s3_server, s3_url, monkeypatch):
    as_one(monkeypatch, s3_server, ("unknownkey", "secret"))
    with pytest.raises(StoreDeniedError, match="does not know the access key") as seen:
        S3Store(s3_url).read("a")
    assert "unknownkey" not in str(seen.value)
    as_one(monkeypatch, s3_server, (READER[0], "wrong"))
    with pytest.raises(StoreDeniedError, match="does not belong to the access key"):
        S3Store(s3_url).write("a", b"")


def test_who_may_only_read_reads_and_is_told_so_when_writing(s3_server, s3_url, monkeypatch):
    S3Store(s3_url).write("a", b"x")
    as_one(monkeypatch, s3_server, READER)
    store = S3Store(s3_url)
    assert store.read("a") == b"x"
    assert store.writable is None
    with pytest.raises(StoreDeniedError, match=r"cannot be written: .*lack the permission"):
        store.write_if_absent("b", b"y")
    for call in ("write", "copy", "delete", "delete_all"):
        with pytest.raises(StoreDeniedError, match=r"lack the permission.*s3:(Put|Delete)Object"):
            CALLS[call](store)
    assert store.writable is False
    assert [one.name for one in store.list()] == ["a"]


def test_a_missing_bucket_is_empty_and_made_by_the_first_write(s3_server, s3_url, monkeypatch):
    store = S3Store("s3://made-by-the-first-write/base")
    try:
        assert store.read("a") is None
        assert store.stat("a") is None
        assert list(store.list()) == []
        store.delete("a")
        store.delete_all(["a", "b"])
        assert not s3_server.has_bucket("made-by-the-first-write")
        store.write("a", b"x")
        assert store.read("a") == b"x"
        assert store.writable is True
    finally:
        s3_server.client().delete_object(Bucket="made-by-the-first-write", Key="base/a")
        s3_server.client().delete_bucket(Bucket="made-by-the-first-write")


def test_who_may_not_make_the_bucket_is_told_so(s3_server, s3_url, monkeypatch):
    as_one(monkeypatch, s3_server, WRITER)
    with pytest.raises(StoreDeniedError) as seen:
        S3Store("s3://nobody-made-it/base").write("a", b"x")
    assert str(seen.value) == (
        "s3://nobody-made-it/base cannot be written: there is no bucket nobody-made-it, and the "
        "credentials lack the permission to make it (s3:CreateBucket): make it, or check its name"
    )


def test_a_clock_that_is_wrong_is_named(s3_server, s3_url, monkeypatch):
    now = auth.get_current_datetime
    monkeypatch.setattr(auth, "get_current_datetime", lambda: now() + timedelta(days=1))
    with pytest.raises(StoreDeniedError, match="clock and the server's differ too much"):
        S3Store(s3_url).read("a")


def test_what_is_no_s3_server_is_named_with_the_way_out(s3_url, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    store = S3Store(s3_url, endpoint_url=f"http://127.0.0.1:{port}", retries=0)
    with pytest.raises(StoreUnavailableError, match=f"http://127.0.0.1:{port} cannot be reached"):
        store.read("a")


@pytest.fixture
def web(tmp_path):
    """A server of web pages on loopback; with ``web(context)`` by TLS."""
    with ExitStack() as stack:

        def start(context=None):
            server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
            if context is not None:
                server.socket = context.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return server.server_port

        yield start


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!doctype html><p>It works!")

    def log_message(self, *_):
        pass


def test_a_web_server_is_not_taken_for_a_store(alone, web):
    store = S3Store("s3://bucket/base", endpoint_url=f"http://127.0.0.1:{web()}", retries=0)
    with pytest.raises(
        StoreUnavailableError, match="no word of S3; if it goes on, check the option"
    ):
        list(store.list())
    with pytest.raises(StoreError, match="check the option 'endpoint_url'"):
        store.write("a", b"x")


def test_a_certificate_that_nobody_vouches_for_is_named(alone, web, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    store = S3Store("s3://bucket/base", endpoint_url=f"https://127.0.0.1:{web(context)}", retries=0)
    with pytest.raises(StoreDeniedError, match=r"certificate of https://127.0.0.1:\d+ is not trus"):
        store.read("a")


def test_a_server_without_tls_is_named(alone, web):
    store = S3Store("s3://bucket/base", endpoint_url=f"https://127.0.0.1:{web()}", retries=0)
    with pytest.raises(StoreUnavailableError, match="check whether its address is https"):
        store.read("a")


def certificate(folder):
    """Make a key and a certificate that it signs itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    ).sign(key, hashes.SHA256())
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    return path
