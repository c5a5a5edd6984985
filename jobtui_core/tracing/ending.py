"""How the script ended, told from inside while the interpreter shuts down.

Nothing of the script's is replaced for it: an uncaught exception stays in ``sys.last_value``,
the script's frame tells whether it came to its end, and only the code of an exit has to be
caught on its way (``atexit`` functions are not told).
"""

from __future__ import annotations

import functools
import opcode
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

from jobtui_core.entry.describe import without_secrets
from jobtui_core.tracing.journal import LONGEST_TRACEBACK, bounded
from jobtui_core.tracing.only import StopScript

__all__ = ["Ending", "ExitWatch", "describe"]


_OWN_FOLDER = str(Path(__file__).parent.parent) + os.sep


def describe(error: BaseException, root: Path) -> dict[str, Any]:
    """Give type, message, traceback and frames of an exception, bounded.

    Parameters
    ----------
    error : BaseException
    root : Path
        The project root: files below it are named from there.
    """
    try:
        message = str(error)
    except Exception:  # noqa: BLE001  # somebody's __str__
        message = ""
    try:
        text = "".join(traceback.format_exception(type(error), error, _users_part(error)))
    except Exception:  # noqa: BLE001  # as above
        text = ""
    return {
        "type": type(error).__qualname__,
        "message": bounded(without_secrets("", message)),
        "traceback": bounded(without_secrets("", text), LONGEST_TRACEBACK),
        "frames": _frames(error, root),
    }


def _frames(error: BaseException, root: Path) -> list[dict[str, Any]]:
    try:
        # Not before: most runs do not fail.
        from jobtui_core.tracing.failures import frames_of

        return frames_of(_users_part(error), root)
    except Exception:  # noqa: BLE001  # frames hold anybody's objects; the traceback is there
        return []


def _users_part(error: BaseException) -> TracebackType | None:
    """Give a traceback from where it leaves this package: how a step is called is no news."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OWN_FOLDER):
        trace = trace.tb_next
    return trace or error.__traceback__


@dataclass(frozen=True, slots=True)
class Ending:
    """How a script ended."""

    state: str
    """``done``, ``failed`` or ``cancelled``."""
    code: int | None
    """Exit code, where it is known."""
    error: dict[str, Any] | None = None


class ExitWatch:
    """Looks out for the script's exit.

    Parameters
    ----------
    frame : FrameType, optional
        The script's own frame.  It is held, so that it can be asked in the end how far it came;
        what it refers to are the globals of ``__main__``, which live as long anyway.
    root : Path
        The project root.
    """

    def __init__(self, frame: FrameType | None, root: Path) -> None:
        self._frame = frame
        self._root = root
        self._code: Any = None
        self._seen = False
        self._exact = (
            hasattr(sys, "monitoring") and frame is not None and self._monitor(frame.f_code)
        )
        if not self._exact:
            self._wrap_exit()

    def _monitor(self, code: CodeType) -> bool:
        """Be told when an exception leaves the script's frame (Python 3.12+)."""
        monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # from 3.12 on
        for tool in (4, 3):
            if monitoring.get_tool(tool) is None:
                break
        else:
            return False
        monitoring.use_tool_id(tool, "jobtui")

        def unwound(where: CodeType, offset: int, error: BaseException) -> None:
            if where is code and isinstance(error, SystemExit):
                self._note(error.code, stopped=isinstance(error, StopScript))

        event = monitoring.events.PY_UNWIND
        monitoring.register_callback(tool, event, unwound)
        monitoring.set_events(tool, event)
        return True

    def _wrap_exit(self) -> None:
        """Listen at ``sys.exit``, through which nearly everybody leaves.

        ``raise SystemExit(code)`` written out does not pass here: Python 3.11 has no cheap way
        to see it.
        """
        original = sys.exit

        @functools.wraps(original)
        def exit(status: Any = None, /) -> Any:  # noqa: A001  # it is sys.exit
            self._note(status)
            original(status)

        sys.exit = exit

    def _note(self, code: Any, *, stopped: bool = False) -> None:
        self._seen = True
        self._code = 0 if stopped else code

    def ending(self) -> Ending:
        """Tell how the script ended; for use by an ``atexit`` function."""
        error = self._uncaught()
        if error is not None:
            if isinstance(error, KeyboardInterrupt):
                return Ending("cancelled", 128 + signal.SIGINT, describe(error, self._root))
            return Ending("failed", 1, describe(error, self._root))
        if self._came_to_its_end():
            return Ending("done", 0)
        if not self._seen:
            return Ending("done", None)
        code = self._code
        if code is None or code is False:
            return Ending("done", 0)
        if isinstance(code, int):
            return Ending("done" if code == 0 else "failed", int(code) & 0xFF)
        # Python prints anything else and exits with 1.
        return Ending(
            "failed",
            1,
            {"type": "SystemExit", "message": bounded(str(code)), "traceback": ""},
        )

    def _uncaught(self) -> BaseException | None:
        # Set before sys.excepthook is called, whoever has replaced that.
        error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
        if not isinstance(error, BaseException) or self._frame is None:
            return error if isinstance(error, BaseException) else None
        trace = error.__traceback__
        while trace is not None:
            # Not one that somebody printed in a console inside the script.
            if trace.tb_frame.f_code is self._frame.f_code:
                return error
            trace = trace.tb_next
        return None

    def _came_to_its_end(self) -> bool:
        """Tell whether the script's last instruction was its return."""
        frame = self._frame
        if frame is None or self._exact:
            return not self._seen
        offset = frame.f_lasti
        code = frame.f_code.co_code
        return 0 <= offset < len(code) and opcode.opname[code[offset]].startswith("RETURN")
