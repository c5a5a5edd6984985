"""The verdict on one call site: would it be a hit if the script ran now?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jobtui_core.entry.earlier import earlier_name
from jobtui_core.project.evidence.harvest import sequence, shape, static_key
from jobtui_core.project.judging import reasons as why
from jobtui_core.project.judging.aftermath import with_doubts
from jobtui_core.project.judging.formerly import another_result
from jobtui_core.project.judging.outputs import check_outputs, declared_since, kept_elsewhere
from jobtui_core.project.judging.preconditions import (
    Changed,
    Conditions,
    FilesNow,
    Producer,
    conditions,
)
from jobtui_core.project.judging.standing import Question, Standing
from jobtui_core.records import CallState, Reason, ReasonKind, Verdict
from jobtui_core.tracing.notes import ASKS
from jobtui_core.trees import shown_name

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Call, Record
    from jobtui_core.project.evidence.gathered import Evidence
    from jobtui_core.project.judging.analyses import Analysed
    from jobtui_core.project.judging.filefacts import FileFacts
    from jobtui_core.records import Acceptance
    from jobtui_core.slices import CallSite

__all__ = ["Judge", "Judged"]

_OF_FILES = frozenset(
    {
        FilesNow.on_disk,
        FilesNow.producer,
        FilesNow.made,
        FilesNow.producers_of,
        FilesNow.folder_around,
    }
)
"""Questions about files; the others are about stores."""


@dataclass(slots=True)
class Judged:
    """A call site with its verdict.

    Attributes
    ----------
    verdict : Verdict or None
        ``None`` for a call that is known not to be reached, and so asks for nothing.
    record : Record or None
        What the verdict rests on, or the nearest that there is.
    result : str or None
        Sequence digest of the results, where the verdict is fresh.
    takes : dict of str to str
        The steps that it takes results or files from: names by identity.
    """

    site: CallSite
    verdict: Verdict | None
    record: Record | None = None
    result: str | None = None
    reasons: list[Reason] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    restores: Sequence[str] = ()
    """Output files that the hit would put back."""
    accepted: tuple[Acceptance, ...] = ()
    """Accepted edits that the verdict rests on."""
    takes: dict[str, str] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Whether those who take its result know what they will get."""
        return self.verdict is None or self.verdict is Verdict.FRESH


class Judge:
    """Judges call sites against the evidence, in the order in which scripts make the calls.

    Parameters
    ----------
    evidence : Evidence
        What runs have shown.
    files : FilesNow
        Files as they are; learns the outputs of every step that was judged.
    facts : FileFacts
        For saying how files changed.
    policy : str
        The project's setting ``outputs``.
    """

    def __init__(self, evidence: Evidence, files: FilesNow, facts: FileFacts, policy: str) -> None:
        self.evidence = evidence
        self.files = files
        self.facts = facts
        self.policy = policy
        self._older: list[dict[str, str]] | None = None
        """Older codes that the present script's steps may be taken to have; as soon as asked."""

    def script(self, analysed: Analysed) -> list[Judged]:
        """Judge all call sites of a script."""
        found: list[Judged] = []
        self._older = None
        standings = analysed.standings.under((self.policy, os.environ.get("JOBTUI_OUTPUTS")))
        for site in analysed.analysis.sites if analysed.analysis is not None else ():
            version = self.evidence.version(site.function)
            code = analysed.fingerprint(site.function)
            upstream = tuple(found[hole] for hole in site.holes)
            judged = standings.of(site, version, code, upstream, self._ask)
            if judged is None:
                with self._asking() as questions:
                    judged = self._site(site, analysed, found)
                    judged.takes = self._takes(judged, found)
                known = Standing(judged, version, code, upstream, questions)
                standings.known[site.index] = known
            self._note_outputs(judged, analysed.script)
            found.append(judged)
        return with_doubts(found, self.evidence)

    @contextmanager
    def _asking(self) -> Iterator[list[Question]]:
        """Note what is asked of files and stores meanwhile, with the answers."""
        questions: list[Question] = []
        self.files.asked = self.evidence.asked = questions
        try:
            yield questions
        finally:
            self.files.asked = self.evidence.asked = None

    def _ask(self, question: Question) -> Any:
        """Ask a question anew."""
        about, arguments, _ = question
        asked = self.files if about in _OF_FILES else self.evidence
        return about(asked, *arguments)

    def _takes(self, judged: Judged, before: Sequence[Judged]) -> dict[str, str]:
        holes = [before[hole].site for hole in judged.site.holes]
        found = {site.function: site.name for site in holes}
        paths = [self.files.input_name(path) for path in judged.site.inputs]
        if judged.record is not None:
            paths += [path for path, _ in (*judged.record.declared, *judged.record.met)]
        for path in paths:
            for producer in self.files.producers_of(path):
                found.setdefault(producer.function, producer.name)
        found.pop(judged.site.function, None)
        return found

    def _note_outputs(self, judged: Judged, script: str) -> None:
        """Let those who read this step's files know where they come from."""
        left: dict[str, str | None] = {
            self.files.name(path): None
            for path in judged.site.outputs
            if "{" not in path and judged.verdict is not None
        }
        if judged.record is not None and judged.verdict is not None:
            left |= dict.fromkeys((path for path, _ in judged.record.outputs), None)
            if judged.settled:
                left |= check_outputs(judged.record, self.files, self.evidence, self.policy).left
        for path, digest in left.items():
            producer = Producer(
                name=judged.site.name,
                function=judged.site.function,
                script=script,
                fresh=judged.settled and digest is not None,
                digest=digest,
                why=why.in_words(judged.verdict),
            )
            self.files.learn(path, producer)

    # -- one site --------------------------------------------------------------------------------

    def _site(self, site: CallSite, analysed: Analysed, before: Sequence[Judged]) -> Judged:
        """Judge a call as it is; if it would not be a hit, under code whose edit was accepted."""
        best = self._under(site, analysed, before)
        if best.record is not None:
            ways = (self.evidence.accepted.way(code) for code in best.record.accepted)
            best.accepted = tuple(dict.fromkeys(alias for way in ways for alias in way))
        if best.settled:
            return best
        if self._older is None:
            functions = analysed.analysis.functions if analysed.analysis is not None else ()
            self._older = self.evidence.levels(functions)
        for codes in self._older:
            other = analysed.under(codes)[site.index]
            if other.template == site.template:
                continue
            found = self._under(other, analysed, before)
            if _rank(found) > _rank(best):
                best = found
                best.accepted = self._ways(analysed, site, other, codes)
                if any(alias.objects for alias in best.accepted):
                    # Read back they are of today's class, and have another digest than they had.
                    best.result = None
        best.site = site
        return best

    def _ways(
        self, analysed: Analysed, site: CallSite, other: CallSite, codes: Mapping[str, str]
    ) -> tuple[Acceptance, ...]:
        """Give the acceptances that lead from a call site to the same one under older code."""
        if other.code != site.code:
            codes = {site.function: other.code}
        # Else it is the code of what is called in the same loop that is older.
        found: dict[Acceptance, None] = {}
        for function, old in codes.items():
            declared = analysed.declared(function)
            if declared is not None:
                found |= dict.fromkeys(self.evidence.older(function, declared.code).get(old, ()))
        return tuple(found)

    def _under(self, site: CallSite, analysed: Analysed, before: Sequence[Judged]) -> Judged:
        recorded = self.evidence.recorded(site.function)
        blank = shape(site)
        alike = recorded.alike(blank)
        holes = [before[hole] for hole in site.holes]
        waits = [
            why.upstream(one.site.name, why.in_words(one.verdict))
            for one in holes
            if not one.settled
        ]
        waits += [
            why.objects(one.site.name)
            for one in holes
            if one.verdict is Verdict.FRESH and one.result is None
        ]
        if not alike:
            return self._never_recorded(site, analysed, recorded.near(site), waits)
        if waits:
            return self._waiting(site, alike, recorded.near(site, blank) or alike, waits)
        key = static_key(site, [one.result for one in holes])
        same = recorded.same(blank, key)
        if not same:
            return self._other_results(site, recorded.near(site, blank) or alike, holes)
        return self._recorded(site, analysed, same)

    def _never_recorded(
        self,
        site: CallSite,
        analysed: Analysed,
        records: Sequence[Record],
        waits: list[Reason],
    ) -> Judged:
        """No run ever made this call, whatever comes from upstream: it is certain to run."""
        near = why.nearest(site, records)
        if near is None:
            codes = self.evidence.codes(site.function)
            if site.code in codes:
                stored = self.evidence.stored(site.function, site.code)
                if stored and not any(map(self._may_be_kept, stored)):
                    # With the store went the analyses by which calls are told apart.
                    words = "its results are no longer in the store"
                    reason = Reason(kind=ReasonKind.EVICTED, subject=site.function, summary=words)
                    return Judged(site, Verdict.STALE, None, reasons=[reason, *waits])
                # By workers that nobody sees at work, or in the course of another call: perhaps
                # with these very arguments.
                words = f"{site.name} was called, but not where its call sites tell"
                found = why.cannot_follow(site.function, [words])
                return Judged(site, Verdict.UNSURE, None, reasons=[*found, *waits])
            words = f"{site.name} was never called from here" if codes else "never ran"
            reason = Reason(kind=ReasonKind.NEVER_RUN, subject=site.function, summary=words)
            if words == "never ran":
                # Whatever comes before it: that would tell nothing more.
                return Judged(site, Verdict.NEW, None, reasons=[reason])
            return Judged(site, Verdict.STALE, None, reasons=[reason, *waits])
        found = why.differences(site, near, analysed, self.evidence)
        if not found:
            words = f"the call of {site.name} changed"
            found = [Reason(kind=ReasonKind.SCRIPT_CHANGED, subject=analysed.script, summary=words)]
        state = conditions(near, self.files)
        changed = state.inputs if site.kind == "memoized" else state.changed
        found += why.input_reasons(changed, self.facts)
        return Judged(site, Verdict.STALE, near, reasons=found + waits)

    def _waiting(
        self,
        site: CallSite,
        alike: Sequence[Record],
        close: Sequence[Record],
        waits: list[Reason],
    ) -> Judged:
        """Something upstream is not fresh: fresh again if its result comes out as it was."""
        near = why.nearest(site, close)
        called = (record for record in alike if record.calls)
        if near is not None and all(_changed_inputs(record, self.files) for record in called):
            # Whatever comes from upstream, none of the recorded calls had today's inputs.  (A
            # file that the script read may have gone into what comes from upstream instead.)
            found = why.input_reasons(_changed_inputs(near, self.files), self.facts)
            return Judged(site, Verdict.STALE, near, reasons=found + waits)
        return Judged(site, Verdict.UNSURE, near, reasons=waits)

    def _other_results(
        self, site: CallSite, alike: Sequence[Record], holes: Sequence[Judged]
    ) -> Judged:
        """Upstream is fresh, with results that this call was never made on."""
        near = why.nearest(site, alike) or alike[0]
        found = [
            another_result(one.site, old, one.record or near, self.evidence)
            for one, old in zip(holes, near.results, strict=False)
            if one.result != old
        ]
        return Judged(site, Verdict.STALE, near, reasons=found)

    def _recorded(self, site: CallSite, analysed: Analysed, same: Sequence[Record]) -> Judged:
        """The very call was made before: what is left to compare is files and entries."""
        states = [(record, conditions(record, self.files)) for record in same]
        valid = [
            (record, state)
            for record, state in states
            if not state.inputs and not state.waits and not self._stale_met(record, state)
        ]
        complete = _of_this_machine([pair for pair in valid if pair[0].complete])
        if not complete:
            return self._no_candidate(site, states, [record for record, _ in valid])
        record, state = complete[0]
        doubts = self._doubts(site, [one for one, _ in complete], analysed)
        for path, unknown in state.unknown.items():
            doubts += why.cannot_follow(path, [unknown])
        if state.met:
            words = why.input_reasons(state.met, self.facts)
            return Judged(site, Verdict.UNSURE, record, reasons=words)
        if not record.calls and not doubts:
            return Judged(site, None, record, sequence((), site))
        if doubts:
            return Judged(site, Verdict.UNSURE, record, reasons=doubts)
        return self._kept(site, [one for one, _ in complete])

    @staticmethod
    def _stale_met(record: Record, state: Conditions) -> bool:
        # A memoized function's hit stands although a file that it opened has changed.
        return bool(state.met) and record.site.kind == "step"

    def _no_candidate(
        self,
        site: CallSite,
        states: Sequence[tuple[Record, Conditions]],
        valid: Sequence[Record],
    ) -> Judged:
        for record in valid:
            failed = record.failed
            if failed is not None:
                return Judged(site, Verdict.FAILED, record, reasons=[why.failure(failed)])
        if valid and valid[0].unplaced:
            words = f"calls of {site.name} were made where its call sites do not tell"
            found = why.cannot_follow(site.function, [words])
            return Judged(site, Verdict.UNSURE, valid[0], reasons=found)
        if valid:
            done = sum(call.ended_well for call in valid[0].calls)
            words = f"its last run ended before it was done ({done} calls were)"
            if not done:
                words = "its last run ended before it was done"
            reason = Reason(kind=ReasonKind.NEVER_RUN, subject=site.function, summary=words)
            return Judged(site, Verdict.STALE, valid[0], reasons=[reason])
        open_ones = [(record, state) for record, state in states if state.waits]
        certain = [(r, s) for r, s in states if not s.waits]
        if open_ones and all(not state.inputs for _, state in open_ones):
            record, state = open_ones[0]
            found = [self._waits_for(record, one) for one in state.waits]
            return Judged(site, Verdict.UNSURE, record, reasons=found)
        record, state = min(certain or states, key=lambda pair: len(pair[1].changed))
        found = why.input_reasons(state.changed, self.facts)
        found += [self._waits_for(record, one) for one in state.waits]
        return Judged(site, Verdict.STALE, record, reasons=found)

    def _waits_for(self, record: Record, producer: Producer) -> Reason:
        paths = [path for path, _ in (*record.declared, *record.met)
                 if producer in self.files.producers_of(path)]  # fmt: skip
        return why.waiting(producer, shown_name(paths[0]) if paths else "its input")

    def _doubts(
        self, site: CallSite, complete: Sequence[Record], analysed: Analysed
    ) -> list[Reason]:
        found = why.cannot_follow(site.function, site.unfollowed)
        record = complete[0]
        if len({one.keys for one in complete}) > 1:
            words = f"earlier runs called {site.name} differently for no visible reason"
            found += why.cannot_follow(site.function, [words])
        if record.counted:
            words = f"{record.counted:,} of its calls were only counted, not recorded"
            found += why.cannot_follow(site.function, [words])
        cautions = dict.fromkeys(self.evidence.caution(key) for key in record.keys)
        found += why.cannot_follow(site.function, [text for text in cautions if text])
        lasts = [self.evidence.kept(call) for call in record.calls]
        asked = dict.fromkeys(note for last in lasts for note in last.notes if ASKS in note)
        found += why.cannot_follow(site.function, asked)
        if record.written:
            words = f"{analysed.script} itself writes {record.written[0]} before it is read"
            found += why.cannot_follow(record.written[0], [words])
        return found

    def _is_kept(self, call: Call) -> bool:
        key = call.entry_key
        return key is not None and self.evidence.has_entry(call.function, key, call.store)

    def _may_be_kept(self, call: Call) -> bool:
        evidence = self.evidence
        if self._is_kept(call) or not evidence.can_open(call.store):
            return True
        return call.store in evidence.stores.silent

    def _replaced(self, record: Record, newest: Record) -> list[Reason]:
        """Say which entries are of later calls now, and no longer those that the record knew.

        A key has one latest entry: a call that met other files under it, or wrote others, left
        its own there.
        """
        other_files = record.site.writes != newest.site.writes
        found: list[Reason] = []
        for call in record.calls:
            last = self.evidence.kept(call)
            other = [path for path, digest in last.met if self.files.expected(path) != digest]
            if record.site.kind == "step" and other:
                if self._is_kept_aside(record, call, last):
                    continue
                words = f"the stored result is of another {other[0]}, which is not declared"
                kind = ReasonKind.UNDECLARED_FILE
                found.append(Reason(kind=kind, subject=other[0], summary=words))
            elif call.entry is None and (other_files or last.outputs != call.outputs):
                # Under another output= meanwhile: there is one latest entry for the two of them.
                if self._is_kept_aside(record, call, last):
                    continue
                words = "its stored result goes with other output files"
                kind = ReasonKind.OUTPUT_MISSING
                found.append(Reason(kind=kind, subject=record.site.function, summary=words))
            elif call.entry is None and last.result != call.result:
                words = "its result was replaced by another one"
                kind = ReasonKind.EVICTED
                found.append(Reason(kind=kind, subject=record.site.function, summary=words))
        return found

    def _is_kept_aside(self, record: Record, call: Call, last: Call) -> bool:
        """Tell whether a hit would find the entry of what the last call's files hold now.

        It goes with the output files that the record's call wrote.
        """
        now = [(path, self.files.expected(path)) for path, _ in last.met]
        savers = [one.partition("(")[0] for one in record.site.writes or ()]
        if len(savers) != len(call.outputs):
            return False
        written = [(path, saver) for (path, _), saver in zip(call.outputs, savers, strict=True)]
        name = earlier_name(call.key or "", now, written)
        return self.evidence.has_entry(call.function, name, call.store)

    def _kept(self, site: CallSite, complete: Sequence[Record]) -> Judged:
        """Everything was compared and is equal: are the results still there?"""
        first: Judged | None = None
        for record in complete:
            uncached = [call for call in record.calls if call.state is CallState.UNCACHED]
            lost = [call for call in record.calls if not self._is_kept(call)]
            replaced = self._replaced(record, complete[0])
            outputs = check_outputs(record, self.files, self.evidence, self.policy)
            outputs.reasons += kept_elsewhere(record, site, self.evidence)
            outputs.reasons += declared_since(record, site, self.files)
            fine = not uncached and not lost and not replaced and not outputs.reasons
            if fine and outputs.doubts:
                return Judged(site, Verdict.UNSURE, record, reasons=outputs.doubts)
            if fine:
                result = sequence(record.calls, site)
                return Judged(
                    site,
                    Verdict.FRESH,
                    record,
                    result,
                    notes=outputs.notes,
                    restores=outputs.restored,
                )
            if first is None:
                found, verdict = outputs.reasons, Verdict.STALE
                if lost and not self.evidence.can_open(lost[0].store):
                    # A backend that the script registers is known to nobody else.
                    words = f"its results are in {lost[0].store}, which only the script can open"
                    found, verdict = why.cannot_follow(site.function, [words]), Verdict.UNSURE
                elif lost and lost[0].store in self.evidence.stores.silent:
                    words = "whether its results are kept is not known: their store is silent"
                    found, verdict = why.cannot_follow(site.function, [words]), Verdict.UNSURE
                elif uncached:
                    words = "; ".join(uncached[0].notes) or "its result could not be kept"
                    found = why.cannot_follow(site.function, [words])
                elif lost and (lost[0].store or "").startswith("memory:"):
                    words = "its results are kept in memory alone: each run computes them"
                    found = [Reason(kind=ReasonKind.EVICTED, subject=site.function, summary=words)]
                elif lost:
                    count = f"{len(lost)} of {len(record.calls)} results are"
                    words = "its result is" if len(record.calls) == 1 else count
                    words += " no longer in the store"
                    found = [Reason(kind=ReasonKind.EVICTED, subject=site.function, summary=words)]
                elif replaced:
                    found = replaced
                first = Judged(site, verdict, record, reasons=found)
        assert first is not None
        return first


def _of_this_machine(
    complete: Sequence[tuple[Record, Conditions]],
) -> Sequence[tuple[Record, Conditions]]:
    """Leave out what machines tell on which the same call has other keys than it has here.

    With other versions of libraries it may, and it is the keys of here that will be looked up.
    """
    keys = {record.keys for record, _ in complete if not record.foreign}
    return [pair for pair in complete if pair[0].keys in keys] if keys else complete


def _rank(judged: Judged) -> tuple[int, int]:
    """Order verdicts from worst to best; what says less of the code is better."""
    rank = judged.verdict.rank if judged.verdict is not None else len(Verdict)
    return rank, -sum(reason.kind is ReasonKind.CODE_CHANGED for reason in judged.reasons)


def _changed_inputs(record: Record, files: FilesNow) -> list[Changed]:
    """Declared inputs of a record's calls that are not what they were."""
    declared = {path for call in record.calls for path, _ in call.inputs}
    return [one for one in conditions(record, files).inputs if one.path in declared]
