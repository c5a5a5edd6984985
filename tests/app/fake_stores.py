"""Stores that a test writes, in place of real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from jobtui.services.stores import Arranged, Kind, Query, Shown, module_of
from jobtui_core.errors import FilterError
from jobtui_core.project import entry_filter, select, sort_rows, sums
from jobtui_core.project.catalogue.deleting import Deleted, Removal
from jobtui_core.project.catalogue.known import KnownStore
from jobtui_core.project.catalogue.rows import Detail, Facts, Row
from jobtui_core.records import Preview, StepStatus

__all__ = ["FakeStore", "FakeStores", "entry", "usual_entries"]

NOW = 1_790_000_000.0
Entry = tuple[Row, Facts]


def entry(function: str, number: int, **facts: Any) -> Entry:
    """Give an entry that was computed an hour ago, in 2 s, by Ann on the mill."""
    size = facts.pop("size", 1000)
    written = facts.pop("written", NOW - 3600.0 - number)
    defaults: dict[str, Any] = {
        "arguments": {"alpha": f"{number / 10}"},
        "started": written - 2.0,
        "duration": 2.0,
        "user": "ann",
        "host": "mill",
        "what": "ndarray float64 100",
    }
    name = f"{function.replace(':', '%3A')}/{number:02x}/{number:032x}.entry"
    return Row(name, function, size, written), Facts(**{**defaults, **facts})


def usual_entries() -> list[Entry]:
    """Give entries of three functions in two modules, one of them broken."""
    return [
        *(entry("lab.fits:fit", number, size=1000 * (number + 1)) for number in range(5)),
        *(entry("lab.fits:score", 16 + number, duration=60.0) for number in range(3)),
        entry("plots:draw", 32, what="text", user="bob", host="hill", size=20_000_000),
        entry("plots:draw", 33, problem="the checksum of its header is wrong"),
    ]


@dataclass
class FakeStore:
    """Answers from what a test put into it; a gate holds an answer back."""

    place: str = "/project/.jobtui/cache"
    kind: Literal["jobtui", "joblib"] = "jobtui"
    read_only: bool | None = False
    entries: list[Entry] = field(default_factory=usual_entries)
    looked_at: float | None = None
    lazy: bool = False
    """Whether what entries say is known only after it was read."""
    page: int = 1000
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    steps: tuple[StepStatus, ...] = ()
    previews: dict[str, Preview] = field(default_factory=dict)
    listed: bool = False
    closed: bool = False
    fields = "fn:fit  size:>10M"

    def __post_init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._read: set[str] = set()

    def remember(self) -> None:
        if self.looked_at is not None:
            self._rows = {row.name: row for row, _ in self.entries}

    def known(self, row: Row) -> Facts | None:
        if self.lazy and row.name not in self._read:
            return None
        return next((facts for one, facts in self.entries if one.name == row.name), None)

    def problem(self, text: str) -> tuple[str, int] | None:
        try:
            entry_filter(text)
        except FilterError as error:
            return error.message, error.position
        return None

    async def _answer(self, question: str) -> None:
        self.asked.append(question)
        gate = self.gates.get(question)
        if gate is not None:
            await gate.wait()
        if question in self.errors:
            raise self.errors[question]

    async def list(self, told: Callable[[int], None], stopped: Callable[[], bool]) -> bool:
        rows = [row for row, _ in self.entries]
        for start in range(0, len(rows), self.page):
            await self._answer(f"page {start // self.page}")
            if stopped():
                return False
            self._rows |= {row.name: row for row in rows[start : start + self.page]}
            told(min(start + self.page, len(rows)))
        await self._answer("end")
        self.looked_at = None
        self.listed = True
        return True

    async def read(
        self, rows: Sequence[Row], told: Callable[[int], None], stopped: Callable[[], bool]
    ) -> None:
        await self._answer("read")
        for number, row in enumerate(rows, 1):
            if stopped():
                return
            self._read.add(row.name)
            told(number)

    async def look(self, rows: Sequence[Row], stopped: Callable[[], bool]) -> None:
        await self._answer("look")
        self._read |= {row.name for row in rows}

    async def show(self, row: Row) -> Shown:
        await self._answer("show")
        self._read.add(row.name)
        facts = self.known(row)
        assert facts is not None
        picture = self.previews.get(row.function, Preview(kind="text", type="str", text="hello"))
        return Shown(
            Detail(
                row=row,
                facts=facts,
                preview=None if facts.problem else picture,
                run="2026-09-21T13-33-20-ab12",
                versions={"python": "3.11.9"},
                codec="npy",
                files=("data/co2.csv",),
            )
        )

    async def arrange(self, query: Query) -> Arranged:
        await self._answer("arrange")
        everything = list(self._rows.values())
        rows = [
            row
            for row in everything
            if query.function in (None, row.function)
            and query.module in (None, module_of(row.function))
        ]
        rows, unread = select(rows, entry_filter(query.filter), self.known, NOW)
        if not unread and query.sort in ("duration", "user", "what", "arguments"):
            unread = [row for row in rows if self.known(row) is None]
        return Arranged(
            query=query,
            rows=sort_rows(rows, query.sort, self.known, reverse=query.reverse),
            sums=sums(everything, self.known),
            total=len(everything),
            size=sum(row.size for row in everything),
            unread=unread,
        )

    async def removal(self, rows: Sequence[Row]) -> tuple[Removal, tuple[StepStatus, ...]]:
        await self._answer("removal")
        known = [facts for row in rows if (facts := self.known(row)) is not None]
        functions = {row.function: 0 for row in rows}
        for row in rows:
            functions[row.function] += 1
        removal = Removal(
            rows=tuple(rows),
            size=sum(row.size for row in rows),
            seconds=sum(facts.duration or 0.0 for facts in known),
            timed=len(known),
            functions=tuple(functions.items()),
        )
        return removal, self.steps

    async def delete(
        self, rows: Sequence[Row], told: Callable[[Deleted], None], stopped: Callable[[], bool]
    ) -> Deleted:
        await self._answer("delete")
        for row in rows:
            self._rows.pop(row.name)
        self.entries = [one for one in self.entries if one[0] not in rows]
        deleted = Deleted(done=len(rows), size=sum(row.size for row in rows))
        told(deleted)
        return deleted

    def load_snippet(self, row: Row) -> str:
        return f"value = load({row.key!r})\n"

    def where(self, row: Row) -> str:
        return f"{self.place}/{row.name}"

    async def close(self) -> None:
        self.closed = True


class FakeStores:
    """Opens the stores that a test put into it, by place and kind."""

    def __init__(self) -> None:
        self.stores: dict[tuple[str | None, Kind], FakeStore] = {(None, ""): FakeStore()}
        self.others: tuple[Kind, ...] = ()
        self.offered: tuple[KnownStore, ...] = ()
        self.errors: dict[str | None, Exception] = {}
        self.gates: dict[str | None, asyncio.Event] = {}
        self.opened: list[tuple[str | None, Kind]] = []

    def all_gates(self) -> list[asyncio.Event]:
        """Give everything that holds an answer back."""
        inner = [gate for store in self.stores.values() for gate in store.gates.values()]
        return [*self.gates.values(), *inner]

    async def known(self) -> tuple[KnownStore, ...]:
        return self.offered

    async def open(self, place: str | None, kind: Kind = "") -> tuple[FakeStore, Sequence[Kind]]:
        self.opened.append((place, kind))
        if place in self.gates:
            await self.gates[place].wait()
        if place in self.errors:
            raise self.errors[place]
        self.stores[place, kind].remember()
        return self.stores[place, kind], self.others
