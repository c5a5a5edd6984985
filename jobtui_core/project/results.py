"""Results of steps, as the previews that were made when they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobtui_core.entry import entry_name, read_info
from jobtui_core.project.evidence.gathered import MALFORMED, Evidence
from jobtui_core.project.reader import reader_of
from jobtui_core.records import Preview

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.records import StepStatus

__all__ = ["result"]

_SHOWN = 50
"""Results of a step that was called in a loop; nobody looks through more."""


def result(project: Project, step: StepStatus) -> tuple[Preview, ...]:
    """Give pictures of a step's newest results, in the order of its calls.

    Reads the headers of their entries: nothing is unpickled, and no data are loaded.  A result
    that is gone or unreadable says so in its place.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    step : StepStatus
        As ``status`` gives it.
    """
    with reader_of(project) as reader:
        place = reader.evidence.place_of(step.function)
        return tuple(
            _preview(reader.evidence, place, step.function, key) for key in step.keys[:_SHOWN]
        )


def _preview(evidence: Evidence, place: str | None, function: str, key: str) -> Preview:
    try:
        info = read_info(evidence.store_at(place), entry_name(function, key))
    except MALFORMED as error:
        return _absent(f"unreadable: {error}")
    if info is None:
        return _absent("no longer in the store")
    return info.preview or _absent("no preview was kept")


def _absent(words: str) -> Preview:
    return Preview(kind="none", type="", text=words)
