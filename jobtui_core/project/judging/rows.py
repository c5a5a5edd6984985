"""From the verdicts on call sites to the rows of the screen: one a function and script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobtui_core.project.judging import reasons as why
from jobtui_core.project.judging.compared import compared, not_compared
from jobtui_core.project.judging.judge import Judged
from jobtui_core.project.judging.standing import RowGround
from jobtui_core.records import CallState, Reason, ReasonKind, StepStatus, Verdict

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Sighting
    from jobtui_core.project.evidence.gathered import Evidence
    from jobtui_core.project.judging.analyses import Analysed
    from jobtui_core.records import Acceptance, Maker
    from jobtui_core.slices import DeclaredFunction

__all__ = ["Rows"]

_MOST_MAKERS = 5
"""People who are named as those who computed a step's results."""


class Rows:
    """Builds the rows of one script.

    Parameters
    ----------
    analysed : Analysed
        The script; it has an analysis.
    judged : sequence of Judged
        Its call sites, in order.
    evidence : Evidence
        What runs have shown.
    """

    def __init__(self, analysed: Analysed, judged: Sequence[Judged], evidence: Evidence) -> None:
        self.analysed = analysed
        self.evidence = evidence
        self.by_function: dict[str, list[Judged]] = {}
        for one in judged:
            self.by_function.setdefault(one.site.function, []).append(one)
        functions = analysed.analysis.functions if analysed.analysis is not None else ()
        self.declared = {one.identity: one for one in functions}
        self.running: dict[str, float] = {}
        self.progress: dict[str, float] = {}
        for active in evidence.active(analysed.script):
            self.running.update(active.open_calls)
            self.progress.update(active.progress)
        self._verdicts: dict[str, tuple[Verdict, list[Reason], list[str]]] = {}

    def build(self) -> tuple[StepStatus, ...]:
        """Give the rows in the order in which the script makes the calls."""
        return tuple(self._standing_row(function) for function in self._order())

    def _standing_row(self, function: str) -> StepStatus:
        """Give the row of an earlier look, if everything in it is as it was."""
        declared = self.declared.get(function)
        if declared is None or declared.called_in or function in self.running:
            # The verdicts on others are in it, or the time.
            return self._row(function)
        rests_on = RowGround(
            tuple(self.by_function.get(function, ())),
            declared,
            self.evidence.version(function),
            self.analysed.fingerprint(function),
        )
        known = self.analysed.standings.rows.get(function)
        if known is not None and known[0].same(rests_on):
            return known[1]
        row = self._row(function)
        self.analysed.standings.rows[function] = (rests_on, row)
        return row

    def _order(self) -> list[str]:
        """Functions as they are first called, each followed by those that it calls itself."""
        inner: dict[str, list[str]] = {}
        for function, declared in self.declared.items():
            for caller in declared.called_in:
                inner.setdefault(caller, []).append(function)
        order: dict[str, None] = {}
        pending = list(reversed(self.by_function))
        while pending:
            function = pending.pop()
            if function in order:
                continue
            order[function] = None
            pending += [one for one in reversed(inner.get(function, ()))
                        if one not in self.by_function]  # fmt: skip
        for function, declared in self.declared.items():
            if declared.file == self.analysed.script:
                order.setdefault(function)
        return list(order)

    def _row(self, function: str) -> StepStatus:
        sites = self.by_function.get(function, [])
        verdict, reasons, notes = self._verdict(function)
        declared = self.declared.get(function)
        sighting = self.evidence.sighting(self.analysed.script, function)
        code = self.analysed.fingerprint(function) if declared is not None else None
        started = self.running.get(function)
        return StepStatus(
            name=declared.name if declared is not None else sites[0].site.name,
            function=function,
            kind=declared.kind if declared is not None else sites[0].site.kind,
            script=self.analysed.script,
            verdict=verdict,
            reasons=() if verdict in (Verdict.FRESH, Verdict.UNUSED) else why.ordered(reasons),
            notes=tuple(dict.fromkeys([*notes, *self._accepted_alone(function, reasons)])),
            makers=self._makers(sites) if verdict is Verdict.FRESH else (),
            restores=tuple(dict.fromkeys(path for one in sites for path in one.restores)),
            accepted=verdict is Verdict.FRESH and any(one.accepted for one in sites),
            code=declared.code if declared is not None else "",
            old_codes=self._old_codes(sites, declared, sighting),
            acceptances=self._acceptances(sites, declared),
            calls=sighting.calls if sighting is not None else 0,
            duration=self._duration(function, sites, sighting),
            # Of a run elsewhere there is neither a log nor anything else to be opened.
            last_run=sighting.run if sighting is not None and not sighting.foreign else None,
            last_time=sighting.time if sighting is not None else None,
            path=declared.file if declared is not None else "",
            line=declared.line if declared is not None else 0,
            keys=_keys(sites, sighting),
            compared=compared(sites, code),
            not_compared=not_compared(code),
            depends_on=tuple(dict.fromkeys(name for one in sites for name in one.takes.values())),
            takes=tuple(dict.fromkeys(taken for one in sites for taken in one.takes)),
            started=started if verdict is Verdict.RUNNING else None,
            progress=self.progress.get(function) if verdict is Verdict.RUNNING else None,
        )

    # -- verdicts --------------------------------------------------------------------------------

    def _verdict(self, function: str) -> tuple[Verdict, list[Reason], list[str]]:
        known = self._verdicts.get(function)
        if known is None:
            # Functions that call each other would ask for ever: unsure is what they may assume.
            self._verdicts[function] = (Verdict.UNSURE, [], [])
            known = self._verdicts[function] = self._find_verdict(function)
        return known

    def _find_verdict(self, function: str) -> tuple[Verdict, list[Reason], list[str]]:
        asking = [one for one in self.by_function.get(function, []) if one.verdict is not None]
        asking.sort(key=lambda one: one.verdict.rank if one.verdict is not None else 0)
        verdict = asking[0].verdict if asking else None
        reasons = [reason for one in asking for reason in one.reasons]
        notes = [note for one in asking for note in one.notes]
        declared = self.declared.get(function)
        if declared is not None and declared.called_in:
            inner, grounds = self._as_inner(declared)
            reasons += grounds
            if inner is not Verdict.UNUSED and (verdict is None or inner.rank < verdict.rank):
                verdict = inner
        if declared is not None and declared.unfollowed and verdict in (None, Verdict.FRESH):
            verdict = Verdict.UNSURE
            reasons += why.cannot_follow(function, declared.unfollowed)
        if function in self.running and verdict is not Verdict.RUNNING:
            verdict = Verdict.RUNNING
            # Neither that it never ran nor that its last run ended too early is true by now.
            reasons = [one for one in reasons if one.kind is not ReasonKind.NEVER_RUN]
        if verdict is None:
            verdict = Verdict.UNUSED
            if self.by_function.get(function):
                notes.append("not reached when the script was last run")
        if verdict is Verdict.FRESH:
            notes += self._undeclared(asking)
        return verdict, reasons, notes

    def _as_inner(self, declared: DeclaredFunction) -> tuple[Verdict, list[Reason]]:
        """The verdict on a function because of the steps that call it in their bodies."""
        callers = [
            (self.declared[caller].name, self._verdict(caller)[0])
            for caller in declared.called_in
            if caller in self.declared and caller != declared.identity
        ]
        waits = [
            why.upstream(name, why.in_words(verdict))
            for name, verdict in callers
            if verdict not in (Verdict.FRESH, Verdict.UNUSED)
        ]
        if not waits:
            used = any(verdict is Verdict.FRESH for _, verdict in callers)
            return Verdict.FRESH if used else Verdict.UNUSED, []
        codes = self.evidence.codes(declared.identity)
        if not codes:
            never = Reason(
                kind=ReasonKind.NEVER_RUN, subject=declared.identity, summary="never ran"
            )
            return Verdict.NEW, [never, *waits]
        sighting = self.evidence.sighting(self.analysed.script, declared.identity)
        older = self.evidence.older(declared.identity, declared.code)
        if codes.isdisjoint((declared.code, *older)):
            return Verdict.STALE, [*self._changed_code(declared, sighting), *waits]
        failing = any(verdict is Verdict.FAILED for _, verdict in callers)
        if failing and sighting is not None and sighting.failed is not None:
            return Verdict.FAILED, [why.failure(sighting.failed)]
        return Verdict.UNSURE, waits

    def _changed_code(self, declared: DeclaredFunction, sighting: Sighting | None) -> list[Reason]:
        old = sighting.code if sighting is not None else None
        return why.changed_code(declared.identity, old, self.analysed, self.evidence)

    @staticmethod
    def _old_codes(
        sites: Sequence[Judged], declared: DeclaredFunction | None, sighting: Sighting | None
    ) -> tuple[str, ...]:
        """Codes that a verdict which is not fresh compares with, where they are not today's."""
        compared = [one.record for one in sites if one.record is not None and not one.settled]
        found = [record.site.code for record in compared]
        if not found and declared is not None and declared.called_in and sighting is not None:
            found = [sighting.code or ""]
        today = declared.code if declared is not None else ""
        return tuple(code for code in dict.fromkeys(found) if code not in ("", today))

    def _accepted_alone(self, function: str, reasons: Sequence[Reason]) -> list[str]:
        """Say of edits of inner steps that they were accepted for these, and not for this one."""
        found = []
        for reason in reasons:
            inner = self.declared.get(reason.subject)
            if inner is None or inner.identity == function:
                continue
            if reason.kind is ReasonKind.CODE_CHANGED and self.evidence.older(
                inner.identity, inner.code
            ):
                found.append(f"the edit of {inner.name} is accepted for {inner.name} alone")
        return found

    def _acceptances(
        self, sites: Sequence[Judged], declared: DeclaredFunction | None
    ) -> tuple[Acceptance, ...]:
        """Accepted edits: of today's code, and of steps called within."""
        found = [alias for one in sites for alias in one.accepted]
        if declared is not None:
            ways = self.evidence.older(declared.identity, declared.code).values()
            found += [alias for way in ways for alias in way]
        return tuple(sorted(dict.fromkeys(found), key=lambda alias: alias.time))

    def _makers(self, sites: Sequence[Judged]) -> tuple[Maker, ...]:
        """Give others who computed what the calls would get, each with the last time."""
        calls = (call for one in sites if one.record is not None for call in one.record.calls)
        found = {maker for call in calls if (maker := self.evidence.maker(call)) is not None}
        last: dict[tuple[str, str], Maker] = {}
        for maker in sorted(found, key=lambda one: one.time):
            last[maker.user, maker.host] = maker
        return tuple(sorted(last.values(), key=lambda one: -one.time)[:_MOST_MAKERS])

    def _duration(
        self, function: str, sites: Sequence[Judged], sighting: Sighting | None
    ) -> float | None:
        known = [one.record.seconds for one in sites if one.record is not None]
        took = [seconds for seconds in known if seconds is not None]
        if took:
            return sum(took)
        if sighting is not None and sighting.seconds is not None:
            return sighting.seconds
        # The newest run is still at it, or it failed: the time before is the best guess.
        before = (record.seconds for record in self.evidence.records(function))
        return next((seconds for seconds in before if seconds is not None), None)

    @staticmethod
    def _undeclared(sites: Sequence[Judged]) -> list[str]:
        met = {path for one in sites if one.record is not None for path, _ in one.record.met}
        return [f"opened {path}, not declared as an input: add?" for path in sorted(met)]


def _keys(sites: Sequence[Judged], sighting: Sighting | None) -> tuple[str, ...]:
    found = [
        call.entry_key
        for one in sites
        if one.record is not None
        for call in one.record.calls
        if call.entry_key is not None and call.state in (CallState.HIT, CallState.COMPUTED)
    ]
    if not found and sighting is not None:
        return sighting.keys
    return tuple(dict.fromkeys(found))
