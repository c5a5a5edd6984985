"""Parameters of scripts as somebody types them: ``window=26``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import ParameterError, UnknownNameError
from jobtui_core.project.discovery import find_scripts, known_scripts
from jobtui_core.project.reader import reader_of
from jobtui_core.scripts.conversion import convert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobtui_core.project.folder import Project
    from jobtui_core.records import ParameterInfo

__all__ = ["parse_overrides", "typed", "unknown_parameter"]


def parse_overrides(
    project: Project, scripts: Sequence[str] | None, words: Sequence[str]
) -> dict[str, Any]:
    """Turn words such as ``window=26`` into values of the types that the defaults have.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    scripts : sequence of str, or None
        The scripts that are meant; ``None`` for all.
    words : sequence of str
        ``name=value`` each; the last one of a name counts.

    Raises
    ------
    ParameterError
        If a word has no ``=``, or its value cannot be one of that parameter's.
    UnknownNameError
        If none of the scripts declares the parameter; the nearest names are given.
    """
    if not words:
        return {}
    wanted = find_scripts(project, scripts) if scripts is not None else None
    known: dict[str, ParameterInfo] = {}
    unread = False
    with reader_of(project) as reader:
        for script in known_scripts(reader) if wanted is None else wanted:
            analysis = reader.analyses.of(script, argv=reader.evidence.newest_argv(script)).analysis
            unread |= analysis is None
            for parameter in analysis.parameters if analysis is not None else ():
                known.setdefault(parameter.name, parameter)
    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.isidentifier():
            raise ParameterError(
                f"{word!r} is not of the form name=value", name=name, value=text, where=""
            )
        if name in known:
            found[name] = convert(text, known[name])
        elif unread and not known:
            # The only script cannot be parsed: that is what its row says, not a wrong name.
            found[name] = text
        else:
            raise unknown_parameter(name, known)
    return found


def typed(overrides: Mapping[str, Any], parameters: Iterable[ParameterInfo]) -> dict[str, Any]:
    """Give overrides as the script would have them; those of other scripts unchanged.

    Raises
    ------
    ParameterError
        If a value cannot be one of its parameter's.
    """
    known = {parameter.name: parameter for parameter in parameters}
    return {
        name: convert(value, known[name]) if name in known else value
        for name, value in overrides.items()
    }


def unknown_parameter(name: str, names: Iterable[str]) -> UnknownNameError:
    """Give the error for a parameter that no script has."""
    known = sorted(names)
    nearest = tuple(get_close_matches(name, known, n=3))
    if nearest:
        hint = f"; did you mean {nearest[0]!r}?"
    elif known:
        hint = f"; there are {', '.join(known[:8])}."
    else:
        hint = ": the scripts declare none with default_param()."
    return UnknownNameError(f"There is no parameter {name!r}{hint}", name=name, nearest=nearest)
