"""The terminal application: it only puts the parts together."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.app import App
from textual.binding import Binding, BindingType

from jobtui.commands.keymap import read_keymap
from jobtui.glyphs import AsciiFilter, needs_ascii
from jobtui.plain import plain
from jobtui.screens.home import HomeScreen
from jobtui.services.service import ProjectService
from jobtui.services.watching import Watcher
from jobtui.themes import DEFAULT_THEME, THEMES
from jobtui_core.records import RunRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.filter import LineFilter

    from jobtui.commands.context import Mode
    from jobtui.screens.cache import CacheScreen
    from jobtui.screens.place import Place
    from jobtui.screens.runs import RunsScreen
    from jobtui.services.overriding import Typed
    from jobtui_core.records import ScriptStatus

__all__ = ["Browse", "CacheApp", "JobtuiApp", "RunsApp", "run_app"]


_COLLECTED = (20_000, 5, 1_000)
"""How often garbage is looked for among the youngest objects, younger ones, and all."""


class Browse(NamedTuple):
    """What the Cache begins with."""

    place: str | None = None
    """A store, by its folder or URL; the project's by default."""
    filter: str = ""
    """Only entries that fit."""


class JobtuiApp(App[Path | None], inherit_bindings=False):
    """The app on one project; gives the path of another one if that is to be opened next.

    Parameters
    ----------
    service : ProjectService
    watcher : Watcher
    clock : callable
        Gives the time, in seconds since the epoch.
    tip : str, optional
        One line that says what to try.
    start : RunRequest, optional
        What to run at once.
    browse : Browse, optional
        What the Cache begins with.
    runs : str
        The filter that Runs begins with.
    ascii : bool
        Draw nothing but ASCII.
    """

    TITLE = "jobtui"
    DEFAULT_MODE: ClassVar[str] = "steps"
    # That of the screen which is always there: read together with all else, not after it.
    CSS_PATH = Path(__file__).parent / "screens" / "home.tcss"
    ENABLE_COMMAND_PALETTE = False  # Our own command opens it, with our own commands in it.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit_asking", "Quit", show=False, priority=True),
    ]

    def __init__(
        self,
        service: ProjectService,
        watcher: Watcher,
        *,
        clock: Callable[[], float] = time.time,
        tip: str | None = None,
        start: RunRequest | None = None,
        browse: Browse | None = None,
        runs: str = "",
        ascii: bool = False,  # noqa: A002  # the word that callers know
    ) -> None:
        super().__init__()
        self.service = service
        self.watcher = watcher
        self.keymap = read_keymap(service.settings.get("keys"))
        self._ascii = AsciiFilter() if ascii else None
        self.only_ascii = ascii
        self._home = HomeScreen(service, watcher, clock, tip=tip, start=start)
        self._clock = clock
        self._browse = browse or Browse()
        self._cache: CacheScreen | None = None
        self.add_mode("steps", lambda: self._home)
        self._runs: RunsScreen | None = None
        self._runs_filter = runs
        self._typed: dict[str, Typed] = {}
        self.add_mode("cache", self._open_cache)
        self.add_mode("runs", self._open_runs)
        for theme in THEMES:
            self.register_theme(theme)

    def _open_cache(self) -> CacheScreen:
        # Whoever never looks there waits for none of it.
        from jobtui.screens.cache import CacheScreen

        self._cache = CacheScreen(
            self.service.stores,
            self.service.root,
            self._clock,
            place=self._browse.place,
            filter=self._browse.filter,
        )
        return self._cache

    def _open_runs(self) -> RunsScreen:
        from jobtui.screens.runs import RunsScreen

        self._runs = RunsScreen(self.service, self._clock, filter=self._runs_filter)
        return self._runs

    def show_mode(self, mode: Mode) -> None:
        """Go to another place of the app."""
        self.switch_mode(mode)
        if mode == "steps":
            self._home.shown_again()

    def browse(self, place: str | None) -> None:
        """Go to the Cache, on a store; on the one that it shows if none is named."""
        if place is not None:
            self._browse = Browse(place)
            if self._cache is not None:
                self._cache.open_place(place)
        self.show_mode("cache")

    def ask_overrides(
        self,
        script: ScriptStatus,
        argv: Sequence[str],
        run: Callable[[RunRequest], None],
        *,
        repeats: Sequence[str] | None,
    ) -> None:
        """Ask for other values of a script's parameters.

        Parameters
        ----------
        script : ScriptStatus
            Its parameters have the values to begin with.
        argv : sequence of str
            The words to begin with.
        run : callable
            Gets the request.
        repeats : sequence of str, or None
            The words that it gets if none are asked for.  Without them what is begun with is
            that of a certain run, and what was typed before is not what is meant.
        """
        from jobtui.screens.override import OverrideScreen

        def answered(answer: tuple[RunRequest, Typed] | None) -> None:
            if answer is not None:
                request, self._typed[script.path] = answer
                run(request)

        before = None if repeats is None else self._typed.get(script.path)
        form = OverrideScreen(self.service, script.path, script.parameters, argv, before, repeats)
        self.push_screen(form, answered)

    @property
    def home(self) -> HomeScreen:
        """The home screen."""
        return self._home

    @property
    def place(self) -> Place:
        """The screen of the mode that one is in, whatever lies above it."""
        return cast("Place", self.screen_stack[0])

    def on_mount(self) -> None:
        """Apply the settings."""
        problems = [*self.keymap.problems, *self._apply_theme()]
        self.set_keymap(self.keymap.changed)
        for problem in problems:
            self.notify(plain(problem), severity="warning", markup=False)

    def _apply_theme(self) -> Sequence[str]:
        table = self.service.settings.get("app")
        wanted = table.get("theme", DEFAULT_THEME) if isinstance(table, Mapping) else DEFAULT_THEME
        known = wanted in self.available_themes
        self.theme = wanted if known else DEFAULT_THEME
        return () if known else (f"app: there is no theme {wanted!r}",)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Put the translation to ASCII behind all other filters."""
        filters = super().get_line_filters()
        return [*filters, self._ascii] if self._ascii is not None else filters

    @property
    def can_suspend(self) -> bool:
        """Whether another program may take over the terminal for a while."""
        # There is no public way to ask without suspending.
        return self._driver is not None and self._driver.can_suspend

    def ran(self, command: str) -> None:
        """Take note of a command that is about to run; for tests and whoever looks on."""

    def reopen(self, root: Path) -> None:
        """Close, and have another project opened instead."""
        self.exit(root)

    def action_quit_asking(self) -> None:
        """Leave from wherever one is, after the same questions as from the home screen."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.leave()

    def leave(self, *, interrupted: bool = False) -> None:
        """Leave; ask before if runs are active, or if it was an interrupt that may mean them.

        Parameters
        ----------
        interrupted : bool
            Whether to ask in any case.
        """
        if self._home.is_mounted or self._home.active:
            self._home.leave(interrupted=interrupted)
        else:
            # Steps was never looked at, and nobody knows of runs yet.
            work = self._leave_knowing(interrupted)
            self.run_worker(work, group="leave", exclusive=True, exit_on_error=False)

    async def _leave_knowing(self, interrupted: bool) -> None:
        # A project that cannot tell of its runs holds nobody back.
        with contextlib.suppress(Exception):
            self._home.active = (await self.service.news()).active
        self._home.leave(interrupted=interrupted)

    async def on_unmount(self) -> None:
        """Let go of files and threads; runs go on."""
        self.watcher.stop()
        await self.service.close()


class CacheApp(JobtuiApp):
    """The same, beginning with the Cache: the steps are not looked at before they are shown."""

    DEFAULT_MODE: ClassVar[str] = "cache"


class RunsApp(JobtuiApp):
    """The same, beginning with Runs."""

    DEFAULT_MODE: ClassVar[str] = "runs"


def run_app(
    path: Path | str = ".",
    *,
    service: ProjectService | None = None,
    tip: str | None = None,
    start: RunRequest | None = None,
    browse: Browse | None = None,
    runs: str | None = None,
    ascii: bool | None = None,  # noqa: A002  # the word that callers know
) -> None:
    """Show a project until the app is left.

    Parameters
    ----------
    path : path
        The project, or a folder in it.
    service : ProjectService, optional
        Answers the app's questions in place of the project itself.
    tip : str, optional
        One line that says what to try.
    start : RunRequest, optional
        What to run at once.
    browse : Browse, optional
        Begin with the Cache, and with this in it.
    runs : str, optional
        Begin with Runs, and with this filter.
    ascii : bool, optional
        Draw nothing but ASCII; found out from the terminal unless given.
    """
    from jobtui.services.core import open_service
    from jobtui.services.watch import FileWatcher

    next_path: Path | None = Path(path)
    while next_path is not None:
        used = service if service is not None else open_service(next_path)
        # What was imported stays for good.  Without this the collector goes through all of it
        # while the first screen is drawn, which takes as long as drawing it.
        gc.freeze()
        # And a pass over all that a large store's entries are takes half a second, in which
        # nothing answers; what is in cycles is young when it dies.
        gc.set_threshold(*_COLLECTED)
        gc.enable()
        kind = JobtuiApp if browse is None else CacheApp
        kind = kind if runs is None else RunsApp
        app = kind(
            used,
            FileWatcher(used.root),
            tip=tip,
            start=start,
            browse=browse,
            runs=runs or "",
            ascii=needs_ascii(sys.__stdout__) if ascii is None else ascii,
        )
        next_path = app.run()
        tip = start = service = browse = runs = None
