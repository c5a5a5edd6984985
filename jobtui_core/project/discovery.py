"""Which files of a project are its scripts.

A script imports ``jobtui_core``, directly or through modules of the project, and calls a step when
it is run; or it has been run before.  Files that do not mention the package, however indirectly,
are told apart by their import lines alone: only the others are parsed.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.errors import ScriptError, UnknownNameError
from jobtui_core.project.reader import Reader, reader_of
from jobtui_core.project.tree.gitignore import glob_expression
from jobtui_core.root import relative_name
from jobtui_core.sources import SourceModule

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["discover", "find_scripts", "known_scripts"]

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([^\n#;(]*(?:\([^)]*\))?)", re.MULTILINE)
_WORD = re.compile(r"\w+")
_PACKAGE = "jobtui_core"


def discover(project: Project) -> tuple[str, ...]:
    """Give the scripts of a project, as paths relative to its root, sorted.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    """
    with reader_of(project) as reader:
        return known_scripts(reader)


def known_scripts(reader: Reader) -> tuple[str, ...]:
    """Give the scripts, with the caches of a reader that is held already."""
    files = reader.files
    texts = {name: text for name in files if (text := reader.texts.get(name)) is not None}
    reaching = _reaching(texts)
    allowed = _allowed(reader.project.config.scripts)
    imported = {word for name in reaching for word in _import_words(texts[name])}
    found = {
        name
        for name in reaching
        if allowed(name) and _is_script(reader, name, texts[name], imported)
    }
    found |= {name for name in _garbled(reader, imported) if allowed(name)}
    found |= {name for name in _that_ran(reader, set(files)) if (reader.root / name).is_file()}
    return tuple(sorted(found))


def _garbled(reader: Reader, imported: set[str]) -> Iterable[str]:
    """Files that mention the package where they import, and are in no encoding that they say.

    As with files that do not parse, one that another file imports is that one's problem.
    """
    for name in reader.files:
        text = reader.texts.garbled(name)
        if text is not None and _PACKAGE in _import_words(text) and _stem(name) not in imported:
            yield name


def _that_ran(reader: Reader, files: set[str]) -> Iterable[str]:
    """Scripts with a history: those started by hand only where files are looked for at all."""
    for script, by_jobtui in reader.evidence.scripts.items():
        if by_jobtui or script in files:
            yield script


def _allowed(patterns: Sequence[str]) -> _Filter:
    return _Filter(tuple(re.compile(glob_expression(pattern)) for pattern in patterns))


@dataclass(frozen=True, slots=True)
class _Filter:
    patterns: tuple[re.Pattern[str], ...]

    def __call__(self, name: str) -> bool:
        return not self.patterns or any(pattern.fullmatch(name) for pattern in self.patterns)


@lru_cache(maxsize=8192)
def _import_words(text: str) -> frozenset[str]:
    """Every word of the import statements: more than is imported, never less."""
    return frozenset(
        word for match in _IMPORT.finditer(text) for word in _WORD.findall(match.group(1))
    )


def _reaching(texts: Mapping[str, str]) -> set[str]:
    """Files that may import the package, directly or through other files of the project."""
    importers: dict[str, list[str]] = {}
    for name, text in texts.items():
        for word in _import_words(text):
            importers.setdefault(word, []).append(name)
    reaching: set[str] = set()
    pending = list(importers.get(_PACKAGE, ()))
    while pending:
        name = pending.pop()
        if name in reaching:
            continue
        reaching.add(name)
        pending.extend(importers.get(_stem(name), ()))
    return reaching


def _stem(name: str) -> str:
    path = Path(name)
    return path.parent.name if path.name == "__init__.py" else path.stem


def _is_script(reader: Reader, name: str, text: str, imported: set[str]) -> bool:
    acts = _acts(text)
    if acts is None:
        # Whether it calls steps cannot be told now.  A file that another one imports shows up as
        # the reason why that one cannot be read; the others get a row of their own.
        return _stem(name) not in imported
    if not acts:
        return False
    analysed = reader.analyses.of(name, argv=reader.evidence.newest_argv(name))
    return analysed.analysis is None or bool(analysed.analysis.sites)


@lru_cache(maxsize=8192)
def _acts(text: str) -> bool | None:
    """Whether running a file calls anything, beyond decorators; ``None`` if it does not parse."""
    try:
        body = SourceModule("", Path(), "", text).tree.body
    except ScriptError:
        return None
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            if statement.name == "main":
                return True
        elif not isinstance(statement, ast.ClassDef | ast.Import | ast.ImportFrom) and any(
            isinstance(node, ast.Call) for node in ast.walk(statement)
        ):
            return True
    return False


def find_scripts(project: Project, names: Sequence[str]) -> tuple[str, ...]:
    """Give the scripts that words on a command line mean.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    names : sequence of str
        Paths, relative to the working directory or to the root, with or without ``.py``; a file
        that exists is taken as it is, whatever it contains.

    Returns
    -------
    tuple of str
        Relative to the root, each once, in the order given.

    Raises
    ------
    UnknownNameError
        If no file is meant; the nearest scripts are named.
    """
    known: tuple[str, ...] | None = None
    found: dict[str, None] = {}
    for name in names:
        path = _existing(project.root, name)
        if path is None:
            known = discover(project) if known is None else known
            path = _among(known, name)
        found[path] = None
    return tuple(found)


def _existing(root: Path, name: str) -> str | None:
    for base in (Path.cwd(), root):
        for ending in ("", ".py"):
            path = Path(os.path.abspath(base / Path(name + ending).expanduser()))
            if path.is_file() and (ending or path.suffix == ".py" or base == root):
                return relative_name(path, root)
    return None


def _among(known: Sequence[str], name: str) -> str:
    same = [path for path in known if Path(path).stem == Path(name).stem]
    if len(same) == 1 and "/" not in name:
        return same[0]
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    stems = {Path(path).stem: path for path in known}
    near += [stems[stem] for stem in get_close_matches(Path(name).stem, stems, n=3)]
    nearest = tuple(dict.fromkeys(near))
    if nearest:
        hint = f"; did you mean {nearest[0]!r}?"
    elif known:
        hint = f"; the scripts here are {', '.join(known[:5])}."
    else:
        hint = "; there is no script here."
    raise UnknownNameError(f"There is no script {name!r}{hint}", name=name, nearest=nearest)
