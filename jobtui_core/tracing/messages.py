"""Records of logging and warnings, noted beside the log and shown as ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import Token
from functools import lru_cache
from pathlib import Path
from typing import Any

from jobtui_core.root import relative_name
from jobtui_core.tracing.capture import Capture, begin_showing, end_showing
from jobtui_core.tracing.run import speaking

__all__ = ["Messages"]

_LONGEST = 16_000
"""Characters of a traceback that are looked at; the marks keep fewer."""


Noting = tuple[int, Token[tuple[str, str] | None]]
"""Where the log was, and what was said of whose output it is, before a record was shown."""


class Messages:
    """Notes each record in full, and that what shows it is not the script's own output.

    Parameters
    ----------
    capture : Capture
    root : Path
        The project root.
    """

    def __init__(self, capture: Capture, root: Path) -> None:
        self._capture = capture
        self._root = str(root)

    def logging(self, record: Any) -> Noting | None:
        """Hear that handlers are about to show a record of logging."""
        if not self._capture.marks.takes_records:
            return None
        return self._capture.here(), begin_showing("log")

    def logged(self, record: Any, noting: Noting | None) -> None:
        """Note a record of logging that was shown."""
        if noting is None:
            return
        start, token = noting
        end_showing(token)
        with suppress(Exception):
            self._note(
                "log",
                str(record.levelname),
                str(record.name),
                _text_of(record) + _traceback_of(record),
                (str(record.pathname), int(record.lineno)),
                start,
                float(record.created),
            )

    def warned(self, message: Any, show: Callable[[], Any]) -> Any:
        """Have a warning shown, and note it."""
        if not self._capture.marks.takes_records:
            return show()
        start, moment = self._capture.here(), time.time()
        token = begin_showing("warning")
        try:
            return show()
        finally:
            end_showing(token)
            with suppress(Exception):
                self._note(
                    "warning",
                    str(message.category.__name__),
                    "",
                    str(message.message),
                    (str(message.filename), int(message.lineno)),
                    start,
                    moment,
                )

    def _note(
        self,
        kind: str,
        level: str,
        logger: str,
        text: str,
        place: tuple[str, int],
        start: int,
        moment: float,
    ) -> None:
        capture = self._capture
        span = (start, max(start, capture.here()))
        where = f"{_relative(place[0], self._root)}:{place[1]}"
        call = speaking()[1]
        capture.marks.record(kind, level, logger, text, where, call, span, moment)


def _text_of(record: Any) -> str:
    # As it was shown: what is in it is anybody's code, and a filter may have taken secrets away.
    shown = vars(record).get("message")
    if isinstance(shown, str):
        return shown
    try:
        return str(record.getMessage())
    except Exception:  # noqa: BLE001  # arguments that do not fit: the handlers complain of that
        return str(record.msg)


def _traceback_of(record: Any) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    import traceback

    text = record.exc_text or "".join(traceback.format_exception(*record.exc_info))
    return "\n" + str(text)[-_LONGEST:].rstrip("\n")


@lru_cache(maxsize=1024)
def _relative(path: str, root: str) -> str:
    return relative_name(Path(path), Path(root))
