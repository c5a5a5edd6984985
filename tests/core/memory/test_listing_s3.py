"""Listing what lies on S3: as many requests as there are pages, and hardly one more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from math import ceil

import pytest

from jobtui_core import Memory
from jobtui_core.stores import open_store
from jobtui_core.stores.s3 import S3Store


def filled(url: str, count: int, **options: int) -> S3Store:
    """Give a store with so many entries of one function."""
    store = S3Store(url, **options)
    names = (f"m%3Af/{n % 256:02x}/{n:032x}.entry" for n in range(count))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store.write(name, b"x"), names))
    store.requests.clear()
    return store


def double(x: int) -> list[int]:
    return [x, x]


@pytest.mark.parametrize(("count", "size"), [(25, 10), (30, 10), (9, 10), (1, 1)])
def test_each_page_is_one_request(s3_url: str, count: int, size: int) -> None:
    store = filled(s3_url, count, page_size=size)
    assert len(set(store.list())) == count
    assert sum(store.requests.values()) == ceil(count / size)


def test_pages_that_nobody_wants_are_not_asked_for(s3_url: str) -> None:
    store = filled(s3_url, 30, page_size=10)
    (page,) = islice(store.pages(), 1)
    assert len(page) == 10
    assert sum(store.requests.values()) == 1


def test_deleting_many_asks_for_a_thousand_at_a_time(s3_url: str) -> None:
    store = filled(s3_url, 25)
    store.delete_all([one.name for one in store.list()])
    assert sum(store.requests.values()) == 2
    assert list(store.list()) == []


def test_a_functions_results_are_listed_without_those_of_others(s3_url: str) -> None:
    filled(f"{s3_url}/jobtui", 25)
    memory = Memory(s3_url, backend_options={"page_size": 10}, verbose=0)
    cached = memory.cache(double)
    for x in range(3):
        cached(x)
    assert memory.store is not None
    assert memory.store.flush(30) == 0
    bare = open_store(memory.store.url, options={"page_size": 10})
    assert cached.cache_info().currsize == 3
    assert len(list(bare.list("m%3Af/"))) == 25


@pytest.mark.benchmark
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("count", [3_000, 100_000])
def test_many_are_listed_in_a_thousandth_of_as_many_requests(s3_url: str, count: int) -> None:
    store = filled(s3_url, count)
    assert sum(1 for _ in store.list()) == count
    assert sum(store.requests.values()) <= 1.1 * count / 1000
