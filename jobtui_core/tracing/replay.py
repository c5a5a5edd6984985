"""What a run's events come to, one after the other.

The fields of an event are whatever its file says: each is checked for its type here, and taken
for absent where it has another, so that nobody behind has to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeGuard

from jobtui_core.entry.describe import clean
from jobtui_core.entry.figures import figure_from
from jobtui_core.labbook import FigureInfo, ScriptRun
from jobtui_core.records import (
    CallState,
    PlanAction,
    PlanRow,
    Progress,
    RunInfo,
    RunState,
    StepKind,
)
from jobtui_core.tracing.calls import AcceptedCode
from jobtui_core.tracing.traces import (
    AnalysisUse,
    CallError,
    CallRecord,
    CountedCalls,
    FileDigest,
    FileUse,
    ParameterUse,
    RunTrace,
)

__all__ = ["Replay"]

Event = dict[str, Any]

_MOST_SCRIPTS = 10_000
"""Inner scripts of one run that are told of."""

_MOST_FIGURES = 10_000
"""Figures of one run that are told of."""

_LARGEST = 1 << 62
"""Beyond whole numbers that are taken for what they say."""

MAIN = "events"
"""The main process's event file, without its suffix."""


@dataclass(slots=True)
class Replay:
    """Takes events in, and gives the trace that they tell.

    Parameters
    ----------
    run : str
        The run's id.
    """

    run: str
    queued: Event = field(default_factory=dict)
    spawned: Event = field(default_factory=dict)
    start: Event = field(default_factory=dict)
    end: Event | None = None
    last_heard: float | None = None
    skipped: int = 0
    """Lines that could not be read."""
    _calls: dict[tuple[str, str], CallRecord] = field(default_factory=dict)
    _order: dict[tuple[str, str], float] = field(default_factory=dict)
    """When a call started, never before the call that its process made before."""
    _newest: dict[str, float] = field(default_factory=dict)
    _counted: dict[tuple[object, ...], CountedCalls] = field(default_factory=dict)
    _analyses: list[AnalysisUse] = field(default_factory=list)
    _read: list[FileUse] = field(default_factory=list)
    _written: list[FileUse] = field(default_factory=list)
    _parameters: dict[str, ParameterUse] = field(default_factory=dict)
    _scripts: list[ScriptRun] = field(default_factory=list)
    _warnings: list[str] = field(default_factory=list)
    _figures: list[FigureInfo] = field(default_factory=list)
    _stored: set[tuple[str | None, str]] = field(default_factory=set)
    """Store and key of entries that have arrived."""
    _only_stop: tuple[str, int] | None = None
    _error: CallError | None = None
    _progress: Progress | None = None
    """Of the script itself."""
    _plan: tuple[PlanRow, ...] | None = None

    def take(self, process: str, event: Event) -> None:
        """Take one event.

        Parameters
        ----------
        process : str
            The event file's name, without its suffix.
        event : dict
            With a text as ``event``; names that are not known are left for later versions.
        """
        moment = _number(event.get("time"))
        if moment is not None and moment > (self.last_heard or 0.0):
            self.last_heard = moment
        method = self._TAKERS.get(event["event"])
        if method is not None:
            method(self, process, event)

    # The run ------------------------------------------------------------------------------------

    @property
    def processes(self) -> list[Event]:
        """Processes whose life is the run's: the script's, and the one that was spawned for it."""
        return [record for record in (self.spawned, self.start) if record]

    @property
    def supervised(self) -> bool:
        """Whether somebody else writes how it ended."""
        return bool(self.queued or self.spawned) or self.start.get("started_by") == "jobtui"

    def _take_queued(self, process: str, event: Event) -> None:
        self.queued = event

    def _take_plan(self, process: str, event: Event) -> None:
        if process == MAIN and self._plan is None:
            rows = [
                _plan_row(row, _text(self.queued.get("script"))) for row in _list(event.get("rows"))
            ]
            self._plan = tuple(row for row in rows if row is not None)

    def _take_spawned(self, process: str, event: Event) -> None:
        self.spawned = event

    def _take_start(self, process: str, event: Event) -> None:
        self.start = self.start or event

    def _take_end(self, process: str, event: Event) -> None:
        if process == MAIN:
            self.end = event

    def _take_error(self, process: str, event: Event) -> None:
        if process == MAIN:
            self._error = _error(event)

    def _take_parameter(self, process: str, event: Event) -> None:
        name = _text(event.get("name"))
        if name and process == MAIN:
            self._parameters[name] = ParameterUse(
                name=name, value=event.get("value"), default=event.get("default")
            )

    def _take_script_run(self, process: str, event: Event) -> None:
        number, script = _optional_whole(event.get("id")), _text(event.get("script"))
        if number is not None and script and process == MAIN and len(self._scripts) < _MOST_SCRIPTS:
            self._scripts.append(
                ScriptRun(
                    id=number,
                    script=script,
                    within=_optional_whole(event.get("within")),
                    call=_text(event.get("call")) or None,
                    parameters=_named(event.get("parameters")),
                    values=_named(event.get("values")),
                    started=_number(event.get("started")),
                    duration=_number(event.get("duration")),
                    error=clean(_text(event.get("error"))),
                )
            )

    def _take_sites(self, process: str, event: Event) -> None:
        use = AnalysisUse(script=_text(event.get("script")), digest=_text(event.get("analysis")))
        if use.digest and use not in self._analyses:
            self._analyses.append(use)

    def _take_warning(self, process: str, event: Event) -> None:
        self._warnings.append(_text(event.get("text")))

    def _take_only_stop(self, process: str, event: Event) -> None:
        self._only_stop = (_text(event.get("file")), _whole(event.get("line")))

    def _take_file(self, process: str, event: Event) -> None:
        path = _text(event.get("path"))
        if not path:
            self.skipped += 1
            return
        use = FileUse(
            path=path,
            digest=_optional(event.get("digest")),
            file=_text(event.get("file")),
            line=_whole(event.get("line")),
            time=_number(event.get("time")) or 0.0,
        )
        (self._read if event["event"] == "file_read" else self._written).append(use)

    # Calls --------------------------------------------------------------------------------------

    def _take_call_start(self, process: str, event: Event) -> None:
        self._begin(process, event)

    def _begin(self, process: str, event: Event) -> CallRecord | None:
        identifier, function = _text(event.get("call")), _text(event.get("function"))
        if not identifier or not function:
            self.skipped += 1
            return None
        started = _number(event.get("started"))
        if started is None:
            started = _number(event.get("time")) or 0.0
        kind: StepKind = "memoized" if event.get("kind") == "memoized" else "step"
        log = _whole(event.get("log"))
        record = CallRecord(
            id=identifier,
            run=self.run,
            function=function,
            name=_text(event.get("name")) or function.rpartition(":")[2],
            kind=kind,
            state=CallState.RUNNING,
            key=_optional(event.get("key")),
            site=_optional_whole(event.get("site")),
            analysis=_optional(event.get("analysis")),
            parent=_optional(event.get("parent")),
            started=started,
            log=(log, None),
            order=len(self._calls),
            process=process,
        )
        address = (process, identifier)
        # By the clock among processes, by the file within one: a clock may be set back.
        self._newest[process] = max(self._newest.get(process, 0.0), started)
        self._order[address] = self._newest[process]
        self._calls[address] = record
        return record

    def _take_call_end(self, process: str, event: Event) -> None:
        record = self._calls.get((process, _text(event.get("call"))))
        if record is None:
            if process != MAIN and "function" not in event:
                # A forked child came to the end of a call that its parent began, and will end.
                return
            record = self._begin(process, event)
        if record is None:
            return
        self._calls[process, record.id] = replace(
            record,
            state=_call_state(event.get("state")),
            key=_optional(event.get("key")) or record.key,
            result=_optional(event.get("result")),
            code=_optional(event.get("code")),
            ended=_number(event.get("time")),
            duration=_seconds(event.get("duration")),
            saved=_seconds(event.get("saved")) or 0.0,
            store=_optional(event.get("store")),
            inputs=_files(event.get("inputs")),
            met=_files(event.get("met")),
            outputs=_files(event.get("outputs")),
            inner=_inner(event.get("inner")),
            entry=_optional(event.get("entry")),
            accepted=_accepted(event.get("accepted")),
            error=_error(event.get("error"), event.get("arguments")),
            notes=tuple(_text(note) for note in _list(event.get("notes"))),
            on_old=_texts(event.get("on_old")),
            pending=event.get("pending") is True,
            log=_span(event.get("log"), record.log[0]),
        )

    def _take_progress(self, process: str, event: Event) -> None:
        progress = _progress(event)
        if progress is None:
            return
        identifier = _text(event.get("call"))
        # A forked worker tells of the call of its parent that it was started in.
        for address in ((process, identifier), (MAIN, identifier)):
            if (record := self._calls.get(address)) is not None:
                self._calls[address] = replace(record, progress=progress)
                return
        if process == MAIN and not identifier:
            self._progress = progress

    def _take_stored(self, process: str, event: Event) -> None:
        store = _optional(event.get("store"))
        self._stored.update((store, key) for key in _texts(event.get("keys")))

    def _take_figure(self, process: str, event: Event) -> None:
        facts = figure_from(event)
        if facts is None or len(self._figures) >= _MOST_FIGURES:
            self.skipped += 1
            return
        call = self._calls.get((process, _text(event.get("call"))))
        self._figures.append(
            FigureInfo(
                run=self.run,
                call=None if call is None else call.id,
                step="" if call is None else call.name,
                **facts._asdict(),
            )
        )

    def _take_counted(self, process: str, event: Event) -> None:
        function = _text(event.get("function"))
        analysis = _optional(event.get("analysis"))
        # Each event tells the sum so far of one place in one process.
        self._counted[process, _whole(event.get("place")), function, analysis] = CountedCalls(
            function=function,
            site=_optional_whole(event.get("site")),
            analysis=analysis,
            hits=_whole(event.get("hits")),
            computed=_whole(event.get("computed")),
            saved=_seconds(event.get("saved")) or 0.0,
            inner=event.get("inner") is True,
        )

    _TAKERS: ClassVar[dict[str, Callable[[Replay, str, Event], None]]] = {
        "run_queued": _take_queued,
        "plan": _take_plan,
        "run_spawned": _take_spawned,
        "run_start": _take_start,
        "run_end": _take_end,
        "error": _take_error,
        "parameter": _take_parameter,
        "script_run": _take_script_run,
        "sites": _take_sites,
        "warning": _take_warning,
        "only_stop": _take_only_stop,
        "file_read": _take_file,
        "file_write": _take_file,
        "call_start": _take_call_start,
        "call_end": _take_call_end,
        "calls_counted": _take_counted,
        "figure": _take_figure,
        "stored": _take_stored,
        "progress": _take_progress,
    }

    # The answer ---------------------------------------------------------------------------------

    def trace(self, state: RunState) -> RunTrace:
        """Give what is known, in a state that the events alone do not tell."""
        calls = sorted(self._calls.values(), key=lambda call: self._order[call.process, call.id])
        if self._stored:
            calls = [self._arrived(call) for call in calls]
        counted = tuple(self._counted.values())
        # An exit code that nobody could tell (None) belongs to an exit on the script's own wish.
        ended_well = state is RunState.DONE and self.end is not None
        return RunTrace(
            info=self._info(state, calls, counted),
            calls=calls,
            counted=counted,
            analyses=tuple(self._analyses),
            files_read=tuple(self._read),
            files_written=tuple(self._written),
            parameters=dict(self._parameters),
            scripts=tuple(sorted(self._scripts, key=lambda one: (one.started or 0.0, one.id))),
            warnings=tuple(self._warnings),
            figures=tuple(self._figures),
            only_stop=self._only_stop,
            finished=ended_well and self._only_stop is None,
            start=dict(self.start),
            dropped=_texts(self.queued.get("dropped")),
            plan=self._plan,
            error=self._error,
            skipped=self.skipped,
        )

    def _arrived(self, call: CallRecord) -> CallRecord:
        there = call.pending and call.key is not None and (call.store, call.key) in self._stored
        return replace(call, pending=False) if there else call

    def _times(self, state: RunState) -> tuple[float | None, float | None]:
        """Give when the run began and when it ended, as far as that is known."""
        ended = _number((self.end or {}).get("time"))
        if state is RunState.DIED and self.last_heard:
            ended = self.last_heard
        started = _number((self.spawned or self.start).get("time"))
        if ended is not None and started is not None:
            # The clock may have been put back meanwhile.
            ended = max(ended, started)
        return started, ended

    def _info(
        self, state: RunState, calls: list[CallRecord], counted: tuple[CountedCalls, ...]
    ) -> RunInfo:
        end = self.end or {}
        about = self.start or self.queued
        process = self.start or self.spawned
        started, ended = self._times(state)
        error = _text(end.get("error"))
        if state is RunState.FAILED and self._error:
            error = self._error.line
        hits = [call for call in calls if call.state is CallState.HIT]
        ran = (CallState.COMPUTED, CallState.UNCACHED)
        given = about.get("parameters")
        parameters = given if isinstance(given, dict) else {}
        asked = self._parameters
        values = {**parameters, **{name: use.value for name, use in asked.items()}}
        git = self.start.get("git")
        git = git if isinstance(git, dict) else {}
        return RunInfo(
            id=self.run,
            script=_text(about.get("script")),
            state=state,
            argv=tuple(_text(word) for word in _list(about.get("argv"))),
            sweep=_text(self.queued.get("sweep") or self.start.get("sweep")),
            parameters=parameters,
            values=values,
            differing={
                name: value
                for name, value in values.items()
                if name not in asked or value != asked[name].default
            },
            steps=tuple(dict.fromkeys(_names(calls, counted))),
            started=started,
            ended=ended,
            code=_optional_whole(end.get("code")),
            signal=_optional_whole(end.get("signal")),
            host=_text(process.get("host")),
            pid=_optional_whole(process.get("pid")),
            started_by="jobtui" if self.supervised else "hand",
            queue=_optional(self.queued.get("queue")),
            last_heard=self.last_heard,
            error=error,
            hits=len(hits) + sum(one.hits for one in counted),
            computed=sum(call.state in ran for call in calls)
            + sum(one.computed for one in counted),
            failed=sum(call.state is CallState.FAILED for call in calls),
            old=sum(call.state is CallState.OLD for call in calls),
            time_saved=sum(call.saved for call in hits) + sum(one.saved for one in counted),
            user=_text(about.get("user")),
            python=_text(about.get("python")),
            job=_text(about.get("job")),
            commit=_text(git.get("commit")),
            dirty=git["dirty"] if isinstance(git.get("dirty"), bool) else None,
            parent=_text(about.get("parent")),
            progress=self._progress if state is RunState.RUNNING else None,
        )


def _names(calls: list[CallRecord], counted: tuple[CountedCalls, ...]) -> Iterable[str]:
    yield from (call.name for call in calls)
    yield from (one.function.rpartition(":")[2] for one in counted)


# Fields of untrusted events ---------------------------------------------------------------------


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _optional(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # JSON as Python reads it may hold NaN and numbers beyond all measure.
    return float(value) if abs(value) < 1e15 else None


def _progress(event: Event) -> Progress | None:
    done, total = _seconds(event.get("done")), _seconds(event.get("total"))
    if done is None:
        return None
    return Progress(
        done=done,
        total=total or None,
        label=_text(event.get("label"))[:200],
        unit=_text(event.get("unit"))[:50],
        time=_number(event.get("time")),
    )


def _seconds(value: object) -> float | None:
    """Give how long something took: never less than no time."""
    number = _number(value)
    return None if number is None else max(number, 0.0)


def _whole(value: object) -> int:
    return max(_optional_whole(value) or 0, 0)


def _optional_whole(value: object) -> int | None:
    # A larger one is nobody's: neither a process nor a place in a file can have it.
    return value if type(value) is int and -_LARGEST <= value < _LARGEST else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in _list(value) if isinstance(item, str))


def _named(value: object) -> tuple[tuple[str, Any], ...]:
    return tuple((clean(name, 200), one) for name, one in value.items()) if _is_table(value) else ()


def _is_table(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _plan_row(value: object, script: str) -> PlanRow | None:
    row = value if isinstance(value, dict) else {}
    try:
        action = PlanAction(_text(row.get("action")))
    except ValueError:
        return None
    return PlanRow(
        script=script,
        step=_text(row.get("step")),
        function=_text(row.get("function")),
        action=action,
        duration=_seconds(row.get("duration")),
        on_old=_texts(row.get("on_old")),
    )


def _files(value: object) -> tuple[FileDigest, ...]:
    return tuple(
        (item[0], item[1])
        for item in _list(value)
        if isinstance(item, list) and len(item) >= 2 and all(isinstance(x, str) for x in item[:2])
    )


def _inner(value: object) -> tuple[tuple[str, str | None, str | None], ...]:
    return tuple(
        (_text(item[0]), _optional(item[1]), _optional(item[2]))
        for item in _list(value)
        if isinstance(item, list) and len(item) >= 3
    )


def _accepted(value: object) -> tuple[AcceptedCode, ...]:
    return tuple(
        (item[0], item[1], item[2], item[3])
        for item in _list(value)
        if isinstance(item, list) and len(item) == 4 and all(isinstance(x, str) for x in item)
    )


def _call_state(value: object) -> CallState:
    try:
        return CallState(_text(value))
    except ValueError:
        return CallState.UNCACHED


def _error(value: object, arguments: object = None) -> CallError | None:
    if not isinstance(value, dict):
        return None
    return CallError(
        type=_text(value.get("type")) or "Exception",
        message=_text(value.get("message")),
        traceback=_text(value.get("traceback")),
        frames=value.get("frames"),
        arguments=arguments,
    )


def _span(value: object, start: int) -> tuple[int, int | None]:
    if isinstance(value, list) and len(value) == 2:
        return (_whole(value[0]), _whole(value[1]))
    return (start, _optional_whole(value))
