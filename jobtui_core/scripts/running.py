"""``run_script``: use a script from another one, with other parameters."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from jobtui_core import tracing
from jobtui_core.errors import ParameterError, ScriptError
from jobtui_core.parameters import as_plain, convert
from jobtui_core.root import find_root
from jobtui_core.scripts.context import ScriptContext, enter, leave
from jobtui_core.scripts.declared import declared_parameters
from jobtui_core.sources.tree import read_source

__all__ = ["Bunch", "as_main", "run_script"]


class Bunch(dict[str, Any]):
    """A dict whose items are attributes as well.

    Examples
    --------
    >>> Bunch(window=52).window
    52
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no {name!r} here") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"there is no {name!r} here") from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name in self if name.isidentifier())})


def run_script(filename: str | os.PathLike[str], /, **params: Any) -> Bunch:
    """Run a script as ``__main__`` with other parameters, and give what it defined.

    Parameters
    ----------
    filename : str or path
        The script; relative to the working directory.
    **params
        Values for its `default_param` declarations.  They reach this script alone, not the
        scripts that it runs in turn.

    Returns
    -------
    Bunch
        The script's global names, without those that begin with two underscores.

    Raises
    ------
    ParameterError
        If a parameter is not one of the script's, or its value is refused.
    ScriptError
        If the file cannot be read or has a syntax error.

    Notes
    -----
    The time it took is said on stderr.  ``sys.exit()`` without an error ends the script alone.
    ``__main__``, ``sys.argv`` and ``sys.path`` are the script's while it runs: do not run two
    at once in threads.
    """
    path = Path(os.path.abspath(filename))
    code = _compile(path)
    may_be_others = _check_names(path, params)
    plain = {name: as_plain(value) for name, value in params.items()}
    context = enter(str(path), params)
    start = time.perf_counter()
    problem: BaseException | None = None
    try:
        with tracing.script_scope(path, plain), as_main(path) as module:
            _execute(code, module)
    except BaseException as error:
        problem = error
        raise
    finally:
        leave(context)
        _tell(path, context, problem, time.perf_counter() - start)
    if may_be_others:
        _check_asked(path, params, context)
    return Bunch((k, v) for k, v in module.__dict__.items() if not k.startswith("__"))


def _compile(path: Path) -> Any:
    # Compiled with its own path, for tracebacks and for inspect to find the source.
    text = read_source(path, str(path))
    try:
        return compile(text, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise ScriptError(
            f"{path}: {error}",
            path=str(path),
            line=getattr(error, "lineno", None),
            column=getattr(error, "offset", None),
            text=(getattr(error, "text", None) or "").rstrip("\n"),
        ) from error


def _tell(path: Path, context: ScriptContext, problem: BaseException | None, took: float) -> None:
    """Say that a script has ended: on stderr, and to the trace."""
    ended = "took" if problem is None else "failed after"
    words = f"run_script: {_describe(path, context.overrides)} {ended} {_duration(took)}\n"
    # There is none under pythonw, and in some daemons.
    if sys.stderr is not None:
        sys.stderr.write(words)
    if context.told is not None:
        with suppress(Exception):  # a record that cannot be made is no failure of the script
            values = {name: as_plain(value) for name, value in context.asked.items()}
            context.told.ended(values, problem)


def _execute(code: Any, module: ModuleType) -> None:
    try:
        exec(code, module.__dict__)  # noqa: S102  running a script is what was asked for
    except SystemExit as stop:
        if stop.code not in (None, 0):
            raise


@contextmanager
def as_main(path: Path, argv: Sequence[str] = ()) -> Iterator[ModuleType]:
    """Make a fresh ``__main__`` of a file, and put back the old one in the end."""
    module = ModuleType("__main__")
    module.__dict__.update(__file__=str(path), __builtins__=__builtins__, __package__=None)
    folder = str(path.parent)
    outer, words = sys.modules["__main__"], sys.argv
    sys.modules["__main__"] = module
    sys.argv = [str(path), *argv]
    sys.path.insert(0, folder)
    try:
        yield module
    finally:
        # The outer script's own changes of the path, made through imports, stay.
        if folder in sys.path:
            sys.path.remove(folder)
        sys.argv = words
        sys.modules["__main__"] = outer


def _check_names(path: Path, params: Mapping[str, Any]) -> bool:
    """Refuse unknown parameters before anything runs; tell whether only running can tell."""
    if not params:
        return False
    declared = declared_parameters(find_root(path), path)
    known = {one.name: one for one in declared.parameters}
    unknown = [name for name in params if name not in known]
    if unknown and declared.certain:
        raise _unknown(path, unknown[0], list(known))
    for name, value in params.items():
        if name in known:
            # What the script would refuse halfway is refused before it does anything.
            convert(value, known[name])
    return bool(unknown)


def _check_asked(path: Path, params: Mapping[str, Any], context: ScriptContext) -> None:
    for name in params:
        if name not in context.asked:
            raise _unknown(path, name, list(context.asked))


def _unknown(path: Path, name: str, known: list[str]) -> ParameterError:
    near = get_close_matches(name, known, n=1)
    if near:
        hint = f"; did you mean {near[0]!r}?"
    else:
        hint = f"; it has {', '.join(known)}" if known else "; it has none"
    return ParameterError(
        f"{path.name} has no parameter {name!r}{hint}", name=name, where=str(path), nearest=near
    )


def _describe(path: Path, params: Mapping[str, Any]) -> str:
    words = []
    for name, value in params.items():
        text = repr(value)
        words.append(f"{name}={text if len(text) <= 40 else text[:39] + '…'}")
    return " ".join([path.name, *words])


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
