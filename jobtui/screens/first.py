"""What is shown where there is no script with steps yet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from jobtui.plain import count, plain
from jobtui.views.lines import Line, line
from jobtui.widgets.choices import Choice, Choices
from jobtui.widgets.text_view import TextView

if TYPE_CHECKING:
    from jobtui.app import JobtuiApp
    from jobtui.services.stores import StoreService

__all__ = ["DEMO_FOLDER", "FirstScreen", "found", "three_lines"]

DEMO_FOLDER = "co2-demo"
"""Where the demo is made, in the folder that is shown."""

_MOST_FILES = 500


def found(root: Path) -> str:
    """Say what lies in a folder; only its names are looked at."""
    try:
        names = []
        for number, path in enumerate(root.iterdir()):
            if number >= _MOST_FILES:
                break
            names.append(path.name)
    except OSError as error:
        return f"The folder cannot be read: {error.strerror or error}."
    scripts = sorted(name for name in names if name.endswith(".py"))
    if not names:
        return "The folder is empty."
    if not scripts:
        return "There is no Python script in the folder."
    shown = ", ".join(plain(name) for name in scripts[:3]) + (" …" if len(scripts) > 3 else "")
    one = len(scripts) == 1
    there = f"There {'is' if one else 'are'} {count(len(scripts), 'script')}"
    return f"{there}, but no step in {'it' if one else 'them'} yet: {shown}"


def three_lines() -> list[Line]:
    """Show how a script gets steps."""
    code = (
        ("+ ", "from jobtui_core import make"),
        ("  ", ""),
        ("+ ", '@make(inputs=["{path}"])'),
        ("  ", "def read(path):"),
        ("  ", "    return slow_parse(path)"),
        ("  ", ""),
        ("  ", 'series = read("data.csv")'),
    )
    styles = {"+ ": "add", "  ": ""}
    return [
        line(("Decorate the slow functions of a script; the rest stays as it is.", "title")),
        (),
        *(line((f"{sign}{text}", styles[sign])) for sign, text in code),
        (),
        line(
            ("inputs", "name"), " names the files it reads; leave it out for a function of values."
        ),
        line(("output=", "name"), "NumpyFile(…) keeps its result as a file of yours as well."),
        line("Save it in this folder, and it appears here."),
    ]


class FirstScreen(Screen[str | None]):
    """Says what was found and offers ways on.

    Gives ``"quit"``, the path of a project to open instead, or ``None`` if scripts turned up.

    Parameters
    ----------
    root : Path
        The folder that has no script with steps.
    stores : StoreService
        Knows of caches that lie in it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "leave", "Quit", show=False),
    ]
    CSS_PATH = "first.tcss"
    AUTO_FOCUS = "Choices"

    def __init__(self, root: Path, stores: StoreService) -> None:
        super().__init__()
        self.root = root
        self._stores = stores
        self._joblib: str | None = None

    def compose(self) -> ComposeResult:
        """Put what was found above the ways on."""
        with Vertical(id="first"):
            yield Static("No steps here yet", id="first-title")
            yield Static(Content(plain(str(self.root))), id="first-root")
            yield Static("", id="first-found")
            yield Static("", id="first-cache")
            yield Choices(
                [
                    Choice("show", "s", "show how a script gets steps"),
                    Choice("cache", "c", "look at what a cache keeps, joblib's too"),
                    Choice("demo", "d", f"make the demo in {DEMO_FOLDER}/ and open it"),
                    Choice("quit", "q", "quit"),
                ]
            )
            yield TextView(widget_id="first-text")

    def on_mount(self) -> None:
        """Look at the folder."""
        self.look()
        _worker: Worker[None] = self.run_worker(
            self._find_cache, group="known", exit_on_error=False
        )

    @work(thread=True, exit_on_error=False)
    def look(self) -> None:
        """Say what was found."""
        text = found(self.root)
        self.app.call_from_thread(self.query_one("#first-found", Static).update, Content(text))

    async def _find_cache(self) -> None:
        """Say that a cache of joblib's lies here; it may be all that there is."""
        known = await self._stores.known()
        place = next((one.place for one in known if one.kind == "joblib"), None)
        if place is not None:
            self._offer(place)

    def _offer(self, place: str) -> None:
        self._joblib = place
        name = plain(os.path.relpath(place, self.root))
        told = self.query_one("#first-cache", Static)
        told.update(Content(f"A cache of joblib's lies in {name}."))
        told.add_class("-shown")

    def on_choices_chosen(self, message: Choices.Chosen) -> None:
        """Go the way that was chosen."""
        message.stop()
        if message.choice.id == "show":
            text = self.query_one("#first-text", TextView)
            text.set_lines(three_lines())
            text.add_class("-shown")
        elif message.choice.id == "cache":
            cast("JobtuiApp", self.app).browse(self._joblib)
        elif message.choice.id == "demo":
            self.make_demo()
        else:
            self.dismiss("quit")

    def action_leave(self) -> None:
        """Quit: there is nothing to lose here."""
        self.dismiss("quit")

    @work(thread=True, exit_on_error=False, exclusive=True)
    def make_demo(self) -> None:
        """Create the demo, which the person has just asked for, and open it."""
        from jobtui.demo import create_demo

        folder = self.root / DEMO_FOLDER
        try:
            create_demo(folder)
        except Exception as error:  # noqa: BLE001  # said on the screen
            self.app.call_from_thread(
                self.notify,
                plain(f"The demo was not made: {error}"),
                severity="error",
                markup=False,
            )
            return
        self.app.call_from_thread(self.dismiss, str(folder))
