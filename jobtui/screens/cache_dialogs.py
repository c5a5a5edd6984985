"""What the Cache asks back, and what it hands to other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobtui.plain import count, duration, plain, size
from jobtui.screens.cache_work import CacheWork
from jobtui.screens.command_lines import show_command
from jobtui.services.stores import Kind

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.deleting import Removal
    from jobtui_core.records import StepStatus

__all__ = ["CacheDialogs", "removal_text"]

_MOST = 6
"""Functions, or steps, that a question names one by one."""


class CacheDialogs(CacheWork):
    """Opens dialogs."""

    def ask_store(self) -> None:
        """Ask which store to look through: a known one, or any."""
        from jobtui.screens.stores import StoreScreen

        shown = self.shown_place() or ""
        beside: list[tuple[str, Kind]] = [(shown, kind) for kind in self.others]

        def answered(answer: tuple[str, Kind] | None) -> None:
            if answer is not None:
                self.query_asked = self.query_asked._replace(filter="", module=None, function=None)
                self.open_place(*answer)
                self.show_pane(self.PANES[0])

        self.app.push_screen(StoreScreen(self.stores, shown, beside, self.now), answered)

    def offer_removal(self) -> None:
        """Show what deleting comes to, and delete if that is wanted."""
        store, rows = self.store, self.chosen()
        if store is None or not rows:
            return
        if self.reading is not None:
            self.stop_work()
        self.say(f"looking what rests on {count(len(rows), 'entry', 'entries')} …")

        async def work() -> None:
            try:
                removal, steps = await store.removal(rows)
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(str(error), error=True)
                return
            if store is not self.store or self.app.screen is not self:
                # Another store, or another question, was opened in the meantime.
                return
            if removal.refused:
                self.say(removal.refused, error=True)
                return
            self._ask_removal(removal, steps)

        self.background(work, "delete")

    def _ask_removal(self, removal: Removal, steps: Sequence[StepStatus]) -> None:
        from jobtui.screens.dialog import Dialog
        from jobtui.widgets.choices import Choice

        number = count(len(removal.rows), "entry", "entries")
        assert self.store is not None
        title = f"Delete {number} from {plain(self.store.place)}?"
        choices = (Choice("keep", "k", "keep"), Choice("delete", "d", f"delete {number}"))

        def answered(answer: str | None) -> None:
            if answer == "delete":
                self.delete(removal.rows)

        self.app.push_screen(Dialog(title, removal_text(removal, steps), choices), answered)

    def copy(self) -> None:
        """Ask what to copy of the entry under the cursor."""
        from jobtui.screens.dialog import Dialog
        from jobtui.widgets.choices import Choice

        store, entry = self.store, self.entries.entry
        if store is None or entry is None:
            return
        texts = {
            "key": ("k", entry.key),
            "path": ("p", store.where(entry)),
            "command": ("c", show_command(store.place, entry.key)),
            "load": ("l", store.load_snippet(entry)),
        }
        labels = {"load": "Python that loads the result"}
        choices = [
            Choice(name, key, labels.get(name, plain(text))) for name, (key, text) in texts.items()
        ]

        def answered(answer: str | None) -> None:
            if answer is not None:
                self.app.copy_to_clipboard(texts[answer][1])
                self.say(f"copied the {answer}")

        self.app.push_screen(Dialog("Copy", "", choices), answered)


def removal_text(removal: Removal, steps: Sequence[StepStatus]) -> str:
    """Say what goes: how much, of which functions, what it took, and what is stale then."""
    lines = [f"{size(removal.size)} of results"]
    number = len(removal.rows)
    if removal.timed:
        least = "at least " if removal.timed < number else ""
        lines[0] += f"; computing them took {least}{duration(removal.seconds)}"
    lines.append("")
    for function, entries in removal.functions[:_MOST]:
        lines.append(f"  {entries:>7,}  {plain(function)}")
    if len(removal.functions) > _MOST:
        lines.append(f"           and {count(len(removal.functions) - _MOST, 'more function')}")
    if steps:
        names = ", ".join(plain(step.name) for step in steps[:_MOST])
        more = f" and {len(steps) - _MOST} more" if len(steps) > _MOST else ""
        lines += ["", f"Stale then, and fresh now: {names}{more}"]
    return "\n".join(lines)
