"""The arguments of a call that failed, kept so that it can be called again as it was.

They lie beside the run's record, on this machine alone, as one file in the format of an entry
whose result is ``(args, kwargs)``.  What becomes of keeping them is told in the call's end:
``size`` of the file, or ``why`` there is none; ``changed``, the arguments that the call had
changed by the time it failed; and ``shown``, a short text about each.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core import tracing
from jobtui_core.codecs import encode
from jobtui_core.entry import EntryMeta, read_value, write_entry
from jobtui_core.entry.describe import is_hidden
from jobtui_core.errors import CodecError, StoreError, text_of
from jobtui_core.hashing import digest_bytes
from jobtui_core.limits import size_of
from jobtui_core.memory.circumstances import argument_texts
from jobtui_core.memory.mutation import changed_arguments
from jobtui_core.root import load_config
from jobtui_core.stores import LocalStore
from jobtui_core.tracing.files import quiet

if TYPE_CHECKING:
    from jobtui_core.memory.keys import Keys
    from jobtui_core.memory.request import Request

__all__ = ["ARGUMENTS", "keep_arguments", "kept_arguments"]

ARGUMENTS = "arguments"
"""Folder in a run's, with the kept arguments of its failed calls."""

_MOST = 20
"""Failed calls of a process whose arguments are kept: a script may go on after each."""

_kept: dict[str, int] = {}
"""How many calls of a run this process kept the arguments of."""


def keep_arguments(
    request: Request, keys: Keys, handle: tracing.CallHandle, allow_pickle: bool
) -> None:
    """Keep what a call was given that has just failed, and note in its handle what became of it.

    Parameters
    ----------
    request : Request
    keys : Keys
        By which its arguments were digested.
    handle : CallHandle
    allow_pickle : bool
        Whether they may be pickled.
    """
    folder = tracing.current().folder
    if folder is None:
        return
    told: dict[str, Any] = {"shown": argument_texts(request)}
    handle.told["arguments"] = told
    try:
        with quiet():
            told |= _keep(folder, request, handle.id, allow_pickle)
        if "size" in told:
            told["changed"] = changed_arguments(request, keys) if request.digests else []
    except (CodecError, StoreError, OSError, RecursionError) as error:
        told["why"] = text_of(error)[:500]
    except Exception as error:  # noqa: BLE001  pickling runs anybody's code; what failed counts
        told["why"] = f"{type(error).__name__}: {text_of(error)}"[:500]


def _keep(folder: Path, request: Request, call: str, allow_pickle: bool) -> dict[str, Any]:
    limit = size_of(load_config(tracing.current().root).keep_arguments)
    secrets = [name for name, value in request.arguments.items() if is_hidden(name, value)]
    if secrets:
        return {"why": f"{secrets[0]} is a secret by its name"}
    if limit == 0:
        return {"why": "keep_arguments is 0"}
    if _kept.get(folder.name, 0) >= _MOST:
        return {"why": f"those of {_MOST} calls of this run are kept already"}
    if sum(map(_size, request.values)) > limit:
        return {"why": f"they take more than keep_arguments allows ({limit:,} bytes)"}
    value = _as_called(request)
    size = sum(memoryview(one).nbytes for one in encode(value, allow_pickle=allow_pickle).frames)
    if size > limit:
        return {"why": f"they take more than keep_arguments allows ({limit:,} bytes)"}
    place = folder / ARGUMENTS
    place.mkdir(mode=0o700, exist_ok=True)
    meta = EntryMeta(key=_key(call), function=request.code.identity, call=call, run=folder.name)
    write_entry(LocalStore(place), _name(call), value, meta, allow_pickle=allow_pickle)
    _kept[folder.name] = _kept.get(folder.name, 0) + 1
    return {"size": meta.size}


def _size(value: Any) -> int:
    """Give the bytes that a value takes at least, without going far."""
    for name in ("nbytes", "memory_usage"):
        found = getattr(value, name, 0)
        if type(found) is int:
            return found
        if callable(found) and type(value).__module__.startswith("pandas."):
            return int(found().sum() if hasattr(found(), "sum") else found())
    if isinstance(value, list | tuple):
        return sum(map(_size, value[:1000]))
    if isinstance(value, dict) and len(value) <= 1000:
        return sum(map(_size, value.values()))
    return sys.getsizeof(value, 0)


def _as_called(request: Request) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Give positional and keyword arguments by which the function can be called again."""
    binder = request.target.binder
    given = dict(zip(binder.names, request.values, strict=True))
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    try:
        kinds = inspect.signature(request.target.function, follow_wrapped=False).parameters
    except (ValueError, TypeError):
        return tuple(given.get("*", ())), dict(given.get("**", {}))
    for name, parameter in kinds.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            args += given.get("*", ())
        elif parameter.kind is parameter.VAR_KEYWORD:
            kwargs |= given.get("**", {})
        elif parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[name] = given[name]
        else:
            args.append(given[name])
    return tuple(args), kwargs


def _key(call: str) -> str:
    return digest_bytes(call.encode())


def _name(call: str) -> str:
    return f"{_key(call)}.entry"


def kept_arguments(folder: Path, call: str) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Load the arguments that were kept of a failed call: unpickles, so only where it is called.

    Parameters
    ----------
    folder : Path
        The run's.
    call : str
        Its id.

    Returns
    -------
    tuple or None
        Positional and keyword arguments; ``None`` if they are not there, or cannot be read.
    """
    found = read_value(LocalStore(folder / ARGUMENTS), _name(call), _key(call))
    if found is None:
        return None
    args, kwargs = found[0]
    return tuple(args), dict(kwargs)
