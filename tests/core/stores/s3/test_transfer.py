"""Large objects go in parts, several at once, and are seen whole or not at all."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
import tracemalloc

import pytest

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.stores.progress import listening
from jobtui_core.stores.s3 import S3Store
from jobtui_core.stores.s3.pieces import Pieces
from tests.core.isolation import clean_environment
from tests.core.stores.s3.sdk import answer, refusal

MIB = 1 << 20
DATA = random.Random(0).randbytes(12 * MIB + 7)
"""12 MiB and a bit: three parts of the smallest size."""


@pytest.fixture
def large(s3_url):
    """A store on the real server for which everything from 6 MiB is large."""
    return S3Store(s3_url, multipart_size=6 * MIB, part_size=5 * MIB)


def test_a_large_object_is_written_and_read_in_parts(large):
    pieces = [DATA[:1], DATA[1 : 7 * MIB], memoryview(DATA)[7 * MIB :]]
    large.write("a", pieces)
    assert large.requests == {
        "CreateMultipartUpload": 1, "UploadPart": 3, "CompleteMultipartUpload": 1,
    }  # fmt: skip
    large.requests.clear()
    assert large.read("a") == DATA
    # The first answer is one part at least; nobody asks for a part twice.
    assert 1 <= large.requests["GetObject"] <= 3
    assert set(large.requests) == {"GetObject"}
    assert large.read("a", 5 * MIB - 2, 4) == DATA[5 * MIB - 2 : 5 * MIB + 2]


def test_a_large_object_is_written_where_nothing_is_and_otherwise_not(large, monkeypatch):
    assert large.write_if_absent("a", DATA) is True
    assert large.requests["UploadPart"] == 3
    large.requests.clear()
    assert large.write_if_absent("a", DATA[::-1]) is False
    assert large.requests == {"HeadObject": 1}
    # Somebody was quicker: what was sent in vain is taken back.
    monkeypatch.setattr(S3Store, "stat", lambda self, name: None)
    assert large.write_if_absent("a", DATA[::-1]) is False
    assert large.requests["AbortMultipartUpload"] == 1
    assert large.read("a") == DATA


def test_what_is_just_not_large_is_one_request(large):
    large.write("a", DATA[: 6 * MIB - 1])
    assert large.read("a") == DATA[: 6 * MIB - 1]
    assert large.requests == {"PutObject": 1, "GetObject": 1}


def test_progress_is_told_up_and_down(large, caplog):
    seen = []
    caplog.set_level(logging.DEBUG, "jobtui_core.stores.s3")
    with listening(seen.append):
        large.write("a", DATA)
        large.read("a")
    large.write("b", DATA)
    for direction in ("up", "down"):
        told = [one for one in seen if one.direction == direction]
        assert len(told) == 3
        assert {(one.url, one.name, one.total) for one in told} == {(large.url, "a", len(DATA))}
        assert max(one.done for one in told) == len(DATA)
    assert "bytes of a written" in caplog.text


def test_an_upload_that_fails_leaves_nothing_behind(server, store):
    def respond(asked):
        if asked.method == "POST" and "uploads" in asked.query_names:
            return answer(body=b"<R><UploadId>7</UploadId></R>")
        if asked.method == "DELETE":
            return answer(204)
        return refusal(403, "AccessDenied")

    large = S3Store(store.url, multipart_size=1, endpoint_url="http://server.invalid:1")
    asked = server.answers(large, respond)
    with pytest.raises(StoreDeniedError):
        large.write("a", bytes(11 * MIB))
    assert asked[-1].method == "DELETE"
    assert asked[-1].query["uploadId"] == "7"


def test_what_killed_writers_have_left_goes_after_a_day(large, s3_server, monkeypatch):
    from jobtui_core.stores.s3 import store as stores

    client, base = s3_server.client(), large.url.split("/", 3)[3]
    for key in (f"{base}/a", f"{base}/b", f"{base}-beside/c"):
        client.create_multipart_upload(Bucket=s3_server.bucket, Key=key)

    def left():
        found = client.list_multipart_uploads(Bucket=s3_server.bucket, Prefix=base)
        return sorted(one["Key"].removeprefix(base) for one in found.get("Uploads", ()))

    large.sweep()
    assert left() == ["-beside/c", "/a", "/b"]
    monkeypatch.setattr(stores, "_DAY", -60.0)
    large.sweep()
    assert left() == ["-beside/c"]
    S3Store("s3://no-such-bucket").sweep()


def test_an_upload_whose_last_answer_was_lost_is_known_as_ones_own(server, store):
    token = ""

    def respond(asked):
        nonlocal token
        if asked.method == "POST" and "uploads" in asked.query_names:
            token = asked.headers["x-amz-meta-jobtui-writer"]
            return answer(body=b"<R><UploadId>7</UploadId></R>")
        if asked.method == "PUT":
            return answer(etag='"1"')
        if asked.method == "POST":
            asks.append(asked)
            return ConnectionResetError() if len(asks) == 1 else refusal(404, "NoSuchUpload")
        assert asked.method == "HEAD"
        return answer(x_amz_meta_jobtui_writer=token)

    asks: list[object] = []
    large = S3Store(store.url, multipart_size=1, endpoint_url="http://server.invalid:1")
    server.answers(large, respond)
    large.write("a", b"data")
    assert len(asks) == 2


def test_an_object_that_is_replaced_while_it_is_read_is_never_a_mixture(large, monkeypatch):
    from jobtui_core.stores.s3 import downloads

    old, new = DATA, DATA[::-1]
    large.write("a", old)
    begin, begun = downloads._begin, []

    def replaced(*args):
        found = begin(*args)
        if not begun:
            large.write("a", new)
        begun.append(found)
        return found

    monkeypatch.setattr(downloads, "_begin", replaced)
    assert large.read("a") in (old, new)


def test_a_part_whose_connection_breaks_is_asked_for_again(server, store):
    def respond(asked):
        wanted = asked.headers.get("range")
        if wanted is None:
            # Ends early.
            return answer(body=DATA[:MIB], content_length=str(len(DATA)), etag='"1"')
        assert asked.headers["if-match"] == '"1"'
        first, last = map(int, wanted.removeprefix("bytes=").split("-"))
        failed.setdefault(first, 0)
        failed[first] += 1
        if failed[first] == 1:
            return ConnectionResetError()
        part = DATA[first : last + 1]
        told = f"bytes {first}-{last}/{len(DATA)}"
        return answer(206, body=part, content_range=told, etag='"1"')

    failed: dict[int, int] = {}
    large = S3Store(
        store.url, multipart_size=6 * MIB, part_size=5 * MIB, endpoint_url="http://server.invalid:1"
    )
    server.answers(large, respond)
    assert large.read("a") == DATA
    assert failed


def test_a_connection_that_breaks_for_good_gives_no_part_of_an_object(server, store):
    server.answers(store, lambda asked: answer(body=b"half", content_length="8"))
    with pytest.raises(StoreUnavailableError, match="broke off"):
        store.read("a")


def test_a_server_without_ranges_gives_parts_all_the_same(server, store):
    server.answers(store, lambda asked: answer(body=b"0123456789"))
    assert store.read("a", 2, 3) == b"234"
    assert store.read("a", 8) == b"89"


def test_pieces_are_not_joined_and_parts_of_them_share_their_memory():
    data = [os.urandom(3 * MIB), b"", os.urandom(MIB)]
    whole = b"".join(data)
    pieces = Pieces(data)
    assert pieces.size == len(whole)
    tracemalloc.start()
    try:
        body = pieces.part(MIB, 3 * MIB)
        assert body.read(10) == whole[MIB : MIB + 10]
        body.seek(0)
        assert body.read(100) == whole[MIB : MIB + 100]
        assert tracemalloc.get_traced_memory()[1] < MIB
    finally:
        tracemalloc.stop()
    assert len(body) == 3 * MIB
    assert body.read() == whole[MIB + 100 : 4 * MIB]
    assert body.read() == b""
    with pytest.raises(StoreError, match="NoneType cannot be stored"):
        Pieces([b"", None])


AT_EXIT = """
import atexit, sys
from jobtui_core.stores.s3 import S3Store

store = S3Store(sys.argv[1], multipart_size=6 << 20, part_size=5 << 20)

def at_last():
    store.write("a", bytes(12 << 20))
    print(store.read("a") == bytes(12 << 20))

atexit.register(at_last)
"""


def test_large_objects_are_written_and_read_while_the_process_ends(s3_url):
    done = subprocess.run(
        [sys.executable, "-c", AT_EXIT, s3_url],
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_one_part_that_is_refused_ends_the_others(server, store):
    def respond(asked):
        if asked.method == "POST":
            return answer(body=b"<R><UploadId>7</UploadId></R>")
        if asked.method == "DELETE":
            return answer(204)
        if asked.query["partNumber"] == "2":
            return refusal(403, "AccessDenied")
        return answer(etag='"1"')

    large = S3Store(
        store.url, multipart_size=1, part_size=5 * MIB, endpoint_url="http://server.invalid:1"
    )
    asked = server.answers(large, respond)
    with pytest.raises(StoreDeniedError):
        large.write("a", bytes(200 * MIB))
    assert len(asked) < 20


def test_reading_and_writing_take_no_more_memory_than_the_object_itself(s3_url):
    store = S3Store(s3_url, multipart_size=MIB, part_size=5 * MIB, concurrency=2)
    data = bytes(40 * MIB)
    # The SDK's own memory is not what is meant.
    store.write("a", data[: 2 * MIB])
    tracemalloc.start()
    try:
        store.write("a", [data[: 3 * MIB], memoryview(data)[3 * MIB :]])
        written = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        size = len(store.read("a"))
        read = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == len(data)
    # What is on its way at once, and the first piece, which was made here.
    assert written < 20 * MIB
    assert read < len(data) + 10 * MIB
