"""Backends that were written for joblib, and stores of one's own, under a `Memory`."""

from __future__ import annotations

import io
import pickle
from datetime import UTC, datetime

import numpy as np
import pytest

from jobtui_core import MemorizedFunc, MemorizedResult, Memory, register_store_backend
from jobtui_core.errors import CacheWarning, StoreError
from jobtui_core.memory import (
    CacheItemInfo,
    FileSystemStoreBackend,
    StoreBackendBase,
    StoreBackendMixin,
)
from jobtui_core.stores import BackendStore, MemoryStore, open_store
from jobtui_core.testing import StoreConformance

SHELF: dict[str, bytes] = {}
MOVED: dict[str, datetime] = {}
BEGUN = datetime.now(UTC)


class _File(io.BytesIO):
    def __init__(self, shelf, name):
        super().__init__()
        self.shelf, self.name = shelf, name

    def close(self):
        if not self.closed:
            self.shelf[self.name] = self.getvalue()
        super().close()


class ShelfBackend(StoreBackendBase, StoreBackendMixin):
    """A backend without files, as somebody may have written for joblib."""

    def configure(self, location, verbose=0, backend_options=None):
        self.location = location
        self.options = dict(backend_options or {})
        self.verbose = verbose

    def _open_item(self, f, mode):
        return _File(SHELF, f) if mode == "wb" else io.BytesIO(SHELF[f])

    def _item_exists(self, location):
        return any(name == location or name.startswith(location + "/") for name in SHELF)

    def _move_item(self, src, dst):
        SHELF[dst] = SHELF.pop(src)
        MOVED[dst] = datetime.now(UTC)

    def create_location(self, location):
        pass

    def clear_location(self, location):
        for name in [name for name in SHELF if name.startswith(location + "/")]:
            SHELF.pop(name, None)

    def get_items(self):
        return [
            CacheItemInfo(name.removesuffix("/output.pkl"), len(data), MOVED.get(name, BEGUN))
            for name, data in list(SHELF.items())
            if name.endswith("/output.pkl")
        ]


class Broken(ShelfBackend):
    def _open_item(self, f, mode):
        raise RuntimeError("the network is gone")

    def get_items(self):
        raise RuntimeError("the network is gone")


class Incomplete(StoreBackendBase):
    def get_items(self):
        return []


@pytest.fixture(autouse=True)
def _empty_shelf():
    SHELF.clear()


class TestShelf(StoreConformance):
    def create(self, folder):
        return BackendStore("shelf", ShelfBackend(), str(folder))

    def read_raw(self, store, name):
        return SHELF.get(f"{store._folder(name)}/output.pkl")

    def write_raw(self, store, name, data):
        place = f"{store._folder(name)}/output.pkl"
        SHELF[place], MOVED[place] = data, datetime.now(UTC)


class TestFolder(StoreConformance):
    def create(self, folder):
        return BackendStore("folder", FileSystemStoreBackend(), str(folder))

    def read_raw(self, store, name):
        path = f"{store._folder(name)}/output.pkl"
        try:
            with open(path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write_raw(self, store, name, data):
        store.backend.create_location(store._folder(name))
        with open(f"{store._folder(name)}/output.pkl", "wb") as file:
            file.write(data)


@pytest.fixture
def memory():
    register_store_backend("shelf", ShelfBackend)
    return Memory("place", backend="shelf", backend_options={"bucket": "b"}, verbose=0)


ran = []


def double(x):
    ran.append(x)
    return np.arange(x) * 2


def test_a_backend_of_joblibs_runs_under_a_memory(memory):
    """joblib #390, #397, #1124, #1126."""
    ran.clear()
    cached = memory.cache(double)
    assert [cached(3).tolist(), cached(3).tolist()] == [[0, 2, 4]] * 2
    assert ran == [3]
    assert memory.store_backend.backend.options == {"bucket": "b"}
    assert SHELF
    assert all(name.startswith("place/jobtui/") for name in SHELF)
    assert cached.check_call_in_cache(3)
    shelved = cached.call_and_shelve(3)
    assert shelved.get().tolist() == [0, 2, 4]
    cached.clear()
    assert not cached.check_call_in_cache(3)
    cached(4)
    memory.clear()
    assert not SHELF


def test_what_stands_on_a_backend_is_pickled_with_its_options(memory):
    cached = memory.cache(double)
    shelved = cached.call_and_shelve(3)
    for one in (memory, memory.cache(lambda x: x).store_backend):
        again = pickle.loads(pickle.dumps(one))
        store = again.store if isinstance(again, Memory) else again
        assert store.backend.options == {"bucket": "b"}
    assert pickle.loads(pickle.dumps(shelved)).get().tolist() == [0, 2, 4]
    by_value = pickle.loads(pickle.dumps(memory.cache(double)))
    assert by_value.check_call_in_cache(3)


def test_a_function_and_a_result_are_made_from_a_location_of_a_backend(memory):
    cached = MemorizedFunc(double, "place", backend="shelf", verbose=0)
    shelved = cached.call_and_shelve(3)
    same = MemorizedResult("place", (shelved.func, shelved.args_id), backend="shelf")
    assert same.get().tolist() == [0, 2, 4]
    assert memory.cache(double).check_call_in_cache(3)


def test_a_folder_of_the_backend_to_derive_from(tmp_path):
    class Loud(FileSystemStoreBackend):
        made = 0

        def create_location(self, location):
            type(self).made += 1
            super().create_location(location)

    register_store_backend("loud folder", Loud)
    cached = Memory(tmp_path / "cache", backend="loud folder", verbose=0).cache(double)
    ran.clear()
    cached(3), cached(3)
    assert ran == [3]
    assert Loud.made


def test_a_backend_that_breaks_costs_a_warning(memory):
    register_store_backend("broken", Broken)
    cached = Memory("place", backend="broken", verbose=0).cache(double)
    with pytest.warns(CacheWarning, match="the network is gone"):
        assert cached(3).tolist() == [0, 2, 4]
    with pytest.raises(StoreError, match="the network is gone"):
        list(Memory("place", backend="broken").store.list())


def test_what_is_no_backend_is_refused_as_joblib_does():
    for name in (None, {}, [], 3):
        with pytest.raises(ValueError, match="name should be a string"):
            register_store_backend(name, ShelfBackend)
    for backend in (None, 3, "x"):
        with pytest.raises(ValueError, match="should inherit StoreBackendBase"):
            register_store_backend("fine", backend)
    with pytest.raises(TypeError, match="Unknown location"):
        Memory("place", backend="nobody registered it")
    register_store_backend("incomplete", Incomplete)
    with pytest.raises(TypeError, match="abstract class"):
        Memory("place", backend="incomplete")
    with pytest.raises(TypeError, match="a folder or a URL"):
        Memory(3, backend="incomplete")
    assert Memory(None, backend="nobody registered it").store is None


def test_a_store_of_ones_own_is_registered_under_a_scheme_or_named():
    made = []

    def open_shared(url, **options):
        made.append((url, options))
        return MemoryStore(url)

    register_store_backend("shared", open_shared)
    assert isinstance(Memory("shared://a").store, MemoryStore)
    Memory("b", backend="shared", backend_options={"retries": 3})
    assert made == [("shared://a/jobtui", {}), ("shared://b/jobtui", {"retries": 3})]


def test_limits_are_enforced_in_a_backend(memory):
    cached = memory.cache(double)
    for n in (1, 2, 3):
        cached(n)
    memory.reduce_size(items_limit=1)
    assert sum(map(cached.check_call_in_cache, (1, 2, 3))) == 1


def test_a_backend_of_joblibs_is_opened_by_its_scheme(memory):
    memory.cache(double)(3)
    store = open_store("shelf://place/jobtui")
    assert [one.name for one in store.list()] == [one.name for one in memory.store.list()]


def test_backends_written_against_joblib_itself_are_taken(tmp_path):
    joblib = pytest.importorskip("joblib")
    from joblib._store_backends import FileSystemStoreBackend as Theirs

    assert not issubclass(Theirs, StoreBackendBase)
    register_store_backend("theirs", Theirs)
    cached = Memory(str(tmp_path), backend="theirs", verbose=0).cache(double)
    ran.clear()
    cached(3), cached(3)
    assert ran == [3]
    assert joblib.Memory(str(tmp_path), verbose=0).cache(double)(3).tolist() == [0, 2, 4]


def test_what_joblib_gives_to_backends_is_there():
    backend = ShelfBackend()
    backend.configure("there")
    call = ["function", "0" * 32]
    assert not backend.contains_item(call)
    with pytest.raises(KeyError):
        backend.load_item(call)
    backend.dump_item(call, [1, np.arange(2)])
    assert backend.load_item(call)[1].tolist() == [0, 1]
    backend.store_metadata(call, {"duration": 1.0})
    assert backend.get_metadata(call) == {"duration": 1.0}
    assert backend.get_metadata(["function", "1" * 32]) == {}
    backend.store_cached_func_code(["function"], "def f(): pass")
    assert backend.get_cached_func_code(["function"]) == "def f(): pass"
    assert backend.get_item_info(call) == {"location": f"there/function/{'0' * 32}"}
    assert repr(backend) == 'ShelfBackend(location="there")'
    backend.clear_item(call)
    assert not backend.contains_item(call)
    assert backend.contains_path(["function"])
    backend.clear()
    assert not SHELF
