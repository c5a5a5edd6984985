"""Calls a failed call again, in a process of its own: ``python -m jobtui_core.scripts.replaying``.

The arguments are those that were kept when it failed, the code is today's, and nothing of it is
stored or recorded.  Of the script only what defines the function is run, see `definitions_of`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from jobtui_core.entry.describe import describe
from jobtui_core.errors import CacheWarning, ScriptError
from jobtui_core.memory.failed import kept_arguments
from jobtui_core.scripts.context import enter, leave
from jobtui_core.scripts.definitions import definitions_of
from jobtui_core.scripts.running import as_main
from jobtui_core.sources.tree import read_source

__all__ = ["main"]

_OWN_FOLDER = str(Path(__file__).parent.parent)


class _CannotError(Exception):
    """It cannot be called again; the text says why."""


def main(words: list[str]) -> int:
    """Call again what a JSON object describes.

    Parameters
    ----------
    words : list of str
        One JSON object: ``script`` (path), ``module`` (of the function; empty for the script's
        own), ``name`` (qualified), ``argv``, ``parameters``, ``folder`` (the run's), ``call`` and
        ``pdb``.

    Returns
    -------
    int
        0 if it returned, 1 if it raised, 2 if it could not be called.
    """
    told = json.loads(words[0])
    script = Path(told["script"])
    context = enter(str(script), told["parameters"])
    try:
        with as_main(script, told["argv"]) as module:
            try:
                function = _function(module, told)
                given = _arguments(module, script, told)
            except _CannotError as problem:
                _say(f"{told['name']} cannot be called again: {problem}")
                return 2
            return _call(function, *given, name=told["name"], debug=told["pdb"])
    finally:
        leave(context)


def _function(module: Any, told: dict[str, Any]) -> Any:
    """Give the function, as it is decorated today."""
    name: str = told["name"]
    if "<" in name:
        raise _CannotError("it is defined inside another function, which would have to run")
    if told["module"]:
        try:
            place: Any = importlib.import_module(told["module"])
        except Exception as error:
            words = f"importing {told['module']} raised {type(error).__name__}: {error}"
            raise _CannotError(words) from error
    else:
        _define(module, Path(told["script"]), name.partition(".")[0])
        place = module
    for part in name.split("."):
        if not hasattr(place, part):
            raise _CannotError(f"there is no {name} any more")
        place = getattr(place, part)
    return place


def _arguments(module: Any, script: Path, told: dict[str, Any]) -> Any:
    """Give the arguments; what they are instances of may have to be defined first."""
    folder, call = Path(told["folder"]), told["call"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CacheWarning)
        given = kept_arguments(folder, call)
    if given is None:
        _define(module, script, None)
        given = kept_arguments(folder, call)
    if given is None:
        raise _CannotError("its arguments cannot be read any more")
    return given


def _define(module: Any, script: Path, name: str | None) -> None:
    """Run what defines a function of the script; without a name, all functions and classes."""
    try:
        tree = ast.parse(read_source(script, str(script)), str(script))
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        every = [one.name for one in tree.body if isinstance(one, kinds)]
        part = definitions_of(tree, every if name is None else [name])
        code = compile(part, str(script), "exec", dont_inherit=True)
    except (ScriptError, SyntaxError, ValueError) as error:
        raise _CannotError(f"{script.name} cannot be read: {error}") from error
    try:
        exec(code, module.__dict__)  # noqa: S102  the user's own script, asked for by name
    except Exception as error:
        _show(error)
        raise _CannotError(f"{script.name} fails before {name or 'all'} is defined") from error


def _call(function: Any, args: Any, kwargs: Any, *, name: str, debug: bool) -> int:
    start = time.perf_counter()
    try:
        result = _computing(function)(*args, **kwargs)
        if inspect.isawaitable(result):
            result = _awaited(result)
    except Exception as error:  # noqa: BLE001  that it raises is what is to be seen
        trace = _show(error)
        if debug:
            import pdb  # noqa: T100  --pdb asks for it

            pdb.post_mortem(trace)
        return 1
    took = time.perf_counter() - start
    _say(f"{name} returned {describe(result)} after {took:.3g} s; nothing was stored")
    return 0


def _computing(function: Any) -> Any:
    """Give what computes whatever is stored, and stores nothing."""
    for name in ("call_aside", "func", "__wrapped__"):
        if callable(found := getattr(function, name, None)):
            return found
    return function


def _awaited(result: Any) -> Any:
    import asyncio

    async def wait() -> Any:
        return await result

    return asyncio.run(wait())


def _show(error: BaseException) -> Any:
    """Print a traceback from where the user's code begins, and give it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OWN_FOLDER):
        trace = trace.tb_next
    trace = trace or error.__traceback__
    sys.stderr.write("".join(traceback.format_exception(type(error), error, trace)))
    return trace


def _say(text: str) -> None:
    sys.stderr.write(f"jobtui: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
