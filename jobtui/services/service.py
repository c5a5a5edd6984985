"""What the screens ask of a project, and in which words they are answered.

The screens know this protocol and nothing behind it, so a test hands them a scripted one.  Every
question is a coroutine: whoever answers sees to it that the event loop never waits for a disk.
Whoever asks cancels the question when the answer is no longer wanted; an answer to a cancelled
question reaches nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from jobtui_core.records import (
    Acceptance,
    AcceptOffer,
    Held,
    Plan,
    Preview,
    ProjectStatus,
    RunInfo,
    RunRequest,
    StepStatus,
)

if TYPE_CHECKING:
    from jobtui.services.runs import RunService
    from jobtui.services.stores import StoreService
    from jobtui_core.checks import CheckReport
    from jobtui_core.labbook import LogLine

__all__ = ["Explained", "LogText", "News", "ProjectService"]


class Explained(NamedTuple):
    """All there is to say about one step's verdict."""

    step: StepStatus
    run: RunInfo | None = None
    """The newest run that called it."""
    traceback: str = ""
    """Of its newest call, where that failed."""
    packages: tuple[str, ...] = ()
    """Packages that are not installed in the version that its results were computed with."""


class LogText(NamedTuple):
    """A piece of what a run printed."""

    text: str
    start: int
    """Byte offset of its beginning in the run's output."""
    end: int
    """Byte offset of its end; the place to read on from."""
    more: bool
    """Whether there is more already."""
    held: Held | None = None
    """What became of the run's plan, where the run is over and this is the end of its output."""
    replayed: Sequence[LogLine] = ()
    """What the step printed when it was computed, where it printed nothing as it was a hit."""


class News(NamedTuple):
    """What happened to the runs of the project since the last time somebody asked."""

    changed: bool
    """Whether anything did."""
    active: tuple[RunInfo, ...] = ()
    """Runs that may still produce something, the oldest first."""
    ended: tuple[RunInfo, ...] = ()
    """Runs that began and are over since then, in the order in which they began."""


class ProjectService(Protocol):
    """One project, as the screens see it."""

    @property
    def root(self) -> Path:
        """Absolute path of the project's folder."""

    @property
    def store(self) -> str:
        """Where results are kept, as the settings say it."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Tables of the project's settings that belong to the app, such as ``keys``."""

    @property
    def stores(self) -> StoreService:
        """The stores that can be looked through."""

    @property
    def history(self) -> RunService:
        """The runs of the project."""

    async def remembered(self) -> ProjectStatus | None:
        """Give the state that was shown last, without checking any of it."""

    async def status(self) -> ProjectStatus:
        """Find out what is fresh, stale and running now."""

    def look_again(self) -> None:
        """Have the next status ask stores on other machines, however lately they were asked."""

    @property
    def is_shared(self) -> bool:
        """Whether others may add to the stores that the last status rested on."""

    async def watched(self, status: ProjectStatus) -> tuple[Path, ...]:
        """Give the files whose change may change a verdict."""

    async def explain(self, step: StepStatus) -> Explained:
        """Say all there is to say about one step's verdict."""

    async def result(self, step: StepStatus) -> tuple[Preview, ...]:
        """Give pictures of a step's newest results; nothing is unpickled for it."""

    async def plan(self, request: RunRequest | None) -> Plan:
        """Say what a request would run; ``None`` stands for everything that is not fresh."""

    async def check(
        self,
        step: StepStatus,
        *,
        told: Callable[[CheckReport], None],
        stopped: Callable[[], bool],
    ) -> CheckReport:
        """Compute a step again, aside, and compare; ``told`` is called in another thread."""

    async def accept_offer(self, step: StepStatus) -> AcceptOffer:
        """Say what accepting the edit of a step would mean; writes nothing."""

    async def accept(self, offer: AcceptOffer) -> tuple[Acceptance, ...]:
        """Declare that an edit does not matter, as it was shown."""

    async def unaccept(self, step: StepStatus) -> tuple[Acceptance, ...]:
        """Take back the last acceptance of a step."""

    async def start(self, request: RunRequest) -> tuple[str, ...]:
        """Start what is asked for and give the ids of the runs."""

    async def cancel(self, runs: Sequence[str]) -> None:
        """End runs."""

    async def news(self) -> News:
        """Say what happened to the runs since the last call."""

    async def newest_run(self, script: str) -> RunInfo | None:
        """Give the newest run of a script."""

    async def read_log(
        self, run: str, *, step: str | None = None, start: int = 0, limit: int = 65_536
    ) -> LogText:
        """Read what a run, or one step in it, printed, from a byte offset on."""

    async def close(self) -> None:
        """Let go of everything; runs go on."""
