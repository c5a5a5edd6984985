"""What a store on S3 is told, asks and remembers: URLs, options, pages, credentials, processes."""

from __future__ import annotations

import logging
import os
import pickle
import socket
import subprocess
import sys
import time

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from jobtui_core.errors import (
    ConfigurationError,
    StoreDeniedError,
    StoreError,
    StoreUnavailableError,
)
from jobtui_core.stores import open_store
from jobtui_core.stores.s3 import S3Store
from tests.core.isolation import clean_environment
from tests.core.stores.s3.conftest import KEY, SECRET, TOKEN
from tests.core.stores.s3.sdk import ENDPOINT, answer, refusal
from tests.servers.seaweed import ADMIN, REGION

# ------------------------------------------------------------------------------------- its URL


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("s3://bucket", "s3://bucket"),
        ("S3://bucket/", "s3://bucket"),
        ("s3://my.bucket-1/a/b_c/", "s3://my.bucket-1/a/b_c"),
    ],
)
def test_a_url_is_spelled_in_one_way(url, canonical):
    assert S3Store(url).url == canonical
    assert repr(S3Store(url)) == f"S3Store({canonical!r})"


@pytest.mark.parametrize(
    "url",
    [
        "s3://", "s3:///a", "s3://b", "s3://key:secret@bucket/a", "s3://bucket/a?token=secret",
        "s3://bucket/../a", "s3://bucket/a//b", "s3://bucket/.a", "s3://bucket/é", "gs://bucket",
    ],
)  # fmt: skip
def test_what_is_no_url_is_refused_without_repeating_a_secret(url):
    with pytest.raises(StoreError) as seen:
        S3Store(url)
    assert "secret" not in str(seen.value)


def test_opening_asks_nothing_and_loads_no_sdk():
    code = (
        "import sys; from jobtui_core.stores import open_store; open_store('s3://bucket/a');"
        "print([name for name in ('boto3', 'botocore', 's3fs') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr


# ------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    "options",
    [
        {"sse": "rot13"}, {"retries": -1}, {"part_size": 1000}, {"page_size": 5000},
        {"read_timeout": 0}, {"endpoint_url": "server:1"}, {"endpoint_url": "ftp://server"},
        {"concurrency": "many"},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_mean_nothing_are_refused(options):
    with pytest.raises(ConfigurationError):
        S3Store("s3://bucket", **options)


def test_encryption_and_payment_are_said_in_requests(server, no_pauses):
    store = S3Store(
        "s3://bucket/base", endpoint_url=ENDPOINT, requester_pays=True, sse="aws:kms",
        sse_kms_key_id="alias/lab",
    )  # fmt: skip
    when = {"last_modified": "Sun, 22 Nov 2026 12:00:00 GMT"}
    asked = server.answers(store, lambda asked: answer(body=b"<R/>", **when))
    store.write("a", b"x")
    store.copy("a", "b")
    written = list(asked)
    store.read("a")
    store.stat("a")
    store.delete("a")
    list(store.list())
    assert [one.headers["x-amz-request-payer"] for one in asked] == ["requester"] * len(asked)
    for one in written:
        assert one.headers["x-amz-server-side-encryption"] == "aws:kms"
        assert one.headers["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/lab"


def test_encryption_by_a_real_server_is_accepted(s3_url, s3_server):
    store = S3Store(s3_url, sse="AES256", multipart_size=6 << 20, part_size=5 << 20)
    store.write("a", b"x")
    store.write("large", bytes(7 << 20))
    assert store.read("a") == b"x"
    assert store.read("large") == bytes(7 << 20)


def test_options_come_with_the_url_or_from_settings(tmp_path, alone):
    (tmp_path / "jobtui.toml").write_text(f'[stores."s3://bucket"]\nendpoint_url = "{ENDPOINT}"\n')
    store = open_store("s3://bucket/a", tmp_path, {"retries": 0})
    assert store.options == {"endpoint_url": ENDPOINT, "retries": 0}


# ------------------------------------------------------------------------------------- waiting


def test_what_does_not_answer_is_asked_again_as_often_as_said(server, store, alone, no_pauses):
    answers = [refusal(503, "SlowDown"), EndpointConnectionError(endpoint_url="u")]
    asked = server.answers(store, lambda asked: answers.pop(0) if answers else answer(body=b"1"))
    assert store.read("a") == b"1"
    assert store.requests == {"GetObject": 3}
    assert len(asked) == 3

    once = S3Store("s3://bucket", endpoint_url=ENDPOINT, retries=0)
    asked = server.answers(once, lambda asked: refusal(503, "SlowDown"))
    with pytest.raises(StoreError, match="slow down"):
        once.read("a")
    assert len(asked) == 1


def test_no_attempt_begins_that_would_end_after_the_longest_wait(server, store, monkeypatch):
    def slowly(asked):
        clock[0] += 4.5
        return ReadTimeoutError(endpoint_url="u", error="e")

    clock = [0.0]
    monkeypatch.setattr("jobtui_core.stores.s3.connection.time.monotonic", lambda: clock[0])
    asked = server.answers(store, slowly)
    with pytest.raises(StoreError, match="does not answer in time"):
        store.read("a")
    assert len(asked) == 2
    assert clock[0] <= 10


def test_a_frozen_server_is_waited_for_no_longer_than_ten_seconds(own_s3_server):
    store = S3Store("s3://jobtui-tests/frozen", read_timeout=0.3, max_wait=1.5)
    store.write("a", b"1")
    own_s3_server.freeze()
    begun = time.monotonic()
    with pytest.raises(StoreError, match="does not answer in time"):
        store.read("a")
    assert time.monotonic() - begun < 5
    own_s3_server.thaw()
    assert store.read("a") == b"1"


# ------------------------------------------------------------------------------------- regions


def test_a_bucket_in_another_region_is_found_there(server, store):
    def respond(asked):
        if "/us-east-1/" in asked.headers["authorization"]:
            return refusal(301, "PermanentRedirect", x_amz_bucket_region="eu-west-1")
        return answer(body=b"x")

    asked = server.answers(store, respond)
    assert store.read("a") == b"x"
    assert len(asked) == 2


def test_no_region_need_be_set(alone, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        S3Store("s3://bucket", endpoint_url=f"http://127.0.0.1:{port}", retries=0).read("a")


@pytest.mark.parametrize(("region", "said"), [("us-east-1", b""), ("eu-west-1", b"eu-west-1")])
def test_a_bucket_is_made_in_the_region_that_is_set(server, store, monkeypatch, region, said):
    def respond(asked):
        if asked.key == "":
            made.append(asked.body)
            return answer()
        return answer() if made else refusal(404, "NoSuchBucket")

    made: list[bytes] = []
    server.answers(store, respond)
    monkeypatch.setattr(server.client.meta.config, "region_name", region)
    monkeypatch.setattr(store._connection, "_address", "https://s3.amazonaws.com")
    store.write("a", b"x")
    assert len(made) == 1
    assert said in made[0]
    assert bool(made[0]) == bool(said)


# ------------------------------------------------------------------------------------- listing


def test_a_listing_takes_one_request_a_page(s3_url):
    store = S3Store(s3_url, page_size=10)
    for number in range(45):
        store.write(f"a/{number:02}", b"")
    store.requests.clear()
    assert len(list(store.list("a/"))) == 45
    assert store.requests == {"ListObjectsV2": 5}
    store.requests.clear()
    pages = store.pages("a/", 7)
    assert [one.name for one in next(pages)] == [f"a/{number:02}" for number in range(7)]
    # Who stops has asked for no more.
    assert store.requests == {"ListObjectsV2": 1}
    store.requests.clear()
    store.delete_all(one.name for one in list(store.list()))
    assert store.requests == {"ListObjectsV2": 5, "DeleteObjects": 1}
    assert list(store.list()) == []


def test_what_others_put_beside_objects_is_not_listed(s3_server, s3_bucket, s3_url):
    store = S3Store(s3_url)
    store.write("a/b", b"x")
    base = store.url.removeprefix(f"s3://{s3_bucket}/")
    for key in (f"{base}/a/", f"{base}/a/with space", f"{base}beside/c"):
        s3_server.client().put_object(Bucket=s3_bucket, Key=key, Body=b"")
    assert [one.name for one in store.list()] == ["a/b"]


def test_a_page_without_a_count_is_fine_and_one_that_repeats_is_not(server, store):
    page = (
        b"<ListBucketResult><IsTruncated>%s</IsTruncated><Contents><Key>base/a</Key><Size>1</Size>"
        b"<LastModified>2026-11-22T12:00:00.5Z</LastModified></Contents>"
        b"<NextContinuationToken>same</NextContinuationToken></ListBucketResult>"
    )
    server.answers(store, lambda asked: answer(body=page % b"false"))
    assert [(one.name, one.size) for one in store.list()] == [("a", 1)]
    server.answers(store, lambda asked: answer(body=page % b"true"))
    with pytest.raises(StoreError, match="pages have no end"):
        list(store.list())


def test_a_server_that_cannot_delete_many_at_once_deletes_one_by_one(server, store):
    asked = server.answers(
        store, lambda asked: refusal(501, "NotImplemented") if asked.method == "POST" else answer()
    )
    store.delete_all(["a", "b"])
    assert [one.method for one in asked] == ["POST", "DELETE", "DELETE"]


def test_an_object_that_is_not_deleted_is_told_of_and_the_others_go(server, store):
    def respond(asked):
        if b"base/a0<" not in asked.body:
            return answer(body=b"<R/>")
        told = b"<Error><Key>base/a0</Key><Code>AccessDenied</Code></Error>"
        return answer(body=b"<R>%s</R>" % told)

    asked = server.answers(store, respond)
    with pytest.raises(StoreDeniedError, match="s3:DeleteObject"):
        store.delete_all(f"a{number}" for number in range(1500))
    assert len(asked) == 2


# -------------------------------------------------------------------- credentials and processes


def test_a_session_is_used_and_stays_in_its_process(s3_server, s3_bucket, s3_url, monkeypatch):
    import boto3

    session = boto3.session.Session(*ADMIN, region_name=REGION)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    store = S3Store(s3_url, session=session)
    store.write("a", b"x")
    assert store.with_key("k").read("a") == b"x"
    sent = pickle.dumps(store)
    assert ADMIN[0].encode() not in sent
    assert ADMIN[1].encode() not in sent
    with pytest.raises(StoreDeniedError, match="no credentials"):
        pickle.loads(sent).read("a")
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    assert pickle.loads(sent).read("a") == b"x"


def test_a_profile_leads_to_its_credentials_here_and_elsewhere(
    s3_server, s3_url, tmp_path, monkeypatch
):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    file = tmp_path / "credentials"
    file.write_text(f"[lab]\naws_access_key_id = {ADMIN[0]}\naws_secret_access_key = {ADMIN[1]}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    store = S3Store(s3_url, profile="lab")
    store.write("a", b"x")
    assert pickle.loads(pickle.dumps(store)).read("a") == b"x"
    with pytest.raises(StoreDeniedError, match="no credentials"):
        S3Store(s3_url).read("a")


def test_credentials_that_were_refused_are_looked_for_again(
    s3_server, s3_url, tmp_path, monkeypatch
):
    def write(secret):
        text = f"[default]\naws_access_key_id = {ADMIN[0]}\naws_secret_access_key = {secret}\n"
        file.write_text(text)

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    write("old")
    store = S3Store(s3_url)
    with pytest.raises(StoreDeniedError):
        store.write("a", b"x")
    write(ADMIN[1])
    store.write("a", b"x")
    assert store.read("a") == b"x"


def test_no_secret_is_in_what_is_pickled_or_shown(server, store):
    server.answers(store, lambda asked: answer(body=b"1"))
    store.read("a")
    for text in (repr(store), str(store.options), store.url, repr(pickle.dumps(store))):
        assert not any(secret in text for secret in (KEY, SECRET, TOKEN))


def test_no_secret_is_in_the_log_of_a_script_that_logs_everything(server, store, caplog):
    caplog.set_level(logging.DEBUG)
    server.answers(store, lambda asked: refusal(403, "InvalidAccessKeyId", KEY))
    with pytest.raises(StoreDeniedError):
        store.write("a", b"x")
    assert "botocore" in caplog.text
    assert not any(secret in caplog.text for secret in (KEY, SECRET, TOKEN))
    # Requests that the script makes itself are its own affair.
    with pytest.raises(ClientError):
        server.client.get_object(Bucket="bucket", Key="a")
    assert TOKEN in caplog.text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
def test_a_forked_child_has_connections_of_its_own(s3_url):
    store = S3Store(s3_url)
    store.write("a", b"x")
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        # Nothing of the test's own may go on in the child.
        try:
            found = [store.read("a") for _ in range(20)]
            os.write(writing, b"right" if found == [b"x"] * 20 else b"wrong")
        finally:
            os._exit(0)
    os.close(writing)
    assert [store.read("a") for _ in range(20)] == [b"x"] * 20
    with os.fdopen(reading, "rb") as told:
        assert told.read() == b"right"
    os.waitpid(pid, 0)


def test_stores_that_are_reached_alike_share_a_client_and_count_for_themselves(s3_url):
    first, second = S3Store(s3_url), S3Store(f"{s3_url}/below")
    first.write("a", b"x")
    assert second.read("a") is None
    assert first._connection.client() is second._connection.client()
    assert (first.requests, second.requests) == ({"PutObject": 1}, {"GetObject": 1})
    assert S3Store(s3_url, read_timeout=9)._connection.client() is not first._connection.client()
