"""Asks the service and posts the answers, so that no screen ever waits.

Every kind of question is a group of workers: a new question of a kind takes the place of the one
before, whose answer then reaches nobody.  Each answer says what was asked, so that a handler can
also drop one that was overtaken on its way through the queue of messages.

The messages are imported with the first question, behind the first paint.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, Protocol

from textual.message import Message
from textual.worker import Worker

if TYPE_CHECKING:
    from jobtui.messages import Question
    from jobtui.services.service import ProjectService
    from jobtui.widgets.log import LogTarget
    from jobtui_core.records import AcceptOffer, RunInfo, RunRequest, StepStatus

__all__ = ["Questions"]

_REST = 2.0
"""While runs go on, this many times as long as the last check took passes before the next."""


class _Asker(Protocol):
    """The part of a screen that is needed here."""

    def run_worker(
        self,
        work: Callable[[], Coroutine[Any, Any, None]],
        name: str | None = "",
        group: str = "default",
        description: str = "",
        exit_on_error: bool = True,
        start: bool = True,
        exclusive: bool = False,
        thread: bool = False,
    ) -> Worker[None]: ...

    def post_message(self, message: Message) -> bool: ...


class Questions:
    """The questions of one screen.

    Parameters
    ----------
    asker : Screen
        Gets the answers as messages.
    service : ProjectService
    """

    def __init__(self, asker: _Asker, service: ProjectService) -> None:
        self._asker = asker
        self._service = service
        self._checking = False
        self._again = False
        self._took = 0.0
        self._ended = 0.0
        self._asking_news = False

    def _ask(
        self,
        question: Question,
        ask: Callable[[], Awaitable[Message | None]],
        *,
        step: StepStatus | None = None,
        target: LogTarget | None = None,
        exclusive: bool = True,
    ) -> None:
        async def work() -> None:
            from jobtui.messages import QuestionFailed
            from jobtui.views.failure import failure_of

            try:
                answer = await ask()
            except Exception as error:  # noqa: BLE001  # shown in the pane that asked
                answer = QuestionFailed(question, failure_of(error), step, target)
            if answer is not None:
                self._asker.post_message(answer)

        # The function, not its coroutine: one that is replaced before its turn never begins.
        self._asker.run_worker(
            work,
            group=question,
            description=question,
            exit_on_error=False,
            exclusive=exclusive,
        )

    # --- the state of the project ---------------------------------------------------------

    def remembered(self) -> None:
        """Ask what was shown last."""

        async def ask() -> Message:
            from jobtui.messages import Remembered

            try:
                return Remembered(await self._service.remembered())
            except Exception:  # noqa: BLE001  # a derived file; without it there is nothing to show
                return Remembered(None)

        self._ask("status", ask, exclusive=False)

    def status(self, *, patient: bool = False) -> None:
        """Ask what is fresh, stale and running.

        Parameters
        ----------
        patient : bool
            Ask only if the last check is some time ago; for changes that come in floods.
        """
        if self._checking:
            # One check at a time; what changes in its course is seen by the next.
            self._again = True
            return
        if patient and monotonic() - self._ended < _REST * self._took:
            self._again = True
            return
        self._checking = True
        self._again = False
        self._ask("status", self._check, exclusive=False)

    async def _check(self) -> Message:
        from jobtui.messages import StatusKnown

        began = monotonic()
        try:
            return StatusKnown(await self._service.status())
        finally:
            self._checking = False
            self._ended = monotonic()
            self._took = self._ended - began

    def status_if_due(self, *, patient: bool) -> None:
        """Ask again if something changed since the last check began.

        With ``patient`` it may take several calls until it does.
        """
        if self._again:
            self.status(patient=patient)

    # --- a step ---------------------------------------------------------------------------

    def explain(self, step: StepStatus) -> None:
        """Ask for all about a step's verdict."""

        async def ask() -> Message:
            from jobtui.messages import StepExplained

            return StepExplained(step, await self._service.explain(step))

        self._ask("why", ask, step=step)

    def result(self, step: StepStatus) -> None:
        """Ask for pictures of a step's results."""

        async def ask() -> Message:
            from jobtui.messages import ResultKnown

            return ResultKnown(step, await self._service.result(step))

        self._ask("result", ask, step=step)

    # --- running --------------------------------------------------------------------------

    def plan(
        self,
        request: RunRequest | None,
        how: Literal["show", "if_needed", "run_if_simple", "again"],
    ) -> None:
        """Ask what a request would run."""

        async def ask() -> Message:
            from jobtui.messages import PlanKnown

            return PlanKnown(request, await self._service.plan(request), how)

        self._ask("plan", ask)

    def start(self, request: RunRequest) -> None:
        """Start what is asked for."""

        async def ask() -> Message:
            from jobtui.messages import Started

            return Started(await self._service.start(request))

        # Never taken back: a second key press must not hide what the first one started.
        self._ask("start", ask, exclusive=False)

    def cancel(self, runs: tuple[RunInfo, ...]) -> None:
        """End runs."""

        async def ask() -> Message:
            from jobtui.messages import NewsKnown

            await self._service.cancel([run.id for run in runs])
            return NewsKnown(await self._service.news())

        self._ask("cancel", ask, exclusive=False)

    # --- accepting ------------------------------------------------------------------------

    def accept_offer(self, step: StepStatus) -> None:
        """Ask for the edit of a step."""

        async def ask() -> Message:
            from jobtui.messages import OfferKnown

            return OfferKnown(await self._service.accept_offer(step))

        self._ask("accept", ask)

    def accept(self, offer: AcceptOffer) -> None:
        """Accept an edit that was shown."""

        async def ask() -> Message:
            from jobtui.messages import AcceptanceTold

            return AcceptanceTold(offer.step, await self._service.accept(offer))

        self._ask("accept", ask, exclusive=False)

    def unaccept(self, step: StepStatus) -> None:
        """Take back the last acceptance of a step."""

        async def ask() -> Message:
            from jobtui.messages import AcceptanceTold

            return AcceptanceTold(step, await self._service.unaccept(step), taken_back=True)

        self._ask("accept", ask, exclusive=False)

    def news(self) -> None:
        """Ask what happened to the runs, unless that is being asked already."""
        if self._asking_news:
            return
        self._asking_news = True

        async def ask() -> Message:
            from jobtui.messages import NewsKnown

            try:
                return NewsKnown(await self._service.news())
            finally:
                self._asking_news = False

        self._ask("news", ask, exclusive=False)

    # --- output ---------------------------------------------------------------------------

    def newest_run(self, script: str) -> None:
        """Ask for the newest run of a script."""

        async def ask() -> Message:
            from jobtui.messages import NewestRun

            return NewestRun(script, await self._service.newest_run(script))

        self._ask("log", ask)

    def log(self, target: LogTarget, start: int, limit: int) -> None:
        """Read a piece of output."""

        async def ask() -> Message:
            from jobtui.messages import LogRead

            part = await self._service.read_log(
                target.run, step=target.step, start=start, limit=limit
            )
            return LogRead(target, part)

        self._ask("log", ask, target=target)
