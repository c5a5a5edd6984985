"""Answers and events that reach the home screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.message import Message

from jobtui.services.service import Explained, LogText, News
from jobtui.services.watching import Changed
from jobtui.views.failure import Failure
from jobtui.widgets.log import LogTarget
from jobtui_core.records import (
    Acceptance,
    AcceptOffer,
    Plan,
    Preview,
    ProjectStatus,
    RunInfo,
    RunRequest,
    StepStatus,
)

__all__ = [
    "AcceptanceTold",
    "Changes",
    "LogRead",
    "NewestRun",
    "NewsKnown",
    "OfferKnown",
    "PlanKnown",
    "Question",
    "QuestionFailed",
    "Remembered",
    "ResultKnown",
    "Started",
    "StatusKnown",
    "StepExplained",
]

Question = Literal["status", "why", "result", "plan", "start", "cancel", "news", "log", "accept"]
"""What can be asked, for saying which of it failed."""


@dataclass
class Changes(Message):
    """Files or runs changed; a later one takes in an earlier one that is still waiting."""

    kinds: frozenset[Changed]

    def can_replace(self, message: Message) -> bool:
        """Tell whether a waiting message says no more than this one."""
        return isinstance(message, Changes) and message.kinds <= self.kinds


@dataclass
class Remembered(Message):
    """The state that was shown last is known, or that there is none."""

    status: ProjectStatus | None


@dataclass
class StatusKnown(Message):
    """Today's state is known."""

    status: ProjectStatus


@dataclass
class StepExplained(Message):
    """All about a step's verdict is known."""

    asked: StepStatus
    explained: Explained


@dataclass
class ResultKnown(Message):
    """The pictures of a step's results are known."""

    asked: StepStatus
    previews: tuple[Preview, ...]


@dataclass
class PlanKnown(Message):
    """What a request would run is known."""

    request: RunRequest | None
    plan: Plan
    how: Literal["show", "if_needed", "run_if_simple", "again"]


@dataclass
class Started(Message):
    """Runs were started."""

    runs: tuple[str, ...]


@dataclass
class NewsKnown(Message):
    """What happened to the runs is known."""

    news: News


@dataclass
class NewestRun(Message):
    """The newest run of a script is known."""

    script: str
    run: RunInfo | None


@dataclass
class LogRead(Message):
    """A piece of output was read."""

    target: LogTarget
    part: LogText


@dataclass
class OfferKnown(Message):
    """An edit that may be accepted is known."""

    offer: AcceptOffer


@dataclass
class AcceptanceTold(Message):
    """Edits of a step were accepted, or that was taken back."""

    step: StepStatus
    acceptances: tuple[Acceptance, ...]
    taken_back: bool = False


@dataclass
class QuestionFailed(Message):
    """A question could not be answered."""

    question: Question
    failure: Failure
    step: StepStatus | None = None
    target: LogTarget | None = None
