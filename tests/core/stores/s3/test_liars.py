"""A server that lies: about lengths, times and names, or that never comes to an end."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, suppress

import pytest

from jobtui_core.errors import StoreError, StoreUnavailableError
from jobtui_core.stores.s3 import S3Store, answers, downloads
from jobtui_core.stores.s3 import store as stores
from tests.core.stores.s3.sdk import ENDPOINT, answer

MB = b"x" * (1 << 20)

OBJECT = "<Contents><Key>{}</Key><Size>{}</Size><LastModified>{}</LastModified></Contents>"
WHEN = "2026-11-22T12:00:00Z"


def head(status="200 OK", **headers):
    lines = [f"HTTP/1.1 {status}", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


@pytest.fixture
def liar(alone):
    """Starts a server on loopback that sends pieces of bytes, whatever it is asked."""
    with ExitStack() as stack:

        def start(*pieces, endless=b"", pause=0.0):
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            over = threading.Event()
            sent = []

            def serve():
                with suppress(OSError):
                    while True:
                        connection, _ = listening.accept()
                        with connection, suppress(OSError):
                            connection.recv(1 << 16)
                            for piece in pieces:
                                connection.sendall(piece)
                            while endless and not over.wait(pause):
                                connection.sendall(endless)
                                sent.append(len(endless))

            thread = threading.Thread(target=serve)
            thread.start()
            stack.callback(thread.join)
            stack.callback(listening.shutdown, socket.SHUT_RDWR)
            stack.callback(over.set)
            port = listening.getsockname()[1]
            return S3Store("s3://bucket/base", endpoint_url=f"http://127.0.0.1:{port}", retries=0)

        yield start


def test_a_content_without_end_is_not_taken(liar):
    store = liar(head(ETag='"a"'), endless=MB)
    with pytest.raises(StoreUnavailableError, match="none of S3's"):
        store.read("a")


@pytest.mark.parametrize("status", ["200 OK", "403 Forbidden", "500 Trouble"])
@pytest.mark.parametrize(
    "call",
    [lambda store: list(store.list()), lambda store: store.write("a", b"x")],
    ids=["list", "write"],
)
def test_an_answer_without_end_is_not_taken(liar, status, call):
    store = liar(head(status), endless=b" " * (1 << 20))
    with pytest.raises(StoreUnavailableError, match="sends more than any answer takes"):
        call(store)


def test_an_error_without_end_in_place_of_a_content_is_not_taken(liar):
    store = liar(head("403 Forbidden"), endless=b" " * (1 << 20))
    with pytest.raises(StoreUnavailableError, match="sends more than any answer takes"):
        store.read("a")


def test_of_a_part_no_more_is_taken_than_was_asked_for(liar):
    told = head("206 Partial", Content_Length=4 << 40, Content_Range="bytes 0-9/10")
    assert liar(told, endless=MB).read("a", 0, 10) == b"x" * 10
    assert liar(head(Content_Length=4 << 40), endless=MB).read("a", 100, 10) == b"x" * 10


@pytest.mark.parametrize("length", [10**15, 10**25])
def test_for_a_length_beyond_all_memory_no_memory_is_taken(liar, length):
    store = liar(head(Content_Length=length, ETag='"a"'), b"x")
    with pytest.raises(StoreError, match="does not fit into memory"):
        store.read("a")


def test_an_object_larger_than_the_memory_that_is_left_is_not_begun(server, store, monkeypatch):
    monkeypatch.setattr(downloads, "_room", lambda: 100 << 20)
    asked = server.answers(store, lambda _: answer(content_length=str(101 << 20), etag='"a"'))
    with pytest.raises(StoreError, match="does not fit into memory"):
        store.read("a")
    assert len(asked) == 1


@pytest.mark.parametrize(
    "call",
    [lambda store: store.read("a"), lambda store: list(store.list())],
    ids=["read", "list"],
)
def test_what_comes_too_slowly_is_given_up(liar, monkeypatch, call):
    monkeypatch.setattr(answers, "_GRACE", 0.3)
    store = liar(head(Content_Length=100_000), endless=b" ", pause=0.02)
    with pytest.raises(StoreUnavailableError, match="too little of an answer"):
        call(store)


@pytest.mark.parametrize("length", ["-5", "many", ""])
def test_a_length_that_is_none_is_no_answer(server, store, length):
    def respond(asked):
        body = b"xyz" if asked.method == "GET" else b""
        return answer(body=body, content_length=length)

    server.answers(store, respond)
    for call in (lambda: store.read("a"), lambda: store.stat("a")):
        with pytest.raises(StoreUnavailableError, match="none of S3's"):
            call()


@pytest.mark.parametrize("when", ["", "yesterday", "1e400", "99999999999999999"])
def test_an_object_without_a_time_is_no_answer(server, store, when):
    server.answers(store, lambda _: answer(body=b"", last_modified=when))
    with pytest.raises(StoreError):
        store.stat("a")


def page(*objects, more=None):
    end = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{more}</NextContinuationToken>"
    text = "".join(objects) + (end if more is not None else "")
    return answer(body=f"<ListBucketResult>{text}</ListBucketResult>".encode())


@pytest.mark.parametrize(
    "wrong",
    [
        OBJECT.format("other/b", 1, WHEN),
        OBJECT.format("bas/ab", 1, WHEN),
        OBJECT.format("base/b", 1, WHEN),
        OBJECT.format("base/a/../../b", 1, WHEN),
        OBJECT.format("base/a [31m", 1, WHEN),
        OBJECT.format("base/a", -1, WHEN),
        OBJECT.format("base/a", 10**30, WHEN),
        OBJECT.format("base/a</Key><Key>base/ab", 1, WHEN),
        "<Contents><Size>1</Size></Contents>",
        "<Contents><Key>base/a</Key></Contents>",
        f"<Contents><Key>base/a</Key><LastModified>{WHEN}</LastModified></Contents>",
        "<Contents/>",
    ],
)
def test_of_a_listing_only_counts_what_may_be_there(server, store, wrong):
    server.answers(store, lambda _: page(wrong, OBJECT.format("base/a1", 1, WHEN)))
    assert [one.name for one in store.list("a")] == ["a1"]


def test_a_time_before_all_others_is_the_first_one(server, store):
    server.answers(store, lambda _: page(OBJECT.format("base/a", 1, "0001-01-01T00:00:00Z")))
    assert [one.mtime for one in store.list()] == [0.0]


def test_pages_that_come_again_have_an_end(server, store):
    count = iter(range(1000))
    same = OBJECT.format("base/a", 1, WHEN), OBJECT.format("base/b", 1, WHEN)
    asked = server.answers(store, lambda _: page(*same, more=f"token-{next(count)}"))
    with pytest.raises(StoreError, match="pages have no end"):
        list(store.list())
    assert len(asked) == 2


def test_pages_with_nothing_on_them_have_an_end(server, store, monkeypatch):
    monkeypatch.setattr(stores, "_EMPTY_PAGES", 20)
    count = iter(range(1000))
    asked = server.answers(store, lambda _: page(more=f"token-{next(count)}"))
    with pytest.raises(StoreError, match="pages have no end"):
        list(store.list())
    assert len(asked) == 21


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    "call",
    [lambda store: store.read("a"), lambda store: list(store.list())],
    ids=["read", "list"],
)
def test_a_server_that_sends_one_to_and_fro_is_asked_a_few_times(server, store, status, call):
    def respond(asked):
        return answer(status, location="http://elsewhere.invalid:1/")

    asked = server.answers(store, respond)
    with pytest.raises(StoreError):
        call(store)
    assert len(asked) <= 3 * 8


def upload(key, when):
    return f"<Upload><Key>{key}</Key><UploadId>1</UploadId><Initiated>{when}</Initiated></Upload>"


def test_unfinished_uploads_of_others_are_left_alone_whatever_a_server_says(server, store):
    old = "2020-01-01T00:00:00Z"
    text = "".join(
        [
            upload("other/a", old),
            upload("base/a", old),
            "<Upload/>",
            "<Upload><Key>base/b</Key></Upload>",
        ]
    )

    def respond(asked):
        return answer(204) if asked.method == "DELETE" else answer(body=f"<R>{text}</R>".encode())

    asked = server.answers(store, respond)
    store.sweep()
    assert [one.key for one in asked if one.method == "DELETE"] == ["base/a"]


@pytest.mark.parametrize("lacking", ["upload", "etag"])
def test_an_upload_without_what_it_needs_is_no_answer(server, no_pauses, lacking):
    store = S3Store("s3://bucket/base", endpoint_url=ENDPOINT, multipart_size=10)

    def respond(asked):
        begins = asked.method == "POST" and lacking == "etag"
        return answer(body=b"<R><UploadId>1</UploadId></R>" if begins else b"<R/>")

    server.answers(store, respond)
    with pytest.raises(StoreUnavailableError, match="none of S3's"):
        store.write("a", b"x" * 100)


LAUGHS = '<!DOCTYPE l [<!ENTITY a0 "ha">{}]>'.format(
    "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
)


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize(
    "text",
    [
        LAUGHS + "<Error><Code>&a11;</Code><Name>&a11;</Name></Error>",
        '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><Error><Code>&a;</Code></Error>',
        "<a>" * 100_000,
    ],
    ids=["laughs", "file", "deep"],
)
def test_xml_that_grows_or_reads_files_is_no_answer(server, store, status, text):
    server.answers(store, lambda _: answer(status, text.encode()))
    with pytest.raises(StoreError) as seen:
        list(store.list())
    assert len(str(seen.value)) < 500
    assert "root:" not in str(seen.value)
