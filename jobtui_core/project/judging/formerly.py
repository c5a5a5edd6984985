"""What values were when a call was recorded, in the words that its entry keeps of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobtui_core.diffs.code import short
from jobtui_core.entry import EntryInfo, entry_name, read_info
from jobtui_core.project.evidence.gathered import MALFORMED, Evidence
from jobtui_core.project.evidence.harvest import sequence
from jobtui_core.records import Preview, Reason, ReasonKind

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Call, Record
    from jobtui_core.slices import CallSite

__all__ = ["another_result", "picture", "recorded_argument"]


def recorded_argument(record: Record, name: str, evidence: Evidence) -> str | None:
    """Give what an argument was in a recorded call: an array as dtype, shape, range and digest.

    ``None`` where that is not known, or was not the same in all calls of the site.
    """
    info = _entry(record.calls, evidence)
    facts = info.arguments.get(name) if info is not None else None
    if not facts or not facts.get("preview"):
        return None
    text, digest = short(facts["preview"]), facts.get("digest", "")
    return f"{text} #{digest[:8]}" if "(" in text and digest else text


def another_result(site: CallSite, old: str | None, record: Record, evidence: Evidence) -> Reason:
    """Say that a step before gives something else than a call was made on.

    Parameters
    ----------
    site : CallSite
        Of the step before.
    old : str or None
        Sequence digest of the results that the call was made on.
    record : Record
        What it gives now.
    evidence : Evidence
        Knows what it gave before.
    """
    same = (one for one in evidence.records(site.function) if one.calls)
    before = next((one for one in same if sequence(one.calls, one.site) == old), None)
    return Reason(
        kind=ReasonKind.UPSTREAM,
        subject=site.name,
        summary=f"{site.name} gives another result than it was called with",
        old=_result(before, evidence) if before is not None else None,
        new=_result(record, evidence),
    )


def _result(record: Record, evidence: Evidence) -> str | None:
    info = _entry(record.calls, evidence)
    preview = info.preview if info is not None else None
    if info is None or preview is None:
        return None
    return f"{picture(preview)} #{info.result[:8]}"


def picture(preview: Preview) -> str:
    """Give what a preview shows in a few words: of an array its dtype, shape and range."""
    if preview.kind != "array":
        return short(preview.text or preview.type)
    text = f"{preview.type.rpartition('.')[2]} {preview.dtype} {preview.shape}"
    if preview.minimum is None or preview.maximum is None:
        return text
    return f"{text}, {preview.minimum:.6g} to {preview.maximum:.6g}"


def _entry(calls: tuple[Call, ...], evidence: Evidence) -> EntryInfo | None:
    """Read what an entry says, if it is the same one for all calls."""
    keys = {call.key for call in calls}
    if len(keys) != 1 or (key := keys.pop()) is None:
        return None
    call = calls[0]
    try:
        return read_info(evidence.store_at(call.store), entry_name(call.function, key))
    except MALFORMED:
        return None
