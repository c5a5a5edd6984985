"""A folder before a remote store: copies are read here, and are worth nothing by themselves."""

from __future__ import annotations

import os
import pickle
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core import Memory, make
from jobtui_core.errors import StoreUnavailableError
from jobtui_core.memory.project import project_store
from jobtui_core.stores import (
    Fault,
    FaultyStore,
    LocalStore,
    MemoryStore,
    Store,
    StoreAround,
    open_store,
)
from jobtui_core.stores.tiered import TieredStore, tier_of
from jobtui_core.testing import AroundConformance
from tests.core.remote import FarStore

ENTRY = "f/ab/abcd.entry"
_numbers = count()


class TestTiered(AroundConformance):
    def inner(self, folder: Path) -> Store:
        return FarStore(f"far://tiered-{next(_numbers)}")

    def around(self, store: Store) -> Store:
        return TieredStore(MemoryStore(), store)


class TestTieredWhereAllIsCopied(AroundConformance):
    """The same with copies of whatever was read or written."""

    coherent = False

    def inner(self, folder: Path) -> Store:
        return FarStore(f"far://tiered-{next(_numbers)}")

    def around(self, store: Store) -> Store:
        return TieredStore(MemoryStore(), store, copied=bool)


class Tier:
    def __init__(self, folder: Path) -> None:
        self.far = FarStore(f"far://tiered-{next(_numbers)}")
        self.near = LocalStore(folder)
        self.store = TieredStore(self.near, self.far)


@pytest.fixture
def tier(tmp_path: Path) -> Tier:
    return Tier(tmp_path / "near")


class TestCopies:
    def test_what_was_read_once_costs_no_request(self, tier: Tier) -> None:
        tier.far.write(ENTRY, b"content")
        assert tier.store.read(ENTRY) == b"content"
        tier.far.reset()
        assert tier.store.read(ENTRY) == b"content"
        assert tier.store.read(ENTRY, 2, 3) == b"nte"
        assert tier.store.stat(ENTRY) is not None
        assert not tier.far.requests

    def test_what_was_written_costs_no_request_either(self, tier: Tier) -> None:
        tier.store.write(ENTRY, [b"con", b"tent"])
        assert tier.store.write_if_absent("blobs/aa", b"blob")
        tier.far.reset()
        assert tier.store.read(ENTRY) == b"content"
        assert tier.store.read("blobs/aa") == b"blob"
        assert not tier.far.requests

    def test_a_part_makes_no_copy(self, tier: Tier) -> None:
        tier.far.write(ENTRY, b"content")
        assert tier.store.read(ENTRY, 0, 3) == b"con"
        assert tier.near.stat(ENTRY) is None

    @pytest.mark.parametrize("name", ["alias/f/a.json", "runs/1.json", "use/1-host", "x.entry"])
    def test_what_may_change_is_asked_for_each_time(self, tier: Tier, name: str) -> None:
        tier.store.write(name, b"old")
        assert tier.store.read(name) == b"old"
        tier.far.write(name, b"new")
        assert tier.store.read(name) == b"new"
        assert list(tier.near.list()) == []

    def test_deleting_deletes_both(self, tier: Tier) -> None:
        for name in (ENTRY, "blobs/aa", "blobs/bb"):
            tier.store.write(name, b"x")
        tier.store.delete(ENTRY)
        tier.store.delete_all(["blobs/aa", "blobs/bb"])
        assert list(tier.far.list()) == list(tier.near.list()) == []

    def test_a_listing_tells_what_is_far_and_what_is_only_near(self, tier: Tier) -> None:
        tier.store.write(ENTRY, b"x")
        tier.store.write("blobs/aa", b"x")
        tier.far.write("blobs/bb", b"x")
        tier.far.delete("blobs/aa")
        expected = sorted([ENTRY, "blobs/aa", "blobs/bb"])
        assert sorted(one.name for one in tier.store.list()) == expected
        pages = [one.name for page in tier.store.pages(size=1) for one in page]
        assert sorted(pages) == expected

    def test_a_copy_of_what_was_overwritten_by_a_copy_is_forgotten(self, tier: Tier) -> None:
        tier.store.write(ENTRY, b"old")
        tier.store.write("f/ab/other.entry", b"new")
        tier.store.copy("f/ab/other.entry", ENTRY)
        assert tier.store.read(ENTRY) == b"new"

    def test_near_is_disposable(self, tier: Tier) -> None:
        tier.store.write(ENTRY, b"x")
        tier.near.delete(ENTRY)
        assert tier.store.read(ENTRY) == b"x"
        assert tier.near.read(ENTRY) == b"x"

    def test_in_another_process_it_is_a_tier_too(self, tier: Tier) -> None:
        tier.store.grew = lambda size: None
        again = pickle.loads(pickle.dumps(tier.store))
        assert isinstance(again, TieredStore)
        assert again.near.url == tier.near.url

    def test_it_is_found_below_other_layers(self, tier: Tier) -> None:
        assert tier_of(StoreAround(tier.store)) is tier.store
        assert tier_of(tier.far) is None


class TestTrouble:
    def test_a_folder_that_cannot_be_used_is_done_without(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        tier = Tier(tmp_path / "file")
        tier.store.write(ENTRY, b"x")
        assert tier.store.read(ENTRY) == b"x"
        tier.store.delete(ENTRY)
        assert tier.store.read(ENTRY) is None

    def test_copies_answer_while_the_far_store_does_not(self, tier: Tier) -> None:
        down = FaultyStore(tier.far, Fault("unavailable"))
        tier.store.write(ENTRY, b"x")
        store = TieredStore(tier.near, down)
        assert store.read(ENTRY) == b"x"
        with pytest.raises(StoreUnavailableError):
            store.read("f/ab/other.entry")

    def test_what_could_not_be_written_far_has_a_copy(self, tier: Tier) -> None:
        down = FaultyStore(tier.far, Fault("unavailable"))
        store = TieredStore(tier.near, down)
        with pytest.raises(StoreUnavailableError):
            store.write(ENTRY, b"x")
        assert store.read(ENTRY) == b"x"

    def test_an_older_copy_does_not_stand_for_what_could_not_be_copied(self, tier: Tier) -> None:
        tier.store.write(ENTRY, b"old")
        full = FaultyStore(tier.near, Fault("unavailable", "write"))
        TieredStore(full, tier.far).write(ENTRY, b"new")
        assert tier.store.read(ENTRY) == b"new"


class Session:
    """A process with a tier in a folder."""

    def __init__(self, folder: Path, url: str, **options: Any) -> None:
        given = {"tier": str(folder / "near"), **options.pop("given", {})}
        self.memory = Memory(url, backend_options=given, verbose=0, **options)
        found = tier_of(self.memory.store or MemoryStore())
        assert found is not None
        self.tier = found
        store: Store = found
        while isinstance(store, StoreAround) and not isinstance(store, FarStore):
            store = store.inner
        assert isinstance(store, FarStore)
        self.far = store

    def reads(self) -> int:
        assert self.memory.store is not None
        self.memory.store.flush(10)
        return self.far.requests["read"]


@pytest.fixture
def url() -> str:
    return f"far://tiered-{next(_numbers)}"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))


def double(x: Any) -> Any:
    return [x, x]


def noise(n: int) -> Any:
    return np.random.default_rng(0).random(n)


@pytest.mark.parametrize("key", [None, "secret"])
class TestMemory:
    def test_a_hit_costs_no_request(self, tmp_path: Path, url: str, key: str | None) -> None:
        Session(tmp_path / "one", url, signing_key=key).memory.cache(double)(1)
        session = Session(tmp_path / "two", url, signing_key=key)
        cached = session.memory.cache(double)
        before = session.reads()
        assert cached(1) == [1, 1]
        assert session.reads() == before + 1
        for _ in range(5):
            assert cached(1) == [1, 1]
        assert session.reads() == before + 1

    def test_a_damaged_copy_is_replaced_by_the_far_one(
        self, tmp_path: Path, url: str, key: str | None
    ) -> None:
        session = Session(tmp_path, url, signing_key=key)
        cached = session.memory.cache(double)
        cached(1)
        (path,) = Path(tmp_path, "near").rglob("*.entry")
        path.write_bytes(path.read_bytes()[:-3])
        before = session.reads()
        assert cached(1) == [1, 1]
        assert session.reads() == before + 1
        assert cached(1) == [1, 1]
        assert session.reads() == before + 1
        assert cached.hits == 2


class TestMapping:
    def test_second_hit_is_mapped_as_from_a_folder(self, tmp_path: Path, url: str) -> None:
        session = Session(tmp_path, url, mmap_mode="r")
        cached = session.memory.cache(noise)
        assert isinstance(cached(1 << 18), np.memmap)
        assert isinstance(cached(1 << 18), np.memmap)

    def test_arrays_that_are_not_packed_are_mapped_without_being_asked_for(
        self, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from jobtui_core.entry import reading

        mapped = []
        real = reading.map_file
        monkeypatch.setattr(reading, "map_file", lambda *a, **k: mapped.append(a) or real(*a, **k))
        cached = Session(tmp_path, url, compress=False).memory.cache(noise)
        assert np.array_equal(cached(1 << 18), cached(1 << 18))
        assert len(mapped) == 1


class TestSettings:
    def test_the_projects_store_has_the_tier_of_its_settings(
        self, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "jobtui.toml").write_text(
            f'store = "{url}"\n[stores."far://"]\ntier = "scratch"\ntier_size = "1M"\n'
        )
        step = make(double)
        step(1)
        tier = tier_of(project_store())
        assert tier is not None
        assert tier.size == 1 << 20
        assert tier.grew is not None
        (entry,) = (tmp_path / "scratch").rglob("*.entry")
        entry.unlink()
        assert step(1) == [1, 1]
        assert step.hits == 1

    def test_who_only_looks_has_none(self, tmp_path: Path, url: str) -> None:
        store = open_store(url, options={"tier": str(tmp_path / "near")})
        assert tier_of(store) is None
        assert store.read(ENTRY) is None


class TestSize:
    def test_copies_stay_within_it_and_the_far_ones_stay(self, tmp_path: Path, url: str) -> None:
        session = Session(tmp_path, url, given={"tier_size": "40K"}, compress=False)
        cached = session.memory.cache(noise)
        for n in range(1000, 1020):
            cached(n)
        near = [one.size for one in session.tier.near.list() if one.name.endswith(".entry")]
        assert 0 < sum(near) <= 40 << 10
        assert session.memory.store is not None
        session.memory.store.flush(10)
        assert sum(one.name.endswith(".entry") for one in session.far.list()) == 20

    def test_those_used_last_stay(
        self, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = Session(tmp_path, url, given={"tier_size": "40K"}, compress=False)
        cached = session.memory.cache(noise)
        cached(1000)
        (kept,) = [one.name for one in session.tier.near.list() if one.name.endswith(".entry")]
        for n in range(1001, 1010):
            cached(n)
            # The files' times tell them apart: this one is the oldest by far, but for its use.
            path = session.tier.near.local_path(kept)
            assert path is not None
            os.utime(path, (n, n))
            assert cached(1000).size == 1000
            assert session.tier.near.stat(kept) is not None
