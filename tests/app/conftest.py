"""Fixtures of the app's tests: a scripted project, and pictures of the screen."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobtui.app import Browse, JobtuiApp
from tests.app.fake_stores import FakeStore
from tests.app.fakes import FakeService, FakeWatcher
from tests.app.pilots import AppTest

PICTURES = Path(__file__).parent.parent / "snapshots" / "app"
UPDATE = "JOBTUI_UPDATE_SNAPSHOTS"
"""Set to 1, this environment variable takes today's pictures as the right ones."""


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither the machine's time zone nor its terminal shows on the screen."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def service() -> FakeService:
    """Give a project with a step in every state."""
    return FakeService()


@pytest.fixture
def watcher() -> FakeWatcher:
    """Give a watcher that sees what the test tells it."""
    return FakeWatcher()


@pytest.fixture
def app_test(service: FakeService, watcher: FakeWatcher) -> Callable[..., AppTest]:
    """Give a function that opens the app on the scripted project."""

    def open_app(width: int = 130, height: int = 36, **options: object) -> AppTest:
        return AppTest(service, watcher, width, height, **options)

    return open_app


@pytest.fixture
def store(service: FakeService) -> FakeStore:
    """Give the store that the Cache opens by itself."""
    return service.stores.stores[None, ""]


@pytest.fixture
def cache_test(app_test: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Give a function that opens the app on its Cache."""

    def open_app(width: int = 130, height: int = 36, **options: object) -> AppTest:
        return app_test(width, height, **{"browse": Browse(), **options})

    return open_app


@pytest.fixture
def runs_test(app_test: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Give a function that opens the app on its Runs."""

    def open_app(width: int = 130, height: int = 36, **options: object) -> AppTest:
        return app_test(width, height, **{"mode": "runs", **options})

    return open_app


@pytest.fixture
def app_snapshot(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[JobtuiApp, str], None]:
    """Give a function that compares the screen with a picture taken before.

    It may be called at several moments of one test, each with its own name.
    """

    def compare(app: JobtuiApp, name: str) -> None:
        # The ids in the picture are made from its content; the same ones everywhere keep the
        # difference between two pictures small.
        svg = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="jobtui"))
        svg = "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
        path = PICTURES / f"{request.node.name.removeprefix('test_')}-{name}.svg"
        if os.environ.get(UPDATE) == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(svg, encoding="utf-8")
            return
        assert path.is_file(), f"no picture yet: run again with {UPDATE}=1 and look at {path}"
        expected = path.read_text(encoding="utf-8")
        if svg != expected:
            actual = tmp_path / path.name
            actual.write_text(svg, encoding="utf-8")
            pytest.fail(f"{path.name} is different now; it is\n{actual}\nand was\n{path}")

    return compare
