"""Figures of matplotlib, kept as PNG and SVG without a word in the user's code.

Kept are those of pyplot that are there when a call returns, and were not, or have changed since,
when it began; those that a call gives back; and each that is saved by ``savefig``, in the course of
a call or outside of all.  The pictures lie in the run's folder, by the digest of their content;
those of a call whose result is stored go into its store besides, and its entry names them (see
`jobtui_core.memory.pictures`).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from xxhash import xxh3_128_hexdigest

from jobtui_core.drawing import LARGEST, Form, TooMuchError, draw, png_size
from jobtui_core.entry.describe import clean
from jobtui_core.entry.figures import MOST_FIGURES
from jobtui_core.entry.imports import is_a
from jobtui_core.entry.preview_json import thumb_to_json
from jobtui_core.entry.thumbs import thumb_of_png
from jobtui_core.leftovers import lasting_name, passing_path
from jobtui_core.regular import read_regular
from jobtui_core.tracing.files import quiet
from jobtui_core.tracing.run import innermost

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import CallHandle
    from jobtui_core.tracing.written import Run

__all__ = ["FOLDER", "Figures"]

FOLDER = "figures"
"""Where pictures lie in the folder of a run."""

_PYPLOT = "matplotlib._pylab_helpers"
_MOST_OUTSIDE = 100
"""Figures that are kept of what the script saves outside of calls."""

_SECONDS, _SECONDS_OUTSIDE = 10.0, 60.0
"""Spent on drawing figures of one call, and of the script itself."""

_SVG_SECONDS = 3.0
"""Spent on one figure as SVG, which takes longer the more parts it has."""

_THUMB = (48, 36)
"""Width and height of small pictures at most."""

_FRAMES = ("raw", "rgba")
"""Formats in which films are made, thousands of pictures one after the other."""


class _Changes:
    """Stands between a figure and who is told that it changed, and counts how often it did."""

    def __init__(self, before: Any) -> None:
        self.count = 0
        self.before = before

    def __call__(self, figure: Any, value: Any) -> None:
        self.count += 1
        if self.before is not None:
            self.before(figure, value)


class _Drawn(NamedTuple):
    """A figure as it was drawn last."""

    changes: int
    """Until then."""
    facts: dict[str, Any]
    files: dict[str, Path]


class _Part:
    """What was kept of one call, or of the script outside of calls."""

    def __init__(self, most: int, seconds: float) -> None:
        self.before: dict[_Changes, tuple[int, str]] = {}
        """Figures that were there when it began, with their changes, and as they were drawn."""
        self.known: set[str] = set()
        """Digests of what is kept."""
        self.left = most
        self.seconds = seconds


class Figures:
    """Keeps the figures of a run; `jobtui_core.tracing.figurewatch` tells when.

    Parameters
    ----------
    run : Run
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._parts: dict[str, _Part] = {}
        self._outside = _Part(_MOST_OUTSIDE, _SECONDS_OUTSIDE)
        self._drawn: WeakKeyDictionary[Any, _Drawn] = WeakKeyDictionary()
        self._lock = threading.RLock()
        self._said: set[str] = set()

    def began(self, handle: CallHandle) -> None:
        """Take note of the figures that are there as a call begins."""
        part = self._part(handle)
        for figure, _ in _alive():
            part.before[_changes(figure)] = (_changes(figure).count, self._digest(figure))

    def returned(self, handle: CallHandle) -> None:
        """Keep what a call has drawn."""
        part = self._part(handle)
        for figure, name in (*_alive(), *_given(handle.result)):
            count, digest = part.before.get(_changes(figure), (-1, ""))
            if count != _changes(figure).count:
                self._keep(figure, name, handle, {}, unless=digest)

    def ended(self, handle: CallHandle) -> None:
        """Forget what was noted of a call."""
        self._parts.pop(handle.id, None)

    def after_fork(self) -> None:
        """Go on in a forked child: whoever held the lock may not exist here."""
        self._lock = threading.RLock()

    def _part(self, handle: CallHandle | None) -> _Part:
        if handle is None:
            return self._outside
        found = self._parts.get(handle.id)
        if found is None:
            found = self._parts.setdefault(handle.id, _Part(MOST_FIGURES, _SECONDS))
        return found

    def _digest(self, figure: Any) -> str:
        drawn = self._drawn.get(figure)
        return "" if drawn is None else drawn.facts["svg"] or drawn.facts["png"]

    def saved(self, figure: Any, args: Sequence[Any], options: Mapping[str, Any]) -> None:
        """Keep a figure that the user has saved.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
        args, options : sequence, mapping
            What ``savefig`` was called with.
        """
        target = args[0] if args else options.get("fname")
        form = options.get("format")
        if form in _FRAMES:
            return
        name, png = _saved_file(target, form)
        self._keep(figure, name or _name_of(figure), innermost(), options, png=png)

    def _keep(
        self,
        figure: Any,
        name: str,
        handle: CallHandle | None,
        options: Mapping[str, Any],
        *,
        png: bytes | None = None,
        unless: str = "",
    ) -> None:
        """Keep a figure of a call, which is one of the calls in whose course it happens as well.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
        name : str
        handle : CallHandle or None
            ``None`` outside of calls.
        options : mapping
            Of the user's ``savefig``.
        png : bytes, optional
            The picture as the user saved it.
        unless : str
            Digest of how it was drawn before; the same is no news.
        """
        while handle is not None and handle.counted:
            handle = handle.parent
        part = self._part(handle)
        if not part.left or part.seconds <= 0:
            self._say(handle)
            return
        with self._lock:
            begun = time.monotonic()
            drawn = self._draw(figure, begun + part.seconds, options, png)
            part.seconds -= time.monotonic() - begun
        if drawn is None:
            return
        facts, files = {"name": clean(name, 200), **drawn.facts}, drawn.files
        address = facts["svg"] or facts["png"]
        if address == unless or address in part.known:
            return
        part.left -= 1
        part.known.add(address)
        call = None if handle is None else handle.id
        self._run.journal.write("figure", call=call, **facts)
        while handle is not None:
            known = self._part(handle).known
            if len(kept := handle.kept.setdefault("figures", [])) < MOST_FIGURES:
                known.add(address)
                kept.append(facts)
                handle.kept.setdefault("pictures", {}).update(files)
            handle = handle.parent

    def _draw(
        self, figure: Any, until: float, options: Mapping[str, Any], png: bytes | None
    ) -> _Drawn | None:
        """Draw a figure, unless it is as it was when it was drawn last."""
        changes = _changes(figure)
        drawn = self._drawn.get(figure)
        if drawn is not None and drawn.changes == changes.count and not options and png is None:
            return drawn
        pictures: dict[Form, bytes] = {} if png is None else {"png": png}
        for form in ("png", "svg"):
            try:
                if form not in pictures:
                    limit = until if form == "png" else min(until, time.monotonic() + _SVG_SECONDS)
                    with quiet():
                        pictures[form] = draw(figure, form, until=limit, options=options)
            except TooMuchError:
                self._warn(f"Figures with very many parts are not kept as {form.upper()}.")
            except Exception as error:  # noqa: BLE001  # artists are anybody's code
                self._warn(f"A figure is not kept as {form.upper()}: {type(error).__name__}")
        if not pictures:
            return None
        width, height = png_size(pictures.get("png", b"")) or (0, 0)
        digests = {form: xxh3_128_hexdigest(data) for form, data in pictures.items()}
        files = {
            digests[form]: self._write(digests[form], form, data) for form, data in pictures.items()
        }
        facts: dict[str, Any] = {
            "png": digests.get("png", ""),
            "svg": digests.get("svg", ""),
            "width": width,
            "height": height,
        }
        thumb = thumb_of_png(pictures["png"], _THUMB) if "png" in pictures else None
        if thumb is not None:
            facts["thumb"] = thumb_to_json(thumb)
        drawn = _Drawn(changes.count, facts, files)
        self._drawn[figure] = drawn
        return drawn

    def _write(self, digest: str, form: Form, data: bytes) -> Path:
        path = self._run.folder / FOLDER / f"{digest}.{form}"
        with quiet():
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                passing = Path(passing_path(path))
                passing.write_bytes(data)
                passing.replace(path)
        return path

    def _say(self, handle: CallHandle | None) -> None:
        if handle is None:
            self._warn("The script saves many figures; only the first of them are kept.")
        else:
            self._warn(f"{handle.name} draws many figures; only the first of them are kept.")

    def _warn(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._run.warn(text)


def _alive() -> list[tuple[Any, str]]:
    """Give the figures of pyplot that are there, and what they are called."""
    pylab = getattr(sys.modules.get(_PYPLOT), "Gcf", None)
    if pylab is None:
        # It is being imported just now.
        return []
    managers = list(pylab.figs.values())
    return [(one.canvas.figure, _name_of(one.canvas.figure)) for one in managers]


def _given(result: Any) -> list[tuple[Any, str]]:
    """Give the figures that a call gives back: those that pyplot did not make are known so only."""
    parts = [result]
    if type(result) in (list, tuple, dict):
        parts = list(islice(result.values() if type(result) is dict else result, MOST_FIGURES))
    return [(one, _name_of(one)) for one in parts if is_a(one, "matplotlib.figure", "Figure")]


def _name_of(figure: Any) -> str:
    label = figure.get_label()
    if isinstance(label, str) and label and not label.startswith("_"):
        return label
    number = getattr(figure, "number", None)
    return f"Figure {number}" if isinstance(number, int) else "Figure"


def _changes(figure: Any) -> _Changes:
    """Give what counts the changes of a figure."""
    found = figure.stale_callback
    if not isinstance(found, _Changes):
        found = figure.stale_callback = _Changes(found)
    return found


def _saved_file(target: Any, form: Any) -> tuple[str, bytes | None]:
    """Give the name that a figure was saved under, and its bytes if that is a PNG."""
    if not isinstance(target, str | os.PathLike):
        return "", None
    path = os.fsdecode(os.fspath(target))
    name = lasting_name(os.path.basename(path))  # noqa: PTH119  a text
    if (form or path.rpartition(".")[2]).lower() != "png":
        return name, None
    try:
        with quiet():
            data = read_regular(path, LARGEST["png"])
    except OSError:
        return name, None
    return name, data if png_size(data) is not None else None
