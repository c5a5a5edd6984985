"""Several threads that use one store at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from jobtui_core.stores import Store
from jobtui_core.testing.conformance.hooks import StoreHooks

__all__ = ["ManyAtOnce"]


class ManyAtOnce(StoreHooks):
    """Nobody sees half an object, and nobody is in another's way."""

    def test_readers_never_see_half_an_object(self, store: Store) -> None:
        contents = [bytes([i]) * (64 << 10) for i in range(4)]
        store.write("a", contents[0])
        stop = threading.Event()

        def read() -> bool:
            while not stop.is_set():
                if store.read("a") not in contents:
                    return False
            return True

        with ThreadPoolExecutor(2) as pool:
            readers = [pool.submit(read) for _ in range(2)]
            try:
                for i in range(7 * self.examples):
                    store.write("a", contents[i % 4])
            finally:
                stop.set()
            assert all(reader.result() for reader in readers)

    def test_last_of_many_writers_wins_whole(self, store: Store) -> None:
        contents = [bytes([i]) * (32 << 10) for i in range(4)]

        def write(content: bytes) -> None:
            for _ in range(5):
                store.write("a/b", content)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, contents))
        assert store.read("a/b") in contents
        assert self.arrived(store, "a/b") in contents
        assert self.names(store) == {"a/b"}

    def test_many_write_into_a_new_place(self, store: Store) -> None:
        start = threading.Barrier(6)

        def write(number: int) -> None:
            start.wait()
            store.write(f"new/place/{number}", b"%d" % number)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(write, range(6)))
        assert self.names(store) == {f"new/place/{number}" for number in range(6)}
        for number in range(6):
            assert self.arrived(store, f"new/place/{number}") == b"%d" % number

    def test_one_of_many_writers_finds_it_absent(self, store: Store) -> None:
        start = threading.Barrier(8)

        def write(number: int) -> bool:
            start.wait()
            return store.write_if_absent("a/b", b"%d" % number)

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(write, range(8)))
        winners = [b"%d" % number for number, one in enumerate(won) if one]
        if "exclusive" in store.capabilities:
            assert len(winners) == 1
        assert store.read("a/b") in winners
        assert self.arrived(store, "a/b") in winners

    def test_many_delete_one_object(self, store: Store) -> None:
        start = threading.Barrier(4)

        def delete(_: int) -> None:
            start.wait()
            for i in range(5):
                store.delete(f"a/{i}")

        for i in range(5):
            store.write(f"a/{i}", b"x")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(delete, range(4)))
        assert list(store.list()) == []

    def test_writing_and_deleting_in_one_place_at_once_is_no_error(self, store: Store) -> None:
        def work(number: int) -> None:
            for i in range(2 * self.examples):
                store.write(f"shared/{number}", b"%d" % i)
                store.delete(f"shared/{number}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        assert list(store.list()) == []

    def test_listing_while_others_write_gives_what_was_there(self, store: Store) -> None:
        for i in range(10):
            store.write(f"a/{i}", b"x")
        stop = threading.Event()

        def write() -> None:
            number = 0
            while not stop.is_set():
                store.write(f"b/{number % 10}", b"x")
                store.delete(f"b/{number % 10}")
                number += 1

        with ThreadPoolExecutor(1) as pool:
            writer = pool.submit(write)
            try:
                for _ in range(5):
                    assert {f"a/{i}" for i in range(10)} <= self.names(store)
            finally:
                stop.set()
            writer.result()
