"""What changes in a project's runs, for whoever looks on: the app, ``jobtui run``, a script."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from jobtui_core.project.folder import Project
from jobtui_core.project.running.history import read_info, read_infos, run_ids, with_notes
from jobtui_core.project.running.queues import Queue
from jobtui_core.records import CallInfo, RunInfo
from jobtui_core.tracing.read import CallRecord, RunReader, RunTrace
from jobtui_core.tracing.runnotes import NotedRuns

__all__ = ["Change", "Follower", "follow_queue"]

_SETTLED = 2.0
"""Seconds after which an unchanged modification time means an unchanged folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that is different since the last look."""

    kind: Literal["run", "call", "removed"]
    """A run that is new or changed, a call that is new or changed, a run whose folder is gone."""
    run: RunInfo
    call: CallInfo | None = None


class Follower:
    """Sees what is new in the run history, at a cost that does not grow with the history.

    Parameters
    ----------
    project : Project
    only : sequence of str, optional
        Ids of the runs to look at; all of the project's, those to come included, if left out.

    Notes
    -----
    Runs that had ended before the first ``update`` are told of once, and without their calls
    unless they are among ``only``.  Not for use by several threads at once.
    """

    def __init__(self, project: Project, only: tuple[str, ...] | None = None) -> None:
        self.project = project
        self._only = None if only is None else frozenset(only)
        self._infos: dict[str, RunInfo] = {}
        self._readers: dict[str, RunReader] = {}
        self._traces: dict[str, RunTrace] = {}
        self._calls: dict[str, dict[tuple[str, str], CallRecord]] = {}
        self._listed: int | None = None
        self._noted = NotedRuns(project.runs_folder)
        self._first = True

    @property
    def runs(self) -> tuple[RunInfo, ...]:
        """Runs as of the last ``update``, newest first."""
        return tuple(sorted(self._infos.values(), key=lambda run: run.order, reverse=True))

    @property
    def active(self) -> tuple[RunInfo, ...]:
        """Those of them that may still produce something."""
        return tuple(run for run in self.runs if run.state.active)

    def update(self) -> tuple[Change, ...]:
        """Give what is new since the last time, calls behind the run that they belong to.

        Costs two stats when nothing is active.
        """
        noted = self._noted.changed()
        changes = self._look_for_runs()
        changes += self._look_at_notes(self._infos if noted is None else noted)
        for run in sorted(self._readers):
            changes.extend(self._look_at(run))
        return tuple(changes)

    def _look_for_runs(self) -> list[Change]:
        ids = self._list()
        if ids is None:
            return []
        for run in self._readers.keys() - ids - self._infos.keys():
            del self._readers[run]
        changes = [
            Change(kind="removed", run=self._forget(run)) for run in self._infos.keys() - ids
        ]
        new = ids - self._infos.keys() - self._readers.keys()
        if self._first and self._only is None:
            # The whole history at once, most of it from the index.
            for info in read_infos(self.project, sorted(new)):
                if not info.state.active:
                    self._infos[info.id] = info
                    changes.append(Change(kind="run", run=info))
                    new.discard(info.id)
        self._first = False
        for run in sorted(new):
            self._readers[run] = RunReader(self.project.runs_folder / run)
        return changes

    def _list(self) -> set[str] | None:
        """Give the ids of the runs that there are, or nothing if that cannot have changed."""
        try:
            changed = self.project.runs_folder.stat().st_mtime_ns
        except OSError:
            changed = -1
        if changed == self._listed:
            return None
        # Clocks of file systems tick slowly: what was just changed may change again unseen.
        settled = changed < 0 or time.time() - changed / 1e9 > _SETTLED
        self._listed = changed if settled else None
        found = set(run_ids(self.project))
        return found if self._only is None else found & self._only

    def _forget(self, run: str) -> RunInfo:
        for kept in (self._readers, self._traces, self._calls):
            kept.pop(run, None)
        return self._infos.pop(run)

    def _look_at_notes(self, noted: Iterable[str]) -> list[Change]:
        changes = []
        for run in noted:
            before = self._infos.get(run)
            if before is not None:
                info = with_notes(before, self.project.runs_folder / run)
                if info is not before:
                    self._infos[run] = info
                    changes.append(Change(kind="run", run=info))
        return changes

    def _look_at(self, run: str) -> list[Change]:
        reader = self._readers[run]
        info = read_info(self.project, reader)
        if not info.script:
            # Made a moment ago by somebody who has not written anything yet.
            return []
        changes: list[Change] = []
        if info != self._infos.get(run):
            self._infos[run] = info
            changes.append(Change(kind="run", run=info))
        trace = reader.trace
        if trace is not self._traces.get(run):
            # The reader makes a new trace for every change, and a new record for a changed call.
            self._traces[run] = trace
            known = self._calls.setdefault(run, {})
            for record in trace.calls:
                address = (record.process, record.id)
                if known.get(address) is not record:
                    known[address] = record
                    changes.append(Change(kind="call", run=info, call=record.info))
        if not info.state.active:
            # Ended for good: its end is the last thing written.
            for kept in (self._readers, self._traces, self._calls):
                kept.pop(run, None)
        return changes


def follow_queue(
    project: Project, queue: Queue, *, interval: float = 0.1
) -> Iterator[tuple[Change, ...]]:
    """Look on until every run of a queue has ended.

    Parameters
    ----------
    project : Project
    queue : Queue
        As ``start`` gave it.
    interval : float
        Seconds between two looks.

    Yields
    ------
    tuple of Change
        What is new; often nothing, so that the caller can draw a clock.

    Notes
    -----
    Stopping to look on does not stop the runs.  A caller that wants Ctrl+C to do so calls
    ``cancel(project, queue=queue.id)`` and goes on following to see the end.
    """
    follower = Follower(project, only=queue.runs)
    going = set(queue.runs)
    while True:
        changes = follower.update()
        for change in changes:
            if change.kind == "removed" or not change.run.state.active:
                going.discard(change.run.id)
        yield changes
        if not going:
            return
        time.sleep(interval)
