"""Driving the app as a person would, and reading what is on its screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from textual.pilot import Pilot

from jobtui.app import CacheApp, JobtuiApp
from jobtui.screens.cache import CacheScreen
from jobtui.screens.home import HomeScreen
from jobtui.screens.runs import RunsScreen
from tests.app.fakes import NOW, FakeService, FakeWatcher


class RecordingApp(JobtuiApp):
    """The app, noting commands, sentences and what was copied."""

    def __init__(self, *args: Any, suspends: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.commands: list[str] = []
        self.said: list[str] = []
        self.copied: list[str] = []
        self._suspends = suspends

    def ran(self, command: str) -> None:
        self.commands.append(command)

    def notify(self, message: str, **options: Any) -> None:
        self.said.append(message)
        super().notify(message, **options)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    @property
    def can_suspend(self) -> bool:
        return self._suspends


class RecordingCacheApp(RecordingApp):
    """The same, beginning with the Cache."""

    DEFAULT_MODE = CacheApp.DEFAULT_MODE


class RecordingRunsApp(RecordingApp):
    """The same, beginning with Runs."""

    DEFAULT_MODE = "runs"


class AppTest:
    """An app under test: ``async with app_test() as t``."""

    def __init__(
        self, service: FakeService, watcher: FakeWatcher, width: int, height: int, **options: Any
    ) -> None:
        options.setdefault("clock", lambda: NOW)
        self.service = service
        self.watcher = watcher
        kind = RecordingCacheApp if "browse" in options else RecordingApp
        if options.pop("mode", "") == "runs":
            kind = RecordingRunsApp
        self.app = kind(service, watcher, **options)
        self._context = self.app.run_test(size=(width, height))
        self.pilot: Pilot[Any]

    async def __aenter__(self) -> Self:
        self.pilot = await self._context.__aenter__()
        await self.settle()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for gate in self._gates():
            gate.set()
        await self._context.__aexit__(kind, error, trace)

    @property
    def home(self) -> HomeScreen:
        return self.app.home

    @property
    def cache(self) -> CacheScreen:
        screen = self.app.place
        assert isinstance(screen, CacheScreen)
        return screen

    @property
    def runs(self) -> RunsScreen:
        screen = self.app.place
        assert isinstance(screen, RunsScreen)
        return screen

    def _gates(self) -> list[asyncio.Event]:
        service = self.service
        others = (*service.stores.all_gates(), *service.history.gates.values())
        return [*service.gates.values(), *others]

    async def settle(self) -> None:
        """Wait until every answer that can come has come and is on the screen."""
        for _round in range(3):
            await self.pilot.pause()
            while not getattr(self.app.place, "selection_rests", True):
                await self.pilot.pause(0.01)
            waiting = [gate for gate in self._gates() if not gate.is_set()]
            if not waiting:
                await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that needs a timer; the test's own time-out is the deadline."""
        while not condition():
            await self.pilot.pause(0.01)

    def screen(self) -> list[str]:
        """Give the lines on the screen, as they would be drawn."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        assert len(lines) == height
        return ["".join(segment.text for segment in line)[:width] for line in lines]

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen())

    def line_with(self, text: str) -> str:
        found = [line for line in self.screen() if text in line]
        assert found, f"{text!r} is not on the screen:\n{self.text()}"
        return found[0]

    async def select(self, name: str) -> None:
        """Put the cursor on a step, as the arrow keys would."""
        steps = self.home.steps
        await self.press("home")
        for _row in range(len(steps.shown)):
            if steps.step is not None and steps.step.name == name:
                await self.settle()
                return
            await self.pilot.press("down")
        raise AssertionError(f"there is no step {name}")
