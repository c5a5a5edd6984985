"""Writing where nothing is: on servers that can do it by themselves, and on those that cannot."""

from __future__ import annotations

import threading

import pytest

from jobtui_core.errors import StoreUnavailableError
from jobtui_core.stores.s3 import S3Store, conditions
from tests.core.stores.s3.sdk import answer, refusal


@pytest.fixture(autouse=True)
def _nothing_is_known(monkeypatch):
    monkeypatch.setattr(conditions, "_found_out", {})


class Bucket:
    """A server in a dictionary."""

    def __init__(self, *, conditional: bool, refuses: int = 0) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.conditional = conditional
        self.refuses = refuses
        self.lost = 0
        self.conflicts = 0

    def __call__(self, asked):
        if asked.method == "HEAD":
            if asked.key not in self.objects:
                return answer(404)
            data, told = self.objects[asked.key]
            told = {f"x_amz_meta_{name}": value for name, value in told.items()}
            size = str(len(data))
            when = "Sun, 22 Nov 2026 12:00:00 GMT"
            return answer(content_length=size, last_modified=when, **told)
        assert asked.method == "PUT"
        asks = "if-none-match" in asked.headers
        if asks and self.refuses:
            return refusal(self.refuses, "NotImplemented")
        if asks and self.conflicts:
            self.conflicts -= 1
            return refusal(409, "ConditionalRequestConflict")
        if asks and self.conditional and asked.key in self.objects:
            return refusal(412, "PreconditionFailed")
        told = {
            name.removeprefix("x-amz-meta-"): value
            for name, value in asked.headers.items()
            if name.startswith("x-amz-meta-")
        }
        self.objects[asked.key] = (asked.body, told)
        if self.lost:
            self.lost -= 1
            return ConnectionResetError()
        return answer()


def methods(asked):
    return [f"{one.method}{'?' * ('if-none-match' in one.headers)}" for one in asked]


def test_a_server_that_keeps_conditions_is_found_out_with_the_first_object(server, store):
    asked = server.answers(store, Bucket(conditional=True))
    assert "exclusive" in store.capabilities
    assert store.write_if_absent("a", b"1") is True
    # It is sent again, which must be refused.
    assert methods(asked) == ["HEAD", "PUT?", "PUT?"]
    asked.clear()
    assert store.write_if_absent("b", b"2") is True
    assert methods(asked) == ["PUT?"]
    asked.clear()
    assert store.write_if_absent("b", b"3") is False
    # Whose it is, is looked up: an answer may have been lost.
    assert methods(asked) == ["PUT?", "HEAD"]
    assert "exclusive" in store.capabilities


def test_a_server_that_ignores_conditions_is_asked_first_and_promises_nothing(server, store):
    bucket = Bucket(conditional=False)
    asked = server.answers(store, bucket)
    assert store.write_if_absent("a", b"1") is True
    assert "exclusive" not in store.capabilities
    asked.clear()
    assert store.write_if_absent("a", b"2") is False
    assert store.write_if_absent("b", b"3") is True
    assert methods(asked) == ["HEAD", "HEAD", "PUT"]
    assert {key: data for key, (data, _) in bucket.objects.items()} == {
        "base/a": b"1", "base/b": b"3",
    }  # fmt: skip


@pytest.mark.parametrize("status", [400, 501])
def test_a_server_that_refuses_conditions_is_written_to_without(server, store, status):
    bucket = Bucket(conditional=False, refuses=status)
    server.answers(store, bucket)
    assert store.write_if_absent("a", b"1") is True
    assert store.write_if_absent("a", b"2") is False
    assert bucket.objects["base/a"][0] == b"1"
    assert "exclusive" not in store.capabilities


def test_what_is_found_out_counts_for_the_bucket_and_for_no_other(server, store):
    server.answers(store, Bucket(conditional=False))
    store.write_if_absent("a", b"1")
    place = {"endpoint_url": "http://server.invalid:1"}
    assert "exclusive" not in S3Store("s3://bucket/elsewhere", **place).capabilities
    assert "exclusive" in S3Store("s3://other/base", **place).capabilities


def test_a_write_whose_answer_was_lost_is_known_as_ones_own(server, store):
    bucket = Bucket(conditional=True)
    server.answers(store, bucket)
    store.write_if_absent("first", b"")
    bucket.lost = 1
    # The second attempt is told that there is one already: that of the first.
    assert store.write_if_absent("a", b"1") is True
    assert store.write_if_absent("a", b"1") is False


def test_a_conflict_is_tried_again(server, store):
    bucket = Bucket(conditional=True)
    server.answers(store, bucket)
    bucket.conflicts = 2
    assert store.write_if_absent("a", b"1") is True
    bucket.conflicts = 100
    with pytest.raises(StoreUnavailableError, match="others write the same object"):
        store.write_if_absent("b", b"1")


def test_a_large_object_is_not_sent_twice_to_find_out(server, store):
    asked = server.answers(store, Bucket(conditional=True))
    assert store.write_if_absent("a", bytes(2 << 20)) is True
    assert methods(asked) == ["HEAD", "PUT?"]


def test_amazon_needs_no_trial(server, alone, no_pauses, monkeypatch):
    store = S3Store("s3://bucket/base")
    asked = server.answers(store, Bucket(conditional=True))
    monkeypatch.setattr(store._connection, "_address", "https://s3.eu-west-1.amazonaws.com")
    assert store.write_if_absent("a", b"1") is True
    assert methods(asked) == ["PUT?"]


def test_of_sixteen_writers_on_a_real_server_one_is_first(s3_url):
    stores = [S3Store(s3_url) for _ in range(16)]
    start = threading.Barrier(len(stores))
    won: list[int] = []

    def write(number):
        start.wait()
        if stores[number].write_if_absent("a", b"%d" % number):
            won.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert stores[0].read("a") == b"%d" % won[0]
    assert "exclusive" in stores[0].capabilities
