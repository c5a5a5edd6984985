"""The last look at a store, kept on this machine so that the next one is there at once.

Derived, and deletable at any time: ``jobtui_core/FORMAT.md`` has the bytes.  A file that is
damaged, of another version or of another store counts as none.  Its texts are shown and its names
are asked of the store, which refuses what is no name of its own; so nothing more is believed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import groupby, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_64_hexdigest

from jobtui_core.entry import clean
from jobtui_core.project.catalogue.rows import Facts, Row
from jobtui_core.regular import open_regular, read_regular
from jobtui_core.whole import write_whole

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.views import View

__all__ = ["IndexCopy", "LastLook", "last_looks"]

_ROWS, _FACTS = b"jobtui store rows 1\n", b"jobtui store facts 1\n"
_MOST_ROWS = 2_000_000
_LARGEST = 256 << 20
_MOST_FACTS = 100_000
_LARGEST_FACTS = 64 << 20
_HEAD = 4 << 20
"""Bytes of a header that are read."""

_MOST_STORES = 40
"""Stores whose last look is kept; those looked at longest ago go."""

_AT_ONCE = 2000
"""Entries that are made from bytes, or bytes from them, in one go: a screen waits for no longer."""

_PRIVATE = 0o600
"""Arguments of calls are nobody else's concern."""

_ORDINARY = bytes(range(0x21, 0x7F)) + b" \n"

KnownFacts = dict[str, tuple[int, float, Facts]]
"""By name of the entry: its size and time when that was read, and what it said."""

_new_row: Callable[[Iterable[Any]], Row] = partial(tuple.__new__, Row)

_BAD = (OSError, ValueError, LookupError, TypeError, RecursionError, MemoryError, OverflowError)
"""What reading a file that anybody may have written may raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """What is known of a store that was looked at before, without asking it."""

    kind: str
    place: str
    url: str
    time: float
    """When it was listed, in seconds since the epoch."""
    entries: int
    size: int
    """Bytes of entries and kept outputs."""
    others: int = 0
    """Bytes of kept outputs alone."""


class IndexCopy:
    """The last look at one store.

    Parameters
    ----------
    folder : Path
        ``.jobtui/index`` of the project.
    view : View
        Of the store.
    """

    def __init__(self, folder: Path, view: View) -> None:
        self._folder = folder / "stores"
        self._view = view
        digest = blake2b(f"{view.kind} {view.url}".encode("utf-8", "replace"), digest_size=16)
        self._path = str(self._folder / digest.hexdigest())

    def rows(self) -> tuple[LastLook, dict[str, Row]] | None:
        """Give the entries as of the last look, by name; ``None`` if there was none."""
        try:
            data = read_regular(f"{self._path}.rows", _LARGEST)
            head, start = _head(data, _ROWS)
            look = _look(head)
            if (look.kind, look.url) != (self._view.kind, self._view.url):
                return None
            body = memoryview(data)[start:]
            if xxh3_64_hexdigest(body) != head["digest"]:
                return None
            return look, _unpacked(head, body)
        except _BAD:
            return None

    def facts(self) -> KnownFacts:
        """Give what entries said when they were read last."""
        try:
            data = read_regular(f"{self._path}.facts", _LARGEST_FACTS + _HEAD)
            head, start = _head(data, _FACTS)
            body = memoryview(data)[start:]
            if xxh3_64_hexdigest(body) != head["digest"] or head["url"] != self._view.url:
                return {}
            known: KnownFacts = {}
            for line in bytes(body).split(b"\n"):
                for name, size, written, *said in json.loads(line):
                    known[name] = size, written, _facts(said)
        except _BAD:
            return {}
        return known

    def keep(
        self, rows: Mapping[str, Row], others: int, facts: Mapping[str, tuple[int, float, Facts]]
    ) -> None:
        """Keep a look; where that cannot be, the next one is as slow as this one was."""
        if len(rows) > _MOST_ROWS:
            return
        view = self._view
        head, body = _packed(sorted(rows.values()))
        head |= {"kind": view.kind, "place": view.place, "url": view.url, "time": time.time()}
        head |= {"entries": len(rows), "size": others + sum(row.size for row in rows.values())}
        head["others"] = others
        newest = sorted(facts, key=lambda name: -facts[name][1])[:_MOST_FACTS]
        told = [[name, *facts[name][:2], *_said(facts[name][2])] for name in newest]
        parts = range(0, max(1, len(told)), _AT_ONCE)
        said = b"\n".join(_json(told[at : at + _AT_ONCE]) for at in parts)
        with suppress(OSError):
            if not self._folder.parent.parent.is_dir():
                # Nothing is made in a folder that nobody asked to be made a project.
                return
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(f"{self._path}.rows", _with_head(_ROWS, head, body), _PRIVATE)
            if len(said) <= _LARGEST_FACTS:
                data = _with_head(_FACTS, {"url": view.url}, said)
                write_whole(f"{self._path}.facts", data, _PRIVATE)
            _tidy(self._folder)


def last_looks(folder: Path) -> Iterator[LastLook]:
    """Give the stores that were looked at, the latest first.

    Parameters
    ----------
    folder : Path
        ``.jobtui/index`` of the project.
    """
    found = []
    for path in _by_age(folder / "stores"):
        with suppress(*_BAD):
            with open_regular(path) as file:
                head, _ = _head(file.read(_HEAD), _ROWS)
            found.append(_look(head))
    yield from sorted(found, key=lambda look: -look.time)


def _by_age(folder: Path) -> list[str]:
    """Give the files of looks, the latest first."""
    try:
        with os.scandir(folder) as entries:
            files = [(one.stat().st_mtime, one.path) for one in entries if one.name[-5:] == ".rows"]
    except OSError:
        return []
    return [path for _, path in sorted(files, reverse=True)]


def _tidy(folder: Path) -> None:
    for path in _by_age(folder)[_MOST_STORES:]:
        for name in (path, path.removesuffix(".rows") + ".facts"):
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108  # a text


# -- bytes ---------------------------------------------------------------------------------------


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _with_head(magic: bytes, head: dict[str, Any], body: bytes) -> bytes:
    text = _json({**head, "digest": xxh3_64_hexdigest(body)})
    return b"".join((magic, xxh3_64_hexdigest(text).encode(), b" ", text, b"\n", body))


def _head(data: bytes, magic: bytes) -> tuple[dict[str, Any], int]:
    """Give the header of a file and where its body begins."""
    if not data.startswith(magic):
        raise ValueError("another version")
    end = data.index(b"\n", len(magic))
    digest, _, text = data[len(magic) : end].partition(b" ")
    head = json.loads(text)
    if not isinstance(head, dict) or xxh3_64_hexdigest(text).encode() != digest:
        raise ValueError("no header")
    return head, end + 1


def _look(head: dict[str, Any]) -> LastLook:
    """Read a header; ``ValueError`` unless each part is what it should be."""
    return LastLook(
        kind=_text(head.get("kind")),
        place=_text(head.get("place")),
        url=_text(head.get("url")),
        time=_number(head.get("time")),
        entries=int(_number(head.get("entries"))),
        size=int(_number(head.get("size"))),
        others=int(_number(head.get("others"))),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or clean(value, 4000) != value:
        raise ValueError("a text that cannot be shown")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value < 1e18:
        raise ValueError("a number that is none")
    return float(value)


def _packed(rows: Sequence[Row]) -> tuple[dict[str, Any], bytes]:
    """Lay rows out in columns, which are read back in a tenth of the time of 100,000 records."""
    folders = []
    rests: list[str] = []
    for (folder, function), group in groupby(rows, key=lambda row: (_split(row)[0], row.function)):
        names = [_split(row)[1] for row in group]
        rests += names
        folders.append([folder, function, len(names)])
    names_of_all = "\n".join(rests).encode("ascii", "strict")
    sizes = array("Q", [row.size for row in rows])
    times = array("d", [row.written for row in rows])
    if sys.byteorder == "big":
        sizes.byteswap()
        times.byteswap()
    return {"folders": folders, "rows": len(rows)}, sizes.tobytes() + times.tobytes() + names_of_all


def _split(row: Row) -> tuple[str, str]:
    """Part a name into the function's folder and the rest, which is plain ASCII."""
    if row.name.endswith(".entry"):
        folder, _, rest = row.name.partition("/")
    else:
        folder, _, rest = row.name.rpartition("/")
    return folder, rest


def _unpacked(head: dict[str, Any], body: memoryview) -> dict[str, Row]:
    count = head["rows"]
    sizes, times = array("Q"), array("d")
    sizes.frombytes(body[: 8 * count])
    times.frombytes(body[8 * count : 16 * count])
    names = bytes(body[16 * count :])
    if sys.byteorder == "big":
        sizes.byteswap()
        times.byteswap()
    if names.translate(None, _ORDINARY):
        raise ValueError("names with characters that none has")
    rests = names.decode("ascii").split("\n") if names else []
    if not len(rests) == len(sizes) == len(times) == count:
        raise ValueError("columns of several lengths")
    if count and not min(times) >= 0:
        raise ValueError("times before all others")
    found: dict[str, Row] = {}
    start = 0
    for folder, function, number in head["folders"]:
        end = start + number
        before = clean(str(folder), 4000) + "/"
        shown = clean(str(function), 500)
        for at in range(start, end, _AT_ONCE):
            some = slice(at, min(at + _AT_ONCE, end))
            whole = [before + rest for rest in rests[some]]
            parts = zip(whole, repeat(shown, len(whole)), sizes[some], times[some], strict=True)
            # As ``Row._make`` does, without a call of Python for each of 100,000.
            found.update(zip(whole, map(_new_row, parts), strict=True))
        start = end
    if len(found) != count:
        raise ValueError("names that occur twice, or not at all")
    return found


def _said(facts: Facts) -> Iterable[Any]:
    yield from (facts.started, facts.duration, facts.host, facts.user, facts.what, facts.problem)
    yield facts.arguments


def _facts(said: Sequence[Any]) -> Facts:
    started, duration, host, user, what, problem, arguments = said
    texts = (host, user, what, problem, *arguments, *arguments.values())
    if not all(type(text) is str and text.isprintable() for text in texts):
        raise ValueError("a text that cannot be shown")
    if not all(one is None or type(one) is float for one in (started, duration)):
        raise TypeError("a time that is none")
    return Facts(
        arguments=arguments,
        started=started,
        duration=duration,
        host=sys.intern(host),
        user=sys.intern(user),
        what=what,
        problem=problem,
    )
