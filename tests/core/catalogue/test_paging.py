"""Looking through a store: the first rows after one request, no request too many, a few KB each."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from jobtui_core.errors import StoreUnavailableError
from jobtui_core.project import sort_rows, sums
from jobtui_core.stores import (
    CountingStore,
    Data,
    Fault,
    FaultyStore,
    LatencyStore,
    LocalStore,
    MemoryStore,
)
from tests.core.catalogue.stock import STARTED, fill, key_of, opened, put


def remote(store: MemoryStore | LocalStore) -> CountingStore:
    return CountingStore(LatencyStore(store, 0.0))


def test_the_first_rows_are_there_after_one_page_and_more_are_asked_for_one_by_one() -> None:
    inner = MemoryStore("paging")
    fill(inner, 250)
    store = remote(inner)
    catalogue = opened(store)
    pages = catalogue.pages(size=100)
    assert len(next(pages).rows) == len(catalogue.rows) == 100
    assert store.calls == {"pages": 1}
    assert catalogue.state == "listing"
    counts = [page.seen for page in pages]
    assert counts == [200, 250, 250]
    assert store.calls == {"pages": 3}
    assert catalogue.state == "listed"
    assert len({row.key for row in catalogue.rows}) == 250
    assert {row.function for row in catalogue.rows} == {"co2:fit"}
    assert catalogue.size == 2500


def test_a_listing_stops_between_two_pages() -> None:
    inner = MemoryStore("stopping")
    fill(inner, 250)
    store = remote(inner)
    catalogue = opened(store)
    found = list(catalogue.pages(stop=lambda: len(catalogue.rows) >= 100, size=100))
    assert [page.last for page in found] == [False]
    assert store.calls == {"pages": 1}
    assert len(catalogue.rows) == 100


def test_only_entries_are_rows_and_outputs_count_for_the_size() -> None:
    store = MemoryStore("others")
    put(store, 1)
    store.write("blobs/" + "a" * 32, b"x" * 1000)
    store.write("code/abc.json", b"{}")
    store.write("runs/x/events.jsonl", b"{}")
    catalogue = opened(store)
    *_, last = catalogue.pages()
    assert last.seen == 1
    (row,) = catalogue.rows
    assert catalogue.size == row.size + 1000


def test_what_an_entry_says_costs_one_small_read_and_is_asked_for_once() -> None:
    inner = MemoryStore("facts")
    names = [put(inner, number, np.arange(float(number + 1))) for number in range(5)]
    store = remote(inner)
    catalogue = opened(store)
    list(catalogue.pages())
    store.reset()
    rows = sorted(catalogue.rows, key=lambda row: names.index(row.name))
    assert catalogue.known(rows[3]) is None
    told = dict(catalogue.facts(rows))
    assert told.keys() == set(rows)
    facts = told[rows[3]]
    assert facts.arguments == {"n": "3"}
    assert (facts.started, facts.duration) == (STARTED + 3, 3.0)
    assert (facts.host, facts.user, facts.what) == ("node7", "anna", "ndarray float64 4")
    assert store.calls == {"read": 5}
    assert catalogue.known(rows[3]) == facts
    list(catalogue.facts(rows))
    assert store.calls == {"read": 5}


def test_facts_of_a_remote_store_are_read_at_the_same_time_and_stop_at_once() -> None:
    inner = MemoryStore("parallel")
    for number in range(40):
        put(inner, number)
    meet = threading.Barrier(8, timeout=30)

    class Meeting(LatencyStore):
        asked = 0

        def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
            Meeting.asked += 1
            meet.wait()
            return super().read(name, start, length)

    catalogue = opened(Meeting(inner, 0.0))
    list(catalogue.pages())
    told = set()
    for row, _ in catalogue.facts(catalogue.rows, stop=lambda: len(told) == 8):
        told.add(row.key)
    assert len(told) == 8
    meet.abort()
    assert Meeting.asked < 40


def test_nobody_waits_for_a_request_that_takes_long_once_it_is_stopped() -> None:
    inner = MemoryStore("hanging")
    put(inner, 1)
    asked, released = threading.Event(), threading.Event()

    class Hanging(LatencyStore):
        def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
            asked.set()
            assert released.wait(60)
            return super().read(name, start, length)

    catalogue = opened(Hanging(inner, 0.0))
    list(catalogue.pages())
    try:
        assert list(catalogue.facts(catalogue.rows, stop=asked.is_set)) == []
    finally:
        released.set()


class SparseStore(LocalStore):
    """One that leaves holes in its files for zeros, so that a gigabyte is written at once."""

    def write(self, name: str, data: Data) -> None:
        path = self.local_path(name)
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            for piece in (data,) if isinstance(data, bytes) else data:
                if len(piece) > 1 << 20:
                    file.seek(len(piece), os.SEEK_CUR)
                else:
                    file.write(piece)
            file.truncate()


def test_a_picture_of_a_gigabyte_costs_a_few_kilobytes(tmp_path: Path) -> None:
    inner = SparseStore(tmp_path / "cache")
    put(inner, 1, np.zeros((1 << 14, 1 << 13)))
    store = remote(inner)
    catalogue = opened(store)
    list(catalogue.pages())
    (row,) = catalogue.rows
    assert row.size > 1 << 30
    detail = catalogue.detail(row)
    assert detail.facts.problem == ""
    assert detail.preview is not None
    assert detail.preview.shape == (1 << 14, 1 << 13)
    assert (detail.preview.minimum, detail.preview.maximum) == (0.0, 0.0)
    assert catalogue.detail(row) is detail
    assert store.calls == {"pages": 1, "read": 1}
    assert store.bytes_read <= 8192


def test_a_long_header_costs_one_more_read_of_what_is_missing() -> None:
    inner = MemoryStore("long header")
    name = put(inner, 1, arguments={f"argument_{n}": "x" * 150 for n in range(80)})
    store = remote(inner)
    catalogue = opened(store)
    list(catalogue.pages())
    facts = catalogue.detail(*catalogue.rows).facts
    assert len(facts.arguments) == 80
    assert store.calls == {"pages": 1, "read": 2}
    whole = inner.read(name)
    assert whole is not None
    assert store.bytes_read <= len(whole)


def test_what_cannot_be_read_is_a_row_that_says_so() -> None:
    store = MemoryStore("damaged")
    name = put(store, 1)
    data = store.read(name)
    assert data is not None
    store.write(name, data[:100] + b"?" + data[101:])
    other = put(store, 2)
    store.copy(other, other.replace(key_of(2), key_of(3)))
    catalogue = opened(store)
    list(catalogue.pages())
    problems = {row.key: facts.problem for row, facts in catalogue.facts(catalogue.rows)}
    assert "checksum" in problems[key_of(1)]
    assert problems[key_of(2)] == ""
    assert problems[key_of(3)] == "it was written for another call"
    store.delete(other)
    again = opened(store)
    again._rows = dict(catalogue._rows)
    (gone,) = [row for row in again.rows if row.name == other]
    assert again.detail(gone).facts.problem == "it is gone"


def test_a_store_that_does_not_answer_is_an_error_and_not_a_row() -> None:
    inner = MemoryStore("away")
    put(inner, 1)
    catalogue = opened(remote(inner))
    list(catalogue.pages())
    catalogue.view.store = FaultyStore(inner, Fault("unavailable"))
    with pytest.raises(StoreUnavailableError):
        list(catalogue.facts(catalogue.rows))
    with pytest.raises(StoreUnavailableError):
        list(catalogue.pages())
    assert len(catalogue.rows) == 1


def test_entries_are_sorted_by_any_column_and_those_not_read_yet_come_last() -> None:
    store = MemoryStore("sorting")
    for number in range(6):
        put(store, number, function=f"co2:f{number % 2}")
    catalogue = opened(store)
    list(catalogue.pages())
    rows = sort_rows(catalogue.rows, "key", catalogue.known)
    assert [row.key for row in rows] == sorted(key_of(number) for number in range(6))
    list(catalogue.facts(rows[:4]))
    by_time = sort_rows(rows, "duration", catalogue.known, reverse=True)
    durations = [catalogue.known(row) for row in by_time[:4]]
    assert [one.duration for one in durations if one] == sorted(
        [one.duration for one in durations if one], reverse=True
    )
    assert by_time[4:] == rows[4:]
    assert sort_rows(rows, "host", catalogue.known) == rows
    assert sort_rows(rows, "arguments", catalogue.known)[4:] == rows[4:]
    by_function = sort_rows(rows, "function", catalogue.known)
    assert [row.function for row in by_function] == ["co2:f0"] * 3 + ["co2:f1"] * 3
    first, second = sums(rows, catalogue.known)
    assert (first.function, first.entries, second.entries) == ("co2:f0", 3, 3)
    assert first.timed + second.timed == 4
    assert first.seconds + second.seconds == sum(one.duration or 0 for one in durations if one)
