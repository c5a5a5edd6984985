"""Which definitions changed between two fingerprints of a function, and how."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobtui_core.diffs.assigned import assigned
from jobtui_core.diffs.classes import Member, changed_members
from jobtui_core.diffs.texts import unified
from jobtui_core.entry.describe import without_secrets
from jobtui_core.fingerprint import Symbol
from jobtui_core.reasons import Reason, ReasonKind

__all__ = ["Definition", "code_reasons", "definitions", "display", "short"]

_VALUE_LENGTH = 60
"""Characters of a value that are shown in one line."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition behind a fingerprint, as of some time."""

    name: str
    digest: str
    source: str
    path: tuple[str, ...]
    kind: str


def definitions(symbols: object) -> list[Definition]:
    """Read the symbols of a fingerprint, or what a store kept of them; skips what is malformed."""
    found: list[Definition] = []
    for symbol in symbols if isinstance(symbols, Sequence) else ():
        if isinstance(symbol, Symbol):
            whole = Definition(symbol.name, symbol.digest, symbol.source, symbol.path, symbol.kind)
            found.append(whole)
            continue
        if not isinstance(symbol, dict):
            continue
        name, digest, source = symbol.get("name"), symbol.get("digest"), symbol.get("source")
        path, kind = symbol.get("path") or (), symbol.get("kind")
        if isinstance(name, str) and isinstance(digest, str) and isinstance(source, str):
            chain = tuple(str(part) for part in path) if isinstance(path, list | tuple) else ()
            found.append(Definition(name, digest, source, chain, str(kind)))
    return found


def code_reasons(
    function: str, old: Sequence[Definition] | None, new: Sequence[Definition] | None
) -> list[Reason]:
    """Say what changed in the code of a function.

    Parameters
    ----------
    function : str
        Identity.
    old, new : sequence of Definition or None
        Before and now; ``None`` where it is not known.

    Returns
    -------
    list of Reason
        Definitions that changed, the nearest first, each with a diff of nothing else (of a class,
        each member); then those that the function uses now, and those that it no longer does.
    """
    name = display(function)
    if old is None or new is None:
        words = "the source it had then is not kept" if new else "its source is not found"
        summary = f"the code of {name} changed; {words}"
        return [Reason(kind=ReasonKind.CODE_CHANGED, subject=function, summary=summary)]
    before = {one.name: one for one in old}
    after = {one.name: one for one in new}
    version = _version_reason(function, before, after)
    if version is not None:
        # It stands for all of the code: whatever else is different does not count.
        return [version]
    found = [
        reason
        for one in new
        if one.name in before and before[one.name].digest != one.digest
        for reason in _changed(before[one.name], one)
    ]
    came = [one for one in new if one.name not in before]
    went = [one for one in old if one.name not in after]
    for group, is_new in ((came, True), (went, False)):
        # An import statement says less than the definition that it leads to.
        told = [one for one in group if one.kind != "import"] or group
        found += [_one_sided(one, came=is_new) for one in told]
    if found:
        return found
    summary = f"what the names in {name} lead to changed"
    return [Reason(kind=ReasonKind.CODE_CHANGED, subject=function, summary=summary)]


def _version_reason(
    function: str, before: Mapping[str, Definition], after: Mapping[str, Definition]
) -> Reason | None:
    """Say that the ``version`` in the decorator, which stands for the code, is another one."""
    old, new = before.get(function), after.get(function)
    if old is None or new is None:
        return None
    versions = _version(old.source), _version(new.source)
    if versions[0] == versions[1]:
        return None
    then, now = (short(version or "none") for version in versions)
    return Reason(
        kind=ReasonKind.VERSION_CHANGED,
        subject=function,
        summary=f"version of {_spelling(new)}: {then} → {now}",
        diff=unified(old.source, new.source, new.name),
        old=then,
        new=now,
    )


def _version(source: str) -> str | None:
    """Give the ``version`` of a function's decorator, as written."""
    if "version" not in source:
        return None
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for decorator in getattr(body[0], "decorator_list", ()) if body else ():
        for keyword in getattr(decorator, "keywords", ()):
            if keyword.arg == "version" and ast.unparse(keyword.value) != "None":
                return ast.unparse(keyword.value)
    return None


def display(name: str) -> str:
    """Spell a symbol for people: ``helpers.detrend`` for ``helpers:detrend``."""
    module, _, qualified = name.rpartition(":")
    return f"{module}.{qualified}" if module else qualified


def _changed(old: Definition, new: Definition) -> list[Reason]:
    """Say how a definition changed: a class member by member, all else as a whole."""
    if old.kind == new.kind == "class":
        members = changed_members(old.source, new.source)
        if members:
            return [_member(one, new) for one in members]
    if ":" not in new.name:
        return [_package(old.source, new.source, new.name)]
    values = _values(old.name, old.source, new.source) if _are_constants(old, new) else None
    summary = f"{_spelling(new)} changed{_way(new)}"
    if values is not None:
        summary = f"{_spelling(new)}: {values[0]} → {values[1]}"
    elif old.kind == new.kind == "import":
        values = short(old.source), short(new.source)
        summary = f"{_spelling(new)} is another one{_way(new)}: {values[0]} → {values[1]}"
    return [
        Reason(
            kind=ReasonKind.CODE_CHANGED,
            subject=new.name,
            summary=summary,
            path=new.path if len(new.path) > 1 else (),
            diff=unified(old.source, new.source, new.name),
            old=values[0] if values is not None else None,
            new=values[1] if values is not None else None,
        )
    ]


def _package(old: str, new: str, name: str) -> Reason:
    """Say that a package whose version counts is another one; its source is name and version."""
    then, now = (text.removeprefix(name).strip() or None for text in (old, new))
    return Reason(
        kind=ReasonKind.VERSION_CHANGED,
        subject=name,
        summary=f"{name}: {then or 'not counted'} → {now or 'not counted'}",
        old=then,
        new=now,
    )


def _member(member: Member, owner: Definition) -> Reason:
    name = f"{owner.name}.{member.name}"
    spelled = f"{_spelling(owner)}.{member.name}"
    values = _values(name, member.old, member.new) if member.is_value else None
    if values is not None:
        summary = f"{spelled}: {values[0]} → {values[1]}"
    else:
        word = "changed" if member.old and member.new else "is new" if member.new else "is gone"
        summary = f"{spelled} {word}{_way(owner)}"
    return Reason(
        kind=ReasonKind.CODE_CHANGED,
        subject=name,
        summary=summary,
        path=(*owner.path[:-1], f"{owner.path[-1]}.{member.name}") if owner.path else (),
        diff=unified(member.old, member.new, name),
        old=values[0] if values is not None else None,
        new=values[1] if values is not None else None,
    )


def _way(one: Definition) -> str:
    """Name what lies between the function and a definition that it reaches."""
    between = one.path[1:-1]
    return f" (via {' → '.join(_clipped(between))})" if between else ""


def _spelling(one: Definition) -> str:
    """The function itself by its plain name, all others with their module."""
    if len(one.path) == 1:
        return one.path[0]
    return display(one.name)


def _clipped(chain: Sequence[str]) -> Sequence[str]:
    return chain if len(chain) <= 5 else (*chain[:2], "…", *chain[-2:])


def _are_constants(old: Definition, new: Definition) -> bool:
    return old.kind == new.kind == "constant"


def _values(name: str, old: str, new: str) -> tuple[str, str] | None:
    """The values of a constant before and now, where both are short and differ as shown."""
    before, after = (assigned(name, source) for source in (old, new))
    if not before or not after or "\n" in before or "\n" in after:
        return None
    shown = [short(without_secrets(display(name), value)) for value in (before, after)]
    return (shown[0], shown[1]) if shown[0] != shown[1] else None


def _one_sided(one: Definition, *, came: bool) -> Reason:
    if ":" not in one.name:
        return _package(*(("", one.source) if came else (one.source, "")), one.name)
    word = "is used now" if came else "is no longer used"
    texts = ("", one.source) if came else (one.source, "")
    return Reason(
        kind=ReasonKind.CODE_CHANGED,
        subject=one.name,
        summary=f"{display(one.name)} {word}",
        path=one.path if len(one.path) > 1 else (),
        diff=unified(*texts, one.name),
    )


def short(value: object) -> str:
    """Give a value in one short line."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= _VALUE_LENGTH else text[: _VALUE_LENGTH - 1] + "…"
