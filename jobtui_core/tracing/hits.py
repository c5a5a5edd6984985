"""The event of a hit, put together by hand: a JSON encoder takes longer than the look-up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jobtui_core.tracing.journal import bounded, encode

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import AcceptedCode, CallHandle
    from jobtui_core.tracing.sites import Place

__all__ = ["hit_line", "rest_of_hit"]


def hit_line(
    number: str,
    place: Place,
    name: str,
    kind: str,
    key: str,
    result: str | None,
    code: str | None,
    parent: CallHandle | None,
    moment: float,
) -> str:
    """Give the beginning of a hit's ``call_end``, up to what is usually empty.

    Start and end are one event, which therefore has the fields of both.
    """
    if not place.static:
        facts = {
            "function": place.function,
            "name": name,
            "kind": kind,
            "site": place.site,
            "analysis": place.analysis,
        }
        place.static = encode(facts)[1:-1]
    outer = "null" if parent is None else f'"{parent.id}"'
    return (
        f'{{"event":"call_end","call":"{number}",{place.static},"key":{_digest(key)},'
        f'"parent":{outer},"started":{moment!r},"time":{moment!r},"state":"hit",'
        f'"result":{_digest(result)},"code":{_digest(code)},"duration":0.0'
    )


def rest_of_hit(
    saved: float,
    inputs: Iterable[tuple[str, str]],
    met: Iterable[tuple[str, str]],
    outputs: Iterable[tuple[str, str]],
    inner: Iterable[tuple[str, str | None, str | None]],
    store: str | None,
    notes: Sequence[str],
    on_old: Sequence[str],
    log: int,
    entry: str | None = None,
    accepted: Sequence[AcceptedCode] = (),
) -> str:
    """Give the rest of it."""
    lists = {"inputs": inputs, "met": met, "outputs": outputs, "inner": inner}
    known: dict[str, object] = {name: tuple(items) for name, items in lists.items() if items}
    if store is not None:
        known["store"] = store
    if notes:
        known["notes"] = tuple(bounded(note, 2000) for note in notes)
    if on_old:
        known["on_old"] = tuple(on_old)
    if entry is not None:
        known["entry"] = entry
    if accepted:
        known["accepted"] = tuple(accepted)
    more = f",{encode(known)[1:-1]}" if known else ""
    return f',"saved":{float(saved)!r},"log":[{log},{log}]{more}}}'


def _digest(text: str | None) -> str:
    # Digests and keys are plain hexadecimal; whatever else somebody gives is encoded with care.
    if text is None:
        return "null"
    return f'"{text}"' if text.isascii() and text.isalnum() else encode(text)
