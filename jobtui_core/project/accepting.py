"""Declaring that an edit does not matter, once it was shown, and taking that back.

One look makes the offer, with the diff; accepting writes down what was offered and nothing else,
so that an edit which happens in between is not accepted unseen.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jobtui_core.entry import entry_name, read_info
from jobtui_core.errors import AcceptError
from jobtui_core.project.acceptable import Edit, obstacle
from jobtui_core.project.evidence.gathered import MALFORMED, Evidence
from jobtui_core.project.explain import answers_to, unknown_step
from jobtui_core.project.judging import reasons as why
from jobtui_core.project.reader import reader_of
from jobtui_core.project.verdicts import status
from jobtui_core.records import (
    Acceptance,
    AcceptOffer,
    ProjectStatus,
    Reason,
    ReasonKind,
    StepStatus,
    Verdict,
)
from jobtui_core.tracing.environment import user_name

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.project.judging.analyses import Analysed

__all__ = ["accept", "accept_offer", "accepted", "unaccept"]

_PLAIN = ("plain", "array", "nested", "frame")
"""How results are stored that hold no object of anybody's class."""


def accept_offer(
    project: Project,
    step: str,
    *,
    script: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    argv: Sequence[str] | None = None,
) -> AcceptOffer:
    """Say what accepting the edit of a step would mean.  Writes nothing.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    step : str
        Its name, its identity (``co2:trend``) or the identity with a dot (``co2.trend``).
    script : str, optional
        The script to look at it in.
    overrides, argv
        As for ``status``.

    Returns
    -------
    AcceptOffer
        With the edit between today's code and that of the results that the verdict compares
        with.  Show it before you `accept` it.

    Raises
    ------
    AcceptError
        If there is no edit of code, or one that cannot be accepted; the message says what to do.
    UnknownNameError
        If there is no such step, script or parameter.
    """
    scripts = None if script is None else [script]
    with reader_of(project) as reader:
        found = status(project, scripts, overrides=overrides, argv=argv)
        row = _meant(found, step)
        _refuse_without_edit(row)
        shown = next(one for one in found.scripts if one.path == row.script)
        values = {one.name: one.value for one in shown.parameters if one.value != one.default}
        analysed = reader.analyses.of(row.script, values, shown.argv)
        offer = _Offering(row, analysed, reader.evidence).offer()
        with reader.evidence.supposing(offer.acceptances):
            after = _same(status(project, scripts, overrides=overrides, argv=argv), row)
        if after.verdict is Verdict.FRESH:
            return offer
        for reason in after.reasons:
            if reason.kind is ReasonKind.CODE_CHANGED:
                raise AcceptError(
                    f"{reason.summary}: that counts by its value, which accepting an edit of code "
                    f"does not cover; jobtui run --only {row.name} runs it"
                )
        return replace(offer, remaining=after.reasons)


def _meant(found: ProjectStatus, step: str) -> StepStatus:
    rows = [row for row in found.steps if answers_to(row, step)]
    if not rows:
        raise unknown_step(step, found.steps)
    functions = sorted({row.function for row in rows})
    if len(functions) > 1:
        raise AcceptError(f"{step} may be any of {', '.join(functions)}; name one of these")
    # A script in which it is not fresh, the worst first.
    return min(rows, key=lambda row: (not row.old_codes, row.verdict.rank))


def _same(found: ProjectStatus, row: StepStatus) -> StepStatus:
    same = (one for one in found.steps if (one.function, one.script) == (row.function, row.script))
    return next(same)


def _refuse_without_edit(row: StepStatus) -> None:
    """Say what else to do where a step's code is not what a verdict is about."""
    first = row.reasons[0].summary if row.reasons else row.verdict.value
    words = ""
    if row.accepted:
        words = f"{row.name} is fresh already, because an edit was accepted"
    elif row.verdict is Verdict.FRESH:
        words = f"{row.name} is fresh: there is nothing to accept"
    elif row.verdict is Verdict.UNUSED:
        words = f"{row.name} is not called in today's source: there is nothing to accept"
    elif row.verdict is Verdict.RUNNING:
        words = f"{row.name} is running; wait for its end, or cancel it"
    elif row.verdict is Verdict.FAILED:
        words = f"{row.name} failed ({first}); run it again, or undo the edit"
    elif row.verdict is Verdict.NEW or row.last_time is None:
        words = (
            f"{row.name} never ran: there is no result that could be kept; "
            f"jobtui run --only {row.name} runs it"
        )
    elif not row.old_codes:
        kinds = {reason.kind for reason in row.reasons}
        way = f"jobtui run --only {row.name} runs it"
        if ReasonKind.UPSTREAM in kinds:
            way = "accept or run that first"
        words = f"nothing of {row.name}'s own code changed, which alone can be accepted: {first}"
        words += f"; {way}"
    if words:
        raise AcceptError(words)


class _Offering:
    """The offer for one step while it is made."""

    def __init__(self, row: StepStatus, analysed: Analysed, evidence: Evidence) -> None:
        self.row = row
        self.analysed = analysed
        self.evidence = evidence

    def offer(self) -> AcceptOffer:
        known = self.evidence.older(self.row.function, self.row.code)
        codes = [code for code in self.row.old_codes if code not in known]
        if not codes:
            rest = "; ".join(reason.summary for reason in self.row.reasons)
            raise AcceptError(
                f"the edit of {self.row.name} is accepted already; what remains: {rest}"
            )
        reasons: dict[Reason, None] = {}
        made = []
        for code in codes:
            found = self._reasons(code)
            made.append(self._acceptance(code, found))
            reasons |= dict.fromkeys(found)
        return AcceptOffer(step=self.row, acceptances=tuple(made), reasons=tuple(reasons))

    def _reasons(self, code: str) -> list[Reason]:
        edit = self._edit(code)
        words = obstacle(edit)
        if words is not None:
            raise AcceptError(
                f"the edit of {self.row.name} cannot be accepted: {words}; "
                f"jobtui run --only {self.row.name} runs it"
            )
        return why.changed_code(self.row.function, code, self.analysed, self.evidence)

    def _edit(self, code: str) -> Edit:
        return Edit(self.row.function, self.evidence.document(code) or {}, self.analysed)

    def _acceptance(self, code: str, reasons: Sequence[Reason]) -> Acceptance:
        return Acceptance(
            function=self.row.function,
            code=self.row.code,
            old=code,
            time=time.time(),
            user=user_name(),
            host=platform.node(),
            script=self.row.script,
            symbols=tuple(dict.fromkeys(reason.subject for reason in reasons)),
            diff="\n".join(reason.diff or reason.summary for reason in reasons),
            objects=self._edit(code).of_classes and not self._plain(code),
        )

    def _plain(self, code: str) -> bool:
        """Tell whether all results of some code are known to hold no objects of classes."""
        function = self.row.function
        calls = [
            call
            for record in self.evidence.records(function)
            if record.site.code == code
            for call in record.calls
        ]
        try:
            codecs = [
                info.codec
                for call in calls
                if call.entry_key is not None
                and (info := self._info(call.entry_key, call.store)) is not None
            ]
        except MALFORMED:
            return False
        return bool(codecs) and all(codec in _PLAIN for codec in codecs)

    def _info(self, key: str, place: str | None) -> Any:
        return read_info(self.evidence.store_at(place), entry_name(self.row.function, key))


def accept(project: Project, offer: AcceptOffer) -> tuple[Acceptance, ...]:
    """Declare that an edit does not matter: results of the old code are taken from now on.

    Nothing is stored under the new code; `unaccept` takes it back without a trace.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    offer : AcceptOffer
        As `accept_offer` gave it, and as somebody looked at it.

    Returns
    -------
    tuple of Acceptance
        What was written down, or had been by somebody else.

    Raises
    ------
    StoreError
        If the store of the results cannot be written.
    """
    from jobtui_core.aliases import write_alias

    with reader_of(project) as reader:
        store = reader.evidence.store_at(reader.evidence.place_of(offer.step.function))
        for alias in offer.acceptances:
            write_alias(store, alias)
    return offer.acceptances


def accepted(project: Project) -> tuple[Acceptance, ...]:
    """Give all edits that were accepted, the oldest first.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    """
    with reader_of(project) as reader:
        found = [alias for _, alias in _all(reader.evidence)]
    return tuple(sorted(found, key=lambda alias: alias.time))


def _all(evidence: Evidence) -> list[tuple[str | None, Acceptance]]:
    return [
        (place, alias)
        for place in evidence.places()
        for aliases in evidence.accepted.at(place).values()
        for alias in aliases
    ]


def unaccept(project: Project, step: str, *, every: bool = False) -> tuple[Acceptance, ...]:
    """Take back the last acceptance of a step.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    step : str
        Its name, its identity (``co2:trend``) or the identity with a dot (``co2.trend``).  The
        step need not be there any more.
    every : bool
        Take back all of them.

    Returns
    -------
    tuple of Acceptance
        What was taken back.  Scripts that run at the time may go on to follow it to their end.

    Raises
    ------
    AcceptError
        If nothing of the step was accepted.
    UnknownNameError
        If there is no such step.
    StoreError
        If the store of the results cannot be written.
    """
    from jobtui_core.aliases import remove_alias

    with reader_of(project) as reader:
        found = status(project)
        rows = [row for row in found.steps if answers_to(row, step)]
        functions = {row.function for row in rows}
        known = _all(reader.evidence)
        if not rows:
            functions = {alias.function for _, alias in known if _is_called(alias, step)}
            if not functions:
                raise unknown_step(step, found.steps)
        mine = sorted(
            ((place, alias) for place, alias in known if alias.function in functions),
            key=lambda pair: pair[1].time,
        )
        if not mine:
            raise AcceptError(f"no edit of {step} was accepted; jobtui accepted lists them all")
        # What counts today comes first: an edit may have been undone since it was accepted.
        today = {(one.code, one.old) for row in rows for one in row.acceptances}
        last = [pair for pair in mine if (pair[1].code, pair[1].old) in today] or mine
        gone = mine if every else last[-1:]
        for place, alias in gone:
            remove_alias(reader.evidence.store_at(place), alias)
    return tuple(alias for _, alias in gone)


def _is_called(alias: Acceptance, name: str) -> bool:
    function = alias.function
    last = function.rpartition(":")[2].rpartition(".")[2]
    return name in (function, function.replace(":", "."), last)
