"""The tests that stores join find what is wrong with one."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from jobtui_core.stores import Listed, MemoryStore, Store, StoreAround
from jobtui_core.stores.base import Data
from jobtui_core.testing import AroundConformance, ReadOnlyConformance, StoreConformance
from jobtui_core.testing.conformance.model import check_by_model


def names_in(suite: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(suite) if name.startswith("test_")}


def test_there_are_sixty_tests() -> None:
    assert len(names_in(StoreConformance)) >= 60


def test_each_test_asserts_something() -> None:
    for name in names_in(StoreConformance) | names_in(ReadOnlyConformance):
        source = inspect.getsource(
            getattr(StoreConformance, name, None) or getattr(ReadOnlyConformance, name)
        )
        tree = ast.parse(textwrap.dedent(source))
        says = any(isinstance(node, ast.Assert) for node in ast.walk(tree))
        fails = "pytest.raises" in source or "check_by_model" in source
        # Twice deleted is fine: that nothing is raised is all there is to see.
        assert says or fails or name == "test_deleting_twice_is_fine", name


class ShortRead(StoreAround):
    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        data = super().read(name, start, length)
        return data if data is None or len(data) < 3 else data[:-1]


class LeavesOld(StoreAround):
    def write(self, name: str, data: Data) -> None:
        self.inner.write_if_absent(name, data)


class AlwaysFirst(StoreAround):
    def write_if_absent(self, name: str, data: Data) -> bool:
        self.inner.write(name, data)
        return True


class DeletesMore(StoreAround):
    def delete(self, name: str) -> None:
        for listed in list(self.inner.list(name.removesuffix(".entry"))):
            self.inner.delete(listed.name)


class ForgetsTheLast(StoreAround):
    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        yield from (page for page in super().pages(prefix, size) if len(page) == size)


class MovesInsteadOfCopying(StoreAround):
    def copy(self, source: str, target: str) -> None:
        super().copy(source, target)
        self.inner.delete(source)


class WholeFolders(StoreAround):
    def list(self, prefix: str = "") -> Iterator[Listed]:
        return self.inner.list(prefix if prefix.endswith("/") else prefix and prefix + "/")


class RemembersAll(StoreAround):
    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        known: dict[str, bytes] = self.__dict__.setdefault("known", {})
        if name not in known:
            found = self.inner.read(name)
            if found is None:
                return None
            known[name] = found
        return known[name][start : None if length is None else start + length]


@pytest.mark.parametrize(
    "broken",
    [
        ShortRead,
        LeavesOld,
        AlwaysFirst,
        DeletesMore,
        ForgetsTheLast,
        MovesInsteadOfCopying,
        WholeFolders,
        RemembersAll,
    ],
)
def test_random_calls_find_a_broken_store(broken: Callable[[Store], Store], tmp_path: Path) -> None:
    class Suite(AroundConformance):
        examples = 100

        def around(self, store: Store) -> Store:
            return broken(store)

        def inner(self, folder: Path) -> Store:
            return MemoryStore()

    with pytest.raises((AssertionError, ExceptionGroup)):
        check_by_model(Suite(), tmp_path, shrink=False)


def test_random_calls_find_nothing_wrong_with_a_right_one(tmp_path: Path) -> None:
    class Suite(AroundConformance):
        examples = 100

        def around(self, store: Store) -> Store:
            return store

        def inner(self, folder: Path) -> Store:
            return MemoryStore()

        def read_raw(self, store: Store, name: str) -> bytes | None:
            return store.read(name)

        def write_raw(self, store: Store, name: str, data: bytes) -> None:
            store.write(name, data)

    check_by_model(Suite(), tmp_path)


SUITE = """
from jobtui_core.stores import LocalStore
from jobtui_core.testing import StoreConformance

class LosesOne(LocalStore):
    def read(self, name, start=0, length=None):
        data = super().read(name, start, length)
        return data and data[:-1]

class TestLosesOne(StoreConformance):
    def create(self, folder):
        return LosesOne(folder / "cache")
    def read_raw(self, store, name):
        return LocalStore(store.path).read(name)
    def write_raw(self, store, name, data):
        LocalStore(store.path).write(name, data)
"""


def test_a_backend_of_ones_own_joins_by_subclassing(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    done = subprocess.run(
        [*command, "-c", "/dev/null", "-k", "written_by_others or can_be_pickled"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    # The comparison is shown, as in tests of one's own.
    assert "b'conten' == b'content'" in done.stdout
    assert "FAILED" in done.stdout


def test_neither_pytest_nor_hypothesis_comes_with_the_package() -> None:
    code = (
        "import sys, jobtui_core, jobtui_core.testing\n"
        "print({'pytest', 'hypothesis'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
