"""Run records: what a process that runs project code did, written as it goes, and read back.

The writing half is what steps and memoized functions talk to::

    run = tracing.current()
    handle = run.call_start("co2:trend", "trend", "step", declared=["data/co2.csv"])
    try:
        result = ...
    except BaseException as error:
        run.call_end(handle, "failed", error=error)
        raise
    run.call_end(handle, "computed", key=key, result=digest, code=fingerprint)

and a look-up that succeeded is ``run.hit(...)``.  The reading half is ``tracing.read``.  Neither
imports the other, and a process that only reads never installs a hook.

Nothing that goes wrong in here reaches the user's script: a trace that cannot be written costs
one warning and the trace.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import CallHandle
    from jobtui_core.tracing.files import quiet
    from jobtui_core.tracing.only import StopScript
    from jobtui_core.tracing.opening import (
        current,
        enable_for_tests,
        going,
        parameter,
        prepare,
        project_root,
        script_scope,
    )
    from jobtui_core.tracing.protocol import Settings, settings
    from jobtui_core.tracing.run import NullRun, asked, innermost
    from jobtui_core.tracing.trouble import TraceWarning
    from jobtui_core.tracing.written import Run

__all__ = [
    "CallHandle",
    "NullRun",
    "Run",
    "Settings",
    "StopScript",
    "TraceWarning",
    "asked",
    "current",
    "enable_for_tests",
    "going",
    "innermost",
    "parameter",
    "prepare",
    "project_root",
    "quiet",
    "script_scope",
    "settings",
]

_HOMES = {
    "CallHandle": "calls",
    "NullRun": "run",
    "Run": "written",
    "Settings": "protocol",
    "StopScript": "only",
    "TraceWarning": "trouble",
    "asked": "run",
    "current": "opening",
    "enable_for_tests": "opening",
    "going": "opening",
    "innermost": "run",
    "parameter": "opening",
    "prepare": "opening",
    "project_root": "opening",
    "quiet": "files",
    "script_scope": "opening",
    "settings": "protocol",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
