"""What holds for a store that may only be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobtui_core.errors import StoreDeniedError
from jobtui_core.stores import Store
from jobtui_core.testing.conformance.hooks import StoreHooks

__all__ = ["Refusing"]

CHANGES: dict[str, Callable[[Store], object]] = {
    "write": lambda store: store.write("a/b", b"y"),
    "write-new": lambda store: store.write("c", b"y"),
    "write_if_absent": lambda store: store.write_if_absent("c", b"y"),
    "write_if_absent-present": lambda store: store.write_if_absent("a/b", b"y"),
    "delete": lambda store: store.delete("a/b"),
    "delete_all": lambda store: store.delete_all(["a/b"]),
    "copy": lambda store: store.copy("a/b", "c"),
}


class Refusing(StoreHooks):
    """Every change is refused, and nothing is changed."""

    def test_it_says_that_it_is_not_writable(self, store: Store) -> None:
        assert store.writable is False

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_every_change_is_refused(self, store: Store, change: Callable[[Store], object]) -> None:
        self.write_raw(store, "a/b", b"x")
        with pytest.raises(StoreDeniedError, match=r"read.only|read only"):
            change(store)
        assert self.read_raw(store, "a/b") == b"x"
        assert self.read_raw(store, "c") is None
        assert self.names(store) == {"a/b"}

    def test_sweeping_is_no_error_and_changes_nothing(self, store: Store) -> None:
        self.write_raw(store, "a/b", b"x")
        store.sweep()
        assert self.names(store) == {"a/b"}
