"""A run that is written down."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal

from jobtui_core.root import relative_name
from jobtui_core.tracing import protocol
from jobtui_core.tracing.calls import AcceptedCode, CallEndState, CallHandle
from jobtui_core.tracing.contents import Contents
from jobtui_core.tracing.documents import documents_of
from jobtui_core.tracing.ending import describe
from jobtui_core.tracing.files import Opened, digest_of, quiet, state_of
from jobtui_core.tracing.hits import hit_line, rest_of_hit
from jobtui_core.tracing.journal import Journal, bounded
from jobtui_core.tracing.observers import Observer
from jobtui_core.tracing.only import OnlyStop
from jobtui_core.tracing.redacted import redacted_value
from jobtui_core.tracing.run import Files, Inner, NullRun, calling, innermost, scope
from jobtui_core.tracing.sites import Place, ScriptSites
from jobtui_core.tracing.trouble import complain

if TYPE_CHECKING:
    from jobtui_core.fingerprint import Fingerprint
    from jobtui_core.records import StepKind
    from jobtui_core.tracing.capture import Capture
    from jobtui_core.tracing.dropped import OldTrend
    from jobtui_core.tracing.meters import Meters

__all__ = ["LOG_NAME", "Run"]

LOG_NAME = "output.log"

LARGEST_READ = 1 << 30
"""Bytes up to which a file that the script itself opened is digested."""

MOST_OPENED = 10_000
"""Openings outside of steps that are remembered of a run; a loop over files may make more."""


class Run(NullRun):
    """A run that is written to ``.jobtui/runs/<id>``.

    Parameters
    ----------
    root : Path
        The project root.
    folder : Path
        The run's; its name is the run's id.
    journal : Journal
        This process's event file.
    sites : ScriptSites
        Those of the main script.
    only : sequence of str
        Steps after which the script ends.
    old : OldTrend, optional
        Keeps account of old results, where steps were dropped from the run's plan.
    output : Capture, optional
        Notes what is printed.
    """

    def __init__(
        self,
        root: Path,
        folder: Path,
        journal: Journal,
        sites: ScriptSites,
        *,
        only: Sequence[str] = (),
        old: OldTrend | None = None,
        output: Capture | None = None,
    ) -> None:
        super().__init__(root)
        self.id = folder.name
        self.folder: Path = folder
        self.journal = journal
        self.sites = sites
        self.output = output
        self.flush = output.flush if output is not None else _flush_streams
        self.pulse: Callable[[], None] = _nothing
        """Makes sure that the heart beats: every fork stops it."""
        self.observers: list[Observer] = []
        self.meters: Meters | None = None
        self._only_names = tuple(only)
        self._only: OnlyStop | None = None
        self._old = old
        self._log = str(folder / LOG_NAME)
        self._last_log = 0
        self._kept: set[str] = set()
        self._contents = Contents(root)
        self._opened: deque[Opened] = deque()
        self._seen: set[tuple[object, ...]] = set()
        self._scopes: list[ScriptSites] = []
        self._complained = False

    # Calls --------------------------------------------------------------------------------------

    def call_start(
        self,
        function: str,
        name: str,
        kind: StepKind,
        *,
        key: str | None = None,
        declared: Iterable[str] = (),
        files: Literal["met", "declared"] = "met",
    ) -> CallHandle:
        """See `NullRun.call_start`."""
        place = self._place(sys._getframe(1), function)
        handle = super().call_start(function, name, kind, key=key, declared=declared, files=files)
        handle.place = place
        if self._old is not None:
            self._old.begin(id(handle))
        try:
            self.write_files()
            self.pulse()
            handle.counted = kind == "memoized" and not place.admits(key)
            if not handle.counted:
                self.flush()
                handle.log = self._log_size()
                self.journal.write("call_start", **self._facts(handle), log=handle.log)
        except Exception as error:  # noqa: BLE001  # nothing in here may reach the script
            self.failed(error)
        if self.observers and not handle.counted:
            self._observe(lambda one: one.began(handle))
        handle.started, handle.clock = time.time(), time.perf_counter()
        return handle

    def returned(self, handle: CallHandle, error: BaseException | None = None) -> None:
        """See `NullRun.returned`."""
        if self.observers and not handle.counted:
            self._observe(lambda one: one.returned(handle, error))

    def close_observers(self) -> None:
        """Let the observers write what they hold back; the process is about to end."""
        self._observe(lambda one: one.close())

    def _observe(self, tell: Callable[[Observer], None]) -> None:
        for one in self.observers:
            try:
                tell(one)
            except Exception as problem:  # noqa: BLE001  # nothing in here may reach the script
                self.failed(problem)

    def call_end(
        self,
        handle: CallHandle,
        state: CallEndState,
        *,
        key: str | None = None,
        result: str | None = None,
        code: Fingerprint | str | None = None,
        inputs: Files = (),
        met: Files | None = None,
        outputs: Files = (),
        took: float | None = None,
        saved: float = 0.0,
        store: str | None = None,
        error: BaseException | None = None,
        notes: Sequence[str] = (),
        pending: bool = False,
    ) -> None:
        """See `NullRun.call_end`."""
        duration = time.perf_counter() - handle.clock if took is None else took
        if self.observers and (not handle.counted or error is not None):
            self._observe(lambda one: one.ended(handle, error))
        try:
            inputs = tuple(inputs)
            met = handle.met() if met is None else tuple(met)
            if state != "hit":
                self._note((*inputs, *met))
            super().call_end(handle, state, key=key, result=result, inputs=inputs, met=met)
            facts: dict[str, Any] = {
                "state": state,
                "key": handle.key,
                "result": result,
                "code": self._keep_code(code),
                "duration": round(duration, 6),
                "saved": saved,
                "store": store,
                "inputs": inputs,
                "met": met,
                "outputs": tuple(outputs),
                "error": None if error is None else describe(error, self.root),
                "notes": [bounded(note, 2000) for note in (*notes, *_own_notes(handle))],
            }
            if pending:
                facts["pending"] = True
            facts |= handle.told
            if state == "computed":
                documents_of(self.root).computed(facts["code"])
            if handle.accepted:
                facts["accepted"] = tuple(dict.fromkeys(handle.accepted))
            if on_old := self._rests_on(handle.function, handle):
                facts["on_old"] = on_old
                facts["notes"].append(_on_old(on_old))
            self._write_end(handle, facts, failed=error is not None)
            self.write_arrivals()
        except Exception as problem:  # noqa: BLE001  # as above
            self._leave(handle)
            self.failed(problem)
        if self._only is not None and handle.parent is None:
            self._only.after_call(sys._getframe(1))

    def _write_end(self, handle: CallHandle, facts: dict[str, Any], *, failed: bool) -> None:
        if handle.counted and not failed:
            assert handle.place is not None
            if handle.place.count(hit=facts["state"] == "hit", saved=facts["saved"]):
                self._write_count(handle.place)
            return
        if handle.counted:
            # A failure is told in full, although its start was not.
            facts = {**self._facts(handle), "started": round(handle.started, 6), **facts}
        self.flush()
        end = self._log_size()
        log = [handle.log if not handle.counted else end, end]
        self.journal.write("call_end", **{"call": handle.id, **facts, "log": log})

    def hit(
        self,
        function: str,
        name: str,
        kind: StepKind,
        *,
        key: str,
        result: str | None = None,
        code: Fingerprint | str | None = None,
        inputs: Files = (),
        met: Files = (),
        outputs: Files = (),
        inner: Inner = (),
        saved: float = 0.0,
        store: str | None = None,
        notes: Sequence[str] = (),
        entry: str | None = None,
        accepted: Sequence[AcceptedCode] = (),
    ) -> None:
        """See `NullRun.hit`."""
        frame = sys._getframe(1)
        place = self._place(frame, function)
        parent = calling.get()
        try:
            if parent is not None:
                inputs, met = tuple(inputs), tuple(met)
                self._pass_on(parent, function, key, result, inputs, met, None)
                parent.accepted.extend(accepted)
            if kind == "memoized" and not place.admits(key):
                if place.count(hit=True, saved=saved):
                    self._write_count(place)
            else:
                if self._opened:
                    self.write_files()
                moment = round(time.time(), 6)
                number = f"{self._pid}-{next(self._numbers)}"
                digest = self._keep_code(code)
                on_old = self._rests_on(function) if self._old is not None else ()
                notes = (*notes, _on_old(on_old)) if on_old else notes
                self.journal.write_text(
                    hit_line(number, place, name, kind, key, result, digest, parent, moment)
                    + rest_of_hit(
                        saved,
                        inputs,
                        met,
                        outputs,
                        inner,
                        store,
                        notes,
                        on_old,
                        self._last_log,
                        entry,
                        accepted,
                    )
                )
        except Exception as error:  # noqa: BLE001  # as above
            self.failed(error)
        if self._only is not None and parent is None:
            self._only.after_call(frame)

    def old(
        self,
        function: str,
        name: str,
        kind: StepKind,
        *,
        entry: str,
        result: str | None = None,
        store: str | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        """See `NullRun.old`."""
        frame = sys._getframe(1)
        place = self._place(frame, function)
        super().old(function, name, kind, entry=entry)
        handle = CallHandle(f"{self._pid}-{next(self._numbers)}", function, name, kind, innermost())
        handle.place = place
        try:
            if self._old is not None:
                self._old.gave(name)
            if kind == "step" or place.admits(entry):
                self.write_files()
                log = self._log_size()
                facts = {
                    "started": round(handle.started, 6),
                    "state": "old",
                    "result": result,
                    "entry": entry,
                    "store": store,
                    "duration": 0.0,
                    "notes": [bounded(note, 2000) for note in notes],
                    "log": [log, log],
                }
                self.journal.write("call_end", **self._facts(handle), **facts)
        except Exception as error:  # noqa: BLE001  # as above
            self.failed(error)
        if self._only is not None and handle.parent is None:
            self._only.after_call(frame)

    def old_within(self, handle: CallHandle) -> tuple[str, ...]:
        """See `NullRun.old_within`."""
        if self._old is not None:
            handle.old |= self._old.end(id(handle))
        return tuple(sorted(handle.old))

    def _rests_on(self, function: str, handle: CallHandle | None = None) -> tuple[str, ...]:
        """Give the dropped steps whose old results went into a call."""
        below = self._old.below(function) if self._old is not None else ()
        within = self.old_within(handle) if handle is not None else ()
        return tuple(sorted({*below, *within}))

    def site_of(self, function: str) -> tuple[str, int] | None:
        """See `NullRun.site_of`."""
        inner = calling.get() is not None
        try:
            place = (scope.get() or self.sites).place(sys._getframe(1), function, inner=inner)
        except Exception as error:  # noqa: BLE001  # as above
            self.failed(error)
            return None
        known = place.site is not None and place.analysis is not None
        return (str(place.analysis), int(place.site or 0)) if known else None

    def latest(self, function: str, site: tuple[str, int] | None, turn: int) -> str | None:
        """See `NullRun.latest`."""
        return self._old.latest(function, site, turn) if self._old is not None else None

    def _place(self, frame: FrameType, function: str) -> Place:
        inner = calling.get() is not None
        try:
            sites = scope.get() or self.sites
            place = sites.place(frame, function, inner=inner)
            if self._only_names and self._only is None and self.sites.analysis is not None:
                root = str(self.root)
                self._only = OnlyStop(
                    self.sites.analysis, self._only_names, root, self.sites.source, self._stopped
                )
        except Exception as error:  # noqa: BLE001  # as above
            self.failed(error)
            place = Place(function, None, None)
        if self._only is not None and not inner:
            self._only.before_call(frame)
        return place

    @staticmethod
    def _facts(handle: CallHandle) -> dict[str, Any]:
        place = handle.place
        return {
            "call": handle.id,
            "function": handle.function,
            "name": handle.name,
            "kind": handle.kind,
            "site": place.site if place is not None else None,
            "analysis": place.analysis if place is not None else None,
            "key": handle.key,
            "parent": handle.parent.id if handle.parent is not None else None,
        }

    def _log_size(self) -> int:
        try:
            self._last_log = os.stat(self._log).st_size  # noqa: PTH116  # at every call
            return self._last_log
        except OSError:
            return 0

    # Other events -------------------------------------------------------------------------------

    def write_arrivals(self) -> None:
        """Write which entries have arrived in stores far away since the last time."""
        if "jobtui_core.stores.spool.store" not in sys.modules:
            return
        from jobtui_core.tracing.arrivals import arrived

        for store, keys in arrived():
            self.journal.write("stored", store=store, keys=keys)

    def parameter(self, name: str, value: object, default: object) -> None:
        """See `NullRun.parameter`."""
        self._guarded(
            lambda: self.journal.write(
                "parameter",
                name=name,
                value=redacted_value(name, _plain(value)),
                default=redacted_value(name, _plain(default)),
            )
        )

    def warn(self, text: str) -> None:
        """See `NullRun.warn`."""
        self._guarded(lambda: self.journal.write("warning", text=bounded(text)))

    def opened(self, opened: Opened) -> None:
        """Take note of a file that the script opened outside of steps."""
        if len(self._seen) + len(self._opened) < MOST_OPENED:
            self._opened.append(opened)

    def write_files(self) -> None:
        """Write what the script opened since the last time; contents are digested now."""
        while self._opened:
            try:
                one = self._opened.popleft()
            except IndexError:
                # Another thread took the last one.
                return
            address = (one.path, one.writing, one.file, one.line, one.state)
            if address in self._seen:
                continue
            self._seen.add(address)
            digest = None
            if not one.writing:
                digest = digest_of(one.path, LARGEST_READ)
                if state_of(one.path) != one.state:
                    # What was read is gone; what lies there now is something else.
                    digest = None
            name = relative_name(Path(one.path), self.root)
            if digest is not None:
                self._note([(name, digest)])
            self.journal.write(
                "file_write" if one.writing else "file_read",
                path=name,
                digest=digest,
                file=relative_name(Path(one.file), self.root),
                line=one.line,
            )

    def write_counts(self) -> None:
        """Write what was counted since it was last told."""
        for sites in (self.sites, *self._scopes):
            for place in sites.places():
                if place.hits + place.computed > place.told:
                    self._write_count(place)

    def _write_count(self, place: Place) -> None:
        place.told = place.hits + place.computed
        self.journal.write(
            "calls_counted",
            place=place.identifier,
            function=place.function,
            site=place.site,
            analysis=place.analysis,
            hits=place.hits,
            computed=place.computed,
            saved=round(place.saved, 6),
            inner=place.inner,
        )

    def add_scope(self, sites: ScriptSites) -> None:
        """Remember the sites of an inner script, for what is counted there."""
        self._scopes.append(sites)

    def after_fork(self, path: Path) -> None:
        """Go on in a forked child as a worker of the run, with events of its own."""
        self._pid = os.getpid()
        self._numbers = type(self._numbers)(1)
        self._only_names, self._only = (), None
        self.pulse = _nothing
        self._opened.clear()
        self.journal.move(path)
        self._observe(lambda one: one.after_fork())
        if self._old is not None:
            self._old.own = path
        for sites in (self.sites, *self._scopes):
            sites.after_fork()

    def _stopped(self, event: str, *, file: str, line: int) -> None:
        self._guarded(lambda: self.journal.write(event, file=file, line=line))

    def _keep_code(self, code: Fingerprint | str | None) -> str | None:
        """Give a fingerprint's digest, its sources kept for those who want to see a diff."""
        if code is None or isinstance(code, str):
            return code
        if code.digest not in self._kept:
            self._kept.add(code.digest)
            try:
                from dataclasses import asdict

                symbols = [asdict(symbol) for symbol in code.symbols]
                data = {"symbols": symbols, "steps": list(code.steps)}
                text = json.dumps(data, separators=(",", ":"))
                with quiet():
                    documents_of(self.root).keep(code.digest, text.encode())
            except Exception as error:  # noqa: BLE001  # the diff is lost, the call is not
                self.warn(f"sources of {code.digest} could not be kept: {error}")
        return code.digest

    def _note(self, files: Files) -> None:
        """Note what files hold; that there is no note of one is no gap in the record."""
        if protocol.RUNS in os.environ:
            # A check is no run that anything is compared with.
            return
        with contextlib.suppress(OSError):
            self._contents.note(files)

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001  # nothing in here may reach the script
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        """Say once that the trace has gaps."""
        if not self._complained:
            self._complained = True
            complain(f"The record of this run has gaps: {type(error).__name__}: {error}")


def _nothing() -> None:
    """Do nothing."""


def _on_old(names: Sequence[str]) -> str:
    return f"on old {', '.join(names)}"


def _own_notes(handle: CallHandle) -> tuple[str, ...]:
    if handle.files is None or not handle.files.started_process:
        return ()
    return (f"{handle.name} started other processes; files that they read are not seen",)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return bounded(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple) and len(value) <= 1000:
        return [_plain(item) for item in value]
    try:
        return bounded(repr(value), 2000)
    except Exception:  # noqa: BLE001  # somebody's __repr__
        return f"<{type(value).__name__}>"


def _flush_streams() -> None:
    """Bring output to the log before its size is taken."""
    for stream in (sys.stdout, sys.stderr):
        # Closed, replaced or broken ones are the script's business.
        with contextlib.suppress(Exception):
            stream.flush()
