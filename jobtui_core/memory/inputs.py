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
from jobtui_core.trees import escaped, find_tree, has_magic, is_tree, shown_name

__all__ = ["Inputs", "as_templates", "input_name", "input_names", "missing_input"]

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
        _refuse_patterns_at_urls(template, "inputs=")
        declare_server(template)
    return templates


def input_names(
    templates: Iterable[str], arguments: Mapping[str, Any], root: Path, step: str
) -> list[str]:
    """Give the input files of a call, as records name them; errors name the function by ``step``.

    A template of one argument alone that is a list or tuple of paths stands for all of them.  A
    folder, or a pattern, is one name for all of its files (see `jobtui_core.trees`).

    Raises
    ------
    InputError
        A ``FileNotFoundError``: if one is missing.  Whether one at a URL is there, and whether
        any file matches a pattern, only reading tells.  Or if it is a pattern at a URL.
    OutputError
        If a template asks for what the function does not have.
    StoreError
        If one is a URL that holds credentials.
    """
    names: list[str] = []
    for template in templates:
        for given, pattern in _filled(template, arguments, step):
            if has_magic(given):
                _refuse_patterns_at_urls(given, step)
            name = input_name(given, pattern, root)
            if name is None:
                raise missing_input(given, template, step)
            declare_server(name)
            names.append(name)
    return names


def input_name(given: str, pattern: str, root: Path) -> str | None:
    """Give the name in records of a declared input, filled in; ``None`` if it is not there.

    What is there under the name as it stands is meant, also where it could be a pattern.

    Parameters
    ----------
    given : str
        A path, a URL or a pattern.
    pattern : str
        The same, with the special characters of arguments escaped where the declaration has
        some of its own.
    root : Path
    """
    name = record_name(given, root)
    if is_url(name) or (root / name).is_file():
        return name
    found = find_tree(given, pattern, root)
    if found is None or is_tree(found):
        return found
    return found if (root / found).is_file() else None


def _filled(template: str, arguments: Mapping[str, Any], step: str) -> list[tuple[str, str]]:
    """Fill in arguments: as they are, and as parts of a pattern."""
    fields = fields_of(template)
    if len(fields) == 1 and template == f"{{{fields[0]}}}":
        value = arguments.get(fields[0])
        if isinstance(value, list | tuple):
            return [(os.fspath(item), os.fspath(item)) for item in value]
    given = fill(template, arguments, step=step)
    if not fields or not has_magic(template):
        return [(given, given)]
    return [(given, fill(template, arguments, step=step, word=escaped))]


def _refuse_patterns_at_urls(given: str, step: str) -> None:
    # A question mark has a meaning of its own there, and brackets may stand in any key.
    if "*" in given and is_url(given) and not given.lower().startswith("http"):
        raise InputError(
            f"{step}: its input {given} is a pattern at a URL, where files are not looked for: "
            "name each of them, as in a list that is an argument",
            path=given,
            step=step,
            template=given,
        )


def missing_input(name: str, template: str, step: str) -> InputError:
    """Give the error that names an input that is not there, or a pattern without files."""
    name = shown_name(name)
    meant = "" if name == template else f" (inputs={template!r})"
    what = "matches no file" if has_magic(name) else "does not exist"
    return InputError(
        f"{step}: its input {name}{meant} {what}",
        path=name,
        step=step,
        template=template,
    )
