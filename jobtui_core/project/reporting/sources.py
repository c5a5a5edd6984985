"""Code as the store keeps it of the calls of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from jobtui_core.entry import clean
from jobtui_core.errors import StoreError
from jobtui_core.project.evidence.stores import MALFORMED
from jobtui_core.project.reporting.data import ScriptPart, Source

if TYPE_CHECKING:
    from jobtui_core.project.evidence.stores import Stores
    from jobtui_core.records import CallInfo
    from jobtui_core.tracing.traces import AnalysisUse

__all__ = ["add_lines", "definitions_in", "helps_of", "scripts_of", "sources_of"]

_LONGEST = 200_000
"""Characters of one definition."""

_MOST = 500
"""Definitions of a run."""

_MOST_LINES = 5000
"""Lines of a script."""


def sources_of(
    stores: Stores, calls: Iterable[CallInfo], missing: dict[str, None]
) -> Iterator[Source]:
    """Give the definitions that calls rest on, each once: first those of steps themselves.

    Parameters
    ----------
    stores : Stores
    calls : iterable of CallInfo
    missing : dict
        Sentences about what is not there are added to it.
    """
    codes = {(call.function, call.code): call for call in calls if call.code}
    own: dict[tuple[str, str], Source] = {}
    used: dict[tuple[str, str], Source] = {}
    for (function, code), call in codes.items():
        document = _document(stores, code, call.store)
        if document is None:
            missing[f"the code of {call.name}: the store has it no more"] = None
            continue
        for one in definitions_in(document.get("symbols"), function):
            (own if one.own else used).setdefault((one.name, one.source), one)
    if any(not call.code for call in calls):
        missing["the code of some calls: it was not recorded"] = None
    used = {name: one for name, one in used.items() if name not in own}
    yield from (*own.values(), *used.values())[:_MOST]
    if len(own) + len(used) > _MOST:
        missing[f"{len(own) + len(used) - _MOST} further definitions"] = None


def _document(stores: Stores, digest: str | None, place: str | None) -> dict[str, object] | None:
    for where in dict.fromkeys((None, place)):
        try:
            found = stores.document(digest or "", where)
        except (StoreError, *MALFORMED):
            continue
        if found is not None:
            return found
    return None


def definitions_in(symbols: object, function: str) -> Iterator[Source]:
    """Read what a store keeps of definitions; what is malformed is left out."""
    for one in symbols if isinstance(symbols, list) else ():
        if not isinstance(one, dict):
            continue
        name, source, kind = one.get("name"), one.get("source"), one.get("kind")
        file, line = one.get("file"), one.get("line")
        if not isinstance(name, str) or not isinstance(source, str) or not source.strip():
            continue
        yield Source(
            name=clean(name, 500),
            source=source[:_LONGEST],
            kind=kind if isinstance(kind, str) else "",
            file=clean(file, 500) if isinstance(file, str) else "",
            line=line if isinstance(line, int) else 0,
            own=name == function,
        )


def scripts_of(stores: Stores, analyses: Sequence[AnalysisUse]) -> Iterator[ScriptPart]:
    """Give the statements of scripts that lead to their steps."""
    for one in analyses:
        document = _document(stores, one.digest, None)
        files: dict[str, dict[int, str]] = {}
        for site in _list(None if document is None else document.get("sites")):
            if isinstance(site, dict):
                add_lines(site, files)
        for file, lines in files.items():
            ordered = tuple(sorted(lines.items()))[:_MOST_LINES]
            yield ScriptPart(script=clean(file, 500), lines=ordered)


def helps_of(stores: Stores, analyses: Sequence[AnalysisUse]) -> dict[str, str]:
    """Give what scripts say of their parameters, by name."""
    found: dict[str, str] = {}
    for one in analyses:
        document = _document(stores, one.digest, None)
        for known in _list(None if document is None else document.get("parameters")):
            match known:
                case {"name": str(name), "help": str(text)} if text:
                    found.setdefault(name, clean(text, 500))
    return found


def add_lines(site: dict[str, Any], files: dict[str, dict[int, str]]) -> None:
    """Add the lines of one call site's slice, if there are as many as it says."""
    text, places = site.get("slice"), _list(site.get("lines"))
    if not isinstance(text, str):
        return
    numbers: list[tuple[str, int]] = []
    for place in places:
        match place:
            case [str(file), int(first), int(last)] if 0 <= last - first <= _MOST_LINES:
                numbers += [(file, number) for number in range(first, last + 1)]
            case _:
                return
        if len(numbers) > _MOST_LINES:
            return
    lines = text.split("\n")
    if len(lines) == len(numbers):
        for (file, number), line in zip(numbers, lines, strict=True):
            files.setdefault(file, {}).setdefault(number, line)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
