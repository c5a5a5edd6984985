"""Turning one run's trace into records of its call sites."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.hashing import combine
from jobtui_core.project.evidence.facts import Call, FileDigests, Record, Sighting
from jobtui_core.records import CallState, RunInfo
from jobtui_core.tracing.notes import CHANGES
from jobtui_core.trees import Tree, is_tree

if TYPE_CHECKING:
    from jobtui_core.slices import Analysis, CallSite
    from jobtui_core.tracing.traces import CallRecord, RunTrace

__all__ = ["Harvest", "harvest"]

_ANY_ROOT = Path("/")
"""Stands for the root where names that are relative to it are compared with each other."""


@dataclass(slots=True)
class Harvest:
    """What one run has to say."""

    info: RunInfo
    started: float
    records: list[Record] = field(default_factory=list)
    sightings: dict[str, Sighting] = field(default_factory=dict)
    """By function."""
    open_calls: dict[str, float] = field(default_factory=dict)
    """Functions that are being called, with the time at which the oldest such call began."""
    progress: dict[str, float] = field(default_factory=dict)
    """How far such calls are, between 0 and 1, where they tell: the one that is least far."""
    codes: dict[str, set[str]] = field(default_factory=dict)
    """Static fingerprints seen, by function."""
    kept: dict[tuple[str | None, str], Call] = field(default_factory=dict)
    """The last call that left or found an entry, by store and key."""
    cautions: dict[str, str] = field(default_factory=dict)
    """Why a hit would not do all that the call did, by key."""
    user: str = ""
    host: str = ""
    foreign: bool = False
    """Whether it is a run of another machine or project, by a record in a shared store."""
    mine: bool = True
    """Whether it is one of this project's on this machine, by whichever record."""


def harvest(trace: RunTrace, analysis_of: Callable[[str], Analysis | None]) -> Harvest:
    """Read what a run shows.

    Parameters
    ----------
    trace : RunTrace
        As far as it goes.
    analysis_of : callable
        Gives the analysis with a digest, or ``None`` where it is lost.
    """
    info = trace.info
    found = Harvest(info, info.started or 0.0, host=info.host)
    user = trace.start.get("user")
    found.user = user if isinstance(user, str) else ""
    calls = [_call(call, info.id) for call in trace.calls]
    at_site: dict[tuple[str, int], list[Call]] = {}
    unplaced: set[str] = set()
    blind: set[str] = set()
    elsewhere: dict[str, list[Call]] = {}
    for raw, call in zip(trace.calls, calls, strict=True):
        if raw.analysis is not None and raw.site is not None:
            at_site.setdefault((raw.analysis, raw.site), []).append(call)
        elif raw.parent is None and raw.analysis is None:
            elsewhere.setdefault(call.function, []).append(call)
        elif raw.parent is None:
            unplaced.add(call.function)
        if not raw.is_evidence:
            blind.add(call.id)
            continue
        for note in call.notes:
            if call.key is not None and CHANGES in note:
                found.cautions[call.key] = note
        # An older entry that answered is still that of its own call.
        own = call.entry is None and call.state in (CallState.HIT, CallState.COMPUTED)
        if call.key is not None and own:
            found.kept[call.store, call.key] = call
        if call.code:
            found.codes.setdefault(call.function, set()).add(call.code)
        if call.state is CallState.RUNNING and info.state.active:
            since = found.open_calls.get(call.function, call.started or 0.0)
            found.open_calls[call.function] = min(since, call.started or 0.0)
            if raw.progress is not None and (part := raw.progress.fraction) is not None:
                found.progress[call.function] = min(part, found.progress.get(call.function, 1.0))
    _sight(found, trace, [call for call in calls if call.id not in blind])
    files = _Files(trace)
    digests = tuple(dict.fromkeys(use.digest for use in trace.analyses))
    known = {digest: analysis_of(digest) for digest in digests}
    _place_workers(at_site, elsewhere, known)
    # Any of the function's call sites may have made these: from a thread, an event loop …
    unplaced |= elsewhere.keys()
    unplaced |= {one.function for one in trace.counted if one.site is None and not one.inner}
    for digest, analysis in known.items():
        if analysis is not None:
            mine = {site: calls for (which, site), calls in at_site.items() if which == digest}
            counted: dict[int, int] = {}
            for one in trace.counted:
                if one.analysis == digest and one.site is not None:
                    number = counted.get(one.site, 0) + one.hits + one.computed
                    counted[one.site] = number
            _Sites(found, trace, analysis, mine, counted, files, unplaced, blind).collect()
    return found


def _place_workers(
    at_site: dict[tuple[str, int], list[Call]],
    elsewhere: dict[str, list[Call]],
    analyses: Mapping[str, Analysis | None],
) -> None:
    """Place the calls of workers where their function was handed over, if that is one place.

    They are in the order of their keys: that in which they happened is a matter of chance.
    """
    sites = [
        (digest, site)
        for digest, analysis in analyses.items()
        for site in (analysis.sites if analysis is not None else ())
        if site.handed
    ]
    doubtful = {
        one.identity
        for analysis in analyses.values()
        for one in (analysis.functions if analysis is not None else ())
        if one.unfollowed
    }
    for function in list(elsewhere):
        mine = [(digest, site.index) for digest, site in sites if site.function == function]
        if len(mine) == 1 and None not in analyses.values() and function not in doubtful:
            at_site.setdefault(mine[0], []).extend(elsewhere.pop(function))
    for digest, site in sites:
        calls = at_site.get((digest, site.index), [])
        calls.sort(key=lambda call: (call.key or "", call.started or 0.0))


def _call(raw: CallRecord, run: str) -> Call:
    seconds = None
    if raw.state is CallState.HIT:
        seconds = raw.saved
    elif raw.state in (CallState.COMPUTED, CallState.UNCACHED):
        seconds = raw.duration
    return Call(
        id=raw.id,
        run=run,
        function=raw.function,
        state=raw.state,
        parent=raw.parent,
        key=raw.key,
        result=raw.result,
        code=raw.code,
        store=raw.store,
        seconds=seconds,
        inputs=raw.inputs,
        met=raw.met,
        outputs=raw.outputs,
        error=raw.info.error,
        notes=raw.notes,
        started=raw.started,
        entry=raw.entry,
        accepted=raw.accepted,
    )


def _sight(found: Harvest, trace: RunTrace, calls: Sequence[Call]) -> None:
    counted: dict[str, int] = {}
    for one in trace.counted:
        counted[one.function] = counted.get(one.function, 0) + one.hits + one.computed
    by_function: dict[str, list[Call]] = {}
    for call in calls:
        by_function.setdefault(call.function, []).append(call)
    for function, mine in by_function.items():
        took = {call.key or call.id: call.seconds for call in mine if call.seconds is not None}
        last = mine[-1]
        found.sightings[function] = Sighting(
            run=found.info.id,
            started=found.started,
            calls=len(mine) + counted.get(function, 0),
            time=last.started,
            keys=tuple(call.entry_key for call in mine if call.entry_key and call.result),
            seconds=sum(took.values()) if took else None,
            failed=last if last.raised else None,
            code=last.code,
        )


class _Files:
    """Files that the script's own statements read and wrote, outside of steps."""

    def __init__(self, trace: RunTrace) -> None:
        self.reads: dict[str, list[tuple[int, str, str | None]]] = {}
        first_write: dict[str, float] = {}
        for use in trace.files_written:
            first_write.setdefault(use.path, use.time)
        self.written = first_write.keys()
        self.written_first: set[str] = set()
        for use in trace.files_read:
            if use.time >= first_write.get(use.path, math.inf):
                self.written_first.add(use.path)
            self.reads.setdefault(use.file, []).append((use.line, use.path, use.digest))

    def of(self, site: CallSite) -> FileDigests:
        """Files read by the statements that feed a site; the last look at each counts."""
        if not self.reads:
            return ()
        found: dict[str, str | None] = {}
        for file, first, last in site.lines:
            seen = self.reads.get(file, ())
            found.update((path, digest) for line, path, digest in seen if first <= line <= last)
        return tuple(found.items())


class _Sites:
    """The records of one analysis of one run."""

    def __init__(
        self,
        found: Harvest,
        trace: RunTrace,
        analysis: Analysis,
        calls: Mapping[int, list[Call]],
        counted: Mapping[int, int],
        files: _Files,
        unplaced: set[str],
        blind: set[str],
    ) -> None:
        self.found = found
        self.trace = trace
        self.analysis = analysis
        self.calls = calls
        self.counted = counted
        self.files = files
        self.unplaced = unplaced
        self.blind = blind
        """Calls that got older results than today's: what they gave is known, and no more."""
        self.reached = [site for site in analysis.sites if calls.get(site.index)]

    def collect(self) -> None:
        sequences: dict[int, str | None] = {}
        for site in self.analysis.sites:
            calls = tuple(self.calls.get(site.index, ()))
            # Workers that were started before the run was have runs of their own.
            unplaced = site.function in self.unplaced or (site.handed and not calls)
            blind = any(call.id in self.blind for call in calls)
            complete = self._passed(site) and all(_gave(call) for call in calls)
            complete = complete and not unplaced
            counted = self.counted.get(site.index, 0)
            results = tuple(sequences.get(hole) for hole in site.holes)
            sequences[site.index] = sequence(calls, site) if complete and not counted else None
            if blind or (not calls and not complete and not unplaced):
                continue
            reads = self.files.of(site)
            record = Record(
                run=self.found.info.id,
                started=self.found.started,
                script=self.analysis.script,
                site=site,
                static_key=static_key(site, results),
                shape=shape(site),
                results=results,
                calls=calls,
                complete=complete,
                unplaced=unplaced,
                counted=counted,
                reads=reads,
                written=self._written(calls, reads),
            )
            self.found.records.append(record)
            if calls:
                self.found.codes.setdefault(site.function, set()).add(site.code)

    def _written(self, calls: Sequence[Call], reads: FileDigests) -> tuple[str, ...]:
        if not self.files.written:
            return ()
        first = {path for path, _ in reads} & self.files.written_first
        taken = {path for call in calls for path, _ in (*call.inputs, *call.met)}
        within = {
            path
            for tree in filter(is_tree, taken)
            for path in self.files.written
            if Tree.of(tree).matches(path, _ANY_ROOT)
        }
        return tuple(sorted(first | (taken & self.files.written) | within))

    def _passed(self, site: CallSite) -> bool:
        """Whether the run got past a site, so that no more calls of it can have followed."""
        if self.trace.finished or site.handed:
            # Workers may be at it still, wherever the script itself has got to.
            return self.trace.finished
        if not site.loop and self.calls.get(site.index):
            return True
        if self.trace.only_stop is not None:
            file, line = self.trace.only_stop
            if file == site.statement[0] and site.statement[1] <= line <= site.statement[2]:
                return True
        return any(self._later(other, site) for other in self.reached)

    @staticmethod
    def _later(other: CallSite, site: CallSite) -> bool:
        if other.index <= site.index or other.statement == site.statement:
            return False
        # Two statements in one loop (main() called in a loop) say nothing about its next round.
        return not (site.loop and other.loop) or other.chain[:1] != site.chain[:1]


def _gave(call: Call) -> bool:
    """Whether a call gave a result to whoever made it, be it an older one."""
    return call.ended_well or call.state is CallState.OLD


def sequence(calls: Sequence[Call], site: CallSite) -> str | None:
    """Give the digest of the results of a site's calls, in order; ``None`` if one is unknown.

    The order of workers' calls says nothing, so that each result counts with its call's key.
    """
    results = [call.result for call in calls]
    if None in results:
        return None
    if site.handed:
        pairs = sorted({(call.key or "", call.result or "") for call in calls})
        return combine("bag", *[text for pair in pairs for text in pair])
    return combine("seq", *[result for result in results if result is not None])


def static_key(site: CallSite, results: Sequence[str | None]) -> str | None:
    """Give a site's static key, or ``None`` while a result that it takes is not known."""
    if any(result is None for result in results):
        return None
    return site.static_key([result for result in results if result is not None])


def shape(site: CallSite) -> str:
    """Give the static key with the results left blank."""
    return site.static_key([""] * len(site.holes))
