"""Ending a script once the step that was asked for is done (``--only``)."""

from __future__ import annotations

import ast
import os
import sys
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import TYPE_CHECKING, Any

from jobtui_core.tracing.frames import is_project_file

if TYPE_CHECKING:
    from jobtui_core.slices import Analysis

__all__ = ["OnlyStop", "StopScript"]


class StopScript(SystemExit):  # it is an exit, and no error
    """Ends the script in good order: exit code 0, and ``except Exception`` does not catch it."""

    def __init__(self) -> None:
        super().__init__(0)


class OnlyStop:
    """Waits for the statement that holds the last call site of the steps asked for.

    Parameters
    ----------
    analysis : Analysis
    names : iterable of str
        Names or identities of steps.
    root : str
        The project root.
    source : callable
        Gives the syntax tree of a file named as in the analysis.
    told : callable
        ``told("only_stop", file=…, line=…)`` when it ends the script, with the statement's place.

    Notes
    -----
    While a step computes nothing is traced: the frame that holds the statement is watched only
    from the end of a call in it to the statement's own end.  Where the statement passes without
    any call, or under a debugger, the next call behind it ends the script.
    """

    def __init__(
        self,
        analysis: Analysis,
        names: Iterable[str],
        root: str,
        source: Callable[[str], ast.Module],
        told: Callable[..., None],
    ) -> None:
        wanted = set(names)
        sites = [site for site in analysis.sites if site.name in wanted or site.function in wanted]
        self._tell = told
        self._statement: tuple[str, int, int] | None = None
        self._told_as = ("", 0)
        if sites:
            # Sites are in program order.
            file, first, last = sites[-1].statement
            first, last = whole_statement(source(file), first, last)
            self._statement = (os.path.abspath(os.path.join(root, file)), first, last)  # noqa: PTH118
            self._told_as = (file, sites[-1].statement[1])
        self._armed = False

    def before_call(self, frame: FrameType | None) -> None:
        """End the script if a call comes from behind the statement.

        Raises
        ------
        StopScript
        """
        if not self._applies():
            return
        if self._armed:
            self._disarm()
        holder = self._holder(frame)
        assert self._statement is not None
        if holder is not None and holder.f_lineno > self._statement[2]:
            self._stop()

    def after_call(self, frame: FrameType | None) -> None:
        """Watch for the statement's end, if the call was one of it."""
        if not self._applies() or sys.gettrace() is not None:
            return
        holder = self._holder(frame)
        assert self._statement is not None
        _, first, last = self._statement
        if holder is not None and first <= holder.f_lineno <= last:
            holder.f_trace = self._local_trace
            sys.settrace(_no_trace)
            self._armed = True

    def _applies(self) -> bool:
        return self._statement is not None and threading.current_thread() is threading.main_thread()

    def _holder(self, frame: FrameType | None) -> FrameType | None:
        """Find the frame in whose own code the statement lies."""
        assert self._statement is not None
        file, first, _ = self._statement
        while frame is not None:
            code = frame.f_code
            name = code.co_filename
            # A module's code spans all of its functions; lines that are its own tell them apart.
            if (
                is_project_file(name)
                and os.path.abspath(name) == file
                and any(line == first for _, _, line in code.co_lines())
            ):
                return frame
            frame = frame.f_back
        return None

    def _disarm(self) -> None:
        self._armed = False
        sys.settrace(None)

    def _local_trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        assert self._statement is not None
        _, first, last = self._statement
        ended = event == "return" or (event == "line" and not first <= frame.f_lineno <= last)
        if ended and event == "return" and argument is None and self._unwinding(frame):
            return None
        if ended:
            self._disarm()
            self._stop()
        return self._local_trace

    @staticmethod
    def _unwinding(frame: FrameType) -> bool:
        """Tell whether a return event is that of an exception on its way: it goes first."""
        code = frame.f_code.co_code
        offset = frame.f_lasti
        import opcode

        return not opcode.opname[code[offset]].startswith("RETURN")

    def _stop(self) -> None:
        self._statement = None
        file, line = self._told_as
        self._tell("only_stop", file=file, line=line)
        raise StopScript


def whole_statement(tree: ast.Module, first: int, last: int) -> tuple[int, int]:
    """Give the lines of the top-level statement that holds others, loops around them included.

    The statements of ``main()``, and those under the main guard, count as top-level ones.
    """
    body = tree.body
    while True:
        for node in body:
            begin = min([node.lineno, *(x.lineno for x in getattr(node, "decorator_list", ()))])
            end = node.end_lineno or node.lineno
            if begin <= first <= end:
                break
        else:
            return first, last
        inner = getattr(node, "body", None)
        if not isinstance(inner, list) or not _is_transparent(node) or first < inner[0].lineno:
            return begin, max(end, last)
        body = inner


def _is_transparent(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return True
    return isinstance(node, ast.If) and any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
    )


def _no_trace(frame: FrameType, event: str, argument: Any) -> None:
    """Trace no function that is called: only frames with a trace function of their own."""
