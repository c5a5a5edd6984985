"""Watches the files that verdicts depend on, and the folder of run records.

Folders are watched, not files, since editors put a new file in the place of the old one; events
about anything else in them are dropped here.  Data trees are never watched as a whole.  Where the
system cannot watch, the files are looked at about once a second, and the title says so.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import monotonic

from jobtui.services.watching import Changed, WatchMode
from jobtui_core.root import STATE_FOLDER

__all__ = ["FileWatcher"]

_CALM, _LIVELY = 50, 20
"""Milliseconds without further events before a change is told; the watcher wakes as often, which
costs 0.1 % and 0.3 % of a processor.  Whoever has just saved will save again soon."""

_LIVELY_FOR = 120.0
"""Seconds after a change during which it wakes more often."""

_DEBOUNCE = 50
"""Milliseconds after which a change is told although there are further events."""

_POLL = 1.0
"""Seconds between two looks where watching is not possible."""

_SHARE = 300.0
"""A look that takes long is followed by a rest this many times as long: 0.3 % of a processor."""

_SETTINGS = ("jobtui.toml", "pyproject.toml")


class FileWatcher:
    """Notices changes of the files given, new scripts beside them, and new runs.

    Parameters
    ----------
    root : Path
        The project's folder.
    poll : bool
        Look at the files now and then instead of watching them.
    """

    def __init__(self, root: Path, *, poll: bool = False) -> None:
        self._root = Path(os.path.realpath(root))
        self._runs = self._root / STATE_FOLDER / "runs"
        self._mode: WatchMode = "polling" if poll else "watch"
        self._files: frozenset[str] = frozenset()
        self._whole: frozenset[str] = frozenset()
        """Folders among them: of these all files count, those too that are still to come."""
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._stopped = False
        self._last_change = -_LIVELY_FOR
        self._notify: Callable[[set[Changed]], None] = _nobody
        self._thread = threading.Thread(target=self._run, name="jobtui-watch", daemon=True)

    @property
    def mode(self) -> WatchMode:
        """How changes are noticed at the moment."""
        return self._mode

    def start(self, notify: Callable[[set[Changed]], None]) -> None:
        """Begin; ``notify`` is called from the watcher's thread."""
        self._notify = notify
        self._thread.start()

    def watch(self, files: Iterable[Path]) -> None:
        """Watch these files from now on, instead of those before."""
        names = frozenset(_real(path) for path in files)
        with self._lock:
            before = self._folders()
            self._files = names
            self._whole = frozenset(name for name in names if Path(name).is_dir())
            if self._folders() != before:
                # The loop goes round and takes the new folders.
                self._changed.set()

    def stop(self) -> None:
        """End; takes no longer than the watcher's sleep."""
        self._stopped = True
        self._changed.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=1.0)

    # --- the thread -----------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopped and self._mode == "watch":
            try:
                self._watch_once()
            except Exception:  # noqa: BLE001  # inotify has many ways to be unavailable
                self._mode = "polling"
                self._notify(set())
        if not self._stopped:
            self._poll()

    def _folders(self) -> frozenset[str]:
        folders = {str(Path(name).parent) for name in self._files} | {str(self._root)}
        folders |= self._whole
        folders |= {str(self._runs.parent), str(self._runs)}
        return frozenset(folders)

    def _watch_once(self) -> None:
        from watchfiles import watch  # 50 ms that the first paint need not wait for

        with self._lock:
            self._changed.clear()
            folders = [folder for folder in self._folders() if Path(folder).is_dir()]
        if self._stopped:
            return
        lively = monotonic() - self._last_change < _LIVELY_FOR
        events = watch(
            *folders,
            watch_filter=None,
            debounce=_DEBOUNCE,
            step=_LIVELY if lively else _CALM,
            stop_event=self._changed,
            rust_timeout=int(_LIVELY_FOR * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,
        )
        for changes in events:
            kinds = self._kinds({path for _change, path in changes})
            if kinds:
                self._last_change = monotonic()
                self._notify(kinds)
            made = {str(self._runs), str(self._runs.parent)}
            if any(path in made for _change, path in changes):
                # They can be watched now, or not any more.
                return
            if lively != (monotonic() - self._last_change < _LIVELY_FOR):
                return

    def _kinds(self, paths: Iterable[str]) -> set[Changed]:
        kinds: set[Changed] = set()
        for path in paths:
            if path.startswith(str(self._runs.parent)):
                if path.startswith(str(self._runs)) or path == str(self._runs.parent):
                    kinds.add("runs")
            elif path in self._files or self._is_within(path) or _may_be_script(path):
                kinds.add("files")
        return kinds

    def _is_within(self, path: str) -> bool:
        """Tell whether a file lies in a folder that is an input, whatever it comes to hold."""
        folder, _, name = path.rpartition(os.sep)
        return folder in self._whole and not name.startswith(".")

    # --- polling --------------------------------------------------------------------------

    def _poll(self) -> None:
        before: Mapping[str, object] = {}
        rest = _POLL
        while not self._stopped:
            began = monotonic()
            now = self._look()
            kinds = self._kinds(
                path for path in {*before, *now} if before.get(path) != now.get(path)
            )
            if before and kinds:
                self._notify(kinds)
            before = now
            rest = max(_POLL, _SHARE * (monotonic() - began))
            self._changed.wait(rest)
            if not self._stopped and self._changed.is_set():
                # Other files are watched from now on; their first look is no change.
                self._changed.clear()
                before = {}

    def _look(self) -> dict[str, object]:
        with self._lock:
            names = self._files
            folders = self._folders()
        found: dict[str, object] = {}
        for name in (*names, str(self._runs)):
            try:
                facts = Path(name).stat()
            except OSError:
                found[name] = None
            else:
                found[name] = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        for folder in folders:
            try:
                scripts = [entry.path for entry in os.scandir(folder) if _may_be_script(entry.path)]
            except OSError:
                continue
            for script in scripts:
                found.setdefault(script, "")
        return found


def _may_be_script(path: str) -> bool:
    name = path.rpartition(os.sep)[2]
    return (name.endswith(".py") and not name.startswith(".")) or name in _SETTINGS


def _real(path: Path) -> str:
    # The folder's links are resolved, as the system reports them; the file's own is kept.
    return str(Path(os.path.realpath(path.parent), path.name))


def _nobody(_kinds: set[Changed]) -> None:
    """Hear nothing, before anybody listens."""
