"""The Cache on real stores: a folder, a cache of joblib's, a bucket of a real S3 server."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import joblib
import numpy as np
import pytest

from jobtui.app import Browse, CacheApp
from jobtui.screens.cache import CacheScreen
from jobtui.services.core import open_service
from jobtui.services.stores import Query
from jobtui_core.project import open_project
from jobtui_core.stores import Store, open_store
from tests.app.fakes import FakeWatcher
from tests.core.catalogue.stock import key_of, put

PATIENCE = 60.0
Row = Any


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JOBTUI_STORE", raising=False)
    (tmp_path / "jobtui.toml").write_text("")
    (tmp_path / ".jobtui").mkdir()
    return tmp_path


def fill(store: Store, number: int = 12) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = pool.map(lambda n: put(store, n, np.arange(10.0) * n, "lab:fit"), range(number))
        assert len(list(names)) == number
    put(store, 100, {"a": 1}, "lab:summary")


class Looking:
    """The app on the Cache of a project: ``async with Looking(project, place) as t``."""

    def __init__(self, project: Path, place: str | None, text: str = "") -> None:
        service = open_service(project)
        self.app = CacheApp(service, FakeWatcher(), browse=Browse(place, text))
        self._context = self.app.run_test(size=(150, 40))

    async def __aenter__(self) -> Self:
        self.pilot = await self._context.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._context.__aexit__(*error)

    @property
    def cache(self) -> CacheScreen:
        screen = self.app.place
        assert isinstance(screen, CacheScreen)
        return screen

    def title(self) -> str:
        return str(self.cache.query_one("#title").render())

    async def until(self, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, (self.title(), self.cache.preview.text)
            await self.pilot.pause(0.02)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()


async def test_folder_is_listed_filtered_shown_and_deleted_from(project: Path) -> None:
    store = open_project(project).open_store()
    fill(store)
    async with Looking(project, None) as t:
        await t.until(lambda: len(t.cache.entries.listed) == 13 and t.cache.listing is None)
        assert "13 entries" in t.title()
        await t.press("tab", "slash", *"n=7", "enter")
        await t.until(lambda: [row.key for row in t.cache.entries.listed] == [key_of(7)])
        await t.until(lambda: "10  float64" in t.cache.preview.text)
        assert "anna on node7" in t.cache.preview.text
        await t.press("D")
        await t.until(
            lambda: (
                "computing them took 7.0 s" in str(t.app.export_screenshot()).replace("&#160;", " ")
            )
        )
        await t.press("d")
        await t.until(lambda: "12 entries" in t.title())
        assert sum(1 for _ in store.list()) == 12


async def test_lines_that_are_copied_load_the_result(project: Path) -> None:
    fill(open_project(project).open_store(), 3)
    stores = open_service(project).stores
    opened, others = await stores.open(None)
    assert not others
    assert await opened.list(lambda _number: None, lambda: False)
    arranged = await opened.arrange(Query(filter="n=2"))
    await opened.read(arranged.unread, lambda _number: None, lambda: False)
    (row,) = (await opened.arrange(Query(filter="n=2"))).rows
    scope: dict[str, Any] = {}
    exec(opened.load_snippet(row), scope)
    assert scope["value"][1] == 2.0
    assert opened.where(row) == f"{project}/.jobtui/cache/{row.name}"
    await stores.close()


async def test_cache_of_joblib_s_is_looked_through_and_deleted_from(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def simulate(seed: int) -> int:
        return seed * 2

    simulate.__module__ = "lab"
    call = joblib.Memory(project / "cache", verbose=0).cache(simulate)
    for seed in range(3):
        call(seed)
    async with Looking(project, str(project / "cache")) as t:
        await t.until(lambda: len(t.cache.entries.listed) == 3 and t.cache.listing is None)
        assert "joblib" in t.title()
        await t.press("tab")
        await t.until(lambda: "return seed * 2" in t.cache.preview.text)
        assert t.cache.store is not None
        scope: dict[str, Any] = {}
        row = t.cache.entries.entry
        assert row is not None
        exec(t.cache.store.load_snippet(row), scope)
        assert scope["value"] in (0, 2, 4)
        await t.press("D")
        await t.until(lambda: t.app.screen is not t.cache)
        await t.press("d")
        await t.until(lambda: len(t.cache.entries.listed) == 2)
    assert len(list((project / "cache").rglob("output.pkl"))) == 2


async def test_place_without_results_says_so_and_another_is_opened(project: Path) -> None:
    (project / "empty").mkdir()
    fill(open_store(project / "other"), 2)
    async with Looking(project, str(project / "empty")) as t:
        await t.until(lambda: t.cache.failure is not None)
        assert "holds no results" in t.cache.entries.placeholder
        await t.press("o", *("slash" if one == "/" else one for one in str(project / "other")))
        await t.press("enter")
        await t.until(lambda: len(t.cache.entries.listed) == 3)


async def test_bucket_is_looked_through_and_known_at_once_when_it_does_not_answer(
    project: Path, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"{s3_url}/jobtui")
    fill(store)
    async with Looking(project, s3_url, "fn:fit") as t:
        await t.until(lambda: len(t.cache.entries.listed) == 12 and t.cache.listing is None)
        assert "13 entries" in t.title()
        await t.until(
            lambda: (
                t.cache.store is not None
                and t.cache.store.known(t.cache.entries.listed[0]) is not None
            )
        )
        await t.press("tab", "slash", *" n=5", "enter")
        await t.until(lambda: [row.key for row in t.cache.entries.listed] == [key_of(5)])
        await t.until(lambda: "10  float64" in t.cache.preview.text)
        await t.press("D")
        await t.until(lambda: t.app.screen is not t.cache)
        await t.press("d")
        await t.until(lambda: "12 entries" in t.title())
    assert sum(1 for _ in store.list()) == 12

    # Nobody listens there.
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    async with Looking(project, f"{s3_url}/jobtui") as t:
        await t.until(lambda: len(t.cache.entries.listed) == 12)
        await t.press("tab", "down")
        assert t.cache.entries.cursor == 1
        await t.until(lambda: t.cache.failure is not None)
        assert len(t.cache.entries.listed) == 12
        assert "not checked" in t.title()


async def test_password_in_a_url_is_refused_and_not_shown(project: Path) -> None:
    async with Looking(project, "s3://ann:hunter2@lab/results") as t:
        await t.until(lambda: t.cache.failure is not None)
        await t.press("v", "enter")
        screen = t.app.export_screenshot() + t.cache.preview.text + t.cache.entries.placeholder
        assert "hunter2" not in screen
        assert "s3://…" in t.title()
