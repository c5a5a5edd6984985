"""A status as compact plain data: what rows show, by columns.

What only the detail of one step shows (keys, what was compared) is left out.  The data comes from
a file that anybody may have written: a column of the wrong type is refused as a whole, which is
cheap, so that nothing has to be looked at twice where it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import NoneType
from typing import Any

from jobtui_core.records import (
    Acceptance,
    Maker,
    ParameterInfo,
    ProjectStatus,
    Reason,
    ReasonKind,
    ScriptStatus,
    SourceProblem,
    StepStatus,
    Verdict,
)

__all__ = ["DETAIL", "MalformedError", "from_columns", "to_columns", "without_detail"]

DETAIL = {"keys": (), "compared": (), "not_compared": ()}
"""Fields of a step that are left out, as they are then."""


_SIMPLE: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "function": (str,),
    "kind": (str,),
    "accepted": (bool,),
    "calls": (int,),
    "duration": (float, int, NoneType),
    "last_run": (str, NoneType),
    "last_time": (float, int, NoneType),
    "path": (str,),
    "line": (int,),
    "code": (str,),
}
_MOST_STEPS = 1_000_000
"""Of all scripts; a file of some bytes may speak of more rows than any memory holds."""

_LATEST = 250_000_000_000.0
"""Seconds that are believed: as moments, dates up to the year 9892."""

_WORDS = ("notes", "restores", "depends_on", "takes", "old_codes")


class MalformedError(ValueError):
    """The data is not a status."""


def without_detail(status: ProjectStatus) -> ProjectStatus:
    """Give a status as it is once it was kept."""
    return replace(
        status,
        scripts=tuple(
            replace(
                script,
                steps=tuple(replace(step, **DETAIL) for step in script.steps),  # type: ignore[arg-type]  # each its own type
            )
            for script in status.scripts
        ),
    )


def to_columns(status: ProjectStatus) -> dict[str, Any]:
    """Give a status as plain data for ``json``.

    Raises
    ------
    MalformedError
        If there is a value that JSON would change.
    """
    found = {
        "root": status.root,
        "warnings": list(status.warnings),
        "scripts": [_script(script) for script in status.scripts],
    }
    if json.loads(json.dumps(found)) != found:
        raise MalformedError("a value is no plain data")
    return found


def _script(script: ScriptStatus) -> dict[str, Any]:
    steps = script.steps
    columns: dict[str, Any] = {
        name: _short([getattr(step, name) for step in steps]) for name in _SIMPLE
    }
    columns |= {name: _short([list(getattr(step, name)) for step in steps]) for name in _WORDS}
    columns["verdict"] = _short([step.verdict.value for step in steps])
    columns["reasons"] = _short([[_plain(one) for one in step.reasons] for step in steps])
    columns["acceptances"] = _short([[_plain(one) for one in step.acceptances] for step in steps])
    columns["makers"] = _short([[_plain(one) for one in step.makers] for step in steps])
    return {
        "path": script.path,
        "error": None if script.error is None else _plain(script.error),
        "argv": list(script.argv),
        "parameters": [_plain(one) for one in script.parameters],
        "reads": list(script.reads),
        "writes": list(script.writes),
        "sources": list(script.sources),
        "count": len(steps),
        "steps": columns,
    }


def _plain(record: Any) -> dict[str, Any]:
    found = {name: getattr(record, name) for name in record.__dataclass_fields__}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in found.items()
    }


def _short(column: list[Any]) -> list[Any]:
    """Say a value once where all are equal."""
    return column[:1] if column and all(value == column[0] for value in column) else column


def from_columns(data: Any) -> ProjectStatus:
    """Read a status back.

    Raises
    ------
    MalformedError
        If the data is not what `to_columns` gives.
    """
    try:
        if sum(_number(script["count"]) for script in data["scripts"]) > _MOST_STEPS:
            raise MalformedError("more steps than are believed")
        return ProjectStatus(
            root=_text(data["root"]),
            scripts=tuple(_script_from(script) for script in data["scripts"]),
            warnings=_texts(data["warnings"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedError(f"{type(error).__name__}: {error}") from error


def _script_from(data: Any) -> ScriptStatus:
    error = data["error"]
    return ScriptStatus(
        path=_text(data["path"]),
        error=None if error is None else SourceProblem(**_checked(error, SourceProblem)),
        argv=_texts(data["argv"]),
        parameters=tuple(_parameter(one) for one in data["parameters"]),
        steps=_steps(data["steps"], _number(data["count"]), _text(data["path"])),
        reads=_texts(data["reads"]),
        writes=_texts(data["writes"]),
        sources=_texts(data["sources"]),
    )


def _steps(columns: dict[str, Any], count: int, script: str) -> tuple[StepStatus, ...]:
    found = {name: _column(columns[name], count, types) for name, types in _SIMPLE.items()}
    found |= {name: _each(columns[name], count, _texts) for name in _WORDS}
    found["verdict"] = _each(columns["verdict"], count, Verdict)
    found["reasons"] = _each(columns["reasons"], count, _reasons)
    found["acceptances"] = _each(columns["acceptances"], count, _acceptances)
    found["makers"] = _each(columns["makers"], count, _makers)
    names = tuple(found)
    rows = zip(*(found[name] for name in names), strict=True)
    return tuple(StepStatus(script=script, **dict(zip(names, row, strict=True))) for row in rows)


def _column(values: Any, count: int, types: tuple[type, ...]) -> Sequence[Any]:
    if type(values) is not list or not {type(value) for value in values} <= set(types):
        raise MalformedError("a column of another type")
    if float in types and not all(map(_is_moderate, values)):
        raise MalformedError("a number that is no time")
    return _filled(values, count)


def _is_moderate(value: float | None) -> bool:
    """Tell whether a number of seconds can be shown; NaN cannot."""
    return value is None or abs(value) < _LATEST


def _each(values: Any, count: int, read: Callable[[Any], Any]) -> Sequence[Any]:
    if type(values) is not list:
        raise MalformedError("no column")
    return _filled([read(value) for value in values], count)


def _filled(values: list[Any], count: int) -> Sequence[Any]:
    if len(values) == 1 and count > 1:
        return values * count
    if len(values) != count:
        raise MalformedError("columns of several lengths")
    return values


def _reasons(values: Any) -> tuple[Reason, ...]:
    return tuple(
        Reason(**{**_checked(one, Reason), "kind": ReasonKind(one["kind"])}) for one in values
    )


def _acceptances(values: Any) -> tuple[Acceptance, ...]:
    return tuple(Acceptance(**_checked(one, Acceptance)) for one in values)


def _makers(values: Any) -> tuple[Maker, ...]:
    return tuple(Maker(**_checked(one, Maker)) for one in values)


def _parameter(data: Any) -> ParameterInfo:
    kept = {name: data.pop(name) for name in ("default", "value", "choices")}
    return ParameterInfo(
        **_checked(data, ParameterInfo),
        default=kept["default"],
        value=kept["value"],
        choices=tuple(kept["choices"]),
    )


def _checked(data: Any, record: type) -> dict[str, Any]:
    """Give a record's fields, each of a type that such a field can have."""
    found: dict[str, Any] = {}
    fields: dict[str, Any] = record.__dataclass_fields__  # type: ignore[attr-defined]  # a record
    for name, value in data.items():
        declared = str(fields[name].type)
        if declared.startswith("tuple"):
            found[name] = _texts(value)
        elif value is None and "None" in declared:
            found[name] = None
        elif declared.startswith("bool") is not (type(value) is bool) or (
            declared.startswith(("int", "float")) is not isinstance(value, int | float)
            and type(value) is not bool
        ):
            raise MalformedError(f"{name} is of another type")
        elif type(value) in (str, bool) or (type(value) in (int, float) and _is_moderate(value)):
            found[name] = value
        else:
            raise MalformedError(f"{name} is of another type")
    return found


def _text(value: Any) -> str:
    if type(value) is not str:
        raise MalformedError("a text was expected")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise MalformedError("a number was expected")
    return value


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    if type(values) is not list:
        raise MalformedError("a list was expected")
    return tuple([_text(value) for value in values])
