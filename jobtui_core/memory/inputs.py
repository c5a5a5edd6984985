"""Files that a function declares as its inputs: what they hold counts in the keys of its calls."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jobtui_core.errors import InputError
from jobtui_core.memory.templates import fields_of, fill, resolve

__all__ = ["Inputs", "as_templates", "input_paths"]

PathLike = str | os.PathLike[str]

Inputs = PathLike | Iterable[PathLike]
"""As decorators are given them."""


def as_templates(inputs: Inputs) -> tuple[str, ...]:
    """Give the templates that a decorator was given, checked.

    Raises
    ------
    OutputError
        If one is no template over arguments.
    """
    given = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
    templates = tuple(os.fspath(item) for item in given)
    for template in templates:
        fields_of(template)
    return templates


def input_paths(
    templates: Iterable[str], arguments: Mapping[str, Any], root: Path, step: str
) -> list[Path]:
    """Give the input files of a call, absolute; ``step`` is how errors name the function.

    A template of one argument alone that is a list or tuple of paths stands for all of them.

    Raises
    ------
    InputError
        A ``FileNotFoundError``: if one is missing or is a folder.
    OutputError
        If a template asks for what the function does not have.
    """
    paths: list[Path] = []
    for template in templates:
        for name in _filled(template, arguments, step):
            path = resolve(name, root)
            if not path.is_file():
                raise _missing(path, name, template, step)
            paths.append(path)
    return paths


def _filled(template: str, arguments: Mapping[str, Any], step: str) -> list[str]:
    fields = fields_of(template)
    if len(fields) == 1 and template == f"{{{fields[0]}}}":
        value = arguments.get(fields[0])
        if isinstance(value, list | tuple):
            return [os.fspath(item) for item in value]
    return [fill(template, arguments, step=step)]


def _missing(path: Path, name: str, template: str, step: str) -> InputError:
    meant = "" if name == template else f" (inputs={template!r})"
    what = "is a folder; name the files in it" if path.is_dir() else "does not exist"
    return InputError(
        f"{step}: its input {name}{meant} {what}",
        path=str(path),
        step=step,
        template=template,
    )
