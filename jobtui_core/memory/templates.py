"""Paths that depend on a call's arguments: ``results/{subject}.npy``."""

from __future__ import annotations

import os
import string
from collections.abc import Callable, Mapping
from typing import Any

from jobtui_core.errors import OutputError

__all__ = ["fields_of", "fill", "is_literal"]

_FORMATTER = string.Formatter()


def fields_of(template: str) -> tuple[str, ...]:
    """Give the names that a template asks for, in order.

    Raises
    ------
    OutputError
        If it is no template, or asks for more than arguments: an attribute or item of one would
        be looked up in whatever object a caller passes.
    """
    names: list[str] = []
    try:
        parsed = list(_FORMATTER.parse(template))
        for _, field, spec, _ in parsed:
            if field is None:
                continue
            if not field.isidentifier():
                raise OutputError(
                    f"the path {template!r} asks for {{{field}}}; only names of arguments can "
                    "stand there",
                    template=template,
                )
            names.append(field)
            names.extend(fields_of(spec) if spec else ())
    except ValueError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            f"the path {template!r} cannot be filled in: {error}", template=template
        ) from error
    return tuple(dict.fromkeys(names))


def is_literal(template: str) -> bool:
    """Tell whether a path is the same for every call."""
    return not fields_of(template)


def fill(
    template: str,
    arguments: Mapping[str, Any],
    *,
    step: str,
    word: Callable[[Any], Any] = lambda value: value,
) -> str:
    """Fill a call's arguments into a template, each as ``word`` spells it.

    Raises
    ------
    OutputError
        If the function has no such argument, or its value has no place in a path.
    """
    fields = fields_of(template)
    for name in fields:
        if name not in arguments:
            from difflib import get_close_matches

            near = get_close_matches(name, list(arguments), n=1)
            hint = f"; did you mean {{{near[0]}}}?" if near else ""
            raise OutputError(
                f"{step}: the path {template!r} asks for {{{name}}}, "
                f"which is no argument of it{hint}",
                step=step,
                template=template,
            )
    words = {name: word(_word(arguments[name])) for name in fields}
    try:
        return template.format_map(words)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise OutputError(
            f"{step}: the path {template!r} cannot be filled in: {error}",
            step=step,
            template=template,
        ) from error


def _word(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value
