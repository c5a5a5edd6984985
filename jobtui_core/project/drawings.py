"""Figures of a run: those that it drew, and those of the results that it only found stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from xxhash import xxh3_128_hexdigest

from jobtui_core.drawing import LARGEST, png_size
from jobtui_core.entry import entry_name, read_info
from jobtui_core.entry.figures import is_digest
from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.labbook import FigureInfo
from jobtui_core.project.evidence.stores import MALFORMED, Stores
from jobtui_core.project.running.history import find_run
from jobtui_core.records import CallState
from jobtui_core.regular import read_regular
from jobtui_core.tracing.figures import FOLDER
from jobtui_core.tracing.read import read_run

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.tracing.traces import CallRecord

__all__ = ["figure_bytes", "figures"]

_MOST_HITS = 1000
"""Hits of a run that are asked for figures: each is an entry to be read."""


def figures(project: Project, run: str) -> tuple[FigureInfo, ...]:
    """Give the figures of a run, in the order of its calls; the script's own come last.

    Parameters
    ----------
    project : Project
    run : str
        Its id, or the unique beginning of it.

    Returns
    -------
    tuple of FigureInfo
        Those of hits are told with the run that drew them, and with the call of this run that
        they answered; those in a store that does not answer are left out.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    """
    trace = read_run(project.runs_folder / find_run(project, run))
    drawn: dict[str | None, list[FigureInfo]] = {}
    for one in trace.figures:
        drawn.setdefault(one.call, []).append(one)
    stores = Stores(project)
    found: list[FigureInfo] = []
    left = _MOST_HITS
    silent: set[str | None] = set()
    for call in trace.calls:
        found += (replace(one, store=call.store) for one in drawn.get(call.id, ()))
        if call.state in (CallState.HIT, CallState.OLD) and left and call.store not in silent:
            left -= 1
            try:
                found += _stored(stores, call)
            except (StoreUnavailableError, StoreDeniedError):
                # It would be waited for again with each of them.
                silent.add(call.store)
    found += drawn.get(None, ())
    return tuple(found)


def _stored(stores: Stores, call: CallRecord) -> Iterator[FigureInfo]:
    """Give the figures of the entry that answered a call.

    Raises
    ------
    StoreUnavailableError, StoreDeniedError
        If the store does not answer, or refuses.
    """
    key = call.entry or call.key
    if key is None:
        return
    try:
        info = read_info(stores.at(call.store), entry_name(call.function, key))
    except (StoreUnavailableError, StoreDeniedError):
        raise
    except MALFORMED:
        return
    if info is None:
        return
    for facts in info.figures:
        yield FigureInfo(
            run=info.run,
            call=call.id,
            step=call.name,
            hit=True,
            store=call.store,
            **facts._asdict(),
        )


def figure_bytes(project: Project, figure: FigureInfo, kind: Literal["png", "svg"]) -> bytes | None:
    """Give the picture of a figure.

    Parameters
    ----------
    project : Project
    figure : FigureInfo
        From `figures`.
    kind : {"png", "svg"}

    Returns
    -------
    bytes or None
        ``None`` if it is not there any more, or is not what it should be.  An SVG may hold
        scripts: show it as an image, never as a part of a page.
    """
    digest = figure.png if kind == "png" else figure.svg
    if kind not in LARGEST or not is_digest(digest):
        return None
    data = _of_run(project, figure.run, f"{digest}.{kind}", LARGEST[kind])
    if not _is(data, digest, kind):
        try:
            data = Stores(project).at(figure.store).read(f"blobs/{digest}", 0, LARGEST[kind] + 1)
        except (StoreError, *MALFORMED):
            return None
    return data if _is(data, digest, kind) else None


def _is(data: bytes | None, digest: str, kind: str) -> bool:
    if data is None or xxh3_128_hexdigest(data) != digest:
        return False
    return png_size(data) is not None if kind == "png" else b"<svg" in data[:2000]


def _of_run(project: Project, run: str, name: str, limit: int) -> bytes | None:
    # An entry of somebody else's says which run it was.
    if not run or run[0] == "." or not run.replace("-", "").replace("T", "").isalnum():
        return None
    try:
        return read_regular(project.runs_folder / run / FOLDER / name, limit)
    except OSError:
        return None
