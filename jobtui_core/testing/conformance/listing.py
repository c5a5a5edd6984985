"""Listing what others wrote, at once and in pages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from jobtui_core.errors import StoreError
from jobtui_core.stores import Listed, Store
from jobtui_core.testing.conformance.hooks import StoreHooks

__all__ = ["Listing"]

BAD_PREFIXES = ("/", "..", "../", "a/../", "a//", ".tmp", "a b", "a\n", "a/.")


class Listing(StoreHooks):
    """Names by what they begin with."""

    def test_empty_store_lists_nothing(self, store: Store) -> None:
        assert list(store.list()) == []
        assert list(store.list("a/b")) == []
        assert list(store.pages()) == []
        assert list(store.pages("a/b", 1)) == []

    def test_every_object_is_listed_with_its_size(self, store: Store) -> None:
        for name, data in {"raw/one": b"1", "a/b/c": b"22", "d": b"333", "e": b""}.items():
            self.write_raw(store, name, data)
        sizes = {listed.name: listed.size for listed in store.list()}
        assert sizes == {"raw/one": 1, "a/b/c": 2, "d": 3, "e": 0}

    def test_prefix_may_end_anywhere_in_a_name(self, store: Store) -> None:
        for name in ("ab/cd/ef", "ab/ce", "abc", "b/ab"):
            self.write_raw(store, name, b"x")
        assert self.names(store, "ab") == {"ab/cd/ef", "ab/ce", "abc"}
        assert self.names(store, "ab/") == {"ab/cd/ef", "ab/ce"}
        assert self.names(store, "ab/c") == {"ab/cd/ef", "ab/ce"}
        assert self.names(store, "ab/cd/ef") == {"ab/cd/ef"}
        assert self.names(store, "ab/cd/ef/") == set()
        assert self.names(store, "ab/cd/efg") == set()
        assert self.names(store, "z") == set()

    def test_prefix_is_no_pattern(self, store: Store) -> None:
        for name in ("a%2A/b", "a+b", "a,b", "ab", "a%2A.x"):
            self.write_raw(store, name, b"x")
        assert self.names(store, "a%2A") == {"a%2A/b", "a%2A.x"}
        assert self.names(store, "a+") == {"a+b"}

    @pytest.mark.parametrize("prefix", BAD_PREFIXES, ids=repr)
    def test_bad_prefix_is_refused(self, store: Store, prefix: str) -> None:
        with pytest.raises(StoreError):
            list(store.list(prefix))
        with pytest.raises(StoreError):
            list(store.pages(prefix, 10))

    @pytest.mark.parametrize("size", [1, 3, 7, 1000])
    def test_pages_are_the_listing(self, store: Store, size: int) -> None:
        names = {f"{'ab'[i % 2]}/{i}" for i in range(7)}
        for name in names:
            self.write_raw(store, name, b"four")
        pages = list(store.pages("", size))
        assert all(1 <= len(page) <= size for page in pages)
        found = [listed for page in pages for listed in page]
        assert len(found) == len(names)
        assert {listed.name for listed in found} == names
        assert {listed.size for listed in found} == {4}
        assert set(found) == set(store.list())

    def test_pages_of_a_prefix(self, store: Store) -> None:
        for i in range(4):
            self.write_raw(store, f"ab/{i}", b"x")
            self.write_raw(store, f"b/{i}", b"x")
        names = [listed.name for page in store.pages("ab", 3) for listed in page]
        assert sorted(names) == ["ab/0", "ab/1", "ab/2", "ab/3"]

    def test_page_may_be_kept(self, store: Store) -> None:
        for i in range(5):
            self.write_raw(store, f"a/{i}", b"x")
        kept: list[Sequence[Listed]] = []
        copies: list[list[Listed]] = []
        for page in store.pages("a/", 2):
            kept.append(page)
            copies.append(list(page))
        assert [list(page) for page in kept] == copies

    def test_listing_may_be_left_in_the_middle(self, store: Store) -> None:
        for i in range(10):
            self.write_raw(store, f"a/{i}", b"x")
        pages = store.pages("a/", 3)
        objects = store.list("a/")
        next(pages)
        next(objects)
        del pages, objects
        assert len(self.names(store)) == 10

    def test_two_listings_at_once_do_not_mix(self, store: Store) -> None:
        for i in range(6):
            self.write_raw(store, f"{'ab'[i % 2]}/{i}", b"x")
        one, other = store.list("a/"), store.list("b/")
        found = [(next(one).name, next(other).name) for _ in range(3)]
        assert sorted(name for name, _ in found) == ["a/0", "a/2", "a/4"]
        assert sorted(name for _, name in found) == ["b/1", "b/3", "b/5"]
