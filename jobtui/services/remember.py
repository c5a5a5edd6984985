"""The state that the app showed last, so that the next one has something to show at once.

A derived file: whatever is wrong with it, there is just nothing to show.  Only what a row says is
kept, since everything else is read anew before it can be looked at.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from types import NoneType
from typing import Any

from jobtui_core.records import (
    ProjectStatus,
    Reason,
    ReasonKind,
    ScriptStatus,
    SourceProblem,
    StepStatus,
    Verdict,
)
from jobtui_core.regular import read_regular
from jobtui_core.whole import write_whole

__all__ = ["recall", "remember"]

_NAME = "shown.json"
_FORMAT = 1
_LARGEST = 16 * 1024 * 1024
_NUMBER = (int, float, NoneType)
_STEP: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "function": (str,),
    "kind": (str,),
    "duration": _NUMBER,
    "last_run": (str, NoneType),
    "last_time": _NUMBER,
    "path": (str,),
    "line": (int,),
    "calls": (int,),
}
"""What is kept of a step as it is, and of what types it must be to be believed."""


def remember(folder: Path, status: ProjectStatus) -> None:
    """Keep a state; nothing happens where the project has no folder for such things yet."""
    if not folder.parent.is_dir():
        return
    data = {"format": _FORMAT, "scripts": [_script(script) for script in status.scripts]}
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        write_whole(folder / _NAME, json.dumps(data).encode("utf-8", "surrogatepass"))


def _script(script: ScriptStatus) -> dict[str, Any]:
    error = script.error
    return {
        "path": script.path,
        "error": None if error is None else [error.message, error.line, error.column, error.text],
        "steps": [_step(step) for step in script.steps],
    }


def _step(step: StepStatus) -> dict[str, Any]:
    # What was running then has long ended; only the real state can tell how.
    verdict = Verdict.UNSURE if step.verdict is Verdict.RUNNING else step.verdict
    reasons = [[reason.kind.value, reason.subject, reason.summary] for reason in step.reasons]
    facts = {name: getattr(step, name) for name in _STEP}
    return {**facts, "verdict": verdict.value, "reasons": reasons, "notes": step.notes}


def recall(folder: Path, root: Path) -> ProjectStatus | None:
    """Give the state that was kept, or nothing if it cannot be read."""
    path = folder / _NAME
    try:
        data = json.loads(read_regular(path, _LARGEST).decode("utf-8", "surrogatepass"))
        if data["format"] != _FORMAT:
            return None
        scripts = tuple(_script_from(script) for script in data["scripts"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return ProjectStatus(root=str(root), scripts=scripts)


def _script_from(data: dict[str, Any]) -> ScriptStatus:
    path = str(data["path"])
    error = data["error"]
    problem = None
    if error is not None:
        message, line, column, text = error
        problem = SourceProblem(message=str(message), line=line, column=column, text=str(text))
    steps = tuple(_step_from(step, path) for step in data["steps"])
    return ScriptStatus(path=path, error=problem, steps=steps)


def _step_from(data: dict[str, Any], script: str) -> StepStatus:
    reasons = tuple(
        Reason(kind=ReasonKind(kind), subject=str(subject), summary=str(summary))
        for kind, subject, summary in data["reasons"]
    )
    facts = {name: data[name] for name in _STEP}
    if not all(isinstance(facts[name], types) for name, types in _STEP.items()):
        raise TypeError("a value of the wrong type")
    notes = data["notes"]
    if not isinstance(notes, list) or not isinstance(data["reasons"], list):
        raise TypeError("a value of the wrong type")
    return StepStatus(
        **facts,
        script=script,
        verdict=Verdict(data["verdict"]),
        reasons=reasons,
        notes=tuple(map(str, notes)),
    )
