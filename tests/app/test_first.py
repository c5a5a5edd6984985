"""A folder without steps says what was found and offers ways on; nothing is written unasked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jobtui.screens.first import DEMO_FOLDER, FirstScreen, found
from jobtui_core.project.catalogue.known import KnownStore
from jobtui_core.records import ProjectStatus
from tests.app.fake_stores import FakeStore
from tests.app.fakes import FakeService, FakeWatcher, usual_status
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


@pytest.fixture
def empty(service: FakeService, tmp_path: Path) -> Path:
    service.root = tmp_path
    service.state = ProjectStatus(root=str(tmp_path))
    return tmp_path


def contents(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_what_lies_in_the_folder_is_said(tmp_path: Path) -> None:
    assert found(tmp_path) == "The folder is empty."
    (tmp_path / "notes.txt").touch()
    assert found(tmp_path) == "There is no Python script in the folder."
    (tmp_path / "a.py").touch()
    assert found(tmp_path) == "There is 1 script, but no step in it yet: a.py"
    for name in "bcd":
        (tmp_path / f"{name}.py").touch()
    assert found(tmp_path) == "There are 4 scripts, but no step in them yet: a.py, b.py, c.py …"
    assert "cannot be read" in found(tmp_path / "gone")


async def test_empty_folder_shows_the_first_screen_and_writes_nothing(
    app_test: Open, empty: Path
) -> None:
    async with app_test(100, 32) as t:
        assert isinstance(t.app.screen, FirstScreen)
        assert "The folder is empty." in t.text()
        await t.press("s")
        assert "from jobtui_core import make" in t.text()
        assert contents(empty) == []


async def test_first_screen_fits_the_smallest_terminal(app_test: Open, empty: Path) -> None:
    async with app_test(60, 15) as t:
        text = t.text()
        for way in ("show how", "make the demo", "quit"):
            assert way in text


async def test_demo_is_made_when_asked_for_and_opened(app_test: Open, empty: Path) -> None:
    async with app_test(100, 32) as t:
        await t.pilot.press("d")
        await t.until(lambda: not t.app.is_running)
    assert (empty / DEMO_FOLDER / "co2.py").is_file()
    assert t.app.return_value == empty / DEMO_FOLDER


async def test_demo_that_cannot_be_made_says_why(app_test: Open, empty: Path) -> None:
    (empty / DEMO_FOLDER).write_text("a file")
    async with app_test(100, 32) as t:
        await t.press("d")
        assert any("The demo was not made" in text for text in t.app.said)
        assert isinstance(t.app.screen, FirstScreen)


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_first_screen_quits(app_test: Open, empty: Path, key: str) -> None:
    async with app_test(100, 32) as t:
        await t.pilot.press(key)
        await t.until(lambda: not t.app.is_running)


async def test_script_that_appears_opens_the_home_screen(
    app_test: Open, empty: Path, service: FakeService, watcher: FakeWatcher
) -> None:
    async with app_test(100, 32) as t:
        service.state = replace(usual_status(), root=str(empty))
        watcher.change("files")
        await t.settle()
        assert t.app.screen is t.home
        assert "~ stale" in t.line_with(" trend ")


async def test_joblib_s_cache_that_lies_here_is_named_and_opened(
    app_test: Open, empty: Path, service: FakeService
) -> None:
    place = str(empty / "cache")
    service.stores.offered = (KnownStore(place=place, kind="joblib", why="folder"),)
    service.stores.stores[place, ""] = FakeStore(place, kind="joblib")
    async with app_test(100, 32) as t:
        assert t.line_with("A cache of joblib's lies in cache.")
        await t.press("c")
        assert t.line_with("all functions")
        assert f"jobtui browse {place}" in t.screen()[0]
        await t.press("1")
        assert isinstance(t.app.screen, FirstScreen)


async def test_script_that_appears_while_one_looks_at_the_cache_is_there_on_return(
    app_test: Open, empty: Path, service: FakeService, watcher: FakeWatcher
) -> None:
    async with app_test(100, 32) as t:
        await t.press("c")
        service.state = replace(usual_status(), root=str(empty))
        watcher.change("files")
        await t.settle()
        assert t.app.screen is t.cache
        await t.press("1")
        assert t.app.screen is t.home
        service.state = ProjectStatus(root=str(empty))
        await t.press("2")
        watcher.change("files")
        await t.settle()
        await t.press("1")
        assert isinstance(t.app.screen, FirstScreen)
