"""A place where random projects are made, live and are counted."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.core.fuzz.lives import live
from tests.core.fuzz.programs import Chooser, programs
from tests.core.fuzz.server import Server
from tests.core.fuzz.trial import NOTING, Census, Trial, WrongError

__all__ = ["Lab", "lab"]


PATIENCE = 40.0
"""Seconds in which a failure is made smaller."""


class EnoughError(BaseException):
    """Ends the search for a smaller failure: the smallest so far is small enough."""


class Lab:
    """A server, a folder, and a census of all that happens there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        library = folder / "site-packages"
        library.mkdir(parents=True, exist_ok=True)
        (library / "noting.py").write_text(NOTING)
        self.server = Server(folder, library)
        self.census = Census()
        self._failing = 0.0
        self._smallest: WrongError | None = None

    def examine(self, data: st.DataObject) -> None:
        """Make a project, and let it live."""
        if self._failing and time.monotonic() - self._failing > PATIENCE:
            raise EnoughError
        program = data.draw(programs())
        trial = Trial(self.folder, self.server, program.files, self.census)
        try:
            live(trial, program, Chooser(data.draw))
        except WrongError as error:
            self._failing = self._failing or time.monotonic()
            if self._smallest is None or len(str(error)) <= len(str(self._smallest)):
                self._smallest = error
            raise

    def explore(self, count: int, number: int) -> None:
        """Examine so many projects, the same ones for the same number.

        Raises
        ------
        WrongError
            If something is wrong, with the story of a small example.
        """
        self._failing, self._smallest = 0.0, None

        @seed(number)
        @settings(
            max_examples=count,
            derandomize=False,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
            print_blob=False,
            report_multiple_bugs=False,
        )
        @given(st.data())
        def examine(data: st.DataObject) -> None:
            self.examine(data)

        try:
            examine()
        except (Exception, EnoughError):
            # Giving up in the middle of making it smaller has many names.
            if self._smallest is None:
                raise
            raise self._smallest from None


@contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    """Open a lab, and end its server."""
    opened = Lab(folder)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(folder / "site-packages")
    try:
        yield opened
    finally:
        opened.server.close()
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before
