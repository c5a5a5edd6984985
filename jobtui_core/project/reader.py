"""What the reading half of a project keeps between two looks at it.

There is one reader a project and process: sources, analyses and traces are read again only where
they have changed, so that an app which asks after every save pays for the change alone.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.errors import JobtuiError
from jobtui_core.packages import look_in
from jobtui_core.project.evidence.gathered import Evidence
from jobtui_core.project.judging.analyses import Analyses
from jobtui_core.project.judging.filefacts import FileFacts
from jobtui_core.project.tree.texts import Texts
from jobtui_core.project.tree.walk import FolderWalk

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["Reader", "forget_readers", "is_shared", "look_again", "reader_of"]

_KEPT = 8
"""Projects whose readers are kept; a process looks at one, tests at many."""


class Reader:
    """Sources, analyses and evidence of one project, as of the last refresh."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.root = project.root
        self.lock = threading.RLock()
        self.walk = FolderWalk(project.root, project.config.exclude)
        self.texts = Texts(project.root)
        self.analyses = Analyses(project.root, self.texts, project.index_folder)
        self.evidence = Evidence(project)
        self.facts = FileFacts(project.root, project.index_folder)
        self.files: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Look at the folder and at the traces again."""
        look_in(_script_packages(self.project))
        self.files = self.walk.files()
        self.analyses.begin(self.files)
        self.evidence.update()


def _script_packages(project: Project) -> tuple[str, ...] | None:
    """Give the folders in which the scripts' packages lie, where some of them count."""
    if not (project.config.track_packages or project.config.follow):
        return None
    from jobtui_core.project.running.interpreter import choose_interpreter, package_folders

    try:
        return package_folders(choose_interpreter(project)) or None
    except JobtuiError:
        # That it cannot be used is told by whoever wants to run something.
        return None


_readers: dict[tuple[Path, str], Reader] = {}
_readers_lock = threading.Lock()


def forget_readers() -> None:
    """Let go of everything that this process has read; the next looks begin anew."""
    with _readers_lock:
        _readers.clear()


def look_again(project: Project) -> None:
    """Have stores on other machines asked at the next look, however lately they were asked."""
    reader = _known_reader(project)
    if reader is not None:
        reader.evidence.look_again()


def is_shared(project: Project) -> bool:
    """Tell whether others may add to what the last look at a project rested on."""
    reader = _known_reader(project)
    return reader is not None and bool(reader.evidence.stores.shared)


def _known_reader(project: Project) -> Reader | None:
    # Without the reader's own lock: whoever asks does not wait for a look that goes on.
    with _readers_lock:
        return _readers.get((project.root, project.store_location))


@contextmanager
def reader_of(project: Project) -> Iterator[Reader]:
    """Hold the reader of a project, refreshed; other threads wait meanwhile."""
    place = (project.root, project.store_location)
    with _readers_lock:
        reader = _readers.pop(place, None)
        if reader is None or reader.project.config != project.config:
            reader = Reader(project)
        _readers[place] = reader
        while len(_readers) > _KEPT:
            del _readers[next(iter(_readers))]
    with reader.lock, _no_collection():
        reader.refresh()
        yield reader


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect no garbage for a moment.

    Syntax trees are many objects and live long: to go through them all in the middle of a look
    would take longer than the look.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
