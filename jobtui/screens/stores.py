"""Choosing a store to look through: one that the project leads to, or any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from jobtui.plain import age, count, plain, size
from jobtui.services.stores import Kind, StoreService
from jobtui.widgets.columns import Column
from jobtui.widgets.table import Painted, Table

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.known import KnownStore

__all__ = ["StoreScreen"]

_COLUMNS = (
    Column(title="store", width=30, least=16, grows=True),
    Column(title="known from", width=14, least=10, drop=2),
    Column(title="last time", width=32, least=12, drop=1),
)

_WHY = {
    "project": "this project's",
    "settings": "settings",
    "runs": "a run",
    "folder": "this folder",
    "opened": "opened before",
    "beside": "same place",
}
"""Where a store is known from."""


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A store that is offered."""

    place: str
    kind: Kind
    why: str
    said: str
    """What is known of it."""
    group: int = 0
    pinned: bool = False

    @property
    def identity(self) -> str:
        return f"{self.kind}\0{self.place}"

    @property
    def searched(self) -> str:
        return f"{self.place} {self.why} {self.kind}"

    def sort_key(self, column: int) -> Any:
        return (self.place, self.why, self.said)[column]

    def paint(self) -> Painted:
        kind = "  (joblib)" if self.kind == "joblib" else ""
        return Painted(
            ((plain(self.place) + kind, ""), (self.why, "dim"), (plain(self.said), "dim"))
        )


def _said(store: KnownStore, now: float) -> str:
    """Say what the last look told."""
    words = ["read-only"] if store.read_only else []
    if store.entries is not None:
        words.append(count(store.entries, "entry", "entries"))
    if store.size is not None:
        words.append(size(store.size))
    if store.opened is not None:
        past = age(max(now - store.opened, 0.0))
        words.append(past if past == "now" else f"{past} ago")
    return ", ".join(words)


class _Place(Input):
    """Where a folder or a URL is typed; down goes to what is offered."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("down", "tab"):
            event.stop()
            event.prevent_default()
            self.screen.query_one(Table).focus()
            return
        await super()._on_key(event)


class StoreScreen(ModalScreen["tuple[str, Kind] | None"]):
    """Asks for a store; gives its place and whose entries are meant, or ``None``.

    Parameters
    ----------
    stores : StoreService
    shown : str
        Place of the store that is open now.
    beside : sequence of (str, str)
        Others that lie at the same place, with whose they are.
    clock : callable
        Gives the time, in seconds since the epoch.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", "Close", show=False),
        Binding("tab,shift+tab", "turn", "The other one", show=False),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    StoreScreen { align: center middle; background: $background 60%; }
    StoreScreen #stores {
        width: 100; max-width: 96%; height: auto; max-height: 90%;
        border: round $accent; border-title-style: bold; background: $surface; padding: 0 1;
    }
    StoreScreen Input { height: 1; border: none; padding: 0 1; background: $panel; }
    StoreScreen Input:focus { border: none; }
    StoreScreen Table { height: auto; min-height: 3; max-height: 12; background: $surface;
        margin-top: 1; }
    StoreScreen #stores-hint { height: 1; color: $text-muted; }
    """

    def __init__(
        self,
        stores: StoreService,
        shown: str,
        beside: Sequence[tuple[str, Kind]],
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self._stores = stores
        self._shown = shown
        self._beside = [_Row(place, kind, _WHY["beside"], "") for place, kind in beside]
        self._clock = clock
        self.table: Table[_Row] = Table(_COLUMNS, _Row.paint)

    def compose(self) -> ComposeResult:
        """Put what is typed above what is offered."""
        box = Vertical(id="stores")
        box.border_title = "Open a store"
        with box:
            place = _Place(placeholder="a folder, s3://bucket/prefix, or any other URL")
            place.cursor_blink = False
            yield place
            yield self.table
            yield Static("enter opens, tab goes to the list and back, esc closes", id="stores-hint")

    def on_mount(self) -> None:
        """Ask what there is to be offered."""
        self.table.placeholder = "looking for known stores …"
        self.table.set_rows(self._beside)
        self.run_worker(self._ask(), group="known", exit_on_error=False)

    async def _ask(self) -> None:
        try:
            known = await self._stores.known()
        except Exception as error:  # noqa: BLE001  # any store can still be typed
            self.table.placeholder = plain(str(error))
            return
        now = self._clock()
        rows = [
            _Row(one.place, one.kind, _WHY[one.why], _said(one, now))
            for one in known
            if one.place != self._shown
        ]
        self.table.placeholder = "no other store is known; type its folder or URL"
        self.table.set_rows([*self._beside, *rows])

    def on_input_changed(self, message: Input.Changed) -> None:
        """Offer only what fits what is typed."""
        message.stop()
        self.table.filter(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Open what was typed."""
        message.stop()
        place = message.value.strip()
        if place:
            self.dismiss((place, ""))
        else:
            self.table.focus()

    def on_table_moved(self, message: Table.Moved) -> None:
        """Nothing hangs on the cursor here."""
        message.stop()

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Open what was chosen."""
        message.stop()
        row: _Row = message.row
        self.dismiss((row.place, row.kind))

    def action_turn(self) -> None:
        """Go from the list to the input, or back."""
        place = self.query_one(Input)
        (self.table if place.has_focus else place).focus()

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
