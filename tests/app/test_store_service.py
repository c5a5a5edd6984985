"""The Cache's service on real stores: a folder of ours, a cache of joblib's, an S3 server."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from jobtui.services.core_stores import CoreStores
from jobtui.services.stores import OpenStore, Query
from jobtui_core.errors import StoreError
from jobtui_core.project import open_project
from jobtui_core.stores import open_store
from tests.core.catalogue.stock import put

JOBLIB = Path(__file__).parents[1] / "data" / "joblib" / "1.6.0"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JOBTUI_STORE", raising=False)
    (tmp_path / "jobtui.toml").write_text("")
    (tmp_path / ".jobtui").mkdir()
    return tmp_path


@pytest.fixture
async def stores(root: Path) -> AsyncIterator[CoreStores]:
    service = CoreStores(open_project(root))
    yield service
    await service.close()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, root: Path) -> str:
    """Give what leads to a store of thirty entries."""
    if request.param == "s3":
        found = str(request.getfixturevalue("s3_url"))
        store = open_store(f"{found}/jobtui")
    else:
        found = str(root / "cache")
        store = open_store(root / "cache" / "jobtui")
    for number in range(1, 31):
        put(store, number, np.arange(float(number)), function=f"co2:f{number % 3}")
    return found


def never() -> bool:
    return False


async def listed(store: OpenStore) -> list[int]:
    seen: list[int] = []
    assert await store.list(seen.append, never)
    return seen


def results(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("output.pkl"))


async def test_any_store_is_listed_filtered_shown_and_deleted_from(
    stores: CoreStores, place: str
) -> None:
    store, others = await stores.open(place)
    assert (store.kind, store.looked_at, others) == ("jobtui", None, [])
    assert store.read_only is not True
    assert (await listed(store))[-1] == 30
    query = Query("n>20 -fn:f0", sort="duration")
    first = await store.arrange(query)
    assert (first.rows, first.total) == ([], 30)
    await store.read(first.unread, lambda number: None, never)
    found = await store.arrange(query)
    assert found.unread == []
    assert [store.known(row).arguments["n"] for row in found.rows] == [
        str(number) for number in (29, 28, 26, 25, 23, 22)
    ]  # fmt: skip
    assert [(one.function, one.entries) for one in found.sums] == [
        ("co2:f0", 10), ("co2:f1", 10), ("co2:f2", 10),
    ]  # fmt: skip
    shown = await store.show(found.rows[0])
    assert shown.detail.preview is not None
    assert shown.detail.preview.line[-1] == 28.0
    names: dict[str, np.ndarray] = {}
    exec(store.load_snippet(found.rows[0]), names)
    assert names["value"].tolist() == list(range(29))
    told, steps = await store.removal(found.rows)
    assert (len(told.rows), told.timed, told.seconds, steps) == (6, 6, 153.0, ())
    done = await store.delete(found.rows, lambda deleted: None, never)
    assert (done.done, done.failed) == (6, 0)
    assert (await store.arrange(Query())).total == 24
    await store.close()

    again, _ = await stores.open(place)
    assert again.looked_at is not None
    assert (await again.arrange(Query())).total == 24
    assert (await listed(again))[-1] == 24
    assert again.looked_at is None
    offered = {one.place: one for one in await stores.known()}
    assert offered[again.place].entries == 24
    await again.close()


async def test_what_takes_long_stops_when_nobody_waits(stores: CoreStores, place: str) -> None:
    store, _ = await stores.open(place)
    assert not await store.list(lambda number: None, lambda: True)
    await listed(store)
    rows = (await store.arrange(Query())).rows
    read: list[int] = []
    await store.read(rows, read.append, lambda: bool(read))
    # Told to the end it would say that all are known; a near server may have answered for all.
    assert read == [1]
    assert any(store.known(row) is not None for row in rows)
    deleted: list[object] = []
    await store.delete(rows, deleted.append, lambda: True)
    assert deleted == []


async def test_caches_of_joblib_are_offered_and_looked_through_likewise(
    stores: CoreStores, root: Path
) -> None:
    shutil.copytree(JOBLIB, root / "theirs")
    (known,) = [one for one in await stores.known() if one.kind == "joblib"]
    store, _ = await stores.open(known.place)
    assert store.kind == "joblib"
    await listed(store)
    # Without a dot it would be the bytes.
    first = await store.arrange(Query("fn:trend .size=4"))
    await store.read(first.unread, lambda number: None, never)
    row, *_ = (await store.arrange(Query("fn:trend .size=4"))).rows
    shown = await store.show(row)
    assert shown.detail.facts.what
    assert "def " in shown.code
    assert shown.detail.facts.arguments["size"] == "4"
    before = results(root)
    await store.delete([row], lambda deleted: None, never)
    assert results(root) == before - 1


async def test_a_place_without_a_store_is_an_error_in_one_sentence(stores: CoreStores) -> None:
    with pytest.raises(StoreError, match="is no folder"):
        await stores.open("nowhere")
