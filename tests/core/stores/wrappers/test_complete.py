"""No method of a store is forgotten by what is put around stores."""

from __future__ import annotations

import pytest

from jobtui_core.stores import (
    CountingStore,
    FaultyStore,
    LatencyStore,
    ReadOnlyStore,
    Store,
    StoreAround,
    UnchangedStore,
)

REQUESTS = {
    "copy",
    "delete",
    "list",
    "pages",
    "read",
    "stat",
    "write",
    "write_if_absent",
}
"""What asks a store for something."""

BY_OTHERS = {"delete_all"}
"""What asks by way of the others, unless it is replaced."""

CHANGES = {"copy", "delete", "sweep", "write", "write_if_absent"}

NO_REQUESTS = {
    "absent",
    "capabilities",
    "copies",
    "flush",
    "is_pending",
    "local_file",
    "local_path",
    "locks",
    "options",
    "signing_key",
    "sweep",
    "trouble",
    "url",
    "with_key",
    "writable",
}


def test_every_method_of_a_store_is_known_here() -> None:
    public = {name for name in vars(Store) if not name.startswith("_")}
    assert public == REQUESTS | BY_OTHERS | NO_REQUESTS


def test_a_store_around_another_one_asks_it_for_everything() -> None:
    own = {name for name in vars(StoreAround) if not name.startswith("_")}
    taken_over = {"options", "signing_key", "with_key"}
    assert own | BY_OTHERS | taken_over >= REQUESTS | NO_REQUESTS


@pytest.mark.parametrize("around", [CountingStore, FaultyStore, LatencyStore])
def test_every_request_is_counted_delayed_and_may_fail(around: type[StoreAround]) -> None:
    assert vars(around).keys() >= REQUESTS


@pytest.mark.parametrize("around", [ReadOnlyStore, UnchangedStore])
def test_every_change_is_refused_or_left_undone(around: type[StoreAround]) -> None:
    assert vars(around).keys() >= CHANGES
