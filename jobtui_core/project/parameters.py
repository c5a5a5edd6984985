"""Parameters of scripts as somebody types them, ``window=26``, or writes them to a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import ConfigurationError, ParameterError, UnknownNameError
from jobtui_core.parameters import as_plain, convert
from jobtui_core.project.discovery import find_scripts, known_scripts
from jobtui_core.project.reader import reader_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from jobtui_core.project.folder import Project
    from jobtui_core.records import ParameterInfo

__all__ = [
    "overrides_for",
    "parameters_from",
    "parse_overrides",
    "read_parameters",
    "table_of",
    "typed",
    "unknown_parameter",
    "with_words",
]


def parse_overrides(
    project: Project, scripts: Sequence[str] | None, words: Sequence[str]
) -> dict[str, Any]:
    """Turn words such as ``window=26`` into values of the types that the defaults have.

    They are given as they travel to the scripts: a path or a date is text again.

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
    known = _Known(project, scripts)
    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.isidentifier():
            raise ParameterError(
                f"{word!r} is not of the form name=value", name=name, value=text, where=""
            )
        found[name] = known.checked(name, text)
    return found


def parameters_from(
    project: Project,
    scripts: Sequence[str] | None,
    path: str | os.PathLike[str],
    words: Sequence[str] = (),
) -> dict[str, Any]:
    """Read parameters from a TOML or JSON file: ``window = 26``, or a table for each script.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    scripts : sequence of str, or None
        The scripts that are meant; ``None`` for all.
    path : str or path
        Values at the top of the file are for all of the scripts, those in a table that has the
        name of a script (``[co2]``, ``["scripts/co2.py"]``) for that one alone.
    words : sequence of str
        ``name=value`` each; these win over the file.

    Returns
    -------
    dict
        As ``status`` takes it: values by name, and those for one script by its path.

    Raises
    ------
    ConfigurationError
        If the file cannot be read.
    ParameterError
        If a script refuses a value.
    UnknownNameError
        If there is no such parameter or script; the nearest names are given.
    """
    known = _Known(project, scripts)
    found: dict[str, Any] = {}
    for name, value in read_parameters(path).items():
        if isinstance(value, dict) and name not in known.parameters:
            script = known.script(name)
            if script in known.scripts:
                found[table_of(script)] = {
                    inner: known.checked(inner, one, script) for inner, one in value.items()
                }
        else:
            found[name] = known.checked(name, value)
    return with_words(found, parse_overrides(project, scripts, words)) if words else found


def read_parameters(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a file of parameters as it is: TOML, or JSON if it is named so.

    Raises
    ------
    ConfigurationError
        If it cannot be read, or holds something else than a table.
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
        if file.suffix.lower() == ".json":
            found = json.loads(text)
        else:
            import tomllib

            found = tomllib.loads(text)
    except OSError as error:
        words = error.strerror or str(error)
        raise ConfigurationError(f"{path} cannot be read: {words}", path=str(path)) from error
    except (ValueError, RecursionError) as error:
        kind = "JSON" if file.suffix.lower() == ".json" else "TOML"
        raise ConfigurationError(f"{path} is not {kind}: {error}", path=str(path)) from error
    if not isinstance(found, dict):
        raise ConfigurationError(
            f"{path} holds no table of parameters, but a {type(found).__name__}", path=str(path)
        )
    return found


class _Known:
    """Parameters that scripts declare, for checking values that are given to them."""

    def __init__(self, project: Project, scripts: Sequence[str] | None) -> None:
        self._project = project
        wanted = find_scripts(project, scripts) if scripts is not None else None
        self.parameters: dict[str, ParameterInfo] = {}
        self._of: dict[str, dict[str, ParameterInfo]] = {}
        self._unread: set[str] = set()
        with reader_of(project) as reader:
            self.scripts = tuple(known_scripts(reader) if wanted is None else wanted)
            for script in self.scripts:
                argv = reader.evidence.newest_argv(script)
                analysis = reader.analyses.of(script, argv=argv).analysis
                if analysis is None:
                    self._unread.add(script)
                own = () if analysis is None else analysis.parameters
                self._of[script] = {one.name: one for one in own}
                for one in own:
                    self.parameters.setdefault(one.name, one)

    def checked(self, name: str, value: Any, script: str | None = None) -> Any:
        """Give a value as it travels to the scripts, or to one of them."""
        known = self.parameters if script is None else self._of[script]
        if name in known:
            return as_plain(convert(value, known[name]))
        unread = self._unread if script is None else self._unread & {script}
        if unread and not known:
            # The only script cannot be parsed: that is what its row says, not a wrong name.
            return as_plain(value)
        raise unknown_parameter(name, known)

    def script(self, name: str) -> str:
        """Give the script that a table of a file is for."""
        try:
            return find_scripts(self._project, [name])[0]
        except UnknownNameError:
            known = {Path(script).stem: script for script in self.scripts}
            known |= {one: one for one in (*self.scripts, *self.parameters)}
            near = [known[one] for one in get_close_matches(name, known, n=3)]
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise UnknownNameError(
                f"There is no script and no parameter {name!r}{hint}",
                name=name,
                nearest=tuple(near),
            ) from None


def table_of(script: str) -> str:
    """Give the name under which values for one script stand among the others: its path."""
    return f"./{script}" if script.isidentifier() else script


def overrides_for(overrides: Mapping[str, Any], script: str) -> dict[str, Any]:
    """Give the overrides that one script gets: those for all, and its own over them."""
    own = overrides.get(table_of(script))
    found = {name: value for name, value in overrides.items() if name.isidentifier()}
    return {**found, **own} if isinstance(own, Mapping) else found


def with_words(overrides: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parameters of a file with those typed on a command line, which win."""
    found: dict[str, Any] = {}
    for name, value in overrides.items():
        if name.isidentifier():
            found[name] = value
        else:
            found[name] = {inner: one for inner, one in value.items() if inner not in words}
    return {**found, **words}


def typed(overrides: Mapping[str, Any], parameters: Iterable[ParameterInfo]) -> dict[str, Any]:
    """Give overrides as they travel to a script; those of other scripts unchanged.

    Raises
    ------
    ParameterError
        If a value cannot be one of its parameter's.
    """
    known = {parameter.name: parameter for parameter in parameters}
    return {
        name: as_plain(convert(value, known[name]) if name in known else value)
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
