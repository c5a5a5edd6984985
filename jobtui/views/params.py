"""The parameters of a script: the text of the second tab."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from jobtui.plain import plain, short
from jobtui.views.lines import Line, line
from jobtui_core.entry.describe import without_secrets
from jobtui_core.records import ParameterInfo, ScriptStatus
from jobtui_core.tracing.redacted import redacted_words

__all__ = ["params_lines"]

_WIDEST = 60


def params_lines(script: ScriptStatus) -> list[Line]:
    """Say what the script's parameters are and what is in effect."""
    lines: list[Line] = [line((plain(script.path), "title"))]
    lines.append(
        line(("argv ", "dim"), shlex.join(map(plain, redacted_words(script.argv))))
        if script.argv
        else line(("argv ", "dim"), ("(none)", "dim"))
    )
    if not script.parameters:
        return [
            *lines,
            (),
            line(("No parameters.  ", "dim"), 'window = default_param("window", 52)'),
            line(("in the script declares one.", "dim")),
        ]
    rows = [_row(parameter) for parameter in script.parameters]
    width = max(len(name) for name, *_rest in rows)
    values = max(len(value) for _name, value, *_rest in rows)
    lines.append(())
    for (name, value, kind, default), parameter in zip(rows, script.parameters, strict=True):
        style = "accent" if default else "value"
        lines.append(
            line(
                (f"{name:<{width}} ", "name"),
                (f"= {value:<{values}} ", style),
                (kind, "dim"),
                (default, "warn"),
            )
        )
        lines += _remarks(parameter)
    return lines


def _row(parameter: ParameterInfo) -> tuple[str, str, str, str]:
    changed = parameter.value != parameter.default or type(parameter.value) is not type(
        parameter.default
    )
    return (
        plain(parameter.name),
        short(plain(_words(parameter.name, parameter.value)), _WIDEST),
        plain(parameter.type),
        f"  default {short(plain(_words(parameter.name, parameter.default)), _WIDEST)}"
        if changed
        else "",
    )


def _words(name: str, value: object) -> str:
    return without_secrets(name, repr(value))


def _remarks(parameter: ParameterInfo) -> Sequence[Line]:
    lines = []
    if parameter.help:
        lines.append(line((f"    {plain(parameter.help)}", "dim")))
    if parameter.choices:
        choices = ", ".join(plain(repr(choice)) for choice in parameter.choices)
        lines.append(line((f"    one of {short(choices, 2 * _WIDEST)}", "dim")))
    return lines
