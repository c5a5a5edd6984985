"""Pictures of figures belong to the results that name them: they go, and are copied, together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xxhash import xxh3_128_hexdigest

from jobtui_core import Memory
from jobtui_core.entry import read_info, read_kept
from jobtui_core.limits import Limits
from jobtui_core.stores import Fault, FaultyStore, LocalStore, MemoryStore, Store
from jobtui_core.tracing import enable_for_tests
from jobtui_core.tracing.calls import CallHandle
from jobtui_core.tracing.observers import Observer
from jobtui_core.upkeep.belonging import Wanted
from jobtui_core.upkeep.copying import carry_out, plan_copy
from jobtui_core.upkeep.reducing import reduce_store


class Drawing(Observer):
    """Leaves a picture behind at each call, as if it had been drawn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drawn: list[str] = []

    def returned(self, handle: CallHandle, error: BaseException | None) -> None:
        data = f"picture {len(self.drawn)}".encode()
        digest = xxh3_128_hexdigest(data)
        path = self.folder / digest
        path.write_bytes(data)
        handle.kept["figures"] = [{"name": "Figure 1", "png": digest, "width": 2, "height": 1}]
        handle.kept["pictures"] = {digest: path}
        self.drawn.append(digest)


@pytest.fixture
def drawing(tmp_path: Path) -> Iterator[Drawing]:
    (tmp_path / "pictures").mkdir()
    with enable_for_tests(tmp_path) as run:
        run.observers.append(Drawing(tmp_path / "pictures"))
        yield run.observers[-1]  # type: ignore[misc]


def entries(store: Store) -> list[str]:
    return [one.name for one in store.list() if one.name.endswith(".entry")]


def blobs(store: Store) -> set[str]:
    return {one.name.removeprefix("blobs/") for one in store.list("blobs/")}


def square(n: int) -> int:
    return n * n


def long(n: int) -> dict[str, Any]:
    return {"numbers": list(range(5000)), "n": n}


def test_an_entry_names_the_pictures_of_its_figures(tmp_path: Path, drawing: Drawing) -> None:
    memory = Memory(tmp_path / "cache", verbose=0)
    memory.cache(square)(2)
    (name,) = entries(memory.store)
    info = read_info(memory.store, name)
    assert info is not None
    (figure,) = info.figures
    assert (figure.name, figure.png, figure.width) == ("Figure 1", drawing.drawn[0], 2)
    assert read_kept(memory.store, name) == blobs(memory.store) == set(drawing.drawn)


def test_they_are_found_behind_a_long_list_of_files(tmp_path: Path, drawing: Drawing) -> None:
    files = []
    for number in range(600):
        path = tmp_path / f"{number:04}-{'x' * 40}.txt"
        path.write_text("")
        files.append(str(path))
    memory = Memory(tmp_path / "cache", verbose=0)
    memory.cache(square, inputs=files)(2)
    (name,) = entries(memory.store)
    assert len(memory.store.read(name) or b"") > 1 << 15
    assert read_kept(memory.store, name) == set(drawing.drawn)


def test_pictures_go_when_the_last_result_that_names_them_is_gone(
    tmp_path: Path, drawing: Drawing
) -> None:
    memory = Memory(tmp_path / "cache", verbose=0)
    first, second = memory.cache(square), memory.cache(long)
    first(2)
    second(3)
    later = time.time() + 3600
    assert reduce_store(memory.store, Limits(), now=later).outputs == 0
    assert blobs(memory.store) == set(drawing.drawn)

    memory.store.delete(next(one for one in entries(memory.store) if "square" in one))
    assert reduce_store(memory.store, Limits(), now=later).outputs == 1
    assert blobs(memory.store) == {drawing.drawn[1]}


def test_pictures_are_copied_with_the_results_that_name_them(
    tmp_path: Path, drawing: Drawing
) -> None:
    memory = Memory(tmp_path / "cache", verbose=0)
    memory.cache(square)(2)
    memory.cache(long)(3)
    name = next(one for one in entries(memory.store) if "square" in one)
    target = MemoryStore()
    wanted = Wanted(folders=frozenset({name.partition("/")[0]}))
    carry_out(plan_copy(memory.store, target, lambda stock: wanted))
    assert entries(target) == [name]
    assert blobs(target) == {drawing.drawn[0]}


def test_a_result_whose_pictures_cannot_be_kept_names_none(
    tmp_path: Path, drawing: Drawing
) -> None:
    fault = Fault("denied", "write_if_absent", names="blobs/*")
    store = FaultyStore(LocalStore(tmp_path / "cache"), fault)
    memory = Memory(store, verbose=0)
    assert memory.cache(square)(2) == 4
    (name,) = entries(store)
    info = read_info(store, name)
    assert info is not None
    assert info.figures == ()
