"""Files that a function declares as its inputs: what they hold counts in the keys of its calls."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jobtui_core.errors import InputError
from jobtui_core.memory.places import declare_server
from jobtui_core.memory.templates import fields_of, fill
from jobtui_core.named import is_url, record_name

__all__ = ["Inputs", "as_templates", "input_names", "missing_input"]

PathLike = str | os.PathLike[str]

Inputs = PathLike | Iterable[PathLike]
"""As decorators are given them."""


def as_templates(inputs: Inputs) -> tuple[str, ...]:
    """Give the templates that a decorator was given, checked.

    Raises
    ------
    OutputError
        If one is no template over arguments.
    StoreError
        If one is a URL that holds credentials.
    """
    given = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
    templates = tuple(os.fspath(item) for item in given)
    for template in templates:
        if not fields_of(template) and is_url(template):
            record_name(template, Path())
        declare_server(template)
    return templates


def input_names(
    templates: Iterable[str], arguments: Mapping[str, Any], root: Path, step: str
) -> list[str]:
    """Give the input files of a call, as records name them; errors name the function by ``step``.

    A template of one argument alone that is a list or tuple of paths stands for all of them.

    Raises
    ------
    InputError
        A ``FileNotFoundError``: if one is missing or is a folder.  Whether one at a URL is there,
        only reading it tells.
    OutputError
        If a template asks for what the function does not have.
    StoreError
        If one is a URL that holds credentials.
    """
    names: list[str] = []
    for template in templates:
        for given in _filled(template, arguments, step):
            name = record_name(given, root)
            if not is_url(name) and not (root / name).is_file():
                raise missing_input(root / name, given, template, step)
            declare_server(name)
            names.append(name)
    return names


def _filled(template: str, arguments: Mapping[str, Any], step: str) -> list[str]:
    fields = fields_of(template)
    if len(fields) == 1 and template == f"{{{fields[0]}}}":
        value = arguments.get(fields[0])
        if isinstance(value, list | tuple):
            return [os.fspath(item) for item in value]
    return [fill(template, arguments, step=step)]


def missing_input(path: Path | str, name: str, template: str, step: str) -> InputError:
    """Give the error that names an input that is not there, or is a folder."""
    meant = "" if name == template else f" (inputs={template!r})"
    is_folder = isinstance(path, Path) and path.is_dir()
    what = "is a folder; name the files in it" if is_folder else "does not exist"
    return InputError(
        f"{step}: its input {name}{meant} {what}",
        path=str(path),
        step=step,
        template=template,
    )
