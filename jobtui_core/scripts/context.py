"""Which script is running, and what it was given from outside.

A process has one main script, whose parameters come from the environment, and on top of it any
number of scripts that run one another through ``run_script``.  Parameters belong to the
innermost: what was meant for the outer script never reaches the inner one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from jobtui_core.tracing import CallHandle, innermost, settings

if TYPE_CHECKING:
    from jobtui_core.tracing.innerscripts import InnerScript

__all__ = ["ScriptContext", "current", "enter", "leave", "main_file", "place_of"]


@dataclass(slots=True)
class ScriptContext:
    """A script that is running."""

    script: str | None
    """Its file, absolute; ``None`` in a notebook or an interpreter."""
    overrides: Mapping[str, Any]
    asked: dict[str, Any] = field(default_factory=dict)
    """Parameters it declared so far, with the values in effect."""
    within: CallHandle | None = None
    """The step in whose body it was started, if it was in one."""
    told: InnerScript | None = None
    """How the trace is told of it; ``None`` for the main script, which is the run itself."""


_inner: list[ScriptContext] = []
_outermost: ScriptContext | None = None


def enter(script: str, overrides: Mapping[str, Any]) -> ScriptContext:
    """Begin a script inside the one that is running."""
    from jobtui_core.tracing.innerscripts import InnerScript

    outer, call = _inner[-1].told if _inner else None, innermost()
    told = InnerScript(Path(script), overrides, outer, call)
    context = ScriptContext(script, overrides, within=call, told=told)
    _inner.append(context)
    return context


def leave(context: ScriptContext) -> None:
    """End a script that `enter` began."""
    while _inner and _inner.pop() is not context:
        pass


def current(caller: FrameType) -> ScriptContext:
    """Give the script whose parameters a frame asks for."""
    global _outermost
    if _inner:
        return _inner[-1]
    script = main_file(caller)
    if _outermost is None or _outermost.script != script:
        _outermost = ScriptContext(script, settings().overrides)
    return _outermost


def main_file(caller: FrameType | None = None) -> str | None:
    """Give the absolute path of the script that this process, or its parent, runs."""
    # A spawned child runs the script once more under the name __mp_main__, and until that is
    # done its own __main__ is a line of multiprocessing; the frame that asks knows better.
    candidates = [sys.modules.get("__mp_main__"), sys.modules.get("__main__")]
    files = [getattr(module, "__file__", None) for module in candidates]
    if caller is not None and caller.f_globals.get("__name__") in ("__main__", "__mp_main__"):
        files.insert(0, caller.f_globals.get("__file__"))
    for file in files:
        if isinstance(file, str):
            return os.path.abspath(file)
    return None


def place_of(frame: FrameType) -> str:
    """Name a place in the source for an error: ``co2.py, line 5``."""
    return f"{os.path.basename(frame.f_code.co_filename)}, line {frame.f_lineno}"  # noqa: PTH119  a name, not a path
