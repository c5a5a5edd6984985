"""One run as a shared store keeps it, to tell others what was called and what came of it.

It is written from what the trace came to, field by field: only what verdicts elsewhere need, and
what people ask first: who, where, when.  Nothing of the environment, no output, no tracebacks.
Reading goes through the same checks as a trace on this machine does; whatever is wrong with a
record makes it none.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.entry.describe import clean, without_secrets
from jobtui_core.records import CallState, RunState
from jobtui_core.stores.addresses import scheme_of
from jobtui_core.tracing.liveness import host_name
from jobtui_core.tracing.redacted import redacted_parameters, redacted_value, redacted_words
from jobtui_core.tracing.replay import Replay

if TYPE_CHECKING:
    from jobtui_core.stores import SigningKey
    from jobtui_core.tracing.traces import CallRecord, RunTrace

__all__ = [
    "HERE",
    "PREFIX",
    "RunObject",
    "SharedRun",
    "from_bytes",
    "from_text",
    "name_elsewhere",
    "origin_of",
    "parse_name",
    "record_name",
    "run_lines",
    "to_bytes",
    "unpacked",
]

PREFIX = "runs/"
"""What the names of all records begin with."""

HERE = "."
"""How a record names the very store that it lies in, for calls that were told to use it."""

VERSION = 1

LARGEST = 16_000_000
"""Bytes of a record as it is stored; a larger one is neither written nor read."""

_LARGEST_TEXT = 64_000_000
"""Bytes of a record once it is unpacked; no more of one is looked at."""

_MOST_LINES = 250_000
_LONGEST_LINE = 4_000_000
"""Events of a record, and bytes of one, that are looked at: what is packed well may be much."""

_HEAD = b"jobtui run 1 "
_USE = b"jobtui run"
"""What a signature of a record is for."""

_LONGEST_NOTE = 5_000

_is_name = re.compile(
    r"runs/(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[0-9a-f]{4})-([0-9a-f]{16})\.run"
).fullmatch

_FACTS = ("user", "host", "python")
"""Texts of ``run_start`` that travel as they are; bounded."""

_MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class RunObject:
    """What the name of a record says."""

    run: str
    """The run's id, as the machine has it that it ran on."""
    origin: str
    """Stands for the machine and the project's folder there."""


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run that somebody shared.

    Attributes
    ----------
    trace : RunTrace
        Its id is that of the record: run and origin.
    project : bool
        Whether the store is that of the project whose run it was, so that calls without a store
        have their entries in it.
    user, host : str
        Who ran it, and where; somebody else's word.
    """

    trace: RunTrace
    project: bool
    user: str
    host: str


def record_name(run: str, origin: str) -> str:
    """Name the record of a run."""
    return f"{PREFIX}{run}-{origin}.run"


def parse_name(name: str) -> RunObject | None:
    """Take a record's name apart; ``None`` if it is none of ours, or of a later version."""
    found = _is_name(name)
    return None if found is None else RunObject(found[1], found[2])


@lru_cache(maxsize=16)
def name_elsewhere(place: str | None, own: str | None) -> str | None:
    """Name a store in a record that lies in another one.

    Parameters
    ----------
    place : str or None
        As this machine's records name it; ``None`` is the project's.
    own : str or None
        How they name the store that the record lies in.
    """
    if place is None:
        return None
    if place == own:
        return HERE
    # Where somebody's folders lie is nobody else's concern, and means nothing there.
    return place if scheme_of(place) is not None else "?"


def origin_of(root: Path) -> str:
    """Give what stands for a project's folder on this machine in the names of its records."""
    text = "\0".join((host_name(), os.fspath(root)))
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


# Writing ----------------------------------------------------------------------------------------


def to_bytes(lines: list[str], name: str, key: SigningKey | None) -> bytes:
    """Pack the lines of a record, signed where the store has a key.

    Raises
    ------
    ValueError
        If that is more than others would read.
    """
    text = "\n".join(lines).encode("ascii")
    packed = zlib.compress(text, 6)
    if len(packed) > LARGEST or len(text) > _LARGEST_TEXT:
        raise ValueError(f"its record takes {len(packed):,} bytes")
    signature = "-" if key is None else key.sign(_USE, [name.encode(), b"\0", packed]).hex()
    return b"%s%s\n%s" % (_HEAD, signature.encode(), packed)


def run_lines(
    trace: RunTrace, *, project: bool, store_name: Callable[[str | None], str | None]
) -> list[str]:
    """Give the events of a record, as lines.

    Parameters
    ----------
    trace : RunTrace
        Of a run that is over.
    project : bool
        Whether the store that the record is for is the project's.
    store_name : callable
        From the name of a store in the trace to that in the record; ``None`` for the project's.
    """
    events = _events(trace, project=project, store_name=store_name)
    return [json.dumps(event, separators=(",", ":"), default=repr) for event in events]


def _events(
    trace: RunTrace, *, project: bool, store_name: Callable[[str | None], str | None]
) -> Iterator[dict[str, Any]]:
    info = trace.info
    yield {"event": "shared", "version": VERSION, "project": project}
    yield {
        "event": "run_start",
        "time": info.started,
        "script": info.script,
        "argv": redacted_words(info.argv),
        "parameters": redacted_parameters(info.parameters),
        "started_by": info.started_by,
        **{name: clean(text, 200) for name in _FACTS if (text := _text(trace.start.get(name)))},
        "versions": _versions(trace.start.get("versions")),
        "git": _git(trace.start.get("git")),
    }
    for name, use in trace.parameters.items():
        values = {
            "value": redacted_value(name, use.value),
            "default": redacted_value(name, use.default),
        }
        yield {"event": "parameter", "name": name, **values}
    for one in trace.analyses:
        yield {"event": "sites", "script": one.script, "analysis": one.digest}
    for event, uses in (("file_read", trace.files_read), ("file_write", trace.files_written)):
        for file in uses:
            yield {
                "event": event,
                "time": file.time,
                "path": file.path,
                "digest": file.digest,
                "file": file.file,
                "line": file.line,
            }
    for call in trace.calls:
        yield _call(call, store_name)
    for number, counted in enumerate(trace.counted):
        yield {
            "event": "calls_counted",
            "place": number,
            "function": counted.function,
            "site": counted.site,
            "analysis": counted.analysis,
            "hits": counted.hits,
            "computed": counted.computed,
            "saved": counted.saved,
            "inner": counted.inner,
        }
    if trace.only_stop is not None:
        file_name, line = trace.only_stop
        yield {"event": "only_stop", "file": file_name, "line": line}
    yield {
        "event": "run_end",
        "time": info.ended,
        "state": info.state,
        "code": info.code,
        "signal": info.signal,
    }


def _call(call: CallRecord, store_name: Callable[[str | None], str | None]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "call": call.id,
        "function": call.function,
        "name": call.name,
        "kind": call.kind,
        "site": call.site,
        "analysis": call.analysis,
        "key": call.key,
        "parent": call.parent,
        "started": call.started,
    }
    if call.state is CallState.RUNNING:
        return {"event": "call_start", "time": call.started, **facts}
    accepted = [
        (function, new, old, store_name(place or None) or "")
        for function, new, old, place in call.accepted
    ]
    rest: dict[str, Any] = {
        "result": call.result,
        "code": call.code,
        "duration": call.duration,
        "saved": call.saved,
        "store": store_name(call.store),
        "inputs": call.inputs,
        "met": call.met,
        "outputs": call.outputs,
        "entry": call.entry,
        "accepted": accepted,
        # What it said may hold anything; that it failed is all that counts elsewhere.
        "error": None if call.error is None else {"type": clean(call.error.type, 200)},
        "notes": [without_secrets("", clean(note, _LONGEST_NOTE)) for note in call.notes],
        "on_old": call.on_old,
    }
    told = {name: value for name, value in rest.items() if value}
    return {"event": "call_end", "time": call.ended, "state": call.state, **facts, **told}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _versions(value: object) -> dict[str, str]:
    items = value.items() if isinstance(value, dict) else ()
    texts = {name: text for name, text in items if isinstance(name, str) and isinstance(text, str)}
    return dict(list(texts.items())[:_MOST_VERSIONS])


def _git(value: object) -> dict[str, str] | None:
    commit = value.get("commit") if isinstance(value, dict) else None
    return {"commit": commit} if isinstance(commit, str) else None


# Reading ----------------------------------------------------------------------------------------


def from_bytes(data: bytes, name: str, key: SigningKey | None) -> SharedRun | None:
    """Read a record; ``None`` if it is not one, of a later version, or not signed as it must be.

    Parameters
    ----------
    data : bytes
        Untrusted.
    name : str
        Of the object: a record that was copied to another name is none.
    key : SigningKey, optional
        The store's.
    """
    text = unpacked(data, name, key)
    return None if text is None else from_text(text, name)


def unpacked(
    data: bytes, name: str, key: SigningKey | None, most: int = _LARGEST_TEXT
) -> bytes | None:
    """Give the text of a record; ``None`` if it is none, or not signed as it must be.

    Parameters
    ----------
    data : bytes
        Untrusted.
    name : str
    key : SigningKey, optional
    most : int
        Bytes; a longer one is none.
    """
    known = parse_name(name)
    head, end, packed = data.partition(b"\n")
    if known is None or not end or len(data) > LARGEST + 200 or not head.startswith(_HEAD):
        return None
    if key is not None and not _is_signed(head[len(_HEAD) :], name, packed, key):
        return None
    try:
        unpacking = zlib.decompressobj()
        # No limit at all is what 0 means.
        text = unpacking.decompress(packed, max(1, min(most, _LARGEST_TEXT)))
    except zlib.error:
        return None
    return text if unpacking.eof else None


def from_text(text: bytes, name: str) -> SharedRun | None:
    """Read the text of a record; ``None`` if it is not one, or of a later version.

    Parameters
    ----------
    text : bytes
        Untrusted.
    name : str
        Of a record.
    """
    known = parse_name(name)
    if known is None or text.count(b"\n") >= _MOST_LINES:
        return None
    try:
        lines = text.split(b"\n")
        if max(map(len, lines)) > _LONGEST_LINE:
            return None
        first = json.loads(lines[0])
        if first.get("event") != "shared" or first.get("version") != VERSION:
            return None
        return _replayed(lines[1:], f"{known.run}-{known.origin}", first.get("project") is True)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _is_signed(signature: bytes, name: str, packed: bytes, key: SigningKey) -> bool:
    if re.fullmatch(b"[0-9a-f]{64}", signature) is None:
        return False
    return key.signed(_USE, [name.encode(), b"\0", packed], bytes.fromhex(signature.decode()))


def _replayed(lines: list[bytes], run: str, project: bool) -> SharedRun | None:
    replay = Replay(run)
    for line in lines:
        event = json.loads(line)
        if isinstance(event, dict) and isinstance(event.get("event"), str):
            replay.take("events", event)
    end = replay.end or {}
    state = RunState(str(end.get("state")))
    trace = replay.trace(state)
    if state.active or trace.info.started is None or trace.info.ended is None:
        return None
    user = clean(_text(trace.start.get("user")), 200)
    return SharedRun(trace, project, user, clean(trace.info.host, 200))
