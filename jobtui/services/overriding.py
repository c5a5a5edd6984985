"""Parameters as they are typed into a form, and the request that comes of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any, NamedTuple

from jobtui.plain import plain
from jobtui_core.entry.describe import REDACTED
from jobtui_core.errors import ParameterError
from jobtui_core.parameters import as_plain, convert
from jobtui_core.records import ParameterInfo, RunRequest

__all__ = ["Typed", "argv_problem", "override_problem", "request_of", "text_of_value"]


class Typed(NamedTuple):
    """What somebody typed."""

    texts: dict[str, str]
    """By the names of the parameters."""
    argv: str = ""


def text_of_value(value: Any, parameter: ParameterInfo) -> str:
    """Give the text that stands for a value: typed, it gives the value again.

    Nothing where no text does, where the value is a secret that was not written down, and where
    the text would do something to a terminal.
    """
    if _is_hidden(value):
        return ""
    for text in (str(value), repr(value)):
        try:
            if plain(text) == text and _same(as_plain(convert(text, parameter)), as_plain(value)):
                return text
        except ParameterError:
            continue
    return ""


def override_problem(text: str, parameter: ParameterInfo) -> str:
    """Say why a text cannot be a value of a parameter; empty if it can."""
    try:
        _value_of(text, parameter)
    except ParameterError as error:
        return str(error)
    return ""


def argv_problem(text: str) -> str:
    """Say why a text cannot be taken apart into words; empty if it can."""
    try:
        shlex.split(text)
    except ValueError as error:
        return f"these are no words: {error}"
    return ""


def request_of(
    script: str, parameters: Sequence[ParameterInfo], typed: Typed, argv: Sequence[str] | None
) -> RunRequest:
    """Give the request that runs a script with what was typed.

    Parameters
    ----------
    script : str
    parameters : sequence of ParameterInfo
        Those that it declares.
    typed : Typed
        Without problems.
    argv : sequence of str, or None
        The words that it gets if none are asked for: left as they are, they are not named.
    """
    values = {
        one.name: _value_of(typed.texts[one.name], one)
        for one in parameters
        if one.name in typed.texts
    }
    changed = {
        one.name: values[one.name]
        for one in parameters
        if one.name in values and not _same(values[one.name], as_plain(one.default))
    }
    words = tuple(shlex.split(typed.argv))
    return RunRequest(
        scripts=(script,),
        overrides=changed,
        argv=None if argv is not None and words == tuple(argv) else words,
    )


def _value_of(text: str, parameter: ParameterInfo) -> Any:
    """Give the value that a text stands for in the field of a parameter."""
    hidden = _is_hidden(parameter.value)
    if not hidden and text == text_of_value(parameter.value, parameter):
        # Left as it was, also where no text could stand for it.
        return as_plain(parameter.value)
    if not text and (hidden or parameter.type != "str"):
        # An empty field stands for the default, but where nothing is a text like any other.
        return as_plain(parameter.default)
    return as_plain(convert(text, parameter))


def _is_hidden(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(REDACTED[:-1])


def _same(one: Any, other: Any) -> bool:
    # 1 == True == 1.0, which are three values to whoever types them.
    return type(one) is type(other) and bool(one == other)
