"""Which definitions changed between two fingerprints of a function, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobtui_core.project.textdiff import unified
from jobtui_core.records import Reason, ReasonKind

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
        get = symbol.get if isinstance(symbol, Mapping) else _getter(symbol)
        name, digest, source = get("name"), get("digest"), get("source")
        path, kind = get("path") or (), get("kind")
        if isinstance(name, str) and isinstance(digest, str) and isinstance(source, str):
            chain = tuple(str(part) for part in path) if isinstance(path, list | tuple) else ()
            found.append(Definition(name, digest, source, chain, str(kind)))
    return found


def _getter(symbol: object) -> Any:
    return lambda name: getattr(symbol, name, None)


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
        One for each definition that changed; where none did, those that came or went.
    """
    name = display(function)
    if old is None or new is None:
        words = "the source it had then is not kept" if new else "its source is not found"
        summary = f"the code of {name} changed; {words}"
        return [Reason(kind=ReasonKind.CODE_CHANGED, subject=function, summary=summary)]
    before = {one.name: one for one in old}
    after = {one.name: one for one in new}
    both = [one for one in new if one.name in before]
    changed = [_changed(before[one.name], one) for one in both
               if before[one.name].digest != one.digest]  # fmt: skip
    if changed:
        return changed
    came = [_one_sided(one, came=True) for one in new if one.name not in before]
    went = [_one_sided(one, came=False) for one in old if one.name not in after]
    if came or went:
        return came + went
    summary = f"what the names in {name} lead to changed"
    return [Reason(kind=ReasonKind.CODE_CHANGED, subject=function, summary=summary)]


def display(name: str) -> str:
    """Spell a symbol for people: ``helpers.detrend`` for ``helpers:detrend``."""
    module, _, qualified = name.rpartition(":")
    return f"{module}.{qualified}" if module else qualified


def _changed(old: Definition, new: Definition) -> Reason:
    chain = new.path if len(new.path) > 1 else ()
    subject = _spelling(new)
    values = _values(old, new)
    if values is not None:
        return Reason(
            kind=ReasonKind.CODE_CHANGED,
            subject=new.name,
            summary=f"{subject}: {values[0]} → {values[1]}",
            path=chain,
            diff=unified(old.source, new.source, new.name),
            old=values[0],
            new=values[1],
        )
    # Its ends go without saying: the one is the step in whose row it stands, the other the subject.
    between = _clipped(chain[1:-1])
    way = f" (via {' → '.join(between)})" if between else ""
    return Reason(
        kind=ReasonKind.CODE_CHANGED,
        subject=new.name,
        summary=f"{subject} changed{way}",
        path=chain,
        diff=unified(old.source, new.source, new.name),
    )


def _spelling(one: Definition) -> str:
    """The function itself by its plain name, all others with their module."""
    if len(one.path) == 1:
        return one.path[0]
    return display(one.name)


def _clipped(chain: Sequence[str]) -> Sequence[str]:
    return chain if len(chain) <= 5 else (*chain[:2], "…", *chain[-2:])


def _values(old: Definition, new: Definition) -> tuple[str, str] | None:
    """The values of a constant before and now, where both are short."""
    if old.kind != "constant" or new.kind != "constant":
        return None
    before, after = (one.source.partition("=")[2].strip() for one in (old, new))
    if not before or not after or "\n" in before or "\n" in after:
        return None
    return short(before), short(after)


def _one_sided(one: Definition, *, came: bool) -> Reason:
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
