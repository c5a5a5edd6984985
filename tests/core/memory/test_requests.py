"""What a ``Memory`` and steps ask of a remote store: a hit is one request, a miss two."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core import Memory, make
from jobtui_core.entry import EntryMeta, read_info, write_entry
from jobtui_core.errors import EntryCorruptError
from jobtui_core.stores import Store, StoreAround
from tests.core.remote import FarStore

_numbers = count()


def far(store: Store | None) -> FarStore:
    """Give the innermost store."""
    while isinstance(store, StoreAround) and not isinstance(store, FarStore):
        store = store.inner
    assert isinstance(store, FarStore)
    return store


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def url() -> str:
    return f"far://requests-{next(_numbers)}"


class Session:
    """A memory on a far store, as a process has it that has just begun."""

    def __init__(self, url: str, **options: Any) -> None:
        # Not through the URL: whoever opens it again in one process gets the same object.
        self.far = FarStore(f"{url}/jobtui")
        self.memory = Memory(self.far, verbose=0, **options)

    def cost(self, call: Callable[[], Any]) -> dict[str, int]:
        """Give the requests that a call makes."""
        self.far.flush()
        self.far.reset()
        call()
        self.far.flush()
        return dict(self.far.requests)


def double(x: Any) -> Any:
    return [x, x]


def numbers(n: int) -> Any:
    return np.random.default_rng(0).random(n)


@pytest.fixture(params=["", "key"])
def session(request: pytest.FixtureRequest, url: str) -> Session:
    """One with unsigned and one with signed entries."""
    return Session(url, signing_key=request.param or None)


class TestCalls:
    def test_first_miss_also_asks_for_aliases_and_puts_the_sources(self, session: Session) -> None:
        cached = session.memory.cache(double)
        assert session.cost(lambda: cached(1)) == {
            "read": 1,
            "list": 1,
            "write_if_absent": 1,
            "write": 1,
        }

    def test_a_miss_is_a_get_and_a_put(self, session: Session) -> None:
        cached = session.memory.cache(double)
        cached(0)
        for x in (1, "text", 2.5, (1, 2)):
            assert session.cost(lambda x=x: cached(x)) == {"read": 1, "write": 1}

    def test_a_hit_is_one_get(self, session: Session) -> None:
        cached = session.memory.cache(double)
        cached(1)
        for _ in range(3):
            assert session.cost(lambda: cached(1)) == {"read": 1}

    def test_a_hit_of_a_large_result_is_one_get(self, session: Session) -> None:
        cached = session.memory.cache(numbers)
        cached(1 << 19)
        assert session.cost(lambda: cached(1 << 19)) == {"read": 1}
        assert np.array_equal(cached(1 << 19), numbers(1 << 19))

    @pytest.mark.parametrize("mode", ["r", "c"])
    def test_mapping_what_cannot_be_mapped_costs_no_request(self, url: str, mode: Any) -> None:
        session = Session(url, mmap_mode=mode)
        cached = session.memory.cache(numbers)
        cached(0)
        assert session.cost(lambda: cached(9)) == {"read": 1, "write": 1}
        assert session.cost(lambda: cached(9)) == {"read": 1}

    def test_a_first_hit_of_a_new_process_is_one_get(self, url: str) -> None:
        Session(url).memory.cache(double)(1)
        session = Session(url)
        cached = session.memory.cache(double)
        assert session.cost(lambda: cached(1)) == {"read": 1}

    def test_limits_cost_no_request_between_looks(self, url: str) -> None:
        session = Session(url, max_size="1G")
        cached = session.memory.cache(double)
        cached(0)
        assert session.cost(lambda: cached(1)) == {"read": 1, "write": 1}

    def test_no_uses_are_written(self, session: Session) -> None:
        cached = session.memory.cache(double)
        for _ in range(3):
            cached(1)
        names = {one.name.split("/")[0] for one in session.far.list()}
        assert "use" not in names

    def test_a_damaged_entry_is_asked_for_once_and_replaced(self, session: Session) -> None:
        cached = session.memory.cache(double)
        cached(1)
        (name,) = [one.name for one in session.far.list() if one.name.endswith(".entry")]
        data = session.far.read(name) or b""
        session.far.write(name, data[: len(data) - 2])
        with pytest.warns(Warning, match="is not used"):
            assert session.cost(lambda: cached(1)) == {"read": 1, "write": 1}
        assert cached(1) == [1, 1]

    def test_an_entry_of_another_call_does_not_answer(self, session: Session) -> None:
        cached = session.memory.cache(double)
        cached(1)
        (name,) = [one.name for one in session.far.list() if one.name.endswith(".entry")]
        cached(2)
        (other,) = {one.name for one in session.far.list() if one.name.endswith(".entry")} - {name}
        session.far.write(name, session.far.read(other) or b"")
        with pytest.warns(Warning, match="another call"):
            assert cached(1) == [1, 1]


class TestLooking:
    def test_facts_of_a_large_entry_cost_a_few_kilobytes(self, session: Session) -> None:
        session.memory.cache(numbers)(1 << 20)
        (name,) = [one.name for one in session.far.list() if one.name.endswith(".entry")]
        assert session.cost(lambda: read_info(session.far, name)) == {"read": 1}
        assert session.far.bytes_read <= 1 << 14

    def test_facts_with_a_long_header_cost_two_requests(self, url: str) -> None:
        session = Session(url)
        meta = EntryMeta(key="ab" * 16, function="a:b", log="word " * 10_000)
        write_entry(session.far, "a/ab/ab.entry", 3, meta)
        assert session.cost(lambda: read_info(session.far, "a/ab/ab.entry")) == {"read": 2}
        assert session.far.bytes_read < 100_000

    def test_a_header_that_claims_more_than_there_is_is_damage(self, url: str) -> None:
        session = Session(url)
        meta = EntryMeta(key="ab" * 16, function="a:b", log="word " * 10_000)
        write_entry(session.far, "a/ab/ab.entry", 3, meta)
        data = session.far.read("a/ab/ab.entry") or b""
        session.far.write("a/ab/ab.entry", data[:20_000])
        with pytest.raises(EntryCorruptError, match=r"too early|its header"):
            read_info(session.far, "a/ab/ab.entry")

    def test_asking_whether_a_call_is_known_is_one_request(self, session: Session) -> None:
        cached = session.memory.cache(double)
        cached(1)
        assert session.cost(lambda: cached.check_call_in_cache(1)) == {"read": 1}

    def test_forgetting_a_call_is_two_requests(self, session: Session) -> None:
        cached = session.memory.cache(double)
        cached(1)
        assert session.cost(lambda: cached.forget(1)) == {"read": 1, "delete_all": 1}
        assert session.cost(lambda: cached(1)) == {"read": 1, "write": 1}

    def test_looking_through_results_is_a_listing_and_a_request_each(
        self, session: Session
    ) -> None:
        cached = session.memory.cache(double)
        for x in range(60):
            cached(x)
        found: list[str] = []
        look = lambda: found.extend(one.arguments["x"] for one in cached.entries())  # noqa: E731
        assert session.cost(look) == {"list": 1, "read": 60}
        assert sorted(map(int, found)) == list(range(60))
        times = [one.started for one in cached.entries()]
        assert times == sorted(times, reverse=True)

    def test_counting_results_is_one_listing(self, session: Session) -> None:
        cached = session.memory.cache(double)
        for x in range(5):
            cached(x)
        assert session.cost(cached.cache_info) == {"list": 1}

    def test_clearing_is_one_listing_and_one_request_to_delete(self, session: Session) -> None:
        cached = session.memory.cache(double)
        for x in range(5):
            cached(x)
        assert session.cost(session.memory.clear) == {"list": 1, "delete_all": 1}
        assert list(session.far.list()) == []

    def test_reducing_is_one_listing_and_one_request_to_delete(self, session: Session) -> None:
        cached = session.memory.cache(double)
        for x in range(5):
            cached(x)
        reduce = lambda: session.memory.reduce_size(items_limit=2)  # noqa: E731  it is one
        assert session.cost(reduce) == {"pages": 1, "delete_all": 1}
        assert cached.cache_info().currsize == 2


class TestPacking:
    def test_results_are_packed_on_their_way_by_default(self, url: str) -> None:
        session = Session(url)
        session.memory.cache(lambda: np.zeros(100_000))()
        assert session.far.bytes_written < 20_000

    @pytest.mark.parametrize("options", [{"compress": False}, {"mmap_mode": "r"}])
    def test_unless_something_else_is_asked_for(self, url: str, options: dict[str, Any]) -> None:
        session = Session(url, **options)
        session.memory.cache(lambda: np.zeros(100_000))()
        assert session.far.bytes_written > 800_000

    def test_a_folder_holds_them_as_they_are(self, tmp_path: Path) -> None:
        memory = Memory(tmp_path, verbose=0)
        memory.cache(lambda: np.zeros(100_000))()
        (entry,) = tmp_path.rglob("*.entry")
        assert entry.stat().st_size > 800_000


class TestSteps:
    def test_a_kept_output_is_one_put(self, url: str, project: Path) -> None:
        from jobtui_core import PickleFile

        session = Session(url)
        step = make(output=PickleFile("out-{x}.pkl"), memory=session.memory)(_for_step)
        step(0)
        cost = session.cost(lambda: step(1))
        assert cost == {"read": 1, "write": 1, "write_if_absent": 1}
        assert session.cost(lambda: step(1)) == {"read": 1}

    def test_steps_of_the_projects_store_are_packed_too(
        self, url: str, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("JOBTUI_STORE", url)
        step = make(_zeros)
        step(100_000)
        found = FarStore(url)
        assert sum(one.size for one in found.list() if one.name.endswith(".entry")) < 20_000


def _for_step(x: int) -> int:
    return x


def _zeros(n: int) -> Any:
    return np.zeros(n)
