"""Whether the output files of a step stand, and what a hit would do about those that do not."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jobtui_core.named import is_url
from jobtui_core.project.judging.preconditions import UNKNOWN, FilesNow
from jobtui_core.records import Reason, ReasonKind

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Record
    from jobtui_core.project.evidence.gathered import Evidence
    from jobtui_core.slices import CallSite

__all__ = ["OutputCheck", "check_outputs", "declared_since", "kept_elsewhere"]


@dataclass(slots=True)
class OutputCheck:
    """The outputs of a record, compared with what lies on disk."""

    reasons: list[Reason] = field(default_factory=list)
    """Why the hit would not stand."""
    doubts: list[Reason] = field(default_factory=list)
    """Why it cannot be told whether the hit would stand."""
    notes: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    """Files that the hit would put back."""
    left: dict[str, str | None] = field(default_factory=dict)
    """Digests of the files once a hit has done its part."""


def check_outputs(record: Record, files: FilesNow, evidence: Evidence, policy: str) -> OutputCheck:
    """Compare the outputs of a record with the files.

    Parameters
    ----------
    policy : str
        The project's setting ``outputs``: what a hit does with a file edited by hand.
    """
    found = OutputCheck()
    policy = os.environ.get("JOBTUI_OUTPUTS") or policy
    for path, digest in record.outputs:
        now = files.on_disk(path)
        found.left[path] = digest
        if now == digest or digest is None:
            continue
        if now == UNKNOWN:
            kind, words = ReasonKind.CANNOT_FOLLOW, files.unknown[path]
            found.doubts.append(Reason(kind=kind, subject=path, summary=words))
            continue
        kept = evidence.has_blob(digest, record.store)
        if now is None:
            _missing(found, path, recompute=policy == "recompute" or not kept)
        elif evidence.has_blob(now, record.store) or now in evidence.output_digests(path):
            # Another call of the project left it there: nobody edited it.
            if kept:
                _restored(found, path, "holds another result; running the script puts its own back")
            else:
                found.reasons.append(_modified(path, f"{path} holds another result"))
        elif policy == "recompute" or (policy == "restore" and not kept):
            found.reasons.append(_modified(path, f"{path} was edited"))
        elif policy == "restore":
            _restored(found, path, "was edited; running the script puts it back")
        else:
            found.notes.append(f"{path} was edited; the edited file is kept")
            found.left[path] = now
    return found


def declared_since(record: Record, site: CallSite, files: FilesNow) -> list[Reason]:
    """Say how the step's ``output=`` of today is another than it was then.

    Whoever wrote other files, or none, or by other classes, left an entry that answers no call.
    """
    added = _added(record, site, files)
    old = record.site.writes
    if added or old is None or site.writes is None or old == site.writes:
        return added
    before, now = (", ".join(map(_readable, one)) or "none" for one in (old, site.writes))
    words = f"output= of {site.name}: {before} → {now}"
    if before == now:
        words = f"output= of {site.name} changed"
    return [Reason(kind=ReasonKind.VERSION_CHANGED, subject=site.function, summary=words)]


def kept_elsewhere(record: Record, site: CallSite, evidence: Evidence) -> list[Reason]:
    """Say that today's call looks for its result in another place than it was put into."""
    if record.site.place is None or site.place is None or record.site.place == site.place:
        return []
    if record.foreign and evidence.is_only_place(record.store):
        # Others may well name the same place otherwise: it is mounted elsewhere with them.
        return []
    words = f"where {site.name} keeps its results was changed in the source"
    return [Reason(kind=ReasonKind.EVICTED, subject=site.function, summary=words)]


def _readable(persister: str) -> str:
    saver, _, file = persister.partition("(")
    return f"{saver or 'a persister'}(…)" if file.startswith("#") else persister


def _added(record: Record, site: CallSite, files: FilesNow) -> list[Reason]:
    """Give the files that the step writes by its declaration of today, and then did not."""
    written = {path for path, _ in record.outputs}
    names = [files.name(path) for path in site.saved if not is_url(path) and "~" not in path]
    return [
        Reason(
            kind=ReasonKind.OUTPUT_MISSING,
            subject=name,
            summary=f"{name} is declared as an output since it ran",
        )
        for name in names
        if name not in written
    ]


def _missing(found: OutputCheck, path: str, *, recompute: bool) -> None:
    if recompute:
        summary = f"{path} is missing"
        found.reasons.append(Reason(kind=ReasonKind.OUTPUT_MISSING, subject=path, summary=summary))
    else:
        _restored(found, path, "is missing; running the script puts it back")


def _restored(found: OutputCheck, path: str, words: str) -> None:
    found.restored.append(path)
    found.notes.append(f"{path} {words}")


def _modified(path: str, summary: str) -> Reason:
    return Reason(kind=ReasonKind.OUTPUT_MODIFIED, subject=path, summary=summary)
